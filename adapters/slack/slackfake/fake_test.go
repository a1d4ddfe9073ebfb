package slackfake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

const token = BotToken

// workspace is a fake with a clock that stands still, two people and a room.
func workspace(t *testing.T) *Fake {
	t.Helper()
	f := New(func() time.Time { return time.Unix(1_800_000_000, 0) })
	t.Cleanup(f.Close)
	f.AddUser("U0ANNA", "Anna", "anna@delinde.example", "nl-NL")
	f.AddUser("U0NOOR", "Noor", "noor@delinde.example")
	f.AddChannel("C0ICT", "ict", "U0ANNA", "U0NOOR")
	f.AddRoom("C0VREEMD", "vreemd", "U0ANNA")
	return f
}

// ask calls a method and gives its answer, or its error in "error".
func ask(t *testing.T, f *Fake, method, token string, fields ...string) map[string]any {
	t.Helper()
	v := url.Values{"token": {token}}
	for i := 0; i < len(fields); i += 2 {
		v.Set(fields[i], fields[i+1])
	}
	answer, err := http.PostForm(f.URL()+method, v)
	if err != nil {
		return map[string]any{"error": "lost"}
	}
	defer func() { _ = answer.Body.Close() }() // only read
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]any{}
	if answer.StatusCode != http.StatusOK {
		out["error"] = fmt.Sprint(answer.StatusCode, " ", answer.Header.Get("Retry-After"))
		return out
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return out
}

func TestItRefusesWhatSlackRefuses(t *testing.T) {
	f := workspace(t)
	f.AddChannel("C0OUD", "oud")
	f.Archive("C0OUD")
	f.Message("U0ANNA", "C0ICT", "hoi")
	annas := f.Messages("C0ICT")[0].TS
	block := func(s string) string { return "[" + s + "]" }
	long := strings.Repeat("x", 3001)
	for _, try := range []struct {
		want, method, token string
		fields              []string
	}{
		{"not_authed", "auth.test", "", nil},
		{"invalid_auth", "auth.test", "xoxb-other", nil},
		{"invalid_auth", "apps.connections.open", token, nil},
		{"unknown_method", "chat.shout", token, nil},
		{"channel_not_found", "chat.postMessage", token, []string{"channel", "C9", "text", "x"}},
		{"not_in_channel", "chat.postMessage", token, []string{"channel", "C0VREEMD", "text", "x"}},
		{"is_archived", "chat.postMessage", token, []string{"channel", "C0OUD", "text", "x"}},
		{"no_text", "chat.postMessage", token, []string{"channel", "C0ICT"}},
		{"msg_too_long", "chat.postMessage", token, []string{"channel", "C0ICT", "text", strings.Repeat("x", 40_001)}},
		{"cannot_reply_to_message", "chat.postMessage", token, []string{"channel", "C0ICT", "text", "x", "thread_ts", "1.0"}},
		{"invalid_metadata_format", "chat.postMessage", token, []string{"channel", "C0ICT", "text", "x", "metadata", "{}"}},
		{"metadata_too_large", "chat.postMessage", token, []string{"channel", "C0ICT", "text", "x", "metadata", `{"event_type":"x","event_payload":{"a":"` + strings.Repeat("x", 8000) + `"}}`}},
		{"invalid_blocks", "chat.postMessage", token, []string{"channel", "C0ICT", "blocks", block(`{"type":"section","text":{"type":"plain_text","text":"` + long + `"}}`)}},
		{"invalid_blocks", "chat.postMessage", token, []string{"channel", "C0ICT", "blocks", block(`{"type":"header","text":{"type":"mrkdwn","text":"x"}}`)}},
		{"invalid_blocks", "chat.postMessage", token, []string{"channel", "C0ICT", "blocks", block(`{"type":"actions","elements":[]}`)}},
		{"invalid_blocks", "chat.postMessage", token, []string{"channel", "C0ICT", "blocks", block(`{"type":"hologram"}`)}},
		{"invalid_blocks", "chat.postMessage", token, []string{"channel", "C0ICT", "blocks", block(strings.TrimSuffix(strings.Repeat(`{"type":"divider"},`, 51), ","))}},
		{"user_not_in_channel", "chat.postEphemeral", token, []string{"channel", "C0ICT", "user", "U9", "text", "x"}},
		{"message_not_found", "chat.update", token, []string{"channel", "C0ICT", "ts", "1.0", "text", "x"}},
		{"cant_update_message", "chat.update", token, []string{"channel", "C0ICT", "ts", annas, "text", "x"}},
		{"channel_not_found", "chat.update", token, []string{"channel", "U0ANNA", "ts", annas, "text", "x"}},
		{"invalid_trigger_id", "views.open", token, []string{"trigger_id", "1", "view", "{}"}},
		{"user_not_found", "views.publish", token, []string{"user_id", "U9", "view", "{}"}},
		{"invalid_arguments", "views.publish", token, []string{"user_id", "U0ANNA", "view", `{"type":"modal"}`}},
		{"user_not_found", "users.info", token, []string{"user", "U9"}},
		{"cannot_dm_bot", "conversations.open", token, []string{"users", Bot}},
		{"name_taken", "conversations.create", token, []string{"name", "ict"}},
		{"invalid_name_specials", "conversations.create", token, []string{"name", "Crisis 1"}},
		{"already_in_channel", "conversations.invite", token, []string{"channel", "C0ICT", "users", "U0ANNA"}},
		{"thread_not_found", "conversations.replies", token, []string{"channel", "C0ICT", "ts", "1.0"}},
	} {
		if got := ask(t, f, try.method, try.token, try.fields...); got["ok"] != false || got["error"] != try.want {
			t.Errorf("%s %.80q: %v, want %s", try.method, try.fields, got, try.want)
		}
	}
	if n := len(f.Messages("C0ICT")); n != 1 {
		t.Errorf("after all that there are %d messages", n)
	}
}

