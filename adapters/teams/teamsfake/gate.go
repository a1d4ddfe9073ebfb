package teamsfake

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Gate stands between an app and Microsoft's playground, which signs nothing and
// asks for no token: it signs what the playground tells, and lets nothing of the app
// through without one. It writes down what the app says.
type Gate struct {
	*Authority
	server *http.Server

	mu       sync.Mutex
	changed  chan struct{}
	app      *url.URL
	behind   *httputil.ReverseProxy
	messages []*Message
	refused  []string
	fault    func(call string, n int) *Trouble
	calls    map[string]int
}

// NewGate opens a gate; Between says what stands on either side.
func NewGate() *Gate {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		panic(fmt.Sprintf("teamsfake: no loopback address: %v", err))
	}
	g := &Gate{
		Authority: newAuthority(time.Now, "http://"+listener.Addr().String()), changed: make(chan struct{}), calls: map[string]int{},
	}
	mux := http.NewServeMux()
	g.pages(mux, g.troubled)
	mux.HandleFunc("/api/messages", g.inward)
	mux.HandleFunc("/teams/", g.outward)
	g.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = g.server.Serve(listener) }() // ends with Close
	return g
}

// Close shuts the gate.
func (g *Gate) Close() { _ = g.server.Close() } // a test that ends has no use for the error

// Service is what the playground must say that it is called.
func (g *Gate) Service() string { return g.base + "/teams/" }

// Door is where the playground must tell things.
func (g *Gate) Door() string { return g.base + "/api/messages" }

// Keys is the section adapters.teams of the app.
func (g *Gate) Keys() map[string]string {
	keys := g.Authority.Keys()
	keys["service_url"] = g.Service()
	return keys
}

// Between says where the app listens, and where the connector of the playground is.
func (g *Gate) Between(app, connector string) {
	to, err := url.Parse(connector)
	here, wrong := url.Parse(app)
	if err != nil || wrong != nil {
		panic(fmt.Sprint("teamsfake: ", err, wrong))
	}
	g.do(func() {
		g.app = here
		quiet := log.New(io.Discard, "", 0) // the playground ends before we do
		g.behind = &httputil.ReverseProxy{ErrorLog: quiet, Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Path = strings.TrimPrefix(r.In.URL.Path, "/teams")
			r.Out.URL.RawPath = strings.TrimPrefix(r.In.URL.RawPath, "/teams")
			r.SetURL(to)
			r.Out.Header.Del("Authorization") // it would want one of Microsoft's own
			r.Out.Header.Del("Accept-Encoding")
		}}
	})
}

// Fault scripts trouble for what the app calls: "send" and "update".
func (g *Gate) Fault(script func(call string, n int) *Trouble) { g.do(func() { g.fault = script }) }

func (g *Gate) troubled(call string) *Trouble {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls[call]++
	if g.fault == nil {
		return nil
	}
	return g.fault(call, g.calls[call])
}

// inward signs what the playground tells.
func (g *Gate) inward(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 4<<20))
	g.mu.Lock()
	app := g.app
	g.mu.Unlock()
	if err != nil || app == nil {
		http.Error(w, "nobody is there yet", http.StatusBadGateway)
		return
	}
	var a struct {
		Service string `json:"serviceUrl"`
	}
	_ = json.Unmarshal(body, &a) // the app says what is wrong with it
	to, err := http.NewRequestWithContext(r.Context(), r.Method, app.JoinPath("/api/messages").String(), bytes.NewReader(body))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	to.Header.Set("Content-Type", "application/json")
	to.Header.Set("Authorization", "Bearer "+g.Sign(g.Claims(a.Service)))
	answer, err := http.DefaultClient.Do(to)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer func() { _ = answer.Body.Close() }() // only read
	w.Header().Set("Content-Type", answer.Header.Get("Content-Type"))
	w.WriteHeader(answer.StatusCode)
	_, _ = io.Copy(w, answer.Body) // the playground may be gone
}

