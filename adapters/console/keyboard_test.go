package console

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"schoolbel/adapters"
	"schoolbel/adapters/console/consoletest"
)

func TestWhatWasNotStoredIsSaidAgain(t *testing.T) {
	browser := consoletest.Start(t)
	h := newHouse(t)
	h.follows(func(context.Context, adapters.Event) error { return errors.New("the database is away") })
	anna := browser.Tab(1000, 700)
	anna.Open(h.server.URL + "/#anna")
	anna.Until("document.activeElement.id === 'say'")
	anna.Type("wifi ligt eruit")
	anna.Key("Enter")
	anna.Shows("Nog niet verstuurd.")
	anna.Until("document.querySelectorAll('.message').length === 0")
	picture(t, anna, "unsent")
	h.follows(nil)
	anna.Press("Opnieuw")
	anna.Until("document.querySelectorAll('.message').length === 1 && document.getElementById('outbox').children.length === 0")
	events := h.events()
	for _, e := range events {
		if e.ID != events[0].ID {
			t.Errorf("the bot heard %s and %s", events[0].ID, e.ID)
		}
	}
	if m := h.Messages("dm:anna"); len(m) != 1 || m[0].Text != "wifi ligt eruit" {
		t.Errorf("the room shows %+v", m)
	}
	anna.Complaints() // the browser notes each answer that was an error

	anna.Type(strings.Repeat("x", bodyLimit))
	anna.Key("Enter")
	anna.Shows("Dit bericht is te groot")
	anna.Press("Weggooien")
	anna.Until("document.getElementById('outbox').children.length === 0")
}

func TestWithTheKeyboardAlone(t *testing.T) {
	browser := consoletest.Start(t)
	h := newHouse(t)
	noor := browser.Tab(1000, 700)
	noor.Open(h.server.URL + "/")
	noor.Shows("Wie ben je?")
	for range 4 {
		noor.Key("Tab")
	}
	noor.Until("document.activeElement.innerText.includes('Noor de Wit')")
	noor.Key("Enter")
	noor.Until("document.activeElement.id === 'say'")

	noor.Key("Alt+ArrowDown")
	noor.Until("document.getElementById('room-name').innerText === 'Team ICT' && document.activeElement.id === 'say'")
	noor.Type("concept")
	noor.Key("Control+k")
	noor.Shows("Ga naar een ruimte")
	noor.Type("noord")
	picture(t, noor, "jump")
	noor.Key("Enter")
	noor.Until("document.getElementById('room-name').innerText === 'Locatie Noord' && document.activeElement.id === 'say' && document.getElementById('say').value === ''")
	noor.Key("Alt+ArrowUp")
	noor.Until("document.getElementById('say').value === 'concept'")
	noor.Key("Shift+Enter")
	noor.Type("tweede regel")
	noor.Until("document.getElementById('say').value === 'concept\\ntweede regel'")
	noor.Key("Enter")
	noor.Until("document.querySelectorAll('.message').length === 1")
	if m := h.Messages("ict"); m[0].Text != "concept\ntweede regel" {
		t.Errorf("the room shows %+v", m)
	}

	// Nothing is left without a name for those who listen.
	var nameless []string
	noor.Eval(`[...document.querySelectorAll("button, a, input, textarea, select, [role=log]")]
		.filter((n) => n.getClientRects().length > 0 && !(n.getAttribute("aria-label") || n.innerText?.trim() || n.labels?.length))
		.map((n) => n.outerHTML)`, &nameless)
	if len(nameless) > 0 {
		t.Errorf("nobody can hear what these are: %q", nameless)
	}

	noor.Eval("history.back()", nil)
	noor.Until("document.getElementById('room-name').innerText === 'Locatie Noord'")
	h.send("ict", adapters.Card{Title: "INC-2"})
	noor.Until("document.title === '(1) Locatie Noord – schoolbel'")
	calm(t, noor)
}

