package change_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	w "schoolbel/workflows"
	"schoolbel/workflows/change"
	"schoolbel/workflows/school"
	"schoolbel/workflows/workflowstest"
)

// election is one change that random people vote on, at a random school.
type election struct {
	*testing.T
	r      *rand.Rand
	now    time.Time
	school *school.School
	store  *workflowstest.Memory
	engine *w.Engine
	ref    w.Ref
	// schools is the school in force at each moment, by which the oracle judges.
	schools map[time.Time]*school.School
}

var hats = []w.Role{"cab", "change_manager", "director", "teacher"}

func (e *election) pick(n int) int { return e.r.IntN(n) }

// found makes a school: up to eight people with hats, some who stand in for others.
func (e *election) found() {
	s := school.School{
		Organisation: school.Organisation{Locale: "nl", Zone: time.UTC},
		Teams:        []school.Team{{Key: "ict", Name: "ICT"}},
		Changes:      school.Changes{Types: map[string]school.ChangeType{}, ApproveWithin: 72 * time.Hour},
	}
	for i := range 3 + e.pick(6) {
		p := school.Person{Person: w.Person{Key: fmt.Sprint("p", i), Name: fmt.Sprint("P ", i)}}
		for _, hat := range hats {
			if e.pick(2) == 0 {
				p.Roles = append(p.Roles, hat)
			}
		}
		s.People = append(s.People, p)
	}
	var t school.ChangeType
	for range 1 + e.pick(3) {
		t.Approve = append(t.Approve, w.Quorum{Roles: hats[e.pick(2) : 2+e.pick(2)], Need: 1 + e.pick(2)})
	}
	if e.pick(2) == 0 {
		t.Order = "parallel"
	}
	if e.pick(5) == 0 {
		t.Confirm = "browser"
	}
	s.Changes.Types["normal"] = t
	for range e.pick(4) {
		in := school.StandIn{For: e.someone(s.People), By: e.someone(s.People), From: time.Date(2026, 11, 22+e.pick(4), 0, 0, 0, 0, time.UTC)}
		in.Until = in.From.AddDate(0, 0, e.pick(4))
		if in.For != in.By {
			s.Changes.StandIns = append(s.Changes.StandIns, in)
		}
	}
	e.school = school.New(s)
}

func (e *election) someone(people []school.Person) string { return people[e.pick(len(people))].Key }

// upset lets somebody leave the school, or lose a hat.
func (e *election) upset() {
	s := *e.school
	s.People = slices.Clone(s.People)
	i := e.pick(len(s.People))
	if e.pick(2) == 0 && len(s.People) > 2 {
		s.People = slices.Delete(s.People, i, i+1)
	} else if n := len(s.People[i].Roles); n > 0 {
		s.People[i].Roles = s.People[i].Roles[:n-1]
	}
	e.school = school.New(s)
}

func (e *election) do(who string, ref w.Ref, do w.Action, id string, args map[string]string) error {
	p, _ := e.school.Person(who)
	via := []string{"slack", "teams", "matrix", "console", "api:portal"}[e.pick(5)]
	c := w.Command{
		ID: id, Actor: w.Actor{Key: who, Name: p.Name, Via: via, Roles: p.Roles}, Kind: change.Kind, Ref: ref, Action: do, Args: args,
		Paged: e.pick(2) == 0 && via != "api:portal",
	}
	if do == "request" || do == "submit" {
		c.Actor.Roles = []w.Role{w.Agent}
	}
	e.schools[e.now] = e.school
	out, err := e.engine.Do(e.Context(), c)
	var no *w.Error
	if err != nil && !errors.As(err, &no) {
		e.Fatal(err)
	}
	if ref.IsZero() && err == nil {
		e.ref = out.Ref
	}
	return err
}

// Random people with random hats vote in random order, by button, by words, by the
// API and by link, again and again, while people leave and lose their hats. What the
// engine decides is what a plain count of the log decides, at every line.
func TestDecisions(t *testing.T) {
	approved, rejected := 0, 0
	for seed := range uint64(700) {
		e := &election{T: t, r: rand.New(rand.NewPCG(seed, 5)), now: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC), schools: map[time.Time]*school.School{}}
		e.found()
		e.store = workflowstest.NewMemory()
		e.store.Now = func() time.Time { return e.now }
		var err error
		e.engine, err = w.New(e.store, func() w.Catalogue { return e.school }, e.store.Now, change.Process)
		if err != nil {
			t.Fatal(err)
		}
		args := map[string]string{"title": "nieuwe switch"}
		if e.pick(3) == 0 {
			args["reporter"] = e.someone(e.school.People)
		}
		if err := e.do(e.someone(e.school.People), w.Ref{}, "request", "request", args); err != nil {
			t.Fatal(err)
		}
		submit := map[string]string{"reason": "x", "plan": "x", "rollback_plan": "x", "risk": []string{"high", "low"}[e.pick(2)]}
		if e.pick(2) == 0 {
			submit["implementer"] = e.someone(e.school.People)
		}
		if err := e.do("p0", e.ref, "submit", "submit", submit); err != nil {
			t.Fatal(err)
		}
		voters := e.school.People
		for i := range 40 {
			e.now = e.now.Add(time.Duration(1+e.pick(200)) * time.Minute)
			if e.pick(12) == 0 {
				e.upset()
			}
			do, args := w.Action("approve"), map[string]string{}
			if e.pick(25) == 0 {
				do, args = "reject", map[string]string{"reason": "nee"}
			}
			who := voters[e.pick(len(voters))].Key
			id := fmt.Sprint("vote", i-e.pick(2)) // now and then an event comes twice
			before := e.see().State
			err := e.do(who, e.ref, do, id, args)
			if before != change.Awaiting && err == nil && id == fmt.Sprint("vote", i) {
				t.Fatalf("seed %d: a vote of %s was taken when it was %s", seed, who, before)
			}
		}
		e.judge(seed)
		switch e.see().State {
		case change.Approved:
			approved++
		case change.Rejected:
			rejected++
		}
	}
	if approved < 50 || rejected < 50 {
		t.Errorf("only %d were approved and %d rejected: this proves too little", approved, rejected)
	}
}

