// Package adapters is the wall socket: what every chat platform plugs into.
// It knows cards and places, and nothing of schools or records.
package adapters

import (
	"context"
	"net/http"
	"strings"
	"time"
)

// Place is where messages stand. Channel and Thread are made and understood by
// the adapter alone; all others pass them on as they are.
type Place struct {
	Adapter string // "slack"
	Channel string // "C0ICT"
	Thread  string // receipt of the message that opened the thread, or ""
}

// ParsePlace reads "slack:C0ICT", as the school file writes it.
func ParsePlace(s string) (Place, bool) {
	adapter, channel, ok := strings.Cut(s, ":")
	if !ok || adapter == "" || channel == "" {
		return Place{}, false
	}
	return Place{Adapter: adapter, Channel: channel}, true
}

// String writes the place without its thread: "slack:C0ICT".
func (p Place) String() string { return p.Adapter + ":" + p.Channel }

// EventKind tells what a person did.
type EventKind string

// What people do on a platform.
const (
	Message  EventKind = "message"  // wrote something
	Mention  EventKind = "mention"  // wrote something to the bot by name
	Slash    EventKind = "slash"    // typed a slash command; Text is what follows it
	Press    EventKind = "press"    // pressed a button; Text is its command
	Submit   EventKind = "submit"   // sent a form; Text is its command, Form its values
	Shortcut EventKind = "shortcut" // asked to report (Text: the message it was asked on, or "")
	Home     EventKind = "home"     // opened the bot's home page
	Edited   EventKind = "edited"   // changed a message; Text is new
	Deleted  EventKind = "deleted"  // took a message away
)

// Event is one thing a person did. ID is the platform's own and the same when
// the platform tells it twice.
type Event struct {
	ID      string
	Kind    EventKind
	Place   Place
	User    User
	Text    string
	Form    map[string]string
	Direct  bool   // a room of this person and the bot alone
	Message string // receipt of the message: the one written, or whose button was pressed; "home" on the home page
	Trigger string // lets a form be opened while it lasts
	Locale  string // language of the person's client, when told: "nl", "en"
	Files   []File
	At      time.Time
	Mark    *Mark // nil where the platform tells again what was not taken
}

// User is an account on a platform.
type User struct {
	ID     string // "U0ANNA"
	Name   string
	Email  string
	Locale string // nl, en, or "" when the platform does not tell
}

// File is something a person attached: where it is, not what is in it.
type File struct {
	Name string
	URL  string
	Type string
}

// Tone is how a card feels; each platform has its own way of showing it.
type Tone string

// Tones.
const (
	Plain Tone = ""
	Good  Tone = "good"
	Warn  Tone = "warn"
	Alarm Tone = "alarm"
)

// Card says what to show and never how: plain text without any mark-up dialect.
// Renderers escape it and keep their platform's limits.
type Card struct {
	Tone     Tone
	Title    string
	Text     string // paragraphs, parted by empty lines
	Facts    []Fact
	Sections []Section // a list of things, each with buttons of its own
	Buttons  []Button
	Foot     string
	// Private: only To sees it, where the platform can do that; else it goes to
	// their direct room.
	Private bool
	To      string // user id

	// Delivery and Ref are the marks by which the platform finds it again.
	Delivery string
	Ref      string
}

// Fact is a name and its value.
type Fact struct{ Name, Value string }

// Section is one thing of a list.
type Section struct {
	Title   string
	Text    string
	Buttons []Button
}

// Style says how much a button weighs.
type Style string

// Styles of buttons.
const (
	Normal  Style = ""
	Primary Style = "primary"
	Danger  Style = "danger"
)

// Button is a typed command with a label. With URL it opens a page instead, with
// Room a channel of the same platform, where that can be done.
type Button struct {
	Label   string
	Command string
	Style   Style
	Confirm string // asks this before it goes through
	URL     string
	Room    string
	Link    string // does Command in a browser, once, for the one person who sees this; only for a Linker
}

// Form asks for values; sending it posts Command with them.
type Form struct {
	Title   string
	Text    string
	Command string
	Submit  string // label of the button that sends
	Cancel  string
	Inputs  []Input
}

// Input is one question of a form.
type Input struct {
	Name     string
	Label    string
	Hint     string
	Value    string
	Long     bool
	Optional bool
	Options  []Option // a choice; none means text
	Time     bool
}

// Option is one answer of a choice.
type Option struct{ Value, Label string }

// Receipt is what a platform calls a message it has taken.
type Receipt string

// Handler takes an event and returns nil once it is durably stored. An error
// means that it is not: the platform must hear so and may tell it again.
type Handler func(context.Context, Event) error

// Adapter is one platform.
type Adapter interface {
	Name() string
	// Run listens until ctx ends and passes on what people do. An adapter that is
	// called from outside (HTTP) just waits.
	Run(ctx context.Context, in Handler) error
	// Send posts a card; a *Failure says what to do when it could not.
	Send(ctx context.Context, to Place, c Card) (Receipt, error)
}

// The optional powers. An adapter that lacks one simply does not have the method.
type (
	// Editor changes a message that was sent.
	Editor interface {
		Edit(ctx context.Context, at Place, r Receipt, c Card) error
	}
	// FormOpener shows a form to the person who just did e.
	FormOpener interface {
		OpenForm(ctx context.Context, e Event, f Form) error
	}
	// RoomMaker makes a room and lets people in.
	RoomMaker interface {
		MakeRoom(ctx context.Context, name string, users []string) (Place, error)
	}
	// Directory knows people: by id with e-mail, and the direct room with them.
	Directory interface {
		User(ctx context.Context, id string) (User, error)
		Direct(ctx context.Context, user string) (Place, error)
	}
	// Finder tells whether a delivery arrived after all.
	Finder interface {
		Find(ctx context.Context, at Place, delivery string, since time.Time) (Receipt, bool, error)
	}
	// Discreet shows a private card in the person's direct room and never where others
	// are: what it asks is answered there.
	Discreet interface{ Discreet() }
	// Linker shows a link in place of a button, or beside it: the bot puts one on each
	// button of a card that one person alone sees.
	Linker interface{ Links() }
	// Letterbox is where people are written to and never heard, as mail is: no chat. Its
	// users are e-mail addresses, and it is tried for who could not be reached in chat
	// for After.
	Letterbox interface{ After() time.Duration }
	// HTTP is an adapter that the platform calls; keys are patterns of
	// http.ServeMux ("POST /slack/events").
	HTTP interface {
		Routes(in Handler) map[string]http.Handler
	}
)
