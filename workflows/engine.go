package workflows

import (
	"context"
	"time"
)

// Engine runs processes over a store. Every change in the system goes through Do.
type Engine struct {
	store     Store
	school    func() Catalogue
	now       func() time.Time
	processes map[Kind]*Process
}

// Move is an action that is open to someone now.
type Move struct {
	Do    Action
	Needs []Field
	Takes []Field
}

// New makes an engine, or says what is wrong with a table.
func New(store Store, school func() Catalogue, now func() time.Time, processes ...Process) (*Engine, error) {
	panic("being written")
}

// Do carries out one command in one transaction of its own.
func (e *Engine) Do(ctx context.Context, c Command) (Outcome, error) { panic("being written") }

// DoIn carries out one command inside a transaction that is under way. When it
// is refused (*Error), nothing of it is left behind and the transaction goes on.
func (e *Engine) DoIn(ctx context.Context, tx Tx, c Command) (Outcome, error) {
	panic("being written")
}

// Fire carries out what a clock asks for, if it still holds.
func (e *Engine) Fire(ctx context.Context, t Tick) error { panic("being written") }

// Moves lists what this actor may do with this record now, in the table's order.
func (e *Engine) Moves(r *Record, a Actor) []Move { panic("being written") }

// Process gives the process of a kind.
func (e *Engine) Process(k Kind) (*Process, bool) { p, ok := e.processes[k]; return p, ok }

// Field finds how a column or field of this process is to be asked for and read.
func (p *Process) Field(name string) (Field, bool) { panic("being written") }

// Do lets an effect carry out another command in the same transaction.
func (s *Step) Do(ctx context.Context, c Command) (Outcome, error) {
	return s.engine.DoIn(ctx, s.Tx, c)
}
