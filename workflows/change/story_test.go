package change_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"schoolbel/config"
	w "schoolbel/workflows"
	"schoolbel/workflows/change"
	"schoolbel/workflows/incident"
	"schoolbel/workflows/school"
	"schoolbel/workflows/task"
	"schoolbel/workflows/workflowstest"
)

// elsewhere begins a day at the example school as the test changes it.
func elsewhere(t *testing.T, start string, alter func(*school.School)) *workflowstest.Day {
	t.Helper()
	linde, err := config.School("")
	if err != nil {
		t.Fatal(err)
	}
	s := *linde
	s.Changes.Types = map[string]school.ChangeType{}
	for name, c := range linde.Changes.Types {
		s.Changes.Types[name] = c
	}
	s.People = slices.Clone(linde.People)
	alter(&s)
	return workflowstest.NewDay(t, school.New(s), start, change.Process, incident.Process, task.Process)
}

func date(t *testing.T, text string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	day, err := time.ParseInLocation("2006-01-02", text, zone)
	if err != nil {
		t.Fatal(err)
	}
	return day
}

// did tells at which moments of the school's clock something was done.
func did(d *workflowstest.Day, ref w.Ref, do w.Action) []string {
	log, _ := d.Log(context.Background(), ref)
	var at []string
	for _, e := range log {
		if e.Action == do {
			at = append(at, e.LoggedAt.In(d.Moment("2026-01-01 00:00").Location()).Format("Mon 2 Jan 15:04"))
		}
	}
	return at
}

// Two steps: first ICT's own change manager, then the board. Who is of the second
// waits for the first, unless the school lets them go side by side.
func TestSteps(t *testing.T) {
	steps := func(order string) func(*school.School) {
		return func(s *school.School) {
			s.Changes.Types["normal"] = school.ChangeType{Order: order, Approve: []w.Quorum{
				{Roles: []w.Role{"change_manager"}, Need: 1}, {Roles: []w.Role{"cab"}, Need: 1},
			}}
		}
	}
	d := elsewhere(t, "2026-11-24 09:00", steps(""))
	ref := awaiting(d)
	d.Refused("error.change.turn", "karim", ref, "approve")
	if r := d.Does("bram", ref, "approve"); r.State != change.Awaiting {
		t.Errorf("one step of two makes it %s", r.State)
	}
	if r := d.Does("karim", ref, "approve"); r.State != change.Approved {
		t.Errorf("both steps make it %s", r.State)
	}
	d = elsewhere(t, "2026-11-24 09:00", steps("parallel"))
	ref = awaiting(d)
	d.Does("karim", ref, "approve")
	d.Does("els", ref, "approve") // the same step: it still lacks the other
	if r := d.See(ref); r.State != change.Awaiting {
		t.Errorf("two of one step make it %s", r.State)
	}
	if r := d.Does("bram", ref, "approve"); r.State != change.Approved {
		t.Errorf("both steps make it %s", r.State)
	}
}

// While Els is away Bram votes for her, and not once more for himself.
func TestStandIns(t *testing.T) {
	away := func(s *school.School) {
		s.Changes.StandIns = []school.StandIn{
			{For: "els", By: "bram", From: date(t, "2026-11-24"), Until: date(t, "2026-11-25")},
			{For: "karim", By: "mieke", From: date(t, "2026-11-24"), Until: date(t, "2026-11-25")},
		}
	}
	d := elsewhere(t, "2026-11-23 09:00", away)
	ref := awaiting(d)
	d.Refused("error.denied", "bram", ref, "approve") // she is still here
	d.Until("2026-11-24 09:00")
	r := d.Does("bram", ref, "approve")
	if r.Field("votes") != "bram/els=approve@2026-11-24T08:00:00Z" {
		t.Errorf("the vote is %q", r.Field("votes"))
	}
	if again := d.Does("bram", ref, "approve"); again.Version != r.Version {
		t.Error("bram voted twice")
	}
	if r := d.Does("els", ref, "approve"); r.State != change.Awaiting { // her own word is the same right
		t.Errorf("els and who stands in for her make it %s", r.State)
	}
	d.Until("2026-11-26 09:00")
	d.Refused("error.denied", "bram", ref, "reject", "reason", "toch niet") // she is back
	if r := d.Does("karim", ref, "approve"); r.State != change.Approved {
		t.Errorf("with karim it is %s", r.State)
	}
	// Who acts for the requester, or the implementer, has no say either.
	d = elsewhere(t, "2026-11-24 09:00", away)
	own := d.Opens("els", change.Kind, "request", "title", "nieuwe switch")
	d.Does("noor", own, "submit", ready...)
	d.Refused("error.change.own", "bram", own, "approve")
	other := wish(d)
	d.Does("noor", other, "submit", append([]string{"implementer", "karim"}, ready...)...)
	d.Refused("error.change.own", "mieke", other, "approve")
	// A stand-in whose turn is over by the decision gave a vote that stands.
	d = elsewhere(t, "2026-11-24 09:00", away)
	ref = awaiting(d)
	d.Does("bram", ref, "approve")
	d.Does("mieke", ref, "approve")
	if r := d.See(ref); r.State != change.Approved {
		t.Errorf("two stand-ins make it %s", r.State)
	}
}

