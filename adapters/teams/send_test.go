package teams_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"schoolbel/adapters"
	"schoolbel/adapters/teams"
	"schoolbel/adapters/teams/teamsfake"
)

var room = adapters.Place{Adapter: "teams", Channel: ict}

func failure(t *testing.T, err error) *adapters.Failure {
	t.Helper()
	var f *adapters.Failure
	if !errors.As(err, &f) {
		t.Fatalf("got %v, want a *Failure", err)
	}
	return f
}

// Each answer of Teams has its verdict: what certainly did not arrive may be said
// again, of what perhaps arrived only an edit may.
func TestVerdicts(t *testing.T) {
	later := newClock().now().Add(2*time.Minute + 30*time.Second)
	for name, try := range map[string]struct {
		trouble    teamsfake.Trouble
		send, edit adapters.Why
		after      time.Duration
	}{
		"429 with seconds":     {teamsfake.Trouble{Status: 429, RetryAfter: "7"}, adapters.TooFast, adapters.TooFast, 7 * time.Second},
		"429 with a date":      {teamsfake.Trouble{Status: 429, RetryAfter: later.Format(http.TimeFormat)}, adapters.TooFast, adapters.TooFast, 30 * time.Second},
		"429 and no more":      {teamsfake.Trouble{Status: 429}, adapters.TooFast, adapters.TooFast, 10 * time.Second},
		"412":                  {teamsfake.Trouble{Status: 412}, adapters.Retry, adapters.Retry, 0},
		"408":                  {teamsfake.Trouble{Status: 408}, adapters.Ambiguous, adapters.Retry, 0},
		"500":                  {teamsfake.Trouble{Status: 500}, adapters.Ambiguous, adapters.Retry, 0},
		"502":                  {teamsfake.Trouble{Status: 502}, adapters.Ambiguous, adapters.Retry, 0},
		"503":                  {teamsfake.Trouble{Status: 503}, adapters.Retry, adapters.Retry, 0},
		"503 with seconds":     {teamsfake.Trouble{Status: 503, RetryAfter: "7"}, adapters.TooFast, adapters.TooFast, 7 * time.Second},
		"504":                  {teamsfake.Trouble{Status: 504, Store: true}, adapters.Ambiguous, adapters.Retry, 0},
		"the line breaks":      {teamsfake.Trouble{Drop: true}, adapters.Ambiguous, adapters.Retry, 0},
		"blocked":              {teamsfake.Trouble{Status: 403, Code: "MessageWritesBlocked"}, adapters.Gone, adapters.Gone, 0},
		"not in the room":      {teamsfake.Trouble{Status: 403, Code: "BotNotInConversationRoster"}, adapters.Gone, adapters.Gone, 0},
		"not there":            {teamsfake.Trouble{Status: 404}, adapters.Gone, adapters.Gone, 0},
		"too big":              {teamsfake.Trouble{Status: 413, Code: "MessageSizeTooBig"}, adapters.Refused, adapters.Refused, 0},
		"we speak it wrongly":  {teamsfake.Trouble{Status: 400, Code: "BadSyntax"}, adapters.Refused, adapters.Refused, 0},
		"sent somewhere else":  {teamsfake.Trouble{Status: 307}, adapters.Refused, adapters.Refused, 0},
		"a token that is gone": {teamsfake.Trouble{Status: 401}, adapters.Retry, adapters.Locked, 0}, // the second time it is another one
	} {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			h := openWith(t, adapters.Kit{Now: c.now})
			r, err := h.Send(t.Context(), room, adapters.Card{Text: "een"})
			if err != nil {
				t.Fatal(err)
			}
			c.pass(2 * time.Minute)
			h.Fault(func(call string, _ int) *teamsfake.Trouble {
				if call == "send" || call == "update" {
					return &try.trouble
				}
				return nil
			})
			_, err = h.Send(t.Context(), room, adapters.Card{Text: "twee"})
			if f := failure(t, err); f.Why != try.send || f.After != try.after || f.Scope != "" {
				t.Errorf("sent, it is %s after %v (%q): %v", f.Why, f.After, f.Scope, f.Err)
			}
			if n := h.Calls("send"); n != 2 {
				t.Errorf("it was sent %d times by itself", n-1)
			}
			c.pass(2 * time.Minute)
			if f := failure(t, h.Edit(t.Context(), room, r, adapters.Card{Text: "drie"})); f.Why != try.edit {
				t.Errorf("edited, it is %s: %v", f.Why, f.Err)
			}
			h.Fault(nil)
			if _, err := h.Send(t.Context(), room, adapters.Card{Text: "vier"}); err != nil {
				t.Errorf("when all is well again: %v", err)
			}
		})
	}
}

