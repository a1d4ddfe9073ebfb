package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"schoolbel/workflows"
)

// tx is one transaction. What it writes waits in a list and goes to the
// database in one go: when something must be read that it may have changed, or
// at the end. So an intake costs one question and one answer, and takes a
// connection only for that moment.
type tx struct {
	s       *Store
	conn    *sql.Conn // nil until something must be read or locked
	db      *gorm.DB  // reads over conn
	begun   bool
	sure    bool // asks whether an id was handled before, where a first try guesses
	guessed bool
	waiting []stmt
	records map[workflows.Ref]held
	onces   map[string]workflows.Ref // ids that are written down when this ends
	carried map[string]bool          // places that have their Carry job
	woken   map[string]bool          // queues that have work now
	saves   int                      // savepoints made
}

// held is a record as this transaction sees it.
type held struct {
	record *workflows.Record
	head   []byte
	base   int // its version in the database; 0 when it is new
}

// again tells that the transaction met another one and may be tried once more.
var errAgain = errors.New("store: another transaction was first")

// Do runs fn in one transaction. The first try takes it that an event is new, as
// nearly all are: the database then says so if it is not, and the second try asks.
func (s *Store) Do(ctx context.Context, fn func(workflows.Tx) error) error {
	if !isJob(ctx) {
		s.gate.enter()
	}
	for try := range 8 {
		err := s.once(ctx, fn, try > 0)
		if !errors.Is(err, errAgain) {
			return err
		}
	}
	return errors.New("store: too many writers at once; try again")
}

func (s *Store) once(ctx context.Context, fn func(workflows.Tx) error, sure bool) (err error) {
	t := &tx{
		s: s, sure: sure || s.lite, records: map[workflows.Ref]held{}, onces: map[string]workflows.Ref{},
		carried: map[string]bool{}, woken: map[string]bool{},
	}
	defer func() { err = errors.Join(err, t.end(ctx)) }()
	if s.lite {
		if err := t.begin(ctx); err != nil {
			return err
		}
	}
	if err := fn(t); err != nil {
		if t.guessed { // it may have failed because it was done before
			return errAgain
		}
		return s.verdict(err)
	}
	ids := maps.Clone(t.onces)
	if err := t.commit(ctx); err != nil {
		return s.verdict(err)
	}
	s.recent.add(ids)
	s.wake(slices.Collect(maps.Keys(t.woken)))
	return nil
}

// end lets go of what the transaction took; one that came to no commit is undone.
func (t *tx) end(ctx context.Context) error {
	if t.conn == nil {
		return nil
	}
	var err error
	if t.begun {
		if _, undo := t.conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK"); undo != nil {
			err = fmt.Errorf("store: roll back: %w", undo)
		}
	}
	return errors.Join(err, t.conn.Close())
}

// reads gives GORM over this transaction's own connection.
func (t *tx) reads(ctx context.Context) (*gorm.DB, error) {
	if t.conn == nil {
		conn, err := t.s.writer.Conn(ctx)
		if err != nil {
			return nil, fmt.Errorf("store: connect: %w", err)
		}
		t.conn, t.db = conn, t.s.over(ctx, conn)
	}
	return t.db, nil
}

func (t *tx) begin(ctx context.Context) error {
	if t.begun {
		return nil
	}
	if _, err := t.reads(ctx); err != nil {
		return err
	}
	how := "BEGIN"
	if t.s.lite {
		how = "BEGIN IMMEDIATE"
	}
	if _, err := t.conn.ExecContext(ctx, how); err != nil {
		return fmt.Errorf("store: begin: %w", err)
	}
	t.begun = true
	return nil
}

// commit writes what waits and ends the transaction. Where nothing was locked,
// the whole of it is one batch, which PostgreSQL takes or leaves as one.
func (t *tx) commit(ctx context.Context) error {
	t.writeOnces()
	if t.begun {
		t.waiting = append(t.waiting, stmt{sql: "COMMIT"})
	}
	if err := t.send(ctx); err != nil {
		return err
	}
	t.begun = false
	return nil
}

// look is for reads that must see what this transaction wrote.
func (t *tx) look(ctx context.Context) (*gorm.DB, error) {
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
	return t.reads(ctx)
}

// flush sends what waits, so that a read sees it.
func (t *tx) flush(ctx context.Context) error {
	if len(t.waiting) == 0 && len(t.onces) == 0 {
		return nil
	}
	if err := t.begin(ctx); err != nil {
		return err
	}
	t.writeOnces()
	return t.send(ctx)
}

