package school

import (
	"cmp"
	"slices"
	"time"

	"schoolbel/workflows"
)

// usualApprovers decide where the school file says nothing of a type of change.
var usualApprovers = workflows.Quorum{Roles: []workflows.Role{"change_manager", "cab", "crisis_lead"}, Need: 1}

// Approval is how a type of change is decided on.
func (s *School) Approval(changeType string) workflows.Approval {
	t := s.Changes.Types[changeType]
	a := workflows.Approval{
		Steps: t.Approve, Parallel: t.Order == "parallel", Within: s.Changes.ApproveWithin, ReviewWithin: t.ReviewWithin,
		Paged: cmp.Or(t.Confirm, s.Changes.Confirm) == "browser",
	}
	if len(a.Steps) == 0 {
		a.Steps = []workflows.Quorum{usualApprovers}
	}
	return a
}

// Wearing lists the people who wear any of these hats.
func (s *School) Wearing(roles ...workflows.Role) []workflows.Person {
	var found []workflows.Person
	for _, p := range s.WithRole(roles...) {
		found = append(found, p.Person)
	}
	return found
}

// ActsFor lists for whom somebody stands in at a moment, in the order of the file.
func (s *School) ActsFor(person string, at time.Time) []string {
	var found []string
	for _, in := range s.Changes.StandIns {
		if in.By == person && !at.Before(in.From) && at.Before(s.next(in.Until)) && !slices.Contains(found, in.For) {
			found = append(found, in.For)
		}
	}
	return found
}

// AnswersFor is who owns the process of a kind.
func (s *School) AnswersFor(kind workflows.Kind) string {
	for _, p := range s.Processes {
		if p.Kind == string(kind) {
			return p.Owner
		}
	}
	return ""
}

// Overrulers are the hats that may let a change through a closed period.
func (s *School) Overrulers() []workflows.Role {
	if len(s.Changes.Overrule) == 0 {
		return []workflows.Role{"process_owner", "director"}
	}
	return s.Changes.Overrule
}

// TellBefore is how long before it begins people hear of a change, longest first.
func (s *School) TellBefore() []time.Duration {
	if len(s.Changes.TellBefore) == 0 {
		return []time.Duration{24 * time.Hour}
	}
	return s.Changes.TellBefore
}

// ClosedPeriods are the exams and freezes that a window touches.
func (s *School) ClosedPeriods(from, to time.Time) []workflows.Period {
	var found []workflows.Period
	for _, p := range s.Calendar {
		if p.Kind != "holiday" && from.Before(s.next(p.To)) && to.After(p.From) {
			found = append(found, p)
		}
	}
	return found
}

// MayWork tells whether a window lies in the hours in which a service may be down.
// Where the school file names no hours for it, every hour will do.
func (s *School) MayWork(service string, from, to time.Time) bool {
	named := false
	for _, m := range s.Maintenance {
		if len(m.Services) > 0 && !slices.Contains(m.Services, service) {
			continue
		}
		named = true
		// A window over midnight belongs to the evening before.
		for _, day := range []time.Time{s.Local(from), s.Local(from).AddDate(0, 0, -1)} {
			y, mo, d := day.Date()
			begin := time.Date(y, mo, d, 0, m.From, 0, 0, s.Organisation.Zone)
			end := time.Date(y, mo, d, 0, m.To, 0, 0, s.Organisation.Zone)
			if m.To <= m.From {
				end = time.Date(y, mo, d+1, 0, m.To, 0, 0, s.Organisation.Zone)
			}
			if slices.Contains(m.Days, begin.Weekday()) && !from.Before(begin) && !to.After(end) {
				return true
			}
		}
	}
	return !named
}

// TaughtDuring tells whether there are lessons in a window: it touches the service
// hours of a day that is no holiday.
func (s *School) TaughtDuring(from, to time.Time) bool {
	return !s.unbounded() && s.Between(from, to, false) > 0
}

// Touched are the services that stop with this one, the locations where they are
// used, and how many people of the school file are there.
func (s *School) Touched(service, location string) (services []Service, locations []Location, people int) {
	everywhere := false
	var keys []string
	for _, key := range s.dependents[service] {
		v, _ := s.Service(key)
		services = append(services, v)
		everywhere = everywhere || len(v.Locations) == 0
		keys = append(keys, v.Locations...)
	}
	for _, l := range s.Locations {
		if location == l.Key || location == "" && (everywhere || slices.Contains(keys, l.Key)) {
			locations = append(locations, l)
		}
	}
	for _, p := range s.People {
		if slices.ContainsFunc(locations, func(l Location) bool { return slices.Contains(p.Locations, l.Key) }) {
			people++
		}
	}
	return services, locations, people
}
