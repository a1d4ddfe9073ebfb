// Package change is the process by which something about the ICT is altered.
package change

import (
	"embed"

	w "schoolbel/workflows"
)

// Kind of these records.
const Kind w.Kind = "change"

// States.
const (
	Requested    w.State = "requested"
	Assessing    w.State = "assessing"
	Awaiting     w.State = "awaiting_approval"
	Approved     w.State = "approved"
	Scheduled    w.State = "scheduled"
	Implementing w.State = "implementing"
	Validating   w.State = "validating"
	Implemented  w.State = "implemented"
	Reviewed     w.State = "reviewed"
	RolledBack   w.State = "rolled_back"
	Postponed    w.State = "postponed"
	Rejected     w.State = "rejected"
	Withdrawn    w.State = "withdrawn"
	Closed       w.State = "closed"
)

//go:embed nl.json en.json
var texts embed.FS

var (
	handlers  = []w.Role{w.Agent, "change_manager"}
	approvers = []w.Role{"cab", "change_manager", "crisis_lead"}
	before    = []w.State{Requested, Assessing, Awaiting, Approved, Scheduled, Postponed}
)

// Process is the timetable of a change (domain.md 5).
var Process = w.Process{
	Kind: Kind, Prefix: "CHG", Start: Requested, Done: []w.State{Closed, Rejected, Withdrawn}, Texts: texts,
	Fields: []w.Field{
		{Name: "type", Options: []string{"standard", "normal", "emergency"}},
		{Name: "template"},
		{Name: "reason", Long: true},
		{Name: "risk", Options: []string{"high", "medium", "low"}},
		{Name: "plan", Long: true},
		{Name: "test_plan", Long: true},
		{Name: "rollback_plan", Long: true},
		{Name: "communication", Long: true},
		{Name: "from", Time: true},
		{Name: "until", Time: true},
		{Name: "implementer", Lookup: "person"},
		{Name: "tester", Lookup: "person"},
		{Name: "outage", Options: []string{"yes", "no"}},
		{Name: "result", Long: true},
		{Name: "lessons", Long: true},
		{Name: "votes", Hidden: true},
		{Name: "approved_at", Hidden: true},
	},
	Rules: []w.Rule{
		{
			Do: "request", To: Requested, By: []w.Role{w.Anyone}, Needs: []string{"title"},
			Takes: []string{"type", "template", "description", "reason", "service", "location", "items", "impact", "urgency", "risk", "supplier", "external_ref", "from", "to", "origin", "reporter", "was"},
			Own:   requestArgs, Set: request, Then: []w.Effect{authoriseStandard},
		},
		{Do: "assess", From: []w.State{Requested, Postponed}, To: Assessing, By: handlers, Takes: assessArgs, Own: windowArg, Set: assess},
		{Do: "assess", From: []w.State{Assessing}, By: handlers, Takes: assessArgs, Own: windowArg, Set: assess},
		{Do: "submit", From: []w.State{Requested, Assessing, Postponed}, To: Awaiting, By: handlers, Takes: assessArgs, Own: windowArg, If: complete, Set: submit, Then: []w.Effect{authoriseStandard}},
		{Do: "approve", From: []w.State{Awaiting}, By: approvers, Takes: []string{"reason"}, Own: voteArg, If: mayVote, Set: vote("approve"), Then: []w.Effect{decide}},
		{Do: "reject", From: []w.State{Awaiting}, To: Rejected, By: approvers, Needs: []string{"reason"}, Own: voteArg, If: mayVote, Set: vote("reject")},
		{Do: "authorise", From: []w.State{Requested, Awaiting}, To: Approved, By: []w.Role{w.System}, Set: approved},
		{Do: "schedule", From: []w.State{Approved, Scheduled}, To: Scheduled, By: handlers, Needs: []string{"from", "to"}, Takes: []string{"implementer", "tester", "communication", "outage"}, Own: windowArg, Set: window},
		{Do: "postpone", From: []w.State{Awaiting, Approved, Scheduled}, To: Postponed, By: append([]w.Role{"cab"}, handlers...), Needs: []string{"reason"}},
		{Do: "start", From: []w.State{Approved, Scheduled}, To: Implementing, By: handlers, Set: start},
		{Do: "validate", From: []w.State{Implementing}, To: Validating, By: handlers, Takes: []string{"result"}},
		{Do: "complete", From: []w.State{Approved, Implementing, Validating}, To: Implemented, By: handlers, Takes: []string{"result"}, If: mayComplete},
		{Do: "roll_back", From: []w.State{Implementing, Validating, Implemented}, To: RolledBack, By: handlers, Needs: []string{"reason"}},
		{Do: "review", From: []w.State{Implemented, RolledBack}, To: Reviewed, By: append([]w.Role{"cab"}, handlers...), Takes: []string{"lessons", "result"}},
		{Do: "close", From: []w.State{Implemented, RolledBack, Reviewed}, To: Closed, By: handlers, Takes: []string{"lessons"}, If: mayClose},
		{Do: "withdraw", From: before, To: Withdrawn, By: append([]w.Role{w.Reporter}, handlers...), Takes: []string{"reason", "became"}},
	},
}

var assessArgs = []string{
	"title", "type", "template", "reason", "service", "location", "items", "impact", "urgency", "risk", "plan", "test_plan",
	"rollback_plan", "communication", "from", "to", "implementer", "tester", "outage", "owner",
}

// Arguments that are not kept under their own name: "to" of the window is kept
// as "until", because every link has a "to" as well.
var (
	windowArg   = []w.Field{{Name: "to", Time: true}}
	requestArgs = []w.Field{{Name: "to", Time: true}, {Name: "reporter", Lookup: "person"}, {Name: "origin", Hidden: true}}
	voteArg     = []w.Field{{Name: "reason", Long: true}}
)
