package main

import (
	"slices"
	"strings"
	"testing"
)

// A report that may come of an outage that is known is offered that one: a tap or a
// word joins it, and "no" opens its own.
func TestStoryOfWhatIsKnown(t *testing.T) {
	stories(t, func(h *play) {
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "internet ligt eruit, hele gang"))
		h.sees("C0NOORD", "INC-1", "Klopt dit?")
		h.took(h.slack.Message("U0NOOR", "", "INC-1 oppakken"))
		h.sees("C0NOORD", "Noor de Wit is ermee bezig")

		// By a tap, in English.
		h.took(h.slack.Message("U0FATIMA", "", "magister does not work"))
		offer := h.sees("U0FATIMA", "This is known: INC-1, Internet, Locatie Noord. Noor de Wit is looking at it. Does it hit you as well?")
		h.took(h.slack.Press("U0FATIMA", offer, "Yes, me too"))
		h.sees("U0FATIMA", "Thank you, Fatima. This is known: INC-1")
		// In a room, by a word; only she is asked.
		h.slack.Join("U0KARIM", "C0NOORD")
		h.took(h.slack.Message("U0KARIM", "C0NOORD", "zermelo doet het niet op Noord"))
		if m := h.sees("C0NOORD", "Dit is bekend: INC-1, Internet, Locatie Noord", "Ja, ik ook", "Nee, iets anders"); m.To != "U0KARIM" {
			h.Errorf("%q is asked", m.To)
		}
		h.took(h.slack.Message("U0KARIM", "C0NOORD", "ja!"))
		h.sees("C0NOORD", "Dank je, Karim. Dit is bekend: INC-1")
		h.idle()
		if r := h.record("INC-1"); !slices.Equal(r.Reporters, []string{"anna", "fatima", "karim"}) || len(h.records()) != 1 {
			h.Errorf("reported by %v, %d records", r.Reporters, len(h.records()))
		}
		if notes := h.notes("INC-1", "join"); !slices.Equal(notes, []string{"magister does not work", "zermelo doet het niet op Noord"}) {
			h.Errorf("what they said is kept as %q", notes)
		}

		// "No": a record of its own, by a word or by a tap.
		h.took(h.slack.Message("U0BRAM", "", "magister werkt niet op Noord"))
		h.sees("U0BRAM", "Dit is bekend: INC-1")
		h.took(h.slack.Message("U0BRAM", "", "nee, alleen de cijfers zijn weg"))
		h.sees("U0BRAM", "Dank je, Bram. Dit is INC-2: Magister, Locatie Noord")
		h.took(h.slack.Message("U0SANNE", "", "outlook doet het niet op Noord"))
		offer = h.sees("U0SANNE", "Dit is bekend: INC-1")
		h.took(h.slack.Press("U0SANNE", offer, "Nee, iets anders"))
		h.sees("U0SANNE", "Dank je, Sanne. Dit is INC-3: Microsoft 365, Locatie Noord")
		h.took(h.slack.Press("U0SANNE", offer, "Nee, iets anders")) // once more
		h.sees("U0SANNE", "Die vraag is verlopen")
		h.took(h.slack.Press("U0SANNE", offer, "Ja, ik ook")) // or after all
		h.sees("U0SANNE", "Dank je, Sanne. Dit is bekend: INC-1")
		h.idle()
		if d := h.record("INC-2").Field("description"); !strings.Contains(d, "alleen de cijfers zijn weg") || len(h.records()) != 3 {
			h.Errorf("it says %q, and there are %d records", d, len(h.records()))
		}
	})
}

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

