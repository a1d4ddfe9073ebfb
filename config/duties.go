package config

import (
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"schoolbel/workflows/school"
)

// kinds are the records that a policy can be about.
var kinds = []string{"incident", "change", "problem", "patch", "vulnerability", "item", "crisis", "task"}

func (r *schoolReader) rota(n *yaml.Node, path string, rota *school.Rota) {
	rota.Zone = nil
	zone := func() *time.Location {
		if rota.Zone != nil {
			return rota.Zone
		}
		return r.zone()
	}
	r.keys(n, path, []string{"key", "layers"}, map[string]func(*yaml.Node, string){
		"key": r.key("rota", &rota.Key), "name": r.text(&rota.Name), "timezone": r.timezone(&rota.Zone),
		"layers": each(r, &rota.Layers, func(n *yaml.Node, path string, l *school.Layer) {
			r.keys(n, path, []string{"rotation", "handoff", "start", "members"}, map[string]func(*yaml.Node, string){
				"rotation": choice(&r.reader, &l.Rotation, "daily", "weekly"),
				"handoff": func(n *yaml.Node, path string) {
					r.keys(n, path, []string{"at"}, map[string]func(*yaml.Node, string){"day": r.weekday(&l.Day), "at": r.clock(&l.At)})
				},
				"start": r.when(&l.Start, zone), "members": r.refs("person", &l.Members),
			})
			if len(l.Members) == 0 {
				r.wrong(real(n), path, "members: [a person, …]", "nobody is in this rotation")
			}
		}),
		"overrides": each(r, &rota.Overrides, func(n *yaml.Node, path string, o *school.Override) {
			r.keys(n, path, []string{"from", "to", "person"}, map[string]func(*yaml.Node, string){
				"from": r.when(&o.From, zone), "to": r.when(&o.To, zone), "person": r.ref("person", &o.Person),
			})
			r.after = append(r.after, func() {
				if !o.To.After(o.From) {
					r.wrong(real(n), path, "an end after the beginning", "this turn ends before it begins")
				}
			})
		}),
	})
	r.after = append(r.after, func() { rota.Zone = zone() })
}

func (r *schoolReader) policy(n *yaml.Node, path string, p *school.Policy) {
	r.keys(n, path, []string{"key", "match", "steps"}, map[string]func(*yaml.Node, string){
		"key": r.key("policy", &p.Key),
		"match": func(n *yaml.Node, path string) {
			r.keys(n, path, nil, map[string]func(*yaml.Node, string){
				"kind": choices(r, &p.Kinds, kinds...), "priority": choices(r, &p.Priorities, "P1", "P2", "P3", "P4"),
			})
		},
		"steps": each(r, &p.Steps, func(n *yaml.Node, path string, s *school.Step) {
			r.keys(n, path, []string{"notify", "wait"}, map[string]func(*yaml.Node, string){
				"notify": func(n *yaml.Node, path string) { r.list(n, path, r.whom(&s.Notify)) }, "wait": r.span(&s.Wait),
			})
		}),
		"repeat": r.number(&p.Repeat, 0), "reack": r.span(&p.Reack),
	})
}

// choices reads a list of a few words.
func choices[T ~string](r *schoolReader, into *[]T, words ...string) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		r.list(n, path, func(n *yaml.Node, path string) {
			var one T
			choice(&r.reader, &one, words...)(n, path)
			*into = append(*into, one)
		})
	}
}

// whom reads "on_call:ict", "team:ict" or "person:joost".
func (r *schoolReader) whom(into *[]string) func(*yaml.Node, string) {
	sorts := map[string]string{"on_call": "rota", "team": "team", "person": "person"}
	return func(n *yaml.Node, path string) {
		var text string
		r.text(&text)(n, path)
		sort, name, _ := strings.Cut(text, ":")
		if text == "" || sorts[sort] == "" || name == "" {
			r.wrong(real(n), path, `"on_call:ROTA", "team:TEAM" or "person:KEY"`, "%q is nobody", text)
			return
		}
		r.used = append(r.used, use{real(n), path, sorts[sort], name})
		*into = append(*into, text)
	}
}

func (r *schoolReader) period(n *yaml.Node, path string, p *school.Period) {
	r.keys(n, path, []string{"kind", "name", "from", "to"}, map[string]func(*yaml.Node, string){
		"kind": choice(&r.reader, &p.Kind, "exam", "holiday", "freeze"), "name": r.text(&p.Name),
		"from": r.when(&p.From, r.zone), "to": r.when(&p.To, r.zone),
	})
	r.after = append(r.after, func() {
		if p.To.Before(p.From) {
			r.wrong(real(n), path, "an end on or after the first day", "this period ends before it begins")
		}
	})
}

