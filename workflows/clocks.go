package workflows

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// soonest is the first moment at which one of the record's clocks goes off, or zero.
func (p *Process) soonest(school Catalogue, r *Record) time.Time {
	var first time.Time
	if r == nil {
		return first
	}
	for _, c := range p.Clocks {
		if !slices.Contains(c.While, r.State) {
			continue
		}
		if at := c.At(school, r); !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

// setClock asks for a tick when the soonest moment moved.
func (e *Engine) setClock(ctx context.Context, s *Step, p *Process) error {
	at := p.soonest(s.School, s.Record)
	if at.IsZero() || at.Equal(p.soonest(s.School, s.Before)) {
		return nil
	}
	return s.Tx.Later(ctx, Tick{Ref: s.Record.Ref, At: at}, at)
}

// Fire does what the record's clocks ask for by now. A tick that came too early,
// because the moment moved, does nothing but see to it that there is one later.
func (e *Engine) Fire(ctx context.Context, t Tick) error {
	return e.store.Do(ctx, func(tx Tx) error {
		p, ok := e.ByPrefix(t.Ref.Prefix)
		if !ok {
			return fmt.Errorf("workflows: a clock of %s, which no process knows", t.Ref)
		}
		r, err := tx.Record(ctx, t.Ref)
		if err != nil {
			return err
		}
		for _, c := range p.Clocks {
			if !slices.Contains(c.While, r.State) {
				continue
			}
			at := c.At(e.school(), r)
			if at.IsZero() || at.After(e.now()) {
				continue
			}
			out, err := e.DoIn(ctx, tx, Command{
				ID:    fmt.Sprintf("clock:%s:%s:%d:%d", r.Ref, c.Name, r.Visit, at.Unix()),
				Actor: Bot("clock"), Ref: r.Ref, Action: c.Do, At: at,
			})
			if err != nil {
				return err
			}
			if out.Record != nil {
				r = out.Record
			}
		}
		next := p.soonest(e.school(), r)
		if next.IsZero() || !next.After(e.now()) {
			return nil
		}
		_, seen, err := tx.Once(ctx, fmt.Sprintf("tick:%s:%d", r.Ref, next.UnixNano()))
		if err != nil || seen {
			return err
		}
		return tx.Later(ctx, Tick{Ref: r.Ref, At: next}, next)
	})
}
