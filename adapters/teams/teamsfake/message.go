package teamsfake

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Message is something that stands in a conversation.
type Message struct {
	Channel  string
	ID       string
	Thread   string // id of the message that it answers, or ""
	User     string // who wrote it
	Text     string
	Summary  string
	Card     json.RawMessage
	Calls    []string // whom it calls by name
	Delivery string
	Ref      string
	Edits    int
	Deleted  bool
}

// Button is what a person can press.
type Button struct {
	Label, Command, URL, Style, Confirm string
	action                              node
}

// node is any part of a card.
type node struct {
	Type        string          `json:"type"`
	ID          string          `json:"id"`
	Text        string          `json:"text"`
	Label       string          `json:"label"`
	Placeholder string          `json:"placeholder"`
	Value       string          `json:"value"`
	Title       string          `json:"title"`
	Style       string          `json:"style"`
	Verb        string          `json:"verb"`
	URL         string          `json:"url"`
	Version     string          `json:"version"`
	Required    bool            `json:"isRequired"`
	Data        json.RawMessage `json:"data"`
	Body        []node          `json:"body"`
	Items       []node          `json:"items"`
	Inlines     []node          `json:"inlines"`
	Actions     []node          `json:"actions"`
	Card        *node           `json:"card"`
	Fallback    *node           `json:"fallback"`
	Choices     []struct {
		Title string `json:"title"`
		Value string `json:"value"`
	} `json:"choices"`
	Marks struct {
		Delivery string `json:"delivery"`
		Ref      string `json:"ref"`
	} `json:"schoolbel"`
	MSTeams struct {
		Entities []json.RawMessage `json:"entities"`
	} `json:"msteams"`
}

// walk goes past every part, in the order in which they are seen; inside tells what a
// part unfolds from.
func (n node) walk(inside *node, visit func(n node, inside *node)) {
	visit(n, inside)
	for _, list := range [][]node{n.Body, n.Items, n.Inlines, n.Actions} {
		for _, child := range list {
			child.walk(inside, visit)
		}
	}
	if n.Card != nil {
		n.Card.walk(&n, visit)
	}
}

func parse(card json.RawMessage) node {
	var n node
	_ = json.Unmarshal(card, &n) // Limits told already
	return n
}

// read takes the marks out of the card.
func (m *Message) read() {
	n := parse(m.Card)
	m.Delivery, m.Ref = n.Marks.Delivery, n.Marks.Ref
	if len(n.MSTeams.Entities) > 0 {
		m.Calls = append(m.Calls, "in the card")
	}
}

// Shown is all text that a person sees, a line for each piece.
func (m Message) Shown() string { return m.written("") }

// Read is all that can be read: a fact is its name and, on the next line, its value;
// the labels of the buttons come last.
func (m Message) Read() string {
	pieces := []string{m.written("\n")}
	for _, b := range m.Buttons() {
		pieces = append(pieces, b.Label)
	}
	return strings.Join(pieces, "\n")
}

// written puts something between the name of a fact and its value; "" leaves them as
// they are drawn.
func (m Message) written(between string) string {
	var parts []string
	if m.Text != "" {
		parts = append(parts, m.Text)
	}
	var show func(n node)
	show = func(n node) {
		switch {
		case n.Type == "RichTextBlock":
			text := ""
			for i, r := range n.Inlines {
				if name, fact := strings.CutSuffix(r.Text, ": "); i == 0 && fact && len(n.Inlines) == 2 && between != "" {
					r.Text = name + between
				}
				text += r.Text
			}
			parts = append(parts, text)
			return
		case n.Text != "" || n.Label != "":
			parts = append(parts, n.Text+n.Label)
		}
		for _, list := range [][]node{n.Body, n.Items} {
			for _, child := range list {
				show(child)
			}
		}
	}
	if m.Card != nil {
		show(parse(m.Card))
	}
	return strings.Join(parts, "\n")
}

