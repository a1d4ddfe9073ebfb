package task_test

import (
	"context"
	"slices"
	"testing"

	"schoolbel/config"
	w "schoolbel/workflows"
	"schoolbel/workflows/incident"
	"schoolbel/workflows/task"
	"schoolbel/workflows/workflowstest"
)

func day(t *testing.T) *workflowstest.Day {
	t.Helper()
	school, err := config.School("")
	if err != nil {
		t.Fatal(err)
	}
	return workflowstest.NewDay(t, school, "2026-11-24 09:00", incident.Process, task.Process)
}

// wholes are what a task is part of.
func wholes(t *testing.T, d *workflowstest.Day, ref w.Ref) []w.Ref {
	t.Helper()
	links, err := d.Links(context.Background(), ref)
	if err != nil {
		t.Fatal(err)
	}
	var found []w.Ref
	for _, l := range links {
		if l.From == ref && l.Type == "part_of" {
			found = append(found, l.To)
		}
	}
	return found
}

func TestATaskIsPartOfOneThing(t *testing.T) {
	d := day(t)
	one := d.Opens("anna", "incident", "report", "title", "wifi weg")
	two := d.Opens("anna", "incident", "report", "title", "bord stuk")
	ref := d.Opens("noor", "task", "add", "title", "kabel leggen", "part_of", one.String())
	if got := wholes(t, d, ref); !slices.Equal(got, []w.Ref{one}) {
		t.Errorf("a new task is part of %v", got)
	}
	d.RefusedToOpen("error.needs", "noor", "task", "add", "title", "kabel leggen")
	d.RefusedToOpen("error.missing", "noor", "task", "add", "title", "kabel leggen", "part_of", "INC-99")
	d.RefusedToOpen("error.lookup", "noor", "task", "add", "title", "kabel leggen", "part_of", "de kelder")
	d.RefusedToOpen("error.denied", "anna", "task", "add", "title", "taart halen", "part_of", one.String())
	d.Refused("error.link.one", "noor", ref, "link", "type", "part_of", "to", two.String())
	// It moves by being taken off first.
	d.Does("noor", ref, "unlink", "type", "part_of", "to", one.String())
	d.Does("noor", ref, "link", "type", "part_of", "to", two.String())
	part := d.Opens("noor", "task", "add", "title", "gat boren", "part_of", ref.String())
	if a, b := wholes(t, d, ref), wholes(t, d, part); !slices.Equal(a, []w.Ref{two}) || !slices.Equal(b, []w.Ref{ref}) {
		t.Errorf("moved it is part of %v, and its own part of %v", a, b)
	}
}

// What is said of a sensitive record is not said by its tasks.
func TestATaskKeepsASecret(t *testing.T) {
	d := day(t)
	secret := d.Opens("anna", "incident", "report", "title", "usb-stick kwijt", "type", "data_breach")
	ref := d.Opens("els", "task", "add", "title", "ouders van 3b bellen", "part_of", secret.String(), "owner", "karim")
	if !d.See(ref).Sensitive {
		t.Error("the task of a sensitive incident is there for all")
	}
	d.Refused("error.missing", "peter", ref, "subscribe")
	// Who may not know of the incident cannot hang a task on it, either.
	d.RefusedToOpen("error.missing", "noor", "task", "add", "title", "kijken", "part_of", secret.String())
	d.Does("karim", ref, "finish")
}

func TestTheWayOfATask(t *testing.T) {
	for name, c := range map[string]struct {
		steps [][]string // who, what, arguments
		state w.State
		owner string
	}{
		"done by who starts it":   {[][]string{{"noor", "start"}, {"noor", "finish", "result", "ligt"}}, "done", "noor"},
		"the owner stays":         {[][]string{{"noor", "assign", "owner", "bram"}, {"noor", "start"}}, "doing", "bram"},
		"done without a start":    {[][]string{{"noor", "finish"}}, "done", ""},
		"done by a teacher":       {[][]string{{"noor", "assign", "owner", "peter"}, {"peter", "finish"}}, "done", "peter"},
		"dropped":                 {[][]string{{"noor", "drop", "reason", "niet nodig"}}, "dropped", ""},
		"dropped when under way":  {[][]string{{"noor", "start"}, {"bram", "drop", "reason", "niet nodig"}}, "dropped", "noor"},
		"a note when all is done": {[][]string{{"noor", "finish"}, {"noor", "note", "note", "foto volgt"}}, "done", ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := day(t)
			inc := d.Opens("anna", "incident", "report", "title", "wifi weg")
			ref := d.Opens("noor", "task", "add", "title", "kabel leggen", "part_of", inc.String(), "due", "2026-11-27 12:00")
			for _, step := range c.steps {
				d.Does(step[0], ref, w.Action(step[1]), step[2:]...)
			}
			r := d.See(ref)
			if r.State != c.state || r.Owner != c.owner || r.Open() != (c.state == "todo" || c.state == "doing") || r.Field("due") != "2026-11-27T11:00:00Z" {
				t.Errorf("%s, of %q, open %v, due %s", r.State, r.Owner, r.Open(), r.Field("due"))
			}
		})
	}
	d := day(t)
	inc := d.Opens("anna", "incident", "report", "title", "wifi weg")
	ref := d.Opens("noor", "task", "add", "title", "kabel leggen", "part_of", inc.String())
	d.Refused("error.denied", "anna", ref, "start")
	d.Refused("error.denied", "anna", ref, "finish")
	d.Refused("error.needs", "noor", ref, "drop")
	d.Does("noor", ref, "finish")
	d.Refused("error.closed", "noor", ref, "start")
	d.Refused("error.closed", "noor", ref, "drop", "reason", "toch niet")
}
