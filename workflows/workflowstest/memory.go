// Package workflowstest is the exam that every process sits, with a store in
// memory and a day whose clock the test turns.
package workflowstest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	w "schoolbel/workflows"
)

// Scheduled is a job that was asked for.
type Scheduled struct {
	Job w.Job
	At  time.Time
}

// Memory is a whole store in memory. One transaction runs at a time.
type Memory struct {
	lock sync.Mutex
	data data
	// Now is asked when a message is added; nil means the zero time.
	Now func() time.Time
}

// data is everything there is; a transaction works on it and puts back a copy
// when it fails.
type data struct {
	records    map[w.Ref]*w.Record
	order      []w.Ref // oldest first
	numbers    map[string]int64
	log        map[w.Ref][]w.Entry
	links      []w.Link
	once       map[string]w.Ref
	jobs       []Scheduled
	deliveries []w.Delivery
	held       map[string]time.Time
	accounts   map[string]w.Account
	talks      map[string]w.Talk
	examples   []w.Example // oldest first
	memories   map[string][]byte
}

// NewMemory makes an empty store.
func NewMemory() *Memory {
	return &Memory{data: data{
		records: map[w.Ref]*w.Record{}, numbers: map[string]int64{}, log: map[w.Ref][]w.Entry{}, once: map[string]w.Ref{},
		held: map[string]time.Time{}, accounts: map[string]w.Account{}, talks: map[string]w.Talk{}, memories: map[string][]byte{},
	}}
}

func (d *data) copy() data {
	c := *d
	c.records, c.numbers, c.log, c.once = maps.Clone(d.records), maps.Clone(d.numbers), maps.Clone(d.log), maps.Clone(d.once)
	c.held, c.accounts, c.talks = maps.Clone(d.held), maps.Clone(d.accounts), maps.Clone(d.talks)
	c.order, c.links, c.jobs, c.deliveries = slices.Clone(d.order), slices.Clone(d.links), slices.Clone(d.jobs), slices.Clone(d.deliveries)
	c.examples, c.memories = slices.Clone(d.examples), maps.Clone(d.memories)
	return c
}

// Do runs fn alone, and takes back what it did when it fails.
func (m *Memory) Do(_ context.Context, fn func(w.Tx) error) error {
	m.lock.Lock()
	defer m.lock.Unlock()
	before := m.data.copy()
	if err := fn(&memoryTx{m}); err != nil {
		m.data = before
		return err
	}
	return nil
}

// Jobs takes the jobs that are due by now out of the store, oldest moment first.
func (m *Memory) Jobs(now time.Time) []Scheduled {
	m.lock.Lock()
	defer m.lock.Unlock()
	var due, later []Scheduled
	for _, j := range m.data.jobs {
		if j.At.After(now) {
			later = append(later, j)
		} else {
			due = append(due, j)
		}
	}
	m.data.jobs = later
	slices.SortStableFunc(due, func(a, b Scheduled) int { return a.At.Compare(b.At) })
	return due
}

// Next is the moment of the first job that waits, or zero.
func (m *Memory) Next() time.Time {
	m.lock.Lock()
	defer m.lock.Unlock()
	var first time.Time
	for _, j := range m.data.jobs {
		if first.IsZero() || j.At.Before(first) {
			first = j.At
		}
	}
	return first
}

// Size is how many records there are.
func (m *Memory) Size() int {
	m.lock.Lock()
	defer m.lock.Unlock()
	return len(m.data.records)
}

// Record, Find, Log and Links read outside a transaction.

// Record finds one record.
func (m *Memory) Record(_ context.Context, ref w.Ref) (*w.Record, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	return m.data.record(ref)
}

// Find gives records, newest first.
func (m *Memory) Find(_ context.Context, f w.Filter) ([]*w.Record, string, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	return m.data.find(f)
}

// Log gives a record's log.
func (m *Memory) Log(_ context.Context, ref w.Ref) ([]w.Entry, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	return slices.Clone(m.data.log[ref]), nil
}

// Links gives a record's links, from both ends.
func (m *Memory) Links(_ context.Context, ref w.Ref) ([]w.Link, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	return m.data.linksOf(ref), nil
}

func (d *data) record(ref w.Ref) (*w.Record, error) {
	r, ok := d.records[ref]
	if !ok {
		return nil, w.Refuse(w.Missing, "", "error.missing", ref.String())
	}
	return r.Clone(), nil
}

func (d *data) linksOf(ref w.Ref) []w.Link {
	var found []w.Link
	for _, l := range d.links {
		if l.From == ref || l.To == ref {
			found = append(found, l)
		}
	}
	return found
}

