package school_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"schoolbel/workflows/school"
)

func TestWhoIsOnCall(t *testing.T) {
	s := built()
	for when, want := range map[string]string{
		"2026-08-30 12:00":       "", // not begun
		"2026-08-31 07:59":       "",
		"2026-08-31 08:00":       "noor", // the stroke of eight belongs to the new one
		"2026-09-07 07:59":       "noor",
		"2026-09-07 08:00":       "bram",
		"2026-09-14 08:00":       "sanne",
		"2026-09-21 08:00":       "noor", // and round again
		"2026-10-25 02:30 +0200": "bram",
		"2026-10-25 02:30 +0100": "bram",
		"2026-10-26 07:59":       "bram", // winter time: eight is eight on the wall
		"2026-10-26 08:00":       "sanne",
		"2026-12-24 07:59":       "bram",
		"2026-12-24 08:00":       "els", // stands in
		"2026-12-27 07:59":       "els",
		"2026-12-27 08:00":       "bram", // and the rotation went on beneath
		"2026-12-28 08:00":       "sanne",
		"2027-03-29 07:59":       "sanne", // summer time
		"2027-03-29 08:00":       "noor",
	} {
		for _, moment := range []time.Time{on(when), on(when).UTC()} {
			if shift, ok := s.OnCallAt("ict", moment); shift.Person != want || ok != (want != "") {
				t.Errorf("%s: %q, %t", when, shift.Person, ok)
			}
		}
	}
	if shift, ok := s.OnCallAt("ict", on("2026-10-26 08:00").Add(-1)); !ok || shift.Person != "bram" {
		t.Errorf("a nanosecond before eight %q is on call", shift.Person)
	}
}

func TestATurnIsToldWhole(t *testing.T) {
	s := built()
	for when, turn := range map[string][2]string{
		"2026-09-09 12:00": {"2026-09-07 08:00", "2026-09-14 08:00"},
		"2026-10-25 12:00": {"2026-10-19 08:00", "2026-10-26 08:00"}, // a week of 169 hours
		"2026-12-23 12:00": {"2026-12-21 08:00", "2026-12-24 08:00"}, // broken off by the stand-in
		"2026-12-24 08:00": {"2026-12-24 08:00", "2026-12-27 08:00"},
		"2026-12-27 12:00": {"2026-12-27 08:00", "2026-12-28 08:00"},
	} {
		shift, _ := s.OnCallAt("ict", on(when))
		fits(t, when+" from", shift.From, on(turn[0]))
		fits(t, when+" to", shift.To, on(turn[1]))
	}
}

// Leave for months, and a rota of one: a turn longer than any rotation.
func TestALongTurnIsToldWhole(t *testing.T) {
	plan := linde()
	plan.OnCall[0].Overrides = []school.Override{{From: on("2026-09-10 12:00"), To: on("2027-02-10 12:00"), Person: "els"}}
	shift, ok := school.New(plan).OnCallAt("ict", on("2027-01-31 09:00"))
	if !ok || shift.Person != "els" {
		t.Errorf("%q is on call", shift.Person)
	}
	fits(t, "leave from", shift.From, on("2026-09-10 12:00"))
	fits(t, "leave to", shift.To, on("2027-02-10 12:00"))

	plan.OnCall[0].Overrides = nil
	plan.OnCall[0].Layers[0].Members = []string{"noor"}
	alone, ok := school.New(plan).OnCallAt("ict", on("2026-11-01 09:00"))
	if !ok || alone.Person != "noor" {
		t.Errorf("%q is on call alone", alone.Person)
	}
	fits(t, "alone from", alone.From, on("2026-08-31 08:00"))
	if alone.To.Before(on("2027-11-01 09:00")) {
		t.Errorf("who is alone is free on %s", alone.To)
	}
}

// Three share thirty weeks: ten turns each, every one from Monday eight to
// Monday eight, so that one week has an hour more and one an hour less.
func TestTurnsAreFairAndFollowTheWall(t *testing.T) {
	plan := linde()
	plan.OnCall[0].Overrides = nil
	shifts := school.New(plan).Shifts("ict", on("2026-08-31 08:00"), on("2027-03-29 08:00"))
	turns, lengths := map[string]int{}, map[time.Duration]int{}
	for _, shift := range shifts {
		turns[shift.Person]++
		lengths[shift.To.Sub(shift.From)]++
		if from := shift.From.In(amsterdam); from.Weekday() != time.Monday || from.Format("15:04") != "08:00" {
			t.Errorf("a turn from %s", from)
		}
	}
	if len(turns) != 3 || turns["noor"] != 10 || turns["bram"] != 10 || turns["sanne"] != 10 {
		t.Errorf("turns: %v", turns)
	}
	if lengths[168*time.Hour] != 28 || lengths[169*time.Hour] != 1 || lengths[167*time.Hour] != 1 {
		t.Errorf("lengths: %v", lengths)
	}
}

