package main

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"schoolbel/adapters"
)

// fault is a way in which a platform fails.
type fault string

// The ways of failing that every platform has.
const (
	tooFast   fault = "too fast, and says for how long"
	tooFast2  fault = "too fast, and does not say for how long"
	noAnswer  fault = "it arrived, but no answer came"
	broken    fault = "it answers with errors of its own (5xx)"
	blocked   fault = "the person has blocked the bot"
	noRoom    fault = "the room was deleted"
	noMoreKey fault = "the token was revoked"
)

// faulty is a chat that fails as it is told.
type faulty interface {
	chat
	// Fails makes what the bot says in a room go wrong until Mends; "" is every room.
	Fails(room string, how fault)
	Mends()
	// Says are words of what an operator must do about it, "" when there is nothing.
	Says(room string, how fault) string
}

// sweeping is a faulty of which some faults are never of one room alone.
type sweeping interface {
	Sweeps(how fault) bool
}

// faulties are the platforms on which every fault is tried.
var faulties = map[string]func(*testing.T, Options) faulty{
	"slack": func(t *testing.T, o Options) faulty { return newSlackChat(t, o) },
	"teams": func(t *testing.T, o Options) faulty { return newTeamsChat(t, o) },
}

// diary is a log that a test can read.
type diary struct {
	mu    sync.Mutex
	lines bytes.Buffer
}

// Write keeps what was logged.
func (d *diary) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.lines.Write(p)
}

func (d *diary) count(words string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Count(d.lines.String(), words)
}

// TestFaults: whatever a platform does, nothing is lost, each message is seen once
// and in its order, other places do not wait, and an operator is told once what to
// mend.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		how   fault
		room  string // where it happens
		fails bool   // what was said there meanwhile never comes there
		all   bool   // it is so everywhere
	}{
		{how: tooFast, room: "noord"},
		{how: tooFast2, room: "noord"},
		{how: noAnswer, room: "noord"},
		{how: broken, room: "noord"},
		{how: blocked, room: "@anna", fails: true},
		{how: noRoom, room: "noord", fails: true},
		{how: noMoreKey, room: "noord", all: true},
	} {
		t.Run(string(c.how), func(t *testing.T) {
			t.Parallel() // they wait most of the time
			for name, open := range faulties {
				t.Run(name, func(t *testing.T) {
					both(t, func(t *testing.T, database string, processes int) {
						clock := &hands{at: local(t, "2026-11-23 09:00:00")}
						said := &diary{}
						o := Options{Now: clock.now, Log: slog.New(slog.NewTextHandler(said, nil))}
						on := open(t, o)
						s := &street{stage: openStage(t, database, processes, o, on), other: on, clock: clock}
						if c.fails {
							unreachable(s, on, said, c.room, c.how)
							return
						}
						wide, ok := on.(sweeping)
						waits(s, on, said, c.room, c.how, c.all || ok && wide.Sweeps(c.how))
					})
				})
			}
		})
	}
}

