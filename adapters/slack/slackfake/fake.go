// Package slackfake is a small Slack to test against: it remembers what was
// said, keeps Slack's limits, and does what people do in it.
package slackfake

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// What the fake hands out. A test gives these to the app.
const (
	BotToken      = "xoxb-fake"
	AppToken      = "xapp-fake"
	SigningSecret = "the-secret-of-the-fake"
	Bot           = "U0SCHOOLBEL" // the bot's own user
	botID         = "B0SCHOOLBEL"
	teamID        = "T0SCHOOL"
	appID         = "A0SCHOOLBEL"
)

// Scopes are what the fake grants. A test may take some away before it begins.
const Scopes = "app_mentions:read,channels:history,channels:manage,channels:read,chat:write,commands," +
	"groups:history,groups:read,im:history,im:write,users:read,users:read.email"

// Fake is one workspace with one app.
type Fake struct {
	now    func() time.Time
	server *http.Server
	base   string
	client *http.Client

	mu       sync.Mutex
	changed  chan struct{} // closed at each change
	target   string
	scopes   string
	fault    func(method string, n int) *Trouble
	faultIn  func(method, where string) *Trouble
	calls    map[string]int
	users    map[string]user
	channels map[string]*channel
	homes    map[string]View
	views    map[string][]View // by user, the last on top
	triggers map[string]trigger
	lastTS   time.Time
	serial   int
	patience time.Duration
	lines    []*line
	awaiting map[string]chan struct{}
}

type user struct{ id, name, email, locale string }

type channel struct {
	id, name string
	members  map[string]bool
	archived bool
	messages []*Message
}

type trigger struct {
	user string
	at   time.Time
	used bool
}

// New opens a workspace whose clock is now; nil is the real clock.
func New(now func() time.Time) *Fake {
	if now == nil {
		now = time.Now
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		panic(fmt.Sprintf("slackfake: no loopback address: %v", err)) // as httptest does: no test can go on
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64
	f := &Fake{
		now: now, base: "http://" + listener.Addr().String(), client: &http.Client{Transport: transport},
		changed: make(chan struct{}), scopes: Scopes, calls: map[string]int{},
		users: map[string]user{}, channels: map[string]*channel{}, homes: map[string]View{}, views: map[string][]View{},
		triggers: map[string]trigger{}, awaiting: map[string]chan struct{}{}, patience: 3 * time.Second,
	}
	f.users[Bot] = user{id: Bot, name: "schoolbel"}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", f.serve)
	mux.HandleFunc("/socket", f.connect)
	f.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = f.server.Serve(listener) }() // ends with Close
	return f
}

// Close shuts the workspace.
func (f *Fake) Close() {
	f.Cut()
	_ = f.server.Close() // a test that ends has no use for the error
	f.client.CloseIdleConnections()
}

// URL is the value for adapters.slack.api_url.
func (f *Fake) URL() string { return f.base + "/api/" }

// Target says where the app listens: the fake posts to TARGET/slack/events and
// so on. Nothing is posted there while the app is connected over Socket Mode.
func (f *Fake) Target(url string) {
	f.do(func() { f.target = strings.TrimSuffix(url, "/") })
}

// Grant changes the scopes that the bot token has.
func (f *Fake) Grant(scopes string) { f.do(func() { f.scopes = scopes }) }

// Patience changes how long the fake waits for an answer over Socket Mode.
func (f *Fake) Patience(d time.Duration) { f.do(func() { f.patience = d }) }

// AddUser lets somebody into the workspace, with their language when given.
func (f *Fake) AddUser(id, name, email string, locale ...string) {
	f.do(func() { f.users[id] = user{id: id, name: name, email: email, locale: strings.Join(locale, "")} })
}

// AddChannel makes a room with the bot and these members in it.
func (f *Fake) AddChannel(id, name string, members ...string) {
	f.AddRoom(id, name, append(members, Bot)...)
}

// AddRoom makes a room with these members alone: the bot is not in it.
func (f *Fake) AddRoom(id, name string, members ...string) {
	f.do(func() {
		c := &channel{id: id, name: name, members: map[string]bool{}}
		for _, m := range members {
			c.members[m] = true
		}
		f.channels[id] = c
	})
}

// Join lets somebody into a room.
func (f *Fake) Join(user, channel string) {
	f.do(func() { f.channels[channel].members[user] = true })
}

// Archive closes a room for good.
func (f *Fake) Archive(channel string) { f.do(func() { f.channels[channel].archived = true }) }

// DM is the direct room of the bot and a person.
func (f *Fake) DM(user string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dm(user).id
}

func (f *Fake) dm(user string) *channel {
	id := "D" + strings.TrimLeft(user, "UW")
	c := f.channels[id]
	if c == nil {
		c = &channel{id: id, members: map[string]bool{user: true, Bot: true}}
		f.channels[id] = c
	}
	return c
}

// Members lists who is in a room.
func (f *Fake) Members(channel string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []string
	if c := f.channels[channel]; c != nil {
		for m := range c.members {
			list = append(list, m)
		}
	}
	return list
}

// Calls tells how often a method was called.
func (f *Fake) Calls(method string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[method]
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
			return fmt.Errorf("wait for slack: %w", ctx.Err())
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

// stamp is the ts of a new message: no two are the same, and later is higher.
func (f *Fake) stamp() string {
	at := f.now().Truncate(time.Microsecond)
	if !at.After(f.lastTS) {
		at = f.lastTS.Add(time.Microsecond)
	}
	f.lastTS = at
	return fmt.Sprintf("%d.%06d", at.Unix(), at.Nanosecond()/1000)
}

// next makes an id that nobody had.
func (f *Fake) next(prefix string) string {
	f.serial++
	return fmt.Sprintf("%s%08d", prefix, f.serial)
}