// A plan that begins within the hour before a hand-off, when the clocks have
// changed since the rotation began: whole days and whole hours differ there.
func TestAPlanFromJustBeforeTheHandOff(t *testing.T) {
	for _, c := range []struct{ begin, day, before, after string }{
		{"2026-08-31", "2026-10-26", "bram", "sanne"}, // began in summer, now winter
		{"2026-11-02", "2027-03-29", "sanne", "noor"}, // began in winter, now summer
	} {
		plan := linde()
		plan.OnCall[0].Layers[0].Start = day(c.begin)
		s, end := school.New(plan), on(c.day+" 09:00")
		for _, clock := range []string{" 06:59", " 07:00", " 07:30", " 07:59"} {
			shifts := s.Shifts("ict", on(c.day+clock), end)
			if len(shifts) != 2 || shifts[0].Person != c.before || shifts[1].Person != c.after {
				t.Errorf("from %s%s: %v", c.day, clock, shifts)
				continue
			}
			fits(t, "hand-off", shifts[1].From, on(c.day+" 08:00"))
		}
	}
}

// Weekdays by one rota, and in front of it another one that starts later; in front of all the stand-ins.
func TestLayersAndStandIns(t *testing.T) {
	plan := linde()
	plan.OnCall[0].Layers = []school.Layer{
		{Rotation: "weekly", Day: time.Wednesday, At: 8 * 60, Start: day("2026-08-31"), Members: []string{"noor", "bram"}},
		{Rotation: "daily", At: 22 * 60, Start: day("2026-09-20"), Members: []string{"sanne", "karim"}},
		{Rotation: "daily", At: 0, Start: day("2026-09-01")}, // a layer of nobody hides nobody
	}
	plan.OnCall[0].Overrides = []school.Override{
		{From: on("2026-08-31 12:00"), To: on("2026-09-01 12:00"), Person: "els"}, // before the rotation
		{From: on("2026-09-21 12:00"), To: on("2026-09-22 12:00"), Person: "els"},
		{From: on("2026-09-21 18:00"), To: on("2026-09-21 20:00"), Person: "noor"}, // written later, so it wins
		{From: on("2026-09-21 19:00"), To: on("2026-09-21 20:00"), Person: "bram"},
	}
	s := school.New(plan)
	want := []struct{ from, person string }{
		{"2026-08-30 00:00", ""},
		{"2026-08-31 12:00", "els"},
		{"2026-09-01 12:00", ""},
		{"2026-09-02 08:00", "noor"}, // the first Wednesday at or after the start
		{"2026-09-09 08:00", "bram"},
		{"2026-09-16 08:00", "noor"},
		{"2026-09-20 22:00", "sanne"},
		{"2026-09-21 12:00", "els"},
		{"2026-09-21 18:00", "noor"},
		{"2026-09-21 19:00", "bram"},
		{"2026-09-21 20:00", "els"},
		{"2026-09-22 12:00", "karim"},
		{"2026-09-22 22:00", "sanne"},
		{"2026-09-23 22:00", "karim"},
	}
	end := on("2026-09-24 10:00")
	shifts := s.Shifts("ict", on(want[0].from), end)
	if len(shifts) != len(want) {
		t.Fatalf("%d turns: %v", len(shifts), shifts)
	}
	for i, shift := range shifts {
		if shift.Person != want[i].person {
			t.Errorf("from %s it is %q, not %q", want[i].from, shift.Person, want[i].person)
		}
		fits(t, shift.Person+" from", shift.From, on(want[i].from))
		if i+1 < len(want) {
			end = on(want[i+1].from)
		} else {
			end = on("2026-09-24 10:00")
		}
		fits(t, shift.Person+" to", shift.To, end)
	}
}

// Nobody is on call where there is nobody: that is an answer, and no fault.
func TestGaps(t *testing.T) {
	plan := linde()
	plan.OnCall = append(plan.OnCall, school.Rota{Key: "empty", Zone: amsterdam})
	s := school.New(plan)
	now := on("2026-09-09 12:00")
	for _, rota := range []string{"empty", "unknown", ""} {
		if shift, ok := s.OnCallAt(rota, now); ok || shift.Person != "" {
			t.Errorf("rota %q: %+v", rota, shift)
		}
	}
	if shifts := s.Shifts("unknown", now, now.Add(time.Hour)); len(shifts) != 0 {
		t.Errorf("an unknown rota has turns: %v", shifts)
	}
	if shifts := s.Shifts("ict", now, now); len(shifts) != 0 {
		t.Errorf("no time at all has turns: %v", shifts)
	}
	if shifts := s.Shifts("ict", now, now.Add(-time.Hour)); len(shifts) != 0 {
		t.Errorf("time turned round has turns: %v", shifts)
	}
	if shifts := s.Shifts("empty", now, now.Add(time.Hour)); len(shifts) != 1 || shifts[0].Person != "" || !shifts[0].To.Equal(now.Add(time.Hour)) {
		t.Errorf("a rota of nobody is one gap, not %v", shifts)
	}
}

