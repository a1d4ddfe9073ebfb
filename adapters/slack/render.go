package slack

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"schoolbel/adapters"
)

// What Slack takes at most. It refuses the whole message for one thing too many.
const (
	maxBlocks   = 50 // of a message
	maxViewed   = 100
	maxHeader   = 150
	maxSection  = 3000
	maxFields   = 10
	maxField    = 2000
	maxActions  = 25
	maxLabel    = 75
	maxValue    = 2000
	maxURL      = 3000
	maxDialog   = 300
	maxDialogUp = 100
	maxDialogDo = 30
	maxMark     = 255 // ours: a delivery or a reference is far shorter
	// maxText is what Slack advises; and nobody reads more in a chat.
	maxText = 3900
)

// roomPage is the address that opens a channel in Slack's own window.
const roomPage = "https://slack.com/app_redirect?channel="

// signs show a tone at the title, and nowhere else.
var signs = map[adapters.Tone]string{adapters.Good: "✅", adapters.Warn: "⚠️", adapters.Alarm: "🚨"}

// message is a card as Slack takes it.
type message struct {
	text   string // for notifications and screen readers
	blocks []slack.Block
	marks  slack.SlackMetadata
}

// render draws a card as a message.
func render(c adapters.Card) message {
	return message{
		text:   plain(c),
		blocks: draw(c, maxBlocks),
		marks: slack.SlackMetadata{EventType: "schoolbel", EventPayload: map[string]any{
			"delivery": short(c.Delivery, maxMark),
			"ref":      short(c.Ref, maxMark),
		}},
	}
}

// draw makes the blocks of a card, most of them. All text is plain_text but the
// names of facts: what people wrote can then neither shout nor call anybody.
func draw(c adapters.Card, most int) []slack.Block {
	var head, foot []slack.Block
	if title := titled(c); title != "" {
		head = append(head, slack.NewHeaderBlock(words(title, maxHeader)))
	}
	for _, piece := range pieces(clip(paragraphs(c.Text), maxText), maxSection) {
		head = append(head, section(piece))
	}
	foot = append(foot, actions("do", c.Buttons)...)
	if text := paragraphs(c.Foot); text != "" {
		foot = append(foot, slack.NewContextBlock("", words(text, maxField)))
	}
	// The buttons of the card itself must stay; a list is what grows too long.
	foot = foot[:min(len(foot), most/2)]
	left := most - len(head) - len(foot)
	if len(c.Sections) > 0 {
		left-- // at least to count them
	}
	head = append(head, facts(c.Facts, left)...)
	list := sections(c.Sections, most-len(head)-len(foot))
	blocks := append(append(head, list...), foot...)
	if len(blocks) == 0 {
		blocks = append(blocks, section("…"))
	}
	return blocks
}

// titled is the title with the sign of its tone.
func titled(c adapters.Card) string {
	title := line(c.Title)
	if sign := signs[c.Tone]; sign != "" && title != "" {
		title = sign + " " + title
	}
	return title
}

// paragraphs is clean text without the white at its ends.
func paragraphs(s string) string { return strings.TrimSpace(clean(s)) }

// words is a plain text object; Slack takes none that is empty.
func words(s string, size int) *slack.TextBlockObject {
	if s = cut(s, size); strings.TrimSpace(s) == "" {
		s = "…"
	}
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}

// section is a block of text that is escaped already.
func section(escaped string) slack.Block {
	return slack.NewSectionBlock(slack.NewTextBlockObject(slack.PlainTextType, escaped, false, false), nil, nil)
}

// bold is the name of a fact, which comes from our own texts; marks in it are
// left out all the same.
func bold(s string) *slack.TextBlockObject {
	s = cut(strings.Trim(strings.NewReplacer("*", "", "_", "", "~", "", "`", "").Replace(line(s)), " "), maxField-2)
	if s == "" {
		s = "…"
	}
	return slack.NewTextBlockObject(slack.MarkdownType, "*"+s+"*", false, true)
}

