package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"schoolbel/workflows"
)

// api is /api/v1.
type api struct {
	Parts
	clerk   Clerk
	kinds   map[string]*workflows.Process // by kind
	byMark  map[string]*workflows.Process // by prefix: INC
	openapi []byte
}

func newAPI(p Parts) *api {
	a := &api{Parts: p, clerk: p.Clerk(), kinds: map[string]*workflows.Process{}, byMark: map[string]*workflows.Process{}}
	for _, process := range p.Processes {
		a.kinds[string(process.Kind)] = process
		a.byMark[process.Prefix] = process
	}
	a.openapi = describe(p.Processes)
	return a
}

// request is a call of the API by a known token.
type request struct {
	*http.Request
	voice
	token string
}

// open answers without asking who calls.
func (a *api) open(handle func(http.ResponseWriter, *request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.answer(w, &request{Request: r}, handle)
	})
}

// guarded asks for a token first.
func (a *api) guarded(handle func(http.ResponseWriter, *request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if token, ok := a.clerk.Caller(w, r); ok {
			a.answer(w, &request{Request: r, token: token}, handle)
		}
	})
}

func (a *api) answer(w http.ResponseWriter, r *request, handle func(http.ResponseWriter, *request) error) {
	r.voice = listen(a.Book, r.Request, a.Names.Locale())
	if err := handle(w, r); err != nil {
		a.clerk.Explain(w, r.Request, err)
	}
}

// nothingHere answers to an address that is none.
func (a *api) nothingHere(_ http.ResponseWriter, _ *request) error {
	return &refusal{http.StatusNotFound, workflows.Missing, "web.error.route", nil}
}

// wrongMethod answers to a right address with a wrong method.
func (a *api) wrongMethod(right string) http.Handler {
	return a.open(func(w http.ResponseWriter, _ *request) error {
		w.Header().Set("Allow", right)
		return &refusal{http.StatusMethodNotAllowed, workflows.Invalid, "web.error.method", []any{right}}
	})
}

// actor is who acts: the person in as, or else the token itself. A token is set
// by whoever runs the bot, so by itself it may do what the ICT staff may, and
// nothing that asks for a person with another hat, such as approving a change.
// Either way the log shows the token's name as the door.
func (a *api) actor(token, as string) (workflows.Actor, error) {
	via := "api:" + token
	if as == "" {
		return workflows.Actor{Key: via, Name: token, Via: via, Roles: []workflows.Role{workflows.Agent}}, nil
	}
	person, ok := a.School().Person(as)
	if !ok {
		return workflows.Actor{}, wrong("web.error.person", as)
	}
	return workflows.Actor{Key: person.Key, Name: person.Name, Via: via, Roles: person.Roles}, nil
}

// list is GET /api/v1/records.
func (a *api) list(w http.ResponseWriter, r *request) error {
	filter, err := a.filter(r)
	if err != nil {
		return err
	}
	actor, err := a.actor(r.token, r.URL.Query().Get("as"))
	if err != nil {
		return err
	}
	filter.For = &actor // sensitive records are there for those who may know, in lists and in searches too
	records, next, err := a.Reader.Find(r.Context(), filter)
	if err != nil {
		return err
	}
	answer := struct {
		Records []recordForm `json:"records"`
		Next    string       `json:"next"`
	}{[]recordForm{}, next}
	for _, record := range records {
		answer.Records = append(answer.Records, a.show(record))
	}
	write(w, a.Log, http.StatusOK, answer)
	return nil
}

// parameters are what a list can be asked for.
var parameters = []string{"kind", "state", "service", "location", "open", "q", "limit", "after", "lang", "as"}

// most is the longest list.
const most = 200

