package web

import (
	"slices"

	"schoolbel/workflows"
)

// schemas are the shapes of the description.
func schemas(processes []*workflows.Process) node {
	text := node{"type": "string"}
	when := node{"type": "string", "format": "date-time"}
	all := node{
		"Ref":      node{"type": "string", "pattern": `^[A-Za-z]+-[0-9]+$`, "examples": []any{"INC-12"}},
		"Level":    node{"type": "string", "enum": []any{"", "large", "medium", "small", "unknown", "high", "low"}},
		"Priority": node{"type": "string", "enum": []any{"", "P1", "P2", "P3", "P4"}, "description": "Empty while it is not known."},
		"Error": object([]string{"error"}, node{"error": object([]string{"code", "message"}, node{
			"code":    node{"type": "string", "enum": []any{"denied", "invalid", "closed", "missing", "stale", "failed"}},
			"message": text,
		})}),
		"Page": object([]string{"records", "next"}, node{
			"records": list(ref("schemas", "Record")),
			"next":    node{"type": "string", "description": "Cursor of the next page; empty on the last one."},
		}),
		"Outcome": object([]string{"ref", "state", "record"}, node{
			"ref": ref("schemas", "Ref"), "state": text, "record": ref("schemas", "Record"),
		}),
		"Link": object([]string{"type", "ref", "back", "name"}, node{
			"type": node{"type": "string", "enum": linkTypes()}, "ref": ref("schemas", "Ref"), "name": text,
			"back": node{"type": "boolean", "description": "The other record points at this one."},
		}),
		"Entry": object([]string{"seq", "at", "actor", "name", "via", "do", "from", "to", "note"}, node{
			"seq": node{"type": "integer"}, "at": when, "actor": text, "name": text, "via": text, "do": text, "from": text, "to": text, "note": text,
			"diff": node{
				"type": "object", "description": "What changed: before and after.",
				"additionalProperties": node{"type": "array", "items": text, "minItems": 2, "maxItems": 2},
			},
		}),
		"Field": object([]string{"name", "label", "options", "long", "time", "lookup"}, node{
			"name": text, "label": text, "options": list(text), "long": node{"type": "boolean"}, "time": node{"type": "boolean"},
			"lookup": node{"type": "string", "description": "What it is a key of: service, location, person, team or a kind."},
		}),
		"Move": object([]string{"do", "label", "needs", "takes"}, node{
			"do": text, "label": text, "needs": list(ref("schemas", "Field")), "takes": list(ref("schemas", "Field")),
		}),
		"Record": recordSchema(processes),
	}
	var variants []any
	for _, p := range processes {
		for _, name := range actionsOf(p) {
			key := string(p.Kind) + "." + string(name)
			all[key] = commandSchema(p, name)
			variants = append(variants, ref("schemas", key))
		}
	}
	all["Command"] = node{"anyOf": variants, "description": "One of these; args hold text, or what is easily written as text."}
	return all
}

func recordSchema(processes []*workflows.Process) node {
	text := node{"type": "string"}
	when := node{"type": "string", "format": "date-time"}
	return object([]string{
		"ref", "kind", "title", "state", "priority", "impact", "urgency", "service", "location", "owner", "team",
		"reporters", "subscribers", "sensitive", "fields", "version", "opened_at", "changed_at",
	}, node{
		"ref": ref("schemas", "Ref"), "kind": node{"type": "string", "enum": kinds(processes)}, "title": text,
		"state": node{"type": "string", "enum": states(processes)}, "priority": ref("schemas", "Priority"),
		"impact": ref("schemas", "Level"), "urgency": ref("schemas", "Level"),
		"service": text, "location": text, "owner": text, "team": text,
		"reporters": list(text), "subscribers": list(text), "sensitive": node{"type": "boolean"},
		"fields":  node{"type": "object", "additionalProperties": text},
		"version": node{"type": "integer", "description": "Give it back with a command to be refused when somebody was first."},
		"links":   list(ref("schemas", "Link")), "log": list(ref("schemas", "Entry")), "moves": list(ref("schemas", "Move")),
		"opened_at": when, "changed_at": when, "closed_at": when, "respond_by": when, "resolve_by": when,
	})
}

// actionsOf lists what callers may ask of a kind, in the table's order. What only
// the system does is not for them.
func actionsOf(p *workflows.Process) []workflows.Action {
	var names []workflows.Action
	for _, r := range p.Rules {
		if !slices.Contains(names, r.Do) && !slices.Equal(r.By, []workflows.Role{workflows.System}) {
			names = append(names, r.Do)
		}
	}
	return names
}

// commandSchema describes one action of one kind. The same action may stand in
// several rows; what all of them need is required, and what any takes is allowed.
func commandSchema(p *workflows.Process, name workflows.Action) node {
	args := node{"note": node{"type": "string"}} // every action takes one
	var needs []string
	first, opens, changes := true, false, false
	for _, r := range p.Rules {
		if r.Do != name {
			continue
		}
		for _, arg := range append(slices.Clone(r.Needs), r.Takes...) {
			if field := argumentOf(p, r, arg); !field.Hidden {
				args[arg] = argument(field)
			}
		}
		if first {
			needs = slices.Clone(r.Needs)
		}
		needs = slices.DeleteFunc(needs, func(n string) bool { return !slices.Contains(r.Needs, n) })
		if len(r.From) == 0 && r.To == p.Start {
			opens = true
		} else {
			changes = true
		}
		first = false
	}
	inner := object(needs, args)
	inner["additionalProperties"] = false
	shape := node{
		"do": node{"const": string(name)}, "args": inner, "as": node{"type": "string", "description": "Key of the person who acts."},
		"version": node{"type": "integer", "minimum": 0},
		"kind":    node{"const": string(p.Kind)},
		"ref":     node{"type": "string", "pattern": "^" + p.Prefix + "-[0-9]+$"},
	}
	required := []string{"do"}
	switch {
	case !changes:
		delete(shape, "ref")
		required = append(required, "kind")
	case !opens:
		required = append(required, "ref")
	}
	if len(needs) > 0 {
		required = append(required, "args")
	}
	return object(required, shape)
}

// argumentOf finds an argument of a rule: its own first.
func argumentOf(p *workflows.Process, r workflows.Rule, name string) workflows.Field {
	if i := slices.IndexFunc(r.Own, func(f workflows.Field) bool { return f.Name == name }); i >= 0 {
		return r.Own[i]
	}
	field, _ := p.Field(name)
	return field
}

// argument says how a value looks.
func argument(field workflows.Field) node {
	text := node{"type": "string"}
	switch {
	case len(field.Options) > 0:
		text["enum"] = field.Options
	case field.Time:
		text["description"] = "RFC 3339, or local time of the school: 2027-02-22T08:00"
	case field.Lookup != "":
		text["description"] = "Key of a " + field.Lookup
	}
	return text
}

func object(required []string, properties node) node {
	o := node{"type": "object", "properties": properties}
	if len(required) > 0 {
		o["required"] = required
	}
	return o
}

func list(of node) node { return node{"type": "array", "items": of} }

func linkTypes() []string {
	var names []string
	for _, l := range workflows.Links {
		if !slices.Contains(names, string(l.Type)) {
			names = append(names, string(l.Type))
		}
	}
	return names
}
