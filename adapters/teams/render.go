package teams

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/infracloudio/msbotbuilder-go/schema"

	"schoolbel/adapters"
)

// What a message may hold. Teams takes more; nobody reads it.
const (
	maxCard    = 24_000 // bytes of a card's JSON
	maxTitle   = 150
	maxText    = 3000
	maxLines   = 60
	maxFact    = 300
	maxSection = 600
	maxLabel   = 60
	maxAsk     = 300
	maxFoot    = 300
	maxSummary = 400
	maxCommand = 4000
	maxURL     = 2000
	maxMark    = 255
	primary    = 6 // buttons in one row; Teams shows no more
)

const cardType = "application/vnd.microsoft.card.adaptive"

// verb is that of all our actions.
const verb = "schoolbel"

// message is what we post. Of the library's activity, that writes years of zeroes
// and knows no mentions, it is the part that is needed.
type message struct {
	Type         schema.ActivityTypes        `json:"type"`
	From         *schema.ChannelAccount      `json:"from,omitempty"`
	Conversation *schema.ConversationAccount `json:"conversation,omitempty"`
	Text         string                      `json:"text,omitempty"`
	Summary      string                      `json:"summary,omitempty"` // for notifications
	Attachments  []schema.Attachment         `json:"attachments,omitempty"`
	Entities     []mention                   `json:"entities,omitempty"`
}

// mention calls somebody by name.
type mention struct {
	Type      string                `json:"type"`
	Text      string                `json:"text"`
	Mentioned schema.ChannelAccount `json:"mentioned"`
}

// The parts of an Adaptive Card that we draw with.
type (
	adaptive struct {
		Schema  string `json:"$schema"`
		Type    string `json:"type"`
		Version string `json:"version"`
		Body    []any  `json:"body"`
		Wide    *wide  `json:"msteams,omitempty"`
		Marks   *marks `json:"schoolbel,omitempty"` // ours: Teams lets it be
	}
	wide struct {
		Width string `json:"width"`
	}
	marks struct {
		Delivery string `json:"delivery,omitempty"`
		Ref      string `json:"ref,omitempty"`
	}
	box struct {
		Type      string `json:"type"`
		Style     string `json:"style,omitempty"`
		Bleed     bool   `json:"bleed,omitempty"`
		Spacing   string `json:"spacing,omitempty"`
		Separator bool   `json:"separator,omitempty"`
		Items     []any  `json:"items"`
	}
	// rich is text in which nothing means anything: unlike a TextBlock it knows no
	// Markdown, so what people wrote stays what they wrote.
	rich struct {
		Type    string `json:"type"`
		Spacing string `json:"spacing,omitempty"`
		Inlines []run  `json:"inlines"`
	}
	run struct {
		Type   string `json:"type"`
		Text   string `json:"text"`
		Size   string `json:"size,omitempty"`
		Weight string `json:"weight,omitempty"`
		Subtle bool   `json:"isSubtle,omitempty"`
	}
	actionSet struct {
		Type    string   `json:"type"`
		Spacing string   `json:"spacing,omitempty"`
		Actions []action `json:"actions"`
	}
	action struct {
		Type     string    `json:"type"`
		Title    string    `json:"title"`
		Style    string    `json:"style,omitempty"`
		Verb     string    `json:"verb,omitempty"`
		URL      string    `json:"url,omitempty"`
		Inputs   string    `json:"associatedInputs,omitempty"`
		Data     any       `json:"data,omitempty"`
		Card     *adaptive `json:"card,omitempty"`
		Fallback *action   `json:"fallback,omitempty"` // for clients that know no Execute
	}
)

// signs and styles show a tone, both at the title.
var (
	signs  = map[adapters.Tone]string{adapters.Good: "✅", adapters.Warn: "⚠️", adapters.Alarm: "🚨"}
	styles = map[adapters.Tone]string{adapters.Good: "good", adapters.Warn: "warning", adapters.Alarm: "attention"}
)

// render draws a card as a message.
func render(c adapters.Card) message {
	return wrap(draw(c), plain(c))
}

func wrap(card *adaptive, summary string) message {
	return message{Summary: summary, Attachments: []schema.Attachment{{ContentType: cardType, Content: card}}}
}

