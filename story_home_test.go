package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"schoolbel/adapters/slack/slackfake"
)

// home waits until a person's home page shows these words.
func (h *play) home(user string, words ...string) slackfake.View {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.Context(), 20*time.Second)
	defer cancel()
	var page slackfake.View
	if err := h.slack.Wait(ctx, func() bool {
		page, _ = h.slack.Home(user)
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(page.Shown(), w) })
	}); err != nil {
		h.Fatalf("the home page of %s does not show %q:\n%s", user, words, page.Shown())
	}
	return page
}

// form gives the form that stands open for a person.
func (h *play) form(user string) slackfake.View {
	h.Helper()
	open := h.slack.Views(user)
	if len(open) != 1 {
		h.Fatalf("%d forms stand open for %s", len(open), user)
	}
	return open[0]
}

// The home page shows what I reported and is open; who looks after records sees the
// queue as well, and can act there.
func TestStoryOfTheHomePage(t *testing.T) {
	stories(t, func(h *play) {
		h.took(h.slack.OpenHome("U0ANNA"))
		h.home("U0ANNA", "Jouw open meldingen", "Niets open")
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang"))
		h.took(h.slack.Message("U0PETER", "C0ZUID", "de printer op Zuid is kapot"))
		h.sees("C0ICT", "INC-1")
		h.sees("C0ICT", "INC-2")

		h.took(h.slack.OpenHome("U0ANNA"))
		mine := h.home("U0ANNA", "INC-1 · wifi ligt eruit, hele gang", "Nieuw")
		if shown := mine.Shown(); strings.Contains(shown, "INC-2") || strings.Contains(shown, "Wachtrij") {
			h.Errorf("a teacher sees the work of others:\n%s", shown)
		}
		h.took(h.slack.OpenHome("U0NOOR"))
		page := h.home("U0NOOR", "Wachtrij", "INC-1", "INC-2")
		if !slices.ContainsFunc(page.Buttons(), func(b slackfake.Button) bool { return b.Value == "INC-2 take" }) {
			h.Errorf("an agent cannot act here: %+v", page.Buttons())
		}
		h.took(h.slack.PressHome("U0NOOR", "INC-2 take"))
		h.sees("C0ZUID", "Noor de Wit is ermee bezig")
		h.home("U0NOOR", "INC-2", "Mee bezig · Noor de Wit")
		h.took(h.slack.PressHome("U0NOOR", "INC-2 resolve"))
		h.took(h.slack.Submit("U0NOOR", map[string]string{"solution": "papier erin"}))
		h.sees("C0ZUID", "INC-2 is opgelost: papier erin")

		h.took(h.slack.OpenHome("U0FATIMA"))
		h.home("U0FATIMA", "Your open reports")
		h.took(h.slack.PressHome("U0FATIMA", "Report an outage"))
		if f := h.form("U0FATIMA"); f.Title != "Report an outage" {
			h.Errorf("the button opens %q", f.Title)
		}
	})
}

// What is sensitive stands on nobody's page but on those of who may know.
func TestStoryOfASensitiveHomePage(t *testing.T) {
	stories(t, func(h *play) {
		h.took(h.slack.Message("U0ANNA", "", "er ligt een usb-stick met leerlinggegevens op straat"))
		h.sees("U0ANNA", "INC-1")
		for user, may := range map[string]bool{"U0ANNA": true, "U0ELS": true, "U0PETER": false} {
			h.took(h.slack.OpenHome(user))
			h.idle()
			if page := h.home(user); strings.Contains(page.Shown(), "usb-stick") != may {
				h.Errorf("%s sees:\n%s", user, page.Shown())
			}
		}
	})
}

