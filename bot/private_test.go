package bot

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"schoolbel/adapters"
	"schoolbel/bot/understand"
	"schoolbel/workflows"
	"schoolbel/workflows/school"
)

// writes lets a person write or press something on Slack.
func (h *house) writes(user, channel string, kind adapters.EventKind, text string) {
	h.Helper()
	h.events++
	ev := adapters.Event{
		ID: "slack:" + channel + ":" + string(rune('a'+h.events)), Kind: kind, Text: text, User: adapters.User{ID: user}, At: h.at,
		Place: adapters.Place{Adapter: "slack", Channel: channel}, Direct: strings.HasPrefix(channel, "D"), Message: "m1",
	}
	if err := h.Handle(h.Context(), ev); err != nil {
		h.Fatal(err)
	}
}

// wanted are the messages that were asked for, but for cards: place, thread, text.
func (h *house) wanted() []string {
	h.Helper()
	var list []string
	for _, d := range h.memory.Deliveries() {
		if d.Kind == "card" {
			continue
		}
		var c adapters.Card
		if err := json.Unmarshal(d.Body, &c); err != nil {
			h.Fatal(err)
		}
		list = append(list, strings.TrimSpace(d.Place+" "+d.Thread)+": "+c.Title+c.Text)
	}
	return list
}

