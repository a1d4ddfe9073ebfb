package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"schoolbel/adapters"
	"schoolbel/adapters/console/consoletest"
	"schoolbel/adapters/teams/teamsfake"
)

// labels are those of a message's buttons.
func labels(m teamsfake.Message) []string {
	var list []string
	for _, b := range m.Buttons() {
		list = append(list, b.Label)
	}
	return list
}

// From one sentence in the personal chat to a closed incident, in Microsoft's own
// emulator: the card in the channel is taken, a form is filled in, and everybody sees
// the card change.
func TestStoryOfAnOutageInTeams(t *testing.T) {
	p := playTeams(t, "anna")
	p.types(p.chat(), "wifi ligt eruit, hele gang")
	p.sees(p.chat(), "Dank je, Anna", "INC-1")
	card := p.sees(ictTeams, "INC-1", "wifi ligt eruit, hele gang", "Anna Visser")
	if card.Ref != "INC-1" || card.Delivery == "" || card.Summary == "" {
		t.Errorf("the card bears %q, %q and says %q in a notification", card.Ref, card.Delivery, card.Summary)
	}
	if said := p.press("noor", card, "Oppakken", nil); !strings.Contains(said, "activity.message") {
		t.Errorf("the press is answered %s", said)
	}
	p.sees(p.chat(), "Noor de Wit is ermee bezig")
	taken := p.sees(ictTeams, "INC-1", "Mee bezig")
	if taken.ID != card.ID || taken.Edits == 0 || slices.Contains(labels(taken), "Oppakken") {
		t.Errorf("the card changed into %d edits of %s with %q", taken.Edits, taken.ID, labels(taken))
	}

	p.press("noor", taken, "Oplossen", nil)
	form := p.sees("", "INC-1 resolve") // the emulator says that everybody's client is English
	if form.Channel == ictTeams || len(form.Inputs()) == 0 {
		t.Fatalf("the form stands in %s and asks %q", form.Channel, form.Inputs())
	}
	p.press("noor", form, form.Buttons()[0].Label, map[string]string{"solution": "Switch vervangen"})
	p.sees(form.Channel, "✓ INC-1 resolve")
	if again := p.sees(p.chat(), "Switch vervangen", "Werkt het bij jou weer"); !slices.Equal(labels(again), []string{"Ja, het werkt", "Nee, nog niet"}) {
		t.Errorf("Anna is asked with %q", labels(again))
	} else {
		p.press("anna", again, "Ja, het werkt", nil)
	}
	closed := p.sees(ictTeams, "INC-1", "Gesloten")
	if closed.ID != card.ID {
		t.Errorf("the closed card is another message: %s", closed.ID)
	}
	p.content()
}

// Two members of the board approve by the same buttons, each once.
func TestStoryOfAnApprovalInTeams(t *testing.T) {
	p := playTeams(t, "anna")
	p.types(p.chat(), "wijziging: nieuwe firewall voor Noord")
	p.sees(p.chat(), "CHG-1")
	p.says("bram", `CHG-1 indienen reason="oude is op" risk=low plan="vervangen" test_plan="pingen" rollback_plan="terugzetten" communication="mail" service=internet from=2027-03-01T18:00 to=2027-03-01T20:00 implementer=noor`)
	card := p.sees(cabTeams, "CHG-1", "Wacht op akkoord") // those who decide have a room of their own
	p.press("karim", card, "Goedkeuren", nil)
	p.press("karim", card, "Goedkeuren", nil) // his vote counts once
	p.press("noor", card, "Goedkeuren", nil)  // she may not
	if err := p.app.store.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if now := p.sees(cabTeams, "CHG-1"); strings.Contains(now.Shown(), "Goedgekeurd") {
		t.Errorf("one vote approved it: %s", now.Shown())
	}
	// The emulator's own roster tells who somebody is.
	who, err := p.app.adapters[0].(adapters.Directory).User(t.Context(), "aad-karim")
	if want := (adapters.User{ID: "aad-karim", Name: "Karim Bouzid", Email: "karim@delinde.example"}); err != nil || who != want {
		t.Errorf("looked up %+v (%v)", who, err)
	}
	p.press("els", p.sees(cabTeams, "CHG-1"), "Goedkeuren", nil)
	approved := p.sees(cabTeams, "CHG-1", "Goedgekeurd")
	if approved.ID != card.ID {
		t.Errorf("the approved card is another message: %s", approved.ID)
	}
	p.content()
}

// The same by hand, in a real browser. With SCHOOLBEL_TEAMS_SCREENSHOT it also makes
// the picture of docs/teams.md.
func TestStoryInTeamsInTheBrowser(t *testing.T) {
	browser := consoletest.Start(t)
	p := playTeams(t, "noor")
	noor := browser.Tab(1280, 900)
	noor.Open(p.url)
	noor.Click("div[role=textbox]")
	noor.Type("wifi ligt eruit in Noord, hele gang")
	noor.Click("button[aria-label='Send Message']")
	noor.Shows("INC-1")
	p.sees(ictTeams, "INC-1", "Noor de Wit")
	opens(noor, "Team ICT")
	noor.Press("Oppakken")
	noor.Shows("Mee bezig")
	p.sees(ictTeams, "INC-1", "Mee bezig")
	if file := os.Getenv("SCHOOLBEL_TEAMS_SCREENSHOT"); file != "" {
		noor.Picture(file)
	}
	p.content()
}

// opens goes to a chat in the list of the emulator.
func opens(tab *consoletest.Tab, name string) {
	find := `[...document.querySelectorAll("[role=treeitem]")].filter((e) => e.innerText.includes("` + name + `")).at(-1)`
	tab.Until(find + "?.getClientRects().length > 0")
	tab.Eval(find+`.id = "chosen"`, nil)
	tab.Click("#chosen")
}
