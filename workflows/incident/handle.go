package incident

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	w "schoolbel/workflows"
)

// confirmWithin is how much service time reporters get to say that it still does
// not work, before a resolved incident closes by itself.
const confirmWithin = 72 * time.Hour

// reporter is who reports: the person named, else the one who says it. Programs
// report outages too, but nobody can ask them whether it works again.
func reporter(s *w.Step) string {
	if p := s.Command.Arg("reporter"); p != "" {
		return p
	}
	if key := s.Command.Actor.Key; key != "system" && !strings.HasPrefix(key, "api:") {
		return key
	}
	return ""
}

func report(_ context.Context, s *w.Step) error {
	r := s.Record
	if p := reporter(s); p != "" {
		r.Reporters = []string{p}
		r.SetField("origin."+p, s.Command.Arg("origin"))
	}
	if r.Field("type") == "" {
		r.SetField("type", "outage")
	}
	if r.Impact == "" {
		r.Impact = w.Unknown
	}
	if r.Urgency == "" {
		r.Urgency = w.Medium
	}
	if r.Team == "" {
		r.Team = s.School.TeamOf(r.Service)
	}
	s.Entry.Note = s.Command.Arg("note")
	prioritise(s)
	return nil
}

// join adds one more reporter; many of them in a short time make the impact
// larger and a major incident likely (domain.md 4.3, floor rule 4).
func join(_ context.Context, s *w.Step) error {
	r, p := s.Record, reporter(s)
	sooner := knownSooner(s)
	if p == "" || slices.Contains(r.Reporters, p) || p == s.Command.Actor.Key && s.Command.Actor.Among(r.Reporters) {
		if sooner {
			return nil
		}
		return w.ErrUnchanged
	}
	r.Reporters = append(r.Reporters, p)
	r.SetField("origin."+p, s.Command.Arg("origin"))
	many, within := s.School.MajorAfter()
	if many <= 0 {
		return nil
	}
	joins := []string{strconv.FormatInt(s.Now.Unix(), 10)}
	for _, j := range strings.Fields(r.Field("joins")) {
		if at, err := strconv.ParseInt(j, 10, 64); err == nil && s.Now.Sub(time.Unix(at, 0)) <= within && len(joins) < many {
			joins = append(joins, j)
		}
	}
	r.SetField("joins", strings.Join(joins, " "))
	reporters := len(joins)
	if s.Now.Sub(r.OpenedAt) <= within {
		reporters++ // the first one
	}
	if reporters < many || r.Field("major") != "" {
		return nil
	}
	r.SetField("major", "proposed")
	switch r.Impact {
	case w.Small, w.Unknown:
		r.Impact = w.Medium
	case w.Medium:
		r.Impact = w.Large
	}
	prioritise(s)
	return nil
}

func triage(ctx context.Context, s *w.Step) error {
	if p := s.Command.Arg("priority"); p != "" {
		s.Record.SetField("overruled", s.Command.Actor.Key)
	} else if s.Command.Arg("impact")+s.Command.Arg("urgency")+s.Command.Arg("type")+s.Command.Arg("exam") != "" {
		s.Record.SetField("overruled", "")
	}
	if s.Command.Arg("service") != "" && s.Command.Arg("team") == "" {
		s.Record.Team = s.School.TeamOf(s.Record.Service)
	}
	prioritise(s)
	return acknowledge(ctx, s)
}

func take(ctx context.Context, s *w.Step) error {
	s.Record.Owner = s.Command.Actor.Key
	return acknowledge(ctx, s)
}

// acknowledge stops the response clock: somebody is on it.
func acknowledge(_ context.Context, s *w.Step) error {
	if s.Record.Field("responded_at") == "" {
		s.Record.SetField("responded_at", s.Now.UTC().Format(time.RFC3339))
	}
	return nil
}

func resolve(ctx context.Context, s *w.Step) error {
	s.Record.SetField("resolved_at", s.Now.UTC().Format(time.RFC3339))
	if s.Record.Owner == "" {
		s.Record.Owner = s.Command.Actor.Key
	}
	return acknowledge(ctx, s)
}

// confirm closes it, but for a major incident: that waits for its evaluation.
func confirm(ctx context.Context, s *w.Step) error {
	if evaluated(ctx, s) != nil {
		s.Record.State, s.Record.Visit = s.Before.State, s.Before.Visit
	}
	return nil
}

