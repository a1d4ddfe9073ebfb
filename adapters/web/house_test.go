package web

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"schoolbel/bot/lang"
	"schoolbel/workflows"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file; -update writes it, and then the difference is to
// be read.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; run with -update and read the difference.\ngot:\n%s", path, got)
	}
}

// processes is a table of two kinds, small enough to read in a golden.
var processes = []*workflows.Process{
	{
		Kind: "incident", Prefix: "INC", Start: "new", Done: []workflows.State{"closed"},
		Fields: []workflows.Field{{Name: "workaround", Long: true}, {Name: "solution", Long: true}, {Name: "expected_at", Time: true}, {Name: "spent", Hidden: true}},
		Rules: []workflows.Rule{
			{Do: "report", To: "new", By: []workflows.Role{workflows.Anyone}, Needs: []string{"title"}, Takes: []string{"service", "impact", "reporter", "spent"}, Own: []workflows.Field{{Name: "reporter", Lookup: "person"}}},
			{Do: "take", From: []workflows.State{"new"}, To: "in_progress", By: []workflows.Role{workflows.Agent}},
			{Do: "resolve", From: []workflows.State{"new"}, To: "resolved", By: []workflows.Role{workflows.Agent}, Needs: []string{"solution"}, Takes: []string{"workaround"}},
			{Do: "resolve", From: []workflows.State{"in_progress"}, To: "resolved", By: []workflows.Role{workflows.Agent}, Needs: []string{"solution"}, Takes: []string{"expected_at"}},
			{Do: "remind", From: []workflows.State{"new"}, By: []workflows.Role{workflows.System}},
			{Do: "close", From: []workflows.State{"resolved"}, To: "closed", By: []workflows.Role{workflows.Agent}},
		},
	},
	{
		Kind: "task", Prefix: "TSK", Start: "todo", Done: []workflows.State{"done"},
		Rules: []workflows.Rule{
			{Do: "add", To: "todo", By: []workflows.Role{workflows.Anyone}, Needs: []string{"title"}},
			{Do: "finish", From: []workflows.State{"todo"}, To: "done", By: []workflows.Role{workflows.Owner}},
		},
	},
}

// words are the texts that live in other rooms.
var words = fstest.MapFS{
	"nl.json": {Data: []byte(`{"incident.name":"storing","incident.do.take":"Oppakken","incident.state.new":"nieuw","change.state.scheduled":"Ingepland","change.state.implementing":"Wordt uitgevoerd","change.state.postponed":"Uitgesteld","change.state.closed":"Gesloten","record.field.solution":"oplossing",
		"link.leads_to":"leidt tot","link.leads_to.back":"komt voort uit","role.agent":"ICT'er","error.closed":"{0} kan niet meer: het is {1}.","error.missing":"{0} is er niet.","error.denied":"Dat mag alleen een {0}."}`)},
	"en.json": {Data: []byte(`{"incident.name":"incident","incident.do.take":"Take","incident.state.new":"new","change.state.scheduled":"Scheduled","change.state.implementing":"Being implemented","change.state.postponed":"Postponed","change.state.closed":"Closed","record.field.solution":"solution",
		"link.leads_to":"leads to","link.leads_to.back":"comes from","role.agent":"member of ICT staff","error.closed":"{0} is no longer open: it is {1}.","error.missing":"There is no {0}.","error.denied":"Only a {0} may do that."}`)},
}

// monday is the moment at which every test starts.
var monday = time.Date(2027, 2, 22, 8, 45, 0, 0, time.UTC)

// house is a window with a small school behind it.
type house struct {
	*Server
	parts   Parts
	engine  *engine
	records *records
	log     *bytes.Buffer
	now     time.Time
}

