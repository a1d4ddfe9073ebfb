package adaptertest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"schoolbel/adapters"
)

// card is one of ours as the bot makes them.
func card(title string) adapters.Card {
	return adapters.Card{
		Tone: adapters.Warn, Title: title, Text: "Hele gang, sinds vanochtend.\n\nTeam ICT kijkt ernaar.",
		Facts:    []adapters.Fact{{Name: "Dienst", Value: "Wifi"}, {Name: "Locatie", Value: "Noord"}},
		Buttons:  []adapters.Button{{Label: "Oppakken", Command: "INC-1 oppakken", Style: adapters.Primary}},
		Foot:     "Gemeld door Anna",
		Delivery: "delivery-of-" + title, Ref: "INC-1",
	}
}

func arrives(t *testing.T, s Subject) {
	at := send(t, s, s.Room, card("INC-1 Wifi ligt eruit"))
	seen := find(t, s, s.Room, at)
	for _, want := range []string{"INC-1 Wifi ligt eruit", "Hele gang", "Team ICT kijkt ernaar", "Dienst", "Wifi", "Noord", "Gemeld door Anna"} {
		if !strings.Contains(seen.Text, want) {
			t.Errorf("%q is not to be read in:\n%s", want, seen.Text)
		}
	}
	if !slices.Equal(seen.Labels, []string{"Oppakken"}) {
		t.Errorf("the buttons are %q", seen.Labels)
	}
	if seen.Delivery != "delivery-of-INC-1 Wifi ligt eruit" || seen.Ref != "INC-1" {
		t.Errorf("the marks are %q and %q", seen.Delivery, seen.Ref)
	}
}

func changes(t *testing.T, s Subject) {
	editor := power[adapters.Editor](t, s, Edit)
	at := send(t, s, s.Room, card("INC-1 Wifi ligt eruit"))
	changed := card("INC-1 Wifi doet het weer")
	changed.Buttons = nil
	if err := editor.Edit(t.Context(), s.Room, at, changed); err != nil {
		t.Fatalf("edit: %v", err)
	}
	seen := find(t, s, s.Room, at)
	if !strings.Contains(seen.Text, "doet het weer") || strings.Contains(seen.Text, "ligt eruit") || len(seen.Labels) > 0 {
		t.Errorf("after the change it says %q with buttons %q", seen.Text, seen.Labels)
	}
	if seen.Delivery != changed.Delivery {
		t.Errorf("after the change its mark is %q", seen.Delivery)
	}
	if n := len(s.Seen(s.Room)); n != 1 {
		t.Errorf("there are %d messages, want the one that was changed", n)
	}
}

func keepsOrder(t *testing.T, s Subject) {
	var want, got []adapters.Receipt
	for i := range 20 {
		want = append(want, send(t, s, s.Room, adapters.Card{Title: fmt.Sprint("bericht ", i)}))
	}
	for _, m := range s.Seen(s.Room) {
		got = append(got, m.Receipt)
	}
	if !slices.Equal(got, want) {
		t.Errorf("they stand as %v, were sent as %v", got, want)
	}
}

func staysInThread(t *testing.T, s Subject) {
	root := send(t, s, s.Room, card("INC-1 Wifi ligt eruit"))
	thread := s.Room
	thread.Thread = string(root)
	answer := send(t, s, thread, adapters.Card{Text: "Noor kijkt ernaar."})
	if got := find(t, s, s.Room, answer).Thread; got != string(root) {
		t.Errorf("the answer stands under %q, want %q", got, root)
	}
}

func staysPrivate(t *testing.T, s Subject) {
	c := card("Alleen voor jou")
	c.Private, c.To = true, s.Person.ID
	r := send(t, s, s.Room, c)
	for _, m := range s.Seen(s.Room) {
		if m.To != s.Person.ID {
			t.Errorf("everybody in the room can read %q", m.Text)
		}
	}
	if directory, ok := s.Adapter.(adapters.Directory); ok && len(s.Seen(s.Room)) == 0 {
		at, err := directory.Direct(t.Context(), s.Person.ID)
		if err != nil {
			t.Fatalf("direct room: %v", err)
		}
		find(t, s, at, r)
	}
}

