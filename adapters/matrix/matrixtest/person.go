package matrixtest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// Person is somebody with a client that reads and writes, also in encrypted rooms.
type Person struct {
	s *Server
	*client
}

// client is what somebody has on the homeserver, whichever test speaks of them.
type client struct {
	api  *mautrix.Client
	ID   id.UserID
	Name string
	stop func()
	busy sync.Mutex // the library's stores in memory stand no two at once

	mu   sync.Mutex
	logs map[id.RoomID]*log
	in   map[id.RoomID]bool
	out  map[id.RoomID]bool // rooms that they do not want to come back to
}

// log is what somebody sees of a room, in order.
type log struct {
	order  []id.EventID
	events map[id.EventID]*event.Event // closed ones until their key comes
}

// Person makes an account, and a client for it that listens until the test ends.
func (s *Server) Person(name, shown string) *Person {
	s.t.Helper()
	p := s.join(s.Register(name, shown), shown)
	s.mu.Lock()
	s.people[p.ID] = p
	s.mu.Unlock()
	return p
}

// Another gives somebody one more device. What it sees is asked of it alone.
func (s *Server) Another(p *Person) *Person {
	s.t.Helper()
	more := s.join(p.ID, p.Name)
	s.t.Cleanup(more.stop)
	return more
}

// Reads tells whether this device can read these words in a room.
func (p *Person) Reads(room, words string) bool {
	for _, evt := range p.log(id.RoomID(room)) {
		var b body
		if evt.Type == event.EventMessage && json.Unmarshal(evt.Content.VeryRaw, &b) == nil && strings.Contains(b.Body, words) {
			return true
		}
	}
	return false
}

func (s *Server) join(user id.UserID, shown string) *Person {
	s.t.Helper()
	p := &Person{s, &client{ID: user, Name: shown, logs: map[id.RoomID]*log{}, in: map[id.RoomID]bool{}, out: map[id.RoomID]bool{}}}
	p.api = s.client(user)
	_, err := p.api.Login(s.t.Context(), login(user))
	if err != nil {
		s.t.Fatalf("log %s in: %v", user, err)
	}
	p.api.StateStore = mautrix.NewMemoryStateStore()
	syncer := &syncer{mautrix.NewDefaultSyncer(), &p.busy}
	syncer.FilterJSON = &mautrix.Filter{Room: &mautrix.RoomFilter{Timeline: &mautrix.FilterPart{Limit: 1000}}}
	p.api.Syncer = syncer
	syncer.OnEvent(p.api.StateStoreSyncHandler)
	syncer.OnEvent(p.see)
	if err := closed(s.t.Context(), p.api); err != nil {
		s.t.Fatalf("keys of %s: %v", user, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			_ = p.api.SyncWithContext(ctx) // a homeserver that restarts ends it
		}
	}()
	p.stop = sync.OnceFunc(func() {
		cancel()
		<-done
	})
	return p
}

// syncer takes in news while nothing is sent.
type syncer struct {
	*mautrix.DefaultSyncer
	busy *sync.Mutex
}

// ProcessResponse takes in news.
func (s *syncer) ProcessResponse(ctx context.Context, news *mautrix.RespSync, since string) error {
	s.busy.Lock()
	defer s.busy.Unlock()
	return s.DefaultSyncer.ProcessResponse(ctx, news, since)
}

// see takes in an event; an opened one takes the place of the closed one.
func (p *Person) see(ctx context.Context, evt *event.Event) {
	p.s.stir(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if evt.Type == event.StateMember && evt.StateKey != nil && *evt.StateKey == string(p.ID) {
			member := evt.Content.AsMember().Membership
			p.in[evt.RoomID] = member == event.MembershipJoin
		}
		if evt.ID == "" {
			return
		}
		l := p.logs[evt.RoomID]
		if l == nil {
			l = &log{events: map[id.EventID]*event.Event{}}
			p.logs[evt.RoomID] = l
		}
		before, known := l.events[evt.ID]
		if !known {
			l.order = append(l.order, evt.ID)
		}
		if !known || before.Type == event.EventEncrypted {
			l.events[evt.ID] = evt
		}
	})
	if evt.Type == event.StateMember && evt.StateKey != nil && *evt.StateKey == string(p.ID) && evt.Content.AsMember().Membership == event.MembershipInvite && !p.stays(evt.RoomID) {
		_, _ = p.api.JoinRoomByID(ctx, evt.RoomID) // people come when they are asked
	}
}

