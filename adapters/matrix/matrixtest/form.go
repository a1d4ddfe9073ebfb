package matrixtest

import (
	"context"
	"slices"
	"time"

	"maunium.net/go/mautrix/id"
)

// DM is the room that somebody has with the bot alone, "" when there is none.
func (s *Server) DM(user, bot string) string {
	s.t.Helper()
	p := s.known(user)
	rooms, err := p.api.JoinedRooms(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	pair := []string{user, bot}
	slices.Sort(pair)
	for _, room := range rooms.JoinedRooms {
		if slices.Equal(p.Members(string(room)), pair) {
			return string(room)
		}
	}
	return ""
}

func (s *Server) known(user string) *Person {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.people[id.UserID(user)]
	if p == nil {
		s.t.Fatalf("nobody is called %s", user)
	}
	return p
}

// Fill answers the questions that the bot asks somebody in their direct room, one by
// one, as they would; what is not in values they leave as it stands. It gives the last
// message that was written.
func (s *Server) Fill(user, bot string, values map[string]string) string {
	s.t.Helper()
	p := s.known(user)
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
				if m.Sender == bot && m.Ask != "" && !s.told[m.ID] {
					asked = m
					return true
				}
			}
			return false
		})
		if err != nil {
			s.t.Fatalf("%s is asked nothing: %v", user, err)
		}
		s.told[asked.ID] = true
		answer := values[asked.Ask]
		if answer == "" {
			answer = "-"
		}
		if at := p.Write(room, "", answer); asked.Left == 0 {
			return at
		}
	}
}
