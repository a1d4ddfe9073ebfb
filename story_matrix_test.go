package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"schoolbel/adapters/matrix"
	"schoolbel/adapters/matrix/matrixtest"
	"schoolbel/config"
	"schoolbel/workflows"
)

// hall is the whole app beside a homeserver, with the example school's people on it.
type hall struct {
	*testing.T
	*matrixtest.Server
	database string
	secret   bool
	bot      string
	people   map[string]*matrixtest.Person
	rooms    map[string]string // by key of the school file
	file     string            // the school file with those rooms
	apps     []*App
	stops    []func()
}

// inHalls plays a story in plain and in encrypted rooms, on either database.
func inHalls(t *testing.T, story func(*hall)) {
	for kind, secret := range map[string]bool{"plain": false, "encrypted": true} {
		t.Run(kind, func(t *testing.T) {
			both(t, func(t *testing.T, database string, processes int) {
				if secret && !matrixtest.Encrypts {
					t.Skip("built without encryption: run with -tags goolm")
				}
				h := &hall{T: t, Server: matrixtest.Start(t), database: database, secret: secret, people: map[string]*matrixtest.Person{}, rooms: map[string]string{}}
				h.furnish()
				for range processes {
					h.start()
				}
				story(h)
			})
		})
	}
}

// furnish makes accounts and rooms, and the school file that names them.
func (h *hall) furnish() {
	h.Helper()
	h.bot = string(h.Register("schoolbel", "Schoolbel"))
	school, err := config.School("")
	if err != nil {
		h.Fatal(err)
	}
	for _, key := range []string{"noor", "sanne", "anna", "peter", "fatima"} {
		p, _ := school.Person(key)
		h.people[key] = h.Person(key, p.Name)
	}
	raw, err := os.ReadFile("config/school.example.yaml")
	if err != nil {
		h.Fatal(err)
	}
	text := string(raw)
	for key, id := range map[string]string{"ict": "C0ICT", "functioneel-beheer": "C0FB", "noord": "C0NOORD", "zuid": "C0ZUID"} {
		h.rooms[key] = h.Make(h.who("noor"), key, h.secret, h.who("sanne"), h.who("anna"), h.who("peter"), h.who("fatima"), h.bot)
		text = strings.ReplaceAll(text, `"slack:`+id+`"`, `"matrix:`+h.rooms[key]+`"`)
	}
	h.file = filepath.Join(h.TempDir(), "school.yaml")
	if err := os.WriteFile(h.file, []byte(text), 0o600); err != nil {
		h.Fatal(err)
	}
}

func (h *hall) who(key string) string { return "@" + key + ":" + matrixtest.Domain }

// start runs one process of the app until it is stopped, or until the test ends.
func (h *hall) start() {
	h.Helper()
	environ := []string{
		"SCHOOLBEL_DATABASE_URL=" + h.database, "SCHOOLBEL_HTTP_LISTEN=127.0.0.1:0", "SCHOOLBEL_SCHOOL=" + h.file,
		"SCHOOLBEL_ADAPTERS_MATRIX_HOMESERVER=" + h.URL(), "SCHOOLBEL_ADAPTERS_MATRIX_USER=" + h.bot,
		"SCHOOLBEL_ADAPTERS_MATRIX_PASSWORD=" + matrixtest.Password,
	}
	if h.secret {
		environ = append(environ, "SCHOOLBEL_ADAPTERS_MATRIX_PICKLE_KEY=only this test knows")
	}
	cfg, err := config.Load("", environ)
	if err != nil {
		h.Fatal(err)
	}
	app, err := newApp(h.Context(), cfg, Options{})
	if err != nil {
		h.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- app.Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			h.Error(err)
		}
		app.Close()
		h.apps = slices.DeleteFunc(h.apps, func(a *App) bool { return a == app })
	})
	h.Cleanup(stop)
	h.stops = append(h.stops, stop)
	h.apps = append(h.apps, app)
	if up, err := http.Get("http://" + app.listener.Addr().String() + "/healthz"); err != nil {
		h.Fatal(err)
	} else {
		_ = up.Body.Close()
	}
	h.until("the bot listens, and is known in every room", func() bool {
		for _, a := range app.adapters {
			if matrix.Plug.Ready(a) != nil {
				return false
			}
		}
		for _, room := range h.rooms {
			for _, p := range h.people {
				if !p.Knows(room, id.UserID(h.bot)) {
					return false
				}
			}
		}
		return true
	})
}

// until waits until something is so.
func (h *hall) until(what string, so func() bool) {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.Context(), 2*time.Minute)
	defer cancel()
	if err := h.Wait(ctx, so); err != nil {
		h.Fatalf("%s: %v", what, err)
	}
}

