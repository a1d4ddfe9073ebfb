package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"schoolbel/adapters"
	"schoolbel/bot/lang"
	"schoolbel/bot/understand"
	"schoolbel/workflows"
)

// wait keeps a conversation until it is answered, and what came with it.
func (c *call) wait(ctx context.Context, key string, p pending) error {
	p.Event = c.ev.ID
	p.Files = c.gathered()
	body, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("bot: talk: %w", err)
	}
	return c.tx.SaveTalk(ctx, workflows.Talk{Key: key, Body: body, Expires: c.Now().Add(patienceOf)})
}

// option is one answer to a question of ours.
type option struct{ label, name, value string }

// options are the answers that stand on buttons, in their order.
func (c *call) options(ask string) []option {
	var list []option
	s := c.School()
	switch ask {
	case understand.AskService:
		for _, v := range s.Services {
			if v.Critical || len(list) < 6 {
				list = append(list, option{v.Name, "service", v.Key})
			}
		}
		list = append(list, option{c.say("bot.ask.other"), "service", ""})
	case understand.AskLocation:
		for _, l := range s.Locations {
			list = append(list, option{l.Name, "location", l.Key})
		}
	default:
		list = []option{
			{c.say("bot.ask.yes_report"), "intent", understand.ReportIncident},
			{c.say("bot.ask.yes_change"), "intent", understand.RequestChange},
			{c.say("bot.ask.no"), "intent", understand.Chatter},
		}
	}
	return list
}

// typedOption finds the button that somebody typed instead of pressing it: its words,
// or its number. A number after "where?" is a room.
func (c *call) typedOption(ask, text string) (option, bool) {
	list := c.options(ask)
	if n, err := strconv.Atoi(text); err == nil && ask != understand.AskLocation && n >= 1 && n <= len(list) {
		return list[n-1], true
	}
	i := slices.IndexFunc(list, func(o option) bool { return strings.EqualFold(o.label, text) })
	if i < 0 {
		return option{}, false
	}
	return list[i], true
}

// spoken is a text without what does not matter in a short answer.
func spoken(text string) string {
	return strings.ToLower(strings.Trim(strings.ReplaceAll(strings.TrimSpace(text), "’", "'"), " .,!"))
}

// says tells whether a text is one of these words, in any language.
func (b *Bot) says(text, key string) bool {
	for _, language := range lang.Languages {
		if slices.Contains(strings.Split(b.Book.Say(language, key), "|"), spoken(text)) {
			return true
		}
	}
	return false
}

// yesOrNo reads the beginning of an answer.
func (b *Bot) yesOrNo(text string) (yes, no bool) {
	start, _, _ := strings.Cut(spoken(text), " ")
	start = strings.Trim(start, ".,!:;")
	yes = b.says(text, "bot.words.yes") || b.says(start, "bot.words.yes")
	return yes, !yes && (b.says(text, "bot.words.no") || b.says(start, "bot.words.no"))
}

// replies tells whether a text can only be an answer.
func (b *Bot) replies(text string) bool {
	yes, no := b.yesOrNo(text)
	_, err := strconv.Atoi(spoken(text))
	return yes || no || err == nil || b.says(text, "bot.words.unknown") || b.says(text, "bot.words.never")
}

// goOn reads a typed answer together with what was said before.
func (c *call) goOn(ctx context.Context, talk *workflows.Talk, text string) error {
	var p pending
	if err := json.Unmarshal(talk.Body, &p); err != nil {
		return fmt.Errorf("bot: talk: %w", err)
	}
	if p.About != "" {
		return c.more(ctx, p.About, text)
	}
	c.files = p.Files
	yes, no := c.yesOrNo(text)
	if n := spoken(text); p.Known != "" { // its two buttons have numbers, too
		yes, no = yes || n == "1", no || n == "2"
	}
	picked, found := c.typedOption(p.Ask, spoken(text))
	known := p.Known
	switch {
	case c.says(text, "bot.words.never"):
		return c.dropped(ctx)
	case known != "":
		if !yes && !no {
			m := c.read(text, c.who)
			yes = m.Intent == understand.AddInfo && m.Also
		}
		if !c.says(text, "bot.words.yes") && !c.says(text, "bot.words.no") && spoken(text) != "1" && spoken(text) != "2" {
			p.Text += "\n" + text
		}
		if !yes {
			known = ""
		}
		return c.offered(ctx, p, known)
	case found:
		return c.chosen(ctx, p, picked.name, picked.value)
	case p.Ask == understand.AskIntent && no:
		return c.dropped(ctx)
	case p.Ask == understand.AskIntent && yes:
		p.Intent = understand.ReportIncident
		if m := c.read(p.Text, c.who); m.Intent == understand.RequestChange {
			p.Intent = m.Intent
		}
	case c.says(text, "bot.words.unknown"): // asking on would not help
		p.Asked = questions
		return c.resume(ctx, p)
	}
	p.Text = strings.TrimSpace(p.Text + "\n" + text)
	return c.resume(ctx, p)
}

// dropped ends a conversation that came to nothing.
func (c *call) dropped(ctx context.Context) error {
	if fresh, err := c.first(ctx); err != nil || !fresh {
		return err
	}
	if err := c.tx.SaveTalk(ctx, workflows.Talk{Key: c.talkKey()}); err != nil {
		return err
	}
	return c.answer(ctx, adapters.Card{Text: c.say("bot.dropped")})
}

// chosen goes on with an answer from a button.
func (c *call) chosen(ctx context.Context, p pending, name, value string) error {
	c.files = p.Files
	switch name {
	case "known":
		return c.offered(ctx, p, value)
	case "service":
		p.Service = value
		if value == "" {
			p.Asked = questions
		}
	case "location":
		p.Place = value
	case "intent":
		if value == understand.Chatter {
			return c.dropped(ctx)
		}
		p.Intent = value
	}
	return c.resume(ctx, p)
}

// otherwise tells whether somebody who was asked something speaks of another thing:
// then that is heard for itself, and the question stays open.
func (c *call) otherwise(talk *workflows.Talk, m understand.Meaning) bool {
	var p pending
	if json.Unmarshal(talk.Body, &p) != nil {
		return false
	}
	if p.About != "" { // whether it is more of that is seen there
		return m.Intent == understand.AskStatus
	}
	if _, found := c.typedOption(p.Ask, spoken(m.Text)); found || c.replies(m.Text) {
		return false
	}
	was := c.read(p.Text, c.who)
	if p.Service != "" {
		was.Service = p.Service
	}
	switch {
	case m.Intent == understand.AskStatus && m.Confidence >= 0.6, m.Sensitive, m.Intent == understand.OutOfScope && m.Urgency == workflows.High:
		return true
	case m.Intent == understand.RequestChange:
		return m.Confidence >= 0.7 && m.Ask == "" && was.Intent != m.Intent && p.Ask != understand.AskIntent
	case m.Intent == understand.ReportIncident:
		return m.Ask == "" && m.Service != "" && was.Service != "" && !c.School().Related(m.Service, was.Service)
	}
	return false
}
