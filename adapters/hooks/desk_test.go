package hooks

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"schoolbel/adapters/web"
	"schoolbel/bot/lang"
	"schoolbel/workflows"
)

// desk is an engine with one simple process, kept in memory: report, note,
// resolve, reopen, close.
type desk struct {
	mu      sync.Mutex
	records []*workflows.Record
	log     map[workflows.Ref][]workflows.Entry
	done    map[string]workflows.Ref
	got     []workflows.Command
	looks   int
	before  func(workflows.Command) error // what others do just before a command
	http.Handler
}

var process = workflows.Process{
	Kind: incident, Prefix: "INC", Start: "new", Done: []workflows.State{"closed"},
	Rules: []workflows.Rule{
		{Do: report, To: "new", Needs: []string{"title"}, Takes: []string{"description", "service", "location", "impact", "urgency"}},
		{Do: note, From: []workflows.State{workflows.EveryState}, Needs: []string{"note"}},
		{Do: resolve, From: []workflows.State{"new"}, To: "resolved", Needs: []string{"solution"}},
		{Do: reopen, From: []workflows.State{"resolved"}, To: "new", Needs: []string{"reason"}},
		{Do: "close", From: []workflows.State{"resolved", "new"}, To: "closed"},
	},
}

func newDesk(t testing.TB, change ...func(*Parts)) *desk {
	t.Helper()
	book, err := lang.Load(Texts, web.Texts)
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := web.NewTokens(map[string]string{"prometheus": "s3cret-one", "zabbix": "s3cret-two"})
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{log: map[workflows.Ref][]workflows.Entry{}, done: map[string]workflows.Ref{}}
	locale := func() string { return "nl" }
	log := slog.New(slog.DiscardHandler)
	p := Parts{
		Clerk:  web.Clerk{Book: book, Tokens: tokens, Locale: locale, Log: log},
		Engine: d, Reader: d, Came: d.came, Match: match, Known: d.known, Book: book, Locale: locale, Log: log,
	}
	for _, c := range change {
		c(&p)
	}
	mux := http.NewServeMux()
	for pattern, door := range Routes(p) {
		mux.Handle(pattern, door)
	}
	d.Handler = mux
	return d
}

// match knows two services and two locations.
func match(words string) (service, location string) {
	words = strings.ToLower(words)
	for word, key := range map[string]string{"wifi": "wifi", "draadloos": "wifi", "printen": "printen"} {
		if strings.Contains(words, word) {
			service = key
		}
	}
	for word, key := range map[string]string{"noord": "noord", "zuid": "zuid"} {
		if strings.Contains(words, word) {
			location = key
		}
	}
	return service, location
}

func (d *desk) known(_ context.Context, service, location string) (workflows.Ref, bool, error) {
	for _, r := range slices.Backward(d.records) {
		if r.Open() && r.Service == service && r.Location == location {
			return r.Ref, true, nil
		}
	}
	return workflows.Ref{}, false, nil
}

func (d *desk) came(_ context.Context, id string) (workflows.Ref, bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.looks++
	ref, ok := d.done[id]
	return ref, ok, nil
}

func (d *desk) Process(workflows.Kind) (*workflows.Process, bool) { return &process, true }

func (d *desk) Moves(r *workflows.Record, _ workflows.Actor) []workflows.Move {
	var moves []workflows.Move
	for _, rule := range process.Rules {
		if slices.Contains(rule.From, r.State) || slices.Contains(rule.From, workflows.EveryState) {
			m := workflows.Move{Do: rule.Do}
			for _, n := range rule.Needs {
				m.Needs = append(m.Needs, workflows.Field{Name: n})
			}
			moves = append(moves, m)
		}
	}
	return moves
}

