package console

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"schoolbel/adapters"
)

func TestThePlugHasNoSettings(t *testing.T) {
	kit := adapters.Kit{Log: slog.New(slog.DiscardHandler), Now: time.Now}
	for text, fine := range map[string]bool{"{}": true, "": true, "~": true, "{port: 1}": false, "yes please": false, "[1]": false} {
		var section yaml.Node
		if err := yaml.Unmarshal([]byte(text), &section); err != nil {
			t.Fatal(err)
		}
		_, err := Plug.New(section, kit)
		if (err == nil) != fine {
			t.Errorf("%q gives %v", text, err)
		}
	}
}

func TestCardsStandWhereTheyWereSent(t *testing.T) {
	h := newHouse(t)
	card := adapters.Card{Title: "INC-1", Facts: []adapters.Fact{{Name: "a", Value: "b"}}, Delivery: "7"}
	r := h.send("ict", card)
	card.Facts[0].Value = "changed after it was sent"
	m := h.Messages("ict")
	if len(m) != 1 || m[0].Receipt != r || m[0].Card.Facts[0].Value != "b" || m[0].From != "" || m[0].Edits != 0 {
		t.Fatalf("the room shows %+v", m)
	}
	if err := h.Edit(t.Context(), at0("ict", ""), r, adapters.Card{Title: "INC-1 opgelost"}); err != nil {
		t.Fatal(err)
	}
	if m := h.Messages("ict"); len(m) != 1 || m[0].Card.Title != "INC-1 opgelost" || m[0].Edits != 1 || m[0].Receipt != r {
		t.Errorf("after the edit the room shows %+v", m)
	}
}

func TestAnEditAfterARestartBringsTheCardBack(t *testing.T) {
	before := newHouse(t)
	r := before.send("ict", adapters.Card{Title: "INC-1"})
	after := newHouse(t)
	other := after.send("ict", adapters.Card{Title: "INC-2"})
	if r == other {
		t.Fatalf("two messages are called %s", r)
	}
	for n := range 2 {
		if err := after.Edit(t.Context(), at0("ict", "root"), r, adapters.Card{Title: fmt.Sprint("INC-1, ", n)}); err != nil {
			t.Fatal(err)
		}
	}
	m := after.Messages("ict")
	if len(m) != 2 || m[1].Receipt != r || m[1].Card.Title != "INC-1, 1" || m[1].Thread != "root" || m[1].Edits != 1 {
		t.Errorf("the room shows %+v", m)
	}
}

func TestReceiptsAreUniqueInOneMoment(t *testing.T) {
	c := New(slog.New(slog.DiscardHandler), func() time.Time { return time.Unix(0, 0) })
	seen := map[adapters.Receipt]bool{}
	for range 1000 {
		r := c.newReceipt()
		if seen[r] {
			t.Fatalf("%s was given twice", r)
		}
		seen[r] = true
	}
}

func TestARoomKeepsItsLastMessages(t *testing.T) {
	h := newHouse(t)
	first := h.send("ict", adapters.Card{Title: "first"})
	for n := range roomHolds {
		h.send("ict", adapters.Card{Title: fmt.Sprint(n)})
	}
	m := h.Messages("ict")
	if len(m) != roomHolds || m[0].Card.Title != "0" {
		t.Errorf("the room keeps %d messages from %q", len(m), m[0].Card.Title)
	}
	if len(h.where) != roomHolds {
		t.Errorf("%d receipts are remembered", len(h.where))
	}
	if err := h.Edit(t.Context(), at0("ict", ""), first, adapters.Card{Title: "again"}); err != nil {
		t.Fatal(err)
	}
	if m := h.Messages("ict"); m[len(m)-1].Receipt != first {
		t.Errorf("a card that was let go did not come back: %+v", m[len(m)-1])
	}
}

func TestWhatCannotBeSent(t *testing.T) {
	h := newHouse(t)
	for what, try := range map[string]struct {
		channel string
		card    adapters.Card
	}{
		"a room that is not there":            {"zolder", adapters.Card{}},
		"a person who is not there":           {"dm:niemand", adapters.Card{}},
		"the home page of nobody":             {"home:niemand", adapters.Card{}},
		"a private card to nobody":            {"ict", adapters.Card{Private: true}},
		"a private card to one who is not in": {"ict", adapters.Card{Private: true, To: "niemand"}},
		"a made room that is broken":          {"made:x?who=%zz", adapters.Card{}},
	} {
		if _, err := h.Send(t.Context(), at0(try.channel, ""), try.card); why(err) != adapters.Gone {
			t.Errorf("%s: got %v", what, err)
		}
	}
	if status, _ := h.post("say", `"id":"12345678","person":"anna","channel":"noord","text":"van mij"`); status != 200 {
		t.Fatal(status)
	}
	if err := h.Edit(t.Context(), at0("noord", ""), h.Messages("noord")[0].Receipt, adapters.Card{}); why(err) != adapters.Refused {
		t.Errorf("the bot changed what a person wrote: %v", err)
	}
}

func TestAPrivateCardGoesToTheDirectRoomOfThoseWhoAreNotIn(t *testing.T) {
	h := newHouse(t)
	r := h.send("ict", adapters.Card{Text: "dit mag je niet", Private: true, To: "anna"})
	if m := h.Messages("ict"); len(m) != 0 {
		t.Errorf("the room shows %+v", m)
	}
	if err := h.Edit(t.Context(), at0("ict", ""), r, adapters.Card{Text: "dit mag je wel", Private: true, To: "anna"}); err != nil {
		t.Fatal(err)
	}
	if m := h.Messages("dm:anna"); len(m) != 1 || m[0].To != "anna" || m[0].Edits != 1 {
		t.Errorf("Anna sees %+v", m)
	}
}

