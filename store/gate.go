package store

import (
	"context"
	"sync"
	"time"
)

// When a whole school types at once, taking it in goes before telling it on: what
// was said must be safe within seconds, and the telling can wait for its turn.
const (
	calm    = 4                      // so many at once leave room for both
	longest = 250 * time.Millisecond // a job waits no longer, so that the telling never stands still
)

// gate counts the transactions of people and programs that are under way, and lets
// jobs wait while there are many.
type gate struct {
	sync.Mutex
	inside int
	quiet  chan struct{} // closed when it becomes calm; nil while nobody waits
}

func (g *gate) enter() {
	g.Lock()
	defer g.Unlock()
	g.inside++
}

func (g *gate) leave() {
	g.Lock()
	defer g.Unlock()
	g.inside--
	if g.inside <= calm && g.quiet != nil {
		close(g.quiet)
		g.quiet = nil
	}
}

// pass waits until it is calm, but not for long.
func (g *gate) pass(ctx context.Context) {
	g.Lock()
	if g.inside <= calm {
		g.Unlock()
		return
	}
	if g.quiet == nil {
		g.quiet = make(chan struct{})
	}
	quiet := g.quiet
	g.Unlock()
	enough := time.NewTimer(longest)
	defer enough.Stop()
	select {
	case <-quiet:
	case <-enough.C:
	case <-ctx.Done():
	}
}

// working marks what is done for a job.
type working struct{}

func forJob(ctx context.Context) context.Context { return context.WithValue(ctx, working{}, true) }
func isJob(ctx context.Context) bool             { return ctx.Value(working{}) != nil }