func newHouse(t *testing.T, change ...func(*Parts)) *house {
	t.Helper()
	book, err := lang.Load(Texts, words)
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := NewTokens(map[string]string{"monitoring": "s3cret-monitoring", "dashboard": "s3cret-dashboard"})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{engine: &engine{}, records: &records{}, log: &bytes.Buffer{}, now: monday}
	h.parts = Parts{
		Engine: h.engine, Reader: h.records, Processes: processes, Book: book, Tokens: tokens,
		School: func() workflows.Catalogue { return linde{} },
		Names: Names{
			Organisation: func() string { return "De Linde" }, Locale: func() string { return "nl" },
			Services: func() []string { return []string{"wifi", "printen", "magister"} },
			Location: func(key string) string {
				return map[string]string{"noord": "Locatie Noord", "zuid": "Locatie Zuid"}[key]
			},
		},
		Log: slog.New(slog.NewTextHandler(&safe{w: h.log}, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now: func() time.Time { return h.now },
	}
	h.parts.Figures = NewFigures(h.parts.Log)
	for _, c := range change {
		c(&h.parts)
	}
	if h.Server, err = NewServer(h.parts); err != nil {
		t.Fatal(err)
	}
	return h
}

// safe lets several goroutines write to one log.
type safe struct {
	mu sync.Mutex
	w  *bytes.Buffer
}

func (s *safe) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(b)
}

// ask sends one request: "GET /status", with headers as "Name: value".
func (h *house) ask(what, body string, headers ...string) *httptest.ResponseRecorder {
	method, target, _ := strings.Cut(what, " ")
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if body == "" {
		r.Body = http.NoBody
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const (
	bearer  = "Authorization: Bearer s3cret-monitoring"
	english = "Accept-Language: en-GB,en;q=0.8"
)

// decode reads an answer.
func decode[T any](t *testing.T, w *httptest.ResponseRecorder) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	return v
}

// engine is the door as the API sees it.
type engine struct {
	got []workflows.Command
	do  func(workflows.Command) (workflows.Outcome, error)
}

func (e *engine) Do(_ context.Context, c workflows.Command) (workflows.Outcome, error) {
	e.got = append(e.got, c)
	if e.do == nil {
		return workflows.Outcome{Record: sample()}, nil
	}
	return e.do(c)
}

func (e *engine) Moves(_ *workflows.Record, a workflows.Actor) []workflows.Move {
	if slices.Contains(a.Roles, workflows.Agent) {
		return []workflows.Move{{Do: "take", Takes: []workflows.Field{{Name: "solution", Long: true}, {Name: "spent", Hidden: true}}}}
	}
	return nil
}

// records is the database as the window sees it.
type records struct {
	mu    sync.Mutex
	all   []*workflows.Record
	log   []workflows.Entry
	links []workflows.Link
	asked []workflows.Filter
	err   error
}

func (s *records) Record(_ context.Context, ref workflows.Ref) (*workflows.Record, error) {
	for _, r := range s.all {
		if r.Ref == ref {
			return r, nil
		}
	}
	return nil, cmp.Or(s.err, error(workflows.Refuse(workflows.Missing, "", "error.missing", ref.String())))
}

func (s *records) Find(_ context.Context, f workflows.Filter) ([]*workflows.Record, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, f)
	if s.err != nil {
		return nil, "", s.err
	}
	from := 0
	if f.After != "" {
		from = min(len(f.After), len(s.all))
	}
	to := min(len(s.all), from+cmp.Or(f.Limit, 50))
	next := ""
	if to < len(s.all) {
		next = strings.Repeat("x", to)
	}
	return s.all[from:to], next, nil
}

func (s *records) Log(context.Context, workflows.Ref) ([]workflows.Entry, error) { return s.log, s.err }

func (s *records) Links(context.Context, workflows.Ref) ([]workflows.Link, error) {
	return s.links, s.err
}

// linde is the school.
type linde struct{ workflows.Catalogue }

func (linde) Person(key string) (workflows.Person, bool) {
	people := map[string]workflows.Person{
		"mieke":  {Key: "mieke", Name: "Mieke Bakker", Roles: []workflows.Role{"security_officer"}},
		"noor":   {Key: "noor", Name: "Noor de Wit", Roles: []workflows.Role{workflows.Agent}},
		"fatima": {Key: "fatima", Name: "Fatima el Amrani", Roles: []workflows.Role{"teacher"}},
		"anna":   {Key: "anna", Name: "Anna Visser", Roles: []workflows.Role{"teacher"}},
	}
	p, ok := people[key]
	return p, ok
}

func (linde) ServiceOf(key string) (workflows.Service, bool) {
	names := map[string]string{"wifi": "Wifi", "printen": "Printen", "magister": "Magister"}
	return workflows.Service{Key: key, Name: names[key]}, names[key] != ""
}

func (linde) Local(t time.Time) time.Time { return t.In(time.FixedZone("CET", 3600)) }

// sample is an incident in the middle of its life.
func sample() *workflows.Record {
	return &workflows.Record{
		Ref: workflows.Ref{Prefix: "INC", Number: 12}, Kind: "incident", Title: "Wifi ligt eruit", State: "in_progress",
		Priority: workflows.P2, Impact: workflows.Medium, Urgency: workflows.High, Service: "wifi", Location: "noord", Owner: "noor", Team: "ict",
		Reporters: []string{"anna", "peter"}, Fields: map[string]string{"workaround": "Gebruik de kabel", "spent": "12", "origin.anna": "slack:C1"}, Version: 3, Visit: 2,
		OpenedAt: monday.In(time.FixedZone("CET", 3600)), ChangedAt: monday.Add(90*time.Second + 5*time.Millisecond),
	}
}
