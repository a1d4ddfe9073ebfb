package matrix

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

const (
	// waitLasts is how long a key may take to come.
	waitLasts = 30 * 24 * time.Hour
	// mostWaits is how many events may wait for a key; beyond that the oldest goes.
	mostWaits = 1000
	// mostAsked is for how many of them we ask once more at a start.
	mostAsked = 50
)

func waitPrefix(seat int) string { return "wait/" + strconv.Itoa(seat) + "/" }

// waiting recalls what this device could not read.
func (m *Matrix) waiting(ctx context.Context, seat int) ([]waiting, error) {
	if m.kit.Memory == nil {
		return nil, nil
	}
	kept, err := m.kit.Memory.All(ctx, waitPrefix(seat))
	if err != nil {
		return nil, fmt.Errorf("recall what waits for a key: %w", err)
	}
	var list []waiting
	for key, value := range kept {
		var w waiting
		if err := json.Unmarshal(value, &w); err != nil || m.now().Sub(time.UnixMilli(w.Time)) > waitLasts {
			if err := m.remember(ctx, key, nil); err != nil {
				return nil, fmt.Errorf("forget what waited too long: %w", err)
			}
			continue
		}
		list = append(list, w)
	}
	slices.SortFunc(list, func(a, b waiting) int { return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.ID, b.ID)) })
	return list, nil
}

// await keeps an event until its key comes, and asks its writer for it.
func (m *Matrix) await(ctx context.Context, l *line, evt *event.Event) error {
	if slices.ContainsFunc(l.waits, func(w waiting) bool { return w.ID == evt.ID }) {
		return nil
	}
	w := waiting{Room: evt.RoomID, ID: evt.ID, Sender: evt.Sender, Time: evt.Timestamp, Content: evt.Content.VeryRaw}
	value, err := json.Marshal(w)
	if err != nil {
		return fmt.Errorf("keep %s: %w", evt.ID, err)
	}
	if err := m.remember(ctx, waitPrefix(l.seat)+string(evt.ID), value); err != nil {
		return fmt.Errorf("keep %s: %w", evt.ID, err)
	}
	l.waits = append(l.waits, w)
	if len(l.waits) > mostWaits {
		if err := m.readable(ctx, l, l.waits[0].ID); err != nil {
			return err
		}
	}
	if m.first("key " + string(evt.ID)) {
		m.log.InfoContext(ctx, "matrix: a message waits for its key", "event", evt.ID, "room", evt.RoomID, "sender", evt.Sender)
		l.keys.ask(ctx, evt)
	}
	return nil
}

// readable forgets that an event waited.
func (m *Matrix) readable(ctx context.Context, l *line, at id.EventID) error {
	if err := m.remember(ctx, waitPrefix(l.seat)+string(at), nil); err != nil {
		return fmt.Errorf("forget that %s waited: %w", at, err)
	}
	l.waits = slices.DeleteFunc(l.waits, func(w waiting) bool { return w.ID == at })
	return nil
}
