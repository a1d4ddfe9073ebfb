package workflows

import (
	"context"
	"time"
)

// Job is an errand for later. It carries ids, never text. (The shape of a River
// job, without knowing River.)
type Job interface{ Kind() string }

// Store is the database as the engine sees it.
type Store interface {
	Reader
	// Do runs fn in one transaction and commits when it returns nil. fn may run
	// again from the start when two writers met; inside it, use only the Tx.
	Do(ctx context.Context, fn func(Tx) error) error
}

// Reader looks things up. A record that is not there gives a *Error with code Missing.
type Reader interface {
	Record(ctx context.Context, ref Ref) (*Record, error)
	// Find gives records that fit, newest first, and the cursor of the next page or "".
	Find(ctx context.Context, f Filter) ([]*Record, string, error)
	Log(ctx context.Context, ref Ref) ([]Entry, error)
	Links(ctx context.Context, ref Ref) ([]Link, error)
}

// Filter says which records; an empty field asks for all.
type Filter struct {
	Kinds     []Kind
	States    []State
	Services  []string
	Locations []string
	Owner     string
	Team      string
	Reporters []string  // reported by any of these
	Open      bool      // only open ones
	Public    bool      // no sensitive ones
	For       *Actor    // only what this actor may know; nil asks for no eyes in particular
	Wide      bool      // only those that Record.Wide says
	Since     time.Time // opened at or after
	Query     string    // words in the title
	Limit     int       // at most; 0 means 50, never more than 200
	After     string    // cursor
}

// Tx is one transaction. Reading a record locks it until the end.
type Tx interface {
	Reader
	Outbox
	Memory
	// Once tells whether this id was handled before, and if so which record
	// came of it. The first time it writes the id down.
	Once(ctx context.Context, id string) (ref Ref, seen bool, err error)
	// Came notes which record the id of Once led to.
	Came(id string, ref Ref)
	// Add gives the record its number (the sequence of prefix) and writes it.
	Add(ctx context.Context, prefix string, r *Record) error
	// Save writes the record if nobody changed it since; it grows Version.
	Save(ctx context.Context, r *Record) error
	// Append adds a line to the record's log and chains it to the line before.
	Append(ctx context.Context, e *Entry) error
	AddLink(ctx context.Context, l Link) error
	RemoveLink(ctx context.Context, l Link) error
	// Later asks for a job at a time, or now when that is zero or past.
	Later(ctx context.Context, j Job, at time.Time) error
	// Try runs fn; when it fails, what it wrote is taken back and the rest stays.
	Try(ctx context.Context, fn func() error) error
}