// Buttons are the buttons of the message. One that asks first counts once.
func (m Message) Buttons() []Button {
	var list []Button
	parse(m.Card).walk(nil, func(n node, inside *node) {
		b := Button{Label: n.Title, URL: n.URL, Style: n.Style, action: n}
		switch n.Type {
		case "Action.OpenUrl":
		case "Action.Execute", "Action.Submit":
			var data struct {
				Command string `json:"command"`
			}
			_ = json.Unmarshal(n.Data, &data)
			b.Command = data.Command
			if inside != nil {
				b.Label = inside.Title
				inside.Card.walk(nil, func(n node, _ *node) {
					if n.Type == "TextRun" || n.Type == "TextBlock" {
						b.Confirm += n.Text
					}
				})
			}
		default:
			return
		}
		list = append(list, b)
	})
	return list
}

// Inputs are the ids of the questions of a form, in order.
func (m Message) Inputs() []string {
	var ids []string
	parse(m.Card).walk(nil, func(n node, _ *node) {
		if strings.HasPrefix(n.Type, "Input.") {
			ids = append(ids, n.ID)
		}
	})
	return ids
}

// known are the parts of a card that the fake has seen in Teams' own papers, and the
// version that they came with.
var known = []string{
	"AdaptiveCard", "Container", "RichTextBlock", "TextRun", "TextBlock", "ActionSet", "FactSet", "ColumnSet", "Column",
	"Input.Text", "Input.ChoiceSet", "Input.Date", "Input.Time", "Input.Toggle",
	"Action.Execute", "Action.Submit", "Action.OpenUrl", "Action.ShowCard",
}

// Limits says what Teams would refuse about a card, or not show.
func Limits(card json.RawMessage) []string {
	var found []string
	var n node
	if err := json.Unmarshal(card, &n); err != nil {
		return []string{"the card cannot be read: " + err.Error()}
	}
	if n.Type != "AdaptiveCard" || n.Version != "1.5" {
		found = append(found, "no Adaptive Card 1.5")
	}
	if len(card) > 25<<10 {
		found = append(found, fmt.Sprintf("the card has %d bytes", len(card)))
	}
	ids := map[string]bool{}
	n.walk(nil, func(n node, _ *node) {
		switch {
		case !slices.Contains(known, n.Type):
			found = append(found, "there is no "+n.Type)
		case len(n.Actions) > 6:
			found = append(found, fmt.Sprintf("%d buttons in a row", len(n.Actions)))
		case n.Type == "ActionSet" && len(n.Actions) == 0, n.Type == "Container" && len(n.Items) == 0:
			found = append(found, "an empty "+n.Type)
		case strings.HasPrefix(n.Type, "Action.") && n.Title == "":
			found = append(found, "a button without a title")
		case n.Type == "Action.Execute" && (n.Verb == "" || n.Fallback != nil && n.Fallback.Type != "Action.Submit"):
			found = append(found, "an Execute without a verb, or with a strange fallback")
		case strings.HasPrefix(n.Type, "Input."):
			if n.ID == "" || ids[n.ID] {
				found = append(found, fmt.Sprintf("the input %q is there twice", n.ID))
			}
			ids[n.ID] = true
		}
	})
	return found
}

func (r *room) find(id string) *Message {
	for _, m := range r.messages {
		if m.ID == id && !m.Deleted {
			return m
		}
	}
	return nil
}

// Messages are the messages of a conversation in order, those in threads among them.
// A user's id stands for their direct room.
func (f *Fake) Messages(channel string) []Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.rooms[channel]
	if r == nil {
		if f.users[channel] == nil {
			return nil
		}
		r = f.direct(channel)
	}
	var list []Message
	for _, m := range r.messages {
		if !m.Deleted {
			list = append(list, *m)
		}
	}
	return list
}

// Said is what the bot said in a conversation.
func (f *Fake) Said(channel string) []Message {
	return slices.DeleteFunc(f.Messages(channel), func(m Message) bool { return m.User != Bot })
}
