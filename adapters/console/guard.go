package console

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// bodyLimit is the most that the page may post.
const bodyLimit = 1 << 20

// refusal is an error that the page has words for.
type refusal struct {
	status int
	code   string // error.<code> in the texts
	says   string // for those who call without a page
}

func (r *refusal) Error() string { return r.says }

var (
	errForeign  = &refusal{http.StatusForbidden, "foreign", "the console is for this machine alone: open it as http://127.0.0.1 or http://localhost"}
	errOrigin   = &refusal{http.StatusForbidden, "foreign", "only the console's own page may do this"}
	errNotJSON  = &refusal{http.StatusUnsupportedMediaType, "broken", "send application/json"}
	errTooBig   = &refusal{http.StatusRequestEntityTooLarge, "too_big", "that is more than 1 MB"}
	errBroken   = &refusal{http.StatusBadRequest, "broken", "the request could not be read"}
	errStranger = &refusal{http.StatusUnprocessableEntity, "stranger", "there is no such person"}
	errNoRoom   = &refusal{http.StatusForbidden, "no_room", "this person is not in that room"}
	errGone     = &refusal{http.StatusNotFound, "gone", "that message is not there any more"}
	errEmpty    = &refusal{http.StatusUnprocessableEntity, "empty", "there is nothing to say"}
	errFailed   = &refusal{http.StatusServiceUnavailable, "failed", "it was not stored; try it again"}
)

// guard lets in only this machine's own browser, on our own page. Whoever gets in
// may be anybody of the school, so a name that merely resolves to us (DNS
// rebinding) or another site's page (CSRF) must not.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "+
			"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache")
		if !loopback(r.Host) || !loopback(r.RemoteAddr) {
			answerRefusal(w, errForeign)
			return
		}
		if !ownPage(r) {
			answerRefusal(w, errOrigin)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// loopback tells whether an address with or without a port is of this machine.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = strings.Trim(address, "[]")
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// ownPage tells whether a request comes from our own page. Opening the page
// itself by a link from elsewhere is no harm.
func ownPage(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if r.Method != http.MethodGet || origin != "" {
		return origin == "http://"+r.Host || origin == "https://"+r.Host
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "" || site == "same-origin" || site == "none" || r.URL.Path == "/"
}

// decode reads what the page posted.
func decode(w http.ResponseWriter, r *http.Request, into any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return errNotJSON
	}
	body := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyLimit))
	body.DisallowUnknownFields()
	err := body.Decode(into)
	if err == nil {
		if _, err = body.Token(); errors.Is(err, io.EOF) {
			return nil
		}
	}
	if tooBig := (*http.MaxBytesError)(nil); errors.As(err, &tooBig) {
		return errTooBig
	}
	return errBroken
}

// refuse says why an action did not go through.
func (c *Console) refuse(w http.ResponseWriter, r *http.Request, err error) {
	known := (*refusal)(nil)
	if !errors.As(err, &known) {
		c.log.ErrorContext(r.Context(), "an action in the console failed", "route", r.Pattern, "error", err)
		known = errFailed
	}
	answerRefusal(w, known)
}

func answerRefusal(w http.ResponseWriter, r *refusal) {
	answer(w, r.status, map[string]any{"error": map[string]string{"code": r.code, "message": r.says}})
}

func answer(w http.ResponseWriter, status int, what any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(what) // the page is gone, or it hears us
}
