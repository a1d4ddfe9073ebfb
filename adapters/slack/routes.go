package slack

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"schoolbel/adapters"
)

// Where Slack calls.
const (
	eventsRoute       = "/slack/events"
	commandsRoute     = "/slack/commands"
	interactionsRoute = "/slack/interactions"
)

const (
	maxBody = 1 << 20
	// window is how old a signature may be: an old request may be a stolen one.
	window = 5 * time.Minute
)

// errNotFor says that a payload holds nothing that we listen to.
var errNotFor = errors.New("nothing for us")

// Routes are the doors for HTTP mode. Without a signing secret there are none:
// nobody could tell Slack from a stranger.
func (s *Slack) Routes(in adapters.Handler) map[string]http.Handler {
	if s.cfg.SigningSecret == "" {
		return nil
	}
	return map[string]http.Handler{
		"POST " + eventsRoute:   s.door(in, func(body []byte) (adapters.Event, error) { return s.parseEvent(body) }),
		"POST " + commandsRoute: s.door(in, fromForm(s.parseSlash)),
		"POST " + interactionsRoute: s.door(in, fromForm(func(v url.Values) (adapters.Event, error) {
			return s.parseInteraction([]byte(v.Get("payload")))
		})),
	}
}

// fromForm reads the body as a form: only the body is signed, never the query.
func fromForm(parse func(url.Values) (adapters.Event, error)) func([]byte) (adapters.Event, error) {
	return func(body []byte) (adapters.Event, error) {
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return adapters.Event{}, err
		}
		return parse(values)
	}
}

// door lets in what Slack signed. It answers 200 only when the event is safely
// kept: otherwise Slack tells it again, or tells the person that it went wrong.
func (s *Slack) door(in adapters.Handler, parse func([]byte) (adapters.Event, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		var tooLong *http.MaxBytesError
		switch {
		case errors.As(err, &tooLong):
			http.Error(w, "too long", http.StatusRequestEntityTooLarge)
			return
		case err != nil:
			http.Error(w, "cannot read", http.StatusBadRequest)
			return
		case !signed(r.Header, body, s.cfg.SigningSecret, s.now()):
			http.Error(w, "the signature is not right", http.StatusUnauthorized)
			return
		}
		if challenge, asked := verification(body); asked {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = io.WriteString(w, challenge) // a caller that left has no use for an answer
			return
		}
		e, err := parse(body)
		switch {
		case errors.Is(err, errNotFor):
			w.WriteHeader(http.StatusOK)
			return
		case err != nil:
			s.log.WarnContext(r.Context(), "slack: cannot read what Slack sent", "route", r.URL.Path, "error", err)
			http.Error(w, "cannot read", http.StatusBadRequest)
			return
		}
		if err := in(r.Context(), e); err != nil {
			s.log.ErrorContext(r.Context(), "slack: an event was not kept", "event", e.ID, "error", err)
			http.Error(w, "not kept", http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusOK)
	})
}

// signed checks Slack's signature over the body as it came.
func signed(h http.Header, body []byte, secret string, now time.Time) bool {
	stamp := h.Get("X-Slack-Request-Timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || secret == "" {
		return false
	}
	if age := now.Sub(time.Unix(seconds, 0)); age > window || age < -window {
		return false
	}
	got, err := hex.DecodeString(behind(h.Get("X-Slack-Signature"), "v0="))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + stamp + ":"))
	mac.Write(body)
	return hmac.Equal(got, mac.Sum(nil))
}

// behind is s behind the prefix; without the prefix it is nothing.
func behind(s, prefix string) string {
	if len(s) < len(prefix) || s[:len(prefix)] != prefix {
		return ""
	}
	return s[len(prefix):]
}

// verification is the question that Slack asks when somebody fills in our
// address.
func verification(body []byte) (string, bool) {
	if !bytes.Contains(body, []byte("url_verification")) { // nearly always: nothing is read twice for it
		return "", false
	}
	var v struct{ Type, Challenge string }
	if json.Unmarshal(body, &v) != nil || v.Type != "url_verification" {
		return "", false
	}
	return v.Challenge, true
}
