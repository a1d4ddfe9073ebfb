package matrix

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"schoolbel/adapters"
)

// batch is the news that came with one token, on its way through.
type batch struct {
	*Matrix
	*line
	in    adapters.Handler
	news  *mautrix.RespSync
	from  reach
	floor time.Time // what is older another process heard
	began time.Time // what is older was said before we listened for the first time

	settled bool   // keys, rooms and invitations are done
	todo    []item // still to be read, in order
	next    *step  // read, and not told yet: it may be the last
	panics  int
}

// item is an event of a room; waited ones could not be read when they came.
type item struct {
	evt    *event.Event
	waited bool
}

// step is something that a person did, and what to do when it is kept.
type step struct {
	adapters.Event
	after func(context.Context) error
}

// until takes the batch, again and again until everything in it is kept; false when
// ctx ended before that.
func (b *batch) until(ctx context.Context) bool {
	for attempt := 1; ; attempt++ {
		err := b.take(ctx)
		if err == nil {
			return true
		}
		if canceled(ctx) {
			return false
		}
		b.log.ErrorContext(ctx, "matrix: an event was not kept; trying again", "error", err)
		if attempt > 3 {
			b.state.set(fmt.Errorf("matrix: an event was not kept: %w", err))
		}
		if !rest(ctx, max(b.pause(attempt), tooFast(err))) {
			return false
		}
	}
}

// take goes on where it stopped.
func (b *batch) take(ctx context.Context) error {
	if !b.settled {
		if err := b.settle(ctx); err != nil {
			return err
		}
		b.settled = true
	}
	for len(b.todo) > 0 {
		if err := b.read(ctx, b.todo[0]); err != nil {
			return err
		}
		b.todo = b.todo[1:]
	}
	if b.news.NextBatch == b.from.Token && b.next == nil {
		return nil
	}
	value, err := json.Marshal(b.reached())
	if err != nil {
		return fmt.Errorf("write how far we listened: %w", err)
	}
	key := reachKey(b.seat)
	if b.next == nil {
		return b.remember(ctx, key, value)
	}
	b.next.Mark = &adapters.Mark{Key: key, Value: value}
	return b.tell(ctx)
}

// reached is how far we listened when all of this is kept.
func (b *batch) reached() reach {
	return reach{Token: b.news.NextBatch, At: b.now(), Last: b.heardLast()}
}

// settle takes in keys and the state of rooms, answers invitations, and lists what
// is to be read.
func (b *batch) settle(ctx context.Context) error {
	if b.keys != nil {
		b.keys.hear(ctx, b.news, b.from.Token)
	}
	if err := b.invited(ctx); err != nil {
		return err
	}
	for room, left := range b.news.Rooms.Leave {
		b.states(ctx, room, left.State.Events)
		b.states(ctx, room, left.Timeline.Events)
		b.rooms.Delete(room)
	}
	b.todo = nil
	for room, joined := range b.news.Rooms.Join {
		b.states(ctx, room, joined.State.Events)
		b.states(ctx, room, joined.Timeline.Events)
	}
	for _, room := range b.order() {
		events, err := b.heard(ctx, room, b.news.Rooms.Join[room])
		if err != nil {
			return err
		}
		for _, evt := range events {
			b.todo = append(b.todo, item{evt: evt})
		}
	}
	if len(b.waits) > 0 && (b.fresh || len(b.news.ToDevice.Events) > 0) {
		var before []item
		for _, w := range b.waits {
			before = append(before, item{w.event(), true})
		}
		b.todo = append(before, b.todo...)
	}
	return nil
}

// order sorts the rooms by what was said first.
func (b *batch) order() []id.RoomID {
	var rooms []id.RoomID
	first := map[id.RoomID]int64{}
	for room, joined := range b.news.Rooms.Join {
		rooms = append(rooms, room)
		if events := joined.Timeline.Events; len(events) > 0 {
			first[room] = events[0].Timestamp
		}
	}
	slices.SortFunc(rooms, func(x, y id.RoomID) int {
		return cmp.Or(cmp.Compare(first[x], first[y]), cmp.Compare(x, y))
	})
	return rooms
}

// states keeps what rooms are: who is in, and whether they are encrypted. It is
// done for old events, too, or we would speak plainly in an encrypted room.
func (b *batch) states(ctx context.Context, room id.RoomID, events []*event.Event) {
	for _, evt := range events {
		if evt.StateKey == nil {
			continue
		}
		evt.RoomID, evt.Type.Class = room, event.StateEventType
		if err := evt.Content.ParseRaw(evt.Type); err != nil && !errors.Is(err, event.ErrContentAlreadyParsed) {
			continue // of a sort that we do not know
		}
		mautrix.UpdateStateStore(ctx, b.api.StateStore, evt)
		if b.keys != nil {
			b.keys.state(ctx, evt)
		}
		if k, ok := b.rooms.Load(room); ok {
			k.(*known).learn(evt)
		}
	}
}

