package main

import (
	"slices"
	"strings"
	"testing"

	"schoolbel/adapters/slack/slackfake"
)

// offers tells whether a message has a button with this label.
func offers(m slackfake.Message, label string) bool {
	return slices.ContainsFunc(m.Buttons(), func(b slackfake.Button) bool { return b.Label == label })
}

// now is how a message stands now.
func (h *play) now(m slackfake.Message) slackfake.Message {
	h.Helper()
	for _, has := range h.slack.Messages(m.Channel) {
		if has.TS == m.TS {
			return has
		}
	}
	h.Fatalf("the message is gone: %s", m.Shown())
	return m
}

// A clear report is a record at once, and the answer says what was understood. What
// is wrong is put right with two taps on that very message.
func TestStoryOfKloptDit(t *testing.T) {
	stories(t, func(h *play) {
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang"))
		answer := h.sees("C0NOORD", "Dank je, Anna. Dit is INC-1", "Klopt dit?", "Dienst\nWifi", "Locatie\nLocatie Noord", "Hoeveel mensen\nEen groep of gang")
		h.idle()

		h.took(h.slack.Press("U0ANNA", answer, "Dienst klopt niet"))
		h.idle()
		asked := h.now(answer)
		if first := asked.Buttons()[0].Label; first != "Internet" || offers(asked, "Wifi") || !offers(asked, "Iets anders") {
			h.Errorf("the choices are %+v", asked.Buttons())
		}
		h.took(h.slack.Press("U0ANNA", asked, "Klopt toch"))
		h.idle()
		h.took(h.slack.Press("U0ANNA", h.now(answer), "Dienst klopt niet"))
		h.idle()
		h.took(h.slack.Press("U0ANNA", h.now(answer), "Magister"))
		h.sees("C0NOORD", "INC-1: Magister, Locatie Noord. Functioneel beheer kijkt ernaar", "Klopt dit?")
		h.sees("C0FB", "INC-1", "Magister")
		h.idle()
		h.took(h.slack.Press("U0ANNA", h.now(answer), "Locatie klopt niet"))
		h.idle()
		h.took(h.slack.Press("U0ANNA", h.now(answer), "Locatie Zuid"))
		h.sees("C0NOORD", "INC-1: Magister, Locatie Zuid")
		h.idle()
		h.took(h.slack.Press("U0ANNA", h.now(answer), "Aantal mensen klopt niet"))
		h.idle()
		h.took(h.slack.Press("U0ANNA", h.now(answer), "De hele school"))
		h.sees("C0NOORD", "Hoeveel mensen\nDe hele school", "Klopt dit?")
		h.idle()
		if r := h.record("INC-1"); r.Service != "magister" || r.Location != "zuid" || r.Impact != "large" || r.State != "new" || r.Team != "functioneel-beheer" {
			h.Errorf("it became %+v", r)
		}

		// Nobody else may, and they are told so.
		h.took(h.slack.Press("U0PETER", h.now(answer), "Dienst klopt niet"))
		h.sees(h.slack.DM("U0PETER"), "“corrigeren” mag je niet doen")
		h.took(h.slack.Press("U0ANNA", h.now(answer), "Ongedaan maken"))
		h.sees("C0NOORD", "INC-1 is ongedaan gemaakt")
		h.idle()
		last := h.now(answer)
		if r := h.record("INC-1"); r.State != "cancelled" || len(last.Buttons()) > 0 || last.Edits == 0 {
			h.Errorf("it is %s, and one can press %+v", r.State, last.Buttons())
		}
		if n := h.said("C0NOORD", "INC-1"); n != 2 { // the room's card, and the answer
			h.Errorf("INC-1 stands in %d messages", n)
		}
	})
}

// The same in English; whatever stands on no button is chosen in a form.
func TestStoryOfIsThisRight(t *testing.T) {
	stories(t, func(h *play) {
		h.took(h.slack.Message("U0FATIMA", "", "the projector in room 12 does not work"))
		answer := h.sees("U0FATIMA", "Thank you, Fatima. This is INC-1", "Is this right?", "Service\nDigiborden", "Impact\nOne or a few people")
		h.idle()
		h.took(h.slack.Press("U0FATIMA", answer, "Wrong service"))
		h.idle()
		h.took(h.slack.Press("U0FATIMA", h.now(answer), "Something else"))
		if f := h.form("U0FATIMA"); !slices.Equal(f.Inputs(), []string{"title", "service", "location", "impact"}) {
			h.Fatalf("the form asks %v", f.Inputs())
		}
		h.took(h.slack.Submit("U0FATIMA", map[string]string{"service": "printen", "impact": "medium"}))
		h.sees("U0FATIMA", "INC-1: Printen, Locatie Noord", "Impact\nA group or corridor", "Is this right?")
		h.took(h.slack.Message("U0FATIMA", "", "INC-1 correct location zuid"))
		h.sees("U0FATIMA", "Changed. INC-1 is now: Printen, Locatie Zuid")
		h.took(h.slack.Message("U0FATIMA", "", "INC-1 wrong service")) // typed, it asks beside it
		beside := h.sees("U0FATIMA", "Which service is it?")
		h.took(h.slack.Press("U0FATIMA", beside, "Wifi"))
		h.sees("U0FATIMA", "INC-1: Wifi, Locatie Zuid", "Is this right?")
		h.took(h.slack.Message("U0FATIMA", "", "INC-1 undo"))
		h.sees("U0FATIMA", "INC-1 is undone")
		h.idle()
		if r := h.record("INC-1"); r.State != "cancelled" || r.Service != "wifi" {
			h.Errorf("it became %s %+v", r.State, r)
		}
	})
}

