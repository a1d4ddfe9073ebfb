package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"schoolbel/adapters"
	"schoolbel/workflows"
)

// post is a letterbox that keeps what it gets.
type post struct {
	after time.Duration
	sent  []string // "address: title: text [labels with a link]"
}

func (p *post) Name() string                                      { return "mail" }
func (p *post) Run(ctx context.Context, _ adapters.Handler) error { <-ctx.Done(); return nil }
func (p *post) After() time.Duration                              { return p.after }
func (p *post) Links()                                            {}

func (p *post) User(_ context.Context, id string) (adapters.User, error) {
	return adapters.User{ID: id, Email: id}, nil
}

func (p *post) Direct(_ context.Context, user string) (adapters.Place, error) {
	return adapters.Place{Adapter: "mail", Channel: user}, nil
}

func (p *post) Send(_ context.Context, to adapters.Place, c adapters.Card) (adapters.Receipt, error) {
	var links []string
	for _, b := range c.Buttons {
		if b.Link != "" {
			links = append(links, b.Label)
		}
	}
	p.sent = append(p.sent, fmt.Sprintf("%s: %s: %s %v", to.Channel, c.Title, c.Text, links))
	return adapters.Receipt(c.Delivery), nil
}

// withPost gives a house a letterbox, and Noord's teachers an address.
func withPost(t *testing.T) (*house, *post) {
	t.Helper()
	h, p := newHouse(t), &post{after: 15 * time.Minute}
	h.Adapters = append(h.Adapters, p)
	h.platforms["mail"], h.letters = p, letterboxOf(h.Adapters)
	h.Link = func(g adapters.Grant) string { return "https://bel.example/go/" + g.User + g.Command }
	for i, a := range h.School().Audiences {
		if a.Key == "noord" {
			h.School().Audiences[i].Mail = []string{"docenten@noord.example"}
		}
	}
	return h, p
}

// asks asks for a message.
func (h *house) asks(d workflows.Delivery) {
	h.Helper()
	if d.Body == nil && d.Kind != "card" {
		d.Body, _ = json.Marshal(adapters.Card{Text: "nieuws"})
	}
	if err := h.memory.Do(h.Context(), func(tx workflows.Tx) error { return tx.Send(h.Context(), d) }); err != nil {
		h.Fatal(err)
	}
}

// looks does the jobs that look for who waits, as far as they are due.
func (h *house) looks() {
	h.Helper()
	for _, j := range h.memory.Jobs(h.at) {
		if l, ok := j.Job.(workflows.Late); ok {
			if err := h.Late(h.Context(), l); err != nil {
				h.Fatal(err)
			}
		}
	}
}

// mailed carries all letters.
func (h *house) mailed(p *post) []string {
	h.Helper()
	for _, d := range h.memory.Deliveries() {
		if strings.HasPrefix(d.Place, "mail:") {
			h.carries(d.Place)
		}
	}
	return p.sent
}

// A letter stands in for news, questions and the first sight of a card; never for an
// answer to what somebody just said, a home page or an edit.
func TestWhatALetterStandsInFor(t *testing.T) {
	const anna = "a.visser@delinde.example: "
	for name, c := range map[string]struct {
		d    workflows.Delivery
		want string
	}{
		"news for one":             {workflows.Delivery{Kind: newsKind, Place: "slack:@U0ANNA", Person: "anna"}, anna},
		"news where they spoke":    {workflows.Delivery{Kind: newsKind, Place: "slack:C0ZUID", Person: "anna"}, anna},
		"news on a platform unset": {workflows.Delivery{Kind: newsKind, Place: "teams:@aad-anna", Person: "anna"}, anna},
		"an answer":                {workflows.Delivery{Kind: "say", Place: "slack:@U0ANNA", Person: "anna"}, ""},
		"a home page":              {workflows.Delivery{Kind: "home", Place: "slack:home:U0ANNA", Person: "anna", Body: []byte(`{}`)}, ""},
		"somebody unknown":         {workflows.Delivery{Kind: newsKind, Place: "slack:@U0X", Person: "slack:U0X"}, ""},
		"news for an audience":     {workflows.Delivery{ID: "news:INC-1:2:slack:C0NOORD", Kind: newsKind, Place: "slack:C0NOORD"}, "docenten@noord.example: "},
		"the card of an audience":  {workflows.Delivery{ID: "card:INC-1:slack:C0NOORD", Kind: "card", Place: "slack:C0NOORD", Ref: ref(1)}, "docenten@noord.example: INC-1 · Wifi weg"},
		"a team":                   {workflows.Delivery{Kind: newsKind, Place: "slack:C0ICT"}, ""},
		"a letter":                 {workflows.Delivery{Kind: newsKind, Place: "mail:@rommel", Person: "anna"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h, p := withPost(t)
			h.reports()
			h.chat.script = []error{failed(adapters.Gone), failed(adapters.Gone)}
			h.asks(c.d)
			if c.d.Place != "mail:@rommel" {
				h.carries(c.d.Place)
				h.carries("slack:@U0ANNA") // her own room is tried before a letter is written
			} else if err := h.instead(t.Context(), &c.d); err != nil {
				t.Fatal(err)
			}
			got := h.mailed(p)
			if c.want == "" && len(got) > 0 && c.d.Place != "mail:@rommel" || c.want != "" && (len(got) != 1 || !strings.HasPrefix(got[0], c.want)) || len(got) > 1 {
				t.Errorf("the mails are %q", got)
			}
		})
	}
}

