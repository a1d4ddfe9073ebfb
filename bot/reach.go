package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"schoolbel/adapters"
	"schoolbel/workflows"
)

// hop parts the places where a message was tried from its name.
const hop = "~"

// reach tells in which language somebody reads, and where they are told of this.
func (n *news) reach(ctx context.Context, key string) (language string, to adapters.Place, found bool, err error) {
	language = n.School().Organisation.Locale
	accounts, err := n.tx.Accounts(ctx, key)
	if err != nil {
		return "", to, false, err
	}
	person := personOf(key, accounts)
	p, ok := n.School().PersonOf(person)
	if ok && p.Locale != "" {
		language = p.Locale
	}
	if !ok && len(accounts) > 0 && accounts[0].Locale != "" {
		language = accounts[0].Locale
	}
	if to, found = n.placeOf(key, n.roomsOf(person, accounts)); !found {
		to, found, err = n.mailbox(ctx, n.tx, key)
	}
	return language, to, found, err
}

// placeOf is where a person hears of this record: where they reported it, or else
// in their own room. What is sensitive never goes to an open room.
func (n *news) placeOf(key string, rooms []adapters.Place) (adapters.Place, bool) {
	if text, thread, ok := strings.Cut(n.r.Field("origin."+key), "|"); ok && !n.r.Sensitive {
		if place, ok := adapters.ParsePlace(text); ok && n.chats(place.Adapter) {
			place.Thread = thread
			return place, true
		}
	}
	if len(rooms) == 0 {
		return adapters.Place{}, false
	}
	return rooms[0], true
}

// roomsOf are the direct rooms of a person: the account that was seen last is first.
func (b *Bot) roomsOf(person string, rows []workflows.Account) []adapters.Place {
	type account struct {
		id   string
		seen time.Time
	}
	var list []account
	add := func(id string) {
		adapter, user, _ := strings.Cut(id, ":")
		owner, listed := b.School().Account(adapter, user)
		if !b.chats(adapter) || listed && owner.Key != person || slices.ContainsFunc(list, func(a account) bool { return a.id == id }) {
			return
		}
		a := account{id: id}
		if i := slices.IndexFunc(rows, func(r workflows.Account) bool { return r.ID == id }); i >= 0 {
			a.seen = rows[i].SeenAt
		}
		list = append(list, a)
	}
	p, _ := b.School().PersonOf(person)
	for _, a := range b.Adapters { // in the order of the configuration, where none was seen
		if id := p.Accounts[a.Name()]; id != "" {
			add(a.Name() + ":" + id)
		}
	}
	for _, r := range rows {
		add(r.ID)
	}
	slices.SortStableFunc(list, func(x, y account) int { return y.seen.Compare(x.seen) })
	var places []adapters.Place
	for _, a := range list {
		adapter, user, _ := strings.Cut(a.id, ":")
		places = append(places, adapters.Place{Adapter: adapter, Channel: "@" + user})
	}
	return places
}

// onward sends what cannot reach somebody where it was meant to go to their next
// account, each once; false when there is none left. What it sends is a delivery
// named after the one that failed, so that doing this twice sends it once.
func (b *Bot) onward(ctx context.Context, d *workflows.Delivery) (bool, error) {
	adapter, _, _ := strings.Cut(d.Place, ":")
	said := d.Kind == "say" || d.Kind == newsKind
	if d.Person == "" || !said && d.Kind != answerKind || !b.chats(adapter) {
		return false, nil
	}
	tried := append(strings.Split(d.ID, hop)[1:], d.Place)
	body := d.Body
	if said {
		var card adapters.Card
		if err := json.Unmarshal(d.Body, &card); err != nil {
			return false, fmt.Errorf("bot: message %s: %w", d.ID, err)
		}
		card.Private, card.To = false, "" // it goes to a room of their own
		var err error
		if body, err = json.Marshal(card); err != nil {
			return false, fmt.Errorf("bot: card: %w", err)
		}
	}
	var next string
	err := b.Store.Do(ctx, func(tx workflows.Tx) error {
		next = ""
		rows, err := tx.Accounts(ctx, d.Person)
		if err != nil {
			return err
		}
		for _, place := range b.roomsOf(personOf(d.Person, rows), rows) {
			if !slices.Contains(tried, place.String()) {
				next = place.String()
				break
			}
		}
		if next == "" {
			return nil
		}
		to := workflows.Delivery{ID: d.ID + hop + next, Place: next, Kind: d.Kind, Ref: d.Ref, Person: d.Person, Body: body}
		if err := tx.Send(ctx, to); err != nil || d.Kind != answerKind {
			return err
		}
		return tx.Redraw(ctx, to) // it may have gone there before, and now says something else
	})
	return err == nil && next != "", err
}

