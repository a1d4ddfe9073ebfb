package matrix_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"schoolbel/adapters"
	"schoolbel/adapters/matrix"
	"schoolbel/adapters/matrix/matrixtest"
)

func userID(name string) id.UserID          { return id.UserID(name) }
func contains(list []string, s string) bool { return slices.Contains(list, s) }

// A change, a removal, a file, a mention, an answer: each is what it is, and a changed
// command is no second command.
func TestWhatPeopleDoToMessages(t *testing.T) {
	kinds(t, func(t *testing.T, h *house) {
		at := h.anna.Write(h.room, "", "INC-1 oppakken")
		first := h.says("INC-1 oppakken")
		h.anna.Change(h.room, at, "INC-1 sluiten")
		changed := h.says("INC-1 sluiten")
		if changed.Kind != adapters.Edited || changed.Message != at || changed.ID == first.ID || changed.User.ID != string(h.anna.ID) {
			t.Errorf("a change is told as %+v", changed)
		}
		h.anna.Delete(h.room, at)
		gone := h.heard(func(e adapters.Event) bool { return e.Kind == adapters.Deleted })
		if gone.Message != at || gone.Text != "" {
			t.Errorf("a removal is told as %+v", gone)
		}
		h.anna.Say(h.room, &event.MessageEventContent{
			MsgType: event.MsgImage, Body: "kijk hier", FileName: "foto.png", URL: "mxc://localhost/abc", Info: &event.FileInfo{MimeType: "image/png"},
		})
		file := h.says("kijk hier")
		if want := (adapters.File{Name: "foto.png", URL: "mxc://localhost/abc", Type: "image/png"}); len(file.Files) != 1 || file.Files[0] != want {
			t.Errorf("a file is told as %+v", file)
		}
		h.anna.Say(h.room, &event.MessageEventContent{
			MsgType: event.MsgText, Body: "Schoolbel: hulp", Mentions: &event.Mentions{UserIDs: []id.UserID{userID(h.bot)}},
		})
		if e := h.says("hulp"); e.Kind != adapters.Mention || e.User.Name != "Anna de Vries" {
			t.Errorf("a mention is told as %+v", e)
		}
		r := h.card(adapters.Card{Title: "INC-1 Wifi", Delivery: "d1", Ref: "INC-1"})
		h.noor.Say(h.room, &event.MessageEventContent{
			MsgType: event.MsgText, Body: "> <@bot> INC-1 Wifi\n\nik kijk ernaar", RelatesTo: (&event.RelatesTo{}).SetReplyTo(id.EventID(r)),
		})
		if e := h.says("ik kijk ernaar"); e.Place.Thread != string(r) {
			t.Errorf("an answer to a card is told as %+v", e)
		}
		h.noor.Say(h.room, &event.MessageEventContent{MsgType: event.MsgNotice, Body: "ik ben ook een bot"})
		h.noor.Write(h.room, "", "klaar")
		h.says("klaar")
		for _, e := range h.all() {
			if strings.Contains(e.Text, "ook een bot") || e.User.ID == h.bot {
				t.Errorf("it hears %+v", e)
			}
		}
	})
}

// The bot puts the emoji under its card, and takes away those that no longer count.
// One that somebody pressed a moment too late still means what it meant.
func TestReactionsAreButtons(t *testing.T) {
	kinds(t, func(t *testing.T, h *house) {
		c := adapters.Card{
			Title: "CHG-4 Nieuwe switch", Delivery: "d1", Ref: "CHG-4",
			Buttons: []adapters.Button{{Label: "Goedkeuren", Command: "CHG-4 approve", Style: adapters.Primary}, {Label: "Afwijzen", Command: "CHG-4 reject", Style: adapters.Danger}},
		}
		r := h.card(c)
		m := h.shows(h.room, r, func(m matrixtest.Message) bool { return len(m.Reactions) == 2 })
		if !slices.Equal(m.Reactions, []string{"✅", "❌"}) {
			t.Errorf("under it stand %q", m.Reactions)
		}
		if want := "✅ Goedkeuren · CHG-4 approve"; !strings.Contains(m.Text, want) {
			t.Errorf("%q is not to be read in:\n%s", want, m.Text)
		}
		c.Buttons = []adapters.Button{{Label: "Inplannen", Command: "CHG-4 schedule"}, {Label: "Intrekken", Command: "CHG-4 withdraw"}}
		if err := h.Edit(t.Context(), h.place(), r, c); err != nil {
			t.Fatal(err)
		}
		m = h.shows(h.room, r, func(m matrixtest.Message) bool {
			return m.Changed && slices.Equal(m.Reactions, []string{"1️⃣", "2️⃣"})
		})
		if strings.Contains(m.Text, "Goedkeuren") || !strings.Contains(m.Text, "1️⃣ Inplannen") {
			t.Errorf("it says:\n%s", m.Text)
		}
		pressed := h.anna.React(h.room, string(r), "✅️") // as some clients write it
		if e := h.says("CHG-4 approve"); e.Kind != adapters.Press || e.Message != string(r) || e.User.ID != string(h.anna.ID) || e.Trigger == "" {
			t.Errorf("the press is told as %+v", e)
		}
		h.anna.Delete(h.room, pressed)
		h.anna.React(h.room, string(r), "🎉")
		own := h.anna.Write(h.room, "", "mooi")
		h.noor.React(h.room, own, "1️⃣")
		h.again() // nothing of it is in memory alone
		h.noor.React(h.room, string(r), "2")
		h.noor.React(h.room, string(r), "2️⃣")
		h.says("CHG-4 withdraw")
		presses := 0
		for _, e := range h.all() {
			if e.Kind == adapters.Press {
				presses++
			}
		}
		if presses != 2 {
			t.Errorf("there were %d presses: %+v", presses, h.all())
		}
		c.Buttons = nil
		if err := h.Edit(t.Context(), h.place(), r, c); err != nil {
			t.Fatal(err)
		}
		h.shows(h.room, r, func(m matrixtest.Message) bool { return len(m.Reactions) == 0 })
	})
}

