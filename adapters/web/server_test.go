package web

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"schoolbel/workflows"
)

func TestTokensAreReadStrictly(t *testing.T) {
	for name, test := range map[string]struct {
		secrets map[string]string
		says    string
	}{
		"empty":       {map[string]string{"monitoring": " "}, "api.tokens.monitoring is empty"},
		"no name":     {map[string]string{"": "x"}, "no name"},
		"colon":       {map[string]string{"a:b": "x"}, "no name"},
		"same secret": {map[string]string{"b": "hush-hush", "a": "hush-hush"}, "api.tokens.a and api.tokens.b"},
	} {
		_, err := NewTokens(test.secrets)
		if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "hush-hush") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBusyPortSaysHowToMendIt(t *testing.T) {
	taken, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for address, says := range map[string][]string{
		taken.Addr().String(): {taken.Addr().String(), "in use", "SCHOOLBEL_HTTP_LISTEN"},
		"8080":                {"8080", "127.0.0.1:8080"},
		"127.0.0.1:high":      {"127.0.0.1:high", "no address"},
	} {
		l, err := Listen(t.Context(), address)
		if err == nil {
			_ = l.Close()
			t.Errorf("%s: no error", address)
			continue
		}
		for _, part := range says {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %v does not say %q", address, err, part)
			}
		}
	}
}

func TestTwoDoorsWithOneAddress(t *testing.T) {
	p := newHouse(t).parts
	door := http.NotFoundHandler()
	for _, pattern := range []string{"GET /status", "GET status", "POST /x/{"} {
		p.Routes = []map[string]http.Handler{{pattern: door}}
		if _, err := NewServer(p); err == nil || !strings.Contains(err.Error(), strings.Fields(pattern)[1]) {
			t.Errorf("%s: %v", pattern, err)
		}
	}
}

func TestFrontPageLeadsSomewhere(t *testing.T) {
	if w := newHouse(t).ask("GET /", ""); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/status" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	other := newHouse(t, func(p *Parts) {
		p.Routes = []map[string]http.Handler{{"GET /{$}": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "console") })}}
	})
	if w := other.ask("GET /", ""); w.Body.String() != "console" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// with adds one door.
func with(pattern string, door http.HandlerFunc) func(*Parts) {
	return func(p *Parts) { p.Routes = append(p.Routes, map[string]http.Handler{pattern: door}) }
}

func TestPanicIsCaught(t *testing.T) {
	h := newHouse(t, with("GET /x", func(http.ResponseWriter, *http.Request) { panic("oops: s3cret") }))
	w := h.ask("GET /x", "", english)
	if w.Code != 500 || strings.Contains(w.Body.String(), "oops") || !strings.Contains(w.Body.String(), "under number") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if !strings.Contains(h.log.String(), "oops") || !strings.Contains(h.log.String(), "server_test.go") {
		t.Errorf("the log does not say where:\n%s", h.log)
	}
}

func TestLogHoldsNoSecrets(t *testing.T) {
	h := newHouse(t)
	h.ask("GET /api/v1/records?q=s3cret-question", "", bearer, "Cookie: session=s3cret-cookie")
	h.ask("POST /api/v1/commands", `{"do":"s3cret-body"}`, bearer)
	h.ask("GET /"+strings.Repeat("long", 1000), "")
	if strings.Contains(h.log.String(), "s3cret") {
		t.Errorf("a secret in:\n%s", h.log)
	}
	if !strings.Contains(h.log.String(), "path=/api/v1/records status=200") {
		t.Errorf("no line of the request in:\n%s", h.log)
	}
	if strings.Contains(h.log.String(), strings.Repeat("long", 100)) {
		t.Error("a long address fills the log")
	}
}

func TestEveryAnswerIsSafe(t *testing.T) {
	h := newHouse(t, with("GET /x", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'")
	}))
	for _, what := range []string{"GET /status", "GET /api/v1/records", "GET /nowhere", "GET /healthz", "GET /metrics"} {
		header := h.ask(what, "").Header()
		for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy"} {
			if header.Get(name) == "" {
				t.Errorf("%s lacks %s", what, name)
			}
		}
	}
	if got := h.ask("GET /x", "").Header().Get("Content-Security-Policy"); got != "default-src 'none'" {
		t.Errorf("a door could not set its own: %s", got)
	}
	if strings.Contains(h.ask("GET /status", "").Header().Get("Content-Security-Policy"), "unsafe") {
		t.Error("the status page allows anything inline")
	}
}

func TestPagesOfOthersCannotPost(t *testing.T) {
	h := newHouse(t, with("POST /x", func(http.ResponseWriter, *http.Request) {}))
	if w := h.ask("POST /x", "a=b", "Sec-Fetch-Site: cross-site", "Origin: https://evil.example"); w.Code != http.StatusForbidden {
		t.Errorf("%d", w.Code)
	}
	if w := h.ask("POST /x", "a=b"); w.Code != http.StatusOK {
		t.Errorf("a program was refused: %d", w.Code)
	}
}

func TestNoDoorTakesEverything(t *testing.T) {
	var read error
	h := newHouse(t, with("POST /x", func(_ http.ResponseWriter, r *http.Request) { _, read = io.Copy(io.Discard, r.Body) }))
	h.ask("POST /x", strings.Repeat("x", outerLimit+1))
	var large *http.MaxBytesError
	if !errors.As(read, &large) {
		t.Errorf("read to the end: %v", read)
	}
}

