package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed migrations
var migrations embed.FS

// connections is how many PostgreSQL connections one process uses at most: more
// would only make them wait inside the server.
const connections = 40

func (s *Store) openPostgres(ctx context.Context, address string) error {
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return errors.New("database.url is no address that PostgreSQL understands; expected postgres://user:password@host:5432/name")
	}
	if !strings.Contains(address, "pool_max_conns") {
		config.MaxConns = connections
	}
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	config.ConnConfig.RuntimeParams["application_name"] = "schoolbel"
	if s.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	s.closers = append(s.closers, func() error { s.pool.Close(); return nil })
	s.writer = stdlib.OpenDBFromPool(s.pool)
	s.writer.SetMaxIdleConns(0) // the pool below keeps them
	s.closers = append(s.closers, s.writer.Close)
	if err := s.pool.Ping(ctx); err != nil {
		where := config.ConnConfig
		return fmt.Errorf("the database does not answer at %s:%d/%s: %w; check database.url, and whether PostgreSQL runs", where.Host, where.Port, where.Database, plain(err))
	}
	s.reader, err = s.gormOver(s.writer)
	return err
}

// plain takes the connection string, which may hold a password, out of an error.
func plain(err error) error {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return errors.New(refused.Message)
	}
	var failed *pgconn.ConnectError
	if errors.As(err, &failed) {
		return errors.New("no connection")
	}
	return err
}

// openSQLite opens the file twice: one connection writes, some others read.
func (s *Store) openSQLite(ctx context.Context, path string, readOnly bool) error {
	open := func(file, more string) (*sql.DB, error) {
		q := "?_pragma=busy_timeout(5000)&_time_format=sqlite" + more
		return sql.Open("sqlite", "file:"+(&url.URL{Path: file}).EscapedPath()+q)
	}
	if readOnly {
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("there is no database %s yet", path)
		}
	} else if err := s.alone(ctx, path, open); err != nil {
		return err
	}
	var err error
	// FULL: what is acknowledged survives a power cut.
	if s.writer, err = open(path, "&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	s.closers = append(s.closers, s.writer.Close)
	s.writer.SetMaxOpenConns(1)
	if err := s.writer.PingContext(ctx); err != nil {
		return unusable(path, err)
	}
	looking, err := open(path, "&_pragma=query_only(1)")
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	s.closers = append(s.closers, looking.Close)
	looking.SetMaxOpenConns(4)
	s.reader, err = s.gormOver(looking)
	return err
}

// alone refuses a second process on the same file: it holds a lock on a small
// file beside it for as long as it lives, whatever way it ends.
func (s *Store) alone(ctx context.Context, path string, open func(string, string) (*sql.DB, error)) error {
	lock, err := open(path+"-lock", "&_pragma=locking_mode(EXCLUSIVE)&_pragma=busy_timeout(0)")
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	lock.SetMaxOpenConns(1)
	s.closers = append(s.closers, lock.Close)
	conn, err := lock.Conn(ctx)
	if err != nil {
		return unusable(path, err)
	}
	s.closers = append(s.closers, conn.Close)
	if _, err := conn.ExecContext(ctx, "PRAGMA busy_timeout=0; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS held (pid integer); DELETE FROM held; INSERT INTO held VALUES ("+strconv.Itoa(os.Getpid())+"); COMMIT"); err != nil {
		if answered(err) == sqliteBusy {
			return fmt.Errorf("another schoolbel uses %s; stop it first, or use PostgreSQL to run several (%w)", path, err)
		}
		return unusable(path+"-lock", err)
	}
	return nil
}

// What SQLite answers, by number: its words mislead ("out of memory" where there
// is no such folder).
const (
	sqliteBusy     = 5
	sqliteCantOpen = 14
	sqliteNotADB   = 26
)

func answered(err error) int {
	var coded interface{ Code() int }
	if errors.As(err, &coded) {
		return coded.Code() & 0xff
	}
	return 0
}

// unusable says in plain words why a file cannot be the database.
func unusable(path string, err error) error {
	switch answered(err) {
	case sqliteNotADB:
		return fmt.Errorf("%s is no SQLite database; name another file in database.url", path)
	case sqliteCantOpen:
		folder := filepath.Dir(path)
		if _, missing := os.Stat(folder); missing != nil {
			return fmt.Errorf("the database file %s cannot be opened: there is no folder %s; make it, or change database.url", path, folder)
		}
		err = errors.New("it is a folder, or not ours to write")
	}
	return fmt.Errorf("the database file %s cannot be opened: %w; check database.url and whether the folder is writable", path, err)
}

// provider is goose over our numbered files.
func (s *Store) provider() (*goose.Provider, error) {
	dialect, folder := database.DialectPostgres, "migrations/postgres"
	if s.lite {
		dialect, folder = database.DialectSQLite3, "migrations/sqlite"
	}
	files, err := fs.Sub(migrations, folder)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, s.writer, files)
}

// migrating is the lock that keeps two processes from migrating at once.
const migrating = 7_364_001

// migrate brings our tables and River's up to date.
func (s *Store) migrate(ctx context.Context) (err error) {
	if !s.lite {
		conn, err := s.pool.Acquire(ctx)
		if err != nil {
			return fmt.Errorf("store: %w", err)
		}
		defer conn.Release()
		if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", migrating); err != nil {
			return fmt.Errorf("store: wait for the other migration: %w", err)
		}
		defer func() {
			_, unlock := conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", migrating)
			err = errors.Join(err, unlock)
		}()
	}
	p, err := s.provider()
	if err != nil {
		return fmt.Errorf("store: migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	return s.migrateRiver(ctx)
}

func (s *Store) migrateRiver(ctx context.Context) error {
	if s.lite {
		m, err := rivermigrate.New(riversqlite.New(s.writer), &rivermigrate.Config{Logger: slog.New(quiet{s.log.Handler()})})
		if err == nil {
			_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
		}
		return err
	}
	m, err := rivermigrate.New(riverpgxv5.New(s.pool), &rivermigrate.Config{Logger: slog.New(quiet{s.log.Handler()})})
	if err == nil {
		_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	}
	return err
}

// upToDate refuses a database that still has to be migrated.
func (s *Store) upToDate(ctx context.Context) error {
	p, err := s.provider()
	if err != nil {
		return fmt.Errorf("store: migrations: %w", err)
	}
	behind, err := p.HasPending(ctx)
	if err != nil {
		return fmt.Errorf("store: migrations: %w", err)
	}
	if behind {
		return errors.New("the database is not up to date; run: schoolbel migrate")
	}
	return nil
}

// bind writes ? as $1, $2 … where PostgreSQL wants that.
func (s *Store) bind(query string) string {
	if s.lite {
		return query
	}
	var out strings.Builder
	for n := 1; ; n++ {
		before, rest, found := strings.Cut(query, "?")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		out.WriteString("$" + strconv.Itoa(n))
		query = rest
	}
}

// verdict tells whether a failed transaction is worth another try.
func (s *Store) verdict(err error) error {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		switch {
		case refused.Code == "40001", refused.Code == "40P01", refused.Code == "23505" && refused.TableName == "once":
			return errAgain
		}
	}
	return err
}
