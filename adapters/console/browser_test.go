package console

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"schoolbel/adapters"
	"schoolbel/adapters/console/consoletest"
)

// picture writes what the page looks like, when SCHOOLBEL_PICTURES names a folder.
func picture(t *testing.T, tab *consoletest.Tab, name string) {
	t.Helper()
	if folder := os.Getenv("SCHOOLBEL_PICTURES"); folder != "" {
		tab.Picture(filepath.Join(folder, name+".png"))
	}
}

// calm looks whether all is well with a page at the end of a test.
func calm(t *testing.T, tab *consoletest.Tab) {
	t.Helper()
	var text string
	tab.Eval("document.body.innerText", &text)
	for _, leak := range []string{"null", "undefined", "[object", "NaN"} {
		if strings.Contains(text, leak) {
			t.Errorf("the page shows %q:\n%s", leak, text)
		}
	}
	if wrong := tab.Complaints(); len(wrong) > 0 {
		t.Errorf("the page complains: %q", wrong)
	}
}

// outage is a card with all that a card can have.
func outage(state string) adapters.Card {
	return adapters.Card{
		Tone: adapters.Alarm, Title: "INC-1 Wifi ligt eruit", Text: "wifi ligt eruit, hele gang", Ref: "INC-1",
		Facts: []adapters.Fact{
			{Name: "Toestand", Value: state},
			{Name: "Prioriteit", Value: "P2"},
			{Name: "Dienst", Value: "Wifi"},
			{Name: "Locatie", Value: "Locatie Noord"},
			{Name: "Gemeld door", Value: "Anna Visser, Fatima el Amrani"},
		},
		Buttons: []adapters.Button{
			{Label: "Oppakken", Command: "INC-1 take", Style: adapters.Primary},
			{Label: "Oplossen", Command: "INC-1 resolve"},
			{Label: "Annuleren", Command: "INC-1 cancel", Style: adapters.Danger, Confirm: "INC-1 annuleren? De melders horen dat er niets meer gebeurt."},
			{Label: "Statuspagina", URL: "/status"},
		},
		Foot: "Eerste reactie voor 10:30",
	}
}

// script is a bot that does a little of what the real one does.
func script(h *house) adapters.Handler {
	var card adapters.Receipt
	ict := adapters.Place{Adapter: name, Channel: "ict"}
	return func(ctx context.Context, e adapters.Event) error {
		var err error
		switch {
		case e.Kind == adapters.Message && strings.Contains(e.Text, "kapot"):
			return errors.New("the database is away")
		case e.Kind == adapters.Message && e.Direct:
			_, err = h.Send(ctx, e.Place, adapters.Card{Tone: adapters.Good, Title: "Dank je, Anna", Text: "Je melding is INC-1: Wifi op Locatie Noord. Team ICT is ingeseind.\n\nJe hoort het hier zodra iemand ermee bezig is."})
			if err == nil {
				card, err = h.Send(ctx, ict, outage("nieuw"))
			}
		case e.Kind == adapters.Press && e.Text == "INC-1 resolve":
			err = h.OpenForm(ctx, e, adapters.Form{
				Title: "INC-1 oplossen", Command: "INC-1 resolve", Submit: "Oplossen", Text: "De melders horen wat je hier schrijft.",
				Inputs: []adapters.Input{
					{Name: "solution", Label: "Wat was de oplossing?", Hint: "In gewone woorden", Long: true},
					{Name: "cause", Label: "Oorzaak", Optional: true},
					{Name: "impact", Label: "Impact", Options: []adapters.Option{{Value: "large", Label: "Groot"}, {Value: "medium", Label: "Middel"}, {Value: "small", Label: "Klein"}}, Value: "medium"},
					{Name: "expected_at", Label: "Sinds wanneer werkt het weer?", Time: true, Value: "2027-02-22T08:00:00+01:00"},
				},
			})
		case e.Kind == adapters.Press:
			c := outage("in behandeling")
			c.Facts = append(c.Facts, adapters.Fact{Name: "Behandelaar", Value: "Noor de Wit"})
			if err = h.Edit(ctx, ict, card, c); err == nil {
				_, err = h.Send(ctx, e.Place, adapters.Card{Text: "Alleen voor jou: je bent nu behandelaar.", Private: true, To: e.User.ID})
			}
		case e.Kind == adapters.Submit:
			c := outage("opgelost: " + e.Form["solution"])
			c.Tone, c.Buttons = adapters.Good, nil
			err = h.Edit(ctx, ict, card, c)
		case e.Kind == adapters.Shortcut:
			err = h.OpenForm(ctx, e, adapters.Form{Title: "Storing melden", Command: "incident:", Inputs: []adapters.Input{{Name: "title", Label: "Wat werkt er niet?", Value: e.Text}}})
		case e.Kind == adapters.Home:
			_, err = h.Send(ctx, e.Place, adapters.Card{Title: "Mijn meldingen", Sections: []adapters.Section{
				{Title: "INC-1 Wifi ligt eruit", Text: "in behandeling bij Noor de Wit, sinds 9:12", Buttons: []adapters.Button{{Label: "Volgen", Command: "INC-1 subscribe"}, {Label: "Intrekken", Command: "INC-1 cancel", Style: adapters.Danger}}},
				{Title: "TSK-4 Nieuwe laptop klaarzetten", Text: "nog niet begonnen", Buttons: []adapters.Button{{Label: "Volgen", Command: "TSK-4 subscribe"}}},
			}})
		}
		return err
	}
}

