package main

import (
	"fmt"
	"strings"
	"testing"
)

// The words of one sensitive report; none of them may be seen by strangers.
const (
	secretText  = "per ongeluk de cijferlijst van klas 3b naar verkeerde ouders gemaild"
	secretNote  = "het ging om twaalf gezinnen"
	secretWords = "cijferlijst 3b ouders gemaild twaalf gezinnen datalek"
)

// A secret with an open outage beside it, and nobody who goes by a door finds a
// word of it: strangers, ICT, programs and everybody's pages.
func TestStoryOfEveryDoor(t *testing.T) {
	stories(t, func(h *play) {
		h.took(h.slack.Message("U0PETER", "C0NOORD", "wifi ligt eruit, hele gang")) // the beacon
		h.sees("C0ICT", "INC-1")
		h.took(h.slack.Message("U0ANNA", "", secretText))
		h.sees("U0ANNA", "INC-2", "Trek de mail in")
		h.took(h.slack.Message("U0ANNA", "", secretNote))
		h.sees("U0ELS", secretNote)
		h.took(h.slack.Message("U0ELS", "", "INC-2 oppakken"))
		h.took(h.slack.Message("U0ELS", "", "INC-2 taak bel de twaalf gezinnen"))
		h.took(h.slack.Message("U0ELS", "", "INC-2 noteer "+secretNote))
		h.token("POST", "/api/v1/commands", `{"ref":"INC-2","do":"follow_up","args":{"title":"bel de twaalf gezinnen"},"as":"els"}`).asked("a task", 200)
		h.token("POST", "/api/v1/commands", `{"ref":"INC-2","do":"link","args":{"type":"duplicate_of","to":"INC-1"},"as":"els"}`).asked("a link", 200)
		h.idle()

		strange := []string{"noor", "bram", "karim", "joost", "peter", "fatima"} // joost leads in a crisis
		clean := func(door, text string) {
			h.Helper()
			for word := range strings.FieldsSeq(secretWords) {
				if strings.Contains(text, word) {
					h.Errorf("%s shows %q: %.400s", door, word, text)
					return
				}
			}
		}
		before := len(h.log("INC-2"))
		for _, who := range strange {
			user := "U0" + strings.ToUpper(who)
			asks := []string{
				"INC-2", "hulp INC-2", "INC-2 ook last", "INC-2 volg", "INC-2 noteer hallo", "INC-2 oppakken", "INC-2 oplossen weg", "INC-2 dansen", "TSK-1", "TSK-1 start",
				"INC-1 samenvoegen INC-2", "INC-1 koppelen type=duplicate_of to=INC-2", "wachtrij", "lijst", "status", "is mail down?", "wij ook last van verkeerde mail", "m365 doet het niet op Noord",
			}
			for _, text := range asks {
				h.took(h.slack.Message(user, "", text))
			}
			h.took(h.slack.OpenHome(user))
			h.idle()
			for _, m := range h.slack.Said(user) {
				clean("the chat with "+who, m.Shown())
				if strings.Contains(m.Shown(), "INC-2") && !strings.Contains(m.Shown(), "INC-2 is er niet") && !strings.Contains(m.Shown(), "There is no INC-2") {
					h.Errorf("%s is told that there is something: %s", who, m.Shown())
				}
			}
			page := h.home(user)
			clean("the home page of "+who, page.Shown())
			for _, as := range []string{"&as=" + who, ""} {
				for _, query := range []string{"limit=1", "open=true", "kind=task", "q=cijferlijst", "q=gemaild&limit=1", "q=gezinnen", "service=m365", "state=in_progress"} {
					got := h.token("GET", "/api/v1/records?"+query+as, "")
					clean("the list "+query+as, got.body)
					if strings.Contains(query, "q=") && !strings.Contains(got.body, `"next":""`) {
						h.Errorf("a search for its words goes on to a next page: %s", got.body)
					}
				}
				as = strings.Replace(as, "&", "?", 1)
				for _, ref := range []string{"INC-2", "TSK-1"} {
					h.token("GET", "/api/v1/records/"+ref+as, "").asked(ref+as, 404)
				}
				open := h.token("GET", "/api/v1/records/INC-1"+as, "")
				clean("the record beside it", open.body)
				if strings.Contains(open.body, "INC-2") {
					h.Errorf("a link tells that it is there: %s", open.body)
				}
			}
			for _, body := range []string{
				`{"ref":"INC-2","do":"join"`, `{"ref":"INC-2","do":"note","args":{"note":"x"}`, `{"ref":"INC-2","do":"subscribe"`, `{"ref":"INC-2","do":"take"`,
				`{"ref":"INC-1","do":"link","args":{"type":"duplicate_of","to":"INC-2"}`, `{"kind":"task","do":"add","args":{"title":"x","part_of":"INC-2"}`,
			} {
				for _, as := range []string{`}`, fmt.Sprintf(`,"as":%q}`, who)} {
					got := h.token("POST", "/api/v1/commands", body+as)
					clean(body, got.body)
					if got.status == 200 {
						h.Errorf("%s%s went through: %s", body, as, got.body)
					}
				}
			}
		}
		clean("the status page", h.call("GET", "/status", "").body+h.call("GET", "/status.json", "").body)
		clean("the figures", h.call("GET", "/metrics", "").body)
		hook := h.token("POST", "/hooks/generic", `{"id":"probe-1","title":"Mail traag","status":"firing","service":"m365","location":"noord","severity":"high"}`)
		hook.asked("a monitor", 200, `"INC-3"`) // what a stranger reported above
		clean("the hook", hook.body)
		h.idle()
		for _, room := range []string{"C0ICT", "C0FB", "C0NOORD", "C0ZUID", "C0CENTRUM", "C0CAB", "C0CRISIS"} {
			for _, m := range h.slack.Said(room) {
				clean(room, m.Shown())
			}
		}
		if after := len(h.log("INC-2")); after != before {
			h.Errorf("strangers left %d lines in its log", after-before)
		}

		// The officers find it by every door, and in a room it still stays hidden.
		h.token("GET", "/api/v1/records?q=cijferlijst&as=mieke", "").asked("a search of hers", 200, "INC-2", "cijferlijst")
		h.token("GET", "/api/v1/records/INC-2?as=mieke", "").asked("hers", 200, "cijferlijst", secretNote)
		for _, text := range []string{"INC-2", "wachtrij", "status"} {
			h.took(h.slack.Slash("U0MIEKE", "C0CRISIS", "/schoolbel", text))
		}
		h.sees("U0MIEKE", "INC-2 · per ongeluk")
		h.idle()
		for _, m := range h.slack.Messages("C0CRISIS") {
			clean("a room that an officer asks in", m.Shown())
		}
		if n := h.said("C0CRISIS", "INC-2 · Gevoelige melding"); n == 0 {
			h.Error("her queue does not even name it")
		}
	})
}

