package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"schoolbel/workflows"
)

func TestEveryErrorOfTheAPI(t *testing.T) {
	refuse := func(code workflows.Code, key string, args ...any) func(workflows.Command) (workflows.Outcome, error) {
		return func(workflows.Command) (workflows.Outcome, error) {
			return workflows.Outcome{}, fmt.Errorf("on the way: %w", workflows.Refuse(code, "incident", key, args...))
		}
	}
	const command = "POST /api/v1/commands"
	take := `{"ref":"INC-12","do":"take"}`
	for _, test := range []struct {
		name, what, body string
		headers          []string
		do               func(workflows.Command) (workflows.Outcome, error)
		status           int
		code             workflows.Code
		says             string
	}{
		{"no token", "GET /api/v1/records", "", nil, nil, 401, "denied", "sleutel"},
		{"wrong token", command, take, []string{"Authorization: Bearer wrong", english}, nil, 401, "denied", "api.tokens"},
		{"another scheme", "GET /api/v1/records/INC-12", "", []string{"Authorization: Basic s3cret-monitoring"}, nil, 401, "denied", "sleutel"},
		{"token in the query", "GET /api/v1/records?access_token=s3cret-monitoring", "", nil, nil, 401, "denied", "sleutel"},
		{"no such address", "GET /api/v2/records", "", []string{english}, nil, 404, "missing", "openapi.json"},
		{"wrong method", "DELETE /api/v1/records", "", []string{bearer, english}, nil, 405, "invalid", "GET"},
		{"no such record", "GET /api/v1/records/INC-999", "", []string{bearer}, nil, 404, "missing", "INC-999"},
		{"no reference", "GET /api/v1/records/twelve", "", []string{bearer}, nil, 422, "invalid", "INC-12"},
		{"moves of nobody", "GET /api/v1/records/INC-12?as=willem", "", []string{bearer}, nil, 422, "invalid", "willem"},
		{"unknown filter", "GET /api/v1/records?sate=new", "", []string{bearer}, nil, 422, "invalid", "sate"},
		{"unknown kind", "GET /api/v1/records?kind=ticket", "", []string{bearer}, nil, 422, "invalid", "incident, task"},
		{"limit is no number", "GET /api/v1/records?limit=all", "", []string{bearer}, nil, 422, "invalid", "all"},
		{"limit of nothing", "GET /api/v1/records?limit=0", "", []string{bearer}, nil, 422, "invalid", "200"},
		{"open is neither", "GET /api/v1/records?open=maybe", "", []string{bearer}, nil, 422, "invalid", "maybe"},
		{"no body", command, "", []string{bearer}, nil, 400, "invalid", "JSON"},
		{"no JSON", command, "{ref:1}", []string{bearer, english}, nil, 400, "invalid", "not JSON"},
		{"a list", command, "[]", []string{bearer, english}, nil, 422, "invalid", "object"},
		{"unknown key", command, `{"ref":"INC-12","action":"take"}`, []string{bearer}, nil, 422, "invalid", "action"},
		{"number for text", command, `{"ref":12,"do":"take"}`, []string{bearer}, nil, 422, "invalid", "ref"},
		{"nothing to do", command, `{"ref":"INC-12"}`, []string{bearer}, nil, 422, "invalid", "do"},
		{"about nothing", command, `{"do":"take"}`, []string{bearer}, nil, 422, "invalid", "kind"},
		{"an unknown kind", command, `{"kind":"ticket","do":"report"}`, []string{bearer}, nil, 422, "invalid", "ticket"},
		{"kind of another", command, `{"ref":"INC-12","kind":"task","do":"take"}`, []string{bearer}, nil, 422, "invalid", "incident"},
		{"unknown prefix", command, `{"ref":"ABC-1","do":"take"}`, []string{bearer}, nil, 404, "missing", "ABC"},
		{"bad reference", command, `{"ref":"INC","do":"take"}`, []string{bearer}, nil, 422, "invalid", "INC"},
		{"as nobody", command, `{"ref":"INC-12","do":"take","as":"willem"}`, []string{bearer}, nil, 422, "invalid", "willem"},
		{"argument of objects", command, `{"ref":"INC-12","do":"take","args":{"note":{"a":1}}}`, []string{bearer}, nil, 422, "invalid", "note"},
		{"long key", command, take, []string{bearer, "Idempotency-Key: " + strings.Repeat("k", 201)}, nil, 422, "invalid", "200"},
		{"too large", command, `{"ref":"` + strings.Repeat("x", 1<<20) + `"}`, []string{bearer, english}, nil, 413, "invalid", "1 MB"},
		{"denied", command, take, []string{bearer}, refuse("denied", "error.denied", []workflows.Role{workflows.Agent, workflows.Agent}), 403, "denied", "Dat mag alleen een ICT'er."},
		{"closed, in words", command, take, []string{bearer}, refuse("closed", "error.closed", workflows.Action("take"), workflows.State("new")), 409, "closed", "Oppakken kan niet meer: het is nieuw."},
		{"closed, in English", command, take, []string{bearer, english}, refuse("closed", "error.closed", workflows.Action("take"), workflows.State("new")), 409, "closed", "Take is no longer open: it is new."},
		{"stale", command, take, []string{bearer}, refuse("stale", "error.closed", workflows.FieldName("solution"), workflows.Kind("incident")), 409, "stale", "oplossing kan niet meer: het is storing."},
		{"ours", command, take, []string{bearer, english}, func(workflows.Command) (workflows.Outcome, error) {
			return workflows.Outcome{}, errors.New("connect to postgres://user:pass@db: refused")
		}, 500, "failed", "in the log under number"},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHouse(t)
			h.records.all = []*workflows.Record{sample()}
			h.engine.do = test.do
			w := h.ask(test.what, test.body, test.headers...)
			got := decode[errorForm](t, w)
			if w.Code != test.status || got.Error.Code != test.code || !strings.Contains(got.Error.Message, test.says) {
				t.Errorf("%d %s, want %d %s with %q", w.Code, w.Body, test.status, test.code, test.says)
			}
			if strings.Contains(got.Error.Message, "web.error") || strings.Contains(got.Error.Message, "postgres") {
				t.Errorf("the message is not for people: %s", got.Error.Message)
			}
			if test.status == 401 && w.Header().Get("WWW-Authenticate") == "" {
				t.Error("401 does not say how to come in")
			}
			if test.do == nil && len(h.engine.got) > 0 {
				t.Errorf("a refused request reached the engine: %+v", h.engine.got)
			}
		})
	}
}

