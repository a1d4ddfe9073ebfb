package main

import (
	"context"
	"math"
	"strings"
	"time"

	"schoolbel/workflows"
	"schoolbel/workflows/change"
)

// slowest is how long before a period a change may have been asked for, and still be
// carried out in it.
const slowest = 2 * 366 * 24 * time.Hour

// changeSheet tells of the changes of a period (domain.md 5.4).
func changeSheet(ctx context.Context, from reader, p period) (sheet, error) {
	s := sheet{Kind: change.Kind, Columns: []string{
		"ref", "title", "type", "service", "state", "asked_by", "assessed_by", "agreed_by", "done_by", "tested_by", "reviewed_by",
		"requested_at", "approved_at", "window_from", "window_to", "started_at", "ended_at", "review_by", "reviewed_at", "rolled_back", "unapproved", "caused",
	}}
	var cases []change.Case
	f := workflows.Filter{Kinds: []workflows.Kind{change.Kind}, Since: p.From.Add(-slowest), Limit: 200}
	for {
		found, next, err := from.Find(ctx, f)
		if err != nil {
			return s, err
		}
		for _, r := range found {
			log, err := from.Log(ctx, r.Ref)
			if err != nil {
				return s, err
			}
			links, err := from.Links(ctx, r.Ref)
			if err != nil {
				return s, err
			}
			cases = append(cases, change.NewCase(from.school, r, log, links))
		}
		if next == "" {
			break
		}
		f.After = next
	}
	n := change.Count(cases, p.From, p.To, from.now)
	count := func(name string, value int) { s.Figures = append(s.Figures, cell{Name: name, Value: float64(value)}) }
	share := func(name string, part int) {
		s.Figures = append(s.Figures, cell{Name: name, Value: math.Round(n.Share(part)*1e4) / 1e4, Share: true})
	}
	count("asked", n.Asked)
	count("done", n.Done)
	share("success", n.Succeeded)
	count("rolled_back", n.RolledBack)
	share("standard_share", n.Standard)
	share("emergency_share", n.Emergency)
	s.Figures = append(s.Figures, cell{Name: "lead_days", Value: math.Round(n.LeadDays*10) / 10})
	count("incidents_caused", n.Caused)
	count("unapproved", n.Unapproved)
	count("reviewed_in_time", n.ReviewedInTime)
	count("reviewed_late", n.ReviewedLate)
	count("not_reviewed", n.Unreviewed)
	for _, c := range cases {
		if touches(c, p) {
			s.Rows = append(s.Rows, from.row(c))
		}
	}
	return s, nil
}

// touches tells whether anything of a change was in the period.
func touches(c change.Case, p period) bool {
	for _, at := range []time.Time{c.RequestedAt, c.ApprovedAt, c.StartedAt, c.EndedAt, c.ReviewBy, c.ReviewedAt} {
		if !at.IsZero() && !at.Before(p.From) && at.Before(p.To) {
			return true
		}
	}
	return false
}

func (r reader) row(c change.Case) []string {
	people := func(keys []string) string {
		var names []string
		for _, key := range keys {
			who, other, stands := strings.Cut(key, " for ")
			name := r.name(who)
			if stands {
				name += " (" + r.name(other) + ")"
			}
			names = append(names, name)
		}
		return strings.Join(names, ", ")
	}
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return r.school.Local(t).Format(time.RFC3339)
	}
	yes := map[bool]string{true: "yes"}
	var caused []string
	for _, ref := range c.Caused {
		caused = append(caused, ref.String())
	}
	return []string{
		c.Ref.String(), c.Title, c.Type, c.Service, string(c.State), people(c.AskedBy), people(c.AssessedBy), people(c.Agreed), people(c.DoneBy), people(c.TestBy), people(c.ReviewedBy),
		at(c.RequestedAt), at(c.ApprovedAt), at(c.From), at(c.Until), at(c.StartedAt), at(c.EndedAt), at(c.ReviewBy), at(c.ReviewedAt), yes[c.RolledBack], yes[c.Unapproved], strings.Join(caused, ", "),
	}
}

func (r reader) name(key string) string {
	if p, ok := r.school.Person(key); ok {
		return p.Name
	}
	return strings.TrimPrefix(key, "api:")
}
