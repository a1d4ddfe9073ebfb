package teamsfake

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// What the fake hands out. A test gives these to the app.
const (
	AppID     = "b0700000-5c00-4bee-8000-000000000001"
	AppSecret = "the-secret-of-the-fake"
	Tenant    = "7e4a0000-de11-4de0-8000-000000000001"
	Issuer    = "https://api.botframework.com"
	Bot       = "28:" + AppID
	bearer    = "token-of-the-fake"
)

// Authority is Microsoft as far as it vouches: keys, and tokens both ways.
type Authority struct {
	now  func() time.Time
	base string // where its pages stand

	mu      sync.Mutex
	keys    []signing
	count   map[string]int
	secret  string
	serial  int
	revoked bool
	lasts   time.Duration
}

type signing struct {
	id       string
	key      *rsa.PrivateKey
	endorses []string
}

// spare are keys made once for all tests: making one takes a while.
var (
	spare   []*rsa.PrivateKey
	spareMu sync.Mutex
)

func rsaKey(n int) *rsa.PrivateKey {
	spareMu.Lock()
	defer spareMu.Unlock()
	for len(spare) <= n {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(fmt.Sprintf("teamsfake: no key: %v", err)) // no test can go on
		}
		spare = append(spare, k)
	}
	return spare[n]
}

func newAuthority(now func() time.Time, base string) *Authority {
	a := &Authority{now: now, base: base, count: map[string]int{}, secret: AppSecret, lasts: time.Hour}
	a.Rotate()
	return a
}

// Rotate signs with a new key from now on; the old ones are gone.
func (a *Authority) Rotate(endorsements ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if endorsements == nil {
		endorsements = []string{"msteams", "webchat"}
	}
	a.serial++
	a.keys = []signing{{fmt.Sprint("key-", a.serial), rsaKey(a.serial % 3), endorsements}}
}

// Revoke takes the bot's secret away, or gives it back.
func (a *Authority) Revoke(yes bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.revoked != yes {
		a.revoked = yes
		a.serial++ // tokens that were given are worth nothing any more
	}
}

// Fetched tells how often a page was asked for: "openid", "keys" or "token".
func (a *Authority) Fetched(page string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.count[page]
}

// Claims are what a good token says about a service.
func (a *Authority) Claims(service string) map[string]any {
	now := a.now()
	return map[string]any{
		"iss": Issuer, "aud": AppID, "serviceurl": service,
		"nbf": now.Add(-time.Minute).Unix(), "exp": now.Add(time.Hour).Unix(),
	}
}

// Sign makes a token of claims, with the key of this moment.
func (a *Authority) Sign(claims map[string]any) string {
	a.mu.Lock()
	k := a.keys[len(a.keys)-1]
	a.mu.Unlock()
	return Token(jose.RS256, k.key, k.id, claims)
}

// Token signs claims in any way.
func Token(how jose.SignatureAlgorithm, key any, id string, claims map[string]any) string {
	options := (&jose.SignerOptions{}).WithType("JWT")
	if id != "" {
		options = options.WithHeader("kid", id)
	}
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: how, Key: key}, options)
	if err != nil {
		panic(fmt.Sprintf("teamsfake: sign: %v", err))
	}
	token, err := jwt.Signed(s).Claims(claims).Serialize()
	if err != nil {
		panic(fmt.Sprintf("teamsfake: sign: %v", err))
	}
	return token
}

// Key is the id and the key of this moment, for tests that spoil a token.
func (a *Authority) Key() (string, *rsa.PrivateKey) {
	a.mu.Lock()
	defer a.mu.Unlock()
	k := a.keys[len(a.keys)-1]
	return k.id, k.key
}

// bearer is the token that the bot must come with.
func (a *Authority) bearer() string { return fmt.Sprint(bearer, "-", a.serial) }

// taken tells whether the bot's token is good.
func (a *Authority) taken(r *http.Request) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return !a.revoked && r.Header.Get("Authorization") == "Bearer "+a.bearer()
}

// pages are its doors.
func (a *Authority) pages(mux *http.ServeMux, fault func(string) *Trouble) {
	counted := func(page string, say func(http.ResponseWriter, *http.Request)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			a.mu.Lock()
			a.count[page]++
			a.mu.Unlock()
			if trouble := fault(page); trouble != nil {
				trouble.answer(w, r)
				return
			}
			say(w, r)
		}
	}
	mux.HandleFunc("GET /openid", counted("openid", func(w http.ResponseWriter, _ *http.Request) {
		write(w, http.StatusOK, map[string]any{
			"issuer": Issuer, "jwks_uri": a.base + "/keys", "authorization_endpoint": "https://invalid.botframework.com",
			"id_token_signing_alg_values_supported": []string{"RS256"}, "token_endpoint_auth_methods_supported": []string{"private_key_jwt"},
		})
	}))
	mux.HandleFunc("GET /keys", counted("keys", func(w http.ResponseWriter, _ *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		list := []any{map[string]any{"kty": "oct", "kid": "of another sort", "k": "AAAA"}}
		for _, k := range a.keys {
			raw, err := (jose.JSONWebKey{Key: k.key.Public(), KeyID: k.id, Use: "sig"}).MarshalJSON()
			var one map[string]any
			if err != nil || json.Unmarshal(raw, &one) != nil {
				panic("teamsfake: a key cannot be written")
			}
			one["endorsements"] = k.endorses
			list = append(list, one)
		}
		write(w, http.StatusOK, map[string]any{"keys": list})
	}))
	mux.HandleFunc("POST /token", counted("token", func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		if r.PostFormValue("client_id") != AppID || r.PostFormValue("client_secret") != a.secret || a.revoked ||
			r.PostFormValue("grant_type") != "client_credentials" || r.PostFormValue("scope") != Issuer+"/.default" {
			write(w, http.StatusUnauthorized, map[string]any{
				"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 0",
			})
			return
		}
		write(w, http.StatusOK, map[string]any{"token_type": "Bearer", "expires_in": int(a.lasts.Seconds()), "access_token": a.bearer()})
	}))
}

// Keys is what the configuration of the app must say.
func (a *Authority) Keys() map[string]string {
	return map[string]string{
		"app_id": AppID, "app_secret": AppSecret, "tenant_id": Tenant,
		"openid_url": a.base + "/openid", "token_url": a.base + "/token",
	}
}

func write(w http.ResponseWriter, status int, what any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(what) // the caller may be gone
}