// rotas draws an on-call schedule with all that the file allows.
func rotas(t *rapid.T) school.Rota {
	name := rapid.SampledFrom([]string{"noor", "bram", "sanne", "els"})
	r := school.Rota{Key: "ict", Zone: zone(rapid.SampledFrom([]string{"Europe/Amsterdam", "America/St_Johns"}).Draw(t, "zone"))}
	for range rapid.IntRange(0, 3).Draw(t, "layers") {
		r.Layers = append(r.Layers, school.Layer{
			Rotation: rapid.SampledFrom([]string{"daily", "weekly"}).Draw(t, "rotation"),
			Day:      time.Weekday(rapid.IntRange(0, 6).Draw(t, "day")),
			At:       rapid.SampledFrom([]int{0, 8 * 60, 17*60 + 30, 23*60 + 30}).Draw(t, "at"),
			Start:    time.Date(2026, 8, rapid.IntRange(1, 200).Draw(t, "start"), 0, 0, 0, 0, r.Zone),
			Members:  rapid.SliceOfN(name, 0, 4).Draw(t, "members"),
		})
	}
	for range rapid.IntRange(0, 4).Draw(t, "overrides") {
		from := moments(t, "override")
		r.Overrides = append(r.Overrides, school.Override{From: from, To: from.Add(spans(t, "length") + 1), Person: name.Draw(t, "stand-in")})
	}
	return r
}

// whose counts hand-offs day by day, as one would on a paper calendar.
func whose(r school.Rota, t time.Time) string {
	person := ""
	for _, l := range r.Layers {
		turn := -1
		y, m, d := l.Start.In(r.Zone).Date()
		for i := 0; ; i++ {
			handoff := time.Date(y, m, d+i, 0, l.At, 0, 0, r.Zone)
			if handoff.After(t) {
				break
			}
			if l.Rotation == "daily" || handoff.Weekday() == l.Day {
				turn++
			}
		}
		if turn >= 0 && len(l.Members) > 0 {
			person = l.Members[turn%len(l.Members)]
		}
	}
	for _, o := range r.Overrides {
		if !o.From.After(t) && o.To.After(t) {
			person = o.Person
		}
	}
	return person
}

func TestLawsOfTheRota(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rotas(t)
		plan := linde()
		plan.OnCall = []school.Rota{r}
		s := school.New(plan)

		from, length := moments(t, "from"), spans(t, "window")+1
		to, next := from.Add(length), from
		shifts := s.Shifts("ict", from, to)
		for i, shift := range shifts {
			if !shift.From.Equal(next) || !shift.To.After(shift.From) {
				t.Fatalf("turn %d is %s to %s, after one to %s", i, shift.From, shift.To, next)
			}
			if i > 0 && shifts[i-1].Person == shift.Person {
				t.Errorf("%q has two turns in a row at %s: it is one", shift.Person, shift.From)
			}
			middle := shift.From.Add(time.Duration(rapid.Int64Range(0, int64(shift.To.Sub(shift.From))-1).Draw(t, "middle")))
			for _, moment := range []time.Time{shift.From, middle, shift.To.Add(-1)} {
				if want := whose(r, moment); shift.Person != want {
					t.Errorf("%s: %q, but the paper calendar says %q", moment, shift.Person, want)
				}
			}
			next = shift.To
		}
		if !next.Equal(to) {
			t.Errorf("the turns end at %s, not at %s", next, to)
		}

		shift, ok := s.OnCallAt("ict", from)
		if shift.Person != whose(r, from) || ok != (shift.Person != "") {
			t.Errorf("%q is on call, %t; the paper calendar says %q", shift.Person, ok, whose(r, from))
		}
		if shift.From.After(from) || !shift.To.After(from) {
			t.Errorf("the turn %s to %s is not the one of %s", shift.From, shift.To, from)
		}
		if year := 366 * 24 * time.Hour; from.Sub(shift.From) < year && whose(r, shift.From.Add(-1)) == shift.Person ||
			shift.To.Sub(from) < year && whose(r, shift.To) == shift.Person {
			t.Errorf("the turn of %q goes on beyond %s to %s", shift.Person, shift.From, shift.To)
		}
	})
}

func BenchmarkOnCallNow(b *testing.B) {
	s, now := built(), on("2027-03-01 12:00")
	for b.Loop() {
		s.OnCallAt("ict", now)
	}
}
