package all

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	w "schoolbel/workflows"
	"schoolbel/workflows/school"
	"schoolbel/workflows/workflowstest"
)

// village is a school that is just big enough.
func village(t *testing.T) *school.School {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	s := school.School{
		Teams:     []school.Team{{Key: "ict", Name: "ICT"}},
		Locations: []school.Location{{Key: "noord", Name: "Noord"}},
		Services:  []school.Service{{Service: w.Service{Key: "wifi", Name: "Wifi", Owner: "ict"}}},
		Organisation: school.Organisation{Locale: "nl", Zone: zone, Hours: school.Hours{
			Days: []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}, From: 450, To: 1050,
		}},
		Priorities: school.Priorities{
			Matrix: map[w.Level]map[w.Level]w.Priority{
				w.Large: {w.High: w.P1, w.Medium: w.P2, w.Low: w.P3}, w.Medium: {w.High: w.P2, w.Medium: w.P3, w.Low: w.P4}, w.Small: {w.High: w.P3, w.Medium: w.P4, w.Low: w.P4},
			},
			Targets: map[w.Priority]w.Target{
				w.P1: {Respond: 15 * time.Minute, Resolve: 2 * time.Hour, Always: true}, w.P2: {Respond: 30 * time.Minute, Resolve: 4 * time.Hour},
				w.P3: {Respond: 4 * time.Hour, Resolve: 10 * time.Hour}, w.P4: {Respond: 10 * time.Hour, Resolve: 20 * time.Hour},
			},
			MajorAfter: 3, MajorWithin: time.Hour,
		},
		Changes: school.Changes{
			Types:    map[string]school.ChangeType{"normal": {Approve: []w.Quorum{{Roles: []w.Role{"cab"}, Need: 2}}}},
			Standard: []school.StandardChange{{Key: "account", Name: "Account", Service: "wifi"}},
		},
	}
	s.Calendar = []school.Period{{Kind: "freeze", Name: "Toetsweek", From: time.Date(2027, 2, 22, 0, 0, 0, 0, zone), To: time.Date(2027, 2, 23, 0, 0, 0, 0, zone)}}
	for key, roles := range map[string][]w.Role{"anna": {"teacher"}, "fatima": {"teacher"}, "noor": {w.Agent}, "bram": {w.Agent, "change_manager"}, "karim": {"cab"}, "els": {"cab", "privacy_officer", "director"}} {
		s.People = append(s.People, school.Person{Person: w.Person{Key: key, Name: key, Roles: roles}})
	}
	slices.SortFunc(s.People, func(a, b school.Person) int { return slices.Compare([]string{a.Key}, []string{b.Key}) })
	return school.New(s)
}

// TestRandomWalk does what people and clocks could do, 20,000 times, allowed or
// not, and looks after each step whether the house still stands: every version has
// its line, the log leads to the record, a repeat changes nothing.
func TestRandomWalk(t *testing.T) {
	const seed = 20261123
	r := rand.New(rand.NewPCG(seed, 1))
	s, now := village(t), time.Date(2026, 10, 19, 9, 0, 0, 0, time.UTC) // over the end of summer time
	store := workflowstest.NewMemory()
	store.Now = func() time.Time { return now }
	engine, err := w.New(store, func() w.Catalogue { return s }, store.Now, Processes()...)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	var refs []w.Ref
	used := map[string]int{}
	for i := range 20_000 {
		now = now.Add(time.Duration(max(0, r.IntN(26)-6)) * time.Minute) // now and then two things at once
		for _, job := range store.Jobs(now) {
			if tick, ok := job.Job.(w.Tick); ok {
				if err := engine.Fire(ctx, tick); err != nil {
					t.Fatalf("step %d: clock of %s: %v", i, tick.Ref, err)
				}
			}
		}
		p := s.People[r.IntN(len(s.People))]
		c := w.Command{ID: fmt.Sprint("step", i), Actor: w.Actor{Key: p.Key, Name: p.Name, Via: "walk", Roles: p.Roles}}
		process := engine.Processes()[r.IntN(len(engine.Processes()))]
		mine, _, err := store.Find(ctx, w.Filter{Kinds: []w.Kind{process.Kind}, Open: r.IntN(10) > 0, Limit: 8})
		if err != nil {
			t.Fatal(err)
		}
		if len(mine) > 0 && r.IntN(8) > 0 {
			c.Ref = mine[r.IntN(len(mine))*r.IntN(2)].Ref // half of the time the newest
		}
		c.Kind = process.Kind
		var before *w.Record
		if !c.Ref.IsZero() {
			before, _ = store.Record(ctx, c.Ref)
		}
		if before != nil && len(before.Reporters) > 0 && r.IntN(4) == 0 { // what is open to a reporter alone
			if p, ok := s.Person(before.Reporters[0]); ok {
				c.Actor = w.Actor{Key: p.Key, Name: p.Name, Via: "walk", Roles: p.Roles}
			}
		}
		rules, name := slices.Clone(process.Rules), func(rule w.Rule) string { return string(process.Kind) + " " + string(rule.Do) }
		r.Shuffle(len(rules), func(i, j int) { rules[i], rules[j] = rules[j], rules[i] })
		if before != nil && r.IntN(2) == 0 { // half of the time, what is open and was done least
			moves := engine.Moves(before, c.Actor)
			rules = slices.DeleteFunc(rules, func(rule w.Rule) bool {
				return !slices.ContainsFunc(moves, func(m w.Move) bool { return m.Do == rule.Do })
			})
			slices.SortStableFunc(rules, func(a, b w.Rule) int { return used[name(a)] - used[name(b)] })
		}
		if len(rules) == 0 {
			continue
		}
		rule := rules[0]
		c.Action, c.Args = rule.Do, arguments(r, process, rule, mine, refs)
		if links, _ := store.Links(ctx, c.Ref); rule.Do == "unlink" && len(links) > 0 {
			c.Args["type"], c.Args["to"] = string(links[0].Type), links[0].To.String()
		}
		out, err := engine.Do(ctx, c)
		var refusal *w.Error
		if err != nil && !errors.As(err, &refusal) {
			t.Fatalf("step %d, seed %d: %s %s: %v", i, seed, c.Ref, c.Action, err)
		}
		if err != nil {
			if before != nil {
				if after, _ := store.Record(ctx, c.Ref); !reflect.DeepEqual(before, after) {
					t.Fatalf("step %d, seed %d: a refused %s changed %s", i, seed, c.Action, c.Ref)
				}
			}
			continue
		}
		used[name(rule)]++
		if before == nil {
			refs = append(refs, out.Record.Ref)
		}
		again, err := engine.Do(ctx, c)
		if err != nil || !again.Repeated {
			t.Fatalf("step %d, seed %d: a repeated %s gave %+v, %v", i, seed, c.Action, again, err)
		}
		sound(t, store, process, out.Record.Ref)
	}
	for _, p := range engine.Processes() {
		for _, action := range p.Actions() {
			if used[string(p.Kind)+" "+string(action)] == 0 && !byItself(p, action) {
				t.Errorf("seed %d: nobody could ever %s a %s", seed, action, p.Kind)
			}
		}
	}
}

