package adapters

import (
	"context"
	"time"
)

// Grant is the right of one person to do one thing once, away from their chat: what
// a link in a message carries.
type Grant struct {
	Place   Place
	User    string // id on that platform
	Command string // as a button says it
	Label   string // of that button
	Message string // receipt of the message it stood under, when known
	Until   time.Time
}

// Page is a page in a browser that stands open while a person does something by a
// link. What the bot would show to that person alone, it shows there.
type Page struct {
	Form   *Form
	Answer *Card
}

type pageKey struct{}

// WithPage lets what is done in ctx show on a page.
func WithPage(ctx context.Context, p *Page) context.Context {
	return context.WithValue(ctx, pageKey{}, p)
}

// PageOf is the page that stands open for what is done in ctx, or nil.
func PageOf(ctx context.Context) *Page {
	p, _ := ctx.Value(pageKey{}).(*Page)
	return p
}
