package slack

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"schoolbel/adapters"
	"schoolbel/adapters/adaptertest"
	"schoolbel/adapters/slack/slackfake"
)

// samples are cards as the bot makes them.
var samples = map[string]adapters.Card{
	"incident": {
		Tone: adapters.Alarm, Title: "INC-12 · Wifi ligt eruit in Noord",
		Text: "Hele gang, sinds vanochtend.\n\nMeer dan één klas kan niet werken.",
		Facts: []adapters.Fact{
			{Name: "Toestand", Value: "nieuw"},
			{Name: "Prioriteit", Value: "P2"},
			{Name: "Dienst", Value: "Wifi"},
			{Name: "Locatie", Value: "Noord"},
			{Name: "Gemeld door", Value: "Anna de Vries"},
			{Name: "Team", Value: "ICT"},
		},
		Buttons: []adapters.Button{
			{Label: "Oppakken", Command: "INC-12 oppakken", Style: adapters.Primary},
			{Label: "Annuleren", Command: "INC-12 annuleren", Style: adapters.Danger, Confirm: "Weet je het zeker? Melders krijgen bericht."},
			{Label: "Bekijken", URL: "https://schoolbel.example/records/INC-12"},
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
	"good":    {Tone: adapters.Good, Title: "INC-12 is opgelost", Text: "Werkt het weer?", Buttons: []adapters.Button{{Label: "Ja", Command: "INC-12 ja"}, {Label: "Nee", Command: "INC-12 nee"}}, Ref: "INC-12"},
	"hostile": {Tone: adapters.Warn, Title: "<!channel> *vet* & \u202eom", Text: "<@U0NOOR> @here <https://kwaad.example|klik>", Facts: []adapters.Fact{{Name: "*_naam_*", Value: "`waarde` @channel"}}, Foot: "a &amp; b"},
	"empty":   {},
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
			m := render(c)
			adaptertest.Golden(t, name, map[string]any{"text": m.text, "blocks": m.blocks, "metadata": m.marks})
			holds(t, c)
		})
	}
	adaptertest.Golden(t, "home", homepage(samples["list"]))
	e := adapters.Event{Place: adapters.Place{Channel: "C0ICT", Thread: "1.2"}, Message: "1.3"}
	v, err := modal(e, sampleForm)
	if err != nil {
		t.Fatal(err)
	}
	adaptertest.Golden(t, "form", v)
}

// called finds what would wake somebody or hide where a link goes.
var called = regexp.MustCompile(`<[!@#a-zA-Z]|@(?i:here|channel|everyone)`)

// holds checks everything that Slack would refuse and everything that a text
// could do which it should not.
func holds(t *testing.T, c adapters.Card) {
	t.Helper()
	m := render(c)
	if n := length(m.text); n == 0 || n > maxText {
		t.Errorf("the text has %d characters", n)
	}
	check := func(surface string, blocks []slack.Block) {
		raw, err := json.Marshal(blocks)
		if err != nil {
			t.Fatal(err)
		}
		if wrong := slackfake.Limits(raw, surface); len(wrong) > 0 {
			t.Errorf("Slack would refuse this %s: %s", surface, strings.Join(wrong, "\n"))
		}
		quiet(t, raw, c)
	}
	check("message", m.blocks)
	check("home", homepage(c).Blocks.BlockSet)
	for _, bad := range append(called.FindAllString(m.text, -1), unseen.FindAllString(m.text, -1)...) {
		t.Errorf("%q survives in the text %.300q", bad, m.text)
	}
	if marks, err := json.Marshal(m.marks); err != nil || len(marks) > 8000 {
		t.Errorf("the marks take %d characters (%v)", len(marks), err)
	}
}

var unseen = regexp.MustCompile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u061c\x00-\x08\x0b-\x1f\x7f]")

// quiet looks in every text of the blocks; values of buttons are commands and
// are shown to nobody.
func quiet(t *testing.T, raw []byte, c adapters.Card) {
	t.Helper()
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	var walk func(any)
	walk = func(node any) {
		switch n := node.(type) {
		case []any:
			for _, child := range n {
				walk(child)
			}
		case map[string]any:
			if s, ok := n["text"].(string); ok {
				if found := append(called.FindAllString(s, -1), unseen.FindAllString(s, -1)...); len(found) > 0 {
					t.Errorf("%q survives in %.300q", found, s)
				}
				if n["type"] == "mrkdwn" && strings.ContainsAny(strings.Trim(s, "*"), "*_~`") {
					t.Errorf("marks survive in %q", s)
				}
			}
			for _, child := range n {
				walk(child)
			}
		}
	}
	walk(tree)
	for _, value := range values(tree) {
		if !slices.ContainsFunc(commands(c), func(s string) bool { return s == value }) {
			t.Errorf("a button says %.100q, which is nobody's command", value)
		}
	}
}

