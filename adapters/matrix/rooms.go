package matrix

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// known is a room whose state we have.
type known struct {
	id    id.RoomID
	lock  sync.Mutex
	named bool // it has a name: then it is no direct room, however few are in it
}

// learn takes in a change of its name.
func (k *known) learn(evt *event.Event) {
	if evt.Type != event.StateRoomName {
		return
	}
	k.lock.Lock()
	defer k.lock.Unlock()
	name, _ := evt.Content.Raw["name"].(string)
	k.named = name != ""
}

// room gives a room with its state. The first time it is asked for: what was kept
// may be of before we came in, and then we might speak plainly where we must not.
func (m *Matrix) room(ctx context.Context, l *line, at id.RoomID) (*known, error) {
	if k, ok := m.rooms.Load(at); ok {
		return k.(*known), nil
	}
	state, err := l.api.StateAsArray(ctx, at)
	if err != nil {
		return nil, failure("state", err)
	}
	k := &known{id: at}
	for _, evt := range state { // it is added to what we know: it may be a moment old
		evt.RoomID = at
		if err := evt.Content.ParseRaw(evt.Type); err == nil {
			mautrix.UpdateStateStore(ctx, l.api.StateStore, evt)
			k.learn(evt)
		}
	}
	m.rooms.Store(at, k)
	return k, nil
}

// members are who is in a room or asked to come.
func (k *known) members(ctx context.Context, l *line) ([]id.UserID, error) {
	list, err := l.api.StateStore.GetRoomJoinedOrInvitedMembers(ctx, k.id)
	if err != nil {
		return nil, fmt.Errorf("who is in %s: %w", k.id, err)
	}
	return list, nil
}

// direct tells whether this is a room of the bot and one person alone.
func (k *known) direct(ctx context.Context, m *Matrix, l *line) (bool, error) {
	members, err := k.members(ctx, l)
	if err != nil || len(members) != 2 || !slices.Contains(members, l.api.UserID) {
		return false, err
	}
	k.lock.Lock()
	named := k.named
	k.lock.Unlock()
	if !named {
		return true, nil
	}
	kept, err := m.recall(ctx, roomKey(k.id))
	return len(kept) > 0, err
}

// name is how somebody shows in the room.
func (k *known) name(ctx context.Context, l *line, user id.UserID) string {
	member, err := l.api.StateStore.TryGetMember(ctx, k.id, user)
	if err != nil || member == nil {
		return "" // it is only for show
	}
	return line1(member.Displayname)
}

// encrypted tells whether a room is.
func (k *known) encrypted(ctx context.Context, l *line) (bool, error) {
	is, err := l.api.StateStore.IsEncrypted(ctx, k.id)
	if err != nil {
		return false, fmt.Errorf("is %s encrypted: %w", k.id, err)
	}
	return is, nil
}

// invited answers invitations: yes to those from servers that are allowed.
func (b *batch) invited(ctx context.Context) error {
	for room, asked := range b.news.Rooms.Invite {
		for _, evt := range asked.State.Events {
			if evt.Type.Type != event.StateMember.Type || evt.StateKey == nil || *evt.StateKey != string(b.api.UserID) {
				continue
			}
			direct, _ := evt.Content.Raw["is_direct"].(bool)
			if err := b.answer(ctx, room, evt, direct); err != nil {
				return err
			}
			break
		}
	}
	return nil
}

// answer goes in, or says no. Going in twice is the same as once.
func (b *batch) answer(ctx context.Context, room id.RoomID, asked *event.Event, direct bool) error {
	by := asked.Sender
	server := by.Homeserver()
	if !slices.Contains(b.cfg.AllowFrom, server) {
		b.log.WarnContext(ctx, "matrix: an invitation from a server that is not in allow_invites_from", "room", room, "by", by)
		if _, err := b.api.LeaveRoom(ctx, room); err != nil && passing(err) {
			return fmt.Errorf("turn down %s: %w", room, err)
		}
		return nil
	}
	if err := b.keepAsked(ctx, room, asked); err != nil {
		return err
	}
	if _, err := b.api.JoinRoom(ctx, string(room), &mautrix.ReqJoinRoom{Via: []string{server}}); err != nil {
		if passing(err) {
			return fmt.Errorf("go into %s: %w", room, err)
		}
		b.log.WarnContext(ctx, "matrix: could not go into a room that somebody asked us in", "room", room, "by", by, "error", err)
		return nil
	}
	b.log.InfoContext(ctx, "matrix: went into a room", "room", room, "by", by)
	b.rooms.Delete(room)
	if !direct {
		return nil
	}
	return b.own(ctx, by, room)
}

// askedKey is where is remembered when we were asked into a room. It stays: every
// process reads it when it hears that we are in.
func askedKey(room id.RoomID) string { return "asked/" + string(room) }

// keepAsked remembers when we were asked into a room, before we go in.
func (b *batch) keepAsked(ctx context.Context, room id.RoomID, invitation *event.Event) error {
	at := time.UnixMilli(invitation.Timestamp)
	if invitation.Timestamp == 0 { // a homeserver need not tell
		at = b.now().Add(-time.Minute)
	}
	if b.from.Token == "" && b.began.After(at) {
		at = b.began // before that nobody listened
	}
	if err := b.remember(ctx, askedKey(room), []byte(at.UTC().Format(time.RFC3339Nano))); err != nil {
		return fmt.Errorf("remember when we were asked into %s: %w", room, err)
	}
	return nil
}

// asked recalls when we were asked into a room, zero when nobody did.
func (b *batch) asked(ctx context.Context, room id.RoomID) (time.Time, error) {
	kept, err := b.recall(ctx, askedKey(room))
	if err != nil || kept == nil {
		return time.Time{}, err
	}
	at, err := time.Parse(time.RFC3339Nano, string(kept))
	if err != nil {
		return time.Time{}, fmt.Errorf("when were we asked into %s: %w", room, err)
	}
	return at, nil
}
