package workflows

import (
	"context"
	"encoding/json"
	"time"
)

// Delivery is one visible message: wanted, under way, or sent. Place and Thread
// are opaque here; only the bot and the adapters read them.
type Delivery struct {
	ID     string // made with the row; the mark by which a platform finds it again
	Place  string // "slack:C0ICT": the unit of order and of waiting
	Thread string // the message it answers to, or ""
	Kind   string // what the bot must draw: "card", "news", "letter", "say" …
	Ref    Ref    // the record it is about, or zero
	Seq    int64  // the log line it tells of, or 0
	Person string // whose eyes: language and buttons; "" means the room's
	Body   json.RawMessage

	State     DeliveryState
	Attempt   int
	NotBefore time.Time
	Receipt   string // what the platform calls the message, once sent
	Drawn     int    // the record's Version as it was last drawn
	Why       string // why it waits or failed
	Held      bool   // it only waits in line: this try does not count
	AddedAt   time.Time
}

// DeliveryState is where a message is on its way.
type DeliveryState string

// States of a delivery. Ambiguous: a call ended without telling whether the
// message arrived; the platform is asked before anything is sent again.
const (
	Pending   DeliveryState = "pending"
	Sending   DeliveryState = "sending"
	Sent      DeliveryState = "sent"
	Ambiguous DeliveryState = "ambiguous"
	Failed    DeliveryState = "failed"
)

// Outbox is the part of a transaction that makes messages. Each place that gets
// one also gets a Carry job, once per transaction.
type Outbox interface {
	// Send wants one new message.
	Send(ctx context.Context, d Delivery) error
	// Refresh wants the live card of ref in place to be drawn anew; it makes the
	// card when there is none. Wishes that pile up are one edit.
	Refresh(ctx context.Context, place string, ref Ref, person string) error
	// Redraw wants a message of Send to be drawn anew, from d.Body when there is
	// one. One that was never made is not made now.
	Redraw(ctx context.Context, d Delivery) error
	// Cards gives the live cards of a record, everywhere.
	Cards(ctx context.Context, ref Ref) ([]Delivery, error)
}

// Post hands messages to the one who carries them, in order per place.
type Post interface {
	// Claim gives the place's next message and marks it as being sent, or nil
	// when nothing is due. While a message is out, others get nil for this place.
	// again is when to ask again (zero: only when there is something new).
	// done, when there is one, is settled in the same breath.
	Claim(ctx context.Context, place string, done *Delivery, now time.Time) (d *Delivery, again time.Time, err error)
	// Settle writes down how it went; d.State, Receipt, Drawn, NotBefore, Why and Held count.
	Settle(ctx context.Context, d *Delivery) error
	// Hold keeps every message of this place (or of a whole account: "slack:")
	// back until then.
	Hold(ctx context.Context, place string, until time.Time) error
	// Stuck gives the news, and the cards that were never there, that still wait for this
	// adapter ("slack"), oldest first; those with a letter, a delivery that has this
	// before their ID, may be left out.
	Stuck(ctx context.Context, adapter, letter string) ([]Delivery, error)
	// Message finds the delivery that a platform knows by this receipt.
	Message(ctx context.Context, place, receipt string) (*Delivery, error)
}

// Account ties an identity on a platform to a person.
type Account struct {
	ID     string // "slack:U0ANNA"
	Person string // key in the school file, or "slack:U0ANNA" itself for a guest
	Name   string
	Email  string
	Locale string // nl, en, or "" for the school's
	Direct string // the place of our direct room with them, once known
	SeenAt time.Time
}

// Talk is a conversation that waits for an answer.
type Talk struct {
	Key     string // place and person
	Body    json.RawMessage
	Expires time.Time
}

// Memory is what the bot keeps of people and conversations.
type Memory interface {
	Account(ctx context.Context, id string) (*Account, error) // nil when unknown
	// Accounts lists those of a person. The id of an account that was tied to
	// somebody stands for that person.
	Accounts(ctx context.Context, person string) ([]Account, error)
	SaveAccount(ctx context.Context, a Account) error
	// Seen keeps when an account was seen, and the account when it is new. A read in
	// this transaction need not show it.
	Seen(ctx context.Context, a Account) error
	Talk(ctx context.Context, key string) (*Talk, error) // nil when there is none
	SaveTalk(ctx context.Context, t Talk) error          // an empty Body ends it
	KeepExample(ctx context.Context, e Example) error    // once for each ID
	// Remember keeps a value of an owner, such as an adapter; nil forgets it.
	Remember(ctx context.Context, owner, key string, value []byte) error
	// Recall gives what was kept, nil when there is nothing.
	Recall(ctx context.Context, owner, key string) ([]byte, error)
	// Alone waits until nobody else does what has this name, and keeps others waiting
	// until the transaction ends.
	Alone(ctx context.Context, name string) error
}

// Again is what a job's handler returns when it must be asked again at a moment;
// it is no failure.
type Again struct{ At time.Time }

// Error tells when.
func (a *Again) Error() string { return "again at " + a.At.Format(time.RFC3339) }
