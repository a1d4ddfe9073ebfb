package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Tokens are the bearer tokens of the configuration: a secret for each name. Only
// digests are kept, so that a dump of memory or a log shows none.
type Tokens struct {
	list []token
}

type token struct {
	name   string
	digest [sha256.Size]byte
}

// NewTokens reads name → secret. Two names with one secret are refused: the log
// could not tell them apart.
func NewTokens(secrets map[string]string) (Tokens, error) {
	var t Tokens
	for name, secret := range secrets {
		// The name stands in the log and in ids, where a colon parts.
		if name == "" || strings.ContainsFunc(name, func(c rune) bool { return c <= ' ' || c == ':' }) {
			return Tokens{}, fmt.Errorf("api.tokens: %q is no name for a token; use a word such as monitoring", name)
		}
		if strings.TrimSpace(secret) == "" {
			return Tokens{}, fmt.Errorf("api.tokens.%s is empty; give it a long random text, for example from: openssl rand -hex 32", name)
		}
		t.list = append(t.list, token{name, sha256.Sum256([]byte(secret))})
	}
	slices.SortFunc(t.list, func(a, b token) int { return strings.Compare(a.name, b.name) })
	for i, a := range t.list {
		for _, b := range t.list[:i] {
			if a.digest == b.digest {
				return Tokens{}, fmt.Errorf("api.tokens.%s and api.tokens.%s have the same secret; each needs its own", b.name, a.name)
			}
		}
	}
	return t, nil
}

// None tells whether there is no token at all.
func (t Tokens) None() bool { return len(t.list) == 0 }

// Who tells whose token a request carries. It compares with every token, so that
// the time it takes tells nothing.
func (t Tokens) Who(r *http.Request) (name string, ok bool) {
	scheme, secret, found := strings.Cut(r.Header.Get("Authorization"), " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	digest := sha256.Sum256([]byte(strings.TrimSpace(secret)))
	for _, known := range t.list {
		if subtle.ConstantTimeCompare(digest[:], known.digest[:]) == 1 {
			name, ok = known.name, true
		}
	}
	return name, ok
}
