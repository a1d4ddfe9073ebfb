package change_test

import (
	"testing"

	w "schoolbel/workflows"
	"schoolbel/workflows/change"
	"schoolbel/workflows/school"
)

// A vote is on the plan as it was: one that is written anew, or put off, is voted on anew.
func TestVotesAreOnAPlan(t *testing.T) {
	two := func(s *school.School) {
		s.Changes.Types["emergency"] = school.ChangeType{Approve: []w.Quorum{{Roles: []w.Role{"change_manager", "crisis_lead", "cab"}, Need: 2}}}
	}
	d := elsewhere(t, "2026-11-24 09:00", two)
	ref := d.Opens("noor", change.Kind, "request", "title", "lek dichten", "type", "emergency", "service", "sso")
	d.Does("noor", ref, "assess", "plan", "poort dicht")
	d.Does("karim", ref, "approve")
	d.Does("noor", ref, "assess", "communication", "mail aan iedereen") // no other plan
	if r := d.See(ref); r.Field("votes") == "" {
		t.Fatal("a vote was thrown away for nothing")
	}
	d.Does("noor", ref, "assess", "plan", "server uit")
	d.Does("els", ref, "approve")
	if r := d.See(ref); r.State == "approved" {
		t.Fatalf("a vote on one plan approved another: %s", r.Field("votes"))
	}
	d.Does("karim", ref, "approve")
	if r := d.See(ref); r.State != "approved" {
		t.Fatalf("with two votes on this plan it is %s", r.State)
	}
	d.Does("noor", ref, "postpone", "reason", "eerst een back-up")
	d.Does("noor", ref, "assess", "plan", "server uit, na een back-up")
	d.Does("joost", ref, "approve")
	if r := d.See(ref); r.State == "approved" {
		t.Errorf("votes of before it was put off approved it: %s", r.Field("votes"))
	}
}
