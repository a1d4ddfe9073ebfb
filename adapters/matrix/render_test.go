package matrix

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"schoolbel/adapters"
	"schoolbel/adapters/adaptertest"
)

// samples are cards as the bot makes them.
var samples = map[string]adapters.Card{
	"incident": {
		Tone: adapters.Alarm, Title: "INC-12 · Wifi ligt eruit in Noord",
		Text:  "Hele gang, sinds vanochtend.\n\nMeer dan één klas kan niet werken.",
		Facts: []adapters.Fact{{Name: "Toestand", Value: "nieuw"}, {Name: "Prioriteit", Value: "P2"}, {Name: "Dienst", Value: "Wifi"}},
		Buttons: []adapters.Button{
			{Label: "Oppakken", Command: "INC-12 take", Style: adapters.Primary},
			{Label: "Annuleren", Command: `INC-12 cancel reason="was er al"`, Style: adapters.Danger, Confirm: "Weet je het zeker?"},
			{Label: "Corrigeren", Command: "INC-12 correct location=zuid"},
			{Label: "Bekijken", URL: "https://schoolbel.example/records/INC-12"},
			{Label: "Crisisruimte", Room: "!crisis:example"},
			{Label: "Kwaad", URL: "javascript:alert(1)"},
		},
		Foot: "Antwoord in de draad om iets toe te voegen.", Delivery: "d-1", Ref: "INC-12",
	},
	"approve": {
		Tone: adapters.Warn, Title: "CHG-4 · Nieuwe switch", Ref: "CHG-4", Delivery: "d-2",
		Buttons: []adapters.Button{
			{Label: "Goedkeuren", Command: "CHG-4 approve", Style: adapters.Primary, Link: "https://schoolbel.example/do/abc"},
			{Label: "Afwijzen", Command: "CHG-4 reject", Style: adapters.Danger, Link: "https://schoolbel.example/do/def"},
		},
	},
	"list": {
		Title: "Jouw meldingen",
		Sections: []adapters.Section{
			{Title: "INC-12 · Wifi ligt eruit", Text: "in behandeling bij Noor", Buttons: []adapters.Button{{Label: "Tonen", Command: "INC-12"}}},
			{Title: "INC-9 · Printer pakt geen pasjes", Text: "wacht op jou", Buttons: []adapters.Button{{Label: "Tonen", Command: "INC-9"}, {Label: "Sluiten", Command: "INC-9 close"}}},
		},
	},
	"question": {Tone: adapters.Good, Title: "INC-12 is opgelost", Text: "Werkt het weer?", Buttons: []adapters.Button{{Label: "Ja, het werkt", Command: "INC-12 confirm"}, {Label: "Nee", Command: "INC-12 reopen"}}, Ref: "INC-12"},
	"hostile":  {Tone: adapters.Warn, Title: "<script>alert(1)</script> & \u202eom", Text: "@room @Channel <a href=\"https://kwaad.example\">klik</a> *vet*\n# kop", Facts: []adapters.Fact{{Name: "<b>naam", Value: "`waarde` @here"}}, Foot: "a &amp; b"},
	"empty":    {},
}

func TestCardsLookLikeThis(t *testing.T) {
	for name, c := range samples {
		adaptertest.Golden(t, name, render(c, panel{}.deal(c, time.Time{})))
	}
	c := samples["incident"]
	p := panel{}.deal(c, time.Time{})
	adaptertest.Golden(t, "thread", render(c, p).in("$root"))
	adaptertest.Golden(t, "change", render(c, p).over("$old"))
}

