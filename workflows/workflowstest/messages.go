package workflowstest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	w "schoolbel/workflows"
)

func (m *Memory) clock() time.Time {
	if m.Now == nil {
		return time.Time{}
	}
	return m.Now()
}

// Send adds a message; one that is there already stays as it is.
func (t *memoryTx) Send(ctx context.Context, d w.Delivery) error {
	all := t.m.data.deliveries
	if d.ID == "" {
		d.ID = fmt.Sprintf("delivery-%d", len(all)+1)
	}
	if slices.ContainsFunc(all, func(has w.Delivery) bool { return has.ID == d.ID }) {
		return nil
	}
	d.State, d.AddedAt = w.Pending, t.m.clock()
	t.m.data.deliveries = append(slices.Clip(all), d)
	return t.carry(ctx, d.Place)
}

// carry asks once for each place.
func (t *memoryTx) carry(ctx context.Context, place string) error {
	for _, j := range t.m.data.jobs {
		if c, ok := j.Job.(w.Carry); ok && c.Place == place && j.At.IsZero() {
			return nil
		}
	}
	return t.Later(ctx, w.Carry{Place: place}, time.Time{})
}

func (t *memoryTx) Refresh(ctx context.Context, place string, ref w.Ref, person string) error {
	for i, d := range t.m.data.deliveries {
		if d.Kind == "card" && d.Place == place && d.Ref == ref {
			deliveries := slices.Clone(t.m.data.deliveries)
			if d.State == w.Sent || d.State == w.Failed {
				deliveries[i].State, deliveries[i].Attempt = w.Pending, 0
			}
			t.m.data.deliveries = deliveries
			return t.carry(ctx, place)
		}
	}
	return t.Send(ctx, w.Delivery{Place: place, Kind: "card", Ref: ref, Person: person})
}

// Redraw wants a message drawn anew, where there is one.
func (t *memoryTx) Redraw(ctx context.Context, d w.Delivery) error {
	deliveries := slices.Clone(t.m.data.deliveries)
	i := slices.IndexFunc(deliveries, func(has w.Delivery) bool { return has.ID == d.ID })
	if i < 0 {
		return nil
	}
	if len(d.Body) > 0 {
		deliveries[i].Body = d.Body
	}
	if s := deliveries[i].State; s == w.Sent || s == w.Failed {
		deliveries[i].State, deliveries[i].Attempt = w.Pending, 0
	}
	t.m.data.deliveries = deliveries
	return t.carry(ctx, d.Place)
}

func (t *memoryTx) Cards(_ context.Context, ref w.Ref) ([]w.Delivery, error) {
	var cards []w.Delivery
	for _, d := range t.m.data.deliveries {
		if d.Kind == "card" && d.Ref == ref {
			cards = append(cards, d)
		}
	}
	return cards, nil
}

// Claim gives the place's next message.
func (m *Memory) Claim(ctx context.Context, place string, done *w.Delivery, now time.Time) (*w.Delivery, time.Time, error) {
	if done != nil {
		if err := m.Settle(ctx, done); err != nil {
			return nil, time.Time{}, err
		}
	}
	m.lock.Lock()
	defer m.lock.Unlock()
	for held, until := range m.data.held {
		if strings.HasPrefix(place, held) && until.After(now) {
			return nil, until, nil
		}
	}
	for i := range m.data.deliveries {
		d := &m.data.deliveries[i]
		if d.Place != place {
			continue
		}
		switch {
		case d.State == w.Sending:
			return nil, time.Time{}, nil
		case d.State != w.Pending && d.State != w.Ambiguous:
			continue
		case d.NotBefore.After(now):
			return nil, d.NotBefore, nil
		}
		out := *d
		out.Attempt++
		d.State, d.Attempt = w.Sending, out.Attempt
		return &out, time.Time{}, nil
	}
	return nil, time.Time{}, nil
}

// Settle writes down how it went.
func (m *Memory) Settle(_ context.Context, d *w.Delivery) error {
	m.lock.Lock()
	defer m.lock.Unlock()
	for i, has := range m.data.deliveries {
		if has.ID == d.ID {
			m.data.deliveries[i] = *d
			return nil
		}
	}
	return fmt.Errorf("workflowstest: no delivery %s", d.ID)
}

// Hold keeps messages back.
func (m *Memory) Hold(_ context.Context, place string, until time.Time) error {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.data.held[place] = until
	return nil
}

