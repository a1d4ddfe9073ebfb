package main

import (
	"testing"
	"time"

	"schoolbel/adapters/teams/teamsfake"
)

// onTeams plays on both databases what only Teams has; all else is in TestDay and
// TestFaults.
func onTeams(t *testing.T, story func(*street, *teamsChat)) {
	both(t, func(t *testing.T, database string, processes int) {
		clock := &hands{at: local(t, "2026-11-23 09:00:00")}
		o := Options{Now: clock.now}
		teams := newTeamsChat(t, o)
		story(&street{stage: openStage(t, database, processes, o, teams), other: teams, clock: clock}, teams)
	})
}

// The answer to a message is lost on its way, or Teams says 502, and what it did not
// hear answered it tells again: what is about a record is there in the end, and each
// thing a person did counts once.
func TestStoryOfLostAnswersInTeams(t *testing.T) {
	onTeams(t, func(s *street, teams *teamsChat) {
		teams.Fault(func(call string, n int) *teamsfake.Trouble {
			if call == "send" && n%2 == 1 {
				return &teamsfake.Trouble{Status: 502, Store: n%4 == 1}
			}
			return nil
		})
		told := teams.Message("aad-anna", "", "wifi ligt eruit, hele gang")
		teams.took("a report", told)
		teams.took("the same", teams.Redeliver(told))
		s.later(3 * time.Second)
		s.sees("ict", "INC-1")
		s.sees("@anna", "Dank je, Anna")
		s.idle()
		teams.Fault(nil)
		var card teamsfake.Message
		for _, m := range teams.Fake.Said(roomsOnTeams["ict"]) { // of two that say the same, the last one is live
			if m.Ref == "INC-1" {
				card = m
			}
		}
		press := teams.Press("aad-noor", card, "Oppakken")
		teams.took("a press", press)
		teams.took("the same", teams.Redeliver(press))
		s.later(time.Minute) // the second time that nobody knows whether it arrived, it waits longer
		s.sees("ict", "Mee bezig")
		if n := len(s.Said("@anna")); n > 4 {
			s.Errorf("Anna reads %d messages", n)
		}
		if n := len(s.records()); n != 1 {
			s.Errorf("there are %d records", n)
		}
	})
}

// What was learned about conversations outlives the process: the bot speaks first to
// somebody who wrote to it before it was restarted, and in a group chat.
func TestStoryOfARestartInTeams(t *testing.T) {
	onTeams(t, func(s *street, teams *teamsChat) {
		const group = "19:gang@thread.v2"
		teams.AddGroup(group, "De gang", "aad-anna", "aad-noor")
		teams.took("the app", teams.Install("aad-anna", ""))
		s.Calls("anna", group, "wifi ligt eruit, hele gang")
		s.sees("ict", "INC-1")
		s.idle()
		asked := teams.Fake.Calls("create")
		s.restart()
		s.takes("noor", "Oplossen", "ict", "INC-1")
		s.Fills("noor", map[string]string{"solution": "Switch vervangen"})
		s.sees(group, "Switch vervangen")
		s.idle()
		if n := teams.Fake.Calls("create") - asked; n > 1 {
			s.Errorf("%d direct rooms were asked for", n)
		}
	})
}
