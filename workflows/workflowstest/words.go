package workflowstest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	w "schoolbel/workflows"
)

// wording is a process beside the texts it is told in.
type wording struct {
	p           *w.Process
	own, common book
}

func newWording(p *w.Process, own, common book) *wording { return &wording{p, own, common} }

// asked lists what people may be shown of a process, each without its kind.
func asked(p *w.Process) []string {
	list := []string{"name", "names"}
	for _, s := range p.States() {
		list = append(list, "state."+string(s))
	}
	for _, a := range p.Actions() {
		list = append(list, "do."+string(a), "help."+string(a), "log."+string(a))
	}
	field := func(f w.Field) {
		if f.Hidden {
			return
		}
		list = append(list, "field."+f.Name)
		for _, o := range f.Options {
			list = append(list, "option."+f.Name+"."+o)
		}
	}
	for _, f := range p.Fields {
		field(f)
	}
	for _, r := range p.Rules {
		for _, name := range append(slices.Concat(r.Needs, r.Takes), "note") {
			f := argument(p, r, name)
			field(f)
			if !f.Hidden {
				list = append(list, "ask."+name)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// argument finds what a rule asks for: its own first.
func argument(p *w.Process, r w.Rule, name string) w.Field {
	if i := slices.IndexFunc(r.Own, func(f w.Field) bool { return f.Name == name }); i >= 0 {
		return r.Own[i]
	}
	f, _ := p.Field(name)
	return f
}

// say gives a text of this kind, or the one that all kinds share.
func (v *wording) say(language, rest string) (string, bool) {
	text, ok := v.own[language][string(v.p.Kind)+"."+rest]
	if !ok && rest != "name" && rest != "names" { // these two no kind can borrow
		text, ok = v.common[language]["record."+rest]
	}
	return strings.Join(text, " "), ok
}

func (v *wording) missing() []string {
	var faults []string
	for _, rest := range asked(v.p) {
		for _, language := range languages {
			if _, ok := v.say(language, rest); !ok {
				faults = append(faults, fmt.Sprintf("%s.%s has no text in %s", v.p.Kind, rest, language))
			}
		}
	}
	return faults
}

// unused finds texts that nobody can ever read.
func (v *wording) unused() []string {
	known := asked(v.p)
	for _, a := range v.p.Actions() {
		known = append(known, "words."+string(a))
	}
	var faults []string
	for _, key := range v.own.keys() {
		if rest, mine := strings.CutPrefix(key, string(v.p.Kind)+"."); !mine || !slices.Contains(known, rest) {
			faults = append(faults, key+" is a text that nobody says")
		}
	}
	return faults
}

// clashes finds words that mean two actions. A word counts in every language,
// because people type what they like; so does an action's own name.
func (v *wording) clashes() []string {
	var faults []string
	meant := map[string]w.Action{}
	for _, a := range v.p.Actions() {
		meant[string(a)] = a
	}
	for _, language := range languages {
		for _, a := range v.p.Actions() {
			label, _ := v.say(language, "do."+string(a))
			more, _ := v.say(language, "words."+string(a))
			for word := range strings.SplitSeq(label+"|"+more, "|") {
				word = strings.ToLower(strings.TrimSpace(word))
				if other, taken := meant[word]; taken && other != a {
					faults = append(faults, fmt.Sprintf("%q means both %s and %s (%s)", word, other, a, language))
				}
				if word != "" {
					meant[word] = a
				}
			}
		}
	}
	return faults
}

// foreign finds the names of states in Dutch texts: those are for programs.
func (v *wording) foreign() []string {
	var faults []string
	for _, s := range v.p.States() {
		name := regexp.MustCompile(`(?i)(^|[^\pL])` + strings.ReplaceAll(regexp.QuoteMeta(string(s)), "_", "[ _]") + `($|[^\pL])`)
		for _, key := range sorted(v.own["nl"]) {
			if slices.ContainsFunc(v.own["nl"][key], name.MatchString) {
				faults = append(faults, fmt.Sprintf("%s says %q to a Dutch reader", key, s))
			}
		}
	}
	return faults
}

// empty finds sentences of the log that tell something which need not be there:
// {1} is the note, else the first argument that the action cannot do without.
func (v *wording) empty() []string {
	var faults []string
	for _, r := range v.p.Rules {
		text, _ := v.say("nl", "log."+string(r.Do))
		for _, h := range holes([]string{text}) {
			if h != "{0}" && (h != "{1}" || len(r.Needs) == 0) {
				faults = append(faults, fmt.Sprintf("log.%s tells %s, which may be empty", r.Do, h))
			}
		}
	}
	return faults
}
