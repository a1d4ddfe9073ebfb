package main

import (
	"strings"
	"testing"
)

// Somebody nobody knows is welcomed in their own language, reports as anybody does,
// and hears of it under their own name.
func TestStoryOfAGuest(t *testing.T) {
	stories(t, func(h *play) {
		h.slack.AddUser("U0GAST", "Olivia Brown", "olivia@elsewhere.example", "en-US")
		h.slack.AddUser("U0INVAL", "Wim de Boer", "")
		h.slack.Join("U0INVAL", "C0ZUID")
		h.took(h.slack.Message("U0GAST", "", "the projector in room 12 at Noord is broken"))
		h.sees("U0GAST", "Welcome, Olivia Brown")
		h.sees("U0GAST", "Thank you, Olivia. This is INC-1")
		h.sees("C0ICT", "INC-1", "Olivia Brown")

		for range 5 {
			h.took(h.slack.Message("U0INVAL", "C0ZUID", "wie neemt er taart mee"))
		}
		h.took(h.slack.Message("U0INVAL", "C0ZUID", "de printer op Zuid is kapot"))
		h.sees("U0INVAL", "Welkom, Wim de Boer")
		h.sees("C0ZUID", "Dank je, Wim.", "INC-2")

		h.took(h.slack.Message("U0GAST", "", "INC-1 take"))
		h.sees("U0GAST", "Noor de Wit")
		card := h.sees("C0ICT", "INC-1", "Oppakken")
		h.took(h.slack.Press("U0NOOR", card, "Oppakken"))
		h.sees("U0GAST", "INC-1: Noor de Wit is working on it")
		h.idle()
		if n := h.slack.Calls("users.info"); n > 2*len(h.apps) {
			h.Errorf("Slack was asked %d times who two people are", n)
		}
		if n := h.said("U0GAST", "Welcome"); n != 1 {
			h.Errorf("welcomed %d times", n)
		}
		if n := h.said("U0INVAL", "Welkom"); n != 1 {
			h.Errorf("welcomed %d times", n)
		}
		if r := h.record("INC-1"); strings.Join(r.Reporters, " ") != "slack:U0GAST" {
			h.Errorf("reported by %v", r.Reporters)
		}
	})
}

// Somebody whose e-mail stands in the school file is that person, whatever account
// they come with.
func TestStoryOfASecondAccount(t *testing.T) {
	stories(t, func(h *play) {
		h.slack.AddUser("U0OTHER", "N. de W.", "N.deWit@delinde.example")
		h.slack.Join("U0OTHER", "C0ICT")
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang"))
		card := h.sees("C0ICT", "INC-1", "Oppakken")
		h.took(h.slack.Press("U0OTHER", card, "Oppakken"))
		h.sees("C0NOORD", "Noor de Wit is ermee bezig")
		h.idle()
		if r := h.record("INC-1"); r.Owner != "noor" {
			h.Errorf("it is of %q", r.Owner)
		}
		if said := h.slack.Said("U0OTHER"); len(said) > 0 {
			h.Errorf("a member of the staff is welcomed: %s", said[0].Shown())
		}
	})
}

// A question gets an answer and makes no record, also while a question of the bot's
// own waits; that one stays open.
func TestStoryOfAQuestion(t *testing.T) {
	stories(t, func(h *play) {
		h.took(h.slack.Message("U0ANNA", "", "is magister down?"))
		h.sees("U0ANNA", "Er is geen storing bekend")
		h.nothing("a question")
		h.took(h.slack.Message("U0ANNA", "", "het werkt niet"))
		h.sees("U0ANNA", "Wat werkt er niet?")
		for i, question := range []string{"is de wifi weg?", "status?", "hoe staat het met de wifi?"} {
			h.took(h.slack.Message("U0ANNA", "", question))
			h.idle()
			if n := h.said("U0ANNA", "Er is geen storing bekend"); n != i+2 {
				h.Errorf("%q was not answered", question)
			}
		}
		h.nothing("three questions")
		h.took(h.slack.Message("U0ANNA", "", "magister op Noord"))
		h.sees("U0ANNA", "INC-1", "Magister, Locatie Noord")

		h.took(h.slack.Message("U0FATIMA", "", "is magister down?"))
		h.sees("U0FATIMA", "INC-1", "New")
		h.took(h.slack.Message("U0PETER", "C0ZUID", "is er een storing?"))
		if m := h.sees("C0ZUID", "INC-1"); m.To != "U0PETER" {
			h.Errorf("an answer to one person is for %q", m.To)
		}
		h.idle()
		if n := len(h.records()); n != 1 {
			h.Errorf("%d records", n)
		}
	})
}

