package matrix_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"maunium.net/go/mautrix/event"

	"schoolbel/adapters"
	"schoolbel/adapters/adaptertest"
	"schoolbel/adapters/matrix/matrixtest"
)

// steady waits until the adapter heard all there is, so that a mark taken now stands
// before whatever comes next.
func (h *house) steady() []byte {
	h.t.Helper()
	before := h.mark()
	h.until(func() bool {
		now := h.mark()
		same := string(now) == string(before) && len(now) > 0
		before = now
		return same
	})
	return before
}

func (h *house) write(user string, at adapters.Place, text string) adaptertest.Did {
	h.t.Helper()
	room := at.Channel
	if room == "" {
		place, err := h.Direct(h.t.Context(), user)
		if err != nil {
			h.t.Fatal(err)
		}
		room = place.Channel
		h.until(func() bool { return slices.Contains(h.person(user).Members(room), user) })
	}
	before := h.steady()
	return h.did(before, h.person(user).Write(room, at.Thread, text))
}

func (h *house) seen(at adapters.Place) []adaptertest.Seen {
	h.t.Helper()
	h.Settled(at.Channel)
	var list []adaptertest.Seen
	for _, m := range h.Messages(at.Channel) {
		if m.Sender != h.bot || m.Deleted {
			continue
		}
		if m.Closed != h.secret {
			h.t.Errorf("encrypted is %v for %.60q", m.Closed, m.Text)
		}
		seen := adaptertest.Seen{Receipt: adapters.Receipt(m.ID), Text: m.Text, Thread: m.Thread, Calls: m.Calls, Delivery: m.Delivery, Ref: m.Ref}
		for _, b := range m.Buttons() {
			seen.Labels = append(seen.Labels, b.Label)
		}
		list = append(list, seen)
	}
	return list
}

func (h *house) press(user string, at adapters.Place, r adapters.Receipt, label string) adaptertest.Did {
	h.t.Helper()
	h.Settled(at.Channel)
	for _, m := range h.Messages(at.Channel) {
		for _, b := range m.Buttons() {
			if m.ID == string(r) && b.Label == label {
				before := h.steady()
				return h.did(before, h.person(user).React(at.Channel, m.ID, b.Sign))
			}
		}
	}
	h.t.Fatalf("no button %s under %s", label, r)
	return adaptertest.Did{}
}

// fill answers the questions of the form that stands open, one by one.
func (h *house) fill(user string, values map[string]string) adaptertest.Did {
	h.t.Helper()
	return h.did(h.steady(), h.Fill(user, h.bot, values))
}

// spoil lets the next message that is posted go wrong.
func (h *house) spoil(how adaptertest.Trouble) {
	var once sync.Once
	h.Fault(func(r *http.Request) *matrixtest.Trouble {
		var t *matrixtest.Trouble
		if r.Method != http.MethodPut || !strings.Contains(r.URL.Path, "/send/m.room.") {
			return nil
		}
		once.Do(func() {
			switch how {
			case adaptertest.Hurry:
				t = &matrixtest.Trouble{
					Status: http.StatusTooManyRequests,
					Body:   fmt.Sprintf(`{"errcode":"M_LIMIT_EXCEEDED","error":"too fast","retry_after_ms":%d}`, adaptertest.Pause.Milliseconds()),
				}
			case adaptertest.Down:
				t = &matrixtest.Trouble{Status: http.StatusBadGateway}
			case adaptertest.Lost:
				t = &matrixtest.Trouble{Store: true, Drop: true}
			}
		})
		return t
	})
}

func (h *house) start(in adapters.Handler) { h.handler.Store(&in) }

func (h *house) subject() adaptertest.Subject {
	return adaptertest.Subject{
		Adapter: h.Matrix,
		Room:    adapters.Place{Adapter: "matrix", Channel: h.room},
		Missing: adapters.Place{Adapter: "matrix", Channel: "!nowhere:" + matrixtest.Domain},
		Person:  adapters.User{ID: string(h.anna.ID), Name: "Anna de Vries"},
		Other:   adapters.User{ID: string(h.noor.ID), Name: "Noor de Wit"},
		Start:   h.start, Seen: h.seen, Write: h.write, Press: h.press, Fill: h.fill, Break: h.spoil,
		Attach: func(user string, at adapters.Place, text, file string) adaptertest.Did {
			what := &event.MessageEventContent{MsgType: event.MsgImage, Body: text, FileName: file, URL: "mxc://" + matrixtest.Domain + "/abc"}
			return h.did(h.steady(), h.person(user).Say(at.Channel, what))
		},
		Rewrite: func(user string, at adapters.Place, message, text string) adaptertest.Did {
			return h.did(h.steady(), h.person(user).Change(at.Channel, message, text))
		},
		Delete: func(user string, at adapters.Place, message string) adaptertest.Did {
			return h.did(h.steady(), h.person(user).Delete(at.Channel, message))
		},
		Ways: map[adaptertest.Power]string{
			adaptertest.Buttons: "emoji under the card, the typed command beside each, and for one person a link that works once",
			adaptertest.Forms:   "question by question in one's own room, or on a page by a link",
			adaptertest.Private: "in the person's own room with the bot",
			adaptertest.People:  "a homeserver tells no e-mail address: accounts stand in the school file, or are linked by a code",
		},
	}
}

// TestExam sits the exam of every chat adapter in plain and in encrypted rooms.
func TestExam(t *testing.T) {
	for kind, secret := range map[string]bool{"plain": false, "encrypted": true} {
		t.Run(kind, func(t *testing.T) {
			if secret {
				matrixtest.NeedKeys(t)
			}
			s := matrixtest.Start(t)
			adaptertest.Exam(t, func(t *testing.T) adaptertest.Subject {
				t.Cleanup(func() { s.Fault(nil) })
				return open(t, s, secret).subject()
			})
		})
	}
}