// log gives what this person sees of a room.
func (p *Person) log(room id.RoomID) []*event.Event {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []*event.Event
	if l := p.logs[room]; l != nil {
		for _, at := range l.order {
			list = append(list, l.events[at])
		}
	}
	return list
}

// has tells whether this person is in a room.
func (p *Person) has(room id.RoomID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.in[room]
}

// send says something; a failure is the test's.
func (p *Person) send(room id.RoomID, kind event.Type, what any) id.EventID {
	p.s.t.Helper()
	p.busy.Lock()
	sent, err := p.api.SendMessageEvent(p.s.t.Context(), room, kind, what)
	p.busy.Unlock()
	if err != nil {
		p.s.t.Fatalf("%s cannot say %v: %v", p.ID, what, err)
	}
	return sent.EventID
}

// Write writes in a room, or in a thread of it.
func (p *Person) Write(room, thread, text string) string {
	p.s.t.Helper()
	what := &event.MessageEventContent{MsgType: event.MsgText, Body: text, Mentions: &event.Mentions{}}
	if thread != "" {
		what.RelatesTo = (&event.RelatesTo{}).SetThread(id.EventID(thread), id.EventID(thread))
	}
	return string(p.send(id.RoomID(room), event.EventMessage, what))
}

// Say sends any content.
func (p *Person) Say(room string, what *event.MessageEventContent) string {
	p.s.t.Helper()
	return string(p.send(id.RoomID(room), event.EventMessage, what))
}

// Raw sends content as it is, in the open.
func (p *Person) Raw(room string, what any) string {
	p.s.t.Helper()
	sent, err := p.api.SendMessageEvent(p.s.t.Context(), id.RoomID(room), event.EventMessage, what, mautrix.ReqSendEvent{DontEncrypt: true})
	if err != nil {
		p.s.t.Fatal(err)
	}
	return string(sent.EventID)
}

// Membership is what somebody is to a room: "join", "invite", "leave".
func (p *Person) Membership(room string, who id.UserID) string {
	p.s.t.Helper()
	p.busy.Lock()
	defer p.busy.Unlock()
	var member event.MemberEventContent
	if err := p.api.StateEvent(p.s.t.Context(), id.RoomID(room), event.StateMember, string(who), &member); err != nil {
		p.s.t.Fatal(err)
	}
	return string(member.Membership)
}

// Change edits a message.
func (p *Person) Change(room, message, text string) string {
	p.s.t.Helper()
	what := &event.MessageEventContent{MsgType: event.MsgText, Body: text, Mentions: &event.Mentions{}}
	what.SetEdit(id.EventID(message))
	return string(p.send(id.RoomID(room), event.EventMessage, what))
}

// Delete takes a message or a reaction away.
func (p *Person) Delete(room, message string) string {
	p.s.t.Helper()
	sent, err := p.api.RedactEvent(p.s.t.Context(), id.RoomID(room), id.EventID(message))
	if err != nil {
		p.s.t.Fatal(err)
	}
	return string(sent.EventID)
}

// React puts an emoji under a message; one that they put before is taken away first.
func (p *Person) React(room, message, sign string) string {
	p.s.t.Helper()
	for _, evt := range p.log(id.RoomID(room)) {
		if evt.Type != event.EventReaction || evt.Sender != p.ID || evt.Unsigned.RedactedBecause != nil {
			continue
		}
		var what event.ReactionEventContent
		if json.Unmarshal(evt.Content.VeryRaw, &what) == nil && what.RelatesTo.Key == sign && string(what.RelatesTo.EventID) == message {
			_, _ = p.api.RedactEvent(p.s.t.Context(), id.RoomID(room), evt.ID) // perhaps it is away already
		}
	}
	what := &event.ReactionEventContent{RelatesTo: event.RelatesTo{Type: event.RelAnnotation, EventID: id.EventID(message), Key: sign}}
	return string(p.send(id.RoomID(room), event.EventReaction, what))
}

// Room makes a room and asks others in; encrypted when said so.
func (p *Person) Room(name string, encrypted bool, others ...id.UserID) string {
	p.s.t.Helper()
	ask := &mautrix.ReqCreateRoom{Name: name, Preset: "private_chat", Invite: others}
	return p.make(ask, encrypted)
}

// Direct makes a direct room with somebody.
func (p *Person) Direct(with id.UserID, encrypted bool) string {
	p.s.t.Helper()
	return p.make(&mautrix.ReqCreateRoom{Preset: "trusted_private_chat", IsDirect: true, Invite: []id.UserID{with}}, encrypted)
}

