package hooks

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"schoolbel/workflows"
)

const alertmanager = "/hooks/alertmanager"

var wifi = map[string]string{"service": "wifi", "location": "Noord", "severity": "critical"}

func TestAlertOpensAndResolves(t *testing.T) {
	d := newDesk(t)
	d.wants(t, alertmanager, prom("g", wifi, "a firing 1"), "a INC-1 opened")
	c := d.got[0]
	want := map[string]string{"title": "Iets met a", "service": "wifi", "location": "noord", "impact": "medium", "urgency": "high"}
	for name, value := range want {
		if c.Arg(name) != value {
			t.Errorf("%s is %q, want %q", name, c.Arg(name), value)
		}
	}
	if c.Arg("external_ref") != "" {
		t.Error("an argument that the table does not take was given")
	}
	if c.Actor.Key != "api:prometheus" || c.Actor.Via != "api:prometheus" || c.Actor.Name != "prometheus" || !slices.Equal(c.Actor.Roles, []workflows.Role{workflows.Agent}) {
		t.Errorf("actor %+v", c.Actor)
	}
	d.wants(t, alertmanager, prom("g", wifi, "a resolved 1"), "a INC-1 resolved")
	if d.state("INC-1") != "resolved" || !strings.Contains(d.got[1].Arg("solution"), "prometheus meldt dat dit weer goed is: Iets met a") {
		t.Errorf("%s %+v", d.state("INC-1"), d.got[1])
	}
}

func TestTheSameNewsChangesNothing(t *testing.T) {
	d := newDesk(t)
	first := prom("g", wifi, "a firing 1")
	over := prom("g", wifi, "a resolved 1")
	d.wants(t, alertmanager, first, "a INC-1 opened")
	d.wants(t, alertmanager, first, "a INC-1 unchanged")
	d.wants(t, alertmanager, over, "a INC-1 resolved")
	d.wants(t, alertmanager, over, "a INC-1 unchanged")
	d.wants(t, alertmanager, first, "a INC-1 unchanged") // late, after its end
	if len(d.got) != 2 {
		t.Errorf("%d commands for two pieces of news", len(d.got))
	}
}

func TestGroupIsOneIncidentPerServiceAndLocation(t *testing.T) {
	d := newDesk(t)
	d.wants(t, alertmanager, prom("g", wifi, "a firing 1", "b firing 1"), "a INC-1 opened", "b INC-1 joined")
	d.wants(t, alertmanager, prom("g", map[string]string{"service": "wifi", "location": "zuid"}, "c firing 1"), "c INC-2 opened")
	d.wants(t, alertmanager, prom("other", wifi, "e firing 1"), "e INC-1 joined") // as for people
	// Without a service the group itself is what holds them together.
	d.wants(t, alertmanager, prom("h", nil, "x firing 1", "y firing 1"), "x INC-3 opened", "y INC-3 joined")
	d.wants(t, alertmanager, prom("h", nil, "x firing 1", "z firing 1"), "x INC-3 unchanged", "z INC-3 joined")
	d.wants(t, alertmanager, prom("i", nil, "x firing 1"), "x INC-4 opened")
}

func TestIncidentIsResolvedWithItsLastAlert(t *testing.T) {
	d := newDesk(t)
	d.wants(t, alertmanager, prom("g", wifi, "a firing 1", "b firing 1", "c firing 2"), "a INC-1 opened", "b INC-1 joined", "c INC-1 joined")
	d.wants(t, alertmanager, prom("g", wifi, "a resolved 1", "b firing 1", "c firing 2"), "a INC-1 noted", "b INC-1 unchanged", "c INC-1 unchanged")
	d.wants(t, alertmanager, prom("g", wifi, "b resolved 1", "c resolved 2"), "b INC-1 noted", "c INC-1 resolved")
	if d.state("INC-1") != "resolved" {
		t.Error(d.state("INC-1"))
	}
}

func TestOtherGroupKeepsTheIncidentOpen(t *testing.T) {
	d := newDesk(t)
	d.wants(t, alertmanager, prom("g", wifi, "a firing 1"), "a INC-1 opened")
	d.wants(t, alertmanager, prom("h", wifi, "b firing 1"), "b INC-1 joined")
	d.wants(t, alertmanager, prom("g", wifi, "a resolved 1"), "a INC-1 noted")
	d.wants(t, alertmanager, prom("h", wifi, "b resolved 1"), "b INC-1 resolved")
}

func TestFiringAgain(t *testing.T) {
	d := newDesk(t)
	d.wants(t, alertmanager, prom("g", wifi, "a firing 1"), "a INC-1 opened")
	d.wants(t, alertmanager, prom("g", wifi, "a resolved 1"), "a INC-1 resolved")
	d.wants(t, alertmanager, prom("g", wifi, "a firing 5"), "a INC-1 reopened")
	if d.state("INC-1") != "new" || d.got[2].Arg("reason") == "" {
		t.Errorf("%s %+v", d.state("INC-1"), d.got[2])
	}
	d.wants(t, alertmanager, prom("g", wifi, "a resolved 5"), "a INC-1 resolved")
	d.person(t, "INC-1", "close")
	d.wants(t, alertmanager, prom("g", wifi, "a firing 7"), "a INC-2 opened")
}

