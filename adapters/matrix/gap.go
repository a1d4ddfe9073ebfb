package matrix

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// pages are how many events are read back at once: first so many, and where that took
// more than one page, once more with another size. A homeserver may lose an event
// between two pages when several people wrote at the same time (Dendrite does); it
// does not lose the same one when the pages end elsewhere.
var pages = []int{100, 73}

// mostPages is how far a room is read back. Where more was said while we were away,
// what was said first is of no use any more.
const mostPages = 200

// gap reads what was said in a room between the last time we listened and what the
// homeserver tells by itself, and not before floor.
func (b *batch) gap(ctx context.Context, room id.RoomID, told []*event.Event, prev string, floor time.Time) ([]*event.Event, error) {
	seen := map[id.EventID]bool{}
	for _, evt := range told {
		seen[evt.ID] = true
	}
	var missed []*event.Event
	for _, size := range pages {
		found, one, err := b.back(ctx, room, prev, size, floor)
		if err != nil {
			if passing(err) {
				return nil, fmt.Errorf("read back in %s: %w", room, err)
			}
			b.log.WarnContext(ctx, "matrix: cannot read back what was missed", "room", room, "error", err)
			break
		}
		for _, evt := range found {
			if !seen[evt.ID] {
				seen[evt.ID] = true
				missed = append(missed, evt)
			}
		}
		if one {
			break
		}
	}
	slices.SortStableFunc(missed, func(x, y *event.Event) int { return cmp.Compare(x.Timestamp, y.Timestamp) })
	return missed, nil
}

// back reads a room from its end to what we heard last, oldest first. It begins at the
// end, and not where the homeserver says that it stopped telling: the order in which
// it tells is another one. one tells that a single page held it all.
func (b *batch) back(ctx context.Context, room id.RoomID, prev string, size int, floor time.Time) (found []*event.Event, one bool, err error) {
	from, last := "", b.from.Last[room].ID
	for page := range mostPages {
		answer, err := b.api.Messages(ctx, room, from, "", mautrix.DirectionBackward, nil, size)
		if err != nil && from == "" && !passing(err) {
			from = prev // an older homeserver wants to know where to begin
			answer, err = b.api.Messages(ctx, room, from, "", mautrix.DirectionBackward, nil, size)
		}
		if err != nil {
			return nil, false, err
		}
		old := true
		for _, evt := range answer.Chunk {
			if evt.ID == last && last != "" {
				slices.Reverse(found)
				return found, page == 0, nil
			}
			if !time.UnixMilli(evt.Timestamp).Before(floor) {
				old = false
				found = append(found, evt)
			}
		}
		if old || answer.End == "" || answer.End == from {
			slices.Reverse(found)
			return found, page == 0, nil
		}
		from = answer.End
	}
	b.log.ErrorContext(ctx, "matrix: more was said than is read back", "room", room)
	slices.Reverse(found)
	return found, false, nil
}

// mostLast is for how many rooms we know what we heard last; of the others, an hour is
// heard twice.
const mostLast = 100

// heardLast is what was heard last in each room.
func (b *batch) heardLast() map[id.RoomID]heard {
	last := map[id.RoomID]heard{}
	for room, h := range b.from.Last {
		last[room] = h
	}
	for room, joined := range b.news.Rooms.Join {
		if events := joined.Timeline.Events; len(events) > 0 {
			e := events[len(events)-1]
			last[room] = heard{e.ID, e.Timestamp}
		}
	}
	for len(last) > mostLast {
		var oldest id.RoomID
		for room, h := range last {
			if oldest == "" || h.At < last[oldest].At {
				oldest = room
			}
		}
		delete(last, oldest)
	}
	return last
}
