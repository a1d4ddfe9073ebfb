package incident_test

import (
	"testing"
	"time"

	"schoolbel/config"
	w "schoolbel/workflows"
	"schoolbel/workflows/incident"
	"schoolbel/workflows/task"
	"schoolbel/workflows/workflowstest"
)

// problem is just enough of another kind to link to.
var problem = w.Process{
	Kind: "problem", Prefix: "PRB", Start: "proposed", Done: []w.State{"closed"}, Texts: incident.Process.Texts,
	Rules: []w.Rule{
		{Do: "propose", To: "proposed", By: w.Staff, Needs: []string{"title"}},
		{Do: "close", To: "closed", By: w.Staff},
	},
}

// day begins in the example school: service hours from 07:30 to 17:30 on
// weekdays, Christmas holiday, an exam period in May, a major incident after
// five reporters in a quarter of an hour.
func day(t *testing.T, start string) *workflowstest.Day {
	t.Helper()
	school, err := config.School("")
	if err != nil {
		t.Fatal(err)
	}
	return workflowstest.NewDay(t, school, start, incident.Process, task.Process, problem)
}

// outage is one that anna reports; args are pairs of name and value.
func outage(d *workflowstest.Day, args ...string) w.Ref {
	return d.Opens("anna", incident.Kind, "report", append([]string{"title", "wifi ligt eruit"}, args...)...)
}

// moment writes a time as the school's clock shows it, so that summer and
// winter time differ; "" is never.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		return err.Error()
	}
	return t.In(zone).Format("Mon 2 Jan 15:04 MST")
}
