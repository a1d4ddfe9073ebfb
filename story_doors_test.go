package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// shown is a record as the API shows it.
type shown struct {
	Ref, Kind, Title, State, Priority, Service, Location, Owner string
	Reporters                                                   []string
	Sensitive                                                   bool
	Fields                                                      map[string]string
	Version                                                     int
	Links                                                       []struct{ Type, Ref string }
	Log                                                         []struct{ Actor, Via, Do, From, To, Note string }
	Moves                                                       []struct{ Do string }
}

// get reads one record over the API, as a person when given.
func (h *play) get(ref, as string) shown {
	h.Helper()
	got := h.token("GET", "/api/v1/records/"+ref+"?as="+as, "")
	got.asked(ref, 200)
	var r shown
	got.into(&r)
	return r
}

// list gives the references that the API lists.
func (h *play) list(query string) (refs []string, next string) {
	h.Helper()
	got := h.token("GET", "/api/v1/records?"+query, "")
	got.asked(query, 200)
	var page struct {
		Records []shown
		Next    string
	}
	got.into(&page)
	for _, r := range page.Records {
		refs = append(refs, r.Ref)
	}
	return refs, page.Next
}

// prom is what Alertmanager posts about some alerts of one group.
func prom(status string, alerts ...string) string {
	var list []string
	for _, name := range alerts {
		list = append(list, fmt.Sprintf(`{"status":%q,"fingerprint":%q,"startsAt":"2026-11-23T08:00:00Z","endsAt":"0001-01-01T00:00:00Z",
			"labels":{"alertname":"AccessPointDown","instance":%q,"service":"wifi","location":"noord","severity":"critical"},
			"annotations":{"summary":"Access point %s antwoordt niet"},"generatorURL":"http://prometheus.example/graph"}`, status, name, name, name))
	}
	return fmt.Sprintf(`{"version":"4","groupKey":"{}:{alertname=\"AccessPointDown\"}","truncatedAlerts":0,"status":%q,"receiver":"schoolbel","alerts":[%s]}`, status, strings.Join(list, ","))
}

// Alerts of one outage are one incident, which people join as they join each
// other's; when the last is over it is solved, and they are asked.
func TestStoryOfMonitoring(t *testing.T) {
	stories(t, func(h *play) {
		h.token("POST", "/hooks/alertmanager", prom("firing", "ap-1")).asked("the first alert", 200, `"INC-1"`, `"opened"`)
		h.token("POST", "/hooks/alertmanager", prom("firing", "ap-1")).asked("the same again", 200, `"INC-1"`, `"unchanged"`)
		h.token("POST", "/hooks/alertmanager", prom("firing", "ap-1", "ap-2")).asked("one more", 200, `"joined"`)
		h.token("POST", "/hooks/generic", `{"id":"probe-7","title":"Wifi Noord geeft geen adres","status":"firing","service":"wifi","location":"noord","severity":"high"}`).
			asked("another monitor", 200, `"INC-1"`, `"joined"`)
		h.sees("C0ICT", "INC-1", "Access point ap-1 antwoordt niet", "Wifi", "Locatie Noord")
		h.sees("C0NOORD", "INC-1", "Access point ap-1 antwoordt niet") // the location's audience
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang"))
		h.sees("C0NOORD", "Dank je, Anna. Dit is bekend: INC-1")

		h.token("POST", "/hooks/alertmanager", prom("resolved", "ap-1")).asked("one is over", 200, `"noted"`)
		h.token("POST", "/hooks/alertmanager", prom("resolved", "ap-2")).asked("the other", 200, `"noted"`)
		h.token("POST", "/hooks/generic", `{"id":"probe-7","status":"resolved"}`).asked("all of it", 200, `"INC-1"`, `"resolved"`)
		answer := h.sees("C0NOORD", "INC-1 is opgelost", "Werkt het bij jou weer?")
		card := h.sees("C0ICT", "INC-1", "Stand\nOpgelost", "monitoring")
		if strings.Contains(card.Shown(), "api:") {
			h.Errorf("the card shows a key: %s", card.Shown())
		}
		h.took(h.slack.Press("U0ANNA", answer, "Ja, het werkt"))
		h.sees("C0ICT", "INC-1", "Gesloten")
		h.idle()
		if r := h.get("INC-1", ""); r.State != "closed" || !slices.Equal(r.Reporters, []string{"anna"}) || r.Log[0].Actor != "api:monitoring" || r.Log[0].Via != "api:monitoring" {
			h.Errorf("it became %+v", r)
		}
		if refs, _ := h.list(""); len(refs) != 1 {
			h.Errorf("there are %v", refs)
		}
		h.token("POST", "/hooks/generic", `{"id":"probe-7","title":"Wifi Noord geeft geen adres","status":"firing","service":"wifi","location":"noord"}`).asked("a next time", 200, `"INC-2"`, `"opened"`)
		h.token("POST", "/hooks/alertmanager", prom("resolved", "ap-9")).asked("what never began", 200, `"ignored"`)
	})
}

