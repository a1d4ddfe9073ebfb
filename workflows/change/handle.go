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
	asker := ""
	if key := s.Command.Actor.Key; key != "system" && !strings.HasPrefix(key, "api:") {
		asker = key
	}
	who := s.Command.Arg("reporter")
	if who == "" {
		who = asker
	}
	if who != "" {
		r.Reporters = []string{who}
		r.SetField("origin."+who, s.Command.Arg("origin"))
	}
	// An agent who says that an incident was a change asks for nothing.
	if asker != who && r.Field("was") == "" {
		r.SetField("asked_by", asker)
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
// priority, both ends of the window and what stands in its way.
func assess(ctx context.Context, s *w.Step) error {
	if err := standardise(s); err != nil {
		return err
	}
	if err := prioritise(ctx, s); err != nil {
		return err
	}
	if err := window(s); err != nil {
		return err
	}
	revote(s)
	return look(ctx, s)
}

// revote throws away the votes on a plan that is no longer the same: they say nothing
// about this one. (An emergency is voted on while it is still being written.)
func revote(s *w.Step) {
	r, was := s.Record, s.Before
	if was == nil {
		return
	}
	other := r.Service != was.Service || r.Location != was.Location || r.Impact != was.Impact
	for _, f := range []string{"type", "template", "reason", "risk", "plan", "test_plan", "rollback_plan", "from", "until", "implementer", "outage"} {
		other = other || r.Field(f) != was.Field(f)
	}
	if other {
		r.SetField("votes", "")
	}
}

func prioritise(_ context.Context, s *w.Step) error {
	s.Record.Priority = s.School.PriorityOf(s.Record.Impact, s.Record.Urgency)
	return nil
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

// window keeps the end of the window under its own name.
func window(s *w.Step) error {
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
	return missing(s, "submit", "reason", "risk", "plan", "rollback_plan")
}

func missing(s *w.Step, do w.Action, names ...string) error {
	var list []w.FieldName
	for _, f := range names {
		if s.Record.Field(f) == "" {
			list = append(list, w.FieldName(f))
		}
	}
	if len(list) == 0 {
		return nil
	}
	return w.Refuse(w.Invalid, Kind, "error.needs", do, list)
}

// afterwards lets the record of an emergency be completed when it was decided on.
// What others agreed to stays as it was.
func afterwards(_ context.Context, s *w.Step) error {
	if s.Record.Field("type") != "emergency" {
		return w.Refuse(w.Closed, Kind, "error.closed", w.Action("assess"), s.Record.State, s.Record.Ref.String())
	}
	return nil
}

// submit begins a decision: votes on an earlier plan say nothing about this one.
func submit(ctx context.Context, s *w.Step) error {
	r := s.Record
	for _, f := range []string{"votes", "reminded", "overdue", "unreachable"} {
		r.SetField(f, "")
	}
	r.SetField("submitted_at", s.Now.UTC().Format(time.RFC3339))
	if err := assess(ctx, s); err != nil {
		return err
	}
	if err := passable(s); err != nil {
		return err
	}
	reachable(s)
	return nil
}

// schedule sets the window, where nothing forbids it, and by somebody who did not
// agree to it: who decides and who does are two people.
func schedule(ctx context.Context, s *w.Step) error {
	r := s.Record
	if err := window(s); err != nil {
		return err
	}
	if err := apart(s, r.Field("implementer")); err != nil {
		return err
	}
	if err := look(ctx, s); err != nil {
		return err
	}
	if err := passable(s); err != nil {
		return err
	}
	if s.Before.Field("from") != r.Field("from") || s.Before.Field("until") != r.Field("until") {
		r.SetField("noticed", "")
		r.SetField("late", "")
	}
	return nil
}

// apart refuses somebody for the work who agreed to it, whoever's right they used.
func apart(s *w.Step, who string) error {
	if who == "" || s.Record.Field("type") == "standard" {
		return nil
	}
	for _, v := range w.NewBallot(s.School, s.Record, s.Now).Votes() {
		if v.Yes && (v.By == who || v.For == who) {
			return w.Refuse(w.Denied, Kind, "error.change.apart", s.Record.Ref.String())
		}
	}
	return nil
}

func start(_ context.Context, s *w.Step) error {
	r := s.Record
	if err := apart(s, s.Command.Actor.Key); err != nil {
		return err
	}
	if r.Owner == "" {
		r.Owner = s.Command.Actor.Key
	}
	r.SetField("started_at", s.Now.UTC().Format(time.RFC3339))
	if tells(r) {
		tellThem(s)
	}
	return nil
}

// end keeps when the work was over.
func end(_ context.Context, s *w.Step) error {
	r := s.Record
	now := s.Now.UTC().Format(time.RFC3339)
	if r.Field("started_at") == "" {
		r.SetField("started_at", now)
	}
	r.SetField("ended_at", now)
	if r.Owner == "" && slices.Contains(s.Command.Actor.Roles, w.Agent) {
		r.Owner = s.Command.Actor.Key
	}
	return nil
}

// callOff forgets who was told that it would come, for they hear that it does not; and
// who agreed: what comes of it is decided on anew.
func callOff(_ context.Context, s *w.Step) error {
	for _, f := range []string{"told", "noticed", "late", "votes", "reminded", "overdue", "unreachable"} {
		s.Record.SetField(f, "")
	}
	if s.Entry.Note == "" {
		s.Entry.Note = s.Command.Arg("reason")
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

// tested lets who was named to test say that it works.
func tested(_ context.Context, s *w.Step) error {
	if t := s.Record.Field("tester"); t != "" && t != s.Command.Actor.Key {
		p, _ := s.School.Person(t)
		return w.Refuse(w.Denied, Kind, "error.change.tester", s.Record.Ref.String(), p.Name)
	}
	return nil
}

// mayReview wants the record of an emergency to be complete by then; that of
// another is what was agreed on.
func mayReview(_ context.Context, s *w.Step) error {
	if s.Record.Field("type") == "emergency" {
		return missing(s, "review", "reason", "risk", "plan", "rollback_plan")
	}
	for _, name := range recordArgs {
		if name != "result" && s.Command.Arg(name) != "" {
			return w.Refuse(w.Invalid, Kind, "error.argument", w.FieldName(name), w.Action("review"))
		}
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
