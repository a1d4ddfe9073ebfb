package school_test

import (
	"slices"
	"testing"
	"time"

	"schoolbel/workflows"
	"schoolbel/workflows/school"
)

func keys(people []school.Person) []string {
	var list []string
	for _, p := range people {
		list = append(list, p.Key)
	}
	return list
}

func TestWhoIsThis(t *testing.T) {
	s := built()
	byAccount := func(adapter, user string) func() (school.Person, bool) {
		return func() (school.Person, bool) { return s.Account(adapter, user) }
	}
	byEmail := func(email string) func() (school.Person, bool) {
		return func() (school.Person, bool) { return s.ByEmail(email) }
	}
	for name, c := range map[string]struct {
		find func() (school.Person, bool)
		want string
	}{
		"her account":                   {byAccount("slack", "U0NOOR"), "noor"},
		"an account with a colon":       {byAccount("matrix", "@noor:localhost"), "noor"},
		"an account elsewhere":          {byAccount("teams", "U0NOOR"), ""},
		"an unknown account":            {byAccount("slack", "U0ANNA"), ""},
		"accounts are letter by letter": {byAccount("slack", "u0noor"), ""},
		"no account":                    {byAccount("slack", ""), ""}, // els left hers empty
		"no adapter":                    {byAccount("", "U0NOOR"), ""},
		"an e-mail address":             {byEmail("b.smit@delinde.example"), "bram"},
		"in capitals":                   {byEmail("B.SMIT@DELINDE.EXAMPLE"), "bram"},
		"written with capitals":         {byEmail("n.dewit@delinde.example"), "noor"},
		"with blanks":                   {byEmail(" b.smit@delinde.example\n"), "bram"},
		"an unknown address":            {byEmail("b.smit@elders.example"), ""},
		"half an address":               {byEmail("b.smit"), ""},
		"no address":                    {byEmail(""), ""}, // though the guest has none either
		"nothing but a blank":           {byEmail(" "), ""},
	} {
		if p, ok := c.find(); p.Key != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, %t", name, p.Key, ok)
		}
	}
	if p, ok := s.Person("els"); !ok || p.Email != "e.vandijk@delinde.example" {
		t.Errorf("els is %+v", p)
	}
	if p, ok := s.PersonOf("bram"); !ok || p.Accounts["slack"] != "U0BRAM" {
		t.Errorf("bram is %+v", p)
	}
	if p, ok := s.Person("niemand"); ok || p.Key != "" {
		t.Errorf("nobody is %+v", p)
	}
}

// Roles are a set: whoever wears two hats is one person, whichever is asked for.
func TestRolesAndTeams(t *testing.T) {
	s := built()
	for _, c := range []struct {
		roles []workflows.Role
		want  []string
	}{
		{[]workflows.Role{"agent"}, []string{"noor", "bram"}},
		{[]workflows.Role{"change_manager"}, []string{"bram"}},
		{[]workflows.Role{"agent", "change_manager", "agent"}, []string{"noor", "bram"}},
		{[]workflows.Role{"privacy_officer", "oncall"}, []string{"noor", "els"}},
		{[]workflows.Role{"director"}, nil},
		{nil, nil},
	} {
		if got := keys(s.WithRole(c.roles...)); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, not %v", c.roles, got, c.want)
		}
	}
	for team, want := range map[string][]string{"ict": {"noor", "bram"}, "beheer": {"bram"}, "cab": {"els"}, "crisis": nil, "": nil} {
		if got := keys(s.Members(team)); !slices.Equal(got, want) {
			t.Errorf("team %q: %v, not %v", team, got, want)
		}
	}
}

func TestThingsByName(t *testing.T) {
	s := built()
	if team, ok := s.Team("ict"); !ok || !slices.Equal(team.Room, []string{"slack:C0ICT"}) || !s.HasTeam("ict") {
		t.Errorf("team ict is %+v", team)
	}
	if l, ok := s.Location("zuid"); !ok || l.Key != "zuid" || !s.HasLocation("zuid") {
		t.Errorf("zuid is %+v", l)
	}
	if v, ok := s.ServiceOf("facet"); !ok || !slices.Equal(v.DependsOn, []string{"wifi"}) {
		t.Errorf("facet is %+v", v)
	}
	if v, ok := s.Supplier("netwijs"); !ok || v.Name != "Netwijs BV" {
		t.Errorf("netwijs is %+v", v)
	}
	if name, service, ok := s.StandardChange("account"); !ok || name != "Account aanmaken" || service != "sso" {
		t.Errorf("the standard change is %q for %q", name, service)
	}
	_, team := s.Team("west")
	_, location := s.Location("west")
	_, service := s.ServiceOf("west")
	_, supplier := s.Supplier("west")
	_, _, change := s.StandardChange("west")
	if team || location || service || supplier || change || s.HasTeam("west") || s.HasLocation("west") {
		t.Error("something is found that does not exist")
	}
}

