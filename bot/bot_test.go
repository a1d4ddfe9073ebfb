package bot

import (
	"testing"

	"schoolbel/adapters"
	"schoolbel/workflows"
)

// A platform that says something again gets its answer before anything is read or
// looked up; what is said for the first time is taken in.
func TestWhatWasHandledLatelyIsNotHandledAgain(t *testing.T) {
	h := newHouse(t)
	h.lately["Ev1"] = true
	for _, id := range []string{"Ev1", "Ev2"} {
		err := h.Handle(t.Context(), adapters.Event{
			ID: id, Kind: adapters.Message, Direct: true, Text: "storing: de beamer in 1.14 doet het niet",
			Place: adapters.Place{Adapter: "slack", Channel: "D0ANNA"}, User: adapters.User{ID: "U0ANNA"},
		})
		if err != nil {
			t.Fatal(err)
		}
		found, _, err := h.memory.Find(t.Context(), workflows.Filter{})
		if want := map[string]int{"Ev1": 0, "Ev2": 1}[id]; err != nil || len(found) != want {
			t.Errorf("after %s there are %d records, want %d (%v)", id, len(found), want, err)
		}
	}
}
