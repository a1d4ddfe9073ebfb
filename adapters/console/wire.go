package console

import (
	"maps"
	"slices"
	"strings"
	"time"

	"schoolbel/adapters"
)

// These are the shapes in which the page gets things.
type (
	stateWire struct {
		People []personWire `json:"people"`
		Rooms  []roomWire   `json:"rooms"`
		Home   *cardWire    `json:"home"`
		Mark   string       `json:"mark"` // where the stream goes on
	}
	personWire struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		Hint   string `json:"hint"`
		Locale string `json:"locale"`
	}
	roomWire struct {
		Channel  string        `json:"channel"`
		Name     string        `json:"name"`
		Direct   bool          `json:"direct"`
		Members  int           `json:"members"`
		Messages []messageWire `json:"messages"`
	}
	messageWire struct {
		Channel string    `json:"channel"`
		Receipt string    `json:"receipt"`
		Thread  string    `json:"thread"`
		From    string    `json:"from"`
		Name    string    `json:"name"`
		Text    string    `json:"text"`
		Card    *cardWire `json:"card"`
		Edited  bool      `json:"edited"`
		Private bool      `json:"private"`
		Deed    string    `json:"deed"`
		At      time.Time `json:"at"`
	}
	cardWire struct {
		Tone     adapters.Tone `json:"tone"`
		Title    string        `json:"title"`
		Text     string        `json:"text"`
		Facts    []factWire    `json:"facts"`
		Sections []sectionWire `json:"sections"`
		Buttons  []buttonWire  `json:"buttons"`
		Foot     string        `json:"foot"`
		Ref      string        `json:"ref"`
	}
	factWire struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	sectionWire struct {
		Title   string       `json:"title"`
		Text    string       `json:"text"`
		Buttons []buttonWire `json:"buttons"`
	}
	buttonWire struct {
		Label   string         `json:"label"`
		Command string         `json:"command"`
		Style   adapters.Style `json:"style"`
		Confirm string         `json:"confirm"`
		URL     string         `json:"url"`
	}
	formWire struct {
		Title   string      `json:"title"`
		Text    string      `json:"text"`
		Command string      `json:"command"`
		Submit  string      `json:"submit"`
		Cancel  string      `json:"cancel"`
		Inputs  []inputWire `json:"inputs"`
		// Where the form was asked for: its values go back there.
		Channel string `json:"channel"`
		Thread  string `json:"thread"`
		Receipt string `json:"receipt"`
	}
	inputWire struct {
		Name     string       `json:"name"`
		Label    string       `json:"label"`
		Hint     string       `json:"hint"`
		Value    string       `json:"value"`
		Long     bool         `json:"long"`
		Optional bool         `json:"optional"`
		Options  []optionWire `json:"options"`
		Time     bool         `json:"time"`
	}
	optionWire struct {
		Value string `json:"value"`
		Label string `json:"label"`
	}
)

// each turns a list of ours into one of the page; none is [] and not null.
func each[A, B any](list []A, shape func(A) B) []B {
	out := make([]B, 0, len(list))
	for _, x := range list {
		out = append(out, shape(x))
	}
	return out
}

func cardShape(c adapters.Card) *cardWire {
	return &cardWire{
		Tone: c.Tone, Title: c.Title, Text: c.Text, Foot: c.Foot, Ref: c.Ref,
		Facts:   each(c.Facts, func(f adapters.Fact) factWire { return factWire(f) }),
		Buttons: each(c.Buttons, buttonShape),
		Sections: each(c.Sections, func(s adapters.Section) sectionWire {
			return sectionWire{Title: s.Title, Text: s.Text, Buttons: each(s.Buttons, buttonShape)}
		}),
	}
}

func buttonShape(b adapters.Button) buttonWire {
	return buttonWire{Label: b.Label, Command: b.Command, Style: b.Style, Confirm: b.Confirm, URL: b.URL}
}

func formShape(f adapters.Form, e adapters.Event) *formWire {
	return &formWire{
		Title: f.Title, Text: f.Text, Command: f.Command, Submit: f.Submit, Cancel: f.Cancel,
		Channel: e.Place.Channel, Thread: e.Place.Thread, Receipt: e.Message,
		Inputs: each(f.Inputs, func(i adapters.Input) inputWire {
			return inputWire{
				Name: i.Name, Label: i.Label, Hint: i.Hint, Value: i.Value, Long: i.Long, Optional: i.Optional, Time: i.Time,
				Options: each(i.Options, func(o adapters.Option) optionWire { return optionWire(o) }),
			}
		}),
	}
}

func messageShape(cast Cast, channel string, m Message) messageWire {
	w := messageWire{
		Channel: channel, Receipt: string(m.Receipt), Thread: string(m.Thread), From: m.From, Text: visible(m.Text),
		Edited: m.Edits > 0, Private: m.To != "", Deed: m.deed, At: m.At,
	}
	if m.From != "" {
		w.Name = m.From // somebody who left the school file since
		if p, ok := cast.person(m.From); ok {
			w.Name = p.Name
		}
	}
	if m.Card != nil {
		w.Card = cardShape(*m.Card)
	}
	return w
}

// wire is a change as the page gets it.
func (ch change) wire(cast Cast) any {
	switch ch.kind {
	case messagePut, messageGone:
		return messageShape(cast, ch.channel, ch.message)
	case homeSet:
		return cardShape(*ch.message.Card)
	case formOpened:
		return ch.form
	}
	return struct{}{}
}

// roomShape is a room with the messages that somebody sees in it.
func (c *Console) roomShape(cast Cast, r Room, person string) roomWire {
	w := roomWire{
		Channel: r.Channel, Name: r.Name, Members: len(r.Members), Messages: []messageWire{},
		Direct: strings.HasPrefix(r.Channel, directWith),
	}
	if kept := c.rooms[r.Channel]; kept != nil {
		for _, m := range kept.messages {
			if m.To == "" || m.To == person {
				w.Messages = append(w.Messages, messageShape(cast, r.Channel, m))
			}
		}
	}
	return w
}

// madeRooms are the rooms that the bot made and that we know of since the start.
func (c *Console) madeRooms(cast Cast) []Room {
	var rooms []Room
	for _, channel := range slices.Sorted(maps.Keys(c.rooms)) {
		if !strings.HasPrefix(channel, made) {
			continue
		}
		if r, ok := cast.room(channel); ok {
			rooms = append(rooms, r)
		}
	}
	return rooms
}
