// Package store keeps records, log, deliveries and jobs in one database. It alone
// knows GORM and River.
package store

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/glebarez/sqlite"
	"github.com/jackc/pgx/v5/pgxpool"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"schoolbel/workflows"
)

// Options say how to open a database.
type Options struct {
	Migrate  bool // bring it up to date first
	ReadOnly bool // only look, beside a process that works on it
	Log      *slog.Logger
	Now      func() time.Time // nil is the real clock
}

// Store is one database.
type Store struct {
	lite    bool
	pool    *pgxpool.Pool // PostgreSQL only
	writer  *sql.DB
	reader  *gorm.DB // reads outside transactions
	now     func() time.Time
	fake    bool // the clock is not the real one
	log     *slog.Logger
	closers []func() error

	numbers numbers
	recent  recent
	ferry   ferry
	gate    gate
	work    workshop
	corners corners
}

// Open opens the database at a URL: postgres://…, or the path of an SQLite file.
func Open(ctx context.Context, url string, o Options) (_ *Store, err error) {
	s := &Store{now: time.Now, log: o.Log, fake: o.Now != nil}
	if s.fake {
		s.now = o.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://") {
		err = s.openPostgres(ctx, url)
	} else {
		s.lite = true
		err = s.openSQLite(ctx, strings.TrimPrefix(url, "file:"), o.ReadOnly)
	}
	if err != nil {
		return nil, err
	}
	switch {
	case o.ReadOnly:
		return s, nil
	case o.Migrate:
		err = s.migrate(ctx)
	default:
		err = s.upToDate(ctx)
	}
	if err != nil {
		return nil, err
	}
	s.hang()
	return s, nil
}

// Close lets go of the database.
func (s *Store) Close() error {
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i]())
	}
	s.closers = nil
	return errors.Join(errs...)
}

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.writer.PingContext(ctx) }

// gormOver makes a GORM session over any connection.
func (s *Store) gormOver(pool gorm.ConnPool) (*gorm.DB, error) {
	config := &gorm.Config{SkipDefaultTransaction: true, DisableAutomaticPing: true, Logger: logger.Discard}
	if s.lite {
		return gorm.Open(sqlite.Dialector{Conn: pool}, config)
	}
	return gorm.Open(postgres.New(postgres.Config{Conn: pool}), config)
}

// over gives GORM one connection, so that it reads inside its transaction.
func (s *Store) over(ctx context.Context, conn *sql.Conn) *gorm.DB {
	db := s.reader.Session(&gorm.Session{NewDB: true, Context: ctx})
	db.Statement.ConnPool = conn
	return db
}

// recent remembers the last ids that were committed here and where they led, so
// that a platform that says something again is answered without a question to the
// database. What it forgot is asked there.
type recent struct {
	sync.Mutex
	now, before map[string]workflows.Ref
}

// remembered is how many ids each of the two halves holds.
const remembered = 4096

func (r *recent) add(ids map[string]workflows.Ref) {
	r.Lock()
	defer r.Unlock()
	if len(r.now) >= remembered || r.now == nil {
		r.before, r.now = r.now, make(map[string]workflows.Ref, remembered)
	}
	maps.Copy(r.now, ids)
}

func (r *recent) get(id string) (workflows.Ref, bool) {
	r.Lock()
	defer r.Unlock()
	if ref, ok := r.now[id]; ok {
		return ref, true
	}
	ref, ok := r.before[id]
	return ref, ok
}

// Lately tells whether this process handled an event not long ago, without asking
// the database: false may still be a repeat.
func (s *Store) Lately(id string) bool {
	_, ok := s.recent.get(id)
	if ok {
		s.gate.enter() // who asks much again is busy, too
	}
	return ok
}

var (
	_ workflows.Store = (*Store)(nil)
	_ workflows.Post  = (*Store)(nil)
	_ workflows.Tx    = (*tx)(nil)
)
