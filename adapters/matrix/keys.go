package matrix

import (
	"context"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// keys is what encrypted rooms need. Without the build tag goolm there are none.
type keys interface {
	// hear takes in keys and devices of others.
	hear(ctx context.Context, news *mautrix.RespSync, since string)
	// state takes in that people came or went: then there must be another key.
	state(ctx context.Context, evt *event.Event)
	// encrypt closes what we say to a room.
	encrypt(ctx context.Context, room id.RoomID, kind event.Type, content any) (any, error)
	// decrypt opens what was said; errNoKey when the key is still to come, and
	// nothing when it never will be read.
	decrypt(ctx context.Context, evt *event.Event) (*event.Event, error)
	// ask asks the writer of an event for its key.
	ask(ctx context.Context, evt *event.Event)
	// trusted tells whether our device is signed by our account.
	trusted() bool
}
