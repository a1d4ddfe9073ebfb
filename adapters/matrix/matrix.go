// Package matrix is the adapter for Matrix, in plain and in encrypted rooms.
package matrix

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gopkg.in/yaml.v3"
	"maunium.net/go/mautrix/id"

	"schoolbel/adapters"
)

// Name is what this adapter is called in the configuration and in places.
const Name = "matrix"

// patience is how long a call to the homeserver may take. A call that takes longer
// may still arrive: such a failure is ambiguous and the queue asks Find.
const patience = 10 * time.Second

// Matrix is one account on one homeserver.
type Matrix struct {
	cfg   settings
	kit   adapters.Kit
	log   *slog.Logger
	now   func() time.Time
	pause func(attempt int) time.Duration // before something that failed is tried again
	calls *http.Client                    // for all but listening
	wait  *http.Client                    // for listening, where the homeserver holds the line

	line   atomic.Pointer[line] // the login that stands, or nil
	state  ailment              // what keeps us from hearing
	ours   memo[post]           // event id → what we said there
	told   memo[id.EventID]     // delivery → the event that shows it
	rooms  sync.Map             // id.RoomID → *room
	once   sync.Map             // what was warned of already
	renew  sync.Map             // delivery → how often what showed it was taken away
	marks  chan struct{}        // rings when there are reactions to put
	panels sync.Mutex           // one change of buttons at a time
	acts   sync.Mutex           // one thing at a time that only one process may do
}

// What the house may count on.
var (
	_ adapters.Adapter    = (*Matrix)(nil)
	_ adapters.Editor     = (*Matrix)(nil)
	_ adapters.FormOpener = (*Matrix)(nil)
	_ adapters.RoomMaker  = (*Matrix)(nil)
	_ adapters.Directory  = (*Matrix)(nil)
	_ adapters.Finder     = (*Matrix)(nil)
	_ adapters.Discreet   = (*Matrix)(nil)
	_ adapters.Linker     = (*Matrix)(nil)
)

// secret is a value that no log shows: it stands behind a pointer, which is all that
// printing finds.
type secret struct{ hidden *string }

func hide(s string) secret {
	if s == "" {
		return secret{}
	}
	return secret{&s}
}

// reveal gives the value.
func (s secret) reveal() string {
	if s.hidden == nil {
		return ""
	}
	return *s.hidden
}

// UnmarshalYAML reads it.
func (s *secret) UnmarshalYAML(n *yaml.Node) error {
	var value string
	if err := n.Decode(&value); err != nil {
		return err
	}
	*s = hide(value)
	return nil
}

// settings are the keys of adapters.matrix.
type settings struct {
	Homeserver  string   `yaml:"homeserver"`
	User        string   `yaml:"user"`
	Password    secret   `yaml:"password"`
	AccessToken secret   `yaml:"access_token"`
	PickleKey   secret   `yaml:"pickle_key"`
	AllowFrom   []string `yaml:"allow_invites_from"`
}

// New makes the adapter from its section. It does not call the homeserver.
func New(section yaml.Node, kit adapters.Kit) (*Matrix, error) {
	cfg, err := read(section, kit)
	if err != nil {
		return nil, err
	}
	m := &Matrix{cfg: cfg, kit: kit, log: kit.Log, now: kit.Now, pause: backoff, marks: make(chan struct{}, 1)}
	if m.log == nil {
		m.log = slog.New(slog.DiscardHandler)
	}
	if m.now == nil {
		m.now = time.Now
	}
	m.state.set(errors.New("matrix: not logged in yet"))
	// One call must not wait for a connection that another holds, and the library
	// sets no time limit.
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 32
	m.calls = &http.Client{Timeout: patience, Transport: transport}
	m.wait = &http.Client{Timeout: hold + patience, Transport: transport}
	return m, nil
}

