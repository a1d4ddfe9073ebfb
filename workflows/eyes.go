package workflows

import "slices"

// Confidants are the roles for whose eyes sensitive records are. ICT is not among
// them: who looks after the machines need not read about pupils. An officer who
// wants an agent's help gives the record to that agent.
var Confidants = []Role{"privacy_officer", "security_officer", System}

// Confided tells whether this actor may see every sensitive record.
func (a Actor) Confided() bool {
	return slices.ContainsFunc(a.Roles, func(role Role) bool { return slices.Contains(Confidants, role) })
}

// mayKnow tells whether an actor may see a sensitive record.
func mayKnow(r *Record, a Actor) bool {
	return a.Confided() || a.Is(r.Owner) || a.Among(r.Reporters)
}

// MayKnow tells whether an actor may see this record at all.
func (r *Record) MayKnow(a Actor) bool { return !r.Sensitive || mayKnow(r, a) }
