package matrixtest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"sync"
)

// Trouble is how a call goes wrong.
type Trouble struct {
	Store      bool // the homeserver hears it all the same
	Drop       bool // the line is cut before the answer
	Status     int
	RetryAfter int    // seconds, in a header
	Body       string // JSON
}

// proxy stands between the bot and its homeserver.
type proxy struct {
	url    string
	server *httptest.Server

	mu    sync.Mutex
	fault func(*http.Request) *Trouble
	alter func(path string, body []byte) []byte
	calls map[string]int
}

func newProxy(address string) *proxy {
	p := &proxy{calls: map[string]int{}}
	target := &url.URL{Scheme: "http", Host: address}
	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: func(r *http.Response) error {
			p.mu.Lock()
			alter := p.alter
			p.mu.Unlock()
			if alter == nil || r.StatusCode != http.StatusOK {
				return nil
			}
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return err
			}
			_ = r.Body.Close()
			body = alter(r.Request.URL.Path, body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			r.ContentLength = int64(len(body))
			r.Header.Set("Content-Length", strconv.Itoa(len(body)))
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		fault := p.fault
		p.calls[r.Method+" "+r.URL.Path]++
		p.mu.Unlock()
		if fault == nil {
			forward.ServeHTTP(w, r)
			return
		}
		t := fault(r)
		if t == nil {
			forward.ServeHTTP(w, r)
			return
		}
		if t.Store {
			forward.ServeHTTP(httptest.NewRecorder(), r)
		}
		if t.Drop {
			if line, _, err := w.(http.Hijacker).Hijack(); err == nil {
				_ = line.Close()
			}
			return
		}
		if t.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(t.RetryAfter))
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(t.Status)
		_, _ = io.WriteString(w, t.Body)
	}))
	p.url = p.server.URL
	return p
}

func (p *proxy) close() {
	p.server.CloseClientConnections()
	p.server.Close()
}

// Fault lets calls of the bot go wrong; nil is all well.
func (s *Server) Fault(script func(*http.Request) *Trouble) {
	s.proxy.mu.Lock()
	defer s.proxy.mu.Unlock()
	s.proxy.fault = script
}

// Alter changes what the homeserver answers to the bot; nil leaves it.
func (s *Server) Alter(script func(path string, body []byte) []byte) {
	s.proxy.mu.Lock()
	defer s.proxy.mu.Unlock()
	s.proxy.alter = script
}

// Hang cuts the lines of the bot, as a network that breaks does.
func (s *Server) Hang() { s.proxy.server.CloseClientConnections() }
