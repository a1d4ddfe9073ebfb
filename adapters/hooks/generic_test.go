package hooks

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"schoolbel/workflows"
)

const generic = "/hooks/generic"

// one writes a thing that breaks or is mended.
func one(id, status string) string {
	return fmt.Sprintf(`{"id":%q,"title":"Printer %s doet niets","status":%q,"severity":"warning","text":"lamp 3 brandt","url":"https://zabbix.example/1"}`, id, id, status)
}

func TestGenericFromStartToEnd(t *testing.T) {
	d := newDesk(t)
	d.wants(t, generic, one("p1", "resolved"), "p1 ignored")
	d.wants(t, generic, one("p1", "firing"), "p1 INC-1 opened")
	d.wants(t, generic, one("p1", "firing"), "p1 INC-1 unchanged")
	d.wants(t, generic, one("p2", "firing"), "p2 INC-2 opened") // nothing says that it is the same
	d.wants(t, generic, one("p1", "resolved"), "p1 INC-1 resolved")
	d.wants(t, generic, one("p1", "resolved"), "p1 INC-1 unchanged")
	d.person(t, "INC-1", "close")
	d.wants(t, generic, one("p1", "firing"), "p1 INC-3 opened")
	if d.got[0].Arg("description") != "lamp 3 brandt" || d.got[0].Arg("title") != "Printer p1 doet niets" {
		t.Errorf("%+v", d.got[0])
	}
}

func TestGenericThatNeverSaysItIsOver(t *testing.T) {
	d := newDesk(t)
	d.wants(t, generic, one("p1", "firing"), "p1 INC-1 opened")
	d.person(t, "INC-1", resolve)
	d.wants(t, generic, one("p1", "firing"), "p1 INC-1 unchanged") // people are still being asked
	d.person(t, "INC-1", "close")
	d.wants(t, generic, one("p1", "firing"), "p1 INC-2 opened")
}

func TestGenericList(t *testing.T) {
	d := newDesk(t)
	d.wants(t, generic, `[`+one("a", "firing")+`,`+one("a", "resolved")+`,`+one("a", "firing")+`]`, "a INC-1 opened", "a INC-1 resolved", "a INC-1 reopened")
	d.wants(t, generic, `[]`)
	service := strings.Replace(one("b", "firing"), `"severity"`, `"service":"draadloos","location":"Noord","severity"`, 1)
	d.wants(t, generic, `[`+service+`,`+strings.Replace(service, `"b"`, `"c"`, 1)+`]`, "b INC-2 opened", "c INC-2 joined")
}

func TestTokensDoNotMeet(t *testing.T) {
	d := newDesk(t)
	d.wants(t, generic, one("p1", "firing"), "p1 INC-1 opened")
	w := d.post(generic, one("p1", "resolved"), "Authorization: Bearer s3cret-two")
	if w.Code != 200 || !strings.Contains(w.Body.String(), "ignored") || d.state("INC-1") != "new" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestFlappingIsFoundInFewLookUps(t *testing.T) {
	d := newDesk(t)
	for range 300 {
		d.post(generic, one("p1", "firing"))
		d.post(generic, one("p1", "resolved"))
	}
	if len(d.got) != 600 {
		t.Fatalf("%d commands", len(d.got))
	}
	d.looks = 0
	d.wants(t, generic, one("p1", "firing"), "p1 INC-1 reopened")
	if d.looks > 25 {
		t.Errorf("%d look-ups", d.looks)
	}
}

func TestBadPosts(t *testing.T) {
	for _, test := range []struct {
		name, path, body string
		headers          []string
		status           int
		says             string
	}{
		{"no token", generic, one("a", "firing"), []string{"Authorization: "}, 401, "sleutel"},
		{"wrong token", alertmanager, prom("g", nil, "a firing 1"), []string{"Authorization: Bearer s3cret-three"}, 401, "sleutel"},
		{"no JSON", generic, "status=firing", nil, 422, "geen JSON"},
		{"no JSON in English", generic, "", []string{"Accept-Language: en"}, 422, "not JSON"},
		{"half JSON", alertmanager, `{"alerts":[`, nil, 422, "geen JSON"},
		{"a number", generic, "12", nil, 422, "id, title, status"},
		{"a list of text", generic, `["down"]`, nil, 422, "id, title, status"},
		{"number for text", generic, `{"id":7,"status":"firing","title":"x"}`, nil, 422, "id"},
		{"no id", generic, `[` + one("a", "firing") + `,{"title":"x","status":"firing"}]`, nil, 422, "Bij melding 2 ontbreekt id"},
		{"no title", generic, `{"id":"a","status":"firing","title":" \u200b "}`, nil, 422, "title"},
		{"no status", generic, `{"id":"a","title":"x"}`, nil, 422, "firing of resolved"},
		{"odd status", generic, `{"id":"a","title":"x","status":"broken"}`, nil, 422, "broken"},
		{"no alerts", alertmanager, `{"version":"4"}`, nil, 422, "groupKey"},
		{"a list for an object", alertmanager, `[]`, nil, 422, "groupKey"},
		{"alerts of text", alertmanager, `{"alerts":"all"}`, nil, 422, "alerts"},
		{"odd status of an alert", alertmanager, strings.Replace(prom("g", nil, "a firing 1"), `"startsAt":"2027-02-22T08:01:00.123Z","status":"firing"`, `"startsAt":"2027-02-22T08:01:00.123Z","status":"on"`, 1), nil, 422, `"on"`},
		{"no start", alertmanager, strings.Replace(prom("g", nil, "a firing 1"), "2027-02-22T", "Monday ", 1), nil, 422, "startsAt"},
		{"label of numbers", alertmanager, strings.Replace(prom("g", nil, "a firing 1"), `"Downa"`, `7`, 1), nil, 422, "labels"},
		{"too large", generic, `{"text":"` + strings.Repeat("x", 1<<20) + `"}`, []string{"Accept-Language: en"}, 413, "1 MB"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := newDesk(t)
			w := d.post(test.path, test.body, test.headers...)
			if w.Code != test.status || !strings.Contains(strings.ReplaceAll(w.Body.String(), `\"`, `"`), test.says) || !strings.Contains(w.Body.String(), `"error"`) {
				t.Errorf("%d %s, want %d with %q", w.Code, w.Body, test.status, test.says)
			}
			if len(d.got) > 0 {
				t.Errorf("something was done: %+v", d.got)
			}
		})
	}
}

