package teams

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"schoolbel/adapters"
	"schoolbel/adapters/adaptertest"
	"schoolbel/adapters/teams/teamsfake"
)

// samples are cards as the bot makes them.
var samples = map[string]adapters.Card{
	"incident": {
		Tone: adapters.Alarm, Title: "INC-12 · Wifi ligt eruit in Noord",
		Text:  "Hele gang, sinds vanochtend.\nOok boven.\n\nMeer dan één klas kan niet werken.",
		Facts: []adapters.Fact{{Name: "Stand", Value: "Nieuw"}, {Name: "Dienst", Value: "Wifi"}, {Name: "Gemeld door", Value: "Anna de Vries"}},
		Buttons: []adapters.Button{
			{Label: "Oppakken", Command: "INC-12 oppakken", Style: adapters.Primary},
			{Label: "Annuleren", Command: "INC-12 annuleren", Style: adapters.Danger, Confirm: "Weet je het zeker? Melders krijgen bericht."},
			{Label: "Bekijken", URL: "https://schoolbel.example/records/INC-12"},
			{Label: "Naar Team ICT", Room: "19:ict@thread.tacv2"},
		},
		Foot: "Antwoord in de draad om iets toe te voegen.", Delivery: "d-1", Ref: "INC-12",
	},
	"list": {
		Title: "Jouw meldingen",
		Sections: []adapters.Section{
			{Title: "INC-12 · Wifi ligt eruit", Text: "in behandeling bij Noor", Buttons: []adapters.Button{{Label: "Tonen", Command: "INC-12 tonen"}}},
			{Title: "INC-9 · Printer pakt geen pasjes", Text: "wacht op jou", Buttons: []adapters.Button{{Label: "Tonen", Command: "INC-9 tonen"}, {Label: "Sluiten", Command: "INC-9 sluiten"}}},
		},
	},
	"buttons": {Text: "Welke dienst?", Buttons: many(14)},
	"good":    {Tone: adapters.Good, Title: "INC-12 is opgelost", Text: "Werkt het weer?", Ref: "INC-12"},
	"hostile": {Tone: adapters.Warn, Title: "<at>Noor</at> *vet* & \u202eom", Text: "[klik](https://kwaad.example) # kop\n- lijst\n1. een\n`code` <at>iedereen</at>", Facts: []adapters.Fact{{Name: "**naam**", Value: "_waarde_ @kanaal"}}, Foot: "a &amp; b"},
	"empty":   {},
}

func many(n int) []adapters.Button {
	var list []adapters.Button
	for i := range n {
		list = append(list, adapters.Button{Label: fmt.Sprint("Dienst ", i), Command: fmt.Sprint("dienst ", i)})
	}
	return list
}

var sampleForm = adapters.Form{
	Title: "INC-12 oplossen", Text: "Vertel kort wat het was.", Command: "INC-12 oplossen", Submit: "Oplossen", Cancel: "Laat maar",
	Inputs: []adapters.Input{
		{Name: "solution", Label: "Wat was de oplossing?", Hint: "Dit lezen de melders.", Value: "Switch & kabel", Long: true},
		{Name: "impact", Label: "Hoe erg was het?", Value: "small", Options: []adapters.Option{{Value: "large", Label: "Groot"}, {Value: "small", Label: "Klein"}}},
		{Name: "from", Label: "Sinds", Time: true, Value: "2027-02-22T08:00:00Z", Optional: true},
	},
}

func TestCardsLookAsTheyDid(t *testing.T) {
	for name, c := range samples {
		t.Run(name, func(t *testing.T) {
			adaptertest.Golden(t, name, render(c))
			holds(t, c)
		})
	}
	e := adapters.Event{Place: adapters.Place{Channel: "19:ict@thread.tacv2", Thread: "1"}, Message: "2"}
	card := (&Teams{seal: []byte("seal")}).form(e, sampleForm, "Europe/Amsterdam")
	adaptertest.Golden(t, "form", wrap(card, sampleForm.Title))
	within(t, card)
}

// within checks what Teams would refuse, and that no part of the card reads Markdown:
// then nothing that people write can be more than what they wrote.
func within(t *testing.T, card *adaptive) string {
	t.Helper()
	raw, err := compact(card)
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) > maxCard {
		t.Errorf("the card has %d bytes", len(raw))
	}
	for _, no := range teamsfake.Limits(raw) {
		t.Error(no)
	}
	for _, kind := range []string{`"TextBlock"`, `"FactSet"`, `"mention"`} {
		if bytes.Contains(raw, []byte(`"type":`+kind)) {
			t.Errorf("the card has a %s", kind)
		}
	}
	return string(raw)
}

func holds(t *testing.T, c adapters.Card) {
	t.Helper()
	m := render(c)
	within(t, m.Attachments[0].Content.(*adaptive))
	if m.Summary == "" || len([]rune(m.Summary)) > maxSummary+1 || m.Text != "" || m.Entities != nil {
		t.Errorf("a notification says %q, the message %q", m.Summary, m.Text)
	}
}

// Whatever is in a card, it fits, and says how much is left out.
func FuzzRender(f *testing.F) {
	f.Add("titel", "tekst\nen meer", "INC-1 oppakken", 3)
	f.Add(strings.Repeat("&", 5000), strings.Repeat("\"", 9000), strings.Repeat("x", 3000), 40)
	f.Add("\xff", "\u202e", "", 0)
	f.Fuzz(func(t *testing.T, title, words, command string, n int) {
		c := adapters.Card{Tone: adapters.Warn, Title: title, Text: words, Foot: title, Delivery: title, Ref: words}
		for i := range max(0, min(n, 60)) {
			c.Facts = append(c.Facts, adapters.Fact{Name: title, Value: words})
			b := adapters.Button{Label: title, Command: command + fmt.Sprint(i), Confirm: words}
			c.Buttons = append(c.Buttons, b)
			c.Sections = append(c.Sections, adapters.Section{Title: title, Text: words, Buttons: []adapters.Button{b, b}})
		}
		holds(t, c)
	})
}

func TestAMomentIsInTheReadersTime(t *testing.T) {
	for _, c := range []struct{ date, clock, zone, want string }{
		{"2027-02-22", "08:00", "Europe/Amsterdam", "2027-02-22T07:00:00Z"},
		{"2027-07-01", "08:00:00", "Europe/Amsterdam", "2027-07-01T06:00:00Z"},
		{"2027-02-22", "08:00", "", "2027-02-22T08:00"},
		{"2027-02-22", "", "", "2027-02-22T00:00"},
		{"", "08:00", "Europe/Amsterdam", ""},
		{"morgen", "08:00", "Europe/Amsterdam", "morgenT08:00"},
	} {
		if got := instant(c.date, c.clock, placed(c.zone)); got != c.want {
			t.Errorf("%+v is %q", c, got)
		}
	}
}
