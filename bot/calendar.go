package bot

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"schoolbel/adapters"
	"schoolbel/bot/lang"
	"schoolbel/workflows"
)

// horizon is a stretch of time that somebody asks the calendar of.
type horizon struct {
	name     string // "bot.calendar.week"
	from, to time.Time
}

// planned tells whether a text asks what is planned, and of when: "wat staat er deze
// week gepland?", "what is planned tomorrow?", or a word of the bot's own.
func (b *Bot) planned(text string) (horizon, bool) {
	said := " " + strings.Join(strings.Fields(strings.ToLower(strings.Trim(text, " ?!."))), " ") + " "
	has := func(key string) bool {
		return slices.ContainsFunc(lang.Languages, func(language string) bool { return b.anyOf(said, key, language) })
	}
	alone := slices.ContainsFunc(lang.Languages, func(language string) bool {
		return slices.Contains(strings.Split(b.Book.Say(language, "bot.calendar.words"), "|"), strings.TrimSpace(said))
	})
	if !alone && (!has("bot.calendar.asks") || !has("bot.calendar.about") || len(strings.Fields(said)) > 10) {
		return horizon{}, false
	}
	now := b.School().Local(b.Now())
	y, m, d := now.Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, now.Location())
	monday := today.AddDate(0, 0, -((int(today.Weekday()) + 6) % 7))
	switch {
	case has("bot.calendar.today"):
		return horizon{"bot.calendar.title.today", today, today.AddDate(0, 0, 1)}, true
	case has("bot.calendar.tomorrow"):
		return horizon{"bot.calendar.title.tomorrow", today.AddDate(0, 0, 1), today.AddDate(0, 0, 2)}, true
	case has("bot.calendar.next_week"):
		return horizon{"bot.calendar.title.next_week", monday.AddDate(0, 0, 7), monday.AddDate(0, 0, 14)}, true
	case has("bot.calendar.this_week"):
		return horizon{"bot.calendar.title.this_week", today, monday.AddDate(0, 0, 7)}, true
	}
	return horizon{"bot.calendar.title.soon", today, today.AddDate(0, 0, 28)}, true
}

// agreed are the states in which a change has a place in the calendar.
var agreed = []workflows.State{"scheduled", "implementing", "validating"}

// calendar answers what is planned.
func (c *call) calendar(ctx context.Context, h horizon) error {
	if fresh, err := c.first(ctx); err != nil || !fresh {
		return err
	}
	found, err := c.windows(ctx, c.tx, workflows.Filter{States: agreed, For: &c.who.actor, Public: !c.ev.Direct}, h.from, h.to)
	if err != nil {
		return err
	}
	card := adapters.Card{Title: c.say(h.name)}
	for _, r := range found {
		s := adapters.Section{Title: c.window(r, c.who.lang) + " · " + r.Title, Text: r.Ref.String() + " · " + c.state(r)}
		if hits := c.hits(r, c.who.lang); hits != "" {
			s.Text += "\n" + hits
		}
		card.Sections = append(card.Sections, s)
	}
	for _, p := range c.School().Calendar {
		if p.From.Before(h.to) && !p.To.Before(h.from) {
			card.Sections = append(card.Sections, adapters.Section{Title: c.say("bot.calendar.period", p.Name), Text: c.day(p.From, c.who.lang) + " – " + c.day(p.To, c.who.lang)})
		}
	}
	if len(card.Sections) == 0 {
		card.Text = c.say("bot.calendar.none")
	}
	return c.answer(ctx, card)
}

// windows finds the changes whose window touches a stretch of time, soonest first.
func (b *Bot) windows(ctx context.Context, from workflows.Reader, f workflows.Filter, begin, end time.Time) ([]*workflows.Record, error) {
	f.Kinds, f.Limit = []workflows.Kind{"change"}, 200
	var found []*workflows.Record
	for {
		page, next, err := from.Find(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, r := range page {
			starts, over := fieldTime(r, "from"), fieldTime(r, "until")
			if !starts.IsZero() && starts.Before(end) && (over.IsZero() || over.After(begin)) {
				found = append(found, r)
			}
		}
		if next == "" {
			break
		}
		f.After = next
	}
	slices.SortFunc(found, func(x, y *workflows.Record) int {
		return cmp.Or(fieldTime(x, "from").Compare(fieldTime(y, "from")), cmp.Compare(x.Ref.Number, y.Ref.Number))
	})
	return found, nil
}
