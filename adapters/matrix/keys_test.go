package matrix_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"schoolbel/adapters"
	"schoolbel/adapters/matrix"
	"schoolbel/adapters/matrix/matrixtest"
	"schoolbel/store/storetest"
)

// bases plays a part in an encrypted room, with the keys in either database.
func bases(t *testing.T, part func(*testing.T, *house)) {
	t.Helper()
	matrixtest.NeedKeys(t)
	t.Run("sqlite", func(t *testing.T) { part(t, open(t, matrixtest.Start(t), true)) })
	t.Run("postgres", func(t *testing.T) {
		database := storetest.Postgres(t)
		part(t, openOn(t, matrixtest.Start(t), true, database))
	})
}

// Keys stay over a restart: what was said meanwhile is read, with no new device; and
// the account vouches for the device, so that nobody need verify it.
func TestKeysAreKept(t *testing.T) {
	bases(t, func(t *testing.T, h *house) {
		h.anna.Write(h.room, "", "voor de herstart")
		h.says("voor de herstart")
		r := h.card(adapters.Card{Title: "INC-1", Delivery: "d1"})
		h.steady()
		h.stop()
		h.anna.Write(h.room, "", "tijdens de herstart")
		h.make()
		h.listen()
		h.says("tijdens de herstart")
		if found, ok, err := h.Find(t.Context(), h.place(), "d1", time.Now().Add(-time.Hour)); err != nil || !ok || found != r {
			t.Errorf("its own words are found as %v, %v, %v", found, ok, err)
		}
		if !h.anna.Trusts(userID(h.bot)) {
			t.Error("people see the bot's device as unverified")
		}
		if n := h.anna.Devices(userID(h.bot)); n != 1 {
			t.Errorf("the bot has %d devices", n)
		}
		h.keys["pickle_key"] = "another one"
		h.stop()
		h.make()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func(m *matrix.Matrix) { done <- m.Run(ctx, h.take) }(h.Matrix)
		h.until(func() bool {
			err := matrix.Plug.Ready(h.Matrix)
			return err != nil && strings.Contains(err.Error(), "pickle_key: does not open the keys")
		})
		cancel()
		<-done
	})
}

// A message whose key does not come waits for it, over a restart too, and is told as
// soon as it can be read.
func TestAMessageWaitsForItsKey(t *testing.T) {
	bases(t, func(t *testing.T, h *house) {
		h.anna.Write(h.room, "", "eerst dit")
		h.says("eerst dit")
		h.Alter(func(path string, body []byte) []byte {
			if !strings.HasSuffix(path, "/sync") {
				return body
			}
			var news map[string]json.RawMessage
			if json.Unmarshal(body, &news) != nil {
				return body
			}
			delete(news, "to_device") // the keys get lost
			body, _ = json.Marshal(news)
			return body
		})
		h.noor.Write(h.room, "", "niemand leest dit")
		t.Cleanup(func() { t.Logf("%+v", h.all()) })
		waiting := func() int {
			kept, err := h.kit.Memory.All(t.Context(), "wait/")
			if err != nil {
				t.Fatal(err)
			}
			return len(kept)
		}
		h.until(func() bool { return waiting() == 1 })
		h.anna.Write(h.room, "", "dit wel") // with a key that came before
		h.says("dit wel")
		h.again()
		if waiting() != 1 {
			t.Error("after a restart it waits no more")
		}
		for _, e := range h.all() {
			if e.Text == "niemand leest dit" {
				t.Fatal("it was read without its key")
			}
		}
		h.Alter(nil)
		h.again() // it asks the writer, and gets an answer
		e := h.says("niemand leest dit")
		if e.User.ID != string(h.noor.ID) || e.Place.Channel != h.room || e.ID == "" {
			t.Errorf("told as %+v", e)
		}
		h.until(func() bool { return waiting() == 0 })
	})
}