func TestADayInTheBrowser(t *testing.T) {
	browser := consoletest.Start(t)
	h := newHouse(t)
	h.follows(script(h))

	anna := browser.Tab(1280, 800)
	anna.Open(h.server.URL + "/")
	anna.Shows("Wie ben je?")
	picture(t, anna, "choose")
	anna.Click("a[href='#anna']")
	anna.Shows("Dag Anna, wat werkt er niet?")
	anna.Press("Locatie Noord")
	anna.Shows("Hier is nog niets gezegd")
	calm(t, anna)
	anna.Key("Alt+ArrowUp")
	picture(t, anna, "empty")
	anna.Until("document.activeElement.id === 'say'")
	anna.Type("wifi ligt eruit, hele gang")
	anna.Key("Enter")
	anna.Shows("Dank je, Anna")
	anna.Until("document.querySelectorAll('.message.person').length === 1 && document.getElementById('outbox').children.length === 0")
	anna.Until("document.activeElement.id === 'say' && document.getElementById('say').value === ''")
	picture(t, anna, "direct")

	noor := browser.Tab(1280, 800)
	noor.Open(h.server.URL + "/#noor")
	noor.Until("document.querySelector('#rooms [data-channel=ict].news .count')")
	noor.Press("Team ICT\n1 nieuw bericht\n1")
	noor.Shows("INC-1 Wifi ligt eruit")
	noor.Until("!document.querySelector('#rooms [data-channel=ict] .count')")
	picture(t, noor, "room")
	noor.Press("Oppakken")
	noor.Shows("in behandeling")
	noor.Shows("Alleen jij ziet dit")
	noor.Until("document.activeElement.innerText === 'Oppakken'") // the new card, the same button
	if e := h.events()[1]; e.Text != "INC-1 take" || e.Message == "" || e.User.ID != "noor" || e.Place.Channel != "ict" {
		t.Errorf("the button made %+v", e)
	}
	picture(t, noor, "private")

	noor.Press("Annuleren")
	noor.Shows("De melders horen dat er niets meer gebeurt.")
	picture(t, noor, "confirm")
	noor.Key("Escape")
	noor.Until("!document.querySelector('dialog')")
	if n := len(h.events()); n != 2 {
		t.Errorf("a button that was not confirmed made an event: %+v", h.events()[2:])
	}

	noor.Press("Oplossen")
	noor.Shows("Wat was de oplossing?")
	noor.Key("Control+Enter")
	noor.Shows("Vul dit nog in.")
	noor.Until("document.activeElement.tagName === 'TEXTAREA'")
	picture(t, noor, "form")
	noor.Type("Switch herstart")
	noor.Click("input[value=small]")
	noor.Click("dialog button[type=submit]")
	noor.Shows("opgelost: Switch herstart")
	noor.Until("!document.querySelector('dialog')")
	last := h.events()[len(h.events())-1]
	if want := map[string]string{"solution": "Switch herstart", "cause": "", "impact": "small", "expected_at": "2027-02-22T08:00:00+01:00"}; fmt.Sprint(last.Form) != fmt.Sprint(want) {
		t.Errorf("the form brought %v, want %v", last.Form, want)
	}

	noor.Click(".message.bot .more")
	noor.Shows("Meld als storing")
	picture(t, noor, "menu")
	noor.Press("Antwoorden")
	noor.Shows("Antwoord aan schoolbel")
	noor.Type("Het was de switch in de kelder")
	noor.Key("Enter")
	noor.Until("document.querySelector('.thread .message.person')")
	picture(t, noor, "thread")
	noor.Key("Escape")
	noor.Until("document.getElementById('reply').hidden")

	noor.Press("Storing melden")
	noor.Until("document.querySelector('dialog h2')?.innerText === 'Storing melden'")
	noor.Key("Escape")
	noor.Press("Mijn meldingen")
	noor.Shows("TSK-4 Nieuwe laptop klaarzetten")
	picture(t, noor, "home")
	calm(t, anna)
	calm(t, noor)
}

