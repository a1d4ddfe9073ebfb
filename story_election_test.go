package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"schoolbel/adapters"
	"schoolbel/workflows"
	"schoolbel/workflows/school"
)

// electorate makes a school whose people wear random hats and have accounts
// everywhere, and whose board decides in random steps.
func electorate(r *rand.Rand, s *school.School) []string {
	var keys []string
	for n := range 8 {
		key := fmt.Sprintf("p%d", n)
		p := school.Person{Person: workflows.Person{Key: key, Name: "Persoon " + key, Email: key + "@delinde.example"}, Accounts: map[string]string{}}
		for _, adapter := range []string{"slack", "teams", "matrix", "console"} {
			p.Accounts[adapter] = adapter + "-" + key
		}
		for _, hat := range []workflows.Role{"cab", "change_manager", "director"} {
			if r.IntN(2) == 0 {
				p.Roles = append(p.Roles, hat)
			}
		}
		p.Roles = append(p.Roles, "teacher")
		s.People = append(s.People, p)
		keys = append(keys, key)
	}
	normal := school.ChangeType{Order: []string{"steps", "parallel"}[r.IntN(2)]}
	for _, hat := range []workflows.Role{"cab", "change_manager", "director"}[:1+r.IntN(3)] {
		normal.Approve = append(normal.Approve, workflows.Quorum{Roles: []workflows.Role{hat}, Need: 1 + r.IntN(2)})
	}
	s.Changes.Types = map[string]school.ChangeType{"normal": normal, "emergency": s.Changes.Types["emergency"]}
	return keys
}

// voteBy gives one vote by a random door: a button, words, a page behind a link, or the
// API; of four platforms, at one of the processes.
func (h *play) voteBy(ctx context.Context, app *App, door int, who, ref, do, id string) error {
	platform := []string{"slack", "teams", "matrix", "console"}[door%4]
	ev := adapters.Event{
		ID: id, Place: adapters.Place{Adapter: platform, Channel: "room"}, User: adapters.User{ID: platform + "-" + who}, Direct: true,
		Kind: adapters.Press, Text: ref + " " + do,
	}
	if do == "reject" {
		ev.Text += " reason=nee"
	}
	switch door % 3 {
	case 1:
		ev.Kind, ev.Text = adapters.Message, ref+" "+map[string]string{"approve": "akkoord", "reject": "afwijzen nee"}[do]
	case 2:
		if door%2 == 0 {
			ctx = adapters.WithPage(ctx, &adapters.Page{})
			break
		}
		p, _ := app.school.Load().Person(who)
		name, _ := workflows.ParseRef(ref)
		c := workflows.Command{ID: id, Actor: workflows.Actor{Key: who, Name: p.Name, Via: "api:portal", Roles: p.Roles}, Ref: name, Action: workflows.Action(do), Args: map[string]string{}}
		if do == "reject" {
			c.Args["reason"] = "nee"
		}
		_, err := app.engine.Do(ctx, c)
		var no *workflows.Error
		if errors.As(err, &no) {
			return nil
		}
		return err
	}
	return app.bot.Handle(ctx, ev)
}

// Random people vote all at once, by every door, twice and more, at every process. What
// came of it is what a plain reading of the log says: enough distinct people with the
// right hats, nobody on what is theirs, one decision, and nothing after it.
func TestStoryOfElections(t *testing.T) {
	stories(t, func(h *play) {
		came := map[workflows.State]int{}
		elections := uint64(14)
		if len(h.apps) == 1 {
			elections = 6 // on SQLite votes wait in line anyhow
		}
		for seed := range elections {
			r := rand.New(rand.NewPCG(seed, 26))
			base := h.apps[0].school.Load()
			s := *base
			s.People = slices.DeleteFunc(slices.Clone(base.People), func(p school.Person) bool { return strings.HasPrefix(p.Key, "p") && len(p.Key) == 2 })
			keys := electorate(r, &s)
			made := school.New(s)
			for _, a := range h.apps {
				a.school.Store(made)
			}
			asker, doer := keys[r.IntN(len(keys))], keys[r.IntN(len(keys))]
			var asked struct{ Ref string }
			h.token("POST", "/api/v1/commands", `{"kind":"change","do":"request","as":"`+asker+`","args":{"title":"Verkiezing"}}`).into(&asked)
			h.token("POST", "/api/v1/commands", `{"ref":"`+asked.Ref+`","do":"submit","as":"noor","args":{"reason":"x","risk":"low","plan":"x","rollback_plan":"x","implementer":"`+doer+`"}}`).asked("a plan", 200)
			var going sync.WaitGroup
			for n := range 30 {
				who, door, do := keys[r.IntN(len(keys))], r.IntN(1000), "approve"
				if r.IntN(60) == 0 {
					do = "reject"
				}
				id := fmt.Sprintf("vote:%d:%d", seed, n-r.IntN(2)) // some events come twice
				going.Go(func() {
					if err := h.voteBy(h.Context(), h.apps[n%len(h.apps)], door, who, asked.Ref, do, id); err != nil {
						h.Errorf("seed %d: %v", seed, err)
					}
				})
			}
			going.Wait()
			h.idle()
			came[h.record(asked.Ref).State]++
			h.judged(seed, asked.Ref, made, []string{asker, doer})
		}
		if came["approved"] == 0 || came["awaiting_approval"] == 0 {
			h.Errorf("it came to %v: this proves too little", came)
		}
	})
}

// judged reads a log and holds the decision against it.
func (h *play) judged(seed uint64, ref string, s *school.School, own []string) {
	h.Helper()
	agreed := map[string]bool{}
	over, due := false, false
	var seats []workflows.Role
	for _, q := range s.Changes.Types["normal"].Approve {
		for range q.Need {
			seats = append(seats, q.Roles[0])
		}
	}
	var enough func(at int) bool
	enough = func(at int) bool {
		if at == len(seats) {
			return true
		}
		for who, free := range agreed {
			p, _ := s.Person(who)
			if !free || !slices.Contains(p.Roles, seats[at]) {
				continue
			}
			agreed[who] = false
			rest := enough(at + 1)
			agreed[who] = true
			if rest {
				return true
			}
		}
		return false
	}
	for _, e := range h.log(ref) {
		if strings.Contains(e.Note, ": error.") {
			if e.From != e.To || len(e.Diff) > 0 {
				h.Errorf("seed %d: what was refused changed %s: %+v", seed, ref, e)
			}
			continue
		}
		switch e.Action {
		case "approve":
			if over || due || agreed[e.Actor] || slices.Contains(own, e.Actor) {
				h.Errorf("seed %d: %s voted on %s, too late, twice, or on their own", seed, e.Actor, ref)
			}
			agreed[e.Actor] = true
			due = enough(0)
		case "reject":
			if over || due || slices.Contains(own, e.Actor) {
				h.Errorf("seed %d: %s rejected %s, too late or their own", seed, e.Actor, ref)
			}
			over = true
		case "authorise":
			if over || !due {
				h.Errorf("seed %d: %s was approved by %v, which is not enough, or once more", seed, ref, agreed)
			}
			over = true
		}
	}
	if due && !over {
		h.Errorf("seed %d: enough agreed on %s, and it is %s", seed, ref, h.record(ref).State)
	}
}
