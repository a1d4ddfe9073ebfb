package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"schoolbel/adapters"
	"schoolbel/workflows"
)

const (
	atOnce   = 50              // messages of one place in one job; then others may go first
	tried    = 60              // times before a message is given up: after some four hours
	longest  = 5 * time.Minute // between two tries
	lookInto = 2 * time.Second // how long to wait before asking whether a message arrived
)

// lockedFor is how long a platform that does not let us in is left alone.
const lockedFor = time.Minute

// rounds are the places whose messages are being carried here: true when somebody
// asked for one of them once more. It only spares work; who carries a place
// elsewhere, or dies, is the database's business.
type rounds struct {
	sync.Mutex
	places map[string]bool
}

// begin tells whether this place is ours to carry; if not, who carries it looks once more.
func (r *rounds) begin(place string) bool {
	r.Lock()
	defer r.Unlock()
	if r.places == nil {
		r.places = map[string]bool{}
	}
	_, busy := r.places[place]
	r.places[place] = busy
	return !busy
}

// end tells whether nobody asked meanwhile, or it failed anyhow.
func (r *rounds) end(place string, err error) bool {
	r.Lock()
	defer r.Unlock()
	if err == nil && r.places[place] {
		r.places[place] = false
		return false
	}
	delete(r.places, place)
	return true
}

// Carry brings the messages of one place, in their order.
func (b *Bot) Carry(ctx context.Context, job workflows.Carry) error {
	if !b.rounds.begin(job.Place) {
		return nil
	}
	b.refresh(ctx)
	over := false
	defer func() {
		if !over { // a panic must not leave the place behind as busy
			b.rounds.end(job.Place, context.Canceled)
		}
	}()
	for left := atOnce; ; {
		err := b.carry(ctx, job.Place, &left)
		if over = b.rounds.end(job.Place, err); over {
			return err
		}
	}
}