// byItself tells whether only clocks and rules do this.
func byItself(p *w.Process, do w.Action) bool {
	return !slices.ContainsFunc(p.Rules, func(r w.Rule) bool { return r.Do == do && !slices.Equal(r.By, []w.Role{w.System}) })
}

// sound holds a record against its log.
func sound(t *testing.T, store *workflowstest.Memory, p *w.Process, ref w.Ref) {
	t.Helper()
	r, err := store.Record(context.Background(), ref)
	if err != nil {
		t.Fatal(err)
	}
	log, err := store.Log(context.Background(), ref)
	if err != nil {
		t.Fatal(err)
	}
	if len(log) != r.Version {
		t.Fatalf("%s is at version %d with %d lines", ref, r.Version, len(log))
	}
	if done := slices.Contains(p.Done, r.State); done == r.Open() {
		t.Fatalf("%s is %s, and open is %v", ref, r.State, r.Open())
	}
	told, err := w.Replay(log)
	if err != nil {
		t.Fatal(err)
	}
	r.RespondBy, r.ResolveBy, r.ClosedAt = r.RespondBy.UTC(), r.ResolveBy.UTC(), r.ClosedAt.UTC()
	told.ChangedAt = r.ChangedAt // a refusal that was logged changes no record
	if len(r.Fields) == 0 {
		r.Fields, told.Fields = nil, nil
	}
	if len(r.Reporters) == 0 {
		r.Reporters = nil
	}
	if len(r.Subscribers) == 0 {
		r.Subscribers = nil
	}
	if !reflect.DeepEqual(told, r) {
		t.Fatalf("the log of %s leads to\n%+v\nand the record is\n%+v", ref, told, r)
	}
}

// arguments makes some that may fit.
func arguments(r *rand.Rand, p *w.Process, rule w.Rule, mine []*w.Record, refs []w.Ref) map[string]string {
	args := map[string]string{}
	names := slices.Clone(rule.Needs)
	for _, name := range rule.Takes {
		if r.IntN(3) == 0 {
			names = append(names, name)
		}
	}
	for _, name := range names {
		i := slices.IndexFunc(rule.Own, func(f w.Field) bool { return f.Name == name })
		field, _ := p.Field(name)
		if i >= 0 {
			field = rule.Own[i]
		}
		switch {
		case len(field.Options) > 0:
			args[name] = field.Options[r.IntN(len(field.Options))]
		case field.Time && name == "to":
			args[name] = "2027-02-22T10:00"
		case field.Time:
			args[name] = "2027-02-22T08:00"
		case field.Lookup == "service":
			args[name] = "wifi"
		case field.Lookup == "location":
			args[name] = "noord"
		case field.Lookup == "team":
			args[name] = "ict"
		case field.Lookup == "person":
			args[name] = []string{"anna", "noor", "fatima"}[r.IntN(3)]
		case field.Lookup == string(p.Kind) && len(mine) > 0:
			args[name] = mine[r.IntN(len(mine))].Ref.String()
		case field.Lookup != "" && len(refs) > 0:
			args[name] = refs[max(0, len(refs)-1-r.IntN(12))].String()
		case name == "template":
			args[name] = "account"
		case name == "type":
			args[name] = []string{"leads_to", "caused", "duplicate_of", "part_of"}[r.IntN(4)]
		default:
			args[name] = "tekst"
		}
	}
	return args
}
