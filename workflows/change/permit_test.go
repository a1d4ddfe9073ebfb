package change_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	w "schoolbel/workflows"
	"schoolbel/workflows/change"
	"schoolbel/workflows/workflowstest"
)

// way leads a change of peter's to a state; Noor does the work, the board decides.
var way = map[w.State]func(*workflowstest.Day) w.Ref{
	change.Requested:    func(d *workflowstest.Day) w.Ref { return wish(d) },
	change.Assessing:    after(func(d *workflowstest.Day) w.Ref { return wish(d) }, "assess"),
	change.Awaiting:     awaiting,
	change.Approved:     approved,
	change.Scheduled:    after(approved, "schedule", "from", "2027-02-22T08:00", "to", "2027-02-22T10:00"),
	change.Implementing: after(approved, "start"),
	change.Validating:   after(after(approved, "start"), "validate"),
	change.Implemented:  after(after(approved, "start"), "complete"),
	change.Reviewed:     after(after(after(approved, "start"), "complete"), "review"),
	change.RolledBack:   after(after(approved, "start"), "roll_back", "reason", "past niet"),
	change.Postponed:    after(approved, "postpone", "reason", "examen"),
	change.Withdrawn:    after(approved, "withdraw"),
	change.Closed:       after(after(after(after(approved, "start"), "complete"), "review"), "close"),
	change.Rejected: func(d *workflowstest.Day) w.Ref {
		ref := awaiting(d)
		d.Does("els", ref, "reject", "reason", "te duur")
		return ref
	},
}

func after(before func(*workflowstest.Day) w.Ref, do w.Action, args ...string) func(*workflowstest.Day) w.Ref {
	return func(d *workflowstest.Day) w.Ref {
		ref := before(d)
		d.Does("noor", ref, do, args...)
		return ref
	}
}

// rights say in which states who may do what. An agent and the change manager
// do the work; the board decides, Karim answers for the process, Joost is the director.
var rights = map[w.Action]struct {
	in []w.State // none is every state that is open
	by string
}{
	"assess":    {[]w.State{change.Requested, change.Assessing, change.Postponed, change.Approved, change.Scheduled, change.Implementing, change.Validating, change.Implemented, change.RolledBack}, "noor bram"},
	"submit":    {[]w.State{change.Requested, change.Assessing, change.Postponed}, "noor bram"},
	"approve":   {[]w.State{change.Awaiting}, "karim"},
	"reject":    {[]w.State{change.Awaiting}, "karim"},
	"authorise": {[]w.State{change.Requested, change.Assessing, change.Awaiting}, "system"},
	"overrule":  {[]w.State{change.Requested, change.Assessing, change.Awaiting, change.Approved, change.Scheduled, change.Postponed}, "karim joost"},
	"remind":    {[]w.State{change.Requested, change.Assessing, change.Awaiting}, "system"},
	"overdue":   {[]w.State{change.Requested, change.Assessing, change.Awaiting}, "system"},
	"notice":    {[]w.State{change.Scheduled}, "system"},
	"late":      {[]w.State{change.Scheduled, change.Implementing, change.Validating}, "system"},
	"chase":     {[]w.State{change.Approved, change.Scheduled, change.Implementing, change.Validating, change.Implemented, change.RolledBack}, "system"},
	"schedule":  {[]w.State{change.Approved, change.Scheduled}, "noor bram"},
	"postpone":  {[]w.State{change.Awaiting, change.Approved, change.Scheduled}, "noor bram karim"},
	"start":     {[]w.State{change.Approved, change.Scheduled}, "noor bram"},
	"validate":  {[]w.State{change.Implementing, change.Validating}, "noor bram"},
	"complete":  {[]w.State{change.Approved, change.Implementing, change.Validating}, "noor bram"},
	"roll_back": {[]w.State{change.Implementing, change.Validating, change.Implemented}, "noor bram"},
	"review":    {[]w.State{change.Implemented, change.RolledBack}, "noor bram karim"},
	"close":     {[]w.State{change.Implemented, change.RolledBack, change.Reviewed}, "noor bram"},
	"withdraw":  {[]w.State{change.Requested, change.Assessing, change.Awaiting, change.Approved, change.Scheduled, change.Postponed}, "noor bram peter karim"},

	"note":        {[]w.State{w.EveryState}, "noor bram karim joost peter system"},
	"assign":      {nil, "noor bram karim joost system"},
	"link":        {[]w.State{w.EveryState}, "noor bram karim joost system"},
	"unlink":      {[]w.State{w.EveryState}, "noor bram karim joost system"},
	"follow_up":   {[]w.State{w.EveryState}, "noor bram karim joost system"},
	"subscribe":   {nil, "noor bram karim joost peter anna system"},
	"unsubscribe": {[]w.State{w.EveryState}, "noor bram karim joost peter anna system"},
}

func TestWhoMayDoWhat(t *testing.T) {
	d := day(t)
	process, _ := d.Engine.Process(change.Kind)
	for _, state := range process.States() {
		lead, known := way[state]
		if !known {
			t.Errorf("nobody knows the way to %s", state)
			continue
		}
		ref := lead(d)
		r := d.See(ref)
		if r.State != state {
			t.Fatalf("the way to %s leads to %s", state, r.State)
		}
		for _, who := range []string{"noor", "bram", "karim", "joost", "peter", "anna", "system"} {
			moves := d.Engine.Moves(r, d.Actor(who))
			for _, action := range process.Actions() {
				right, listed := rights[action]
				if action == "request" {
					continue
				}
				if !listed {
					t.Errorf("nobody wrote down who may %s", action)
				}
				here := len(right.in) == 0 && !slices.Contains(process.Done, state) || slices.Contains(right.in, state) || slices.Equal(right.in, []w.State{w.EveryState})
				may := here && slices.Contains(strings.Fields(right.by), who)
				if offered := slices.ContainsFunc(moves, func(m w.Move) bool { return m.Do == action }); offered != may {
					t.Errorf("%s is offered to %s a change that is %s: %v, want %v", who, action, state, offered, may)
				}
				if may {
					continue
				}
				_, err := d.Engine.Do(t.Context(), w.Command{Actor: d.Actor(who), Ref: ref, Action: action})
				var no *w.Error
				if want := map[bool]w.Code{true: w.Denied, false: w.Closed}[here]; !errors.As(err, &no) || no.Code != want {
					t.Errorf("%s tried to %s a change that is %s: %v, want %s", who, action, state, err, want)
				}
			}
		}
		if d.See(ref).Version != r.Version {
			t.Errorf("something that was refused changed a change that is %s", state)
		}
	}
}

// A request is everybody's right, a program's too; only a person waits for the answer.
func TestWhoAsks(t *testing.T) {
	d := day(t)
	for who, want := range map[string][]string{"anna": {"anna"}, "slack:U0GUEST": {"slack:U0GUEST"}, "api:monitoring": nil, "system": nil} {
		if r := d.See(d.Opens(who, change.Kind, "request", "title", "nieuwe printer")); !slices.Equal(r.Reporters, want) {
			t.Errorf("%s asked, and %v hear of it", who, r.Reporters)
		}
	}
	if r := d.See(d.Opens("noor", change.Kind, "request", "title", "nieuwe printer", "reporter", "anna", "origin", "slack:C0ICT/1")); !slices.Equal(r.Reporters, []string{"anna"}) || r.Field("origin.anna") != "slack:C0ICT/1" {
		t.Errorf("asked for anna: %v, %v", r.Reporters, r.Fields)
	}
}