func (e *election) see() *w.Record {
	r, err := e.store.Record(context.Background(), e.ref)
	if err != nil {
		e.Fatal(err)
	}
	return r
}

// judge reads the log from the start and counts by itself.
func (e *election) judge(seed uint64) {
	e.Helper()
	log, err := e.store.Log(e.Context(), e.ref)
	if err != nil {
		e.Fatal(err)
	}
	r := e.see()
	votes, due, over := map[string]ballot{}, false, false
	own := []string{log[0].Actor, r.Field("implementer")}
	own = append(own, r.Reporters...)
	for _, line := range log {
		s := e.schools[line.LoggedAt]
		if over {
			e.Fatalf("seed %d: %s by %s after the decision", seed, line.Action, line.Actor)
		}
		switch line.Action {
		case "approve":
			if due {
				e.Fatalf("seed %d: line %d comes when enough agreed already", seed, line.Seq)
			}
			v := ballot{at: line.LoggedAt, right: line.Actor, paged: strings.Contains(voteOf(line), "!")}
			if _, after, ok := strings.Cut(voteOf(line), "/"); ok {
				v.right, _, _ = strings.Cut(after, "=")
			}
			if slices.Contains(own, line.Actor) || slices.Contains(own, v.right) {
				e.Fatalf("seed %d: %s voted on what is theirs, for %s", seed, line.Actor, v.right)
			}
			votes[line.Actor] = v
			due = enough(s, r, votes, own, line.LoggedAt)
		case "authorise":
			if !due {
				e.Fatalf("seed %d: approved by line %d without enough of the right people: %v", seed, line.Seq, votes)
			}
			over = true
		case "reject":
			over = true
		}
	}
	if due && !over {
		e.Fatalf("seed %d: enough agreed and it is not approved: %v", seed, votes)
	}
}

type ballot struct {
	right string
	at    time.Time
	paged bool
}

// voteOf is the vote that a line wrote.
func voteOf(line w.Entry) string {
	for one := range strings.FieldsSeq(line.Diff["field.votes"][1]) {
		if who, _, _ := strings.Cut(one, "="); who == line.Actor || strings.HasPrefix(who, line.Actor+"/") {
			return one
		}
	}
	return ""
}

// enough counts plainly: it tries every way to seat those who agreed.
func enough(s *school.School, r *w.Record, votes map[string]ballot, own []string, now time.Time) bool {
	standsIn := func(who, other string, at time.Time) bool {
		return slices.ContainsFunc(s.Changes.StandIns, func(in school.StandIn) bool {
			return in.By == who && in.For == other && !at.Before(in.From) && at.Before(in.Until.AddDate(0, 0, 1))
		})
	}
	actsForOwn := func(who string, at time.Time) bool {
		return slices.ContainsFunc(own, func(o string) bool { return standsIn(who, o, at) })
	}
	t := s.Changes.Types["normal"]
	rights := map[string]w.Person{}
	for who, v := range votes {
		_, here := s.Person(who)
		p, there := s.Person(v.right)
		switch {
		case !here || !there || actsForOwn(who, now) || actsForOwn(v.right, now):
		case v.right != who && (!standsIn(who, v.right, v.at) || actsForOwn(who, v.at)):
		case t.Confirm == "browser" && r.Field("risk") == "high" && !v.paged:
		default:
			rights[v.right] = p
		}
	}
	var seats [][]w.Role
	for _, q := range t.Approve {
		for range q.Need {
			seats = append(seats, q.Roles)
		}
	}
	var fill func(at int, used []string) bool
	fill = func(at int, used []string) bool {
		if at == len(seats) {
			return true
		}
		for key, p := range rights {
			fits := slices.ContainsFunc(p.Roles, func(hat w.Role) bool { return slices.Contains(seats[at], hat) })
			if fits && !slices.Contains(used, key) && fill(at+1, append(slices.Clone(used), key)) {
				return true
			}
		}
		return false
	}
	return fill(0, nil)
}