func commands(c adapters.Card) []string {
	var list []string
	for _, b := range c.Buttons {
		list = append(list, b.Command)
	}
	for _, s := range c.Sections {
		for _, b := range s.Buttons {
			list = append(list, b.Command)
		}
	}
	return list
}

func values(node any) []string {
	var list []string
	switch n := node.(type) {
	case []any:
		for _, child := range n {
			list = append(list, values(child)...)
		}
	case map[string]any:
		if s, ok := n["value"].(string); ok {
			list = append(list, s)
		}
		for _, child := range n {
			list = append(list, values(child)...)
		}
	}
	return list
}

func TestACommandIsNeverCut(t *testing.T) {
	long := strings.Repeat("x", 2000) // Slack's number, not ours
	c := adapters.Card{Title: "t", Buttons: []adapters.Button{
		{Label: "past", Command: long},
		{Label: "past niet", Command: long + "x"},
		{Label: "script", URL: "javascript:alert(1)"},
		{Label: "niets"},
		{Label: "pagina", URL: "https://schoolbel.example/", Command: "INC-1 tonen"},
	}}
	raw, err := json.Marshal(render(c).blocks)
	if err != nil {
		t.Fatal(err)
	}
	shown := slackfake.Message{Blocks: raw}.Buttons()
	if len(shown) != 2 || shown[0].Value != long || shown[1].URL == "" || shown[1].Value != "" {
		t.Errorf("the buttons are %+v", shown)
	}
}

func TestPiecesLoseNothing(t *testing.T) {
	text := strings.Repeat("a&b<c>😀", 1000)
	got := pieces(text, 100)
	for _, p := range got {
		if length(p) > 100 || strings.HasSuffix(p, "&") || strings.HasSuffix(p, "&am") {
			t.Errorf("a piece is %q", p)
		}
	}
	if unescape.Replace(strings.Join(got, "")) != text {
		t.Error("the pieces together are not the text")
	}
	for size := range 40 {
		if c := cut(text, size+1); length(c) > size+1 || !strings.HasSuffix(c, "…") {
			t.Errorf("cut at %d: %q", size+1, c)
		}
	}
	if cut("kort", 4) != "kort" {
		t.Error("what fits is cut")
	}
}

func FuzzRender(f *testing.F) {
	f.Add("INC-1 Wifi", "<!channel> wifi", "INC-1 oppakken", 3)
	f.Add(strings.Repeat("&", 4000), strings.Repeat("😀<", 3000), strings.Repeat("x", 2001), 60)
	f.Add("@\u200bhere", "<@U1> \u202e", "\xff", 0)
	f.Add("@@herehere <<!here>>", "a\r\n\tb", " ", 200)
	f.Fuzz(func(t *testing.T, title, text, command string, n int) {
		n = max(0, min(n, 120))
		c := adapters.Card{Tone: adapters.Alarm, Title: title, Text: text, Foot: title + text, Delivery: command, Ref: title}
		form := adapters.Form{Title: title, Text: text, Command: command, Submit: title, Cancel: text}
		for i := range n {
			b := adapters.Button{Label: title, Command: command, Confirm: text, Style: adapters.Danger}
			if i%7 == 3 {
				b.URL = command
			}
			c.Facts = append(c.Facts, adapters.Fact{Name: title, Value: text})
			c.Buttons = append(c.Buttons, b)
			c.Sections = append(c.Sections, adapters.Section{Title: title, Text: text, Buttons: slices.Repeat([]adapters.Button{b}, i%4)})
			in := adapters.Input{Name: fmt.Sprint(command, i), Label: title, Hint: text, Value: text, Long: i%2 == 0, Time: i%3 == 0}
			if i%5 == 0 {
				in.Options = slices.Repeat([]adapters.Option{{Value: command, Label: text}}, i)
				in.Value = command
			}
			form.Inputs = append(form.Inputs, in)
		}
		holds(t, c)
		holdsForm(t, form)
	})
}

