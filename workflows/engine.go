package workflows

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Engine runs processes over a store. Every change in the system goes through Do.
type Engine struct {
	store     Store
	school    func() Catalogue
	now       func() time.Time
	order     []Kind
	processes map[Kind]*Process
}

// ErrUnchanged is what a rule's Set returns when what was asked is already so:
// nothing is written, and the person gets the record as it stands.
var ErrUnchanged = errors.New("already so")

// New makes an engine, or says what is wrong with a table.
func New(store Store, school func() Catalogue, now func() time.Time, processes ...Process) (*Engine, error) {
	e := &Engine{store: store, school: school, now: now, processes: map[Kind]*Process{}}
	prefixes := map[string]Kind{}
	for _, p := range processes {
		p.Rules = append(slices.Clone(p.Rules), common()...)
		p.Fields = append(slices.Clone(p.Fields), commonFields...)
		if err := p.Check(); err != nil {
			return nil, fmt.Errorf("process %s: %w", p.Kind, err)
		}
		if other, taken := prefixes[p.Prefix]; taken {
			return nil, fmt.Errorf("processes %s and %s both want the prefix %s", other, p.Kind, p.Prefix)
		}
		if e.processes[p.Kind] != nil {
			return nil, fmt.Errorf("process %s is listed twice", p.Kind)
		}
		prefixes[p.Prefix] = p.Kind
		e.order = append(e.order, p.Kind)
		e.processes[p.Kind] = &p
	}
	return e, nil
}

// Do carries out one command in one transaction of its own.
func (e *Engine) Do(ctx context.Context, c Command) (Outcome, error) {
	var out Outcome
	err := e.store.Do(ctx, func(tx Tx) error {
		var err error
		out, err = e.DoIn(ctx, tx, c)
		return err
	})
	if err == nil && out.Repeated && !out.Ref.IsZero() {
		out.Record, err = e.store.Record(ctx, out.Ref)
	}
	return out, err
}

// DoIn carries out one command inside a transaction that is under way. When it
// is refused (*Error), nothing of it is left behind and the transaction goes on.
func (e *Engine) DoIn(ctx context.Context, tx Tx, c Command) (Outcome, error) {
	if c.Actor.Key == "" {
		return Outcome{}, errors.New("workflows: a command without an actor")
	}
	if c.ID != "" {
		ref, seen, err := tx.Once(ctx, c.ID)
		if err != nil {
			return Outcome{}, err
		}
		if seen {
			return Outcome{Ref: ref, Repeated: true}, nil
		}
	}
	s, p, rule, err := e.prepare(ctx, tx, c)
	if err != nil {
		return Outcome{}, err
	}
	switch err := e.change(ctx, s, p, rule); {
	case errors.Is(err, ErrUnchanged):
		if c.ID != "" {
			tx.Came(c.ID, s.Record.Ref)
		}
		return Outcome{Ref: s.Record.Ref, Record: s.Before}, nil
	case err != nil:
		return Outcome{}, err
	}
	write := func() error { return e.write(ctx, s, p, rule) }
	if len(rule.Then) > 0 {
		err = tx.Try(ctx, write)
	} else {
		err = write()
	}
	if err != nil {
		return Outcome{}, err
	}
	if c.ID != "" {
		tx.Came(c.ID, s.Record.Ref)
	}
	return Outcome{Ref: s.Record.Ref, Record: s.Record, Entry: s.Entry}, nil
}

// prepare finds the record and the rule that fits, or refuses.
func (e *Engine) prepare(ctx context.Context, tx Tx, c Command) (*Step, *Process, *Rule, error) {
	s := &Step{Tx: tx, School: e.school(), Command: c, Now: e.now(), engine: e}
	if c.Ref.IsZero() {
		p, ok := e.processes[c.Kind]
		if !ok {
			return nil, nil, nil, Refuse(Missing, c.Kind, "error.kind", string(c.Kind))
		}
		s.Record = &Record{Kind: c.Kind, OpenedAt: s.Now, Fields: map[string]string{}}
		rule, err := e.ruleFor(p, s.Record, c.Action, c.Actor, true)
		return s, p, rule, err
	}
	p, ok := e.ByPrefix(c.Ref.Prefix)
	if !ok {
		return nil, nil, nil, Refuse(Missing, "", "error.missing", c.Ref.String())
	}
	r, err := tx.Record(ctx, c.Ref)
	if err != nil {
		return nil, nil, nil, err
	}
	if r.Sensitive && !mayKnow(r, c.Actor) {
		return nil, nil, nil, Refuse(Missing, "", "error.missing", c.Ref.String())
	}
	if c.Version > 0 && c.Version < r.Version {
		return nil, nil, nil, Refuse(Stale, r.Kind, "error.stale", c.Ref.String())
	}
	s.Before, s.Record = r, r.Clone()
	rule, err := e.ruleFor(p, r, c.Action, c.Actor, false)
	return s, p, rule, err
}

