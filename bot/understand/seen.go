package understand

import (
	"slices"
	"strings"
)

// seen is what stands in a message, before anybody says what it means.
type seen struct {
	reader   *Reader
	tokens   []token
	hits     map[string][]hit
	named    []hit // services, products and places, as they stand there
	mentions []mention
	about    *mention // what the message is about, or nil
	places   []string // locations that are named
	rooms    []string
	lang     string
	trouble  []hit // signs that something is wrong now
	fixed    []hit // signs that it is over
	works    []hit // signs that it works for the writer
	question bool
}

// mention is a service or a product that a message names or points to.
type mention struct {
	hit
	service string // "" for a product that the school file does not have
	name    string // as the message has it
	hint    bool   // it is pointed to, not named
	sign    bool   // by trouble that is typical of it
	weak    bool   // by an ordinary word
	weight  float64
}

// look collects what stands in the tokens.
func (r *Reader) look(tokens []token) *seen {
	s := &seen{reader: r, tokens: tokens, hits: map[string][]hit{}}
	for _, h := range r.senses.find(tokens) {
		s.hits[h.sense] = append(s.hits[h.sense], h)
	}
	for _, t := range tokens {
		s.question = s.question || t.question
	}
	if s.has("asks") && s.hits["asks"][0].from == 0 || s.asksByName() {
		s.question = true
	}
	if s.has("tell") {
		s.question = false // "weten jullie dat …?" tells, it does not ask
	}
	s.named = r.names.book.find(tokens)
	s.findFixed()
	s.findWorks()
	s.findTrouble()
	s.findMentions()
	s.findRooms()
	return s
}

// asksByName: "werkt magister weer" asks, though it has no question mark.
func (s *seen) asksByName() bool {
	return len(s.tokens) > 2 && askVerbs[s.tokens[0].word] &&
		slices.ContainsFunc(s.named, func(h hit) bool { return h.from == 1 })
}

var askVerbs = wordSet("is zijn ligt werkt werken doet doen heeft hebben are does has")

func (s *seen) has(senses ...string) bool {
	return slices.ContainsFunc(senses, func(n string) bool { return len(s.hits[n]) > 0 })
}

// clauseHas tells whether a sense stands in the clause of a hit.
func (s *seen) clauseHas(h hit, senses ...string) bool {
	for _, n := range senses {
		for _, other := range s.hits[n] {
			if s.sameClause(h, other) {
				return true
			}
		}
	}
	return false
}

func (s *seen) sameClause(a, b hit) bool {
	return s.tokens[a.from].clause == s.tokens[b.from].clause
}

// wordIn tells whether one of these words stands in the clause of a hit.
func (s *seen) wordIn(h hit, set map[string]bool) bool {
	clause := s.tokens[h.from].clause
	for _, t := range s.tokens {
		if t.clause == clause && set[t.word] {
			return true
		}
	}
	return false
}

// said gives the words of a hit.
func (s *seen) said(h hit) string {
	var parts []string
	for _, t := range s.tokens[h.from:h.to] {
		parts = append(parts, t.word)
	}
	return strings.Join(parts, " ")
}

var (
	notYet = wordSet("wanneer when als if zodra once until totdat hopelijk hopefully of whether hoop hope")
	modal  = wordSet("moet moeten kan kunnen zou zouden graag wordt worden can could should must please to")
)

// findFixed keeps "it works again" where nothing in the clause takes it back: a
// question, "when", "not", or a wish that it be repaired.
func (s *seen) findFixed() {
	for _, sense := range []string{"fixed", "done"} {
		for _, h := range s.hits[sense] {
			switch {
			case s.asked(h) || s.wordIn(h, notYet) || s.negated(h):
			case sense == "done" && s.wordIn(h, modal):
			default:
				s.fixed = append(s.fixed, h)
			}
		}
	}
}

// asked tells whether a hit stands in a question.
func (s *seen) asked(h hit) bool {
	return s.tokens[h.from].question || s.question && s.sameClause(h, hit{})
}

// negated tells whether a "not" stands in the clause of a hit, outside of it.
func (s *seen) negated(h hit) bool {
	for _, n := range s.hits["neg"] {
		if s.sameClause(n, h) && (n.from < h.from || n.from >= h.to) {
			return true
		}
	}
	return false
}

// findWorks keeps "it works here" where no "not" stands in it.
func (s *seen) findWorks() {
	for _, h := range s.hits["works"] {
		own := s.wordIn(hit{from: h.from, to: h.to}, wordsGeen) // "geen last van" holds its own "not"
		if (own || !s.clauseHas(h, "neg")) && !s.asked(h) {
			s.works = append(s.works, h)
		}
	}
}

var wordsGeen = wordSet("last problemen probleem problems issues trouble")

// findTrouble keeps the signs of trouble that still stand: one that is over, is
// only imagined, or is denied does not count.
func (s *seen) findTrouble() {
	lastFix := -1
	for _, f := range s.fixed {
		lastFix = max(lastFix, s.tokens[f.from].clause)
	}
	for sense, hits := range s.hits {
		switch {
		case sense == "broken", sense == "slow", strings.HasPrefix(sense, "sign."):
		case sense == "dull" && s.nearICT():
		default:
			continue
		}
		for _, h := range hits {
			at := s.tokens[h.from].clause
			switch {
			case s.clauseHas(h, "change") && s.clauseHas(h, "request"): // "kunnen we dat niet blokkeren" is a wish
			case s.clauseHas(h, "wish"):
			case at <= lastFix, s.clauseHas(h, "if"), s.clauseHas(h, "self") && sense == "broken":
			case slices.ContainsFunc(s.works, func(w hit) bool { return s.tokens[w.from].clause == at }):
			default:
				s.trouble = append(s.trouble, h)
			}
		}
	}
	slices.SortFunc(s.trouble, func(a, b hit) int {
		if a.from != b.from {
			return a.from - b.from
		}
		return strings.Compare(a.sense, b.sense)
	})
}

