package workflows_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	w "schoolbel/workflows"
	"schoolbel/workflows/change"
	"schoolbel/workflows/incident"
	"schoolbel/workflows/task"
	"schoolbel/workflows/workflowstest"
)

// The bot does more than one thing in a transaction: what is refused in it must
// leave nothing, and what comes after it must still count.
func TestARefusalLeavesNothingInATransactionThatGoesOn(t *testing.T) {
	d := day(t, incident.Process, task.Process)
	ctx := context.Background()
	a := d.Opens("anna", "incident", "report", "title", "wifi weg")
	gone := d.Opens("peter", "incident", "report", "title", "geen wifi")
	d.Does("noor", gone, "cancel", "reason", "test")
	before := d.See(a)
	err := d.Do(ctx, func(tx w.Tx) error {
		_, err := d.Engine.DoIn(ctx, tx, w.Command{ID: "e1", Actor: d.Actor("noor"), Ref: a, Action: "merge", Args: map[string]string{"into": gone.String()}})
		var no *w.Error
		if !errors.As(err, &no) {
			t.Errorf("a merge into what is closed gave %v", err)
		}
		if r, err := tx.Record(ctx, a); err != nil || !reflect.DeepEqual(r, before) {
			t.Errorf("the refused merge left %+v, %v", r, err)
		}
		if links, err := tx.Links(ctx, a); err != nil || len(links) > 0 {
			t.Errorf("the refused merge left links %v, %v", links, err)
		}
		_, err = d.Engine.DoIn(ctx, tx, w.Command{ID: "e2", Actor: d.Actor("noor"), Ref: a, Action: "take"})
		return err
	})
	if r := d.See(a); err != nil || r.State != incident.InProgress || r.Version != before.Version+1 {
		t.Errorf("what came after the refusal: %s, version %d, %v", r.State, r.Version, err)
	}
	if got := d.Lines(a); !slices.Equal(got, []w.Action{"report", "take"}) {
		t.Errorf("the log says %v", got)
	}
}

