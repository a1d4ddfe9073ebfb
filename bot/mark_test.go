package bot

import (
	"context"
	"errors"
	"testing"

	"schoolbel/adapters"
	"schoolbel/workflows"
)

// How far an adapter listened is kept with what an event led to, or not at all; and
// also where it led to nothing, or was heard before.
func TestAMarkIsKeptWithItsEvent(t *testing.T) {
	h := newHouse(t)
	kept := func() string {
		t.Helper()
		all, err := h.memory.RecallAll(t.Context(), "slack", "next/")
		if err != nil {
			t.Fatal(err)
		}
		return string(all["next/1"])
	}
	say := func(id, text, mark string) error {
		return h.Handle(t.Context(), adapters.Event{
			ID: id, Kind: adapters.Message, Text: text, Message: id, At: h.at, User: adapters.User{ID: "U0ANNA"},
			Place: adapters.Place{Adapter: "slack", Channel: "C0NOORD"}, Mark: &adapters.Mark{Key: "next/1", Value: []byte(mark)},
		})
	}
	for _, c := range []struct{ id, text, mark string }{
		{"slack:1", "storing: wifi ligt eruit", "a"},
		{"slack:2", "wie heeft er taart", "b"},
		{"slack:1", "storing: wifi ligt eruit", "c"}, // told again
	} {
		if err := say(c.id, c.text, c.mark); err != nil || kept() != c.mark {
			t.Errorf("after %q it is %q, %v", c.text, kept(), err)
		}
	}
	h.lately["slack:1"] = true
	if err := say("slack:1", "storing: wifi ligt eruit", "d"); err != nil || kept() != "d" {
		t.Errorf("known to be a repeat, it is %q, %v", kept(), err)
	}
	away := errors.New("the database is away")
	h.Store = failing{keeper{h.memory, h.lately}, away}
	if err := say("slack:3", "storing: de printer ook", "e"); !errors.Is(err, away) || kept() != "d" {
		t.Errorf("what was lost is marked as heard: %q, %v", kept(), err)
	}
}

// failing is a store whose transactions fail at their end.
type failing struct {
	keeper
	err error
}

// Do does all of it, and then it does not count.
func (f failing) Do(ctx context.Context, fn func(workflows.Tx) error) error {
	return f.keeper.Do(ctx, func(tx workflows.Tx) error { return errors.Join(fn(tx), f.err) })
}
