package outside

import (
	"sync"
	"time"
)

const (
	blowsAt = 3           // failures in a row
	rest    = time.Minute // how long it is left alone then
)

// fuse leaves a model alone that fails again and again: each failure holds up
// somebody for two seconds. After a rest one question tries whether it is well.
type fuse struct {
	mu     sync.Mutex
	failed int
	until  time.Time
	trying bool
}

// whole tells whether a question may be put now.
func (f *fuse) whole(now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failed < blowsAt {
		return true
	}
	if f.trying || now.Before(f.until) {
		return false
	}
	f.trying = true
	return true
}

// saw takes what came of a question, and tells whether that blew the fuse.
func (f *fuse) saw(good bool, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.trying = false
	if good {
		f.failed = 0
		return false
	}
	f.failed++
	if f.failed >= blowsAt {
		f.until = now.Add(rest)
	}
	return f.failed == blowsAt
}

// spare forgets a question of which nothing can be said.
func (f *fuse) spare() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.trying = false
}
