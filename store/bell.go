package store

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

// between is how long the bell is silent after it rang: each ring is a commit, and
// makes every process look for jobs.
const between = 5 * time.Millisecond

// bell tells workers of new jobs, here and in other processes: many jobs at once
// are one ring, and no transaction waits for it.
type bell struct {
	sync.Mutex
	queues map[string]bool
	pulled chan struct{} // nil where nobody can hear it
	ended  sync.WaitGroup
}

// hang puts the bell up. SQLite has no such message; there the workers look often.
func (s *Store) hang() {
	s.work.id = uuid.NewString()
	if s.lite {
		return
	}
	b := &s.work.bell
	b.queues, b.pulled = map[string]bool{}, make(chan struct{}, 1)
	ctx, cancel := context.WithCancel(context.Background())
	s.closers = append(s.closers, func() error { cancel(); b.ended.Wait(); return nil })
	b.ended.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-b.pulled:
			}
			s.ring(ctx)
			pause := between
			if s.gate.busy() { // who is rung now would only wait at the gate
				pause = slice
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
		}
	})
}

// ring tells of all queues that have work.
func (s *Store) ring(ctx context.Context) {
	b := &s.work.bell
	b.Lock()
	queues := slices.Collect(maps.Keys(b.queues))
	clear(b.queues)
	b.Unlock()
	_, err := s.pool.Exec(ctx, "SELECT pg_notify(current_schema() || '.river_insert', json_build_object('queue', q)::text) FROM unnest($1::text[]) q", queues)
	if err != nil && ctx.Err() == nil {
		s.log.Debug("workers look by themselves; they could not be told", "error", err)
	}
}

// wake pulls the bell and never waits: workers also look by themselves.
func (s *Store) wake(queues []string) {
	b := &s.work.bell
	if b.pulled == nil || len(queues) == 0 {
		return
	}
	b.Lock()
	for _, q := range queues {
		b.queues[q] = true
	}
	b.Unlock()
	select {
	case b.pulled <- struct{}{}:
	default:
	}
}
