package bot

import (
	"context"
	"encoding/json"
	"fmt"

	"schoolbel/adapters"
	"schoolbel/workflows"
)

// homePlace begins the channel of a person's home page; what is done there comes
// with homeMessage for its message.
const (
	homePlace   = "home:"
	homeMessage = "home"
)

// visitor is for whom a home page is drawn.
type visitor struct {
	Actor    workflows.Actor `json:"actor"`
	Language string          `json:"language"`
}

// atHome tells whether this was done on the person's home page, which then shows
// what came of it.
func (c *call) atHome() bool {
	return c.ev.Message == homeMessage && (c.ev.Kind == adapters.Press || c.ev.Kind == adapters.Submit)
}

// home asks for the person's page; it is drawn when it is brought, and so as
// things then are.
func (c *call) home(ctx context.Context) error {
	body, err := json.Marshal(visitor{c.who.actor, c.who.lang})
	if err != nil {
		return fmt.Errorf("bot: home: %w", err)
	}
	place := adapters.Place{Adapter: c.ev.Place.Adapter, Channel: homePlace + c.ev.User.ID}
	return c.tx.Send(ctx, workflows.Delivery{ID: "home:" + c.ev.ID, Place: place.String(), Kind: "home", Person: c.who.Key, Body: body})
}

// homepage draws a page with my open records and, for who looks after them, the queue.
func (b *Bot) homepage(ctx context.Context, body []byte) (card adapters.Card, err error) {
	var v visitor
	if err := json.Unmarshal(body, &v); err != nil {
		return card, fmt.Errorf("bot: home: %w", err)
	}
	who := person{actor: v.Actor, lang: v.Language}
	who.Key, who.Roles = v.Actor.Key, v.Actor.Roles
	err = b.Store.Do(ctx, func(tx workflows.Tx) error {
		c := &call{Bot: b, who: who, tx: tx, ev: adapters.Event{Direct: true}} // nobody else sees it
		card, err = c.recordsCard(ctx, c.say("bot.list.mine"), workflows.Filter{Open: true, Reporters: who.actor.Keys(), Limit: 10})
		if err != nil || !c.staff() {
			return err
		}
		queue, err := c.recordsCard(ctx, "", workflows.Filter{Open: true, Limit: 15})
		card.Sections = append(card.Sections, adapters.Section{Title: c.say("bot.list.queue"), Text: queue.Text})
		card.Sections = append(card.Sections, queue.Sections...)
		return err
	})
	card.Buttons = []adapters.Button{{Label: b.Book.Say(v.Language, "bot.report.button"), Command: reportWord, Style: adapters.Primary}}
	return card, err
}
