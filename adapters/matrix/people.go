package matrix

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"schoolbel/adapters"
)

// Where is remembered which direct room is whose.
func directKey(user id.UserID) string { return "direct/" + string(user) }
func roomKey(room id.RoomID) string   { return "room/" + string(room) }

// User looks somebody up. Matrix tells their name and no more.
func (m *Matrix) User(ctx context.Context, user string) (adapters.User, error) {
	if _, _, err := id.UserID(user).Parse(); err != nil {
		return adapters.User{}, &adapters.Failure{Why: adapters.Gone, Err: fmt.Errorf("%q is no Matrix account: %w", user, err)}
	}
	l, err := m.online()
	if err != nil {
		return adapters.User{}, err
	}
	found, err := l.api.GetProfile(ctx, id.UserID(user))
	if err != nil {
		return adapters.User{}, failure("profile", err)
	}
	return adapters.User{ID: user, Name: line1(found.DisplayName)}, nil
}

// Direct is the room of the bot and one person. It is made once; who left it is
// asked in again.
func (m *Matrix) Direct(ctx context.Context, user string) (adapters.Place, error) {
	who := id.UserID("@" + strings.TrimPrefix(user, "@"))
	if _, _, err := who.Parse(); err != nil {
		return adapters.Place{}, &adapters.Failure{Why: adapters.Gone, Err: fmt.Errorf("%q is no Matrix account: %w", user, err)}
	}
	l, err := m.online()
	if err != nil {
		return adapters.Place{}, err
	}
	room, err := m.private(ctx, l, who)
	return adapters.Place{Adapter: Name, Channel: string(room)}, err
}

// private finds the direct room of somebody, or makes it.
func (m *Matrix) private(ctx context.Context, l *line, who id.UserID) (id.RoomID, error) {
	room, err := m.theirs(ctx, l, who)
	if err != nil || room != "" {
		return room, err
	}
	err = m.alone(ctx, directKey(who), func(ctx context.Context) error {
		if room, err = m.theirs(ctx, l, who); err != nil || room != "" {
			return err // another process made it
		}
		if room, err = m.open(ctx, l, who); err != nil {
			return err
		}
		return m.own(ctx, who, room)
	})
	if err != nil && why(err) == "" {
		err = &adapters.Failure{Why: adapters.Retry, Err: err}
	}
	return room, err
}

// theirs is the direct room of somebody that we know of, "" when there is none to use.
func (m *Matrix) theirs(ctx context.Context, l *line, who id.UserID) (id.RoomID, error) {
	kept, err := m.recall(ctx, directKey(who))
	if err != nil {
		return "", &adapters.Failure{Why: adapters.Retry, Err: fmt.Errorf("recall a direct room: %w", err)}
	}
	if len(kept) == 0 {
		return "", nil
	}
	if ok, err := m.usable(ctx, l, id.RoomID(kept), who); err != nil || !ok {
		return "", err
	}
	return id.RoomID(kept), nil
}

// usable tells whether a room is still theirs and ours alone. Somebody who left is
// asked in again; when a third came in, there must be another room.
func (m *Matrix) usable(ctx context.Context, l *line, room id.RoomID, who id.UserID) (bool, error) {
	k, err := m.room(ctx, l, room)
	if why(err) == adapters.Gone {
		return false, nil // we are out of it ourselves
	}
	if err != nil {
		return false, err
	}
	members, err := k.members(ctx, l)
	if err != nil {
		return false, err
	}
	others := slices.DeleteFunc(slices.Clone(members), func(u id.UserID) bool { return u == l.api.UserID })
	switch {
	case !slices.Contains(members, l.api.UserID) || len(others) > 1 || len(others) == 1 && others[0] != who:
		return false, nil
	case len(others) == 1:
		return true, nil
	}
	_, err = l.api.InviteUser(ctx, room, &mautrix.ReqInviteUser{UserID: who})
	if errors.Is(err, mautrix.MForbidden) {
		m.rooms.Delete(room) // they came in meanwhile, or may not: look at it anew the next time
		return true, nil
	}
	if err != nil {
		return false, failure("invite", err)
	}
	return true, nil
}

