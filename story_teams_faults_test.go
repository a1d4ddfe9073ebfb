package main

import (
	"testing"
	"time"

	"schoolbel/adapters/teams/teamsfake"
	"schoolbel/workflows"
)

const begun = "2026-11-23 09:00:00"

// Teams says "not so fast" about one room: that one waits just so long, the others do
// not, and nothing is said twice or lost.
func TestStoryOfABusyChannelInTeams(t *testing.T) {
	onTeams(t, begun, func(h *staff) {
		h.Fault(func(call string, n int) *teamsfake.Trouble {
			if call == "send" && n <= 3 {
				return &teamsfake.Trouble{Status: 429, RetryAfter: "20"}
			}
			return nil
		})
		h.took(h.Message("aad-anna", "", "wifi ligt eruit, hele gang"))
		h.pass(19 * time.Second)
		before := len(h.Said(ictTeams)) + len(h.Said("aad-anna")) + len(h.Said(noordTeams))
		h.pass(2 * time.Second)
		h.sees(ictTeams, "INC-1", "wifi ligt eruit")
		h.sees("aad-anna", "Dank je, Anna")
		h.idle()
		if n := h.said(ictTeams, "INC-1"); n != 1 {
			h.Errorf("the room reads it %d times, and %d came before Teams allowed it", n, before)
		}
	})
}

// The secret is taken away while people report: all is kept and waits, the operator
// is told once and /readyz says so; when it is back all comes, in its order.
func TestStoryOfARevokedSecretInTeams(t *testing.T) {
	onTeams(t, begun, func(h *staff) {
		h.took(h.Message("aad-anna", "", "wifi ligt eruit, hele gang"))
		h.sees(ictTeams, "INC-1")
		h.idle()
		h.Revoke(true)
		h.took(h.Message("aad-noor", ictTeams, "@schoolbel INC-1 oppakken"))
		h.pass(2 * time.Second)
		h.pass(70 * time.Second)
		h.pass(70 * time.Second)
		if h.ready() == 200 {
			h.Error("it says that it is ready")
		}
		if n := h.told.tells("nothing can be said until this is mended"); n == 0 || n > len(h.apps) { // each process once
			h.Errorf("the operator was told %d times", n)
		}
		if n := h.said("aad-anna", "Noor de Wit is ermee bezig"); n != 0 {
			h.Error("without a secret it could speak")
		}
		h.Revoke(false)
		h.pass(70 * time.Second)
		h.sees("aad-anna", "Noor de Wit is ermee bezig")
		h.sees(ictTeams, "INC-1", "Mee bezig")
		look := time.NewTicker(100 * time.Millisecond)
		defer look.Stop()
		for end := time.Now().Add(time.Minute); h.ready() != 200; <-look.C { // a process that said nothing looks by itself
			if time.Now().After(end) {
				h.Fatal("mended, it does not become ready")
			}
		}
	})
}

// The answer to a message is lost on its way, or Teams says 502: what is about a
// record is there in the end, and each thing a person did counts once.
func TestStoryOfLostAnswersInTeams(t *testing.T) {
	onTeams(t, begun, func(h *staff) {
		h.Fault(func(call string, n int) *teamsfake.Trouble {
			if call == "send" && n%2 == 1 {
				return &teamsfake.Trouble{Status: 502, Store: n%4 == 1}
			}
			return nil
		})
		told := h.took(h.Message("aad-anna", "", "wifi ligt eruit, hele gang"))
		h.took(h.Redeliver(told))
		h.pass(3 * time.Second)
		h.sees(ictTeams, "INC-1")
		h.sees("aad-anna", "Dank je, Anna")
		h.Fault(nil)
		card := h.sees(ictTeams, "INC-1")
		for _, m := range h.Said(ictTeams) { // of two that say the same, the last one is live
			if m.Ref == "INC-1" {
				card = m
			}
		}
		press := h.took(h.Press("aad-noor", card, "Oppakken"))
		h.took(h.Redeliver(press))
		h.pass(time.Minute) // the second time that nobody knows whether it arrived, it waits longer
		h.sees(ictTeams, "Mee bezig")
		if n := len(h.Said("aad-anna")); n > 4 {
			h.Errorf("Anna reads %d messages", n)
		}
		if found, _, err := h.apps[0].store.Find(h.Context(), workflows.Filter{}); err != nil || len(found) != 1 {
			h.Errorf("there are %d records (%v)", len(found), err)
		}
	})
}

// Somebody blocks the bot, and a channel is deleted: the others hear everything.
func TestStoryOfAClosedDoorInTeams(t *testing.T) {
	onTeams(t, begun, func(h *staff) {
		h.took(h.Message("aad-anna", "", "wifi ligt eruit, hele gang"))
		card := h.sees(ictTeams, "INC-1")
		h.sees("aad-anna", "Dank je, Anna")
		h.idle()
		h.Block("aad-anna", true)
		h.Remove(noordTeams)
		h.took(h.Press("aad-noor", card, "Oppakken"))
		h.sees(ictTeams, "INC-1", "Mee bezig")
		h.pass(time.Second)
		if got := h.ready(); got != 200 {
			h.Errorf("for one person it is not ready: %d", got)
		}
		if n := h.told.tells("somebody cannot be reached"); n == 0 {
			h.Error("nobody is told that a message was not delivered")
		}
	})
}

// What was learned about conversations outlives the process: the bot speaks first to
// somebody who wrote to it before it was restarted.
func TestStoryOfARestartInTeams(t *testing.T) {
	onTeams(t, begun, func(h *staff) {
		h.took(h.Install("aad-anna", ""))
		h.took(h.Message("aad-anna", noordTeams, "@schoolbel wifi ligt eruit, hele gang"))
		card := h.sees(ictTeams, "INC-1")
		h.idle()
		asked := h.Calls("create")
		h.restart()
		h.took(h.Press("aad-noor", card, "Oplossen"))
		h.sees("aad-noor", "INC-1")
		h.took(h.Submit("aad-noor", map[string]string{"solution": "Switch vervangen"}))
		h.sees(noordTeams, "Switch vervangen")
		h.idle()
		if n := h.Calls("create") - asked; n > 1 {
			h.Errorf("%d direct rooms were asked for", n)
		}
	})
}