func TestReadiness(t *testing.T) {
	broken := errors.New("dial postgres://bel:s3cret@db: refused")
	h := newHouse(t, func(p *Parts) {
		p.Checks = []Check{
			{"database", func(context.Context) error { return broken }},
			{"slack", func(ctx context.Context) error {
				if _, limited := ctx.Deadline(); !limited {
					t.Error("a check may take forever")
				}
				return nil
			}},
		}
	})
	w := h.ask("GET /readyz", "")
	if w.Code != 503 || w.Body.String() != `{"ready":false,"checks":{"database":"not ready","slack":"ok"}}`+"\n" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if !strings.Contains(h.log.String(), "check=database") {
		t.Errorf("the log does not say why:\n%s", h.log)
	}
	broken = nil
	if w := h.ask("GET /readyz", ""); w.Code != 200 || !strings.Contains(w.Body.String(), `"ready":true`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	broken = errors.New("down")
	if w := h.ask("GET /healthz", ""); w.Code != 200 {
		t.Errorf("a process without database still lives: %d", w.Code)
	}
}

func TestFigures(t *testing.T) {
	h := newHouse(t)
	f := h.parts.Figures
	counted := f.Counted(h.engine, processes)
	for _, err := range []error{nil, workflows.Refuse(workflows.Denied, "", "x"), errors.New("db")} {
		h.engine.do = func(workflows.Command) (workflows.Outcome, error) { return workflows.Outcome{}, err }
		_, _ = counted.Do(t.Context(), workflows.Command{Action: "take"})
	}
	h.engine.do = func(workflows.Command) (workflows.Outcome, error) { return workflows.Outcome{Repeated: true}, nil }
	_, _ = counted.Do(t.Context(), workflows.Command{Action: "take"})
	_, _ = counted.Do(t.Context(), workflows.Command{Action: "invented-by-a-stranger"})
	f.Delivered("slack", workflows.Sent)
	watch := func(name string, read func(context.Context) (map[string]float64, error)) {
		t.Helper()
		if err := f.Watch(name, "How much.", "queue", read); err != nil {
			t.Fatal(err)
		}
	}
	watch("jobs", func(context.Context) (map[string]float64, error) { return map[string]float64{"carry": 7}, nil })
	watch("broken", func(context.Context) (map[string]float64, error) { return nil, errors.New("no database") })
	if err := f.Watch("jobs", "How much.", "queue", nil); err == nil {
		t.Error("one name twice")
	}
	h.ask("GET /status", "")
	h.ask("GET /wp-admin/setup.php", "")
	h.ask("GET /api/v1/records/INC-1", "", bearer)
	w := h.ask("GET /metrics", "")
	for _, line := range []string{
		`schoolbel_commands_total{action="take",outcome="done"} 1`,
		`schoolbel_commands_total{action="take",outcome="denied"} 1`,
		`schoolbel_commands_total{action="take",outcome="failed"} 1`,
		`schoolbel_commands_total{action="take",outcome="repeated"} 1`,
		`schoolbel_commands_total{action="unknown",outcome="repeated"} 1`,
		`schoolbel_deliveries_total{adapter="slack",state="sent"} 1`,
		`schoolbel_jobs{queue="carry"} 7`,
		`schoolbel_http_request_seconds_count{route="GET /status",status="200"} 1`,
		`schoolbel_http_request_seconds_count{route="none",status="404"} 1`,
		`schoolbel_http_request_seconds_count{route="GET /api/v1/records/{ref}",status="404"} 1`,
		`go_goroutines`,
	} {
		if !strings.Contains(w.Body.String(), line) {
			t.Errorf("no %s in\n%s", line, w.Body)
		}
	}
	if strings.Contains(w.Body.String(), "stranger") || w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestStopLetsPeopleFinish stops a server while one request is being answered and
// one stream is open: the answer arrives, the stream is let go.
func TestStopLetsPeopleFinish(t *testing.T) {
	busy, finish, streaming := make(chan struct{}), make(chan struct{}), make(chan struct{})
	h := newHouse(t,
		with("GET /slow", func(w http.ResponseWriter, r *http.Request) {
			close(busy)
			<-finish
			if r.Context().Err() != nil {
				t.Error("the work was broken off")
			}
			_, _ = io.WriteString(w, "done")
		}),
		with("GET /stream", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			w.(http.Flusher).Flush()
			close(streaming)
			<-r.Context().Done()
			close(finish) // the slow request ends only after the stream was let go
		}))
	l, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(ctx, l) }()
	get := func(path string) (string, error) {
		answer, err := http.Get("http://" + l.Addr().String() + path)
		if err != nil {
			return "", err
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		return string(body), err
	}
	got := make(chan string, 1)
	go func() {
		body, err := get("/slow")
		if err != nil {
			body = err.Error()
		}
		got <- body
	}()
	go func() { _, _ = get("/stream") }()
	<-busy
	<-streaming
	stop()
	if body := <-got; body != "done" {
		t.Errorf("the answer was %q", body)
	}
	if err := <-ended; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if _, err := get("/status"); err == nil {
		t.Error("still answers")
	}
}

func TestServeSaysWhyItEnded(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	if err := newHouse(t).Serve(t.Context(), l); err == nil || !strings.Contains(err.Error(), l.Addr().String()) {
		t.Errorf("%v", err)
	}
}
