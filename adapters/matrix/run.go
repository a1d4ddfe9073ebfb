package matrix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"

	"schoolbel/adapters"
)

// hold is how long the homeserver may hold a question for news open.
const hold = 30 * time.Second

// filter asks for what we read and no more. A longer gap is filled by paging back.
const filter = `{"presence":{"not_types":["*"]},"account_data":{"not_types":["*"]},` +
	`"room":{"timeline":{"limit":100},"ephemeral":{"not_types":["*"]},"account_data":{"not_types":["*"]}}}`

// Run keeps a login and listens until ctx ends. An error never ends it: what is
// mended on the homeserver works again by itself.
func (m *Matrix) Run(ctx context.Context, in adapters.Handler) error {
	seat := adapters.Seat{}
	defer func() {
		if seat.Leave != nil {
			seat.Leave()
		}
	}()
	for attempt := 0; rest(ctx, m.pause(attempt)); attempt++ {
		if seat.Held == nil || seat.Held.Err() != nil {
			var err error
			if seat, err = m.sit(ctx); err != nil {
				m.ails(ctx, err)
				continue
			}
		}
		heard := false
		err := m.session(ctx, seat, in, func() { heard = true })
		m.line.Store(nil)
		if canceled(ctx) {
			return nil
		}
		if heard {
			attempt = -1
		}
		if err != nil {
			m.ails(ctx, err)
		}
	}
	return nil
}

// sit gets a number among the processes of the house: the device that we are.
func (m *Matrix) sit(ctx context.Context) (adapters.Seat, error) {
	if m.kit.Seat == nil {
		return adapters.Seat{Number: 1, Held: ctx, Leave: func() {}}, nil
	}
	return m.kit.Seat(ctx, "device")
}

// ails keeps what is wrong for Ready, and logs it when it is something new.
func (m *Matrix) ails(ctx context.Context, err error) {
	if m.state.set(fmt.Errorf("matrix: %w", err)) && !canceled(ctx) {
		m.log.ErrorContext(ctx, "matrix: not listening; trying again", "error", err)
	}
}

// session logs in and listens until something ends it.
func (m *Matrix) session(ctx context.Context, seat adapters.Seat, in adapters.Handler, well func()) (err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(seat.Held, stop)()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	l, err := m.dial(ctx, seat.Number)
	if err != nil {
		return err
	}
	l.end = stop
	m.line.Store(l)
	var beside sync.WaitGroup
	defer beside.Wait()
	defer stop()
	beside.Go(func() { m.mark(ctx, l) })
	return m.listen(ctx, l, in, well)
}

// reach is how far a device listened.
type reach struct {
	Token string              `json:"token"`
	At    time.Time           `json:"at"`
	Last  map[id.RoomID]heard `json:"last,omitempty"`
}

// heard is the last event of a room that was heard.
type heard struct {
	ID id.EventID `json:"id"`
	At int64      `json:"at"`
}

func reachKey(seat int) string { return "next/" + strconv.Itoa(seat) }

// listen asks for news again and again. The token is kept only when all that came
// with it is.
func (m *Matrix) listen(ctx context.Context, l *line, in adapters.Handler, well func()) error {
	from, floor, err := m.recallReach(ctx, l.seat)
	if err != nil {
		return err
	}
	began := m.now()
	for failed := 0; !canceled(ctx); {
		wait := hold
		if l.fresh || failed > 0 {
			wait = 0
		}
		news, err := l.api.FullSyncRequest(ctx, mautrix.ReqSync{Timeout: int(wait / time.Millisecond), Since: from.Token, FilterID: filter, Client: m.wait})
		switch {
		case err == nil:
		case canceled(ctx):
			return nil
		case errors.Is(err, mautrix.MUnknownToken):
			return fmt.Errorf("the homeserver logged us out: %w", err)
		default:
			failed++
			m.ails(ctx, fmt.Errorf("ask for news: %w", err))
			if !rest(ctx, max(m.pause(failed), tooFast(err))) {
				return nil
			}
			continue
		}
		failed = 0
		b := &batch{Matrix: m, line: l, in: in, news: news, from: from, floor: floor, began: began}
		if !b.until(ctx) {
			return nil
		}
		from, l.fresh = b.reached(), false
		if m.state.get() != nil {
			m.log.InfoContext(ctx, "matrix: listening", "device", l.api.DeviceID)
		}
		m.state.set(nil)
		well()
	}
	return nil
}

// tooFast is how long the homeserver asks to wait, if it does.
func tooFast(err error) time.Duration {
	var f *adapters.Failure
	if errors.As(failure("sync", err), &f) {
		return f.After
	}
	return 0
}

// recallReach recalls how far this device listened, and since when no other did: what is
// older was heard by another process, and a device that comes back after a month
// need not tell it again.
func (m *Matrix) recallReach(ctx context.Context, seat int) (from reach, floor time.Time, err error) {
	if m.kit.Memory == nil {
		return from, floor, nil
	}
	all, err := m.kit.Memory.All(ctx, "next/")
	if err != nil {
		return from, floor, fmt.Errorf("recall how far we listened: %w", err)
	}
	for key, value := range all {
		var r reach
		if err := json.Unmarshal(value, &r); err != nil {
			return from, floor, fmt.Errorf("read how far we listened: %w", err)
		}
		switch at := r.At.Add(-overlap); {
		case key == reachKey(seat):
			from = r
		case at.After(floor):
			floor = at
		}
	}
	return from, floor, nil
}

// overlap is how much is heard twice rather than not at all, where clocks differ.
const overlap = time.Hour

// ready tells whether the homeserver can tell us anything now.
func (m *Matrix) ready() error { return m.state.get() }