func (d *data) find(f w.Filter) ([]*w.Record, string, error) {
	limit := cmp.Or(min(f.Limit, 200), 50)
	last := len(d.order)
	if f.After != "" {
		n, err := strconv.Atoi(f.After)
		if err != nil || n < 0 || n > len(d.order) {
			return nil, "", w.Refuse(w.Invalid, "", "error.cursor", f.After)
		}
		last = n
	}
	var found []*w.Record
	for i := last - 1; i >= 0; i-- {
		if r := d.records[d.order[i]]; fits(r, f) {
			if len(found) == limit {
				return found, strconv.Itoa(i + 1), nil
			}
			found = append(found, r.Clone())
		}
	}
	return found, "", nil
}

func fits(r *w.Record, f w.Filter) bool {
	among := func(list []string, value string) bool { return len(list) == 0 || slices.Contains(list, value) }
	return (len(f.Kinds) == 0 || slices.Contains(f.Kinds, r.Kind)) &&
		(len(f.States) == 0 || slices.Contains(f.States, r.State)) &&
		among(f.Services, r.Service) && among(f.Locations, r.Location) &&
		(f.Owner == "" || f.Owner == r.Owner) && (f.Team == "" || f.Team == r.Team) &&
		(len(f.Reporters) == 0 || slices.ContainsFunc(r.Reporters, func(p string) bool { return slices.Contains(f.Reporters, p) })) &&
		(!f.Open || r.Open()) && (!f.Public || !r.Sensitive) && (f.For == nil || r.MayKnow(*f.For)) && (!f.Wide || r.Wide()) && !r.OpenedAt.Before(f.Since) &&
		strings.Contains(strings.ToLower(r.Title), strings.ToLower(f.Query))
}

// memoryTx is the one transaction that runs.
type memoryTx struct{ m *Memory }

func (t *memoryTx) Record(_ context.Context, ref w.Ref) (*w.Record, error) {
	return t.m.data.record(ref)
}

func (t *memoryTx) Find(_ context.Context, f w.Filter) ([]*w.Record, string, error) {
	return t.m.data.find(f)
}

func (t *memoryTx) Log(_ context.Context, ref w.Ref) ([]w.Entry, error) {
	return slices.Clone(t.m.data.log[ref]), nil
}

func (t *memoryTx) Links(_ context.Context, ref w.Ref) ([]w.Link, error) {
	return t.m.data.linksOf(ref), nil
}

func (t *memoryTx) Once(_ context.Context, id string) (w.Ref, bool, error) {
	ref, seen := t.m.data.once[id]
	if !seen {
		t.m.data.once[id] = w.Ref{}
	}
	return ref, seen, nil
}

func (t *memoryTx) Came(id string, ref w.Ref) { t.m.data.once[id] = ref }

func (t *memoryTx) Add(_ context.Context, prefix string, r *w.Record) error {
	d := &t.m.data
	d.numbers[prefix]++
	r.Ref, r.Version = w.Ref{Prefix: prefix, Number: d.numbers[prefix]}, 1
	d.records[r.Ref] = r.Clone()
	d.order = append(d.order, r.Ref)
	return nil
}

func (t *memoryTx) Save(_ context.Context, r *w.Record) error {
	now, ok := t.m.data.records[r.Ref]
	if !ok || now.Version != r.Version {
		return w.Refuse(w.Stale, r.Kind, "error.stale", r.Ref.String())
	}
	r.Version++
	t.m.data.records[r.Ref] = r.Clone()
	return nil
}

func (t *memoryTx) Append(_ context.Context, e *w.Entry) error {
	log := t.m.data.log[e.Ref]
	if e.Seq != int64(len(log)+1) {
		return fmt.Errorf("workflowstest: line %d of %s after %d lines", e.Seq, e.Ref, len(log))
	}
	t.m.data.log[e.Ref] = append(slices.Clip(log), *e)
	return nil
}

func (t *memoryTx) AddLink(_ context.Context, l w.Link) error {
	if !slices.Contains(t.m.data.links, l) {
		t.m.data.links = append(t.m.data.links, l)
	}
	return nil
}

func (t *memoryTx) RemoveLink(_ context.Context, l w.Link) error {
	t.m.data.links = slices.DeleteFunc(slices.Clone(t.m.data.links), func(has w.Link) bool { return has == l })
	return nil
}

func (t *memoryTx) Later(_ context.Context, j w.Job, at time.Time) error {
	t.m.data.jobs = append(t.m.data.jobs, Scheduled{j, at})
	return nil
}

func (t *memoryTx) Try(_ context.Context, fn func() error) error {
	before := t.m.data.copy()
	if err := fn(); err != nil {
		t.m.data = before
		return err
	}
	return nil
}
