package change_test

import (
	"slices"
	"testing"

	"schoolbel/config"
	w "schoolbel/workflows"
	"schoolbel/workflows/change"
	"schoolbel/workflows/task"
	"schoolbel/workflows/workflowstest"
)

// day begins in the example school: a normal change wants two votes, an
// emergency one; account is a standard change. Karim and Els are the board,
// Bram manages changes and is an agent too, Noor is an agent.
func day(t *testing.T) *workflowstest.Day {
	t.Helper()
	school, err := config.School("")
	if err != nil {
		t.Fatal(err)
	}
	return workflowstest.NewDay(t, school, "2026-11-24 09:00", change.Process, task.Process)
}

// wish is a change that peter asks for; args are pairs of name and value.
func wish(d *workflowstest.Day, args ...string) w.Ref {
	return d.Opens("peter", change.Kind, "request", append([]string{"title", "nieuwe printer in 2.14"}, args...)...)
}

// ready is all that a decision about a normal change needs.
var ready = []string{"reason", "de oude is op", "risk", "low", "plan", "plaatsen en aansluiten", "rollback_plan", "de oude terugzetten"}

// awaiting is a normal change on which the board may vote.
func awaiting(d *workflowstest.Day) w.Ref {
	ref := wish(d)
	d.Does("noor", ref, "submit", ready...)
	return ref
}

// approved has its votes.
func approved(d *workflowstest.Day) w.Ref {
	ref := awaiting(d)
	d.Does("karim", ref, "approve")
	d.Does("els", ref, "approve")
	return ref
}

func TestTypes(t *testing.T) {
	for name, c := range map[string]struct {
		args    []string
		state   w.State
		kind    string
		service string
		team    string
	}{
		"says nothing":                  {nil, change.Requested, "normal", "", "ict"},
		"says normal":                   {[]string{"type", "normal", "service", "magister"}, change.Requested, "normal", "magister", "functioneel-beheer"},
		"an emergency":                  {[]string{"type", "emergency"}, change.Requested, "emergency", "", "ict"},
		"standard, authorised before":   {[]string{"template", "account"}, change.Approved, "standard", "sso", "ict"},
		"standard, said so":             {[]string{"type", "standard", "template", "software"}, change.Approved, "standard", "laptop", "ict"},
		"standard for another service":  {[]string{"template", "account", "service", "magister"}, change.Approved, "standard", "magister", "functioneel-beheer"},
		"a template makes it standard":  {[]string{"type", "normal", "template", "team"}, change.Approved, "standard", "m365", "ict"},
		"a standard change is not fast": {[]string{"type", "emergency", "template", "account"}, change.Approved, "standard", "sso", "ict"},
	} {
		t.Run(name, func(t *testing.T) {
			d := day(t)
			r := d.See(wish(d, c.args...))
			if r.State != c.state || r.Field("type") != c.kind || r.Service != c.service || r.Team != c.team {
				t.Errorf("%s, %s, service %q of %s; want %s, %s, %q of %s", r.State, r.Field("type"), r.Service, r.Team, c.state, c.kind, c.service, c.team)
			}
			if !slices.Equal(r.Reporters, []string{"peter"}) || (r.Field("approved_at") != "") != (c.state == change.Approved) {
				t.Errorf("asked for by %v, approved at %q", r.Reporters, r.Field("approved_at"))
			}
		})
	}
	d := day(t)
	d.RefusedToOpen("error.change.template", "peter", change.Kind, "request", "title", "x", "template", "raket")
	d.RefusedToOpen("error.change.standard", "peter", change.Kind, "request", "title", "x", "type", "standard")
	d.RefusedToOpen("error.option", "peter", change.Kind, "request", "title", "x", "type", "quick")
	d.RefusedToOpen("error.needs", "peter", change.Kind, "request")
	if log := d.Lines(wish(d, "template", "account")); !slices.Equal(log, []w.Action{"request", "authorise"}) {
		t.Errorf("a standard change logs %v", log)
	}
}

