package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"schoolbel/adapters"
	"schoolbel/workflows"
)

const (
	atOnce   = 50              // messages of one place in one job; then others may go first
	tried    = 12              // times before a message is given up
	lookInto = 2 * time.Second // how long to wait before asking whether a message arrived
)

// Carry brings the messages of one place, in their order.
func (b *Bot) Carry(ctx context.Context, job workflows.Carry) error {
	for range atOnce {
		d, again, err := b.Store.Claim(ctx, job.Place, b.Now())
		if err != nil {
			return err
		}
		if d == nil {
			if again.IsZero() {
				return nil
			}
			return &workflows.Again{At: again}
		}
		b.deliver(ctx, d)
		// What came of it must be kept, also when we are told to stop just now.
		if err := b.Store.Settle(context.WithoutCancel(ctx), d); err != nil {
			return err
		}
	}
	return &workflows.Again{At: b.Now()}
}

// deliver sends or edits one message and writes into d how that went.
func (b *Bot) deliver(ctx context.Context, d *workflows.Delivery) {
	place, ok := adapters.ParsePlace(d.Place)
	adapter := b.platforms[place.Adapter]
	if !ok || adapter == nil {
		d.State, d.Why = workflows.Failed, "no adapter for "+d.Place
		return
	}
	place.Thread = d.Thread
	card, version, err := b.draw(ctx, d)
	if err != nil {
		b.settle(ctx, d, &adapters.Failure{Why: adapters.Retry, Err: err})
		return
	}
	card.Delivery = d.ID
	if place, err = b.resolve(ctx, adapter, place); err != nil {
		b.settle(ctx, d, err)
		return
	}
	if d.State == workflows.Ambiguous && d.Receipt == "" {
		if finder, ok := adapter.(adapters.Finder); ok {
			receipt, found, err := finder.Find(ctx, place, d.ID, d.AddedAt.Add(-time.Minute))
			if err != nil {
				b.settle(ctx, d, unclear(err))
				return
			}
			if found {
				d.Receipt = string(receipt)
			}
		}
	}
	if d.Receipt != "" {
		if d.Kind != "card" { // it had arrived
			d.State, d.Why = workflows.Sent, ""
			return
		}
		if editor, ok := adapter.(adapters.Editor); ok {
			err = editor.Edit(ctx, place, adapters.Receipt(d.Receipt), card)
			if why(err) != adapters.Gone {
				b.settle(ctx, d, err)
				d.Drawn = version
				return
			}
		}
	}
	receipt, err := adapter.Send(ctx, place, card)
	if err == nil {
		d.Receipt = string(receipt)
	}
	b.settle(ctx, d, err)
	d.Drawn = version
}

// unclear keeps a message ambiguous when asking for it did not work either.
func unclear(err error) error {
	var f *adapters.Failure
	if errors.As(err, &f) && (f.Why == adapters.TooFast || f.Why == adapters.Gone || f.Why == adapters.Refused) {
		return f
	}
	return &adapters.Failure{Why: adapters.Ambiguous, Err: err}
}

// resolve turns "@U0ANNA" into the direct room with that person.
func (b *Bot) resolve(ctx context.Context, adapter adapters.Adapter, place adapters.Place) (adapters.Place, error) {
	user, direct := strings.CutPrefix(place.Channel, "@")
	if !direct {
		return place, nil
	}
	d, ok := adapter.(adapters.Directory)
	if !ok {
		place.Channel = user
		return place, nil
	}
	return d.Direct(ctx, user)
}

// draw makes the card as it should stand now.
func (b *Bot) draw(ctx context.Context, d *workflows.Delivery) (adapters.Card, int, error) {
	if d.Kind != "card" {
		var card adapters.Card
		if err := json.Unmarshal(d.Body, &card); err != nil {
			return card, 0, fmt.Errorf("bot: message %s: %w", d.ID, err)
		}
		return card, 0, nil
	}
	r, err := b.Store.Record(ctx, d.Ref)
	if err != nil {
		return adapters.Card{}, 0, err
	}
	return b.card(r, b.roomView(d.Place)), r.Version, nil
}

func why(err error) adapters.Why {
	var f *adapters.Failure
	if errors.As(err, &f) {
		return f.Why
	}
	return ""
}

// settle writes the outcome of a call into the delivery.
func (b *Bot) settle(ctx context.Context, d *workflows.Delivery, err error) {
	now := b.Now()
	if err == nil {
		d.State, d.Why, d.NotBefore = workflows.Sent, "", time.Time{}
		return
	}
	var f *adapters.Failure
	if !errors.As(err, &f) {
		f = &adapters.Failure{Why: adapters.Ambiguous, Err: err}
	}
	before := d.State
	d.Why = f.Error()
	switch f.Why {
	case adapters.TooFast:
		d.State, d.NotBefore = before, now.Add(f.After)
		held := d.Place
		if f.Scope == "account" {
			held, _, _ = strings.Cut(d.Place, ":")
			held += ":"
		}
		if err := b.Store.Hold(context.WithoutCancel(ctx), held, d.NotBefore); err != nil {
			b.Log.Warn("a place could not be held back", "place", held, "error", err)
		}
		return // waiting in line is no fault of the message
	case adapters.Ambiguous:
		d.State, d.NotBefore = workflows.Ambiguous, now.Add(lookInto)
	case adapters.Retry:
		d.State, d.NotBefore = before, now.Add(min(time.Second<<min(d.Attempt, 9), 5*time.Minute))
	default:
		d.State = workflows.Failed
	}
	if d.Attempt >= tried {
		d.State = workflows.Failed
	}
	if d.State == workflows.Failed {
		b.Log.Error("a message could not be delivered", "place", d.Place, "delivery", d.ID, "why", d.Why)
	}
}
