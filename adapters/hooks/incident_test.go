package hooks

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"schoolbel/workflows"
	"schoolbel/workflows/all"
	"schoolbel/workflows/school"
	"schoolbel/workflows/workflowstest"
)

// errLook ends a transaction that only looked.
var errLook = errors.New("only looked")

// TestWithTheRealIncident plays a morning through the engine and the incident's
// own table: what the hooks ask for must be open there.
func TestWithTheRealIncident(t *testing.T) {
	now := time.Date(2027, 2, 22, 8, 0, 0, 0, time.UTC)
	memory := workflowstest.NewMemory()
	linde := school.New(school.School{
		Organisation: school.Organisation{Zone: time.UTC, Hours: school.Hours{Days: []time.Weekday{time.Monday}, From: 450, To: 1050}},
		Locations:    []school.Location{{Key: "noord", Name: "Noord"}},
		Services:     []school.Service{{Service: workflows.Service{Key: "wifi", Name: "Wifi", Owner: "ict"}}},
		Priorities: school.Priorities{
			Matrix:  map[workflows.Level]map[workflows.Level]workflows.Priority{workflows.Medium: {workflows.High: workflows.P2}},
			Targets: map[workflows.Priority]workflows.Target{workflows.P2: {Respond: time.Hour, Resolve: 4 * time.Hour}},
		},
	})
	engine, err := workflows.New(memory, func() workflows.Catalogue { return linde }, func() time.Time { return now }, all.Processes()...)
	if err != nil {
		t.Fatal(err)
	}
	d := newDesk(t, func(p *Parts) {
		p.Engine, p.Reader = engine, memory
		p.Came = func(ctx context.Context, id string) (ref workflows.Ref, came bool, err error) {
			err = memory.Do(ctx, func(tx workflows.Tx) error {
				if ref, came, err = tx.Once(ctx, id); err != nil {
					return err
				}
				return errLook
			})
			if errors.Is(err, errLook) {
				err = nil
			}
			return ref, came, err
		}
		p.Known = func(ctx context.Context, service, location string) (workflows.Ref, bool, error) {
			found, _, err := memory.Find(ctx, workflows.Filter{Open: true, Services: []string{service}, Locations: []string{location}, Limit: 1})
			if err != nil || len(found) == 0 {
				return workflows.Ref{}, false, err
			}
			return found[0].Ref, true, nil
		}
	})
	read := func() *workflows.Record {
		t.Helper()
		r, err := memory.Record(t.Context(), workflows.Ref{Prefix: "INC", Number: 1})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}

	d.wants(t, alertmanager, prom("g", wifi, "a firing 1", "b firing 1"), "a INC-1 opened", "b INC-1 joined")
	if r := read(); r.Priority != workflows.P2 || r.Team != "ict" || r.Title != "Iets met a" || r.Field("external_ref") != "http://prometheus/graph" || len(r.Reporters) != 0 {
		t.Errorf("%+v", r)
	}
	d.wants(t, alertmanager, prom("g", wifi, "a resolved 1", "b firing 1"), "a INC-1 noted", "b INC-1 unchanged")
	d.wants(t, alertmanager, prom("g", wifi, "b resolved 1"), "b INC-1 resolved")
	if r := read(); r.State != "resolved" || !strings.Contains(r.Field("solution"), "Iets met b") {
		t.Errorf("%+v", r)
	}
	d.wants(t, alertmanager, prom("g", wifi, "a firing 4"), "a INC-1 reopened")
	d.wants(t, alertmanager, prom("g", wifi, "a resolved 4"), "a INC-1 resolved")
	confirm := workflows.Command{ID: "chat:1", Actor: workflows.Actor{Key: "noor", Roles: []workflows.Role{workflows.Agent}}, Ref: read().Ref, Action: "confirm"}
	if _, err := engine.Do(t.Context(), confirm); err != nil {
		t.Fatal(err)
	}
	d.wants(t, alertmanager, prom("g", wifi, "a resolved 4"), "a INC-1 unchanged")
	d.wants(t, alertmanager, prom("g", wifi, "a firing 5"), "a INC-2 opened")
	d.wants(t, generic, one("p", "firing"), "p INC-3 opened")
	d.wants(t, generic, one("p", "resolved"), "p INC-3 resolved")
	lines, err := memory.Log(t.Context(), read().Ref)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines[:len(lines)-1] {
		if l.Actor != "api:prometheus" || l.Via != "api:prometheus" || l.Name != "prometheus" {
			t.Errorf("the log does not name the token: %+v", l)
		}
	}
}
