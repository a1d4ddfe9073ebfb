// Package adaptertest is the exam that every chat adapter sits.
package adaptertest

import (
	"context"
	"errors"
	"testing"
	"time"

	"schoolbel/adapters"
)

// Subject is an adapter with a platform of its own behind it.
type Subject struct {
	Adapter adapters.Adapter

	Room    adapters.Place // the bot is in it, and so are Person and Other
	Missing adapters.Place // a place that is not there
	Person  adapters.User  // as the platform knows them, with name and e-mail
	Other   adapters.User

	// Start lets the platform tell in what people do, until the test ends.
	Start func(in adapters.Handler)
	// Seen lists what the bot said at a place, in order.
	Seen func(at adapters.Place) []Seen

	// Write, Press and Fill are what a person does. Write takes a place without
	// channel as the direct room; Fill sends the form that stands open.
	Write func(user string, at adapters.Place, text string) Did
	Press func(user string, at adapters.Place, r adapters.Receipt, label string) Did
	Fill  func(user string, values map[string]string) Did
	// Attach writes with a file of this name; Rewrite changes and Delete takes away a
	// message of the person's own.
	Attach  func(user string, at adapters.Place, text, file string) Did
	Rewrite func(user string, at adapters.Place, message, text string) Did
	Delete  func(user string, at adapters.Place, message string) Did

	// Break lets the next message that the bot posts go wrong.
	Break func(Trouble)

	// Ways tells how a power works on this platform. One that the platform lacks, with
	// the function here that would show it, must have an equal way.
	Ways map[Power]string

	// Unpaced: the platform never says how long to wait.
	Unpaced bool
}

// Seen is a message as it stands on the platform.
type Seen struct {
	Receipt  adapters.Receipt
	Text     string   // all that can be read, unescaped
	Thread   string   // receipt of the message it answers, or ""
	To       string   // who alone sees it, or ""
	Calls    []string // whom it would wake
	Labels   []string // of its buttons
	Delivery string
	Ref      string
}

// Did is something that a person did.
type Did struct {
	Taken bool       // the adapter said that it is kept
	Again func() Did // the platform tells it once more
}

// Trouble is a way for a call to go wrong.
type Trouble string

// Troubles.
const (
	Hurry Trouble = "too fast" // "not so fast, wait Pause"
	Down  Trouble = "down"     // an error of the platform, and nothing was posted
	Lost  Trouble = "lost"     // it was posted, and the answer never came
)

// Pause is what the platform asks for at Hurry.
const Pause = 7 * time.Second

// patience is how long the exam waits for an event; a good adapter needs none of it.
const patience = 20 * time.Second

// Exam puts an adapter through everything that the house counts on. Each part
// gets a subject of its own. What came of it stands in testdata/exam.tsv, of which
// docs/parity.md is made.
func Exam(t *testing.T, fresh func(t *testing.T) Subject) {
	var came results
	for _, part := range parts {
		t.Run(part.Name, func(t *testing.T) {
			s := fresh(t)
			came.note(t, part.Power, s.Ways[part.Power])
			part.run(t, s)
		})
	}
	came.check(t)
}

// able skips a part that the platform lacks something for, when an equal way is
// named; without one it fails.
func able(t *testing.T, s Subject, p Power, has bool) {
	t.Helper()
	switch way, err := otherWay(has, s.Ways[p]); {
	case err != nil:
		t.Fatalf("%s: %v", s.Adapter.Name(), err)
	case way != "":
		t.Skip(way)
	}
}

// otherWay is how a power is had where a platform lacks it, "" where it does not.
func otherWay(has bool, way string) (string, error) {
	switch {
	case has:
		return "", nil
	case way == "":
		return "", errors.New("it cannot do this, and no equal way is named")
	}
	return way, nil
}

// power gives an optional power, or skips the part for an adapter without it.
func power[P any](t *testing.T, s Subject, name Power) P {
	t.Helper()
	p, ok := s.Adapter.(P)
	able(t, s, name, ok)
	return p
}

// ear takes the events of a subject.
type ear struct {
	t      *testing.T
	events chan adapters.Event
	deaf   chan error // what the next events are answered with
}

func listen(t *testing.T, s Subject) ear {
	t.Helper()
	e := ear{t, make(chan adapters.Event, 64), make(chan error, 8)}
	s.Start(func(_ context.Context, in adapters.Event) error {
		select {
		case err := <-e.deaf:
			return err
		default:
		}
		e.events <- in
		return nil
	})
	return e
}

// next is the next event.
func (e ear) next() adapters.Event {
	e.t.Helper()
	wait := time.NewTimer(patience)
	defer wait.Stop()
	select {
	case in := <-e.events:
		return in
	case <-wait.C:
		e.t.Fatal("no event came")
		return adapters.Event{}
	}
}

// nothing checks that no event is waiting.
func (e ear) nothing() {
	e.t.Helper()
	select {
	case in := <-e.events:
		e.t.Errorf("an event too many: %+v", in)
	default:
	}
}

// send posts a card that must arrive.
func send(t *testing.T, s Subject, at adapters.Place, c adapters.Card) adapters.Receipt {
	t.Helper()
	r, err := s.Adapter.Send(t.Context(), at, c)
	if err != nil {
		t.Fatalf("send %q: %v", c.Title, err)
	}
	if r == "" {
		t.Fatalf("send %q: no receipt", c.Title)
	}
	return r
}

// find is the message with this receipt.
func find(t *testing.T, s Subject, at adapters.Place, r adapters.Receipt) Seen {
	t.Helper()
	for _, m := range s.Seen(at) {
		if m.Receipt == r {
			return m
		}
	}
	t.Fatalf("%s has no message %s", at, r)
	return Seen{}
}

// verdict checks that an error is a failure with this verdict, and tells when to
// try again.
func verdict(t *testing.T, err error, want ...adapters.Why) time.Duration {
	t.Helper()
	var f *adapters.Failure
	if !errors.As(err, &f) {
		t.Fatalf("got %v, want a *Failure: %v", err, want)
	}
	for _, w := range want {
		if f.Why == w {
			return f.After
		}
	}
	t.Fatalf("the verdict is %s (%v), want %v", f.Why, f.Err, want)
	return 0
}