// Nobody makes a card of the bot's by writing one that looks like it.
func TestACopiedCardIsNoCard(t *testing.T) {
	h := open(t, matrixtest.Start(t), false)
	h.card(adapters.Card{Title: "INC-1", Delivery: "d1", Ref: "INC-1", Buttons: []adapters.Button{{Label: "Oppakken", Command: "INC-1 take"}}})
	copied := h.noor.Raw(h.room, map[string]any{"msgtype": "m.text", "body": "INC-1", "nl.schoolbel.delivery": map[string]any{"delivery": "d1", "ref": "INC-1"}})
	h.anna.React(h.room, copied, "✅")
	h.anna.Write(h.room, "", "en?")
	h.says("en?")
	for _, e := range h.all() {
		if e.Kind == adapters.Press {
			t.Errorf("it was pressed: %+v", e)
		}
	}
}

// A card that a moderator took away is said anew.
func TestACardThatWasTakenAway(t *testing.T) {
	h := open(t, matrixtest.Start(t), false)
	c := adapters.Card{Title: "INC-1", Delivery: "d1", Ref: "INC-1"}
	r := h.card(c)
	h.shows(h.room, r, func(matrixtest.Message) bool { return true })
	h.anna.Delete(h.room, string(r)) // who made the room may
	h.anna.Write(h.room, "", "weg ermee")
	h.says("weg ermee")
	err := h.Edit(t.Context(), h.place(), r, c)
	var failed *adapters.Failure
	if !errors.As(err, &failed) || failed.Why != adapters.Gone {
		t.Fatalf("changing what is gone: %v", err)
	}
	again := h.card(c)
	if again == r {
		t.Fatal("the homeserver took it for the one that is gone")
	}
	h.shows(h.room, again, func(m matrixtest.Message) bool { return m.Text == "INC-1" })
}

// After a restart the bot still knows what was its own: a removal of its card is not
// told as one of a person, and the card is said anew.
func TestACardThatWasTakenAwayAfterARestart(t *testing.T) {
	kinds(t, func(t *testing.T, h *house) {
		c := adapters.Card{Title: "INC-1", Delivery: "d1", Ref: "INC-1"}
		r := h.card(c)
		h.anna.Write(h.room, "", "gezien")
		h.says("gezien")
		h.again()
		h.anna.Delete(h.room, string(r))
		h.anna.Write(h.room, "", "weg ermee")
		h.says("weg ermee")
		for _, e := range h.all() {
			if e.Kind == adapters.Deleted {
				t.Errorf("it is told as %+v", e)
			}
		}
		err := h.Edit(t.Context(), h.place(), r, c)
		var failed *adapters.Failure
		if !errors.As(err, &failed) || failed.Why != adapters.Gone {
			t.Fatalf("changing what is gone: %v", err)
		}
		again := h.card(c)
		if again == r {
			t.Fatal("the homeserver took it for the one that is gone")
		}
		h.shows(h.room, again, func(m matrixtest.Message) bool { return m.Text == "INC-1" })
	})
}

