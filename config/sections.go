package config

import (
	"time"

	"gopkg.in/yaml.v3"

	"schoolbel/workflows"
	"schoolbel/workflows/school"
)

var weekdays = map[string]time.Weekday{
	"mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday, "thu": time.Thursday, "fri": time.Friday, "sat": time.Saturday, "sun": time.Sunday,
}

func (r *schoolReader) organisation(n *yaml.Node, path string) {
	o := &r.school.Organisation
	r.keys(n, path, []string{"name", "locale", "timezone", "hours"}, map[string]func(*yaml.Node, string){
		"name":     r.text(&o.Name),
		"locale":   choice(&r.reader, &o.Locale, "nl", "en"),
		"timezone": r.timezone(&o.Zone),
		"hours": func(n *yaml.Node, path string) {
			r.keys(n, path, []string{"days", "from", "to"}, map[string]func(*yaml.Node, string){
				"days": func(n *yaml.Node, path string) {
					r.list(n, path, func(n *yaml.Node, path string) {
						var day time.Weekday
						r.weekday(&day)(n, path)
						o.Hours.Days = append(o.Hours.Days, day)
					})
				},
				"from": r.clock(&o.Hours.From),
				"to":   r.clock(&o.Hours.To),
			})
			if o.Hours.To <= o.Hours.From {
				r.wrong(real(n), path, "an end after the beginning", "the service hours end before they begin")
			}
		},
	})
}

// timezone reads the name of a zone; the zones themselves are in the program.
func (r *schoolReader) timezone(into **time.Location) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		var name string
		r.text(&name)(n, path)
		if name == "" {
			return
		}
		zone, err := time.LoadLocation(name)
		if err != nil {
			r.wrong(real(n), path, "a time zone such as Europe/Amsterdam", "%q is none", name)
			return
		}
		*into = zone
	}
}

func (r *schoolReader) weekday(into *time.Weekday) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		var name string
		choice(&r.reader, &name, "mon", "tue", "wed", "thu", "fri", "sat", "sun")(n, path)
		*into = weekdays[name]
	}
}

func (r *schoolReader) location(n *yaml.Node, path string, l *school.Location) {
	r.keys(n, path, []string{"key", "name"}, map[string]func(*yaml.Node, string){
		"key": r.key("location", &l.Key), "name": r.text(&l.Name), "aliases": r.texts(&l.Aliases),
	})
}

func (r *schoolReader) supplier(n *yaml.Node, path string, s *school.Supplier) {
	r.keys(n, path, []string{"key", "name"}, map[string]func(*yaml.Node, string){
		"key": r.key("supplier", &s.Key), "name": r.text(&s.Name), "email": r.email(&s.Email), "phone": r.text(&s.Phone),
		"response": r.span(&s.Respond), "resolve": r.span(&s.Resolve),
	})
}

func (r *schoolReader) service(n *yaml.Node, path string, s *school.Service) {
	r.keys(n, path, []string{"key", "name", "owner"}, map[string]func(*yaml.Node, string){
		"key": r.key("service", &s.Key), "name": r.text(&s.Name), "aliases": r.texts(&s.Aliases),
		"critical": r.flag(&s.Critical), "exam_critical": r.flag(&s.ExamCritical),
		"owner": r.ref("team", &s.Owner), "supplier": r.ref("supplier", &s.Supplier),
		"depends_on": r.refs("service", &s.DependsOn), "locations": r.refs("location", &s.Locations),
	})
}

func (r *schoolReader) person(n *yaml.Node, path string, p *school.Person) {
	var names []string
	r.keys(n, path, []string{"key", "name", "roles"}, map[string]func(*yaml.Node, string){
		"key": r.key("person", &p.Key), "name": r.text(&p.Name), "email": r.claimed("e-mail address", r.email(&p.Email), &p.Email),
		"locale": choice(&r.reader, &p.Locale, "nl", "en"), "roles": r.rolesOf(&names),
		"teams": r.refs("team", &p.Teams), "locations": r.refs("location", &p.Locations), "phone": r.text(&p.Phone),
		"accounts": func(n *yaml.Node, path string) {
			p.Accounts = map[string]string{}
			known := map[string]func(*yaml.Node, string){}
			for _, adapter := range []string{"slack", "teams", "matrix", "console"} {
				known[adapter] = func(n *yaml.Node, path string) {
					var id string
					r.claimed(adapter+" account", r.text(&id), &id)(n, path)
					p.Accounts[adapter] = id
				}
			}
			r.keys(n, path, nil, known)
		},
	})
	p.Roles = roles(names)
}