// filter reads the query. An unknown name is refused: a filter that is misspelt
// must not show everything.
func (a *api) filter(r *request) (workflows.Filter, error) {
	query := r.URL.Query()
	for name := range query {
		if !slices.Contains(parameters, name) {
			return workflows.Filter{}, wrong("web.error.parameter", name, strings.Join(parameters, ", "))
		}
	}
	f := workflows.Filter{
		Kinds:     many[workflows.Kind](query["kind"]),
		States:    many[workflows.State](query["state"]),
		Services:  many[string](query["service"]),
		Locations: many[string](query["location"]),
		Query:     query.Get("q"),
		After:     query.Get("after"),
	}
	for _, kind := range f.Kinds {
		if a.kinds[string(kind)] == nil {
			return f, wrong("web.error.kind", string(kind), a.kindNames())
		}
	}
	if text := query.Get("open"); text != "" {
		open, err := strconv.ParseBool(text)
		if err != nil {
			return f, wrong("web.error.open", text)
		}
		f.Open = open
	}
	if text := query.Get("limit"); text != "" {
		limit, err := strconv.Atoi(text)
		if err != nil || limit < 1 {
			return f, wrong("web.error.limit", text, most)
		}
		f.Limit = min(limit, most)
	}
	return f, nil
}

// many reads a parameter that may be given more than once, or with commas.
func many[T ~string](given []string) []T {
	var list []T
	for _, text := range given {
		for part := range strings.SplitSeq(text, ",") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, T(part))
			}
		}
	}
	return list
}

func (a *api) kindNames() string {
	var names []string
	for _, p := range a.Processes {
		names = append(names, string(p.Kind))
	}
	return strings.Join(names, ", ")
}

// one is GET /api/v1/records/{ref}; ?as= asks for the moves of a person.
func (a *api) one(w http.ResponseWriter, r *request) error {
	ref, err := reference(r.PathValue("ref"))
	if err != nil {
		return err
	}
	actor, err := a.actor(r.token, r.URL.Query().Get("as"))
	if err != nil {
		return err
	}
	record, err := a.Reader.Record(r.Context(), ref)
	if err != nil {
		return err
	}
	if !record.MayKnow(actor) {
		return workflows.Refuse(workflows.Missing, "", "error.missing", ref.String())
	}
	form, err := a.whole(r.Context(), r.voice, record, actor)
	if err != nil {
		return err
	}
	form.Moves = r.showMoves(record.Kind, a.Engine.Moves(record, actor))
	write(w, a.Log, http.StatusOK, form)
	return nil
}

// whole gives a record with its links, as far as the actor may know of what is at
// their other end, and its log.
func (a *api) whole(ctx context.Context, v voice, record *workflows.Record, actor workflows.Actor) (recordForm, error) {
	form := a.show(record)
	links, err := a.Reader.Links(ctx, record.Ref)
	if err != nil {
		return form, err
	}
	if links, err = a.visible(ctx, record.Ref, links, actor); err != nil {
		return form, err
	}
	entries, err := a.Reader.Log(ctx, record.Ref)
	if err != nil {
		return form, err
	}
	form.Links, form.Log = v.showLinks(record.Ref, links), a.showLog(entries)
	return form, nil
}

// visible leaves out the links to what this actor may not know of.
func (a *api) visible(ctx context.Context, here workflows.Ref, links []workflows.Link, actor workflows.Actor) ([]workflows.Link, error) {
	var kept []workflows.Link
	for _, l := range links {
		other := l.To
		if other == here {
			other = l.From
		}
		record, err := a.Reader.Record(ctx, other)
		var gone *workflows.Error
		switch {
		case errors.As(err, &gone):
		case err != nil:
			return nil, err
		case !record.MayKnow(actor):
			continue
		}
		kept = append(kept, l)
	}
	return kept, nil
}

func reference(text string) (workflows.Ref, error) {
	ref, ok := workflows.ParseRef(text)
	if !ok {
		return ref, wrong("web.error.ref", text)
	}
	return ref, nil
}

// description is GET /api/v1/openapi.json.
func (a *api) description(w http.ResponseWriter, _ *request) error {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, err := w.Write(a.openapi)
	if err != nil {
		a.Log.Debug("the description was not read to its end", "error", err)
	}
	return nil
}
