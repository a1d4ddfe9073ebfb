package slack_test

import (
	"context"
	"net/http"
	"sync"
	"testing"

	"schoolbel/adapters"
	"schoolbel/adapters/slack"
	"schoolbel/adapters/slack/slackfake"
)

// keep takes every event.
func keep(events chan adapters.Event) adapters.Handler {
	return func(_ context.Context, e adapters.Event) error {
		events <- e
		return nil
	}
}

func TestAnotherConnectionWhenSlackAsks(t *testing.T) {
	for _, reason := range []string{"warning", "refresh_requested", "link_disabled"} {
		t.Run(reason, func(t *testing.T) {
			h := open(t, true)
			events := make(chan adapters.Event, 8)
			h.start(keep(events))
			before := h.Calls("apps.connections.open")
			h.Refresh(reason)
			h.await(func() bool { return h.Calls("apps.connections.open") > before && h.Connections() > 1 })
			if told := h.Message(anna, ict, "wifi stuk"); told.Status != http.StatusOK {
				t.Errorf("after %s nobody listens: %+v", reason, told)
			}
			if e := <-events; e.Text != "wifi stuk" {
				t.Errorf("got %+v", e)
			}
		})
	}
}

func TestAConnectionThatBreaks(t *testing.T) {
	h := open(t, true)
	events := make(chan adapters.Event, 8)
	h.start(keep(events))
	for range 3 {
		before := h.Calls("apps.connections.open")
		h.Cut()
		h.await(func() bool { return h.Calls("apps.connections.open") > before && h.Connections() == 1 })
		h.Message(anna, ict, "wifi stuk")
		<-events
	}
}

// Who watches over us sees that nobody can tell us anything, and that it is over.
func TestReadyIsBeingConnected(t *testing.T) {
	h := open(t, true)
	h.Hurry()
	ready := func() bool { return slack.Plug.Ready(h.Slack) == nil }
	if ready() {
		t.Error("it is ready before it has a connection")
	}
	events := make(chan adapters.Event, 8)
	h.start(keep(events))
	hears := func() {
		t.Helper()
		h.await(func() bool { return h.Connections() == 1 })
		h.Message(anna, ict, "wifi stuk") // comes after Slack's greeting
		<-events
		if !ready() {
			t.Error("it hears Slack and is not ready")
		}
	}
	hears()
	h.Fault(func(method string, _ int) *slackfake.Trouble {
		if method == "apps.connections.open" {
			return &slackfake.Trouble{Status: http.StatusServiceUnavailable}
		}
		return nil
	})
	h.Cut()
	h.await(func() bool { return !ready() }) // each attempt to come back wakes this
	h.Fault(nil)
	hears()

	if called := open(t, false); slack.Plug.Ready(called.Slack) != nil {
		t.Error("who is called over HTTP has nothing to wait for")
	}
}

func TestSlackIsAwayForAWhile(t *testing.T) {
	h := open(t, true)
	h.Hurry()
	events := make(chan adapters.Event, 8)
	h.Fault(func(method string, n int) *slackfake.Trouble {
		switch {
		case method != "apps.connections.open" || n > 3:
			return nil
		case n == 1:
			return &slackfake.Trouble{Error: "invalid_auth"} // mended a moment later
		case n == 2:
			return &slackfake.Trouble{Status: http.StatusServiceUnavailable}
		}
		return &slackfake.Trouble{Status: http.StatusTooManyRequests, RetryAfter: 1}
	})
	h.start(keep(events))
	h.Message(anna, ict, "wifi stuk")
	<-events
	if n := h.Calls("apps.connections.open"); n != 4 {
		t.Errorf("it tried %d times", n)
	}
}

// What is told while one connection makes place for another is told once.
func TestNothingIsLostBetweenTwoConnections(t *testing.T) {
	h := open(t, true)
	var mu sync.Mutex
	heard := map[string]int{}
	h.start(func(_ context.Context, e adapters.Event) error {
		mu.Lock()
		defer mu.Unlock()
		heard[e.ID]++
		return nil
	})
	for i := range 60 {
		if i%20 == 10 {
			n := h.Connections()
			h.Refresh("refresh_requested")
			h.await(func() bool { return h.Connections() > n })
		}
		if told := h.Slash(anna, ict, "/schoolbel", "hulp"); told.Status != http.StatusOK {
			t.Fatalf("the %dth command: %+v", i, told)
		}
	}
	if len(heard) != 60 {
		t.Errorf("%d of 60 were heard", len(heard))
	}
	for id, n := range heard {
		if n != 1 {
			t.Errorf("%s was heard %d times", id, n)
		}
	}
}
