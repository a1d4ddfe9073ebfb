package teams

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"

	"github.com/infracloudio/msbotbuilder-go/schema"

	"schoolbel/adapters"
)

// route is where Teams calls.
const route = "/api/messages"

const maxBody = 1 << 20

// Routes are the doors for Teams. It may look whether anybody is there.
func (t *Teams) Routes(in adapters.Handler) map[string]http.Handler {
	return map[string]http.Handler{
		"POST " + route: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { t.door(w, r, in) }),
		"GET " + route:  http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }),
	}
}

// door lets in what Microsoft signed for us. It answers 200 only when what happened
// is safely kept: otherwise Teams tells it again, or tells the person that it went
// wrong.
func (t *Teams) door(w http.ResponseWriter, r *http.Request, in adapters.Handler) {
	ctx := r.Context()
	if t.cfg.InsecureLocal && !local(r) {
		http.Error(w, "insecure_local is for this machine alone", http.StatusForbidden)
		return
	}
	if _, ok := bearer(r.Header.Get("Authorization")); !ok && !t.cfg.InsecureLocal {
		http.Error(w, "no bearer token", http.StatusUnauthorized)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		http.Error(w, "too long", http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		http.Error(w, "cannot read", http.StatusBadRequest)
		return
	}
	var a activity
	if err := json.Unmarshal(body, &a); err != nil {
		http.Error(w, "cannot read", http.StatusBadRequest)
		return
	}
	if err := t.admit(r, a); err != nil {
		var no *denied
		if !errors.As(err, &no) {
			no = &denied{http.StatusUnauthorized, err.Error()}
		}
		t.log.WarnContext(ctx, "teams: a request was not let in", "why", no.why, "status", no.status)
		http.Error(w, http.StatusText(no.status), no.status)
		return
	}
	t.take(ctx, w, a, in)
}

// admit checks whether a request is of Teams and meant for us. Nothing of it was used
// before, least of all the address that we would call.
func (t *Teams) admit(r *http.Request, a activity) error {
	if !t.cfg.InsecureLocal {
		checked, err := a.checked()
		if err != nil {
			return err
		}
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(checked))
		if _, err := t.parser().ParseRequest(r.Context(), again); err != nil {
			return err
		}
	}
	switch {
	case !t.cfg.mayCall(a.ServiceURL):
		return foreign("the service %.200q may not be called", a.ServiceURL)
	case t.cfg.TenantID != "" && a.tenant() != t.cfg.TenantID:
		return foreign("the tenant is %.80q", a.tenant())
	}
	return nil
}

// local tells whether a request was made on this machine, to this machine, by
// somebody who knew that. A page of another site, or a proxy, is not that.
func local(r *http.Request) bool {
	address, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return address != nil && loopback(address.String()) && loopback(r.RemoteAddr) && loopback(r.Host) &&
		r.Header.Get("X-Forwarded-For") == "" && r.Header.Get("Forwarded") == "" && r.Header.Get("Origin") == ""
}

// take keeps what an activity tells, and passes on what a person did.
func (t *Teams) take(ctx context.Context, w http.ResponseWriter, a activity, in adapters.Handler) {
	keep := t.book.note
	if a.expelled() {
		keep = t.book.leave
	}
	if err := keep(ctx, a); err != nil {
		t.log.ErrorContext(ctx, "teams: where a conversation is could not be kept", "error", err)
		t.failed(w, a)
		return
	}
	e, ok, err := t.event(a)
	switch {
	case errors.Is(err, errForged):
		t.log.WarnContext(ctx, "teams: a form came back changed", "user", a.From.user())
		http.Error(w, "forged", http.StatusForbidden)
		return
	case !ok:
		t.ignored(ctx, w, a)
		return
	}
	shown := &shown{window: a.dialog()}
	ctx = context.WithValue(ctx, shownKey{}, shown)
	t.triggers.lay(e.Trigger, t.now())
	if err := in(ctx, e); err != nil {
		t.log.ErrorContext(ctx, "teams: an event was not kept", "event", e.ID, "error", err)
		t.failed(w, a)
		return
	}
	if a.dialog() {
		inWindow(w, shown)
		return
	}
	if e.Kind == adapters.Submit {
		t.close(ctx, w, a, sentSign)
		return
	}
	t.accepted(w, a, orElse(shown.title, sentSign))
}

// ignored answers to what is nothing for us; a form that somebody let be is closed.
func (t *Teams) ignored(ctx context.Context, w http.ResponseWriter, a activity) {
	if a.dialog() {
		inWindow(w, nil)
		return
	}
	in, press := invoked(a)
	if a.Type == schema.Message {
		in, press = pressed(a.Value)
	}
	if press && in.Cancel {
		t.close(ctx, w, a, "✕")
		return
	}
	t.accepted(w, a, "")
}

// What an invoke is answered with.
const (
	asCard    = "application/vnd.microsoft.card.adaptive"
	asMessage = "application/vnd.microsoft.activity.message"
	asError   = "application/vnd.microsoft.error"
	sentSign  = "✓"
)

// accepted says that it is kept; to a press it says so within the call.
func (t *Teams) accepted(w http.ResponseWriter, a activity, text string) {
	switch {
	case a.Type != schema.Invoke:
		w.WriteHeader(http.StatusOK)
	case a.Name != cardAction:
		w.WriteHeader(http.StatusNotImplemented) // Teams then says that the app cannot do that
	default:
		reply(w, http.StatusOK, asMessage, text)
	}
}

// failed says that it is not kept.
func (t *Teams) failed(w http.ResponseWriter, a activity) {
	if a.Type == schema.Invoke {
		reply(w, http.StatusInternalServerError, asError, map[string]string{"code": "NotKept", "message": "not kept"})
		return
	}
	http.Error(w, "not kept", http.StatusInternalServerError)
}

// reply is the answer within the call of a press.
func reply(w http.ResponseWriter, status int, kind string, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"statusCode": status, "type": kind, "value": value}) // a caller that left has no use for it
}