// The type cannot be used to walk around the board after the request.
func TestTheTypeChangesWhileAssessing(t *testing.T) {
	d := day(t)
	ref := wish(d)
	d.Refused("error.change.standard", "noor", ref, "assess", "type", "standard")
	d.Refused("error.change.template", "noor", ref, "assess", "template", "raket")
	d.Refused("error.change.standard", "noor", ref, "submit", "type", "standard")
	if r := d.Does("noor", ref, "assess", "type", "emergency", "impact", "large", "urgency", "high"); r.Field("type") != "emergency" || r.Priority != w.P1 {
		t.Errorf("assessed as %s, priority %s", r.Field("type"), r.Priority)
	}
	if r := d.Does("noor", ref, "submit", "template", "software"); r.Field("type") != "standard" || r.State != change.Approved {
		t.Errorf("found to be a standard change it is %s, %s", r.Field("type"), r.State)
	}
	d.Does("noor", ref, "postpone", "reason", "toch anders")
	if r := d.Does("noor", ref, "assess", "type", "normal"); r.Field("type") != "normal" || r.Field("template") != "" {
		t.Errorf("found not to be one it is %s, template %q", r.Field("type"), r.Field("template"))
	}
	d.Refused("error.needs", "noor", ref, "submit")
}

// Nobody can decide on a wish without a reason, a risk, a plan and a way back.
func TestWhatADecisionNeeds(t *testing.T) {
	d := day(t)
	for left := 0; left < len(ready); left += 2 {
		ref := wish(d)
		args := slices.Delete(slices.Clone(ready), left, left+2)
		no := d.Refused("error.needs", "noor", ref, "submit", args...)
		if fields, _ := no.Args[1].([]w.FieldName); !slices.Equal(fields, []w.FieldName{w.FieldName(ready[left])}) {
			t.Errorf("without %s it asks for %v", ready[left], no.Args)
		}
	}
	ref := wish(d, ready[:4]...)
	d.Does("noor", ref, "assess", ready[4:6]...)
	if r := d.Does("bram", ref, "submit", ready[6:]...); r.State != change.Awaiting {
		t.Errorf("bit by bit it is %s", r.State)
	}
	// An emergency is decided on now and written down afterwards.
	ref = wish(d, "type", "emergency")
	if r := d.Does("noor", ref, "submit"); r.State != change.Awaiting {
		t.Errorf("an emergency is %s", r.State)
	}
	if r := d.Does("joost", ref, "approve"); r.State != change.Approved {
		t.Errorf("one decision leaves an emergency %s", r.State)
	}
}

func TestVotes(t *testing.T) {
	d := day(t)
	ref := awaiting(d)
	first := d.Does("karim", ref, "approve")
	if first.State != change.Awaiting {
		t.Errorf("one vote of two makes it %s", first.State)
	}
	if again := d.Does("karim", ref, "approve"); again.Version != first.Version || again.State != change.Awaiting {
		t.Errorf("karim voted twice: %s, version %d", again.State, again.Version)
	}
	if r := d.Does("els", ref, "approve"); r.State != change.Approved || r.Field("approved_at") == "" {
		t.Errorf("two votes make it %s", r.State)
	}
	if log := d.Lines(ref); !slices.Equal(log, []w.Action{"request", "submit", "approve", "approve", "authorise"}) {
		t.Errorf("the log says %v", log)
	}
	d.Refused("error.closed", "bram", ref, "approve")

	// One no is enough, and says why.
	ref = awaiting(d)
	d.Does("karim", ref, "approve")
	d.Refused("error.needs", "els", ref, "reject")
	if r := d.Does("els", ref, "reject", "reason", "te duur"); r.State != change.Rejected || r.Open() {
		t.Errorf("a no makes it %s", r.State)
	}
	d.Refused("error.closed", "bram", ref, "approve")
	// Who said yes may still say no.
	ref = awaiting(d)
	d.Does("karim", ref, "approve")
	if r := d.Does("karim", ref, "reject", "reason", "toch niet"); r.Field("votes") != "karim=reject" {
		t.Errorf("the votes are %q", r.Field("votes"))
	}
}

