package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"schoolbel/adapters/slack/slackfake"
	"schoolbel/workflows"
)

// apiToken is the bearer token "monitoring" of every app in a play.
const apiToken = "a-token-for-monitoring-only"

// answer is what a door said.
type answer struct {
	*testing.T
	status int
	header http.Header
	body   string
}

// asked checks the status and that these words stand in what was said.
func (a answer) asked(what string, status int, words ...string) {
	a.Helper()
	if a.status != status {
		a.Errorf("%s: answered %d, not %d: %.300s", what, a.status, status, a.body)
	}
	for _, w := range words {
		if !strings.Contains(a.body, w) {
			a.Errorf("%s: the answer does not say %q: %.300s", what, w, a.body)
		}
	}
}

// into reads the answer as JSON.
func (a answer) into(v any) {
	a.Helper()
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		a.Fatalf("the answer %d is no JSON: %v: %.300s", a.status, err, a.body)
	}
}

// call asks something of the first process over HTTP; header is name, value, ….
func (h *play) call(method, path, body string, header ...string) answer {
	h.Helper()
	r, err := http.NewRequestWithContext(h.Context(), method, "http://"+h.apps[0].listener.Addr().String()+path, strings.NewReader(body))
	if err != nil {
		h.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for pair := range slices.Chunk(header, 2) {
		r.Header.Set(pair[0], pair[1])
	}
	return h.send(r)
}

// token asks as monitoring does: with a key.
func (h *play) token(method, path, body string, header ...string) answer {
	h.Helper()
	return h.call(method, path, body, append([]string{"Authorization", "Bearer " + apiToken}, header...)...)
}

func (h *play) send(r *http.Request) answer {
	h.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	got, err := client.Do(r)
	if err != nil {
		h.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	var text bytes.Buffer
	if _, err := io.Copy(&text, got.Body); err != nil {
		h.Fatal(err)
	}
	return answer{h.T, got.StatusCode, got.Header, text.String()}
}

// nothing fails when there is any record.
func (h *play) nothing(after string) {
	h.Helper()
	h.idle()
	for _, r := range h.records() {
		h.Errorf("%s left %s: %.80s", after, r.Ref, r.Title)
	}
}

// record finds the one with this number.
func (h *play) record(ref string) *workflows.Record {
	h.Helper()
	name, ok := workflows.ParseRef(ref)
	if !ok {
		h.Fatalf("%q is no reference", ref)
	}
	r, err := h.apps[0].store.Record(h.Context(), name)
	if err != nil {
		h.Fatal(err)
	}
	return r
}

// log gives the lines of a record.
func (h *play) log(ref string) []workflows.Entry {
	h.Helper()
	lines, err := h.apps[0].store.Log(h.Context(), h.record(ref).Ref)
	if err != nil {
		h.Fatal(err)
	}
	return lines
}

// notes are the words of every line in a record's log with this action.
func (h *play) notes(ref string, do workflows.Action) []string {
	h.Helper()
	var words []string
	for _, e := range h.log(ref) {
		if e.Action == do {
			words = append(words, e.Note)
		}
	}
	return words
}

// said counts the messages of the bot in a place that show these words.
func (h *play) said(channel string, words ...string) int {
	n := 0
	for _, m := range h.slack.Said(channel) {
		if shown := m.Shown(); !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(shown, w) }) {
			n++
		}
	}
	return n
}

// forged is a message as it stands, with a button that we never gave it.
func forged(h *play, m slackfake.Message, value string) slackfake.Message {
	h.Helper()
	blocks, err := json.Marshal([]any{map[string]any{"type": "actions", "block_id": "do.0", "elements": []any{map[string]any{
		"type": "button", "action_id": "press:0", "value": value, "text": map[string]any{"type": "plain_text", "text": "?"},
	}}}})
	if err != nil {
		h.Fatal(err)
	}
	m.Blocks = blocks
	return m
}

// restart stops every process and starts as many anew on the same database.
func (h *play) restart() {
	h.Helper()
	n := len(h.apps)
	for _, stop := range h.stops {
		stop()
	}
	for range n {
		h.start(h.database)
	}
}