// Two processes on one database are two devices. Both hear everything, under the same
// id; a form is asked once, and comes back once.
func TestTwoProcesses(t *testing.T) {
	matrixtest.NeedKeys(t)
	database := storetest.Postgres(t)
	h := openOn(t, matrixtest.Start(t), true, database)
	second, err := matrix.New(section(t, h.keys), kit(t, database))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- second.Run(ctx, h.take) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	h.until(func() bool { return matrix.Plug.Ready(second) == nil })
	if n := h.anna.Devices(userID(h.bot)); n != 2 {
		t.Fatalf("the bot has %d devices", n)
	}
	// What either says is read by all, and shows that their clients know both devices.
	for i, m := range []*matrix.Matrix{h.Matrix, second} {
		r, err := m.Send(t.Context(), h.place(), adapters.Card{Text: "hallo", Delivery: fmt.Sprint("d", i)})
		if err != nil {
			t.Fatal(err)
		}
		h.shows(h.room, r, func(m matrixtest.Message) bool { return m.Text == "hallo" && m.Closed })
	}
	both := func(event string) bool { return len(h.answers(event)) == 2 }
	at := h.anna.Write(h.room, "", "wifi ligt eruit")
	h.until(func() bool { return both(at) })
	// The one finds what the other said.
	h.until(func() bool {
		_, ok, err := h.Find(t.Context(), h.place(), "d1", time.Now().Add(-time.Hour))
		return err == nil && ok
	})

	// A new device of somebody gets the keys of both.
	phone := h.Another(h.noor)
	for i, m := range []*matrix.Matrix{h.Matrix, second} {
		n := 0
		h.until(func() bool {
			n++
			words := fmt.Sprintf("voor je telefoon %d.%d", i, n)
			if _, err := m.Send(t.Context(), h.place(), adapters.Card{Text: words, Delivery: words}); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond) // its keys may come a little later than the message before
			defer cancel()
			return h.Wait(ctx, func() bool { return phone.Reads(h.room, words) }) == nil
		})
	}

	c := adapters.Card{Title: "INC-1", Delivery: "card", Ref: "INC-1", Buttons: []adapters.Button{{Label: "Oplossen", Command: "INC-1 resolve"}}}
	r := h.card(c)
	h.shows(h.room, r, func(m matrixtest.Message) bool { return m.Text != "" })
	form := adapters.Form{Title: "Oplossen", Command: "INC-1 resolve", Inputs: []adapters.Input{{Name: "solution", Label: "Wat was het?"}, {Name: "note", Label: "Nog iets?", Optional: true}}}
	h.start(func(ctx context.Context, e adapters.Event) error {
		if e.Kind == adapters.Press { // as the bot does, in each process
			if err := h.OpenForm(ctx, e, form); err != nil {
				return err
			}
			return second.OpenForm(ctx, e, form)
		}
		return nil
	})
	pressed := h.anna.React(h.room, string(r), "✅")
	h.until(func() bool { return both(pressed) })
	last := h.Fill(string(h.anna.ID), h.bot, map[string]string{"solution": "kabel"})
	e := h.heard(func(e adapters.Event) bool { return e.Kind == adapters.Submit })
	if e.Form["solution"] != "kabel" || e.Message != string(r) || !strings.HasSuffix(e.ID, last) {
		t.Errorf("the form came back as %+v", e)
	}
	h.anna.Write(h.room, "", "klaar")
	h.says("klaar")
	asked, ids := 0, map[string]bool{}
	for _, m := range h.Messages(h.DM(string(h.anna.ID), h.bot)) {
		if m.Ask != "" {
			asked++
		}
	}
	for _, e := range h.all() {
		if e.Kind == adapters.Submit {
			ids[e.ID] = true
		}
	}
	if asked != 2 || len(ids) != 1 {
		t.Errorf("%d questions were asked, and the form came back as %v", asked, ids)
	}
	if !h.anna.Trusts(userID(h.bot)) {
		h.until(func() bool { return h.anna.Trusts(userID(h.bot)) })
	}
}