// Who asked for it, or will do it, has no say in it.
func TestOnesOwnChange(t *testing.T) {
	d := day(t)
	own := d.Opens("karim", change.Kind, "request", "title", "nieuwe switch")
	d.Does("noor", own, "submit", append([]string{"implementer", "bram"}, ready...)...)
	for _, who := range []string{"karim", "bram"} {
		for _, vote := range []w.Action{"approve", "reject"} {
			args := []string{"reason", "ik wil het"}
			if no := d.Refused("error.change.own", who, own, vote, args...); no.Code != w.Denied {
				t.Errorf("%s is refused as %s", who, no.Code)
			}
		}
	}
	d.Refused("error.denied", "joost", own, "approve") // no member of the board
	if r := d.Does("els", own, "approve"); r.State != change.Awaiting || r.Field("unreachable") == "" {
		t.Errorf("one of the two who could makes it %s, too few: %q", r.State, r.Field("unreachable"))
	}
	// Somebody asked for another: the other is the requester.
	asked := d.Opens("noor", change.Kind, "request", "title", "nieuwe switch", "reporter", "els")
	d.Does("noor", asked, "submit", ready...)
	d.Refused("error.change.own", "els", asked, "approve")
}

// A plan that came back changed is decided on anew.
func TestVotesAreAboutOnePlan(t *testing.T) {
	d := day(t)
	ref := awaiting(d)
	d.Does("karim", ref, "approve")
	d.Does("noor", ref, "postpone", "reason", "eerst een offerte")
	d.Does("noor", ref, "assess", "plan", "een veel grotere printer")
	if r := d.Does("noor", ref, "submit"); r.Field("votes") != "" {
		t.Errorf("the votes on the old plan count: %q", r.Field("votes"))
	}
	if r := d.Does("els", ref, "approve"); r.State != change.Awaiting {
		t.Errorf("one vote on the new plan makes it %s", r.State)
	}
	if r := d.Does("karim", ref, "approve"); r.State != change.Approved {
		t.Errorf("two votes on the new plan make it %s", r.State)
	}
	d.Does("noor", ref, "postpone", "reason", "te druk")
	d.Does("noor", ref, "submit")
	d.Does("karim", ref, "approve")
	if r := d.Does("els", ref, "approve"); r.State != change.Approved {
		t.Errorf("approved once, it can never be approved again: %s", r.State)
	}
}

func TestWindow(t *testing.T) {
	for name, c := range map[string]struct {
		args        []string
		from, until string // as kept, or the refusal
	}{
		"winter":             {[]string{"from", "2027-02-22T08:00", "to", "2027-02-22T10:00"}, "2027-02-22T07:00:00Z", "2027-02-22T09:00:00Z"},
		"summer":             {[]string{"from", "2027-07-06 08:00", "to", "2027-07-06 10:00"}, "2027-07-06T06:00:00Z", "2027-07-06T08:00:00Z"},
		"over a clock":       {[]string{"from", "2026-10-25T01:00", "to", "2026-10-25T04:00"}, "2026-10-24T23:00:00Z", "2026-10-25T03:00:00Z"},
		"with a zone":        {[]string{"from", "2027-02-22T08:00:00+05:00", "to", "2027-02-22T08:00:00Z"}, "2027-02-22T03:00:00Z", "2027-02-22T08:00:00Z"},
		"ends before":        {[]string{"from", "2027-02-22T10:00", "to", "2027-02-22T08:00"}, "error.change.window", ""},
		"ends as it begins":  {[]string{"from", "2027-02-22T10:00", "to", "2027-02-22T10:00"}, "error.change.window", ""},
		"no time at all":     {[]string{"from", "morgen", "to", "2027-02-22T10:00"}, "error.time", ""},
		"without an end":     {[]string{"from", "2027-02-22T10:00"}, "error.needs", ""},
		"without a begin":    {[]string{"to", "2027-02-22T10:00"}, "error.needs", ""},
		"a day that is none": {[]string{"from", "2027-02-30T10:00", "to", "2027-03-02T10:00"}, "error.time", ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := day(t)
			ref := approved(d)
			if c.until == "" {
				d.Refused(c.from, "noor", ref, "schedule", c.args...)
				return
			}
			r := d.Does("noor", ref, "schedule", c.args...)
			if r.State != change.Scheduled || r.Field("from") != c.from || r.Field("until") != c.until || r.Field("to") != "" {
				t.Errorf("%s from %s until %s (%q)", r.State, r.Field("from"), r.Field("until"), r.Field("to"))
			}
		})
	}
	// Asked for with a window, and moved later: each time both ends must fit.
	d := day(t)
	d.RefusedToOpen("error.change.window", "peter", change.Kind, "request", "title", "x", "from", "2027-02-22T10:00", "to", "2027-02-22T08:00")
	ref := wish(d, "from", "2027-02-22T08:00", "to", "2027-02-22T10:00")
	d.Refused("error.change.window", "noor", ref, "assess", "from", "2027-02-22T12:00")
	if r := d.Does("noor", ref, "assess", "to", "2027-02-22T12:00"); r.Field("from") != "2027-02-22T07:00:00Z" || r.Field("until") != "2027-02-22T11:00:00Z" {
		t.Errorf("moved to %s until %s", r.Field("from"), r.Field("until"))
	}
	d.Refused("error.change.window", "noor", ref, "submit", append([]string{"to", "2027-02-22T07:00"}, ready...)...)
	ref = approved(d)
	d.Does("noor", ref, "schedule", "from", "2027-02-22T08:00", "to", "2027-02-22T10:00")
	before := d.See(ref).Visit
	if r := d.Does("noor", ref, "schedule", "from", "2027-02-23T08:00", "to", "2027-02-23T10:00", "implementer", "noor"); r.Visit != before || r.Field("from") != "2027-02-23T07:00:00Z" {
		t.Errorf("planned anew: visit %d after %d, from %s", r.Visit, before, r.Field("from"))
	}
}

