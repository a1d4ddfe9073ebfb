// Package hooks is where monitoring posts: an alert opens an incident or joins
// the one that is open, and what is over is resolved.
package hooks

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"net/http"

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

// Engine is what the hooks ask of workflows.Engine.
type Engine interface {
	Do(ctx context.Context, c workflows.Command) (workflows.Outcome, error)
	Moves(r *workflows.Record, a workflows.Actor) []workflows.Move
	Process(k workflows.Kind) (*workflows.Process, bool)
}

// Clerk meets callers (web.Clerk): whose token it is, and what went wrong in
// their language. A caller that is nobody has been answered.
type Clerk interface {
	Caller(w http.ResponseWriter, r *http.Request) (token string, ok bool)
	Explain(w http.ResponseWriter, r *http.Request, err error)
}

// Parts is what the hooks are made of.
type Parts struct {
	Clerk  Clerk
	Engine Engine
	Reader workflows.Reader
	// Came tells which record a command with this ID led to, if it was ever done.
	Came func(ctx context.Context, id string) (workflows.Ref, bool, error)
	// Match finds the service and location that words speak of, by key, name or
	// alias; "" when they speak of none.
	Match func(words string) (service, location string)
	// Known finds the open incident that a new report about this service and
	// location belongs to: the same question that is asked for people.
	Known  func(ctx context.Context, service, location string) (workflows.Ref, bool, error)
	Book   *lang.Book
	Locale func() string // the language of what is written in records
	Log    *slog.Logger
}

// Routes are the addresses where monitoring posts.
func Routes(p Parts) map[string]http.Handler {
	h := &hooks{p}
	return map[string]http.Handler{
		"POST /hooks/alertmanager": h.door(h.alertmanager),
		"POST /hooks/generic":      h.door(h.generic),
	}
}

type hooks struct{ Parts }

// door takes a post: take brings in the alerts of its body.
func (h *hooks) door(take func(context.Context, body) (answer, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, ok := h.Clerk.Caller(w, r)
		if !ok {
			return
		}
		text, err := whole(w, r)
		if err != nil {
			h.Clerk.Explain(w, r, err)
			return
		}
		done, err := take(r.Context(), body{token: token, text: text})
		if err != nil {
			h.Clerk.Explain(w, r, err)
			return
		}
		done.write(w, h.Log)
	})
}