// schoolRoles are the hats that people can wear (domain.md 3).
var schoolRoles = []string{
	"teacher", "reporter", "support", "agent", "oncall", "change_manager", "problem_manager", "cab", "process_owner", "privacy_officer",
	"security_officer", "crisis_lead", "director", "communication",
}

func (r *schoolReader) rolesOf(into *[]string) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		r.list(n, path, func(n *yaml.Node, path string) {
			var role string
			choice(&r.reader, &role, schoolRoles...)(n, path)
			*into = append(*into, role)
		})
	}
}

func (r *schoolReader) team(n *yaml.Node, path string, t *school.Team) {
	r.keys(n, path, []string{"key", "name"}, map[string]func(*yaml.Node, string){
		"key": r.key("team", &t.Key), "name": r.text(&t.Name), "room": r.places(&t.Room),
	})
}

func (r *schoolReader) audience(n *yaml.Node, path string, a *school.Audience) {
	r.keys(n, path, []string{"key", "locations", "places"}, map[string]func(*yaml.Node, string){
		"key": r.key("audience", &a.Key), "locations": r.refs("location", &a.Locations), "places": r.places(&a.Places),
		"mail": func(n *yaml.Node, path string) {
			r.list(n, path, func(n *yaml.Node, path string) {
				var address string
				r.email(&address)(n, path)
				if address != "" {
					a.Mail = append(a.Mail, address)
				}
			})
		},
	})
}

func (r *schoolReader) priorities(n *yaml.Node, path string) {
	p := &r.school.Priorities
	r.keys(n, path, []string{"matrix", "targets"}, map[string]func(*yaml.Node, string){
		"matrix": r.matrix,
		"targets": func(n *yaml.Node, path string) {
			p.Targets = map[workflows.Priority]workflows.Target{}
			known, all := map[string]func(*yaml.Node, string){}, []string{"P1", "P2", "P3", "P4"}
			for _, name := range all {
				known[name] = func(n *yaml.Node, path string) {
					var t workflows.Target
					var hours string
					r.keys(n, path, []string{"respond", "resolve"}, map[string]func(*yaml.Node, string){
						"respond": r.span(&t.Respond), "resolve": r.span(&t.Resolve), "hours": choice(&r.reader, &hours, "always", "service"),
					})
					t.Always = hours == "always"
					p.Targets[workflows.Priority(name)] = t
				}
			}
			r.keys(n, path, all, known)
		},
		"major_after":  r.number(&p.MajorAfter, 2),
		"major_within": r.span(&p.MajorWithin),
	})
}

// matrix reads impact × urgency; every cell must be there.
func (r *schoolReader) matrix(n *yaml.Node, path string) {
	m := map[workflows.Level]map[workflows.Level]workflows.Priority{}
	rows := map[string]func(*yaml.Node, string){}
	for _, impact := range []string{"large", "medium", "small"} {
		rows[impact] = func(n *yaml.Node, path string) {
			row := map[workflows.Level]workflows.Priority{}
			cells := map[string]func(*yaml.Node, string){}
			for _, urgency := range []string{"high", "medium", "low"} {
				cells[urgency] = func(n *yaml.Node, path string) {
					var p workflows.Priority
					choice(&r.reader, &p, "P1", "P2", "P3", "P4")(n, path)
					row[workflows.Level(urgency)] = p
				}
			}
			r.keys(n, path, []string{"high", "medium", "low"}, cells)
			m[workflows.Level(impact)] = row
		}
	}
	r.keys(n, path, []string{"large", "medium", "small"}, rows)
	r.school.Priorities.Matrix = m
}