// Where it does work is kept with the outage, and opens nothing. Only the bot's own
// room hears thanks for it; the team hears all of it.
func TestStoryOfWhereItWorks(t *testing.T) {
	stories(t, func(h *play) {
		h.took(h.slack.Message("U0PETER", "", "bij ons doet magister het gewoon"))
		h.nothing("it works")
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "magister werkt niet"))
		card := h.sees("C0FB", "INC-1")
		h.idle()
		h.took(h.slack.Message("U0PETER", "", "bij ons doet magister het gewoon"))
		h.sees("U0PETER", "Dank je, dat helpt. Ik heb het bij INC-1 gezet.")
		if m := h.sees("C0FB", "Peter Willems schreef: bij ons doet magister het gewoon"); m.Thread != card.TS {
			h.Errorf("the team hears it in %q", m.Thread)
		}
		before := len(h.slack.Said("C0NOORD"))
		h.took(h.slack.Message("U0FATIMA", "C0NOORD", "magister works fine here"))
		h.sees("C0FB", "Fatima el Amrani schreef: magister works fine here")
		h.took(h.slack.Message("U0FATIMA", "", "it works fine for me"))
		h.sees("U0FATIMA", "Thank you, that helps. I kept it with INC-1.")
		h.idle()
		if n := len(h.slack.Said("C0NOORD")); n != before || len(h.records()) != 1 {
			h.Errorf("Noord hears %d more, and there are %d records", n-before, len(h.records()))
		}
		if r := h.record("INC-1"); !slices.Equal(r.Reporters, []string{"anna"}) || len(h.notes("INC-1", "note")) != 3 {
			h.Errorf("reported by %v, kept %q", r.Reporters, h.notes("INC-1", "note"))
		}
	})
}

// "Is magister down?" is told where that stands; when nothing is known, one button
// reports just that.
func TestStoryOfIsItDown(t *testing.T) {
	stories(t, func(h *play) {
		h.took(h.slack.Message("U0ANNA", "", "is magister down?"))
		none := h.sees("U0ANNA", "Er is geen storing bekend bij Magister", "Magister werkt niet")
		h.nothing("a question")
		h.took(h.slack.Press("U0ANNA", none, "Magister werkt niet"))
		h.sees("U0ANNA", "Dank je, Anna. Dit is INC-1: Magister, Locatie Noord", "Klopt dit?")
		h.took(h.slack.Message("U0SANNE", "", "INC-1 oppakken"))
		h.sees("U0ANNA", "Sanne Jansen is ermee bezig")
		h.took(h.slack.Message("U0SANNE", "", "INC-1 omweg gebruik de app"))
		h.sees("U0ANNA", "gebruik de app")

		h.took(h.slack.Message("U0FATIMA", "", "is magister down?"))
		h.sees("U0FATIMA", "How Magister is doing", "INC-1", "In progress · since ", "Sanne Jansen", "Meanwhile, try: gebruik de app")
		h.took(h.slack.Message("U0ANNA", "", "weten we al wanneer magister het weer doet?"))
		h.sees("U0ANNA", "Zo staat het met Magister", "Mee bezig · sinds ", "Je hoort het hier zodra er nieuws is")
		h.took(h.slack.Message("U0BRAM", "", "is internet down?")) // what leans on it does not touch it
		h.sees("U0BRAM", "Er is geen storing bekend bij Internet")
		h.took(h.slack.Message("U0PETER", "C0ZUID", "is zermelo down?")) // and what it leans on is no part of it
		if m := h.sees("C0ZUID", "Er is geen storing bekend bij Zermelo", "Zermelo werkt niet"); m.To != "U0PETER" {
			h.Errorf("the answer is for %q", m.To)
		}
		h.took(h.slack.Message("U0PETER", "C0ZUID", "internet ligt eruit in het hele gebouw"))
		h.sees("C0ZUID", "INC-2", "Klopt dit?")
		h.took(h.slack.Message("U0FATIMA", "", "is the timetable down?"))
		h.sees("U0FATIMA", "How Zermelo is doing", "INC-2", "Internet, Locatie Zuid")
		h.idle()
		if r := h.record("INC-1"); r.Urgency != "medium" || len(h.notes("INC-1", "note")) > 0 || len(h.records()) != 2 {
			h.Errorf("questions changed it: %+v %q", r, h.notes("INC-1", "note"))
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
