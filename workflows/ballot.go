package workflows

import (
	"slices"
	"strings"
	"time"
)

// Ballot is the decision on one record as it stands at a moment: who may vote, who
// did, and what is still missing. It asks the school anew each time, so whoever left
// or lost a hat since they voted does not count.
type Ballot struct {
	Rules  Approval
	school Catalogue
	record *Record
	now    time.Time
}

// Vote is what one person said.
type Vote struct {
	By    string // who voted
	For   string // for whom they stood in, or "" for themselves
	Yes   bool
	Paged bool      // confirmed on a page of our own
	At    time.Time // when a stand-in voted
}

// NewBallot looks at the decision on a record.
func NewBallot(school Catalogue, r *Record, now time.Time) Ballot {
	return Ballot{school.Approval(r.Field("type")), school, r, now}
}

// deciders are the roles that follow from how the school decides.
var deciders = []Role{Approver, Overruler}

// claim refuses a part of a decision to who has none, with the reason.
func (e *Engine) claim(rule *Rule, r *Record, a Actor) error {
	b := NewBallot(e.school(), r, e.now())
	if slices.Contains(rule.By, Approver) {
		if r.State != "awaiting_approval" && !b.Pressing() {
			return Refuse(Closed, r.Kind, "error.closed", rule.Do, r.State, r.Ref.String())
		}
		_, err := b.Claim(a)
		return err
	}
	p, _ := b.school.Person(a.Key)
	switch roles := b.school.Overrulers(); {
	case !overlaps(p.Roles, roles):
		return Refuse(Denied, r.Kind, "error.denied", rule.Do, roles)
	case b.owns(a):
		return Refuse(Denied, r.Kind, "error.change.own")
	}
	return nil
}

// offers tells whether a rule is open to somebody now; of a decision, to a room where
// somebody may be.
func (e *Engine) offers(rule *Rule, r *Record, a Actor) bool {
	switch {
	case !overlap(rule.By, deciders):
		return may(rule, r, a)
	case !strings.HasPrefix(a.Key, "room:"):
		return e.claim(rule, r, a) == nil
	case slices.Contains(rule.By, Overruler):
		return overlaps(a.Roles, e.school().Overrulers())
	}
	b := NewBallot(e.school(), r, e.now())
	return (r.State == "awaiting_approval" || b.Pressing()) && overlaps(b.Roles(), a.Roles)
}

// Votes reads what was said, in the order it was said:
// "karim=approve bram/els=approve@2026-11-24T09:00:00Z joost=approve!".
func (b Ballot) Votes() []Vote {
	var list []Vote
	for _, one := range strings.Fields(b.record.Field("votes")) {
		who, choice, _ := strings.Cut(one, "=")
		choice, paged := strings.CutSuffix(choice, "!")
		choice, at, _ := strings.Cut(choice, "@")
		v := Vote{Yes: choice == "approve", Paged: paged}
		v.By, v.For, _ = strings.Cut(who, "/")
		v.At, _ = time.Parse(time.RFC3339, at)
		list = append(list, v)
	}
	return list
}

// String writes a vote as it is kept.
func (v Vote) String() string {
	who, choice := v.By, "reject"
	if v.For != "" {
		who += "/" + v.For
	}
	if v.Yes {
		choice = "approve"
	}
	if v.For != "" {
		choice += "@" + v.At.UTC().Format(time.RFC3339)
	}
	if v.Paged {
		choice += "!"
	}
	return who + "=" + choice
}

// Right is whose right a vote uses: their own, or that of the one stood in for.
func (v Vote) Right() string {
	if v.For != "" {
		return v.For
	}
	return v.By
}

// Own tells whether somebody has no say in this because it is their own: they asked
// for it, will do it, or act for who does.
func (b Ballot) Own(who string, at time.Time) bool {
	mine := func(key string) bool {
		return key != "" && (slices.Contains(b.record.Reporters, key) || b.record.Field("asked_by") == key ||
			b.record.Field("implementer") == key || b.record.Owner == key)
	}
	return mine(who) || slices.ContainsFunc(b.school.ActsFor(who, at), mine)
}

// NeedsPage tells whether a yes counts only when it was confirmed on a page.
func (b Ballot) NeedsPage() bool { return b.Rules.Paged && b.record.Field("risk") == "high" }

// Counts tells whether a vote is a yes that counts now.
func (b Ballot) Counts(v Vote) bool {
	if !v.Yes || b.NeedsPage() && !v.Paged || !b.entitled(v.Right()) {
		return false
	}
	if v.For == "" {
		return true
	}
	_, here := b.school.Person(v.By)
	return here && !b.Own(v.By, b.now) && !b.Own(v.By, v.At) && slices.Contains(b.school.ActsFor(v.By, v.At), v.For)
}

// entitled tells whether somebody has a right to vote on this, whichever step.
func (b Ballot) entitled(who string) bool {
	_, here := b.school.Person(who)
	return here && !b.Own(who, b.now) && b.wears(who, len(b.Rules.Steps))
}

