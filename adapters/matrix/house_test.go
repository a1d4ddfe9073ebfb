package matrix_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
	"maunium.net/go/mautrix/id"

	"schoolbel/adapters"
	"schoolbel/adapters/adaptertest"
	"schoolbel/adapters/matrix"
	"schoolbel/adapters/matrix/matrixtest"
	"schoolbel/store"
)

// house is the adapter with a homeserver behind it.
type house struct {
	*matrixtest.Server
	*matrix.Matrix
	t    *testing.T
	kit  adapters.Kit
	keys map[string]any

	bot        string // its account
	anna, noor *matrixtest.Person
	room       string
	secret     bool // rooms are encrypted
	stop       func()
	handler    atomic.Pointer[adapters.Handler]

	lock    sync.Mutex
	told    map[string][]error // event id → what the house answered, each time
	events  []adapters.Event   // what was kept, in order
	changed chan struct{}
}

var serial atomic.Int64

// open makes a house on a homeserver, in a plain or an encrypted room.
func open(t *testing.T, s *matrixtest.Server, secret bool) *house {
	t.Helper()
	return openOn(t, s, secret, filepath.Join(t.TempDir(), "schoolbel.db"))
}

func openOn(t *testing.T, s *matrixtest.Server, secret bool, database string) *house {
	t.Helper()
	if secret {
		matrixtest.NeedKeys(t)
	}
	s = s.With(t)
	n := serial.Add(1)
	name := func(who string) string { return fmt.Sprint(who, n) }
	h := &house{Server: s, t: t, secret: secret, told: map[string][]error{}, changed: make(chan struct{})}
	h.bot = string(s.Register(name("schoolbel"), "Schoolbel"))
	h.anna, h.noor = s.Person(name("anna"), "Anna de Vries"), s.Person(name("noor"), "Noor de Wit")
	h.keys = map[string]any{"homeserver": s.URL(), "user": h.bot, "password": matrixtest.Password}
	if secret {
		h.keys["pickle_key"] = "only this test knows"
	}
	h.kit = kit(t, database)
	h.make()
	h.listen()
	h.room = h.anna.Room("Locatie Noord", secret, h.noor.ID)
	h.anna.Invite(h.room, id.UserID(h.bot))
	h.gathered(h.room, h.anna, h.noor)
	return h
}

// gathered waits until the bot is in a room, and everybody there knows of each other.
func (h *house) gathered(room string, people ...*matrixtest.Person) {
	h.t.Helper()
	h.until(func() bool {
		for _, p := range people {
			for _, other := range people {
				if !p.Knows(room, other.ID) {
					return false
				}
			}
			if !p.Knows(room, id.UserID(h.bot)) {
				return false
			}
		}
		return true
	})
}

// kit is what the house gives, with a database of its own.
func kit(t *testing.T, database string) adapters.Kit {
	t.Helper()
	db, err := store.Open(t.Context(), database, store.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return adapters.Kit{
		Memory: &remembered{db}, Log: logger(),
		Corner: func(ctx context.Context, name string) (adapters.Corner, error) {
			corner, dialect, err := db.Corner(ctx, name)
			return adapters.Corner{DB: corner, Dialect: dialect}, err
		},
		Seat: func(ctx context.Context, name string) (adapters.Seat, error) {
			number, held, leave, err := db.Seat(ctx, "matrix/"+name)
			return adapters.Seat{Number: number, Held: held, Leave: leave}, err
		},
	}
}

func logger() *slog.Logger {
	if os.Getenv("MATRIX_LOG") == "" {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// remembered is the memory of the house itself.
type remembered struct{ *store.Store }

func (r *remembered) Recall(ctx context.Context, key string) ([]byte, error) {
	return r.Store.Recall(ctx, matrix.Name, key)
}

func (r *remembered) All(ctx context.Context, prefix string) (map[string][]byte, error) {
	return r.RecallAll(ctx, matrix.Name, prefix)
}

func (r *remembered) Remember(ctx context.Context, key string, value []byte) error {
	return r.Store.Remember(ctx, matrix.Name, key, value)
}

func section(t *testing.T, keys map[string]any) yaml.Node {
	t.Helper()
	var n yaml.Node
	if err := n.Encode(keys); err != nil {
		t.Fatal(err)
	}
	return n
}

// make makes the adapter anew, as a restart does.
func (h *house) make() {
	h.t.Helper()
	m, err := matrix.New(section(h.t, h.keys), h.kit)
	if err != nil {
		h.t.Fatal(err)
	}
	h.Matrix = m
}

// listen runs the adapter until it is stopped, or until the test ends.
func (h *house) listen() {
	h.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	m := h.Matrix
	go func() { done <- m.Run(ctx, h.take) }()
	h.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			h.t.Errorf("Run: %v", err)
		}
	})
	h.t.Cleanup(h.stop)
	h.until(func() bool { return matrix.Plug.Ready(m) == nil })
}

