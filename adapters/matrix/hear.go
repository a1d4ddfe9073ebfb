package matrix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"schoolbel/adapters"
)

// errNoKey is an event that cannot be read as long as its key has not come.
var errNoKey = errors.New("the key has not come yet")

// post is a message of ours as it stands in a room.
type post struct {
	Delivery string
	Thread   string
	Room     id.RoomID
}

// hear finds out what a person did; ok is false for all that is not for us.
func (m *Matrix) hear(ctx context.Context, l *line, evt *event.Event) (e adapters.Event, ok bool, err error) {
	if evt.Type.Type == event.EventEncrypted.Type {
		if evt, err = m.decrypt(ctx, l, evt); err != nil || evt == nil {
			return e, false, err
		}
	}
	s, ok := understand(evt.Content.VeryRaw)
	if !ok || evt.ID == "" || evt.Sender == "" {
		return e, false, nil
	}
	if evt.Sender == l.api.UserID {
		m.echo(evt, s)
		return e, false, nil
	}
	e = adapters.Event{
		Place: adapters.Place{Adapter: Name, Channel: string(evt.RoomID)},
		User:  adapters.User{ID: string(evt.Sender)}, Message: string(evt.ID), At: time.UnixMilli(evt.Timestamp),
	}
	switch evt.Type.Type {
	case event.EventMessage.Type:
		return m.message(ctx, l, e, s)
	case event.EventReaction.Type:
		return m.reaction(ctx, l, e, s)
	case event.EventRedaction.Type:
		return m.redaction(ctx, l, e, s, string(evt.Redacts))
	}
	return e, false, nil
}

// decrypt reads an event of an encrypted room; nil when nobody ever will.
func (m *Matrix) decrypt(ctx context.Context, l *line, evt *event.Event) (*event.Event, error) {
	if l.keys == nil {
		if m.first("plain " + string(evt.RoomID)) {
			m.log.WarnContext(ctx, "matrix: somebody speaks in an encrypted room, and it cannot be read", "room", evt.RoomID, "why", whyPlain(m.cfg))
		}
		return nil, nil
	}
	evt.Type.Class = event.MessageEventType
	if evt.Content.Parsed == nil {
		if err := evt.Content.ParseRaw(evt.Type); err != nil {
			return nil, nil // nothing that anybody can read
		}
	}
	open, err := l.keys.decrypt(ctx, evt)
	if err != nil {
		return nil, err
	}
	return open, nil
}

// echo takes in what we said ourselves: proof that it arrived.
func (m *Matrix) echo(evt *event.Event, s said) {
	switch {
	case evt.Type.Type == event.EventRedaction.Type:
		return
	case evt.Type.Type != event.EventMessage.Type || s.Delivery.Delivery == "" || s.Relates.Type == replaces:
		return
	}
	m.arrived(evt.RoomID, evt.ID, s)
}

// arrived keeps which event shows a delivery.
func (m *Matrix) arrived(room id.RoomID, at id.EventID, s said) post {
	p := post{Delivery: s.Delivery.Delivery, Thread: s.thread(), Room: room}
	m.ours.put(string(at), p)
	if p.Delivery != "" {
		m.told.put(string(room)+" "+p.Delivery, at)
	}
	return p
}

// messageID is the id of the event that this message is.
func messageID(room, message string) string { return Name + ":msg:" + room + ":" + message }

// message reads what was written, or written anew.
func (m *Matrix) message(ctx context.Context, l *line, e adapters.Event, s said) (adapters.Event, bool, error) {
	if s.Relates.Type == replaces {
		return m.edited(ctx, l, e, s)
	}
	if !s.spoken() {
		return e, false, nil
	}
	room, err := m.room(ctx, l, id.RoomID(e.Place.Channel))
	if err != nil {
		return e, false, err
	}
	e.ID, e.Kind = messageID(e.Place.Channel, e.Message), adapters.Message
	e.Place.Thread = s.thread()
	if e.Place.Thread == "" && s.answers() != "" {
		// Who answers a card of ours speaks about it.
		if p, ours, err := m.said(ctx, l, id.RoomID(e.Place.Channel), id.EventID(s.answers())); err == nil && ours {
			e.Place.Thread = p.Thread
			if p.Thread == "" {
				e.Place.Thread = s.answers()
			}
		}
	}
	text, mentioned := s.text(me{ID: string(l.api.UserID), Name: room.name(ctx, l, l.api.UserID)})
	if mentioned {
		e.Kind = adapters.Mention
	}
	e.Text, e.Files = text, s.file()
	e.User.Name = room.name(ctx, l, id.UserID(e.User.ID))
	if e.Direct, err = room.direct(ctx, m, l); err != nil {
		return e, false, err
	}
	if e.Text == "" && len(e.Files) == 0 {
		return e, false, nil
	}
	if e.Direct {
		return m.filled(ctx, l, e)
	}
	return e, true, nil
}

