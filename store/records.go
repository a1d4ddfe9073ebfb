package store

import (
	"context"
	"fmt"
	"slices"

	"schoolbel/workflows"
)

// Record reads a record and locks it.
func (t *tx) Record(ctx context.Context, ref workflows.Ref) (*workflows.Record, error) {
	if h, ok := t.records[ref]; ok {
		return h.record.Clone(), nil
	}
	if err := t.begin(ctx); err != nil {
		return nil, err
	}
	var found recordRow
	lock := " FOR UPDATE"
	if t.s.lite {
		lock = ""
	}
	read := t.db.Raw("SELECT "+recordColumns+" FROM records WHERE prefix = ? AND number = ?"+lock, ref.Prefix, ref.Number).Scan(&found)
	if read.Error != nil {
		return nil, fmt.Errorf("store: read %s: %w", ref, read.Error)
	}
	if read.RowsAffected == 0 {
		return nil, missing(ref)
	}
	r, err := found.record()
	if err != nil {
		return nil, err
	}
	t.records[ref] = held{record: r.Clone(), head: found.Head, base: found.Version}
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

// ofClosed stands behind the part of a person in a record that is closed, so that
// a list of what is open need not look at all that ever was.
const ofClosed = " of closed"

// involve writes down who came to a record and who left.
func (t *tx) involve(before, after *workflows.Record) {
	was, is := parts(before), parts(after)
	for _, p := range is {
		if !slices.Contains(was, p) {
			t.addOnce("involved", "person, part, prefix, number", p[0], p[1], after.Ref.Prefix, after.Ref.Number)
		}
	}
	for _, p := range was {
		if !slices.Contains(is, p) {
			t.write("DELETE FROM involved WHERE person = ? AND part = ? AND prefix = ? AND number = ?", p[0], p[1], after.Ref.Prefix, after.Ref.Number)
		}
	}
}

// parts are the people of a record, each with what they are in it.
func parts(r *workflows.Record) [][2]string {
	behind := ""
	if !r.Open() {
		behind = ofClosed
	}
	var list [][2]string
	for _, p := range r.Reporters {
		list = append(list, [2]string{p, "reporter" + behind})
	}
	for _, p := range r.Subscribers {
		list = append(list, [2]string{p, "subscriber" + behind})
	}
	return list
}

// Append adds a line to the log and, with it, writes the record of that version.
func (t *tx) Append(_ context.Context, e *workflows.Entry) error {
	h, ok := t.records[e.Ref]
	if !ok || e.Seq != int64(h.record.Version) {
		return fmt.Errorf("store: line %d of %s fits no version", e.Seq, e.Ref)
	}
	said, err := line(e, h.head)
	if err != nil {
		return err
	}
	h.head = said.Hash
	if h.base == 0 {
		t.add("records", recordColumns, recordValues(h.record, h.head)...)
	} else {
		t.waiting = append(t.waiting, update(h))
	}
	h.base = h.record.Version
	t.records[e.Ref] = h
	t.add("log", logColumns, said.values()...)
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
	t.addOnce("links", "from_prefix, from_number, type, to_prefix, to_number", l.From.Prefix, l.From.Number, string(l.Type), l.To.Prefix, l.To.Number)
	return nil
}

// RemoveLink unties them.
func (t *tx) RemoveLink(_ context.Context, l workflows.Link) error {
	t.write("DELETE FROM links WHERE from_prefix = ? AND from_number = ? AND type = ? AND to_prefix = ? AND to_number = ?",
		l.From.Prefix, l.From.Number, string(l.Type), l.To.Prefix, l.To.Number)
	return nil
}