// The bot asks what it must know, at most twice; an answer may be typed or pressed.
func TestStoryOfAQuestionBack(t *testing.T) {
	stories(t, func(h *play) {
		h.took(h.slack.Message("U0SANNE", "", "er is iets stuk")) // typed
		h.sees("U0SANNE", "Wat werkt er niet?")
		h.took(h.slack.Message("U0SANNE", "", "de printer"))
		h.sees("U0SANNE", "INC-1", "Printen")

		h.took(h.slack.Message("U0NOOR", "", "het doet het niet")) // pressed, in two steps
		what := h.sees("U0NOOR", "Wat werkt er niet?")
		h.took(h.slack.Press("U0NOOR", what, "Internet"))
		where := h.sees("U0NOOR", "Waar is dat?")
		h.took(h.slack.Press("U0NOOR", where, "Locatie Zuid"))
		h.sees("U0NOOR", "INC-2", "Internet, Locatie Zuid")
		h.took(h.slack.Press("U0NOOR", where, "Locatie Noord")) // once more, too late
		h.sees("U0NOOR", "Die vraag is verlopen")

		h.took(h.slack.Message("U0BRAM", "", "het werkt niet")) // of no use, twice
		h.sees("U0BRAM", "Wat werkt er niet?")
		h.took(h.slack.Message("U0BRAM", "", "gewoon alles"))
		h.idle()
		h.took(h.slack.Message("U0BRAM", "", "geen idee"))
		h.sees("U0BRAM", "INC-3")

		h.took(h.slack.Message("U0ANNA", "C0NOORD", "er is iets stuk")) // in a room
		asked := h.sees("C0NOORD", "Wat werkt er niet?")
		if asked.To != "U0ANNA" {
			h.Errorf("a whole room is asked: %q", asked.To)
		}
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "wie heeft er taart"))
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "de printer"))
		h.sees("C0NOORD", "INC-4", "Printen, Locatie Noord")
		h.idle()
		if n := len(h.records()); n != 4 {
			h.Errorf("%d records", n)
		}
		for _, who := range []string{"U0SANNE", "U0NOOR", "U0BRAM"} {
			if n := h.said(who, "Wat werkt er niet?") + h.said(who, "Waar is dat?"); n > 2 {
				h.Errorf("%s was asked %d questions", who, n)
			}
		}
	})
}

// Who mends or takes away what they wrote changes their report, and makes no second.
func TestStoryOfAnEditedMessage(t *testing.T) {
	stories(t, func(h *play) {
		told := h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang"))
		h.sees("C0ICT", "INC-1")
		h.took(h.slack.Change("U0ANNA", "C0NOORD", told.TS, "wifi ligt eruit, hele gang én de mediatheek"))
		again := h.took(h.slack.Delete("U0ANNA", "C0NOORD", told.TS))
		h.took(h.slack.Redeliver(again))
		h.idle()
		notes := h.notes("INC-1", "note")
		if len(notes) != 2 || !strings.Contains(notes[0], "én de mediatheek") || !strings.Contains(notes[1], "weggehaald") {
			h.Errorf("the log says %q", notes)
		}
		cake := h.took(h.slack.Message("U0PETER", "C0ZUID", "wie heeft er taart"))
		h.took(h.slack.Change("U0PETER", "C0ZUID", cake.TS, "wie heeft er appeltaart"))
		h.took(h.slack.Delete("U0PETER", "C0ZUID", cake.TS))
		h.idle()
		if n := len(h.records()); n != 1 || len(h.slack.Said("C0ZUID")) > 0 {
			h.Errorf("%d records, and Zuid hears %v", n, h.slack.Said("C0ZUID"))
		}
	})
}

// "Werkt het weer?" may be answered with a word, in the thread or the direct room
// where it was asked; nowhere else does that word mean anything.
func TestStoryOfATypedAnswer(t *testing.T) {
	stories(t, func(h *play) {
		told := h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang"))
		h.sees("C0ICT", "INC-1")
		h.took(h.slack.Message("U0FATIMA", "", "no wifi either at Noord"))
		h.sees("U0FATIMA", "INC-1")
		h.took(h.slack.Message("U0NOOR", "", "INC-1 oplossen kabel"))
		h.sees("C0NOORD", "Werkt het bij jou weer?")
		h.sees("U0FATIMA", "Does it work again for you?")
		h.idle()

		h.took(h.slack.Message("U0ANNA", "C0NOORD", "nee"))
		h.took(h.slack.Message("U0PETER", "", "nee"))
		h.idle()
		if r := h.record("INC-1"); r.State != "resolved" {
			h.Errorf("a word out of place made it %s", r.State)
		}
		h.took(h.slack.Reply("U0ANNA", "C0NOORD", told.TS, "nee!"))
		h.sees("C0NOORD", "INC-1 werkt toch nog niet")
		h.idle()
		if r := h.record("INC-1"); r.State != "in_progress" {
			h.Errorf("no, and it is %s", r.State)
		}
		h.took(h.slack.Message("U0NOOR", "", "INC-1 oplossen nog een kabel"))
		h.sees("U0FATIMA", "INC-1 is solved: nog een kabel")
		h.took(h.slack.Message("U0FATIMA", "", "yes"))
		h.sees("C0ICT", "INC-1", "Gesloten")
	})
}

// Who handles it asks the reporter, who answers where they were asked.
func TestStoryOfAskingTheReporter(t *testing.T) {
	stories(t, func(h *play) {
		told := h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang"))
		card := h.sees("C0ICT", "INC-1", "Wachten")
		h.took(h.slack.Press("U0NOOR", card, "Wachten"))
		h.took(h.slack.Submit("U0NOOR", map[string]string{"reason": "Brandt er een lampje op het kastje?"}))
		asked := h.sees("C0NOORD", "INC-1: Het wacht op een ander, zegt Noor de Wit. Brandt er een lampje op het kastje?")
		if asked.Thread != told.TS {
			h.Errorf("she is asked in the thread %q", asked.Thread)
		}
		h.took(h.slack.Reply("U0ANNA", "C0NOORD", asked.Thread, "nee, alles is uit"))
		answer := h.sees("C0ICT", "Anna Visser schreef: nee, alles is uit")
		if answer.Thread != card.TS {
			h.Errorf("the team hears it in the thread %q", answer.Thread)
		}
		h.took(h.slack.Press("U0NOOR", h.sees("C0ICT", "INC-1", "Stand\nWacht"), "Verder"))
		h.sees("C0NOORD", "Noor de Wit gaat ermee verder")
		h.took(h.slack.Message("U0NOOR", "", "INC-1 wachten Netwijs komt om drie uur")) // typed, it needs no form
		h.sees("C0NOORD", "zegt Noor de Wit. Netwijs komt om drie uur")
	})
}
