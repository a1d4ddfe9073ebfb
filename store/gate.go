package store

import (
	"context"
	"sync"
	"time"
)

// When a whole school types at once, taking it in goes before telling it on: what
// was said must be safe within seconds, and the telling can wait for its turn.
const (
	slice = 50 * time.Millisecond // pressure is counted over so long
	many  = 20                    // transactions of people and programs in a slice: from here on it is busy
	turns = 20                    // a job waits for no more slices, so that the telling never stands still
)

// gate counts what people and programs ask for, and lets jobs wait while it is much.
type gate struct {
	sync.Mutex
	since       time.Time // when this slice began
	now, before int       // counted in this slice and in the one before
}

// enter counts one.
func (g *gate) enter() {
	g.Lock()
	defer g.Unlock()
	g.turn(time.Now())
	g.now++
}

// busy tells whether jobs should wait.
func (g *gate) busy() bool {
	g.Lock()
	defer g.Unlock()
	g.turn(time.Now())
	return max(g.now, g.before) > many
}

// turn begins a new slice when the last one is over.
func (g *gate) turn(at time.Time) {
	switch past := at.Sub(g.since); {
	case past >= 2*slice:
		g.since, g.before, g.now = at, 0, 0
	case past >= slice:
		g.since, g.before, g.now = g.since.Add(slice), g.now, 0
	}
}

// pass waits until it is calm, but not for long.
func (g *gate) pass(ctx context.Context) {
	for range turns {
		if !g.busy() {
			return
		}
		select {
		case <-time.After(slice):
		case <-ctx.Done():
			return
		}
	}
}

// working marks what is done for a job.
type working struct{}

func forJob(ctx context.Context) context.Context { return context.WithValue(ctx, working{}, true) }
func isJob(ctx context.Context) bool             { return ctx.Value(working{}) != nil }
