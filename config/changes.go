package config

import (
	"slices"
	"time"

	"gopkg.in/yaml.v3"

	"schoolbel/workflows"
	"schoolbel/workflows/school"
)

func (r *schoolReader) changes(n *yaml.Node, path string) {
	c := &r.school.Changes
	var overrule []string
	r.keys(n, path, []string{"types"}, map[string]func(*yaml.Node, string){
		"types": func(n *yaml.Node, path string) {
			c.Types = map[string]school.ChangeType{}
			known := map[string]func(*yaml.Node, string){}
			for _, name := range []string{"normal", "emergency"} {
				known[name] = func(n *yaml.Node, path string) {
					var t school.ChangeType
					r.keys(n, path, []string{"approve"}, map[string]func(*yaml.Node, string){
						"approve": each(r, &t.Approve, r.quorum), "order": choice(&r.reader, &t.Order, "steps", "parallel"),
						"review_within": r.span(&t.ReviewWithin), "confirm": choice(&r.reader, &t.Confirm, "chat", "browser"),
					})
					if len(t.Approve) == 0 {
						r.wrong(real(n), path, "approve: [{roles: [cab], quorum: 2}]", "nobody decides on a change of this type")
					}
					c.Types[name] = t
				}
			}
			r.keys(n, path, []string{"normal", "emergency"}, known)
		},
		"standard": each(r, &c.Standard, func(n *yaml.Node, path string, s *school.StandardChange) {
			r.keys(n, path, []string{"key", "name"}, map[string]func(*yaml.Node, string){
				"key": r.key("standard change", &s.Key), "name": r.text(&s.Name), "service": r.ref("service", &s.Service), "words": r.texts(&s.Words),
			})
		}),
		"approve_within": r.span(&c.ApproveWithin),
		"confirm":        choice(&r.reader, &c.Confirm, "chat", "browser"),
		"overrule":       r.rolesOf(&overrule),
		"tell_before":    r.spans(&c.TellBefore),
	})
	c.Overrule = roles(overrule)
}

func (r *schoolReader) quorum(n *yaml.Node, path string, q *workflows.Quorum) {
	var names []string
	r.keys(n, path, []string{"roles", "quorum"}, map[string]func(*yaml.Node, string){
		"roles": r.rolesOf(&names), "quorum": r.number(&q.Need, 1),
	})
	q.Roles = roles(names)
	if len(names) == 0 {
		r.wrong(real(n), path, "roles: [cab]", "nobody may take this step")
	}
}

// spans reads lengths of time and puts the longest first.
func (r *schoolReader) spans(into *[]time.Duration) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		r.list(n, path, func(n *yaml.Node, path string) {
			var one time.Duration
			r.span(&one)(n, path)
			*into = append(*into, one)
		})
		slices.Sort(*into)
		slices.Reverse(*into)
	}
}

// standIn reads who votes for whom, and from which day until which.
func (r *schoolReader) standIn(n *yaml.Node, path string, s *school.StandIn) {
	r.keys(n, path, []string{"for", "by", "from", "until"}, map[string]func(*yaml.Node, string){
		"for": r.ref("person", &s.For), "by": r.ref("person", &s.By), "from": r.when(&s.From, r.zone), "until": r.when(&s.Until, r.zone),
	})
	if s.For != "" && s.For == s.By {
		r.wrong(real(n), path, "somebody else in by:", "%s stands in for themselves", s.By)
	}
	r.after = append(r.after, func() {
		if s.Until.Before(s.From) {
			r.wrong(real(n), path, "an end on or after the first day", "this stand-in ends before it begins")
		}
	})
}

// maintenance reads the hours in which services may be worked on.
func (r *schoolReader) maintenance(n *yaml.Node, path string, m *school.Maintenance) {
	r.keys(n, path, []string{"days", "from", "to"}, map[string]func(*yaml.Node, string){
		"services": r.refs("service", &m.Services), "from": r.clock(&m.From), "to": r.clock(&m.To),
		"days": func(n *yaml.Node, path string) {
			r.list(n, path, func(n *yaml.Node, path string) {
				var day time.Weekday
				r.weekday(&day)(n, path)
				m.Days = append(m.Days, day)
			})
		},
	})
	if len(m.Days) == 0 {
		r.wrong(real(n), path, "days: [mon, tue, …]", "there is no day for this")
	}
}
