package main

import (
	"context"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"schoolbel/adapters/slack/slackfake"
	"schoolbel/config"
	"schoolbel/store/storetest"
	"schoolbel/workflows"
)

// play is the whole app beside a fake Slack.
type play struct {
	*testing.T
	database string
	options  Options
	more     []string        // configuration of this play alone
	slack    *slackfake.Fake // of a play on Slack alone
	chats    []chat          // of a play on any platform
	apps     []*App
	stops    []func() // one for each that was started
}

// stories plays a story on SQLite and on PostgreSQL.
func stories(t *testing.T, story func(*play)) {
	both(t, func(t *testing.T, database string, processes int) { story(build(t, database, processes)) })
}

// both runs the same on SQLite and on PostgreSQL, side by side.
func both(t *testing.T, story func(t *testing.T, database string, processes int)) {
	onSQLite(t, story)
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		story(t, storetest.Postgres(t), 2)
	})
}

// onSQLite plays a story on SQLite alone, with one process.
func onSQLite(t *testing.T, story func(t *testing.T, database string, processes int)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		story(t, filepath.Join(t.TempDir(), "schoolbel.db"), 1)
	})
}

// build starts so many processes of the app on one database.
func build(t *testing.T, database string, processes int) *play {
	t.Helper()
	return buildWith(t, database, processes, Options{})
}

// buildWith does so with a clock or a log of the test's own, and more configuration.
func buildWith(t *testing.T, database string, processes int, o Options, more ...string) *play {
	t.Helper()
	h := &play{T: t, database: database, options: o, more: more, slack: slackfake.New(o.Now)}
	t.Cleanup(h.slack.Close)
	school, err := config.School("")
	if err != nil {
		t.Fatal(err)
	}
	settle(h.slack, school)
	for range processes {
		h.start(database)
	}
	return h
}

// environ configures a process of the app.
func (h *play) environ(database string) []string {
	lines := []string{"SCHOOLBEL_DATABASE_URL=" + database, "SCHOOLBEL_HTTP_LISTEN=127.0.0.1:0", "SCHOOLBEL_API_TOKENS_MONITORING=" + apiToken}
	for _, c := range h.chats {
		lines = append(lines, c.Environ()...)
	}
	if h.slack == nil {
		return lines
	}
	return append(lines, "SCHOOLBEL_ADAPTERS_SLACK_API_URL="+h.slack.URL(), "SCHOOLBEL_ADAPTERS_SLACK_BOT_TOKEN="+slackfake.BotToken,
		"SCHOOLBEL_ADAPTERS_SLACK_SIGNING_SECRET="+slackfake.SigningSecret)
}

// start runs one process of the app until it is stopped, or until the test ends.
func (h *play) start(database string) (stop func()) {
	h.Helper()
	cfg, err := config.Load("", append(h.environ(database), h.more...))
	if err != nil {
		h.Fatal(err)
	}
	app, err := newApp(h.Context(), cfg, h.options)
	if err != nil {
		h.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- app.Run(ctx) }()
	stop = sync.OnceFunc(func() {
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
	at := "http://" + app.listener.Addr().String()
	for _, c := range h.chats {
		c.Up(app)
	}
	if h.slack != nil {
		h.slack.Target(at)
	}
	if up, err := http.Get(at + "/healthz"); err != nil { // it waits until everything works
		h.Fatal(err)
	} else {
		_ = up.Body.Close()
	}
	return stop
}

// sees waits until a message in a room shows these words.
func (h *play) sees(channel string, words ...string) slackfake.Message {
	h.Helper()
	var found slackfake.Message
	ctx, cancel := context.WithTimeout(h.Context(), 30*time.Second)
	defer cancel()
	err := h.slack.Wait(ctx, func() bool {
		for _, m := range h.slack.Messages(channel) {
			shown := m.Shown()
			if !m.Deleted && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(shown, w) }) && m.Delivery != "" {
				found = m
				return true
			}
		}
		return false
	})
	if err != nil {
		var all []string
		for _, m := range h.slack.Messages(channel) {
			all = append(all, m.Shown())
		}
		h.Fatalf("nobody in %s sees %q; there is:\n%s", channel, words, strings.Join(all, "\n---\n"))
	}
	return found
}

// idle waits until all that was asked for is done.
func (h *play) idle() {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.Context(), 2*time.Minute)
	defer cancel()
	for _, a := range h.apps {
		if err := a.store.Idle(ctx); err != nil {
			h.Fatal(err)
		}
	}
}

func (h *play) records() []*workflows.Record {
	h.Helper()
	found, _, err := h.apps[0].store.Find(h.Context(), workflows.Filter{})
	if err != nil {
		h.Fatal(err)
	}
	return found
}

func (h *play) took(told slackfake.Told) slackfake.Told {
	h.Helper()
	if told.Err != nil || told.Status != 200 {
		h.Fatalf("Slack was answered %d %s %v", told.Status, told.Body, told.Err)
	}
	return told
}

// A wrong signature leaves nothing; the same event ten times at once, on every
// process, makes one record and one answer.
func TestStoryOfARepeatedEvent(t *testing.T) {
	stories(t, func(h *play) {
		told := h.took(h.slack.Message("U0ANNA", "C0NOORD", "storing: beamer in lokaal 12 doet niets"))
		var going sync.WaitGroup
		for i := range 10 {
			h.slack.Target("http://" + h.apps[i%len(h.apps)].listener.Addr().String())
			going.Go(func() {
				if again := h.slack.Redeliver(told); again.Err != nil || again.Status != 200 {
					h.Errorf("the repeat was answered %d %v", again.Status, again.Err)
				}
			})
		}
		going.Wait()
		h.sees("C0NOORD", "INC-1")
		h.idle()
		answers := 0
		for _, m := range h.slack.Messages("C0NOORD") {
			if m.Thread == told.TS && m.Delivery != "" {
				answers++
			}
		}
		if n := len(h.records()); n != 1 || answers != 1 {
			h.Errorf("%d records and %d answers", n, answers)
		}
	})
}

func TestBadStartsSayWhy(t *testing.T) {
	busy := build(t, filepath.Join(t.TempDir(), "a.db"), 1).apps[0].listener.Addr().String()
	for _, c := range []struct {
		name    string
		environ []string
		want    string
	}{
		{"busy port", []string{"SCHOOLBEL_HTTP_LISTEN=" + busy}, busy},
		{"wrong database", []string{"SCHOOLBEL_HTTP_LISTEN=127.0.0.1:0", "SCHOOLBEL_DATABASE_URL=postgres://u:hunter2@127.0.0.1:1/x"}, "the database does not answer at 127.0.0.1:1/x"},
		{"no token", []string{"SCHOOLBEL_HTTP_LISTEN=127.0.0.1:0", "SCHOOLBEL_ADAPTERS_SLACK_SIGNING_SECRET=x"}, "bot_token"},
		{"no adapter", []string{"SCHOOLBEL_HTTP_LISTEN=127.0.0.1:0", "SCHOOLBEL_ADAPTERS_ICQ_TOKEN=x"}, "there is no such adapter"},
	} {
		cfg, err := config.Load("", append([]string{"SCHOOLBEL_DATABASE_URL=" + filepath.Join(t.TempDir(), "b.db")}, c.environ...))
		if err != nil {
			t.Fatal(err)
		}
		_, err = newApp(t.Context(), cfg, Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: said %v", c.name, err)
		}
	}
}
