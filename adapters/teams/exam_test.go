package teams_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"schoolbel/adapters"
	"schoolbel/adapters/adaptertest"
	"schoolbel/adapters/teams"
	"schoolbel/adapters/teams/teamsfake"
)

const (
	anna = "aad-anna"
	noor = "aad-noor"
	ict  = "19:ict@thread.tacv2"
)

// house is the adapter with a fake Teams behind it.
type house struct {
	*teamsfake.Fake
	*teams.Teams
	t      *testing.T
	memory *adaptertest.Memory
	url    string
}

func open(t *testing.T) *house { return openWith(t, adapters.Kit{}) }

// openWith makes a house with a clock, a log or a memory of the test's own.
func openWith(t *testing.T, kit adapters.Kit) *house {
	t.Helper()
	fake := teamsfake.New(kit.Now)
	t.Cleanup(fake.Close)
	fake.AddUser(anna, "Anna de Vries", "anna@delinde.example", "nl-NL")
	fake.AddUser(noor, "Noor de Wit", "noor@delinde.example")
	fake.AddChannel(ict, "ict", anna, noor)
	h := &house{Fake: fake, t: t, memory: &adaptertest.Memory{}}
	h.begin(kit)
	return h
}

// begin makes the adapter, as a process that starts does.
func (h *house) begin(kit adapters.Kit) {
	h.t.Helper()
	kit.Memory = h.memory
	keys := h.Keys()
	keys["rooms"] = "teams:" + ict
	made, err := teams.New(section(h.t, keys), kit)
	if err != nil {
		h.t.Fatal(err)
	}
	h.Teams = made
}

func section(t testing.TB, keys map[string]string) yaml.Node {
	t.Helper()
	var n yaml.Node
	if err := n.Encode(keys); err != nil {
		t.Fatal(err)
	}
	return n
}

// start lets Teams tell in what people do.
func (h *house) start(in adapters.Handler) {
	h.t.Helper()
	mux := http.NewServeMux()
	for pattern, door := range h.Routes(in) {
		mux.Handle(pattern, door)
	}
	server := httptest.NewServer(mux)
	h.url = server.URL
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
}

func (h *house) did(told teamsfake.Told) adaptertest.Did {
	if told.Err != nil {
		h.t.Fatal(told.Err)
	}
	return adaptertest.Did{
		Taken: told.Status == http.StatusOK,
		Again: func() adaptertest.Did { return h.did(h.Redeliver(told)) },
	}
}

func (h *house) seen(at adapters.Place) []adaptertest.Seen {
	var list []adaptertest.Seen
	for _, m := range h.Said(at.Channel) {
		seen := adaptertest.Seen{
			Receipt: adapters.Receipt(m.ID), Text: m.Shown(), Thread: m.Thread, Calls: m.Calls, Delivery: m.Delivery, Ref: m.Ref,
		}
		for _, b := range m.Buttons() {
			seen.Labels = append(seen.Labels, b.Label)
		}
		list = append(list, seen)
	}
	return list
}

func (h *house) message(channel string, id adapters.Receipt) teamsfake.Message {
	h.t.Helper()
	said := h.Said(channel)
	i := slices.IndexFunc(said, func(m teamsfake.Message) bool { return m.ID == string(id) })
	if i < 0 {
		h.t.Fatalf("no message %s in %s", id, channel)
	}
	return said[i]
}

// spoil lets the next message that is posted go wrong.
func (h *house) spoil(how adaptertest.Trouble) {
	next := h.Calls("send") + 1
	h.Fault(func(call string, n int) *teamsfake.Trouble {
		switch {
		case call != "send" || n != next:
			return nil
		case how == adaptertest.Hurry:
			return &teamsfake.Trouble{Status: http.StatusTooManyRequests, RetryAfter: strconv.Itoa(int(adaptertest.Pause / time.Second))}
		case how == adaptertest.Down:
			return &teamsfake.Trouble{Status: http.StatusBadGateway}
		}
		return &teamsfake.Trouble{Store: true, Drop: true}
	})
}

func (h *house) subject() adaptertest.Subject {
	return adaptertest.Subject{
		Adapter: h.Teams,
		Room:    adapters.Place{Adapter: "teams", Channel: ict},
		Missing: adapters.Place{Adapter: "teams", Channel: "19:nowhere@thread.tacv2"},
		Person:  adapters.User{ID: anna, Name: "Anna de Vries", Email: "anna@delinde.example"},
		Other:   adapters.User{ID: noor, Name: "Noor de Wit", Email: "noor@delinde.example"},
		Start:   h.start, Seen: h.seen, Break: h.spoil,
		Press: func(user string, at adapters.Place, r adapters.Receipt, label string) adaptertest.Did {
			return h.did(h.Press(user, h.message(at.Channel, r), label))
		},
		Write: func(user string, at adapters.Place, text string) adaptertest.Did {
			return h.did(h.Reply(user, at.Channel, at.Thread, text))
		},
		Fill: func(user string, values map[string]string) adaptertest.Did {
			return h.did(h.Submit(user, values))
		},
		Attach: func(user string, at adapters.Place, text, file string) adaptertest.Did {
			return h.did(h.Upload(user, at.Channel, text, file))
		},
		Rewrite: func(user string, at adapters.Place, message, text string) adaptertest.Did {
			return h.did(h.Change(user, at.Channel, message, text))
		},
		Delete: func(user string, at adapters.Place, message string) adaptertest.Did {
			return h.did(h.Delete(user, at.Channel, message))
		},
		Ways: map[adaptertest.Power]string{
			adaptertest.Private: "in the person's own chat with the bot",
			adaptertest.Forms:   "in the person's own chat with the bot",
			adaptertest.Rooms:   "a thread in the channel of adapters.teams.rooms, which calls its people by name",
			adaptertest.Find:    "Teams tells a bot nothing of what it sent: cards and questions are sent again, and a press counts once; chatter is not",
		},
	}
}

func TestExam(t *testing.T) {
	adaptertest.Exam(t, func(t *testing.T) adaptertest.Subject { return open(t).subject() })
}
