package main

import (
	"slices"
	"strings"
	"testing"

	"schoolbel/adapters/slack/slackfake"
)

// hears checks that the bot said in a room, to everybody there, just these things.
func (h *play) hears(room string, words ...string) {
	h.Helper()
	h.idle()
	var said []string
	for _, m := range h.slack.Said(room) {
		said = append(said, m.Shown())
	}
	if !slices.Equal(said, words) {
		h.Errorf("%s hears %q, not %q", room, said, words)
	}
}

// Each sort of sensitive report, in both languages: the room hears one sentence in
// the thread of the message, and the writer gets first aid that fits, in private.
func TestStoryOfFirstAid(t *testing.T) {
	for name, c := range map[string]struct{ user, text, here, aid string }{
		"ransomware":       {"U0ANNA", "help er staat ransomware op mijn laptop, alle bestanden zijn versleuteld", "", "Zet de laptop uit het netwerk (wifi uit, kabel los).\nLaat hem aan en klik niets meer weg."},
		"a virus":          {"U0FATIMA", "I think there is a virus on my laptop", "en", "Take the laptop off the network (wifi off, cable out).\nLeave it on"},
		"phishing":         {"U0ANNA", "ik heb op een link in een phishingmail geklikt en mijn wachtwoord ingevuld", "", "Verander nu je wachtwoord, op een ander apparaat.\nKrijg je een inlogverzoek dat je niet kent? Zeg nee."},
		"a taken account":  {"U0FATIMA", "someone is logged in to my account", "en", "Change your password now, on another device."},
		"mail gone astray": {"U0ANNA", "ik heb per ongeluk de cijferlijst naar de verkeerde ouders gemaild", "", "Trek de mail in als dat nog kan"},
		"sent by mistake":  {"U0FATIMA", "by accident I sent the grades to the wrong parents", "en", "Recall the mail if you still can"},
		"a lost device":    {"U0ANNA", "mijn laptop met leerlinggegevens is gestolen", "", "Wanneer en waar zag je hem voor het laatst?\nWij blokkeren hem"},
		"left in the bus":  {"U0FATIMA", "I left my laptop in the bus", "en", "When and where did you last see it?"},
		"a weak spot":      {"U0ANNA", "als je het nummer in de url verandert zie je de cijfers van anderen", "", "Probeer het niet verder uit.\nVertel het aan niemand anders"},
		"an open door":     {"U0FATIMA", "without a password everyone can see the files of other pupils", "en", "Do not try it any further."},
		"a leak":           {"U0ANNA", "er liggen leerlingdossiers op straat", "", "Haal weg wat anderen nu kunnen zien"},
	} {
		t.Run(name, func(t *testing.T) {
			h := build(t, t.TempDir()+"/schoolbel.db", 1)
			here, erase, stays := "Ik help je in een privébericht.", "Haal je bericht in het kanaal nu zelf weg", "Dit blijft vertrouwelijk"
			if c.here == "en" {
				here, erase, stays = "I'll help you in a private message.", "take your message in the channel away yourself", "This stays confidential"
			}
			told := h.took(h.slack.Message(c.user, "C0NOORD", c.text))
			h.sees(h.slack.DM(c.user), c.aid, erase, "INC-1")
			h.sees(h.slack.DM(c.user), "INC-1", stays, "Els van Dijk, Mieke Bakker")
			h.hears("C0NOORD", here)
			if m := h.slack.Said("C0NOORD")[0]; m.Thread != told.TS || m.To != "" {
				h.Errorf("it stands in the thread %q, for %q", m.Thread, m.To)
			}
			if !h.record("INC-1").Sensitive {
				h.Error("it is there for all")
			}
		})
	}
}

