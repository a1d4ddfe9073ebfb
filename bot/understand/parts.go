package understand

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A message may tell of several things. Where people number or list them, each
// item is one; elsewhere a message is only taken apart when every part can stand
// alone: it is a record by itself, about a service that has nothing to do with
// the others.
var (
	numbered = regexp.MustCompile(`(?:^|\s)(?:[1-9][).:]|[-*•])\s+`)
	joint    = strings.Fields("en and ook also plus verder daarnaast") // one of these words, or the end of a sentence, is in all joints
	joints   = regexp.MustCompile(`(?i)[.!?;\n]+\s*|,?\s+(?:en ook(?: nog)?|en verder|en|daarnaast|verder|ook nog|and also|and|also|plus)\s+`)
)

const (
	mostParts = 6   // so many things are read from one message
	mostApart = 800 // bytes; a longer message is a story, and each joint in it costs two readings
)

// parts takes a message apart, or gives nil when it is one thing.
func (r *Reader) parts(text string, in Setting) []Meaning {
	if len(text) < 20 {
		return nil
	}
	if items := items(text); len(items) > 1 {
		var out []Meaning
		for _, item := range items {
			if m := r.read(item, in); m.Kind != "" {
				out = append(out, m)
			}
		}
		if len(out) > 1 {
			return out
		}
	}
	if len(text) > mostApart || !strings.ContainsAny(text, ".!?;\n") && !slices.ContainsFunc(joint, func(w string) bool { return strings.Contains(text, " "+w+" ") }) {
		return nil
	}
	return r.apart(text, in)
}

// items gives the items of a numbered or dashed list.
func items(text string) []string {
	marks := numbered.FindAllStringIndex(text, mostParts)
	var out []string
	for i, mark := range marks {
		end := len(text)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		if item := strings.TrimSpace(text[mark[1]:end]); item != "" {
			out = append(out, item)
		}
	}
	return out
}

// apart cuts a message at its joints where both sides stand alone.
func (r *Reader) apart(text string, in Setting) []Meaning {
	var (
		out  []Meaning
		from int
	)
	for _, joint := range joints.FindAllStringIndex(text, 2*mostParts) {
		left, right := text[from:joint[0]], text[joint[1]:]
		if len(left) < 8 || len(right) < 8 {
			continue
		}
		a := r.read(strings.TrimSpace(left), in)
		if !standsAlone(a) {
			continue
		}
		b := r.read(strings.TrimSpace(right), in)
		if !standsAlone(b) || a.Kind == b.Kind && r.names.related(a.Service, b.Service) {
			continue
		}
		out, from = append(out, a), joint[1]
	}
	if len(out) == 0 {
		return nil
	}
	return append(out, r.read(strings.TrimSpace(text[from:]), in))
}

func standsAlone(m Meaning) bool {
	return m.Kind != "" && m.Service != "" && m.Confidence >= unsure && m.toRecord >= surely
}

// lead makes the whole follow its parts: it is as urgent as the most urgent one,
// and secret when one of them is.
func (r *Reader) lead(m *Meaning) {
	first := m.Parts[0]
	for _, p := range m.Parts[1:] {
		if p.Priority != "" && (first.Priority == "" || p.Priority < first.Priority) {
			first = p
		}
	}
	m.Intent, m.Kind, m.Service, m.Location = first.Intent, first.Kind, first.Service, first.Location
	m.Impact, m.Urgency, m.Priority, m.Confidence = first.Impact, first.Urgency, first.Priority, first.Confidence
	m.Ask, m.Why = first.Ask, append([]string{}, first.Why...)
	for _, p := range m.Parts {
		m.Sensitive = m.Sensitive || p.Sensitive
	}
	m.say("parts", strconv.Itoa(len(m.Parts)))
}