// The same id again changes nothing, and gets the record as it is now.
func TestOnceOnly(t *testing.T) {
	d := day(t, incident.Process, task.Process)
	report := w.Command{ID: "slack:Ev1", Actor: d.Actor("anna"), Kind: "incident", Action: "report", Args: map[string]string{"title": "wifi weg"}}
	first, err := d.Engine.Do(t.Context(), report)
	if err != nil {
		t.Fatal(err)
	}
	d.Does("noor", first.Record.Ref, "take")
	again, err := d.Engine.Do(t.Context(), report)
	if err != nil || !again.Repeated || again.Entry != nil || again.Record == nil || again.Record.Ref != first.Record.Ref || again.Record.State != incident.InProgress {
		t.Errorf("again: %+v, %v", again, err)
	}
	if d.Size() != 1 {
		t.Errorf("there are %d records", d.Size())
	}
	// What was refused is done with, too: the answer does not change with the hour.
	take := w.Command{ID: "slack:Ev2", Actor: d.Actor("noor"), Ref: first.Record.Ref, Action: "take"}
	err = d.Do(t.Context(), func(tx w.Tx) error {
		if _, err := d.Engine.DoIn(t.Context(), tx, take); err == nil {
			t.Error("taken twice")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if out, err := d.Engine.Do(t.Context(), take); err != nil || !out.Repeated || out.Record != nil {
		t.Errorf("a refused one again: %+v, %v", out, err)
	}
}

// Who asks hears how it stands when all that follows is done.
func TestTheOutcomeIsWhatFollowed(t *testing.T) {
	d := day(t, change.Process, task.Process)
	do := func(who string, ref w.Ref, do w.Action, args map[string]string) *w.Record {
		t.Helper()
		out, err := d.Engine.Do(t.Context(), w.Command{Actor: d.Actor(who), Kind: "change", Ref: ref, Action: do, Args: args})
		if err != nil {
			t.Fatal(err)
		}
		if stands := d.See(out.Record.Ref); !reflect.DeepEqual(out.Record, stands) {
			t.Errorf("%s gave\n%+v\nand it stands\n%+v", do, out.Record, stands)
		}
		return out.Record
	}
	if r := do("peter", w.Ref{}, "request", map[string]string{"title": "account", "template": "account"}); r.State != change.Approved {
		t.Errorf("a standard change came out %s", r.State)
	}
	r := do("peter", w.Ref{}, "request", map[string]string{"title": "printer", "type": "emergency"})
	do("noor", r.Ref, "submit", nil)
	if r := do("bram", r.Ref, "approve", nil); r.State != change.Approved {
		t.Errorf("the last vote came out %s", r.State)
	}
}

// That somebody tried what they may not is a line of its own, and no change.
func TestARefusalIsLogged(t *testing.T) {
	d := day(t, incident.Process, task.Process)
	ref := d.Opens("anna", "incident", "report", "title", "wifi weg")
	before := d.See(ref)
	command := w.Command{ID: "e1", Actor: d.Actor("peter"), Ref: ref, Action: "resolve"}
	err := d.Do(t.Context(), func(tx w.Tx) error {
		_, err := d.Engine.DoIn(t.Context(), tx, command)
		var no *w.Error
		if !errors.As(err, &no) {
			t.Fatalf("peter resolved it: %v", err)
		}
		return errors.Join(d.Engine.LogRefusal(t.Context(), tx, command, no), d.Engine.LogRefusal(t.Context(), tx, w.Command{}, no))
	})
	if err != nil {
		t.Fatal(err)
	}
	log, err := d.Log(t.Context(), ref)
	if err != nil || len(log) != 2 || log[1].Actor != "peter" || log[1].Action != "resolve" || log[1].From != log[1].To || len(log[1].Diff) > 0 || log[1].Note != "denied: error.denied" {
		t.Errorf("the log says %+v, %v", log, err)
	}
	after := d.See(ref)
	if after.Version--; !reflect.DeepEqual(after, before) {
		t.Errorf("being refused changed the record:\n%+v\n%+v", before, after)
	}
	told, err := w.Replay(log)
	if err != nil || told.State != before.State || told.Version != 2 {
		t.Errorf("the log leads to %+v, %v", told, err)
	}
	if _, err := w.Replay(log[1:]); err == nil || !strings.Contains(err.Error(), "error.gap") {
		t.Errorf("a log without its first line was read: %v", err)
	}
}

// A table with a mistake in it does not start.
func TestNewLooksAtTheTables(t *testing.T) {
	twin, shut := paper("incident", "INC"), paper("incident", "INC")
	twin.Kind = "twin"
	shut.Done = nil
	for want, processes := range map[string][]w.Process{
		"both want the prefix INC":     {paper("incident", "INC"), twin},
		"incident is listed twice":     {paper("incident", "INC"), paper("incident", "OTHER")},
		"at least one state that is d": {shut},
	} {
		if _, err := w.New(workflowstest.NewMemory(), nil, time.Now, processes...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("wanted %q, got %v", want, err)
		}
	}
}

func TestReadingArguments(t *testing.T) {
	for name, c := range map[string]struct{ field, raw, want string }{
		"space goes":           {"title", "  wifi weg\n", "wifi weg"},
		"zeros go":             {"title", "wi\x00fi", "wifi"},
		"broken bytes show":    {"title", "wi\xfffi", "wi\uFFFDfi"},
		"a title that fits":    {"title", strings.Repeat("ë", 200), strings.Repeat("ë", 200)},
		"a title too long":     {"title", strings.Repeat("ë", 201), "error.long"},
		"a text that fits":     {"description", strings.Repeat("ë", 40_000), strings.Repeat("ë", 40_000)},
		"a text too long":      {"description", strings.Repeat("ë", 40_001), "error.long"},
		"a choice":             {"type", "Data_Breach", "data_breach"},
		"no choice":            {"type", "breach", "error.option"},
		"a place":              {"location", "NOORD", "noord"},
		"no place":             {"location", "maan", "error.lookup"},
		"a person":             {"reporter", "anna", "anna"},
		"a guest":              {"reporter", "slack:U0GUEST", "slack:U0GUEST"},
		"nobody":               {"reporter", "niemand", "error.lookup"},
		"yes in a program":     {"sensitive", "true", "yes"},
		"no in a program":      {"sensitive", "false", "no"},
		"not yes and not no":   {"sensitive", "misschien", "error.option"},
		"a program's yes else": {"exam", "true", "error.option"},
		"of no such field":     {"colour", "rood", "error.argument"},
		"of a later action":    {"solution", "herstart", "error.argument"},
		"what rules keep":      {"spent", "1", "error.argument"},
	} {
		t.Run(name, func(t *testing.T) {
			d := day(t, incident.Process, task.Process)
			args := []string{"title", "wifi weg", c.field, c.raw}
			if strings.HasPrefix(c.want, "error.") {
				d.RefusedToOpen(c.want, "noor", "incident", "report", args...)
				return
			}
			r := d.See(d.Opens("noor", "incident", "report", args...))
			got := map[string]string{
				"title": r.Title, "description": r.Field("description"), "type": r.Field("type"), "location": r.Location,
				"reporter": strings.Join(r.Reporters, ","), "sensitive": map[bool]string{true: "yes", false: "no"}[r.Sensitive],
			}[c.field]
			if got != c.want {
				t.Errorf("%q was kept as %q, want %q", c.raw, got, c.want)
			}
		})
	}
}

func TestReferences(t *testing.T) {
	for text, want := range map[string]string{
		"INC-12": "INC-12", "inc-12": "INC-12", " Inc-0012 ": "INC-12", "CI-1": "CI-1",
		"INC": "", "INC-": "", "-12": "", "INC-0": "", "INC-1a": "", "INC--1": "", "IN2-1": "", "INC-9999999999999999999": "", "ÏNC-1": "", "": "",
	} {
		ref, ok := w.ParseRef(text)
		if ref.String() != want || ok != (want != "") {
			t.Errorf("%q was read as %q, %v", text, ref, ok)
		}
		var back w.Ref
		if err := back.UnmarshalText([]byte(text)); err == nil && back != ref || err != nil && ok {
			t.Errorf("%q came back as %q, %v", text, back, err)
		}
	}
}

// Somebody who was a guest before is one person under all their keys: they may do
// what a reporter may, join nothing twice, and know what was theirs.
func TestAnActorHasKeys(t *testing.T) {
	a := w.Actor{Key: "anna", Also: []string{"teams:anna"}}
	r := &w.Record{Kind: "incident", State: "new", Sensitive: true, Reporters: []string{"teams:anna"}}
	if !a.Is("anna") || !a.Is("teams:anna") || a.Is("") || a.Is("peter") || !a.Among([]string{"peter", "teams:anna"}) || a.Among([]string{"peter"}) {
		t.Error("the keys of anna are not hers, or others are")
	}
	if !r.MayKnow(a) || r.MayKnow(w.Actor{Key: "peter", Also: []string{"teams:peter"}}) {
		t.Error("anna may not know what she reported, or peter may")
	}
	if keys := a.Keys(); len(keys) != 2 || keys[0] != "anna" {
		t.Errorf("her keys are %v", keys)
	}
}

// Who reported, follows or asked for it under another key does not do so again, may
// stop, and has no vote.
func TestAnotherKeyIsNoOtherPerson(t *testing.T) {
	d := day(t, incident.Process, change.Process)
	ctx := context.Background()
	els := d.Actor("els")
	els.Also = []string{"anna"}
	inc := d.Opens("anna", "incident", "report", "title", "wifi weg")
	d.Does("anna", inc, "subscribe")
	does := func(ref w.Ref, do w.Action) (w.Outcome, error) {
		return d.Engine.Do(ctx, w.Command{Actor: els, Ref: ref, Action: do})
	}
	for _, do := range []w.Action{"join", "subscribe"} {
		if out, err := does(inc, do); err != nil || out.Entry != nil {
			t.Errorf("%s again: %+v, %v", do, out.Entry, err)
		}
	}
	if _, err := does(inc, "unsubscribe"); err != nil || len(d.See(inc).Subscribers) > 0 {
		t.Errorf("%v, and it is followed by %v", err, d.See(inc).Subscribers)
	}
	if r := d.See(inc); !slices.Equal(r.Reporters, []string{"anna"}) {
		t.Errorf("reported by %v", r.Reporters)
	}
	chg := d.Opens("anna", "change", "request", "title", "nieuwe switch", "type", "normal")
	d.Does("noor", chg, "assess", "reason", "oud", "risk", "low", "plan", "p", "rollback_plan", "r")
	d.Does("noor", chg, "submit")
	if _, err := does(chg, "approve"); err == nil || !strings.Contains(err.Error(), "own") {
		t.Errorf("a vote on her own change: %v", err)
	}
	els.Also = nil
	if _, err := does(chg, "approve"); err != nil {
		t.Errorf("a vote on another's change: %v", err)
	}
}
