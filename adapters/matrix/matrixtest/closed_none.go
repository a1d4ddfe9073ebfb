//go:build !goolm

package matrixtest

import (
	"context"

	"maunium.net/go/mautrix"
)

// Encrypts tells whether this build can speak in encrypted rooms.
const Encrypts = false

func closed(context.Context, *mautrix.Client) error { return nil }
