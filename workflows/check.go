package workflows

import (
	"errors"
	"fmt"
	"slices"
)

// States lists every state that the table names, the start first.
func (p *Process) States() []State {
	states := []State{p.Start}
	add := func(list ...State) {
		for _, s := range list {
			if s != "" && s != EveryState && !slices.Contains(states, s) {
				states = append(states, s)
			}
		}
	}
	for _, r := range p.Rules {
		add(r.From...)
		add(r.To)
	}
	add(p.Done...)
	return states
}

// Actions lists every action once, in the table's order.
func (p *Process) Actions() []Action {
	var actions []Action
	for _, r := range p.Rules {
		if !slices.Contains(actions, r.Do) {
			actions = append(actions, r.Do)
		}
	}
	return actions
}

// Check says what is wrong with the table: all of it at once.
func (p *Process) Check() error {
	var wrong []error
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if p.Kind == "" || p.Prefix == "" || p.Start == "" || len(p.Done) == 0 {
		say("needs a kind, a prefix, a start and at least one state that is done")
	}
	if p.Texts == nil {
		say("has no texts")
	}
	if !slices.ContainsFunc(p.Rules, func(r Rule) bool { return r.opens(p) }) {
		say("no rule opens a record")
	}
	p.checkArrows(say)
	p.checkFields(say)
	for _, c := range p.Clocks {
		if c.At == nil {
			say("clock %s has no moment", c.Name)
		}
		for _, s := range c.While {
			if !slices.ContainsFunc(p.Rules, func(r Rule) bool { return r.Do == c.Do && r.from(p, s) && may(&r, &Record{}, Bot("clock")) }) {
				say("clock %s does %s, which the system may not do in %s", c.Name, c.Do, s)
			}
		}
	}
	return errors.Join(wrong...)
}

// checkArrows looks for states that cannot be reached or left, and rows that
// answer the same question.
func (p *Process) checkArrows(say func(string, ...any)) {
	reached := map[State]bool{p.Start: true}
	left := map[State]bool{}
	for range p.Rules { // each round reaches at least one more, or none at all
		for _, r := range p.Rules {
			for _, s := range p.States() {
				if r.To != "" && !r.opens(p) && reached[s] && r.from(p, s) {
					reached[r.To] = true
					left[s] = left[s] || r.To != s
				}
			}
		}
	}
	for _, s := range p.States() {
		if !reached[s] {
			say("state %s is an island: nothing leads to it", s)
		}
		if !left[s] && !slices.Contains(p.Done, s) {
			say("state %s is a dead end", s)
		}
	}
	for i, r := range p.Rules {
		for _, other := range p.Rules[i+1:] {
			if r.Do != other.Do || r.opens(p) != other.opens(p) {
				continue
			}
			for _, s := range p.States() {
				if (r.opens(p) || r.from(p, s) && other.from(p, s)) && (len(r.By) == 0 || overlap(r.By, other.By)) {
					say("two rules for %s in %s for the same people", r.Do, s)
					break
				}
			}
		}
	}
}

func overlap(a, b []Role) bool {
	return len(b) == 0 || slices.ContainsFunc(a, func(r Role) bool { return slices.Contains(b, r) })
}

// checkFields looks for arguments that nobody declared.
func (p *Process) checkFields(say func(string, ...any)) {
	for i, f := range p.Fields {
		for _, other := range p.Fields[i+1:] {
			if f.Name == other.Name && !slices.ContainsFunc(commonFields, func(c Field) bool { return c.Name == f.Name }) {
				say("field %s is declared twice", f.Name)
			}
		}
	}
	for _, r := range p.Rules {
		for _, name := range slices.Concat(r.Needs, r.Takes) {
			if _, _, known := p.fieldFor(&r, name); !known {
				say("%s asks for %s, which is no field", r.Do, name)
			}
		}
		if slices.ContainsFunc(r.Needs, func(n string) bool { return slices.Contains(r.Takes, n) }) {
			say("%s lists an argument as needed and as optional", r.Do)
		}
	}
}
