package adapters

import (
	"context"
	"database/sql"
)

// Memory is what an adapter keeps over a restart: where its rooms are, how far it
// listened. Every process of the house sees the same.
type Memory interface {
	// Recall gives what was kept, nil when there is nothing.
	Recall(ctx context.Context, key string) ([]byte, error)
	// All gives everything whose key begins with prefix.
	All(ctx context.Context, prefix string) (map[string][]byte, error)
	// Remember keeps a value; nil forgets it.
	Remember(ctx context.Context, key string, value []byte) error
}

// Mark is how far an adapter listened. It is kept in the same transaction as the
// event that it comes with, so that a crash loses neither.
type Mark struct {
	Key   string // as of Memory
	Value []byte
}

// Corner is a part of the house's own database for a library that brings tables of
// its own. Nobody closes DB but the house.
type Corner struct {
	DB      *sql.DB
	Dialect string // "postgres" or "sqlite3"
}

// Seat is a number that no other process of the house has at this moment, the
// lowest that is free: one device for each process, and never a process too many.
type Seat struct {
	Number int             // from 1
	Held   context.Context // ends when the seat is lost: stop using what belongs to it
	Leave  func()
}
