package console

import (
	"context"
	"errors"

	"schoolbel/adapters"
)

// deedsHold is how many actions are remembered: a page repeats one within
// minutes, not after a thousand others.
const deedsHold = 1000

// deed is one action in the browser, under the id that the page gave it.
type deed struct {
	person, tab string
	opened      bool // it has opened a form
	done        chan struct{}
	receipt     adapters.Receipt
	err         error
}

type deeds struct {
	by    map[string]*deed
	order []string // of those that went well, oldest first
}

func newDeeds() deeds { return deeds{by: map[string]*deed{}} }

// once does what an action asks. Told again, it is passed on again, for the bot
// knows it by its id; do then gets what came of it the first time, so that
// nothing stands in a room twice. Two at once are one.
func (c *Console) once(ctx context.Context, a act, do func(before adapters.Receipt) (adapters.Receipt, error)) (adapters.Receipt, error) {
	c.mu.Lock()
	d, known := c.deeds.by[a.ID]
	if !known {
		d = &deed{person: a.Person, tab: a.Tab, done: make(chan struct{}), err: errors.New("console: the action was broken off")}
		c.deeds.by[a.ID] = d
	}
	c.mu.Unlock()
	if !known {
		defer c.settle(a.ID, d)
		d.receipt, d.err = do("")
		return d.receipt, d.err
	}
	select {
	case <-d.done:
		return do(d.receipt)
	default:
	}
	select {
	case <-d.done:
		return d.receipt, d.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

func (c *Console) settle(id string, d *deed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer close(d.done)
	if d.err != nil {
		delete(c.deeds.by, id)
		return
	}
	c.deeds.order = append(c.deeds.order, id)
	if len(c.deeds.order) > deedsHold {
		delete(c.deeds.by, c.deeds.order[0])
		c.deeds.order = c.deeds.order[1:]
	}
}
