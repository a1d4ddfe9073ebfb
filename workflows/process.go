package workflows

import (
	"context"
	"io/fs"
	"time"
)

// Process is a timetable: which states a kind of record has, and who may do what
// in which. It is data; four places take plain Go functions (If, Set, Then and a
// clock's At) and a process that needs more writes ordinary code in its folder.
type Process struct {
	Kind   Kind
	Prefix string
	Start  State
	Done   []State // in these a record is closed
	Fields []Field
	Rules  []Rule
	Clocks []Clock
	Texts  fs.FS // nl.json and en.json
}

// Field is something a record of this kind can hold beside its columns, or an
// argument of an action.
type Field struct {
	Name    string
	Options []string // the only values allowed; none means free text
	Long    bool     // asks for more than a line
	Time    bool     // RFC 3339, or local "2027-02-22T08:00" in the school's zone
	Hidden  bool     // kept for the rules alone; people are never shown it
	Lookup  string   // "service", "location", "person", "team", "record" or a kind of record: a key of such
}

// Rule is one row: Do may be done in From by By, and leads to To.
type Rule struct {
	Do    Action
	From  []State  // none: this rule opens a record when To is the start, else every state that is not done
	To    State    // "" stays
	By    []Role   // any of these
	Needs []string // arguments that must be given; a form asks for them
	Takes []string // arguments that may be given
	Own   []Field  // arguments of this action alone; they are not kept in the record
	Quiet bool     // nobody needs to hear of it (a note, a vote)
	If    func(context.Context, *Step) error
	Set   func(context.Context, *Step) error
	Then  []Effect
}

// Effect is what follows in the same transaction, after the record is saved.
type Effect func(context.Context, *Step) error

// Clock does an action by itself at a moment that follows from the record alone.
type Clock struct {
	Name  string
	While []State
	Do    Action
	// At gives the moment, or zero for never. It is asked when the clock is set
	// and again when it goes off: a moment that moved is simply set anew.
	At func(Catalogue, *Record) time.Time
}

// Step is one command on its way through a rule: what guards and effects see.
type Step struct {
	Tx      Tx
	School  Catalogue
	Command Command
	Record  *Record // as it will be saved
	Before  *Record // as it was; nil when the record is new
	Entry   *Entry  // the line that will be logged
	Now     time.Time

	engine *Engine
}

// Tick is the job of a record's clocks. A record has at most one that counts: the
// soonest of its clocks, set anew whenever that moment moves. A tick that no
// longer fits the record does nothing.
type Tick struct {
	Ref Ref       `json:"ref"`
	At  time.Time `json:"at"`
}

// Kind names the job.
func (Tick) Kind() string { return "tick" }

// Late is the job that looks for whom an adapter keeps waiting too long.
type Late struct {
	Adapter string `json:"adapter"`
}

// Kind names the job.
func (Late) Kind() string { return "late" }

// Announce is the job that tells people about a log line.
type Announce struct {
	Ref Ref   `json:"ref"`
	Seq int64 `json:"seq"`
}

// Kind names the job.
func (Announce) Kind() string { return "announce" }

// Carry is the job that brings messages to one place.
type Carry struct {
	Place string `json:"place"`
}

// Kind names the job.
func (Carry) Kind() string { return "carry" }
