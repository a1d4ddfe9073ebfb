package teams

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"schoolbel/adapters"
)

// room is how a conversation is reached.
type room struct {
	Service string `json:"service"` // the newest address that Teams told
	Tenant  string `json:"tenant,omitempty"`
	Bot     string `json:"bot,omitempty"`  // what we are called there
	Type    string `json:"type,omitempty"` // personal, groupChat or channel
}

// member is how a person is reached.
type member struct {
	ID     string `json:"id"` // "29:…", which only our bot knows them by
	Name   string `json:"name,omitempty"`
	Direct string `json:"direct,omitempty"` // the conversation of them and us
	Seen   string `json:"seen,omitempty"`   // a conversation that they are in
	Zone   string `json:"zone,omitempty"`   // their time zone
}

// book is what we remember: Teams tells once where a conversation is reached, and a
// bot that forgets it can say nothing of its own accord.
type book struct {
	memory adapters.Memory
	lately sync.Map // key → text, so that what did not change is not written again
}

// home is the key of the room by which anything else is reached.
const home = "home"

func newBook(m adapters.Memory) *book {
	if m == nil {
		m = &sheet{}
	}
	return &book{memory: m}
}

func (b *book) recall(ctx context.Context, key string, into any) (bool, error) {
	raw, err := b.memory.Recall(ctx, key)
	if err != nil || raw == nil {
		return false, err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return false, fmt.Errorf("teams: what is kept as %s: %w", key, err)
	}
	return true, nil
}

func (b *book) keep(ctx context.Context, key string, what any) error {
	raw, err := json.Marshal(what)
	if err != nil {
		return fmt.Errorf("teams: keep %s: %w", key, err)
	}
	if known, ok := b.lately.Load(key); ok && known == string(raw) {
		return nil
	}
	if err := b.memory.Remember(ctx, key, raw); err != nil {
		return err
	}
	b.lately.Store(key, string(raw))
	return nil
}

func (b *book) forget(ctx context.Context, key string) error {
	b.lately.Delete(key)
	return b.memory.Remember(ctx, key, nil)
}

// room tells how a conversation is reached. One that we never heard of is reached
// as the others of the tenant are.
func (b *book) room(ctx context.Context, id string) (room, error) {
	var r room
	if found, err := b.recall(ctx, "room:"+id, &r); found || err != nil {
		return r, err
	}
	_, err := b.recall(ctx, home, &r)
	r.Type = ""
	return r, err
}

func (b *book) person(ctx context.Context, user string) (member, error) {
	var m member
	_, err := b.recall(ctx, "user:"+user, &m)
	return m, err
}

// note keeps what an activity tells about where and whom. It was verified.
func (b *book) note(ctx context.Context, a activity) error {
	if a.dialog() {
		return nil // we may not be in that conversation
	}
	channel, _ := split(a.Conversation.ID)
	r := room{Service: a.ServiceURL, Tenant: a.tenant(), Bot: a.Recipient.ID, Type: a.Conversation.Type}
	if channel != "" {
		if err := b.keep(ctx, "room:"+channel, r); err != nil {
			return err
		}
	}
	r.Type = ""
	if err := b.keep(ctx, home, r); err != nil {
		return err
	}
	user := a.From.user()
	if user == "" || a.From.bot() {
		return nil
	}
	m, err := b.person(ctx, user)
	if err != nil {
		return err
	}
	m.ID, m.Name, m.Zone = orElse(a.From.ID, m.ID), orElse(a.From.Name, m.Name), orElse(a.zone(), m.Zone)
	if a.personal() {
		m.Direct = channel
	} else if m.Direct == "" {
		m.Seen = channel
	}
	return b.keep(ctx, "user:"+user, m)
}

// leave forgets a conversation that we were thrown out of.
func (b *book) leave(ctx context.Context, a activity) error {
	channel, _ := split(a.Conversation.ID)
	if err := b.forget(ctx, "room:"+channel); err != nil || !a.personal() || a.From.user() == "" {
		return err
	}
	m, err := b.person(ctx, a.From.user())
	if err != nil || m.Direct != channel {
		return err
	}
	m.Direct = ""
	return b.keep(ctx, "user:"+a.From.user(), m)
}

// split parts a conversation in its channel and the message that opened the thread.
func split(conversation string) (channel, root string) {
	channel, root, _ = strings.Cut(conversation, threadMark)
	return channel, root
}

const threadMark = ";messageid="

// threaded tells whether a conversation has threads; group chats have none.
func (r room) threaded(id string) bool {
	return r.Type == "channel" || r.Type == "" && (strings.Contains(id, "@thread.tacv2") || strings.Contains(id, "@thread.skype"))
}

// private tells whether a conversation is of one person and us.
func (r room) private(id string) bool {
	return r.Type == "personal" || r.Type == "" && !strings.Contains(id, "@thread.") && !strings.Contains(id, "@unq.")
}

// sheet is a memory for as long as the process lives, where the house lends none.
type sheet struct {
	mu   sync.Mutex
	kept map[string][]byte
}

func (s *sheet) Recall(_ context.Context, key string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept[key], nil
}

func (s *sheet) All(context.Context, string) (map[string][]byte, error) { return nil, nil }

func (s *sheet) Remember(_ context.Context, key string, value []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil {
		s.kept = map[string][]byte{}
	}
	if s.kept[key] = value; value == nil {
		delete(s.kept, key)
	}
	return nil
}