// Nobody listens there: then it certainly did not arrive.
func TestNobodyThere(t *testing.T) {
	h := open(t)
	if _, err := h.Send(t.Context(), room, adapters.Card{Text: "een"}); err != nil {
		t.Fatal(err)
	}
	h.Close()
	_, _ = h.Send(t.Context(), room, adapters.Card{Text: "twee"}) // on the line that broke: who knows
	_, err := h.Send(t.Context(), room, adapters.Card{Text: "drie"})
	if f := failure(t, err); f.Why != adapters.Retry {
		t.Errorf("it is %s: %v", f.Why, f.Err)
	}
}

// One token serves everybody, and is renewed before it ends.
func TestTheTokenIsShared(t *testing.T) {
	c := newClock()
	h := openWith(t, adapters.Kit{Now: c.now})
	var going sync.WaitGroup
	for range 20 {
		going.Go(func() {
			if _, err := h.Send(t.Context(), room, adapters.Card{Text: "hoi"}); err != nil {
				t.Error(err)
			}
		})
	}
	going.Wait()
	if n := h.Fetched("token"); n != 1 {
		t.Errorf("twenty messages at once asked for %d tokens", n)
	}
	for at, want := range []int{1, 2} {
		c.pass([]time.Duration{54 * time.Minute, 2 * time.Minute}[at])
		if _, err := h.Send(t.Context(), room, adapters.Card{Text: "hoi"}); err != nil || h.Fetched("token") != want {
			t.Errorf("at %s: %d tokens, want %d (%v)", c.now().Format(time.TimeOnly), h.Fetched("token"), want, err)
		}
	}
}

// While Microsoft does not know us everything waits, and the verdict says what to mend.
// Who calls tells the operator: not the adapter, each time.
func TestARevokedSecret(t *testing.T) {
	c := newClock()
	var told bytes.Buffer
	h := openWith(t, adapters.Kit{Now: c.now, Log: slog.New(slog.NewTextHandler(&told, nil))})
	h.Revoke(true)
	for range 3 {
		_, err := h.Send(t.Context(), room, adapters.Card{Text: "hoi"})
		if f := failure(t, err); f.Why != adapters.Locked || f.Scope != "account" || f.After == 0 || !strings.Contains(f.Error(), "put it in adapters.teams.app_secret") {
			t.Errorf("it is %s %q: %v", f.Why, f.Scope, f.Err)
		}
	}
	if err := teams.Plug.Ready(h.Teams); err == nil || !strings.Contains(err.Error(), "make a new client secret") {
		t.Errorf("ready says %v", err)
	}
	if strings.Contains(told.String(), "app_secret") || strings.Contains(told.String(), teamsfake.AppSecret) {
		t.Errorf("the adapter tells it by itself: %s", told.String())
	}
	h.Revoke(false)
	if _, err := h.Send(t.Context(), room, adapters.Card{Text: "hoi"}); err != nil {
		t.Error(err)
	}
	if err := teams.Plug.Ready(h.Teams); err != nil {
		t.Errorf("mended, ready says %v", err)
	}
}

