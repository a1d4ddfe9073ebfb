package bot

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"schoolbel/adapters"
	"schoolbel/workflows"
)

const ictRoom = "slack:C0ICT"

// wants asks for one message in the ICT room.
func (h *house) wants(id string) {
	h.Helper()
	err := h.memory.Do(h.Context(), func(tx workflows.Tx) error {
		place, _ := adapters.ParsePlace(ictRoom)
		return sendCard(h.Context(), tx, id, place, adapters.Card{Text: "hallo"}, "")
	})
	if err != nil {
		h.Fatal(err)
	}
}

// carries brings what is due in a place, and gives when it must be asked again.
func (h *house) carries(place string) time.Time {
	h.Helper()
	err := h.Carry(h.Context(), workflows.Carry{Place: place})
	var again *workflows.Again
	if errors.As(err, &again) {
		return again.At
	}
	if err != nil {
		h.Fatal(err)
	}
	return time.Time{}
}

// only is the one message there is.
func (h *house) only() workflows.Delivery {
	h.Helper()
	all := h.memory.Deliveries()
	if len(all) != 1 {
		h.Fatalf("%d messages", len(all))
	}
	return all[0]
}

func failed(why adapters.Why) error {
	return &adapters.Failure{Why: why, Err: errors.New("no")}
}

// After each verdict of the platform a message waits, is looked for, or is given up.
func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		name  string
		err   error
		state workflows.DeliveryState
		after time.Duration // until the next try; 0 is none
	}{
		{"all is well", nil, workflows.Sent, 0},
		{"again", failed(adapters.Retry), workflows.Pending, 2 * time.Second},
		{"too fast", &adapters.Failure{Why: adapters.TooFast, After: 7 * time.Second, Err: errors.New("no")}, workflows.Pending, 7 * time.Second},
		{"perhaps it arrived", failed(adapters.Ambiguous), workflows.Ambiguous, lookInto},
		{"nobody knows", errors.New("EOF"), workflows.Ambiguous, lookInto},
		{"the room is gone", failed(adapters.Gone), workflows.Failed, 0},
		{"never", failed(adapters.Refused), workflows.Failed, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			h.wants("m")
			h.chat.script = []error{c.err}
			again := h.carries(ictRoom)
			d := h.only()
			if d.State != c.state || (d.Why == "") != (c.err == nil) {
				t.Errorf("it is %s: %q", d.State, d.Why)
			}
			if c.after == 0 && !again.IsZero() || c.after > 0 && !again.Equal(h.at.Add(c.after)) {
				t.Errorf("it is tried again at %s, and now it is %s", again, h.at)
			}
			h.at = h.at.Add(c.after)
			h.carries(ictRoom)
			if n := len(h.chat.sent); (n == 1) != (c.state != workflows.Failed) {
				t.Errorf("in the end it was sent %d times", n)
			}
		})
	}
}

// A message that perhaps arrived is looked for first: found, it is not sent again.
func TestWhatArrivedIsNotSentAgain(t *testing.T) {
	h := newHouse(t)
	h.wants("m")
	h.chat.script = []error{failed(adapters.Ambiguous)}
	h.at = h.carries(ictRoom)
	h.chat.lost = errors.New("a time-out") // the question gets no answer either
	h.at = h.carries(ictRoom)
	if d := h.only(); d.State != workflows.Ambiguous || len(h.chat.sent) > 0 {
		t.Fatalf("not knowing, it is %s, and %d were sent", d.State, len(h.chat.sent))
	}
	h.chat.lost, h.chat.there["m"] = nil, "17.1"
	h.carries(ictRoom)
	if d := h.only(); d.State != workflows.Sent || d.Receipt != "17.1" || len(h.chat.sent) > 0 {
		t.Errorf("found, it is %s with %q, and %d were sent", d.State, d.Receipt, len(h.chat.sent))
	}
}

// "Too fast" counts for the room, or for the whole platform, and is no fault of the
// message: however often, it is not given up.
func TestTooFast(t *testing.T) {
	for scope, held := range map[string]bool{"": false, "account": true} {
		h := newHouse(t)
		h.wants("m")
		for range 3 * tried {
			h.chat.script = append(h.chat.script, &adapters.Failure{Why: adapters.TooFast, After: time.Second, Scope: scope, Err: errors.New("429")})
		}
		h.carries(ictRoom)
		if err := h.memory.Do(t.Context(), func(tx workflows.Tx) error {
			place, _ := adapters.ParsePlace("slack:C0NOORD")
			return sendCard(t.Context(), tx, "other", place, adapters.Card{Text: "hoi"}, "")
		}); err != nil {
			t.Fatal(err)
		}
		other := h.chat.script
		h.chat.script = nil
		h.carries("slack:C0NOORD")
		if waits := len(h.chat.sent) == 0; waits != held {
			t.Errorf("scope %q: another room waits: %v", scope, waits)
		}
		h.chat.script = other
		for range 3 * tried {
			h.at = h.at.Add(time.Second)
			h.carries(ictRoom)
		}
		h.at = h.at.Add(time.Second)
		h.carries(ictRoom)
		if d := h.memory.Deliveries()[0]; d.State != workflows.Sent {
			t.Errorf("scope %q: in the end it is %s: %s", scope, d.State, d.Why)
		}
	}
}

