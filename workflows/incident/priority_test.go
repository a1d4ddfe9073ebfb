package incident_test

import (
	"testing"

	w "schoolbel/workflows"
)

func TestPriorityFollowsTheMatrix(t *testing.T) {
	d := day(t, "2026-11-24 09:00")
	for _, c := range []struct {
		impact, urgency string
		want            w.Priority
	}{
		{"large", "high", w.P1},
		{"large", "medium", w.P2},
		{"large", "low", w.P3},
		{"medium", "high", w.P2},
		{"medium", "medium", w.P3},
		{"medium", "low", w.P4},
		{"small", "high", w.P3},
		{"small", "medium", w.P4},
		{"small", "low", w.P4},
		{"unknown", "high", ""},
		{"unknown", "medium", ""},
		{"unknown", "low", ""},
	} {
		if r := d.See(outage(d, "impact", c.impact, "urgency", c.urgency)); r.Priority != c.want {
			t.Errorf("impact %s, urgency %s: %q, want %q", c.impact, c.urgency, r.Priority, c.want)
		}
		triaged := d.Does("noor", outage(d), "triage", "impact", c.impact, "urgency", c.urgency)
		if triaged.Priority != c.want {
			t.Errorf("triaged to impact %s, urgency %s: %q, want %q", c.impact, c.urgency, triaged.Priority, c.want)
		}
	}
	if r := d.See(outage(d)); r.Impact != w.Unknown || r.Urgency != w.Medium || r.Priority != "" {
		t.Errorf("a report that says nothing has impact %s, urgency %s, priority %q", r.Impact, r.Urgency, r.Priority)
	}
}

// The floors of domain.md 4.3: what the matrix says may be raised by what is going on.
func TestFloors(t *testing.T) {
	const schoolDay, examDay = "2026-11-24 09:00", "2027-05-10 09:00"
	for name, c := range map[string]struct {
		start     string
		args      []string
		want      w.Priority
		impact    w.Level
		sensitive bool
	}{
		"an exam suffers":                       {schoolDay, []string{"impact", "small", "urgency", "low", "exam", "yes"}, w.P1, w.Large, false},
		"an exam suffers, nothing else known":   {schoolDay, []string{"exam", "yes"}, w.P1, w.Large, false},
		"what exams need, while they are on":    {examDay, []string{"service", "facet", "impact", "small", "urgency", "low"}, w.P1, w.Large, false},
		"what exams need, on any other day":     {schoolDay, []string{"service", "facet", "impact", "small", "urgency", "low"}, w.P4, w.Small, false},
		"another service, while exams are on":   {examDay, []string{"service", "printen", "impact", "small", "urgency", "low"}, w.P4, w.Small, false},
		"what exams need, but no exam suffers":  {examDay, []string{"service", "facet", "impact", "small", "urgency", "low", "exam", "no"}, w.P4, w.Small, false},
		"the last evening of the exams":         {"2027-05-24 23:59", []string{"service", "facet", "impact", "small"}, w.P1, w.Large, false},
		"the morning after the exams":           {"2027-05-25 00:00", []string{"service", "facet", "impact", "small"}, w.P4, w.Small, false},
		"an attack":                             {schoolDay, []string{"type", "attack", "impact", "small", "urgency", "low"}, w.P1, w.Small, true},
		"an attack of unknown size":             {schoolDay, []string{"type", "attack"}, w.P1, w.Unknown, true},
		"a data breach is P2 at least":          {schoolDay, []string{"type", "data_breach", "impact", "small", "urgency", "low"}, w.P2, w.Small, true},
		"a data breach of unknown size":         {schoolDay, []string{"type", "data_breach"}, w.P2, w.Unknown, true},
		"a large data breach stays P1":          {schoolDay, []string{"type", "data_breach", "impact", "large", "urgency", "high"}, w.P1, w.Large, true},
		"a data breach that is said to be open": {schoolDay, []string{"type", "data_breach", "sensitive", "no"}, w.P2, w.Unknown, true},
		"a question has no floor":               {schoolDay, []string{"type", "question", "impact", "small"}, w.P4, w.Small, false},
	} {
		t.Run(name, func(t *testing.T) {
			d := day(t, c.start)
			r := d.See(outage(d, c.args...))
			if r.Priority != c.want || r.Impact != c.impact || r.Sensitive != c.sensitive {
				t.Errorf("priority %q, impact %s, sensitive %v; want %q, %s, %v", r.Priority, r.Impact, r.Sensitive, c.want, c.impact, c.sensitive)
			}
		})
	}
}

