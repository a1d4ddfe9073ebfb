package main

import (
	"context"

	"schoolbel/adapters"
)

// kit is what an adapter may use of the house. The database is opened after the
// adapters are made, so that a mistake in a section costs no migration.
func (a *App) kit(name string) adapters.Kit {
	return adapters.Kit{
		Log: a.log, Now: a.now, PublicURL: a.cfg.HTTP.PublicURL, Expand: a.cfg.Expand,
		Memory: memory{a, name},
		Corner: func(ctx context.Context, corner string) (adapters.Corner, error) {
			db, dialect, err := a.store.Corner(ctx, corner)
			return adapters.Corner{DB: db, Dialect: dialect}, err
		},
		Seat: func(ctx context.Context, seat string) (adapters.Seat, error) {
			number, held, leave, err := a.store.Seat(ctx, name+"/"+seat)
			return adapters.Seat{Number: number, Held: held, Leave: leave}, err
		},
		Link: func(g adapters.Grant) string { return a.links.Make(g) },
	}
}

// memory is the part of the database that one adapter remembers in.
type memory struct {
	*App
	name string
}

// Recall gives what was kept, nil when there is nothing.
func (m memory) Recall(ctx context.Context, key string) ([]byte, error) {
	return m.store.Recall(ctx, m.name, key)
}

// All gives everything whose key begins with prefix.
func (m memory) All(ctx context.Context, prefix string) (map[string][]byte, error) {
	return m.store.RecallAll(ctx, m.name, prefix)
}

// Remember keeps a value; nil forgets it.
func (m memory) Remember(ctx context.Context, key string, value []byte) error {
	return m.store.Remember(ctx, m.name, key, value)
}