// change makes the record as it will be: arguments, guard, state, Set.
func (e *Engine) change(ctx context.Context, s *Step, p *Process, rule *Rule) error {
	from := s.Record.State
	s.Entry = &Entry{
		Kind: p.Kind, At: s.Command.At, LoggedAt: s.Now, Actor: s.Command.Actor.Key, Name: s.Command.Actor.Name, Via: s.Command.Actor.Via,
		Action: rule.Do, From: from, Command: s.Command.ID,
	}
	if s.Entry.At.IsZero() {
		s.Entry.At = s.Now
	}
	if err := s.readArgs(p, rule); err != nil {
		return err
	}
	if rule.If != nil {
		if err := rule.If(ctx, s); err != nil {
			return err
		}
	}
	if rule.To != "" {
		s.Record.State = rule.To
	}
	if s.Record.State != from {
		s.Record.Visit++
	}
	if rule.Set != nil {
		if err := rule.Set(ctx, s); err != nil {
			return err
		}
	}
	s.Record.ChangedAt = s.Now
	switch done := slices.Contains(p.Done, s.Record.State); {
	case !done:
		s.Record.ClosedAt = time.Time{}
	case s.Record.ClosedAt.IsZero():
		s.Record.ClosedAt = s.Now
	}
	s.Entry.To, s.Entry.Visit = s.Record.State, s.Record.Visit
	s.Entry.Diff = diff(s.Before, s.Record)
	return nil
}

// write puts record, log line and jobs into the transaction, and then what follows.
func (e *Engine) write(ctx context.Context, s *Step, p *Process, rule *Rule) error {
	var err error
	if s.Before == nil {
		err = s.Tx.Add(ctx, p.Prefix, s.Record)
	} else {
		err = s.Tx.Save(ctx, s.Record)
	}
	if err != nil {
		return err
	}
	// Each version of a record has exactly one line in its log.
	s.Entry.Ref, s.Entry.Seq = s.Record.Ref, int64(s.Record.Version)
	if err := s.Tx.Append(ctx, s.Entry); err != nil {
		return err
	}
	if !rule.Quiet {
		if err := s.Tx.Later(ctx, Announce{Ref: s.Record.Ref, Seq: s.Entry.Seq}, time.Time{}); err != nil {
			return err
		}
	}
	if err := e.setClock(ctx, s, p); err != nil {
		return err
	}
	for _, effect := range rule.Then {
		if err := effect(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// LogRefusal writes down that somebody tried what they may not.
func (e *Engine) LogRefusal(ctx context.Context, tx Tx, c Command, refusal *Error) error {
	if c.Ref.IsZero() {
		return nil
	}
	r, err := tx.Record(ctx, c.Ref)
	if err != nil {
		return err
	}
	if err := tx.Save(ctx, r); err != nil {
		return err
	}
	now := e.now()
	return tx.Append(ctx, &Entry{
		Seq: int64(r.Version), Ref: r.Ref, Kind: r.Kind, Visit: r.Visit, At: now, LoggedAt: now,
		Actor: c.Actor.Key, Name: c.Actor.Name, Via: c.Actor.Via, Action: c.Action, From: r.State, To: r.State,
		Note: string(refusal.Code) + ": " + refusal.Key, Command: c.ID,
	})
}

// Do lets an effect carry out another command in the same transaction. When that
// changes this very record, the step and its outcome go on with it as it is then.
func (s *Step) Do(ctx context.Context, c Command) (Outcome, error) {
	out, err := s.engine.DoIn(ctx, s.Tx, c)
	if err == nil && out.Record != nil && out.Record.Ref == s.Record.Ref {
		s.Record = out.Record
	}
	return out, err
}

// Process gives the process of a kind, the actions that all kinds share included.
func (e *Engine) Process(k Kind) (*Process, bool) { p, ok := e.processes[k]; return p, ok }

// Processes lists the processes in the order they were given.
func (e *Engine) Processes() []*Process {
	var list []*Process
	for _, k := range e.order {
		list = append(list, e.processes[k])
	}
	return list
}

// ByPrefix gives the process whose references begin with prefix.
func (e *Engine) ByPrefix(prefix string) (*Process, bool) {
	for _, p := range e.processes {
		if p.Prefix == prefix {
			return p, true
		}
	}
	return nil, false
}
