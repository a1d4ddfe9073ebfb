package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"schoolbel/adapters/console/consoletest"
	"schoolbel/config"
)

// The same story by hand: in the console, in a real browser. With
// SCHOOLBEL_SCREENSHOT it also makes the picture of the README.
func TestStoryInTheBrowser(t *testing.T) {
	browser := consoletest.Start(t)
	cfg, err := config.Load("", []string{"SCHOOLBEL_DATABASE_URL=" + filepath.Join(t.TempDir(), "schoolbel.db"), "SCHOOLBEL_HTTP_LISTEN=127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	app, err := newApp(t.Context(), cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- app.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		app.Close()
	})
	address := "http://" + app.listener.Addr().String()
	if !strings.Contains(app.welcome(), address) {
		t.Errorf("the welcome does not say where to look: %s", app.welcome())
	}
	anna := browser.Tab(1180, 760)
	anna.Open(address)
	anna.Shows("Anna Visser")
	anna.Click("a[href='#anna']")
	anna.Click("[data-channel=noord]")
	anna.Type("wie heeft er taart")
	anna.Key("Enter")
	anna.Type("wifi ligt eruit, hele gang")
	anna.Key("Enter")
	anna.Shows("Dank je, Anna")
	anna.Shows("Klopt dit?")
	if err := app.store.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if file := os.Getenv("SCHOOLBEL_SCREENSHOT"); file != "" {
		anna.Picture(file)
	}
	anna.Press("Aantal mensen klopt niet")
	anna.Press("De hele school")
	anna.Shows("Ongedaan maken")
	anna.Press("Dienst klopt niet")
	anna.Press("Iets anders")
	anna.Shows("Hoeveel mensen merken het?") // the form; what is sent is as it was
	anna.Click("dialog button[type=submit]")
	anna.Shows("Dat staat al zo bij INC-1")
	anna.Shows("Ongedaan maken")

	noor := browser.Tab(1180, 760)
	noor.Open(address)
	noor.Click("a[href='#noor']")
	noor.Click("[data-channel=ict]")
	noor.Shows("INC-1 · wifi ligt eruit, hele gang")
	noor.Press("Oppakken")
	noor.Shows("Mee bezig")
	anna.Shows("Noor de Wit is ermee bezig")
	noor.Press("Omweg")
	noor.Click("dialog textarea")
	noor.Type("Deel internet via je telefoon")
	noor.Click("dialog button[type=submit]")
	anna.Shows("Deel internet via je telefoon")
	for _, tab := range []*consoletest.Tab{anna, noor} {
		if wrong := tab.Complaints(); len(wrong) > 0 {
			t.Errorf("the browser complains: %v", wrong)
		}
	}
}
