// Package school is the catalogue: people, services, places, hours, on-call and
// priorities, as pure functions over the loaded school file.
package school

import (
	"time"

	"schoolbel/workflows"
)

// School is one loaded school file. It is never changed after New; a new file
// makes a new School. (config reads the file, and reports mistakes by line.)
type School struct {
	Organisation Organisation
	Locations    []Location
	Suppliers    []Supplier
	Services     []Service
	People       []Person
	Teams        []Team
	Audiences    []Audience
	Priorities   Priorities
	OnCall       []Rota
	Escalation   []Policy
	Changes      Changes
	Calendar     []Period
	Maintenance  []Maintenance
	Processes    []RunBy
	Crisis       Crisis
	DataBreach   DataBreach
	Help         []Desk
	Emergency    Emergency

	Understanding Understanding

	index // made by New
}

// Organisation is the school board itself.
type Organisation struct {
	Name   string
	Locale string // nl or en
	Zone   *time.Location
	Hours  Hours
}

// Hours are the service hours of a week; From and To are minutes after midnight.
type Hours struct {
	Days     []time.Weekday
	From, To int
}

// Location is a building.
type Location struct {
	Key, Name string
	Aliases   []string
}

// Supplier is a company that runs things for the school.
type Supplier struct {
	Key, Name, Email, Phone string
	Respond, Resolve        time.Duration
}

// Service is what teachers know by name, with the other words they have for it.
type Service struct {
	workflows.Service
	Aliases []string
}

// Person is someone of the school and how to reach them.
type Person struct {
	workflows.Person
	Phone    string
	Accounts map[string]string // adapter → user id there
}

// Team is a group with a room; Room holds places such as "slack:C0ICT".
type Team struct {
	Key, Name string
	Room      []string
}

// Audience is whom an outage at these locations reaches.
type Audience struct {
	Key       string
	Locations []string
	Places    []string
	Mail      []string // addresses that stand in for the places while those cannot be reached
}

// Priorities is the matrix and the promises.
type Priorities struct {
	Matrix      map[workflows.Level]map[workflows.Level]workflows.Priority // impact → urgency
	Targets     map[workflows.Priority]workflows.Target
	MajorAfter  int
	MajorWithin time.Duration
}

// Rota is one on-call schedule.
type Rota struct {
	Key, Name string
	Zone      *time.Location
	Layers    []Layer
	Overrides []Override
}

// Layer is a rotation; a later layer stands in front of an earlier one.
type Layer struct {
	Rotation string // daily, weekly
	Day      time.Weekday
	At       int // minutes after midnight
	Start    time.Time
	Members  []string
}

// Override puts one person on call for a while.
type Override struct {
	From, To time.Time
	Person   string
}

// Shift is one person's turn.
type Shift struct {
	Person   string
	From, To time.Time
}

// Policy says whom to page, in which order.
type Policy struct {
	Key        string
	Kinds      []workflows.Kind
	Priorities []workflows.Priority
	Steps      []Step
	Repeat     int
	Reack      time.Duration
}

// Step is one rung of a policy: "on_call:ict", "team:ict", "person:joost".
type Step struct {
	Notify []string
	Wait   time.Duration
}

// Changes are the rules for approving changes.
type Changes struct {
	Types         map[string]ChangeType
	Standard      []StandardChange
	ApproveWithin time.Duration
	Confirm       string // chat, or browser: a high risk is confirmed on a page
	StandIns      []StandIn
	Overrule      []workflows.Role // who may let a change through a closed period
	TellBefore    []time.Duration
}

// ChangeType is how one type of change is approved: every step must be met.
type ChangeType struct {
	Approve      []workflows.Quorum
	Order        string // parallel, or steps: one after the other
	Confirm      string // as Changes.Confirm, for this type alone
	ReviewWithin time.Duration
}

// StandIn votes for somebody for a while; both days count whole.
type StandIn struct {
	For, By     string
	From, Until time.Time
}

// Maintenance are hours in which services may be worked on; From may lie after To,
// and then it goes on past midnight. No services is all of them.
type Maintenance struct {
	Services []string
	Days     []time.Weekday
	From, To int // minutes after midnight
}

// StandardChange is authorised once and needs no new approval.
type StandardChange struct {
	Key, Name, Service string
	Words              []string // by which it is known in a sentence
}

// Period is a stretch of whole days: exam, holiday or freeze.
type Period = workflows.Period

// RunBy says who runs a process: internal, supplier or shared.
type RunBy struct {
	Kind                   string
	Owner, RunBy, Supplier string
}

// Crisis names who leads.
type Crisis struct {
	Lead, Team  []string
	Roles       map[string]string
	UpdateEvery time.Duration
}

// DataBreach is who hears of a data leak, and when they are warned.
type DataBreach struct {
	Informed []string
	WarnAt   []time.Duration
}

// Understanding is how messages are read at this school.
type Understanding struct {
	Learn bool // keep what agents correct, and read by it
}

var _ workflows.Catalogue = (*School)(nil)