// The direct room is the same after a restart and for who left it; when a third comes
// in, it is no direct room any more.
func TestDirectRooms(t *testing.T) {
	kinds(t, func(t *testing.T, h *house) {
		anna := string(h.anna.ID)
		direct := func() string {
			t.Helper()
			at, err := h.Direct(t.Context(), anna)
			if err != nil {
				t.Fatal(err)
			}
			return at.Channel
		}
		first := direct()
		in := func() bool { return contains(h.anna.Members(first), anna) }
		h.until(in)
		h.again()
		if direct() != first {
			t.Error("after a restart it is another room")
		}
		h.anna.Leave(first)
		h.until(func() bool { return !in() })
		h.until(func() bool { return direct() == first && in() })
		h.anna.Write(first, "", "ben je daar")
		if e := h.says("ben je daar"); !e.Direct {
			t.Errorf("told as %+v", e)
		}
		h.anna.Invite(first, h.noor.ID)
		h.until(func() bool { return contains(h.anna.Members(first), string(h.noor.ID)) })
		h.anna.Write(first, "", "met zijn drieën")
		if e := h.says("met zijn drieën"); e.Direct {
			t.Errorf("told as %+v", e)
		}
		if direct() == first {
			t.Error("what is private would be read by three")
		}
		mine := h.noor.Direct(userID(h.bot), h.secret)
		h.until(func() bool { return contains(h.noor.Members(mine), h.bot) })
		h.noor.Write(mine, "", "hoi")
		if e := h.says("hoi"); !e.Direct || e.Place.Channel != mine {
			t.Errorf("told as %+v", e)
		}
		if at, err := h.Direct(t.Context(), string(h.noor.ID)); err != nil || at.Channel != mine {
			t.Errorf("who made a direct room with us is answered in %v, %v", at, err)
		}
	})
}

// Only people of servers that are allowed may ask the bot in; who puts it out is rid
// of it, until they ask it in again.
func TestInvitations(t *testing.T) {
	h := open(t, matrixtest.Start(t), false)
	h.anna.Kick(h.room, userID(h.bot))
	h.until(func() bool {
		_, err := h.Send(t.Context(), h.place(), adapters.Card{Text: "is daar iemand"})
		var failed *adapters.Failure
		return errors.As(err, &failed) && failed.Why == adapters.Gone
	})
	h.anna.Invite(h.room, userID(h.bot))
	h.until(func() bool { return contains(h.anna.Members(h.room), h.bot) })
	h.card(adapters.Card{Text: "daar ben ik weer"})

	h.stop()
	h.keys["allow_invites_from"] = []string{"elsewhere.example"}
	h.make()
	h.listen()
	room := h.noor.Room("Niet hier", false, userID(h.bot))
	h.until(func() bool { return h.noor.Membership(room, userID(h.bot)) == "leave" })
}

// Without keys the bot says nothing in an encrypted room, and why.
func TestAnEncryptedRoomWithoutKeys(t *testing.T) {
	h := open(t, matrixtest.Start(t), false)
	room := h.anna.Room("Achter slot", true, userID(h.bot))
	h.until(func() bool { return contains(h.anna.Members(room), h.bot) })
	_, err := h.Send(t.Context(), adapters.Place{Adapter: matrix.Name, Channel: room}, adapters.Card{Text: "open en bloot"})
	var failed *adapters.Failure
	if !errors.As(err, &failed) || failed.Why != adapters.Refused || !strings.Contains(err.Error(), "the room is encrypted") {
		t.Errorf("the verdict is %v", err)
	}
	h.anna.React(h.room, h.anna.Write(h.room, "", "en hier?"), "✅")
	h.says("en hier?")
	for _, m := range h.Messages(room) {
		if m.Sender == h.bot {
			t.Errorf("it said %q", m.Text)
		}
	}
}

// A login that was ended is made again; a password that is refused is told.
func TestALoginThatEnds(t *testing.T) {
	kinds(t, func(t *testing.T, h *house) {
		h.steady()
		h.LogOut(userID(h.bot))
		var r adapters.Receipt
		h.until(func() bool {
			var err error
			r, err = h.Send(t.Context(), h.place(), adapters.Card{Text: "ik ben er weer", Delivery: "back"})
			return err == nil
		})
		h.shows(h.room, r, func(m matrixtest.Message) bool { return m.Text == "ik ben er weer" })
		h.anna.Write(h.room, "", "hoor je mij nog") // her client knows our new keys by now
		h.says("hoor je mij nog")
		h.stop()
		h.keys["password"] = "something else"
		h.make()
		go func(m *matrix.Matrix) { _ = m.Run(t.Context(), h.take) }(h.Matrix)
		h.until(func() bool {
			err := matrix.Plug.Ready(h.Matrix)
			return err != nil && strings.Contains(err.Error(), "password: the homeserver refuses it")
		})
	})
}
