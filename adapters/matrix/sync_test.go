package matrix_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"schoolbel/adapters"
	"schoolbel/adapters/matrix"
	"schoolbel/adapters/matrix/matrixtest"
)

// kinds plays a part in plain and in encrypted rooms.
func kinds(t *testing.T, part func(*testing.T, *house)) {
	t.Helper()
	for kind, secret := range map[string]bool{"plain": false, "encrypted": true} {
		t.Run(kind, func(t *testing.T) {
			if secret {
				matrixtest.NeedKeys(t)
			}
			part(t, open(t, matrixtest.Start(t), secret))
		})
	}
}

// The bot stops in the middle of keeping something: the next one hears it again.
func TestNothingIsLostInTheMiddleOfAHandler(t *testing.T) {
	kinds(t, func(t *testing.T, h *house) {
		h.steady()
		inside := make(chan string, 8)
		h.start(func(ctx context.Context, e adapters.Event) error {
			inside <- e.Text
			<-ctx.Done() // and then the light goes out
			return ctx.Err()
		})
		h.anna.Write(h.room, "", "wifi ligt eruit")
		h.noor.Write(h.room, "", "hier ook")
		if got := <-inside; got != "wifi ligt eruit" {
			t.Errorf("first it heard %q", got)
		}
		h.stop()
		if len(h.all()) > 0 {
			t.Fatalf("it was kept: %+v", h.all())
		}
		h.start(func(context.Context, adapters.Event) error { return nil })
		h.make()
		h.listen()
		h.says("wifi ligt eruit")
		h.says("hier ook")
	})
}

// What the house cannot keep is told again until it can, and nothing overtakes it.
func TestWhatIsNotKeptIsToldAgain(t *testing.T) {
	h := open(t, matrixtest.Start(t), false)
	var down atomic.Int32
	down.Store(3)
	h.start(func(_ context.Context, e adapters.Event) error {
		if e.Text == "een" && down.Add(-1) >= 0 {
			return errors.New("the database is away")
		}
		return nil
	})
	h.anna.Write(h.room, "", "een")
	h.noor.Write(h.room, "", "twee")
	h.says("twee")
	if all := h.all(); all[0].Text != "een" {
		t.Errorf("it was overtaken: %+v", all)
	}
	if down.Load() >= 0 {
		t.Error("the trouble did not come to pass")
	}
}

// A panic in the house does not end the listening; what makes it fall over every time
// is left behind.
func TestAPanicIsContained(t *testing.T) {
	h := open(t, matrixtest.Start(t), false)
	var falls atomic.Int32
	h.start(func(_ context.Context, e adapters.Event) error {
		if e.Text == "val om" {
			falls.Add(1)
			panic("as told")
		}
		return nil
	})
	h.anna.Write(h.room, "", "val om")
	h.anna.Write(h.room, "", "sta op")
	h.says("sta op")
	if falls.Load() < 2 {
		t.Errorf("it was tried %d times", falls.Load())
	}
	h.again()
	h.anna.Write(h.room, "", "nog steeds")
	h.says("nog steeds")
}

// More than two hundred messages while the bot was away, more than the homeserver
// tells by itself: each is heard once, in order.
func TestWhatWasMissedIsHeard(t *testing.T) {
	kinds(t, func(t *testing.T, h *house) {
		h.steady()
		h.stop()
		const each = 130
		var writing sync.WaitGroup
		for _, p := range []*matrixtest.Person{h.anna, h.noor} {
			writing.Go(func() {
				for i := range each {
					p.Write(h.room, "", fmt.Sprintf("%s %d", p.Name, i))
				}
			})
		}
		writing.Wait()
		h.make()
		h.listen()
		t.Cleanup(func() {
			var missing []string
			for _, p := range []*matrixtest.Person{h.anna, h.noor} {
				for i := range each {
					text := fmt.Sprintf("%s %d", p.Name, i)
					if !slices.ContainsFunc(h.all(), func(e adapters.Event) bool { return e.Text == text }) {
						missing = append(missing, text)
					}
				}
			}
			if len(missing) > 0 {
				t.Errorf("nobody heard %q", missing)
			}
		})
		h.until(func() bool { return len(h.all()) >= 2*each })
		next, ids := map[string]int{}, map[string]bool{}
		for _, e := range h.all() {
			if ids[e.ID] {
				t.Errorf("%s was told twice", e.ID)
			}
			ids[e.ID] = true
			name, n, _ := strings.Cut(e.Text, " ")
			for strings.Contains(n, " ") {
				_, n, _ = strings.Cut(n, " ")
			}
			if want := fmt.Sprint(next[name]); n != want {
				t.Errorf("%s: got %q, want number %s", name, e.Text, want)
			}
			next[name]++
		}
	})
}