// A monitor may call every service and every location by its key, its name or
// another name, also where that is a word of everyday.
func TestAMonitorKnowsEveryName(t *testing.T) {
	h := build(t, filepath.Join(t.TempDir(), "schoolbel.db"), 1)
	app := h.apps[0]
	for _, v := range app.school.Load().Services {
		for _, name := range append([]string{v.Key, v.Name, strings.ToUpper(v.Key)}, v.Aliases...) {
			if service, _ := app.match(name); service != v.Key {
				h.Errorf("%s is the service %q, not %s", name, service, v.Key)
			}
		}
	}
	for _, l := range app.school.Load().Locations {
		for _, name := range append([]string{l.Key, l.Name}, l.Aliases...) {
			if _, location := app.match(name); location != l.Key {
				h.Errorf("%s is the location %q, not %s", name, location, l.Key)
			}
		}
	}
	h.token("POST", "/hooks/generic", `{"id":"p","title":"De server antwoordt niet","status":"firing","service":"printen","location":"zuid"}`).asked("printing", 200, `"opened"`)
	if r := h.get("INC-1", ""); r.Service != "printen" || r.Location != "zuid" {
		h.Errorf("it is about %q at %q", r.Service, r.Location)
	}
}

// A program reports, reads, acts and links, for itself or as a person, by the door
// that chat uses; chat shows what it did, and a restart changes nothing.
func TestStoryOfAProgram(t *testing.T) {
	stories(t, func(h *play) {
		report := `{"kind":"incident","do":"report","as":"anna","args":{"title":"Magister is traag","service":"magister","impact":"large","urgency":"high"}}`
		first := h.token("POST", "/api/v1/commands", report, "Idempotency-Key", "k1")
		first.asked("a report", 200, `"ref":"INC-1"`, `"state":"new"`)
		again := h.token("POST", "/api/v1/commands", report, "Idempotency-Key", "k1")
		again.asked("the same report", 200, `"ref":"INC-1"`)
		if first.header.Get("Idempotency-Replayed") != "" || again.header.Get("Idempotency-Replayed") != "true" {
			h.Error("the repeat is not told from the first")
		}
		h.token("POST", "/api/v1/commands", `{"kind":"change","do":"request","args":{"title":"Nieuwe switch","type":"normal"},"as":"peter"}`).asked("a change", 200, `"ref":"CHG-1"`)
		h.token("POST", "/api/v1/commands", `{"kind":"incident","do":"report","args":{"title":"Beamer 12 stuk","service":"digibord","location":"zuid","impact":"small","sensitive":false}}`).asked("another", 200, `"INC-2"`)
		h.sees("C0FB", "INC-1", "Magister is traag", "Anna Visser")
		h.sees("U0ANNA", "Dank je, Anna", "INC-1")

		for query, want := range map[string]string{
			"": "INC-2 CHG-1 INC-1", "kind=incident": "INC-2 INC-1", "kind=change&open=true": "CHG-1", "service=magister": "INC-1", "location=zuid": "INC-2",
			"state=new": "INC-2 INC-1", "q=beamer": "INC-2", "q=niets": "", "open=false": "INC-2 CHG-1 INC-1",
		} {
			refs, next := h.list(query)
			slices.Sort(refs)
			wanted := strings.Fields(want)
			slices.Sort(wanted)
			if !slices.Equal(refs, wanted) || next != "" {
				h.Errorf("%q lists %v, and then %q", query, refs, next)
			}
		}
		var walked []string
		for query := "kind=incident&limit=1"; ; {
			refs, next := h.list(query)
			walked = append(walked, refs...)
			if next == "" {
				break
			}
			query = "kind=incident&limit=1&after=" + next
		}
		if strings.Join(walked, " ") != "INC-2 INC-1" {
			h.Errorf("page by page there are %v", walked)
		}

		moves := func(as string) (names []string) {
			for _, m := range h.get("INC-1", as).Moves {
				names = append(names, m.Do)
			}
			return names
		}
		if mine, theirs := moves("anna"), moves("noor"); slices.Contains(mine, "take") || !slices.Contains(theirs, "take") || !slices.Contains(mine, "cancel") {
			h.Errorf("anna may %v and noor %v", mine, theirs)
		}
		h.token("POST", "/api/v1/commands", `{"ref":"INC-1","do":"take","as":"sanne"}`).asked("take", 200, `"in_progress"`)
		h.sees("U0ANNA", "Sanne Jansen is ermee bezig")
		h.token("POST", "/api/v1/commands", `{"ref":"INC-1","do":"link","args":{"type":"leads_to","to":"CHG-1"},"as":"sanne"}`).asked("link", 200, `"leads_to"`)
		h.token("POST", "/api/v1/commands", `{"ref":"INC-1","do":"resolve","args":{"solution":"herstart"},"as":"sanne"}`).asked("resolve", 200, `"resolved"`)
		h.sees("C0FB", "INC-1", "Opgelost: herstart")
		h.idle()

		r := h.get("INC-1", "")
		if r.State != "resolved" || r.Owner != "sanne" || r.Priority != "P1" || r.Fields["solution"] != "herstart" || len(r.Links) != 1 || r.Links[0].Ref != "CHG-1" {
			h.Errorf("it became %+v", r)
		}
		for i, do := range []string{"report", "take", "link", "resolve"} {
			if i >= len(r.Log) || r.Log[i].Do != do || r.Log[i].Via != "api:monitoring" {
				h.Errorf("line %d of the log is no %s: %+v", i, do, r.Log)
			}
		}
		before := h.token("GET", "/api/v1/records/INC-1", "").body
		h.restart()
		if after := h.token("GET", "/api/v1/records/INC-1", "").body; after != before {
			h.Errorf("after a restart it is %s, and it was %s", after, before)
		}
		h.token("POST", "/api/v1/commands", report, "Idempotency-Key", "k1").asked("the report after a restart", 200, `"ref":"INC-1"`, `"state":"resolved"`)
		if n := len(h.records()); n != 3 {
			h.Errorf("%d records", n)
		}
	})
}

