package teams_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"schoolbel/adapters"
	"schoolbel/adapters/teams/teamsfake"
)

// clock is a time that a test sets.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// gate is a house whose handler counts what gets in.
func gate(t *testing.T, c *clock) (*house, *atomic.Int32) {
	t.Helper()
	h := openWith(t, adapters.Kit{Now: c.now})
	var in atomic.Int32
	h.start(func(context.Context, adapters.Event) error { in.Add(1); return nil })
	return h, &in
}

// greeting is a good activity.
func (h *house) greeting() map[string]any {
	told := h.Message(anna, ict, "wifi ligt eruit")
	if told.Status != http.StatusOK {
		h.t.Fatalf("a good token is answered %d %s %v", told.Status, told.Body, told.Err)
	}
	return told.Activity()
}

func TestTokens(t *testing.T) {
	c := newClock()
	h, in := gate(t, c)
	good := h.greeting()
	unix := func(d time.Duration) int64 { return c.now().Add(d).Unix() }
	id, key := h.Key()
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	claims, err := json.Marshal(h.Claims(h.Service()))
	if err != nil {
		t.Fatal(err)
	}
	type change = map[string]any
	for name, try := range map[string]struct {
		claims   change // nil takes a claim away
		activity change
		header   string // in place of a token of those claims
		want     int
	}{
		"good":                        {want: 200},
		"an array of audiences":       {claims: change{"aud": []string{"another", teamsfake.AppID}}, want: 200},
		"four minutes too late":       {claims: change{"exp": unix(-4 * time.Minute)}, want: 200},
		"four minutes too early":      {claims: change{"nbf": unix(4 * time.Minute)}, want: 200},
		"no header":                   {header: "-", want: 401},
		"another scheme":              {header: "Basic YTpi", want: 401},
		"rubbish":                     {header: "Bearer rubbish", want: 401},
		"three dots":                  {header: "Bearer a.b.c", want: 401},
		"empty":                       {header: "Bearer ", want: 401},
		"another issuer":              {claims: change{"iss": "https://sts.windows.net/x/"}, want: 401},
		"no issuer":                   {claims: change{"iss": nil}, want: 401},
		"another audience":            {claims: change{"aud": "another"}, want: 403},
		"no audience":                 {claims: change{"aud": nil}, want: 403},
		"an array of other audiences": {claims: change{"aud": []string{"a", "b"}}, want: 403},
		"an empty array":              {claims: change{"aud": []string{}}, want: 403},
		"a number for an audience":    {claims: change{"aud": 7}, want: 401},
		"expired":                     {claims: change{"exp": unix(-6 * time.Minute)}, want: 401},
		"no end":                      {claims: change{"exp": nil}, want: 401},
		"an end that is a word":       {claims: change{"exp": "later"}, want: 401},
		"not yet":                     {claims: change{"nbf": unix(6 * time.Minute)}, want: 401},
		"no beginning":                {claims: change{"nbf": nil}, want: 401},
		"no service":                  {claims: change{"serviceurl": nil}, want: 403},
		"another service":             {claims: change{"serviceurl": "https://kwaad.example/"}, want: 403},
		"a service that is a list":    {claims: change{"serviceurl": []string{h.Service()}}, want: 401},
		"a call sent elsewhere":       {activity: change{"serviceUrl": "https://kwaad.example/"}, want: 403},
		"a service without https":     {claims: change{"serviceurl": "http://10.0.0.1/"}, activity: change{"serviceUrl": "http://10.0.0.1/"}, want: 403},
		"another channel":             {activity: change{"channelId": "directline"}, want: 403},
		"no channel":                  {activity: change{"channelId": nil}, want: 403},
		"another tenant":              {activity: change{"conversation": change{"id": ict, "tenantId": "x"}, "channelData": change{"tenant": change{"id": "x"}}}, want: 403},
		"no tenant":                   {activity: change{"conversation": change{"id": ict}, "channelData": nil}, want: 403},
		"an unknown key":              {header: "Bearer " + teamsfake.Token(jose.RS256, stranger, "stranger", h.Claims(h.Service())), want: 401},
		"our key by a stranger":       {header: "Bearer " + teamsfake.Token(jose.RS256, stranger, id, h.Claims(h.Service())), want: 401},
		"no key named":                {header: "Bearer " + teamsfake.Token(jose.RS256, key, "", h.Claims(h.Service())), want: 401},
		"RS512":                       {header: "Bearer " + teamsfake.Token(jose.RS512, key, id, h.Claims(h.Service())), want: 200},
		"PS256":                       {header: "Bearer " + teamsfake.Token(jose.PS256, key, id, h.Claims(h.Service())), want: 401},
		"HS256 by the public key":     {header: "Bearer " + teamsfake.Token(jose.HS256, public, id, h.Claims(h.Service())), want: 401},
		"HS256 by a key of another sort": {
			header: "Bearer " + teamsfake.Token(jose.HS256, make([]byte, 32), "of another sort", h.Claims(h.Service())), want: 401,
		},
		"none":               {header: "Bearer " + part(`{"alg":"none","kid":"`+id+`"}`) + "." + part(string(claims)) + ".", want: 401},
		"none, signed":       {header: "Bearer " + part(`{"alg":"none","kid":"`+id+`"}`) + "." + part(string(claims)) + "." + part("x"), want: 401},
		"claims that are no": {header: "Bearer " + part(`{"alg":"RS256","kid":"`+id+`"}`) + "." + part("[]") + "." + part("x"), want: 401},
	} {
		t.Run(name, func(t *testing.T) {
			a := maps.Clone(good)
			claims := h.Claims(h.Service())
			for into, changes := range map[*map[string]any]change{&a: try.activity, &claims: try.claims} {
				for k, v := range changes {
					if (*into)[k] = v; v == nil {
						delete(*into, k)
					}
				}
			}
			if try.activity["serviceUrl"] == nil && a["serviceUrl"] != h.Service() {
				t.Fatal("the test spoils more than it means to")
			}
			header := try.header
			switch header {
			case "":
				header = "Bearer " + h.Sign(claims)
			case "-":
				header = ""
			}
			before := in.Load()
			told := h.TellWith(header, a)
			if told.Err != nil || told.Status != try.want {
				t.Errorf("it is answered %d %s %v, want %d", told.Status, told.Body, told.Err, try.want)
			}
			if got := in.Load() > before; got != (try.want == 200) {
				t.Errorf("it came in: %v", got)
			}
		})
	}
	if n, m := h.Fetched("openid"), h.Fetched("keys"); n != 1 || m != 1 {
		t.Errorf("the keys were fetched %d and %d times", n, m)
	}
}

