// Package console is a chat platform in the browser: what Slack would show, on
// this machine alone and without an account.
package console

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gopkg.in/yaml.v3"

	"schoolbel/adapters"
)

// name is what places and accounts of this adapter are called.
const name = "console"

// Console keeps the rooms in memory: they are a view on what the bot says, and
// what must last stands in the bot's own store.
type Console struct {
	log  *slog.Logger
	now  func() time.Time
	cast atomic.Pointer[func() Cast]

	mu    sync.Mutex
	rooms map[string]*room
	homes map[string]adapters.Card // by person
	where map[adapters.Receipt]string
	deeds deeds
	tape  tape
}

var (
	_ adapters.Adapter    = (*Console)(nil)
	_ adapters.Editor     = (*Console)(nil)
	_ adapters.FormOpener = (*Console)(nil)
	_ adapters.RoomMaker  = (*Console)(nil)
	_ adapters.Directory  = (*Console)(nil)
	_ adapters.Finder     = (*Console)(nil)
	_ adapters.HTTP       = (*Console)(nil)
)

// Plug puts the console in.
var Plug = adapters.Plug{
	Name: name,
	New: func(section yaml.Node, kit adapters.Kit) (adapters.Adapter, error) {
		var keys map[string]yaml.Node
		if err := section.Decode(&keys); err != nil && !section.IsZero() {
			return nil, fmt.Errorf("the console has no settings; write it as console: {}: %w", err)
		}
		for key := range keys {
			return nil, fmt.Errorf("%s: the console has no settings; write it as console: {}", key)
		}
		return New(kit.Log, kit.Now), nil
	},
}

// New makes a console without people; SetCast brings them.
func New(log *slog.Logger, now func() time.Time) *Console {
	c := &Console{
		log: log, now: now,
		rooms: map[string]*room{}, homes: map[string]adapters.Card{}, where: map[adapters.Receipt]string{},
		deeds: newDeeds(), tape: newTape(),
	}
	c.SetCast(func() Cast { return Cast{} })
	return c
}

// SetCast says who can be played and which rooms there are. It is asked each
// time, because the school file is replaced while we run.
func (c *Console) SetCast(cast func() Cast) { c.cast.Store(&cast) }

func (c *Console) players() Cast { return (*c.cast.Load())() }

// Name is how places write this adapter.
func (c *Console) Name() string { return name }

// Run waits: the browser comes to us, by Routes.
func (c *Console) Run(ctx context.Context, _ adapters.Handler) error {
	<-ctx.Done()
	return nil
}

// Send shows a card in a room, or on somebody's home page.
func (c *Console) Send(_ context.Context, to adapters.Place, card adapters.Card) (adapters.Receipt, error) {
	cast := c.players()
	to, err := cast.stand(to, card)
	if err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if person, ok := strings.CutPrefix(to.Channel, homeOf); ok {
		return c.setHome(person, card), nil
	}
	m := c.written(to, card)
	m.Receipt = c.newReceipt()
	c.put(to.Channel, m)
	return m.Receipt, nil
}

// Edit changes a card in place. After a restart the rooms are empty while the bot
// still knows what it sent: then the card comes back under its old receipt.
func (c *Console) Edit(_ context.Context, at adapters.Place, r adapters.Receipt, card adapters.Card) error {
	if r == home {
		person := strings.TrimPrefix(strings.TrimPrefix(at.Channel, directWith), homeOf)
		at.Channel = homeOf + person
	}
	at, err := c.players().stand(at, card)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if person, ok := strings.CutPrefix(at.Channel, homeOf); ok {
		c.setHome(person, card)
		return nil
	}
	m := c.written(at, card)
	m.Receipt = r
	channel, known := c.where[r]
	if !known {
		c.put(at.Channel, m)
		return nil
	}
	old := c.rooms[channel].find(r)
	if old.Card == nil {
		return &adapters.Failure{Why: adapters.Refused, Err: fmt.Errorf("console: message %s was written by a person", r)}
	}
	m.Thread, m.At, m.Edits = old.Thread, old.At, old.Edits+1
	if old.To != m.To {
		c.drop(channel, r) // those who may no longer see it lose it
	}
	c.put(channel, m)
	return nil
}

// written is a card as the message of a room.
func (c *Console) written(at adapters.Place, card adapters.Card) Message {
	card = tidy(card)
	m := Message{Thread: adapters.Receipt(at.Thread), Card: &card, At: c.now()}
	if card.Private {
		m.To = card.To
	}
	return m
}

// OpenForm shows a form in the tab where somebody just did e, once.
func (c *Console) OpenForm(_ context.Context, e adapters.Event, f adapters.Form) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.deeds.by[e.Trigger]
	if d == nil || d.tab == "" || d.opened {
		return &adapters.Failure{Why: adapters.Gone, Err: errors.New("console: no page waits for a form")}
	}
	d.opened = true
	c.tape.add(change{kind: formOpened, to: d.person, tab: d.tab, form: formShape(f, e)})
	return nil
}

// MakeRoom makes a room. Its name and members stand in its channel, so that it is
// still the same room after a restart.
func (c *Console) MakeRoom(_ context.Context, called string, users []string) (adapters.Place, error) {
	channel := madeChannel(called, users)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rooms[channel] = &room{}
	c.tape.add(change{kind: roomsChanged})
	return adapters.Place{Adapter: name, Channel: channel}, nil
}

// User tells who somebody is.
func (c *Console) User(_ context.Context, id string) (adapters.User, error) {
	p, ok := c.players().person(id)
	if !ok {
		return adapters.User{}, gone("person", id)
	}
	return p.user(), nil
}

// Direct gives the room of somebody and the bot alone.
func (c *Console) Direct(_ context.Context, user string) (adapters.Place, error) {
	if _, ok := c.players().person(user); !ok {
		return adapters.Place{}, gone("person", user)
	}
	return adapters.Place{Adapter: name, Channel: directWith + user}, nil
}

// Find looks for a delivery among what is still shown.
func (c *Console) Find(_ context.Context, at adapters.Place, delivery string, since time.Time) (adapters.Receipt, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if person, ok := strings.CutPrefix(at.Channel, homeOf); ok {
		return home, delivery != "" && c.homes[person].Delivery == delivery, nil
	}
	// A private card may stand in somebody's direct room instead of at.
	for _, r := range c.rooms {
		for _, m := range r.messages {
			if m.Card != nil && delivery != "" && m.Card.Delivery == delivery && !m.At.Before(since) {
				return m.Receipt, true, nil
			}
		}
	}
	return "", false, nil
}

func gone(what, id string) error {
	return &adapters.Failure{Why: adapters.Gone, Err: fmt.Errorf("console: there is no %s %q", what, id)}
}
