package change

import (
	"context"
	"slices"
	"strings"
	"time"

	w "schoolbel/workflows"
)

// request opens a change. A standard one was authorised once and for all.
func request(ctx context.Context, s *w.Step) error {
	r := s.Record
	who := s.Command.Arg("reporter")
	if key := s.Command.Actor.Key; who == "" && key != "system" && !strings.HasPrefix(key, "api:") {
		who = key
	}
	if who != "" {
		r.Reporters = []string{who}
		r.SetField("origin."+who, s.Command.Arg("origin"))
	}
	if r.Field("type") == "" {
		r.SetField("type", "normal")
	}
	if r.Impact == "" {
		r.Impact = w.Unknown
	}
	if r.Urgency == "" {
		r.Urgency = w.Low
	}
	if err := assess(ctx, s); err != nil {
		return err
	}
	if r.Team == "" {
		r.Team = s.School.TeamOf(r.Service)
	}
	s.Entry.Note = ""
	return nil
}

// assess keeps what belongs together in step: type and template, impact and
// priority, both ends of the window.
func assess(ctx context.Context, s *w.Step) error {
	if err := standardise(s); err != nil {
		return err
	}
	s.Record.Priority = s.School.PriorityOf(s.Record.Impact, s.Record.Urgency)
	return window(ctx, s)
}

// standardise makes a change a standard one when, and only when, it follows a
// template: nobody may walk around the board by calling it routine.
func standardise(s *w.Step) error {
	r := s.Record
	if t := s.Command.Arg("type"); t != "" && t != "standard" && s.Command.Arg("template") == "" {
		r.SetField("template", "")
	}
	template := r.Field("template")
	if template == "" {
		if r.Field("type") == "standard" {
			return w.Refuse(w.Invalid, Kind, "error.change.standard")
		}
		return nil
	}
	_, service, known := s.School.StandardChange(template)
	if !known {
		return w.Refuse(w.Invalid, Kind, "error.change.template", template)
	}
	r.SetField("type", "standard")
	if r.Service == "" {
		r.Service = service
	}
	return nil
}

// submit begins a decision: votes on an earlier plan say nothing about this one.
func submit(ctx context.Context, s *w.Step) error {
	s.Record.SetField("votes", "")
	return assess(ctx, s)
}

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
	return nil
}

// window keeps the end of the window under its own name.
func window(_ context.Context, s *w.Step) error {
	if to := s.Command.Arg("to"); to != "" {
		s.Record.SetField("until", to)
	}
	from, until := s.Record.Field("from"), s.Record.Field("until")
	if from != "" && until != "" && until <= from {
		return w.Refuse(w.Invalid, Kind, "error.change.window")
	}
	return nil
}

// complete refuses to ask for a decision that nobody could take: without a plan,
// a risk and a way back (domain.md 5.3). An emergency is completed afterwards.
func complete(_ context.Context, s *w.Step) error {
	if err := standardise(s); err != nil {
		return err
	}
	if s.Record.Field("type") != "normal" {
		return nil
	}
	var missing []w.FieldName
	for _, f := range []string{"reason", "risk", "plan", "rollback_plan"} {
		if s.Record.Field(f) == "" {
			missing = append(missing, w.FieldName(f))
		}
	}
	if len(missing) > 0 {
		return w.Refuse(w.Invalid, Kind, "error.needs", w.Action("submit"), missing)
	}
	return nil
}

// votes reads who voted what: "karim=approve els=approve".
func votes(r *w.Record) []string { return strings.Fields(r.Field("votes")) }

// mayVote keeps the requester and the implementer out of the decision, and
// everybody to one vote.
func mayVote(_ context.Context, s *w.Step) error {
	if r, who := s.Record, s.Command.Actor; who.Among(r.Reporters) || who.Is(r.Field("implementer")) {
		return w.Refuse(w.Denied, Kind, "error.change.own")
	}
	return nil
}

func vote(choice string) func(context.Context, *w.Step) error {
	return func(_ context.Context, s *w.Step) error {
		who := s.Command.Actor.Key
		kept := slices.DeleteFunc(votes(s.Record), func(v string) bool { return strings.HasPrefix(v, who+"=") })
		if now := append(kept, who+"="+choice); strings.Join(now, " ") != s.Record.Field("votes") || choice == "reject" {
			s.Record.SetField("votes", strings.Join(now, " "))
			return nil
		}
		return w.ErrUnchanged
	}
}

// decide authorises the change when enough of the right people agree.
func decide(ctx context.Context, s *w.Step) error {
	agreed := 0
	for _, v := range votes(s.Record) {
		if strings.HasSuffix(v, "=approve") {
			agreed++
		}
	}
	if agreed < s.School.Quorum(s.Record.Field("type")) {
		return nil
	}
	return authorise(ctx, s)
}

func start(_ context.Context, s *w.Step) error {
	if s.Record.Owner == "" {
		s.Record.Owner = s.Command.Actor.Key
	}
	return nil
}

// mayComplete lets only a standard change skip the steps in between.
func mayComplete(_ context.Context, s *w.Step) error {
	if s.Record.State == Approved && s.Record.Field("type") != "standard" {
		return w.Refuse(w.Closed, Kind, "error.closed", w.Action("complete"), s.Record.State, s.Record.Ref.String())
	}
	return nil
}

// mayClose asks for a review of everything that was not routine.
func mayClose(_ context.Context, s *w.Step) error {
	if s.Record.State != Reviewed && s.Record.Field("type") != "standard" {
		return w.Refuse(w.Invalid, Kind, "error.change.review", s.Record.Ref.String())
	}
	return nil
}
