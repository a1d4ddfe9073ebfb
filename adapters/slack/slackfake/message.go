package slackfake

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// Message is something that stands in a channel.
type Message struct {
	Channel   string
	TS        string
	Thread    string // ts of the message that it answers, or ""
	User      string // who wrote it
	To        string // who alone sees it, or "" for everybody
	Text      string // as it was sent: escaped
	Blocks    json.RawMessage
	EventType string // of the metadata
	Delivery  string
	Ref       string
	Edits     int
	Deleted   bool

	metadata json.RawMessage
}

// View is a form, or a home page.
type View struct {
	ID         string
	Type       string // "modal" or "home"
	Title      string
	CallbackID string
	Memory     string // private_metadata
	Blocks     json.RawMessage
}

// Button is what a person can press.
type Button struct {
	Label, Value, URL, Style, Confirm string
	action, block                     string
}

// Messages are the messages of a channel in order, those in threads and those
// for one person among them. A user's id stands for their direct room.
func (f *Fake) Messages(channel string) []Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.channels[channel]
	if c == nil {
		if _, known := f.users[channel]; !known {
			return nil
		}
		c = f.dm(channel)
	}
	var list []Message
	for _, m := range c.messages {
		if !m.Deleted {
			list = append(list, *m)
		}
	}
	return list
}

// Said is what the app said in a channel.
func (f *Fake) Said(channel string) []Message {
	return slices.DeleteFunc(f.Messages(channel), func(m Message) bool { return m.User != Bot })
}

// Home is the home page of a person.
func (f *Fake) Home(user string) (View, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	v, ok := f.homes[user]
	return v, ok
}

// Views are the forms that stand open for a person, the last on top.
func (f *Fake) Views(user string) []View {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.views[user])
}

// Shown is all text that a person sees, a line for each piece, unescaped.
func (m Message) Shown() string {
	if len(m.Blocks) == 0 {
		return unescape(m.Text)
	}
	return shown(m.Blocks)
}

// Shown is all text that a person sees.
func (v View) Shown() string { return strings.TrimSpace(v.Title + "\n" + shown(v.Blocks)) }

// Buttons are the buttons of the message.
func (m Message) Buttons() []Button { return buttons(m.Blocks) }

// Buttons are the buttons of the page.
func (v View) Buttons() []Button { return buttons(v.Blocks) }

// Inputs are the names of the questions of a form, in order.
func (v View) Inputs() []string {
	var names []string
	for _, b := range parse(v.Blocks) {
		if b.Type == "input" {
			names = append(names, b.ID)
		}
	}
	return names
}

var call = regexp.MustCompile(`<[!@#][^>]*>|@(?i:here|channel|everyone)\b`)

// Called lists who or what the message would wake: nothing of it may come from
// what people wrote.
func (m Message) Called() []string {
	return call.FindAllString(m.Text+"\n"+string(jsonText(m.Blocks)), -1)
}

// jsonText undoes JSON's own escaping of < and >, which Slack undoes as well.
func jsonText(raw json.RawMessage) []byte {
	s := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(raw))
	return []byte(s)
}

func unescape(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

func shown(blocks json.RawMessage) string {
	var lines []string
	add := func(t *text) {
		if t != nil && t.Text != "" {
			s := unescape(t.Text)
			if t.Type == "mrkdwn" {
				s = strings.Trim(s, "*")
			}
			lines = append(lines, s)
		}
	}
	for _, b := range parse(blocks) {
		add(b.Text)
		for i := range b.Fields {
			add(&b.Fields[i])
		}
		for _, e := range b.Elements {
			add(e.Text.object())
		}
		add(b.Label)
		add(b.Hint)
		if b.Element != nil {
			for _, o := range b.Element.Options {
				add(&o.Text)
			}
		}
	}
	return strings.Join(lines, "\n")
}

func buttons(blocks json.RawMessage) []Button {
	var list []Button
	for _, b := range parse(blocks) {
		for _, e := range b.Elements {
			if e.Type != "button" {
				continue
			}
			button := Button{Value: e.Value, URL: e.URL, Style: e.Style, action: e.ActionID, block: b.ID}
			if t := e.Text.object(); t != nil {
				button.Label = unescape(t.Text)
			}
			if e.Confirm != nil {
				button.Confirm = unescape(e.Confirm.Text.Text)
			}
			list = append(list, button)
		}
	}
	return list
}
