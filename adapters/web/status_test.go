package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"schoolbel/workflows"
)

// disturbed is what stands open on a bad morning.
func disturbed() []*workflows.Record {
	number := int64(0)
	add := func(change func(*workflows.Record)) *workflows.Record {
		number++
		r := sample()
		r.Ref.Number = number
		change(r)
		return r
	}
	return []*workflows.Record{
		add(func(r *workflows.Record) { r.Fields["expected_at"] = "2027-02-22T11:00:00+01:00" }),
		add(func(r *workflows.Record) {
			r.State, r.OpenedAt = "new", monday.Add(-20*time.Hour)
			r.Title = "Wifi kapot, zegt Anna Visser"
		}),
		add(func(r *workflows.Record) {
			r.State, r.Location, r.RespondBy = "new", "zuid", monday.Add(15*time.Minute)
		}),
		add(func(r *workflows.Record) { r.Service, r.Location, r.State = "printen", "", "resolved" }),
		add(func(r *workflows.Record) {
			r.Service, r.Location, r.Impact, r.Priority = "", "noord", workflows.Small, workflows.P1
		}),
		add(func(r *workflows.Record) { r.Service, r.Sensitive = "magister", true }),
		add(func(r *workflows.Record) {
			r.Service, r.Impact, r.Priority = "magister", workflows.Small, workflows.P4
		}),
	}
}

func TestStatusJSON(t *testing.T) {
	h := newHouse(t)
	h.records.all = disturbed()
	w := h.ask("GET /status.json", "", english)
	if w.Code != 200 || w.Header().Get("Vary") != "Accept-Language" || w.Header().Get("Cache-Control") != "public, max-age=5" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	golden(t, "status.json", pretty(t, w.Body.Bytes()))
}

func TestStatusPageInTwoLanguages(t *testing.T) {
	for name, test := range map[string]struct {
		what    string
		headers []string
	}{
		"nl":                            {"GET /status", []string{"Accept-Language: nl-NL,nl;q=0.9"}},
		"en":                            {"GET /status", []string{english}},
		"en by the address":             {"GET /status?lang=en", []string{"Accept-Language: nl"}},
		"nl for who speaks none of two": {"GET /status", []string{"Accept-Language: de-DE,fr;q=0.8"}},
		"nl for nonsense":               {"GET /status?lang=xx", []string{"Accept-Language: ;;;q=banana"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.records.all = disturbed()
			w := h.ask(test.what, "", test.headers...)
			if w.Code != 200 || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
				t.Fatalf("%d %v", w.Code, w.Header())
			}
			golden(t, "status."+name[:2]+".html", w.Body.Bytes())
		})
	}
}

func TestStatusNamesNobody(t *testing.T) {
	h := newHouse(t)
	h.records.all = disturbed()
	for _, what := range []string{"GET /status", "GET /status.json"} {
		page := h.ask(what, "").Body.String()
		for _, secret := range []string{"anna", "Anna", "Visser", "noor\"", "Noor de Wit", "peter", "kabel", "eruit", "Magister<", "INC-"} {
			if strings.Contains(strings.ReplaceAll(page, "<li>Magister</li>", ""), secret) {
				t.Errorf("%s shows %q", what, secret)
			}
		}
	}
}

func TestStatusWhenAllIsWell(t *testing.T) {
	h := newHouse(t)
	h.records.all = []*workflows.Record{disturbed()[3]} // solved, not yet confirmed
	page := h.ask("GET /status", "").Body.String()
	if !strings.Contains(page, "<h1>Alles werkt</h1>") || !strings.Contains(page, "Opgelost") || !strings.Contains(page, "<li>Wifi</li>") {
		t.Error(page)
	}
	empty := newHouse(t).ask("GET /status.json", "").Body.String()
	if !strings.Contains(empty, `"ok":true,"services":[]`) {
		t.Error(empty)
	}
}

func TestStatusIsReadOnceForAll(t *testing.T) {
	h := newHouse(t)
	h.records.all = disturbed()
	for range 50 {
		h.ask("GET /status", "")
	}
	if n := len(h.records.asked); n != 1 {
		t.Errorf("50 visitors, %d readings", n)
	}
	h.now = h.now.Add(freshFor)
	h.ask("GET /status", "")
	if n := len(h.records.asked); n != 2 {
		t.Errorf("an old page was shown: %d readings", n)
	}
	f := h.records.asked[0]
	if !f.Wide || !f.Open || !f.Public || len(f.Kinds) != 1 {
		t.Errorf("asked for too much: %+v", f)
	}
}

