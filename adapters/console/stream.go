package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// How a stream is kept alive: a page that does not take what we write within
// writeWithin is let go, and comes back by itself with the number it had.
const (
	beatEvery   = 20 * time.Second
	writeWithin = 30 * time.Second
)

// stream tells a page what changes, from the mark it brings.
func (c *Console) stream(w http.ResponseWriter, r *http.Request) {
	person, tab := r.FormValue("person"), r.FormValue("tab")
	if _, ok := c.players().person(person); !ok {
		answerRefusal(w, errStranger)
		return
	}
	mark := r.Header.Get("Last-Event-ID")
	if mark == "" {
		mark = r.FormValue("from")
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	write := func(text string) bool {
		// A connection that knows no deadlines needs none.
		_ = out.SetWriteDeadline(time.Now().Add(writeWithin))
		_, err := w.Write([]byte(text))
		return err == nil && out.Flush() == nil
	}
	if !write(": hello\nretry: 1000\n\n") {
		return
	}
	for {
		text, next, grown := c.news(person, tab, mark)
		if text != "" && !write(text) {
			return
		}
		mark = next
		select {
		case <-grown:
		case <-beat.C:
			if !write(": still here\n\n") {
				return
			}
		case <-r.Context().Done():
			return
		}
	}
}

// news writes what somebody may see of what came after a mark, and gives the mark
// after it and the channel that closes at the next change.
func (c *Console) news(person, tab, mark string) (text, next string, grown <-chan struct{}) {
	cast := c.players()
	c.mu.Lock()
	defer c.mu.Unlock()
	next, grown = c.tape.mark(c.tape.end()), c.tape.grown
	n, ok := c.tape.after(mark)
	if !ok {
		return event(next, roomsChanged, struct{}{}), next, grown
	}
	for i, ch := range c.tape.since(n) {
		if (ch.to == "" || ch.to == person) && (ch.tab == "" || ch.tab == tab) && (ch.channel == "" || cast.sees(person, ch.channel)) {
			text += event(c.tape.mark(n+i+1), ch.kind, ch.wire(cast))
		}
	}
	return text, next, grown
}

func event(id, kind string, data any) string {
	// What we make of cards and messages is strings and numbers: it cannot fail.
	text, err := json.Marshal(data)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("id: %s\nevent: %s\ndata: %s\n\n", id, kind, text)
}

// state is all that somebody sees now. Without a person it is who one can be.
func (c *Console) state(w http.ResponseWriter, r *http.Request) {
	cast := c.players()
	s := stateWire{People: []personWire{}, Rooms: []roomWire{}}
	for _, p := range cast.People {
		s.People = append(s.People, personWire(p))
	}
	if id := r.FormValue("person"); id != "" {
		if _, ok := cast.person(id); !ok {
			answerRefusal(w, errStranger)
			return
		}
		c.fill(&s, cast, id)
	}
	answer(w, http.StatusOK, s)
}

// fill adds the rooms of somebody with what stands in them.
func (c *Console) fill(s *stateWire, cast Cast, person string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s.Mark = c.tape.mark(c.tape.end())
	s.Rooms = append(s.Rooms, c.roomShape(cast, Room{Channel: directWith + person}, person))
	for _, r := range cast.Rooms {
		if cast.sees(person, r.Channel) {
			s.Rooms = append(s.Rooms, c.roomShape(cast, r, person))
		}
	}
	for _, r := range c.madeRooms(cast) {
		if cast.sees(person, r.Channel) {
			s.Rooms = append(s.Rooms, c.roomShape(cast, r, person))
		}
	}
	if card, ok := c.homes[person]; ok {
		s.Home = cardShape(card)
	}
}
