package workflows

import "time"

// Catalogue is what the engine room asks about the school. It is asked anew for
// every command, because the school file may be replaced while we run.
type Catalogue interface {
	// Person finds a person by key.
	Person(key string) (Person, bool)
	// PriorityOf looks in the matrix; "" when impact is unknown.
	PriorityOf(impact, urgency Level) Priority
	// TargetOf gives how soon to respond and to resolve.
	TargetOf(p Priority) Target
	// Due is the moment after d of service hours from from; always counts every hour.
	Due(from time.Time, d time.Duration, always bool) time.Time
	// Between is how much service time lies between two moments.
	Between(from, to time.Time, always bool) time.Duration
	// ExamAt tells whether an exam period is on for that moment.
	ExamAt(t time.Time) bool
	// ServiceOf finds a service by key.
	ServiceOf(key string) (Service, bool)
	// HasLocation tells whether there is such a location.
	HasLocation(key string) bool
	// HasTeam tells whether there is such a team.
	HasTeam(key string) bool
	// TeamOf is whose queue a record about this service is in.
	TeamOf(service string) string
	// MajorAfter is how many reporters within how long make a major incident likely.
	MajorAfter() (reporters int, within time.Duration)
	// StandardChange finds a change that was authorised once and for all.
	StandardChange(key string) (name, service string, ok bool)
	// Approval is how a type of change is decided on.
	Approval(changeType string) Approval
	// Wearing lists the people who wear any of these hats.
	Wearing(roles ...Role) []Person
	// ActsFor lists for whom somebody stands in at a moment.
	ActsFor(person string, at time.Time) []string
	// AnswersFor is who owns the process of a kind: a person's key, or "".
	AnswersFor(kind Kind) string
	// Overrulers are the hats that may let a change through a closed period.
	Overrulers() []Role
	// TellBefore is how long before it begins people hear of a change, longest first.
	TellBefore() []time.Duration
	// ClosedPeriods are the exams and freezes that a window touches.
	ClosedPeriods(from, to time.Time) []Period
	// MayWork tells whether a window lies in the hours in which a service may be down.
	MayWork(service string, from, to time.Time) bool
	// Related tells whether two services are the same, or one needs the other.
	Related(a, b string) bool
	// AudienceOf are the places that hear of this service at this location.
	AudienceOf(service, location string) []string
	// BreachWarnings are how long after a data leak became known its officers are
	// warned, earlier ones first.
	BreachWarnings() []time.Duration
	// Local gives a moment in the school's time zone.
	Local(t time.Time) time.Time
}

// Person is someone of the school, as the engine sees them.
type Person struct {
	Key       string
	Name      string
	Email     string
	Locale    string // nl, en, or "" for the school's
	Roles     []Role
	Teams     []string
	Locations []string
}

// Service is something that teachers know by name.
type Service struct {
	Key          string
	Name         string
	Owner        string // team
	Supplier     string
	Critical     bool
	ExamCritical bool
	DependsOn    []string
	Locations    []string // none means everywhere
}

// Target is a promise per priority (domain.md 4.3). Always: the clock runs day
// and night; otherwise only in service hours.
type Target struct {
	Respond time.Duration
	Resolve time.Duration
	Always  bool
}

// Approval is how a decision is taken: each step needs so many people.
type Approval struct {
	Steps        []Quorum
	Parallel     bool          // all steps are open at once; else one after the other
	Within       time.Duration // to decide; zero is no deadline
	ReviewWithin time.Duration // to look back on an emergency; zero is no deadline
	Paged        bool          // a high risk is confirmed on a page of our own
}

// Quorum is one step of a decision: so many people with any of these hats.
type Quorum struct {
	Roles []Role
	Need  int
}

// Period is a stretch of whole days, both ends included: exam, holiday or freeze.
type Period struct {
	Kind, Name string
	From, To   time.Time // midnight in the school's zone, of the first and of the last day
}
