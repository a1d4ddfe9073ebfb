package matrix

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"
	"maunium.net/go/mautrix/sqlstatestore"

	"schoolbel/adapters"
)

// deviceName is how the bot shows in the list of sessions of its account.
const deviceName = "schoolbel"

// line is one login: a device of the bot on its homeserver.
type line struct {
	api   *mautrix.Client
	keys  keys // of encrypted rooms; nil where the bot has none
	seat  int
	waits []waiting // what could not be read yet
	fresh bool      // nothing was heard since the login
	end   func()    // ends the session, so that there is another login
}

// errRefused is a login that will not work until somebody mends it.
var errRefused = errors.New("refused")

// errOtherKeys is a device whose keys on the homeserver are not those we hold.
var errOtherKeys = errors.New("the homeserver has other keys for this device")

// client is the library as we want it: it never tries again by itself.
func (m *Matrix) client() (*mautrix.Client, error) {
	api, err := mautrix.NewClient(m.cfg.Homeserver, id.UserID(m.cfg.User), "")
	if err != nil {
		return nil, fmt.Errorf("homeserver: %w", err)
	}
	api.Client, api.Log, api.DefaultHTTPRetries = m.calls, zerolog.Nop(), 0
	api.ResponseSizeLimit = 64 << 20
	return api, nil
}

// dial logs in as the device of this seat.
func (m *Matrix) dial(ctx context.Context, seat int) (*line, error) {
	api, err := m.client()
	if err != nil {
		return nil, err
	}
	l := &line{api: api, seat: seat, fresh: true}
	db, err := m.corner(ctx)
	if err != nil {
		return nil, err
	}
	rooms := sqlstatestore.NewSQLStateStore(db, dbutil.NoopLogger, false)
	if err := rooms.Upgrade(ctx); err != nil {
		return nil, fmt.Errorf("make the tables for rooms: %w", err)
	}
	api.StateStore = rooms
	if err := m.login(ctx, api, seat); err != nil {
		return nil, err
	}
	if m.cfg.PickleKey.hidden != nil {
		l.keys, err = openKeys(ctx, m, l, db)
		if errors.Is(err, errOtherKeys) && m.cfg.Password.hidden != nil {
			// The database or the device is not what it was: be a new device.
			m.log.WarnContext(ctx, "matrix: this device has other keys on the homeserver; logging in as a new one", "device", api.DeviceID)
			err = errors.Join(err, m.remember(ctx, deviceKey(seat), nil))
		}
		if err != nil {
			return nil, err
		}
	}
	if l.keys == nil && m.first("plain") {
		m.log.WarnContext(ctx, "matrix: encrypted rooms cannot be read", "why", whyPlain(m.cfg))
	}
	if l.waits, err = m.waiting(ctx, seat); err != nil {
		return nil, err
	}
	for _, w := range l.waits[:min(len(l.waits), mostAsked)] {
		if evt := w.event(); l.keys != nil && evt.Content.ParseRaw(evt.Type) == nil {
			l.keys.ask(ctx, evt)
		}
	}
	return l, nil
}

// whyPlain says what keeps the bot out of encrypted rooms, and how to mend it.
func whyPlain(cfg settings) string {
	if !canEncrypt {
		return "this program was built without encryption; build it with -tags goolm"
	}
	if cfg.PickleKey.hidden == nil {
		return "there is no pickle_key; invent one (openssl rand -hex 32) and keep it"
	}
	return "the keys could not be opened"
}

func deviceKey(seat int) string { return "device/" + strconv.Itoa(seat) }

// login gets an access token. A device keeps its name over a restart, so that keys
// which others gave it still work.
func (m *Matrix) login(ctx context.Context, api *mautrix.Client, seat int) error {
	if m.cfg.Password.hidden == nil {
		if seat > 1 {
			return fmt.Errorf("%w: access_token: belongs to one device, and another process uses it; give the password instead", errRefused)
		}
		api.AccessToken = m.cfg.AccessToken.reveal()
		who, err := api.Whoami(ctx)
		switch {
		case errors.Is(err, mautrix.MUnknownToken):
			return fmt.Errorf("%w: access_token: the homeserver does not know it (any more); make a new one and put it in adapters.matrix.access_token, or give the password instead", errRefused)
		case err != nil:
			return fmt.Errorf("ask who we are: %w", err)
		case who.UserID != id.UserID(m.cfg.User):
			return fmt.Errorf("%w: access_token: belongs to %s, and user says %s; make them agree", errRefused, who.UserID, m.cfg.User)
		}
		api.DeviceID = who.DeviceID
		return nil
	}
	device, err := m.recall(ctx, deviceKey(seat))
	if err != nil {
		return fmt.Errorf("recall the device: %w", err)
	}
	_, err = api.Login(ctx, &mautrix.ReqLogin{
		Type:       mautrix.AuthTypePassword,
		Identifier: mautrix.UserIdentifier{Type: mautrix.IdentifierTypeUser, User: m.cfg.User},
		Password:   m.cfg.Password.reveal(), DeviceID: id.DeviceID(device),
		InitialDeviceDisplayName: strings.TrimSpace(deviceName + " " + seatName(seat)), StoreCredentials: true,
	})
	switch {
	case errors.Is(err, mautrix.MForbidden):
		return fmt.Errorf("%w: password: the homeserver refuses it for %s: %w; put the right one in adapters.matrix.password", errRefused, m.cfg.User, err)
	case errors.Is(err, mautrix.MUserDeactivated):
		return fmt.Errorf("%w: user: %s is switched off on the homeserver; switch it on again: %w", errRefused, m.cfg.User, err)
	case err != nil:
		return fmt.Errorf("log in: %w", err)
	}
	if string(device) == string(api.DeviceID) {
		return nil
	}
	if err := m.remember(ctx, deviceKey(seat), []byte(api.DeviceID)); err != nil {
		return fmt.Errorf("remember the device: %w", err)
	}
	return nil
}

func seatName(seat int) string {
	if seat == 1 {
		return ""
	}
	return strconv.Itoa(seat)
}

// corner is the part of the database that the library keeps its tables in.
func (m *Matrix) corner(ctx context.Context) (*dbutil.Database, error) {
	if m.kit.Corner == nil {
		return nil, errors.New("matrix: there is no database to keep keys and rooms in")
	}
	corner, err := m.kit.Corner(ctx, Name)
	if err != nil {
		return nil, err
	}
	db, err := dbutil.NewWithDB(corner.DB, corner.Dialect)
	if err != nil {
		return nil, fmt.Errorf("open the corner: %w", err)
	}
	return db, nil
}

// online is the login that stands.
func (m *Matrix) online() (*line, error) {
	if l := m.line.Load(); l != nil {
		return l, nil
	}
	err := m.state.get()
	switch {
	case err == nil:
		err = errors.New("not logged in")
	case errors.Is(err, errRefused):
		return nil, &adapters.Failure{Why: adapters.Locked, Scope: "account", Err: err}
	}
	return nil, &adapters.Failure{Why: adapters.Retry, Err: err}
}
