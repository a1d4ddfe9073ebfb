package incident_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	w "schoolbel/workflows"
	"schoolbel/workflows/incident"
	"schoolbel/workflows/workflowstest"
)

// What each state offers: to staff of any sort, to those who handle outages, to
// who reported it, and to everybody.
const (
	staff    = " note assign link unlink follow_up"
	everyone = " subscribe unsubscribe"
	handlers = " declare_major escalate join" + staff + everyone
	afterAll = " note link unlink follow_up unsubscribe" // history can be added to for ever
)

var offered = map[w.State]struct{ handler, officer, reporter, other string }{
	incident.New: {
		handler:  "triage take wait workaround resolve cancel merge acknowledge" + handlers,
		officer:  "declare_major escalate join" + staff + everyone,
		reporter: "join correct cancel note" + everyone,
		other:    "join note" + everyone,
	},
	incident.Triaged: {
		handler:  "triage take wait workaround resolve cancel merge acknowledge" + handlers,
		officer:  "declare_major escalate join" + staff + everyone,
		reporter: "join note" + everyone,
		other:    "join note" + everyone,
	},
	incident.InProgress: {
		handler:  "triage wait workaround resolve cancel merge acknowledge" + handlers,
		officer:  "declare_major escalate join" + staff + everyone,
		reporter: "join note" + everyone,
		other:    "join note" + everyone,
	},
	incident.Waiting: {
		handler:  "triage resume workaround resolve cancel merge acknowledge" + handlers,
		officer:  "declare_major escalate join" + staff + everyone,
		reporter: "join resume note" + everyone,
		other:    "join note" + everyone,
	},
	incident.Resolved: {
		handler:  "confirm reopen close" + staff + everyone,
		officer:  staff + everyone,
		reporter: "confirm reopen note" + everyone,
		other:    everyone,
	},
	incident.Closed:    {handler: "reopen" + afterAll, officer: afterAll, reporter: "reopen note unsubscribe", other: "unsubscribe"},
	incident.Cancelled: {handler: afterAll, officer: afterAll, reporter: "note unsubscribe", other: "unsubscribe"},
	incident.Merged:    {handler: afterAll, officer: afterAll, reporter: "note unsubscribe", other: "unsubscribe"},
}

// in makes an outage of anna's that is in a state.
func in(t *testing.T, d *workflowstest.Day, state w.State) w.Ref {
	t.Helper()
	ref := outage(d)
	for _, step := range map[w.State][][]string{
		incident.Triaged:    {{"triage"}},
		incident.InProgress: {{"take"}},
		incident.Waiting:    {{"wait"}},
		incident.Resolved:   {{"resolve", "solution", "herstart"}},
		incident.Closed:     {{"resolve", "solution", "herstart"}, {"close"}},
		incident.Cancelled:  {{"cancel", "reason", "test"}},
		incident.Merged:     {{"merge", "into", outage(d).String()}},
	}[state] {
		d.Does("bram", ref, w.Action(step[0]), step[1:]...)
	}
	if r := d.See(ref); r.State != state {
		t.Fatalf("the way to %s led to %s", state, r.State)
	}
	return ref
}

// Everybody is offered what they may do and nothing else, and what is not
// offered is refused, whichever way it is asked.
func TestWhoMayDoWhat(t *testing.T) {
	d := day(t, "2026-11-24 09:00")
	process, _ := d.Engine.Process(incident.Kind)
	for _, state := range process.States() {
		want, known := offered[state]
		if !known {
			t.Errorf("nobody wrote down what %s offers", state)
		}
		ref := in(t, d, state)
		r := d.See(ref)
		for who, words := range map[string]string{
			"noor": want.handler, "mieke": want.handler, "els": want.handler, // ICT, security, privacy
			"karim": want.officer, "joost": want.officer, // process owner, crisis lead
			"anna": want.reporter, "peter": want.other, "slack:U0GUEST": want.other,
		} {
			expected := strings.Fields(words)
			var moves []string
			for _, m := range d.Engine.Moves(r, d.Actor(who)) {
				moves = append(moves, string(m.Do))
			}
			slices.Sort(expected)
			slices.Sort(moves)
			if !slices.Equal(moves, expected) {
				t.Errorf("%s may in %s\n  %v, want\n  %v", who, state, moves, expected)
			}
			for _, action := range process.Actions() {
				if slices.Contains(moves, string(action)) {
					continue
				}
				_, err := d.Engine.Do(t.Context(), w.Command{Actor: d.Actor(who), Ref: ref, Action: action})
				var no *w.Error
				if !errors.As(err, &no) || no.Code != w.Denied && no.Code != w.Closed && no.Code != w.Missing {
					t.Errorf("%s did %s in %s: %v", who, action, state, err)
				}
			}
		}
		if after := d.See(ref); after.Version != r.Version {
			t.Errorf("something that was refused in %s changed it", state)
		}
	}
}

// Only the house itself says that a promise is over.
func TestWhatOnlyTheHouseDoes(t *testing.T) {
	d := day(t, "2026-11-24 09:00")
	ref := outage(d)
	for _, action := range []w.Action{"remind", "overdue"} {
		no := d.Refused("error.denied", "noor", ref, action)
		if roles, ok := no.Args[1].([]w.Role); !ok || !slices.Equal(roles, []w.Role{w.System}) {
			t.Errorf("%s names %v", action, no.Args)
		}
		d.Does("system", ref, action)
	}
	if no := d.Refused("error.denied", "peter", ref, "resolve"); no.Code != w.Denied {
		t.Errorf("the code is %s", no.Code)
	}
	if no := d.Refused("error.closed", "noor", ref, "confirm"); no.Code != w.Closed || no.Args[1] != incident.New {
		t.Errorf("the refusal is %+v", no)
	}
	d.Refused("error.action", "noor", ref, "dance")
	d.RefusedToOpen("error.kind", "noor", "dance", "report", "title", "x")
	if _, err := d.Engine.Do(t.Context(), w.Command{Ref: ref, Action: "take"}); err == nil {
		t.Error("a command without an actor was done")
	}
}