// After ten minutes, or when somebody works on it, it is no longer the reporter's alone.
func TestStoryOfACorrectionThatIsTooLate(t *testing.T) {
	clocks(t, "2026-11-24 09:00:00", func(h *timed) {
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang"))
		answer := h.sees("C0NOORD", "INC-1", "Klopt dit?")
		h.took(h.slack.Message("U0PETER", "C0ZUID", "de printer op Zuid is kapot"))
		other := h.sees("C0ZUID", "INC-2", "Klopt dit?")
		h.idle()
		h.took(h.slack.Message("U0NOOR", "", "INC-2 oppakken"))
		h.sees("C0ZUID", "Noor de Wit is ermee bezig")
		h.idle()
		if m := h.now(other); len(m.Buttons()) > 0 || strings.Contains(m.Shown(), "Klopt dit?") {
			h.Errorf("while Noor works on it stands there %s", m.Shown())
		}
		h.until("2026-11-24 09:10:01")
		h.took(h.slack.Press("U0ANNA", answer, "Dienst klopt niet"))
		h.sees("C0NOORD", "INC-1 zelf aanpassen kan alleen de eerste tien minuten")
		h.idle()
		if m := h.now(answer); len(m.Buttons()) > 0 {
			h.Errorf("one can still press %+v", m.Buttons())
		}
		h.took(h.slack.Press("U0ANNA", answer, "Ongedaan maken")) // still shown on her telephone
		h.sees("C0NOORD", "INC-1 intrekken kan alleen de eerste tien minuten")
		h.idle()
		if r := h.record("INC-1"); r.State != "new" || r.Service != "wifi" {
			h.Errorf("it became %+v", r)
		}
	})
}

// Two things in one message are two records and one answer, each with its own buttons.
func TestStoryOfTwoThingsInOneMessage(t *testing.T) {
	stories(t, func(h *play) {
		told := h.took(h.slack.Message("U0ANNA", "C0NOORD", "magister doet het niet en de beamer in lokaal 12 is stuk"))
		answer := h.sees("C0NOORD", "Dank je, Anna. Ik heb er 2 meldingen van gemaakt", "INC-1 · magister doet het niet", "INC-2 · de beamer in lokaal 12 is stuk")
		h.took(h.slack.Redeliver(told))
		h.idle()
		if n := h.said("C0NOORD", "Dank je, Anna"); n != 1 || len(h.records()) != 2 {
			h.Errorf("%d answers and %d records", n, len(h.records()))
		}
		h.took(h.slack.Press("U0ANNA", answer, "INC-2 correct location"))
		h.idle()
		h.took(h.slack.Press("U0ANNA", h.now(answer), "Locatie Zuid"))
		h.idle()
		h.took(h.slack.Press("U0ANNA", h.now(answer), "INC-1 cancel reason=\"Ongedaan gemaakt door de melder\""))
		h.sees("C0NOORD", "INC-1 is ongedaan gemaakt", "Digiborden, Locatie Zuid")
		h.idle()
		if a, b := h.record("INC-1"), h.record("INC-2"); a.State != "cancelled" || b.Location != "zuid" || b.State != "new" {
			h.Errorf("they became %s and %+v", a.State, b)
		}

		h.took(h.slack.Message("U0FATIMA", "", "the printer is jammed and outlook does not start"))
		h.sees("U0FATIMA", "Thank you, Fatima. I made 2 reports of it", "INC-3", "INC-4")
		// One of two is known already: it is joined, and the other is not forgotten.
		h.took(h.slack.Message("U0NOOR", "", "de printer op Noord is kapot en telefonie op Noord ligt eruit"))
		h.sees("U0NOOR", "Dank je, Noor", "INC-3", "INC-5")
		h.idle()
		if r := h.record("INC-3"); !slices.Equal(r.Reporters, []string{"fatima", "noor"}) || len(h.records()) != 5 {
			h.Errorf("reported by %v, %d records", r.Reporters, len(h.records()))
		}
	})
}