// Every refusal has its code and its status, in the language of who asks, and
// changes nothing.
func TestStoryOfRefusals(t *testing.T) {
	stories(t, func(h *play) {
		h.token("POST", "/api/v1/commands", `{"kind":"incident","do":"report","as":"anna","args":{"title":"Magister is traag"}}`).asked("a report", 200)
		version := h.get("INC-1", "").Version
		for _, c := range []struct {
			body   string
			status int
			code   string
		}{
			{`{"ref":"INC-1","do":"take","as":"anna"}`, 403, "denied"},
			{`{"ref":"INC-1","do":"remind"}`, 403, "denied"},
			{`{"ref":"INC-1","do":"resolve","as":"noor"}`, 422, "invalid"},
			{`{"ref":"INC-1","do":"resolve","args":{"solution":{"a":1}}}`, 422, "invalid"},
			{`{"ref":"INC-1","do":"take","args":{"colour":"red"},"as":"noor"}`, 422, "invalid"},
			{`{"ref":"INC-1","do":"triage","args":{"impact":"huge"},"as":"noor"}`, 422, "invalid"},
			{`{"ref":"INC-1","do":"triage","args":{"service":"koffie"},"as":"noor"}`, 422, "invalid"},
			{`{"ref":"INC-1","do":"take","as":"nobody"}`, 422, "invalid"},
			{`{"ref":"INC-1"}`, 422, "invalid"},
			{`{"ref":"12","do":"take"}`, 422, "invalid"},
			{`{"kind":"incident","do":"report"}`, 422, "invalid"},
			{`{"kind":"cake","do":"report"}`, 422, "invalid"},
			{`{"do":"report"}`, 422, "invalid"},
			{`{"ref":"INC-1","do":"take","please":true}`, 422, "invalid"},
			{`{"ref":"INC-1","do":"resume","as":"noor"}`, 409, "closed"},
			{`{"ref":"INC-99","do":"take","as":"noor"}`, 404, "missing"},
			{`{"ref":"XYZ-1","do":"take","as":"noor"}`, 404, "missing"},
			{`{"ref":"INC-1","do":"dance","as":"noor"}`, 404, "missing"},
		} {
			got := h.token("POST", "/api/v1/commands", c.body, "Accept-Language", "en")
			got.asked(c.body, c.status, `"code":"`+c.code+`"`, `"message":"`)
		}
		h.token("GET", "/api/v1/records?colour=red", "").asked("a filter that is none", 422, "colour")
		h.token("GET", "/api/v1/records?limit=0", "").asked("a limit of nothing", 422, "limit")
		h.token("GET", "/api/v1/records?after=rommel", "").asked("a cursor that is none", 422, "bladwijzer")
		h.token("GET", "/api/v1/records/INC-99", "").asked("a record that is not there", 404, `"missing"`)
		h.token("POST", "/api/v1/commands", `{"ref":"INC-1","do":"take","as":"anna"}`, "Accept-Language", "nl").asked("in Dutch", 403, "mag je niet doen")
		h.token("POST", "/api/v1/commands", `{"ref":"INC-1","do":"note","args":{"note":"x"}}`, "Idempotency-Key", strings.Repeat("k", 201)).asked("a long key", 422, "200")
		// What was denied stands in the log, and changed nothing else.
		r := h.get("INC-1", "")
		denied := slices.DeleteFunc(slices.Clone(r.Log), func(e struct{ Actor, Via, Do, From, To, Note string }) bool {
			return !strings.HasPrefix(e.Note, "denied")
		})
		if len(denied) != 3 || r.Version != version+len(denied) || r.State != "new" {
			h.Errorf("refusals led to %+v", r)
		}
		version = r.Version
		take := fmt.Sprintf(`{"ref":"INC-1","do":"take","as":"noor","version":%d}`, version)
		h.token("POST", "/api/v1/commands", take).asked("a take", 200, "in_progress")
		h.token("POST", "/api/v1/commands", strings.Replace(take, "take", "wait", 1)).asked("with an old version", 409, `"stale"`)
	})
}