func (r *schoolReader) runBy(n *yaml.Node, path string, b *school.RunBy) {
	r.keys(n, path, []string{"kind", "owner", "run_by"}, map[string]func(*yaml.Node, string){
		"kind":  choice(&r.reader, &b.Kind, "incident", "problem", "change", "patch", "vulnerability", "configuration", "crisis"),
		"owner": r.ref("person", &b.Owner), "run_by": choice(&r.reader, &b.RunBy, "internal", "supplier", "shared"), "supplier": r.ref("supplier", &b.Supplier),
	})
	if b.RunBy != "" && b.RunBy != "internal" && b.Supplier == "" {
		r.wrong(real(n), path, "supplier: KEY", "run_by is %s, but no supplier is named", b.RunBy)
	}
}

func (r *schoolReader) crisis(n *yaml.Node, path string) {
	c := &r.school.Crisis
	r.keys(n, path, []string{"lead"}, map[string]func(*yaml.Node, string){
		"lead": r.refs("person", &c.Lead), "team": r.refs("person", &c.Team), "update_every": r.span(&c.UpdateEvery),
		"roles": func(n *yaml.Node, path string) {
			c.Roles = map[string]string{}
			known := map[string]func(*yaml.Node, string){}
			for _, role := range []string{"chair", "secretary", "information", "communication", "expert"} {
				known[role] = func(n *yaml.Node, path string) {
					var who string
					r.ref("person", &who)(n, path)
					c.Roles[role] = who
				}
			}
			r.keys(n, path, nil, known)
		},
	})
}

func (r *schoolReader) dataBreach(n *yaml.Node, path string) {
	d := &r.school.DataBreach
	r.keys(n, path, []string{"informed"}, map[string]func(*yaml.Node, string){
		"informed": r.refs("person", &d.Informed),
		"warn_at": func(n *yaml.Node, path string) {
			r.list(n, path, func(n *yaml.Node, path string) {
				var at time.Duration
				r.span(&at)(n, path)
				d.WarnAt = append(d.WarnAt, at)
			})
			if !slices.IsSorted(d.WarnAt) {
				r.wrong(real(n), path, "earlier warnings first", "the warnings are not in order")
			}
		},
	})
}

// email reads an address; it is used to find people, so it must look like one.
func (r *schoolReader) email(into *string) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		r.text(into)(n, path)
		if name, domain, ok := strings.Cut(*into, "@"); *into != "" && (!ok || name == "" || domain == "" || strings.ContainsAny(*into, " <>,")) {
			r.wrong(real(n), path, "an address such as a.visser@school.example", "%q is no e-mail address", *into)
		}
	}
}

// claimed reads what only one person can have.
func (r *schoolReader) claimed(sort string, read func(*yaml.Node, string), value *string) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		read(n, path)
		if *value != "" {
			r.define(sort, strings.ToLower(*value), real(n), path)
		}
	}
}

// places reads rooms: adapter, colon, and what that adapter calls the room.
func (r *schoolReader) places(into *[]string) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		r.list(n, path, func(n *yaml.Node, path string) {
			var place string
			r.place(&place)(n, path)
			if place != "" {
				*into = append(*into, place)
			}
		})
	}
}

// sense checks what only the whole file can show.
func (r *schoolReader) sense(root *yaml.Node) {
	for _, later := range r.after {
		later()
	}
	if len(r.school.Teams) == 0 {
		r.wrong(root, "teams", "at least one team: its room gets the reports", "there is no team")
	}
	r.circles(root)
	r.aliases(root)
	r.deskWords(root)
}

// circles refuses services that need each other in a ring.
func (r *schoolReader) circles(root *yaml.Node) {
	needs := map[string][]string{}
	for _, s := range r.school.Services {
		needs[s.Key] = s.DependsOn
	}
	var walk func(at string, path []string) []string
	walk = func(at string, path []string) []string {
		if i := slices.Index(path, at); i >= 0 {
			return append(slices.Clone(path[i:]), at)
		}
		for _, next := range needs[at] {
			if ring := walk(next, append(path, at)); ring != nil {
				return ring
			}
		}
		return nil
	}
	for _, s := range r.school.Services {
		if ring := walk(s.Key, nil); ring != nil {
			r.wrong(lineOf(root, r.defined["service"][s.Key]), "services", "services that need each other in one direction only", "a ring: %s", strings.Join(ring, " needs "))
			return
		}
	}
}

// aliases refuses a word that means two services, or two locations.
func (r *schoolReader) aliases(root *yaml.Node) {
	check := func(sort string, key, name string, others []string, taken map[string]string) {
		for _, word := range append([]string{key, name}, others...) {
			word = strings.ToLower(word)
			if owner, has := taken[word]; has && owner != key {
				r.wrong(lineOf(root, r.defined[sort][key]), sort+"s", "words that mean one "+sort, "%q means %s, and %s as well", word, owner, key)
				continue
			}
			taken[word] = key
		}
	}
	services, locations := map[string]string{}, map[string]string{}
	for _, s := range r.school.Services {
		check("service", s.Key, s.Name, s.Aliases, services)
	}
	for _, l := range r.school.Locations {
		check("location", l.Key, l.Name, l.Aliases, locations)
	}
}

// lineOf is a node that only tells a line.
func lineOf(root *yaml.Node, line int) *yaml.Node {
	n := *root
	n.Line = line
	return &n
}
