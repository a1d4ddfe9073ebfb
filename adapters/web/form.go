package web

import (
	"cmp"
	"strings"
	"time"

	"schoolbel/workflows"
)

// recordForm is a record as other systems see it (surface.md). Links and log are
// left out of lists; where they stand, they are never null.
type recordForm struct {
	Ref         string             `json:"ref"`
	Kind        workflows.Kind     `json:"kind"`
	Title       string             `json:"title"`
	State       workflows.State    `json:"state"`
	Priority    workflows.Priority `json:"priority"`
	Impact      workflows.Level    `json:"impact"`
	Urgency     workflows.Level    `json:"urgency"`
	Service     string             `json:"service"`
	Location    string             `json:"location"`
	Owner       string             `json:"owner"`
	Team        string             `json:"team"`
	Reporters   []string           `json:"reporters"`
	Subscribers []string           `json:"subscribers"`
	Sensitive   bool               `json:"sensitive"`
	Fields      map[string]string  `json:"fields"`
	Links       []linkForm         `json:"links,omitzero"`
	Log         []entryForm        `json:"log,omitzero"`
	Moves       []moveForm         `json:"moves,omitzero"`
	Version     int                `json:"version"`
	OpenedAt    stamp              `json:"opened_at"`
	ChangedAt   stamp              `json:"changed_at"`
	ClosedAt    stamp              `json:"closed_at,omitzero"`
	RespondBy   stamp              `json:"respond_by,omitzero"`
	ResolveBy   stamp              `json:"resolve_by,omitzero"`
}

// linkForm is a link as seen from the record it stands with.
type linkForm struct {
	Type workflows.LinkType `json:"type"`
	Ref  string             `json:"ref"`
	Back bool               `json:"back"` // the other record points at this one
	Name string             `json:"name"` // in the caller's language, read from here
}

// entryForm is a line of the log.
type entryForm struct {
	Seq   int64                `json:"seq"`
	At    stamp                `json:"at"`
	Actor string               `json:"actor"`
	Name  string               `json:"name"`
	Via   string               `json:"via"`
	Do    workflows.Action     `json:"do"`
	From  workflows.State      `json:"from"`
	To    workflows.State      `json:"to"`
	Note  string               `json:"note"`
	Diff  map[string][2]string `json:"diff,omitempty"`
}

// moveForm is an action that is open now.
type moveForm struct {
	Do    workflows.Action `json:"do"`
	Label string           `json:"label"`
	Needs []fieldForm      `json:"needs"`
	Takes []fieldForm      `json:"takes"`
}

// fieldForm is an argument and how to ask for it.
type fieldForm struct {
	Name    string   `json:"name"`
	Label   string   `json:"label"`
	Options []string `json:"options"` // the only values allowed; none: free text
	Long    bool     `json:"long"`
	Time    bool     `json:"time"`
	Lookup  string   `json:"lookup"`
}

// stamp is a moment, always in UTC and to the second.
type stamp time.Time

// IsZero lets a moment that never was be left out.
func (s stamp) IsZero() bool { return time.Time(s).IsZero() }

// MarshalText writes RFC 3339.
func (s stamp) MarshalText() ([]byte, error) {
	return []byte(time.Time(s).UTC().Format(time.RFC3339)), nil
}

// shown tells whether a column or field is for people: what the rules keep for
// themselves is not, nor what they keep for each person (with a dot).
func (a *api) shown(kind workflows.Kind, name string) bool {
	process := a.kinds[string(kind)]
	if process == nil || strings.Contains(name, ".") {
		return false
	}
	field, ok := process.Field(name)
	return !ok || !field.Hidden
}

// only keeps what is shown; the result is never null.
func only[T any](all map[string]T, shown func(name string) bool) map[string]T {
	kept := map[string]T{}
	for name, value := range all {
		if shown(name) {
			kept[name] = value
		}
	}
	return kept
}

// show gives the record as it stands in a list.
func (a *api) show(r *workflows.Record) recordForm {
	shown := func(name string) bool { return a.shown(r.Kind, name) }
	return recordForm{
		Ref: r.Ref.String(), Kind: r.Kind, Title: r.Title, State: r.State,
		Priority: r.Priority, Impact: r.Impact, Urgency: r.Urgency,
		Service: r.Service, Location: r.Location, Owner: r.Owner, Team: r.Team,
		Reporters: full(r.Reporters), Subscribers: full(r.Subscribers), Sensitive: r.Sensitive,
		Fields: only(r.Fields, shown), Version: r.Version,
		OpenedAt: stamp(r.OpenedAt), ChangedAt: stamp(r.ChangedAt), ClosedAt: stamp(r.ClosedAt),
		RespondBy: stamp(r.RespondBy), ResolveBy: stamp(r.ResolveBy),
	}
}

// full gives a list that JSON shows as [] and never as null.
func full[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// showLinks gives the links of a record, told from its side.
func (v voice) showLinks(here workflows.Ref, links []workflows.Link) []linkForm {
	forms := []linkForm{}
	for _, l := range links {
		form := linkForm{Type: l.Type, Ref: l.To.String(), Name: v.say("link." + string(l.Type))}
		if l.From != here {
			form.Ref, form.Back, form.Name = l.From.String(), true, v.say("link."+string(l.Type)+".back")
		}
		forms = append(forms, form)
	}
	return forms
}

// showLog gives the log, first line first.
func (a *api) showLog(entries []workflows.Entry) []entryForm {
	forms := []entryForm{}
	for _, e := range entries {
		shown := func(name string) bool { return a.shown(e.Kind, name) }
		forms = append(forms, entryForm{
			Seq: e.Seq, At: stamp(e.At), Actor: e.Actor, Name: cmp.Or(e.Name, e.Actor), Via: e.Via,
			Do: e.Action, From: e.From, To: e.To, Note: e.Note, Diff: only(e.Diff, shown),
		})
	}
	return forms
}

// showMoves gives what is open to someone.
func (v voice) showMoves(kind workflows.Kind, moves []workflows.Move) []moveForm {
	forms := []moveForm{}
	for _, m := range moves {
		forms = append(forms, moveForm{
			Do: m.Do, Label: v.word(kind, "do", string(m.Do)),
			Needs: v.showFields(kind, m.Needs), Takes: v.showFields(kind, m.Takes),
		})
	}
	return forms
}

func (v voice) showFields(kind workflows.Kind, list []workflows.Field) []fieldForm {
	forms := []fieldForm{}
	for _, f := range list {
		if f.Hidden {
			continue
		}
		forms = append(forms, fieldForm{
			Name: f.Name, Label: v.word(kind, "field", f.Name), Options: full(f.Options),
			Long: f.Long, Time: f.Time, Lookup: f.Lookup,
		})
	}
	return forms
}
