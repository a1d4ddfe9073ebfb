package store

import (
	"encoding/json"
	"fmt"
	"time"

	"schoolbel/workflows"
)

// recordRow is a record as its table holds it.
type recordRow struct {
	Prefix                         string
	Number                         int64
	Kind, Title, State, Priority   string
	Impact, Urgency, Service       string
	Location, Owner, Team          string
	Sensitive                      bool
	Reporters, Subscribers, Fields string
	Version, Visit                 int
	RespondBy, ResolveBy, ClosedAt *time.Time
	OpenedAt, ChangedAt            time.Time
	Head                           []byte
}

// TableName names the table for GORM.
func (recordRow) TableName() string { return "records" }

func (w recordRow) record() (*workflows.Record, error) {
	r := &workflows.Record{
		Ref: workflows.Ref{Prefix: w.Prefix, Number: w.Number}, Kind: workflows.Kind(w.Kind), Title: w.Title, State: workflows.State(w.State),
		Priority: workflows.Priority(w.Priority), Impact: workflows.Level(w.Impact), Urgency: workflows.Level(w.Urgency),
		Service: w.Service, Location: w.Location, Owner: w.Owner, Team: w.Team, Sensitive: w.Sensitive, Version: w.Version, Visit: w.Visit,
		RespondBy: moment(w.RespondBy), ResolveBy: moment(w.ResolveBy), ClosedAt: moment(w.ClosedAt),
		OpenedAt: w.OpenedAt.UTC(), ChangedAt: w.ChangedAt.UTC(),
	}
	if err := json.Unmarshal([]byte(w.Reporters), &r.Reporters); err != nil {
		return nil, fmt.Errorf("store: reporters of %s: %w", r.Ref, err)
	}
	if err := json.Unmarshal([]byte(w.Subscribers), &r.Subscribers); err != nil {
		return nil, fmt.Errorf("store: subscribers of %s: %w", r.Ref, err)
	}
	if err := json.Unmarshal([]byte(w.Fields), &r.Fields); err != nil {
		return nil, fmt.Errorf("store: fields of %s: %w", r.Ref, err)
	}
	return r, nil
}

// columns of a record in the order of values.
const recordColumns = "prefix, number, kind, title, state, priority, impact, urgency, service, location, owner, team, sensitive, " +
	"reporters, subscribers, fields, version, visit, respond_by, resolve_by, opened_at, changed_at, closed_at, head"

func recordValues(r *workflows.Record, head []byte) []any {
	return []any{
		r.Ref.Prefix, r.Ref.Number, string(r.Kind), r.Title, string(r.State), string(r.Priority), string(r.Impact), string(r.Urgency),
		r.Service, r.Location, r.Owner, r.Team, r.Sensitive, list(r.Reporters), list(r.Subscribers), object(r.Fields),
		r.Version, r.Visit, stamp(r.RespondBy), stamp(r.ResolveBy), r.OpenedAt.UTC(), r.ChangedAt.UTC(), stamp(r.ClosedAt), head,
	}
}

// logRow is a line of the log as its table holds it.
type logRow struct {
	Prefix                                 string
	Number, Seq                            int64
	Kind                                   string
	Visit                                  int
	At, LoggedAt                           time.Time
	Actor, Via, Action, FromState, ToState string
	Command                                string
	Words                                  *string
	Digest, Hash                           []byte
}

// TableName names the table for GORM.
func (logRow) TableName() string { return "log" }

const logColumns = "prefix, number, seq, kind, visit, at, logged_at, actor, via, action, from_state, to_state, command, words, digest, hash"

func (w logRow) values() []any {
	return []any{
		w.Prefix, w.Number, w.Seq, w.Kind, w.Visit, w.At, w.LoggedAt, w.Actor, w.Via, w.Action, w.FromState, w.ToState, w.Command, *w.Words, w.Digest, w.Hash,
	}
}

func (w logRow) entry() (workflows.Entry, error) {
	e := workflows.Entry{
		Seq: w.Seq, Ref: workflows.Ref{Prefix: w.Prefix, Number: w.Number}, Kind: workflows.Kind(w.Kind), Visit: w.Visit, At: w.At.UTC(), LoggedAt: w.LoggedAt.UTC(),
		Actor: w.Actor, Via: w.Via, Action: workflows.Action(w.Action), From: workflows.State(w.FromState), To: workflows.State(w.ToState), Command: w.Command,
	}
	if w.Words == nil { // erased
		return e, nil
	}
	var text words
	if err := json.Unmarshal([]byte(*w.Words), &text); err != nil {
		return e, fmt.Errorf("store: words of %s line %d: %w", e.Ref, e.Seq, err)
	}
	e.Name, e.Note, e.Diff = text.Name, text.Note, text.Diff
	return e, nil
}

// deliveryRow is a message as its table holds it.
type deliveryRow struct {
	Seq                             int64
	ID, Place, Thread, Kind, Prefix string
	Number, Entry                   int64
	Person, Body, State             string
	Wanted                          bool
	Attempt                         int
	NotBefore                       *time.Time
	Receipt                         string
	Drawn                           int
	Why, Holder                     string
	Lease                           *time.Time
	AddedAt                         time.Time
	Was                             string `gorm:"->"` // state before it was claimed
}

// TableName names the table for GORM.
func (deliveryRow) TableName() string { return "deliveries" }

func (w deliveryRow) delivery() workflows.Delivery {
	d := workflows.Delivery{
		ID: w.ID, Place: w.Place, Thread: w.Thread, Kind: w.Kind, Seq: w.Entry, Person: w.Person, State: workflows.DeliveryState(w.State),
		Attempt: w.Attempt, NotBefore: moment(w.NotBefore), Receipt: w.Receipt, Drawn: w.Drawn, Why: w.Why, AddedAt: w.AddedAt.UTC(),
	}
	if w.Prefix != "" {
		d.Ref = workflows.Ref{Prefix: w.Prefix, Number: w.Number}
	}
	if w.Body != "" {
		d.Body = json.RawMessage(w.Body)
	}
	return d
}

func moment(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC()
}

func list(names []string) string {
	if len(names) == 0 {
		return "[]"
	}
	text, _ := json.Marshal(names) // strings always can
	return string(text)
}

func object(m map[string]string) string {
	if len(m) == 0 {
		return "{}"
	}
	text, _ := json.Marshal(m)
	return string(text)
}
