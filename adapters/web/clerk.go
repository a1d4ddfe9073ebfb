package web

import (
	"log/slog"
	"net/http"

	"schoolbel/bot/lang"
	"schoolbel/workflows"
)

// Clerk meets those who call with a token, at the API and at the hooks: it knows
// whose token it is, and tells what went wrong in the caller's language.
type Clerk struct {
	Book   *lang.Book
	Tokens Tokens
	Locale func() string // the school's
	Log    *slog.Logger
}

// Caller tells whose token a request carries. When it is nobody's, the request
// has been answered.
func (c Clerk) Caller(w http.ResponseWriter, r *http.Request) (token string, ok bool) {
	if token, ok = c.Tokens.Who(r); ok {
		return token, true
	}
	w.Header().Set("WWW-Authenticate", `Bearer realm="schoolbel"`)
	key := "web.error.token"
	if c.Tokens.None() {
		key = "web.error.no_tokens"
	}
	c.Explain(w, r, &refusal{http.StatusUnauthorized, workflows.Denied, key, nil})
	return "", false
}

// Explain answers with an error.
func (c Clerk) Explain(w http.ResponseWriter, r *http.Request, err error) {
	explain(w, r, listen(c.Book, r, c.Locale()), c.Log, err)
}
