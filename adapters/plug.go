package adapters

import (
	"context"
	"log/slog"
	"time"

	"gopkg.in/yaml.v3"
)

// Plug is an adapter that can be put in: its name in the configuration and how
// to make it from its own section there.
type Plug struct {
	Name string
	// New reads the section and makes the adapter; an error says which key is
	// wrong and how to mend it. It does not call the platform.
	New func(section yaml.Node, kit Kit) (Adapter, error)
	// Ready says what keeps the adapter from hearing its platform at this moment; nil
	// where it is always called from outside.
	Ready func(Adapter) error
	// Check tries credentials and scopes against the platform, for check --online.
	Check func(ctx context.Context, section yaml.Node, kit Kit) []error
	// Manifest writes what the platform's administrator must install. The section
	// may be empty: this comes before there are any keys.
	Manifest func(section yaml.Node, kit Kit) (string, error)
	// Package makes the files of what is uploaded as one zip; nil where the manifest is
	// all there is.
	Package func(section yaml.Node, kit Kit) (map[string][]byte, error)
}

// Kit is what an adapter may use of the house.
type Kit struct {
	Log       *slog.Logger
	Now       func() time.Time
	PublicURL string // where the outside world reaches our routes
	// Expand turns ${NAME} and file:PATH into their value.
	Expand func(string) (string, error)

	// These work from the moment that Run is called.

	Memory Memory // of this adapter alone
	// Corner gives a part of the database, by a name that is the adapter's own.
	Corner func(ctx context.Context, name string) (Corner, error)
	// Seat gives a number among the processes of the house.
	Seat func(ctx context.Context, name string) (Seat, error)
	// Link makes a link that does what g says, once; "" when no browser can reach us.
	Link func(g Grant) string

	// Places are those of the school file on this platform, for Plug.Check.
	Places []Place
}
