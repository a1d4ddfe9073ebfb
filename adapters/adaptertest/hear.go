package adaptertest

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"schoolbel/adapters"
)

func tells(t *testing.T, s Subject) {
	able(t, s, Hear, s.Write != nil)
	e := listen(t, s)
	const text = "wifi ligt eruit & het < 5 min > werkt, hele gang\ntweede regel é 😀"
	if !s.Write(s.Person.ID, s.Room, text).Taken {
		t.Fatal("it was not taken")
	}
	in := e.next()
	if in.Kind != adapters.Message || in.Text != text || in.User.ID != s.Person.ID || in.Place != s.Room || in.Direct {
		t.Errorf("in a room: %+v", in)
	}
	if in.ID == "" || !strings.HasPrefix(in.ID, s.Adapter.Name()+":") {
		t.Errorf("the id is %q", in.ID)
	}
	if in.Message == "" || in.At.IsZero() {
		t.Errorf("the message is %q at %v", in.Message, in.At)
	}
	thread := in.Place
	thread.Thread = in.Message
	answer := send(t, s, thread, adapters.Card{Text: "We kijken ernaar."})
	if got := find(t, s, s.Room, answer).Thread; got != in.Message {
		t.Errorf("an answer to the message stands under %q", got)
	}
	s.Write(s.Other.ID, thread, "ook hier")
	if reply := e.next(); reply.Place != thread || reply.Message == in.Message || reply.User.ID != s.Other.ID {
		t.Errorf("in a thread: %+v, want place %v", reply, thread)
	}
	s.Write(s.Person.ID, adapters.Place{}, "alleen tegen jou")
	private := e.next()
	if !private.Direct || private.Text != "alleen tegen jou" {
		t.Errorf("in a direct room: %+v", private)
	}
	find(t, s, private.Place, send(t, s, private.Place, card("antwoord")))
	if directory, ok := s.Adapter.(adapters.Directory); ok {
		if at, err := directory.Direct(t.Context(), s.Person.ID); err != nil || at.Channel != private.Place.Channel {
			t.Errorf("the direct room is %v (%v), but %v wrote in %v", at, err, s.Person.ID, private.Place)
		}
	}
	e.nothing()
}

func keepsID(t *testing.T, s Subject) {
	able(t, s, Once, s.Write != nil)
	e := listen(t, s)
	did := s.Write(s.Person.ID, s.Room, "wifi ligt eruit")
	first := e.next()
	did.Again()
	if second := e.next(); second.ID != first.ID {
		t.Errorf("told twice, it is %q and %q", first.ID, second.ID)
	}
	s.Write(s.Person.ID, s.Room, "wifi ligt eruit")
	if other := e.next(); other.ID == first.ID {
		t.Errorf("two messages are both %q", other.ID)
	}
}

func tellsAgain(t *testing.T, s Subject) {
	able(t, s, Durable, s.Write != nil)
	e := listen(t, s)
	e.deaf <- errors.New("the database is away")
	did := s.Write(s.Person.ID, s.Room, "wifi ligt eruit")
	if did.Taken {
		t.Error("the platform was told that it is kept, and it was not")
	}
	if !did.Again().Taken {
		t.Error("the second time it was kept, and the platform does not know")
	}
	if in := e.next(); in.Text != "wifi ligt eruit" {
		t.Errorf("got %+v", in)
	}
}

func presses(t *testing.T, s Subject) {
	able(t, s, Buttons, s.Press != nil)
	e := listen(t, s)
	commands := map[string]string{
		"Oppakken":  "INC-1 oppakken",
		"Oplossen":  `INC-1 oplossen solution="Switch <2> & \"kabel\" vervangen"`,
		"Lang":      "CHG-12 aanvragen plan=" + strings.Repeat("stap ", 300),
		"Ontkennen": "INC-1 nee 😀",
	}
	c := card("INC-1 Wifi ligt eruit")
	c.Buttons = nil
	for label, command := range commands {
		c.Buttons = append(c.Buttons, adapters.Button{Label: label, Command: command, Confirm: "Zeker?"})
	}
	r := send(t, s, s.Room, c)
	ids := map[string]bool{}
	for label, command := range commands {
		did := s.Press(s.Other.ID, s.Room, r, label)
		if !did.Taken {
			t.Fatalf("the press on %s was not taken", label)
		}
		in := e.next()
		if in.Kind != adapters.Press || in.Text != command || in.User.ID != s.Other.ID || in.Message != string(r) || in.Place != s.Room {
			t.Errorf("%s: %+v", label, in)
		}
		did.Again()
		if again := e.next(); again.ID != in.ID || ids[in.ID] {
			t.Errorf("%s: told twice, it is %q and %q", label, in.ID, again.ID)
		}
		ids[in.ID] = true
	}
	s.Press(s.Other.ID, s.Room, r, "Oppakken")
	if in := e.next(); ids[in.ID] {
		t.Error("pressed once more, it has the id of the first press")
	}
}

