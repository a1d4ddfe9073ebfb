package workflows_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"schoolbel/config"
	w "schoolbel/workflows"
	"schoolbel/workflows/incident"
	"schoolbel/workflows/task"
	"schoolbel/workflows/workflowstest"
)

// kinds are all that may ever be tied, those of later included.
var kinds = []struct {
	kind   w.Kind
	prefix string
}{
	{"incident", "INC"},
	{"change", "CHG"},
	{"problem", "PRB"},
	{"patch", "PAT"},
	{"vulnerability", "VUL"},
	{"item", "CI"},
	{"crisis", "CRS"},
	{"task", "TSK"},
}

// paper is a process with nothing but a beginning and an end.
func paper(kind w.Kind, prefix string) w.Process {
	return w.Process{
		Kind: kind, Prefix: prefix, Start: "open", Done: []w.State{"shut"}, Texts: w.Texts,
		Rules: []w.Rule{
			{Do: "file", To: "open", By: []w.Role{w.Anyone}},
			{Do: "shut", To: "shut", By: []w.Role{w.Agent}},
		},
	}
}

func day(t *testing.T, processes ...w.Process) *workflowstest.Day {
	t.Helper()
	school, err := config.School("")
	if err != nil {
		t.Fatal(err)
	}
	return workflowstest.NewDay(t, school, "2026-11-24 09:00", processes...)
}

func archive(t *testing.T) *workflowstest.Day {
	t.Helper()
	var all []w.Process
	for _, k := range kinds {
		all = append(all, paper(k.kind, k.prefix))
	}
	return day(t, all...)
}

// allowed are the relations of the page "Beheerprocessen", which has twelve, and
// those that practice adds; written anew here, so that the table cannot drift.
var allowed = []string{
	"vulnerability input_for patch",
	"patch carried_out_as change",
	"incident prompts patch",
	"incident leads_to change",
	"problem leads_to change",
	"incident evaluated_in problem",
	"problem supports incident",
	"item supports incident",
	"item supports problem",
	"item informs change",
	"change updates item",
	"incident escalated_to crisis",

	"change caused incident",
	"incident duplicate_of incident",
	"vulnerability affects item",
	"patch affects item",

	"task part_of incident",
	"task part_of change",
	"task part_of problem",
	"task part_of patch",
	"task part_of vulnerability",
	"task part_of item",
	"task part_of crisis",
	"task part_of task",
}

// Every pair of kinds with every type: 8 × 8 × 13.
func TestOnlyTheseLinks(t *testing.T) {
	d := archive(t)
	var types []w.LinkType
	for _, l := range w.Links {
		if !slices.Contains(types, l.Type) {
			types = append(types, l.Type)
		}
	}
	made := 0
	for _, from := range kinds {
		for _, to := range kinds {
			a, b := d.Opens("noor", from.kind, "file"), d.Opens("noor", to.kind, "file")
			var open []string
			for _, kind := range types {
				if slices.Contains(allowed, string(from.kind)+" "+string(kind)+" "+string(to.kind)) {
					open = append(open, string(kind))
				}
			}
			for _, kind := range types {
				args := []string{"type", string(kind), "to", b.String()}
				if slices.Contains(open, string(kind)) {
					made++
					d.Does("noor", a, "link", args...)
					bothEnds(t, d, w.Link{From: a, Type: kind, To: b})
					continue
				}
				key := "error.link.type"
				if len(open) == 0 {
					key = "error.link.none"
				}
				no := d.Refused(key, "noor", a, "link", args...)
				if named, _ := no.Args[len(no.Args)-1].(string); len(open) > 0 && named != strings.Join(open, ", ") {
					t.Errorf("%s %s %s is refused and names %q, want %v", from.kind, kind, to.kind, named, open)
				}
			}
		}
	}
	if made != len(allowed) {
		t.Errorf("%d links could be made, want %d", made, len(allowed))
	}
}

