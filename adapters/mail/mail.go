// Package mail is the door out by e-mail: it writes to people, and hears them only
// by the links in what it wrote.
package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"strings"
	"sync/atomic"
	"time"

	"gopkg.in/yaml.v3"

	"schoolbel/adapters"
)

// Name is what this adapter is called in the configuration and in places.
const Name = "mail"

// Mail writes by one mail server.
type Mail struct {
	cfg    settings
	log    *slog.Logger
	now    func() time.Time
	memory adapters.Memory // nil where nothing is remembered
	ill    atomic.Pointer[error]

	dial  func(ctx context.Context, address string) (net.Conn, error)
	roots *x509.CertPool // nil: those of the machine
}

// What the house may count on.
var (
	_ adapters.Adapter   = (*Mail)(nil)
	_ adapters.Directory = (*Mail)(nil)
	_ adapters.Linker    = (*Mail)(nil)
	_ adapters.Letterbox = (*Mail)(nil)
)

// New makes the adapter from its section. It does not call the server.
func New(section yaml.Node, kit adapters.Kit) (*Mail, error) {
	cfg, err := read(section, kit)
	if err != nil {
		return nil, err
	}
	m := &Mail{cfg: cfg, log: kit.Log, now: kit.Now, memory: kit.Memory}
	if m.log == nil {
		m.log = slog.New(slog.DiscardHandler)
	}
	if m.now == nil {
		m.now = time.Now
	}
	m.dial = func(ctx context.Context, address string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", address)
	}
	return m, nil
}

// Name is "mail".
func (m *Mail) Name() string { return Name }

// Run waits: nobody is heard by mail.
func (m *Mail) Run(ctx context.Context, _ adapters.Handler) error {
	<-ctx.Done()
	return nil
}

// Links tells the bot that buttons must be links here.
func (m *Mail) Links() {}

// After is how long somebody must have been out of reach in chat.
func (m *Mail) After() time.Duration { return m.cfg.After }

// User is whoever has this address; who that is, the house knows.
func (m *Mail) User(_ context.Context, id string) (adapters.User, error) {
	address, err := addressOf(id)
	if err != nil {
		return adapters.User{}, &adapters.Failure{Why: adapters.Gone, Err: err}
	}
	return adapters.User{ID: address, Email: address}, nil
}

// Direct is the mailbox of an address.
func (m *Mail) Direct(_ context.Context, user string) (adapters.Place, error) {
	address, err := addressOf(user)
	if err != nil {
		return adapters.Place{}, &adapters.Failure{Why: adapters.Gone, Err: err}
	}
	return adapters.Place{Adapter: Name, Channel: address}, nil
}

// Send writes a mail. Its name follows from the delivery, so that one that arrives
// twice is one in most programs.
func (m *Mail) Send(ctx context.Context, to adapters.Place, c adapters.Card) (adapters.Receipt, error) {
	channel := to.Channel
	if c.Private && c.To != "" {
		channel = c.To
	}
	address, err := addressOf(channel)
	if err != nil {
		return "", &adapters.Failure{Why: adapters.Gone, Err: err}
	}
	l := letter{from: m.cfg.From, to: address, card: c, at: m.now(), id: messageID(c.Delivery, m.cfg.From.Address), answers: to.Thread}
	key := ""
	if c.Ref != "" && m.memory != nil {
		key = "thread/" + digest(c.Ref+" "+address)
		first, err := m.memory.Recall(ctx, key)
		if err != nil {
			return "", &adapters.Failure{Why: adapters.Retry, Err: err}
		}
		l.first = string(first)
	}
	text, err := l.compose()
	if err != nil {
		return "", &adapters.Failure{Why: adapters.Refused, Err: err}
	}
	if err := m.post(ctx, address, text); err != nil {
		return "", err
	}
	if key != "" && l.first == "" {
		if err := m.memory.Remember(ctx, key, []byte(l.id)); err != nil {
			m.log.Warn("the next mail about this will stand by itself", "ref", c.Ref, "error", err)
		}
	}
	return adapters.Receipt(l.id), nil
}

// addressOf reads a bare address as mail servers take it everywhere.
func addressOf(s string) (string, error) {
	parsed, err := mail.ParseAddress(s)
	if err != nil || parsed.Name != "" || parsed.Address != s || len(s) > 254 {
		return "", errors.New("this is no e-mail address")
	}
	for _, r := range s {
		if r <= ' ' || r > '~' || strings.ContainsRune(`"<>()[],;:\`, r) {
			return "", errors.New("this is no e-mail address that every mail server takes")
		}
	}
	return s, nil
}

// ready says what keeps mail from leaving, as far as the last try showed.
func (m *Mail) ready() error {
	if ill := m.ill.Load(); ill != nil {
		return *ill
	}
	return nil
}

// settings are the keys of adapters.mail.
type settings struct {
	Host, Port string
	User       string
	Password   secret
	TLS        bool // from the first byte, smtps
	Plain      bool // without any encryption
	From       mail.Address
	After      time.Duration
}

// secret is text that must not be seen.
type secret string

// Format hides it, whatever the verb.
func (secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, "••••") }

// LogValue hides it in the log.
func (secret) LogValue() slog.Value { return slog.StringValue("••••") }

func (s settings) address() string { return net.JoinHostPort(s.Host, s.Port) }

func (m *Mail) tls() *tls.Config {
	return &tls.Config{ServerName: m.cfg.Host, RootCAs: m.roots, MinVersion: tls.VersionTLS12}
}
