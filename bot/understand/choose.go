package understand

import "math"

// option is a service that a message may be about, or none of them, and what
// speaks for it. Which of these signs counts how much is learned, the same for all
// schools, so that a service that was never heard of is found by its name.
type option struct {
	service string
	signs   []float64
}

// The signs of an option.
const (
	isNone        = iota
	isOnly        // the only service that the message names
	named         // by a name that is nobody else's
	namedWeakly   // by an ordinary word
	namedFirst    // before any other
	namedOften    // times after the first
	inTrouble     // trouble is said of it
	besideTrouble // right beside it
	usedFor       // "inloggen op de laptop"
	worksFine     // it is said to work
	pointedTo     // a word that belongs to its family
	pointedBySign // trouble that belongs to its family
	kindred       // how likely the message is about its family, as a logarithm
	kindredBest   // no family is likelier
	exact         // how exactly its family names what is wrong
	noneNamed     // none, and no service is named
	noneProduct   // none, and a product is named that the school does not list
	noneKindred   // none, and how likely it is about no family, or one that the school lacks
	noneFacility  // none, and the building is named
	nameless      // it has no family
	namedNameless // it has no family and is named
	inFirstClause // it is named in the first clause
	inLastClause  // or in the last
	signs         // from here on: it is named, and of what family it is
)

// places are how many signs there are: those above, and for each family two: that
// a service of it is named, and that it is named by an ordinary word.
func places() int { return signs + 2*len(words().names) }

// noFamily is the answer that a message is about no family.
const noFamily = "none"

// spoken tells whether a word of the message names the option, or points to it.
func (o option) spoken() bool {
	return o.signs[named]+o.signs[namedWeakly]+o.signs[pointedTo]+o.signs[pointedBySign] > 0
}

// options lists every service of the school, and none. Likely is how likely the
// message is about no family, and about each in the order of their list.
func (s *seen) options(likely []float64) []option {
	n := s.reader.names
	bestKin := 0.0
	for _, p := range likely {
		bestKin = max(bestKin, p)
	}
	kin := func(service string) (float64, bool) {
		p := 1e-3
		for _, f := range n.kin[service] {
			p += likely[f+1]
		}
		return p, p >= bestKin
	}
	any, product := false, false
	only := map[string]bool{}
	for _, m := range s.mentions {
		any = any || m.service != "" && !m.hint && !m.weak
		product = product || m.service == "" && !m.hint
		if m.service != "" && !m.hint {
			only[m.service] = true
		}
	}
	size := places()
	all := make([]float64, size*(len(s.reader.school.Services)+1))
	none := option{signs: all[:size]}
	none.signs[isNone] = 1
	none.signs[noneNamed] = truth(!any)
	none.signs[noneProduct] = truth(product)
	nobodys := likely[0]
	for i, f := range words().names {
		if n.served[f.key] == "" {
			nobodys += likely[i+1]
		}
	}
	none.signs[noneKindred] = math.Log(nobodys + 1e-3)
	none.signs[noneFacility] = truth(s.has("facility"))
	out := append(make([]option, 0, len(s.reader.school.Services)+1), none)
	last := 0
	if len(s.tokens) > 0 {
		last = s.tokens[len(s.tokens)-1].clause
	}
	for k, service := range s.reader.school.Services {
		o := option{service: service.Key, signs: all[(k+1)*size : (k+2)*size]}
		p, likeliest := kin(service.Key)
		o.signs[kindred], o.signs[kindredBest] = math.Log(p), truth(likeliest)
		o.signs[exact] = n.rank(service.Key) / 5
		o.signs[nameless] = truth(len(n.kin[service.Key]) == 0)
		o.signs[isOnly] = truth(len(only) == 1 && only[service.Key])
		for i, m := range s.mentions {
			if m.service == service.Key {
				s.weighMention(&o, &s.mentions[i], i, last)
			}
		}
		o.signs[namedNameless] = o.signs[nameless] * o.signs[named]
		if kin := n.kin[service.Key]; len(kin) > 0 { // its first family
			o.signs[signs+2*kin[0]], o.signs[signs+2*kin[0]+1] = o.signs[named], o.signs[namedWeakly]
		}
		out = append(out, o)
	}
	return out
}

// weighMention adds what one mention says for its service.
func (s *seen) weighMention(o *option, m *mention, nth, last int) {
	set := func(sign int, is bool) { o.signs[sign] = max(o.signs[sign], truth(is)) }
	if m.hint {
		set(pointedTo, !m.sign)
		set(pointedBySign, m.sign)
	} else {
		if o.signs[named]+o.signs[namedWeakly] > 0 {
			o.signs[namedOften]++
		}
		set(named, !m.weak)
		set(namedWeakly, m.weak)
		set(namedFirst, nth == 0)
		set(inFirstClause, s.tokens[m.from].clause == 0)
		set(inLastClause, s.tokens[m.from].clause == last)
	}
	for _, t := range s.trouble {
		if s.sameClause(t, m.hit) {
			set(inTrouble, true)
			set(besideTrouble, t.from <= m.to && t.to >= m.from)
		}
	}
	for _, w := range s.works {
		set(worksFine, s.sameClause(w, m.hit))
	}
	set(usedFor, !m.hint && s.usedFor(m))
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// choose gives how likely each option is.
func choose(options []option, weights []float64) []float64 {
	sums := make([]float64, len(options))
	for i, o := range options {
		for k, v := range o.signs {
			sums[i] += v * weights[k]
		}
	}
	return softmax(sums)
}