// holdsForm opens a form on a fake Slack, which refuses what Slack refuses.
func holdsForm(t *testing.T, form adapters.Form) {
	t.Helper()
	v, err := modal(adapters.Event{Message: "1.2"}, form)
	if err != nil {
		if length(form.Command) < 400 {
			t.Errorf("the form was refused: %v", err)
		}
		return
	}
	raw, err := json.Marshal(v.Blocks.BlockSet)
	if err != nil {
		t.Fatal(err)
	}
	if wrong := slackfake.Limits(raw, "modal"); len(wrong) > 0 {
		t.Errorf("Slack would refuse this form: %s", strings.Join(wrong, "\n"))
	}
	for what, s := range map[string]*slack.TextBlockObject{"title": v.Title, "submit": v.Submit, "close": v.Close} {
		if s != nil && (s.Text == "" || length(s.Text) > maxViewWord) {
			t.Errorf("the %s is %q", what, s.Text)
		}
	}
	if length(v.PrivateMetadata) > maxMemory {
		t.Errorf("the memory has %d characters", length(v.PrivateMetadata))
	}
}

func TestAFormKeepsWhatMatters(t *testing.T) {
	if _, err := modal(adapters.Event{}, adapters.Form{Command: strings.Repeat("x", 3000)}); err == nil {
		t.Error("a form whose command does not fit was made all the same")
	}
	twice := adapters.Input{Name: "solution", Label: "Twee keer"}
	v, err := modal(adapters.Event{}, adapters.Form{Title: "t", Inputs: []adapters.Input{
		twice, twice,
		{Label: "zonder naam"},
		{Name: "year1", Label: "Jaar", Time: true, Value: time.Time{}.Format(time.RFC3339)},
	}})
	if err != nil || len(v.Blocks.BlockSet) != 2 {
		t.Errorf("%d questions are left (%v)", len(v.Blocks.BlockSet), err)
	}
}

// TestEveryTextIsFilledToItsLimit draws texts that are all too long: each must be
// cut where Slack cuts, and no later.
func TestEveryTextIsFilledToItsLimit(t *testing.T) {
	long := strings.Repeat("x", 5000)
	b := adapters.Button{Label: long, Command: "INC-1 ja", Confirm: long}
	holds(t, adapters.Card{
		Title: long, Text: long, Foot: long, Facts: []adapters.Fact{{Name: long, Value: long}},
		Sections: []adapters.Section{{Title: long, Text: long, Buttons: []adapters.Button{b}}}, Buttons: slices.Repeat([]adapters.Button{b}, 60),
	})
	options := []adapters.Option{{Value: strings.Repeat("x", 150), Label: long}, {Value: strings.Repeat("x", 151), Label: long}}
	form := adapters.Form{Title: long, Text: long, Submit: long, Cancel: long, Command: "storing", Inputs: []adapters.Input{
		{Name: "text", Label: long, Hint: long, Value: long},
		{Name: "choice", Label: long, Hint: long, Options: options},
		{Name: strings.Repeat("x", 256), Label: "te lang"},
	}}
	holdsForm(t, form)
	if got := choices(options); len(got) != 1 {
		t.Errorf("%d options are left, want the one that fits", len(got))
	}
}

func TestAListCountsWhatItLeavesOut(t *testing.T) {
	for total := 1; total < 120; total++ {
		for _, each := range []int{0, 1} {
			var list []adapters.Section
			for range total {
				list = append(list, adapters.Section{Title: "INC", Buttons: slices.Repeat([]adapters.Button{{Label: "Tonen", Command: "toon"}}, each)})
			}
			raw, err := json.Marshal(render(adapters.Card{Title: "Lijst", Sections: list, Foot: "einde"}).blocks)
			if err != nil {
				t.Fatal(err)
			}
			shown := slackfake.Message{Blocks: raw}.Shown()
			there, left := strings.Count(shown, "INC"), 0
			if _, rest, cut := strings.Cut(shown, "… +"); cut {
				if _, err := fmt.Sscan(rest, &left); err != nil {
					t.Fatal(err)
				}
			}
			if there+left != total {
				t.Fatalf("of %d things %d are shown and %d counted", total, there, left)
			}
		}
	}
}
