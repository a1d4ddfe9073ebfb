package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"schoolbel/adapters"
	"schoolbel/bot/lang"
	"schoolbel/workflows"
)

// types lets somebody write to the bot in their own room.
func (h *house) types(user, text string) {
	h.Helper()
	h.events++
	kind := adapters.Message
	if h.pressed {
		kind, h.pressed = adapters.Press, false
	}
	err := h.Handle(h.Context(), adapters.Event{
		ID: fmt.Sprint("e", h.events), Kind: kind, Place: adapters.Place{Adapter: "slack", Channel: "D" + user},
		User: adapters.User{ID: user, Name: user}, Text: text, Direct: true, At: h.at,
	})
	if err != nil {
		h.Fatal(err)
	}
}

// hears brings what waits for somebody and gives the last of it.
func (h *house) hears(user string) string {
	h.Helper()
	h.chat.sent = nil
	h.carries("slack:D" + user)
	if len(h.chat.sent) == 0 {
		return ""
	}
	last := h.chat.sent[len(h.chat.sent)-1]
	return last.Title + "\n" + last.Text
}

var sixOf = regexp.MustCompile(`(\d{3}) (\d{3})`)

// A code stands on the screen of who asked for it, and nowhere else.
func TestACodeIsKeptNowhere(t *testing.T) {
	h := newHouse(t)
	h.types("U0GAST", "koppel mijn account")
	shown := h.hears("U0GAST")
	code := sixOf.FindStringSubmatch(shown)
	if code == nil {
		t.Fatalf("no code is shown: %s", shown)
	}
	kept := fmt.Sprint(h.memory.Deliveries())
	for _, d := range h.memory.Deliveries() {
		kept += string(d.Body)
	}
	key, err := h.digest(t.Context(), code[1]+code[2])
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(kept, code[1]+code[2]) || strings.Contains(kept, code[0]) || strings.Contains(key, code[1]+code[2]) {
		t.Errorf("it is kept: %s", kept)
	}
	err = h.memory.Do(t.Context(), func(tx workflows.Tx) error {
		talk, err := tx.Talk(t.Context(), key)
		if talk == nil || strings.Contains(string(talk.Body), code[1]) {
			t.Errorf("its digest leads to %+v", talk)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	again := h.hears("U0GAST") // it is shown once
	if again != "" {
		t.Errorf("it is shown again: %s", again)
	}
}

// Everybody together guesses no more than a hundred times an hour.
func TestManyGuessTogether(t *testing.T) {
	h := newHouse(t)
	for i := range allWrong {
		h.types(fmt.Sprint("U0G", i/4), "koppel 000000")
	}
	h.types("U0LAST", "koppel 000000")
	if said := h.hears("U0LAST"); !strings.Contains(said, "te vaak") {
		t.Errorf("after %d wrong codes it says %s", allWrong, said)
	}
	h.at = h.at.Add(2 * time.Hour)
	h.types("U0LAST", "koppel 000000")
	if said := h.hears("U0LAST"); !strings.Contains(said, "ken ik niet") {
		t.Errorf("an hour later it says %s", said)
	}
}

// A tie of a guest to a guest goes on when that guest is somebody, and undoing the
// first one sets the guest free of both.
func TestTiesOfTies(t *testing.T) {
	h := newHouse(t)
	tied := func(shows, enters string) {
		h.types(shows, "koppel mijn account")
		code := sixOf.FindStringSubmatch(h.hears(shows))
		h.types(enters, "koppel "+code[1]+code[2])
		if said := h.hears(enters); !strings.Contains(said, "Gekoppeld") {
			t.Fatalf("%s and %s: %s", shows, enters, said)
		}
	}
	keys := func(person string) string {
		h.refresh(t.Context())
		k := h.alsoOf(person)
		slices.Sort(k)
		return strings.Join(k, " ")
	}
	owner := func(account string) (person string) {
		err := h.memory.Do(t.Context(), func(tx workflows.Tx) error {
			a, err := tx.Account(t.Context(), account)
			person = a.Person
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return person
	}
	tied("U0ONE", "U0TWO")
	if owner("slack:U0TWO") != "slack:U0ONE" || keys("slack:U0ONE") != "slack:U0TWO" {
		t.Fatalf("U0TWO is of %s, who is also %s", owner("slack:U0TWO"), keys("slack:U0ONE"))
	}
	tied("U0ANNA", "U0ONE")
	if got := keys("anna"); got != "slack:U0ANNA slack:U0ONE slack:U0TWO" {
		t.Fatalf("anna is also %s", got)
	}
	h.types("U0TWO", notMe(h, "e2")) // "e2" tied the two guests
	if got := keys("anna"); got != "slack:U0ANNA slack:U0ONE" || owner("slack:U0TWO") != "slack:U0TWO" || owner("slack:U0ONE") != "anna" {
		t.Errorf("undone, anna is also %s, U0TWO is of %s and U0ONE of %s", got, owner("slack:U0TWO"), owner("slack:U0ONE"))
	}
	h.types("U0PETER", notMe(h, "e4")) // not his affair
	if keys("anna") != "slack:U0ANNA slack:U0ONE" {
		t.Error("somebody else undid it")
	}
	h.at = h.at.Add(25 * time.Hour)
	h.types("U0ONE", notMe(h, "e4")) // too late for the button
	if keys("anna") != "slack:U0ANNA slack:U0ONE" {
		t.Error("it was undone after a day")
	}
	h.types("U0ONE", "ontkoppel") // and never too late to go one's own way
	if got := keys("anna"); got != "slack:U0ANNA" || owner("slack:U0ONE") != "slack:U0ONE" {
		t.Errorf("untied, anna is also %s", got)
	}
}

// notMe presses the button of a deed; the words of types are then those of a button.
func notMe(h *house, deed string) string {
	h.pressed = true
	return notMeWord + " " + deed
}

// Words about ties mean one thing each, in all languages together.
func TestTheWordsOfTies(t *testing.T) {
	h := newHouse(t)
	for word, want := range map[string]string{
		"koppel": "tie", "link": "tie", "ontkoppel": "untie", "unlink": "untie", "koppelingen": "ties", "links": "ties", "was ik niet": "not_me", "not me": "not_me", "hulp": "",
	} {
		if got := h.words.ties[word]; got != want {
			t.Errorf("%q means %q", word, got)
		}
	}
	pages := map[string]string{}
	for _, language := range lang.Languages {
		pages[language] = h.Book.Say(language, "bot.help.text")
	}
	if !strings.Contains(pages["nl"], "koppel mijn account") || !strings.Contains(pages["en"], "link my account") {
		t.Errorf("help does not list it: %v", pages)
	}
}

// What cannot reach somebody is tried at each other account once, and what was meant
// for one pair of eyes stays that.
func TestOnward(t *testing.T) {
	h := newHouse(t)
	card := adapters.Card{Text: "nieuws", Private: true, To: "U0ANNA"}
	body, err := json.Marshal(card)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	err = h.memory.Do(ctx, func(tx workflows.Tx) error {
		for id, at := range map[string]time.Time{"slack:U0OLD": h.at.Add(-time.Hour), "slack:U0NEW": h.at, "slack:U0PETER": h.at, "pigeon:loft": h.at} {
			if err := tx.SaveAccount(ctx, workflows.Account{ID: id, Person: "anna", SeenAt: at}); err != nil {
				return err
			}
		}
		return tx.Send(ctx, workflows.Delivery{ID: "news", Place: "slack:C0NOORD", Kind: "say", Person: "anna", Body: body})
	})
	if err != nil {
		t.Fatal(err)
	}
	var places []string
	for place := "slack:C0NOORD"; ; {
		h.chat.script = []error{failed(adapters.Gone)}
		h.carries(place)
		all := h.memory.Deliveries()
		last := all[len(all)-1]
		if last.Place == place {
			break
		}
		var sent adapters.Card
		if err := json.Unmarshal(last.Body, &sent); err != nil || sent.Private || sent.To != "" || sent.Text != "nieuws" {
			t.Errorf("it goes on as %s", last.Body)
		}
		place = last.Place
		places = append(places, place)
		if len(places) > 5 {
			break
		}
	}
	// Her own account of the school file was never seen; U0PETER is Peter's by the file.
	if got := strings.Join(places, " "); got != "slack:@U0NEW slack:@U0OLD slack:@U0ANNA" {
		t.Errorf("it goes to %s", got)
	}
}

// A code is never sent on: it is for one screen.
func TestACodeIsNotSentOn(t *testing.T) {
	h := newHouse(t)
	h.types("U0ANNA", "koppel mijn account")
	h.chat.script = []error{failed(adapters.Gone)}
	h.carries("slack:DU0ANNA")
	for _, d := range h.memory.Deliveries() {
		if d.Place != "slack:DU0ANNA" {
			t.Errorf("%s goes to %s", d.ID, d.Place)
		}
	}
}

// A platform that lets us in no more keeps everything waiting, however long, and is
// told of once until it is mended.
func TestLocked(t *testing.T) {
	h := newHouse(t)
	said := &counting{}
	h.Bot.Log = said.logger()
	h.wants("m")
	for range 3 * tried {
		h.chat.script = []error{&adapters.Failure{Why: adapters.Locked, Scope: "account", Err: errors.New("put in a new key")}}
		h.at = h.carries(ictRoom)
	}
	if words, locked := h.Trouble("slack"); words != "put in a new key" || !locked {
		t.Errorf("it says %q, %v", words, locked)
	}
	if words, locked := h.Trouble("teams"); words != "" || locked {
		t.Errorf("of another platform it says %q", words)
	}
	if n := said.errors(); n != 1 {
		t.Errorf("it was logged %d times", n)
	}
	h.chat.script = []error{failed(adapters.Retry)} // and none of that counts as a try
	if again := h.carries(ictRoom); again.Sub(h.at) != 2*time.Second {
		t.Errorf("a first failure waits %s", again.Sub(h.at))
	}
	h.at = h.at.Add(time.Minute)
	h.carries(ictRoom)
	if d := h.only(); d.State != workflows.Sent {
		t.Errorf("mended, it is %s", d.State)
	}
	if words, _ := h.Trouble("slack"); words != "" {
		t.Errorf("mended, it still says %q", words)
	}
}

// What somebody's client says of their address proves nothing: only the platform's own
// directory does.
func TestAnAddressThatNobodyVouchesFor(t *testing.T) {
	h := newHouse(t)
	ev := adapters.Event{ID: "e1", Kind: adapters.Message, Place: adapters.Place{Adapter: "slack", Channel: "DU0X"}, User: adapters.User{ID: "U0X", Email: "n.dewit@delinde.example"}, Direct: true, At: h.at}
	who, err := h.who(t.Context(), ev)
	if err != nil || !who.guest || who.Key != "slack:U0X" || len(who.Roles) > 0 {
		t.Errorf("it is %+v, %v", who, err)
	}
}

// Who reported one outage by two accounts that were tied since, hears of it once.
func TestTwoKeysHearOnce(t *testing.T) {
	for _, who := range [][]string{{"U0ONE", "U0ANNA"}, {"U0ANNA", "U0ONE"}} {
		hearOnce(t, who[0], who[1])
	}
}

func hearOnce(t *testing.T, one, other string) {
	t.Helper()
	h := newHouse(t)
	h.types(one, "wifi ligt eruit op Noord, hele gang")
	h.types(other, "bij mij ook geen wifi op Noord")
	h.types(one, "koppel mijn account")
	code := sixOf.FindStringSubmatch(h.hears(one))
	h.types(other, "koppel "+code[1]+code[2])
	h.announced()
	if r := h.does("noor", "resolve", "solution", "kabel"); len(r.Reporters) != 2 {
		t.Fatalf("reported by %v", r.Reporters)
	}
	heard := 0
	for _, texts := range h.announced() {
		for _, text := range texts {
			if strings.Contains(text, "Werkt het bij jou weer?") {
				heard++
			}
		}
	}
	if heard != 1 {
		t.Errorf("she hears it %d times", heard)
	}
}

// Who has several accounts is told things by the one that they used last.
func TestTheAccountThatWasUsedLast(t *testing.T) {
	h := newHouse(t)
	h.types("U0ONE", "koppel mijn account")
	code := sixOf.FindStringSubmatch(h.hears("U0ONE"))
	h.types("U0ANNA", "koppel "+code[1]+code[2])
	for _, user := range []string{"U0ONE", "U0ANNA", "U0ONE"} {
		h.at = h.at.Add(time.Minute)
		h.types(user, "status")
		err := h.memory.Do(t.Context(), func(tx workflows.Tx) error {
			rows, err := tx.Accounts(t.Context(), "anna")
			if rooms := h.roomsOf("anna", rows); len(rooms) != 2 || rooms[0].Channel != "@"+user {
				t.Errorf("%s spoke last, and she is told in %v", user, rooms)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A platform that does not answer, and then lets us in no more: what is worse is told,
// too.
func TestWhatIsWorseIsTold(t *testing.T) {
	h := newHouse(t)
	said := &counting{}
	h.Bot.Log = said.logger()
	h.trouble("slack:", "it does not answer", false)
	h.trouble("slack:", "put in a new key", true)
	h.trouble("slack:", "it does not answer", false)
	if words, locked := h.Trouble("slack"); words != "put in a new key" || !locked || said.errors() != 2 {
		t.Errorf("it says %q, %v, told %d times", words, locked, said.errors())
	}
}
