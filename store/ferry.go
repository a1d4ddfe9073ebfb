package store

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

const (
	seats = 32               // transactions in one crossing
	storm = 30 * time.Second // a crossing that takes longer is given up
)

// ferry brings transactions that locked nothing to PostgreSQL, as many at a time as
// wait on the quay: they share one statement, one commit and one write to disk.
// It leaves at once when it is there, so alone one does not wait.
type ferry struct {
	sync.Mutex
	quay     []*passenger
	crossing bool
}

// passenger is what one transaction writes.
type passenger struct {
	list   []stmt
	landed chan error
}

// cross commits a list as a transaction by itself.
func (s *Store) cross(list []stmt) error {
	p := &passenger{list, make(chan error, 1)}
	f := &s.ferry
	f.Lock()
	f.quay = append(f.quay, p)
	sail := !f.crossing
	f.crossing = true
	f.Unlock()
	if sail {
		go s.sail()
	}
	return <-p.landed
}

// sail crosses until nobody waits.
func (s *Store) sail() {
	f := &s.ferry
	for {
		f.Lock()
		aboard := f.quay[:min(len(f.quay), seats)]
		f.quay = f.quay[len(aboard):]
		if len(aboard) == 0 {
			f.crossing, f.quay = false, nil
			f.Unlock()
			return
		}
		f.Unlock()
		var all []stmt
		for _, p := range aboard {
			all = append(all, p.list...)
		}
		err := s.land(all)
		// One that is refused must not sink the others: nothing was kept, so each
		// goes by itself. When the answer was lost nobody knows what was kept.
		var refused *pgconn.PgError
		alone := len(aboard) > 1 && errors.As(err, &refused)
		for _, p := range aboard {
			if alone {
				err = s.land(p.list)
			}
			p.landed <- err
		}
	}
}

func (s *Store) land(list []stmt) error {
	ctx, cancel := context.WithTimeout(context.Background(), storm)
	defer cancel()
	return s.sendAll(ctx, nil, slices.Clip(list))
}
