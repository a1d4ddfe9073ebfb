package change_test

import (
	"slices"
	"testing"
	"time"

	w "schoolbel/workflows"
	"schoolbel/workflows/change"
	"schoolbel/workflows/school"
)

// Five changes, and who did what in each; the figures of the week follow from them.
func TestFigures(t *testing.T) {
	var linde *school.School
	d := elsewhere(t, "2026-11-23 09:00", func(s *school.School) {
		s.Changes.StandIns = []school.StandIn{{For: "els", By: "bram", From: date(t, "2026-11-23"), Until: date(t, "2026-11-23")}}
		linde = school.New(*s)
	})
	normal := awaiting(d)
	d.Does("bram", normal, "approve")
	d.Does("karim", normal, "approve")
	d.Until("2026-11-25 09:00")
	d.Does("noor", normal, "start")
	d.Does("noor", normal, "validate", "tester", "anna")
	d.Does("anna", normal, "complete")
	d.Does("sanne", normal, "review")
	back := approved(d)
	d.Does("noor", back, "start")
	d.Does("noor", back, "roll_back", "reason", "past niet")
	outage := d.Opens("anna", "incident", "report", "title", "printen doet het niet")
	d.Does("noor", back, "link", "type", "caused", "to", outage.String())
	routine := wish(d, "template", "account")
	d.Does("noor", routine, "complete")
	urgent := d.Opens("noor", change.Kind, "request", "title", "certificaat", "type", "emergency")
	d.Does("joost", urgent, "approve")
	d.Does("noor", urgent, "start")
	d.Does("noor", urgent, "complete")
	wish(d) // and one that waits
	d.Until("2026-12-04 09:00")

	cases := map[w.Ref]change.Case{}
	var all []change.Case
	for _, ref := range []w.Ref{normal, back, routine, urgent, {Prefix: "CHG", Number: 5}} {
		log, _ := d.Log(t.Context(), ref)
		links, _ := d.Links(t.Context(), ref)
		cases[ref] = change.NewCase(linde, d.See(ref), log, links)
		all = append(all, cases[ref])
	}
	c := cases[normal]
	for name, pair := range map[string][2][]string{
		"asked": {c.AskedBy, {"peter"}}, "assessed": {c.AssessedBy, {"noor"}}, "agreed": {c.Agreed, {"bram for els", "karim"}},
		"did": {c.DoneBy, {"noor"}}, "tested": {c.TestBy, {"noor", "anna"}}, "reviewed": {c.ReviewedBy, {"sanne"}},
	} {
		if !slices.Equal(pair[0], pair[1]) {
			t.Errorf("%s: %v, not %v", name, pair[0], pair[1])
		}
	}
	got := change.Count(all, date(t, "2026-11-23"), date(t, "2026-12-05"), d.Clock())
	want := change.Figures{Asked: 5, Done: 4, Succeeded: 3, RolledBack: 1, Standard: 1, Emergency: 1, Caused: 1, Unreviewed: 1}
	if got.LeadDays != 0 || got != want {
		t.Errorf("the figures are\n%+v, not\n%+v", got, want)
	}
	if got.Share(got.Succeeded) != 0.75 || (change.Figures{}).Share(3) != 0 {
		t.Errorf("a share is %v", got.Share(got.Succeeded))
	}
	if empty := change.Count(all, date(t, "2027-01-01"), date(t, "2027-02-01"), d.Clock()); empty != (change.Figures{}) {
		t.Errorf("another month has %+v", empty)
	}
	forced := []w.Entry{{Action: "request"}, {Action: "start"}, {Action: "complete"}}
	if c := change.NewCase(linde, &w.Record{Fields: map[string]string{}}, forced, nil); !c.Unapproved {
		t.Error("what nobody agreed to is not seen")
	}
	if lead := change.Count([]change.Case{{RequestedAt: d.Clock().Add(-48 * time.Hour), EndedAt: d.Clock()}, {RequestedAt: d.Clock().Add(-96 * time.Hour), EndedAt: d.Clock()}}, date(t, "2026-12-01"), date(t, "2026-12-05"), d.Clock()).LeadDays; lead != 3 {
		t.Errorf("between two and four days there are %v", lead)
	}
}
