package matrixtest

import (
	"context"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// Message is what people see of a message, with its last change.
type Message struct {
	ID, Room, Sender string
	Thread           string
	Text, HTML       string
	Delivery, Ref    string
	Ask              string   // the question of a form that it asks
	Left             int      // how many come after it
	Calls            []string // whom it would wake
	Closed           bool     // it was encrypted
	Changed, Deleted bool
	Reactions        []string // those of the bot, in order
}

// Button is what a message offers: the emoji to react with, and what that does.
type Button struct{ Sign, Label, Command, Link string }

// lines of a message that are buttons.
var line = regexp.MustCompile(`^([0-9]\x{fe0f}\x{20e3}|🔟|[🇦-🇿]|✅|❌|🔗) (.+)$`)

// Buttons are the buttons that a message shows, read as a person reads them. A title
// may begin with the same sign: buttons stand below it.
func (m Message) Buttons() []Button {
	var list []Button
	for i, text := range strings.Split(m.Text, "\n") {
		found := line.FindStringSubmatch(text)
		if found == nil || i == 0 && strings.Contains(m.HTML, "<p><strong>"+found[1]) {
			continue
		}
		parts := strings.Split(found[2], " · ")
		b := Button{Sign: found[1], Label: parts[0]}
		for _, part := range parts[1:] {
			if strings.HasPrefix(part, "http") {
				b.Link = part
			} else {
				b.Command = part
			}
		}
		list = append(list, b)
	}
	return list
}

// Shown is all that can be read.
func (m Message) Shown() string { return m.Text }

// body is what our messages consist of.
type body struct {
	Type     string `json:"msgtype"`
	Body     string `json:"body"`
	HTML     string `json:"formatted_body"`
	Mentions *struct {
		Users []string `json:"user_ids"`
		Room  bool     `json:"room"`
	} `json:"m.mentions"`
	Delivery struct {
		Delivery string `json:"delivery"`
		Ref      string `json:"ref"`
		Ask      string `json:"ask"`
		Left     int    `json:"left"`
	} `json:"nl.schoolbel.delivery"`
	New     *body `json:"m.new_content"`
	Relates struct {
		Type  string `json:"rel_type"`
		Event string `json:"event_id"`
		Key   string `json:"key"`
	} `json:"m.relates_to"`
}

// wakes are the ways in which a client calls somebody.
var wakes = regexp.MustCompile(`@room|matrix\.to/#/@[^"]*|matrix\.to/#/%40[^"]*`)

func (b body) calls() []string {
	calls := wakes.FindAllString(b.Body+b.HTML, -1)
	if b.Mentions == nil {
		return append(calls, "no m.mentions: old clients look for names")
	}
	if b.Mentions.Room {
		calls = append(calls, "m.mentions.room")
	}
	return append(calls, b.Mentions.Users...)
}

// Messages lists what was said in a room by anybody, in order.
func (s *Server) Messages(room string) []Message {
	var list []Message
	reader := s.reader(room)
	if reader == nil {
		return nil
	}
	at := func(event string) int {
		return slices.IndexFunc(list, func(m Message) bool { return m.ID == event })
	}
	signs := map[string][2]string{} // reaction → message and sign
	for _, evt := range reader.log(id.RoomID(room)) {
		var b body
		_ = json.Unmarshal(evt.Content.VeryRaw, &b) // what is not there is not shown
		switch {
		case evt.Type == event.EventRedaction:
			gone := string(evt.Redacts)
			if i := at(gone); i >= 0 {
				list[i].Deleted = true
			}
			if r, ok := signs[gone]; ok {
				if i := at(r[0]); i >= 0 {
					list[i].Reactions = slices.DeleteFunc(list[i].Reactions, func(x string) bool { return x == r[1] })
				}
			}
		case evt.Type == event.EventReaction:
			if i := at(b.Relates.Event); i >= 0 && string(evt.Sender) == list[i].Sender {
				list[i].Reactions = append(list[i].Reactions, b.Relates.Key)
				signs[string(evt.ID)] = [2]string{b.Relates.Event, b.Relates.Key}
			}
		case evt.Type != event.EventMessage:
		case b.Relates.Type == "m.replace":
			if i := at(b.Relates.Event); i >= 0 && b.New != nil && list[i].Sender == string(evt.Sender) {
				m := &list[i]
				m.Text, m.HTML, m.Changed = b.New.Body, b.New.HTML, true
				m.Delivery, m.Ref = b.New.Delivery.Delivery, b.New.Delivery.Ref
				m.Calls = append(append(m.Calls, b.calls()...), b.New.calls()...)
			}
		default:
			m := Message{
				ID: string(evt.ID), Room: room, Sender: string(evt.Sender), Text: b.Body, HTML: b.HTML,
				Delivery: b.Delivery.Delivery, Ref: b.Delivery.Ref, Ask: b.Delivery.Ask, Left: b.Delivery.Left, Calls: b.calls(), Closed: evt.Mautrix.WasEncrypted,
			}
			if b.Relates.Type == "m.thread" {
				m.Thread = b.Relates.Event
			}
			list = append(list, m)
		}
	}
	return list
}

// reader is somebody who is in a room: always the same one, as each sees things a
// little earlier or later.
func (s *Server) reader(room string) *Person {
	s.mu.Lock()
	people := maps.Clone(s.people)
	s.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(people)) {
		if people[name].has(id.RoomID(room)) {
			return people[name]
		}
	}
	return nil
}

// knock is an event that means nothing to anybody.
var knock = event.Type{Type: "nl.schoolbel.test", Class: event.MessageEventType}

// Settled waits until a reader of the room has seen all that the homeserver has of
// it, and could read it.
func (s *Server) Settled(room string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	var reader *Person
	if err := s.Wait(ctx, func() bool { reader = s.reader(room); return reader != nil }); err != nil {
		s.t.Fatalf("nobody is in %s: %v", room, err)
	}
	// The homeserver tells what was said a little later than it says that it heard it:
	// what comes before something that we say now, is there when that is.
	sent, err := reader.api.SendMessageEvent(ctx, id.RoomID(room), knock, struct{}{}, mautrix.ReqSendEvent{DontEncrypt: true})
	if err != nil {
		s.t.Fatal(err)
	}
	err = s.Wait(ctx, func() bool {
		list := reader.log(id.RoomID(room))
		seen := func(at id.EventID) bool {
			return slices.ContainsFunc(list, func(evt *event.Event) bool { return evt.ID == at })
		}
		return seen(sent.EventID) && !slices.ContainsFunc(list, func(evt *event.Event) bool { return evt.Type == event.EventEncrypted })
	})
	if err != nil {
		s.t.Fatalf("what was said in %s cannot be read: %v", room, err)
	}
}