func TestTroubleIsAsScripted(t *testing.T) {
	f := workspace(t)
	f.Fault(func(method string, n int) *Trouble {
		return map[int]*Trouble{
			1: {Status: 429, RetryAfter: 5}, 2: {Status: 500}, 3: {Status: 502, Store: true},
			4: {Drop: true}, 5: {Drop: true, Store: true}, 6: {Error: "fatal_error", Store: true},
		}[n]
	})
	var errs []any
	var stored []int
	for range 7 {
		errs = append(errs, ask(t, f, "chat.postMessage", token, "channel", "C0ICT", "text", "x")["error"])
		stored = append(stored, len(f.Said("C0ICT")))
	}
	if want := []any{"429 5", "500 ", "502 ", "lost", "lost", "fatal_error", nil}; !slices.Equal(errs, want) {
		t.Errorf("the answers are %q", errs)
	}
	if want := []int{0, 0, 1, 1, 2, 3, 4}; !slices.Equal(stored, want) {
		t.Errorf("stored are %v, want %v", stored, want)
	}
}

func TestATriggerOpensOneForm(t *testing.T) {
	f := workspace(t)
	asked := make(chan string, 2)
	target(t, f, func(w http.ResponseWriter, r *http.Request) { asked <- r.FormValue("trigger_id") })
	f.Slash("U0ANNA", "C0ICT", "/storing", "")
	trigger := <-asked
	const view = `{"type":"modal","title":{"type":"plain_text","text":"t"},"blocks":[]}`
	if got := ask(t, f, "views.open", token, "trigger_id", trigger, "view", view); got["ok"] != true {
		t.Errorf("the first time: %v", got)
	}
	if got := ask(t, f, "views.open", token, "trigger_id", trigger, "view", view); got["error"] != "exchanged_trigger_id" {
		t.Errorf("the second time: %v", got)
	}
}

// target lets the fake tell an app that does what answer does.
func target(t *testing.T, f *Fake, answer http.HandlerFunc) {
	t.Helper()
	app := httptest.NewServer(answer)
	t.Cleanup(app.Close)
	f.Target(app.URL)
}

func TestTheSameIsToldAgain(t *testing.T) {
	f := workspace(t)
	var bodies []string
	status := http.StatusInternalServerError
	target(t, f, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if r.Header.Get("X-Slack-Signature") != Sign(SigningSecret, r.Header.Get("X-Slack-Request-Timestamp"), body) {
			t.Error("the signature is not right")
		}
		bodies = append(bodies, string(bytes.TrimSpace(body)))
		w.WriteHeader(status)
	})
	told := f.Message("U0ANNA", "C0ICT", "wifi")
	if told.Status != http.StatusInternalServerError || told.Err != nil || told.TS == "" {
		t.Errorf("told %+v", told)
	}
	status = http.StatusOK
	if again := f.Redeliver(told); again.Status != http.StatusOK || len(bodies) != 2 || bodies[0] != bodies[1] {
		t.Errorf("told again %+v: %q", again, bodies)
	}
	if told := f.Message("U0ANNA", "C0VREEMD", "achter je rug"); told.Status != http.StatusOK || len(bodies) != 2 {
		t.Error("the bot is told what was said in a room where it is not")
	}
}

func TestEveryTSIsItsOwn(t *testing.T) {
	f := workspace(t)
	last := ""
	for range 100 {
		f.Message("U0ANNA", "C0ICT", "x")
		all := f.Messages("C0ICT")
		if ts := all[len(all)-1].TS; ts <= last {
			t.Fatalf("%s comes after %s", ts, last)
		} else {
			last = ts
		}
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	f := workspace(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.Wait(ctx, func() bool { return false }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	said := make(chan error, 1)
	go func() {
		said <- f.Wait(t.Context(), func() bool { return len(f.Said("C0ICT")) == 1 })
	}()
	ask(t, f, "chat.postMessage", token, "channel", "C0ICT", "text", "x")
	if err := <-said; err != nil {
		t.Error(err)
	}
}

func TestWhatAPersonSees(t *testing.T) {
	m := Message{Text: "&lt;b&gt;", Blocks: json.RawMessage(`[{"type":"header","text":{"type":"plain_text","text":"a &amp; b"}},
		{"type":"section","fields":[{"type":"mrkdwn","text":"*Dienst*"},{"type":"plain_text","text":"Wifi"}]},
		{"type":"context","elements":[{"type":"plain_text","text":"voet <!here>"}]},
		{"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"Ja"},"value":"INC-1 ja","action_id":"a"}]}]`)}
	if got := m.Shown(); got != "a & b\nDienst\nWifi\nvoet <!here>\nJa" {
		t.Errorf("shown is %q", got)
	}
	if got := m.Called(); !slices.Equal(got, []string{"<!here>"}) {
		t.Errorf("called are %q", got)
	}
	if b := m.Buttons(); len(b) != 1 || b[0].Label != "Ja" || b[0].Value != "INC-1 ja" {
		t.Errorf("buttons are %+v", b)
	}
}
