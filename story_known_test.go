package main

import (
	"testing"
)

// What is plain joins by itself; another location, or another room's own printer, is
// another outage.
func TestStoryOfWhatIsPlain(t *testing.T) {
	stories(t, func(h *play) {
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang"))
		h.sees("C0NOORD", "INC-1", "Klopt dit?")
		h.took(h.slack.Message("U0FATIMA", "", "the wifi is broken"))
		h.sees("U0FATIMA", "Thank you, Fatima. This is known: INC-1")
		h.took(h.slack.Message("U0PETER", "C0ZUID", "wifi doet het niet"))
		h.sees("C0ZUID", "Dank je, Peter. Dit is INC-2: Wifi, Locatie Zuid")

		h.took(h.slack.Message("U0ANNA", "C0NOORD", "printer lokaal 3 kapot"))
		h.sees("C0NOORD", "Dank je, Anna. Dit is INC-3")
		h.took(h.slack.Message("U0FATIMA", "", "printer in room 12 is broken"))
		h.sees("U0FATIMA", "This is known: INC-3", "Does it hit you as well?")
		h.took(h.slack.Message("U0FATIMA", "", "no"))
		h.sees("U0FATIMA", "Thank you, Fatima. This is INC-4")
		h.took(h.slack.Message("U0NOOR", "", "de printer op Noord is kapot"))
		h.sees("U0NOOR", "Dank je, Noor. Dit is bekend: INC-4")
		h.idle()
		if n := len(h.records()); n != 4 {
			h.Errorf("%d records", n)
		}
	})
}

// "Here too" joins what is out there; where nothing is known it is a report, or a
// reason to ask; in a room of others it is nothing.
func TestStoryOfHereToo(t *testing.T) {
	stories(t, func(h *play) {
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "hier ook"))
		h.nothing("here too, and nobody said what")
		h.took(h.slack.Message("U0FATIMA", "", "same here"))
		h.sees("U0FATIMA", "What is not working?")
		h.took(h.slack.Message("U0FATIMA", "", "never mind"))
		h.sees("U0FATIMA", "Fine, then I do nothing.")
		h.took(h.slack.Message("U0PETER", "C0ZUID", "hier ook geen wifi"))
		h.sees("C0ZUID", "Dank je, Peter. Dit is INC-1: Wifi, Locatie Zuid")

		h.took(h.slack.Message("U0ANNA", "C0NOORD", "digibord in lokaal 3 is stuk"))
		h.sees("C0NOORD", "Dit is INC-2")
		h.took(h.slack.Message("U0FATIMA", "C0NOORD", "me too"))
		h.sees("C0NOORD", "Thank you, Fatima. This is known: INC-2")
		h.took(h.slack.Message("U0NOOR", "", "zelfde probleem hier")) // and which of the two?
		h.sees("U0NOOR", "Wat werkt er niet?")
		h.took(h.slack.Message("U0NOOR", "", "de wifi op zuid"))
		h.sees("U0NOOR", "Dank je, Noor. Dit is bekend: INC-1")
		h.idle()
		if n := len(h.records()); n != 2 {
			h.Errorf("%d records", n)
		}
	})
}

// "It works again" asks who handles it, and changes nothing for the others.
func TestStoryOfWorksAgain(t *testing.T) {
	stories(t, func(h *play) {
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang"))
		card := h.sees("C0ICT", "INC-1")
		h.sees("C0NOORD", "INC-1", "Klopt dit?")
		h.took(h.slack.Message("U0FATIMA", "", "no wifi either"))
		h.sees("U0FATIMA", "This is known: INC-1")
		h.idle()
		// Nobody has taken it: the team reads it under its card.
		h.took(h.slack.Message("U0FATIMA", "", "the wifi works again"))
		h.sees("U0FATIMA", "Good! I pass it on with INC-1; Team ICT checks")
		if m := h.sees("C0ICT", "Fatima el Amrani schreef: the wifi works again"); m.Thread != card.TS {
			h.Errorf("the team hears it in %q", m.Thread)
		}
		// Somebody has: they are asked.
		h.took(h.slack.Message("U0NOOR", "", "INC-1 oppakken"))
		h.sees("U0FATIMA", "Noor de Wit is working on it")
		h.idle()
		before := len(h.slack.Said("C0NOORD"))
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi doet het weer!")) // to the room; the bot only listens
		asked := h.sees("U0NOOR", "Anna Visser zegt dat het weer werkt bij INC-1 (Wifi, Locatie Noord)", "Oplossen?")
		h.idle()
		if n := len(h.slack.Said("C0NOORD")); n != before || h.record("INC-1").State != "in_progress" {
			h.Errorf("the room hears %d more, and it is %s", n-before, h.record("INC-1").State)
		}
		h.took(h.slack.Press("U0NOOR", asked, "Nog niet"))
		h.sees("U0NOOR", "Bewaard bij INC-1")
		h.took(h.slack.Press("U0NOOR", asked, "Oplossen"))
		h.took(h.slack.Submit("U0NOOR", map[string]string{"solution": "kabel"}))
		h.sees("U0FATIMA", "INC-1 is solved: kabel")
		h.took(h.slack.Message("U0FATIMA", "", "werkt weer"))
		h.sees("C0ICT", "INC-1", "Gesloten")
		h.took(h.slack.Message("U0PETER", "", "werkt weer"))
		h.sees("U0PETER", "Fijn om te horen!")
		h.idle()
		if n := len(h.records()); n != 1 {
			h.Errorf("%d records", n)
		}
	})
}
