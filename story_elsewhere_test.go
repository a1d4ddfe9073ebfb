package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"schoolbel/adapters/slack/slackfake"
	"schoolbel/config"
)

// What is not ICT's is sent on with a kind word to whom the school file names, and
// never becomes a record; in a room the bot holds its tongue.
func TestStoryOfTheWrongDesk(t *testing.T) {
	stories(t, func(h *play) {
		for _, c := range []struct{ user, text, words string }{
			{"U0ANNA", "de verwarming in lokaal 12 is stuk", "Vervelend! Daar is Facilitaire dienst voor: bel +31 30 555 0199."},
			{"U0FATIMA", "the heating in room 12 is broken", "Sorry to hear that! That is for Facilitaire dienst: call +31 30 555 0199."},
			{"U0ANNA", "het toilet bij de kantine is verstopt", "Facilitaire dienst"},
			{"U0ANNA", "ik ben ziek vandaag", "Personeelszaken voor: bel +31 30 555 0198"},
			{"U0FATIMA", "I am sick today", "That is for Personeelszaken: call +31 30 555 0198"},
			{"U0PETER", "de koffieautomaat is kapot", "Receptie voor: bel +31 30 555 0100"}, // no desk has a word for it
			{"U0PETER", "de kraan doet het niet", "Facilitaire dienst"},
		} {
			before := len(h.slack.Said(c.user))
			h.took(h.slack.Message(c.user, "", c.text))
			h.idle()
			if said := h.slack.Said(c.user)[before:]; len(said) != 1 || !strings.Contains(said[0].Shown(), c.words) {
				h.Errorf("%q is answered %+v", c.text, said)
			}
		}
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "de verwarming in lokaal 12 is stuk"))
		h.took(h.slack.Message("U0FATIMA", "C0NOORD", "the heating in room 12 is broken"))
		h.hears("C0NOORD")
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "<@"+slackfake.Bot+"> de verwarming in lokaal 12 is stuk"))
		asked := h.sees("C0NOORD", "Facilitaire dienst voor")
		if asked.To != "U0ANNA" {
			h.Errorf("a whole room is told: %q", asked.To)
		}
		if b := asked.Buttons(); len(b) != 2 || b[0].URL != "https://slack.com/app_redirect?channel=C0FAC" {
			h.Errorf("the buttons are %+v", b)
		}
		h.nothing("what is not ours")
	})
}

// Danger is answered at once and for all to hear, in one line, wherever it is said:
// in private, in a room that we only overhear, and while we wait for an answer.
func TestStoryOfDanger(t *testing.T) {
	stories(t, func(h *play) {
		const nl, en = "🚨 Is er nu gevaar? Bel 112. Daarna BHV: +31 30 555 0112.", "🚨 Is somebody in danger now? Call 112. Then BHV: +31 30 555 0112."
		h.took(h.slack.Message("U0ANNA", "", "er wordt gevochten op het plein, iemand heeft een mes"))
		h.hears(h.slack.DM("U0ANNA"), nl)
		told := h.took(h.slack.Message("U0ANNA", "C0NOORD", "er wordt gevochten op het plein, iemand heeft een mes"))
		h.hears("C0NOORD", nl)
		if m := h.slack.Said("C0NOORD")[0]; m.To != "" || m.Thread != told.TS {
			h.Errorf("it is for %q, in the thread %q", m.To, m.Thread)
		}
		h.took(h.slack.Redeliver(told))
		h.took(h.slack.Message("U0FATIMA", "C0NOORD", "there is a fire in the kitchen, smoke everywhere"))
		h.hears("C0NOORD", nl, en)

		h.took(h.slack.Message("U0PETER", "", "het werkt niet"))
		h.sees("U0PETER", "Wat werkt er niet?")
		h.took(h.slack.Message("U0PETER", "", "help, een leerling is bewusteloos"))
		h.sees("U0PETER", nl)
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "wie heeft er taart"))
		h.nothing("danger")
	})
}