// Reminded halfway, in service hours; then the owner of the process hears of it.
func TestTheTimeToDecide(t *testing.T) {
	d := elsewhere(t, "2026-11-24 09:00", func(*school.School) {}) // 72 hours
	ref := awaiting(d)
	d.Until("2026-11-30 09:00")
	if got := did(d, ref, "remind"); !slices.Equal(got, []string{"Thu 26 Nov 07:30"}) { // 36 hours later is Wednesday 21:00
		t.Errorf("reminded at %v", got)
	}
	if got := did(d, ref, "overdue"); !slices.Equal(got, []string{"Fri 27 Nov 09:00"}) {
		t.Errorf("given up at %v", got)
	}
	d.Does("noor", ref, "postpone", "reason", "niemand kijkt")
	d.Does("noor", ref, "submit")
	d.Until("2026-12-10 09:00")
	if got := did(d, ref, "remind"); len(got) != 2 {
		t.Errorf("laid before them anew, they are reminded at %v", got)
	}
	decided := approved(d)
	d.Until("2026-12-18 09:00")
	if got := append(did(d, decided, "remind"), did(d, decided, "overdue")...); len(got) > 0 {
		t.Errorf("what is decided reminds at %v", got)
	}
}

// Too few people can decide: it is seen at once, and again when somebody leaves.
func TestTooFewPeople(t *testing.T) {
	d := elsewhere(t, "2026-11-24 09:00", func(*school.School) {})
	own := d.Opens("els", change.Kind, "request", "title", "nieuwe switch")
	if r := d.Does("noor", own, "submit", ready...); r.State != change.Awaiting || r.Field("unreachable") != "yes" {
		t.Errorf("with karim alone it is %s, unreachable %q", r.State, r.Field("unreachable"))
	}
	if r := d.See(awaiting(d)); r.Field("unreachable") != "" {
		t.Error("with the whole board it cannot be reached")
	}
	// Bram is the only change manager of a school without a crisis lead.
	d = elsewhere(t, "2026-11-24 03:00", func(s *school.School) {
		s.Changes.Types["emergency"] = school.ChangeType{Approve: []w.Quorum{{Roles: []w.Role{"change_manager"}, Need: 1}}}
	})
	alone := d.Opens("bram", change.Kind, "request", "title", "certificaat", "type", "emergency")
	d.Refused("error.change.own", "bram", alone, "approve")
	if r := d.Does("noor", alone, "submit"); r.Field("unreachable") != "yes" {
		t.Error("nobody saw that nobody can decide")
	}
}

// An emergency at night: one decision, before anybody filled in anything; then the
// record must be completed and looked back on, and somebody keeps asking.
func TestAnEmergencyAtNight(t *testing.T) {
	d := elsewhere(t, "2026-11-24 03:00", func(*school.School) {})
	ref := d.Opens("noor", change.Kind, "request", "title", "certificaat vervangen", "type", "emergency", "service", "sso")
	d.Refused("error.denied", "karim", ref, "approve") // the board is not asked
	if r := d.Does("bram", ref, "approve"); r.State != change.Approved || r.Field("approved_at") != "2026-11-24T02:00:00Z" {
		t.Errorf("decided it is %s at %q", r.State, r.Field("approved_at"))
	}
	d.Refused("error.change.apart", "bram", ref, "start")
	d.Does("noor", ref, "start")
	d.Does("noor", ref, "complete", "result", "nieuw certificaat staat erop")
	d.Until("2026-12-01 09:00") // 120 hours
	if got := did(d, ref, "chase"); !slices.Equal(got, []string{"Thu 26 Nov 15:00", "Mon 30 Nov 07:30"}) {
		t.Errorf("reminded at %v", got)
	}
	d.Refused("error.needs", "noor", ref, "review")
	d.Does("noor", ref, "assess", "reason", "het oude verliep", "risk", "high")
	if r := d.Does("noor", ref, "review", "plan", "vervangen", "rollback_plan", "het oude", "lessons", "eerder kijken"); r.State != change.Reviewed {
		t.Errorf("looked back on it is %s", r.State)
	}
	d.Does("noor", ref, "close")
	// Nobody decides: they are asked again after a quarter of an hour, at any hour.
	lonely := d.Opens("noor", change.Kind, "request", "title", "firewall dicht", "type", "emergency")
	d.After(2 * time.Hour)
	if got := append(did(d, lonely, "remind"), did(d, lonely, "overdue")...); !slices.Equal(got, []string{"Tue 1 Dec 09:15", "Tue 1 Dec 10:00"}) {
		t.Errorf("nobody decided, and they hear at %v", got)
	}
	// What the board agreed to stays as it was.
	normal := approved(d)
	d.Refused("error.closed", "noor", normal, "assess", "plan", "iets heel anders")
}

