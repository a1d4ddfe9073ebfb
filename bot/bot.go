// Package bot is the conversation: words and commands, cards, announcing,
// delivering. It knows platforms only by their socket and rules only by the engine.
package bot

import (
	"cmp"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"schoolbel/adapters"
	"schoolbel/bot/lang"
	"schoolbel/bot/understand"
	"schoolbel/workflows"
	"schoolbel/workflows/school"
)

//go:embed texts
var textFiles embed.FS

// Texts are the words of the conversation itself.
var Texts = folder(textFiles, "texts")

func folder(files fs.FS, name string) fs.FS {
	sub, err := fs.Sub(files, name)
	if err != nil {
		panic(err) // the name is a constant
	}
	return sub
}

// Keeper is the database as the conversation needs it.
type Keeper interface {
	workflows.Store
	workflows.Post
	// Came tells which record an event led to, if it was ever handled.
	Came(ctx context.Context, id string) (workflows.Ref, bool, error)
	// Lately tells at once that an event was handled, where that is still known.
	Lately(id string) bool
	// Remember keeps a value of an adapter at once.
	Remember(ctx context.Context, owner, key string, value []byte) error
	// RecallAll gives everything of an owner whose key begins with prefix.
	RecallAll(ctx context.Context, owner, prefix string) (map[string][]byte, error)
	// Secret is a key that the database made for itself.
	Secret(ctx context.Context, name string) ([]byte, error)
	// Examples are what agents corrected, newest first.
	Examples(ctx context.Context, most int) ([]workflows.Example, error)
}

// Parts are what a bot is made of.
type Parts struct {
	Store    Keeper
	Engine   *workflows.Engine
	School   func() *school.School
	Book     *lang.Book
	Adapters []adapters.Adapter
	Log      *slog.Logger
	Now      func() time.Time
	Outside  Outside // nil: nobody outside of the house is asked
	// Link makes a link that does one thing once; nil, or "", where there is none.
	Link func(adapters.Grant) string
}

// Bot talks with people on every platform.
type Bot struct {
	Parts
	platforms map[string]adapters.Adapter
	words     *vocabulary
	reader    atomic.Pointer[reading]
	met       sync.Map // account id → workflows.Account, so that a platform is asked once about who only chats
	rounds    rounds
	letters   *letterbox // nil where nobody is reached but in chat
	watched   sync.Map   // adapter → when it is looked at next for who waits too long
	labels    labelWords
	learned   learned
	kept      kept
	seen      sync.Map // person → glimpse
	secret    atomic.Pointer[[]byte]
	troubles  troubles
}

// reading is the understanding of one loaded school.
type reading struct {
	school *school.School
	reader *understand.Reader
}

// New makes a bot, or says which words mean two things.
func New(p Parts) (*Bot, error) {
	b := &Bot{Parts: p, platforms: map[string]adapters.Adapter{}}
	for _, a := range p.Adapters {
		b.platforms[a.Name()] = a
	}
	b.letters = letterboxOf(p.Adapters)
	b.School = b.inForce(p.School)
	b.labels = newLabels(p.Book)
	var err error
	b.words, err = newVocabulary(p.Engine, p.Book)
	return b, err
}

// read understands a text by the school that is in force.
func (b *Bot) read(text string, who person) understand.Meaning {
	s := b.School()
	r := b.reader.Load()
	if r == nil || r.school != s {
		r = &reading{s, understand.New(s)}
		b.reader.Store(r)
	}
	return b.recalled(text, r.reader.Read(text, understand.Setting{Locations: who.Locations, Locale: who.lang, Now: b.Now()}))
}

// person is who did something, and in which language they are answered.
type person struct {
	workflows.Person
	actor   workflows.Actor
	lang    string
	account workflows.Account
	fresh   bool // the account must be saved: we see this person for the first time
	guest   bool
	found   *tie // the account was a guest's, and now its address stands in the school file
}

