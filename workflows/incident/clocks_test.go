package incident_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"schoolbel/config"
	w "schoolbel/workflows"
	"schoolbel/workflows/incident"
	"schoolbel/workflows/school"
	"schoolbel/workflows/workflowstest"
)

// Promises run in service hours, 07:30 to 17:30 on schooldays; those of a P1 run
// day and night. P1 15m/2h, P2 30m/4h, P3 4h/10h, P4 10h/20h.
func TestDeadlines(t *testing.T) {
	for name, c := range map[string]struct {
		start, impact, urgency string
		respond, resolve       string
	}{
		"within a day":                        {"2026-11-24 09:00", "medium", "high", "Tue 24 Nov 09:30 CET", "Tue 24 Nov 13:00 CET"},
		"over the evening":                    {"2026-11-24 16:00", "medium", "high", "Tue 24 Nov 16:30 CET", "Wed 25 Nov 10:00 CET"},
		"reported at night":                   {"2026-11-24 22:00", "medium", "high", "Wed 25 Nov 08:00 CET", "Wed 25 Nov 11:30 CET"},
		"reported before school":              {"2026-11-24 06:00", "medium", "high", "Tue 24 Nov 08:00 CET", "Tue 24 Nov 11:30 CET"},
		"reported at the last minute":         {"2026-11-24 17:30", "medium", "high", "Wed 25 Nov 08:00 CET", "Wed 25 Nov 11:30 CET"},
		"just fits before the evening":        {"2026-11-24 13:30", "medium", "high", "Tue 24 Nov 14:00 CET", "Tue 24 Nov 17:30 CET"},
		"over the weekend":                    {"2026-11-27 16:30", "medium", "medium", "Mon 30 Nov 10:30 CET", "Mon 30 Nov 16:30 CET"},
		"in the weekend":                      {"2026-11-28 12:00", "medium", "medium", "Mon 30 Nov 11:30 CET", "Mon 30 Nov 17:30 CET"},
		"two days of work":                    {"2026-11-26 12:00", "small", "low", "Fri 27 Nov 12:00 CET", "Mon 30 Nov 12:00 CET"},
		"over the Christmas holiday":          {"2026-12-18 16:30", "medium", "medium", "Mon 4 Jan 10:30 CET", "Mon 4 Jan 16:30 CET"},
		"in the Christmas holiday":            {"2026-12-29 10:00", "medium", "high", "Mon 4 Jan 08:00 CET", "Mon 4 Jan 11:30 CET"},
		"the most urgent, at night":           {"2026-11-28 03:00", "large", "high", "Sat 28 Nov 03:15 CET", "Sat 28 Nov 05:00 CET"},
		"the most urgent, in a holiday":       {"2026-12-25 12:00", "large", "high", "Fri 25 Dec 12:15 CET", "Fri 25 Dec 14:00 CET"},
		"the most urgent, summer time ends":   {"2026-10-25 01:50", "large", "high", "Sun 25 Oct 02:05 CEST", "Sun 25 Oct 02:50 CET"},
		"the most urgent, summer time begins": {"2027-03-28 01:50", "large", "high", "Sun 28 Mar 03:05 CEST", "Sun 28 Mar 04:50 CEST"},
		"over the end of summer time":         {"2026-10-23 16:30", "medium", "medium", "Mon 26 Oct 10:30 CET", "Mon 26 Oct 16:30 CET"},
		"over the begin of summer time":       {"2027-03-26 16:30", "medium", "medium", "Mon 29 Mar 10:30 CEST", "Mon 29 Mar 16:30 CEST"},
		"nobody knows how bad it is":          {"2026-11-24 09:00", "unknown", "medium", "Tue 24 Nov 13:00 CET", ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := day(t, c.start)
			r := d.See(outage(d, "impact", c.impact, "urgency", c.urgency))
			if got := moment(r.RespondBy); got != c.respond {
				t.Errorf("respond by %s, want %s", got, c.respond)
			}
			if got := moment(r.ResolveBy); got != c.resolve {
				t.Errorf("resolve by %s, want %s", got, c.resolve)
			}
		})
	}
}