func TestTheHomePageIsOneCard(t *testing.T) {
	h := newHouse(t)
	for _, title := range []string{"een", "twee"} {
		if r := h.send("home:anna", adapters.Card{Title: title}); r != "home" {
			t.Errorf("got receipt %q", r)
		}
	}
	if err := h.Edit(t.Context(), at0("dm:anna", ""), "home", adapters.Card{Title: "drie", Delivery: "9"}); err != nil {
		t.Fatal(err)
	}
	if m := h.Messages("home:anna"); len(m) != 1 || m[0].Card.Title != "drie" {
		t.Errorf("Anna's home shows %+v", m)
	}
	if m := h.Messages("home:peter"); m != nil {
		t.Errorf("Peter's home shows %+v", m)
	}
	if _, found, _ := h.Find(t.Context(), at0("home:anna", ""), "9", time.Time{}); !found {
		t.Error("the delivery at home is not found")
	}
}

func TestFindADelivery(t *testing.T) {
	h := newHouse(t)
	began := time.Now()
	r := h.send("ict", adapters.Card{Delivery: "7"})
	h.send("ict", adapters.Card{})
	if got, found, err := h.Find(t.Context(), at0("ict", ""), "7", began); got != r || !found || err != nil {
		t.Errorf("got %q %v %v, want %q", got, found, err, r)
	}
	for delivery, since := range map[string]time.Time{"8": began, "": began, "7": time.Now().Add(time.Hour)} {
		if got, found, _ := h.Find(t.Context(), at0("ict", ""), delivery, since); found {
			t.Errorf("delivery %q was found as %q", delivery, got)
		}
	}
}

func TestPeopleAreKnown(t *testing.T) {
	h := newHouse(t)
	if u, err := h.User(t.Context(), "noor"); err != nil || u.Name != "Noor de Wit" {
		t.Errorf("got %+v %v", u, err)
	}
	if p, err := h.Direct(t.Context(), "noor"); err != nil || p != at0("dm:noor", "") {
		t.Errorf("got %+v %v", p, err)
	}
	if _, err := h.User(t.Context(), "niemand"); why(err) != adapters.Gone {
		t.Errorf("got %v", err)
	}
	if _, err := h.Direct(t.Context(), "niemand"); why(err) != adapters.Gone {
		t.Errorf("got %v", err)
	}
}

func TestAMadeRoomOutlivesARestart(t *testing.T) {
	before := newHouse(t)
	place, err := before.MakeRoom(t.Context(), "CRS-1 brand & rook", []string{"joost", "karim"})
	if err != nil {
		t.Fatal(err)
	}
	if again, err := before.MakeRoom(t.Context(), "CRS-1 brand & rook", nil); err != nil || again == place {
		t.Errorf("a second room got %+v %v", again, err)
	}
	if p, ok := adapters.ParsePlace(place.String()); !ok || p != place {
		t.Errorf("%q is read as %+v", place, p)
	}
	after := newHouse(t)
	after.send(place.Channel, adapters.Card{Title: "CRS-1"})
	joost := after.read("joost")
	if last := joost.Rooms[len(joost.Rooms)-1]; last.Name != "CRS-1 brand & rook" || last.Members != 2 || len(last.Messages) != 1 {
		t.Errorf("Joost sees %+v", last)
	}
	if anna := after.read("anna"); len(anna.Rooms) != 2 {
		t.Errorf("Anna sees %+v", anna.Rooms)
	}
}

func TestWaitSeesEachChange(t *testing.T) {
	h := newHouse(t)
	came := make(chan error, 1)
	looked := make(chan struct{}, 100)
	go func() {
		came <- h.Wait(t.Context(), func() bool {
			looked <- struct{}{}
			return len(h.Messages("ict")) == 2
		})
	}()
	<-looked
	h.send("ict", adapters.Card{})
	<-looked
	h.send("ict", adapters.Card{})
	if err := <-came; err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Wait(ctx, func() bool { return false }); err == nil {
		t.Error("waiting for nothing ended well")
	}
}

func TestRunWaits(t *testing.T) {
	h := newHouse(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- h.Run(ctx, h.bot) }()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestTidyLeavesWhatCanBeRead(t *testing.T) {
	for text, want := range map[string]string{
		"gewoon, é 漢字\n\ttweede regel":    "gewoon, é 漢字\n\ttweede regel",
		"👨\u200d👩\u200d👧 می\u200cخواهم":   "👨\u200d👩\u200d👧 می\u200cخواهم",
		"om\u202egedraaid\u202c \u2066x":  "omgedraaid x",
		"on\u200bzicht\u00adbaar\x00\x1b": "onzichtbaar",
		"half \xf0\x9f":                   "half \uFFFD",
	} {
		if got := visible(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
	if got := short("éééé", 4); got != "éééé" {
		t.Errorf("what fits was cut: %q", got)
	}
	if got := short("ééééé", 4); got != "ééé…" {
		t.Errorf("what does not fit is %q", got)
	}
	long := adapters.Card{Facts: make([]adapters.Fact, manyThings+7), Buttons: []adapters.Button{{Command: "INC-1 note note=\u200bx"}}}
	tidied := tidy(long)
	if n := len(tidied.Facts); n != manyThings+1 || tidied.Facts[n-1].Name != "… +7" {
		t.Errorf("%d facts, the last is %+v", n, tidied.Facts[n-1])
	}
	if tidied.Buttons[0].Command != long.Buttons[0].Command || len(long.Facts) != manyThings+7 {
		t.Error("a command or the card of the bot was changed")
	}
}
