package matrixtest

import (
	"context"

	"maunium.net/go/mautrix/id"
)

// The verbs of a story: what people do, by the whole name of who does it.

// Message writes in a room.
func (s *Server) Message(user, room, text string) string {
	s.t.Helper()
	return s.Reply(user, room, "", text)
}

// Reply writes in a thread of a room.
func (s *Server) Reply(user, room, thread, text string) string {
	s.t.Helper()
	return s.Known(user).Write(room, thread, text)
}

// Press reacts with the emoji that stands beside a button.
func (s *Server) Press(user string, m Message, button string) string {
	s.t.Helper()
	for _, b := range m.Buttons() {
		if b.Label == button {
			return s.Known(user).React(m.Room, m.ID, b.Sign)
		}
	}
	s.t.Fatalf("no button %s in:\n%s", button, m.Text)
	return ""
}

// Make makes a room of somebody's and asks others in; all of them come.
func (s *Server) Make(user, name string, encrypted bool, others ...string) string {
	s.t.Helper()
	var list []id.UserID
	for _, other := range others {
		list = append(list, id.UserID(other))
	}
	return s.Known(user).Room(name, encrypted, list...)
}

// Expects tells whether this person's client has heard that somebody is asked into a
// room: then it gives them the keys, too.
func (p *Person) Expects(room string, who id.UserID) bool {
	p.busy.Lock()
	defer p.busy.Unlock()
	return p.api.StateStore.IsInvited(context.Background(), id.RoomID(room), who)
}
