package main

import (
	"strings"
	"testing"
	"time"
)

// rooms plays a story on Slack with a clock, and a channel that the school file does
// not name: Anna, Noor and Fatima are in it.
func rooms(t *testing.T, story func(*street)) {
	both(t, func(t *testing.T, database string, processes int) {
		clock := &hands{at: local(t, "2026-11-23 09:00:00")}
		o := Options{Now: clock.now}
		slack := newSlackChat(t, o)
		slack.AddChannel("C0NEW", "nieuw", "U0ANNA", "U0NOOR", "U0FATIMA")
		story(&street{openStage(t, database, processes, o, slack), slack, slack, clock})
	})
}

// An agent makes a channel a team's room by a word and one "yes": it counts in every
// process, after a restart, and until it is taken away.
func TestStoryOfALinkedRoom(t *testing.T) {
	rooms(t, func(s *street) {
		s.Calls("noor", "new", "koppel")
		s.takes("noor", "Team ICT", "new", "Van wie wordt dit kanaal?", "Functioneel beheer", "Locatie Zuid")
		s.takes("noor", "Ja, koppelen", "new", "Dit kanaal wordt de kamer van Team ICT", "Zeker weten?")
		s.sees("new", "Dit kanaal is nu de kamer van Team ICT (door Noor de Wit)")
		s.later(5 * time.Second) // then every process knows
		s.Writes("anna", "noord", "wifi ligt eruit, hele gang")
		card := s.sees("new", "INC-1", "Gemeld door\nAnna Visser", "Oppakken")
		s.sees("ict", "INC-1", "Oppakken")
		s.idle()
		s.Presses("noor", card, "Oppakken")
		s.sees("ict", "INC-1", "Mee bezig")
		s.sees("new", "INC-1", "Mee bezig")

		s.Calls("noor", "new", "koppel team ict") // typed, it is so already
		s.sees("new", "Dit kanaal hoort al bij Team ICT")
		s.Writes("noor", "@noor", "koppelingen")
		s.sees("@noor", "slack:C0NEW hoort bij Team ICT (door Noor de Wit, 23-11-2026 09:00)")
		s.restart()
		s.Writes("peter", "zuid", "wifi ligt eruit, hele gang")
		s.sees("new", "INC-2")

		s.Calls("anna", "new", "ontkoppel")
		s.sees("new", "Dat kan alleen een ICT'er", "Noor de Wit")
		s.Calls("noor", "ict", "ontkoppel")
		s.sees("ict", "staat in het schoolbestand")
		s.Calls("noor", "new", "ontkoppel")
		s.sees("new", "Dit kanaal hoort niet meer bij Team ICT (door Noor de Wit)")
		s.later(5 * time.Second)
		s.Writes("anna", "noord", "printer lokaal 3 kapot")
		s.sees("ict", "INC-3")
		s.idle()
		if n := s.cards("new", "INC-3"); n > 0 {
			s.Error("it still is the team's room")
		}
	})
}

// Who may not decide asks; an agent answers in the team's room, and the channel hears
// what came of it.
func TestStoryOfAWishedRoom(t *testing.T) {
	rooms(t, func(s *street) {
		s.Calls("fatima", "new", "link zuid")
		s.sees("new", "I ask ICT whether this channel may belong to Locatie Zuid")
		wish := s.sees("ict", "Fatima el Amrani wil het storingsnieuws van Locatie Zuid in slack:C0NEW. Goed?", "Ja, koppelen", "Nee")
		s.idle()
		s.later(5 * time.Second)
		s.Writes("peter", "zuid", "wifi ligt eruit, hele gang")
		s.sees("zuid", "INC-1")
		s.idle()
		if n := s.heard("new", "INC-1"); n > 0 {
			s.Fatal("nobody agreed, and there is news")
		}
		s.fake.Join("U0PETER", "C0ICT")
		s.Presses("peter", wish, "Ja, koppelen") // no agent
		s.sees("ict", "Dat kan alleen een ICT'er")
		s.Presses("noor", wish, "Ja, koppelen")
		s.sees("new", "This channel now belongs to Locatie Zuid (by Noor de Wit)")
		s.sees("ict", "slack:C0NEW is gekoppeld aan Locatie Zuid. Fatima el Amrani vroeg het, Noor de Wit zei ja.")
		if n := s.heard("ict", "wil het storingsnieuws"); n > 0 {
			s.Error("the question still stands there")
		}
		s.later(5 * time.Second)
		s.Writes("peter", "zuid", "magister ligt eruit, hele gang")
		news := s.sees("new", "INC-2", "Magister")
		if strings.Contains(news.Text, "Gemeld door") {
			s.Errorf("all of a location read what is the team's: %s", news.Text)
		}

		s.Calls("anna", "new", "koppel team ict")
		s.takes("bram", "Nee", "ict", "Anna Visser wil dat slack:C0NEW de kamer van Team ICT wordt")
		s.sees("new", "Bram Smit van ICT vindt dat dit kanaal niet bij Team ICT moet horen")
		s.Writes("anna", "@anna", "koppel team ict")
		s.sees("@anna", "Dat kan alleen in een kanaal")
		s.Writes("noor", "@noor", "koppel team ict")
		s.sees("@noor", "Dat kan alleen in een kanaal")
		s.Calls("anna", "new", "koppel 123456")
		s.sees("new", "privébericht")
		s.Writes("anna", "new", "koppel") // to colleagues: not to the bot
		s.Writes("anna", "new", "links")
		s.idle()
		if n := s.heard("new", "Van wie wordt dit kanaal"); n > 0 {
			s.Error("it takes part in a conversation of others")
		}
	})
}
