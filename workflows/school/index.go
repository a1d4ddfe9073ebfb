package school

import (
	"time"

	"schoolbel/workflows"
)

type index struct{}

// New finishes a School whose fields are filled in. It trusts them: config has
// checked every name.
func New(s School) *School { panic("being written") }

// Person finds a person by key.
func (s *School) Person(key string) (workflows.Person, bool) { panic("being written") }

// Account finds a person by account: adapter "slack", user "U0ANNA".
func (s *School) Account(adapter, user string) (Person, bool) { panic("being written") }

// ByEmail finds a person by e-mail address, in capitals or not.
func (s *School) ByEmail(email string) (Person, bool) { panic("being written") }

// WithRole lists people who wear any of these roles.
func (s *School) WithRole(roles ...workflows.Role) []Person { panic("being written") }

// Members lists the people of a team.
func (s *School) Members(team string) []Person { panic("being written") }

// Team finds a team.
func (s *School) Team(key string) (Team, bool) { panic("being written") }

// Location finds a location.
func (s *School) Location(key string) (Location, bool) { panic("being written") }

// Service finds a service with its aliases.
func (s *School) Service(key string) (Service, bool) { panic("being written") }

// OnCallAt gives who is on call for a rota at t; false in a gap.
func (s *School) OnCallAt(rota string, t time.Time) (Shift, bool) { panic("being written") }

// Shifts lists who is on call between two moments, in order, gaps with an empty Person.
func (s *School) Shifts(rota string, from, to time.Time) []Shift { panic("being written") }

// Dependents lists the services that stop when this one does: itself first, then
// all that depend on it, near ones before far ones.
func (s *School) Dependents(service string) []string { panic("being written") }

// AudienceOf gives the places that must hear of an outage of this service at this
// location; an empty location is everywhere the service is used.
func (s *School) AudienceOf(service, location string) []string { panic("being written") }

// HolidayAt tells whether t falls in a school holiday.
func (s *School) HolidayAt(t time.Time) bool { panic("being written") }

// PriorityOf looks in the matrix.
func (s *School) PriorityOf(impact, urgency workflows.Level) workflows.Priority {
	panic("being written")
}

// TargetOf gives the promises of a priority.
func (s *School) TargetOf(p workflows.Priority) workflows.Target { panic("being written") }

// Due is the moment after d of service hours.
func (s *School) Due(from time.Time, d time.Duration, always bool) time.Time { panic("being written") }

// Between is how much service time lies between two moments.
func (s *School) Between(from, to time.Time, always bool) time.Duration { panic("being written") }

// ExamAt tells whether an exam period is on.
func (s *School) ExamAt(t time.Time) bool { panic("being written") }

// ServiceOf finds a service by key.
func (s *School) ServiceOf(key string) (workflows.Service, bool) { panic("being written") }

// HasLocation tells whether there is such a location.
func (s *School) HasLocation(key string) bool { panic("being written") }

// HasTeam tells whether there is such a team.
func (s *School) HasTeam(key string) bool { panic("being written") }

// TeamOf is the team that owns a service; the first team of the file when none does.
func (s *School) TeamOf(service string) string { panic("being written") }

// MajorAfter is when an outage is likely to be a major one.
func (s *School) MajorAfter() (int, time.Duration) { panic("being written") }

// Local gives a moment in the school's zone.
func (s *School) Local(t time.Time) time.Time { panic("being written") }
