package main

import (
	"strings"
	"sync"
	"testing"
	"time"
)

// hands is a clock that stands still until it is set.
type hands struct {
	mu sync.Mutex
	at time.Time
}

func (c *hands) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// timed is a play whose time the test tells.
type timed struct {
	*play
	clock *hands
}

// clocks plays a story on both databases that begins at a local time.
func clocks(t *testing.T, begin string, story func(*timed), more ...string) {
	t.Helper()
	both(t, func(t *testing.T, database string, processes int) {
		c := &hands{at: local(t, begin)}
		story(&timed{buildWith(t, database, processes, Options{Now: c.now}, more...), c})
	})
}

func local(t *testing.T, at string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	when, err := time.ParseInLocation("2006-01-02 15:04:05", at, zone)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// until lets it become a local time, and waits until all that is due then is done.
func (h *timed) until(at string) {
	h.Helper()
	h.idle()
	h.clock.mu.Lock()
	h.clock.at = local(h.T, at)
	h.clock.mu.Unlock()
	h.idle()
}

// heard checks how often a room heard these words.
func (h *timed) heard(times int, room string, words ...string) {
	h.Helper()
	if n := h.said(room, words...); n != times {
		h.Errorf("at %s %s heard %q %d times, not %d", h.clock.now().Format(time.DateTime), room, words, n, times)
	}
}

// Nobody takes it, it takes too long, and then nobody answers: each time the app
// speaks up at its moment and not before, once, and whether it was restarted
// meanwhile or not.
func TestStoryOfSilence(t *testing.T) {
	clocks(t, "2026-11-23 09:00:00", func(h *timed) {
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang")) // P2: 30m, 4h
		h.sees("C0ICT", "INC-1", "P2")
		h.until("2026-11-23 09:29:59")
		h.heard(0, "C0ICT", "INC-1 wacht nog op iemand")
		h.restart()
		h.until("2026-11-23 09:30:00")
		h.sees("C0ICT", "INC-1 wacht nog op iemand: Wifi, Locatie Noord. Wie pakt het op?")
		h.until("2026-11-23 12:59:59")
		h.heard(0, "C0ICT", "de afgesproken tijd is om")
		h.until("2026-11-23 13:00:00")
		h.sees("C0ICT", "INC-1 is nog niet opgelost en de afgesproken tijd is om")
		h.until("2026-11-23 16:00:00")
		h.heard(1, "C0ICT", "wacht nog op iemand")
		h.heard(1, "C0ICT", "de afgesproken tijd is om")
		h.heard(0, "C0NOORD", "wacht nog op iemand")
		h.heard(0, "C0NOORD", "de afgesproken tijd is om")

		h.took(h.slack.Press("U0NOOR", h.sees("C0ICT", "INC-1", "Oppakken"), "Oppakken"))
		h.took(h.slack.Press("U0NOOR", h.sees("C0ICT", "INC-1", "Mee bezig"), "Oplossen"))
		h.took(h.slack.Submit("U0NOOR", map[string]string{"solution": "switch vervangen"}))
		h.sees("C0NOORD", "Werkt het bij jou weer?")
		// 72 hours of service: 1.5 today, 10 on each of seven days, and the last half hour.
		h.until("2026-12-03 07:59:59")
		h.restart()
		if r := h.record("INC-1"); r.State != "resolved" {
			h.Errorf("too early it is %s", r.State)
		}
		h.until("2026-12-03 08:00:00")
		closed := h.sees("C0NOORD", "INC-1: schoolbel sloot het af")
		if r := h.record("INC-1"); r.State != "closed" {
			h.Errorf("in the end it is %s", r.State)
		}
		h.took(h.slack.Press("U0ANNA", closed, "Heropenen"))
		h.sees("C0NOORD", "INC-1 werkt toch nog niet")
		h.idle()
		if r := h.record("INC-1"); r.State != "in_progress" {
			h.Errorf("after the silence somebody spoke, and it is %s", r.State)
		}
	})
}

// A promise counts in service hours, but for what cannot wait: that is watched over
// day and night.
func TestStoryOfTheNight(t *testing.T) {
	clocks(t, "2026-11-27 17:15:00", func(h *timed) { // a Friday, fifteen minutes before the end
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang"))
		h.sees("C0ICT", "INC-1", "P2")
		h.until("2026-11-28 02:00:00")
		h.token("POST", "/api/v1/commands", `{"kind":"incident","do":"report","as":"peter","args":{"title":"Alles ligt plat","service":"internet","location":"zuid","impact":"large","urgency":"high"}}`).asked("a P1", 200, `"P1"`)
		h.sees("C0ICT", "INC-2", "P1")
		h.until("2026-11-28 02:15:00")
		h.sees("C0ICT", "INC-2 wacht nog op iemand")
		h.until("2026-11-30 07:44:59")
		h.heard(0, "C0ICT", "INC-1 wacht nog op iemand")
		h.heard(1, "C0ICT", "INC-2 is nog niet opgelost en de afgesproken tijd is om")
		h.until("2026-11-30 07:45:00")
		h.sees("C0ICT", "INC-1 wacht nog op iemand")
	})
}

// While it waits for others, no time is counted; who acts in time hears nothing.
func TestStoryOfWaiting(t *testing.T) {
	clocks(t, "2026-11-23 09:00:00", func(h *timed) {
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang"))
		card := h.sees("C0ICT", "INC-1", "Oppakken")
		h.until("2026-11-23 09:10:00")
		h.took(h.slack.Press("U0NOOR", card, "Oppakken"))
		h.sees("C0ICT", "INC-1", "Mee bezig")
		h.until("2026-11-23 10:00:00")
		h.took(h.slack.Press("U0NOOR", h.sees("C0ICT", "INC-1", "Mee bezig"), "Wachten")) // one hour is used
		h.took(h.slack.Submit("U0NOOR", map[string]string{"reason": "Netwijs kijkt ernaar"}))
		h.sees("C0ICT", "INC-1", "Stand\nWacht")
		h.until("2026-11-24 12:00:00")
		h.took(h.slack.Press("U0NOOR", h.sees("C0ICT", "INC-1", "Stand\nWacht"), "Verder"))
		h.until("2026-11-24 14:59:59")
		h.heard(0, "C0ICT", "de afgesproken tijd is om")
		h.until("2026-11-24 15:00:00")
		h.sees("C0ICT", "INC-1 is nog niet opgelost en de afgesproken tijd is om")
		h.heard(0, "C0ICT", "wacht nog op iemand")
		if log := h.log("INC-1"); !strings.HasPrefix(log[len(log)-1].Actor, "system") {
			h.Errorf("the last line is %+v", log[len(log)-1])
		}
	})
}
