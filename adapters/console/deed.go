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
	done    chan struct{}
	receipt adapters.Receipt
	err     error
}

type deeds struct {
	by    map[string]*deed
	order []string // of those that went well, oldest first
}

func newDeeds() deeds { return deeds{by: map[string]*deed{}} }

// once does what an action asks, however often the page tells it. One that failed
// may be tried again.
func (c *Console) once(ctx context.Context, id string, do func() (adapters.Receipt, error)) (adapters.Receipt, error) {
	c.mu.Lock()
	d, known := c.deeds.by[id]
	if !known {
		d = &deed{done: make(chan struct{}), err: errors.New("console: the action was broken off")}
		c.deeds.by[id] = d
	}
	c.mu.Unlock()
	if known {
		select {
		case <-d.done:
			return d.receipt, d.err
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
	defer c.settle(id, d)
	d.receipt, d.err = do()
	return d.receipt, d.err
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
