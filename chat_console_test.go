package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"schoolbel/adapters"
)

// consoleChat is the console as a stage: people use the doors that its page uses.
type consoleChat struct {
	t    *testing.T
	app  *App
	more []string
	acts int
	// marks are where the stream of who pressed something stood just before: the form
	// that it opened comes after.
	marks map[string]string
}

func newConsoleChat(t *testing.T) *consoleChat {
	return &consoleChat{t: t, marks: map[string]string{}}
}

// Environ switches the console on.
func (c *consoleChat) Environ() []string {
	return append([]string{"SCHOOLBEL_ADAPTERS_CONSOLE={}"}, c.more...)
}

// Up takes the process that has the console's rooms.
func (c *consoleChat) Up(app *App) { c.app = app }

// Alone is true: the rooms stand in one process.
func (c *consoleChat) Alone() bool { return true }

func (c *consoleChat) channel(room string) string {
	if who, direct := strings.CutPrefix(room, "@"); direct {
		return "dm:" + who
	}
	return room
}

func (c *consoleChat) base() string { return "http://" + c.app.listener.Addr().String() }

// act posts what the page posts.
func (c *consoleChat) act(door, who string, fields map[string]any) string {
	c.t.Helper()
	c.acts++
	fields["id"], fields["person"], fields["tab"] = fmt.Sprintf("typed-%s-%04d", who, c.acts), who, "tab-"+who
	body, err := json.Marshal(fields)
	must(c.t, door, err)
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.base()+"/console/"+door, bytes.NewReader(body))
	must(c.t, door, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", c.base())
	answer, err := http.DefaultClient.Do(r)
	must(c.t, door, err)
	defer func() { _ = answer.Body.Close() }() // only read
	said, err := io.ReadAll(answer.Body)
	must(c.t, door, err)
	if answer.StatusCode != http.StatusOK {
		c.t.Fatalf("%s %v: the console answered %d %s", door, fields, answer.StatusCode, said)
	}
	var got struct{ Receipt string }
	must(c.t, door, json.Unmarshal(said, &got))
	return got.Receipt
}

// Writes types in a room.
func (c *consoleChat) Writes(who, room, text string, thread ...post) post {
	c.t.Helper()
	root := ""
	for _, m := range thread {
		root = m.ID
		if m.Thread != "" {
			root = m.Thread
		}
	}
	id := c.act("say", who, map[string]any{"channel": c.channel(room), "thread": root, "text": text})
	return post{Room: room, ID: id, Thread: root, Text: text}
}

// Calls uses the slash command.
func (c *consoleChat) Calls(who, room, text string) post {
	c.t.Helper()
	return c.Writes(who, room, "/schoolbel "+text)
}

// Presses presses a button.
func (c *consoleChat) Presses(who string, on post, label string) {
	c.t.Helper()
	for _, m := range c.app.console.Messages(c.channel(on.Room)) {
		if string(m.Receipt) != on.ID || m.Card == nil {
			continue
		}
		buttons := m.Card.Buttons
		for _, s := range m.Card.Sections {
			buttons = append(buttons, s.Buttons...)
		}
		for _, b := range buttons {
			if b.Label == label {
				c.marks[who] = c.mark(who)
				c.act("press", who, map[string]any{"channel": c.channel(on.Room), "receipt": on.ID, "command": b.Command})
				return
			}
		}
	}
	c.t.Fatalf("there is no button %q under %s", label, on.Text)
}

// mark is where somebody's stream stands now.
func (c *consoleChat) mark(who string) string {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.base()+"/console/state?person="+who, http.NoBody)
	must(c.t, "the state", err)
	answer, err := http.DefaultClient.Do(r)
	must(c.t, "the state", err)
	defer func() { _ = answer.Body.Close() }() // only read
	var state struct{ Mark string }
	must(c.t, "the state", json.NewDecoder(answer.Body).Decode(&state))
	return state.Mark
}

// Fills sends the form that came over the stream.
func (c *consoleChat) Fills(who string, values map[string]string) {
	c.t.Helper()
	query := url.Values{"person": {who}, "tab": {"tab-" + who}, "from": {c.marks[who]}}
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.base()+"/console/stream?"+query.Encode(), http.NoBody)
	must(c.t, "the stream", err)
	answer, err := http.DefaultClient.Do(r)
	must(c.t, "the stream", err)
	defer func() { _ = answer.Body.Close() }() // it has no end
	form := false
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		if lines.Text() == "event: form" {
			form = true
		}
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && form {
			var f struct{ Command, Channel, Thread, Receipt string }
			must(c.t, "the form", json.Unmarshal([]byte(data), &f))
			c.act("submit", who, map[string]any{"channel": f.Channel, "thread": f.Thread, "receipt": f.Receipt, "command": f.Command, "form": values})
			return
		}
	}
	c.t.Fatalf("no form opened for %s", who)
}

// Said are the cards in a room.
func (c *consoleChat) Said(room string) []post {
	var list []post
	for _, m := range c.app.console.Messages(c.channel(room)) {
		if m.Card != nil {
			list = append(list, post{Room: room, ID: string(m.Receipt), Thread: string(m.Thread), To: m.To, Text: written(*m.Card)})
		}
	}
	return list
}

// written is all that can be read on a card.
func written(card adapters.Card) string {
	pieces := []string{card.Title, card.Text}
	for _, f := range card.Facts {
		pieces = append(pieces, f.Name, f.Value)
	}
	label := func(list []adapters.Button) {
		for _, b := range list {
			pieces = append(pieces, b.Label)
		}
	}
	for _, s := range card.Sections {
		pieces = append(pieces, s.Title, s.Text)
		label(s.Buttons)
	}
	label(card.Buttons)
	pieces = append(pieces, card.Foot)
	var lines []string
	for _, p := range pieces {
		if p != "" {
			lines = append(lines, p)
		}
	}
	return strings.Join(lines, "\n")
}

// Wait waits for a change in the console.
func (c *consoleChat) Wait(ctx context.Context, ok func() bool) error {
	return c.app.console.Wait(ctx, ok)
}
