// Package workflows is the engine room: records, processes and the one door,
// Engine.Do, through which every change passes. It knows no technology.
package workflows

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The names of things. They are what the log, the database and the API show;
// the words people see stand in nl.json and en.json beside each process.
type (
	// Kind is a sort of record: "incident", "change", "task".
	Kind string
	// State is where a record stands in its process: "new", "resolved".
	State string
	// Action is what one can do to a record: "take", "resolve".
	Action string
	// Role is a hat that a person wears; roles are a set, not a ladder.
	Role string
	// Level grades impact (large, medium, small, unknown), urgency and risk (high, medium, low).
	Level string
	// Priority is P1 (most urgent) to P4, or empty while it is not known.
	Priority string
)

// Levels of impact and of urgency (domain.md 4.3).
const (
	Large   Level = "large"
	Medium  Level = "medium"
	Small   Level = "small"
	Unknown Level = "unknown"
	High    Level = "high"
	Low     Level = "low"
)

// Priorities.
const (
	P1 Priority = "P1"
	P2 Priority = "P2"
	P3 Priority = "P3"
	P4 Priority = "P4"
)

// Ref names one record, the same in chat, links, log and address: INC-12.
type Ref struct {
	Prefix string
	Number int64
}

// ParseRef reads "INC-12", in capitals or not. It says false to anything else.
func ParseRef(s string) (Ref, bool) {
	prefix, digits, ok := strings.Cut(strings.TrimSpace(s), "-")
	if !ok || prefix == "" || len(digits) == 0 || len(digits) > 18 {
		return Ref{}, false
	}
	for _, c := range prefix {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return Ref{}, false
		}
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return Ref{}, false
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n <= 0 {
		return Ref{}, false
	}
	return Ref{strings.ToUpper(prefix), n}, true
}

// String writes the reference as people know it; the zero Ref is "".
func (r Ref) String() string {
	if r.IsZero() {
		return ""
	}
	return fmt.Sprintf("%s-%d", r.Prefix, r.Number)
}

// IsZero tells whether the reference names nothing.
func (r Ref) IsZero() bool { return r == Ref{} }

// MarshalText writes the reference for JSON.
func (r Ref) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads it back.
func (r *Ref) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*r = Ref{}
		return nil
	}
	ref, ok := ParseRef(string(b))
	if !ok {
		return fmt.Errorf("%q is no reference such as INC-12", b)
	}
	*r = ref
	return nil
}

// Record is one thing that a process follows; eight kinds, one shape.
type Record struct {
	Ref       Ref
	Kind      Kind
	Title     string
	State     State
	Priority  Priority
	Impact    Level
	Urgency   Level
	Service   string // key of the school's service, or empty
	Location  string // key of the school's location, or empty
	Owner     string // key of the person who handles it, or empty
	Team      string // key of the team whose queue it is in
	Sensitive bool   // never repeated in an open channel

	Reporters   []string          // people who reported it, first one first
	Subscribers []string          // people who want to hear of it
	Fields      map[string]string // only keys that the process declares

	Version   int // grows with every change: the optimistic lock
	Visit     int // grows when the state changes: a clock belongs to one visit
	RespondBy time.Time
	ResolveBy time.Time
	OpenedAt  time.Time
	ChangedAt time.Time
	ClosedAt  time.Time // zero while the record is open
}

// Clone copies the record so that the copy can change alone.
func (r *Record) Clone() *Record {
	c := *r
	c.Reporters = slices.Clone(r.Reporters)
	c.Subscribers = slices.Clone(r.Subscribers)
	c.Fields = maps.Clone(r.Fields)
	return &c
}

// Field gives a field's value, "" when it was never set.
func (r *Record) Field(name string) string { return r.Fields[name] }

// SetField sets a field, or takes it away when the value is empty.
func (r *Record) SetField(name, value string) {
	if value == "" {
		delete(r.Fields, name)
		return
	}
	if r.Fields == nil {
		r.Fields = map[string]string{}
	}
	r.Fields[name] = value
}

// Open tells whether the record still asks for something.
func (r *Record) Open() bool { return r.ClosedAt.IsZero() }

// FreshFor is how long who reported something may correct it or take it back.
const FreshFor = 10 * time.Minute

// Fresh tells whether a record is still its reporter's own: it is new to everybody
// else, and nobody joined.
func (r *Record) Fresh(now time.Time) bool {
	return now.Sub(r.OpenedAt) <= FreshFor && len(r.Reporters) <= 1
}

// Wide tells whether many people notice: impact large or medium, or P1 or P2.
func (r *Record) Wide() bool {
	return r.Impact == Large || r.Impact == Medium || r.Priority == P1 || r.Priority == P2
}