// A school that is open on the Sundays on which the clock is put back or forward:
// service time is real time, not what the clock on the wall seems to say.
func TestDeadlinesOnTheDayTheClockChanges(t *testing.T) {
	linde, err := config.School("")
	if err != nil {
		t.Fatal(err)
	}
	open := func(from, to int) *school.School {
		s := *linde
		s.Organisation.Hours = school.Hours{Days: []time.Weekday{time.Saturday, time.Sunday, time.Monday}, From: from * 60, To: to * 60}
		return school.New(s)
	}
	nights := open(0, 6)
	for name, c := range map[string]struct {
		school         *school.School
		start, resolve string // four hours of service
	}{
		"02:00 to 03:00 comes twice":           {nights, "2026-10-25 00:30", "Sun 25 Oct 03:30 CET"},
		"02:00 to 03:00 never comes":           {nights, "2027-03-28 00:30", "Sun 28 Mar 05:30 CEST"},
		"open and shut by the wall, in autumn": {open(4, 8), "2026-10-25 00:30", "Sun 25 Oct 08:00 CET"},
		"open and shut by the wall, in spring": {open(4, 8), "2027-03-28 00:30", "Sun 28 Mar 08:00 CEST"},
	} {
		d := workflowstest.NewDay(t, c.school, c.start, incident.Process)
		if got := moment(d.See(outage(d, "impact", "medium", "urgency", "high")).ResolveBy); got != c.resolve {
			t.Errorf("%s: resolve by %s, want %s", name, got, c.resolve)
		}
	}
	// Waiting over the change counts the hours that really went by.
	d := workflowstest.NewDay(t, nights, "2026-10-25 00:30", incident.Process)
	ref := outage(d, "impact", "medium", "urgency", "high")
	d.Until("2026-10-25 03:00") // three and a half hours later
	d.Does("noor", ref, "wait")
	d.Until("2026-10-26 00:00")
	if got := moment(d.Does("noor", ref, "resume").ResolveBy); got != "Mon 26 Oct 00:30 CET" {
		t.Errorf("half an hour is left, so resolve by %s", got)
	}
}

func TestWaitingStopsTheClock(t *testing.T) {
	d := day(t, "2026-11-24 09:00")
	ref := outage(d, "impact", "medium", "urgency", "high") // four hours
	d.Until("2026-11-24 10:00")
	if r := d.Does("noor", ref, "wait", "reason", "netwijs"); !r.ResolveBy.IsZero() || !r.RespondBy.IsZero() {
		t.Errorf("while waiting, respond by %s, resolve by %s", moment(r.RespondBy), moment(r.ResolveBy))
	}
	d.Does("noor", ref, "triage", "location", "noord") // still waits
	d.Until("2026-11-26 16:00")
	if r := d.Does("noor", ref, "resume"); moment(r.ResolveBy) != "Fri 27 Nov 09:00 CET" {
		t.Errorf("three hours are left, so resolve by %s", moment(r.ResolveBy))
	}
	d.Until("2026-11-26 17:00")
	d.Does("noor", ref, "wait")
	d.Until("2026-11-30 08:00")
	if r := d.Does("anna", ref, "resume"); moment(r.ResolveBy) != "Mon 30 Nov 10:00 CET" {
		t.Errorf("two hours are left, so resolve by %s", moment(r.ResolveBy))
	}
	if lines := d.Lines(ref); slices.Contains(lines, "overdue") {
		t.Errorf("waiting did not stop the clocks: %v", lines)
	}
	d.Until("2026-11-30 10:00")
	if lines := d.Lines(ref); lines[len(lines)-1] != "overdue" {
		t.Errorf("the promise is over and nobody was told: %v", lines)
	}
}

func TestThePriorityChangesWhileTheClockRuns(t *testing.T) {
	d := day(t, "2026-11-24 09:00")
	ref := outage(d, "impact", "unknown")
	d.Until("2026-11-24 11:00")
	for _, c := range []struct{ impact, urgency, at, resolve string }{
		{"medium", "medium", "2026-11-24 11:00", "Wed 25 Nov 09:00 CET"}, // ten hours from the report
		{"medium", "low", "2026-11-24 12:00", "Thu 26 Nov 09:00 CET"},    // twenty
		{"large", "medium", "2026-11-24 12:30", "Tue 24 Nov 13:00 CET"},  // four
		{"large", "high", "2026-11-24 12:45", "Tue 24 Nov 12:45 CET"},    // two: long over, so now
		{"unknown", "high", "2026-11-24 12:50", ""},                      // nothing is promised
	} {
		d.Until(c.at)
		if got := moment(d.Does("noor", ref, "triage", "impact", c.impact, "urgency", c.urgency).ResolveBy); got != c.resolve {
			t.Errorf("at %s impact %s, urgency %s: resolve by %s, want %s", c.at, c.impact, c.urgency, got, c.resolve)
		}
	}
	// A night as a P1 counts whole, and the day after as a P3 in service hours.
	d = day(t, "2026-11-24 16:30")
	ref = outage(d, "impact", "large", "urgency", "high")
	d.Until("2026-11-24 20:30")
	if got := moment(d.Does("noor", ref, "triage", "impact", "medium", "urgency", "medium").ResolveBy); got != "Wed 25 Nov 13:30 CET" {
		t.Errorf("four of ten hours are used, so resolve by %s", got)
	}
}

