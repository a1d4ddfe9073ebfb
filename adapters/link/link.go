// Package link makes links that do one thing once for one person, and serves the
// page behind them.
package link

import (
	"context"
	"crypto/rand"
	"embed"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"time"

	"schoolbel/adapters"
	"schoolbel/bot/lang"
)

//go:embed texts/*.json
var texts embed.FS

// Texts are the words of this room.
var Texts = sub(texts, "texts")

// sub cannot fail for a folder that stands in the embed line above.
func sub(folder fs.FS, name string) fs.FS {
	inner, err := fs.Sub(folder, name)
	if err != nil {
		panic(err)
	}
	return inner
}

// route is where the page stands.
const route = "/go/"

// lasts is how long a link works for which nobody said how long.
const lasts = 72 * time.Hour

// longest is the most that mail programs and browsers keep whole.
const longest = 1900

// About is what the page may tell of a link, for everybody who holds it.
type About struct {
	Name   string // of the person
	Locale string // their language, or "" when it is not known
	Ref    string // the record that it is about, or ""
	Title  string // of that record; "" when it is not for all
}

// Parts are what links are made of.
type Parts struct {
	Secret []byte
	Base   string // where browsers reach us: http.public_url
	About  func(context.Context, adapters.Grant) (About, error)
	Used   func(ctx context.Context, event string) (bool, error)
	Book   *lang.Book
	// Organisation, Locale and Local are the school's name, language and clock.
	Organisation func() string
	Locale       func() string
	Local        func(time.Time) time.Time
	Now          func() time.Time
	Log          *slog.Logger
}

// Links makes links and serves them.
type Links struct {
	Parts
	seal sealer
}

// New makes the room.
func New(p Parts) *Links { return &Links{Parts: p, seal: sealer{p.Secret}} }

// Make makes a link that does what g says, once; "" when no browser can reach us
// safely, or when it would be too long to arrive whole.
func (l *Links) Make(g adapters.Grant) string {
	if !Reachable(l.Base) {
		return ""
	}
	if g.Until.IsZero() {
		g.Until = l.Now().Add(lasts)
	}
	t := ticket{Grant: g}
	_, _ = rand.Read(t.nonce[:]) // it never fails
	address := strings.TrimRight(l.Base, "/") + route + l.seal.token(t)
	if len(address) > longest {
		l.Log.Debug("a link would be too long", "command", len(g.Command))
		return ""
	}
	return address
}

// Reachable tells whether links may lead to an address: who reads a link along the
// way can use it, so it must be encrypted, unless it never leaves this machine.
func Reachable(base string) bool {
	u, err := url.Parse(base)
	if err != nil || u.Hostname() == "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	if ip != nil && ip.IsUnspecified() {
		return false
	}
	return u.Scheme == "https" || u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
