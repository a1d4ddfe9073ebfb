package matrix

import (
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"strings"

	"schoolbel/adapters"
)

// Relations between events.
const (
	replaces  = "m.replace"
	threads   = "m.thread"
	annotates = "m.annotation"
)

// said is what an event says, of all that a client may send.
type said struct {
	Type     string   `json:"msgtype"`
	Body     string   `json:"body"`
	HTML     string   `json:"formatted_body"`
	FileName string   `json:"filename"`
	URL      string   `json:"url"`
	File     attached `json:"file"`
	Info     info     `json:"info"`
	Mentions mentions `json:"m.mentions"`
	Relates  relation `json:"m.relates_to"`
	New      *said    `json:"m.new_content"`
	Delivery mark     `json:"nl.schoolbel.delivery"`
	Redacts  string   `json:"redacts"`
}

type attached struct {
	URL string `json:"url"`
}

type info struct {
	Type string `json:"mimetype"`
}

type mentions struct {
	Users []string `json:"user_ids"`
}

type relation struct {
	Type    string  `json:"rel_type"`
	Event   string  `json:"event_id"`
	Key     string  `json:"key"`
	Replies replies `json:"m.in_reply_to"`
	Falling bool    `json:"is_falling_back"`
}

type replies struct {
	Event string `json:"event_id"`
}

// mark is how a message of ours is found again. A question of a form tells which one
// it is and how many come after it, for clients that can do more with it.
type mark struct {
	Delivery string `json:"delivery"`
	Ref      string `json:"ref"`
	Ask      string `json:"ask,omitempty"`
	Left     int    `json:"left,omitempty"`
}

// understand reads content that anybody may have made. A field of a wrong sort is as
// if it were not there.
func understand(raw []byte) (said, bool) {
	var s said
	err := json.Unmarshal(raw, &s)
	var sort *json.UnmarshalTypeError
	if err != nil && !errors.As(err, &sort) {
		return said{}, false
	}
	return s, true
}

// spoken tells whether a message of this type is something a person said. A notice
// is of another bot, and is never answered.
func (s said) spoken() bool {
	switch s.Type {
	case "m.text", "m.emote", "m.image", "m.file", "m.audio", "m.video", "m.location":
		return true
	}
	return false
}

// file is what came with a message, or nothing.
func (s said) file() []adapters.File {
	switch s.Type {
	case "m.image", "m.file", "m.audio", "m.video":
	default:
		return nil
	}
	name, link := s.FileName, s.URL
	if name == "" {
		name = s.Body
	}
	if link == "" {
		link = s.File.URL
	}
	if !strings.HasPrefix(link, "mxc://") {
		return nil
	}
	return []adapters.File{{Name: line1(name), URL: link, Type: s.Info.Type}}
}

// thread is the message that the conversation began with, "" in the room itself.
func (s said) thread() string {
	if s.Relates.Type == threads {
		return s.Relates.Event
	}
	return ""
}

// answers is the message that this one answers outside of a thread.
func (s said) answers() string {
	if s.Relates.Type == "" {
		return s.Relates.Replies.Event
	}
	return ""
}

// me are the names by which people call the bot.
type me struct {
	ID   string // "@schoolbel:example"
	Name string // as it shows in a room
}

// text is what a person said, without a quote of what they answer and without the
// bot's name. It tells whether that name was in it.
func (s said) text(bot me) (string, bool) {
	text := s.Body
	if s.Type != "m.text" && s.Type != "m.emote" {
		if s.FileName == "" || s.FileName == s.Body {
			text = "" // the body is the name of the file
		}
		if s.Type == "m.location" {
			text = s.Body
		}
	}
	if s.Relates.Replies.Event != "" && !s.Relates.Falling || s.Relates.Replies.Event != "" && strings.HasPrefix(text, "> <") {
		text = unquoted(text)
	}
	mentioned := false
	for _, user := range s.Mentions.Users {
		mentioned = mentioned || bot.ID != "" && user == bot.ID
	}
	mentioned = mentioned || bot.ID != "" && pilled(s.HTML, bot.ID)
	text = strings.TrimSpace(text)
	rest, named := bot.cut(text)
	// A name at the start calls us, also where the client does not say so.
	if named {
		text, mentioned = rest, true
	}
	return text, mentioned
}

// cut takes the bot's name from the start of a text.
func (b me) cut(text string) (string, bool) {
	local, _, _ := strings.Cut(strings.TrimPrefix(b.ID, "@"), ":")
	for _, name := range []string{b.ID, b.Name, local} {
		if name == "" {
			continue
		}
		for _, start := range []string{name, "@" + name, "!" + name} {
			if len(text) < len(start) || !strings.EqualFold(text[:len(start)], start) {
				continue
			}
			rest := text[len(start):]
			if rest == "" || strings.ContainsAny(rest[:1], " ,:\n\t") {
				return strings.TrimLeft(rest, " ,:\n\t"), true
			}
		}
	}
	return text, false
}

// links are the pills by which a client shows a person.
var links = regexp.MustCompile(`https://matrix\.to/#/([^"'<>\s]+)`)

func pilled(html, user string) bool {
	for _, link := range links.FindAllStringSubmatch(html, -1) {
		if name, err := url.PathUnescape(link[1]); err == nil && name == user {
			return true
		}
	}
	return false
}

// unquoted leaves out the lines that quote what is answered.
func unquoted(text string) string {
	rest := text
	for strings.HasPrefix(rest, ">") {
		_, after, ok := strings.Cut(rest, "\n")
		if !ok {
			return text
		}
		rest = after
	}
	return strings.TrimLeft(rest, "\n")
}

// emoji is a reaction as we compare it: clients differ in whether they ask for the
// coloured picture (U+FE0F), and some add a tone of skin.
func emoji(key string) string {
	return strings.Map(func(r rune) rune {
		if r == '\ufe0f' || r == '\ufe0e' || r >= 0x1f3fb && r <= 0x1f3ff {
			return -1
		}
		return r
	}, strings.TrimSpace(key))
}