// In a closed week nothing changes, unless somebody with the hat for it says so.
func TestAFreezeWeek(t *testing.T) {
	d := elsewhere(t, "2026-11-24 09:00", func(*school.School) {})
	week := []string{"from", "2027-01-19T16:00", "to", "2027-01-19T18:00"} // Toetsweek periode 2
	ref := approved(d)
	no := d.Refused("error.change.closed", "noor", ref, "schedule", week...)
	if no.Args[0] != "Toetsweek periode 2" {
		t.Errorf("refused for %v", no.Args)
	}
	d.Refused("error.denied", "bram", ref, "overrule", append([]string{"reason", "moet"}, week...)...)
	d.Refused("error.needs", "joost", ref, "overrule", week...)
	d.Refused("error.change.nothing_closed", "joost", ref, "overrule", "reason", "moet")
	d.Does("joost", ref, "overrule", append([]string{"reason", "de leverancier kan alleen dan"}, week...)...)
	if r := d.Does("noor", ref, "schedule", week...); r.State != change.Scheduled || r.Field("conflicts") != "freeze Toetsweek periode 2" {
		t.Errorf("let through it is %s, conflicts %q", r.State, r.Field("conflicts"))
	}
	d.Refused("error.change.closed", "noor", ref, "schedule", "from", "2027-05-10T16:00", "to", "2027-05-10T18:00") // the exams are another matter
	// A normal change asks for no decision on such a window; an emergency does.
	late := wish(d)
	d.Refused("error.change.closed", "noor", late, "submit", append(slices.Clone(ready), week...)...)
	urgent := d.Opens("noor", change.Kind, "request", append([]string{"title", "lek dichten", "type", "emergency"}, week...)...)
	if r := d.Does("bram", urgent, "approve"); r.State != change.Approved {
		t.Errorf("an emergency is %s", r.State)
	}
	if r := d.Does("noor", urgent, "schedule", week...); r.State != change.Scheduled {
		t.Errorf("an emergency is %s", r.State)
	}
	own := d.Opens("joost", change.Kind, "request", "title", "mijn wens")
	d.Refused("error.change.own", "joost", own, "overrule", append([]string{"reason", "omdat ik het wil"}, week...)...)
}