// Two rooms with one address are one mail; what became sensitive is none for a room.
func TestALetterForTwoRooms(t *testing.T) {
	for _, sensitive := range []bool{false, true} {
		h, p := withPost(t)
		for i, a := range h.School().Audiences {
			if a.Key == "zuid" {
				h.School().Audiences[i].Mail = []string{"docenten@noord.example", "zuid@zuid.example"}
			}
		}
		h.reports()
		if sensitive {
			h.does("els", "triage", "type", "data_breach")
		}
		for _, room := range []string{"slack:C0NOORD", "slack:C0ZUID"} {
			h.chat.script = []error{failed(adapters.Gone)}
			h.asks(workflows.Delivery{ID: "news:INC-1:2:" + room, Kind: newsKind, Place: room, Ref: ref(1)})
			h.carries(room)
		}
		if got := h.mailed(p); sensitive && len(got) > 0 || !sensitive && len(got) != 2 {
			t.Errorf("sensitive %v: the mails are %q", sensitive, got)
		}
	}
}

// An edit of a card that is there already is no news.
func TestAnEditIsNoLetter(t *testing.T) {
	h, p := withPost(t)
	h.reports()
	h.does("noor", "triage", "impact", "large")
	h.announced()
	h.carries("slack:C0NOORD")
	h.does("noor", "take")
	h.announced()
	h.chat.script = []error{failed(adapters.Refused), failed(adapters.Refused), failed(adapters.Refused)}
	h.carries("slack:C0NOORD")
	h.carries("slack:@U0ANNA")
	if got := h.mailed(p); len(got) != 1 || !strings.HasPrefix(got[0], "a.visser@") { // the news for her, and no card
		t.Errorf("the mails are %q", got)
	}
}

// Waiting long and being given up in the end is one letter.
func TestLateAndGivenUpIsOneLetter(t *testing.T) {
	h, p := withPost(t)
	begin := h.at
	for range tried {
		h.chat.script = append(h.chat.script, failed(adapters.Retry))
	}
	h.asks(workflows.Delivery{ID: "m", Kind: newsKind, Place: "slack:@U0ANNA", Person: "anna"})
	for range tried {
		if again := h.carries("slack:@U0ANNA"); !again.IsZero() {
			h.at = again
		}
		h.looks()
		late := !h.at.Before(begin.Add(15 * time.Minute))
		if got := h.mailed(p); len(got) > 1 || late != (len(got) == 1) {
			t.Fatalf("after %s the mails are %q", h.at.Sub(begin), got)
		}
	}
	if d := h.memory.Deliveries()[0]; d.State != workflows.Failed || len(p.sent) != 1 {
		t.Errorf("it is %s, and the mails are %q", d.State, p.sent)
	}
}

