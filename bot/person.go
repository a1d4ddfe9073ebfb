package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"schoolbel/adapters"
)

// ownerOf is whose an account is now, and whether the school file has that person.
func (c *call) ownerOf(ctx context.Context, account string) (person string, known bool, err error) {
	adapter, id, _ := strings.Cut(account, ":")
	if p, ok := c.School().Account(adapter, id); ok {
		return p.Key, true, nil
	}
	a, err := c.tx.Account(ctx, account)
	if err != nil || a == nil {
		return account, false, err
	}
	if _, ok := c.School().Person(a.Person); ok {
		return a.Person, true, nil
	}
	adapter, id, _ = strings.Cut(a.Person, ":") // a guest whom the school file has by now
	if p, ok := c.School().Account(adapter, id); ok {
		return p.Key, true, nil
	}
	if !strings.Contains(a.Person, ":") { // who left the school file
		return account, false, nil
	}
	return a.Person, false, nil
}

// join makes one person of those behind two accounts: the one of the school file, or
// else the one who shows the code. Nothing that was written changes: what was
// recorded under a guest's key is found by that key as theirs.
func (c *call) join(ctx context.Context, mine, other string) error {
	enters, known, err := c.ownerOf(ctx, mine)
	if err != nil {
		return err
	}
	shows, knownToo, err := c.ownerOf(ctx, other)
	if err != nil {
		return err
	}
	switch {
	case enters == shows:
		return c.answer(ctx, adapters.Card{Text: c.say("bot.tie.already")})
	case known && knownToo:
		c.Log.Warn("two people of the school file wanted to be one", "one", shows, "other", enters, "account", mine)
		refused := tie{Deed: c.ev.ID, Account: other, Person: enters, Was: shows, By: mine, At: c.Now()}
		if err := c.remember(ctx, "refused", mine+"/"+c.ev.ID, refused); err != nil {
			return err
		}
		return c.answer(ctx, adapters.Card{Tone: adapters.Warn, Text: c.say("bot.tie.two")})
	}
	winner, loser := shows, enters
	if known {
		winner, loser = enters, shows
	}
	rows, err := c.tx.Accounts(ctx, loser)
	if err != nil {
		return err
	}
	d := deed{Told: map[string]string{mine: c.who.lang}, Until: c.Now().Add(undoLasts)}
	for _, a := range rows {
		adapter, id, _ := strings.Cut(a.ID, ":")
		if _, listed := c.School().Account(adapter, id); listed || a.Person != loser {
			continue
		}
		if err := c.keepTie(ctx, tie{Deed: c.ev.ID, Account: a.ID, Person: winner, Was: loser, Name: a.Name, By: mine, At: c.Now()}); err != nil {
			return err
		}
		a.Person = winner
		if err := c.tx.SaveAccount(ctx, a); err != nil {
			return err
		}
		d.Accounts = append(d.Accounts, a.ID)
	}
	if d.Told[other], err = c.languageOf(ctx, other); err != nil {
		return err
	}
	if err := c.remember(ctx, "deeds", c.ev.ID, d); err != nil {
		return err
	}
	c.Log.Info("accounts were tied to one person", "person", winner, "accounts", d.Accounts, "entered_by", mine, "shown_by", other)
	names := make([]any, 0, 2)
	for _, account := range []string{other, mine} {
		name, err := c.accountName(ctx, account)
		if err != nil {
			return err
		}
		names = append(names, name)
	}
	return c.tellBoth(ctx, d, winner, func(language string) adapters.Card {
		return adapters.Card{
			Text:    c.Book.Say(language, "bot.tie.done", names...),
			Buttons: []adapters.Button{{Label: c.Book.Say(language, "bot.tie.not_me"), Command: notMeWord + " " + c.ev.ID, Style: adapters.Danger}},
		}
	})
}

// tellBoth tells both accounts, each in its own room.
func (c *call) tellBoth(ctx context.Context, d deed, person string, card func(language string) adapters.Card) error {
	for _, account := range sortedKeys(asSet(d.Told)) {
		adapter, id, _ := strings.Cut(account, ":")
		place := adapters.Place{Adapter: adapter, Channel: "@" + id}
		if account == c.ownAccount() && c.ev.Direct {
			place = c.ev.Place
		}
		if err := sendCard(ctx, c.tx, "tied:"+c.ev.ID+":"+account, place, card(d.Told[account]), person); err != nil {
			return err
		}
	}
	return nil
}

func asSet(m map[string]string) map[string]bool {
	set := map[string]bool{}
	for key := range m {
		set[key] = true
	}
	return set
}