// A sensitive report from the open room to its end: everything happens in private,
// and the officers alone read along.
func TestStoryOfAPrivateMatter(t *testing.T) {
	stories(t, func(h *play) {
		told := h.took(h.slack.Message("U0ANNA", "C0NOORD", "mijn laptop met leerlinggegevens is gestolen"))
		h.sees("U0ANNA", "Wanneer en waar zag je hem voor het laatst?")
		for _, officer := range []string{"U0ELS", "U0MIEKE"} {
			h.sees(officer, "INC-1 · mijn laptop met leerlinggegevens is gestolen", "misschien een datalek")
		}
		// What she answers in private is kept, and the officers read it.
		h.took(h.slack.Message("U0ANNA", "", "vanmorgen nog, in de trein naar Utrecht"))
		h.sees("U0ANNA", "Bewaard bij INC-1")
		h.sees("U0ELS", "INC-1: Anna Visser schreef: vanmorgen nog, in de trein naar Utrecht")
		h.took(h.slack.Message("U0ANNA", "", "dank je"))
		h.idle()
		// What she adds in the open is answered in private as well.
		h.took(h.slack.Reply("U0ANNA", "C0NOORD", told.TS, "hij zat in een rode tas"))
		h.idle()
		if n := h.said("U0ANNA", "Bewaard bij INC-1", "zelf weg"); n != 1 {
			h.Errorf("she was asked %d times to take away what she added in the open", n)
		}
		// A plain other matter is that, also in the room that waits for more.
		h.took(h.slack.Message("U0ANNA", "", "de wifi ligt eruit op Noord, hele gang"))
		h.sees("U0ANNA", "INC-2")
		h.took(h.slack.Message("U0ANNA", "", "is magister down?"))
		h.sees("U0ANNA", "Er is geen storing bekend")

		h.took(h.slack.Message("U0ELS", "", "INC-1 oppakken"))
		h.sees("U0ANNA", "INC-1: Els van Dijk is ermee bezig")
		h.took(h.slack.Message("U0ELS", "", "INC-1 toewijzen noor"))
		yours := h.sees("U0NOOR", "INC-1 is nu van jou", "Els van Dijk")
		if strings.Contains(yours.Shown(), "gestolen") {
			h.Errorf("she is told what it is before she asks: %s", yours.Shown())
		}
		h.took(h.slack.Press("U0NOOR", yours, "Bekijken"))
		h.sees("U0NOOR", "INC-1 · mijn laptop met leerlinggegevens is gestolen")
		h.took(h.slack.Message("U0NOOR", "", "INC-1 oplossen geblokkeerd"))
		answer := h.sees("U0ANNA", "INC-1 is opgelost: geblokkeerd", "Werkt het bij jou weer?")
		h.took(h.slack.Press("U0ANNA", answer, "Nee, nog niet"))
		h.sees("U0ELS", "INC-1 werkt toch nog niet")
		h.idle()

		notes := h.notes("INC-1", "note")
		if !slices.Equal(notes, []string{"vanmorgen nog, in de trein naar Utrecht", "dank je", "hij zat in een rode tas"}) {
			h.Errorf("kept is %q", notes)
		}
		for _, room := range []string{"C0NOORD", "C0ICT", "C0FB", "C0CAB", "C0CRISIS", "C0ZUID", "C0CENTRUM"} {
			for _, m := range h.slack.Said(room) {
				if shown := m.Shown(); strings.Contains(shown, "INC-1") && shown != "INC-1 · Gevoelige melding\nWat erin staat, zien alleen wie erover gaan, in hun eigen gesprek met mij." && !strings.HasPrefix(shown, "🚨") && !strings.HasPrefix(shown, "⚠️") || strings.Contains(shown, "laptop") {
					h.Errorf("%s hears %q", room, shown)
				}
			}
		}
		for _, p := range []string{"U0BRAM", "U0SANNE", "U0KARIM", "U0JOOST", "U0PETER", "U0FATIMA"} {
			if n := h.said(p, "INC-1"); n > 0 {
				h.Errorf("%s hears of it", p)
			}
		}
	})
}

// The same event again asks nothing and says nothing twice.
func TestStoryOfARepeatedSecret(t *testing.T) {
	stories(t, func(h *play) {
		told := h.took(h.slack.Message("U0FATIMA", "C0NOORD", "I clicked a phishing link and typed my password"))
		h.sees("U0FATIMA", "Change your password now")
		for range 3 {
			h.took(h.slack.Redeliver(told))
		}
		h.hears("C0NOORD", "I'll help you in a private message.")
		if n := h.said("U0FATIMA", "Change your password now"); n != 1 || len(h.records()) != 1 {
			h.Errorf("said %d times, %d records", n, len(h.records()))
		}
	})
}

// Every way of reporting takes a secret into private: the slash command, the form,
// the bot called by name, a report that says it is one, and an edited message.
func TestStoryOfASecretByOtherWays(t *testing.T) {
	stories(t, func(h *play) {
		const secret = "ik heb per ongeluk de cijferlijst naar de verkeerde ouders gemaild"
		told := 0
		private := func(way string) { // the number of a record may skip one
			h.Helper()
			h.idle()
			told++
			if n := h.said("U0ANNA", "Trek de mail in"); n != told {
				h.Errorf("%s: %d times first aid, not %d", way, n, told)
			}
			if r := h.records()[0]; !r.Sensitive || r.Field("type") != "data_breach" {
				h.Errorf("%s is there for all: %+v", way, r)
			}
		}
		h.took(h.slack.Slash("U0ANNA", "C0NOORD", "/storing", secret))
		private("a slash command")
		h.took(h.slack.Shortcut("U0ANNA"))
		h.took(h.slack.Submit("U0ANNA", map[string]string{"title": "Mail", "description": secret}))
		private("the form")
		if n := h.said("U0ANNA", "zelf weg"); n > 0 {
			h.Error("she is asked to take away what no room saw")
		}
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "<@"+slackfake.Bot+"> "+secret))
		private("the bot's name")
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "storing: "+secret))
		private("a word before it")
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "aanvraag: "+secret))
		private("the word for a request")
		outage := h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang"))
		h.sees("C0NOORD", "Dank je, Anna")
		h.idle()
		open := h.records()[0].Ref.String()
		h.took(h.slack.Change("U0ANNA", "C0NOORD", outage.TS, secret))
		private("an edited message")
		h.took(h.slack.Reply("U0ANNA", "C0NOORD", outage.TS, secret)) // below what is open for all
		private("a reply")
		if notes := h.notes(open, "note"); len(notes) > 0 {
			h.Errorf("an open record holds %q", notes)
		}
		for _, room := range []string{"C0NOORD", "C0ICT", "C0CAB", "C0FB"} {
			for _, m := range h.slack.Said(room) {
				if strings.Contains(m.Shown(), "cijferlijst") || strings.Contains(m.Shown(), "ouders") {
					h.Errorf("%s hears %s", room, m.Shown())
				}
			}
		}
		// In a private room there is nothing to take away.
		h.took(h.slack.Message("U0PETER", "", secret))
		if m := h.sees("U0PETER", "Trek de mail in"); strings.Contains(m.Shown(), "zelf weg") {
			h.Errorf("he is asked to take away what nobody else sees: %s", m.Shown())
		}
	})
}
