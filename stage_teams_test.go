package main

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"schoolbel/adapters/teams/teamsfake"
	"schoolbel/config"
)

// The rooms of the stories that Teams alone plays.
const (
	ictTeams   = "19:ict@thread.tacv2"
	cabTeams   = "19:cab@thread.tacv2"
	noordTeams = "19:noord@thread.tacv2"
)

// startOnTeams runs one process of the app until it is stopped, or the test ends.
func startOnTeams(t *testing.T, keys map[string]string, database string, o Options) (*App, func()) {
	t.Helper()
	environ := []string{"SCHOOLBEL_DATABASE_URL=" + database, "SCHOOLBEL_HTTP_LISTEN=127.0.0.1:0", "SCHOOLBEL_SCHOOL=" + schoolOnTeams(t)}
	for name, value := range keys {
		environ = append(environ, "SCHOOLBEL_ADAPTERS_TEAMS_"+strings.ToUpper(name)+"="+value)
	}
	cfg, err := config.Load("", environ)
	if err != nil {
		t.Fatal(err)
	}
	app, err := newApp(t.Context(), cfg, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- app.Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		app.Close()
	})
	t.Cleanup(stop)
	return app, stop
}

// staff is the whole app beside a fake Teams, with a clock that the test tells.
type staff struct {
	*testing.T
	*teamsfake.Fake
	clock    *hands
	database string
	apps     []*App
	stops    []func()
	told     *ledger
}

// ledger keeps what the operator reads.
type ledger struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *ledger) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// tells counts the lines that say something.
func (l *ledger) tells(words string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), words)
}

// onTeams plays a story on both databases.
func onTeams(t *testing.T, begin string, story func(*staff)) {
	t.Helper()
	both(t, func(t *testing.T, database string, processes int) {
		c := &hands{at: local(t, begin)}
		h := &staff{T: t, Fake: teamsfake.New(c.now), clock: c, database: database, told: &ledger{}}
		t.Cleanup(h.Close)
		school, err := config.School("")
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, p := range school.People {
			h.AddUser(p.Accounts["teams"], p.Name, p.Email, p.Locale)
			all = append(all, p.Accounts["teams"])
		}
		h.AddChannel(ictTeams, "Team ICT", all...)
		h.AddChannel(cabTeams, "CAB", all...)
		h.AddGroup(noordTeams, "Locatie Noord", all...)
		for range processes {
			h.start()
		}
		story(h)
	})
}

func (h *staff) start() {
	h.Helper()
	app, stop := startOnTeams(h.T, h.Keys(), h.database, Options{Now: h.clock.now, Log: slog.New(slog.NewTextHandler(h.told, nil))})
	h.apps, h.stops = append(h.apps, app), append(h.stops, stop)
	at := "http://" + app.listener.Addr().String()
	h.Target(at)
	if up, err := http.Get(at + "/healthz"); err != nil { // it waits until everything works
		h.Fatal(err)
	} else {
		_ = up.Body.Close()
	}
}

// restart stops every process and starts as many anew on the same database.
func (h *staff) restart() {
	h.Helper()
	n := len(h.apps)
	for _, stop := range h.stops {
		stop()
	}
	h.apps, h.stops = nil, nil
	for range n {
		h.start()
	}
}

// idle waits until all that is due is done.
func (h *staff) idle() {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.Context(), 30*time.Second)
	defer cancel()
	for _, a := range h.apps {
		if err := a.store.Idle(ctx); err != nil {
			h.Fatal(err)
		}
	}
}

// pass lets time go by.
func (h *staff) pass(d time.Duration) {
	h.Helper()
	h.idle()
	h.clock.mu.Lock()
	h.clock.at = h.clock.at.Add(d)
	h.clock.mu.Unlock()
	h.idle()
}

func (h *staff) took(told teamsfake.Told) teamsfake.Told {
	h.Helper()
	if told.Err != nil || told.Status != http.StatusOK {
		h.Fatalf("Teams was answered %d %s %v", told.Status, told.Body, told.Err)
	}
	return told
}

// sees waits until a message of the bot in a room shows these words.
func (h *staff) sees(room string, words ...string) teamsfake.Message {
	h.Helper()
	var found teamsfake.Message
	ctx, cancel := context.WithTimeout(h.Context(), 30*time.Second)
	defer cancel()
	err := h.Wait(ctx, func() bool {
		for _, m := range h.Said(room) {
			shown := m.Shown()
			if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(shown, w) }) {
				found = m
				return true
			}
		}
		return false
	})
	if err != nil {
		var all []string
		for _, m := range h.Said(room) {
			all = append(all, m.Shown())
		}
		h.Fatalf("nobody in %s sees %q; there is:\n%s", room, words, strings.Join(all, "\n---\n"))
	}
	return found
}

// said counts the messages of the bot in a room that show these words.
func (h *staff) said(room string, words string) int {
	n := 0
	for _, m := range h.Said(room) {
		if strings.Contains(m.Shown(), words) {
			n++
		}
	}
	return n
}

// ready is what /readyz says.
func (h *staff) ready() int {
	h.Helper()
	answer, err := http.Get("http://" + h.apps[0].listener.Addr().String() + "/readyz")
	if err != nil {
		h.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}
