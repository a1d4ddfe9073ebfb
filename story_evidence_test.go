package main

import (
	"slices"
	"strings"
	"testing"
)

// A photo is kept with what it came with: a report, a join, a note, or alone.
func TestStoryOfAPhoto(t *testing.T) {
	stories(t, func(h *play) {
		told := h.took(h.slack.Upload("U0ANNA", "C0NOORD", "beamer lokaal 12 geeft streepjes, doet niets meer", "streepjes.jpg"))
		h.sees("C0NOORD", "Dank je, Anna. Dit is INC-1")
		card := h.sees("C0ICT", "INC-1", "streepjes.jpg", "/files/streepjes.jpg")
		h.idle()
		// Alone in the thread of the report, by the reporter and by somebody else.
		h.took(h.slack.UploadTo("U0ANNA", "C0NOORD", told.TS, "", "kabel.jpg"))
		if m := h.sees("C0ICT", "Anna Visser schreef: kabel.jpg"); m.Thread != card.TS {
			h.Errorf("the team sees it in %q", m.Thread)
		}
		h.took(h.slack.UploadTo("U0FATIMA", "C0NOORD", told.TS, "", "plug.jpg"))
		h.sees("C0ICT", "Fatima el Amrani schreef: plug.jpg")
		// With words, and with joining.
		h.took(h.slack.UploadTo("U0NOOR", "C0ICT", card.TS, "zo moet het", "schema.png"))
		h.took(h.slack.Upload("U0FATIMA", "", "the projector is broken here, too", "screen.jpg"))
		h.sees("U0FATIMA", "Thank you, Fatima. This is known: INC-1")
		h.sees("C0ICT", "Fatima el Amrani schreef: screen.jpg")
		// Alone, to the bot: with one's own fresh report.
		h.took(h.slack.Upload("U0ANNA", "", "", "nogeen.jpg"))
		h.sees("U0ANNA", "Dank je, dat helpt. Ik heb het bij INC-1 gezet.")
		h.idle()
		var kept []string
		for _, e := range h.log("INC-1") {
			name, _, _ := strings.Cut(e.Note, " http")
			kept = append(kept, string(e.Action)+" "+strings.ReplaceAll(name, "\n", "/"))
		}
		if want := []string{"report streepjes.jpg", "note kabel.jpg", "note plug.jpg", "note zo moet het/schema.png", "join screen.jpg", "note nogeen.jpg"}; !slices.Equal(kept, want) {
			h.Errorf("the log keeps %q, want %q", kept, want)
		}

		// With nothing else, it is asked what is wrong, and the photo waits.
		h.took(h.slack.Upload("U0PETER", "", "", "print.jpg"))
		h.sees("U0PETER", "Wat werkt er niet?")
		h.took(h.slack.Message("U0PETER", "", "de printer"))
		h.sees("U0PETER", "Dank je, Peter. Dit is INC-2: Printen, Locatie Zuid")
		h.sees("C0ICT", "INC-2", "print.jpg")
		// In a room of others it is nothing.
		h.took(h.slack.Upload("U0BRAM", "C0CENTRUM", "", "taart.jpg"))
		h.took(h.slack.Upload("U0SANNE", "C0ICT", "wie wil er taart", "taart2.jpg"))
		h.idle()
		if n := len(h.records()); n != 2 || h.said("C0CENTRUM", "") > 0 {
			h.Errorf("%d records, and Centrum hears %v", n, h.slack.Said("C0CENTRUM"))
		}
	})
}

