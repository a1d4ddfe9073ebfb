package workflows

import (
	"slices"
	"time"
)

// Roles that the engine itself understands; all others come from the school file.
const (
	// Anyone is every person that is known, a reporter at least.
	Anyone Role = "anyone"
	// Reporter is someone who reported this very record.
	Reporter Role = "reporter"
	// Owner is who handles this very record.
	Owner Role = "owner"
	// Tester is who was named to see whether this very change works.
	Tester Role = "tester"
	// Approver is who may vote on this very record, by the steps of its decision.
	Approver Role = "approver"
	// Overruler is who may let a record through where the school is closed to it.
	Overruler Role = "overruler"
	// System is the bot itself: clocks and what follows from other actions.
	System Role = "system"
	// Agent is a member of the ICT staff.
	Agent Role = "agent"
)

// Actor is who does something: a person with verified identity, a token of the
// API, or the system. There is no change without one.
type Actor struct {
	Key   string // the person's key, "api:monitoring", or "system"
	Name  string // as shown in the log, as it was that day
	Via   string // the door: "slack", "console", "api:monitoring", "clock"
	Roles []Role
	// Also are the other keys by which records know this person: accounts that were a
	// guest before they were tied to them.
	Also []string
}

// Is tells whether a key is this actor's.
func (a Actor) Is(key string) bool {
	return key != "" && (key == a.Key || slices.Contains(a.Also, key))
}

// means tells of a key whether it is this person's, who may be the actor by another one.
func (a Actor) means(person string) func(key string) bool {
	return func(key string) bool { return key == person || person == a.Key && a.Is(key) }
}

// Among tells whether one of these keys is this actor's.
func (a Actor) Among(keys []string) bool { return slices.ContainsFunc(keys, a.Is) }

// Keys are all keys by which records know this actor.
func (a Actor) Keys() []string { return append([]string{a.Key}, a.Also...) }

// Bot is the actor of clocks and of what follows by itself.
func Bot(via string) Actor {
	return Actor{Key: "system", Name: "schoolbel", Via: via, Roles: []Role{System}}
}

// Command asks for one change. ID is the event's own id on its platform: the
// same ID again changes nothing. A zero Ref with Kind opens a new record.
type Command struct {
	ID     string
	Actor  Actor
	Kind   Kind
	Ref    Ref
	Action Action
	Args   map[string]string
	// Version is the version the person was looking at, or 0 when that does not
	// matter: an older one is refused as stale.
	Version int
	// At is when it happened for the person; zero means now.
	At time.Time
	// Paged tells that it was done on a page of our own, by a link that was made for
	// this person and works once.
	Paged bool
}

// Arg gives an argument, "" when it is absent.
func (c Command) Arg(name string) string { return c.Args[name] }

// Outcome is what a command came to.
type Outcome struct {
	Ref    Ref // of the record, zero when the command led to none
	Record *Record
	Entry  *Entry
	// Repeated is set when this ID was done before: nothing changed this time.
	// DoIn then leaves the record unread: nobody should wait for its lock.
	Repeated bool
}

// Entry is a line of the log: added, never changed. It keeps names as they were
// that day and has no foreign keys, so history survives what it tells of.
type Entry struct {
	Seq      int64 // place in this record's chain: 1, 2, 3 …
	Ref      Ref
	Kind     Kind
	Visit    int
	At       time.Time // when it happened
	LoggedAt time.Time // when it was written
	Actor    string
	Name     string
	Via      string
	Action   Action
	From     State
	To       State
	Note     string
	Diff     map[string][2]string // column or field → before, after
	Command  string               // the command's ID
}
