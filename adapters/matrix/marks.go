package matrix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// mostMarks is how many reactions we put under a card ourselves. The others are to be
// read in it, and work as well.
const mostMarks = 8

// chore is a card under which reactions are to be put or taken away. It is kept, so
// that a crash loses none.
type chore struct {
	Room id.RoomID  `json:"room"`
	At   id.EventID `json:"at"`
}

const chores = "marks/"

// chore asks for the reactions of a card. They are put beside, not while the card is
// sent: each is a call of its own.
func (m *Matrix) chore(ctx context.Context, delivery string, room id.RoomID, at id.EventID) error {
	value, err := json.Marshal(chore{room, at})
	if err != nil {
		return fmt.Errorf("write a chore: %w", err)
	}
	return m.remember(ctx, chores+delivery, value)
}

// ring wakes the one who puts reactions.
func (m *Matrix) ring() {
	select {
	case m.marks <- struct{}{}:
	default:
	}
}

// mark puts reactions until ctx ends.
func (m *Matrix) mark(ctx context.Context, l *line) {
	if err := m.prune(ctx); err != nil && !canceled(ctx) {
		m.log.WarnContext(ctx, "matrix: old buttons stay", "error", err)
	}
	for attempt := 0; ; {
		err := m.tidy(ctx, l)
		switch {
		case canceled(ctx):
			return
		case err != nil:
			attempt++
			m.log.InfoContext(ctx, "matrix: a reaction could not be put; trying again", "error", err)
			if !rest(ctx, max(m.pause(attempt), tooFast(err))) {
				return
			}
			continue
		}
		attempt = 0
		select {
		case <-ctx.Done():
			return
		case <-m.marks:
		}
	}
}

// tidy does the chores there are.
func (m *Matrix) tidy(ctx context.Context, l *line) error {
	if m.kit.Memory == nil {
		return nil
	}
	kept, err := m.kit.Memory.All(ctx, chores)
	if err != nil {
		return fmt.Errorf("recall the chores: %w", err)
	}
	for _, key := range slices.Sorted(maps.Keys(kept)) {
		var c chore
		if err := json.Unmarshal(kept[key], &c); err != nil {
			return fmt.Errorf("read a chore: %w", err)
		}
		done, err := m.level(ctx, l, key[len(chores):], c)
		if err != nil && passing(err) {
			return err
		}
		if err == nil && !done {
			m.ring() // the card changed meanwhile
			continue
		}
		if err := m.remember(ctx, key, nil); err != nil {
			return fmt.Errorf("forget a chore: %w", err)
		}
	}
	return nil
}

// level makes the reactions under a card those that it shows, in their order.
func (m *Matrix) level(ctx context.Context, l *line, delivery string, c chore) (bool, error) {
	p, err := m.panel(ctx, delivery)
	if err != nil {
		return false, err
	}
	want := p.Open[:min(len(p.Open), mostMarks)]
	put := maps.Clone(p.Put)
	if put == nil {
		put = map[string]string{}
	}
	keep := func() error {
		m.panels.Lock()
		defer m.panels.Unlock()
		now, err := m.panel(ctx, delivery)
		if err != nil {
			return err
		}
		now.Put = put
		return m.keepPanel(ctx, delivery, now)
	}
	for _, sign := range slices.Sorted(maps.Keys(put)) {
		if slices.Contains(want, sign) {
			continue
		}
		if at := put[sign]; at != "" {
			if _, err := l.api.RedactEvent(ctx, c.Room, id.EventID(at)); err != nil && passing(err) {
				return false, fmt.Errorf("take a reaction away: %w", err)
			}
		}
		delete(put, sign)
		if err := keep(); err != nil {
			return false, err
		}
	}
	for _, sign := range want {
		if _, there := put[sign]; there {
			continue
		}
		at, err := l.react(ctx, c.Room, c.At, sign)
		if err != nil {
			return false, err
		}
		put[sign] = string(at)
		if err := keep(); err != nil {
			return false, err
		}
	}
	now, err := m.panel(ctx, delivery)
	return slices.Equal(now.Open, p.Open), err
}

// react puts one emoji under a message. That it is there already is as good.
func (l *line) react(ctx context.Context, room id.RoomID, at id.EventID, sign string) (id.EventID, error) {
	what := struct {
		Relates relating `json:"m.relates_to"`
	}{relating{Type: annotates, Event: string(at), Key: sign}}
	sent, err := l.api.SendMessageEvent(ctx, room, event.EventReaction, what)
	var answer mautrix.HTTPError
	if errors.As(err, &answer) && answer.RespError != nil && answer.RespError.ErrCode == "M_DUPLICATE_ANNOTATION" {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("put a reaction: %w", err)
	}
	return sent.EventID, nil
}
