package school_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"schoolbel/workflows/school"
)

func TestAPromiseIsCountedInServiceHours(t *testing.T) {
	s := built()
	for _, c := range []struct {
		name, from string
		promise    time.Duration
		due        string
	}{
		{"within a day", "2026-09-01 09:00", 4 * time.Hour, "2026-09-01 13:00"},
		{"before school opens", "2026-09-01 06:00", 30 * time.Minute, "2026-09-01 08:00"},
		{"after school closes", "2026-09-01 20:00", 30 * time.Minute, "2026-09-02 08:00"},
		{"over the night", "2026-09-01 16:30", 4 * time.Hour, "2026-09-02 10:30"},
		{"over the weekend", "2026-09-04 16:30", 2 * time.Hour, "2026-09-07 08:30"},
		{"on a Saturday", "2026-09-05 12:00", time.Hour, "2026-09-07 08:30"},
		{"to the stroke of closing", "2026-09-04 16:30", time.Hour, "2026-09-04 17:30"},
		{"a whole day", "2026-09-01 07:30", 10 * time.Hour, "2026-09-01 17:30"},
		{"from the stroke of closing", "2026-09-01 17:30", time.Hour, "2026-09-02 08:30"},
		{"nothing left, school open", "2026-09-01 09:00", 0, "2026-09-01 09:00"},
		{"nothing left, school closed", "2026-09-05 12:00", 0, "2026-09-07 07:30"},
		{"nothing left, at closing", "2026-09-04 17:30", 0, "2026-09-04 17:30"},
		{"over Christmas", "2026-12-18 17:00", time.Hour, "2027-01-04 08:00"},
		{"in the holiday", "2026-12-24 10:00", time.Hour, "2027-01-04 08:30"},
		{"over Easter and the summer-time Sunday", "2027-03-25 17:00", time.Hour, "2027-03-29 08:00"},
		{"over the winter-time Sunday", "2026-10-23 17:00", 11 * time.Hour, "2026-10-27 08:00"},
		{"a test week is no holiday", "2027-01-19 09:00", time.Hour, "2027-01-19 10:00"},
	} {
		fits(t, c.name, s.Due(on(c.from), c.promise, false), on(c.due))
		fits(t, c.name+", as UTC", s.Due(on(c.from).UTC(), c.promise, false), on(c.due))
	}
}

func TestAP1RunsDayAndNight(t *testing.T) {
	s := built()
	rapid.Check(t, func(t *rapid.T) {
		from, d := moments(t, "from"), spans(t, "promise")
		if due := s.Due(from, d, true); !due.Equal(from.Add(d)) {
			t.Errorf("due %s", due)
		}
		if got := s.Between(from, from.Add(d), true); got != d {
			t.Errorf("%s passed, not %s", got, d)
		}
	})
}

// A school that is open at night: that day has an hour more, or an hour less.
func TestANightOfTheClockChangeIsLongerOrShorter(t *testing.T) {
	plan := linde()
	plan.Organisation.Hours = school.Hours{Days: []time.Weekday{time.Sunday}, From: 0, To: 6 * 60}
	plan.Calendar = nil
	s := school.New(plan)
	for _, c := range []struct {
		day  string
		open time.Duration
	}{{"2026-10-18", 6 * time.Hour}, {"2026-10-25", 7 * time.Hour}, {"2027-03-21", 6 * time.Hour}, {"2027-03-28", 5 * time.Hour}} {
		if got := s.Between(day(c.day), on(c.day+" 23:00"), false); got != c.open {
			t.Errorf("%s: open for %s, not %s", c.day, got, c.open)
		}
		fits(t, c.day, s.Due(day(c.day), c.open, false), on(c.day+" 06:00"))
	}
	fits(t, "two hours before the change", s.Due(on("2026-10-25 01:30"), 2*time.Hour, false), on("2026-10-25 02:30 +0100"))
	fits(t, "one hour before it", s.Due(on("2026-10-25 01:30"), time.Hour, false), on("2026-10-25 02:30 +0200"))
	fits(t, "into summer time", s.Due(on("2027-03-28 01:30"), time.Hour, false), on("2027-03-28 03:30"))
}