func (p *Person) make(ask *mautrix.ReqCreateRoom, encrypted bool) string {
	p.s.t.Helper()
	if encrypted {
		ask.InitialState = append(ask.InitialState, &event.Event{
			Type: event.StateEncryption, Content: event.Content{Parsed: &event.EncryptionEventContent{Algorithm: id.AlgorithmMegolmV1}},
		})
	}
	p.busy.Lock()
	made, err := p.api.CreateRoom(p.s.t.Context(), ask)
	p.busy.Unlock()
	if err != nil {
		p.s.t.Fatal(err)
	}
	return string(made.RoomID)
}

// Kick puts somebody out of a room.
func (p *Person) Kick(room string, who id.UserID) {
	p.s.t.Helper()
	p.busy.Lock()
	defer p.busy.Unlock()
	if _, err := p.api.KickUser(p.s.t.Context(), id.RoomID(room), &mautrix.ReqKickUser{UserID: who}); err != nil {
		p.s.t.Fatal(err)
	}
}

// Invite asks somebody into a room.
func (p *Person) Invite(room string, who id.UserID) {
	p.s.t.Helper()
	p.busy.Lock()
	defer p.busy.Unlock()
	if _, err := p.api.InviteUser(p.s.t.Context(), id.RoomID(room), &mautrix.ReqInviteUser{UserID: who}); err != nil {
		p.s.t.Fatal(err)
	}
}

// Leave goes out of a room.
func (p *Person) Leave(room string) {
	p.s.t.Helper()
	p.busy.Lock()
	defer p.busy.Unlock()
	if _, err := p.api.LeaveRoom(p.s.t.Context(), id.RoomID(room)); err != nil {
		p.s.t.Fatal(err)
	}
}

// Shun goes out of a room and does not come back when asked, until Return.
func (p *Person) Shun(room string) {
	p.s.t.Helper()
	p.mu.Lock()
	p.out[id.RoomID(room)] = true
	p.mu.Unlock()
	p.Leave(room)
}

// Return comes back into a room that they were asked into.
func (p *Person) Return(room string) {
	p.s.t.Helper()
	p.mu.Lock()
	delete(p.out, id.RoomID(room))
	p.mu.Unlock()
	p.busy.Lock()
	defer p.busy.Unlock()
	if _, err := p.api.JoinRoomByID(p.s.t.Context(), id.RoomID(room)); err != nil {
		p.s.t.Fatal(err)
	}
}

// stays tells whether they do not want to be in a room.
func (p *Person) stays(room id.RoomID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out[room]
}

// Members are who is in a room, as the homeserver says to who is in it.
func (p *Person) Members(room string) []string {
	p.s.t.Helper()
	p.busy.Lock()
	found, err := p.api.JoinedMembers(p.s.t.Context(), id.RoomID(room))
	p.busy.Unlock()
	if errors.Is(err, mautrix.MForbidden) {
		return nil // who is not in it does not see it
	}
	if err != nil {
		p.s.t.Fatal(err)
	}
	var names []string
	for user := range found.Joined {
		names = append(names, string(user))
	}
	slices.Sort(names)
	return names
}

// Knows tells whether this person's client has heard that somebody is in a room: only
// then does it give them the keys.
func (p *Person) Knows(room string, who id.UserID) bool {
	p.busy.Lock()
	defer p.busy.Unlock()
	return p.api.StateStore.IsInRoom(context.Background(), id.RoomID(room), who)
}

// Devices is how many devices of a user have keys.
func (p *Person) Devices(user id.UserID) int {
	p.s.t.Helper()
	answer, err := p.api.QueryKeys(p.s.t.Context(), &mautrix.ReqQueryKeys{DeviceKeys: mautrix.DeviceKeysRequest{user: {}}})
	if err != nil {
		p.s.t.Fatal(err)
	}
	return len(answer.DeviceKeys[user])
}

// Trusts tells whether the account of a user vouches for all of its devices.
func (p *Person) Trusts(user id.UserID) bool {
	p.s.t.Helper()
	answer, err := p.api.QueryKeys(p.s.t.Context(), &mautrix.ReqQueryKeys{DeviceKeys: mautrix.DeviceKeysRequest{user: {}}})
	if err != nil {
		p.s.t.Fatal(err)
	}
	own := answer.SelfSigningKeys[user]
	signer := string(own.FirstKey())
	vouched := len(answer.DeviceKeys[user]) > 0 && signer != ""
	for _, device := range answer.DeviceKeys[user] {
		signed := false
		for key := range device.Signatures[user] {
			signed = signed || strings.HasSuffix(string(key), ":"+signer)
		}
		vouched = vouched && signed
	}
	return vouched
}