// A school file without desks: the words that fit every school.
func TestStoryOfASchoolWithoutDesks(t *testing.T) {
	text, err := os.ReadFile("config/school.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "school.yaml")
	plain, _, found := strings.Cut(string(text), "\nhelp:")
	if !found {
		t.Fatal("the example has no desks")
	}
	if err := os.WriteFile(file, []byte(plain), 0o600); err != nil {
		t.Fatal(err)
	}
	c := openConsole(t, "SCHOOLBEL_SCHOOL="+file)
	c.says("anna", "dm:anna", "de verwarming in lokaal 12 is stuk")
	c.shows("dm:anna", "conciërge of receptie")
	c.says("fatima", "dm:fatima", "the heating in room 12 is broken")
	c.shows("dm:fatima", "the caretaker or the reception")
	c.says("anna", "noord", "er wordt gevochten op het plein")
	c.shows("noord", "Is er nu gevaar? Bel 112. Waarschuw daarna de BHV of de receptie.")
	c.says("fatima", "noord", "there is a fire in the kitchen")
	c.shows("noord", "Call 112. Then warn the first-aiders or the reception.")
}

// The console does as Slack does: in private what is private, and loud what is loud.
func TestStoryOfTheConsoleInPrivate(t *testing.T) {
	c := openConsole(t)
	c.says("anna", "noord", "ik heb op een phishinglink geklikt en mijn wachtwoord ingevuld")
	c.shows("dm:anna", "Verander nu je wachtwoord", "zelf weg")
	c.shows("dm:anna", "INC-1", "Dit blijft vertrouwelijk")
	c.shows("dm:els", "INC-1 · ik heb op een phishinglink geklikt")
	c.shows("ict", "INC-1 · Gevoelige melding")
	c.says("anna", "dm:anna", "het was om tien uur")
	c.shows("dm:anna", "Bewaard bij INC-1")
	c.says("fatima", "noord", "I left my laptop in the bus")
	c.shows("dm:fatima", "When and where did you last see it?")
	c.says("fatima", "dm:fatima", "de verwarming is stuk")
	c.shows("dm:fatima", "That is for Facilitaire dienst")
	c.says("anna", "noord", "brand in de keuken, overal rook")
	c.shows("noord", "Is er nu gevaar? Bel 112.")
	for room, want := range map[string][]string{
		"noord": {"Ik help je in een privébericht.", "I'll help you in a private message.", "Is er nu gevaar? Bel 112. Daarna BHV: +31 30 555 0112."},
		"zuid":  nil,
	} {
		if got := c.said(room); strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%s hears %q", room, got)
		}
	}
}

// consoleHouse is the app with nothing but its console.
type consoleHouse struct {
	*testing.T
	app   *App
	posts int
}

func openConsole(t *testing.T, environ ...string) *consoleHouse {
	t.Helper()
	environ = append(environ, "SCHOOLBEL_DATABASE_URL="+filepath.Join(t.TempDir(), "schoolbel.db"), "SCHOOLBEL_HTTP_LISTEN=127.0.0.1:0")
	cfg, err := config.Load("", environ)
	if err != nil {
		t.Fatal(err)
	}
	app, err := newApp(t.Context(), cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- app.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		app.Close()
	})
	return &consoleHouse{T: t, app: app}
}

// says types something in a room, as the page would.
func (c *consoleHouse) says(who, room, text string) {
	c.Helper()
	c.posts++
	origin := "http://" + c.app.listener.Addr().String()
	body := fmt.Sprintf(`{"id":"story-%04d","person":%q,"tab":"t","channel":%q,"text":%q}`, c.posts, who, room, text)
	r, err := http.NewRequestWithContext(c.Context(), http.MethodPost, origin+"/console/say", strings.NewReader(body))
	if err != nil {
		c.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", origin)
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		c.Fatal(err)
	}
	_ = got.Body.Close()
	if got.StatusCode != http.StatusOK {
		c.Fatalf("%s could not say %q: %d", who, text, got.StatusCode)
	}
}

// shows waits until a card in a room shows these words.
func (c *consoleHouse) shows(room string, words ...string) {
	c.Helper()
	ctx, cancel := context.WithTimeout(c.Context(), 30*time.Second)
	defer cancel()
	err := c.app.console.Wait(ctx, func() bool {
	cards:
		for _, text := range c.said(room) {
			for _, w := range words {
				if !strings.Contains(text, w) {
					continue cards
				}
			}
			return true
		}
		return false
	})
	if err != nil {
		c.Fatalf("%s does not show %q but %q", room, words, c.said(room))
	}
}

// said are the cards in a room that all in it see.
func (c *consoleHouse) said(room string) []string {
	var list []string
	for _, m := range c.app.console.Messages(room) {
		if m.Card != nil && m.To == "" {
			list = append(list, strings.TrimSpace(m.Card.Title+"\n"+m.Card.Text))
		}
	}
	return list
}