func newCard(body []any) *adaptive {
	return &adaptive{Schema: "http://adaptivecards.io/schemas/adaptive-card.json", Type: "AdaptiveCard", Version: "1.5", Body: body}
}

// purse is how much of a card is left to spend.
type purse int

// pays tells whether something still fits, and then takes what it costs.
func (p *purse) pays(what any, keep int) bool {
	raw, err := compact(what)
	if err != nil || len(raw)+1+keep > int(*p) {
		return false
	}
	*p -= purse(len(raw) + 1)
	return true
}

// spends takes what something costs that must be there.
func (p *purse) spends(what any) {
	if raw, err := compact(what); err == nil {
		*p -= purse(len(raw) + 1)
	}
}

// draw makes the card. The title and the buttons of the card itself come first: a
// list, or a long text, is what is cut when it does not fit.
func draw(c adapters.Card) *adaptive {
	left := purse(maxCard)
	mark := &marks{cut(c.Delivery, maxMark), cut(c.Ref, maxMark)}
	var head, foot, body []any
	if title := titled(c); title != "" {
		one := text(cut(title, maxTitle), run{Size: "Medium", Weight: "Bolder"})
		if style := styles[c.Tone]; style != "" {
			head = append(head, box{Type: "Container", Style: style, Bleed: true, Items: []any{one}})
		} else {
			head = append(head, one)
		}
	}
	if f := line(c.Foot); f != "" {
		foot = append(foot, text(cut(f, maxFoot), run{Size: "Small", Subtle: true}))
	}
	left.spends([]any{head, foot, mark})
	left -= 800 // the frame, and to count what is left out
	rows, dropped := buttons(c.Buttons, mark, &left, maxCard/3)
	const forLists = 2500 // so that a long text does not push out every fact
	keep := 0
	if len(c.Facts)+len(c.Sections) > 0 {
		keep = forLists
	}
	body = append(body, paragraphs(c.Text, maxText, &left, keep)...)
	keep = 0
	if len(c.Sections) > 0 {
		keep = int(left) / 2
	}
	body = append(body, facts(c.Facts, &left, keep)...)
	body = append(body, sections(c.Sections, mark, &left)...)
	body = append(append(head, body...), rows...)
	if dropped > 0 {
		body = append(body, more(dropped))
	}
	if body = append(body, foot...); len(body) == 0 {
		body = append(body, text("…", run{}))
	}
	card := newCard(body)
	card.Wide = &wide{"Full"}
	if c.Delivery != "" || c.Ref != "" {
		card.Marks = mark
	}
	return card
}

// titled is the title with the sign of its tone.
func titled(c adapters.Card) string {
	title := line(c.Title)
	if sign := signs[c.Tone]; sign != "" && title != "" {
		title = sign + " " + title
	}
	return title
}

// text is one line in one look.
func text(s string, look run) rich {
	look.Type, look.Text = "TextRun", s
	return rich{Type: "RichTextBlock", Inlines: []run{look}}
}

// more says how many things are left out.
func more(n int) rich { return text(fmt.Sprintf("… +%d", n), run{Subtle: true}) }

// paragraphs are the lines of a text, as far as they fit.
func paragraphs(s string, size int, left *purse, keep int) []any {
	var list []any
	apart := false
	for _, l := range lines(cut(s, size)) {
		if l == "" {
			apart = true
			continue
		}
		one := text(l, run{})
		if one.Spacing = "None"; apart || len(list) == 0 {
			one.Spacing = "Medium"
		}
		apart = false
		for len(list) < maxLines && !left.pays(one, keep) {
			runes := []rune(one.Inlines[0].Text)
			if len(runes) < 20 {
				return append(list, text("…", run{}))
			}
			one.Inlines[0].Text = cut(one.Inlines[0].Text, len(runes)/2)
		}
		if len(list) == maxLines {
			return append(list, text("…", run{}))
		}
		list = append(list, one)
	}
	return list
}

// facts stand one on a line, the name before the value. What is left out is counted.
func facts(all []adapters.Fact, left *purse, keep int) []any {
	var list []any
	for i, f := range all {
		one := text(cut(orElse(line(f.Name), "…"), maxTitle)+": ", run{Weight: "Bolder"})
		one.Inlines = append(one.Inlines, run{Type: "TextRun", Text: cut(orElse(line(f.Value), "…"), maxFact)})
		if one.Spacing = "Small"; i == 0 {
			one.Spacing = "Medium"
		}
		if !left.pays(one, keep) {
			return append(list, more(len(all)-i))
		}
		list = append(list, one)
	}
	return list
}

