package change

import (
	"slices"
	"strings"
	"time"

	w "schoolbel/workflows"
)

// Case is one change as an auditor sees it: who asked, assessed, agreed, did and
// tested, and what came of it.
type Case struct {
	Ref                                 w.Ref
	Title, Type, Service                string
	State                               w.State
	AskedBy, AssessedBy, DoneBy, TestBy []string
	Agreed                              []string // "bram for els" is a stand-in
	ReviewedBy                          []string
	RequestedAt, ApprovedAt             time.Time
	From, Until, StartedAt, EndedAt     time.Time
	ReviewBy, ReviewedAt                time.Time // of an emergency, and of all that were looked back on
	RolledBack                          bool
	Unapproved                          bool // begun without a decision
	Caused                              []w.Ref
}

// NewCase reads a change, its log and its links.
func NewCase(school w.Catalogue, r *w.Record, log []w.Entry, links []w.Link) Case {
	c := Case{
		Ref: r.Ref, Title: r.Title, Type: r.Field("type"), Service: r.Service, State: r.State, AskedBy: slices.Clone(r.Reporters), RequestedAt: r.OpenedAt,
		From: moment(r, "from"), Until: moment(r, "until"), StartedAt: moment(r, "started_at"), EndedAt: moment(r, "ended_at"),
	}
	if r.Sensitive {
		c.Title = ""
	}
	add := func(list *[]string, who string) {
		if !slices.Contains(*list, who) {
			*list = append(*list, who)
		}
	}
	decided := false
	for _, e := range log {
		if strings.Contains(e.Note, ": error.") { // it was tried, and refused
			continue
		}
		switch e.Action {
		case "request":
			add(&c.AskedBy, e.Actor)
		case "assess", "submit":
			add(&c.AssessedBy, e.Actor)
			if e.Action == "submit" {
				c.Agreed, decided = nil, false
			}
		case "approve":
			add(&c.Agreed, voice(e))
		case "authorise":
			c.ApprovedAt, decided = e.LoggedAt, true
		case "start", "complete", "roll_back":
			c.Unapproved = c.Unapproved || !decided
			if e.From == Validating {
				add(&c.TestBy, e.Actor)
			} else {
				add(&c.DoneBy, e.Actor)
			}
			c.RolledBack = c.RolledBack || e.Action == "roll_back"
		case "validate":
			add(&c.TestBy, e.Actor)
		case "review":
			add(&c.ReviewedBy, e.Actor)
			c.ReviewedAt = e.LoggedAt
		}
	}
	if within := school.Approval("emergency").ReviewWithin; c.Type == "emergency" && within > 0 && !c.ApprovedAt.IsZero() {
		c.ReviewBy = c.ApprovedAt.Add(within)
	}
	for _, l := range links {
		if l.From == r.Ref && l.Type == "caused" {
			c.Caused = append(c.Caused, l.To)
		}
	}
	return c
}

// voice is who agreed in a line, and for whom.
func voice(e w.Entry) string {
	for v := range strings.FieldsSeq(e.Diff["field.votes"][1]) {
		who, _, _ := strings.Cut(v, "=")
		if by, other, ok := strings.Cut(who, "/"); ok && by == e.Actor {
			return by + " for " + other
		}
	}
	return e.Actor
}

// Figures are those of a period (domain.md 5.4).
type Figures struct {
	Asked          int     // in the period
	Done           int     // carried out, or rolled back, in the period
	Succeeded      int     // of these: not rolled back
	RolledBack     int     //
	Standard       int     // of those that were done
	Emergency      int     //
	Caused         int     // incidents that they caused
	Unapproved     int     // begun without a decision
	LeadDays       float64 // from the wish to the end: half of them were faster
	ReviewedInTime int     // emergencies that were looked back on as agreed
	ReviewedLate   int     //
	Unreviewed     int     // and those that should have been, and were not yet
}

// Share is a part of what was done, from 0 to 1.
func (f Figures) Share(part int) float64 {
	if f.Done == 0 {
		return 0
	}
	return float64(part) / float64(f.Done)
}

// Count makes the figures of a period as things stand at now.
func Count(cases []Case, from, to, now time.Time) Figures {
	var f Figures
	var leads []time.Duration
	within := func(at time.Time) bool { return !at.IsZero() && !at.Before(from) && at.Before(to) }
	for _, c := range cases {
		if within(c.RequestedAt) {
			f.Asked++
		}
		if within(c.ReviewBy) {
			switch {
			case c.ReviewedAt.IsZero() && now.After(c.ReviewBy):
				f.Unreviewed++
			case c.ReviewedAt.IsZero():
			case c.ReviewedAt.After(c.ReviewBy):
				f.ReviewedLate++
			default:
				f.ReviewedInTime++
			}
		}
		if !within(c.EndedAt) {
			continue
		}
		f.Done++
		leads = append(leads, c.EndedAt.Sub(c.RequestedAt))
		f.Caused += len(c.Caused)
		for _, count := range []struct {
			is   bool
			into *int
		}{{c.RolledBack, &f.RolledBack}, {!c.RolledBack, &f.Succeeded}, {c.Type == "standard", &f.Standard}, {c.Type == "emergency", &f.Emergency}, {c.Unapproved, &f.Unapproved}} {
			if count.is {
				*count.into++
			}
		}
	}
	slices.Sort(leads)
	if n := len(leads); n > 0 {
		f.LeadDays = (leads[(n-1)/2] + leads[n/2]).Hours() / 48
	}
	return f
}