func reopen(_ context.Context, s *w.Step) error {
	for _, f := range []string{"resolved_at", "spent", "overdue"} {
		s.Record.SetField(f, "")
	}
	return nil
}

// evaluated refuses to close a major incident that nobody learned from.
func evaluated(ctx context.Context, s *w.Step) error {
	r := s.Record
	if r.Field("major") != "declared" || r.Field("lessons") != "" {
		return nil
	}
	links, err := s.Tx.Links(ctx, r.Ref)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(links, func(l w.Link) bool { return l.From == r.Ref && l.Type == "evaluated_in" }) {
		return nil
	}
	return w.Refuse(w.Invalid, Kind, "error.incident.evaluate", r.Ref.String())
}

// mayTakeBack lets a reporter withdraw a fresh report that is theirs alone.
func mayTakeBack(_ context.Context, s *w.Step) error {
	if !s.Record.Fresh(s.Now) {
		return w.Refuse(w.Closed, Kind, "error.incident.take_back", s.Record.Ref.String())
	}
	return nil
}

// mayCorrect lets a reporter say what was misunderstood, as long as nobody acts on it.
func mayCorrect(_ context.Context, s *w.Step) error {
	if !s.Record.Fresh(s.Now) {
		return w.Refuse(w.Closed, Kind, "error.incident.correct", s.Record.Ref.String())
	}
	return nil
}

// correct puts right what was misunderstood. It is no response: the clocks that wait
// for ICT go on.
func correct(_ context.Context, s *w.Step) error {
	r, was := s.Record, s.Before
	if r.Title == "" {
		r.Title = was.Title
	}
	if r.Title == was.Title && r.Service == was.Service && r.Location == was.Location && r.Impact == was.Impact {
		return w.ErrUnchanged
	}
	if r.Service != was.Service {
		r.Team = s.School.TeamOf(r.Service)
	}
	prioritise(s)
	return nil
}

// moveReporters makes all who wait for a double hear of the one that goes on.
func moveReporters(ctx context.Context, s *w.Step) error {
	into, _ := w.ParseRef(s.Command.Arg("into"))
	other, err := s.Tx.Record(ctx, into)
	if err != nil {
		return err
	}
	switch {
	case !other.MayKnow(s.Command.Actor):
		return w.Refuse(w.Missing, "", "error.missing", into.String())
	case other.Sensitive && !s.Record.Sensitive: // or everybody who waits for this one could read that one
		return w.Refuse(w.Invalid, Kind, "error.incident.merge_sensitive", into.String(), s.Record.Ref.String())
	}
	if !other.Open() && into != s.Record.Ref {
		return w.Refuse(w.Closed, Kind, "error.closed", w.Action("merge"), other.State, into.String())
	}
	link := w.Command{Actor: w.Bot("workflows"), Ref: s.Record.Ref, Action: "link", Args: map[string]string{"type": "duplicate_of", "to": into.String()}}
	if _, err := s.Do(ctx, link); err != nil {
		return err
	}
	if known := s.Record.Field("known_at"); known != "" {
		if _, err := s.Do(ctx, w.Command{Actor: w.Bot("workflows"), Ref: into, Action: "join", Args: map[string]string{"since": known}}); err != nil {
			return err
		}
	}
	for _, p := range s.Record.Reporters {
		_, err := s.Do(ctx, w.Command{
			Actor: w.Bot("workflows"), Ref: into, Action: "join",
			Args: map[string]string{"reporter": p, "origin": s.Record.Field("origin." + p)},
		})
		if err != nil {
			return err
		}
	}
	for _, p := range s.Record.Subscribers {
		if _, err := s.Do(ctx, w.Command{Actor: w.Bot("workflows"), Ref: into, Action: "subscribe", Args: map[string]string{"person": p}}); err != nil {
			return err
		}
	}
	return nil
}

func declareMajor(_ context.Context, s *w.Step) error {
	if s.Record.Field("major") == "declared" {
		return w.ErrUnchanged
	}
	s.Record.SetField("major", "declared")
	return nil
}

func escalate(_ context.Context, s *w.Step) error {
	s.Record.SetField("escalated", "proposed")
	return nil
}

func mark(field string) func(context.Context, *w.Step) error {
	return func(_ context.Context, s *w.Step) error {
		s.Record.SetField(field, s.Now.UTC().Format(time.RFC3339))
		return nil
	}
}