// heard is what was said in a room since we listened last. In a room that we came into
// just now that is what was said since we were asked in: who begins a direct room says
// what is wrong at once, and does not wait for us.
func (b *batch) heard(ctx context.Context, room id.RoomID, joined *mautrix.SyncJoinedRoom) ([]*event.Event, error) {
	events, floor := joined.Timeline.Events, b.floor
	if b.from.Token == "" && b.began.After(floor) {
		floor = b.began
	}
	back := b.from.At.Add(-overlap)
	since, at, asked := b.entered(joined)
	if asked {
		invited, err := b.asked(ctx, room)
		if err != nil {
			return nil, err
		}
		if asked = !invited.IsZero(); asked {
			since, at, back = invited, -1, invited
		}
	}
	if since.After(floor) {
		floor = since
	}
	if since.After(back) {
		back = since
	}
	whole := asked && b.invitation(events) >= 0
	if at >= 0 {
		events = events[at+1:]
	} else if !whole && joined.Timeline.Limited && joined.Timeline.PrevBatch != "" && b.from.Token != "" {
		missed, err := b.gap(ctx, room, events, joined.Timeline.PrevBatch, back)
		if err != nil {
			return nil, err
		}
		events = append(missed, events...)
	}
	if asked { // clocks differ: where the invitation stands says it better
		events = events[b.invitation(events)+1:]
	}
	var told []*event.Event
	for _, evt := range events {
		if evt.StateKey == nil && !time.UnixMilli(evt.Timestamp).Before(floor) {
			evt.RoomID, evt.Type.Class = room, event.MessageEventType
			told = append(told, evt)
		}
	}
	return told, nil
}

// entered tells whether we came into a room just now: where in what was said, or if
// that is longer ago, when; asked is false when surely nobody had asked us in.
func (b *batch) entered(joined *mautrix.SyncJoinedRoom) (since time.Time, at int, asked bool) {
	ours := func(evt *event.Event) bool {
		if b.membership(evt) != "join" {
			return false
		}
		before := ""
		if p := evt.Unsigned.PrevContent; p != nil {
			_ = json.Unmarshal(p.VeryRaw, &struct {
				Membership *string `json:"membership"`
			}{&before}) // not there is ""
		}
		asked = before == "invite" || before == ""
		return before != "join"
	}
	for i := len(joined.Timeline.Events) - 1; i >= 0; i-- {
		if ours(joined.Timeline.Events[i]) {
			return time.Time{}, i, asked
		}
	}
	for _, evt := range joined.State.Events {
		if ours(evt) {
			return time.UnixMilli(evt.Timestamp), -1, asked
		}
	}
	return time.Time{}, -1, false
}

// membership is what an event says that we are to its room; "" when it is not about us.
func (b *batch) membership(evt *event.Event) string {
	if evt.Type.Type != event.StateMember.Type || evt.StateKey == nil || *evt.StateKey != string(b.api.UserID) {
		return ""
	}
	member, _ := evt.Content.Raw["membership"].(string)
	return member
}

// invitation is where we were asked in last, or -1.
func (b *batch) invitation(events []*event.Event) int {
	for i := len(events) - 1; i >= 0; i-- {
		if b.membership(events[i]) == "invite" {
			return i
		}
	}
	return -1
}

// read finds out what an event is. What a person did before it is told now: only
// the last one of the batch carries the mark.
func (b *batch) read(ctx context.Context, i item) error {
	e, ok, err := b.hear(ctx, b.line, i.evt)
	if errors.Is(err, errNoKey) {
		if i.waited {
			return nil
		}
		return b.await(ctx, b.line, i.evt)
	}
	if err != nil {
		if passing(err) {
			return err
		}
		b.log.WarnContext(ctx, "matrix: cannot read an event", "event", i.evt.ID, "room", i.evt.RoomID, "error", err)
		ok = false
	}
	after := func(ctx context.Context) error {
		if ok && e.Kind == adapters.Submit {
			if err := b.sent(ctx, e.User.ID); err != nil {
				return err
			}
		}
		if !i.waited {
			return nil
		}
		return b.readable(ctx, b.line, i.evt.ID)
	}
	if !ok {
		return after(ctx)
	}
	if b.next != nil {
		if err := b.tell(ctx); err != nil {
			return err
		}
	}
	b.next = &step{e, after}
	return nil
}

// mostPanics is how often one event may make the house fall over before we go on
// without it.
const mostPanics = 3

// tell hands on what waits. A panic is kept here: it would end the listening.
func (b *batch) tell(ctx context.Context) error {
	err := func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				b.panics++
				err = fmt.Errorf("panic at event %s: %v\n%s", b.next.ID, p, debug.Stack())
			}
		}()
		return b.in(ctx, b.next.Event)
	}()
	if err != nil && b.panics >= mostPanics {
		b.log.ErrorContext(ctx, "matrix: gave up an event", "event", b.next.ID, "error", err)
		if mark := b.next.Mark; mark != nil {
			err = b.remember(ctx, mark.Key, mark.Value)
		} else {
			err = nil
		}
	}
	if err != nil {
		return err
	}
	done := b.next
	b.next, b.panics = nil, 0
	if err := done.after(ctx); err != nil {
		b.next = done // what it did is kept: told once more, nothing comes of it
		return err
	}
	return nil
}