// A question about something sensitive is asked in private, and answered there: the
// room hears one sentence, and its conversation knows of nothing.
func TestASensitiveQuestionMovesToThePrivateRoom(t *testing.T) {
	h := newHouse(t)
	who, _ := h.School().Account("slack", "U0ANNA")
	ev := adapters.Event{ID: "e1", Kind: adapters.Message, Place: adapters.Place{Adapter: "slack", Channel: "C0NOORD"}, User: adapters.User{ID: "U0ANNA"}, Message: "m1", At: h.at}
	c := &call{Bot: h.Bot, ev: ev, who: h.known(who.Person, ev, workflows.Account{})}
	text := "laptop met dossiers gestolen"
	m := understand.Meaning{Text: text, Intent: understand.ReportIncident, Kind: "incident", Sensitive: true, Ask: understand.AskLocation}
	err := h.Store.Do(h.Context(), func(tx workflows.Tx) error {
		c.tx = tx
		return c.ask(h.Context(), m, pending{Text: text, Origin: c.origin()})
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"slack:C0NOORD m1: Ik help je in een privébericht.",
		"slack:@U0ANNA: Waar is dat?\n\n" + h.Book.Say("nl", "bot.private.erase"),
	}
	if got := h.wanted(); !slices.Equal(got, want) {
		t.Errorf("asked is %q", got)
	}
	talk := func(key string) (found bool) {
		_ = h.Store.Do(h.Context(), func(tx workflows.Tx) error {
			talk, err := tx.Talk(context.Background(), key)
			found = talk != nil
			return err
		})
		return found
	}
	if talk("slack:C0NOORD|anna") || !talk("slack:@U0ANNA|anna") {
		t.Error("the conversation did not move")
	}
	h.writes("U0ANNA", "D0ANNA", adapters.Press, answerWord+" location=zuid")
	r, err := h.Store.Record(h.Context(), ref(1))
	if err != nil || r.Location != "zuid" || !r.Sensitive {
		t.Errorf("it became %+v, %v", r, err)
	}
}

// Who merely has the same trouble does not read what the first one wrote.
func TestATitleIsForItsWriter(t *testing.T) {
	h := newHouse(t)
	r := &workflows.Record{Kind: "incident", Title: "dossier van Jan gelekt", Sensitive: true, Reporters: []string{"anna", "peter"}, Owner: "noor"}
	for who, may := range map[string]bool{"anna": true, "peter": false, "noor": true, "els": true, "bram": false} {
		if got := h.titleFor(r, h.actor(who), "nl"); (got == r.Title) != may {
			t.Errorf("%s reads %q", who, got)
		}
		card := h.card(r, view{lang: "nl", actor: h.actor(who), person: true})
		if strings.Contains(card.Title, "Jan") != may {
			t.Errorf("the card of %s says %q", who, card.Title)
		}
	}
}

// The officers hear what a room would have heard of another record: that nobody
// took it, and what its reporter adds. The team's room hears nothing.
func TestOfficersHearWhatTheRoomDoesNot(t *testing.T) {
	h := newHouse(t)
	h.does("anna", "report", "title", "Dossier op straat", "sensitive", "yes", "type", "data_breach", "origin", "slack:C0NOORD|1.1")
	if got := h.announced()["slack:@U0ELS els"]; len(got) != 1 || !strings.Contains(got[0], "uiterlijk do 10:01") {
		t.Errorf("els hears %q", got)
	}
	for _, step := range []struct {
		who, do string
		args    []string
		want    string
		who2    string // who hears it besides mieke
	}{
		{"system", "remind", nil, "INC-1 wacht nog op iemand", "els"},
		{"system", "overdue", nil, "INC-1 is nog niet opgelost", "els"},
		{"anna", "note", []string{"note", "bij de fietsen"}, "INC-1: Anna Visser schreef: bij de fietsen", "els"},
		{"els", "escalate", []string{"reason", "het is groot"}, "voorgesteld als crisis", ""},
		{"els", "note", []string{"note", "gebeld"}, "", ""},
	} {
		h.does(step.who, step.do, step.args...)
		told := h.announced()
		for place, texts := range told {
			if !strings.HasPrefix(place, "slack:@") {
				t.Errorf("after %s %s hears %q", step.do, place, texts)
			}
		}
		for _, officer := range []string{"els", "mieke"} {
			got := strings.Join(told["slack:@U0"+strings.ToUpper(officer)+" "+officer], " ")
			wanted := step.want != "" && (officer == "mieke" || officer == step.who2)
			if wanted != (got != "") || !strings.Contains(got, step.want) && wanted {
				t.Errorf("after %s by %s %s hears %q", step.do, step.who, officer, got)
			}
		}
	}
}

// Who the school file wants to be informed of a data leak hears that there is one
// and by when, but not what it is.
func TestTheInformedHearOfALeak(t *testing.T) {
	h := newHouse(t)
	s := *h.School()
	s.DataBreach.Informed = []string{"els", "joost"}
	h.School = schoolOf(&s)
	h.does("anna", "report", "title", "Dossier op straat", "type", "data_breach")
	if got := h.announced()["slack:@U0JOOST joost"]; len(got) != 1 || strings.Contains(got[0], "Dossier") || !strings.Contains(got[0], "uiterlijk do 10:01") {
		t.Errorf("joost hears %q", got)
	}
	h.does("system", "warn")
	told := h.announced()
	if got := told["slack:@U0JOOST joost"]; len(got) != 1 || !strings.Contains(got[0], "INC-1: het datalek") {
		t.Errorf("joost is warned %q", got)
	}
	if got := told["slack:@U0ELS els"]; len(got) != 1 {
		t.Errorf("els is warned %q", got)
	}
	if got := told["slack:@U0MIEKE mieke"]; got != nil {
		t.Errorf("mieke is warned %q", got)
	}
}

// A word that the school gave to a desk sends a message there, though nothing else
// tells that it is not ICT's; in a room nobody is answered who did not ask.
func TestADeskOfTheSchoolsOwn(t *testing.T) {
	h := newHouse(t)
	s := *h.School()
	s.Help = append(slices.Clone(s.Help), school.Desk{Key: "hr", Name: "Het secretariaat", Words: []string{"prikklok"}})
	h.School = schoolOf(school.New(s))
	h.writes("U0ANNA", "C0NOORD", adapters.Message, "de prikklok doet het niet")
	if got := h.wanted(); got != nil {
		t.Errorf("a room hears %q", got)
	}
	h.writes("U0ANNA", "D0ANNA", adapters.Message, "de prikklok doet het niet")
	if got := h.wanted(); len(got) != 1 || !strings.Contains(got[0], "Het secretariaat") {
		t.Errorf("said is %q", got)
	}
	h.writes("U0ANNA", "D0ANNA", adapters.Message, "de prikklok op de laptop doet het niet") // a laptop is ours
	if r, err := h.Store.Record(h.Context(), ref(1)); err != nil || r.Service != "laptop" {
		t.Errorf("it became %+v, %v", r, err)
	}
}