// keepTie writes a tie down, over the one that it takes the place of.
func (c *call) keepTie(ctx context.Context, t tie) error {
	before, err := c.tieOf(ctx, t.Account)
	if err != nil {
		return err
	}
	t.Before = before
	c.bound = true
	return c.remember(ctx, keptBy, tieMark+t.Account, t)
}

func (c *call) tieOf(ctx context.Context, account string) (*tie, error) {
	raw, err := c.tx.Recall(ctx, keptBy, tieMark+account)
	if err != nil || raw == nil {
		return nil, err
	}
	var t tie
	if err := json.Unmarshal(raw, &t); err != nil {
		return nil, fmt.Errorf("bot: tie of %s: %w", account, err)
	}
	return &t, nil
}

func (c *call) remember(ctx context.Context, owner, key string, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("bot: remember: %w", err)
	}
	return c.tx.Remember(ctx, owner, key, raw)
}

// accountName is how people know an account: "Olivia Brown (Slack)".
func (c *call) accountName(ctx context.Context, account string) (string, error) {
	adapter, id, _ := strings.Cut(account, ":")
	name := id
	if p, ok := c.School().Account(adapter, id); ok {
		name = p.Name
	} else if a, err := c.tx.Account(ctx, account); err != nil {
		return "", err
	} else if a != nil && a.Name != "" {
		name = a.Name
	}
	return name + " (" + strings.ToUpper(adapter[:1]) + adapter[1:] + ")", nil
}

// languageOf is in which language an account is told things.
func (c *call) languageOf(ctx context.Context, account string) (string, error) {
	adapter, id, _ := strings.Cut(account, ":")
	if p, ok := c.School().Account(adapter, id); ok && p.Locale != "" {
		return p.Locale, nil
	}
	a, err := c.tx.Account(ctx, account)
	if err == nil && a != nil && a.Locale != "" {
		return a.Locale, nil
	}
	return c.School().Organisation.Locale, err
}

// notMe undoes what a code did, for a day, by either account. Without a name it is
// the last tie of this very account, which may always go its own way.
func (c *call) notMe(ctx context.Context, name string) error {
	if fresh, err := c.first(ctx); err != nil || !fresh {
		return err
	}
	if err := c.tx.Alone(ctx, aloneTies); err != nil {
		return err
	}
	mine := c.ownAccount()
	own := name == ""
	if own {
		last, err := c.tieOf(ctx, mine)
		if err != nil {
			return err
		}
		if last != nil {
			name = last.Deed
		}
	}
	raw, err := c.tx.Recall(ctx, "deeds", name)
	if err != nil {
		return err
	}
	var d deed
	if raw != nil {
		if err := json.Unmarshal(raw, &d); err != nil {
			return fmt.Errorf("bot: deed %s: %w", name, err)
		}
	}
	_, told := d.Told[mine]
	switch {
	case raw == nil, !told && !slices.Contains(d.Accounts, mine): // and nobody learns that there is such a deed
		return c.answer(ctx, adapters.Card{Text: c.say("bot.tie.none")})
	case !own && c.Now().After(d.Until):
		return c.answer(ctx, adapters.Card{Text: c.say("bot.tie.late")})
	}
	loose := 0
	for _, account := range d.Accounts {
		done, err := c.loosen(ctx, account, name, mine)
		if err != nil {
			return err
		}
		if done {
			loose++
		}
	}
	if loose == 0 {
		return c.answer(ctx, adapters.Card{Text: c.say("bot.tie.none")})
	}
	c.Log.Warn("a tie of accounts was undone", "accounts", d.Accounts, "by", mine, "deed", name)
	return c.tellBoth(ctx, d, "", func(language string) adapters.Card {
		return adapters.Card{Text: c.Book.Say(language, "bot.tie.undone")}
	})
}

// loosen takes an account back to whose it was before a deed. What was is kept.
func (c *call) loosen(ctx context.Context, account, name, by string) (bool, error) {
	last, err := c.tieOf(ctx, account)
	if err != nil {
		return false, err
	}
	one := last
	for one != nil && one.Deed != name {
		one = one.Before
	}
	if one == nil { // it was undone already
		return false, nil
	}
	undone := struct {
		tie
		UndoneBy string `json:"undone_by"`
		UndoneAt any    `json:"undone_at"`
	}{*last, by, c.Now()}
	if err := c.remember(ctx, "undone", account+"/"+c.ev.ID, undone); err != nil {
		return false, err
	}
	if one.Before != nil {
		err = c.remember(ctx, keptBy, tieMark+account, one.Before)
	} else {
		err = c.tx.Remember(ctx, keptBy, tieMark+account, nil)
	}
	if err != nil {
		return false, err
	}
	a, err := c.tx.Account(ctx, account)
	if err != nil || a == nil {
		return false, err
	}
	a.Person, c.bound = one.Was, true
	return true, c.tx.SaveAccount(ctx, *a)
}
