package change

import (
	"context"
	"strings"
	"time"

	w "schoolbel/workflows"
)

// An emergency is decided on now: who may is asked again soon, and then the one who
// owns the process hears of it, at any hour.
const (
	askAgain = 15 * time.Minute
	giveUp   = time.Hour
)

func mark(field string) func(context.Context, *w.Step) error {
	return func(ctx context.Context, s *w.Step) error {
		s.Record.SetField(field, s.Now.UTC().Format(time.RFC3339))
		if field == "overdue" { // one word is enough when nothing ran for a night
			s.Record.SetField("reminded", s.Record.Field(field))
		}
		reachable(s)
		return look(ctx, s)
	}
}

// asked is since when people are asked to decide; zero when they are not.
func asked(r *w.Record) time.Time {
	if r.State == Awaiting {
		return moment(r, "submitted_at")
	}
	if r.Field("type") == "emergency" {
		return r.OpenedAt
	}
	return time.Time{}
}

// remindAt is when those who have not voted are asked again: halfway, in service hours.
func remindAt(school w.Catalogue, r *w.Record) time.Time {
	since, within := asked(r), school.Approval(r.Field("type")).Within
	switch {
	case since.IsZero() || r.Field("reminded") != "":
		return time.Time{}
	case r.Field("type") == "emergency":
		return since.Add(askAgain)
	case within == 0:
		return time.Time{}
	}
	return school.Due(since.Add(within/2), 0, false)
}

// decideAt is when the time to decide is over.
func decideAt(school w.Catalogue, r *w.Record) time.Time {
	since, within := asked(r), school.Approval(r.Field("type")).Within
	switch {
	case since.IsZero() || r.Field("overdue") != "":
		return time.Time{}
	case r.Field("type") == "emergency":
		return since.Add(giveUp)
	case within == 0:
		return time.Time{}
	}
	return school.Due(since.Add(within), 0, false)
}

// tells tells whether people outside of ICT hear of a change: it touches a service,
// not as a matter of routine, and nobody said that it goes unnoticed.
func tells(r *w.Record) bool {
	return r.Service != "" && !r.Sensitive && r.Field("type") != "standard" && r.Field("outage") != "no"
}

// noticeAt is the next moment at which people hear beforehand.
func noticeAt(school w.Catalogue, r *w.Record) time.Time {
	from := moment(r, "from")
	if from.IsZero() || !tells(r) {
		return time.Time{}
	}
	last := noticed(r)
	for _, lead := range school.TellBefore() {
		if last == 0 || lead < last {
			return from.Add(-lead)
		}
	}
	return time.Time{}
}

// noticed is how long before the beginning the last notice was due; zero for none.
func noticed(r *w.Record) time.Duration {
	d, err := time.ParseDuration(r.Field("noticed"))
	if err != nil {
		return 0
	}
	return d
}

// notice keeps who was told. One notice stands for all that were due by now.
func notice(_ context.Context, s *w.Step) error {
	from := moment(s.Record, "from")
	for _, lead := range s.School.TellBefore() {
		if !from.Add(-lead).After(s.Now) {
			s.Record.SetField("noticed", lead.String())
		}
	}
	tellThem(s)
	return nil
}

// tellThem adds those whom the change hits to those who expect it.
func tellThem(s *w.Step) {
	r := s.Record
	places := strings.Fields(r.Field("told"))
	known := map[string]bool{}
	for _, p := range places {
		known[p] = true
	}
	for _, p := range s.School.AudienceOf(r.Service, r.Location) {
		if !known[p] {
			places = append(places, p)
		}
	}
	r.SetField("told", strings.Join(places, " "))
}

// lateAt is when the window is over and the work is not.
func lateAt(_ w.Catalogue, r *w.Record) time.Time {
	if r.Field("late") != "" {
		return time.Time{}
	}
	return moment(r, "until")
}

func late(_ context.Context, s *w.Step) error {
	s.Record.SetField("late", s.Record.Field("until"))
	return nil
}

// chaseAt is when somebody is reminded to complete and review an emergency: halfway,
// and when the time is up.
func chaseAt(school w.Catalogue, r *w.Record) time.Time {
	since, within := moment(r, "approved_at"), school.Approval("emergency").ReviewWithin
	if since.IsZero() || within == 0 || r.Field("type") != "emergency" {
		return time.Time{}
	}
	switch r.Field("chased") {
	case "":
		return school.Due(since.Add(within/2), 0, false)
	case "half":
		return school.Due(since.Add(within), 0, false)
	}
	return time.Time{}
}

func chase(_ context.Context, s *w.Step) error {
	step := "half"
	if within := s.School.Approval("emergency").ReviewWithin; !moment(s.Record, "approved_at").Add(within).After(s.Now) {
		step = "due"
	}
	s.Record.SetField("chased", step)
	return nil
}
