package slackfake

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Trouble is what goes wrong with one call. The zero value answers 200 and does
// nothing.
type Trouble struct {
	Status     int    // of the answer, for example 429 or 500
	RetryAfter int    // seconds, in the header
	Error      string // "ok": false with this error
	Store      bool   // do the call first: it did arrive
	Drop       bool   // close the connection without an answer
	Hang       bool   // never answer, until the caller gives up
}

// Fault scripts trouble: for each call of a method, the n-th since the start and
// counted from one, it says what goes wrong; nil is nothing.
func (f *Fake) Fault(script func(method string, n int) *Trouble) {
	f.do(func() { f.fault = script })
}

// FaultIn scripts trouble by the room or the person that a call is about, "" for
// calls about neither.
func (f *Fake) FaultIn(script func(method, where string) *Trouble) {
	f.do(func() { f.faultIn = script })
}

// about is the room or the person that a call is about.
func (given args) about() string {
	for _, name := range []string{"channel", "users", "user_id", "user"} {
		if given[name] != "" {
			return given[name]
		}
	}
	return ""
}

// args are what a call was given: strings as they are, the rest as JSON.
type args map[string]string

// answer is what a method gives; an error goes out as "ok": false.
type (
	answer  map[string]any
	refusal struct {
		name     string
		messages []string
	}
)

func no(name string, messages ...string) *refusal { return &refusal{name, messages} }

// methods are what the fake knows of the Web API.
var methods = map[string]func(*Fake, args) (answer, *refusal){
	"auth.test":             (*Fake).authTest,
	"apps.connections.open": (*Fake).connectionsOpen,
	"chat.postMessage":      (*Fake).postMessage,
	"chat.postEphemeral":    (*Fake).postEphemeral,
	"chat.update":           (*Fake).update,
	"conversations.create":  (*Fake).create,
	"conversations.history": (*Fake).history,
	"conversations.info":    (*Fake).info,
	"conversations.invite":  (*Fake).invite,
	"conversations.open":    (*Fake).open,
	"conversations.replies": (*Fake).replies,
	"users.info":            (*Fake).userInfo,
	"views.open":            (*Fake).viewsOpen,
	"views.publish":         (*Fake).viewsPublish,
}

// serve answers the Web API.
func (f *Fake) serve(w http.ResponseWriter, r *http.Request) {
	method := r.PathValue("method")
	given, token, err := read(r)
	if err != nil {
		http.Error(w, "cannot read", http.StatusBadRequest)
		return
	}
	var (
		trouble *Trouble
		out     = answer{"ok": false}
		scopes  string
	)
	f.do(func() {
		f.calls[method]++
		scopes = f.scopes
		if f.fault != nil {
			trouble = f.fault(method, f.calls[method])
		}
		if f.faultIn != nil && trouble == nil {
			trouble = f.faultIn(method, given.about())
		}
		if trouble == nil || trouble.Store {
			out = f.perform(method, given, token)
		}
	})
	w.Header().Set("X-OAuth-Scopes", scopes)
	switch {
	case trouble == nil:
	case trouble.Hang:
		<-r.Context().Done()
		return
	case trouble.Drop:
		panic(http.ErrAbortHandler) // net/http then closes the connection
	default:
		if trouble.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(trouble.RetryAfter))
		}
		if trouble.Status != 0 && trouble.Status != http.StatusOK {
			w.WriteHeader(trouble.Status)
			return
		}
		if trouble.Error != "" {
			out = answer{"ok": false, "error": trouble.Error}
		}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(out) // the caller may be gone
}

// perform does a call, with f.mu held.
func (f *Fake) perform(method string, given args, token string) answer {
	want := BotToken
	if method == "apps.connections.open" {
		want = AppToken
	}
	do, known := methods[method]
	var (
		out   answer
		wrong *refusal
	)
	switch {
	case !known:
		wrong = no("unknown_method")
	case token == "":
		wrong = no("not_authed")
	case token != want:
		wrong = no("invalid_auth")
	default:
		out, wrong = do(f, given)
	}
	if wrong != nil {
		return answer{"ok": false, "error": wrong.name, "response_metadata": answer{"messages": wrong.messages}}
	}
	all := answer{"ok": true}
	maps.Copy(all, out)
	return all
}

// read takes a call apart: a form or JSON, the token in the body or the header.
func read(r *http.Request) (args, string, error) {
	given := args{}
	for k, v := range r.URL.Query() {
		given[k] = v[0]
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 4<<20))
	if err != nil {
		return nil, "", err
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		var fields map[string]json.RawMessage
		if len(body) > 0 {
			if err := json.Unmarshal(body, &fields); err != nil {
				return nil, "", err
			}
		}
		for k, raw := range fields {
			var s string
			if json.Unmarshal(raw, &s) != nil {
				s = string(raw)
			}
			given[k] = s
		}
	} else {
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, "", err
		}
		for k, v := range values {
			given[k] = v[0]
		}
	}
	token := given["token"]
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		token = bearer
	}
	delete(given, "token")
	return given, token, nil
}

func (f *Fake) authTest(args) (answer, *refusal) {
	return answer{
		"url": f.base + "/", "team": "De Linde", "team_id": teamID,
		"user": "schoolbel", "user_id": Bot, "bot_id": botID, "app_id": appID, "is_enterprise_install": false,
	}, nil
}
