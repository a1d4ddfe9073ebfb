package workflows

import "slices"

// Staff are the roles that look after records of any kind.
var Staff = []Role{Agent, "change_manager", "security_officer", "privacy_officer", "process_owner", "crisis_lead", System}

// EveryState, in a rule's From, stands for all states, done ones included.
const EveryState State = "*"

// Move is an action that is open to someone now.
type Move struct {
	Do    Action
	Needs []Field
	Takes []Field
}

// Moves lists what this actor may do with this record now, in the table's order.
func (e *Engine) Moves(r *Record, a Actor) []Move {
	p, ok := e.processes[r.Kind]
	if !ok || r.Sensitive && !mayKnow(r, a) {
		return nil
	}
	var moves []Move
	for _, rule := range p.Rules {
		if rule.opens(p) || !rule.from(p, r.State) || !e.offers(&rule, r, a) {
			continue
		}
		if slices.ContainsFunc(moves, func(m Move) bool { return m.Do == rule.Do }) {
			continue
		}
		moves = append(moves, Move{Do: rule.Do, Needs: p.fields(&rule, rule.Needs), Takes: p.fields(&rule, rule.Takes)})
	}
	return moves
}

// opens tells whether this rule makes a new record.
func (r *Rule) opens(p *Process) bool { return len(r.From) == 0 && r.To == p.Start }

// from tells whether the rule holds in a state.
func (r *Rule) from(p *Process, s State) bool {
	if len(r.From) == 0 {
		return !slices.Contains(p.Done, s)
	}
	return slices.Contains(r.From, s) || r.From[0] == EveryState
}

// ruleFor finds the row for an action, or says why there is none for this actor.
func (e *Engine) ruleFor(p *Process, r *Record, do Action, a Actor, opening bool) (*Rule, error) {
	var known, here bool
	var roles []Role
	for i := range p.Rules {
		rule := &p.Rules[i]
		if rule.Do != do || rule.opens(p) != opening {
			continue
		}
		known = true
		if !opening && !rule.from(p, r.State) {
			continue
		}
		here = true
		if overlap(rule.By, deciders) {
			return rule, e.claim(rule, r, a)
		}
		if may(rule, r, a) {
			return rule, nil
		}
		roles = append(roles, rule.By...)
	}
	switch {
	case !known:
		return nil, Refuse(Missing, p.Kind, "error.action", do)
	case !here:
		return nil, Refuse(Closed, p.Kind, "error.closed", do, r.State, r.Ref.String())
	default:
		return nil, Refuse(Denied, p.Kind, "error.denied", do, roles)
	}
}

// may tells whether an actor fits one of the rule's roles.
func may(rule *Rule, r *Record, a Actor) bool {
	if len(rule.By) == 0 {
		return true
	}
	for _, role := range rule.By {
		switch role {
		case Anyone:
			return true
		case Reporter:
			if a.Among(r.Reporters) {
				return true
			}
		case Owner:
			if a.Is(r.Owner) {
				return true
			}
		case Tester:
			if a.Is(r.Fields["tester"]) {
				return true
			}
		default:
			if slices.Contains(a.Roles, role) {
				return true
			}
		}
	}
	return false
}
