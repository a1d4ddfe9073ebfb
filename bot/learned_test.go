package bot

import (
	"testing"
	"time"

	"schoolbel/bot/understand"
	"schoolbel/workflows"
	"schoolbel/workflows/school"
)

// A school that learns reads as its agents said, but never makes a secret of danger
// into something ordinary, nor takes a place that is not the writer's.
func TestReadingByExamples(t *testing.T) {
	const text = "mogen wij een tweede beamer in lokaal 2.14"
	h := newHouse(t)
	old := h.School()
	learning := *old
	learning.Understanding.Learn = true
	now := school.New(learning)
	h.Bot.School = func() *school.School { return now }
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
	h.Bot.School = func() *school.School { return old } // the key was taken out
	if m := read(understand.Meaning{Intent: understand.AskStatus}); m.Intent != understand.AskStatus {
		t.Errorf("a school that does not learn reads %+v", m)
	}
}
