package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"schoolbel/workflows"
	"schoolbel/workflows/school"
)

// Where the ties of accounts and of rooms stand in the database's memory.
const (
	keptBy   = "bot"
	tieMark  = "tie/"  // and the account: a tie
	roomMark = "room/" // and the place: a room
)

// staysKept is how long another process may go by older ties.
const staysKept = 2 * time.Second

// kept are the ties of accounts and rooms, as they were read last: no message waits
// for a question of its own about them.
type kept struct {
	mu     sync.Mutex
	until  time.Time // when they must be read anew
	raw    map[string][]byte
	known  atomic.Pointer[ties]
	merged atomic.Pointer[merged]
}

// ties are what people tied by hand.
type ties struct {
	person map[string]string   // account that was a guest → whose it is
	also   map[string][]string // person → those accounts
	rooms  []room
}

// merged is the school with the rooms that were tied to it.
type merged struct {
	file   *school.School
	from   *ties
	school *school.School
}

// forget makes the next message read anew what there is.
func (k *kept) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.until = time.Time{}
}

// refresh reads the ties now and then, before any transaction. A failure must not
// keep a message waiting: then what was known goes on to count.
func (b *Bot) refresh(ctx context.Context) {
	k := &b.kept
	k.mu.Lock()
	defer k.mu.Unlock()
	if b.Now().Before(k.until) {
		return
	}
	k.until = b.Now().Add(staysKept)
	raw, err := b.Store.RecallAll(ctx, keptBy, "")
	switch {
	case err != nil:
		k.until = time.Time{}
		b.Log.Warn("what was linked cannot be read", "error", err)
	case k.known.Load() == nil || !maps.EqualFunc(raw, k.raw, bytes.Equal):
		k.raw = raw
		k.known.Store(b.untangle(raw))
	}
}

// untangle makes ties of what stands in the database.
func (b *Bot) untangle(raw map[string][]byte) *ties {
	t := &ties{person: map[string]string{}, also: map[string][]string{}}
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		var err error
		if account, ok := strings.CutPrefix(key, tieMark); ok {
			var one tie
			if err = json.Unmarshal(raw[key], &one); err == nil {
				t.person[account] = one.Person
				t.also[one.Person] = append(t.also[one.Person], account)
			}
		} else if strings.HasPrefix(key, roomMark) {
			var one room
			if err = json.Unmarshal(raw[key], &one); err == nil {
				t.rooms = append(t.rooms, one)
			}
		}
		if err != nil {
			b.Log.Error("a link cannot be read", "key", key, "error", err)
		}
	}
	return t
}

// tied are the ties that are known now.
func (b *Bot) tied() *ties {
	if t := b.kept.known.Load(); t != nil {
		return t
	}
	return &ties{}
}

// inForce gives the school file with the rooms that were tied to it.
func (b *Bot) inForce(file func() *school.School) func() *school.School {
	return func() *school.School {
		s, t := file(), b.tied()
		if len(t.rooms) == 0 {
			return s
		}
		m := b.kept.merged.Load()
		if m == nil || m.file != s || m.from != t {
			m = &merged{s, t, withRooms(s, t.rooms)}
			b.kept.merged.Store(m)
		}
		return m.school
	}
}

// behind is the person whom a key of a record stands for: an account that was a
// guest may have been tied to somebody, or may stand in the school file since.
func (b *Bot) behind(key string) string {
	for range 8 { // a guest to whom another was tied may be tied to somebody in turn
		adapter, id, ok := strings.Cut(key, ":")
		if !ok {
			break
		}
		if p, ok := b.School().Account(adapter, id); ok {
			return p.Key
		}
		person := b.tied().person[key]
		if person == "" {
			break
		}
		key = person
	}
	return key
}

// same tells whether two keys are of one person.
func (b *Bot) same(one, other string) bool { return b.behind(one) == b.behind(other) }

// alsoOf are the other keys by which records may know a person.
func (b *Bot) alsoOf(person string) []string {
	var keys []string
	if p, ok := b.School().PersonOf(person); ok {
		for _, a := range b.Adapters {
			if id := p.Accounts[a.Name()]; id != "" {
				keys = append(keys, a.Name()+":"+id)
			}
		}
	}
	also := b.tied().also
	if len(also) == 0 {
		return keys
	}
	add := func(of string) {
		for _, account := range also[of] {
			if !slices.Contains(keys, account) {
				keys = append(keys, account)
			}
		}
	}
	add(person)
	for i := 0; i < len(keys); i++ {
		add(keys[i])
	}
	return keys
}

// actorOf is the person behind a key, as somebody who may know and do things.
func (b *Bot) actorOf(key string) workflows.Actor {
	person := b.behind(key)
	p, _ := b.School().Person(person)
	return workflows.Actor{Key: person, Roles: p.Roles, Also: append(b.alsoOf(person), key)}
}