func TestStatusReadsOnlySoMuch(t *testing.T) {
	h := newHouse(t)
	for i := range 10_000 {
		r := sample()
		r.Service = fmt.Sprintf("s%d", i%7)
		h.records.all = append(h.records.all, r)
	}
	if w := h.ask("GET /status.json", ""); w.Code != 200 {
		t.Fatal(w.Body)
	}
	if n := len(h.records.asked); n != boardMax/pageSize {
		t.Errorf("%d pages were read", n)
	}
}

func TestStatusWithoutDatabase(t *testing.T) {
	h := newHouse(t)
	h.records.all = disturbed()
	before := h.ask("GET /status", "").Body.String()
	h.records.err = errors.New("connection to db.internal refused")
	h.now = h.now.Add(freshFor)
	if after := h.ask("GET /status", "").Body.String(); after != before {
		t.Error("a page of some seconds ago would have been better than none")
	}
	h.now = h.now.Add(goodFor)
	w := h.ask("GET /status", "", english)
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "We cannot tell right now") || strings.Contains(w.Body.String(), "db.internal") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if strings.Contains(w.Body.String(), "Everything works") {
		t.Error("says that all is well without knowing")
	}
	if w := h.ask("GET /status.json", ""); w.Code != 500 || strings.Contains(w.Body.String(), "db.internal") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestFurthestStateAndFirstMomentCount(t *testing.T) {
	at := func(state workflows.State, opened time.Duration, expected string) *workflows.Record {
		r := sample()
		r.State, r.OpenedAt = state, monday.Add(opened)
		r.Fields = map[string]string{"expected_at": expected}
		return r
	}
	later, soon, past := monday.Add(2*time.Hour).Format(time.RFC3339), monday.Add(time.Hour).Format(time.RFC3339), monday.Add(-time.Hour).Format(time.RFC3339)
	for _, test := range []struct {
		name    string
		records []*workflows.Record
		want    disturbance
	}{
		{"one", []*workflows.Record{at("new", 0, "")}, disturbance{state: "new", since: monday}},
		{
			"further wins",
			[]*workflows.Record{at("new", 0, later), at("in_progress", -time.Hour, soon), at("waiting", 0, "")},
			disturbance{state: "in_progress", since: monday.Add(-time.Hour), next: monday.Add(time.Hour)},
		},
		{"open wins over resolved", []*workflows.Record{at("resolved", -time.Hour, soon), at("new", 0, "")}, disturbance{state: "new", since: monday.Add(-time.Hour)}},
		{"and the other way round", []*workflows.Record{at("new", 0, ""), at("resolved", -time.Hour, "")}, disturbance{state: "new", since: monday.Add(-time.Hour)}},
		{"a promise that passed is none", []*workflows.Record{at("triaged", 0, past)}, disturbance{state: "triaged", since: monday}},
		{"what is no time is none", []*workflows.Record{at("triaged", 0, "straks")}, disturbance{state: "triaged", since: monday}},
	} {
		t.Run(test.name, func(t *testing.T) {
			reader := &boardReader{reader: &records{all: test.records}, now: func() time.Time { return monday }}
			got, err := reader.board(context.Background())
			if err != nil || len(got.rows) != 1 {
				t.Fatal(got, err)
			}
			test.want.service, test.want.location = "wifi", "noord"
			if row := got.rows[0]; row.state != test.want.state || !row.since.Equal(test.want.since) || !row.next.Equal(test.want.next) {
				t.Errorf("got %+v, want %+v", row, test.want)
			}
		})
	}
}

func TestMomentsInWords(t *testing.T) {
	v := voice{newHouse(t).parts.Book, "nl"}
	now := monday
	for at, want := range map[time.Time]string{
		now:                       "vandaag om 08:45",
		now.Add(-9 * time.Hour):   "gisteren om 23:45",
		now.Add(16 * time.Hour):   "morgen om 00:45",
		now.Add(-100 * time.Hour): "18-02-2027 om 04:45",
		now.AddDate(0, 0, 2):      "24-02-2027 om 08:45",
	} {
		if got := v.moment(at, now); got != want {
			t.Errorf("%s is %q, want %q", at, got, want)
		}
	}
}
