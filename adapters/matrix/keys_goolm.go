//go:build goolm

package matrix

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// canEncrypt tells that this build can read and write in encrypted rooms.
const canEncrypt = true

// olm are the keys of one device, in our database, closed with the pickle key.
type olm struct {
	log     *slog.Logger
	api     *mautrix.Client
	mach    *crypto.OlmMachine
	own     *crypto.SQLCryptoStore // of the account, for all its devices
	auth    mautrix.UIACallback
	seat    int
	lock    sync.RWMutex // who signs the device does so alone: the library keeps its keys unguarded
	signed  atomic.Bool
	retried time.Time
}

// openKeys loads the keys of this device, or makes them.
func openKeys(ctx context.Context, m *Matrix, l *line, db *dbutil.Database) (keys, error) {
	user, device := string(l.api.UserID), l.api.DeviceID
	pickle := []byte(m.cfg.PickleKey.reveal())
	store := crypto.NewSQLCryptoStore(db, dbutil.NoopLogger, user+"|"+string(device), device, pickle)
	if err := store.DB.Upgrade(ctx); err != nil {
		return nil, fmt.Errorf("make the tables for keys: %w", err)
	}
	rooms, ok := l.api.StateStore.(crypto.StateStore)
	if !ok {
		return nil, errors.New("matrix: what knows the rooms cannot serve encryption")
	}
	k := &olm{
		log: m.log, api: l.api, mach: crypto.NewOlmMachine(l.api, &l.api.Log, store, rooms), seat: l.seat,
		own: crypto.NewSQLCryptoStore(db, dbutil.NoopLogger, user, "", pickle),
	}
	if m.cfg.Password.hidden != nil {
		k.auth = func(asked *mautrix.RespUserInteractive) any {
			return &mautrix.ReqUIAuthLogin{
				BaseAuthData: mautrix.BaseAuthData{Type: mautrix.AuthTypePassword, Session: asked.Session},
				User:         user, Password: m.cfg.Password.reveal(),
			}
		}
	}
	k.mach.SetBackgroundCtx(ctx)
	if err := k.mach.Load(ctx); err != nil {
		return nil, fmt.Errorf("%w: pickle_key: does not open the keys that the database holds: %w; put back the one that was used before", errRefused, err)
	}
	if err := k.shared(ctx); err != nil {
		return nil, err
	}
	if err := k.sign(ctx); err != nil {
		k.log.WarnContext(ctx, "matrix: the bot could not sign its own device; people see it as unverified", "error", err)
	}
	return k, nil
}

// shared makes sure that the homeserver has the keys of this device and no others.
func (k *olm) shared(ctx context.Context) error {
	answer, err := k.api.QueryKeys(ctx, &mautrix.ReqQueryKeys{
		DeviceKeys: mautrix.DeviceKeysRequest{k.api.UserID: {k.api.DeviceID}},
	})
	if err != nil {
		return fmt.Errorf("ask for our own keys: %w", err)
	}
	there := answer.DeviceKeys[k.api.UserID][k.api.DeviceID]
	switch published := len(there.Keys) > 0; {
	case published != k.mach.GetAccount().Shared:
		return errOtherKeys
	case published && there.Keys.GetEd25519(k.api.DeviceID) != k.mach.OwnIdentity().SigningKey:
		return errOtherKeys
	case published:
		return nil
	}
	if err := k.mach.ShareKeys(ctx, -1); err != nil {
		return fmt.Errorf("publish our keys: %w", err)
	}
	return nil
}

func (k *olm) hear(ctx context.Context, news *mautrix.RespSync, since string) {
	if news.DeviceOTKCount.SignedCurve25519 == 0 && len(news.DeviceLists.Changed)+len(news.ToDevice.Events) == 0 && since != "" {
		// Some homeservers leave the count out when nothing changed.
		news.DeviceOTKCount.SignedCurve25519 = 100
	}
	k.mach.ProcessSyncResponse(ctx, news, since)
	// Another process of ours may have taken in the new devices already: then the library
	// sees nothing new, and would go on with a key that they do not have.
	for _, user := range news.DeviceLists.Changed {
		k.mach.OnDevicesChanged(ctx, user)
	}
	if !k.signed.Load() && k.seat > 1 && time.Since(k.retried) > time.Minute {
		k.retried = time.Now()
		if err := k.sign(ctx); err != nil {
			k.log.WarnContext(ctx, "matrix: the bot could not sign its own device; people see it as unverified", "error", err)
		}
	}
}

func (k *olm) state(ctx context.Context, evt *event.Event) {
	switch evt.Type {
	case event.StateMember:
		k.mach.HandleMemberEvent(ctx, evt)
	case event.StateHistoryVisibility:
		k.mach.HandleHistoryVisibility(ctx, evt)
	}
}

