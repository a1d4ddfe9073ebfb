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
// at the end. So an intake costs one question and one answer.
type tx struct {
	s       *Store
	conn    *sql.Conn
	db      *gorm.DB // reads over conn
	begun   bool
	waiting []stmt
	records map[workflows.Ref]held
	onces   map[string]workflows.Ref // ids that are written down when this ends
	carried map[string]bool          // places that have their Carry job
	woken   map[string]bool          // queues that have work now
	numbers map[string][]int64       // fetched along, not used yet
	saves   int                      // savepoints made
}

// stmt is something to write. A write that must change a row says so.
type stmt struct {
	sql  string
	args []any
	one  bool
}

// held is a record as this transaction sees it.
type held struct {
	record *workflows.Record
	head   []byte
	base   int // its version in the database; 0 when it is new
}

// again tells that the transaction met another one and may be tried once more.
var errAgain = errors.New("store: another transaction was first")

// Do runs fn in one transaction.
func (s *Store) Do(ctx context.Context, fn func(workflows.Tx) error) error {
	for range 8 {
		err := s.once(ctx, fn)
		if !errors.Is(err, errAgain) {
			return err
		}
	}
	return errors.New("store: too many writers at once; try again")
}

func (s *Store) once(ctx context.Context, fn func(workflows.Tx) error) (err error) {
	conn, err := s.writer.Conn(ctx)
	if err != nil {
		return fmt.Errorf("store: connect: %w", err)
	}
	t := &tx{
		s: s, conn: conn, db: s.over(ctx, conn), records: map[workflows.Ref]held{}, onces: map[string]workflows.Ref{},
		carried: map[string]bool{}, woken: map[string]bool{}, numbers: map[string][]int64{},
	}
	defer func() {
		if t.begun { // it did not come to a commit
			if _, undo := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK"); undo != nil {
				err = errors.Join(err, fmt.Errorf("store: roll back: %w", undo))
			}
		}
		err = errors.Join(err, conn.Close())
		s.giveBack(t.numbers)
	}()
	if s.lite {
		if err := t.begin(ctx); err != nil {
			return err
		}
	}
	if err := fn(t); err != nil {
		return s.verdict(err)
	}
	if err := t.commit(ctx); err != nil {
		return s.verdict(err)
	}
	s.wake(slices.Collect(maps.Keys(t.woken)))
	return nil
}