func (t *tx) send(ctx context.Context) error {
	list := t.waiting
	t.waiting = nil
	if len(list) == 0 {
		return nil
	}
	if !t.begun && !t.s.lite {
		return t.s.cross(list)
	}
	return t.s.sendAll(ctx, t.conn, list)
}

// add adds a row to a table.
func (t *tx) add(table, columns string, values ...any) {
	t.waiting = append(t.waiting, row(table, columns, values...))
}

// addOnce adds a row, unless it is there.
func (t *tx) addOnce(table, columns string, values ...any) {
	w := row(table, columns, values...)
	w.unless = " ON CONFLICT DO NOTHING"
	t.waiting = append(t.waiting, w)
}

// upsert adds a row, or changes the one that is there: a statement by itself,
// since one statement may not touch a row twice.
func (t *tx) upsert(table, columns, change string, values ...any) {
	w := row(table, columns, values...)
	t.write(w.text()+change, values...)
}

func (t *tx) write(sql string, args ...any) {
	t.waiting = append(t.waiting, stmt{sql: sql, args: args})
}

func (t *tx) writeOnces() {
	for _, id := range slices.Sorted(maps.Keys(t.onces)) {
		t.waiting = slices.Insert(t.waiting, 0, row("once", "id, ref, at", id, t.onces[id].String(), micro(t.s.now())))
	}
	clear(t.onces)
}

// Once tells whether this id was handled before. A guess that it was not, or
// another process that writes the same id before we end, makes us start anew.
func (t *tx) Once(ctx context.Context, id string) (workflows.Ref, bool, error) {
	if ref, mine := t.onces[id]; mine {
		return ref, true, nil
	}
	if ref, lately := t.s.recent.get(id); lately {
		return ref, true, nil
	}
	if !t.sure {
		t.guessed = true
		t.onces[id] = workflows.Ref{}
		return workflows.Ref{}, false, nil
	}
	if _, err := t.reads(ctx); err != nil {
		return workflows.Ref{}, false, err
	}
	var found string
	switch err := t.conn.QueryRowContext(ctx, t.s.bind("SELECT ref FROM once WHERE id = ?"), id).Scan(&found); {
	case errors.Is(err, sql.ErrNoRows):
		t.onces[id] = workflows.Ref{}
		return workflows.Ref{}, false, nil
	case err != nil:
		return workflows.Ref{}, false, fmt.Errorf("store: once: %w", err)
	}
	ref, _ := workflows.ParseRef(found) // zero when it led to no record
	return ref, true, nil
}

// Came notes which record the id led to.
func (t *tx) Came(id string, ref workflows.Ref) {
	if _, mine := t.onces[id]; mine {
		t.onces[id] = ref
		return
	}
	t.write("UPDATE once SET ref = ? WHERE id = ?", ref.String(), id)
}

// Later asks for a job.
func (t *tx) Later(_ context.Context, j workflows.Job, at time.Time) error {
	args, err := json.Marshal(j)
	if err != nil {
		return fmt.Errorf("store: job %s: %w", j.Kind(), err)
	}
	now := t.s.now()
	if at.Before(now) {
		at = now
		t.woken[queueOf(j.Kind())] = true
	}
	t.waiting = append(t.waiting, t.s.job(j.Kind(), string(args), now, at))
	return nil
}

// Try runs fn; when it fails, what it wrote is taken back.
func (t *tx) Try(ctx context.Context, fn func() error) error {
	if err := errors.Join(t.begin(ctx), t.flush(ctx)); err != nil {
		return err
	}
	t.saves++
	name := fmt.Sprintf("try%d", t.saves)
	if _, err := t.conn.ExecContext(ctx, "SAVEPOINT "+name); err != nil {
		return fmt.Errorf("store: savepoint: %w", err)
	}
	records, carried := maps.Clone(t.records), maps.Clone(t.carried)
	err := fn()
	if err == nil {
		return nil
	}
	if _, undo := t.conn.ExecContext(ctx, "ROLLBACK TO SAVEPOINT "+name); undo != nil {
		return errors.Join(err, fmt.Errorf("store: roll back: %w", undo))
	}
	t.waiting, t.records, t.carried = nil, records, carried
	clear(t.onces)
	return err
}