func TestWithoutTokensNobodyComesIn(t *testing.T) {
	h := newHouse(t, func(p *Parts) { p.Tokens = Tokens{} })
	for _, header := range []string{"", "Authorization: Bearer ", "Authorization: Bearer x"} {
		w := h.ask("GET /api/v1/records", "", header, english)
		if got := decode[errorForm](t, w); w.Code != 401 || !strings.Contains(got.Error.Message, "api.tokens") {
			t.Errorf("%q: %d %s", header, w.Code, w.Body)
		}
	}
}

func TestFailureHasItsNumberInTheLog(t *testing.T) {
	h := newHouse(t)
	h.records.err = errors.New("disk on fire")
	got := decode[errorForm](t, h.ask("GET /api/v1/records", "", bearer, english))
	number := got.Error.Message[strings.LastIndex(got.Error.Message, " ")+1:]
	if !strings.Contains(h.log.String(), "disk on fire") || !strings.Contains(h.log.String(), "number="+strings.TrimSuffix(number, ".")) {
		t.Errorf("%q is not to be found in:\n%s", got.Error.Message, h.log)
	}
}

func TestListAsksForWhatTheQuerySays(t *testing.T) {
	h := newHouse(t)
	w := h.ask("GET /api/v1/records?kind=incident,task&state=new&state=triaged&service=wifi&location=noord&open=true&q=gang&limit=1000&after=abc", "", bearer)
	if w.Code != http.StatusOK || w.Body.String() != `{"records":[],"next":""}`+"\n" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	f := h.records.asked[0]
	if !slices.Equal(f.Kinds, []workflows.Kind{"incident", "task"}) || !slices.Equal(f.States, []workflows.State{"new", "triaged"}) ||
		!slices.Equal(f.Services, []string{"wifi"}) || !slices.Equal(f.Locations, []string{"noord"}) ||
		!f.Open || f.Query != "gang" || f.Limit != 200 || f.After != "abc" {
		t.Errorf("asked for %+v", f)
	}
}

func TestListGivesPages(t *testing.T) {
	h := newHouse(t)
	for range 3 {
		h.records.all = append(h.records.all, sample())
	}
	type page struct {
		Records []map[string]any
		Next    string
	}
	first := decode[page](t, h.ask("GET /api/v1/records?limit=2", "", bearer))
	last := decode[page](t, h.ask("GET /api/v1/records?limit=2&after="+first.Next, "", bearer))
	if len(first.Records) != 2 || first.Next == "" || len(last.Records) != 1 || last.Next != "" {
		t.Errorf("pages %+v and %+v", first, last)
	}
	if _, there := first.Records[0]["log"]; there {
		t.Error("a list shows logs")
	}
}

func TestSensitiveRecordIsNotThereForOthers(t *testing.T) {
	h := newHouse(t)
	record := sample()
	record.Sensitive, record.Owner = true, ""
	h.records.all = []*workflows.Record{record}
	for as, want := range map[string]int{"": 404, "noor": 404, "mieke": 200, "anna": 200, "fatima": 404} {
		if w := h.ask("GET /api/v1/records/INC-12?as="+as, "", bearer); w.Code != want || want == 404 && strings.Contains(w.Body.String(), "eruit") {
			t.Errorf("as %q: %d %s", as, w.Code, w.Body)
		}
	}
}

