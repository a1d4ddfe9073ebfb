// Package teamsfake is a small Microsoft Teams to test against: it remembers what was
// said, keeps Teams' limits, signs what it tells, and does what people do in it.
package teamsfake

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fake is one tenant with one bot.
type Fake struct {
	*Authority
	server *http.Server
	client *http.Client

	mu      sync.Mutex
	changed chan struct{} // closed at each change
	target  string
	fault   func(call, room string, n int) *Trouble
	calls   map[string]int
	users   map[string]*user
	rooms   map[string]*room
	windows map[string]Message // forms in a window of their own, by user
	last    int64
	serial  int
}

type user struct{ id, name, email, locale, direct string }

type room struct {
	id, kind, name string // kind: personal, groupChat or channel
	members        map[string]bool
	bot            bool // it is installed there
	blocked        bool
	messages       []*Message
}

// Trouble is what goes wrong with one call. The zero value answers 200 and does
// nothing.
type Trouble struct {
	Status     int
	RetryAfter string // the header
	Code       string // of the error in the body
	Store      bool   // do the call first: it did arrive
	Drop       bool   // close the connection without an answer
	Hang       bool   // never answer, until the caller gives up
}

func (t *Trouble) answer(w http.ResponseWriter, r *http.Request) {
	switch {
	case t.Hang:
		<-r.Context().Done()
		return
	case t.Drop:
		panic(http.ErrAbortHandler) // net/http then closes the connection
	}
	if t.RetryAfter != "" {
		w.Header().Set("Retry-After", t.RetryAfter)
	}
	write(w, t.Status, wrong(t.Code, "as the test asked for"))
}

func wrong(code, message string) map[string]any {
	return map[string]any{"error": map[string]any{"code": code, "message": message}}
}

// New opens a tenant whose clock is now; nil is the real clock.
func New(now func() time.Time) *Fake {
	if now == nil {
		now = time.Now
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		panic(fmt.Sprintf("teamsfake: no loopback address: %v", err)) // as httptest does: no test can go on
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64
	f := &Fake{
		Authority: newAuthority(now, "http://"+listener.Addr().String()), client: &http.Client{Transport: transport},
		changed: make(chan struct{}), calls: map[string]int{}, users: map[string]*user{}, rooms: map[string]*room{}, windows: map[string]Message{},
	}
	mux := http.NewServeMux()
	f.pages(mux, func(page string) *Trouble { return f.troubled(page, "") })
	f.connector(mux)
	f.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = f.server.Serve(listener) }() // ends with Close
	return f
}

// Close shuts it.
func (f *Fake) Close() {
	_ = f.server.Close() // a test that ends has no use for the error
	f.client.CloseIdleConnections()
}

// Service is the address by which Teams says that it is called.
func (f *Fake) Service() string { return f.base + "/teams/" }

// Keys is the section adapters.teams of the app.
func (f *Fake) Keys() map[string]string {
	keys := f.Authority.Keys()
	keys["service_url"] = f.Service()
	return keys
}

// Environ is the same, as environment variables.
func (f *Fake) Environ() []string {
	var list []string
	for name, value := range f.Keys() {
		list = append(list, "SCHOOLBEL_ADAPTERS_TEAMS_"+strings.ToUpper(name)+"="+value)
	}
	return list
}

// Target says where the app listens: the fake posts to TARGET/api/messages.
func (f *Fake) Target(url string) { f.do(func() { f.target = strings.TrimSuffix(url, "/") }) }

// AddUser lets somebody into the tenant, by their id in the directory. The app is
// installed for them.
func (f *Fake) AddUser(id, name, email string, locale ...string) {
	f.do(func() { f.users[id] = &user{id: id, name: name, email: email, locale: strings.Join(locale, "")} })
}

// AddChannel makes a channel of a team with the bot and these members in it.
func (f *Fake) AddChannel(id, name string, members ...string) { f.add(id, name, "channel", members) }

// AddGroup makes a group chat.
func (f *Fake) AddGroup(id, name string, members ...string) { f.add(id, name, "groupChat", members) }

func (f *Fake) add(id, name, kind string, members []string) {
	f.do(func() {
		r := &room{id: id, name: name, kind: kind, members: map[string]bool{}, bot: true}
		for _, m := range members {
			r.members[m] = true
		}
		f.rooms[id] = r
	})
}

// Expel takes the bot out of a room; Block is a person who wants no more of it, or
// does again.
func (f *Fake) Expel(room string) { f.do(func() { f.rooms[room].bot = false }) }

// Block is a person who wants to hear no more of the bot, or does again.
func (f *Fake) Block(user string, yes bool) { f.do(func() { f.direct(user).blocked = yes }) }

// Remove deletes a room.
func (f *Fake) Remove(room string) { f.do(func() { delete(f.rooms, room) }) }

// DM is the direct room of the bot and a person.
func (f *Fake) DM(user string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.direct(user).id
}

func (f *Fake) direct(id string) *room {
	u := f.users[id]
	if u == nil {
		panic("teamsfake: there is no user " + id)
	}
	if u.direct == "" {
		u.direct = "a:1" + id
		f.rooms[u.direct] = &room{id: u.direct, kind: "personal", members: map[string]bool{id: true}, bot: true}
	}
	return f.rooms[u.direct]
}

// Fault scripts trouble: for each call ("send", "update", "create", "member",
// "members", "openid", "keys", "token"), the n-th since the start and counted from
// one, it says what goes wrong; nil is nothing.
func (f *Fake) Fault(script func(call string, n int) *Trouble) {
	if script == nil {
		f.FaultIn(nil)
		return
	}
	f.FaultIn(func(call, _ string, n int) *Trouble { return script(call, n) })
}

// FaultIn does so by the room that a call is about, too; "" is none.
func (f *Fake) FaultIn(script func(call, room string, n int) *Trouble) {
	f.do(func() { f.fault = script })
}

// Calls tells how often something was asked.
func (f *Fake) Calls(call string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[call]
}

// troubled counts a call and tells what goes wrong with it.
func (f *Fake) troubled(call, room string) *Trouble {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls[call]++
	if f.fault == nil {
		return nil
	}
	return f.fault(call, room, f.calls[call])
}

// Wait returns when ok does, which is asked again after each change.
func (f *Fake) Wait(ctx context.Context, ok func() bool) error {
	for {
		f.mu.Lock()
		changed := f.changed
		f.mu.Unlock()
		if ok() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for teams: %w", ctx.Err())
		}
	}
}

// do changes something and wakes who waits.
func (f *Fake) do(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
	close(f.changed)
	f.changed = make(chan struct{})
}

// stamp is the id of a new message: its moment, and no two the same.
func (f *Fake) stamp() string {
	f.last = max(f.now().UnixMilli(), f.last+1)
	return strconv.FormatInt(f.last, 10)
}

// next is the id of anything else.
func (f *Fake) next() string {
	f.serial++
	return fmt.Sprintf("f:%08x-0000", f.serial)
}