// Both clocks go off once, at their moment, and say so in the log.
func TestNobodyResponds(t *testing.T) {
	d := day(t, "2026-11-24 16:00")
	ref := outage(d, "impact", "medium", "urgency", "high")
	for _, c := range []struct {
		at    string
		lines []w.Action
	}{
		{"2026-11-24 16:29", []w.Action{"report"}},
		{"2026-11-24 16:30", []w.Action{"report", "remind"}},
		{"2026-11-25 09:59", []w.Action{"report", "remind"}},
		{"2026-11-25 10:00", []w.Action{"report", "remind", "overdue"}},
		{"2026-12-24 10:00", []w.Action{"report", "remind", "overdue"}},
	} {
		d.Until(c.at)
		if got := d.Lines(ref); !slices.Equal(got, c.lines) {
			t.Errorf("at %s the log says %v, want %v", c.at, got, c.lines)
		}
	}
}

// Whatever an agent does first is a response: nobody is reminded after it.
func TestAResponseSilencesTheReminder(t *testing.T) {
	for _, c := range [][]string{
		{"triage"},
		{"take"},
		{"acknowledge"},
		{"wait"},
		{"workaround", "workaround", "gebruik 4G"},
		{"resolve", "solution", "stekker erin"},
		{"cancel", "reason", "test"},
	} {
		d := day(t, "2026-11-24 09:00")
		ref := outage(d, "impact", "medium", "urgency", "high")
		d.Until("2026-11-24 09:10")
		r := d.Does("noor", ref, w.Action(c[0]), c[1:]...)
		if !r.RespondBy.IsZero() || r.Open() && r.Field("responded_at") == "" {
			t.Errorf("after %s: respond by %s, responded at %q", c[0], moment(r.RespondBy), r.Field("responded_at"))
		}
		d.Until("2026-11-24 12:00")
		if lines := d.Lines(ref); slices.Contains(lines, "remind") {
			t.Errorf("after %s somebody was reminded: %v", c[0], lines)
		}
	}
}

func TestReopenedStartsAnew(t *testing.T) {
	d := day(t, "2026-11-24 09:00")
	ref := outage(d, "impact", "medium", "urgency", "high")
	d.Until("2026-11-24 14:00") // one hour over time
	if r := d.Does("noor", ref, "resolve", "solution", "herstart"); r.Field("overdue") == "" || !r.ResolveBy.IsZero() {
		t.Errorf("resolved late: overdue %q, resolve by %s", r.Field("overdue"), moment(r.ResolveBy))
	}
	d.Until("2026-11-25 10:00")
	r := d.Does("anna", ref, "reopen", "reason", "nog steeds")
	if r.State != incident.InProgress || moment(r.ResolveBy) != "Wed 25 Nov 14:00 CET" || r.Field("overdue") != "" || r.Field("resolved_at") != "" {
		t.Errorf("reopened: %s, resolve by %s, fields %v", r.State, moment(r.ResolveBy), r.Fields)
	}
	d.Until("2026-11-25 14:00")
	if lines := d.Lines(ref); lines[len(lines)-1] != "overdue" {
		t.Errorf("the second promise is over and nobody was told: %v", lines)
	}
	d.Does("noor", ref, "resolve", "solution", "nieuwe kabel")
	d.Does("anna", ref, "confirm")
	d.Until("2026-11-27 09:00")
	if r := d.Does("anna", ref, "reopen"); r.State != incident.InProgress || !r.Open() {
		t.Errorf("a closed one reopened is %s, open %v", r.State, r.Open())
	}
}

