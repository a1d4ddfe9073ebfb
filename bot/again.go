package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"schoolbel/adapters"
	"schoolbel/bot/understand"
	"schoolbel/workflows"
)

// mended finds the outage of which somebody says that it works again: their own, or
// else the one of the service they name.
func (c *call) mended(ctx context.Context, from workflows.Reader, m understand.Meaning) (*workflows.Record, error) {
	mine, _, err := from.Find(ctx, workflows.Filter{Kinds: []workflows.Kind{"incident"}, Open: true, Reporters: c.who.actor.Keys(), Limit: 10})
	if err != nil {
		return nil, err
	}
	for _, r := range mine {
		if m.Service == "" || r.Service == "" || c.School().Related(r.Service, m.Service) {
			return r, nil
		}
	}
	if m.Service == "" {
		return nil, nil
	}
	found, err := c.touching(ctx, from, m.Service)
	found = slices.DeleteFunc(found, func(r *workflows.Record) bool {
		return r.State == "resolved" || r.Service != m.Service || !reaches(r, m.Location)
	})
	return first(found), err
}

// worksAgain is "werkt weer": a reporter's yes once it is solved; until then a hint
// to who handles it, and never the end of somebody else's outage.
func (c *call) worksAgain(ctx context.Context, r *workflows.Record, text string) error {
	if r == nil {
		if fresh, err := c.first(ctx); err != nil || !fresh || !c.listens() {
			return err
		}
		return c.answer(ctx, adapters.Card{Text: c.say("bot.good_to_hear")})
	}
	cmd := workflows.Command{ID: c.ev.ID, Actor: c.who.actor, Ref: r.Ref, Action: "confirm", At: c.ev.At}
	mine := c.who.actor.Among(r.Reporters)
	switch {
	case r.State == "resolved":
		return c.do(ctx, cmd)
	case mine && r.State == "new" && r.Fresh(c.Now()) && c.words.verbs["incident"][spoken(text)] == "cancel": // "laat maar"
		cmd.Action, cmd.Args = "cancel", map[string]string{"reason": c.say("bot.confirm.why")}
		return c.do(ctx, cmd)
	case c.who.actor.Is(r.Owner) || !mine && c.staff(): // who handles it needs nobody to ask
		return c.solve(ctx, r)
	}
	out, err := c.carried(ctx, c.noting(r.Ref, text))
	if err != nil || out == nil {
		return err
	}
	if r = out.Record; r.Owner != "" {
		n := &news{c.Bot, c.tx, r, *out.Entry, workflows.Entry{}}
		if err := n.tell(ctx, r.Owner, n.askOwner); err != nil {
			return err
		}
	}
	if !c.listens() {
		return nil
	}
	return c.answer(ctx, adapters.Card{Text: c.say("bot.again.told", r.Ref.String(), c.handles(r)), Ref: r.Ref.String()})
}

// solve offers who handles it the end of it.
func (c *call) solve(ctx context.Context, r *workflows.Record) error {
	if fresh, err := c.first(ctx); err != nil || !fresh {
		return err
	}
	return c.answer(ctx, adapters.Card{
		Text: c.say("bot.again.yours", r.Ref.String(), r.Title), Ref: r.Ref.String(),
		Buttons: []adapters.Button{{Label: wordOf(c.Book, c.who.lang, r.Kind, "do.resolve"), Command: r.Ref.String() + " resolve", Style: adapters.Primary}},
	})
}

// askOwner asks who handles it whether it is solved, since somebody says so.
func (n *news) askOwner(language string) (adapters.Card, bool) {
	say := func(key string, args ...any) string { return n.Book.Say(language, key, args...) }
	ref := n.r.Ref.String()
	return adapters.Card{
		Text: say("bot.again.ask", n.entry.Name, ref, n.about(n.r, language), strings.TrimSpace(n.entry.Note)),
		Buttons: []adapters.Button{
			{Label: wordOf(n.Book, language, n.r.Kind, "do.resolve"), Command: ref + " resolve", Style: adapters.Primary},
			{Label: say("bot.again.not"), Command: fmt.Sprintf("%s note note=%q", ref, say("bot.again.not.note"))},
		},
	}, true
}
