package config

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"schoolbel/workflows"
	"schoolbel/workflows/school"
)

//go:embed school.example.yaml
var example []byte

// builtIn is how the embedded school file is called in messages.
const builtIn = "the built-in school"

// School reads a school file; "" gives the built-in one. Mistakes are Problems.
func School(path string) (*school.School, error) {
	if path == "" {
		return ParseSchool(builtIn, example)
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, Problems{{File: path, Text: "there is no such school file", Expect: "the path of a file shaped like config/school.example.yaml"}}
	}
	if err != nil {
		return nil, fmt.Errorf("school file: %w", err)
	}
	return ParseSchool(path, text)
}

// ParseSchool reads a school file's text; name stands in the messages.
func ParseSchool(name string, text []byte) (*school.School, error) {
	r := &schoolReader{reader: reader{file: name}}
	root := r.parse(text)
	if root == nil && r.found == nil {
		r.wrong(nil, "", "the keys of config/school.example.yaml", "the file is empty")
	}
	if root != nil {
		r.top(root)
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	return school.New(r.school), nil
}

// schoolReader reads a school file. Names that are used are kept with their
// line until the whole file is read, for they may be defined further on.
type schoolReader struct {
	reader
	school  school.School
	defined map[string]map[string]int // sort of name → name → line
	used    []use
	local   []localTime
	after   []func() // questions that wait for the whole file
}

// use is a name that must be defined somewhere in the file.
type use struct {
	node *yaml.Node
	path string
	sort string // "person", "team" …
	name string
}

// localTime is a date or time that waits for its zone to be known.
type localTime struct {
	node *yaml.Node
	path string
	into *time.Time
	zone func() *time.Location
}

func (r *schoolReader) top(root *yaml.Node) {
	r.defined = map[string]map[string]int{}
	s := &r.school
	s.Organisation.Zone = time.UTC
	r.keys(root, "", []string{"organisation", "locations", "services", "people", "teams", "priorities"}, map[string]func(*yaml.Node, string){
		"organisation": r.organisation,
		"locations":    each(r, &s.Locations, r.location),
		"suppliers":    each(r, &s.Suppliers, r.supplier),
		"services":     each(r, &s.Services, r.service),
		"people":       each(r, &s.People, r.person),
		"teams":        each(r, &s.Teams, r.team),
		"audiences":    each(r, &s.Audiences, r.audience),
		"priorities":   r.priorities,
		"on_call":      each(r, &s.OnCall, r.rota),
		"escalation":   each(r, &s.Escalation, r.policy),
		"changes":      r.changes,
		"calendar":     each(r, &s.Calendar, r.period),
		"processes":    each(r, &s.Processes, r.runBy),
		"crisis":       r.crisis,
		"data_breach":  r.dataBreach,
		"understanding": func(n *yaml.Node, path string) {
			r.keys(n, path, nil, map[string]func(*yaml.Node, string){"learn": r.flag(&s.Understanding.Learn)})
		},
		"help":        r.help,
		"stand_ins":   each(r, &s.Changes.StandIns, r.standIn),
		"maintenance": each(r, &s.Maintenance, r.maintenance),
	})
	r.times()
	r.names()
	r.sense(root)
}

// each reads a list of things into a slice. The slice is grown before it is
// read, so that pointers into it stay good.
func each[T any](r *schoolReader, into *[]T, one func(*yaml.Node, string, *T)) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		if m := real(n); m != nil && m.Kind == yaml.SequenceNode {
			*into = make([]T, 0, len(m.Content))
		}
		r.list(n, path, func(e *yaml.Node, path string) {
			var empty T
			*into = append(*into, empty)
			one(e, path, &(*into)[len(*into)-1])
		})
	}
}

// key reads a name that is defined here, and only here.
func (r *schoolReader) key(sort string, into *string) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		r.text(into)(n, path)
		if *into == "" {
			return
		}
		if strings.ContainsAny(*into, " \t:,#=") || *into != strings.ToLower(*into) {
			r.wrong(n, path, "small letters, digits, - and _", "%q is no good name", *into)
		}
		r.define(sort, *into, n, path)
	}
}

func (r *schoolReader) define(sort, name string, n *yaml.Node, path string) {
	if r.defined[sort] == nil {
		r.defined[sort] = map[string]int{}
	}
	if line, twice := r.defined[sort][name]; twice {
		r.wrong(n, path, "another name", "%s %q stands on line %d already", sort, name, line)
		return
	}
	r.defined[sort][name] = n.Line
}

// ref reads a name that is defined elsewhere in the file.
func (r *schoolReader) ref(sort string, into *string) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		r.text(into)(n, path)
		if *into != "" {
			r.used = append(r.used, use{real(n), path, sort, *into})
		}
	}
}

func (r *schoolReader) refs(sort string, into *[]string) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		r.list(n, path, func(e *yaml.Node, path string) {
			var name string
			r.ref(sort, &name)(e, path)
			*into = append(*into, name)
		})
	}
}

// when reads a date or a local time; zone is asked when the whole file is read.
func (r *schoolReader) when(into *time.Time, zone func() *time.Location) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		r.local = append(r.local, localTime{real(n), path, into, zone})
	}
}

func (r *schoolReader) zone() *time.Location { return r.school.Organisation.Zone }

func (r *schoolReader) times() {
	for _, l := range r.local {
		var s string
		r.text(&s)(l.node, l.path)
		if s == "" {
			continue
		}
		t, err := time.ParseInLocation("2006-01-02", s, l.zone())
		for _, form := range []string{"2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02T15:04:05"} {
			if err != nil {
				t, err = time.ParseInLocation(form, s, l.zone())
			}
		}
		if err != nil {
			r.wrong(l.node, l.path, "a date such as 2026-12-24, or a time such as 2026-12-24T08:00", "%q is none", s)
		}
		*l.into = t
	}
}

// names checks every name that was used against those that are defined.
func (r *schoolReader) names() {
	for _, u := range r.used {
		if _, ok := r.defined[u.sort][u.name]; !ok {
			r.wrong(u.node, u.path, nearest(u.name, sorted(r.defined[u.sort])), "there is no %s %q", u.sort, u.name)
		}
	}
}

func roles(names []string) []workflows.Role {
	list := make([]workflows.Role, len(names))
	for i, n := range names {
		list[i] = workflows.Role(n)
	}
	return list
}