func (d *desk) Do(ctx context.Context, c workflows.Command) (workflows.Outcome, error) {
	if d.before != nil {
		if err := d.before(c); err != nil {
			return workflows.Outcome{}, err
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if ref, ok := d.done[c.ID]; ok {
		return workflows.Outcome{Record: d.find(ref).Clone(), Repeated: true}, nil
	}
	var r *workflows.Record
	if c.Ref.IsZero() {
		r = &workflows.Record{
			Ref: workflows.Ref{Prefix: "INC", Number: int64(len(d.records) + 1)}, Kind: c.Kind, State: "new",
			Title: c.Arg("title"), Service: c.Arg("service"), Location: c.Arg("location"),
			Impact: workflows.Level(c.Arg("impact")), Urgency: workflows.Level(c.Arg("urgency")), Fields: map[string]string{"description": c.Arg("description")},
		}
		d.records = append(d.records, r)
	} else {
		r = d.find(c.Ref)
		if c.Version > 0 && c.Version < r.Version {
			return workflows.Outcome{}, workflows.Refuse(workflows.Stale, incident, "hooks.error.busy", c.Ref.String())
		}
		switch c.Action {
		case resolve:
			r.State = "resolved"
		case reopen:
			r.State = "new"
		case "close":
			r.State, r.ClosedAt = "closed", time.Unix(1, 0)
		}
	}
	r.Version++
	d.got = append(d.got, c)
	d.done[c.ID] = r.Ref
	e := workflows.Entry{Ref: r.Ref, Action: c.Action, Command: c.ID, Actor: c.Actor.Key, Note: c.Arg("note")}
	d.log[r.Ref] = append(d.log[r.Ref], e)
	return workflows.Outcome{Record: r.Clone(), Entry: &e}, nil
}

func (d *desk) find(ref workflows.Ref) *workflows.Record {
	i := slices.IndexFunc(d.records, func(r *workflows.Record) bool { return r.Ref == ref })
	if i < 0 {
		return &workflows.Record{}
	}
	return d.records[i]
}

func (d *desk) Record(_ context.Context, ref workflows.Ref) (*workflows.Record, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r := d.find(ref); !r.Ref.IsZero() {
		return r.Clone(), nil
	}
	return nil, errors.New("no record " + ref.String())
}

func (d *desk) Log(_ context.Context, ref workflows.Ref) ([]workflows.Entry, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.log[ref]), nil
}

func (d *desk) Find(context.Context, workflows.Filter) ([]*workflows.Record, string, error) {
	return nil, "", nil
}
func (d *desk) Links(context.Context, workflows.Ref) ([]workflows.Link, error) { return nil, nil }

// person lets somebody do something in chat.
func (d *desk) person(t *testing.T, ref string, do workflows.Action) {
	t.Helper()
	r, _ := workflows.ParseRef(ref)
	if _, err := d.Do(t.Context(), workflows.Command{ID: ref + string(do), Ref: r, Action: do, Actor: workflows.Actor{Key: "noor"}}); err != nil {
		t.Fatal(err)
	}
}

// state is where an incident stands.
func (d *desk) state(ref string) workflows.State {
	r, _ := workflows.ParseRef(ref)
	return d.find(r).State
}

// post brings a body to a hook.
func (d *desk) post(path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer s3cret-one")
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

// wants posts, and compares what came of each alert: "a INC-1 opened".
func (d *desk) wants(t *testing.T, path, body string, want ...string) {
	t.Helper()
	w := d.post(path, body)
	var got answer
	if err := json.NewDecoder(bytes.NewReader(w.Body.Bytes())).Decode(&got); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %s %v", w.Code, w.Body, err)
	}
	var lines []string
	for _, r := range got.Alerts {
		lines = append(lines, strings.Join(strings.Fields(r.Alert+" "+r.Ref+" "+string(r.Did)), " "))
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got  %q\nwant %q", lines, want)
	}
}

// prom writes a notification: alerts as "name status start", labels for all.
func prom(group string, labels map[string]string, alerts ...string) string {
	n := map[string]any{"version": "4", "groupKey": group, "status": "resolved", "truncatedAlerts": 0}
	var list []any
	for _, a := range alerts {
		part := strings.Fields(a)
		all := maps.Clone(labels)
		if all == nil {
			all = map[string]string{}
		}
		all["alertname"] = "Down" + part[0]
		list = append(list, map[string]any{
			"fingerprint": part[0], "status": part[1], "startsAt": "2027-02-22T08:0" + part[2] + ":00.123Z", "endsAt": "0001-01-01T00:00:00Z",
			"labels": all, "annotations": map[string]string{"summary": "Iets met " + part[0]}, "generatorURL": "http://prometheus/graph",
		})
		if part[1] == "firing" {
			n["status"] = "firing"
		}
	}
	n["alerts"] = list
	text, err := json.Marshal(n)
	if err != nil {
		panic(err) // strings and maps always have a JSON form
	}
	return string(text)
}
