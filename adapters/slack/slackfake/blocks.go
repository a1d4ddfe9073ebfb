package slackfake

import (
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"
)

// block is what the fake knows of Block Kit: every kind that it does not know,
// it refuses.
type block struct {
	Type      string    `json:"type"`
	ID        string    `json:"block_id"`
	Text      *text     `json:"text"`
	Fields    []text    `json:"fields"`
	Elements  []element `json:"elements"`
	Accessory *element  `json:"accessory"`
	Element   *element  `json:"element"`
	Label     *text     `json:"label"`
	Hint      *text     `json:"hint"`
	Optional  bool      `json:"optional"`
}

type text struct {
	Type  string `json:"type"`
	Text  string `json:"text"`
	Emoji *bool  `json:"emoji"`
}

// words is the text of an element: an object in a button, a string in a text
// element of a context.
type words struct{ raw json.RawMessage }

func (w *words) UnmarshalJSON(b []byte) error {
	w.raw = slices.Clone(b)
	return nil
}

func (w words) object() *text {
	if len(w.raw) == 0 {
		return nil
	}
	var t text
	if w.raw[0] == '"' {
		_ = json.Unmarshal(w.raw, &t.Text) // it is JSON: it was just read as such
		return &t
	}
	if json.Unmarshal(w.raw, &t) != nil {
		return nil
	}
	return &t
}

type element struct {
	Type      string   `json:"type"`
	ActionID  string   `json:"action_id"`
	Text      words    `json:"text"`
	Value     string   `json:"value"`
	URL       string   `json:"url"`
	Style     string   `json:"style"`
	Confirm   *confirm `json:"confirm"`
	Options   []option `json:"options"`
	Initial   *option  `json:"initial_option"`
	Filled    string   `json:"initial_value"`
	MaxLength int      `json:"max_length"`
	When      int64    `json:"initial_date_time"`
}

type confirm struct{ Title, Text, Confirm, Deny text }

type option struct {
	Text  text   `json:"text"`
	Value string `json:"value"`
}

func parse(raw json.RawMessage) []block {
	var list []block
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	return list
}

// Limits tells what Slack would refuse in these blocks of a "message", "modal"
// or "home": nothing is good.
func Limits(raw json.RawMessage, surface string) []string {
	var list []block
	if err := json.Unmarshal(raw, &list); err != nil {
		return []string{"invalid JSON: " + err.Error()}
	}
	c := &checker{}
	most := 100
	if surface == "message" {
		most = 50
	}
	c.atMost("blocks", len(list), most)
	ids := map[string]bool{}
	for i, b := range list {
		c.at = fmt.Sprintf("/blocks/%d", i)
		c.atMost("block_id", size(b.ID), 255)
		if b.ID != "" && ids[b.ID] {
			c.wrong("block_id %q twice", b.ID)
		}
		ids[b.ID] = true
		if b.Type == "input" && surface == "message" {
			c.wrong("no input in a message")
		}
		c.block(b)
	}
	return c.found
}

// checker gathers what is wrong.
type checker struct {
	at    string
	found []string
}

func (c *checker) wrong(format string, args ...any) {
	c.found = append(c.found, c.at+": "+fmt.Sprintf(format, args...))
}

func (c *checker) atMost(what string, n, most int) {
	if n > most {
		c.wrong("%s: %d, and at most %d", what, n, most)
	}
}

func size(s string) int { return utf8.RuneCountInString(s) }

// text checks one text; kind "" takes both.
func (c *checker) text(what string, t *text, kind string, most int) {
	switch {
	case t == nil || t.Text == "":
		c.wrong("%s is missing", what)
		return
	case t.Type != "plain_text" && t.Type != "mrkdwn", kind != "" && t.Type != kind:
		c.wrong("%s has type %q", what, t.Type)
	case t.Type == "mrkdwn" && t.Emoji != nil:
		c.wrong("%s: no emoji with mrkdwn", what)
	case !utf8.ValidString(t.Text):
		c.wrong("%s is no UTF-8", what)
	}
	c.atMost(what, size(t.Text), most)
}

func (c *checker) block(b block) {
	switch b.Type {
	case "divider":
	case "header":
		c.text("text", b.Text, "plain_text", 150)
	case "section":
		if b.Text != nil || len(b.Fields) == 0 {
			c.text("text", b.Text, "", 3000)
		}
		c.atMost("fields", len(b.Fields), 10)
		for i := range b.Fields {
			c.text("field", &b.Fields[i], "", 2000)
		}
		if b.Accessory != nil {
			c.element(*b.Accessory)
		}
	case "context":
		c.atMost("elements", len(b.Elements), 10)
		for _, e := range b.Elements {
			t := e.Text.object()
			if t != nil {
				t.Type = e.Type
			}
			c.text("element", t, "", 3000)
		}
		if len(b.Elements) == 0 {
			c.wrong("no elements")
		}
	case "actions":
		c.atMost("elements", len(b.Elements), 25)
		if len(b.Elements) == 0 {
			c.wrong("no elements")
		}
		ids := map[string]bool{}
		for _, e := range b.Elements {
			if ids[e.ActionID] {
				c.wrong("action_id %q twice", e.ActionID)
			}
			ids[e.ActionID] = true
			c.element(e)
		}
	case "input":
		c.text("label", b.Label, "plain_text", 2000)
		if b.Hint != nil {
			c.text("hint", b.Hint, "plain_text", 2000)
		}
		if b.Element == nil {
			c.wrong("no element")
			return
		}
		c.element(*b.Element)
	default:
		c.wrong("the fake knows no block %q", b.Type)
	}
}

func (c *checker) element(e element) {
	c.atMost("action_id", size(e.ActionID), 255)
	switch e.Type {
	case "button":
		c.text("button text", e.Text.object(), "plain_text", 75)
		c.atMost("value", size(e.Value), 2000)
		c.atMost("url", size(e.URL), 3000)
		if !slices.Contains([]string{"", "primary", "danger"}, e.Style) {
			c.wrong("style %q", e.Style)
		}
		if e.Confirm != nil {
			c.text("confirm title", &e.Confirm.Title, "plain_text", 100)
			c.text("confirm text", &e.Confirm.Text, "", 300)
			c.text("confirm confirm", &e.Confirm.Confirm, "plain_text", 30)
			c.text("confirm deny", &e.Confirm.Deny, "plain_text", 30)
		}
	case "plain_text_input":
		c.atMost("initial_value", size(e.Filled), 3000)
		c.atMost("max_length", e.MaxLength, 3000)
	case "datetimepicker":
		if e.When != 0 && (e.When < 1e9 || e.When >= 1e10) {
			c.wrong("initial_date_time %d", e.When)
		}
	case "static_select":
		c.options(e)
	default:
		c.wrong("the fake knows no element %q", e.Type)
	}
}

func (c *checker) options(e element) {
	c.atMost("options", len(e.Options), 100)
	if len(e.Options) == 0 {
		c.wrong("no options")
	}
	there := e.Initial == nil
	for i := range e.Options {
		o := e.Options[i]
		c.text("option text", &o.Text, "plain_text", 75)
		c.atMost("option value", size(o.Value), 150)
		if e.Initial != nil && o.Value == e.Initial.Value && o.Text.Text == e.Initial.Text.Text {
			there = true
		}
	}
	if !there {
		c.wrong("initial_option is not one of the options")
	}
}
