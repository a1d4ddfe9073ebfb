package workflows

import (
	"fmt"
	"slices"
	"strings"
)

// Mermaid draws the table: states as boxes, actions as arrows, clocks as notes.
// Actions that leave the state as it is are left out.
func (p *Process) Mermaid() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	fmt.Fprintf(&b, "    [*] --> %s\n", p.Start)
	type arrow struct{ from, to State }
	var order []arrow
	labels := map[arrow][]string{}
	for _, r := range p.Rules {
		if r.To == "" || r.opens(p) {
			continue
		}
		for _, s := range p.States() {
			if !r.from(p, s) || s == r.To {
				continue
			}
			a := arrow{s, r.To}
			if labels[a] == nil {
				order = append(order, a)
			}
			if !slices.Contains(labels[a], string(r.Do)) {
				labels[a] = append(labels[a], string(r.Do))
			}
		}
	}
	for _, a := range order {
		fmt.Fprintf(&b, "    %s --> %s: %s\n", a.from, a.to, strings.Join(labels[a], ", "))
	}
	for _, s := range p.Done {
		fmt.Fprintf(&b, "    %s --> [*]\n", s)
	}
	for _, c := range p.Clocks {
		fmt.Fprintf(&b, "    note right of %s: clock %s does %s\n", c.While[0], c.Name, c.Do)
	}
	return b.String()
}
