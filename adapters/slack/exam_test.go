package slack_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"schoolbel/adapters"
	"schoolbel/adapters/adaptertest"
	"schoolbel/adapters/slack"
	"schoolbel/adapters/slack/slackfake"
)

const (
	anna = "U0ANNA"
	noor = "U0NOOR"
	ict  = "C0ICT"
)

// house is the adapter with a fake Slack behind it.
type house struct {
	*slackfake.Fake
	*slack.Slack
	t *testing.T
}

// open makes a house in HTTP mode, or over Socket Mode.
func open(t *testing.T, socket bool) house {
	t.Helper()
	fake := slackfake.New(nil)
	t.Cleanup(fake.Close)
	fake.AddUser(anna, "Anna de Vries", "anna@delinde.example", "nl-NL")
	fake.AddUser(noor, "Noor de Wit", "noor@delinde.example")
	fake.AddChannel(ict, "ict", anna, noor)
	keys := map[string]string{"api_url": fake.URL(), "bot_token": slackfake.BotToken}
	if socket {
		keys["app_token"] = slackfake.AppToken
	} else {
		keys["signing_secret"] = slackfake.SigningSecret
	}
	s, err := slack.New(section(t, keys), adapters.Kit{})
	if err != nil {
		t.Fatal(err)
	}
	return house{fake, s, t}
}

func section(t *testing.T, keys map[string]string) yaml.Node {
	t.Helper()
	var n yaml.Node
	if err := n.Encode(keys); err != nil {
		t.Fatal(err)
	}
	return n
}

// start lets Slack tell in what people do.
func (h house) start(in adapters.Handler) {
	h.t.Helper()
	mux := http.NewServeMux()
	routes := h.Routes(in)
	for pattern, door := range routes {
		mux.Handle(pattern, door)
	}
	server := httptest.NewServer(mux)
	h.Target(server.URL)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx, in) }()
	h.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			h.t.Errorf("Run: %v", err)
		}
		server.Close()
	})
	if routes == nil {
		h.await(func() bool { return h.Connections() == 1 })
	}
}

// await waits until something is so on Slack.
func (h house) await(so func() bool) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 20*time.Second)
	defer cancel()
	if err := h.Wait(ctx, so); err != nil {
		h.t.Fatal(err)
	}
}

// typed is text as Slack holds it when a person types it.
var typed = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func (h house) did(told slackfake.Told) adaptertest.Did {
	return adaptertest.Did{
		Taken: told.Status == http.StatusOK,
		Again: func() adaptertest.Did { return h.did(h.Redeliver(told)) },
	}
}

func (h house) seen(at adapters.Place) []adaptertest.Seen {
	var list []adaptertest.Seen
	for _, m := range h.Said(at.Channel) {
		seen := adaptertest.Seen{
			Receipt: adapters.Receipt(m.TS), Text: m.Shown(), Thread: m.Thread, To: m.To,
			Calls: m.Called(), Delivery: m.Delivery, Ref: m.Ref,
		}
		for _, b := range m.Buttons() {
			seen.Labels = append(seen.Labels, b.Label)
		}
		list = append(list, seen)
	}
	return list
}

func (h house) press(user string, at adapters.Place, r adapters.Receipt, label string) adaptertest.Did {
	said := h.Said(at.Channel)
	i := slices.IndexFunc(said, func(m slackfake.Message) bool { return m.TS == string(r) })
	if i < 0 {
		h.t.Fatalf("no message %s", r)
	}
	return h.did(h.Press(user, said[i], label))
}

// spoil lets the next message that is posted go wrong.
func (h house) spoil(how adaptertest.Trouble) {
	next := h.Calls("chat.postMessage") + 1
	h.Fault(func(method string, n int) *slackfake.Trouble {
		switch {
		case method != "chat.postMessage" || n != next:
			return nil
		case how == adaptertest.Hurry:
			return &slackfake.Trouble{Status: http.StatusTooManyRequests, RetryAfter: int(adaptertest.Pause / time.Second)}
		case how == adaptertest.Down:
			return &slackfake.Trouble{Status: http.StatusBadGateway}
		}
		return &slackfake.Trouble{Store: true, Drop: true}
	})
}

func (h house) subject() adaptertest.Subject {
	return adaptertest.Subject{
		Adapter: h.Slack,
		Room:    adapters.Place{Adapter: "slack", Channel: ict},
		Missing: adapters.Place{Adapter: "slack", Channel: "C0NOWHERE"},
		Person:  adapters.User{ID: anna, Name: "Anna de Vries", Email: "anna@delinde.example", Locale: "nl"},
		Other:   adapters.User{ID: noor, Name: "Noor de Wit", Email: "noor@delinde.example"},
		Start:   h.start, Seen: h.seen, Press: h.press, Break: h.spoil,
		Attach: func(user string, at adapters.Place, text, file string) adaptertest.Did {
			return h.did(h.UploadTo(user, at.Channel, at.Thread, text, file))
		},
		Rewrite: func(user string, at adapters.Place, message, text string) adaptertest.Did {
			return h.did(h.Change(user, at.Channel, message, typed.Replace(text)))
		},
		Delete: func(user string, at adapters.Place, message string) adaptertest.Did {
			return h.did(h.Delete(user, at.Channel, message))
		},
		Write: func(user string, at adapters.Place, text string) adaptertest.Did {
			return h.did(h.Reply(user, at.Channel, at.Thread, typed.Replace(text)))
		},
		Fill: func(user string, values map[string]string) adaptertest.Did {
			return h.did(h.Submit(user, values))
		},
	}
}

func TestExam(t *testing.T) {
	for mode, socket := range map[string]bool{"http": false, "socket": true} {
		t.Run(mode, func(t *testing.T) {
			adaptertest.Exam(t, func(t *testing.T) adaptertest.Subject {
				h := open(t, socket)
				h.Patience(2 * time.Second) // only what is not kept waits for it
				return h.subject()
			})
		})
	}
}
