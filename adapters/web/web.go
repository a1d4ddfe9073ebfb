// Package web is the window: the REST interface, the status page for everyone,
// health and figures, and the one HTTP server that all doors share.
package web

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"schoolbel/bot/lang"
	"schoolbel/workflows"
)

//go:embed texts/*.json
var texts embed.FS

// Texts are the words of this room.
var Texts = sub(texts, "texts")

// sub cannot fail for a folder that stands in the embed line above.
func sub(folder fs.FS, name string) fs.FS {
	inner, err := fs.Sub(folder, name)
	if err != nil {
		panic(err)
	}
	return inner
}

// Engine is what the API asks of workflows.Engine.
type Engine interface {
	Do(ctx context.Context, c workflows.Command) (workflows.Outcome, error)
	Moves(r *workflows.Record, a workflows.Actor) []workflows.Move
}

// Names are what the pages call things. School and Location may be asked at any
// time: the school file is replaced while we run.
type Names struct {
	Organisation func() string
	Locale       func() string // the school's: nl or en
	Services     func() []string
	Location     func(key string) string
}

// Parts is what the window is made of.
type Parts struct {
	Engine    Engine
	Reader    workflows.Reader
	Processes []*workflows.Process // as the engine has them, with what all kinds share
	Book      *lang.Book
	School    func() workflows.Catalogue
	Names     Names
	Tokens    Tokens
	Checks    []Check
	Figures   *Figures
	// Refused writes down that somebody was denied something; nil where nobody does.
	Refused func(ctx context.Context, c workflows.Command, no *workflows.Error) error
	// Routes are the doors of others: Slack's, the hooks', the console's. Keys are
	// patterns of http.ServeMux.
	Routes []map[string]http.Handler
	Now    func() time.Time
	Log    *slog.Logger
}

// Clerk gives the one who meets callers with a token, for the doors of others.
func (p Parts) Clerk() Clerk {
	return Clerk{Book: p.Book, Tokens: p.Tokens, Locale: p.Names.Locale, Log: p.Log}
}

// routes are the doors of this room.
func (p Parts) routes() map[string]http.Handler {
	api := newAPI(p)
	page := newStatus(p)
	health := health{checks: p.Checks, log: p.Log}
	all := map[string]http.Handler{
		"/api/": api.open(api.nothingHere),

		"GET /status":       http.HandlerFunc(page.html),
		"GET /status.json":  http.HandlerFunc(page.json),
		"GET /calendar.ics": calendar{p},
		"GET /healthz":      http.HandlerFunc(health.alive),
		"GET /readyz":       http.HandlerFunc(health.ready),
		"GET /metrics":      p.Figures.handler(p.Log),
	}
	for path, door := range map[string]struct {
		method string
		handle http.Handler
	}{
		"/api/v1/records":       {http.MethodGet, api.guarded(api.list)},
		"/api/v1/records/{ref}": {http.MethodGet, api.guarded(api.one)},
		"/api/v1/commands":      {http.MethodPost, api.guarded(api.command)},
		"/api/v1/openapi.json":  {http.MethodGet, api.open(api.description)},
	} {
		all[door.method+" "+path] = door.handle
		all[path] = api.wrongMethod(door.method)
	}
	return all
}
