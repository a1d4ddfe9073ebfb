package main

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// slackAndTeams plays a story at a school with its ICT room on both. To Teams, Peter
// is somebody whom the school file does not have.
func slackAndTeams(t *testing.T, story func(*street, *teamsChat)) {
	open := func(t *testing.T, o Options) chat {
		c := newTeamsChat(t, o)
		c.file = "" // Slack brings it
		c.AddUser("aad-peter", "Peter Willems", "peter@elders.example")
		return c
	}
	beside(t, open, map[string]string{
		`room: ["slack:C0ICT"]`: `room: ["slack:C0ICT", "teams:` + roomsOnTeams["ict"] + `"]`,
		`teams: aad-peter, `:    ``,
	}, func(s *street) { story(s, s.other.(*teamsChat)) })
}

// One state on Slack and on Teams: a report on one is a card on both, a click on one
// edits both, and whoever has an account on each hears each thing once.
func TestStoryOfSlackAndTeams(t *testing.T) {
	slackAndTeams(t, func(s *street, teams *teamsChat) {
		told := teams.Writes("peter", "@peter", "de printer op Zuid is kapot")
		s.reads("@peter", "Dit is INC-1")
		s.sees("ict", "INC-1", "printer op Zuid", "Oppakken")
		card := s.reads("ict", "INC-1", "printer op Zuid", "Oppakken")
		s.idle()
		if r := s.record("INC-1"); !slices.Equal(r.Reporters, []string{"teams:aad-peter"}) {
			s.Fatalf("%q is reported by %v", told.Text, r.Reporters)
		}
		s.Writes("peter", "@peter", "koppel "+s.code(teams, "peter", "koppel mijn account"))
		s.sees("@peter", "Gekoppeld: Peter Willems (Teams) en Peter Willems (Slack)")
		s.reads("@peter", "Gekoppeld")
		s.idle()

		s.takes("noor", "Oppakken", "ict", "INC-1") // in Slack
		if taken := s.reads("ict", "INC-1", "Mee bezig", "Noor de Wit"); taken.ID != card.ID {
			s.Error("it is another card in Teams")
		}
		s.reads("@peter", "Noor de Wit is ermee bezig")
		s.idle()
		teams.Presses("bram", s.reads("ict", "INC-1", "Mee bezig"), "Oplossen") // in Teams
		teams.Fills("bram", map[string]string{"solution": "papier erin"})
		s.sees("ict", "INC-1", "Opgelost: papier erin")
		s.reads("ict", "INC-1", "Opgelost: papier erin")
		s.reads("@peter", "INC-1 is opgelost: papier erin", "Werkt het bij jou weer?")
		s.idle()
		for _, words := range []string{"Noor de Wit is ermee bezig", "INC-1 is opgelost: papier erin"} {
			if here, there := heardOn(teams, "@peter", words), s.heard("@peter", words); here != 1 || there != 0 {
				s.Errorf("Peter hears %q %d times in Teams and %d times in Slack", words, here, there)
			}
		}
		s.Writes("peter", "@peter", "ja") // he was asked in Teams
		s.sees("ict", "INC-1", "Gesloten")
		s.reads("ict", "INC-1", "Gesloten")
		s.idle()
		if here, there := heardOn(teams, "ict", "INC-1 · "), s.cards("ict", "INC-1"); here != 1 || there != 1 {
			s.Errorf("there are %d cards in Teams and %d in Slack", here, there)
		}
		if log := s.log("INC-1"); log[0].Actor != "teams:aad-peter" || log[len(log)-1].Actor != "peter" {
			s.Errorf("it was reported by %s and confirmed by %s", log[0].Actor, log[len(log)-1].Actor)
		}
	})
}

// One platform that is shut does not cut off the other, and reads later what it missed.
func TestStoryOfSlackWhileTeamsIsShut(t *testing.T) {
	slackAndTeams(t, func(s *street, teams *teamsChat) {
		s.Writes("anna", "noord", "wifi ligt eruit, hele gang")
		s.sees("ict", "INC-1", "Oppakken")
		card := s.reads("ict", "INC-1", "Oppakken")
		s.idle()
		teams.Revoke(true)
		s.takes("noor", "Oppakken", "ict", "INC-1")
		s.sees("ict", "INC-1", "Mee bezig")
		for range 2 { // once may be a token that has had its day
			s.later(time.Minute)
		}
		if ready := s.call("GET", "/readyz", ""); ready.status != 200 || len(s.apps) == 1 && !strings.Contains(ready.body, `"teams":"ok, but: `) {
			s.Errorf("/readyz answers %d %s", ready.status, ready.body)
		}
		teams.Revoke(false)
		for range 4 { // each process may find its own token useless first, and wait once more
			s.later(time.Minute)
		}
		if now := s.reads("ict", "INC-1", "Mee bezig", "Noor de Wit"); now.ID != card.ID {
			s.Error("it is another card in Teams")
		}
	})
}

// heardOn counts the messages of the bot in a room that show these words.
func heardOn(on chat, room, words string) int {
	return len(slices.DeleteFunc(on.Said(room), func(m post) bool { return !m.shows(words) }))
}
