package web

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"time"
)

// How long we wait for others.
const (
	headerWithin = 10 * time.Second // a client that sends its headers drop by drop is let go
	idleFor      = 2 * time.Minute
	finishWithin = 10 * time.Second // what is under way when we stop
)

// Listen takes the address, or says how to mend it when that cannot be.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("http.listen: %s is in use by another program; stop that one, or choose another port, such as SCHOOLBEL_HTTP_LISTEN=127.0.0.1:8081: %w", address, err)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("http.listen: %s may not be used by this user; choose a port above 1023, such as 127.0.0.1:8080: %w", address, err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("http.listen: this machine has no address %s; use 127.0.0.1:8080 for this machine alone or 0.0.0.0:8080 for the network: %w", address, err)
	}
	return nil, fmt.Errorf("http.listen: %q is no address to listen on; write it as 127.0.0.1:8080: %w", address, err)
}

// Server is the one HTTP server, with every door in it.
type Server struct {
	http    *http.Server
	handler http.Handler
	closing context.Context // ends when we stop: streams that never end must let go
	close   context.CancelFunc
}

// NewServer puts the doors of all rooms in one house. Two doors with one address
// are an error.
func NewServer(p Parts) (*Server, error) {
	mux := http.NewServeMux()
	tables := append([]map[string]http.Handler{p.routes()}, p.Routes...)
	taken := map[string]bool{}
	for _, table := range tables {
		for _, pattern := range slices.Sorted(maps.Keys(table)) {
			if err := add(mux, pattern, table[pattern]); err != nil {
				return nil, err
			}
			taken[pattern[strings.Index(pattern, " ")+1:]] = true
		}
	}
	if !taken["/"] && !taken["/{$}"] {
		if err := add(mux, "GET /{$}", http.RedirectHandler("/status", http.StatusSeeOther)); err != nil {
			return nil, err
		}
	}
	s := &Server{}
	s.closing, s.close = context.WithCancel(context.Background())
	s.handler = s.porch(p, mux)
	s.http = &http.Server{Handler: s.handler, ReadHeaderTimeout: headerWithin, IdleTimeout: idleFor, MaxHeaderBytes: 64 << 10}
	return s, nil
}

// add turns the panic of ServeMux over a pattern into an error.
func add(mux *http.ServeMux, pattern string, h http.Handler) (err error) {
	defer func() {
		if why := recover(); why != nil {
			err = fmt.Errorf("web: route %q: %v", pattern, why)
		}
	}()
	mux.Handle(pattern, h)
	return nil
}

// ServeHTTP answers one request, for tests that need no network.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Serve answers until ctx ends, and then lets what is under way finish.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	ended := make(chan error, 1)
	go func() { ended <- s.http.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("web: serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	s.close()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishWithin)
	defer cancel()
	err := s.http.Shutdown(grace)
	<-ended //nolint:errcheck // it says that it was closed, which we know
	if err != nil {
		return fmt.Errorf("web: requests were still under way after %s: %w", finishWithin, errors.Join(err, s.http.Close()))
	}
	return nil
}
