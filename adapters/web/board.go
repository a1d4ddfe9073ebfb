package web

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"schoolbel/workflows"
)

// The incident's own names, as surface.md promises them.
const (
	incident   workflows.Kind  = "incident"
	isNew      workflows.State = "new"
	isResolved workflows.State = "resolved"
	expectedAt                 = "expected_at"
)

// progress orders the states: when one disturbance is reported twice, the board
// shows how far the furthest is.
var progress = []workflows.State{isNew, "triaged", "waiting", "in_progress"}

// How the board is read: how long one reading is shown to everybody, how long an
// old one is better than none, and how many records it may be made of.
const (
	freshFor = 3 * time.Second
	goodFor  = time.Minute
	boardMax = 2000
	pageSize = 200
)

// disturbance is what is wrong with one service at one location.
type disturbance struct {
	service, location string
	state             workflows.State
	since             time.Time
	next              time.Time // when more will be known; zero: as soon as there is news
}

// board is everything that is disturbed, in the order of the page.
type board struct {
	at   time.Time
	rows []disturbance
}

// boardReader keeps one board for all who look, and lets one of them read anew.
type boardReader struct {
	reader workflows.Reader
	now    func() time.Time

	mu   sync.Mutex
	last *board
}

// board gives a fresh board, or an older one when the database does not answer.
func (b *boardReader) board(ctx context.Context) (*board, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if b.last != nil && now.Sub(b.last.at) < freshFor {
		return b.last, nil
	}
	// The others wait for this reading, so it must not end with the first visitor.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	fresh, err := b.read(ctx, now)
	if err != nil {
		if b.last != nil && now.Sub(b.last.at) < goodFor {
			return b.last, nil
		}
		return nil, err
	}
	b.last = fresh
	return fresh, nil
}

func (b *boardReader) read(ctx context.Context, now time.Time) (*board, error) {
	seen := map[[2]string]*disturbance{}
	filter := workflows.Filter{Kinds: []workflows.Kind{incident}, Open: true, Public: true, Wide: true, Limit: pageSize}
	for read := 0; read < boardMax; {
		records, next, err := b.reader.Find(ctx, filter)
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			if r.Wide() && !r.Sensitive {
				count(seen, r, now)
			}
		}
		if read += len(records); next == "" {
			break
		}
		filter.After = next
	}
	fresh := &board{at: now}
	for _, d := range seen {
		fresh.rows = append(fresh.rows, *d)
	}
	slices.SortFunc(fresh.rows, func(a, b disturbance) int {
		return cmp.Or(a.since.Compare(b.since), cmp.Compare(a.service, b.service), cmp.Compare(a.location, b.location))
	})
	return fresh, nil
}

// count adds an incident to what is known of its service and location.
func count(seen map[[2]string]*disturbance, r *workflows.Record, now time.Time) {
	key := [2]string{r.Service, r.Location}
	one := disturbance{service: r.Service, location: r.Location, state: r.State, since: r.OpenedAt, next: nextNews(r, now)}
	all := seen[key]
	if all == nil {
		seen[key] = &one
		return
	}
	if all.state == isResolved || one.state != isResolved && slices.Index(progress, one.state) > slices.Index(progress, all.state) {
		all.state = one.state
	}
	if one.since.Before(all.since) {
		all.since = one.since
	}
	if all.next.IsZero() || !one.next.IsZero() && one.next.Before(all.next) {
		all.next = one.next
	}
}

// nextNews is a moment that somebody really promised: when it is expected to
// work again, or by when the first answer is due. A promise that has passed is
// none.
func nextNews(r *workflows.Record, now time.Time) time.Time {
	if r.State == isResolved {
		return time.Time{}
	}
	if at, err := time.Parse(time.RFC3339, r.Field(expectedAt)); err == nil && at.After(now) {
		return at
	}
	if r.State == isNew && r.RespondBy.After(now) {
		return r.RespondBy
	}
	return time.Time{}
}