// hostile is what people and machines write to do something that a text should
// not do; "wifi" stands in each and must stay to be read.
func hostile(s Subject) []string {
	return []string{
		"<!channel> wifi <!here> <!everyone>",
		"<@" + s.Other.ID + "> wifi @here @Channel @everyone @room",
		"@\u200bhere @he\u200dre wifi",
		"<https://kwaad.example|wifi> [wifi](https://kwaad.example)",
		"wifi *vet* _schuin_ ~door~ `code` ```blok```\n> citaat\n# kop",
		"wifi \u202etxt.exe\u202c \u2066naar\u2069 \u200flinks",
		"w\u200bi\u200cf\u2060i\ufeff wifi\u00ad",
		"wifi \x00\x01\x1b[31mrood\x7f\u0085",
		"wifi &lt;!channel&gt; &amp;lt; & < >",
		"wifi \xff\xfe kapot \xf0\x9f",
		"<script>alert(1)</script> wifi \"'",
		"wifi \U000e0041\U000e0042 👨‍👩‍👧‍👦 é ÄÖ 漢字",
		strings.Repeat("wifi ", 8000),
		"wifi" + strings.Repeat("&", 40_000),
		"wifi" + strings.Repeat("😀", 20_000),
	}
}

func isHarmless(t *testing.T, s Subject) {
	for i, text := range hostile(s) {
		c := adapters.Card{
			Tone: adapters.Alarm, Title: text, Text: text, Foot: text, Ref: "INC-1", Delivery: fmt.Sprint("hostile-", i),
			Facts:    []adapters.Fact{{Name: text, Value: text}},
			Sections: []adapters.Section{{Title: text, Text: text, Buttons: []adapters.Button{{Label: text, Command: "INC-1 tonen"}}}},
			Buttons:  []adapters.Button{{Label: text, Command: "INC-1 oppakken", Confirm: text}},
		}
		seen := find(t, s, s.Room, send(t, s, s.Room, c))
		if !strings.Contains(seen.Text, "wifi") {
			t.Errorf("%d: what was written is lost: %.200q", i, seen.Text)
		}
		if len(seen.Calls) > 0 {
			t.Errorf("%d: it calls %q", i, seen.Calls)
		}
		if at := strings.IndexAny(seen.Text, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200e\u200f\u2060\ufeff\x00\x1b"); at >= 0 {
			t.Errorf("%d: an unseen character is left: %.40q", i, seen.Text[at:])
		}
		if len(seen.Labels) != 2 {
			t.Errorf("%d: there are %d buttons, want both", i, len(seen.Labels))
		}
	}
}

func isCut(t *testing.T, s Subject) {
	long := adapters.Card{Title: "Lange lijst", Foot: "einde"}
	for i := range 200 {
		long.Sections = append(long.Sections, adapters.Section{
			Title: fmt.Sprint("INC-", i), Text: strings.Repeat("woord ", 700),
			Buttons: []adapters.Button{{Label: "Tonen", Command: fmt.Sprint("INC-", i, " tonen")}},
		})
		long.Facts = append(long.Facts, adapters.Fact{Name: fmt.Sprint("feit ", i), Value: strings.Repeat("waarde ", 100)})
		long.Buttons = append(long.Buttons, adapters.Button{Label: fmt.Sprint("knop ", i), Command: fmt.Sprint("doe ", i)})
	}
	seen := find(t, s, s.Room, send(t, s, s.Room, long))
	if !strings.Contains(seen.Text, "Lange lijst") || strings.Count(seen.Text, "… +") < 2 {
		t.Errorf("it does not say that there is more: %.200q", seen.Text)
	}
	send(t, s, s.Room, adapters.Card{}) // nothing at all is harmless too
}

func waits(t *testing.T, s Subject) {
	able(t, s, Pace, s.Break != nil)
	s.Break(Hurry)
	_, err := s.Adapter.Send(t.Context(), s.Room, card("te snel"))
	after := verdict(t, err, adapters.TooFast)
	if s.Unpaced && after <= 0 {
		t.Errorf("it says to wait %v", after)
	} else if !s.Unpaced && after != Pause {
		t.Errorf("it says to wait %v, the platform said %v", after, Pause)
	}
	if n := len(s.Seen(s.Room)); n != 0 {
		t.Errorf("%d messages arrived", n)
	}
	send(t, s, s.Room, card("nu wel"))
}

