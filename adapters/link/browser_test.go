package link

import (
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"schoolbel/adapters"
	"schoolbel/adapters/console/consoletest"
)

// The page in a real browser, on a phone: its own policy must let in its style and its
// form, and the browser's own checks must let the button through. With
// SCHOOLBEL_SCREENSHOT, a folder, it also makes pictures.
func TestThePageInABrowser(t *testing.T) {
	browser := consoletest.Start(t)
	h := newHouse(t)
	form := adapters.Form{
		Title: "INC-12 oplossen", Command: "INC-12 resolve", Submit: "Oplossen",
		Inputs: []adapters.Input{
			{Name: "solution", Label: "Wat was het?", Hint: "Dit lezen de melders ook.", Long: true},
			{Name: "impact", Label: "Hoe erg was het?", Options: []adapters.Option{{Value: "large", Label: "Groot"}, {Value: "small", Label: "Klein"}}},
			{Name: "from", Label: "Vanaf", Time: true, Value: "2026-11-23T08:00:00Z"},
			{Name: "note", Label: "Nog iets?", Optional: true},
		},
	}
	h.do = func(p *adapters.Page) error {
		if h.events[len(h.events)-1].Kind == adapters.Press {
			p.Form = &form
		}
		return nil
	}
	server := httptest.NewServer(h.mux)
	defer server.Close()
	phone := browser.Tab(390, 844)
	picture := func(name string) {
		if folder := os.Getenv("SCHOOLBEL_SCREENSHOT"); folder != "" {
			phone.Picture(filepath.Join(folder, name+".png"))
		}
	}
	u, err := url.Parse(h.Make(grant()))
	if err != nil {
		t.Fatal(err)
	}
	phone.Open(server.URL + u.Path)
	phone.Shows("Wil je dit doen?")
	phone.Shows("Noor de Wit")
	picture("ask")
	phone.Click("button")
	phone.Shows("INC-12 oplossen")
	picture("form")
	phone.Click("textarea")
	phone.Type("Kabel vervangen")
	phone.Eval(`document.querySelector("select").value = "large"; ""`, nil)
	phone.Click("button")
	phone.Shows("Gedaan")
	picture("done")
	phone.Prefers("prefers-color-scheme", "dark")
	phone.Open(server.URL + u.Path)
	phone.Shows("Deze link is al gebruikt")
	picture("used")
	if last := h.events[len(h.events)-1]; len(h.events) != 2 || last.Form["solution"] != "Kabel vervangen" || last.Form["impact"] != "large" || last.Form["from"] != "2026-11-23T08:00:00Z" {
		t.Errorf("it led to %+v", h.events)
	}
	phone.Open(server.URL + h.link())
	phone.Shows("Wil je dit doen?")
	picture("dark")
	var wide bool
	phone.Eval(`document.documentElement.scrollWidth > window.innerWidth`, &wide)
	if wide {
		t.Error("the page is wider than a phone")
	}
	for _, wrong := range phone.Complaints() {
		if !strings.Contains(wrong, "status of 410") { // it says that the link was used
			t.Errorf("the browser complains: %s", wrong)
		}
	}
}