// personOf is the person whose accounts these are, when they were asked by any key.
func personOf(key string, rows []workflows.Account) string {
	if len(rows) > 0 && strings.Contains(key, ":") {
		return cmp.Or(rows[0].Person, key)
	}
	return key
}

// gaveUp does what is left to do for a message that will not be delivered where it
// was meant to go: it goes to the next account, or else by mail.
func (b *Bot) gaveUp(ctx context.Context, d *workflows.Delivery) {
	if d.State != workflows.Failed {
		return
	}
	ctx = context.WithoutCancel(ctx)
	var moved bool
	var err error
	if !strings.HasPrefix(d.Why, string(adapters.Ambiguous)) {
		moved, err = b.onward(ctx, d)
	}
	if err == nil && !moved {
		err = b.instead(ctx, d)
	}
	if err != nil {
		b.Log.Warn("a message could not be sent on", "delivery", d.ID, "error", err)
		d.State, d.NotBefore = workflows.Pending, b.Now().Add(lookInto)
	}
}

// seenAgain is how often it is written down that an account is in use.
const seenAgain = time.Hour

// glimpse is when a person was seen last here, and by which account.
type glimpse struct {
	account string
	at      time.Time
}

// noticed tells whether it must be kept that an account was seen: only of somebody
// who can be reached in several places, and when it tells something new.
func (b *Bot) noticed(who person, ev adapters.Event) (workflows.Account, bool) {
	id := ev.Place.Adapter + ":" + ev.User.ID
	also := who.actor.Also
	if len(also) == 0 || len(also) == 1 && also[0] == id {
		return workflows.Account{}, false
	}
	if last, ok := b.seen.Load(who.Key); ok {
		if last := last.(glimpse); last.account == id && b.Now().Sub(last.at) < seenAgain {
			return workflows.Account{}, false
		}
	}
	a := who.account
	if a.ID == "" { // of the school file
		a = workflows.Account{ID: id, Person: who.Key, Name: who.Name, Email: who.Email}
	}
	a.SeenAt = b.Now()
	return a, true
}

// chats tells whether people are heard on an adapter that is there.
func (b *Bot) chats(adapter string) bool {
	return b.platforms[adapter] != nil && (b.letters == nil || b.letters.name != adapter)
}

// mailbox is where a person is reached by mail: at the address of the school file, or
// the one that a platform told of a guest. What they do by a link is then theirs.
func (b *Bot) mailbox(ctx context.Context, tx workflows.Tx, key string) (adapters.Place, bool, error) {
	if b.letters == nil {
		return adapters.Place{}, false, nil
	}
	at := func(address string) adapters.Place {
		return adapters.Place{Adapter: b.letters.name, Channel: "@" + address}
	}
	if p, known := b.School().Person(b.behind(key)); known {
		return at(p.Email), p.Email != "", nil
	}
	accounts, err := tx.Accounts(ctx, key)
	if err != nil {
		return adapters.Place{}, false, err
	}
	i := slices.IndexFunc(accounts, func(a workflows.Account) bool { return a.Email != "" })
	if i < 0 {
		return adapters.Place{}, false, nil
	}
	a := accounts[i]
	a.ID = b.letters.name + ":" + a.Email
	had, err := tx.Account(ctx, a.ID)
	if err != nil {
		return adapters.Place{}, false, err
	}
	if _, other := b.School().ByEmail(a.Email); other || had != nil && had.Person != key { // a link there would be somebody else's
		b.Log.Warn("an e-mail address belongs to two people, and neither is written to", "person", key)
		return adapters.Place{}, false, nil
	}
	if had == nil {
		if err := tx.SaveAccount(ctx, a); err != nil {
			return adapters.Place{}, false, err
		}
	}
	return at(a.Email), true, nil
}

// languageOf is the language that somebody reads; of a room, the school's.
func (b *Bot) languageOf(ctx context.Context, key string) (string, error) {
	school := b.School().Organisation.Locale
	p, known := b.School().Person(b.behind(key))
	if known || key == "" {
		return cmp.Or(p.Locale, school), nil
	}
	language := school
	err := b.Store.Do(ctx, func(tx workflows.Tx) error {
		accounts, err := tx.Accounts(ctx, key)
		if len(accounts) > 0 {
			language = cmp.Or(accounts[0].Locale, school)
		}
		return err
	})
	return language, err
}
