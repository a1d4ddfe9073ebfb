package incident_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	w "schoolbel/workflows"
	"schoolbel/workflows/incident"
)

func links(t *testing.T, of interface {
	Links(context.Context, w.Ref) ([]w.Link, error)
}, ref w.Ref,
) []w.Link {
	t.Helper()
	found, err := of.Links(context.Background(), ref)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// The house reports, too; only a person is somebody to ask whether it works again.
func TestWhoReports(t *testing.T) {
	d := day(t, "2026-11-24 09:00")
	for _, c := range []struct {
		who  string
		args []string
		want []string
	}{
		{"anna", nil, []string{"anna"}},
		{"noor", []string{"reporter", "peter"}, []string{"peter"}},
		{"slack:U0GUEST", nil, []string{"slack:U0GUEST"}},
		{"api:monitoring", nil, nil},
		{"api:monitoring", []string{"reporter", "peter"}, []string{"peter"}},
		{"system", nil, nil},
	} {
		ref := d.Opens(c.who, incident.Kind, "report", append([]string{"title", "wifi weg", "service", "magister"}, c.args...)...)
		r := d.See(ref)
		if !slices.Equal(r.Reporters, c.want) {
			t.Errorf("%s reported with %v: reporters %v, want %v", c.who, c.args, r.Reporters, c.want)
		}
		if r.Team != "functioneel-beheer" || r.Field("type") != "outage" || r.Owner != "" {
			t.Errorf("a report about Magister is %s's, type %s, owner %q", r.Team, r.Field("type"), r.Owner)
		}
	}
	d.RefusedToOpen("error.needs", "anna", incident.Kind, "report", "service", "wifi")
	d.RefusedToOpen("error.lookup", "anna", incident.Kind, "report", "title", "x", "service", "telepathie")
	d.RefusedToOpen("error.argument", "anna", incident.Kind, "report", "title", "x", "priority", "P1")
}

// Where each reporter spoke is kept, so that each is answered there.
func TestMeToo(t *testing.T) {
	d := day(t, "2026-11-24 09:00")
	ref := outage(d, "origin", "slack:C0NOORD/1")
	r := d.Does("fatima", ref, "join", "origin", "slack:C0NOORD/2")
	if !slices.Equal(r.Reporters, []string{"anna", "fatima"}) || r.Field("origin.anna") != "slack:C0NOORD/1" || r.Field("origin.fatima") != "slack:C0NOORD/2" {
		t.Errorf("reporters %v, fields %v", r.Reporters, r.Fields)
	}
	if again := d.Does("fatima", ref, "join"); again.Version != r.Version {
		t.Error("joining twice wrote something")
	}
	d.Does("noor", ref, "resolve", "solution", "herstart")
	d.Refused("error.closed", "peter", ref, "join")
}

func TestMerge(t *testing.T) {
	d := day(t, "2026-11-24 09:00")
	into := outage(d)
	double := d.Opens("peter", incident.Kind, "report", "title", "geen internet", "origin", "slack:C0ZUID/1")
	d.Does("fatima", double, "join", "origin", "console:1")
	d.Does("anna", double, "join")
	d.Does("els", double, "subscribe")
	r := d.Does("noor", double, "merge", "into", into.String())
	if r.State != incident.Merged || r.Open() || !r.ResolveBy.IsZero() || !r.RespondBy.IsZero() {
		t.Errorf("the double is %s, open %v, resolve by %s", r.State, r.Open(), moment(r.ResolveBy))
	}
	kept := d.See(into)
	if !slices.Equal(kept.Reporters, []string{"anna", "peter", "fatima"}) || kept.Field("origin.peter") != "slack:C0ZUID/1" || kept.Field("origin.fatima") != "console:1" {
		t.Errorf("the one that goes on has reporters %v, fields %v", kept.Reporters, kept.Fields)
	}
	if !slices.Equal(kept.Subscribers, []string{"els"}) {
		t.Errorf("who followed the double follows nothing now: %v", kept.Subscribers)
	}
	want := w.Link{From: double, Type: "duplicate_of", To: into}
	for _, end := range []w.Ref{double, into} {
		if got := links(t, d, end); !slices.Equal(got, []w.Link{want}) {
			t.Errorf("links of %s: %v", end, got)
		}
	}
	if many := d.See(into).Field("major"); many != "" {
		t.Errorf("three reporters made it %s", many)
	}
}

// A merge that cannot be finished leaves nothing of itself behind.
func TestMergesThatMakeNoSense(t *testing.T) {
	d := day(t, "2026-11-24 09:00")
	a, b := outage(d), outage(d)
	gone := outage(d)
	d.Does("noor", gone, "cancel", "reason", "test")
	silent := d.Opens("api:monitoring", incident.Kind, "report", "title", "wifi down") // nobody reported it
	work := d.Opens("noor", "task", "add", "title", "kabel", "part_of", a.String())
	d.Refused("error.link.self", "noor", a, "merge", "into", a.String())
	d.Refused("error.closed", "noor", a, "merge", "into", gone.String())
	d.Refused("error.closed", "noor", silent, "merge", "into", gone.String())
	d.Refused("error.missing", "noor", a, "merge", "into", "INC-99")
	d.Refused("error.lookup", "noor", a, "merge", "into", work.String())
	d.Refused("error.needs", "noor", a, "merge")
	d.Does("noor", a, "merge", "into", b.String())
	d.Refused("error.closed", "noor", b, "merge", "into", a.String())
	if got := links(t, d, silent); len(got) > 0 {
		t.Errorf("a refused merge left %v", got)
	}
}

// A reporter may say "never mind" for ten minutes, as long as nobody else has it.
func TestTakingBack(t *testing.T) {
	d := day(t, "2026-11-24 09:00")
	soon, late, joined, busy := outage(d), outage(d), outage(d), outage(d)
	own := d.Opens("noor", incident.Kind, "report", "title", "switch kapot")
	d.Does("peter", joined, "join")
	d.Does("noor", busy, "take")
	d.Refused("error.denied", "peter", soon, "cancel")
	d.Refused("error.incident.take_back", "anna", joined, "cancel")
	d.Refused("error.denied", "anna", busy, "cancel")
	d.Until("2026-11-24 09:10")
	if r := d.Does("anna", soon, "cancel"); r.State != incident.Cancelled || r.Open() {
		t.Errorf("taken back it is %s", r.State)
	}
	d.Until("2026-11-24 09:11")
	d.Refused("error.incident.take_back", "anna", late, "cancel")
	// Who handles outages is not bound to ten minutes, and says why.
	d.Refused("error.needs", "noor", late, "cancel")
	for _, ref := range []w.Ref{late, joined, busy, own} {
		if r := d.Does("noor", ref, "cancel", "reason", "proefalarm"); r.State != incident.Cancelled {
			t.Errorf("an agent left %s %s", ref, r.State)
		}
	}
}

// A major incident does not close before somebody wrote down what it taught.
func TestAMajorIncidentWaitsForItsLessons(t *testing.T) {
	d := day(t, "2026-11-24 09:00")
	major := func() w.Ref {
		ref := outage(d, "impact", "large", "urgency", "high")
		d.Does("joost", ref, "declare_major")
		d.Does("noor", ref, "resolve", "solution", "herstart")
		return ref
	}
	ref := major()
	if again := d.See(ref).Version; d.Does("anna", ref, "confirm").State != incident.Resolved || d.See(ref).Version != again+1 {
		t.Error("the reporter's yes was lost, or closed it")
	}
	d.Refused("error.incident.evaluate", "noor", ref, "close")
	d.Until("2027-03-01 09:00")
	if r := d.See(ref); r.State != incident.Resolved {
		t.Errorf("silence made it %s", r.State)
	}
	if r := d.Does("noor", ref, "close", "lessons", "een tweede lijn"); r.State != incident.Closed || r.Field("lessons") == "" {
		t.Errorf("with its lessons it is %s", r.State)
	}

	ref = major()
	other := d.Opens("noor", problem.Kind, "propose", "title", "wifi valt vaker uit")
	d.Does("noor", ref, "link", "type", "evaluated_in", "to", other.String())
	if r := d.Does("noor", ref, "close"); r.State != incident.Closed {
		t.Errorf("evaluated in a problem it is %s", r.State)
	}

	// Declared twice is declared once; what is only proposed closes like any other.
	ref = outage(d)
	first := d.Does("joost", ref, "declare_major").Version
	if d.Does("noor", ref, "declare_major").Version != first {
		t.Error("declaring it again wrote something")
	}
	ref = outage(d, "impact", "small")
	for _, who := range []string{"peter", "fatima", "karim", "els"} {
		d.Does(who, ref, "join")
	}
	d.Does("noor", ref, "resolve", "solution", "herstart")
	if r := d.Does("peter", ref, "confirm"); r.Field("major") != "proposed" || r.State != incident.Closed {
		t.Errorf("proposed and confirmed it is %s", r.State)
	}
}

// For who may not know of it, a sensitive record is not there at all.
func TestASensitiveIncidentIsInvisible(t *testing.T) {
	d := day(t, "2026-11-24 09:00")
	ref := d.Opens("anna", incident.Kind, "report", "title", "lijst met cijfers gemaild", "type", "data_breach", "origin", "slack:C0NOORD/1")
	r := d.See(ref)
	for who, may := range map[string]bool{"anna": true, "noor": false, "els": true, "mieke": true, "joost": false, "system": true, "peter": false, "fatima": false, "slack:U0GUEST": false} {
		actor := d.Actor(who)
		if r.MayKnow(actor) != may || len(d.Engine.Moves(r, actor)) > 0 != may {
			t.Errorf("%s may know: %v, and has %d moves; want %v", who, r.MayKnow(actor), len(d.Engine.Moves(r, actor)), may)
		}
	}
	process, _ := d.Engine.Process(incident.Kind)
	for _, action := range process.Actions() {
		if no := d.Refused("error.missing", "peter", ref, action); no.Code != w.Missing || no.Kind != "" {
			t.Errorf("%s told peter that there is something: %+v", action, no)
		}
	}
	// A task that is part of it must not tell, either.
	d.Does("els", ref, "follow_up", "title", "bel de ouders van klas 3b")
	work, _, err := d.Find(context.Background(), w.Filter{Kinds: []w.Kind{"task"}})
	if err != nil || len(work) != 1 || !work[0].Sensitive {
		t.Errorf("the task of a sensitive incident: %+v, %v", work, err)
	}
	// Anna sees her own, and what an agent opens is there for all.
	d.Does("anna", ref, "note", "note", "het waren er twaalf")
	// An officer may give it to an agent, who then knows of it.
	d.Does("els", ref, "assign", "owner", "noor")
	d.Does("noor", ref, "note", "note", "mail is ingetrokken")
	d.Refused("error.missing", "bram", ref, "note", "note", "ik ook")
	d.Does("els", ref, "triage", "sensitive", "no")
	d.Does("peter", ref, "subscribe")
}

// Two people press at once: who was looking at an older version is told so.
func TestAStaleCommandIsRefused(t *testing.T) {
	d := day(t, "2026-11-24 09:00")
	ref := outage(d)
	seen := d.See(ref).Version
	take := func(who string, version int) error {
		_, err := d.Engine.Do(context.Background(), w.Command{Actor: d.Actor(who), Ref: ref, Action: "triage", Version: version})
		return err
	}
	if err := take("noor", seen); err != nil {
		t.Fatal(err)
	}
	var no *w.Error
	if err := take("bram", seen); !errors.As(err, &no) || no.Code != w.Stale || no.Key != "error.stale" {
		t.Errorf("an older version gave %v", err)
	}
	if r := d.See(ref); r.Version != seen+1 {
		t.Errorf("the refused one is version %d", r.Version)
	}
	if err := take("bram", seen+1); err != nil {
		t.Errorf("with the version as it is: %v", err)
	}
	if err := take("bram", 0); err != nil {
		t.Errorf("without a version: %v", err)
	}
}

// Nothing that one may do with one's own record tells of a sensitive one.
func TestNoWayAroundASensitiveIncident(t *testing.T) {
	d := day(t, "2026-11-24 09:00")
	secret := d.Opens("anna", incident.Kind, "report", "title", "lijst met cijfers gemaild", "type", "data_breach")
	open := outage(d)
	d.Refused("error.missing", "noor", open, "merge", "into", secret.String())
	d.Refused("error.missing", "noor", open, "link", "type", "duplicate_of", "to", secret.String())
	d.Refused("error.missing", "noor", secret, "join")
	// An officer may, but not so that all who wait for the one can read the other.
	d.Refused("error.incident.merge_sensitive", "els", open, "merge", "into", secret.String())
	if r := d.See(secret); len(r.Reporters) != 1 || r.Reporters[0] != "anna" {
		t.Errorf("the secret is now of %v", r.Reporters)
	}
	d.Does("els", open, "triage", "sensitive", "yes")
	d.Does("els", open, "merge", "into", secret.String())
}

// A reporter may put right what was misunderstood, as long as it is fresh and theirs
// alone; the team and the priority follow, and the clock for ICT goes on.
func TestCorrecting(t *testing.T) {
	d := day(t, "2026-11-24 09:00")
	of := func() w.Ref {
		return outage(d, "service", "wifi", "location", "noord", "impact", "medium", "urgency", "high")
	}
	soon, late, joined, busy := of(), of(), of(), of()
	d.Does("peter", joined, "join")
	d.Does("noor", busy, "triage")
	r := d.Does("anna", soon, "correct", "service", "magister", "impact", "small")
	if r.Service != "magister" || r.Team != "functioneel-beheer" || r.Location != "noord" || r.Impact != w.Small || r.Priority != w.P3 || r.State != incident.New || r.RespondBy.IsZero() {
		t.Errorf("corrected it is %+v", r)
	}
	if again := d.Does("anna", soon, "correct", "service", "magister"); again.Version != r.Version {
		t.Error("what was so already is a new line")
	}
	if kept := d.Does("anna", soon, "correct", "title", "", "location", "zuid"); kept.Title != r.Title || kept.Location != "zuid" {
		t.Errorf("an empty title made it %q", kept.Title)
	}
	d.Refused("error.denied", "peter", soon, "correct", "service", "wifi")
	d.Refused("error.lookup", "anna", soon, "correct", "service", "koffie")
	d.Refused("error.argument", "anna", soon, "correct", "priority", "P1")
	d.Refused("error.incident.correct", "anna", joined, "correct", "service", "magister")
	d.Refused("error.closed", "anna", busy, "correct", "service", "magister")
	d.Until("2026-11-24 09:10")
	d.Does("anna", late, "correct", "location", "zuid")
	d.Until("2026-11-24 09:11")
	d.Refused("error.incident.correct", "anna", late, "correct", "location", "noord")
}

// Anybody may add to an outage that is open, for it helps to know where it does work.
func TestWhoMayAdd(t *testing.T) {
	d := day(t, "2026-11-24 09:00")
	ref := outage(d)
	d.Does("peter", ref, "note", "note", "bij ons doet hij het gewoon")
	d.Does("noor", ref, "resolve", "solution", "herstart")
	d.Refused("error.denied", "peter", ref, "note", "note", "nog iets")
	d.Does("anna", ref, "note", "note", "nog iets")
	secret := outage(d, "sensitive", "yes")
	d.Refused("error.missing", "peter", secret, "note", "note", "x")
}
