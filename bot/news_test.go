package bot

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// What each person and each room hears of every step, in their own words.
func TestNews(t *testing.T) {
	const (
		anna, fatima = "slack:C0NOORD anna", "slack:@U0FATIMA fatima"
		noord, ict   = "slack:C0NOORD ", "slack:C0ICT "
		peter        = "slack:@U0PETER peter"
	)
	h := newHouse(t)
	for _, step := range []struct {
		who, does string
		args      []string
		want      map[string]string
	}{
		{who: "anna", does: "report", want: map[string]string{
			anna: "Dank je, Anna. Dit is INC-1: Wifi, Locatie Noord. Team ICT kijkt ernaar.\n\nJe hoeft niets te doen; je hoort het hier zodra er nieuws is. Kan de les niet wachten? Werk even zonder.\n\nKlopt dit? [Dienst klopt niet] [Locatie klopt niet] [Aantal mensen klopt niet] [Ongedaan maken]",
		}},
		{who: "fatima", does: "join", want: map[string]string{
			fatima: "Thank you, Fatima. This is known: INC-1, Wifi, Locatie Noord. Team ICT is looking at it. I count you in, and you hear when there is news.",
		}},
		{who: "peter", does: "subscribe", want: map[string]string{}},
		{who: "system", does: "remind", want: map[string]string{ict: "INC-1 wacht nog op iemand: Wifi, Locatie Noord. Wie pakt het op?"}},
		{who: "system", does: "overdue", want: map[string]string{ict: "INC-1 is nog niet opgelost en de afgesproken tijd is om: Wifi, Locatie Noord."}},
		{who: "noor", does: "take", args: []string{"expected_at", "2026-11-23T10:00:00Z"}, want: map[string]string{
			anna:   "INC-1: Noor de Wit is ermee bezig. We verwachten dat het om 23-11 11:00 klaar is.",
			fatima: "INC-1: Noor de Wit is working on it. We expect it to be done by 23-11 11:00.",
			peter:  "INC-1: Noor de Wit is ermee bezig. We verwachten dat het om 23-11 11:00 klaar is.",
		}},
		{who: "noor", does: "note", args: []string{"note", "alleen voor ons"}, want: map[string]string{}},
		{who: "anna", does: "note", args: []string{"note", "ook lokaal 3"}, want: map[string]string{ict: "Anna Visser schreef: ook lokaal 3"}},
		{who: "noor", does: "workaround", args: []string{"workaround", "kabel"}, want: map[string]string{
			anna: "INC-1: probeer intussen dit: kabel", fatima: "INC-1: meanwhile, try this: kabel", peter: "INC-1: probeer intussen dit: kabel",
		}},
		{who: "noor", does: "assign", args: []string{"owner", "bram"}, want: map[string]string{"slack:@U0BRAM bram": "INC-1 is nu van jou: Wifi weg (door Noor de Wit)."}},
		{who: "bram", does: "resolve", args: []string{"solution", "switch"}, want: map[string]string{
			anna:   "INC-1 is opgelost: switch\n\nWerkt het bij jou weer? [Ja, het werkt] [Nee, nog niet]",
			fatima: "INC-1 is solved: switch\n\nDoes it work again for you? [Yes, it works] [No, not yet]",
			peter:  "INC-1 is opgelost: switch",
			noord:  "✅ INC-1 is opgelost: Wifi, Locatie Noord. switch",
		}},
		{who: "fatima", does: "reopen", want: map[string]string{
			anna:  "INC-1: Het werkt nog niet, zegt Fatima el Amrani. We verwachten dat het om 23-11 11:00 klaar is.",
			peter: "INC-1: Het werkt nog niet, zegt Fatima el Amrani. We verwachten dat het om 23-11 11:00 klaar is.",
			noord: "INC-1 werkt toch nog niet: Wifi, Locatie Noord. We kijken er opnieuw naar.",
		}},
		{who: "noor", does: "wait", args: []string{"expected_at", "2026-11-23T08:00:00Z"}, want: map[string]string{ // a promise that is over is none
			anna: "INC-1: Het wacht op een ander, zegt Noor de Wit.", fatima: "INC-1: It waits for somebody else, says Noor de Wit.", peter: "INC-1: Het wacht op een ander, zegt Noor de Wit.",
		}},
		{who: "noor", does: "resolve", args: []string{"solution", "nog een"}, want: nil},
		{who: "system", does: "close", want: map[string]string{
			anna:   "INC-1: schoolbel sloot het af [Heropenen]",
			fatima: "INC-1: schoolbel closed it [Reopen]",
			peter:  "INC-1: schoolbel sloot het af",
		}},
	} {
		if step.does == "report" {
			h.reports()
		} else {
			h.does(step.who, step.does, step.args...)
		}
		told := h.announced()
		if step.want == nil {
			continue
		}
		for _, to := range slices.Sorted(maps.Keys(told)) {
			if got := strings.Join(told[to], " // "); got != step.want[to] {
				t.Errorf("after %s %s hears %q, want %q", step.does, to, got, step.want[to])
			}
			delete(step.want, to)
		}
		for to, want := range step.want {
			t.Errorf("after %s %s does not hear %q", step.does, to, want)
		}
	}
}

// What is sensitive is told to its reporter and to the officers, each in their own
// room, and to no other place.
func TestSensitiveNews(t *testing.T) {
	h := newHouse(t)
	h.does("fatima", "report", "title", "Usb-stick met cijfers kwijt", "sensitive", "yes", "origin", "slack:C0NOORD|1.1")
	told := h.announced()
	own := []string{"slack:@U0ELS els", "slack:@U0FATIMA fatima", "slack:@U0MIEKE mieke"}
	if got := slices.Sorted(maps.Keys(told)); !slices.Equal(got, own) {
		t.Errorf("told are %v", got)
	}
	if got := told["slack:@U0FATIMA fatima"]; len(got) != 1 || !strings.Contains(got[0], "This stays confidential") {
		t.Errorf("the reporter hears %q", got)
	}
	for _, d := range h.memory.Deliveries() {
		if d.Kind == "card" && d.Place != "slack:C0ICT" {
			t.Errorf("a card stands in %s", d.Place)
		}
	}
	h.does("fatima", "note", "note", "het was de stick van 3B")
	h.does("mieke", "resolve", "solution", "gevonden")
	for to, texts := range h.announced() {
		if !strings.HasPrefix(to, "slack:@") {
			t.Errorf("%s hears %q", to, texts)
		}
	}
}
