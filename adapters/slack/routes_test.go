package slack

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"schoolbel/adapters"
	"schoolbel/adapters/slack/slackfake"
)

var noon = time.Date(2027, 2, 22, 12, 0, 0, 0, time.UTC)

// secret is a signing secret that must be in no log and no error.
const secret = "a-secret-nobody-may-read"

func made(t testing.TB) *Slack {
	t.Helper()
	var section yaml.Node
	if err := section.Encode(map[string]string{"bot_token": "xoxb-1", "signing_secret": secret}); err != nil {
		t.Fatal(err)
	}
	s, err := New(section, adapters.Kit{Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const spoken = `{"type":"event_callback","event_id":"Ev1","event_time":1800000000,"authorizations":[{"user_id":"U0BOT","is_bot":true}],
	"event":{"type":"message","channel":"C0ICT","channel_type":"channel","user":"U0ANNA","text":"wifi stuk","ts":"1800000000.000100"}}`

// request is signed now, and then spoilt.
func request(route, body string, spoil func(http.Header)) *http.Request {
	r := httptest.NewRequest(http.MethodPost, route, strings.NewReader(body))
	stamp := strconv.FormatInt(noon.Unix(), 10)
	r.Header.Set("X-Slack-Request-Timestamp", stamp)
	r.Header.Set("X-Slack-Signature", slackfake.Sign(secret, stamp, []byte(body)))
	if spoil != nil {
		spoil(r.Header)
	}
	return r
}

func TestOnlySlackIsLetIn(t *testing.T) {
	stamped := func(at time.Time) func(http.Header) {
		return func(h http.Header) {
			stamp := strconv.FormatInt(at.Unix(), 10)
			h.Set("X-Slack-Request-Timestamp", stamp)
			h.Set("X-Slack-Signature", slackfake.Sign(secret, stamp, []byte(spoken)))
		}
	}
	set := func(name, value string) func(http.Header) { return func(h http.Header) { h.Set(name, value) } }
	for name, try := range map[string]struct {
		spoil func(http.Header)
		body  string
		want  int
	}{
		"good":               {nil, spoken, 200},
		"almost too old":     {stamped(noon.Add(-window)), spoken, 200},
		"too old":            {stamped(noon.Add(-window - time.Second)), spoken, 401},
		"from the future":    {stamped(noon.Add(window + time.Second)), spoken, 401},
		"no signature":       {func(h http.Header) { h.Del("X-Slack-Signature") }, spoken, 401},
		"no time":            {func(h http.Header) { h.Del("X-Slack-Request-Timestamp") }, spoken, 401},
		"another version":    {set("X-Slack-Signature", "v1="+slackfake.Sign(secret, strconv.FormatInt(noon.Unix(), 10), []byte(spoken))[3:]), spoken, 401},
		"another secret":     {set("X-Slack-Signature", slackfake.Sign("other", strconv.FormatInt(noon.Unix(), 10), []byte(spoken))), spoken, 401},
		"half a signature":   {set("X-Slack-Signature", "v0=abcdef"), spoken, 401},
		"no hexadecimal":     {set("X-Slack-Signature", "v0=zz"), spoken, 401},
		"another time":       {set("X-Slack-Request-Timestamp", strconv.FormatInt(noon.Unix()-1, 10)), spoken, 401},
		"no JSON":            {nil, "{", 400},
		"as long as allowed": {nil, spoken + strings.Repeat(" ", maxBody-len(spoken)), 200},
		"too long":           {nil, strings.Repeat("x", maxBody+1), 413},
		"nothing for us":     {nil, `{"type":"event_callback","event":{"type":"reaction_added","message":"odd"}}`, 200},
	} {
		t.Run(name, func(t *testing.T) {
			kept := 0
			door := made(t).Routes(func(context.Context, adapters.Event) error { kept++; return nil })["POST /slack/events"]
			w := httptest.NewRecorder()
			door.ServeHTTP(w, request(eventsRoute, try.body, try.spoil))
			if w.Code != try.want {
				t.Errorf("the answer is %d %s, want %d", w.Code, w.Body, try.want)
			}
			if good := w.Code == 200 && name != "nothing for us"; (kept == 1) != good {
				t.Errorf("%d events were kept", kept)
			}
			if strings.Contains(w.Body.String(), secret) {
				t.Error("the secret is told")
			}
		})
	}
}

func TestTheQueryIsNotTrusted(t *testing.T) {
	door := made(t).Routes(func(context.Context, adapters.Event) error {
		t.Error("an interaction from the query was kept: nobody signed that")
		return nil
	})["POST /slack/interactions"]
	payload := url.QueryEscape(`{"type":"shortcut","user":{"id":"U0ANNA"},"trigger_id":"1"}`)
	w := httptest.NewRecorder()
	door.ServeHTTP(w, request(interactionsRoute+"?payload="+payload, "", nil))
	if w.Code != http.StatusBadRequest {
		t.Errorf("the answer is %d", w.Code)
	}
}

func TestSlackHearsWhatWasNotKept(t *testing.T) {
	away := errors.New("the database is away")
	routes := made(t).Routes(func(context.Context, adapters.Event) error { return away })
	form := url.Values{"command": {"/schoolbel"}, "user_id": {"U0ANNA"}, "channel_id": {"C0ICT"}, "trigger_id": {"1"}}.Encode()
	sent := url.Values{"payload": {`{"type":"view_submission","user":{"id":"U0ANNA"},"trigger_id":"2","view":{"private_metadata":"{\"command\":\"INC-1 oplossen\"}"}}`}}.Encode()
	for route, body := range map[string]string{eventsRoute: spoken, commandsRoute: form, interactionsRoute: sent} {
		w := httptest.NewRecorder()
		routes["POST "+route].ServeHTTP(w, request(route, body, nil))
		if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "database") {
			t.Errorf("%s answers %d %q", route, w.Code, w.Body)
		}
	}
}

func TestTheAddressIsVerified(t *testing.T) {
	door := made(t).Routes(nil)["POST /slack/events"]
	w := httptest.NewRecorder()
	door.ServeHTTP(w, request(eventsRoute, `{"type":"url_verification","challenge":"3eZbrw1a"}`, nil))
	if w.Code != 200 || w.Body.String() != "3eZbrw1a" {
		t.Errorf("the answer is %d %q", w.Code, w.Body)
	}
	unsigned := httptest.NewRecorder()
	door.ServeHTTP(unsigned, httptest.NewRequest(http.MethodPost, eventsRoute, strings.NewReader(`{"type":"url_verification","challenge":"x"}`)))
	if unsigned.Code != http.StatusUnauthorized {
		t.Errorf("a stranger gets %d", unsigned.Code)
	}
}

func FuzzSigned(f *testing.F) {
	stamp := strconv.FormatInt(noon.Unix(), 10)
	f.Add(stamp, slackfake.Sign(secret, stamp, []byte(spoken)), []byte(spoken))
	f.Add(stamp, "v0=", []byte(""))
	f.Add("-1", "v0=00", []byte("x"))
	f.Add("99999999999999999999", "", []byte{})
	f.Fuzz(func(t *testing.T, stamp, signature string, body []byte) {
		h := http.Header{}
		h.Set("X-Slack-Request-Timestamp", stamp)
		h.Set("X-Slack-Signature", signature)
		if signed(h, body, secret, noon) && !strings.EqualFold(signature, slackfake.Sign(secret, stamp, body)) {
			t.Errorf("let in with %q", signature)
		}
		if signed(h, body, "", noon) {
			t.Error("let in without a secret")
		}
		h.Set("X-Slack-Signature", slackfake.Sign(secret, stamp, body))
		seconds, err := strconv.ParseInt(stamp, 10, 64)
		fresh := err == nil && seconds >= noon.Add(-window).Unix() && seconds <= noon.Add(window).Unix()
		if signed(h, body, secret, noon) != fresh {
			t.Errorf("signed at %q: let in is %v", stamp, !fresh)
		}
	})
}