// facts stand in two columns, the names left and the values right, in at most
// room blocks. What is left out is counted.
func facts(list []adapters.Fact, room int) []slack.Block {
	const each = maxFields / 2
	var blocks []slack.Block
	for len(list) > 0 {
		if len(blocks) == room-1 && len(list) > each {
			return append(blocks, more(len(list)))
		}
		some := list[:min(len(list), each)]
		list = list[len(some):]
		var fields []*slack.TextBlockObject
		for _, f := range some {
			fields = append(fields, bold(f.Name), words(paragraphs(f.Value), maxField))
		}
		blocks = append(blocks, slack.NewSectionBlock(nil, fields, nil))
	}
	return blocks
}

// more says how many things are left out.
func more(n int) slack.Block { return section(fmt.Sprintf("… +%d", n)) }

// sections draws a list in at most room blocks and counts what it leaves out.
func sections(list []adapters.Section, room int) []slack.Block {
	var blocks []slack.Block
	for i, s := range list {
		var one []slack.Block
		text := paragraphs(s.Title + "\n" + s.Text)
		if text != "" || len(s.Buttons) > 0 {
			one = append(one, slack.NewSectionBlock(words(text, maxSection), nil, nil))
		}
		one = append(one, actions("do"+strconv.Itoa(i), s.Buttons)...)
		rest := 0
		if i < len(list)-1 {
			rest = 1 // room to say that there is more
		}
		if len(blocks)+len(one)+rest > room {
			if len(blocks) < room {
				blocks = append(blocks, more(len(list)-i))
			}
			break
		}
		blocks = append(blocks, one...)
	}
	return blocks
}

// actions draws buttons. One whose command does not fit is left out: a button
// with half a command would do something else.
func actions(name string, buttons []adapters.Button) []slack.Block {
	var elements []slack.BlockElement
	for i, b := range buttons {
		if b.Room != "" {
			b.URL = roomPage + url.QueryEscape(b.Room)
		}
		link, ok := page(b.URL)
		if length(b.Command) > maxValue || !ok || (link == "" && b.Command == "") {
			continue
		}
		button := slack.NewButtonBlockElement("press:"+strconv.Itoa(i), b.Command, words(line(b.Label), maxLabel))
		if link != "" {
			button.URL, button.Value = link, "" // Slack tells of the press as well; without a value we let it go by
		}
		switch b.Style {
		case adapters.Primary:
			button.Style = slack.StylePrimary
		case adapters.Danger:
			button.Style = slack.StyleDanger
		}
		if text := paragraphs(b.Confirm); text != "" {
			button.Confirm = slack.NewConfirmationBlockObject(
				words(line(b.Label), maxDialogUp), words(text, maxDialog), words(line(b.Label), maxDialogDo),
				words("Nee · No", maxDialogDo))
		}
		elements = append(elements, button)
	}
	var blocks []slack.Block
	for n := 0; len(elements) > 0; n++ {
		some := elements[:min(len(elements), maxActions)]
		elements = elements[len(some):]
		blocks = append(blocks, slack.NewActionBlock(name+"."+strconv.Itoa(n), some...))
	}
	return blocks
}

// page tells whether a button may open this address.
func page(address string) (string, bool) {
	if address == "" {
		return "", true
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || length(address) > maxURL {
		return "", false
	}
	return address, true
}

// plain is the whole card as text.
func plain(c adapters.Card) string {
	var parts []string
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	add(titled(c))
	add(paragraphs(c.Text))
	for _, f := range c.Facts {
		add(line(f.Name) + ": " + paragraphs(f.Value))
	}
	for _, s := range c.Sections {
		add(paragraphs(s.Title + "\n" + s.Text))
	}
	add(paragraphs(c.Foot))
	if text := cut(strings.Join(parts, "\n"), maxText); text != "" {
		return text
	}
	return "…"
}