// What stands in the way of a window is found when it is chosen, and goes when the
// window moves.
func TestConflicts(t *testing.T) {
	d := elsewhere(t, "2026-11-24 09:00", func(s *school.School) {
		s.Maintenance = []school.Maintenance{{Services: []string{"internet"}, Days: []time.Weekday{time.Tuesday, time.Thursday}, From: 18 * 60, To: 2 * 60}}
	})
	at := func(day, from, to string) []string {
		return []string{"from", day + "T" + from, "to", day + "T" + to}
	}
	scheduled := func(service string, window []string, more ...string) w.Ref {
		ref := wish(d, "service", service)
		d.Does("noor", ref, "submit", ready...)
		d.Does("karim", ref, "approve")
		d.Does("els", ref, "approve")
		d.Does("noor", ref, "schedule", append(window, more...)...)
		return ref
	}
	first := scheduled("internet", at("2026-12-08", "19:00", "21:00"), "implementer", "noor")
	if c := d.See(first).Field("conflicts"); c != "" {
		t.Errorf("alone it meets %q", c)
	}
	for name, c := range map[string]struct {
		service string
		window  []string
		worker  string
		want    string
	}{
		"the same service":                 {"internet", at("2026-12-08", "20:00", "22:00"), "sanne", "change " + first.String()},
		"one that depends on it":           {"wifi", at("2026-12-08", "20:00", "22:00"), "sanne", "change " + first.String()},
		"one that has nothing to do":       {"printen", at("2026-12-08", "20:00", "22:00"), "sanne", ""},
		"the same person, another service": {"printen", at("2026-12-08", "20:00", "22:00"), "noor", "busy " + first.String()},
		"right after it":                   {"internet", at("2026-12-08", "21:00", "22:00"), "sanne", ""},
		"outside the hours for work":       {"internet", at("2026-12-09", "19:00", "21:00"), "sanne", "hours internet"},
		"over midnight, within them":       {"internet", []string{"from", "2026-12-10T23:00", "to", "2026-12-11T01:30"}, "sanne", ""},
		"too long over midnight":           {"internet", []string{"from", "2026-12-10T23:00", "to", "2026-12-11T03:00"}, "sanne", "hours internet"},
		"at another day":                   {"internet", at("2026-12-15", "19:00", "21:00"), "noor", ""},
	} {
		ref := wish(d, "service", c.service)
		r := d.Does("noor", ref, "assess", append(c.window, "implementer", c.worker)...)
		if r.Field("conflicts") != c.want {
			t.Errorf("%s: it meets %q, not %q", name, r.Field("conflicts"), c.want)
		}
		if c.want == "" {
			d.Does("noor", ref, "withdraw", "reason", "klaar")
			continue
		}
		if r := d.Does("noor", ref, "assess", at("2027-02-02", "19:00", "21:00")...); r.Field("conflicts") != "" {
			t.Errorf("%s: moved, it still meets %q", name, r.Field("conflicts"))
		}
		d.Does("noor", ref, "withdraw", "reason", "klaar")
	}
	// What comes up while people decide is there for who decides next.
	waits := wish(d, "service", "internet")
	d.Does("noor", waits, "submit", append(at("2026-12-08", "18:00", "19:00"), ready...)...)
	d.Does("noor", first, "schedule", at("2026-12-08", "18:30", "20:00")...)
	if r := d.Does("karim", waits, "approve"); r.Field("conflicts") != "change "+first.String() {
		t.Errorf("meanwhile it meets %q", r.Field("conflicts"))
	}
	d.Opens("anna", incident.Kind, "report", "title", "internet plat", "service", "internet", "impact", "large", "urgency", "high")
	ref := wish(d, "service", "wifi")
	if r := d.Does("noor", ref, "assess", at("2026-12-15", "19:00", "21:00")...); !strings.HasPrefix(r.Field("conflicts"), "incident INC-") {
		t.Errorf("in the middle of an outage it meets %q", r.Field("conflicts"))
	}
}

// Those who notice are told beforehand, at each of the school's moments, and again
// when it moves; the window's end asks after work that is not done.
func TestNoticesAndTheEndOfTheWindow(t *testing.T) {
	d := elsewhere(t, "2026-11-24 09:00", func(s *school.School) { s.Changes.TellBefore = []time.Duration{72 * time.Hour, 24 * time.Hour} })
	ref := wish(d, "service", "wifi", "location", "noord")
	d.Does("noor", ref, "submit", ready...)
	d.Does("karim", ref, "approve")
	d.Does("els", ref, "approve")
	d.Does("noor", ref, "schedule", "from", "2026-12-01T16:00", "to", "2026-12-01T18:00")
	d.Until("2026-11-30 09:00")
	if got := did(d, ref, "notice"); !slices.Equal(got, []string{"Sat 28 Nov 16:00"}) || d.See(ref).Field("told") != "slack:C0NOORD" {
		t.Errorf("told at %v: %q", got, d.See(ref).Field("told"))
	}
	d.Does("noor", ref, "schedule", "from", "2026-12-08T16:00", "to", "2026-12-08T18:00")
	d.Until("2026-12-08 20:00")
	if got := did(d, ref, "notice"); !slices.Equal(got, []string{"Sat 28 Nov 16:00", "Sat 5 Dec 16:00", "Mon 7 Dec 16:00"}) {
		t.Errorf("told at %v", got)
	}
	if got := did(d, ref, "late"); !slices.Equal(got, []string{"Tue 8 Dec 18:00"}) {
		t.Errorf("asked after at %v", got)
	}
	d.Does("noor", ref, "start")
	if r := d.Does("noor", ref, "complete"); r.Field("started_at") == "" || r.Field("ended_at") == "" {
		t.Errorf("done from %q to %q", r.Field("started_at"), r.Field("ended_at"))
	}
	// One notice stands for all that are due, and nobody hears of what goes unnoticed.
	soon := wish(d, "service", "wifi", "location", "noord")
	d.Does("noor", soon, "submit", ready...)
	d.Does("karim", soon, "approve")
	d.Does("els", soon, "approve")
	d.Does("noor", soon, "schedule", "from", "2026-12-09T08:00", "to", "2026-12-09T09:00")
	d.After(time.Minute)
	if got := did(d, soon, "notice"); len(got) != 1 {
		t.Errorf("at short notice they are told at %v", got)
	}
	if r := d.Does("noor", soon, "postpone", "reason", "ziek"); r.Field("told") != "" {
		t.Errorf("called off, %q still expect it", r.Field("told"))
	}
	for name, args := range map[string][]string{"unnoticed": {"outage", "no"}, "of no service": nil} {
		quiet := approved(d)
		if name == "unnoticed" {
			quiet = wish(d, "service", "wifi")
			d.Does("noor", quiet, "submit", ready...)
			d.Does("karim", quiet, "approve")
			d.Does("els", quiet, "approve")
		}
		d.Does("noor", quiet, "schedule", append([]string{"from", "2026-12-15T08:00", "to", "2026-12-15T09:00"}, args...)...)
		d.After(7 * 24 * time.Hour)
		if got := did(d, quiet, "notice"); len(got) > 0 {
			t.Errorf("%s, and told at %v", name, got)
		}
	}
}

