package matrix

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"schoolbel/adapters"
)

// Send posts a card. What one person alone may see goes to their direct room.
func (m *Matrix) Send(ctx context.Context, to adapters.Place, c adapters.Card) (adapters.Receipt, error) {
	l, err := m.online()
	if err != nil {
		return "", err
	}
	to, err = m.aside(ctx, l, to, c)
	if err != nil {
		return "", err
	}
	if c.Delivery == "" && len(pressed(c)) > 0 {
		c.Delivery = uuid.NewString() // a press is found by it
	}
	p, err := m.dealt(ctx, c.Delivery, c)
	if err != nil {
		return "", err
	}
	room := id.RoomID(to.Channel)
	at, err := m.post(ctx, l, room, m.transaction(c.Delivery), render(c, p).in(to.Thread))
	if err != nil {
		return "", err
	}
	m.arrived(room, at, said{Delivery: mark{Delivery: c.Delivery}, Relates: relation{Type: threads, Event: to.Thread}})
	if len(p.Open) > 0 {
		m.marked(ctx, c.Delivery, room, at)
	}
	if c.Private && c.Delivery != "" {
		if err := m.remember(ctx, asideKey(c.Delivery), nil); err != nil {
			m.log.WarnContext(ctx, "matrix: could not forget where a message went", "error", err)
		}
	}
	return adapters.Receipt(at), nil
}

func asideKey(delivery string) string { return "aside/" + delivery }

// aside is where a card really goes: what is for one person alone must not stand in a
// room with others. That is remembered until it arrived, for whoever looks for it.
func (m *Matrix) aside(ctx context.Context, l *line, to adapters.Place, c adapters.Card) (adapters.Place, error) {
	if !c.Private || c.To == "" {
		return to, nil
	}
	room, err := m.private(ctx, l, id.UserID(c.To))
	if err != nil || string(room) == to.Channel {
		return to, err
	}
	to.Channel, to.Thread = string(room), ""
	if c.Delivery != "" {
		if err := m.remember(ctx, asideKey(c.Delivery), []byte(room)); err != nil {
			return to, &adapters.Failure{Why: adapters.Retry, Err: fmt.Errorf("remember where a message goes: %w", err)}
		}
	}
	return to, nil
}

// dealt gives the buttons of a card their emoji, and keeps that before anybody can
// press one.
func (m *Matrix) dealt(ctx context.Context, delivery string, c adapters.Card) (panel, error) {
	if delivery == "" {
		return panel{}, nil
	}
	m.panels.Lock()
	defer m.panels.Unlock()
	before, err := m.panel(ctx, delivery)
	if err != nil {
		return before, &adapters.Failure{Why: adapters.Retry, Err: err}
	}
	p := before.deal(c, m.now())
	if len(p.Keys) == 0 || slices.Equal(p.Keys, before.Keys) && slices.Equal(p.Open, before.Open) {
		return p, nil
	}
	if err := m.keepPanel(ctx, delivery, p); err != nil {
		return p, &adapters.Failure{Why: adapters.Retry, Err: err}
	}
	return p, nil
}

// marked asks for the reactions under a card. The card says all that they say: that it
// stands there is what counts.
func (m *Matrix) marked(ctx context.Context, delivery string, room id.RoomID, at id.EventID) {
	if err := m.chore(ctx, delivery, room, at); err != nil {
		m.log.WarnContext(ctx, "matrix: no reactions under a card", "delivery", delivery, "error", err)
		return
	}
	m.ring()
}

// transaction is the name under which a homeserver knows a message that it was given
// twice. It travels in a path: what does not fit there is hashed.
func (m *Matrix) transaction(delivery string) string {
	if delivery == "" {
		return uuid.NewString()
	}
	if n, ok := m.renew.Load(delivery); ok {
		delivery += "#" + strconv.Itoa(n.(int))
	}
	plain := len(delivery) <= 200
	for _, r := range delivery {
		plain = plain && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.' || r == ':')
	}
	if plain {
		return delivery
	}
	sum := sha256.Sum256([]byte(delivery))
	return "schoolbel-" + hex.EncodeToString(sum[:16])
}