// The status page tells everybody what is disturbed and nobody who said so; what is
// sensitive is not on it. Machines see that we live, are ready, and work.
func TestStoryOfTheOpenPages(t *testing.T) {
	stories(t, func(h *play) {
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang"))
		h.took(h.slack.Message("U0ANNA", "", "er ligt een usb-stick met leerlinggegevens op straat"))
		h.sees("U0ANNA", "INC-2")
		h.idle()
		page := h.call("GET", "/status", "", "Accept-Language", "nl")
		page.asked("the page", 200, "Er is een storing", "Wifi", "Locatie Noord", "Gemeld")
		h.call("GET", "/status", "", "Accept-Language", "en").asked("in English", 200, "Reported")
		data := h.call("GET", "/status.json", "")
		data.asked("as data", 200, `"ok":false`, `"service":"wifi"`, `"location":"noord"`)
		for _, secret := range []string{"Anna", "anna", "hele gang", "usb", "INC-", "U0ANNA"} {
			if strings.Contains(page.body+data.body, secret) {
				h.Errorf("everybody can read %q", secret)
			}
		}
		h.call("GET", "/healthz", "").asked("alive", 200, `"alive":true`)
		h.call("GET", "/readyz", "").asked("ready", 200, `"ready":true`, `"database":"ok"`, `"slack":"ok"`)
		h.token("POST", "/api/v1/commands", `{"ref":"INC-1","do":"take","as":"noor"}`).asked("take", 200)
		h.call("GET", "/metrics", "").asked("figures", 200, `schoolbel_commands_total{action="take",outcome="done"} 1`,
			`schoolbel_http_request_seconds_count{route="GET /status",status="200"} 2`, "go_goroutines")
		var api struct {
			OpenAPI string
			Paths   map[string]json.RawMessage
		}
		described := h.call("GET", "/api/v1/openapi.json", "")
		described.into(&api)
		for _, path := range []string{"/api/v1/records", "/api/v1/records/{ref}", "/api/v1/commands"} {
			if api.Paths[path] == nil {
				h.Errorf("%s is not described", path)
			}
		}
	})
}