func TestAKeyMustVouchForTeams(t *testing.T) {
	c := newClock()
	h, _ := gate(t, c)
	h.Rotate("webchat")
	if told := h.Message(anna, ict, "wifi"); told.Status != http.StatusForbidden {
		t.Errorf("a key that vouches for another channel is answered %d", told.Status)
	}
}

// However many strangers name keys that are not there, Microsoft is asked once an
// hour; and a new key counts when that hour is over.
func TestKeysAreFetchedSeldom(t *testing.T) {
	c := newClock()
	h, _ := gate(t, c)
	status := func() int { return h.Message(anna, ict, "wifi").Status }
	if status() != 200 || h.Fetched("openid") != 1 {
		t.Fatalf("at first it was fetched %d times", h.Fetched("openid"))
	}
	c.pass(30 * time.Minute)
	h.Rotate()
	for range 50 {
		if got := status(); got != http.StatusUnauthorized {
			t.Fatalf("an unknown key is answered %d", got)
		}
	}
	if n := h.Fetched("openid"); n != 1 {
		t.Errorf("within the hour it was fetched %d times", n)
	}
	c.pass(31 * time.Minute)
	var going sync.WaitGroup
	for range 20 {
		going.Go(func() {
			if got := h.Message(noor, ict, "wifi").Status; got != 200 {
				t.Errorf("after the hour the new key is answered %d", got)
			}
		})
	}
	going.Wait()
	if n := h.Fetched("openid"); n != 2 {
		t.Errorf("after the hour it was fetched %d times, by many at once", n)
	}
	c.pass(23 * time.Hour)
	if status() != 200 || h.Fetched("openid") != 2 {
		t.Errorf("within the day it was fetched %d times", h.Fetched("openid"))
	}
	c.pass(2 * time.Hour)
	if status() != 200 || h.Fetched("openid") != 3 {
		t.Errorf("after a day it was fetched %d times", h.Fetched("openid"))
	}
	// While Microsoft is away, the keys that we have go on counting.
	h.Fault(func(call string, _ int) *teamsfake.Trouble {
		if call == "openid" {
			return &teamsfake.Trouble{Status: http.StatusBadGateway}
		}
		return nil
	})
	c.pass(25 * time.Hour)
	for range 3 {
		if got := status(); got != 200 {
			t.Errorf("with keys of yesterday it is answered %d", got)
		}
	}
	if n := h.Fetched("openid"); n != 4 {
		t.Errorf("while it is down it was fetched %d times", n)
	}
}

// Without any keys nobody can be judged: that is our fault and not theirs.
func TestWithoutKeys(t *testing.T) {
	c := newClock()
	h := openWith(t, adapters.Kit{Now: c.now})
	h.start(func(context.Context, adapters.Event) error { return nil })
	down := true
	h.Fault(func(call string, _ int) *teamsfake.Trouble {
		if down && call == "keys" {
			return &teamsfake.Trouble{Drop: true}
		}
		return nil
	})
	if got := h.Message(anna, ict, "wifi").Status; got != http.StatusServiceUnavailable {
		t.Errorf("without keys it is answered %d", got)
	}
	h.Fault(nil)
	c.pass(2 * time.Minute)
	if got := h.Message(anna, ict, "wifi").Status; got != http.StatusOK {
		t.Errorf("when the keys are back it is answered %d", got)
	}
}

// Whatever comes, it is answered and not broken on.
func FuzzDoor(f *testing.F) {
	f.Add("Bearer a.b.c", `{"type":"message"}`)
	f.Add("Bearer eyJhbGciOiJub25lIn0.e30.", `{"type":"invoke","value":"x","entities":[{"type":"mention"}]}`)
	f.Add("", `{"type":"message","id":"1","conversation":{"id":"19:x"},"from":{"id":"29:x"},"value":{"command":"x","form":{"seal":"x","names":"a,b"}},"replyToId":"2"}`)
	f.Add("x", `[]`)
	f.Add("Bearer x", `{"type":"messageUpdate","timestamp":"never"}`)
	fake := teamsfake.New(nil)
	f.Cleanup(fake.Close)
	strict, loose := fuzzed(f, fake.Keys()), fuzzed(f, map[string]string{"insecure_local": "true"})
	f.Fuzz(func(t *testing.T, header, body string) {
		for name, door := range map[string]http.Handler{"strict": strict, "loose": loose} {
			r := httptest.NewRequest(http.MethodPost, "/api/messages", strings.NewReader(body))
			r.Header.Set("Authorization", header)
			w := httptest.NewRecorder()
			door.ServeHTTP(w, r)
			if name == "strict" && w.Code < 400 {
				t.Errorf("%s let in %q", name, body)
			}
		}
	})
}
