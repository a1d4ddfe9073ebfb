package bot

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"schoolbel/adapters"
	"schoolbel/workflows"
)

// A message that tells news, and one that is written in its place to somebody who
// could not be reached in chat.
const (
	newsKind   = "news"
	letterKind = "letter"
	letterMark = "mail:" // before the id of the message that a letter stands in for
)

// slot is how finely it is watched that nobody waits too long: jobs of one slot are one.
const slot = 10 * time.Second

// letterbox is where people are reached outside of chat.
type letterbox struct {
	name  string
	after time.Duration
}

// letterboxOf finds the one among the adapters, nil when there is none.
func letterboxOf(list []adapters.Adapter) *letterbox {
	for _, a := range list {
		if l, ok := a.(adapters.Letterbox); ok {
			return &letterbox{a.Name(), l.After()}
		}
	}
	return nil
}

// instead sees to it that somebody whose chat will never show d hears of it by mail.
func (b *Bot) instead(ctx context.Context, d *workflows.Delivery) error {
	adapter, _, _ := strings.Cut(d.Place, ":")
	news := d.Kind == newsKind || d.Kind == "card" && d.Receipt == ""
	if b.letters == nil || adapter == b.letters.name || !news {
		return nil
	}
	if d.Person == "" && !d.Ref.IsZero() { // what became sensitive meanwhile is not for a room
		if r, err := b.Store.Record(ctx, d.Ref); err != nil || r.Sensitive {
			return err
		}
	}
	return b.Store.Do(ctx, func(tx workflows.Tx) error { return b.write(ctx, tx, d) })
}

// write asks for the letters that stand in for a message: one to its person, or one
// to each address of an audience. Doing so twice writes to nobody twice.
func (b *Bot) write(ctx context.Context, tx workflows.Tx, d *workflows.Delivery) error {
	first, _, _ := strings.Cut(d.ID, hop) // whatever accounts it was tried at
	l := workflows.Delivery{ID: letterMark + first, Kind: letterKind, Ref: d.Ref, Seq: d.Seq, Person: d.Person, Body: d.Body}
	if d.Person != "" {
		place, found, err := b.mailbox(ctx, tx, d.Person)
		if err != nil || !found {
			return err
		}
		l.Place = place.String()
		return tx.Send(ctx, l)
	}
	about := strings.TrimSuffix(d.ID, ":"+d.Place) // the same for every room
	for _, address := range b.School().MailOf(d.Place) {
		l.ID, l.Place = letterMark+about+":"+address, b.letters.name+":"+address
		if err := tx.Send(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

// watch sees to it that somebody looks, once people will have waited too long for this
// place's adapter. Nothing is asked while messages arrive.
func (b *Bot) watch(ctx context.Context, place string) error {
	adapter, _, _ := strings.Cut(place, ":")
	if b.letters == nil || adapter == b.letters.name {
		return nil
	}
	at := b.due(b.Now())
	if last, ok := b.watched.Load(adapter); ok && last == at { // it only spares work
		return nil
	}
	if err := b.Store.Do(ctx, func(tx workflows.Tx) error { return b.lookAt(ctx, tx, adapter, at) }); err != nil {
		return err
	}
	b.watched.Store(adapter, at)
	return nil
}

// due is when a message of then has waited too long, at the end of its slot.
func (b *Bot) due(then time.Time) time.Time {
	at := then.Add(b.letters.after)
	if rounded := at.Truncate(slot); !rounded.Equal(at) {
		return rounded.Add(slot)
	}
	return at
}

func (b *Bot) lookAt(ctx context.Context, tx workflows.Tx, adapter string, at time.Time) error {
	_, seen, err := tx.Once(ctx, fmt.Sprintf("late:%s:%d", adapter, at.Unix()))
	if err != nil || seen {
		return err
	}
	return tx.Later(ctx, workflows.Late{Adapter: adapter}, at)
}

// Late writes to those whom an adapter keeps waiting too long. While others still
// wait for it, it is looked at again when their time has come.
func (b *Bot) Late(ctx context.Context, job workflows.Late) error {
	if b.letters == nil {
		return nil
	}
	waiting, err := b.Store.Stuck(ctx, job.Adapter, letterMark)
	if err != nil {
		return err
	}
	for _, d := range waiting {
		if at := b.due(d.AddedAt); at.After(b.Now()) { // and so are all that follow
			return b.Store.Do(ctx, func(tx workflows.Tx) error { return b.lookAt(ctx, tx, job.Adapter, at) })
		}
		if err := b.instead(ctx, &d); err != nil {
			return err
		}
	}
	return nil
}

// letter makes a mail of a card: it says what it is about, and that nobody reads an
// answer. Of what is sensitive it says only that there is something.
func (b *Bot) letter(ctx context.Context, d *workflows.Delivery, card adapters.Card) (adapters.Card, error) {
	language, err := b.languageOf(ctx, d.Person)
	if err != nil {
		return card, err
	}
	say := func(key string, args ...any) string { return b.Book.Say(language, key, args...) }
	if card, err = b.discreet(ctx, d, card, language); err != nil {
		return card, err
	}
	foot := say("bot.letter.foot")
	if d.Person != "" && len(card.Buttons) > 0 {
		foot += " " + say("bot.letter.buttons")
	}
	card.Foot = strings.TrimSpace(card.Foot + "\n\n" + foot)
	return card, nil
}

// discreet gives a card the title that its mail needs; of what is sensitive it leaves
// that there is something, and what can be done without showing more.
func (b *Bot) discreet(ctx context.Context, d *workflows.Delivery, card adapters.Card, language string) (adapters.Card, error) {
	if d.Ref.IsZero() {
		return card, nil
	}
	say := func(key string, args ...any) string { return b.Book.Say(language, key, args...) }
	r, err := b.Store.Record(ctx, d.Ref)
	if err != nil {
		return card, err
	}
	ref := r.Ref.String()
	if !r.Sensitive {
		card.Title = cmp.Or(card.Title, ref+" · "+r.Title)
		return card, nil
	}
	secret := adapters.Card{
		Tone: card.Tone, Ref: ref, Delivery: card.Delivery,
		Title: ref + " · " + say("bot.letter.secret"), Text: say("bot.letter.secret.text", ref),
	}
	for _, x := range card.Buttons { // what is done to it, and nothing that shows it
		if strings.HasPrefix(x.Command, ref+" ") {
			secret.Buttons = append(secret.Buttons, x)
		}
	}
	if r.MayKnow(b.actorOf(d.Person)) {
		secret.Buttons = append(secret.Buttons, adapters.Button{Label: say("bot.letter.secret.show"), Command: ref})
	}
	return secret, nil
}

// sentToChat answers on a page, which never shows what is sensitive: it goes to the
// person's own room in chat.
func (c *call) sentToChat(ctx context.Context, ref string, card adapters.Card) error {
	accounts, err := c.tx.Accounts(ctx, c.who.Key)
	if err != nil {
		return err
	}
	rooms := c.roomsOf(c.who.Key, accounts)
	if len(rooms) == 0 {
		return c.answer(ctx, adapters.Card{Text: c.say("bot.letter.only_chat", ref)})
	}
	if err := c.send(ctx, "shown", rooms[0], card); err != nil {
		return err
	}
	return c.answer(ctx, adapters.Card{Text: c.say("bot.letter.in_chat", ref)})
}
