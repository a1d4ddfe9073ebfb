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
	handlers = []w.Role{w.Agent, "change_manager"}
	voters   = []w.Role{w.Approver}
	before   = []w.State{Requested, Assessing, Awaiting, Approved, Scheduled, Postponed}
	// ballots are the states in which votes are taken: an emergency is decided on
	// whenever somebody may.
	ballots = []w.State{Requested, Assessing, Awaiting}
	// after a decision, until somebody looked back.
	after = []w.State{Approved, Scheduled, Implementing, Validating, Implemented, RolledBack}
	// working is from when it has a time to the end of the work.
	working = []w.State{Scheduled, Implementing, Validating}
)

func with(list []w.Role, more ...w.Role) []w.Role { return append(list[:len(list):len(list)], more...) }

// Process is the timetable of a change (domain.md 5).
var Process = w.Process{
	Kind: Kind, Prefix: "CHG", Start: Requested, Done: []w.State{Closed, Rejected, Withdrawn}, Texts: texts,
	Fields: fields,
	Rules: []w.Rule{
		{
			Do: "request", To: Requested, By: []w.Role{w.Anyone}, Needs: []string{"title"},
			Takes: []string{"type", "template", "description", "reason", "service", "location", "items", "impact", "urgency", "risk", "supplier", "external_ref", "from", "to", "origin", "reporter", "was"},
			Own:   requestArgs, Set: request, Then: []w.Effect{authoriseStandard},
		},
		{Do: "assess", From: []w.State{Requested, Postponed}, To: Assessing, By: handlers, Takes: assessArgs, Own: windowArg, Set: assess},
		{Do: "assess", From: []w.State{Assessing}, By: handlers, Takes: assessArgs, Own: windowArg, Set: assess},
		{Do: "assess", From: after, By: handlers, Takes: recordArgs, If: afterwards, Set: prioritise},
		{Do: "submit", From: []w.State{Requested, Assessing, Postponed}, To: Awaiting, By: handlers, Takes: assessArgs, Own: windowArg, If: complete, Set: submit, Then: []w.Effect{authoriseStandard}},
		{Do: "approve", From: ballots, By: voters, Takes: []string{"reason"}, Own: voteArg, If: onPage, Set: vote(true), Then: []w.Effect{decide}},
		{Do: "reject", From: ballots, To: Rejected, By: voters, Needs: []string{"reason"}, Own: voteArg, Set: vote(false)},
		{Do: "authorise", From: ballots, To: Approved, By: []w.Role{w.System}, Set: approved},
		{Do: "overrule", From: before, By: []w.Role{w.Overruler}, Needs: []string{"reason"}, Takes: []string{"from", "to"}, Own: overruleArgs, Set: overrule},
		{Do: "schedule", From: []w.State{Approved, Scheduled}, To: Scheduled, By: handlers, Needs: []string{"from", "to"}, Takes: []string{"implementer", "tester", "communication", "outage"}, Own: windowArg, Set: schedule},
		{Do: "postpone", From: []w.State{Awaiting, Approved, Scheduled}, To: Postponed, By: with(handlers, "cab", "process_owner"), Needs: []string{"reason"}, Own: voteArg, Set: callOff},
		{Do: "start", From: []w.State{Approved, Scheduled}, To: Implementing, By: handlers, Set: start},
		{Do: "validate", From: []w.State{Implementing, Validating}, To: Validating, By: handlers, Takes: []string{"result", "tester"}},
		{Do: "complete", From: []w.State{Approved, Implementing}, To: Implemented, By: handlers, Takes: []string{"result"}, If: mayComplete, Set: end},
		{Do: "complete", From: []w.State{Validating}, To: Implemented, By: with(handlers, w.Tester), Takes: []string{"result"}, If: tested, Set: end},
		{Do: "roll_back", From: []w.State{Implementing, Implemented}, To: RolledBack, By: handlers, Needs: []string{"reason"}, Own: voteArg, Set: end},
		{Do: "roll_back", From: []w.State{Validating}, To: RolledBack, By: with(handlers, w.Tester), Needs: []string{"reason"}, Own: voteArg, Set: end},
		{Do: "review", From: []w.State{Implemented, RolledBack}, To: Reviewed, By: with(handlers, "cab"), Takes: append([]string{"lessons"}, recordArgs...), If: mayReview, Set: prioritise},
		{Do: "close", From: []w.State{Implemented, RolledBack, Reviewed}, To: Closed, By: handlers, Takes: []string{"lessons"}, If: mayClose},
		{Do: "withdraw", From: before, To: Withdrawn, By: with(handlers, w.Reporter, "process_owner"), Takes: []string{"reason", "became"}, Own: voteArg, Set: callOff},

		{Do: "remind", From: ballots, By: []w.Role{w.System}, Set: mark("reminded")},
		{Do: "overdue", From: ballots, By: []w.Role{w.System}, Set: mark("overdue")},
		{Do: "notice", From: []w.State{Scheduled}, By: []w.Role{w.System}, Set: notice},
		{Do: "late", From: working, By: []w.Role{w.System}, Set: late},
		{Do: "chase", From: after, By: []w.Role{w.System}, Set: chase},
	},
	Clocks: []w.Clock{
		{Name: "remind", While: ballots, Do: "remind", At: remindAt},
		{Name: "decide", While: ballots, Do: "overdue", At: decideAt},
		{Name: "tell", While: []w.State{Scheduled}, Do: "notice", At: noticeAt},
		{Name: "end", While: working, Do: "late", At: lateAt},
		{Name: "review", While: after, Do: "chase", At: chaseAt},
	},
}

var assessArgs = []string{
	"title", "type", "template", "reason", "service", "location", "items", "impact", "urgency", "risk", "plan", "test_plan",
	"rollback_plan", "communication", "from", "to", "implementer", "tester", "outage", "owner",
}

// recordArgs complete the record of an emergency afterwards.
var recordArgs = []string{"result", "reason", "risk", "plan", "test_plan", "rollback_plan", "communication", "impact", "items"}

// Arguments that are not kept under their own name: "to" of the window is kept
// as "until", because every link has a "to" as well; the reason of a step is not
// that of the change.
var (
	windowArg    = []w.Field{{Name: "to", Time: true}}
	requestArgs  = []w.Field{{Name: "to", Time: true}, {Name: "reporter", Lookup: "person"}, {Name: "origin", Hidden: true}}
	voteArg      = []w.Field{{Name: "reason", Long: true}}
	overruleArgs = []w.Field{{Name: "reason", Long: true}, {Name: "from", Time: true}, {Name: "to", Time: true}}
)

// fields of a change beside its columns (domain.md 5.4). The hidden ones are what
// the rules and clocks remember.
var fields = []w.Field{
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
	{Name: "asked_by", Hidden: true}, // who filled in the request, for themselves or another
	{Name: "votes", Hidden: true},
	{Name: "submitted_at", Hidden: true},
	{Name: "unreachable", Hidden: true}, // too few people may decide
	{Name: "approved_at", Hidden: true},
	{Name: "reminded", Hidden: true},
	{Name: "overdue", Hidden: true},
	{Name: "conflicts", Hidden: true}, // as found when last looked for, one a line
	{Name: "overruled", Hidden: true}, // the closed periods it may go through, one a line
	{Name: "overruled_by", Hidden: true},
	{Name: "noticed", Hidden: true}, // of which notice beforehand the last one was
	{Name: "told", Hidden: true},    // the places that expect it
	{Name: "started_at", Hidden: true},
	{Name: "ended_at", Hidden: true},
	{Name: "late", Hidden: true},
	{Name: "chased", Hidden: true},
}