func TestRecordIsWhole(t *testing.T) {
	h := newHouse(t)
	h.records.all = []*workflows.Record{sample()}
	h.records.log = []workflows.Entry{
		{Kind: "incident", Seq: 1, At: monday, Actor: "anna", Name: "Anna Visser", Via: "slack", Action: "report", To: "new", Note: "wifi <weg> & zo"},
		{Kind: "incident", Seq: 2, At: monday, Actor: "noor", Via: "api:dashboard", Action: "take", From: "new", To: "in_progress", Diff: map[string][2]string{"owner": {"", "noor"}, "spent": {"", "12"}, "origin.anna": {"", "slack:C1"}}},
	}
	here, there := sample().Ref, workflows.Ref{Prefix: "CHG", Number: 4}
	h.records.links = []workflows.Link{{From: here, Type: "leads_to", To: there}, {From: there, Type: "leads_to", To: here}}
	w := h.ask("GET /api/v1/records/inc-12", "", bearer)
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	golden(t, "record.json", pretty(t, w.Body.Bytes()))
}

func TestEmptyListsAreNotNull(t *testing.T) {
	h := newHouse(t)
	h.records.all = []*workflows.Record{{Ref: sample().Ref, Kind: "incident", OpenedAt: monday, ChangedAt: monday}}
	golden(t, "empty.json", pretty(t, h.ask("GET /api/v1/records/INC-12?as=anna", "", bearer).Body.Bytes()))
}

func TestCommandGoesThroughTheDoor(t *testing.T) {
	for _, test := range []struct {
		name, body string
		want       workflows.Command
	}{
		{"a person", `{"ref":"inc-12","do":"resolve","args":{"solution":"Opnieuw gestart"},"as":"noor","version":3}`, workflows.Command{
			Kind: "incident", Ref: sample().Ref, Action: "resolve", Args: map[string]string{"solution": "Opnieuw gestart"}, Version: 3,
			Actor: workflows.Actor{Key: "noor", Name: "Noor de Wit", Via: "api:monitoring", Roles: []workflows.Role{"agent"}},
		}},
		{"somebody without rights", `{"ref":"INC-12","do":"take","as":"anna"}`, workflows.Command{
			Kind: "incident", Ref: sample().Ref, Action: "take",
			Actor: workflows.Actor{Key: "anna", Name: "Anna Visser", Via: "api:monitoring", Roles: []workflows.Role{"teacher"}},
		}},
		{"the token itself", `{"kind":"incident","do":"report","args":{"title":"Kapot"}}`, workflows.Command{
			Kind: "incident", Action: "report", Args: map[string]string{"title": "Kapot"},
			Actor: workflows.Actor{Key: "api:monitoring", Name: "monitoring", Via: "api:monitoring", Roles: []workflows.Role{"agent"}},
		}},
		{"values of other types", `{"ref":"INC-12","do":"note","args":{"sensitive":true,"level":3,"items":["CI-1","CI-2"],"owner":null}}`, workflows.Command{
			Kind: "incident", Ref: sample().Ref, Action: "note", Args: map[string]string{"sensitive": "yes", "level": "3", "items": "CI-1,CI-2", "owner": ""},
			Actor: workflows.Actor{Key: "api:monitoring", Name: "monitoring", Via: "api:monitoring", Roles: []workflows.Role{"agent"}},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHouse(t)
			w := h.ask("POST /api/v1/commands", test.body, bearer)
			answer := decode[struct {
				Ref, State string
				Record     map[string]any
			}](t, w)
			if w.Code != 200 || answer.Ref != "INC-12" || answer.State != "in_progress" || answer.Record["title"] != "Wifi ligt eruit" {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			got := h.engine.got[0]
			if got.ID == "" {
				t.Error("a command without an ID")
			}
			got.ID = ""
			if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", test.want) && (len(test.want.Args) > 0 || len(got.Args) > 0) {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
}

func TestIdempotencyKeyBelongsToOneToken(t *testing.T) {
	h := newHouse(t)
	ids := map[string]bool{}
	send := func(headers ...string) {
		t.Helper()
		if w := h.ask("POST /api/v1/commands", `{"ref":"INC-12","do":"take"}`, headers...); w.Code != 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		ids[h.engine.got[len(h.engine.got)-1].ID] = true
	}
	send(bearer, "Idempotency-Key: k1")
	send(bearer, "Idempotency-Key: k1")
	if len(ids) != 1 {
		t.Errorf("one key, %d ids: %v", len(ids), ids)
	}
	send("Authorization: Bearer s3cret-dashboard", "Idempotency-Key: k1")
	send(bearer, "Idempotency-Key: k2")
	send(bearer)
	send(bearer)
	if len(ids) != 5 {
		t.Errorf("5 different commands, %d ids: %v", len(ids), ids)
	}
}

func TestRepeatedCommandSaysSo(t *testing.T) {
	h := newHouse(t)
	h.engine.do = func(workflows.Command) (workflows.Outcome, error) {
		return workflows.Outcome{Record: sample(), Repeated: true}, nil
	}
	w := h.ask("POST /api/v1/commands", `{"ref":"INC-12","do":"take"}`, bearer, "Idempotency-Key: k")
	if w.Code != 200 || w.Header().Get("Idempotency-Replayed") != "true" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}