// "Meld als storing" takes a message of anybody into a form, filled in as far as it
// tells; the lightning menu opens an empty one.
func TestStoryOfTheShortcuts(t *testing.T) {
	stories(t, func(h *play) {
		h.slack.AddRoom("C0KOFFIE", "koffie", "U0ANNA", "U0FATIMA") // the bot is not in it
		said := h.took(h.slack.Message("U0FATIMA", "C0KOFFIE", "hier hangt een beamer scheef, jammer"))
		h.took(h.slack.MessageShortcut("U0ANNA", "C0KOFFIE", said.TS))
		f := h.form("U0ANNA")
		if f.Title != "Storing melden" || !slices.Equal(f.Inputs(), []string{"title", "service", "location", "impact", "description"}) {
			h.Fatalf("the form is %q with %v", f.Title, f.Inputs())
		}
		h.took(h.slack.Submit("U0ANNA", nil))
		h.sees("U0ANNA", "Dank je, Anna", "INC-1")
		h.idle()
		if r := h.record("INC-1"); r.Title != "hier hangt een beamer scheef, jammer" || r.Service != "digibord" || r.Location != "noord" || strings.Join(r.Reporters, " ") != "anna" {
			h.Errorf("it became %+v", r)
		}

		h.took(h.slack.Shortcut("U0PETER"))
		h.took(h.slack.Submit("U0PETER", map[string]string{"title": "Magister doet niets", "service": "magister", "impact": "large", "description": "Al een uur."}))
		h.sees("U0PETER", "Dank je, Peter", "INC-2: Magister, Locatie Zuid")
		card := h.sees("C0FB", "INC-2", "Al een uur.")
		h.took(h.slack.Press("U0SANNE", card, "Oppakken"))
		h.sees("U0PETER", "Sanne Jansen is ermee bezig")
		h.idle()
		if n := len(h.records()); n != 2 {
			h.Errorf("%d records", n)
		}
	})
}

// The slash commands report, list, show, act and help, in the language of who types.
func TestStoryOfTheSlashCommands(t *testing.T) {
	stories(t, func(h *play) {
		h.took(h.slack.Slash("U0ANNA", "C0NOORD", "/storing", "beamer in lokaal 12 doet niets"))
		h.sees("U0ANNA", "Dank je, Anna", "INC-1")
		h.took(h.slack.Slash("U0ANNA", "C0NOORD", "/storing", ""))
		if f := h.form("U0ANNA"); f.Title != "Storing melden" {
			h.Errorf("/storing opens %q", f.Title)
		}
		for _, c := range []struct{ user, place, text, words string }{
			{"U0ANNA", "C0NOORD", "", "Zo werkt het"},
			{"U0ANNA", "C0NOORD", "hulp", "storing: TEKST"},
			{"U0FATIMA", "C0NOORD", "help", "How it works"},
			{"U0NOOR", "C0ICT", "help", "wachtrij toont alles wat open is"},
			{"U0ANNA", "C0NOORD", "lijst", "INC-1 · beamer in lokaal 12 doet niets"},
			{"U0NOOR", "C0ICT", "wachtrij", "Wachtrij"},
			{"U0FATIMA", "C0NOORD", "status", "INC-1"},
			{"U0NOOR", "C0ICT", "INC-1", "Prioriteit"},
			{"U0NOOR", "C0ICT", "hulp INC-1", "INC-1 oppakken: Jij gaat ermee aan de slag"},
			{"U0NOOR", "C0ICT", "INC-1 oppakken", "Gedaan. INC-1 is nu: Mee bezig"},
			{"U0NOOR", "C0ICT", "INC-1 oplossen", "heb ik nog nodig: oplossing"},
			{"U0NOOR", "C0ICT", "INC-1 oplossen stekker erin", "Gedaan. INC-1 is nu: Opgelost"},
			{"U0ANNA", "C0NOORD", "INC-77", "INC-77 is er niet"},
		} {
			before := len(h.slack.Said(c.place))
			h.took(h.slack.Slash(c.user, c.place, "/schoolbel", c.text))
			h.idle()
			if !slices.ContainsFunc(h.slack.Said(c.place)[before:], func(m slackfake.Message) bool { return m.To == c.user && strings.Contains(m.Shown(), c.words) }) {
				h.Errorf("/schoolbel %s is answered %+v", c.text, h.slack.Said(c.place)[before:])
			}
		}
		h.idle()
		if r := h.record("INC-1"); r.State != "resolved" || r.Field("solution") != "stekker erin" || len(h.records()) != 1 {
			h.Errorf("it is %s: %v", r.State, r.Fields)
		}
	})
}
