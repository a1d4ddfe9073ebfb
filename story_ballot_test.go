package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"schoolbel/adapters"
	"schoolbel/workflows"
	"schoolbel/workflows/school"
)

// alter puts another school in force, in every process.
func (h *play) alter(change func(*school.School)) {
	h.Helper()
	s := *h.apps[0].school.Load()
	s.People = slices.Clone(s.People)
	change(&s)
	for _, a := range h.apps {
		a.setSchool(school.New(s))
	}
}

// Els is away: Bram votes for her, and it is told to both; who leaves the school
// between two votes does not count any more.
func TestStoryOfAStandIn(t *testing.T) {
	clocks(t, "2026-11-24 09:00:00", func(h *timed) {
		day := local(h.T, "2026-11-24 00:00:00")
		h.alter(func(s *school.School) {
			s.Changes.StandIns = []school.StandIn{{For: "els", By: "bram", From: day, Until: day}}
		})
		h.asks()
		card := h.sees(h.slack.DM("U0BRAM"), "CHG-1", "Goedkeuren")
		h.took(h.slack.Press("U0BRAM", card, "Goedkeuren"))
		h.sees(h.slack.DM("U0ELS"), "Bram Smit was namens jou akkoord met CHG-1")
		h.sees("C0CAB", "CHG-1", "Akkoord: Bram Smit (namens Els van Dijk)", "Stemmen: 1 van 2")
		h.took(h.slack.Press("U0BRAM", card, "Goedkeuren"))
		h.sees(h.slack.DM("U0BRAM"), "Dat staat al zo bij CHG-1")
		h.took(h.slack.Press("U0KARIM", h.sees("C0CAB", "CHG-1", "Stemmen: 1 van 2"), "Goedkeuren"))
		h.sees("C0CAB", "CHG-1", "Goedgekeurd", "Akkoord: Bram Smit (namens Els van Dijk), Karim Bouzid")
	})
}

// Karim agreed and left the school; what is left of the board is not enough.
func TestStoryOfSomebodyWhoLeft(t *testing.T) {
	stories(t, func(h *play) {
		h.asks()
		card := h.sees("C0CAB", "CHG-1", "Stemmen: 0 van 2")
		h.took(h.slack.Press("U0KARIM", card, "Goedkeuren"))
		h.sees("C0CAB", "CHG-1", "Stemmen: 1 van 2")
		h.alter(func(s *school.School) {
			s.People = slices.DeleteFunc(s.People, func(p school.Person) bool { return p.Key == "karim" })
			for i, p := range s.Processes {
				if p.Kind == "change" {
					s.Processes = slices.Clone(s.Processes)
					s.Processes[i].Owner = "joost"
				}
			}
		})
		h.took(h.slack.Press("U0ELS", card, "Goedkeuren"))
		h.sees("C0CAB", "CHG-1", "Stemmen: 1 van 2", "te weinig mensen", "Joost Mulder weet ervan")
		h.sees(h.slack.DM("U0JOOST"), "CHG-1", "te weinig mensen")
		h.took(h.slack.Press("U0KARIM", card, "Goedkeuren")) // a click of somebody who is a stranger now
		h.idle()
		if r := h.record("CHG-1"); r.State != "awaiting_approval" {
			h.Errorf("it is %s, with the votes %s", r.State, r.Field("votes"))
		}
	})
}