// who finds the person behind an account: in the school file, in what we
// remember, by e-mail, or else as a guest.
func (b *Bot) who(ctx context.Context, ev adapters.Event) (person, error) {
	s := b.School()
	if p, ok := s.Account(ev.Place.Adapter, ev.User.ID); ok {
		return b.known(p.Person, ev, workflows.Account{}), nil
	}
	if !b.chats(ev.Place.Adapter) { // there an account is an address
		if p, ok := s.ByEmail(ev.User.ID); ok {
			return b.known(p.Person, ev, workflows.Account{}), nil
		}
	}
	id := ev.Place.Adapter + ":" + ev.User.ID
	var account *workflows.Account
	err := b.Store.Do(ctx, func(tx workflows.Tx) error {
		var err error
		account, err = tx.Account(ctx, id)
		return err
	})
	if err != nil {
		return person{}, err
	}
	fresh := account == nil
	if met, ok := b.met.Load(id); fresh && ok {
		known := met.(workflows.Account)
		account = &known
	}
	if account == nil {
		user := ev.User
		told := false
		if d, ok := b.platforms[ev.Place.Adapter].(adapters.Directory); ok {
			if found, err := d.User(ctx, user.ID); err == nil {
				user, told = found, true
			} else {
				b.Log.Warn("the platform does not tell who somebody is", "adapter", ev.Place.Adapter, "error", err)
			}
		}
		account = &workflows.Account{ID: id, Person: id, Name: user.Name, Email: user.Email, Locale: cmp.Or(user.Locale, ev.Locale), SeenAt: b.Now()}
		if !told { // what the person says of themselves proves nothing
			account.Email = ""
		}
		if told {
			b.met.Store(id, *account)
		}
	}
	var now *tie
	if p, ok := s.ByEmail(account.Email); ok && account.Person == id {
		if !fresh { // they were a guest before the school file had them
			now = &tie{Deed: ev.ID, Account: id, Person: p.Key, Was: id, Name: account.Name, By: "e-mail", At: b.Now()}
		}
		account.Person = p.Key
	}
	p, ok := s.Person(b.behind(account.Person))
	if !ok {
		name := account.Name
		if name == "" {
			name = ev.User.ID
		}
		key := id
		if strings.Contains(account.Person, ":") { // tied to another guest
			key = account.Person
		}
		p = workflows.Person{Key: key, Name: name, Locale: account.Locale}
	}
	found := b.known(p, ev, *account)
	found.fresh, found.guest, found.found = fresh || now != nil, !ok, now
	if now != nil { // from this very message on
		found.actor.Also = append(found.actor.Also, id)
	}
	return found, nil
}

func (b *Bot) known(p workflows.Person, ev adapters.Event, a workflows.Account) person {
	language := p.Locale
	if language == "" {
		language = a.Locale
	}
	if language == "" {
		language = ev.Locale
	}
	if language == "" {
		language = b.School().Organisation.Locale
	}
	return person{
		Person: p, lang: language, account: a,
		actor: workflows.Actor{Key: p.Key, Name: p.Name, Via: ev.Place.Adapter, Roles: p.Roles, Also: b.alsoOf(p.Key)},
	}
}

// call is one event on its way through the bot.
type call struct {
	*Bot
	ev  adapters.Event
	who person
	tx  workflows.Tx
	// taught tells that this left an example to read by.
	taught bool
	// bound tells that this tied or untied something.
	bound    bool
	glimpsed bool // that this account is in use was written down

	files []string // that came with what was said before a question of ours
}