// However many accounts a message was tried at, and though somebody waited too long at
// the first, it is one letter.
func TestManyAccountsAreOneLetter(t *testing.T) {
	h, p := withPost(t)
	h.asks(workflows.Delivery{ID: "m", Kind: newsKind, Place: "slack:C0NOORD", Person: "anna"})
	h.chat.script = []error{failed(adapters.Retry)}
	h.carries("slack:C0NOORD")
	h.at = h.at.Add(16 * time.Minute)
	h.looks()
	if got := h.mailed(p); len(got) != 1 {
		t.Fatalf("late, the mails are %q", got)
	}
	h.chat.script = []error{failed(adapters.Gone), failed(adapters.Gone)}
	h.carries("slack:C0NOORD")
	h.carries("slack:@U0ANNA")
	if got := h.mailed(p); len(got) != 1 {
		t.Errorf("at the end of all accounts, the mails are %q", got)
	}
}

// Who stands in line behind another, or behind an account that must wait, is not
// forgotten, though nothing of theirs was ever tried.
func TestWhoStandsInLineIsNotForgotten(t *testing.T) {
	h, p := withPost(t)
	h.chat.script = []error{&adapters.Failure{Why: adapters.TooFast, After: 2 * time.Hour, Scope: "account", Err: fmt.Errorf("429")}}
	begin := h.at
	h.asks(workflows.Delivery{ID: "a", Kind: newsKind, Place: "slack:@U0ANNA", Person: "anna"})
	h.carries("slack:@U0ANNA")
	after := func(d time.Duration) []string {
		h.at = begin.Add(d)
		h.looks()
		return h.mailed(p)
	}
	if got := after(14 * time.Minute); len(got) > 0 {
		t.Errorf("too early there are %q", got)
	}
	h.asks(workflows.Delivery{ID: "b", Kind: newsKind, Place: "slack:@U0PETER", Person: "peter"}) // never carried
	if got := after(15 * time.Minute); len(got) != 1 {
		t.Errorf("the first hears %q", got)
	}
	if got := after(29*time.Minute + slot); len(got) != 2 || !strings.HasPrefix(got[1], "p.willems@") {
		t.Errorf("the second hears %q", got)
	}
	h.asks(workflows.Delivery{ID: "c", Kind: newsKind, Place: "slack:@U0NOOR", Person: "noor"}) // after a while without any
	h.at = begin.Add(40 * time.Minute)
	h.carries("slack:@U0NOOR")
	if got := after(55*time.Minute + slot); len(got) != 3 || !strings.HasPrefix(got[2], "n.dewit@") {
		t.Errorf("the third hears %q", got)
	}
	var jobs int
	for _, j := range h.memory.Jobs(h.at.Add(time.Hour)) {
		if _, ok := j.Job.(workflows.Late); ok {
			jobs++
		}
	}
	if jobs > 4 {
		t.Errorf("that took %d looks", jobs)
	}
}

// While all goes well nobody looks.
func TestNobodyLooksWhileAllIsWell(t *testing.T) {
	h, _ := withPost(t)
	h.reports()
	h.announced()
	for _, place := range []string{"slack:C0NOORD", "slack:C0ICT", "slack:@U0ANNA"} {
		h.carries(place)
	}
	for _, j := range h.memory.Jobs(h.at.Add(time.Hour)) {
		if l, ok := j.Job.(workflows.Late); ok {
			t.Errorf("a job: %+v", l)
		}
	}
}