// sees waits until a message of the bot in a room shows these words.
func (h *hall) sees(room string, words ...string) matrixtest.Message {
	h.Helper()
	var found matrixtest.Message
	ctx, cancel := context.WithTimeout(h.Context(), 2*time.Minute)
	defer cancel()
	err := h.Wait(ctx, func() bool {
		for _, m := range h.Messages(room) {
			if m.Sender == h.bot && !m.Deleted && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(m.Text, w) }) {
				found = m
				return true
			}
		}
		return false
	})
	if err != nil {
		var all []string
		for _, m := range h.Messages(room) {
			all = append(all, m.Sender+": "+m.Text)
		}
		h.Fatalf("nobody in %s sees %q; there is:\n%s", room, words, strings.Join(all, "\n---\n"))
	}
	if found.Closed != h.secret {
		h.Errorf("encrypted is %v: %q", found.Closed, found.Text)
	}
	return found
}

// reads waits until somebody's own room shows these words.
func (h *hall) reads(person string, words ...string) matrixtest.Message {
	h.Helper()
	room := ""
	h.until(person+" has a room with the bot", func() bool {
		room = h.DM(h.who(person), h.bot)
		return room != ""
	})
	return h.sees(room, words...)
}

func (h *hall) records() []*workflows.Record {
	h.Helper()
	found, _, err := h.apps[0].store.Find(h.Context(), workflows.Filter{})
	if err != nil {
		h.Fatal(err)
	}
	return found
}

// The story of an outage, on Matrix: by messages, reactions and questions.
func TestStoryOfAnOutageOnMatrix(t *testing.T) {
	inHalls(t, func(h *hall) {
		noord, ict := h.rooms["noord"], h.rooms["ict"]
		h.Message(h.who("anna"), noord, "wie heeft er taart")
		told := h.Message(h.who("anna"), noord, "wifi ligt eruit, hele gang")
		answer := h.sees(noord, "Dank je, Anna", "INC-1", "Team ICT kijkt ernaar")
		if answer.Thread != told {
			h.Errorf("the answer stands under %q", answer.Thread)
		}
		h.sees(ict, "INC-1", "wifi ligt eruit, hele gang", "Locatie Noord", "Anna Visser")

		h.Message(h.who("fatima"), noord, "no wifi either")
		h.sees(noord, "Thank you, Fatima", "This is known: INC-1")
		card := h.sees(ict, "INC-1", "Gemeld door", "2")

		h.Press(h.who("noor"), card, "Oppakken")
		h.sees(noord, "Noor de Wit is ermee bezig")
		card = h.sees(ict, "INC-1", "Mee bezig", "Noor de Wit")
		h.Press(h.who("noor"), card, "Oplossen")
		h.Fill(h.who("noor"), h.bot, map[string]string{"solution": "Kabel van de switch vervangen"})
		h.sees(noord, "INC-1 is opgelost: Kabel van de switch vervangen", "Werkt het bij jou weer?")
		h.sees(noord, "INC-1 is solved: Kabel van de switch vervangen")
		asked := h.sees(noord, "Werkt het bij jou weer?")
		h.Press(h.who("anna"), asked, "Ja, het werkt")
		h.sees(ict, "INC-1", "Gesloten")
		late := h.sees(noord, "Does it work again for you?") // the first yes closed it
		h.Press(h.who("fatima"), late, "Yes, it works")
		h.reads("fatima", "Good that it works. INC-1 was closed already.")

		records := h.records()
		if len(records) != 1 || records[0].State != "closed" || strings.Join(records[0].Reporters, " ") != "anna fatima" {
			h.Errorf("the records are %+v", records)
		}
		for _, m := range h.Messages(noord) {
			if m.Sender == h.bot && len(m.Calls) > 0 {
				h.Errorf("%q calls %q", m.Text, m.Calls)
			}
		}
		cards, answers := 0, 0
		for _, m := range h.Messages(ict) {
			if m.Sender == h.bot && strings.Contains(m.Text, "INC-1 · ") {
				cards++
			}
		}
		for _, m := range h.Messages(noord) {
			if m.Sender == h.bot && strings.Contains(m.Text, "Dank je, Anna") {
				answers++
			}
		}
		if cards != 1 || answers > 1 {
			h.Errorf("there are %d cards and %d answers", cards, answers)
		}
	})
}

// Every process stops in the middle of what people say, and another goes on: each
// report is there, once.
func TestStoryOfARestartOnMatrix(t *testing.T) {
	inHalls(t, func(h *hall) {
		zuid := h.rooms["zuid"]
		reports := []string{"storing: beamer in lokaal 12 doet niets", "storing: printer op de gang is stuk", "storing: telefoon bij de conciërge is dood", "storing: laptop van de mediatheek start niet"}
		for i, text := range reports {
			h.Message(h.who("peter"), zuid, text)
			if i == 1 {
				for len(h.apps) > 0 {
					h.stops[0]()
					h.stops = h.stops[1:]
				}
			}
		}
		h.start()
		h.until("every report is kept", func() bool { return len(h.records()) == len(reports) })
		seen := map[string]bool{}
		for _, r := range h.records() {
			if seen[r.Title] {
				h.Errorf("%q is there twice", r.Title)
			}
			seen[r.Title] = true
		}
	})
}