func (t *tx) begin(ctx context.Context) error {
	if t.begun {
		return nil
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
	return t.s.sendAll(ctx, t.conn, list)
}

func (t *tx) write(sql string, args ...any) {
	t.waiting = append(t.waiting, stmt{sql: sql, args: args})
}

func (t *tx) writeOnces() {
	for _, id := range slices.Sorted(maps.Keys(t.onces)) {
		t.waiting = slices.Insert(t.waiting, 0, stmt{
			sql: "INSERT INTO once (id, ref, at) VALUES (?, ?, ?)", args: []any{id, t.onces[id].String(), micro(t.s.now())},
		})
	}
	clear(t.onces)
}

// Once tells whether this id was handled before. When it was not, and another
// process writes the same id before we end, we fail and start anew.
func (t *tx) Once(ctx context.Context, id string) (workflows.Ref, bool, error) {
	if ref, mine := t.onces[id]; mine {
		return ref, true, nil
	}
	prefix := t.s.likely()
	query, args := "SELECT (SELECT ref FROM once WHERE id = ?), 0", []any{id}
	if prefix != "" {
		query = "SELECT (SELECT ref FROM once WHERE id = ?), nextval('" + sequence(prefix) + "')"
	}
	var found sql.NullString
	var number int64
	if err := t.conn.QueryRowContext(ctx, t.s.bind(query), args...).Scan(&found, &number); err != nil {
		return workflows.Ref{}, false, fmt.Errorf("store: once: %w", err)
	}
	if number > 0 {
		t.numbers[prefix] = append(t.numbers[prefix], number)
	}
	if found.Valid {
		ref, _ := workflows.ParseRef(found.String) // zero when it led to no record
		return ref, true, nil
	}
	t.onces[id] = workflows.Ref{}
	return workflows.Ref{}, false, nil
}

// Came notes which record the id led to.
func (t *tx) Came(id string, ref workflows.Ref) {
	if _, mine := t.onces[id]; mine {
		t.onces[id] = ref
		return
	}
	t.write("UPDATE once SET ref = ? WHERE id = ?", ref.String(), id)
}

// Record reads a record and locks it.
func (t *tx) Record(ctx context.Context, ref workflows.Ref) (*workflows.Record, error) {
	if h, ok := t.records[ref]; ok {
		return h.record.Clone(), nil
	}
	if err := t.begin(ctx); err != nil {
		return nil, err
	}
	var row recordRow
	lock := " FOR UPDATE"
	if t.s.lite {
		lock = ""
	}
	found := t.db.Raw("SELECT "+recordColumns+" FROM records WHERE prefix = ? AND number = ?"+lock, ref.Prefix, ref.Number).Scan(&row)
	if found.Error != nil {
		return nil, fmt.Errorf("store: read %s: %w", ref, found.Error)
	}
	if found.RowsAffected == 0 {
		return nil, missing(ref)
	}
	r, err := row.record()
	if err != nil {
		return nil, err
	}
	t.records[ref] = held{record: r.Clone(), head: row.Head, base: row.Version}
	return r, nil
}

func missing(ref workflows.Ref) error {
	return workflows.Refuse(workflows.Missing, "", "error.missing", ref.String())
}

// Add gives the record its number and keeps it.
func (t *tx) Add(ctx context.Context, prefix string, r *workflows.Record) error {
	n, err := t.number(ctx, prefix)
	if err != nil {
		return err
	}
	r.Ref, r.Version = workflows.Ref{Prefix: prefix, Number: n}, 1
	t.keep(held{record: r.Clone()})
	return nil
}

// Save keeps a change if nobody else changed the record since it was read.
func (t *tx) Save(ctx context.Context, r *workflows.Record) error {
	h, ok := t.records[r.Ref]
	if !ok {
		if _, err := t.Record(ctx, r.Ref); err != nil {
			return err
		}
		h = t.records[r.Ref]
	}
	if h.record.Version != r.Version {
		return workflows.Refuse(workflows.Stale, r.Kind, "error.stale", r.Ref.String())
	}
	r.Version++
	before := h.record
	h.record = r.Clone()
	t.involve(before, h.record)
	t.records[r.Ref] = h
	return nil
}

// keep remembers a new record.
func (t *tx) keep(h held) {
	t.involve(&workflows.Record{}, h.record)
	t.records[h.record.Ref] = h
}

// involve writes down who came to a record and who left.
func (t *tx) involve(before, after *workflows.Record) {
	for _, part := range []struct {
		name    string
		was, is []string
	}{{"reporter", before.Reporters, after.Reporters}, {"subscriber", before.Subscribers, after.Subscribers}} {
		for _, p := range part.is {
			if !slices.Contains(part.was, p) {
				t.write("INSERT INTO involved (person, part, prefix, number) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", p, part.name, after.Ref.Prefix, after.Ref.Number)
			}
		}
		for _, p := range part.was {
			if !slices.Contains(part.is, p) {
				t.write("DELETE FROM involved WHERE person = ? AND part = ? AND prefix = ? AND number = ?", p, part.name, after.Ref.Prefix, after.Ref.Number)
			}
		}
	}
}

// Append adds a line to the log and, with it, writes the record of that version.
func (t *tx) Append(_ context.Context, e *workflows.Entry) error {
	h, ok := t.records[e.Ref]
	if !ok || e.Seq != int64(h.record.Version) {
		return fmt.Errorf("store: line %d of %s fits no version", e.Seq, e.Ref)
	}
	row, err := line(e, h.head)
	if err != nil {
		return err
	}
	h.head = row.Hash
	if h.base == 0 {
		t.write(insert("records", recordColumns), recordValues(h.record, h.head)...)
	} else {
		t.waiting = append(t.waiting, update(h))
	}
	h.base = h.record.Version
	t.records[e.Ref] = h
	t.write(insert("log", logColumns), row.values()...)
	return nil
}

// update writes a record over the version that was read.
func update(h held) stmt {
	v := recordValues(h.record, h.head)
	return stmt{one: true, sql: "UPDATE records SET title = ?, state = ?, priority = ?, impact = ?, urgency = ?, service = ?, location = ?, owner = ?, team = ?, " +
		"sensitive = ?, reporters = ?, subscribers = ?, fields = ?, version = ?, visit = ?, respond_by = ?, resolve_by = ?, opened_at = ?, changed_at = ?, " +
		"closed_at = ?, head = ? WHERE prefix = ? AND number = ? AND version = ?", args: append(v[3:], v[0], v[1], h.base)}
}

// AddLink ties two records.
func (t *tx) AddLink(_ context.Context, l workflows.Link) error {
	t.write("INSERT INTO links (from_prefix, from_number, type, to_prefix, to_number) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		l.From.Prefix, l.From.Number, string(l.Type), l.To.Prefix, l.To.Number)
	return nil
}

// RemoveLink unties them.
func (t *tx) RemoveLink(_ context.Context, l workflows.Link) error {
	t.write("DELETE FROM links WHERE from_prefix = ? AND from_number = ? AND type = ? AND to_prefix = ? AND to_number = ?",
		l.From.Prefix, l.From.Number, string(l.Type), l.To.Prefix, l.To.Number)
	return nil
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