// Pauses grow and end at five minutes; after four hours a message is given up, and
// those behind it go on.
func TestGivenUp(t *testing.T) {
	h := newHouse(t)
	h.wants("m")
	h.wants("n")
	for range tried {
		h.chat.script = append(h.chat.script, failed(adapters.Retry))
	}
	begin := h.at
	var pauses []string
	for range tried - 1 {
		again := h.carries(ictRoom)
		pauses = append(pauses, again.Sub(h.at).String())
		h.at = again
	}
	h.carries(ictRoom)
	if got := strings.Join(pauses[:11], " "); got != "2s 4s 8s 16s 32s 1m4s 2m8s 4m16s 5m0s 5m0s 5m0s" {
		t.Errorf("the pauses are %s", got)
	}
	if took := h.at.Sub(begin); took < 4*time.Hour || took > 5*time.Hour {
		t.Errorf("it is given up after %s", took)
	}
	all := h.memory.Deliveries()
	if all[0].State != workflows.Failed || all[1].State != workflows.Sent || len(h.chat.sent) != 1 {
		t.Errorf("they are %s and %s", all[0].State, all[1].State)
	}
}

// A card is one message that is edited; when somebody took that away, it is posted
// anew.
func TestOneCard(t *testing.T) {
	h := newHouse(t)
	h.reports()
	h.announced()
	h.carries(ictRoom)
	h.does("noor", "take")
	h.announced()
	h.carries(ictRoom)
	if len(h.chat.sent) != 1 || len(h.chat.edited) != 1 || !strings.Contains(fmt.Sprint(h.chat.edited[0].Facts), "Noor de Wit") {
		t.Fatalf("%d posted and %d edited: %+v", len(h.chat.sent), len(h.chat.edited), h.chat.edited)
	}
	h.does("noor", "wait")
	h.announced()
	h.chat.script = []error{failed(adapters.Gone)}
	h.carries(ictRoom)
	if len(h.chat.sent) != 2 || len(h.chat.edited) != 1 {
		t.Errorf("%d posted and %d edited", len(h.chat.sent), len(h.chat.edited))
	}
}

// What can never be brought fails at once, with the reason.
func TestWhatCannotBeBrought(t *testing.T) {
	h := newHouse(t)
	for id, d := range map[string]workflows.Delivery{
		"elsewhere": {Place: "pigeon:loft", Kind: "say", Body: []byte(`{}`)},
		"nowhere":   {Place: "rommel", Kind: "say", Body: []byte(`{}`)},
	} {
		d.ID = id
		if err := h.memory.Do(t.Context(), func(tx workflows.Tx) error { return tx.Send(t.Context(), d) }); err != nil {
			t.Fatal(err)
		}
		h.carries(d.Place)
	}
	for _, d := range h.memory.Deliveries() {
		if d.State != workflows.Failed || !strings.Contains(d.Why, "no adapter for "+d.Place) {
			t.Errorf("%s is %s: %s", d.ID, d.State, d.Why)
		}
	}
}

// Where nobody can look whether a message arrived, it goes by class: what asks for
// something or says which record it is about is said again, chatter is not.
func TestWhatNobodyCanLookUp(t *testing.T) {
	for name, c := range map[string]struct {
		card  adapters.Card
		again bool
	}{
		"chatter":        {adapters.Card{Text: "Gedaan."}, false},
		"about a record": {adapters.Card{Text: "INC-1 is opgelost.", Ref: "INC-1"}, true},
		"a question":     {adapters.Card{Text: "Waar?", Buttons: []adapters.Button{{Label: "Noord", Command: "noord"}}}, true},
		"in a list":      {adapters.Card{Sections: []adapters.Section{{Title: "INC-1", Buttons: []adapters.Button{{Label: "Tonen", Command: "INC-1"}}}}}, true},
	} {
		h := newHouse(t)
		h.platforms["slack"] = struct{ adapters.Adapter }{h.chat} // it lacks every other power
		if err := h.memory.Do(t.Context(), func(tx workflows.Tx) error {
			place, _ := adapters.ParsePlace(ictRoom)
			return sendCard(t.Context(), tx, "m", place, c.card, "anna") // who has another room, where it must not be said as well
		}); err != nil {
			t.Fatal(err)
		}
		h.chat.script = []error{failed(adapters.Ambiguous)}
		h.at = h.carries(ictRoom)
		h.carries(ictRoom)
		d := h.only()
		if said := len(h.chat.sent) == 1; said != c.again || said != (d.State == workflows.Sent) || !said && (d.State != workflows.Failed || !strings.Contains(d.Why, "chatter")) {
			t.Errorf("%s: sent %d, it is %s: %s", name, len(h.chat.sent), d.State, d.Why)
		}
	}
}