func isGone(t *testing.T, s Subject) {
	_, err := s.Adapter.Send(t.Context(), s.Missing, card("voor niemand"))
	verdict(t, err, adapters.Gone)
	editor, ok := s.Adapter.(adapters.Editor)
	if !ok {
		return
	}
	first := send(t, s, s.Room, card("een"))
	verdict(t, editor.Edit(t.Context(), s.Missing, first, card("twee")), adapters.Gone)
}

func looksUp(t *testing.T, s Subject) {
	able(t, s, Find, s.Break != nil)
	finder := power[adapters.Finder](t, s, Find)
	began := time.Now().Add(-time.Hour)
	root := send(t, s, s.Room, card("root"))
	thread := s.Room
	thread.Thread = string(root)
	for _, at := range []adapters.Place{s.Room, thread} {
		s.Break(Lost)
		c := card("kwijt in " + at.Thread)
		_, err := s.Adapter.Send(t.Context(), at, c)
		verdict(t, err, adapters.Ambiguous)
		r, found, err := finder.Find(t.Context(), at, c.Delivery, began)
		if err != nil || !found {
			t.Fatalf("what arrived is not found: %v", err)
		}
		if got := find(t, s, s.Room, r).Delivery; got != c.Delivery {
			t.Errorf("found %q, want %q", got, c.Delivery)
		}
	}
	if _, found, err := finder.Find(t.Context(), s.Room, "nooit verstuurd", began); err != nil || found {
		t.Errorf("what was never sent: found %v, %v", found, err)
	}
}

func isDown(t *testing.T, s Subject) {
	able(t, s, Outage, s.Break != nil)
	s.Break(Down)
	c := card("tijdens een storing")
	_, err := s.Adapter.Send(t.Context(), s.Room, c)
	verdict(t, err, adapters.Ambiguous, adapters.Retry)
	if finder, ok := s.Adapter.(adapters.Finder); ok {
		if _, found, err := finder.Find(t.Context(), s.Room, c.Delivery, time.Now().Add(-time.Hour)); err != nil || found {
			t.Errorf("what did not arrive: found %v, %v", found, err)
		}
	}
	send(t, s, s.Room, c)
}

func isDirect(t *testing.T, s Subject) {
	directory := power[adapters.Directory](t, s, People)
	who, err := directory.User(t.Context(), s.Person.ID)
	if err != nil || who != s.Person {
		t.Errorf("looked up %+v (%v), want %+v", who, err, s.Person)
	}
	at, err := directory.Direct(t.Context(), s.Person.ID)
	if err != nil {
		t.Fatalf("direct room: %v", err)
	}
	if again, err := directory.Direct(t.Context(), s.Person.ID); err != nil || again != at {
		t.Errorf("the direct room is %v, then %v (%v)", at, again, err)
	}
	if at.Adapter != s.Adapter.Name() {
		t.Errorf("the place says %q", at)
	}
	find(t, s, at, send(t, s, at, card("alleen wij")))
	for _, user := range []string{"U0NOBODY", ""} {
		_, err := directory.User(t.Context(), user)
		verdict(t, err, adapters.Gone, adapters.Refused)
	}
}

func makesRoom(t *testing.T, s Subject) {
	maker := power[adapters.RoomMaker](t, s, Rooms)
	first, err := maker.MakeRoom(t.Context(), "Crisis CRS-1: stroom & wifi", []string{s.Person.ID, s.Other.ID})
	if err != nil {
		t.Fatalf("make a room: %v", err)
	}
	find(t, s, first, send(t, s, first, card("welkom")))
	second, err := maker.MakeRoom(t.Context(), "Crisis CRS-1: stroom & wifi", nil)
	if err != nil || second == first {
		t.Errorf("the same name again: %v, %v; want a room of its own", second, err)
	}
}
