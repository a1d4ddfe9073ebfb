package school_test

import (
	"testing"
	"time"
	_ "time/tzdata" // a machine without zones must not turn these tests off

	"pgregory.net/rapid"

	"schoolbel/workflows"
	"schoolbel/workflows/school"
)

var amsterdam = zone("Europe/Amsterdam")

func zone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

// on reads a wall-clock time in Amsterdam. The hour that comes twice in autumn
// is told by its offset: "2026-10-25 02:30 +0200" is the first one.
func on(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04 -0700", s)
	if err != nil {
		t, err = time.ParseInLocation("2006-01-02 15:04", s, amsterdam)
	}
	if err != nil {
		panic(err)
	}
	return t
}

// day is midnight in Amsterdam, as a period begins and ends with.
func day(s string) time.Time { return on(s + " 00:00") }

var workdays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}

// linde is a small school, built by hand, for this room reads no files.
// It is a value: a test may change it before New.
func linde() school.School {
	service := func(key, owner string, locations []string, needs ...string) school.Service {
		return school.Service{Service: workflows.Service{Key: key, Name: key, Owner: owner, DependsOn: needs, Locations: locations}}
	}
	person := func(key, email string, roles []workflows.Role, teams []string, accounts map[string]string) school.Person {
		return school.Person{Person: workflows.Person{Key: key, Email: email, Roles: roles, Teams: teams}, Accounts: accounts}
	}
	return school.School{
		Organisation: school.Organisation{Zone: amsterdam, Hours: school.Hours{Days: workdays, From: 7*60 + 30, To: 17*60 + 30}},
		Locations:    []school.Location{{Key: "noord"}, {Key: "zuid"}, {Key: "centrum"}},
		Suppliers:    []school.Supplier{{Key: "netwijs", Name: "Netwijs BV"}},
		Services: []school.Service{
			service("wifi", "ict", []string{"noord", "zuid"}, "internet"), // stands before what it needs
			service("internet", "ict", []string{"noord", "zuid"}),
			service("facet", "ict", []string{"centrum"}, "wifi"),
			service("magister", "beheer", nil, "sso"), // used everywhere
			service("sso", "", []string{"zuid"}),
			service("printen", "ict", []string{"zuid"}),
		},
		People: []school.Person{
			person("noor", "N.deWit@delinde.example", []workflows.Role{"agent", "oncall"}, []string{"ict"}, map[string]string{"slack": "U0NOOR", "matrix": "@noor:localhost"}),
			person("bram", "b.smit@delinde.example", []workflows.Role{"change_manager", "agent"}, []string{"ict", "beheer"}, map[string]string{"slack": "U0BRAM"}),
			person("els", "e.vandijk@delinde.example", []workflows.Role{"cab", "privacy_officer"}, []string{"cab"}, map[string]string{"slack": ""}),
			person("gast", "", nil, nil, nil),
		},
		Teams: []school.Team{{Key: "ict", Room: []string{"slack:C0ICT"}}, {Key: "beheer"}, {Key: "cab"}},
		Audiences: []school.Audience{
			{Key: "noord", Locations: []string{"noord"}, Places: []string{"slack:C0NOORD"}},
			{Key: "zuid", Locations: []string{"zuid"}, Places: []string{"slack:C0ZUID", "slack:C0HAL"}},
			{Key: "centrum", Locations: []string{"centrum"}, Places: []string{"slack:C0CENTRUM"}},
			{Key: "hal", Locations: []string{"noord", "zuid"}, Places: []string{"slack:C0HAL"}},
		},
		Priorities: school.Priorities{
			Matrix: map[workflows.Level]map[workflows.Level]workflows.Priority{
				"large":  {"high": "P1", "medium": "P2", "low": "P3"},
				"medium": {"high": "P2", "medium": "P3", "low": "P4"},
				"small":  {"high": "P3", "medium": "P4", "low": "P4"},
			},
			Targets: map[workflows.Priority]workflows.Target{
				"P1": {Respond: 15 * time.Minute, Resolve: 2 * time.Hour, Always: true},
				"P3": {Respond: 4 * time.Hour, Resolve: 10 * time.Hour},
			},
			MajorAfter: 5, MajorWithin: 15 * time.Minute,
		},
		OnCall: []school.Rota{{
			Key: "ict", Zone: amsterdam,
			Layers:    []school.Layer{{Rotation: "weekly", Day: time.Monday, At: 8 * 60, Start: day("2026-08-31"), Members: []string{"noor", "bram", "sanne"}}},
			Overrides: []school.Override{{From: on("2026-12-24 08:00"), To: on("2026-12-27 08:00"), Person: "els"}},
		}},
		Changes: school.Changes{
			Types: map[string]school.ChangeType{
				"normal":    {Approve: []workflows.Quorum{{Roles: []workflows.Role{"cab"}, Need: 2}, {Roles: []workflows.Role{"director"}, Need: 1}}},
				"emergency": {Approve: []workflows.Quorum{{Roles: []workflows.Role{"change_manager"}, Need: 1}}},
			},
			Standard: []school.StandardChange{{Key: "account", Name: "Account aanmaken", Service: "sso"}},
		},
		Calendar: []school.Period{
			{Kind: "exam", Name: "Centraal examen", From: day("2027-05-06"), To: day("2027-05-24")},
			{Kind: "holiday", Name: "Kerstvakantie", From: day("2026-12-19"), To: day("2027-01-03")},
			{Kind: "holiday", Name: "Paasweekend", From: day("2027-03-26"), To: day("2027-03-28")},
			{Kind: "holiday", Name: "Studiedag", From: day("2026-11-11"), To: day("2026-11-11")},
			{Kind: "freeze", Name: "Toetsweek", From: day("2027-01-18"), To: day("2027-01-22")},
		},
	}
}

func built() *school.School {
	return school.New(linde())
}

// moments draws a moment of the school year, half of them around a change of
// the clocks or the edge of a holiday, where mistakes live.
func moments(t *rapid.T, label string) time.Time {
	edges := []time.Time{
		day("2026-10-25"), day("2027-03-28"), on("2026-10-23 17:30"), on("2027-03-29 07:30"),
		day("2026-12-19"), day("2027-01-04"), on("2026-12-18 17:30"), on("2026-12-24 08:00"), on("2026-12-27 08:00"), day("2027-03-26"),
	}
	if rapid.Bool().Draw(t, label+" at an edge") {
		edge := rapid.SampledFrom(edges).Draw(t, label+" edge")
		return edge.Add(rapid.SampledFrom([]time.Duration{-time.Nanosecond, 0, time.Nanosecond}).Draw(t, label+" beside it")).
			Add(time.Duration(rapid.IntRange(-72, 72).Draw(t, label+" half hours off")) * 30 * time.Minute)
	}
	return day("2026-08-01").Add(time.Duration(rapid.Int64Range(0, int64(300*24*time.Hour)).Draw(t, label)))
}

// spans draws a length of time up to three months of service hours, often a round one.
func spans(t *rapid.T, label string) time.Duration {
	if rapid.Bool().Draw(t, label+" is round") {
		return time.Duration(rapid.IntRange(0, 1200).Draw(t, label+" half hours")) * 30 * time.Minute
	}
	return time.Duration(rapid.Int64Range(0, int64(600*time.Hour)).Draw(t, label))
}

// fits compares moments, whatever zone they are told in.
func fits(t *testing.T, what string, got, want time.Time) {
	t.Helper()
	if !got.Equal(want) {
		t.Errorf("%s: %s, not %s", what, got.In(amsterdam).Format(time.RFC3339Nano), want.In(amsterdam).Format(time.RFC3339Nano))
	}
}