// What is risky is agreed to on a page of one's own: the button gives the link, and
// only the page counts.
func TestStoryOfAPageForARisk(t *testing.T) {
	stories(t, func(h *play) {
		h.alter(func(s *school.School) { s.Changes.Confirm = "browser" })
		for _, a := range h.apps {
			a.bot.Link = func(g adapters.Grant) string {
				return "https://bel.example/doe/" + url.PathEscape(g.User+"|"+g.Command)
			}
		}
		h.asks("risk", "high")
		board := h.sees("C0CAB", "CHG-1", "bevestigt dat op een eigen pagina")
		for _, who := range []string{"karim", "els"} {
			user := "U0" + strings.ToUpper(who)
			h.took(h.slack.Press(user, board, "Goedkeuren"))
			h.token("POST", "/api/v1/commands", `{"ref":"CHG-1","do":"approve","as":"`+who+`"}`).asked("a program", 403)
		}
		h.sees("C0CAB", "CHG-1 heeft een hoog risico", "Naar de pagina")
		h.idle()
		if r := h.record("CHG-1"); r.Field("votes") != "" {
			h.Fatalf("without a page they voted %s", r.Field("votes"))
		}
		for n, user := range []string{"U0KARIM", "U0ELS"} {
			var page adapters.Page
			ev := adapters.Event{
				ID: fmt.Sprint("page:", n), Kind: adapters.Press, Place: adapters.Place{Adapter: "slack", Channel: "C0CAB"},
				User: adapters.User{ID: user}, Text: "CHG-1 approve", At: time.Now(),
			}
			if err := h.apps[0].bot.Handle(adapters.WithPage(h.Context(), &page), ev); err != nil {
				h.Fatal(err)
			}
		}
		h.sees("C0CAB", "CHG-1", "Goedgekeurd")
		h.idle()
		if r := h.record("CHG-1"); r.Field("votes") != "karim=approve! els=approve!" {
			h.Errorf("the votes are %s", r.Field("votes"))
		}
	})
}

// Clicks that are not what they seem: another person's, one with a wrong signature, a
// repeated one, one with a command that no button of ours says. None changes anything.
func TestStoryOfForgedClicks(t *testing.T) {
	stories(t, func(h *play) {
		h.asks()
		board := h.sees("C0CAB", "CHG-1", "Goedkeuren")
		h.idle()
		told := h.took(h.slack.Press("U0KARIM", board, "Goedkeuren"))
		h.sees("C0CAB", "CHG-1", "Stemmen: 1 van 2")
		h.idle()
		votes, state := h.record("CHG-1").Field("votes"), h.record("CHG-1").State
		same := func(after string) {
			h.Helper()
			h.idle()
			if r := h.record("CHG-1"); r.Field("votes") != votes || r.State != state {
				h.Fatalf("%s made it %s with %s", after, r.State, r.Field("votes"))
			}
		}
		for range 3 {
			h.took(h.slack.Redeliver(told))
		}
		same("a repeat")
		h.took(h.slack.Press("U0ANNA", board, "Goedkeuren"))
		same("a teacher's click")
		values := []string{
			"CHG-1 authorise", "CHG-1 approve for=els", "CHG-1 approve person=els", "CHG-1 approve votes=els=approve", "CHG-1 overrule reason=x", "CHG-1 complete",
			"CHG-1 start", "CHG-999 approve", "CHG-1 approve paged=yes", "CHG-1 dansen", "CHG-1 schedule from=2026-12-01T16:00 to=2026-12-01T18:00", "schoolbel.answer CHG-1 approve",
		}
		for _, value := range values {
			h.took(h.slack.Press("U0KARIM", forged(h, board, value), "?"))
			same(value)
		}
		body := []byte(url.Values{"payload": {`{"type":"block_actions","user":{"id":"U0ELS"},"channel":{"id":"C0CAB"},"message":{"ts":"1.1"},"actions":[{"action_id":"press:0","value":"CHG-1 approve","type":"button"}]}`}}.Encode())
		r, err := h.slack.Request("/slack/interactions", "application/x-www-form-urlencoded", body)
		if err != nil {
			h.Fatal(err)
		}
		r.Header.Set("X-Slack-Signature", "v0="+strings.Repeat("0", 64))
		if got := h.send(r); got.status != http.StatusUnauthorized {
			h.Errorf("a wrong signature was answered %d", got.status)
		}
		same("a wrong signature")
		tried := map[string]int{}
		for _, e := range h.log("CHG-1") {
			if strings.Contains(e.Note, ": error.") {
				tried[e.Actor+" "+string(e.Action)]++
			}
		}
		for _, want := range []string{"anna approve", "karim authorise", "karim approve"} {
			if tried[want] == 0 {
				h.Errorf("that %s was tried is not in the log: %v", want, tried)
			}
		}
		h.took(h.slack.Press("U0ELS", board, "Goedkeuren"))
		h.sees("C0CAB", "CHG-1", "Goedgekeurd")
	})
}

