package bot

import (
	"strings"
	"testing"
	"time"

	"schoolbel/adapters"
	"schoolbel/bot/understand"
	"schoolbel/workflows"
)

// What becomes of a message by what it means and what is out already. "Here too" may
// come as a report or as something added, and is the same.
func TestWhatItBelongsTo(t *testing.T) {
	report := func(m understand.Meaning) understand.Meaning {
		m.Intent, m.Kind = understand.ReportIncident, "incident"
		return m
	}
	added := func(m understand.Meaning) understand.Meaning { m.Intent = understand.AddInfo; return m }
	type means = understand.Meaning
	for name, c := range map[string]struct {
		out  string // what is out: service location, of peter
		m    means
		room bool // said among others
		want string
	}{
		"the same":                     {"wifi noord", report(means{Service: "wifi", Location: "noord"}), false, "joins"},
		"the same, somewhere":          {"wifi ", report(means{Service: "wifi", Location: "noord"}), false, "joins"},
		"the same elsewhere":           {"wifi zuid", report(means{Service: "wifi", Location: "noord"}), false, "opens"},
		"what it leans on":             {"internet noord", report(means{Service: "magister", Location: "noord"}), false, "offers"},
		"what leans on it":             {"magister noord", report(means{Service: "internet", Location: "noord"}), false, "offers"},
		"what leans on the same":       {"zermelo noord", report(means{Service: "magister", Location: "noord"}), false, "opens"},
		"too, by name":                 {"wifi noord", report(means{Service: "wifi", Location: "noord", Also: true}), false, "joins"},
		"too, added":                   {"wifi noord", added(means{Service: "wifi", Location: "noord", Also: true}), false, "joins"},
		"too, added, among others":     {"wifi noord", added(means{Service: "wifi", Location: "noord", Also: true}), true, "joins"},
		"too, of what it leans on":     {"internet noord", added(means{Service: "magister", Location: "noord", Also: true}), true, "joins"},
		"too, of nothing":              {"wifi noord", added(means{Location: "noord", Also: true}), true, "joins"},
		"too, of nothing, as a report": {"wifi noord", report(means{Location: "noord", Also: true}), false, "joins"},
		"too, of one of two":           {"wifi noord,printen noord", added(means{Location: "noord", Also: true}), false, "asks"},
		"too, of one of two, a room":   {"wifi noord,printen noord", added(means{Location: "noord", Also: true}), true, ""},
		"too, of what is elsewhere":    {"wifi zuid", added(means{Location: "noord", Also: true}), true, ""},
		"too, of what nobody knows":    {"", added(means{Service: "wifi", Location: "noord", Also: true}), true, "opens"},
		"too, nowhere named":           {"", added(means{Service: "wifi", Also: true}), true, "asks"},
		"too, of nothing at all":       {"", added(means{Also: true}), false, "asks"},
		"it works":                     {"wifi noord", added(means{Service: "wifi", Location: "noord"}), false, "notes"},
		"it works elsewhere":           {"wifi noord", added(means{Service: "wifi", Location: "zuid"}), true, "notes"},
		"it works, whatever it is":     {"wifi noord", added(means{Location: "noord"}), false, "notes"},
		"it works, one of two":         {"wifi noord,printen noord", added(means{Location: "noord"}), true, ""},
		"something else works":         {"wifi noord", added(means{Service: "telefonie", Location: "noord"}), true, ""},
		"works again":                  {"wifi noord", means{Intent: understand.Resolve, Service: "wifi", Location: "noord"}, true, "notes"},
		"works again elsewhere":        {"wifi noord", means{Intent: understand.Resolve, Service: "wifi", Location: "zuid"}, true, ""},
		"works again, whatever it is":  {"wifi noord", means{Intent: understand.Resolve, Location: "noord"}, true, ""},
		"a secret":                     {"wifi noord", report(means{Service: "wifi", Location: "noord", Sensitive: true}), false, "opens"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			for out := range strings.SplitSeq(c.out, ",") {
				if service, location, ok := strings.Cut(out, " "); ok {
					h.does("peter", "report", "title", out, "service", service, "location", location)
				}
			}
			h.at = h.at.Add(time.Hour)
			c.m.Text, c.m.Confidence = "wat er is", 0.9
			if c.m.Intent == understand.ReportIncident && c.m.Service == "" {
				c.m.Ask = understand.AskService
			}
			ev := adapters.Event{ID: "slack:1", Kind: adapters.Message, Place: adapters.Place{Adapter: "slack", Channel: "C0NOORD"}, User: adapters.User{ID: "U0ANNA"}, Text: c.m.Text, Direct: !c.room, At: h.at}
			who, err := h.who(t.Context(), ev)
			if err != nil {
				t.Fatal(err)
			}
			talk := &call{Bot: h.Bot, ev: ev, who: who}
			before := len(h.memory.Deliveries())
			do, err := talk.meaning(t.Context(), c.m, c.m.Text)
			if err == nil && do != nil {
				err = h.memory.Do(t.Context(), func(tx workflows.Tx) error { talk.tx = tx; return do(t.Context()) })
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := h.became(before); got != c.want {
				t.Errorf("it %q, want %q", got, c.want)
			}
		})
	}
}

// became tells what an event of anna's led to.
func (h *house) became(before int) string {
	h.Helper()
	found, _, err := h.memory.Find(h.Context(), workflows.Filter{})
	if err != nil {
		h.Fatal(err)
	}
	for _, r := range found {
		log, err := h.memory.Log(h.Context(), r.Ref)
		if err != nil {
			h.Fatal(err)
		}
		for _, e := range log {
			if e.Actor == "anna" {
				return map[workflows.Action]string{"report": "opens", "join": "joins", "note": "notes"}[e.Action]
			}
		}
	}
	for _, d := range h.memory.Deliveries()[before:] {
		card, _, err := h.draw(h.Context(), &d)
		switch {
		case err != nil:
			h.Fatal(err)
		case strings.Contains(card.Text, "Dit is bekend"):
			return "offers"
		case len(card.Buttons) > 0:
			return "asks"
		}
	}
	return ""
}
