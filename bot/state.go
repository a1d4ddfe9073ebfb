package bot

import (
	"context"
	"slices"
	"strings"
	"time"

	"schoolbel/adapters"
	"schoolbel/workflows"
)

// status answers "is magister down?".
func (c *call) status(ctx context.Context, service, location string) error {
	if fresh, err := c.first(ctx); err != nil || !fresh {
		return err
	}
	return c.statusCard(ctx, service, location)
}

// statusCard tells what is going on, of one service or of all: what is out, since
// when, who looks at it and what comes next.
func (c *call) statusCard(ctx context.Context, service, location string) error {
	s := c.School()
	f := workflows.Filter{Kinds: []workflows.Kind{"incident"}, Open: true, Public: true, Limit: 8}
	if service != "" {
		for _, other := range s.Services {
			if c.leans(service, other.Key) { // an outage of what it leans on is its own
				f.Services = append(f.Services, other.Key)
			}
		}
	}
	found, _, err := c.tx.Find(ctx, f)
	if err != nil {
		return err
	}
	v, named := s.ServiceOf(service)
	card := adapters.Card{Title: c.say("bot.status.title")}
	if named {
		card.Title = c.say("bot.status.of", v.Name)
	}
	for _, r := range found {
		card.Sections = append(card.Sections, c.standing(r))
	}
	switch {
	case len(found) > 0:
	case named:
		card.Text = c.say("bot.status.fine_of", v.Name)
		words := c.say("bot.status.broken", v.Name)
		if l, ok := s.Location(location); ok && !slices.Equal(c.who.Locations, []string{location}) {
			words = c.say("bot.status.broken_at", v.Name, l.Name)
		}
		open, _, _ := strings.Cut(c.say("bot.opens.incident"), "|")
		card.Buttons = []adapters.Button{{Label: words, Command: open + ": " + words, Style: adapters.Primary}}
	default:
		card.Text = c.say("bot.status.fine")
		card.Buttons = []adapters.Button{{Label: c.say("bot.report.button"), Command: reportWord}}
	}
	return c.answer(ctx, card)
}

// standing says of one outage where it stands, since when, who looks at it, and what
// people can do or expect meanwhile.
func (c *call) standing(r *workflows.Record) adapters.Section {
	s := c.School()
	day := "02-01 15:04"
	if now, at := s.Local(c.Now()), s.Local(r.OpenedAt); now.YearDay() == at.YearDay() && now.Year() == at.Year() {
		day = "15:04"
	}
	words := []string{c.about(r, c.who.lang), c.state(r), c.say("bot.status.since", s.Local(r.OpenedAt).Format(day)), c.handles(r)}
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	text := []string{strings.Join(words, " · ")}
	if w := r.Field("workaround"); w != "" && r.State != "resolved" {
		text = append(text, c.say("bot.card.workaround", w))
	}
	if at, err := time.Parse(time.RFC3339, r.Field("expected_at")); err == nil && r.State != "resolved" && at.After(c.Now()) {
		text = append(text, c.say("bot.told.expected", s.Local(at).Format("02-01 15:04")))
	} else if r.State != "resolved" && c.who.actor.Among(r.Reporters) {
		text = append(text, c.say("bot.status.next"))
	}
	return adapters.Section{Title: r.Ref.String() + " · " + r.Title, Text: strings.Join(text, "\n"), Buttons: c.buttons(r, c.who.actor, c.who.lang, 2)}
}

// statusOf answers the same in the thread of one outage.
func (c *call) statusOf(ctx context.Context, r *workflows.Record) error {
	if fresh, err := c.first(ctx); err != nil || !fresh {
		return err
	}
	return c.answer(ctx, adapters.Card{Sections: []adapters.Section{c.standing(r)}, Ref: r.Ref.String()})
}