func TestQuestionsLookLikeThis(t *testing.T) {
	f := adapters.Form{
		Title: "INC-12 oplossen", Text: "Vertel kort wat het was.", Command: "INC-12 resolve", Submit: "Oplossen", Cancel: "Laat maar",
		Inputs: []adapters.Input{
			{Name: "solution", Label: "Wat was de oplossing?", Hint: "Dit lezen de melders.", Long: true},
			{Name: "impact", Label: "Hoe erg was het?", Value: "small", Options: []adapters.Option{{Value: "large", Label: "Groot"}, {Value: "small", Label: "Klein"}}},
			{Name: "from", Label: "Sinds", Time: true, Optional: true},
		},
	}
	q := quiz{Language: languageOf(adapters.Event{}, f), Link: "https://schoolbel.example/do/abc", Form: f}
	adaptertest.Golden(t, "question-first", render(q.card(), panel{}))
	q.At, q.Asked, q.Why = 1, 2, say("nl", "number", 2)
	adaptertest.Golden(t, "question-again", render(q.card(), panel{}))
	q.At, q.Why = 2, ""
	adaptertest.Golden(t, "question-last", render(q.card(), panel{}))
	english := f
	english.Title, english.Text, english.Submit, english.Cancel = "Solve INC-12", "Tell what it was.", "Solve", "Never mind"
	english.Inputs = []adapters.Input{{Name: "solution", Label: "What was the solution?"}}
	if got := languageOf(adapters.Event{}, english); got != "en" {
		t.Errorf("an English form is taken for %s", got)
	}
	if got := languageOf(adapters.Event{}, f); got != "nl" {
		t.Errorf("a Dutch form is taken for %s", got)
	}
	q = quiz{Language: "en", Form: english}
	adaptertest.Golden(t, "question-english", render(q.card(), panel{}))
}

// An event takes 65,536 bytes, and encryption adds a third.
func TestNoMessageIsTooLong(t *testing.T) {
	for _, piece := range []string{"woord ", "&", "<", "😀", "\"", "\n", "漢"} {
		text := strings.Repeat(piece, 5_000)
		c := adapters.Card{Title: text, Text: text, Foot: text, Ref: "INC-1", Delivery: text}
		for range 50 {
			c.Facts = append(c.Facts, adapters.Fact{Name: text, Value: text})
			c.Sections = append(c.Sections, adapters.Section{Title: text, Text: text, Buttons: []adapters.Button{{Label: text, Command: text, Link: "https://schoolbel.example/" + text}}})
			c.Buttons = append(c.Buttons, adapters.Button{Label: text, Command: text, Link: "https://schoolbel.example/x"})
		}
		raw, err := json.Marshal(render(c, panel{}.deal(c, time.Time{})).over("$" + strings.Repeat("x", 255)))
		if err != nil {
			t.Fatal(err)
		}
		if len(raw)*4/3 > 65_000 {
			t.Errorf("%q repeated makes %d bytes", piece, len(raw))
		}
	}
}

// An emoji that stood for one command never stands for another while there are others
// left; a command that comes back has the one it had.
func TestAnEmojiKeepsItsCommand(t *testing.T) {
	card := func(commands ...string) adapters.Card {
		var c adapters.Card
		for _, command := range commands {
			c.Buttons = append(c.Buttons, adapters.Button{Label: command, Command: command})
		}
		return c
	}
	p := panel{}.deal(card("a", "b", "c"), time.Time{})
	meant := map[string]string{}
	for _, k := range p.Keys {
		meant[k.Sign] = k.Command
	}
	p = p.deal(card("d"), time.Time{}).deal(card("b", "e", "f"), time.Time{})
	for sign, command := range meant {
		if got := p.command(sign); got != command {
			t.Errorf("%s was %s and is %s", sign, command, got)
		}
	}
	if sign, ok := p.sign(adapters.Button{Command: "b"}); !ok || meant[sign] != "b" {
		t.Errorf("b is %s now", sign)
	}
	if _, ok := p.sign(adapters.Button{Command: "a"}); ok {
		t.Error("a is still shown")
	}
	for i := range 200 { // longer than there are emoji
		p = p.deal(card(strings.Repeat("x", i+1), "y"), time.Time{})
		if len(p.Open) != 2 || p.command(p.Open[0]) != strings.Repeat("x", i+1) || p.command(p.Open[1]) != "y" {
			t.Fatalf("at %d: %+v", i, p)
		}
	}
	if got := p.command("no emoji"); got != "" {
		t.Errorf("nonsense stands for %q", got)
	}
}
