package school_test

import (
	"slices"
	"testing"
	"time"

	"schoolbel/workflows"
	"schoolbel/workflows/school"
)

// both days of a stand-in count whole, and so do those of a closed period.
func TestStandIns(t *testing.T) {
	plan := linde()
	zone := plan.Organisation.Zone
	plan.Changes.StandIns = []school.StandIn{{For: "els", By: "bram", From: time.Date(2026, 12, 1, 0, 0, 0, 0, zone), Until: time.Date(2026, 12, 2, 0, 0, 0, 0, zone)}}
	s := school.New(plan)
	for at, want := range map[time.Time]bool{
		time.Date(2026, 11, 30, 23, 59, 59, 0, zone): false, time.Date(2026, 12, 1, 0, 0, 0, 0, zone): true,
		time.Date(2026, 12, 2, 23, 59, 59, 0, zone): true, time.Date(2026, 12, 3, 0, 0, 0, 0, zone): false,
	} {
		if got := slices.Contains(s.ActsFor("bram", at), "els"); got != want {
			t.Errorf("at %s bram stands in: %v", at, got)
		}
	}
	if got := s.ActsFor("els", time.Date(2026, 12, 1, 12, 0, 0, 0, zone)); len(got) > 0 {
		t.Errorf("els stands in for %v", got)
	}
}

func TestHoursForWork(t *testing.T) {
	plan := linde()
	zone := plan.Organisation.Zone
	plan.Maintenance = []school.Maintenance{
		{Services: []string{"wifi"}, Days: []time.Weekday{time.Saturday}, From: 22 * 60, To: 4 * 60},
		{Services: []string{"internet"}, Days: []time.Weekday{time.Tuesday}, From: 18 * 60, To: 23 * 60},
	}
	s := school.New(plan)
	at := func(month time.Month, day, hour int) time.Time {
		return time.Date(2026, month, day, hour, 0, 0, 0, zone)
	}
	for name, c := range map[string]struct {
		service  string
		from, to time.Time
		want     bool
	}{
		"on the day":             {"internet", at(12, 1, 18), at(12, 1, 23), true},
		"too early":              {"internet", at(12, 1, 17), at(12, 1, 20), false},
		"another day":            {"internet", at(12, 2, 18), at(12, 2, 20), false},
		"the night summer ends":  {"wifi", at(10, 24, 23), at(10, 25, 4), true},
		"longer than that night": {"wifi", at(10, 24, 23), at(10, 25, 5), false},
		"the small hours alone":  {"wifi", at(10, 25, 1), at(10, 25, 3), true},
		"the night before it":    {"wifi", at(10, 24, 1), at(10, 24, 3), false},
		"a service without any":  {"magister", at(12, 2, 9), at(12, 2, 10), true},
	} {
		if got := s.MayWork(c.service, c.from, c.to); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// What a window touches: closed periods to their last minute, and lessons.
func TestWhatAWindowTouches(t *testing.T) {
	plan := linde()
	zone := plan.Organisation.Zone
	plan.Calendar = []workflows.Period{
		{Kind: "freeze", Name: "Toetsweek", From: time.Date(2027, 1, 18, 0, 0, 0, 0, zone), To: time.Date(2027, 1, 22, 0, 0, 0, 0, zone)},
		{Kind: "holiday", Name: "Kerst", From: time.Date(2026, 12, 19, 0, 0, 0, 0, zone), To: time.Date(2027, 1, 3, 0, 0, 0, 0, zone)},
	}
	s := school.New(plan)
	at := func(day, hour int) time.Time { return time.Date(2027, 1, day, hour, 0, 0, 0, zone) }
	for from, want := range map[time.Time]int{at(17, 22): 0, at(17, 23): 1, at(22, 23): 1, at(23, 0): 0} {
		if got := s.ClosedPeriods(from, from.Add(2*time.Hour)); len(got) != want {
			t.Errorf("from %s: %v", from, got)
		}
	}
	if !s.TaughtDuring(at(12, 9), at(12, 10)) || s.TaughtDuring(at(12, 20), at(12, 22)) || s.TaughtDuring(at(2, 9), at(2, 10)) {
		t.Error("lessons are not told from evenings and holidays")
	}
}
