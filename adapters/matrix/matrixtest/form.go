package matrixtest

import (
	"context"
	"maps"
	"slices"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// DM is the room that somebody has with the bot alone, "" when there is none: as their
// client sees it.
func (s *Server) DM(user, bot string) string {
	s.t.Helper()
	p := s.Known(user)
	p.mu.Lock()
	defer p.mu.Unlock()
	pair := []string{user, bot}
	slices.Sort(pair)
	for room, in := range p.in {
		if in && slices.Equal(p.logs[room].pair(), pair) {
			return string(room)
		}
	}
	return ""
}

// pair are who came into a room and did not leave it; nobody for one with a name, which
// is no direct room however few are in it.
func (l *log) pair() []string {
	if l == nil {
		return nil
	}
	in := map[string]bool{}
	for _, at := range l.order {
		evt := l.events[at]
		if evt.Type == event.StateRoomName && evt.Content.AsRoomName().Name != "" {
			return nil
		}
		if evt.Type == event.StateMember && evt.StateKey != nil {
			in[*evt.StateKey] = evt.Content.AsMember().Membership == event.MembershipJoin
		}
	}
	maps.DeleteFunc(in, func(_ string, joined bool) bool { return !joined })
	return slices.Sorted(maps.Keys(in))
}

// Known is somebody who has a client, as this test speaks of them.
func (s *Server) Known(user string) *Person {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.people[id.UserID(user)]
	if p == nil {
		s.t.Fatalf("nobody is called %s", user)
	}
	return &Person{s, p.client}
}

// once tells whether a question was not answered yet; it is now.
func (s *Server) once(question string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.told[question]
	s.told[question] = true
	return !before
}

// Fill answers the questions that the bot asks somebody in their direct room, one by
// one, as they would; what is not in values they leave as it stands. It gives the last
// message that was written.
func (s *Server) Fill(user, bot string, values map[string]string) string {
	s.t.Helper()
	p := s.Known(user)
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	room := ""
	for {
		var asked Message
		err := s.Wait(ctx, func() bool {
			if room == "" {
				room = s.DM(user, bot)
			}
			for _, m := range s.Messages(room) {
				if m.Sender == bot && m.Ask != "" && s.once(m.ID) {
					asked = m
					return true
				}
			}
			return false
		})
		if err != nil {
			s.t.Fatalf("%s is asked nothing: %v", user, err)
		}
		answer := values[asked.Ask]
		if answer == "" {
			answer = "-"
		}
		if at := p.Write(room, "", answer); asked.Left == 0 {
			return at
		}
	}
}