func TestDoorsOpenAndClose(t *testing.T) {
	s := built()
	for when, open := range map[string]bool{
		"2026-09-01 07:29": false, "2026-09-01 07:30": true, "2026-09-01 17:29": true, "2026-09-01 17:30": false,
		"2026-09-05 12:00": false, "2026-12-18 12:00": true, "2026-12-21 12:00": false, "2027-01-04 07:30": true,
		"2026-10-26 07:30": true, "2026-10-26 07:29": false, "2027-03-29 07:30": true, "2027-03-29 07:29": false,
	} {
		if s.Open(on(when)) != open || s.Open(on(when).UTC()) != open {
			t.Errorf("%s: open is not %t", when, open)
		}
	}
}

// Half past seven is what the clock on the wall says, on the day it was changed, too.
func TestDoorsOpenByTheWallClock(t *testing.T) {
	plan := linde()
	plan.Organisation.Hours.Days = []time.Weekday{time.Sunday}
	plan.Calendar = nil
	s := school.New(plan)
	for _, changed := range []string{"2026-10-25", "2027-03-28"} {
		fits(t, "opening", s.Due(day(changed), 0, false), on(changed+" 07:30"))
		fits(t, "closing", s.Due(day(changed), 10*time.Hour, false), on(changed+" 17:30"))
	}
}

// Both days of a period count whole, by the school's clock.
func TestAPeriodFromItsFirstToItsLastMoment(t *testing.T) {
	s := built()
	for _, c := range []struct {
		when          string
		exam, holiday bool
	}{
		{"2027-05-05 23:59", false, false},
		{"2027-05-06 00:00", true, false},
		{"2027-05-24 23:59", true, false},
		{"2027-05-25 00:00", false, false},
		{"2026-12-18 23:59", false, false},
		{"2026-12-19 00:00", false, true},
		{"2027-01-03 23:59", false, true},
		{"2027-01-04 00:00", false, false},
		{"2026-11-10 23:59", false, false},
		{"2026-11-11 00:00", false, true}, // one day is its own first and last
		{"2026-11-11 23:59", false, true},
		{"2026-11-12 00:00", false, false},
		{"2027-03-28 23:59", false, true}, // a day of 23 hours
		{"2027-03-29 00:00", false, false},
		{"2027-01-20 12:00", false, false}, // frozen, but neither
	} {
		for _, moment := range []time.Time{on(c.when), on(c.when).UTC()} {
			if s.ExamAt(moment) != c.exam || s.HolidayAt(moment) != c.holiday {
				t.Errorf("%s: exam %t, holiday %t", c.when, s.ExamAt(moment), s.HolidayAt(moment))
			}
		}
	}
	if !s.ExamAt(day("2027-05-25").Add(-1)) || s.ExamAt(day("2027-05-06").Add(-1)) {
		t.Error("a nanosecond at the edge of the exams is on the wrong side")
	}
}

// The school file lets one write a time with a date; the day counts all the same.
func TestAPeriodWithATimeCountsWholeDays(t *testing.T) {
	plan := linde()
	plan.Calendar = []school.Period{{Kind: "holiday", From: on("2026-09-01 12:00"), To: on("2026-09-02 12:00")}}
	s := school.New(plan)
	for when, holiday := range map[string]bool{
		"2026-08-31 23:59": false, "2026-09-01 00:00": true, "2026-09-01 09:00": true, "2026-09-02 23:59": true, "2026-09-03 00:00": false,
	} {
		if s.HolidayAt(on(when)) != holiday {
			t.Errorf("%s: holiday is not %t", when, holiday)
		}
	}
	if got := s.Between(on("2026-08-31 17:00"), on("2026-09-03 08:00"), false); got != time.Hour {
		t.Errorf("%s of service hours around the holiday", got)
	}
}