func TestHostileTextIsOnlyText(t *testing.T) {
	browser := consoletest.Start(t)
	h := newHouse(t)
	const nasty = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`
	long := strings.Repeat("heel lang verhaal ", 600)
	h.send("dm:anna", adapters.Card{
		Tone: "<b>", Title: nasty, Text: nasty + "\n\n\u202Ednuora rehto eht\n\n" + long, Ref: nasty,
		Facts:    []adapters.Fact{{Name: nasty, Value: "\u2067مرحبا\u2069"}},
		Sections: []adapters.Section{{Title: nasty, Text: nasty}},
		Buttons: []adapters.Button{
			{Label: nasty, Command: nasty, Style: `x" onclick="x`},
			{Label: "lokaas", URL: "javascript:document.title='owned'"},
			{Label: strings.Repeat("knop", 60), Command: "x"},
		},
		Foot: nasty,
	})
	anna := browser.Tab(360, 740)
	anna.Open(h.server.URL + "/#anna")
	anna.Until("document.querySelectorAll('.message').length === 1")
	var found struct {
		Title, Text      string
		Made, Links, Too int
	}
	look := `({
		Title: document.title, Text: document.getElementById("messages").innerText,
		Made: document.querySelectorAll("#messages img, #messages script, #messages b").length,
		Links: document.querySelectorAll("#messages a").length,
		Too: Math.max(document.documentElement.scrollWidth, document.getElementById("log").scrollWidth),
	})`
	anna.Eval(look, &found)
	if strings.Contains(found.Title, "owned") || found.Made != 0 || found.Links != 0 || found.Too > 360 {
		t.Errorf("the page shows %+v", found)
	}
	if !strings.Contains(found.Text, nasty) {
		t.Error("the text is not shown as it is")
	}
	if len(found.Text) > 4000 {
		t.Errorf("a long text takes %d characters", len(found.Text))
	}
	picture(t, anna, "hostile")
	anna.Press("meer")
	anna.Press("minder")
	anna.Until("document.activeElement.innerText === 'meer'")
	calm(t, anna)
}

func TestTheLineIsLostAndFound(t *testing.T) {
	browser := consoletest.Start(t)
	h := newHouse(t)
	anna := browser.Tab(1000, 700)
	anna.Open(h.server.URL + "/#anna")
	anna.Shows("Dag Anna")
	h.send("dm:anna", adapters.Card{Title: "INC-1"})
	anna.Shows("INC-1")
	h.server.CloseClientConnections()
	h.send("dm:anna", adapters.Card{Title: "INC-2"})
	anna.Shows("INC-2") // the browser came back with the mark it had
	anna.Until("document.querySelectorAll('.message').length === 2")
}

// TestManyTabs opens more tabs than a browser has connections for one address.
func TestManyTabs(t *testing.T) {
	browser := consoletest.Start(t)
	h := newHouse(t)
	var tabs []*consoletest.Tab
	for range 8 {
		tab := browser.Tab(800, 600)
		tab.Open(h.server.URL + "/#anna")
		tab.Shows("Dag Anna")
		look(tab, false)
		tabs = append(tabs, tab)
	}
	last := tabs[len(tabs)-1]
	look(last, true)
	last.Type("hallo")
	last.Key("Enter")
	last.Until("document.querySelectorAll('.message').length === 1 && document.getElementById('outbox').children.length === 0")
	tabs[0].Until("document.title === '(1) schoolbel – schoolbel' || document.querySelectorAll('.message').length === 1")
	look(last, false)
	look(tabs[5], true)
	tabs[5].Until("document.querySelectorAll('.message').length === 1")
}

// look turns to a tab, or away from it.
func look(tab *consoletest.Tab, to bool) {
	tab.Eval(fmt.Sprintf(`Object.defineProperty(document, "hidden", { configurable: true, value: %t });
		document.dispatchEvent(new Event("visibilitychange"));`, !to), nil)
}