func TestPeopleAndAlertsMeet(t *testing.T) {
	d := newDesk(t)
	if _, err := d.Do(t.Context(), workflows.Command{ID: "slack:1", Kind: incident, Action: report, Args: map[string]string{"title": "wifi ligt eruit", "service": "wifi", "location": "noord"}}); err != nil {
		t.Fatal(err)
	}
	d.wants(t, alertmanager, prom("g", wifi, "a firing 1"), "a INC-1 joined")
	d.person(t, "INC-1", resolve)
	d.wants(t, alertmanager, prom("g", wifi, "a firing 1"), "a INC-1 unchanged")
	d.wants(t, alertmanager, prom("g", wifi, "a resolved 1"), "a INC-1 noted") // somebody was first
	d.person(t, "INC-1", "close")
	d.wants(t, alertmanager, prom("g", wifi, "a resolved 1"), "a INC-1 unchanged")
}

func TestWhatWeNeverHeardBeginIsIgnored(t *testing.T) {
	d := newDesk(t)
	d.wants(t, alertmanager, prom("g", wifi, "a resolved 1"), "a ignored")
	d.wants(t, alertmanager, prom("g", wifi, "a firing 1"), "a INC-1 opened")
	d.wants(t, alertmanager, prom("g", wifi, "a resolved 0"), "a ignored") // another start is another alert
}

func TestTruncatedGroup(t *testing.T) {
	d := newDesk(t)
	d.wants(t, alertmanager, prom("g", wifi, "a firing 1", "b firing 1"), "a INC-1 opened", "b INC-1 joined")
	cut := func(body string) string {
		return strings.Replace(body, `"truncatedAlerts":0`, `"truncatedAlerts":3`, 1)
	}
	d.wants(t, alertmanager, cut(prom("g2", map[string]string{"service": "printen"}, "p firing 1")), "p INC-2 opened")
	if text := d.got[2].Arg("description"); !strings.Contains(text, "nog 3 meldingen") {
		t.Errorf("description %q", text)
	}
	// b is cut off, and the group as a whole still fires: nothing is resolved.
	d.wants(t, alertmanager, cut(strings.Replace(prom("g", wifi, "a resolved 1"), `"status":"resolved","truncated`, `"status":"firing","truncated`, 1)), "a INC-1 noted")
	d.wants(t, alertmanager, prom("g", wifi, "c firing 3"), "c INC-1 joined")
	// Now the group is over, and b with it though it is not shown.
	d.wants(t, alertmanager, cut(prom("g", wifi, "c resolved 3")), "c INC-1 resolved")
}

func TestWordsAreReadWhereLabelsAreSilent(t *testing.T) {
	d := newDesk(t)
	body := strings.Replace(prom("g", map[string]string{"severity": "warning"}, "a firing 1"), "Iets met a", "Draadloos netwerk Zuid traag", 1)
	d.wants(t, alertmanager, body, "a INC-1 opened")
	if r := d.records[0]; r.Service != "wifi" || r.Location != "zuid" || r.Impact != workflows.Small || r.Urgency != workflows.Medium {
		t.Errorf("%+v", r)
	}
	// A label that we do not know is not overruled by words.
	body = strings.Replace(prom("g", map[string]string{"service": "mailserver", "impact": "large"}, "b firing 1"), "Iets met b", "Wifi", 1)
	d.wants(t, alertmanager, body, "b INC-2 opened")
	if r := d.records[1]; r.Service != "" || r.Impact != workflows.Large || r.Urgency != workflows.Medium {
		t.Errorf("%+v", r)
	}
}

func TestNoResolvingOverAnAlertThatJustBegan(t *testing.T) {
	d := newDesk(t)
	d.wants(t, alertmanager, prom("g", wifi, "a firing 1"), "a INC-1 opened")
	once := sync.OnceFunc(func() { d.wants(t, alertmanager, prom("h", wifi, "b firing 2"), "b INC-1 joined") })
	d.before = func(c workflows.Command) error {
		if c.Action == resolve {
			once()
		}
		return nil
	}
	d.wants(t, alertmanager, prom("g", wifi, "a resolved 1"), "a INC-1 noted")
	if d.state("INC-1") != "new" {
		t.Error("resolved while b is firing")
	}
	d.wants(t, alertmanager, prom("h", wifi, "b resolved 2"), "b INC-1 resolved")
}

func TestManyAtOnceMakeOneIncident(t *testing.T) {
	d := newDesk(t)
	body := prom("g", nil, "a firing 1", "b firing 1", "c firing 1")
	var going sync.WaitGroup
	for range 10 {
		going.Go(func() {
			if w := d.post(alertmanager, body); w.Code != 200 {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	going.Wait()
	if len(d.records) != 1 || len(d.got) != 3 {
		t.Errorf("%d incidents, %d commands", len(d.records), len(d.got))
	}
}