// Twenty people press the same button ten times each, all at once, at two processes:
// exactly the votes of those who may, one decision, and it is told once.
func TestStoryOfTwoHundredClicks(t *testing.T) {
	stories(t, func(h *play) {
		const people, board, quorum = 20, 8, 6
		clicks := 10 // of each
		if len(h.apps) == 1 {
			clicks = 2 // on SQLite they wait in line anyhow
		}
		h.alter(func(s *school.School) {
			for n := range people {
				id := fmt.Sprintf("U0MANY%02d", n)
				p := school.Person{Person: workflows.Person{Key: fmt.Sprintf("many%02d", n), Name: fmt.Sprintf("Lid Nummer%02d", n), Roles: []workflows.Role{"teacher"}}, Accounts: map[string]string{"slack": id}}
				if n < board {
					p.Roles = []workflows.Role{"cab"}
				}
				s.People = append(s.People, p)
				h.slack.AddUser(id, p.Name, "", "nl-NL")
				h.slack.Join(id, "C0CAB")
			}
			s.Changes.Types = map[string]school.ChangeType{"normal": {Approve: []workflows.Quorum{{Roles: []workflows.Role{"cab"}, Need: quorum}}}}
		})
		// The first of the board asks, so there are seven of these, and Karim and Els.
		h.token("POST", "/api/v1/commands", `{"kind":"change","do":"request","as":"many00","args":{"title":"Nieuwe accesspoints"}}`).asked("a request", 200)
		h.token("POST", "/api/v1/commands", `{"ref":"CHG-1","do":"submit","as":"noor","args":{"reason":"x","risk":"low","plan":"x","rollback_plan":"x"}}`).asked("a plan", 200)
		card := h.sees("C0CAB", "CHG-1", "Goedkeuren")
		h.idle()
		var going sync.WaitGroup
		start := make(chan struct{})
		for n := range people {
			for range clicks {
				going.Go(func() {
					<-start
					h.slack.Target("http://" + h.apps[n%len(h.apps)].listener.Addr().String())
					if told := h.slack.Press(fmt.Sprintf("U0MANY%02d", n), card, "Goedkeuren"); told.Err != nil || told.Status != 200 {
						h.Errorf("a click was answered %d %v", told.Status, told.Err)
					}
				})
			}
		}
		close(start)
		going.Wait()
		h.sees("C0CAB", "CHG-1", "Goedgekeurd")
		h.idle()
		did := map[string]int{}
		var voters []string
		for _, e := range h.log("CHG-1") {
			if e.Note != "" && strings.Contains(e.Note, ": error.") {
				continue
			}
			did[string(e.Action)]++
			if e.Action == "approve" {
				voters = append(voters, e.Actor)
			}
		}
		slices.Sort(voters)
		if len(voters) != quorum || len(slices.Compact(slices.Clone(voters))) != quorum || did["authorise"] != 1 {
			h.Errorf("the log has %v, by %v", did, voters)
		}
		for _, v := range voters {
			if v <= "many00" || v >= fmt.Sprintf("many%02d", board) {
				h.Errorf("%s voted", v)
			}
		}
		if n := h.said("C0ICT", "CHG-1", "is goedgekeurd"); n != 1 {
			h.Errorf("ICT was told %d times", n)
		}
		if n := h.said(h.slack.DM("U0MANY00"), "CHG-1", "is goedgekeurd"); n != 1 {
			h.Errorf("who asked was told %d times", n)
		}
		report, err := h.apps[0].store.Verify(context.WithoutCancel(h.Context()), nil)
		if err != nil || len(report.Breaks) > 0 {
			h.Errorf("%v %v", report, err)
		}
	})
}
