package bot

import (
	"context"
	"unicode/utf8"

	"schoolbel/adapters"
	"schoolbel/bot/understand"
	"schoolbel/workflows"
	"schoolbel/workflows/school"
)

// inDanger tells whether somebody may be hurt now. In a room we speak up only when
// it is more likely than not.
func (c *call) inDanger(m understand.Meaning) bool {
	return m.Intent == understand.OutOfScope && m.Urgency == workflows.High && (c.listens() || m.Confidence >= 0.5)
}

// loud is how long a title can be on every platform.
const loud = 140

// alarm says at once whom to call, for all who heard it.
func (c *call) alarm(ctx context.Context) error {
	if fresh, err := c.first(ctx); err != nil || !fresh {
		return err
	}
	e := c.School().InDanger()
	line := c.say("bot.danger", e.Number)
	next := c.nextOf(e)
	card := adapters.Card{Tone: adapters.Alarm, Title: line + " " + next}
	if utf8.RuneCountInString(card.Title) > loud {
		card.Title, card.Text = line, next
	}
	return c.openly(ctx, card)
}

// nextOf says who comes after the emergency number. The school's own words are in
// its own language alone.
func (c *call) nextOf(e school.Emergency) string {
	switch {
	case e.Text != "" && (c.who.lang == c.School().Organisation.Locale || e.Phone == ""):
		return e.Text
	case e.Name != "" && e.Phone != "":
		return c.say("bot.danger.call", e.Name, e.Phone)
	case e.Name != "":
		return c.say("bot.danger.warn", e.Name)
	case e.Phone != "":
		return c.say("bot.danger.call", c.say("bot.danger.first_aid"), e.Phone)
	}
	return c.say("bot.danger.warn", c.say("bot.danger.reception"))
}

// notOurs tells whether a message is for somebody else in the school: it says so by
// itself, or it names nothing of ICT and something that a desk looks after.
func (c *call) notOurs(m understand.Meaning, text string) bool {
	if m.Intent == understand.OutOfScope {
		return true
	}
	if m.Intent != understand.ReportIncident || m.Ask != understand.AskService || m.Sensitive || len(m.Parts) > 0 {
		return false
	}
	_, found := c.School().DeskFor(text)
	return found
}

// elsewhere says kindly whose it is. Nobody who was not asked says anything.
func (c *call) elsewhere(ctx context.Context, text string) error {
	if fresh, err := c.first(ctx); err != nil || !fresh || !c.listens() {
		return err
	}
	s := c.School()
	d, found := s.DeskFor(text)
	if !found {
		d, found = s.Desk(school.Reception)
	}
	card := adapters.Card{Text: c.say("bot.not_ours.unknown")}
	switch {
	case found && d.Phone != "":
		card.Text = c.say("bot.not_ours.call", d.Name, d.Phone)
	case found:
		card.Text = c.say("bot.not_ours.ask", d.Name)
	}
	card.Text += " " + c.say("bot.not_ours")
	if place, ok := adapters.ParsePlace(d.Room); ok && place.Adapter == c.ev.Place.Adapter {
		card.Buttons = append(card.Buttons, adapters.Button{Label: d.Name, Room: place.Channel, Style: adapters.Primary})
	}
	card.Buttons = append(card.Buttons, adapters.Button{Label: c.say("bot.report.button"), Command: reportWord})
	return c.answer(ctx, card)
}
