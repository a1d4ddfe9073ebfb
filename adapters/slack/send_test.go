package slack_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"schoolbel/adapters"
	"schoolbel/adapters/slack"
	"schoolbel/adapters/slack/slackfake"
)

func place(channel string) adapters.Place { return adapters.Place{Adapter: "slack", Channel: channel} }

func TestEveryFailureHasAVerdict(t *testing.T) {
	send := func(h house) error {
		_, err := h.Send(t.Context(), place(ict), adapters.Card{Title: "t", Delivery: "d"})
		return err
	}
	edit := func(h house) error {
		return h.Edit(t.Context(), place(ict), "1.0", adapters.Card{Title: "t"})
	}
	type trouble = slackfake.Trouble
	for name, try := range map[string]struct {
		call  func(house) error
		fault trouble
		want  adapters.Why
		after time.Duration
		scope string
	}{
		"too fast":                    {send, trouble{Status: 429, RetryAfter: 12}, adapters.TooFast, 12 * time.Second, ""},
		"too fast, not how long":      {send, trouble{Status: 429}, adapters.TooFast, 30 * time.Second, ""},
		"too fast, in the body":       {send, trouble{Error: "ratelimited"}, adapters.TooFast, 30 * time.Second, ""},
		"too fast with changes":       {edit, trouble{Status: 429, RetryAfter: 3}, adapters.TooFast, 3 * time.Second, "account"},
		"down":                        {send, trouble{Status: 503}, adapters.Ambiguous, 0, ""},
		"down while changing":         {edit, trouble{Status: 503}, adapters.Retry, 0, ""},
		"no answer":                   {send, trouble{Drop: true}, adapters.Ambiguous, 0, ""},
		"no answer to a change":       {edit, trouble{Drop: true}, adapters.Retry, 0, ""},
		"perhaps":                     {send, trouble{Error: "fatal_error"}, adapters.Ambiguous, 0, ""},
		"perhaps changed":             {edit, trouble{Error: "internal_error"}, adapters.Retry, 0, ""},
		"not now":                     {send, trouble{Error: "service_unavailable"}, adapters.Retry, 0, ""},
		"archived":                    {send, trouble{Error: "is_archived"}, adapters.Gone, 0, ""},
		"not a member":                {send, trouble{Error: "not_in_channel"}, adapters.Gone, 0, ""},
		"no such message":             {edit, trouble{Error: "message_not_found"}, adapters.Gone, 0, ""},
		"badly drawn":                 {send, trouble{Error: "invalid_blocks"}, adapters.Refused, 0, ""},
		"too long":                    {send, trouble{Error: "msg_too_long"}, adapters.Refused, 0, ""},
		"an error nobody knows":       {send, trouble{Error: "brand_new_error"}, adapters.Refused, 0, ""},
		"a request Slack disliked":    {send, trouble{Status: 400}, adapters.Refused, 0, ""},
		"the token is wrong":          {send, trouble{Error: "invalid_auth"}, adapters.Locked, 0, "account"},
		"the account is switched off": {edit, trouble{Error: "account_inactive"}, adapters.Locked, 0, "account"},
		"a right is missing":          {send, trouble{Error: "missing_scope"}, adapters.Locked, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, false)
			h.Fault(func(string, int) *slackfake.Trouble { return &try.fault })
			var f *adapters.Failure
			if err := try.call(h); !errors.As(err, &f) {
				t.Fatalf("got %v", err)
			}
			if f.Why != try.want || f.After != try.after || f.Scope != try.scope {
				t.Errorf("got %s after %v, scope %q (%v); want %s after %v, scope %q", f.Why, f.After, f.Scope, f.Err, try.want, try.after, try.scope)
			}
			if strings.Contains(f.Error(), slackfake.BotToken) {
				t.Errorf("the token is told: %v", f)
			}
		})
	}
}

func TestWhatSlackNeverHeardCanBeSaidAgain(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + listener.Addr().String() + "/"
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := slack.New(section(t, map[string]string{"api_url": nobody, "bot_token": "xoxb-1", "signing_secret": "s"}), adapters.Kit{})
	if err != nil {
		t.Fatal(err)
	}
	var f *adapters.Failure
	if _, err := s.Send(t.Context(), place(ict), adapters.Card{Title: "t"}); !errors.As(err, &f) || f.Why != adapters.Retry {
		t.Errorf("got %v", err)
	}
}

func TestAHomePage(t *testing.T) {
	h := open(t, false)
	events := make(chan adapters.Event, 4)
	h.start(keep(events))
	h.OpenHome(anna)
	opened := <-events
	if opened.Kind != adapters.Home || opened.User.ID != anna {
		t.Fatalf("got %+v", opened)
	}
	page := adapters.Card{Title: "Jouw meldingen", Buttons: []adapters.Button{{Label: "Tonen", Command: "INC-1 tonen"}}}
	r, err := h.Send(t.Context(), opened.Place, page)
	if err != nil || r == "" {
		t.Fatalf("receipt %q, %v", r, err)
	}
	h.PressHome(anna, "Tonen")
	pressed := <-events
	if pressed.Text != "INC-1 tonen" || pressed.Message != string(r) || !pressed.Direct {
		t.Errorf("got %+v", pressed)
	}
	// What answers a press on the page does not replace the page.
	if _, err := h.Send(t.Context(), pressed.Place, adapters.Card{Title: "INC-1 Wifi"}); err != nil {
		t.Error(err)
	}
	if said := h.Said(anna); len(said) != 1 || said[0].Channel != h.DM(anna) {
		t.Errorf("the answer stands in %+v", said)
	}
	page.Title = "Geen meldingen"
	if err := h.Edit(t.Context(), pressed.Place, r, page); err != nil {
		t.Error(err)
	}
	if home, _ := h.Home(anna); !strings.Contains(home.Shown(), "Geen meldingen") || h.Calls("views.publish") != 2 {
		t.Errorf("the page says %q", home.Shown())
	}
	if _, found, err := h.Find(t.Context(), opened.Place, "d", time.Now()); err != nil || found {
		t.Errorf("found %v, %v", found, err)
	}
}