// Who mends a slip at once mends the report; later it is a note, and so is a message
// that is taken away.
func TestStoryOfASlip(t *testing.T) {
	clocks(t, "2026-11-24 09:00:00", func(h *timed) {
		told := h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang"))
		answer := h.sees("C0NOORD", "INC-1: Wifi, Locatie Noord", "Klopt dit?")
		h.until("2026-11-24 09:01:30")
		h.took(h.slack.Change("U0ANNA", "C0NOORD", told.TS, "magister ligt eruit op Zuid"))
		h.sees("C0NOORD", "INC-1: Magister, Locatie Zuid", "Klopt dit?")
		h.sees("C0FB", "INC-1 · magister ligt eruit op Zuid")
		h.idle()
		if r := h.record("INC-1"); r.Service != "magister" || r.Location != "zuid" || h.now(answer).Edits == 0 {
			h.Errorf("it became %+v", r)
		}
		h.until("2026-11-24 09:02:01")
		h.took(h.slack.Change("U0ANNA", "C0NOORD", told.TS, "wifi ligt eruit op Zuid"))
		h.took(h.slack.Delete("U0ANNA", "C0NOORD", told.TS))
		h.idle()
		if r, notes := h.record("INC-1"), h.notes("INC-1", "note"); r.Service != "magister" || len(notes) != 2 || !strings.Contains(notes[0], "wifi ligt eruit op Zuid") {
			h.Errorf("it became %+v with %q", r, notes)
		}
		if notes := h.notes("INC-1", "correct"); !slices.Equal(notes, []string{"Bericht aangepast: magister ligt eruit op Zuid"}) {
			h.Errorf("the correction says %q", notes)
		}

		// What joined, or is in somebody's hands, is not changed by that.
		joined := h.took(h.slack.Message("U0FATIMA", "", "magister at Zuid is down"))
		h.sees("U0FATIMA", "This is known: INC-1")
		h.took(h.slack.Change("U0FATIMA", "", joined.TS, "the printer at Zuid is broken"))
		mine := h.took(h.slack.Message("U0PETER", "", "telefoon doet het niet"))
		h.sees("U0PETER", "INC-2", "Klopt dit?")
		h.took(h.slack.Message("U0NOOR", "", "INC-2 oppakken"))
		h.sees("U0PETER", "Noor de Wit is ermee bezig")
		h.took(h.slack.Change("U0PETER", "", mine.TS, "beamer doet het niet"))
		h.idle()
		if a, b := h.record("INC-1"), h.record("INC-2"); a.Service != "magister" || b.Service != "telefonie" || len(h.notes("INC-2", "note")) != 1 || len(h.notes("INC-1", "note")) != 3 {
			h.Errorf("they became %s and %s", a.Service, b.Service)
		}
	})
}

// A reply in the thread of an outage is about that outage, whatever it says.
func TestStoryOfRepliesInAThread(t *testing.T) {
	stories(t, func(h *play) {
		told := h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang"))
		h.sees("C0NOORD", "INC-1", "Klopt dit?")
		h.took(h.slack.Message("U0PETER", "C0ZUID", "wifi doet het niet"))
		h.sees("C0ZUID", "INC-2", "Klopt dit?")
		h.took(h.slack.Message("U0NOOR", "", "INC-1 oppakken"))
		h.sees("C0NOORD", "Noor de Wit is ermee bezig")
		h.idle()
		h.took(h.slack.Reply("U0FATIMA", "C0NOORD", told.TS, "do we know when it will work?"))
		if m := h.sees("C0NOORD", "INC-1", "In progress · since ", "Noor de Wit"); m.To != "U0FATIMA" || strings.Contains(m.Shown(), "INC-2") {
			h.Errorf("%q is answered %s", m.To, m.Shown())
		}
		h.took(h.slack.Reply("U0FATIMA", "C0NOORD", told.TS, "it works fine for me"))
		h.sees("C0ICT", "Fatima el Amrani schreef: it works fine for me")
		h.took(h.slack.Reply("U0FATIMA", "C0NOORD", told.TS, "who has cake"))
		h.took(h.slack.Reply("U0ANNA", "C0NOORD", told.TS, "werkt weer"))
		h.sees("U0NOOR", "Anna Visser zegt dat het weer werkt bij INC-1")
		h.idle()
		if notes := h.notes("INC-1", "note"); !slices.Equal(notes, []string{"it works fine for me", "werkt weer"}) || len(h.notes("INC-2", "note")) > 0 {
			h.Errorf("kept is %q, and with the other %q", notes, h.notes("INC-2", "note"))
		}
		if r := h.record("INC-1"); r.State != "in_progress" || len(r.Reporters) != 1 {
			h.Errorf("it became %s of %v", r.State, r.Reporters)
		}
	})
}