func (k *olm) encrypt(ctx context.Context, room id.RoomID, kind event.Type, content any) (any, error) {
	k.lock.RLock()
	defer k.lock.RUnlock()
	closed, err := k.mach.EncryptMegolmEvent(ctx, room, kind, content)
	if err == nil || !errors.Is(err, crypto.ErrSessionExpired) && !errors.Is(err, crypto.ErrNoGroupSession) && !errors.Is(err, crypto.ErrSessionNotShared) {
		return closed, err
	}
	people, err := k.api.StateStore.GetRoomJoinedOrInvitedMembers(ctx, room)
	if err != nil {
		return nil, fmt.Errorf("who is in the room: %w", err)
	}
	if err := k.mach.ShareGroupSession(ctx, room, people); err != nil {
		return nil, fmt.Errorf("give the key to the room: %w", err)
	}
	return k.mach.EncryptMegolmEvent(ctx, room, kind, content)
}

// hopeless are errors after which no key will help.
var hopeless = []error{
	crypto.ErrIncorrectEncryptedContentType, crypto.ErrUnsupportedAlgorithm, crypto.ErrCorruptedMegolmPayload,
	crypto.ErrDuplicateMessageIndex, crypto.ErrWrongRoom,
}

func (k *olm) decrypt(ctx context.Context, evt *event.Event) (*event.Event, error) {
	k.lock.RLock()
	defer k.lock.RUnlock()
	open, err := k.mach.DecryptMegolmEvent(ctx, evt)
	if err == nil {
		return open, nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	for _, h := range hopeless {
		if errors.Is(err, h) {
			k.log.WarnContext(ctx, "matrix: a message cannot be read", "event", evt.ID, "room", evt.RoomID, "error", err)
			return nil, nil
		}
	}
	return nil, fmt.Errorf("%w: %w", errNoKey, err)
}

func (k *olm) ask(ctx context.Context, evt *event.Event) {
	content, ok := evt.Content.Parsed.(*event.EncryptedEventContent)
	if !ok {
		return
	}
	who := map[id.UserID][]id.DeviceID{evt.Sender: {"*"}, k.api.UserID: {"*"}}
	if err := k.mach.SendRoomKeyRequest(ctx, evt.RoomID, content.SenderKey, content.SessionID, "", who); err != nil {
		k.log.WarnContext(ctx, "matrix: could not ask for a key", "event", evt.ID, "error", err)
	}
}

func (k *olm) trusted() bool { return k.signed.Load() }

// seeds are the names under which the keys of the account are kept.
var seeds = []id.Secret{id.SecretXSMaster, id.SecretXSSelfSigning, id.SecretXSUserSigning}

// sign lets the account vouch for this device, so that nobody need verify it. The
// first process makes the keys of the account; they are kept in our database.
func (k *olm) sign(ctx context.Context) error {
	k.lock.Lock()
	defer k.lock.Unlock()
	kept, err := k.seeds(ctx)
	if err != nil {
		return err
	}
	made, err := k.mach.GetOwnCrossSigningPublicKeys(ctx)
	if err != nil {
		return fmt.Errorf("ask for the keys of our account: %w", err)
	}
	elsewhere := made != nil && made.MasterKey != "" && (kept == nil || kept.PublicKeys().MasterKey != made.MasterKey)
	switch {
	case elsewhere:
		k.log.WarnContext(ctx, "matrix: the account has keys that somebody made elsewhere; verify the session of the bot there", "device", k.api.DeviceID)
		return nil
	case kept == nil && (k.seat > 1 || k.auth == nil):
		return nil
	case kept == nil:
		if kept, err = k.mach.GenerateCrossSigningKeys(); err != nil {
			return fmt.Errorf("make keys for our account: %w", err)
		}
		secrets := kept.Seeds()
		for i, seed := range [][]byte{secrets.MasterKey, secrets.SelfSigningKey, secrets.UserSigningKey} {
			if err := k.own.PutSecret(ctx, seeds[i], base64.RawStdEncoding.EncodeToString(seed)); err != nil {
				return fmt.Errorf("keep the keys of our account: %w", err)
			}
		}
	}
	if (made == nil || made.MasterKey == "") && k.seat == 1 {
		if err := k.mach.PublishCrossSigningKeys(ctx, kept, k.auth); err != nil {
			return fmt.Errorf("publish the keys of our account: %w", err)
		}
	}
	if err := k.mach.ImportCrossSigningKeys(kept.Seeds()); err != nil {
		return fmt.Errorf("load the keys of our account: %w", err)
	}
	if err := k.mach.SignOwnDevice(ctx, k.mach.OwnIdentity()); err != nil {
		return fmt.Errorf("sign our device: %w", err)
	}
	k.signed.Store(true)
	return nil
}

// seeds recalls the keys of the account, nil when there are none.
func (k *olm) seeds(ctx context.Context) (*crypto.CrossSigningKeysCache, error) {
	var found [3][]byte
	for i, name := range seeds {
		text, err := k.own.GetSecret(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("recall the keys of our account: %w", err)
		}
		if text == "" {
			return nil, nil
		}
		if found[i], err = base64.RawStdEncoding.DecodeString(text); err != nil {
			return nil, fmt.Errorf("read the keys of our account: %w", err)
		}
	}
	kept := crypto.CrossSigningSeeds{MasterKey: found[0], SelfSigningKey: found[1], UserSigningKey: found[2]}
	loaded, err := kept.Decode()
	if err != nil {
		return nil, fmt.Errorf("open the keys of our account: %w", err)
	}
	return &loaded, nil
}