// What triage finds out later raises the priority just as well.
func TestFloorsAtTriage(t *testing.T) {
	d := day(t, "2026-11-24 09:00")
	ref := outage(d, "impact", "small", "urgency", "low")
	if r := d.Does("noor", ref, "triage", "type", "data_breach"); r.Priority != w.P2 || !r.Sensitive {
		t.Errorf("found to be a data breach: %q, sensitive %v", r.Priority, r.Sensitive)
	}
	if r := d.Does("els", ref, "triage", "sensitive", "no"); r.Sensitive {
		t.Error("an officer could not open what turned out to be harmless")
	}
	if r := d.Does("noor", ref, "triage", "exam", "yes"); r.Priority != w.P1 || r.Sensitive {
		t.Errorf("an exam suffers: %q, sensitive %v", r.Priority, r.Sensitive)
	}
}

// Five reporters in a quarter of an hour make a major incident likely.
func TestManyReporters(t *testing.T) {
	for name, c := range map[string]struct {
		impact  string
		joins   []string // who, at what time
		want    w.Level
		state   string
		highest w.Priority
	}{
		"five at once":             {"small", []string{"09:01 peter", "09:02 fatima", "09:03 karim", "09:04 els"}, w.Medium, "proposed", w.P3},
		"from unknown":             {"unknown", []string{"09:01 peter", "09:02 fatima", "09:03 karim", "09:04 els"}, w.Medium, "proposed", w.P3},
		"from medium to large":     {"medium", []string{"09:01 peter", "09:02 fatima", "09:03 karim", "09:15 els"}, w.Large, "proposed", w.P2},
		"only four":                {"small", []string{"09:01 peter", "09:02 fatima", "09:03 karim"}, w.Small, "", w.P4},
		"the same person again":    {"small", []string{"09:01 peter", "09:02 peter", "09:03 peter", "09:04 peter", "09:05 anna"}, w.Small, "", w.P4},
		"a minute too late":        {"small", []string{"09:01 peter", "09:02 fatima", "09:03 karim", "09:16 els"}, w.Small, "", w.P4},
		"five of the later ones":   {"small", []string{"10:00 peter", "10:02 fatima", "10:04 karim", "10:06 els", "10:08 mieke"}, w.Medium, "proposed", w.P3},
		"four of the later ones":   {"small", []string{"10:00 peter", "10:02 fatima", "10:04 karim", "10:06 els"}, w.Small, "", w.P4},
		"one in five minutes":      {"small", []string{"09:05 peter", "09:10 fatima", "09:15 karim", "09:20 els", "09:25 mieke", "09:30 joost"}, w.Small, "", w.P4},
		"raised once, not by each": {"small", []string{"09:01 peter", "09:02 fatima", "09:03 karim", "09:04 els", "09:05 mieke", "09:06 joost"}, w.Medium, "proposed", w.P3},
	} {
		t.Run(name, func(t *testing.T) {
			d := day(t, "2026-11-24 09:00")
			ref := outage(d, "impact", c.impact)
			for _, join := range c.joins {
				d.Until("2026-11-24 " + join[:5])
				d.Does(join[6:], ref, "join")
			}
			if r := d.See(ref); r.Impact != c.want || r.Field("major") != c.state || r.Priority != c.highest {
				t.Errorf("impact %s, major %q, priority %s; want %s, %q, %s", r.Impact, r.Field("major"), r.Priority, c.want, c.state, c.highest)
			}
		})
	}
}

// What an agent decides stands, whatever else says, until the agent looks anew.
func TestAnAgentOverrules(t *testing.T) {
	d := day(t, "2026-11-24 09:00")
	ref := outage(d, "impact", "small", "exam", "yes")
	if r := d.Does("noor", ref, "triage", "priority", "P3"); r.Priority != w.P3 || r.Field("overruled") != "noor" {
		t.Errorf("overruled to %s by %q", r.Priority, r.Field("overruled"))
	}
	for _, who := range []string{"peter", "fatima", "karim", "els"} {
		d.Does(who, ref, "join")
	}
	if r := d.See(ref); r.Priority != w.P3 || r.Field("major") != "proposed" {
		t.Errorf("after many reporters: %s, major %q", r.Priority, r.Field("major"))
	}
	if r := d.Does("noor", ref, "triage", "location", "noord"); r.Priority != w.P3 {
		t.Errorf("a place changed the priority to %s", r.Priority)
	}
	if r := d.Does("noor", ref, "triage", "exam", "no", "impact", "medium", "urgency", "low"); r.Priority != w.P4 || r.Field("overruled") != "" {
		t.Errorf("after a new impact: %s, overruled by %q", r.Priority, r.Field("overruled"))
	}
	// Both at once: the word about the priority is the last one.
	if r := d.Does("noor", ref, "triage", "impact", "large", "priority", "P4"); r.Priority != w.P4 || r.Impact != w.Large {
		t.Errorf("said together: %s, %s", r.Priority, r.Impact)
	}
}