// A guest is written to at the address that their platform told, and is who they were
// when they act by its link. An address of two people is of neither.
func TestTheLetterOfAGuest(t *testing.T) {
	h, p := withPost(t)
	meets := func(id, email string) {
		t.Helper()
		if err := h.memory.Do(t.Context(), func(tx workflows.Tx) error {
			return tx.SaveAccount(t.Context(), workflows.Account{ID: id, Person: id, Name: "Gast", Email: email, Locale: "en"})
		}); err != nil {
			t.Fatal(err)
		}
	}
	meets("slack:U0GAST", "gast@elders.example")
	meets("slack:U0TWEE", "gast@elders.example")
	meets("slack:U0NEP", "n.dewit@delinde.example")
	for _, who := range []string{"slack:U0GAST", "slack:U0TWEE", "slack:U0NEP"} {
		h.chat.script = []error{failed(adapters.Gone)}
		place := strings.Replace(who, ":", ":@", 1)
		h.asks(workflows.Delivery{ID: who, Kind: newsKind, Place: place, Person: who})
		h.carries(place)
	}
	if got := h.mailed(p); len(got) != 1 || !strings.HasPrefix(got[0], "gast@elders.example") {
		t.Fatalf("the mails are %q", got)
	}
	who, err := h.who(t.Context(), adapters.Event{Place: adapters.Place{Adapter: "mail", Channel: "gast@elders.example"}, User: adapters.User{ID: "gast@elders.example"}})
	if err != nil || who.Key != "slack:U0GAST" || who.lang != "en" || who.actor.Via != "mail" {
		t.Errorf("they are %+v, %v", who, err)
	}
	accounts := []workflows.Account{{ID: "mail:gast@elders.example"}, {ID: "slack:U0GAST"}}
	if rooms := h.roomsOf("slack:U0GAST", accounts); len(rooms) != 1 || rooms[0].Adapter != "slack" {
		t.Errorf("their own rooms are %v", rooms)
	}
}

// Somebody whom we know by a link alone is not greeted there.
func TestNobodyIsGreetedByMail(t *testing.T) {
	h, p := withPost(t)
	h.reports()
	var page adapters.Page
	err := h.Handle(adapters.WithPage(t.Context(), &page), adapters.Event{
		ID: "link:x", Kind: adapters.Press, Trigger: "link", Text: "INC-1 take", At: h.at,
		Place: adapters.Place{Adapter: "mail", Channel: "vreemd@elders.example"}, User: adapters.User{ID: "vreemd@elders.example"},
	})
	if err != nil || page.Answer == nil || page.Answer.Tone != adapters.Warn {
		t.Fatalf("the page shows %+v, %v", page.Answer, err)
	}
	if got := h.mailed(p); len(got) > 0 {
		t.Errorf("the mails are %q", got)
	}
}

// What somebody does by a link changes nothing about where they are told of it, and a
// page shows nothing of what is sensitive.
func TestWhatIsDoneByALink(t *testing.T) {
	h, _ := withPost(t)
	h.does("anna", "report", "title", "cijferlijst gemaild", "sensitive", "yes", "service", "m365", "location", "noord", "origin", "slack:C0NOORD|1.1")
	press := func(command string) *adapters.Page {
		t.Helper()
		var page adapters.Page
		h.events++
		err := h.Handle(adapters.WithPage(t.Context(), &page), adapters.Event{
			ID: fmt.Sprint("link:", h.events), Kind: adapters.Press, Trigger: "link", Text: command, At: h.at,
			Place: adapters.Place{Adapter: "mail", Channel: "e.vandijk@delinde.example"}, User: adapters.User{ID: "e.vandijk@delinde.example"}, Message: "m",
		})
		if err != nil {
			t.Fatal(err)
		}
		return &page
	}
	page := press("INC-1")
	if page.Answer == nil || strings.Contains(page.Answer.Text+page.Answer.Title, "cijferlijst") || !strings.Contains(page.Answer.Text, "in de chat") {
		t.Errorf("the page shows %+v", page.Answer)
	}
	var sent []string
	for _, d := range h.memory.Deliveries() {
		if strings.Contains(string(d.Body), "cijferlijst") {
			sent = append(sent, d.Place)
		}
	}
	if !slices.Equal(sent, []string{"slack:@U0ELS"}) {
		t.Errorf("it is shown in %q", sent)
	}
	if page := press(`INC-1 note note="gebeld"`); page.Answer == nil || !strings.Contains(page.Answer.Text, "Bewaard bij INC-1") {
		t.Errorf("the page shows %+v", page.Answer)
	}
	for _, d := range h.memory.Deliveries() {
		if strings.HasPrefix(d.Place, "mail:") {
			t.Errorf("%s goes by mail: %s", d.ID, d.Body)
		}
	}
	if page := press("INC-1 resolve"); page.Form == nil || page.Form.Command != "INC-1 resolve" {
		t.Errorf("the page is %+v", page)
	}
	r, err := h.Store.Record(t.Context(), ref(1))
	if err != nil || strings.Contains(fmt.Sprint(r.Fields), "mail:") {
		t.Errorf("kept is %v, %v", r.Fields, err)
	}
}
