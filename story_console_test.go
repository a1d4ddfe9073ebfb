package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"schoolbel/adapters/console"
	"schoolbel/config"
)

// room is the whole app with the console alone; people type in it by its doors.
type room struct {
	*play
	typed int
}

// consoles plays a story in the console on both databases.
func consoles(t *testing.T, story func(*room), more ...string) {
	both(t, func(t *testing.T, database string, _ int) { story(openRoom(t, database, more...)) })
}

func openRoom(t *testing.T, database string, more ...string) *room {
	t.Helper()
	cfg, err := config.Load("", append([]string{"SCHOOLBEL_DATABASE_URL=" + database, "SCHOOLBEL_HTTP_LISTEN=127.0.0.1:0"}, more...))
	if err != nil {
		t.Fatal(err)
	}
	app, err := newApp(t.Context(), cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- app.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		app.Close()
	})
	return &room{play: &play{T: t, database: database, apps: []*App{app}}}
}

// says lets somebody type something in a room, or in the thread of a message there.
func (h *room) says(who, channel, text string, thread ...string) {
	h.Helper()
	h.typed++
	body := fmt.Sprintf(`{"id":"typed-%04d","person":%q,"channel":%q,"thread":%q,"text":%q}`, h.typed, who, channel, strings.Join(thread, ""), text)
	h.call("POST", "/console/say", body, "Origin", "http://"+h.apps[0].listener.Addr().String()).asked(text, 200)
	h.idle()
}

// shows finds the last message in a room that shows these words.
func (h *room) shows(channel string, words ...string) console.Message {
	h.Helper()
	h.idle()
	list := h.apps[0].console.Messages(channel)
	var all []string
	for _, m := range slices.Backward(list) {
		text := m.Text
		if m.Card != nil {
			text = m.Card.Title + "\n" + m.Card.Text
		}
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			return m
		}
		all = append(all, text)
	}
	h.Fatalf("nobody in %s sees %q; there is:\n%s", channel, words, strings.Join(all, "\n---\n"))
	return console.Message{}
}

// school writes the example school with some of its text replaced.
func schoolWith(t *testing.T, old, becomes string) string {
	t.Helper()
	example, err := os.ReadFile("config/school.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(example), old) {
		t.Fatalf("the example does not say %q", old)
	}
	path := filepath.Join(t.TempDir(), "school.yaml")
	if err := os.WriteFile(path, []byte(strings.Replace(string(example), old, becomes, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