// Handle takes what somebody did. When it returns nil, it is stored.
func (b *Bot) Handle(ctx context.Context, ev adapters.Event) error {
	if strings.TrimSpace(ev.ID) == "" || ev.User.ID == "" {
		return errors.New("bot: an event without an id or a person")
	}
	if b.Store.Lately(ev.ID) {
		return b.marked(ctx, ev)
	}
	b.refresh(ctx)
	who, err := b.who(ctx, ev)
	if err != nil {
		return err
	}
	b.recollect(ctx)
	c := &call{Bot: b, ev: ev, who: who}
	do, err := c.plan(ctx)
	if err != nil {
		return err
	}
	if do == nil {
		return b.marked(ctx, ev)
	}
	err = b.Store.Do(ctx, func(tx workflows.Tx) error {
		c.tx = tx
		if m := ev.Mark; m != nil {
			if err := tx.Remember(ctx, ev.Place.Adapter, m.Key, m.Value); err != nil {
				return err
			}
		}
		if who.fresh {
			if err := tx.SaveAccount(ctx, who.account); err != nil {
				return err
			}
			if who.found != nil {
				if err := c.keepTie(ctx, *who.found); err != nil {
					return err
				}
			}
			if who.guest && ev.Kind != adapters.Home && adapters.PageOf(ctx) == nil {
				if err := c.direct(ctx, "welcome", adapters.Card{Title: c.say("bot.welcome.title", who.Name), Text: c.say("bot.welcome.text")}); err != nil {
					return err
				}
			}
		}
		if account, new := b.noticed(who, ev); new {
			if err := tx.Seen(ctx, account); err != nil {
				return err
			}
			c.glimpsed = true
		}
		if err := do(ctx); err != nil || !c.atHome() {
			return err
		}
		return c.home(ctx)
	})
	if err == nil && c.taught {
		b.learned.forget()
	}
	if err == nil && c.bound {
		b.kept.forget()
	}
	if err == nil && c.glimpsed {
		b.seen.Store(who.Key, glimpse{ev.Place.Adapter + ":" + ev.User.ID, b.Now()})
	}
	return err
}

// marked keeps how far the adapter listened, where nothing else is written.
func (b *Bot) marked(ctx context.Context, ev adapters.Event) error {
	if ev.Mark == nil {
		return nil
	}
	return b.Store.Remember(ctx, ev.Place.Adapter, ev.Mark.Key, ev.Mark.Value)
}

// say says a text in the person's language.
func (c *call) say(key string, args ...any) string { return c.Book.Say(c.who.lang, key, args...) }

// first tells whether this event is new, for events that become no command.
func (c *call) first(ctx context.Context) (bool, error) {
	_, seen, err := c.tx.Once(ctx, c.ev.ID)
	return !seen, err
}

// answer shows a card to the person alone, where they are: in chat, or on a page.
func (c *call) answer(ctx context.Context, card adapters.Card) error {
	if page := adapters.PageOf(ctx); page != nil {
		page.Answer = &card
		return nil
	}
	card.Private, card.To = !c.ev.Direct, c.ev.User.ID
	return c.send(ctx, "answer", c.ev.Place, card)
}

// direct shows a card in the person's own room.
func (c *call) direct(ctx context.Context, name string, card adapters.Card) error {
	place := adapters.Place{Adapter: c.ev.Place.Adapter, Channel: "@" + c.ev.User.ID}
	return c.send(ctx, name, place, card)
}

func (c *call) send(ctx context.Context, name string, to adapters.Place, card adapters.Card) error {
	return sendCard(ctx, c.tx, name+":"+c.ev.ID, to, card, c.who.Key)
}

// sendCard asks for a message that shows just this.
func sendCard(ctx context.Context, tx workflows.Tx, id string, to adapters.Place, card adapters.Card, person string) error {
	return sendKind(ctx, tx, "say", id, to, card, person)
}

func sendKind(ctx context.Context, tx workflows.Tx, kind, id string, to adapters.Place, card adapters.Card, person string) error {
	body, err := json.Marshal(card)
	if err != nil {
		return fmt.Errorf("bot: card: %w", err)
	}
	var ref workflows.Ref
	if card.Ref != "" {
		ref, _ = workflows.ParseRef(card.Ref)
	}
	return tx.Send(ctx, workflows.Delivery{ID: id, Place: to.String(), Thread: to.Thread, Kind: kind, Ref: ref, Person: person, Body: body})
}