// Stuck gives what waits for an adapter and has no letter yet.
func (m *Memory) Stuck(_ context.Context, adapter, letter string) ([]w.Delivery, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	var list []w.Delivery
	for _, d := range m.data.deliveries {
		waits := d.State != w.Sent && d.State != w.Failed && (d.Kind == "news" || d.Kind == "card" && d.Receipt == "")
		has := slices.ContainsFunc(m.data.deliveries, func(l w.Delivery) bool { return l.ID == letter+d.ID })
		if waits && !has && strings.HasPrefix(d.Place, adapter+":") {
			list = append(list, d)
		}
	}
	slices.SortStableFunc(list, func(a, b w.Delivery) int { return a.AddedAt.Compare(b.AddedAt) })
	return list, nil
}

// Message finds a delivery by its receipt.
func (m *Memory) Message(_ context.Context, place, receipt string) (*w.Delivery, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	for _, d := range m.data.deliveries {
		if d.Place == place && d.Receipt == receipt && receipt != "" {
			return &d, nil
		}
	}
	return nil, nil
}

// Deliveries lists every message there ever was.
func (m *Memory) Deliveries() []w.Delivery {
	m.lock.Lock()
	defer m.lock.Unlock()
	return slices.Clone(m.data.deliveries)
}

func (t *memoryTx) Account(_ context.Context, id string) (*w.Account, error) {
	a, ok := t.m.data.accounts[id]
	if !ok {
		return nil, nil
	}
	return &a, nil
}

func (t *memoryTx) Accounts(_ context.Context, person string) ([]w.Account, error) {
	var found []w.Account
	for _, a := range t.m.data.accounts {
		if tied, ok := t.m.data.accounts[person]; a.Person == person || ok && a.Person == tied.Person {
			found = append(found, a)
		}
	}
	slices.SortFunc(found, func(a, b w.Account) int { return strings.Compare(a.ID, b.ID) })
	return found, nil
}

func (t *memoryTx) SaveAccount(_ context.Context, a w.Account) error {
	t.m.data.accounts[a.ID] = a
	return nil
}

// Seen keeps when an account was seen.
func (t *memoryTx) Seen(_ context.Context, a w.Account) error {
	if had, ok := t.m.data.accounts[a.ID]; ok {
		had.SeenAt = a.SeenAt
		a = had
	}
	t.m.data.accounts[a.ID] = a
	return nil
}

func (t *memoryTx) Talk(_ context.Context, key string) (*w.Talk, error) {
	talk, ok := t.m.data.talks[key]
	if !ok || !talk.Expires.IsZero() && talk.Expires.Before(t.m.clock()) {
		return nil, nil
	}
	return &talk, nil
}

func (t *memoryTx) SaveTalk(_ context.Context, talk w.Talk) error {
	if len(talk.Body) == 0 {
		delete(t.m.data.talks, talk.Key)
		return nil
	}
	t.m.data.talks[talk.Key] = talk
	return nil
}

func (t *memoryTx) KeepExample(_ context.Context, e w.Example) error {
	if !slices.ContainsFunc(t.m.data.examples, func(had w.Example) bool { return had.ID == e.ID }) {
		t.m.data.examples = append(t.m.data.examples, e)
	}
	return nil
}

// Remember keeps a value of an owner; nil forgets it.
func (t *memoryTx) Remember(_ context.Context, owner, key string, value []byte) error {
	if value == nil {
		delete(t.m.data.memories, owner+"/"+key)
		return nil
	}
	t.m.data.memories[owner+"/"+key] = value
	return nil
}

// Recall gives what was kept.
func (t *memoryTx) Recall(_ context.Context, owner, key string) ([]byte, error) {
	return t.m.data.memories[owner+"/"+key], nil
}

// Alone has nothing to wait for: one transaction runs at a time.
func (t *memoryTx) Alone(context.Context, string) error { return nil }

// RecallAll gives everything of an owner whose key begins with prefix.
func (m *Memory) RecallAll(_ context.Context, owner, prefix string) (map[string][]byte, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	found := map[string][]byte{}
	for key, value := range m.data.memories {
		if rest, ok := strings.CutPrefix(key, owner+"/"); ok && strings.HasPrefix(rest, prefix) {
			found[rest] = value
		}
	}
	return found, nil
}

// Secret is the same each time.
func (m *Memory) Secret(_ context.Context, name string) ([]byte, error) {
	return []byte("the secret of " + name), nil
}

// Remember keeps a value at once.
func (m *Memory) Remember(ctx context.Context, owner, key string, value []byte) error {
	return m.Do(ctx, func(tx w.Tx) error { return tx.Remember(ctx, owner, key, value) })
}

// Examples gives the newest examples, newest first; 0 is all.
func (m *Memory) Examples(_ context.Context, most int) ([]w.Example, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	list := slices.Clone(m.data.examples)
	slices.Reverse(list)
	if most > 0 && len(list) > most {
		list = list[:most]
	}
	return list, nil
}

var (
	_ w.Store = (*Memory)(nil)
	_ w.Post  = (*Memory)(nil)
	_ w.Tx    = (*memoryTx)(nil)
)