// waits: what cannot be said now is said later, all of it, once, in order. Where nobody
// can look whether it arrived, it is said again until an answer comes.
func waits(s *street, on faulty, said *diary, room string, how fault, all bool) {
	s.Helper()
	told := s.Writes("anna", room, "wifi ligt eruit, hele gang")
	s.sees(room, "Dank je, Anna", "INC-1")
	s.sees("ict", "INC-1", "Oppakken")
	s.idle()
	where := room
	if all {
		where = ""
	}
	on.Fails(where, how)
	s.Writes("noor", "@noor", "INC-1 oppakken")
	if !all { // nobody else waits for it
		s.sees("ict", "INC-1", "Mee bezig")
	}
	s.idle()
	s.Writes("noor", "@noor", "INC-1 omweg gebruik de kabel")
	s.Writes("noor", "@noor", "INC-1 oplossen switch vervangen")
	if !all {
		s.sees("ict", "INC-1", "Opgelost: switch vervangen")
		s.sees("@noor", "Gedaan. INC-1 is nu: Opgelost")
	}
	tries := 1
	if how == broken {
		tries = 6 // by then an operator should know
	}
	for range tries { // in vain
		s.later(time.Minute)
	}
	if words := on.Says(room, how); words != "" {
		if n := said.count(words); n < 1 || n > len(s.apps) {
			s.Errorf("the log says %d times %q, on %d processes:\n%s", n, words, len(s.apps), said.lines.String())
		}
		if ready := s.call("GET", "/readyz", ""); !strings.Contains(ready.body, words) && len(s.apps) == 1 {
			s.Errorf("/readyz does not say what to mend: %s", ready.body)
		}
	}
	if all {
		if n := s.heard(room, "switch vervangen") + s.heard("ict", "Mee bezig"); n > 0 {
			s.Fatalf("it says %d things while it may say nothing", n)
		}
	}
	s.restart() // what waits is not in memory
	on.Mends()
	s.later(10 * time.Minute)
	s.sees(room, "INC-1 is opgelost: switch vervangen")
	s.sees("ict", "INC-1", "Opgelost: switch vervangen")
	s.later(10 * time.Minute)
	order := []string{"Noor de Wit is ermee bezig", "gebruik de kabel", "Werkt het bij jou weer?"}
	_, finds := s.apps[0].adapters[0].(adapters.Finder)
	at := -1
	for _, words := range order {
		if n := s.threaded(room, told, words); n != 1 && (finds || how != noAnswer || n == 0) {
			s.Errorf("Anna sees %q %d times", words, n)
		}
		for i, m := range s.Said(room) {
			if m.Thread == told.ID && m.shows(words) && !m.shows("Dank je, Anna") {
				if i < at {
					s.Errorf("%q stands before what came earlier", words)
				}
				at = i
			}
		}
	}
	if n := s.cards("ict", "INC-1"); n != 1 {
		s.Errorf("the ICT room has %d cards", n)
	}
	s.ready()
}

// ready waits until /readyz says that all is well: a process that had nothing to say
// looks by itself, now and then.
func (s *street) ready() {
	s.Helper()
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for end := time.Now().Add(time.Minute); ; <-look.C {
		ready := s.call("GET", "/readyz", "")
		if ready.status == 200 && !strings.Contains(ready.body, "but") {
			return
		}
		if time.Now().After(end) {
			s.Fatalf("mended, and /readyz says %s", ready.body)
		}
	}
}

// threaded counts messages under one of somebody that show words, but for the live answer.
func (s *street) threaded(room string, root post, words string) int {
	n := 0
	for _, m := range s.Said(room) {
		if m.Thread == root.ID && m.shows(words) && !m.shows("Dank je, Anna") {
			n++
		}
	}
	return n
}

// unreachable: what can never be said there is not said for ever, is told once, and
// keeps nobody else waiting; what is left goes where the person can be reached.
func unreachable(s *street, on faulty, said *diary, room string, how fault) {
	s.Helper()
	s.Writes("anna", room, "wifi ligt eruit, hele gang op Noord")
	s.sees(room, "Dank je, Anna", "INC-1")
	s.sees("ict", "INC-1", "Oppakken")
	s.idle()
	on.Fails(room, how)
	s.Writes("noor", "@noor", "INC-1 oppakken")
	s.sees("ict", "INC-1", "Mee bezig")
	s.sees("@noor", "Gedaan. INC-1 is nu: Mee bezig")
	s.Writes("noor", "@noor", "INC-1 omweg gebruik de kabel")
	s.Writes("noor", "@noor", "INC-1 oplossen switch vervangen")
	s.sees("ict", "INC-1", "Opgelost: switch vervangen")
	s.later(time.Hour)
	if how == noRoom {
		s.sees("@anna", "INC-1 is opgelost: switch vervangen", "Werkt het bij jou weer?")
		words := on.Says(room, how)
		if n := said.count(words); n < 1 || n > len(s.apps) {
			s.Errorf("the log says %d times %q, on %d processes:\n%s", n, words, len(s.apps), said.lines.String())
		}
		ready := s.call("GET", "/readyz", "")
		if ready.status != 200 || !strings.Contains(ready.body, words) && len(s.apps) == 1 {
			s.Errorf("/readyz answers %d and does not say what to mend: %s", ready.status, ready.body)
		}
	} else if n := said.count("level=ERROR"); n > 0 {
		s.Errorf("the log makes an error of it:\n%s", said.lines.String())
	}
	on.Mends()
	s.Writes("anna", room, "wifi doet het nog steeds niet op Noord")
	s.sees(room, "INC-1")
}
