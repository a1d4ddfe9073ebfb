package bot

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"schoolbel/adapters"
	"schoolbel/bot/lang"
	"schoolbel/config"
	"schoolbel/workflows"
	"schoolbel/workflows/change"
	"schoolbel/workflows/incident"
	"schoolbel/workflows/school"
	"schoolbel/workflows/task"
	"schoolbel/workflows/workflowstest"
)

// house is a bot over a store in memory, with one platform that does as it is told.
type house struct {
	*testing.T
	*Bot
	memory *workflowstest.Memory
	lately map[string]bool // events that the store says it handled
	chat   *chat
	at     time.Time
	events int

	pressed bool // what is written next is a button
}

func schoolOf(s *school.School) func() *school.School { return func() *school.School { return s } }

// keeper is the store in memory, and what the bot asks of it besides.
type keeper struct {
	*workflowstest.Memory
	lately map[string]bool
}

func (k keeper) Lately(id string) bool { return k.lately[id] }

var errLooked = errors.New("only looked")

func (k keeper) Came(ctx context.Context, id string) (ref workflows.Ref, seen bool, err error) {
	err = k.Do(ctx, func(tx workflows.Tx) error {
		if ref, seen, err = tx.Once(ctx, id); err != nil {
			return err
		}
		return errLooked
	})
	if errors.Is(err, errLooked) {
		err = nil
	}
	return ref, seen, err
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{T: t, memory: workflowstest.NewMemory(), lately: map[string]bool{}, chat: &chat{there: map[string]adapters.Receipt{}}, at: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	now := func() time.Time { return h.at }
	h.memory.Now = now
	delinde, err := config.School("")
	if err != nil {
		t.Fatal(err)
	}
	processes := []workflows.Process{incident.Process, change.Process, task.Process}
	folders := []fs.FS{workflows.Texts, Texts}
	for _, p := range processes {
		folders = append(folders, p.Texts)
	}
	book, err := lang.Load(folders...)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := workflows.New(h.memory, func() workflows.Catalogue { return delinde }, now, processes...)
	if err != nil {
		t.Fatal(err)
	}
	h.Bot, err = New(Parts{
		Store: keeper{h.memory, h.lately}, Engine: engine, School: func() *school.School { return delinde }, Book: book,
		Adapters: []adapters.Adapter{h.chat}, Log: slog.New(slog.DiscardHandler), Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// actor is a person of the school who does something.
func (h *house) actor(key string) workflows.Actor {
	h.Helper()
	p, ok := h.School().Person(key)
	if !ok {
		h.Fatalf("nobody is called %q", key)
	}
	return workflows.Actor{Key: p.Key, Name: p.Name, Via: "slack", Roles: p.Roles}
}

// does carries out an action on INC-1, or opens a record, with arguments as
// name, value, ….
func (h *house) does(who, action string, args ...string) *workflows.Record {
	h.Helper()
	c := workflows.Command{Ref: ref(1), Action: workflows.Action(action), Args: map[string]string{}}
	if who == "system" {
		c.Actor = workflows.Bot("clock")
	} else {
		c.Actor = h.actor(who)
	}
	if action == "report" {
		c.Ref, c.Kind = workflows.Ref{}, "incident"
	}
	for pair := range slices.Chunk(args, 2) {
		c.Args[pair[0]] = pair[1]
	}
	h.at = h.at.Add(time.Minute)
	out, err := h.Engine.Do(h.Context(), c)
	if err != nil {
		h.Fatalf("%s could not %s: %v", who, action, err)
	}
	return out.Record
}

// reports lets anna report the outage that most tests are about.
func (h *house) reports() *workflows.Record {
	h.Helper()
	return h.does("anna", "report", "title", "Wifi weg", "service", "wifi", "location", "noord", "impact", "medium", "urgency", "high", "origin", "slack:C0NOORD|1.1")
}

// announced does what is due, and gives what it led to: place → texts.
func (h *house) announced() map[string][]string {
	h.Helper()
	before := len(h.memory.Deliveries())
	for _, j := range h.memory.Jobs(h.at) {
		if a, ok := j.Job.(workflows.Announce); ok {
			for range 2 { // twice must tell nobody twice
				if err := h.Announce(h.Context(), a); err != nil {
					h.Fatal(err)
				}
			}
		}
	}
	told := map[string][]string{}
	for _, d := range h.memory.Deliveries()[before:] {
		if d.Kind == "card" {
			continue
		}
		c, _, err := h.draw(h.Context(), &d)
		if err != nil {
			h.Fatal(err)
		}
		text := c.Text
		for _, b := range c.Buttons {
			text += " [" + b.Label + "]"
		}
		told[d.Place+" "+d.Person] = append(told[d.Place+" "+d.Person], text)
	}
	return told
}

// chat is a platform that answers as its script says.
type chat struct {
	script []error // for each call of Send and Edit in turn; then all is well
	sent   []adapters.Card
	edited []adapters.Card
	there  map[string]adapters.Receipt // what Find finds, by delivery
	lost   error                       // what Find answers instead
}

func (c *chat) Name() string                                      { return "slack" }
func (c *chat) Run(ctx context.Context, _ adapters.Handler) error { <-ctx.Done(); return nil }

func (c *chat) next() error {
	if len(c.script) == 0 {
		return nil
	}
	err := c.script[0]
	c.script = c.script[1:]
	return err
}

func (c *chat) Send(_ context.Context, _ adapters.Place, card adapters.Card) (adapters.Receipt, error) {
	if err := c.next(); err != nil {
		return "", err
	}
	c.sent = append(c.sent, card)
	return adapters.Receipt("r" + card.Delivery), nil
}

func (c *chat) Edit(_ context.Context, _ adapters.Place, _ adapters.Receipt, card adapters.Card) error {
	if err := c.next(); err != nil {
		return err
	}
	c.edited = append(c.edited, card)
	return nil
}

func (c *chat) Find(_ context.Context, _ adapters.Place, delivery string, _ time.Time) (adapters.Receipt, bool, error) {
	r, ok := c.there[delivery]
	return r, ok, c.lost
}

// labels are the words on the buttons.
func labels(buttons []adapters.Button) string {
	var list []string
	for _, b := range buttons {
		list = append(list, b.Label)
	}
	return strings.Join(list, ", ")
}

// counting is a log that counts errors.
type counting struct {
	slog.Handler
	n int
}

func (c *counting) logger() *slog.Logger {
	c.Handler = slog.DiscardHandler
	return slog.New(c)
}

// Enabled is true: it counts.
func (c *counting) Enabled(context.Context, slog.Level) bool { return true }

// Handle counts.
func (c *counting) Handle(_ context.Context, r slog.Record) error {
	if r.Level >= slog.LevelError {
		c.n++
	}
	return nil
}

func (c *counting) errors() int { return c.n }