// A promise that never comes due would be none, so every hour counts, for the
// deadline and for the time that was used.
func TestASchoolWithoutServiceHours(t *testing.T) {
	for name, hours := range map[string]school.Hours{"none at all": {}, "no days": {From: 60, To: 120}, "no length": {Days: workdays, From: 60, To: 60}} {
		plan := linde()
		plan.Organisation.Hours = hours
		s := school.New(plan)
		from := on("2026-12-24 23:00")
		fits(t, name, s.Due(from, 72*time.Hour, false), from.Add(72*time.Hour))
		if got := s.Between(from, from.Add(72*time.Hour), false); got != 72*time.Hour {
			t.Errorf("%s: %s passed, not 72h", name, got)
		}
		if !s.Open(from) {
			t.Errorf("%s: closed for ever", name)
		}
	}
}

func TestAWeekOfNothingButHoliday(t *testing.T) {
	plan := linde()
	plan.Calendar = []school.Period{{Kind: "holiday", From: day("2026-10-17"), To: day("2026-10-25")}}
	s := school.New(plan)
	fits(t, "reported in the holiday", s.Due(on("2026-10-20 10:00"), time.Hour, false), on("2026-10-26 08:30"))
	if got := s.Between(day("2026-10-17"), day("2026-10-26"), false); got != 0 {
		t.Errorf("%s of service in a week of holiday", got)
	}
	plan.Calendar[0].To = day("2040-01-01") // a holiday without end ends nowhere, but the answer comes
	from := on("2026-10-20 10:00")
	fits(t, "a holiday of thirteen years", school.New(plan).Due(from, time.Hour, false), from.Add(time.Hour))
}

// Years of service hours are more years of days: looking ahead must not stop halfway.
func TestALongPromise(t *testing.T) {
	plan := linde()
	plan.Calendar = nil
	s := school.New(plan)
	const weeks = 600
	fits(t, "600 weeks", s.Due(on("2026-08-31 07:30"), weeks*50*time.Hour, false), on("2038-02-26 17:30"))
}

// In some zones the clocks change at midnight, so that a day has none. Nobody waits for it.
func TestADayWithoutMidnight(t *testing.T) {
	santiago := zone("America/Santiago") // 2026-09-06 begins at 01:00
	plan := linde()
	plan.Organisation.Zone = santiago
	plan.Calendar = []school.Period{{Kind: "holiday", From: time.Date(2026, 9, 5, 0, 0, 0, 0, santiago), To: time.Date(2026, 9, 5, 0, 0, 0, 0, santiago)}}
	s := school.New(plan)
	from := time.Date(2026, 9, 4, 17, 0, 0, 0, santiago)
	fits(t, "over the change", s.Due(from, time.Hour, false), time.Date(2026, 9, 7, 8, 0, 0, 0, santiago))
	if got := s.Between(from, time.Date(2026, 9, 8, 0, 0, 0, 0, santiago), false); got != 10*time.Hour+30*time.Minute {
		t.Errorf("%s of service hours", got)
	}
	if last := time.Date(2026, 9, 5, 23, 30, 0, 0, santiago); !s.HolidayAt(last) || s.HolidayAt(last.Add(30*time.Minute)) {
		t.Error("the holiday does not end with its day")
	}
}

// schools draws service hours and holidays. The edges of the day keep away from
// the hour that comes twice or never: there a wall-clock time is no moment.
func schools(t *rapid.T) *school.School {
	plan := linde()
	here := zone(rapid.SampledFrom([]string{"Europe/Amsterdam", "America/St_Johns"}).Draw(t, "zone")) // east and west, and no whole hours
	plan.Organisation.Zone = here
	edge := rapid.SampledFrom([]int{0, 45, 3*60 + 30, 7*60 + 30, 9 * 60, 12 * 60, 17*60 + 30, 23*60 + 45})
	from, to := edge.Draw(t, "opens"), edge.Draw(t, "closes")
	week := append([]time.Weekday{time.Sunday, time.Saturday}, workdays...)
	plan.Organisation.Hours = school.Hours{Days: rapid.SliceOfNDistinct(rapid.SampledFrom(week), 0, 7, rapid.ID).Draw(t, "days"), From: min(from, to), To: max(from, to)}
	plan.Calendar = nil
	for _, start := range rapid.SliceOfN(rapid.IntRange(0, 300), 0, 5).Draw(t, "holidays") {
		first := time.Date(2026, 8, 1+start, 0, 0, 0, 0, here)
		plan.Calendar = append(plan.Calendar, school.Period{Kind: "holiday", From: first, To: first.AddDate(0, 0, rapid.IntRange(0, 20).Draw(t, "days off"))})
	}
	return school.New(plan)
}

func TestLawsOfServiceTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := schools(t)
		a, b := moments(t, "a"), moments(t, "b")
		x, y := spans(t, "x"), spans(t, "y")
		due := s.Due(a, x, false)
		if due.Before(a) {
			t.Errorf("due %s, before it began", due)
		}
		if !s.Open(due) && !s.Open(due.Add(-1)) {
			t.Errorf("due %s, when the school is closed", due)
		}
		if got := s.Between(a, due, false); got != x {
			t.Errorf("between a and its due lie %s", got)
		}
		if step, whole := s.Due(due, y, false), s.Due(a, x+y, false); !step.Equal(whole) {
			t.Errorf("first x, then y: %s; at once: %s", step, whole)
		}
		if s.Due(a, x+y, false).Before(due) {
			t.Error("a longer promise is due earlier")
		}
		if a.After(b) {
			a, b = b, a
		}
		if s.Due(b, x, false).Before(s.Due(a, x, false)) {
			t.Error("what began later is due earlier")
		}
		c := b.Add(x)
		if s.Between(a, b, false)+s.Between(b, c, false) != s.Between(a, c, false) {
			t.Error("the parts do not make the whole")
		}
		if s.Between(b, a, false) != 0 {
			t.Error("time ran backwards")
		}
		if s.Due(a, s.Between(a, b, false), false).After(b) && s.Open(b) {
			t.Error("time that was used leads past the moment it was used up")
		}
	})
}

// The same answer as counting quarters of an hour on the clock on the wall.
func TestServiceTimeAgainstTheWallClock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := schools(t)
		hours := s.Organisation.Hours
		never := len(hours.Days) == 0 || hours.From == hours.To // then every hour counts
		counts := func(moment time.Time) bool {
			wall := moment.In(s.Organisation.Zone)
			today := wall.Format("2006-01-02")
			off := slices.ContainsFunc(s.Calendar, func(p school.Period) bool {
				return today >= p.From.Format("2006-01-02") && today <= p.To.Format("2006-01-02")
			})
			minute := wall.Hour()*60 + wall.Minute()
			return never || !off && slices.Contains(hours.Days, wall.Weekday()) && minute >= hours.From && minute < hours.To
		}
		from := rapid.SampledFrom([]time.Time{day("2026-10-19"), day("2027-03-22"), day("2026-12-14"), day("2027-03-08")}).Draw(t, "week")
		from = from.Add(time.Duration(rapid.IntRange(0, 14*96).Draw(t, "quarters")) * 15 * time.Minute)
		to, want := from, time.Duration(0)
		for range rapid.IntRange(0, 14*96).Draw(t, "length") {
			if counts(to) {
				want += 15 * time.Minute
			}
			if s.Open(to) != counts(to) {
				t.Fatalf("open at %s is %t", to, s.Open(to))
			}
			to = to.Add(15 * time.Minute)
		}
		if got := s.Between(from, to, false); got != want {
			t.Errorf("%s to %s: %s, the clock says %s", from, to, got, want)
		}
	})
}

func BenchmarkDueInAYear(b *testing.B) {
	s, from := built(), on("2026-08-31 07:30")
	for b.Loop() {
		s.Due(from, 52*50*time.Hour, false)
	}
}

func BenchmarkBetweenAYear(b *testing.B) {
	s, from, to := built(), on("2026-08-31 07:30"), on("2027-08-31 07:30")
	for b.Loop() {
		s.Between(from, to, false)
	}
}
