package workflowstest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	w "schoolbel/workflows"
)

// Day is a house in which the test turns the clock: an engine over a store in
// memory, and people of a school who do things.
type Day struct {
	*Memory
	Engine *w.Engine

	t      testing.TB
	school w.Catalogue
	now    time.Time
	events int
}

// NewDay starts at a moment such as "2026-11-24 09:00", as the school's clock has it.
func NewDay(t testing.TB, school w.Catalogue, start string, processes ...w.Process) *Day {
	t.Helper()
	d := &Day{Memory: NewMemory(), t: t, school: school}
	d.Now = d.Clock
	d.now = d.Moment(start)
	engine, err := w.New(d.Memory, func() w.Catalogue { return school }, d.Clock, processes...)
	if err != nil {
		t.Fatal(err)
	}
	d.Engine = engine
	return d
}

// Clock tells what time it is.
func (d *Day) Clock() time.Time { return d.now }

// Moment reads a local time of the school.
func (d *Day) Moment(local string) time.Time {
	d.t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", local, d.school.Local(time.Time{}).Location())
	if err != nil {
		d.t.Fatal(err)
	}
	return at
}

// Actor is a person of the school, a stranger without any role, or "system".
func (d *Day) Actor(who string) w.Actor {
	if who == "system" {
		return w.Bot("clock")
	}
	p, _ := d.school.Person(who)
	return w.Actor{Key: who, Name: p.Name, Via: "day", Roles: p.Roles}
}

// command makes one from pairs of name and value.
func (d *Day) command(who string, do w.Action, args []string) w.Command {
	d.events++
	c := w.Command{ID: fmt.Sprint("day:", d.events), Actor: d.Actor(who), Action: do, Args: map[string]string{}}
	for i := 0; i+1 < len(args); i += 2 {
		c.Args[args[i]] = args[i+1]
	}
	return c
}

// Opens lets somebody open a record; args are pairs of name and value.
func (d *Day) Opens(who string, kind w.Kind, do w.Action, args ...string) w.Ref {
	d.t.Helper()
	c := d.command(who, do, args)
	c.Kind = kind
	out, err := d.Engine.Do(context.Background(), c)
	if err != nil {
		d.t.Fatalf("%s could not %s a %s: %v", who, do, kind, err)
	}
	return out.Record.Ref
}

// Does lets somebody do something to a record, and gives the record after it.
func (d *Day) Does(who string, ref w.Ref, do w.Action, args ...string) *w.Record {
	d.t.Helper()
	c := d.command(who, do, args)
	c.Ref = ref
	if _, err := d.Engine.Do(context.Background(), c); err != nil {
		d.t.Fatalf("%s could not %s %s: %v", who, do, ref, err)
	}
	return d.See(ref)
}

// Refused wants somebody to be told no in these words, and nothing to change.
func (d *Day) Refused(key, who string, ref w.Ref, do w.Action, args ...string) *w.Error {
	d.t.Helper()
	before, _ := d.Record(context.Background(), ref)
	c := d.command(who, do, args)
	c.Ref = ref
	_, err := d.Engine.Do(context.Background(), c)
	no := d.no(key, who, string(do)+" "+ref.String(), err)
	if after, _ := d.Record(context.Background(), ref); !reflect.DeepEqual(before, after) {
		d.t.Errorf("%s was refused to %s %s, and it changed", who, do, ref)
	}
	return no
}

// RefusedToOpen wants somebody to be told no, and no record to be made.
func (d *Day) RefusedToOpen(key, who string, kind w.Kind, do w.Action, args ...string) *w.Error {
	d.t.Helper()
	before := d.Size()
	c := d.command(who, do, args)
	c.Kind = kind
	_, err := d.Engine.Do(context.Background(), c)
	no := d.no(key, who, string(do)+" a "+string(kind), err)
	if d.Size() != before {
		d.t.Errorf("%s was refused to %s a %s, and there is one more", who, do, kind)
	}
	return no
}

func (d *Day) no(key, who, what string, err error) *w.Error {
	d.t.Helper()
	var no *w.Error
	if !errors.As(err, &no) || no.Key != key {
		d.t.Fatalf("%s should be refused to %s with %s, got %v", who, what, key, err)
	}
	return no
}

// See gives a record as it stands.
func (d *Day) See(ref w.Ref) *w.Record {
	d.t.Helper()
	r, err := d.Record(context.Background(), ref)
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

// Lines gives what was done to a record, in order.
func (d *Day) Lines(ref w.Ref) []w.Action {
	d.t.Helper()
	log, err := d.Log(context.Background(), ref)
	if err != nil {
		d.t.Fatal(err)
	}
	var done []w.Action
	for _, e := range log {
		done = append(done, e.Action)
	}
	return done
}

// After turns the clock on. Every job of a record's clocks runs at its moment.
func (d *Day) After(wait time.Duration) { d.t.Helper(); d.turn(d.now.Add(wait)) }

// Until turns the clock to a local moment.
func (d *Day) Until(local string) { d.t.Helper(); d.turn(d.Moment(local)) }

func (d *Day) turn(to time.Time) {
	d.t.Helper()
	for d.tick(); ; d.tick() {
		next := d.Next()
		if next.IsZero() || next.After(to) {
			break
		}
		d.now = next
	}
	d.now = to
}

// tick runs what is due now.
func (d *Day) tick() {
	d.t.Helper()
	for _, job := range d.Jobs(d.now) {
		if tick, ok := job.Job.(w.Tick); ok {
			d.Fire(tick)
		}
	}
}

// Fire lets one job of a clock go off, whether it is time or not.
func (d *Day) Fire(tick w.Tick) {
	d.t.Helper()
	if err := d.Engine.Fire(context.Background(), tick); err != nil {
		d.t.Fatalf("the clock of %s: %v", tick.Ref, err)
	}
}

// Jump sets the clock without letting any job run: a machine that was off.
func (d *Day) Jump(local string) { d.t.Helper(); d.now = d.Moment(local) }