func (b *Bot) carry(ctx context.Context, place string, left *int) error {
	var done *workflows.Delivery
	for *left > 0 && ctx.Err() == nil {
		// What came of the last one must be kept, also when we are told to stop just now.
		d, again, err := b.Store.Claim(context.WithoutCancel(ctx), place, done, b.Now())
		switch {
		case err != nil:
			return err
		case d == nil && again.IsZero():
			return nil
		case d == nil:
			if err := b.watch(context.WithoutCancel(ctx), place); err != nil {
				return err
			}
			return &workflows.Again{At: again}
		}
		b.deliver(ctx, d)
		b.gaveUp(ctx, d)
		done = d
		*left--
	}
	if done != nil {
		if err := b.Store.Settle(context.WithoutCancel(ctx), done); err != nil {
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
	_, once := adapter.(adapters.Letterbox) // what is there is never changed
	if once {
		if card, err = b.letter(ctx, d, card); err != nil {
			b.settle(ctx, d, &adapters.Failure{Why: adapters.Retry, Err: err})
			return
		}
	}
	if place, err = b.resolve(ctx, adapter, place); err != nil {
		b.settle(ctx, d, err)
		return
	}
	b.link(adapter, d.Place, place, &card)
	if d.State == workflows.Ambiguous && d.Receipt == "" {
		finder, ok := adapter.(adapters.Finder)
		if !ok && chatter(d, card) {
			d.State, d.Why = workflows.Failed, string(adapters.Ambiguous)+": chatter that perhaps arrived, where nobody can look: not said again; "+d.Why
			b.Log.Warn("a message perhaps did not arrive and is not said again", "place", d.Place, "delivery", d.ID, "why", d.Why)
			return
		}
		if ok {
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
		if once || d.Kind != "card" && d.Kind != answerKind && d.Kind != askKind { // it had arrived
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

// chatter tells whether a message had better be missed than be read twice. What is
// about a record says which, what asks for an answer counts once, and what is edited
// is one message: those may be said again.
func chatter(d *workflows.Delivery, card adapters.Card) bool {
	asks := len(card.Buttons) > 0 || slices.ContainsFunc(card.Sections, func(s adapters.Section) bool { return len(s.Buttons) > 0 })
	return d.Kind == "say" && d.Ref.IsZero() && !asks
}

// linkLasts is how long a link may be used: as long as a decision may take by
// the example school.
const linkLasts = 72 * time.Hour

// link puts links beside the buttons of a card that one person alone sees, where
// the platform wants them.
func (b *Bot) link(adapter adapters.Adapter, to string, place adapters.Place, card *adapters.Card) {
	_, wants := adapter.(adapters.Linker)
	_, user, _ := strings.Cut(to, ":@")
	if card.Private {
		user = card.To
	}
	if !wants || b.Link == nil || user == "" {
		return
	}
	put := func(buttons []adapters.Button) {
		for i, x := range buttons {
			if x.URL == "" && x.Room == "" {
				buttons[i].Link = b.Link(adapters.Grant{Place: place, User: user, Command: x.Command, Label: x.Label, Until: b.Now().Add(linkLasts)})
			}
		}
	}
	put(card.Buttons)
	for _, s := range card.Sections {
		put(s.Buttons)
	}
}

// unclear keeps a message ambiguous when asking for it did not work either.
func unclear(err error) error {
	var f *adapters.Failure
	if errors.As(err, &f) && (f.Why == adapters.TooFast || f.Why == adapters.Locked || f.Why == adapters.Gone || f.Why == adapters.Refused) {
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
	switch d.Kind {
	case "card":
	case letterKind:
		if len(d.Body) > 0 {
			return drawn(d)
		}
	case answerKind:
		return b.drawAnswer(ctx, d)
	case codeKind:
		card, err := b.drawCode(ctx, d)
		return card, 0, err
	case "home":
		card, err := b.homepage(ctx, d.Body)
		return card, 0, err
	default:
		return drawn(d)
	}
	r, err := b.Store.Record(ctx, d.Ref)
	if err != nil {
		return adapters.Card{}, 0, err
	}
	v := b.roomView(d.Place)
	if p, ok := b.School().Person(d.Person); ok { // a card in somebody's own room
		v = view{lang: cmp.Or(p.Locale, v.lang), actor: workflows.Actor{Key: p.Key, Roles: p.Roles}, person: true}
	}
	if v.staff && len(r.Reporters) == 1 {
		if v.guest, err = b.guest(ctx, r.Reporters[0]); err != nil {
			return adapters.Card{}, 0, err
		}
	}
	return b.card(r, v), r.Version, nil
}

// drawn is the card of a message that shows just this.
func drawn(d *workflows.Delivery) (card adapters.Card, version int, err error) {
	if err := json.Unmarshal(d.Body, &card); err != nil {
		return card, 0, fmt.Errorf("bot: message %s: %w", d.ID, err)
	}
	return card, 0, nil
}

// guest is the name by which a platform knows somebody whom the school file does
// not have, "" for all others.
func (b *Bot) guest(ctx context.Context, key string) (string, error) {
	if _, known := b.School().Person(b.behind(key)); known {
		return "", nil
	}
	var name string
	err := b.Store.Do(ctx, func(tx workflows.Tx) error {
		account, err := tx.Account(ctx, key)
		if account != nil {
			name = account.Name
		}
		return err
	})
	return name, err
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
	d.Held = false
	if err == nil {
		d.State, d.Why, d.NotBefore = workflows.Sent, "", time.Time{}
		b.well(d.Place)
		return
	}
	var f *adapters.Failure
	if !errors.As(err, &f) {
		f = &adapters.Failure{Why: adapters.Ambiguous, Err: err}
	}
	before := d.State
	d.Why = f.Error()
	switch f.Why {
	case adapters.TooFast, adapters.Locked:
		d.State, d.NotBefore = before, now.Add(cmp.Or(f.After, lockedFor))
		d.Attempt, d.Held = d.Attempt-1, true // waiting in line is no fault of the message
		b.judged(d, f)
		held := d.Place
		if f.Scope == "account" {
			held, _, _ = strings.Cut(d.Place, ":")
			held += ":"
		}
		if err := b.Store.Hold(context.WithoutCancel(ctx), held, d.NotBefore); err != nil {
			b.Log.Warn("a place could not be held back", "place", held, "error", err)
		}
		return
	case adapters.Ambiguous:
		d.State, d.NotBefore = workflows.Ambiguous, now.Add(min(lookInto<<min(max(d.Attempt-1, 0), 9), longest))
	case adapters.Retry:
		d.State, d.NotBefore = before, now.Add(min(time.Second<<min(d.Attempt, 9), longest))
	default:
		d.State = workflows.Failed
	}
	if d.Attempt >= tried {
		d.State = workflows.Failed
	}
	b.judged(d, f)
}
