package bot

import (
	"context"
	"errors"
	"slices"
	"testing"

	"schoolbel/adapters"
	"schoolbel/bot/outside"
	"schoolbel/bot/understand"
	"schoolbel/workflows"
	"schoolbel/workflows/school"
)

// oracle is a model outside that answers as it is told.
type oracle struct {
	answer outside.Answer
	err    error
	asked  []string
}

func (o *oracle) Ask(_ context.Context, text string, _ *school.School) (outside.Answer, error) {
	o.asked = append(o.asked, text)
	return o.answer, o.err
}

// unsureOf is a meaning that the reader is not sure of.
func unsureOf(change func(*understand.Meaning)) understand.Meaning {
	m := understand.Meaning{Lang: "nl", Intent: understand.Chatter, Impact: workflows.Unknown, Urgency: workflows.Medium, Confidence: 0.4, Why: []string{"eigen"}}
	if change != nil {
		change(&m)
	}
	return m
}

func TestWhoIsAskedForASecondOpinion(t *testing.T) {
	for name, c := range map[string]struct {
		m     understand.Meaning
		place func(*call)
		asked bool
	}{
		"unsure":                        {m: unsureOf(nil), asked: true},
		"sure":                          {m: unsureOf(func(m *understand.Meaning) { m.Confidence = 0.7 })},
		"sure, but for what it is":      {m: unsureOf(func(m *understand.Meaning) { m.Confidence, m.Ask = 0.9, understand.AskIntent }), asked: true},
		"may be sensitive":              {m: unsureOf(func(m *understand.Meaning) { m.Sensitive = true })},
		"two things":                    {m: unsureOf(func(m *understand.Meaning) { m.Parts = make([]understand.Meaning, 2) })},
		"danger":                        {m: unsureOf(func(m *understand.Meaning) { m.Intent, m.Urgency = understand.OutOfScope, workflows.High })},
		"talk of a room":                {m: unsureOf(nil), place: func(c *call) { c.ev.Direct = false }},
		"an unsure report in a room":    {m: unsureOf(func(m *understand.Meaning) { m.Intent, m.Confidence = understand.ReportIncident, 0.55 }), place: func(c *call) { c.ev.Direct = false }, asked: true},
		"called by name in a room":      {m: unsureOf(nil), place: func(c *call) { c.ev.Direct, c.ev.Kind = false, adapters.Mention }, asked: true},
		"handled before":                {m: unsureOf(nil), place: func(c *call) { c.ev.ID = "seen" }},
		"an answer to our own question": {m: unsureOf(nil), place: func(c *call) { c.who.Key = "peter" }},
		"nobody to ask":                 {m: unsureOf(nil), place: func(c *call) { c.Outside = nil }},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			o := &oracle{answer: outside.Answer{Intent: understand.RequestChange}}
			h.Outside = o
			ev := adapters.Event{ID: "e1", Kind: adapters.Message, Direct: true, Place: adapters.Place{Adapter: "slack", Channel: "D1"}}
			ctx := t.Context()
			k := &call{Bot: h.Bot, ev: ev, who: person{lang: "nl"}}
			k.who.Key = "anna"
			waits := *k
			waits.who.Key = "peter"
			err := h.memory.Do(ctx, func(tx workflows.Tx) error {
				_, _, err := tx.Once(ctx, "seen")
				return errors.Join(err, tx.SaveTalk(ctx, workflows.Talk{Key: waits.talkKey(), Body: []byte("{}")}))
			})
			if err != nil {
				t.Fatal(err)
			}
			if c.place != nil {
				c.place(k)
			}
			got := k.second(ctx, "zoiets", c.m)
			if asked := len(o.asked) > 0; asked != c.asked || (got.Intent == understand.RequestChange) != c.asked {
				t.Errorf("asked: %v, and it is %+v", asked, got)
			}
		})
	}
}

func TestWhatASecondOpinionChanges(t *testing.T) {
	h := newHouse(t)
	o := &oracle{}
	h.Outside = o
	think := func(a outside.Answer, err error, change func(*understand.Meaning)) understand.Meaning {
		o.answer, o.err = a, err
		k := &call{Bot: h.Bot, ev: adapters.Event{ID: "e1", Direct: true}, who: person{lang: "nl"}}
		return k.second(t.Context(), "zoiets", unsureOf(change))
	}
	report := outside.Answer{Intent: understand.ReportIncident, Service: "wifi", Location: "noord", Impact: workflows.Large, Urgency: workflows.High}
	m := think(report, nil, nil)
	if m.Kind != "incident" || m.Service != "wifi" || m.Location != "noord" || m.Priority != workflows.P1 || m.Ask != "" || m.Confidence < unsure || !slices.Contains(m.Why, "een extern model dacht mee") {
		t.Errorf("it is %+v", m)
	}
	// What the reader saw for itself stands.
	m = think(report, nil, func(m *understand.Meaning) {
		m.Lang, m.Service, m.Location, m.Impact, m.Urgency = "en", "printen", "zuid", workflows.Small, workflows.Low
	})
	if m.Service != "printen" || m.Location != "zuid" || m.Impact != workflows.Small || m.Urgency != workflows.Low || !slices.Contains(m.Why, "an outside model helped") {
		t.Errorf("it is %+v", m)
	}
	if m = think(outside.Answer{Intent: understand.ReportIncident}, nil, nil); m.Ask != understand.AskService {
		t.Errorf("an outage of nothing asks %q", m.Ask)
	}
	if m = think(outside.Answer{Intent: understand.ReportVulnerability}, nil, nil); !m.Sensitive || m.Kind != "vulnerability" {
		t.Errorf("a weak spot is %+v", m)
	}
	asks := func(m *understand.Meaning) {
		m.Intent, m.Kind, m.Ask = understand.ReportIncident, "incident", understand.AskIntent
	}
	if m = think(outside.Answer{Intent: understand.Chatter}, nil, asks); m.Kind != "" || m.Ask != "" {
		t.Errorf("chatter is %+v", m)
	}
	before := unsureOf(asks)
	if m = think(outside.Answer{}, errors.New("late"), asks); m.Intent != before.Intent || m.Ask != before.Ask || m.Confidence != before.Confidence || len(m.Why) != 1 {
		t.Errorf("a failure made %+v", m)
	}
}