func comesBack(t *testing.T, s Subject) {
	opener := power[adapters.FormOpener](t, s, Forms)
	e := listen(t, s)
	r := send(t, s, s.Room, card("INC-1 Wifi ligt eruit"))
	s.Press(s.Person.ID, s.Room, r, "Oppakken")
	pressed := e.next()
	form := adapters.Form{
		Title: "Een titel die langer is dan past", Text: "Vertel wat er is.", Command: "INC-1 oplossen", Submit: "Verstuur", Cancel: "Laat maar",
		Inputs: []adapters.Input{
			{Name: "solution", Label: "Wat was het?", Hint: "Kort", Long: true},
			{Name: "impact", Label: "Hoe erg?", Value: "small", Options: []adapters.Option{{Value: "large", Label: "Groot"}, {Value: "small", Label: "Klein"}}},
			{Name: "from", Label: "Vanaf", Time: true, Value: "2027-02-22T08:00:00Z"},
			{Name: "note", Label: "Nog iets?", Optional: true},
		},
	}
	if err := opener.OpenForm(t.Context(), pressed, form); err != nil {
		t.Fatalf("open the form: %v", err)
	}
	const solution = "Switch <2> & kabel\nvervangen 😀"
	did := s.Fill(s.Person.ID, map[string]string{"solution": solution, "impact": "large"})
	if !did.Taken {
		t.Fatal("the form was not taken")
	}
	in := e.next()
	want := map[string]string{"solution": solution, "impact": "large", "from": "2027-02-22T08:00:00Z", "note": ""}
	got := maps.Clone(in.Form)
	if _, told := got["note"]; !told {
		got["note"] = "" // left empty: told as such, or not at all
	}
	if in.Kind != adapters.Submit || in.Text != "INC-1 oplossen" || !maps.Equal(got, want) {
		t.Errorf("it came back as %+v", in)
	}
	if in.Place != s.Room || in.Message != string(r) || in.User.ID != s.Person.ID {
		t.Errorf("it does not know where it was opened: %+v", in)
	}
	// A trigger opens one form and no more.
	verdict(t, opener.OpenForm(t.Context(), pressed, form), adapters.Gone)
}

func attaches(t *testing.T, s Subject) {
	able(t, s, Files, s.Attach != nil)
	e := listen(t, s)
	if !s.Attach(s.Person.ID, s.Room, "zo ziet het eruit", "scherm <1>.png").Taken {
		t.Fatal("it was not taken")
	}
	in := e.next()
	if in.Kind != adapters.Message || in.Text != "zo ziet het eruit" || len(in.Files) != 1 {
		t.Fatalf("it came as %+v", in)
	}
	if f := in.Files[0]; f.Name != "scherm <1>.png" || f.URL == "" {
		t.Errorf("the file is %+v", f)
	}
}

func rewrites(t *testing.T, s Subject) {
	able(t, s, Changed, s.Rewrite != nil && s.Delete != nil)
	e := listen(t, s)
	s.Write(s.Person.ID, s.Room, "wifi ligt er uit")
	first := e.next()
	if !s.Rewrite(s.Person.ID, s.Room, first.Message, "wifi & beamer liggen eruit").Taken {
		t.Error("the change was not taken")
	}
	in := e.next()
	if in.Kind != adapters.Edited || in.Message != first.Message || in.Text != "wifi & beamer liggen eruit" || in.User.ID != s.Person.ID || in.ID == first.ID {
		t.Errorf("the change came as %+v", in)
	}
	if !s.Delete(s.Person.ID, s.Room, first.Message).Taken {
		t.Error("the deletion was not taken")
	}
	if gone := e.next(); gone.Kind != adapters.Deleted || gone.Message != first.Message || gone.ID == in.ID {
		t.Errorf("the deletion came as %+v", gone)
	}
	e.nothing()
}
