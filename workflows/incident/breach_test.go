package incident_test

import (
	"slices"
	"testing"
	"time"

	w "schoolbel/workflows"
	"schoolbel/workflows/incident"
	"schoolbel/workflows/workflowstest"
)

// warnings are when the officers were warned.
func warnings(t *testing.T, d *workflowstest.Day, ref w.Ref) []string {
	t.Helper()
	log, err := d.Log(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	var at []string
	for _, e := range log {
		if e.Action == "warn" {
			at = append(at, moment(e.LoggedAt))
		}
	}
	return at
}

// tellBy is by when the supervisor must be told.
func tellBy(r *w.Record) string {
	at, err := time.Parse(time.RFC3339, r.Field("tell_by"))
	if err != nil {
		return err.Error()
	}
	return moment(at)
}

// The 72 hours of a data leak begin with the report and run through the night, the
// weekend and the waiting for others; each warning comes once, at its moment.
func TestTheClockOfADataLeak(t *testing.T) {
	d := day(t, "2026-11-27 16:05") // a Friday afternoon
	ref := d.Opens("anna", incident.Kind, "report", "title", "cijferlijst naar verkeerde ouders", "type", "data_breach")
	if got := tellBy(d.See(ref)); got != "Mon 30 Nov 16:05 CET" {
		t.Errorf("to be reported by %s", got)
	}
	d.Until("2026-11-28 16:04")
	if got := warnings(t, d, ref); got != nil {
		t.Errorf("warned too early: %v", got)
	}
	d.Does("els", ref, "take")
	d.Does("els", ref, "wait", "reason", "ouders bellen")
	d.Until("2026-11-29 10:00")
	d.Does("els", ref, "resolve", "solution", "mail teruggehaald")
	d.Until("2026-12-02 12:00")
	want := []string{"Sat 28 Nov 16:05 CET", "Sun 29 Nov 16:05 CET", "Mon 30 Nov 10:05 CET"}
	if got := warnings(t, d, ref); !slices.Equal(got, want) {
		t.Errorf("warned at %v, not %v", got, want)
	}
}

// What is found to be a leak later was known with the report; what turns out to be
// none has no deadline, and nobody is warned.
func TestALeakThatWasSeenLater(t *testing.T) {
	d := day(t, "2026-11-24 09:00")
	ref := outage(d)
	d.Until("2026-11-24 14:00")
	d.Does("noor", ref, "triage", "type", "data_breach")
	if r := d.See(ref); tellBy(r) != "Fri 27 Nov 09:00 CET" || r.Field("known_at") != "2026-11-24T08:00:00Z" {
		t.Errorf("known at %s", r.Field("known_at"))
	}
	d.Does("els", ref, "triage", "type", "outage")
	if r := d.See(ref); r.Field("known_at") != "" || r.Field("tell_by") != "" {
		t.Errorf("no leak, but known at %s", r.Field("known_at"))
	}
	d.Until("2026-11-30 09:00")
	if got := warnings(t, d, ref); got != nil {
		t.Errorf("warned of no leak: %v", got)
	}
}

// Nothing ran for two nights: one warning stands for those that were missed, and
// the last one still comes at its moment. A leak that is closed warns nobody.
func TestAWarningThatWasMissed(t *testing.T) {
	d := day(t, "2026-11-24 09:00")
	ref := d.Opens("anna", incident.Kind, "report", "title", "dossier op straat", "type", "data_breach")
	other := d.Opens("peter", incident.Kind, "report", "title", "loos alarm", "type", "data_breach")
	d.Does("els", other, "cancel", "reason", "loos alarm")
	d.Jump("2026-11-26 11:00")
	d.After(time.Minute)
	if got := warnings(t, d, ref); !slices.Equal(got, []string{"Thu 26 Nov 11:00 CET"}) {
		t.Errorf("after two nights: %v", got)
	}
	d.Until("2026-11-28 09:00")
	if got := warnings(t, d, ref); len(got) != 2 || got[1] != "Fri 27 Nov 03:00 CET" {
		t.Errorf("the last one: %v", got)
	}
	if got := warnings(t, d, other); got != nil {
		t.Errorf("a closed one: %v", got)
	}
}

// Two reports of one leak become one record: the clock is that of the first.
func TestTheFirstMomentOfALeakCounts(t *testing.T) {
	for name, into := range map[string]int{"the later into the first": 0, "the first into the later": 1} {
		t.Run(name, func(t *testing.T) {
			d := day(t, "2026-11-24 09:00")
			leaks := []w.Ref{d.Opens("anna", incident.Kind, "report", "title", "dossier op straat", "type", "data_breach")}
			d.Until("2026-11-24 15:00")
			leaks = append(leaks, d.Opens("peter", incident.Kind, "report", "title", "map gevonden", "type", "data_breach"))
			d.Does("els", leaks[1-into], "merge", "into", leaks[into].String())
			if r := d.See(leaks[into]); tellBy(r) != "Fri 27 Nov 09:00 CET" || r.Field("known_at") != "2026-11-24T08:00:00Z" {
				t.Errorf("known at %s", r.Field("known_at"))
			}
			d.Does("mieke", leaks[into], "join", "since", "2026-01-01T00:00:00Z")
			if r := d.See(leaks[into]); r.Field("known_at") != "2026-11-24T08:00:00Z" {
				t.Errorf("who joins can say that it was known at %s", r.Field("known_at"))
			}
		})
	}
}
