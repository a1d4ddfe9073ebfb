// Package store keeps records, log, deliveries and jobs in one database. It alone
// knows GORM and River.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
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

	free struct { // numbers that were fetched and not used
		sync.Mutex
		list map[string][]int64
		hot  string // what was numbered last
	}
	work workshop
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
	s.free.list = map[string][]int64{}
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
	s.startWaking()
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

// likely is the prefix whose next number is worth fetching along: the one used
// last, when none is left. SQLite needs none of that.
func (s *Store) likely() string {
	if s.lite {
		return ""
	}
	s.free.Lock()
	defer s.free.Unlock()
	if len(s.free.list[s.free.hot]) > 0 {
		return ""
	}
	return s.free.hot
}

// sequence names a prefix's sequence; only prefixes from the tables come here.
func sequence(prefix string) string { return "number_" + strings.ToLower(prefix) }

// number gives a record its number: one fetched along, one left over, or a new one.
func (t *tx) number(ctx context.Context, prefix string) (int64, error) {
	if own := t.numbers[prefix]; len(own) > 0 {
		t.numbers[prefix] = own[1:]
		return own[0], nil
	}
	free := &t.s.free
	free.Lock()
	free.hot = prefix
	if left := free.list[prefix]; len(left) > 0 {
		free.list[prefix] = left[1:]
		free.Unlock()
		return left[0], nil
	}
	free.Unlock()
	if _, ok := workflows.ParseRef(prefix + "-1"); !ok {
		return 0, fmt.Errorf("store: %q is no prefix", prefix)
	}
	query, args := "SELECT nextval('"+sequence(prefix)+"')", []any(nil)
	if t.s.lite {
		query, args = "INSERT INTO numbers (prefix, last) VALUES (?, 1) ON CONFLICT (prefix) DO UPDATE SET last = last + 1 RETURNING last", []any{prefix}
	}
	var n int64
	if err := t.conn.QueryRowContext(ctx, query, args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("store: a number for %s: %w", prefix, err)
	}
	return n, nil
}

// giveBack keeps numbers that a transaction fetched and did not use.
func (s *Store) giveBack(numbers map[string][]int64) {
	s.free.Lock()
	defer s.free.Unlock()
	for prefix, list := range numbers {
		s.free.list[prefix] = append(s.free.list[prefix], list...)
	}
}

var (
	_ workflows.Store = (*Store)(nil)
	_ workflows.Post  = (*Store)(nil)
	_ workflows.Tx    = (*tx)(nil)
)