func TestWrongMethod(t *testing.T) {
	d := newDesk(t)
	r, _ := http.NewRequest(http.MethodGet, generic, http.NoBody)
	handler, pattern := d.Handler.(*http.ServeMux).Handler(r)
	if pattern != "" || handler == nil {
		t.Errorf("GET leads to %q", pattern)
	}
}

func TestFailuresAreNotSwallowed(t *testing.T) {
	down := errors.New("connect to postgres://bel:s3cret@db: refused")
	for name, do := range map[string]func(*desk){
		"engine": func(d *desk) { d.before = func(workflows.Command) error { return down } },
		"denied": func(d *desk) {
			d.before = func(workflows.Command) error { return workflows.Refuse(workflows.Denied, incident, "hooks.error.json") }
		},
		"always changing": func(d *desk) {
			d.post(generic, one("a", "firing"))
			d.before = func(c workflows.Command) error {
				if c.Action == resolve {
					return workflows.Refuse(workflows.Stale, incident, "hooks.error.busy", "INC-1")
				}
				return nil
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			do(d)
			status, want := "firing", map[string]int{"engine": 500, "denied": 403, "always changing": 409}[name]
			if name == "always changing" {
				status = "resolved"
			}
			if w := d.post(generic, one("a", status)); w.Code != want || strings.Contains(w.Body.String(), "postgres") {
				t.Errorf("%d %s, want %d", w.Code, w.Body, want)
			}
		})
	}
}

func TestTextFromOutsideIsHarmless(t *testing.T) {
	for given, want := range map[string]string{
		"  rood\x00\x07  ":       "rood",
		"om\u202egekeerd\u2066":  "omgekeerd",
		"een\ttwee\r\ndrie":      "een twee \ndrie",
		strings.Repeat("é", 300): strings.Repeat("é", 199) + "…",
		"goed\xffzo":             "goedzo",
	} {
		if got := clean(given, 200); got != want {
			t.Errorf("clean(%q) = %q, want %q", given, got, want)
		}
	}
}

// FuzzPosts brings nonsense to both hooks: it is answered with 200 or 4xx, in
// JSON, and what was taken in has a title and keys that the school knows.
func FuzzPosts(f *testing.F) {
	for _, body := range []string{
		prom("g", wifi, "a firing 1", "b resolved 2"), prom("", nil, "a firing 1"), one("a", "firing"), `[` + one("a", "resolved") + `]`,
		`{"alerts":[{"status":"firing","startsAt":"2027-02-22T08:00:00Z"}]}`, `{"alerts":null}`, `[null]`, `{"id":"a","status":"firing","title":"\u0000x"}`, "{", "", "null",
	} {
		f.Add(body, true)
		f.Add(body, false)
	}
	f.Fuzz(func(t *testing.T, body string, toAlertmanager bool) {
		d := newDesk(t)
		path := generic
		if toAlertmanager {
			path = alertmanager
		}
		for range 2 { // the second time changes nothing more
			commands := len(d.got)
			w := d.post(path, body)
			if w.Code != 200 && (w.Code < 400 || w.Code > 499) {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			if w.Header().Get("Content-Type") != "application/json; charset=utf-8" {
				t.Fatalf("answered with %s", w.Header())
			}
			if commands > 0 && toAlertmanager && len(d.got) != commands {
				t.Fatalf("said twice, done twice: %+v", d.got)
			}
		}
		for _, c := range d.got {
			if c.Action == report && (strings.TrimSpace(c.Arg("title")) == "" || len([]rune(c.Arg("title"))) > titleLength) {
				t.Fatalf("a title of %q", c.Arg("title"))
			}
		}
	})
}