// sections draw a list, and count what does not fit.
func sections(all []adapters.Section, mark *marks, left *purse) []any {
	var list []any
	for i, s := range all {
		var items []any
		mine := purse(maxSection * 4)
		if title := line(s.Title); title != "" {
			items = append(items, text(cut(title, maxTitle), run{Weight: "Bolder"}))
		}
		items = append(items, paragraphs(s.Text, maxSection, &mine, 0)...)
		purse := *left
		rows, dropped := buttons(s.Buttons, mark, &purse, int(purse)/2)
		if items = append(items, rows...); dropped > 0 {
			items = append(items, more(dropped))
		}
		if len(items) == 0 {
			continue
		}
		if one := (box{Type: "Container", Separator: true, Spacing: "Medium", Items: items}); left.pays(one, 0) {
			list = append(list, one)
			continue
		}
		return append(list, more(len(all)-i))
	}
	return list
}

// buttons stand in rows of six. A button whose command does not fit is left out: one
// with half a command would do something else.
func buttons(all []adapters.Button, mark *marks, left *purse, most int) ([]any, int) {
	var rows []any
	var row []action
	dropped := 0
	own := purse(min(most, int(*left)))
	before := own
	for _, b := range all {
		a, ok := button(b, mark)
		if !ok {
			continue
		}
		if !own.pays(a, 60) && !own.pays(lean(&a), 60) { // for the row around it
			dropped++
			continue
		}
		if row = append(row, a); len(row) == primary {
			rows, row = append(rows, actionSet{Type: "ActionSet", Spacing: "Medium", Actions: row}), nil
		}
	}
	if len(row) > 0 {
		rows = append(rows, actionSet{Type: "ActionSet", Spacing: "Medium", Actions: row})
	}
	*left -= before - own + purse(60*len(rows)) // with what is around each row
	return rows, dropped
}

// lean takes the fallback off: an old client then does not show the button.
func lean(a *action) *action {
	a.Fallback = nil
	return a
}

// button draws one.
func button(b adapters.Button, mark *marks) (action, bool) {
	label := cut(orElse(line(b.Label), "…"), maxLabel)
	if b.Room != "" {
		b.URL = roomPage(b.Room)
	}
	if b.URL != "" {
		u, err := url.Parse(b.URL)
		ok := err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") && len(b.URL) <= maxURL
		return action{Type: "Action.OpenUrl", Title: label, URL: b.URL}, ok
	}
	if b.Command == "" || len(b.Command) > maxCommand {
		return action{}, false
	}
	do := execute(label, pressing{Command: b.Command, Delivery: mark.Delivery, Ref: mark.Ref})
	switch b.Style {
	case adapters.Primary:
		do.Style = "positive"
	case adapters.Danger:
		do.Style = "destructive"
	}
	ask := line(b.Confirm)
	if ask == "" {
		return do, true
	}
	// A second step: the button unfolds the question, with the button that does it.
	row := actionSet{Type: "ActionSet", Actions: []action{do}}
	return action{Type: "Action.ShowCard", Title: label, Style: do.Style, Card: newCard([]any{text(cut(ask, maxAsk), run{}), row})}, true
}

// execute is an action that we are told of, by new clients and by old ones.
func execute(label string, data pressing) action {
	return action{
		Type: "Action.Execute", Title: label, Verb: verb, Data: data,
		Fallback: &action{Type: "Action.Submit", Title: label, Data: data},
	}
}

// roomPage is the address that opens a conversation in Teams.
func roomPage(channel string) string {
	if strings.Contains(channel, "@thread.tacv2") {
		return "https://teams.microsoft.com/l/channel/" + url.PathEscape(channel) + "/-"
	}
	return "https://teams.microsoft.com/l/chat/" + url.PathEscape(channel) + "/conversations"
}

// plain is the card as a notification shows it.
func plain(c adapters.Card) string {
	parts := []string{titled(c), line(c.Text)}
	if c.Title == "" && c.Text == "" {
		parts = append(parts, line(c.Foot))
	}
	return orElse(cut(strings.TrimSpace(strings.Join(parts, "\n")), maxSummary), "…")
}