func TestWhatIsPrivateGoesToTheDirectRoom(t *testing.T) {
	h := open(t, false)
	h.AddRoom("C0VREEMD", "vreemd", anna) // the bot is not in it
	h.AddChannel("C0TEAM", "team", noor)  // Anna is not in it
	for _, channel := range []string{"C0VREEMD", "C0TEAM", "C0NOWHERE", anna} {
		before := len(h.Said(anna))
		r, err := h.Send(t.Context(), place(channel), adapters.Card{Title: "Voor jou", Private: true, To: anna})
		if err != nil {
			t.Errorf("%s: %v", channel, err)
		}
		if said := h.Said(anna); len(said) != before+1 || said[before].TS != string(r) {
			t.Errorf("%s: Anna has %+v", channel, said)
		}
	}
	if n := len(h.Said("C0TEAM")); n != 0 {
		t.Errorf("the team sees %d messages", n)
	}
}

func TestWhatOnePersonSawCannotBeChanged(t *testing.T) {
	h := open(t, false)
	r, err := h.Send(t.Context(), place(ict), adapters.Card{Title: "Voor jou", Private: true, To: anna})
	if err != nil {
		t.Fatal(err)
	}
	var f *adapters.Failure
	if err := h.Edit(t.Context(), place(ict), r, adapters.Card{Title: "Anders"}); !errors.As(err, &f) || f.Why != adapters.Gone {
		t.Errorf("got %v", err)
	}
}

func TestFindReadsOn(t *testing.T) {
	h := open(t, false)
	r, err := h.Send(t.Context(), place(ict), adapters.Card{Title: "de eerste", Delivery: "first"})
	if err != nil {
		t.Fatal(err)
	}
	for range 250 { // more than a page
		h.Message(anna, ict, "nog iets") // nobody listens: the fake keeps it all the same
	}
	got, found, err := h.Find(t.Context(), place(ict), "first", time.Now().Add(-time.Hour))
	if err != nil || !found || got != r {
		t.Errorf("got %q, %v, %v; want %q", got, found, err, r)
	}
	if n := h.Calls("conversations.history"); n != 2 {
		t.Errorf("it asked %d times", n)
	}
	if _, found, err := h.Find(t.Context(), place(ict), "first", time.Now().Add(time.Hour)); err != nil || found {
		t.Errorf("before its time: %v, %v", found, err)
	}
}

func TestALanguageIsRemembered(t *testing.T) {
	h := open(t, false)
	events := make(chan adapters.Event, 4)
	h.start(keep(events))
	h.Message(anna, ict, "wifi stuk")
	if e := <-events; e.Locale != "" {
		t.Errorf("nobody told the language, and it is %q", e.Locale)
	}
	if _, err := h.User(t.Context(), anna); err != nil {
		t.Fatal(err)
	}
	h.Slash(anna, ict, "/storing", "wifi stuk")
	if e := <-events; e.Locale != "nl" || e.Text != "storing: wifi stuk" {
		t.Errorf("got %+v", e)
	}
}

func TestAFormThatIsTooLate(t *testing.T) {
	var late atomic.Int64 // seconds
	clock := func() time.Time {
		return time.Date(2027, 2, 22, 12, 0, int(late.Load()), 0, time.UTC)
	}
	fake := slackfake.New(clock)
	defer fake.Close()
	fake.AddUser(anna, "Anna", "a@delinde.example")
	s, err := slack.New(section(t, map[string]string{"api_url": fake.URL(), "bot_token": slackfake.BotToken, "signing_secret": slackfake.SigningSecret}), adapters.Kit{Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	h := house{fake, s, t}
	events := make(chan adapters.Event, 4)
	h.start(keep(events))
	h.Shortcut(anna)
	asked := <-events
	late.Store(4)
	var f *adapters.Failure
	if err := s.OpenForm(t.Context(), asked, adapters.Form{Title: "Melden", Command: "storing"}); !errors.As(err, &f) || f.Why != adapters.Gone {
		t.Errorf("after four seconds: %v", err)
	}
	if err := s.OpenForm(t.Context(), adapters.Event{ID: "x"}, adapters.Form{Title: "Melden"}); !errors.As(err, &f) || f.Why != adapters.Gone {
		t.Errorf("without a trigger: %v", err)
	}
}

func TestSlackNeverAnswers(t *testing.T) {
	h := open(t, false)
	h.Fault(func(string, int) *slackfake.Trouble { return &slackfake.Trouble{Hang: true} })
	ctx, giveUp := context.WithCancel(t.Context())
	sent := make(chan error, 1)
	go func() {
		_, err := h.Send(ctx, place(ict), adapters.Card{Title: "t"})
		sent <- err
	}()
	h.await(func() bool { return h.Calls("chat.postMessage") == 1 })
	giveUp()
	var f *adapters.Failure
	if err := <-sent; !errors.As(err, &f) || f.Why != adapters.Ambiguous {
		t.Errorf("got %v", err)
	}
}

func TestADirectRoomIsOpenedOnce(t *testing.T) {
	h := open(t, false)
	for range 3 {
		if _, err := h.Send(t.Context(), place(anna), adapters.Card{Title: "Hoi"}); err != nil {
			t.Fatal(err)
		}
	}
	if n := h.Calls("conversations.open"); n != 1 {
		t.Errorf("it was opened %d times", n)
	}
}