// open makes a direct room. Its alias is the same for every process and after a
// crash, so that there is one room and not two.
func (m *Matrix) open(ctx context.Context, l *line, who id.UserID) (id.RoomID, error) {
	if _, err := m.User(ctx, string(who)); err != nil {
		return "", err // asking in somebody who is not there would work
	}
	sum := sha256.Sum256([]byte(l.api.UserID + "\n" + who))
	local := "schoolbel-direct-" + hex.EncodeToString(sum[:10])
	ask := m.making("", true)
	ask.RoomAliasName, ask.IsDirect, ask.Invite = local, true, []id.UserID{who}
	for range 2 {
		made, err := l.api.CreateRoom(ctx, ask)
		if err == nil {
			// We know what it is like. To ask now could tell less: that they are asked
			// in may come a little later, and then nobody would give them the key.
			m.rooms.Store(made.RoomID, &known{id: made.RoomID})
			return made.RoomID, nil
		}
		if !errors.Is(err, mautrix.MRoomInUse) {
			return "", failure("directs", err) // the alias keeps a second one from being made
		}
		alias := id.NewRoomAlias(local, l.api.UserID.Homeserver())
		there, err := l.api.ResolveAlias(ctx, alias)
		if err != nil {
			return "", failure("alias", err)
		}
		ok, err := m.usable(ctx, l, there.RoomID, who)
		if err != nil || ok {
			return there.RoomID, err
		}
		if _, err := l.api.DeleteAlias(ctx, alias); err != nil {
			return "", failure("alias", err)
		}
	}
	return "", &adapters.Failure{Why: adapters.Retry, Err: fmt.Errorf("another process makes a direct room with %s", who)}
}

// own remembers whose direct room this is.
func (m *Matrix) own(ctx context.Context, who id.UserID, room id.RoomID) error {
	if err := m.remember(ctx, roomKey(room), []byte(who)); err != nil {
		return fmt.Errorf("remember a direct room: %w", err)
	}
	if err := m.remember(ctx, directKey(who), []byte(room)); err != nil {
		return fmt.Errorf("remember a direct room: %w", err)
	}
	return nil
}

// MakeRoom makes a room and lets people in: an encrypted one where we can.
func (m *Matrix) MakeRoom(ctx context.Context, name string, users []string) (adapters.Place, error) {
	l, err := m.online()
	if err != nil {
		return adapters.Place{}, err
	}
	made, err := l.api.CreateRoom(ctx, m.making(name, false))
	if err != nil {
		return adapters.Place{}, failure(creates, err)
	}
	m.rooms.Store(made.RoomID, &known{id: made.RoomID, named: name != ""})
	place := adapters.Place{Adapter: Name, Channel: string(made.RoomID)}
	for _, user := range users {
		_, err := l.api.InviteUser(ctx, made.RoomID, &mautrix.ReqInviteUser{UserID: id.UserID(user)})
		switch {
		case err == nil:
		case passing(err):
			return place, failure("invite", err)
		default:
			m.log.WarnContext(ctx, "matrix: somebody could not be asked into a room", "room", made.RoomID, "user", user, "error", err)
		}
	}
	return place, nil
}

// making is what a new room is like.
func (m *Matrix) making(name string, direct bool) *mautrix.ReqCreateRoom {
	preset := "private_chat"
	if direct {
		preset = "trusted_private_chat"
	}
	ask := &mautrix.ReqCreateRoom{Preset: preset, Visibility: "private", Name: cut(line1(name), 200)}
	if canEncrypt && m.cfg.PickleKey.hidden != nil {
		none := ""
		ask.InitialState = []*event.Event{{
			Type: event.StateEncryption, StateKey: &none,
			Content: event.Content{Parsed: &event.EncryptionEventContent{Algorithm: id.AlgorithmMegolmV1}},
		}}
	}
	return ask
}