// A high risk is agreed to on a page of one's own, where the school wants that.
func TestAPageForWhatIsRisky(t *testing.T) {
	d := elsewhere(t, "2026-11-24 09:00", func(s *school.School) { s.Changes.Confirm = "browser" })
	ref := wish(d)
	d.Does("noor", ref, "submit", "reason", "x", "risk", "high", "plan", "x", "rollback_plan", "x")
	d.Refused("error.change.page", "karim", ref, "approve")
	for _, who := range []string{"karim", "els"} {
		if _, err := d.Engine.Do(t.Context(), w.Command{ID: "page:" + who, Actor: d.Actor(who), Ref: ref, Action: "approve", Paged: true}); err != nil {
			t.Fatal(err)
		}
	}
	if r := d.See(ref); r.State != change.Approved || r.Field("votes") != "karim=approve! els=approve!" {
		t.Errorf("on their pages: %s, %q", r.State, r.Field("votes"))
	}
	low := awaiting(d)
	d.Does("karim", low, "approve") // of a low risk a button is enough
}

// Who was named to test says whether it works.
func TestWhoTests(t *testing.T) {
	d := elsewhere(t, "2026-11-24 09:00", func(*school.School) {})
	ref := approved(d)
	d.Does("noor", ref, "schedule", "from", "2026-12-01T16:00", "to", "2026-12-01T18:00", "tester", "anna")
	d.Does("noor", ref, "start")
	d.Refused("error.denied", "anna", ref, "complete") // there is nothing to test yet
	d.Does("noor", ref, "validate")
	d.Refused("error.change.tester", "noor", ref, "complete")
	d.Refused("error.denied", "peter", ref, "complete")
	if r := d.Does("anna", ref, "complete", "result", "ik kan weer printen"); r.State != change.Implemented {
		t.Errorf("tested it is %s", r.State)
	}
	ref = approved(d)
	d.Does("noor", ref, "start")
	d.Does("noor", ref, "validate", "tester", "anna")
	d.Does("noor", ref, "validate", "tester", "peter") // anna is ill
	d.Refused("error.denied", "anna", ref, "roll_back", "reason", "werkt niet")
	if r := d.Does("peter", ref, "roll_back", "reason", "werkt niet"); r.State != change.RolledBack {
		t.Errorf("tested it is %s", r.State)
	}
}

// Who agreed to it does not carry it out, neither do they plan it for themselves.
func TestWhoDecidesDoesNotDo(t *testing.T) {
	d := elsewhere(t, "2026-11-24 09:00", func(s *school.School) {
		s.Changes.Types["normal"] = school.ChangeType{Approve: []w.Quorum{{Roles: []w.Role{"change_manager"}, Need: 1}}}
	})
	ref := awaiting(d)
	d.Does("bram", ref, "approve")
	window := []string{"from", "2026-12-01T16:00", "to", "2026-12-01T18:00"}
	d.Refused("error.change.apart", "noor", ref, "schedule", append([]string{"implementer", "bram"}, window...)...)
	d.Does("noor", ref, "schedule", append([]string{"implementer", "noor"}, window...)...)
	d.Refused("error.change.apart", "bram", ref, "start")
	d.Does("noor", ref, "start")
}