// A token that Teams does not take is asked for anew once; then the configuration is
// to blame.
func TestATokenThatIsNotTaken(t *testing.T) {
	c := newClock()
	h := openWith(t, adapters.Kit{Now: c.now})
	h.Fault(func(call string, _ int) *teamsfake.Trouble {
		if call == "send" {
			return &teamsfake.Trouble{Status: 401}
		}
		return nil
	})
	for n, want := range []adapters.Failure{{Why: adapters.Retry}, {Why: adapters.Locked, Scope: "account"}, {Why: adapters.Locked, Scope: "account"}} {
		_, err := h.Send(t.Context(), room, adapters.Card{Text: "x"})
		if f := failure(t, err); f.Why != want.Why || f.Scope != want.Scope || h.Fetched("token") != n+1 {
			t.Errorf("token %d that is not taken: %v", n+1, err)
		}
	}
	if err := teams.Plug.Ready(h.Teams); err == nil || !strings.Contains(err.Error(), "app_id") {
		t.Errorf("ready says %v", err)
	}
	h.Fault(nil)
	if _, err := h.Send(t.Context(), room, adapters.Card{Text: "x"}); err != nil || teams.Plug.Ready(h.Teams) != nil {
		t.Errorf("in the end: %v, %v", err, teams.Plug.Ready(h.Teams))
	}
}

func TestBlockedByOnePerson(t *testing.T) {
	h := open(t)
	at, err := h.Direct(t.Context(), anna)
	if err != nil {
		t.Fatal(err)
	}
	h.Block(anna, true)
	if _, err := h.Send(t.Context(), at, adapters.Card{Text: "x"}); failure(t, err).Why != adapters.Gone {
		t.Errorf("blocked: %v", err)
	}
	if _, err := h.Send(t.Context(), room, adapters.Card{Text: "x"}); err != nil {
		t.Errorf("another room: %v", err)
	}
}

// What one person alone may see is edited where it stands: in their direct room.
func TestPrivateCards(t *testing.T) {
	h := open(t)
	card := adapters.Card{Text: "een", Private: true, To: anna}
	r, err := h.Send(t.Context(), room, card)
	if err != nil {
		t.Fatal(err)
	}
	card.Text = "twee"
	if err := h.Edit(t.Context(), room, r, card); err != nil {
		t.Fatal(err)
	}
	if m := h.message(h.DM(anna), r); m.Shown() != "twee" || len(h.Said(ict)) > 0 {
		t.Errorf("it says %q, and the room %d things", m.Shown(), len(h.Said(ict)))
	}
}

// People whom the roster does not tell one by one are found in its list.
func TestTheRosterIsRead(t *testing.T) {
	h := open(t)
	h.start(func(context.Context, adapters.Event) error { return nil })
	for _, id := range []string{"aad-a", "aad-b", "aad-c", "aad-d", "aad-z"} {
		h.AddUser(id, "Iemand "+id, id+"@delinde.example")
	}
	h.AddChannel("19:all@thread.tacv2", "all", "aad-a", "aad-b", "aad-c", "aad-d", "aad-z")
	h.Message("aad-z", "19:all@thread.tacv2", "hoi")
	h.Fault(func(call string, _ int) *teamsfake.Trouble {
		if call == "member" {
			return &teamsfake.Trouble{Status: 404}
		}
		return nil
	})
	if who, err := h.User(t.Context(), "aad-z"); err != nil || who.Email != "aad-z@delinde.example" || h.Calls("members") != 3 {
		t.Errorf("found %+v in %d pages (%v)", who, h.Calls("members"), err)
	}
}

// Teams knows no group chat that a bot makes: without a channel for it, that is said.
func TestARoomNeedsAChannel(t *testing.T) {
	h := open(t)
	place, err := h.MakeRoom(t.Context(), "Crisis CRS-1", []string{anna, noor})
	if err != nil || place.Channel != ict || place.Thread == "" {
		t.Fatalf("made %v (%v)", place, err)
	}
	m := h.message(ict, adapters.Receipt(place.Thread))
	if strings.Join(m.Calls, " ") != "aad-anna aad-noor" || !strings.Contains(m.Shown(), "Crisis CRS-1") {
		t.Errorf("it calls %q and says %q", m.Calls, m.Shown())
	}
	keys := h.Keys()
	bare, err := teams.New(section(t, keys), adapters.Kit{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bare.MakeRoom(t.Context(), "Crisis", nil); failure(t, err).Why != adapters.Refused || !strings.Contains(err.Error(), "adapters.teams.rooms") {
		t.Errorf("without a channel: %v", err)
	}
}