// edited reads a message that was changed. It never runs as a command again.
func (m *Matrix) edited(ctx context.Context, l *line, e adapters.Event, s said) (adapters.Event, bool, error) {
	if s.New == nil || s.Relates.Event == "" || !s.New.spoken() {
		return e, false, nil
	}
	room, err := m.room(ctx, l, id.RoomID(e.Place.Channel))
	if err != nil {
		return e, false, err
	}
	// The new text must not be taken as an answer: it carries no quote.
	e.Text, _ = s.New.text(me{ID: string(l.api.UserID), Name: room.name(ctx, l, l.api.UserID)})
	e.ID, e.Kind = Name+":edited:"+e.Message, adapters.Edited
	e.Message = s.Relates.Event
	e.Direct, err = room.direct(ctx, m, l)
	return e, err == nil, err
}

// redaction reads that a message was taken away: one of a person, or by somebody with
// the right to do so, one of ours.
func (m *Matrix) redaction(ctx context.Context, l *line, e adapters.Event, s said, target string) (adapters.Event, bool, error) {
	if target == "" {
		target = s.Redacts
	}
	if target == "" {
		return e, false, nil
	}
	if p, known := m.ours.get(target); known {
		m.ours.drop(target)
		m.told.drop(string(p.Room) + " " + p.Delivery)
		return e, false, m.lost(ctx, target)
	}
	switch evt, err := l.api.GetEvent(ctx, id.RoomID(e.Place.Channel), id.EventID(target)); {
	case err != nil && passing(err):
		return e, false, fmt.Errorf("look up %s: %w", target, err)
	case err != nil || evt.Sender != l.api.UserID: // who said it is told, also when it is gone
	case evt.Type.Type == event.EventMessage.Type || evt.Type.Type == event.EventEncrypted.Type:
		return e, false, m.lost(ctx, target)
	default:
		return e, false, nil // a reaction of ours
	}
	room, err := m.room(ctx, l, id.RoomID(e.Place.Channel))
	if err != nil {
		return e, false, err
	}
	e.ID, e.Kind, e.Message = Name+":deleted:"+e.Message, adapters.Deleted, target
	e.Direct, err = room.direct(ctx, m, l)
	return e, err == nil, err
}

// lost remembers that a message of ours was taken away: it cannot be changed any more
// and must be said anew.
func (m *Matrix) lost(ctx context.Context, at string) error {
	return m.remember(ctx, goneKey(at), []byte("gone"))
}

func goneKey(at string) string { return "gone/" + at }

// reaction reads an emoji under a card of ours: it is a press of the button that the
// card shows beside it. Taking it away undoes nothing.
func (m *Matrix) reaction(ctx context.Context, l *line, e adapters.Event, s said) (adapters.Event, bool, error) {
	if s.Relates.Type != annotates || s.Relates.Event == "" || s.Relates.Key == "" {
		return e, false, nil
	}
	p, ours, err := m.said(ctx, l, id.RoomID(e.Place.Channel), id.EventID(s.Relates.Event))
	if err != nil || !ours || p.Delivery == "" {
		return e, false, err
	}
	c, err := m.panel(ctx, p.Delivery)
	if err != nil {
		return e, false, err
	}
	command := c.command(s.Relates.Key)
	if command == "" {
		return e, false, nil
	}
	room, err := m.room(ctx, l, id.RoomID(e.Place.Channel))
	if err != nil {
		return e, false, err
	}
	e.ID, e.Kind, e.Text, e.Trigger = Name+":press:"+e.Message, adapters.Press, command, e.Message
	e.Message, e.Place.Thread = s.Relates.Event, p.Thread
	e.User.Name = room.name(ctx, l, id.UserID(e.User.ID))
	e.Direct, err = room.direct(ctx, m, l)
	return e, err == nil, err
}

// said tells what a message is when it is ours. What is not remembered is looked up,
// so that nobody can make a card of ours by copying one.
func (m *Matrix) said(ctx context.Context, l *line, room id.RoomID, at id.EventID) (post, bool, error) {
	if p, known := m.ours.get(string(at)); known {
		return p, p.Room == room, nil
	}
	evt, err := l.api.GetEvent(ctx, room, at)
	if err != nil {
		if passing(err) {
			return post{}, false, fmt.Errorf("look up %s: %w", at, err)
		}
		return post{}, false, nil
	}
	if evt.Sender != l.api.UserID {
		return post{}, false, nil
	}
	evt.RoomID = room
	if evt.Type.Type == event.EventEncrypted.Type {
		if evt, err = m.decrypt(ctx, l, evt); err != nil || evt == nil {
			if errors.Is(err, errNoKey) {
				err = nil // said by another device of ours that is gone
			}
			return post{}, false, err
		}
	}
	s, ok := understand(evt.Content.VeryRaw)
	if !ok || evt.Type.Type != event.EventMessage.Type || s.Relates.Type == replaces {
		return post{}, false, nil
	}
	return m.arrived(room, at, s), true, nil
}

// waiting is an event that could not be read when it came.
type waiting struct {
	Room    id.RoomID       `json:"room"`
	ID      id.EventID      `json:"id"`
	Sender  id.UserID       `json:"sender"`
	Time    int64           `json:"time"`
	Content json.RawMessage `json:"content"`
}

// event is the event as it came.
func (w waiting) event() *event.Event {
	evt := &event.Event{
		Type: event.EventEncrypted, RoomID: w.Room, ID: w.ID, Sender: w.Sender, Timestamp: w.Time,
	}
	_ = json.Unmarshal(w.Content, &evt.Content) // it was valid when it was kept
	return evt
}