// wears tells whether somebody has a hat of one of the first steps.
func (b Ballot) wears(who string, steps int) bool {
	p, _ := b.school.Person(who)
	for _, step := range b.Rules.Steps[:steps] {
		if overlaps(step.Roles, p.Roles) {
			return true
		}
	}
	return false
}

func overlaps(a, b []Role) bool {
	return slices.ContainsFunc(a, func(r Role) bool { return slices.Contains(b, r) })
}

// Rights are those whose right was used for a yes that counts, each once.
func (b Ballot) Rights() []string {
	var list []string
	for _, v := range b.Votes() {
		if b.Counts(v) && !slices.Contains(list, v.Right()) {
			list = append(list, v.Right())
		}
	}
	return list
}

// Met is how many of the steps, from the first, have all they need.
func (b Ballot) Met() int { return b.filled(b.Rights()) }

// Decided tells whether all steps have what they need.
func (b Ballot) Decided() bool { return b.Met() == len(b.Rules.Steps) }

// Reachable tells whether there are enough people to decide at all.
func (b Ballot) Reachable() bool { return b.filled(b.Electors()) == len(b.Rules.Steps) }

// Electors are all who have a right to vote on this.
func (b Ballot) Electors() []string {
	var list []string
	for _, step := range b.Rules.Steps {
		for _, p := range b.school.Wearing(step.Roles...) {
			if b.entitled(p.Key) && !slices.Contains(list, p.Key) {
				list = append(list, p.Key)
			}
		}
	}
	return list
}

// filled is how many steps, from the first, these people can fill together, each of
// them one seat only. Somebody with two hats takes the seat that nobody else can.
func (b Ballot) filled(people []string) int {
	var seats []int // the step of each seat
	taken := map[int]string{}
	for step, q := range b.Rules.Steps {
		for range q.Need {
			seats = append(seats, step)
			if !b.seat(len(seats)-1, seats, people, taken, map[string]bool{}) {
				return step
			}
		}
	}
	return len(b.Rules.Steps)
}

// seat gives a seat to somebody, who may leave another seat for who can take that.
func (b Ballot) seat(at int, seats []int, people []string, taken map[int]string, asked map[string]bool) bool {
	for _, who := range people {
		p, _ := b.school.Person(who)
		if asked[who] || !overlaps(b.Rules.Steps[seats[at]].Roles, p.Roles) {
			continue
		}
		asked[who] = true
		had := -1
		for seat, other := range taken {
			if other == who {
				had = seat
			}
		}
		if had < 0 {
			taken[at] = who
			return true
		}
		taken[at] = who
		delete(taken, had)
		if b.seat(had, seats, people, taken, asked) {
			return true
		}
		delete(taken, at)
		taken[had] = who
	}
	return false
}

// open is how many steps, from the first, take votes now.
func (b Ballot) open() int {
	if b.Rules.Parallel {
		return len(b.Rules.Steps)
	}
	return min(b.Met()+1, len(b.Rules.Steps))
}

// Claim is the vote that somebody may give now: by their own right, or else for who
// they stand in for. It refuses with the reason.
func (b Ballot) Claim(a Actor) (Vote, error) {
	who := a.Key
	v := Vote{By: who}
	if _, here := b.school.Person(who); !here {
		return v, b.stranger()
	}
	if b.owns(a) {
		return v, Refuse(Denied, b.record.Kind, "error.change.own")
	}
	if b.wears(who, b.open()) {
		return v, nil
	}
	for _, other := range b.school.ActsFor(who, b.now) {
		voted := slices.ContainsFunc(b.Votes(), func(v Vote) bool { return v.By != who && v.Right() == other })
		if b.entitled(other) && b.wears(other, b.open()) && !voted {
			v.For, v.At = other, b.now
			return v, nil
		}
	}
	if b.wears(who, len(b.Rules.Steps)) {
		return v, Refuse(Denied, b.record.Kind, "error.change.turn", b.Roles())
	}
	return v, b.stranger()
}

// owns tells whether it is somebody's own change, by whatever key.
func (b Ballot) owns(a Actor) bool {
	return slices.ContainsFunc(a.Keys(), func(key string) bool { return b.Own(key, b.now) })
}

func (b Ballot) stranger() error {
	return Refuse(Denied, b.record.Kind, "error.denied", Action("approve"), b.Roles())
}

// Roles are the hats of the steps that take votes now.
func (b Ballot) Roles() []Role {
	var list []Role
	for i, step := range b.Rules.Steps[:b.open()] {
		if i < b.Met() && !b.Rules.Parallel {
			continue
		}
		for _, role := range step.Roles {
			if !slices.Contains(list, role) {
				list = append(list, role)
			}
		}
	}
	return list
}

// Waits are the people whose vote is asked for now and has not been given, stand-ins
// beside those they stand in for.
func (b Ballot) Waits() []string {
	var list []string
	rights := b.Rights()
	for _, who := range b.Electors() {
		if !slices.Contains(rights, who) && b.wears(who, b.open()) {
			list = append(list, who)
		}
	}
	return list
}

// Pressing tells whether a decision may be taken before anybody asked for one.
func (b Ballot) Pressing() bool { return b.record.Field("type") == "emergency" }
