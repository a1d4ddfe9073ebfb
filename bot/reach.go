package bot

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"schoolbel/adapters"
	"schoolbel/workflows"
)

// chats tells whether people are heard on an adapter that is there.
func (b *Bot) chats(adapter string) bool {
	return b.platforms[adapter] != nil && (b.letters == nil || b.letters.name != adapter)
}

// ownRoom is a person's own room in chat, by the accounts of the school file (known)
// or by those that we met.
func (b *Bot) ownRoom(known map[string]string, accounts []workflows.Account) (adapters.Place, bool) {
	for _, a := range b.Adapters {
		if id := known[a.Name()]; id != "" && b.chats(a.Name()) {
			return adapters.Place{Adapter: a.Name(), Channel: "@" + id}, true
		}
	}
	for _, a := range accounts {
		if adapter, id, ok := strings.Cut(a.ID, ":"); ok && b.chats(adapter) {
			return adapters.Place{Adapter: adapter, Channel: "@" + id}, true
		}
	}
	return adapters.Place{}, false
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
	if p, known := b.School().Person(key); known {
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
	p, known := b.School().Person(key)
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