// The homeserver is switched off and on again.
func TestTheHomeserverRestarts(t *testing.T) {
	kinds(t, func(t *testing.T, h *house) {
		h.steady()
		h.Down()
		_, err := h.Send(t.Context(), h.place(), adapters.Card{Title: "INC-1", Delivery: "while-down"})
		var failed *adapters.Failure
		if !errors.As(err, &failed) || failed.Why != adapters.Ambiguous && failed.Why != adapters.Retry {
			t.Errorf("the verdict is %v", err)
		}
		h.until(func() bool { return matrix.Plug.Ready(h.Matrix) != nil })
		h.Up()
		h.until(func() bool { return matrix.Plug.Ready(h.Matrix) == nil })
		h.anna.Write(h.room, "", "we zijn er weer")
		h.says("we zijn er weer")
		r := h.card(adapters.Card{Title: "INC-1", Delivery: "after"})
		h.shows(h.room, r, func(m matrixtest.Message) bool { return m.Text == "INC-1" })
	})
}

// A proxy that says "too fast" and one that is broken, on everything that the bot asks.
func TestListeningGoesOnThroughTrouble(t *testing.T) {
	for name, trouble := range map[string]matrixtest.Trouble{
		"too fast, in the body":   {Status: 429, Body: `{"errcode":"M_LIMIT_EXCEEDED","error":"slow","retry_after_ms":50}`},
		"too fast, in the header": {Status: 429, RetryAfter: 1, Body: `{"errcode":"M_LIMIT_EXCEEDED","error":"slow"}`},
		"bad gateway":             {Status: 502, Body: "<html>"},
		"the line breaks":         {Drop: true},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, matrixtest.Start(t), false)
			h.steady()
			var calls atomic.Int32
			h.Fault(func(*http.Request) *matrixtest.Trouble {
				if calls.Add(1)%2 == 1 { // every other call
					return &trouble
				}
				return nil
			})
			h.Hang()
			c := adapters.Card{Title: "INC-1", Delivery: "d1", Buttons: []adapters.Button{{Label: "Oppakken", Command: "INC-1 take"}, {Label: "Wacht", Command: "INC-1 wait"}}}
			var r adapters.Receipt
			h.until(func() (sent bool) {
				var err error
				if r, err = h.Send(t.Context(), h.place(), c); err != nil {
					var failed *adapters.Failure
					if !errors.As(err, &failed) {
						t.Fatalf("no verdict: %v", err)
					}
					if trouble.Status == 429 && (failed.Why != adapters.TooFast || failed.Scope != "account" || failed.After <= 0) {
						t.Fatalf("the verdict is %+v", failed)
					}
				}
				return err == nil
			})
			h.anna.Write(h.room, "", "hoor je mij")
			h.says("hoor je mij")
			h.shows(h.room, r, func(m matrixtest.Message) bool { return len(m.Reactions) == 2 })
			h.Fault(nil)
		})
	}
}

