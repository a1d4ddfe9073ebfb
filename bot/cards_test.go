package bot

import (
	"strings"
	"testing"

	"schoolbel/adapters"
)

// What stands on a card fits the state of the record and who looks.
func TestButtonsFit(t *testing.T) {
	h := newHouse(t)
	looks := func(who string) string {
		t.Helper()
		r, err := h.memory.Record(t.Context(), ref(1))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(who, "slack:") {
			return labels(h.card(r, h.roomView(who)).Buttons)
		}
		return labels(h.card(r, view{lang: "nl", actor: h.actor(who), person: true}).Buttons)
	}
	for _, step := range []struct {
		who, does string
		args      []string
		want      map[string]string
	}{
		{who: "anna", does: "report", want: map[string]string{
			"slack:C0ICT": "Oppakken, Oplossen, Omweg, Wachten, Bekijken", "slack:C0NOORD": "Ik ook, Volgen", "noor": "Oppakken, Oplossen, Omweg, Wachten, Bekijken", "anna": "", "peter": "Ik ook, Volgen",
		}},
		{who: "noor", does: "take", want: map[string]string{
			"slack:C0ICT": "Oplossen, Omweg, Wachten, Bekijken", "slack:C0NOORD": "Ik ook, Volgen", "anna": "", "peter": "Ik ook, Volgen",
		}},
		{who: "noor", does: "wait", want: map[string]string{
			"slack:C0ICT": "Oplossen, Omweg, Verder, Bekijken", "slack:C0NOORD": "Ik ook, Volgen", "anna": "Verder", "peter": "Ik ook, Volgen",
		}},
		{who: "noor", does: "resolve", args: []string{"solution", "kabel"}, want: map[string]string{
			"slack:C0ICT": "Heropenen, Sluiten", "slack:C0NOORD": "", "anna": "Werkt weer, Heropenen", "peter": "",
		}},
		{who: "anna", does: "confirm", want: map[string]string{
			"slack:C0ICT": "Heropenen", "slack:C0NOORD": "", "anna": "Heropenen", "peter": "",
		}},
	} {
		if step.does == "report" {
			h.reports()
		} else {
			h.does(step.who, step.does, step.args...)
		}
		for who, want := range step.want {
			if got := looks(who); got != want {
				t.Errorf("after %s %s can press: %s; want: %s", step.does, who, got, want)
			}
		}
	}
}

// Every button is a typed command about this very record.
func TestButtonsAreCommands(t *testing.T) {
	h := newHouse(t)
	c := h.card(h.reports(), h.roomView("slack:C0ICT"))
	if len(c.Buttons) == 0 || c.Buttons[0].Style != adapters.Primary {
		t.Fatalf("the first button does not stand out: %+v", c.Buttons)
	}
	for _, b := range c.Buttons {
		said, ok := h.words.parse(b.Command)
		if !ok || said.ref != ref(1) || said.action == "" || said.word != "" {
			t.Errorf("%q reads as %+v", b.Command, said)
		}
	}
}

func facts(c adapters.Card) string {
	var list []string
	for _, f := range c.Facts {
		list = append(list, f.Name+"="+f.Value)
	}
	return strings.Join(list, "; ")
}

// The team sees what it needs to act, and everybody else what they may wonder.
func TestFactsFitTheReader(t *testing.T) {
	h := newHouse(t)
	r := h.reports()
	r.SetField("description", "Sinds half negen.")
	for who, want := range map[string]struct{ facts, text string }{
		"slack:C0ICT":   {"Stand=Nieuw; Prioriteit=P2 Hoog; Dienst=Wifi; Locatie=Locatie Noord; Gemeld door=Anna Visser", "Sinds half negen."},
		"slack:C0NOORD": {"Stand=Nieuw; Dienst=Wifi; Locatie=Locatie Noord", ""},
	} {
		c := h.card(r, h.roomView(who))
		if facts(c) != want.facts || c.Text != want.text || c.Title != "INC-1 · Wifi weg" || c.Tone != adapters.Warn {
			t.Errorf("%s sees %q, %q, %q, %q", who, c.Title, facts(c), c.Text, c.Tone)
		}
	}
	english := h.card(r, view{lang: "en", actor: h.actor("fatima"), person: true})
	if got := facts(english); got != "State=New; Service=Wifi; Location=Locatie Noord" || labels(english.Buttons) != "Me too, Follow" {
		t.Errorf("in English it is %q with %q", got, labels(english.Buttons))
	}
	r.Reporters = append(r.Reporters, "fatima")
	if got := facts(h.card(r, h.roomView("slack:C0NOORD"))); !strings.Contains(got, "Gemeld door=2") || strings.Contains(got, "Fatima") {
		t.Errorf("everybody reads who reported it: %q", got)
	}
	r.Reporters = []string{"slack:U0GAST"}
	v := h.roomView("slack:C0ICT")
	v.guest = "Olivia Brown"
	if got := facts(h.card(r, v)); !strings.Contains(got, "Gemeld door=Olivia Brown") {
		t.Errorf("a guest stands there as %q", got)
	}
}

// A room sees of a sensitive record that there is one, and nothing else, not even
// the room of the team.
func TestSensitiveCards(t *testing.T) {
	h := newHouse(t)
	r := h.reports()
	r.Sensitive = true
	r.SetField("description", "namen en cijfers")
	r.SetField("solution", "usb-stick terug")
	r.State = "resolved"
	for _, room := range []string{"slack:C0ICT", "slack:C0NOORD", "slack:C0CRISIS"} {
		c := h.card(r, h.roomView(room))
		if c.Title != "INC-1 · Gevoelige melding" || strings.Contains(c.Text, "usb") || len(c.Facts)+len(c.Buttons)+len(c.Sections) > 0 || c.Foot != "" {
			t.Errorf("%s sees %+v", room, c)
		}
	}
	if c := h.card(r, view{lang: "nl", actor: h.actor("els"), person: true, staff: true}); c.Title != "INC-1 · Wifi weg" || !strings.Contains(c.Text, "namen en cijfers") || len(c.Buttons) == 0 {
		t.Errorf("who handles it sees %+v", c)
	}
	if c := h.card(r, view{lang: "nl", actor: h.actor("peter"), person: true}); len(c.Buttons) > 0 {
		t.Errorf("somebody else can press %s", labels(c.Buttons))
	}
}
