package workflows

import (
	"strings"
	"time"
)

// columnsOf writes a record's columns and fields as text, one name each.
func columnsOf(r *Record) map[string]string {
	if r == nil {
		return nil
	}
	m := map[string]string{
		"title": r.Title, "priority": string(r.Priority), "impact": string(r.Impact), "urgency": string(r.Urgency),
		"service": r.Service, "location": r.Location, "owner": r.Owner, "team": r.Team,
		"reporters": strings.Join(r.Reporters, ","), "subscribers": strings.Join(r.Subscribers, ","),
		"respond_by": stamp(r.RespondBy), "resolve_by": stamp(r.ResolveBy), "closed_at": stamp(r.ClosedAt),
	}
	if r.Sensitive {
		m["sensitive"] = "yes"
	}
	for name, value := range r.Fields {
		m["field."+name] = value
	}
	return m
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// diff tells what changed: name → before, after.
func diff(before, after *Record) map[string][2]string {
	was, is := columnsOf(before), columnsOf(after)
	changed := map[string][2]string{}
	for name, value := range is {
		if was[name] != value {
			changed[name] = [2]string{was[name], value}
		}
	}
	for name, value := range was {
		if _, still := is[name]; !still && value != "" {
			changed[name] = [2]string{value, ""}
		}
	}
	return changed
}

// Replay reads a record's log from the start and gives the record it leads to.
func Replay(log []Entry) (*Record, error) {
	r := &Record{Fields: map[string]string{}}
	state := map[string]string{}
	for i, e := range log {
		if int64(i+1) != e.Seq {
			return nil, &Error{Code: Missing, Key: "error.gap", Args: []any{e.Ref.String(), i + 1}}
		}
		if i == 0 {
			r.Ref, r.Kind, r.OpenedAt = e.Ref, e.Kind, e.LoggedAt
		}
		for name, pair := range e.Diff {
			state[name] = pair[1]
		}
		r.State, r.Visit, r.Version = e.To, e.Visit, int(e.Seq)
		if len(e.Diff) > 0 || e.From != e.To {
			r.ChangedAt = e.LoggedAt
		}
	}
	for name, value := range state {
		if field, ok := strings.CutPrefix(name, "field."); ok {
			r.SetField(field, value)
		}
	}
	r.Title, r.Priority, r.Impact, r.Urgency = state["title"], Priority(state["priority"]), Level(state["impact"]), Level(state["urgency"])
	r.Service, r.Location, r.Owner, r.Team = state["service"], state["location"], state["owner"], state["team"]
	r.Sensitive = state["sensitive"] == "yes"
	r.Reporters, r.Subscribers = list(state["reporters"]), list(state["subscribers"])
	for name, at := range map[string]*time.Time{"respond_by": &r.RespondBy, "resolve_by": &r.ResolveBy, "closed_at": &r.ClosedAt} {
		if state[name] == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339Nano, state[name])
		if err != nil {
			return nil, err
		}
		*at = t
	}
	return r, nil
}

func list(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}