// Seventy-two service hours without a word are a yes.
func TestSilenceCloses(t *testing.T) {
	d := day(t, "2026-11-24 12:00")
	ref := outage(d)
	d.Does("noor", ref, "resolve", "solution", "herstart")
	d.Until("2026-12-03 13:59")
	if r := d.See(ref); r.State != incident.Resolved {
		t.Errorf("a minute before it is %s", r.State)
	}
	d.Until("2026-12-03 14:00")
	if r := d.See(ref); r.State != incident.Closed || moment(r.ClosedAt) != "Thu 3 Dec 14:00 CET" {
		t.Errorf("after 72 service hours it is %s, closed at %s", r.State, moment(r.ClosedAt))
	}

	// Reopened in time and resolved again: the hours begin anew.
	d = day(t, "2026-11-24 12:00")
	ref = outage(d)
	d.Does("noor", ref, "resolve", "solution", "herstart")
	d.Until("2026-12-03 12:00")
	d.Does("anna", ref, "reopen")
	d.Does("noor", ref, "resolve", "solution", "nieuwe kabel")
	d.Until("2026-12-03 15:00")
	if r := d.See(ref); r.State != incident.Resolved {
		t.Errorf("the old deadline made it %s", r.State)
	}
	d.Until("2026-12-14 14:00")
	if r := d.See(ref); r.State != incident.Closed {
		t.Errorf("after 72 more service hours it is %s", r.State)
	}
}

// tick is the job of a record's clocks, as it was asked for.
func tick(t *testing.T, d *workflowstest.Day, ref w.Ref) w.Tick {
	t.Helper()
	for _, job := range d.Jobs(d.Moment("2030-01-01 00:00")) {
		if tick, ok := job.Job.(w.Tick); ok && tick.Ref == ref {
			return tick
		}
	}
	t.Fatalf("no clock runs for %s", ref)
	return w.Tick{}
}

// A job may come at any moment, and more than once: only the record counts.
func TestATickAtTheWrongMoment(t *testing.T) {
	d := day(t, "2026-11-24 09:00")
	ref := outage(d, "impact", "medium", "urgency", "high")
	job := tick(t, d, ref)
	if moment(job.At) != "Tue 24 Nov 09:30 CET" {
		t.Errorf("the first job is for %s", moment(job.At))
	}
	d.Jump("2026-11-24 09:29")
	d.Fire(job)
	d.Fire(job)
	if got := d.Lines(ref); !slices.Equal(got, []w.Action{"report"}) {
		t.Errorf("a tick that came early did something: %v", got)
	}
	if again := tick(t, d, ref); !again.At.Equal(job.At) {
		t.Errorf("a tick that came early left one for %s", moment(again.At))
	}

	// Very late: both promises are over, each is told once, with the moment it was due.
	d.Jump("2026-11-25 15:00")
	d.Fire(job)
	d.Fire(job)
	if got := d.Lines(ref); !slices.Equal(got, []w.Action{"report", "remind", "overdue"}) {
		t.Errorf("a late tick, twice: %v", got)
	}
	log, err := d.Log(context.Background(), ref)
	if err != nil {
		t.Fatal(err)
	}
	if moment(log[1].At) != "Tue 24 Nov 09:30 CET" || moment(log[2].At) != "Tue 24 Nov 13:00 CET" || moment(log[2].LoggedAt) != "Wed 25 Nov 15:00 CET" || log[2].Actor != "system" {
		t.Errorf("the late lines say %s and %s, logged at %s by %s", moment(log[1].At), moment(log[2].At), moment(log[2].LoggedAt), log[2].Actor)
	}

	// Nobody waits for what is done.
	d.Does("noor", ref, "resolve", "solution", "herstart")
	d.Does("anna", ref, "confirm")
	lines := d.Lines(ref)
	d.Jump("2027-03-01 12:00")
	d.Fire(job)
	if got := d.Lines(ref); !slices.Equal(got, lines) {
		t.Errorf("a tick woke a closed record: %v", got)
	}

	var no *w.Error
	for _, of := range []string{"INC-99", "XYZ-1"} {
		ref, _ := w.ParseRef(of)
		if err := d.Engine.Fire(context.Background(), w.Tick{Ref: ref}); err == nil || of == "INC-99" && !errors.As(err, &no) {
			t.Errorf("a tick of %s gave %v", of, err)
		}
	}
}
