package change

import (
	"context"
	"slices"
	"strings"
	"time"

	w "schoolbel/workflows"
)

func authoriseStandard(ctx context.Context, s *w.Step) error {
	if s.Record.Field("type") != "standard" {
		return nil
	}
	return authorise(ctx, s)
}

func authorise(ctx context.Context, s *w.Step) error {
	_, err := s.Do(ctx, w.Command{Actor: w.Bot("workflows"), Ref: s.Record.Ref, Action: "authorise"})
	return err
}

func approved(_ context.Context, s *w.Step) error {
	s.Record.SetField("approved_at", s.Now.UTC().Format(time.RFC3339))
	s.Record.SetField("unreachable", "")
	return nil
}

// onPage asks for a yes to a high risk on a page of our own, where the school wants
// that. Who has a vote at all, the engine knows.
func onPage(_ context.Context, s *w.Step) error {
	if w.NewBallot(s.School, s.Record, s.Now).NeedsPage() && !s.Command.Paged {
		return w.Refuse(w.Denied, Kind, "error.change.page", s.Record.Ref.String())
	}
	return nil
}

// vote keeps what somebody says, once: a later word of theirs takes the place of an
// earlier one.
func vote(yes bool) func(context.Context, *w.Step) error {
	return func(ctx context.Context, s *w.Step) error {
		b := w.NewBallot(s.School, s.Record, s.Now)
		v, err := b.Claim(s.Command.Actor)
		if err != nil {
			return err
		}
		v.Yes, v.Paged = yes, s.Command.Paged
		now := []string{}
		for _, old := range b.Votes() {
			if old.By == v.By && old.Yes == v.Yes && old.For == v.For && (old.Paged || !v.Paged || !b.NeedsPage()) {
				return w.ErrUnchanged
			}
			if old.By != v.By {
				now = append(now, old.String())
			}
		}
		s.Entry.Note = s.Command.Arg("reason")
		s.Record.SetField("votes", strings.Join(append(now, v.String()), " "))
		if !yes {
			return nil
		}
		reachable(s)
		return look(ctx, s) // for who decides next
	}
}

// decide authorises the change when every step has enough of the right people. Who
// left, or lost the hat they voted with, does not count any more.
func decide(ctx context.Context, s *w.Step) error {
	if !w.NewBallot(s.School, s.Record, s.Now).Decided() {
		return nil
	}
	return authorise(ctx, s)
}

// reachable notes whether there are people enough to decide.
func reachable(s *w.Step) {
	value := ""
	if s.Record.Field("type") != "standard" && !w.NewBallot(s.School, s.Record, s.Now).Reachable() {
		value = "yes"
	}
	s.Record.SetField("unreachable", value)
}

// overrule lets a change through the closed periods of its window, or of the one
// that is named.
func overrule(_ context.Context, s *w.Step) error {
	r := s.Record
	from, to := r.Field("from"), r.Field("until")
	if s.Command.Arg("from") != "" {
		from = s.Command.Arg("from")
	}
	if s.Command.Arg("to") != "" {
		to = s.Command.Arg("to")
	}
	names := closed(s.School, from, to)
	if len(names) == 0 {
		return w.Refuse(w.Invalid, Kind, "error.change.nothing_closed", r.Ref.String())
	}
	let := strings.Split(r.Field("overruled"), "\n")
	for _, name := range names {
		if !slices.Contains(let, name) {
			let = append(let, name)
		}
	}
	r.SetField("overruled", strings.TrimSpace(strings.Join(let, "\n")))
	r.SetField("overruled_by", s.Command.Actor.Key)
	s.Entry.Note = s.Command.Arg("reason")
	return nil
}
