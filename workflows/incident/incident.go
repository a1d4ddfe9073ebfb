// Package incident is the process by which a disturbance is reported, handled and closed.
package incident

import (
	"embed"

	w "schoolbel/workflows"
)

// Kind of these records.
const Kind w.Kind = "incident"

// States.
const (
	New        w.State = "new"
	Triaged    w.State = "triaged"
	InProgress w.State = "in_progress"
	Waiting    w.State = "waiting"
	Resolved   w.State = "resolved"
	Closed     w.State = "closed"
	Cancelled  w.State = "cancelled"
	Merged     w.State = "merged"
)

//go:embed nl.json en.json
var texts embed.FS

// handlers are who may handle an incident: ICT, and the officers whose eyes a
// sensitive one is for.
var handlers = []w.Role{w.Agent, "security_officer", "privacy_officer"}

var open = []w.State{New, Triaged, InProgress, Waiting}

// alive is open or not yet confirmed: mended is not yet reported to the supervisor.
var alive = []w.State{New, Triaged, InProgress, Waiting, Resolved}

// Process is the timetable of an incident (domain.md 4).
var Process = w.Process{
	Kind: Kind, Prefix: "INC", Start: New, Done: []w.State{Closed, Cancelled, Merged}, Texts: texts,
	Fields: fields,
	Rules: []w.Rule{
		{
			Do: "report", To: New, By: []w.Role{w.Anyone}, Needs: []string{"title"},
			Takes: []string{"description", "service", "location", "impact", "urgency", "type", "sensitive", "exam", "items", "supplier", "external_ref", "alert", "origin", "reporter", "was"},
			Own:   reporterArg, Set: timed(report),
		},
		{Do: "join", From: open, By: []w.Role{w.Anyone}, Takes: []string{"reporter", "origin", "since"}, Own: joinArg, Set: timed(join)},
		{Do: "triage", From: []w.State{New}, To: Triaged, By: handlers, Takes: triageArgs, Set: timed(triage)},
		{Do: "triage", From: []w.State{Triaged, InProgress, Waiting}, By: handlers, Takes: triageArgs, Set: timed(triage)},
		{Do: "take", From: []w.State{New, Triaged}, To: InProgress, By: handlers, Takes: []string{"expected_at"}, Set: timed(take)},
		{Do: "wait", From: []w.State{New, Triaged, InProgress}, To: Waiting, By: handlers, Takes: []string{"reason", "expected_at", "supplier", "external_ref"}, Set: timed(acknowledge)},
		{Do: "resume", From: []w.State{Waiting}, To: InProgress, By: append([]w.Role{w.Reporter}, handlers...), Set: timed(nil)},
		{Do: "workaround", From: open, By: handlers, Needs: []string{"workaround"}, Takes: []string{"expected_at"}, Set: timed(acknowledge)},
		{Do: "resolve", From: open, To: Resolved, By: handlers, Needs: []string{"solution"}, Takes: []string{"cause"}, Set: timed(resolve)},
		{Do: "confirm", From: []w.State{Resolved}, To: Closed, By: append([]w.Role{w.Reporter}, handlers...), Set: timed(confirm)},
		{Do: "reopen", From: []w.State{Resolved, Closed}, To: InProgress, By: append([]w.Role{w.Reporter}, handlers...), Takes: []string{"reason", "origin"}, Set: timed(reopen)},
		{Do: "close", From: []w.State{Resolved}, To: Closed, By: append([]w.Role{w.System}, handlers...), Takes: []string{"lessons"}, If: evaluated, Set: timed(nil)},
		{Do: "cancel", From: open, To: Cancelled, By: handlers, Needs: []string{"reason"}, Takes: []string{"became"}, Set: timed(nil)},
		{Do: "cancel", From: []w.State{New}, To: Cancelled, By: []w.Role{w.Reporter}, Takes: []string{"reason"}, If: mayTakeBack, Set: timed(nil)},
		{Do: "correct", From: []w.State{New}, By: []w.Role{w.Reporter}, Takes: []string{"title", "service", "location", "impact"}, If: mayCorrect, Set: timed(correct)},
		{Do: "note", From: open, By: []w.Role{w.Anyone}, Needs: []string{"note"}, Takes: []string{"origin"}}, // "here it works" helps, too
		{Do: "merge", From: open, To: Merged, By: handlers, Needs: []string{"into"}, Own: intoArg, Set: timed(nil), Then: []w.Effect{moveReporters}},
		{Do: "declare_major", From: open, By: w.Staff, Takes: []string{"reason"}, Set: declareMajor},
		{Do: "escalate", From: open, By: w.Staff, Needs: []string{"reason"}, Set: escalate},
		{Do: "acknowledge", From: open, By: handlers, Quiet: true, Set: timed(acknowledge)},
		{Do: "remind", From: []w.State{New}, By: []w.Role{w.System}, Set: mark("reminded")},
		{Do: "warn", From: alive, By: []w.Role{w.System}, Set: warn},
		{Do: "overdue", From: []w.State{New, Triaged, InProgress}, By: []w.Role{w.System}, Set: mark("overdue")},
	},
	Clocks: []w.Clock{
		{Name: "respond", While: []w.State{New}, Do: "remind", At: respondAt},
		{Name: "resolve", While: []w.State{New, Triaged, InProgress}, Do: "overdue", At: resolveAt},
		{Name: "breach", While: alive, Do: "warn", At: warnAt},
		{Name: "confirm", While: []w.State{Resolved}, Do: "close", At: closeAt},
	},
}

var triageArgs = []string{"title", "impact", "urgency", "priority", "service", "location", "team", "type", "sensitive", "exam", "expected_at"}

// Arguments that are not kept under their own name.
var (
	reporterArg = []w.Field{{Name: "reporter", Lookup: "person"}, {Name: "origin", Hidden: true}}
	joinArg     = append(reporterArg[:2:2], w.Field{Name: "since", Time: true, Hidden: true}) // when a double was known
	intoArg     = []w.Field{{Name: "into", Lookup: "incident"}}
)

// fields of an incident beside its columns (domain.md 4.4). The hidden ones are
// what the clocks remember.
var fields = []w.Field{
	{Name: "type", Options: []string{"outage", "question", "data_breach", "attack"}},
	{Name: "workaround", Long: true},
	{Name: "solution", Long: true},
	{Name: "cause", Long: true},
	{Name: "expected_at", Time: true},
	{Name: "reason", Long: true},
	{Name: "exam", Options: []string{"yes", "no"}},
	{Name: "major", Options: []string{"proposed", "declared"}},
	{Name: "lessons", Long: true},
	{Name: "alert", Hidden: true},
	{Name: "escalated", Hidden: true},
	{Name: "joins", Hidden: true},
	{Name: "overruled", Hidden: true},
	{Name: "responded_at", Hidden: true},
	{Name: "resolved_at", Hidden: true},
	{Name: "reminded", Hidden: true},
	{Name: "overdue", Hidden: true},
	{Name: "spent", Hidden: true},
	{Name: "running_from", Hidden: true},
	{Name: "known_at", Time: true, Hidden: true}, // when a data leak became known
	{Name: "tell_by", Time: true, Hidden: true},  // and by when the supervisor must be told of it
	{Name: "warned", Hidden: true},
}