// post says something in a room, closed where the room is encrypted.
func (m *Matrix) post(ctx context.Context, l *line, room id.RoomID, txn string, c content) (id.EventID, error) {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	k, err := m.room(ctx, l, room)
	if err != nil {
		return "", err
	}
	closed, err := k.encrypted(ctx, l)
	if err != nil {
		return "", &adapters.Failure{Why: adapters.Retry, Err: err}
	}
	kind, what := event.EventMessage, any(c)
	if closed {
		if l.keys == nil {
			return "", &adapters.Failure{Why: adapters.Refused, Err: errors.New("the room is encrypted: " + whyPlain(m.cfg))}
		}
		if what, err = l.keys.encrypt(ctx, room, event.EventMessage, c); err != nil {
			f := failure("keys", err)
			if why(f) == adapters.Gone || why(f) == adapters.Refused {
				return "", &adapters.Failure{Why: adapters.Retry, Err: err} // it is about keys, not about the room
			}
			return "", f
		}
		kind = event.EventEncrypted
	}
	sent, err := l.api.SendMessageEvent(ctx, room, kind, what, mautrix.ReqSendEvent{TransactionID: txn, DontEncrypt: true})
	if err != nil {
		f := failure(says, err)
		if why(f) == adapters.Gone {
			m.rooms.Delete(room)
		}
		if errors.Is(err, mautrix.MUnknownToken) {
			l.end() // listening may not hear of it for a while
		}
		return "", f
	}
	return sent.EventID, nil
}

// Edit changes a message. One that was taken away is gone: it must be said anew.
func (m *Matrix) Edit(ctx context.Context, at adapters.Place, r adapters.Receipt, c adapters.Card) error {
	l, err := m.online()
	if err != nil {
		return err
	}
	if at, err = m.aside(ctx, l, at, c); err != nil {
		return err
	}
	gone, err := m.recall(ctx, goneKey(string(r)))
	if err != nil {
		return &adapters.Failure{Why: adapters.Retry, Err: err}
	}
	if gone != nil {
		n, _ := m.renew.LoadOrStore(c.Delivery, 0)
		m.renew.Store(c.Delivery, n.(int)+1)
		return &adapters.Failure{Why: adapters.Gone, Err: fmt.Errorf("message %s was taken away", r)}
	}
	delivery := c.Delivery
	if p, ok := m.ours.get(string(r)); ok && p.Delivery != "" {
		delivery = p.Delivery
	}
	p, err := m.dealt(ctx, delivery, c)
	if err != nil {
		return err
	}
	room := id.RoomID(at.Channel)
	if _, err := m.post(ctx, l, room, uuid.NewString(), render(c, p).over(string(r))); err != nil {
		var f *adapters.Failure
		if errors.As(err, &f) && f.Why == adapters.Ambiguous {
			f.Why = adapters.Retry // changing it twice is as good
		}
		return err
	}
	if len(p.Open) > 0 || len(p.Put) > 0 {
		m.marked(ctx, delivery, room, id.EventID(r))
	}
	return nil
}

// mostLooked is how many pages of a room are looked through for a message of ours.
const mostLooked = 20

// Find looks whether a delivery arrived: among what the homeserver told us that we
// said, and else in the room itself.
func (m *Matrix) Find(ctx context.Context, at adapters.Place, delivery string, since time.Time) (adapters.Receipt, bool, error) {
	l, err := m.online()
	if err != nil {
		return "", false, err
	}
	room := id.RoomID(at.Channel)
	went, err := m.recall(ctx, asideKey(delivery))
	if err != nil {
		return "", false, &adapters.Failure{Why: adapters.Retry, Err: err}
	}
	if went != nil {
		room = id.RoomID(went)
	}
	if found, ok := m.told.get(string(room) + " " + delivery); ok {
		return adapters.Receipt(found), true, nil
	}
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	// Clocks differ a little; one message too many to look at does no harm.
	oldest := since.Add(-time.Minute)
	from := ""
	for range mostLooked {
		page, err := l.api.Messages(ctx, room, from, "", mautrix.DirectionBackward, nil, 100)
		if err != nil {
			return "", false, failure("messages", err)
		}
		old := len(page.Chunk) > 0
		for _, evt := range page.Chunk {
			evt.RoomID = room
			old = old && time.UnixMilli(evt.Timestamp).Before(oldest)
			if p, ok := m.mine(ctx, l, evt); ok && p.Delivery == delivery {
				return adapters.Receipt(evt.ID), true, nil
			}
		}
		if old || page.End == "" || page.End == from {
			break
		}
		from = page.End
	}
	return "", false, nil
}

// mine reads a message of ours; false for all others.
func (m *Matrix) mine(ctx context.Context, l *line, evt *event.Event) (post, bool) {
	if evt.Sender != l.api.UserID || evt.StateKey != nil {
		return post{}, false
	}
	if evt.Type.Type == event.EventEncrypted.Type {
		var err error
		if evt, err = m.decrypt(ctx, l, evt); err != nil || evt == nil {
			return post{}, false
		}
	}
	s, ok := understand(evt.Content.VeryRaw)
	if !ok || evt.Type.Type != event.EventMessage.Type || s.Delivery.Delivery == "" || s.Relates.Type == replaces {
		return post{}, false
	}
	return m.arrived(evt.RoomID, evt.ID, s), true
}
