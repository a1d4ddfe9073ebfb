package workflows

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// How long texts may be, in characters: a title stays readable on a card, any
// other text fits a platform's longest message.
const (
	maxTitle = 200
	maxText  = 40_000
)

// columns are the arguments that stand in a column of the record itself.
var columns = []Field{
	{Name: "title"},
	{Name: "service", Lookup: "service"},
	{Name: "location", Lookup: "location"},
	{Name: "owner", Lookup: "person"},
	{Name: "team", Lookup: "team"},
	{Name: "impact", Options: []string{"large", "medium", "small", "unknown"}},
	{Name: "urgency", Options: []string{"high", "medium", "low"}},
	{Name: "priority", Options: []string{"P1", "P2", "P3", "P4"}},
	{Name: "sensitive", Options: []string{"yes", "no"}},
	{Name: "note", Long: true},
}

// Field finds how a column or field of this process is to be asked for and read.
func (p *Process) Field(name string) (Field, bool) {
	for _, list := range [][]Field{p.Fields, columns, commonFields} {
		if i := slices.IndexFunc(list, func(f Field) bool { return f.Name == name }); i >= 0 {
			return list[i], true
		}
	}
	return Field{}, false
}

// fieldFor finds an argument of a rule: its own first.
func (p *Process) fieldFor(r *Rule, name string) (f Field, own, ok bool) {
	if i := slices.IndexFunc(r.Own, func(f Field) bool { return f.Name == name }); i >= 0 {
		return r.Own[i], true, true
	}
	f, ok = p.Field(name)
	return f, false, ok
}

func (p *Process) fields(r *Rule, names []string) []Field {
	var list []Field
	for _, n := range names {
		if f, _, ok := p.fieldFor(r, n); ok {
			list = append(list, f)
		}
	}
	return list
}

// readArgs checks what was given and puts it into the record or the log line.
func (s *Step) readArgs(p *Process, rule *Rule) error {
	for name := range s.Command.Args {
		if name != "note" && !slices.Contains(rule.Needs, name) && !slices.Contains(rule.Takes, name) {
			return Refuse(Invalid, p.Kind, "error.argument", FieldName(name), rule.Do)
		}
	}
	var missing []FieldName
	for _, name := range rule.Needs {
		if strings.TrimSpace(s.Command.Args[name]) == "" {
			missing = append(missing, FieldName(name))
		}
	}
	if len(missing) > 0 {
		return Refuse(Invalid, p.Kind, "error.needs", rule.Do, missing)
	}
	args := make(map[string]string, len(s.Command.Args))
	for name, raw := range s.Command.Args {
		field, own, _ := p.fieldFor(rule, name)
		value, err := s.readValue(p.Kind, field, raw)
		if err != nil {
			return err
		}
		args[name] = value
		if !own {
			s.set(name, value)
		}
	}
	s.Command.Args = args
	s.Entry.Note = args["note"]
	for _, name := range rule.Needs {
		if s.Entry.Note == "" {
			s.Entry.Note = args[name]
		}
	}
	return nil
}

// set puts a value where it belongs.
func (s *Step) set(name, value string) {
	r := s.Record
	switch name {
	case "title":
		r.Title = value
	case "service":
		r.Service = value
	case "location":
		r.Location = value
	case "owner":
		r.Owner = value
	case "team":
		r.Team = value
	case "impact":
		r.Impact = Level(value)
	case "urgency":
		r.Urgency = Level(value)
	case "priority":
		r.Priority = Priority(value)
	case "sensitive":
		r.Sensitive = value == "yes"
	case "note":
	default:
		r.SetField(name, value)
	}
}

// readValue checks one value against its field and gives it the one spelling
// that is kept.
func (s *Step) readValue(kind Kind, f Field, raw string) (string, error) {
	value := strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(raw, "\x00", ""), "\uFFFD"))
	name := FieldName(f.Name)
	if value == "" {
		return "", nil
	}
	most := maxText
	if f.Name == "title" {
		most = maxTitle
	}
	if n := utf8.RuneCountInString(value); n > most {
		return "", Refuse(Invalid, kind, "error.long", name, n, most)
	}
	switch {
	case len(f.Options) > 0:
		for _, o := range f.Options {
			if strings.EqualFold(o, value) || f.Name == "sensitive" && (o == "yes") == (value == "true") && (value == "true" || value == "false") {
				return o, nil
			}
		}
		return "", Refuse(Invalid, kind, "error.option", name, value, strings.Join(f.Options, ", "))
	case f.Time:
		t, err := s.readTime(value)
		if err != nil {
			return "", Refuse(Invalid, kind, "error.time", name, value)
		}
		return t.UTC().Format(time.RFC3339), nil
	case f.Lookup != "":
		return s.lookUp(kind, f, value)
	}
	return value, nil
}

// readTime reads RFC 3339, or a local time in the school's zone.
func (s *Step) readTime(value string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, value); err == nil {
		return t, nil
	}
	return time.ParseInLocation("2006-01-02T15:04", strings.Replace(value, " ", "T", 1), s.School.Local(s.Now).Location())
}

// lookUp finds a key of the school, or a reference.
func (s *Step) lookUp(kind Kind, f Field, value string) (string, error) {
	var found bool
	key := strings.ToLower(value)
	switch f.Lookup {
	case "service":
		_, found = s.School.ServiceOf(key)
	case "location":
		found = s.School.HasLocation(key)
	case "team":
		found = s.School.HasTeam(key)
	case "person":
		key = value
		_, found = s.School.Person(key)
		found = found || strings.Contains(key, ":") // a guest: platform and account
	default:
		var ref Ref
		ref, found = ParseRef(value)
		if p, known := s.engine.ByPrefix(ref.Prefix); found && (!known || f.Lookup != "record" && p.Kind != Kind(f.Lookup)) {
			found = false
		}
		key = ref.String()
	}
	if !found {
		return "", Refuse(Invalid, kind, "error.lookup", FieldName(f.Name), value)
	}
	return key, nil
}