// outward lets the app's calls through, with a good token, and writes them down.
func (g *Gate) outward(w http.ResponseWriter, r *http.Request) {
	if !g.taken(r) {
		write(w, http.StatusUnauthorized, wrong("Unauthorized", "no good token"))
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 4<<20))
	g.mu.Lock()
	behind := g.behind
	g.mu.Unlock()
	if err != nil || behind == nil {
		http.Error(w, "nobody is there yet", http.StatusBadGateway)
		return
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	call := map[string]string{http.MethodPost: "send", http.MethodPut: "update"}[r.Method]
	trouble := g.troubled(call)
	if trouble != nil && !trouble.Store {
		trouble.answer(w, r)
		return
	}
	said := &tap{ResponseWriter: w, status: http.StatusOK, mute: trouble != nil}
	behind.ServeHTTP(said, r)
	g.note(r, body, said)
	if trouble != nil {
		trouble.answer(w, r)
	}
}

// tap keeps an answer that goes past.
type tap struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
	mute   bool
}

func (t *tap) WriteHeader(status int) {
	if t.status = status; !t.mute {
		t.ResponseWriter.WriteHeader(status)
	}
}

func (t *tap) Write(b []byte) (int, error) {
	t.body.Write(b)
	if t.mute {
		return len(b), nil
	}
	return t.ResponseWriter.Write(b)
}

// note keeps a message, or that the playground would not have it.
func (g *Gate) note(r *http.Request, body []byte, said *tap) {
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/teams/v3/conversations/"), "/")
	if len(parts) < 2 || parts[1] != "activities" {
		return
	}
	g.do(func() {
		if said.status > 299 {
			g.refused = append(g.refused, fmt.Sprintf("%s %s: %d %s for %.2000s", r.Method, r.URL.Path, said.status, &said.body, body))
			return
		}
		m, _, no := compose(body)
		if no != nil {
			g.refused = append(g.refused, fmt.Sprintf("%s: %v", r.URL.Path, no))
			return
		}
		m.Channel, m.Thread, _ = strings.Cut(parts[0], ";messageid=")
		if r.Method == http.MethodPut {
			i := slices.IndexFunc(g.messages, func(old *Message) bool { return old.ID == parts[2] })
			if i < 0 {
				g.refused = append(g.refused, "an edit of "+parts[2])
				return
			}
			m.ID, m.Edits, m.Thread = parts[2], g.messages[i].Edits+1, g.messages[i].Thread
			g.messages[i] = m
			return
		}
		var answer struct {
			ID string `json:"id"`
		}
		_ = json.Unmarshal(said.body.Bytes(), &answer) // then it cannot be edited, which is seen
		m.ID = answer.ID
		g.messages = append(g.messages, m)
	})
}

// Messages are what the app said in a conversation; "" is anywhere.
func (g *Gate) Messages(channel string) []Message {
	g.mu.Lock()
	defer g.mu.Unlock()
	var list []Message
	for _, m := range g.messages {
		if channel == "" || m.Channel == channel {
			list = append(list, *m)
		}
	}
	return list
}

// Refused lists what the playground would not have.
func (g *Gate) Refused() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.refused)
}

// Wait returns when ok does, which is asked again after each change.
func (g *Gate) Wait(ctx context.Context, ok func() bool) error {
	for {
		g.mu.Lock()
		changed := g.changed
		g.mu.Unlock()
		if ok() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait at the gate: %w", ctx.Err())
		}
	}
}

func (g *Gate) do(change func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change()
	close(g.changed)
	g.changed = make(chan struct{})
}

// Data is what the action behind a button carries, and its sort and verb.
func (b Button) Data() (sort, verb string, data map[string]any) {
	_ = json.Unmarshal(b.action.Data, &data) // it was read before
	return b.action.Type, b.action.Verb, data
}

// Filled are the answers of a form: what is given, or what stood there.
func (m Message) Filled(values map[string]string) map[string]any { return filled(m, values) }