// nearICT tells whether the message has a thing of ICT at all.
func (s *seen) nearICT() bool {
	if slices.ContainsFunc(s.named, func(h hit) bool {
		return !strings.HasPrefix(h.sense, "place.") && !words().everyday[s.tokens[h.from].word]
	}) {
		return true
	}
	for sense := range s.hits {
		if strings.HasPrefix(sense, "word.") {
			return true
		}
	}
	return false
}

// findMentions lists services and products, and picks what the message is about.
func (s *seen) findMentions() {
	l := words()
	var named []mention
	for _, h := range s.named {
		what, key, _ := strings.Cut(h.sense, ".")
		if what == "place" {
			if !slices.Contains(s.places, key) {
				s.places = append(s.places, key)
			}
			continue
		}
		m := mention{hit: h, name: s.said(h), weak: true}
		if what == "service" {
			m.service = key
		}
		for _, t := range s.tokens[h.from:h.to] {
			m.weak = m.weak && l.everyday[t.word]
		}
		if h.to == h.from+1 && l.shy[s.tokens[h.from].word] && !s.beside(h) {
			continue
		}
		named = append(named, m)
	}
	for _, m := range named {
		if !slices.ContainsFunc(named, func(o mention) bool {
			return o.from <= m.from && o.to >= m.to && o.to-o.from > m.to-m.from
		}) {
			s.mentions = append(s.mentions, m)
		}
	}
	s.addHints()
	s.weigh()
}

// beside tells whether trouble, or a word such as "in", stands right beside a hit.
func (s *seen) beside(h hit) bool {
	if h.from > 0 && intoWords[s.tokens[h.from-1].word] {
		return true
	}
	return slices.ContainsFunc(s.trouble, func(t hit) bool {
		return s.sameClause(t, h) && t.from <= h.to && t.to >= h.from
	})
}

var (
	intoWords = wordSet("in met van for with")
	viaWords  = wordSet("op via met in van vanaf door aan bij voor on with from in via by for to naar")
)

// addHints adds what is pointed to: "toner" is about printing.
func (s *seen) addHints() {
	for _, f := range words().names {
		service := s.reader.names.served[f.key]
		for _, sense := range []string{"word." + f.key, "sign." + f.key} {
			for _, h := range s.hits[sense] {
				if !slices.ContainsFunc(s.mentions, func(m mention) bool { return !m.hint && m.from < h.to && h.from < m.to }) {
					s.mentions = append(s.mentions, mention{hit: h, service: service, name: s.said(h), hint: true, sign: strings.HasPrefix(sense, "sign.")})
				}
			}
		}
	}
}

// weigh picks the mention that the message is about: the one that trouble is said
// of, rather an application than the device it is used on.
func (s *seen) weigh() {
	for i := range s.mentions {
		m := &s.mentions[i]
		m.weight = appRank
		if m.service != "" {
			m.weight = s.reader.names.rank(m.service)
		}
		if m.hint {
			m.weight -= 3
			if m.service == "" {
				m.weight -= 4
			}
		}
		if m.weak {
			m.weight -= 2.5
		}
		if i == 0 {
			m.weight += 0.5
		}
		if s.usedFor(m) {
			m.weight -= 1.5
		}
		for _, t := range s.trouble {
			if s.sameClause(t, m.hit) {
				m.weight += 3
				if t.from <= m.to && t.to >= m.from {
					m.weight++
				}
				break
			}
		}
		for _, w := range s.works {
			if s.sameClause(w, m.hit) {
				m.weight -= 4
				break
			}
		}
		if s.about == nil || m.weight > s.about.weight {
			s.about = m
		}
	}
}

// usedFor tells whether a service is only what something is done with: "inloggen
// op de laptop". A network that one cannot get on to is the trouble itself.
func (s *seen) usedFor(m *mention) bool {
	before := func(n int) string {
		if m.from < n {
			return ""
		}
		return s.tokens[m.from-n].word
	}
	if f := s.reader.names.familyOf[m.service]; f == "network" || f == "wired" {
		return false
	}
	return viaWords[before(1)] || viaWords[before(2)] && articles[before(1)]
}

var articles = wordSet("de het een mijn the my a an onze ons our die dat")

// findRooms keeps the rooms that are named, as reasons: the school file has none.
func (s *seen) findRooms() {
	for i, t := range s.tokens {
		if t.code && i > 0 && roomWords[s.tokens[i-1].word] {
			s.rooms = append(s.rooms, s.tokens[i-1].word+" "+t.word)
		} else if t.code && strings.Contains(t.word, ".") {
			s.rooms = append(s.rooms, t.word)
		}
	}
}

var roomWords = wordSet("lokaal lokalen room kamer classroom zaal ruimte klaslokaal")

// ict tells whether the message is about something of ICT, by more than an
// ordinary word.
func (s *seen) ict() bool {
	return slices.ContainsFunc(s.mentions, func(m mention) bool { return !m.weak })
}

// mentionsService tells whether a service is named or pointed to.
func (s *seen) mentionsService(key string) bool {
	return slices.ContainsFunc(s.mentions, func(m mention) bool { return m.service == key && key != "" })
}

// names tells whether the message names a service or a product.
func (s *seen) names() bool {
	return slices.ContainsFunc(s.mentions, func(m mention) bool { return !m.hint })
}

// unlisted tells whether the only thing that is named is a product that the school
// file does not have.
func (s *seen) unlisted() bool {
	product := false
	for _, m := range s.mentions {
		if m.service != "" {
			return false
		}
		product = product || !m.hint && !m.weak
	}
	return product
}