func TestCarryingOut(t *testing.T) {
	for name, c := range map[string]struct {
		steps [][]string // by bram
		state w.State
	}{
		"by the book":              {[][]string{{"schedule", "from", "2027-02-22T08:00", "to", "2027-02-22T10:00"}, {"start"}, {"validate"}, {"complete", "result", "print"}, {"review"}, {"close"}}, change.Closed},
		"without a test":           {[][]string{{"start"}, {"complete"}, {"review", "lessons", "eerst meten"}}, change.Reviewed},
		"rolled back at once":      {[][]string{{"start"}, {"roll_back", "reason", "past niet"}}, change.RolledBack},
		"rolled back at the test":  {[][]string{{"start"}, {"validate"}, {"roll_back", "reason", "past niet"}}, change.RolledBack},
		"rolled back afterwards":   {[][]string{{"start"}, {"complete"}, {"roll_back", "reason", "past niet"}, {"review"}, {"close"}}, change.Closed},
		"postponed when scheduled": {[][]string{{"schedule", "from", "2027-02-22T08:00", "to", "2027-02-22T10:00"}, {"postpone", "reason", "examen"}}, change.Postponed},
	} {
		t.Run(name, func(t *testing.T) {
			d := day(t)
			ref := approved(d)
			for _, step := range c.steps {
				d.Does("bram", ref, w.Action(step[0]), step[1:]...)
			}
			if r := d.See(ref); r.State != c.state || r.Open() != (c.state != change.Closed) {
				t.Errorf("it is %s, open %v", r.State, r.Open())
			}
		})
	}
	d := day(t)
	ref := approved(d)
	d.Refused("error.closed", "bram", ref, "complete") // only routine skips the work in between
	if r := d.Does("bram", ref, "start"); r.Owner != "bram" {
		t.Errorf("who starts it does not own it: %q", r.Owner)
	}
	d.Refused("error.needs", "bram", ref, "roll_back")
	d.Does("bram", ref, "complete")
	d.Refused("error.change.review", "bram", ref, "close")
	rolled := approved(d)
	d.Does("bram", rolled, "start")
	d.Does("bram", rolled, "roll_back", "reason", "past niet")
	d.Refused("error.change.review", "bram", rolled, "close")

	routine := wish(d, "template", "account")
	d.Does("noor", routine, "complete", "result", "account gemaakt")
	if r := d.Does("noor", routine, "close"); r.State != change.Closed {
		t.Errorf("a standard change is %s", r.State)
	}
}