// read takes the section apart and says what is missing and how to mend it.
func read(section yaml.Node, kit adapters.Kit) (settings, error) {
	var cfg settings
	if !section.IsZero() {
		if err := section.Decode(&cfg); err != nil {
			return cfg, fmt.Errorf("read the section: %w", err)
		}
	}
	var wrong []error
	failed := map[string]bool{}
	expand := func(name, value string) string {
		if kit.Expand == nil {
			return strings.TrimSpace(value)
		}
		expanded, err := kit.Expand(value)
		if err != nil {
			failed[name] = true
			wrong = append(wrong, fmt.Errorf("%s: %w", name, err))
		}
		return strings.TrimSpace(expanded)
	}
	cfg.Homeserver = expand("homeserver", cfg.Homeserver)
	cfg.User = expand("user", cfg.User)
	for name, value := range map[string]*secret{"password": &cfg.Password, "access_token": &cfg.AccessToken, "pickle_key": &cfg.PickleKey} {
		*value = hide(expand(name, value.reveal()))
	}
	names := []string{"homeserver", "user", "password", "access_token", "pickle_key", "allow_invites_from"}
	for i := 0; section.Kind == yaml.MappingNode && i < len(section.Content); i += 2 {
		if key := section.Content[i].Value; !slices.Contains(names, key) {
			wrong = append(wrong, fmt.Errorf("%s: there is no such key; there are: %s", key, strings.Join(names, ", ")))
		}
	}
	wrong = append(wrong, cfg.flaws(failed)...)
	if len(cfg.AllowFrom) == 0 {
		cfg.AllowFrom = []string{id.UserID(cfg.User).Homeserver()}
	}
	return cfg, errors.Join(wrong...)
}

// flaws are what is wrong with the values; failed ones were told of already.
func (cfg *settings) flaws(failed map[string]bool) []error {
	var wrong []error
	say := func(key, what string) {
		if !failed[key] {
			wrong = append(wrong, errors.New(key+": "+what))
		}
	}
	switch u, err := url.Parse(cfg.Homeserver); {
	case cfg.Homeserver == "":
		say("homeserver", "missing; give the address of your homeserver, as in https://matrix.example")
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		say("homeserver", "is no address; write it as https://matrix.example")
	}
	switch _, _, err := id.UserID(cfg.User).Parse(); {
	case cfg.User == "":
		say("user", `missing; make an account for the bot and write its whole name, as in "@schoolbel:example" (schoolbel manifest matrix tells how)`)
	case err != nil:
		say("user", `is no Matrix account; write it whole and between quotes, as in "@schoolbel:example"`)
	}
	if cfg.Password.hidden == nil && cfg.AccessToken.hidden == nil && !failed["access_token"] {
		say("password", "missing; give the password of the account, or an access_token instead")
	}
	return wrong
}

// Name is "matrix".
func (m *Matrix) Name() string { return Name }

// Links tells that a link beside a button is welcome: not every Matrix client shows
// reactions well.
func (m *Matrix) Links() {}

// Discreet tells the bot that Matrix shows nothing to one person in a room.
func (m *Matrix) Discreet() {}

// ailment is what keeps the adapter from hearing its homeserver, nil when nothing does.
type ailment struct {
	sync.Mutex
	err error
}

// set tells whether this is new.
func (a *ailment) set(err error) bool {
	a.Lock()
	defer a.Unlock()
	same := err != nil && a.err != nil && err.Error() == a.err.Error()
	a.err = err
	return !same
}

func (a *ailment) get() error {
	a.Lock()
	defer a.Unlock()
	return a.err
}

// memo keeps the last things of a kind; what is forgotten is asked for again.
type memo[V any] struct {
	lock sync.Mutex
	kept map[string]V
	line []string
}

// memory is how many things a memo keeps.
const memory = 4096

func (m *memo[V]) put(key string, value V) {
	m.lock.Lock()
	defer m.lock.Unlock()
	if m.kept == nil {
		m.kept = map[string]V{}
	}
	if _, known := m.kept[key]; !known {
		m.line = append(m.line, key)
	}
	m.kept[key] = value
	if len(m.line) > memory {
		delete(m.kept, m.line[0])
		m.line = m.line[1:]
	}
}

func (m *memo[V]) get(key string) (V, bool) {
	m.lock.Lock()
	defer m.lock.Unlock()
	v, ok := m.kept[key]
	return v, ok
}

func (m *memo[V]) drop(key string) {
	m.lock.Lock()
	defer m.lock.Unlock()
	if _, ok := m.kept[key]; ok {
		delete(m.kept, key)
		m.line = slices.DeleteFunc(m.line, func(k string) bool { return k == key })
	}
}

// first tells whether this is warned of for the first time.
func (m *Matrix) first(what string) bool {
	_, before := m.once.LoadOrStore(what, true)
	return !before
}

// remember is m.kit.Memory that may be absent in a tool that has no database.
func (m *Matrix) remember(ctx context.Context, key string, value []byte) error {
	if m.kit.Memory == nil {
		return nil
	}
	return m.kit.Memory.Remember(ctx, key, value)
}

func (m *Matrix) recall(ctx context.Context, key string) ([]byte, error) {
	if m.kit.Memory == nil {
		return nil, nil
	}
	return m.kit.Memory.Recall(ctx, key)
}