// bothEnds wants to see a link from each end, and takes it away again.
func bothEnds(t *testing.T, d *workflowstest.Day, l w.Link) {
	t.Helper()
	for _, after := range []struct {
		do   w.Action
		want []w.Link
	}{{"link", []w.Link{l}}, {"unlink", nil}} {
		r := d.Does("noor", l.From, after.do, "type", string(l.Type), "to", l.To.String())
		for _, end := range []w.Ref{l.From, l.To} {
			if got, err := d.Links(context.Background(), end); err != nil || !slices.Equal(got, after.want) {
				t.Errorf("%s sees %v after %s, want %v (%v)", end, got, after.do, after.want, err)
			}
		}
		// Asked again it is already so: no second line in the log.
		if again := d.Does("noor", l.From, after.do, "type", string(l.Type), "to", l.To.String()); again.Version != r.Version {
			t.Errorf("%s of %v twice wrote twice", after.do, l)
		}
	}
}

func TestLinksThatMakeNoSense(t *testing.T) {
	d := archive(t)
	a, b, c := d.Opens("noor", "incident", "file"), d.Opens("noor", "incident", "file"), d.Opens("noor", "incident", "file")
	link := func(from w.Ref, kind string, to w.Ref) { d.Does("noor", from, "link", "type", kind, "to", to.String()) }
	refused := func(key string, from w.Ref, kind, to string) {
		t.Helper()
		d.Refused(key, "noor", from, "link", "type", kind, "to", to)
	}
	link(a, "duplicate_of", b)
	link(b, "duplicate_of", c)
	refused("error.link.self", a, "duplicate_of", a.String())
	refused("error.link.circle", b, "duplicate_of", a.String())
	refused("error.link.circle", c, "duplicate_of", a.String())
	refused("error.missing", a, "duplicate_of", "INC-99")
	refused("error.lookup", a, "duplicate_of", "XYZ-1")
	refused("error.lookup", a, "duplicate_of", "de vorige")
	refused("error.link.type", a, "hates", b.String())
	refused("error.needs", a, "", b.String())
	d.Refused("error.denied", "anna", a, "link", "type", "duplicate_of", "to", c.String())
	d.Refused("error.denied", "anna", a, "unlink", "type", "duplicate_of", "to", b.String())

	// History is tied as well: a record that is shut can still be linked.
	d.Does("noor", a, "shut")
	change := d.Opens("noor", "change", "file")
	link(a, "leads_to", change)
	if found, err := d.Links(context.Background(), change); err != nil || len(found) != 1 || found[0].From != a {
		t.Errorf("the change sees %v, %v", found, err)
	}

	// Tasks within tasks do not run in a circle, and hang under one thing only.
	x, y := d.Opens("noor", "task", "file"), d.Opens("noor", "task", "file")
	link(x, "part_of", y)
	refused("error.link.circle", y, "part_of", x.String())
	refused("error.link.one", x, "part_of", a.String())
	link(y, "part_of", a)
}

// A task that is asked for beside a record hangs under it, in the same step.
func TestFollowUp(t *testing.T) {
	d := day(t, incident.Process, task.Process)
	ref := d.Opens("anna", "incident", "report", "title", "wifi weg")
	d.Does("noor", ref, "follow_up", "title", "nieuwe kabel bestellen", "owner", "bram")
	links, err := d.Links(context.Background(), ref)
	if err != nil || len(links) != 1 || links[0].Type != "part_of" || links[0].To != ref {
		t.Fatalf("the incident has links %v, %v", links, err)
	}
	if r := d.See(links[0].From); r.Title != "nieuwe kabel bestellen" || r.Owner != "bram" || r.Kind != "task" || r.Sensitive {
		t.Errorf("the task is %+v", r)
	}
	if r := d.See(ref); r.Owner != "" || r.Title != "wifi weg" {
		t.Errorf("the incident took over what was meant for the task: %+v", r)
	}
	d.Refused("error.denied", "anna", ref, "follow_up", "title", "taart halen")
	d.Refused("error.lookup", "noor", ref, "follow_up", "title", "kabel", "owner", "niemand")
}