// again stops the adapter and starts it anew.
func (h *house) again() {
	h.t.Helper()
	h.stop()
	h.make()
	h.listen()
}

// take is the house: what the test's handler keeps, is kept with its mark.
func (h *house) take(ctx context.Context, e adapters.Event) error {
	var err error
	if in := h.handler.Load(); in != nil {
		err = (*in)(ctx, e)
	}
	if err == nil && e.Mark != nil {
		err = h.kit.Memory.Remember(ctx, e.Mark.Key, e.Mark.Value)
	}
	h.lock.Lock()
	defer h.lock.Unlock()
	h.told[e.ID] = append(h.told[e.ID], err)
	if err == nil {
		h.events = append(h.events, e)
	}
	close(h.changed)
	h.changed = make(chan struct{})
	return err
}

// until waits until something is so.
func (h *house) until(so func() bool) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	for {
		h.lock.Lock()
		changed := h.changed
		h.lock.Unlock()
		if so() {
			return
		}
		select {
		case <-ctx.Done():
			h.t.Fatalf("it did not come to that; the adapter says: %v", matrix.Plug.Ready(h.Matrix))
		case <-changed:
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// heard waits for an event that fits, and gives it.
func (h *house) heard(fits func(adapters.Event) bool) adapters.Event {
	h.t.Helper()
	var found adapters.Event
	h.until(func() bool {
		for _, e := range h.all() {
			if fits(e) {
				found = e
				return true
			}
		}
		return false
	})
	return found
}

// says waits for an event with this text.
func (h *house) says(text string) adapters.Event {
	h.t.Helper()
	return h.heard(func(e adapters.Event) bool { return e.Text == text })
}

// all is what was kept so far.
func (h *house) all() []adapters.Event {
	h.lock.Lock()
	defer h.lock.Unlock()
	return slices.Clone(h.events)
}

// place is the room where everybody is.
func (h *house) place() adapters.Place { return adapters.Place{Adapter: matrix.Name, Channel: h.room} }

// card posts a card that must arrive.
func (h *house) card(c adapters.Card) adapters.Receipt {
	h.t.Helper()
	r, err := h.Send(h.t.Context(), h.place(), c)
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

// shows waits until a message of the bot looks like this.
func (h *house) shows(room string, r adapters.Receipt, like func(matrixtest.Message) bool) matrixtest.Message {
	h.t.Helper()
	var found matrixtest.Message
	h.until(func() bool {
		for _, m := range h.Messages(room) {
			if m.ID == string(r) {
				found = m
				return like(m)
			}
		}
		return false
	})
	return found
}

// answers are what the house said to an event, by what its id ends with.
func (h *house) answers(event string) []error {
	h.lock.Lock()
	defer h.lock.Unlock()
	for id, answers := range h.told {
		if strings.HasSuffix(id, event) {
			return slices.Clone(answers)
		}
	}
	return nil
}

// mark is how far the adapter listened.
func (h *house) mark() []byte {
	h.t.Helper()
	value, err := h.kit.Memory.Recall(h.t.Context(), "next/1")
	if err != nil {
		h.t.Fatal(err)
	}
	return value
}

// did waits for the house to answer an event; telling again is listening anew from
// where we were before it.
func (h *house) did(before []byte, event string) adaptertest.Did {
	h.t.Helper()
	h.until(func() bool { return len(h.answers(event)) > 0 })
	taken := h.answers(event)[0] == nil
	return adaptertest.Did{Taken: taken, Again: func() adaptertest.Did {
		h.t.Helper()
		if !taken { // it comes again by itself
			h.until(func() bool { return slices.Contains(h.answers(event), nil) })
			return adaptertest.Did{Taken: true}
		}
		times := len(h.answers(event))
		h.stop()
		if err := h.kit.Memory.Remember(h.t.Context(), "next/1", before); err != nil {
			h.t.Fatal(err)
		}
		h.make()
		h.listen()
		h.until(func() bool { return len(h.answers(event)) > times })
		return adaptertest.Did{Taken: true}
	}}
}

func (h *house) person(user string) *matrixtest.Person {
	h.t.Helper()
	for _, p := range []*matrixtest.Person{h.anna, h.noor} {
		if string(p.ID) == user {
			return p
		}
	}
	h.t.Fatalf("nobody is called %s", user)
	return nil
}

// patience is how long a test waits for what must come; a good day needs little of it.
const patience = time.Minute
