package mail_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"schoolbel/adapters"
	"schoolbel/adapters/adaptertest"
	"schoolbel/adapters/mail"
	"schoolbel/adapters/mail/mailfake"
)

const (
	anna = "a.visser@delinde.example"
	noor = "n.dewit@delinde.example"
	ict  = "ict@delinde.example"
)

// house is the adapter with a real mail server behind it.
type house struct {
	*mail.Mail
	server *mailfake.Server
	memory *adaptertest.Memory
}

func open(t *testing.T) house {
	t.Helper()
	h := house{server: mailfake.New(), memory: &adaptertest.Memory{}}
	t.Cleanup(h.server.Close)
	m, err := mail.New(section(t, map[string]string{"smtp_url": h.server.URL(), "from": "Schoolbel De Linde <schoolbel@delinde.example>"}), adapters.Kit{Memory: h.memory, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	h.Mail = m
	return h
}

func section(t *testing.T, keys map[string]string) yaml.Node {
	t.Helper()
	var n yaml.Node
	if err := n.Encode(keys); err != nil {
		t.Fatal(err)
	}
	return n
}

// linked gives each button a link, as the bot does for a Linker.
type linked struct{ *mail.Mail }

// Send posts the card with its links.
func (l linked) Send(ctx context.Context, to adapters.Place, c adapters.Card) (adapters.Receipt, error) {
	put := func(list []adapters.Button) []adapters.Button {
		var out []adapters.Button
		for _, b := range list {
			b.Link = "https://bel.delinde.example/go/x"
			out = append(out, b)
		}
		return out
	}
	c.Buttons = put(c.Buttons)
	var sections []adapters.Section
	for _, s := range c.Sections {
		s.Buttons = put(s.Buttons)
		sections = append(sections, s)
	}
	c.Sections = sections
	return l.Mail.Send(ctx, to, c)
}

func bare(header string) string { return strings.Trim(header, "<>") }

// nobodyHears is why some parts of the exam have no meaning here.
const nobodyHears = "nobody is heard by mail: write in chat, or use the links"

func TestExam(t *testing.T) {
	adaptertest.Exam(t, func(t *testing.T) adaptertest.Subject {
		h := open(t)
		h.server.Strange("weg@delinde.example")
		place := func(address string) adapters.Place { return adapters.Place{Adapter: mail.Name, Channel: address} }
		return adaptertest.Subject{
			Adapter: linked{h.Mail}, Room: place(ict), Missing: place("weg@delinde.example"),
			Person: adapters.User{ID: anna, Email: anna}, Other: adapters.User{ID: noor, Email: noor},
			Unpaced: true,
			Ways: map[adaptertest.Power]string{
				adaptertest.Edit:    "a new mail in the same conversation",
				adaptertest.Buttons: "a link for each, which works once and opens a page to confirm",
				adaptertest.Forms:   "on the page that a link opens",
				adaptertest.Hear:    nobodyHears, adaptertest.Files: nobodyHears, adaptertest.Changed: nobodyHears,
				adaptertest.Once: "a link works once", adaptertest.Durable: "a link works until it did",
				adaptertest.Rooms: "an address that stands for several people",
				adaptertest.Find:  "a mail that arrives twice has the same Message-ID, so it is shown once",
			},
			Seen: func(at adapters.Place) []adaptertest.Seen {
				var list []adaptertest.Seen
				for _, m := range h.server.Mails(at.Channel) {
					seen := adaptertest.Seen{
						Receipt: adapters.Receipt(bare(m.Header.Get("Message-Id"))), Text: m.Text, Thread: bare(m.Header.Get("In-Reply-To")),
						Delivery: m.Header.Get("X-Schoolbel-Delivery"), Ref: m.Header.Get("X-Schoolbel-Ref"),
					}
					for _, l := range m.Links {
						seen.Labels = append(seen.Labels, l.Label)
					}
					list = append(list, seen)
				}
				return list
			},
			Break: func(trouble adaptertest.Trouble) {
				fault := map[adaptertest.Trouble]error{
					adaptertest.Hurry: mailfake.Says(450, [3]int{4, 7, 1}, "too fast"),
					adaptertest.Down:  mailfake.Says(451, [3]int{4, 3, 0}, "try again later"),
					adaptertest.Lost:  mailfake.ErrLost,
				}[trouble]
				h.server.Fault(func(step, _ string) error {
					if step != mailfake.Data || fault == nil {
						return nil
					}
					once := fault
					fault = nil
					return once
				})
			},
		}
	})
}
