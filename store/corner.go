package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// corners are the parts of the database that libraries with tables of their own use.
type corners struct {
	sync.Mutex
	open map[string]*sql.DB
}

// cornerConnections is enough for the keys of one account.
const cornerConnections = 4

var cornerName = regexp.MustCompile(`^[a-z][a-z0-9]{0,30}$`)

// Corner gives a part of this database for a library that brings tables of its own,
// and the dialect it speaks. On PostgreSQL that is a schema; on SQLite the tables
// stand beside ours, so their names must be the library's own.
func (s *Store) Corner(ctx context.Context, name string) (*sql.DB, string, error) {
	if !cornerName.MatchString(name) {
		return nil, "", fmt.Errorf("store: corner %q", name)
	}
	if s.lite {
		return s.writer, "sqlite3", nil
	}
	s.corners.Lock()
	defer s.corners.Unlock()
	if db := s.corners.open[name]; db != nil {
		return db, "postgres", nil
	}
	if _, err := s.pool.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+name); err != nil {
		// Two processes at once: the other made it.
		if _, again := s.pool.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+name); again != nil {
			return nil, "", fmt.Errorf("store: corner %s: %w; give the database user the right to create a schema", name, errors.Join(err, again))
		}
	}
	config := s.pool.Config().Copy()
	config.MinConns, config.MaxConns = 0, cornerConnections
	config.ConnConfig.RuntimeParams["search_path"] = name
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, "", fmt.Errorf("store: corner %s: %w", name, err)
	}
	s.closers = append(s.closers, func() error { pool.Close(); return nil })
	db := stdlib.OpenDBFromPool(pool)
	db.SetMaxIdleConns(0)
	s.closers = append(s.closers, db.Close)
	if s.corners.open == nil {
		s.corners.open = map[string]*sql.DB{}
	}
	s.corners.open[name] = db
	return db, "postgres", nil
}

// leaving is how long it may take to give a seat back.
const leaving = 5 * time.Second

// desks is how many processes may do the same beside each other.
const desks = 64

// Seat gives the lowest number that no other process on this database has under
// this name. held ends when the connection that keeps the seat is lost.
func (s *Store) Seat(ctx context.Context, name string) (number int, held context.Context, leave func(), err error) {
	held, stop := context.WithCancel(context.WithoutCancel(ctx))
	if s.lite { // one process alone
		return 1, held, stop, nil
	}
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		stop()
		return 0, nil, nil, fmt.Errorf("store: seat: %w", err)
	}
	for n := 1; n <= desks; n++ {
		var ours bool
		if err = conn.QueryRow(ctx, "SELECT pg_try_advisory_lock(hashtext($1), $2)", name, n).Scan(&ours); err != nil {
			break
		}
		if !ours {
			continue
		}
		lone := conn.Hijack() // the lock lives as long as this connection
		left := make(chan struct{})
		go func() {
			defer close(left)
			_, _ = lone.WaitForNotification(held) // nobody notifies: it ends with the connection
			stop()
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaving)
			defer cancel()
			// Not by closing alone: the server may notice that only after the next one asked.
			_, _ = lone.Exec(ctx, "SELECT pg_advisory_unlock_all()")
			_ = lone.Close(ctx)
		}()
		return n, held, func() { stop(); <-left }, nil
	}
	stop()
	conn.Release()
	if err == nil {
		err = fmt.Errorf("all %d are taken", desks)
	}
	return 0, nil, nil, fmt.Errorf("store: seat %s: %w", name, err)
}