// What turns out to be sensitive later disappears from where it was open, and who
// followed it hears no more of it.
func TestStoryOfASecretThatWasOpen(t *testing.T) {
	stories(t, func(h *play) {
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang"))
		card := h.sees("C0ICT", "INC-1", "hele gang")
		h.sees("C0NOORD", "INC-1 · wifi ligt eruit, hele gang")
		h.took(h.slack.Message("U0PETER", "", "INC-1 volgen"))
		h.idle()
		h.took(h.slack.Message("U0MIEKE", "", "INC-1 bekijken type=data_breach"))
		h.sees("U0ELS", "INC-1 · wifi ligt eruit, hele gang", "misschien een datalek")
		h.sees("C0ICT", "INC-1 · Gevoelige melding")
		h.sees("C0NOORD", "INC-1 · Gevoelige melding")
		h.idle()
		h.took(h.slack.Press("U0NOOR", card, "Oppakken")) // the old card
		h.took(h.slack.Message("U0ELS", "", "INC-1 omweg vertel het niemand"))
		h.sees("U0ANNA", "vertel het niemand")
		h.idle()
		if n := h.said("U0PETER", "niemand"); n > 0 {
			h.Error("who followed it hears on")
		}
		for _, room := range []string{"C0ICT", "C0NOORD"} {
			if n := h.said(room, "hele gang") + h.said(room, "niemand"); n > 0 {
				h.Errorf("%s still shows it", room)
			}
		}
		if r := h.record("INC-1"); r.Owner != "" {
			h.Errorf("%s took what she may not know", r.Owner)
		}
	})
}

// The law's clock of a data leak: the officers hear the deadline with the report,
// and are warned on time at night and in the weekend, across a restart; nobody else.
func TestStoryOfSeventyTwoHours(t *testing.T) {
	clocks(t, "2026-11-27 14:05:00", func(h *timed) { // a Friday
		h.took(h.slack.Message("U0ANNA", "C0NOORD", secretText))
		h.sees("U0ELS", "uiterlijk ma 14:05", "INC-1 · per ongeluk")
		h.sees("U0MIEKE", "uiterlijk ma 14:05")
		h.until("2026-11-27 14:40:00") // nobody took it in half an hour
		h.heard(1, "U0ELS", "INC-1 wacht nog op iemand")
		h.heard(0, "C0ICT", "wacht nog op iemand")
		h.until("2026-11-28 14:04:59")
		h.heard(0, "U0ELS", "Je hebt nog")
		h.until("2026-11-28 14:05:00")
		h.sees("U0ELS", "INC-1: het datalek moet uiterlijk ma 14:05 gemeld zijn", "nog 48 uur")
		h.restart()
		h.until("2026-11-29 14:05:00")
		h.sees("U0ELS", "nog 24 uur")
		h.until("2026-11-30 08:05:00")
		h.sees("U0ELS", "nog 6 uur")
		h.until("2026-12-01 15:00:00")
		h.heard(3, "U0ELS", "Je hebt nog")
		for _, room := range []string{"U0MIEKE", "U0ANNA", "U0NOOR", "C0ICT", "C0NOORD", "C0CRISIS"} {
			h.heard(0, room, "Je hebt nog")
		}
		if r := h.record("INC-1"); r.Field("known_at") != "2026-11-27T13:05:00Z" || r.Field("warned") != "66h0m0s" {
			h.Errorf("kept is %v", r.Fields)
		}
	})
}

// An alert's incident that became sensitive is out of the monitor's sight: that it
// is over changes nothing there, and the next alert opens another one.
func TestStoryOfAnAlertThatBecameASecret(t *testing.T) {
	stories(t, func(h *play) {
		h.token("POST", "/hooks/alertmanager", prom("firing", "ap-1")).asked("an alert", 200, `"INC-1"`, `"opened"`)
		h.took(h.slack.Message("U0MIEKE", "", "INC-1 oppakken"))
		h.took(h.slack.Message("U0MIEKE", "", "INC-1 bekijken type=attack"))
		h.idle()
		if r := h.record("INC-1"); !r.Sensitive {
			h.Fatalf("it is open for all: %+v", r)
		}
		h.token("POST", "/hooks/alertmanager", prom("firing", "ap-1", "ap-2")).asked("another of its group", 200, `"INC-2"`, `"opened"`)
		h.token("POST", "/hooks/alertmanager", prom("resolved", "ap-1")).asked("the first is over", 200, `"unchanged"`)
		h.idle()
		if r := h.record("INC-1"); r.State != "in_progress" {
			h.Errorf("a program made it %s", r.State)
		}
	})
}
