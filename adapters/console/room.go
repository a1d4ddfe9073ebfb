package console

import (
	"context"
	"crypto/rand"
	"slices"
	"strconv"
	"strings"
	"time"

	"schoolbel/adapters"
)

// roomHolds is how many messages a room keeps: more than anybody scrolls back.
const roomHolds = 500

// home is the receipt of every home page: there is one to a person.
const home adapters.Receipt = "home"

// Message is what stands in a room.
type Message struct {
	Receipt adapters.Receipt
	Thread  adapters.Receipt // the message it answers to, or ""
	From    string           // id of the person who wrote it, or "" for the bot
	Text    string           // what a person wrote
	Card    *adapters.Card   // what the bot wrote
	Edits   int
	To      string // only this person sees it, or "" for everybody in the room
	At      time.Time

	deed string // the action of the browser that wrote it
}

// Messages gives what stands in a room, oldest first. Of a home page that is one
// card or none.
func (c *Console) Messages(channel string) []Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	if person, ok := strings.CutPrefix(channel, homeOf); ok {
		card, shown := c.homes[person]
		if !shown {
			return nil
		}
		return []Message{{Receipt: home, Card: &card, To: person}}
	}
	if r := c.rooms[channel]; r != nil {
		return slices.Clone(r.messages)
	}
	return nil
}

// Wait looks at ok after every change until it is true. ok may ask for Messages.
func (c *Console) Wait(ctx context.Context, ok func() bool) error {
	for {
		c.mu.Lock()
		changed := c.tape.grown
		c.mu.Unlock()
		if ok() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

type room struct{ messages []Message }

func (r *room) index(id adapters.Receipt) int {
	return slices.IndexFunc(r.messages, func(m Message) bool { return m.Receipt == id })
}

// find gives a message that is known to be here.
func (r *room) find(id adapters.Receipt) Message { return r.messages[r.index(id)] }

// put places a message in a room, over the one with its receipt if that is there.
func (c *Console) put(channel string, m Message) {
	r := c.rooms[channel]
	if r == nil {
		r = &room{}
		c.rooms[channel] = r
	}
	if i := r.index(m.Receipt); i >= 0 {
		r.messages[i] = m
	} else {
		r.messages = append(r.messages, m)
	}
	c.where[m.Receipt] = channel
	for len(r.messages) > roomHolds {
		delete(c.where, r.messages[0].Receipt)
		r.messages = slices.Delete(r.messages, 0, 1)
	}
	c.tape.add(change{kind: messagePut, channel: channel, to: m.To, message: m})
}

// drop takes a message out of its room.
func (c *Console) drop(channel string, id adapters.Receipt) {
	r := c.rooms[channel]
	i := r.index(id)
	if i < 0 {
		return // the room was full and has let it go
	}
	m := r.messages[i]
	r.messages = slices.Delete(r.messages, i, i+1)
	delete(c.where, id)
	c.tape.add(change{kind: messageGone, channel: channel, to: m.To, message: m})
}

func (c *Console) setHome(person string, card adapters.Card) adapters.Receipt {
	card = tidy(card)
	c.homes[person] = card
	c.tape.add(change{kind: homeSet, channel: homeOf + person, to: person, message: Message{Receipt: home, Card: &card}})
	return home
}

// newReceipt is unique over restarts: the bot remembers receipts, we do not.
func (c *Console) newReceipt() adapters.Receipt {
	return adapters.Receipt(strconv.FormatInt(c.now().UnixMicro(), 36) + "-" + strings.ToLower(rand.Text()[:8]))
}
