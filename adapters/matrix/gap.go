package matrix

import (
	"context"
	"fmt"
	"slices"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// mostPages is how many pages of a room are read back: 20,000 events. A room where
// more was said while we were away has no use for what was said first.
const mostPages = 200

// gap reads what was said in a room between the last time we listened and what the
// homeserver tells by itself. Being told some things twice does no harm.
func (b *batch) gap(ctx context.Context, room id.RoomID, from string, since time.Time) ([]*event.Event, error) {
	floor := b.from.At.Add(-overlap)
	if since.After(floor) {
		floor = since
	}
	var missed []*event.Event
	seen := map[id.EventID]bool{}
	for page := range mostPages {
		answer, err := b.api.Messages(ctx, room, from, b.from.Token, mautrix.DirectionBackward, nil, 100)
		if err != nil {
			if passing(err) {
				return nil, fmt.Errorf("read back in %s: %w", room, err)
			}
			b.log.WarnContext(ctx, "matrix: cannot read back what was missed", "room", room, "error", err)
			break
		}
		old := true
		for _, evt := range answer.Chunk {
			if seen[evt.ID] {
				continue
			}
			seen[evt.ID] = true
			if !time.UnixMilli(evt.Timestamp).Before(floor) {
				old = false
				missed = append(missed, evt)
			}
		}
		if old || answer.End == "" || answer.End == from {
			break
		}
		if from = answer.End; page == mostPages-1 {
			b.log.ErrorContext(ctx, "matrix: more was said than can be read back", "room", room)
		}
	}
	slices.Reverse(missed)
	return missed, nil
}
