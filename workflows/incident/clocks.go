package incident

import (
	"context"
	"strconv"
	"time"

	w "schoolbel/workflows"
)

// timed runs a rule's own work and then sets the clocks right, so that
// RespondBy and ResolveBy are always the truth.
func timed(do func(context.Context, *w.Step) error) func(context.Context, *w.Step) error {
	return func(ctx context.Context, s *w.Step) error {
		if do != nil {
			if err := do(ctx, s); err != nil {
				return err
			}
		}
		retime(s)
		return nil
	}
}

// running tells whether the resolution clock runs in a state: waiting stops it.
func running(state w.State) bool {
	return state == New || state == Triaged || state == InProgress
}

// retime computes both deadlines from what is stored and the service hours.
func retime(s *w.Step) {
	r := s.Record
	target := targetOf(s.School, r.Priority)
	if s.Before != nil {
		stopClock(s)
	}
	r.RespondBy, r.ResolveBy = time.Time{}, time.Time{}
	if r.State == New && r.Field("responded_at") == "" {
		r.RespondBy = s.School.Due(r.OpenedAt, target.Respond, target.Always)
	}
	if !running(r.State) {
		r.SetField("running_from", "")
		return
	}
	if r.Field("running_from") == "" {
		r.SetField("running_from", s.Now.UTC().Format(time.RFC3339Nano))
	}
	if target.Resolve > 0 {
		r.ResolveBy = s.School.Due(moment(r, "running_from"), max(0, target.Resolve-spent(r)), target.Always)
	}
	if r.ResolveBy.After(s.Now) {
		r.SetField("overdue", "")
	}
	if r.RespondBy.After(s.Now) {
		r.SetField("reminded", "")
	}
}

// stopClock counts the time that ran under the old state and the old priority.
func stopClock(s *w.Step) {
	from := moment(s.Before, "running_from")
	changed := s.Before.Priority != s.Record.Priority || !running(s.Record.State)
	if from.IsZero() || !changed || s.Record.Field("running_from") == "" {
		return
	}
	always := targetOf(s.School, s.Before.Priority).Always
	total := spent(s.Record) + s.School.Between(from, s.Now, always)
	s.Record.SetField("spent", strconv.FormatInt(int64(total/time.Millisecond), 10))
	s.Record.SetField("running_from", "")
}

// targetOf gives the promise. While there is no priority, somebody must look as
// soon as for a P3, and nothing is promised about solving it.
func targetOf(school w.Catalogue, p w.Priority) w.Target {
	if p != "" {
		return school.TargetOf(p)
	}
	t := school.TargetOf(w.P3)
	t.Resolve = 0
	return t
}

// spent is how much of the resolution time was used before running_from.
func spent(r *w.Record) time.Duration {
	ms, err := strconv.ParseInt(r.Field("spent"), 10, 64)
	if err != nil {
		return 0
	}
	return time.Duration(ms) * time.Millisecond
}

func moment(r *w.Record, field string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, r.Field(field))
	if err != nil {
		return time.Time{}
	}
	return t
}

func respondAt(_ w.Catalogue, r *w.Record) time.Time {
	if r.Field("reminded") != "" {
		return time.Time{}
	}
	return r.RespondBy
}

func resolveAt(_ w.Catalogue, r *w.Record) time.Time {
	if r.Field("overdue") != "" {
		return time.Time{}
	}
	return r.ResolveBy
}

// closeAt is when silence counts as a yes; a major incident waits for its evaluation.
func closeAt(school w.Catalogue, r *w.Record) time.Time {
	at := moment(r, "resolved_at")
	if at.IsZero() || r.Field("major") == "declared" && r.Field("lessons") == "" {
		return time.Time{}
	}
	return school.Due(at, confirmWithin, false)
}