func TestOnAPhone(t *testing.T) {
	browser := consoletest.Start(t)
	h := newHouse(t)
	h.follows(script(h))
	h.send("ict", outage("nieuw"))
	h.send("ict", adapters.Card{Tone: adapters.Warn, Title: strings.Repeat("Beamerlampenvervangingsprocedure", 4), Text: strings.Repeat("w", 300)})

	noor := browser.Tab(360, 740)
	noor.Open(h.server.URL + "/")
	noor.Shows("Wie ben je?")
	picture(t, noor, "phone-choose")
	noor.Click("a[href='#noor']")
	noor.Click("#drawer-open.news")
	noor.Until("document.activeElement.id === 'drawer-close' && document.getElementById('room').inert")
	noor.Until("document.getElementById('side').getAnimations().length === 0")
	picture(t, noor, "phone-rooms")
	noor.Click("[data-channel=ict]")
	noor.Shows("INC-1 Wifi ligt eruit")
	noor.Until("document.getElementById('side').getAnimations().length === 0")
	picture(t, noor, "phone-room")
	noor.Until("document.documentElement.scrollWidth <= 360 && document.getElementById('log').scrollWidth <= 360")
	noor.Prefers("prefers-color-scheme", "dark")
	noor.Click("#log")
	noor.Eval("document.getElementById('log').scrollTop = 0", nil)
	picture(t, noor, "phone-dark")
	noor.Press("Oplossen")
	noor.Shows("Wat was de oplossing?")
	noor.Until("document.querySelector('dialog').scrollWidth <= 360")
	picture(t, noor, "phone-form")
	calm(t, noor)
}

func TestEnglishForThoseWhoReadIt(t *testing.T) {
	browser := consoletest.Start(t)
	h := newHouse(t)
	fatima := browser.Tab(1000, 700)
	fatima.Prefers("prefers-color-scheme", "dark")
	fatima.Open(h.server.URL + "/#fatima")
	fatima.Shows("Hello Fatima, what does not work?")
	fatima.Until("document.documentElement.lang === 'en'")
	picture(t, fatima, "english")
	fatima.Press("help")
	fatima.Until("document.getElementById('say').value === 'help'")
	calm(t, fatima)
}