// What was said before the bot came is not answered; whether the room is encrypted
// counts all the same.
func TestOldMessagesAreLeftAlone(t *testing.T) {
	kinds(t, func(t *testing.T, h *house) {
		room := h.anna.Room("Vroeger", h.secret, h.noor.ID)
		h.anna.Write(room, "", "oud nieuws")
		h.anna.Invite(room, userID(h.bot))
		h.gathered(room, h.anna, h.noor)
		h.anna.Write(room, "", "nieuw nieuws")
		h.says("nieuw nieuws")
		r, err := h.Send(t.Context(), adapters.Place{Adapter: matrix.Name, Channel: room}, adapters.Card{Text: "hallo"})
		if err != nil {
			t.Fatal(err)
		}
		if m := h.shows(room, r, func(m matrixtest.Message) bool { return m.Text == "hallo" }); m.Closed != h.secret {
			t.Errorf("encrypted is %v", m.Closed)
		}
		// A bot whose database is lost listens for the first time once more.
		h.stop()
		h.anna.Write(room, "", "tijdens de verhuizing")
		h.kit = kit(t, t.TempDir()+"/new.db")
		h.make()
		h.listen()
		h.anna.Write(room, "", "na de verhuizing")
		h.says("na de verhuizing")
		for _, e := range h.all() {
			if e.Text == "oud nieuws" || e.Text == "tijdens de verhuizing" {
				t.Errorf("it answers %q", e.Text)
			}
		}
		if r, err = h.Send(t.Context(), adapters.Place{Adapter: matrix.Name, Channel: room}, adapters.Card{Text: "weer hallo"}); err != nil {
			t.Fatal(err)
		}
		if m := h.shows(room, r, func(m matrixtest.Message) bool { return m.Text == "weer hallo" }); m.Closed != h.secret {
			t.Errorf("after that, encrypted is %v", m.Closed)
		}
	})
}

// The bot came into a room and stopped before it heard of that. What was said there
// since is heard, and nothing of before.
func TestAJoinThatWasNotHeard(t *testing.T) {
	h := open(t, matrixtest.Start(t), false)
	before := h.steady()
	room := h.noor.Room("Team ICT", false, h.anna.ID)
	h.noor.Write(room, "", "van vroeger")
	h.noor.Invite(room, userID(h.bot))
	h.gathered(room, h.anna, h.noor)
	h.stop()
	if err := h.kit.Memory.Remember(t.Context(), "next/1", before); err != nil {
		t.Fatal(err)
	}
	const many = 150
	for i := range many {
		h.anna.Write(room, "", fmt.Sprint("bericht ", i))
	}
	h.make()
	h.listen()
	h.says(fmt.Sprint("bericht ", many-1))
	for i, e := range h.all() {
		if want := fmt.Sprint("bericht ", i); e.Text != want {
			t.Fatalf("got %q, want %q, of %d", e.Text, want, len(h.all()))
		}
	}
	if n := len(h.all()); n != many {
		t.Errorf("%d of %d were heard", n, many)
	}
}

// Who begins a direct room does not wait for the bot: what was said since the
// invitation is heard, also much of it and after a restart; what stood there before is
// not.
func TestWhatWasSaidSinceTheInvitation(t *testing.T) {
	kinds(t, func(t *testing.T, h *house) {
		h.steady()
		h.stop() // it cannot come in before all is said
		direct := h.anna.Direct(userID(h.bot), h.secret)
		h.anna.Write(direct, "", "wifi ligt eruit")
		busy := h.anna.Room("Vroeger", h.secret, h.noor.ID)
		h.until(func() bool { return h.anna.Knows(busy, h.noor.ID) })
		h.anna.Write(busy, "", "oud nieuws")
		h.anna.Invite(busy, userID(h.bot))
		h.until(func() bool { return h.noor.Expects(busy, userID(h.bot)) }) // then it gives the bot its keys
		const many = 120                                                    // more than the homeserver tells by itself
		for i := range many {
			h.noor.Write(busy, "", fmt.Sprint("bericht ", i))
		}
		h.make()
		h.listen()
		if e := h.says("wifi ligt eruit"); !e.Direct || e.Place.Channel != direct {
			t.Errorf("told as %+v", e)
		}
		for i := range many {
			h.says(fmt.Sprint("bericht ", i))
		}
		h.anna.Write(busy, "", "nu")
		h.says("nu")
		for _, e := range h.all() {
			if e.Text == "oud nieuws" {
				t.Error("it answers what was said before it was asked in")
			}
		}
	})
}