func TestWhoseQueue(t *testing.T) {
	s := built()
	for service, want := range map[string]string{"wifi": "ict", "magister": "beheer", "sso": "ict", "fax": "ict", "": "ict"} {
		if got := s.TeamOf(service); got != want {
			t.Errorf("%q is in the queue of %q, not of %q", service, got, want)
		}
	}
	if got := school.New(school.School{}).TeamOf("wifi"); got != "" {
		t.Errorf("a school without teams has %q", got)
	}
}

func TestPriorities(t *testing.T) {
	s := built()
	for _, c := range []struct {
		impact, urgency workflows.Level
		want            workflows.Priority
	}{
		{workflows.Large, workflows.High, workflows.P1},
		{workflows.Large, workflows.Medium, workflows.P2},
		{workflows.Large, workflows.Low, workflows.P3},
		{workflows.Medium, workflows.High, workflows.P2},
		{workflows.Medium, workflows.Medium, workflows.P3},
		{workflows.Medium, workflows.Low, workflows.P4},
		{workflows.Small, workflows.High, workflows.P3},
		{workflows.Small, workflows.Medium, workflows.P4},
		{workflows.Small, workflows.Low, workflows.P4},
		{workflows.Unknown, workflows.High, ""},
		{workflows.Large, workflows.Unknown, ""},
		{"", "", ""},
		{workflows.High, workflows.Large, ""}, // turned round
	} {
		if got := s.PriorityOf(c.impact, c.urgency); got != c.want {
			t.Errorf("%s × %s is %q, not %q", c.impact, c.urgency, got, c.want)
		}
	}
	if got := school.New(school.School{}).PriorityOf(workflows.Large, workflows.High); got != "" {
		t.Errorf("without a matrix it is %q", got)
	}
	if got, want := s.TargetOf(workflows.P1), (workflows.Target{Respond: 15 * time.Minute, Resolve: 2 * time.Hour, Always: true}); got != want {
		t.Errorf("P1 promises %+v", got)
	}
	if got, want := s.TargetOf(workflows.P3), (workflows.Target{Respond: 4 * time.Hour, Resolve: 10 * time.Hour}); got != want {
		t.Errorf("P3 promises %+v", got)
	}
	if got := s.TargetOf(""); got != (workflows.Target{}) {
		t.Errorf("no priority promises %+v", got)
	}
	if many, within := s.MajorAfter(); many != 5 || within != 15*time.Minute {
		t.Errorf("major after %d within %s", many, within)
	}
}

func TestApproval(t *testing.T) {
	s := built()
	for change, want := range map[string]int{"normal": 3, "emergency": 1, "unheard-of": 1} {
		need := 0
		for _, step := range s.Approval(change).Steps {
			need += step.Need
		}
		if need != want {
			t.Errorf("%s needs %d, not %d", change, need, want)
		}
	}
}

// A School is never changed: the file that comes after makes another one.
func TestTwoSchoolsAreTwo(t *testing.T) {
	before := built()
	plan := linde()
	plan.People, plan.Services = plan.People[1:], plan.Services[1:]
	after := school.New(plan)
	if _, ok := before.Account("slack", "U0NOOR"); !ok {
		t.Error("the old school forgot noor")
	}
	if _, ok := after.Account("slack", "U0NOOR"); ok {
		t.Error("the new school still knows noor")
	}
	if p, _ := after.Person("bram"); p.Email != "b.smit@delinde.example" {
		t.Errorf("the new school takes %q for bram", p.Email)
	}
	if got := after.Dependents("internet"); !slices.Equal(got, []string{"internet"}) {
		t.Errorf("without wifi, internet still stops %v", got)
	}
}
