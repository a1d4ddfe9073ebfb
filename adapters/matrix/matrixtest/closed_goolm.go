//go:build goolm

package matrixtest

import (
	"context"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/crypto/cryptohelper"
)

// Encrypts tells whether this build can speak in encrypted rooms.
const Encrypts = true

// closed gives a client keys of its own, kept in memory.
func closed(ctx context.Context, api *mautrix.Client) error {
	helper, err := cryptohelper.NewCryptoHelper(api, []byte("a test has no secrets"), crypto.NewMemoryStore(nil))
	if err != nil {
		return err
	}
	if err := helper.Init(ctx); err != nil {
		return err
	}
	api.Crypto = helper
	// Asked once here, it is known to all that decrypt side by side later.
	_, err = helper.Machine().GetOwnCrossSigningPublicKeys(ctx)
	return err
}
