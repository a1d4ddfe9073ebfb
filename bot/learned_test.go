package bot

import (
	"testing"
	"time"

	"schoolbel/adapters"
	"schoolbel/bot/understand"
	"schoolbel/workflows"
	"schoolbel/workflows/school"
)

// learnsNow lets the school of a house learn, and gives the school as it was.
func learnsNow(h *house) *school.School {
	old := h.School()
	learning := *old
	learning.Understanding.Learn = true
	now := school.New(learning)
	h.School = func() *school.School { return now }
	return old
}

// What was sensitive, if only for a while, is not kept; nor is what no person wrote.
func TestWhatIsNotKept(t *testing.T) {
	for name, c := range map[string]struct {
		before func(*house)
		kept   int
	}{
		"ordinary":  {func(h *house) { h.reports() }, 1},
		"sensitive": {func(h *house) { h.does("noor", "report", "title", "Printer kapot", "sensitive", "yes") }, 0},
		"sensitive for a while": {func(h *house) {
			h.does("noor", "report", "title", "Printer kapot", "sensitive", "yes")
			h.does("mieke", "triage", "sensitive", "no")
		}, 0},
		"sensitive words": {func(h *house) { h.does("anna", "report", "title", "usb-stick met leerlinggegevens op straat") }, 0},
		"a program's":     {func(h *house) { h.does("system", "report", "title", "Access point weg") }, 0},
	} {
		h := newHouse(t)
		learnsNow(h)
		c.before(h)
		ev := adapters.Event{ID: "e1", Kind: adapters.Message, Direct: true, Text: "INC-1 dit was geen melding", User: adapters.User{ID: "U0NOOR"}, Place: adapters.Place{Adapter: "slack", Channel: "D0NOOR"}}
		if err := h.Handle(t.Context(), ev); err != nil {
			t.Fatal(err)
		}
		if r, err := h.Store.Record(t.Context(), ref(1)); err != nil || r.State != "cancelled" {
			t.Fatalf("%s: it is %+v, %v", name, r, err)
		}
		if list, err := h.memory.Examples(t.Context(), 0); err != nil || len(list) != c.kept {
			t.Errorf("%s: kept %+v, %v", name, list, err)
		}
	}
}

// A school that learns reads as its agents said, but never makes a secret of danger
// into something ordinary, nor takes a place that is not the writer's.
func TestReadingByExamples(t *testing.T) {
	const text = "mogen wij een tweede beamer in lokaal 2.14"
	h := newHouse(t)
	old := learnsNow(h)
	ctx := t.Context()
	keep := func(id string, is workflows.Kind) {
		t.Helper()
		err := h.memory.Do(ctx, func(tx workflows.Tx) error {
			return tx.KeepExample(ctx, workflows.Example{ID: id, Text: text, Taken: "incident", Is: is, Service: "digibord", Location: "zuid", By: "noor", At: h.at})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	read := func(m understand.Meaning) understand.Meaning {
		m.Lang = "nl"
		h.recollect(ctx)
		return h.recalled(text, m)
	}
	if m := read(understand.Meaning{Intent: understand.AskStatus}); m.Intent != understand.AskStatus {
		t.Errorf("without an example it is %+v", m)
	}
	keep("e1", "change")
	if m := read(understand.Meaning{Intent: understand.AskStatus}); m.Intent != understand.AskStatus {
		t.Error("it was read anew within the minute")
	}
	h.at = h.at.Add(time.Minute)
	m := read(understand.Meaning{Intent: understand.ReportIncident, Kind: "incident", Ask: understand.AskService, Also: true, Priority: workflows.P1})
	if m.Intent != understand.RequestChange || m.Kind != "change" || m.Ask != "" || m.Also || m.Service != "digibord" || m.Location != "" || m.Priority != "" || m.Confidence < 0.9 || len(m.Why) != 1 {
		t.Errorf("it is read as %+v", m)
	}
	if m := read(understand.Meaning{Intent: understand.ReportIncident, Service: "elo"}); m.Service != "elo" {
		t.Errorf("the words say elo, and it is %q", m.Service)
	}
	for _, m := range []understand.Meaning{
		{Intent: understand.ReportIncident, Sensitive: true}, {Intent: understand.OutOfScope, Urgency: workflows.High}, {Intent: understand.ReportIncident, Parts: make([]understand.Meaning, 2)},
	} {
		if got := read(m); got.Intent != m.Intent {
			t.Errorf("%+v became %+v", m, got)
		}
	}
	keep("e2", "") // said otherwise later
	h.learned.forget()
	if m := read(understand.Meaning{Intent: understand.RequestChange, Kind: "change"}); m.Intent != understand.Chatter || m.Kind != "" {
		t.Errorf("the last word is not heard: %+v", m)
	}
	h.School = func() *school.School { return old } // the key was taken out
	if m := read(understand.Meaning{Intent: understand.AskStatus}); m.Intent != understand.AskStatus {
		t.Errorf("a school that does not learn reads %+v", m)
	}
}
