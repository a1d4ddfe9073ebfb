package understand

import "strings"

// phrase is one row of a word list: what it says and how its words must stand.
type phrase struct {
	sense string
	atoms []atom
}

// atom is one place in a phrase.
type atom struct {
	words    map[string]bool // any of these
	stems    []string        // or any word that begins so
	number   bool            // or a number
	gap      int             // or up to so many words, of any sort
	start    bool            // no word: the clause begins here
	optional bool
}

// How many words may stand between two that belong together: enough for "doet het
// bij ons weer niet", too few to join two thoughts.
const (
	gap     = 4
	wideGap = 2 * gap
)

// hit is a phrase that was found in tokens[from:to].
type hit struct {
	sense    string
	from, to int
}

// book is every phrase, by the word that it begins with.
type book struct {
	first map[string][]*phrase
	stems map[string][]*phrase
	rest  []*phrase       // those that begin with a number
	vocab map[string]bool // every word; true when it tells enough to look for it behind a slip of the pen
}

func newBook() *book {
	return &book{first: map[string][]*phrase{}, stems: map[string][]*phrase{}, vocab: map[string]bool{}}
}

// add reads one row. Classes are the "@name" lists seen so far.
func (b *book) add(sense, row string, classes map[string][]string) {
	p := &phrase{sense: sense}
	for field := range strings.FieldsSeq(row) {
		p.atoms = append(p.atoms, b.atom(field, classes, telling(sense)))
	}
	for _, a := range p.atoms {
		if a.start {
			continue
		}
		for w := range a.words {
			b.first[w] = append(b.first[w], p)
		}
		for _, s := range a.stems {
			b.stems[s] = append(b.stems[s], p)
		}
		if a.number {
			b.rest = append(b.rest, p)
		}
		if !a.optional {
			break
		}
	}
}

// telling tells whether the words of a sense are worth mending: names, and what is
// wrong. An ordinary word that was typed wrong does not change the meaning.
func telling(sense string) bool {
	switch kind, _, _ := strings.Cut(sense, "."); kind {
	case "service", "place", "product", "word", "sign", "broken", "slow", "done", "danger", "siege", "weakness", "exam":
		return true
	}
	return false
}

func (b *book) atom(field string, classes map[string][]string, tells bool) atom {
	switch field {
	case "~":
		return atom{gap: gap}
	case "~~":
		return atom{gap: wideGap}
	case "^":
		return atom{start: true}
	}
	a := atom{words: map[string]bool{}}
	field, a.optional = strings.CutSuffix(field, "?")
	for w := range strings.SplitSeq(field, "/") {
		switch {
		case w == "N":
			a.number = true
		case strings.HasPrefix(w, "@"):
			for _, c := range classes[w[1:]] {
				a.words[c], b.vocab[c] = true, b.vocab[c] || tells
			}
		case strings.HasSuffix(w, "*"):
			a.stems = append(a.stems, strings.TrimSuffix(w, "*"))
		default:
			a.words[w], b.vocab[w] = true, b.vocab[w] || tells
		}
	}
	return a
}

// find gives every phrase that stands in the tokens, in order of their first word.
func (b *book) find(tokens []token) []hit {
	var hits []hit
	for i, t := range tokens {
		try := func(phrases []*phrase) {
			for _, p := range phrases {
				atoms := p.atoms
				if atoms[0].start {
					if i > 0 && tokens[i-1].clause == t.clause {
						continue
					}
					atoms = atoms[1:]
				}
				if to, ok := match(tokens, i, atoms); ok {
					hits = append(hits, hit{p.sense, i, to})
				}
			}
		}
		try(b.first[t.word])
		for n := 2; n <= len(t.word); n++ {
			try(b.stems[t.word[:n]])
		}
		if t.number {
			try(b.rest)
		}
	}
	return hits
}

// match tells whether the atoms stand at i, and where they end. All words of a
// phrase stand in one clause.
func match(tokens []token, i int, atoms []atom) (int, bool) {
	if len(atoms) == 0 {
		return i, true
	}
	a, rest := atoms[0], atoms[1:]
	if a.gap > 0 {
		for skip := 0; skip <= a.gap && i+skip < len(tokens); skip++ {
			if tokens[i+skip].clause != tokens[i-1].clause {
				break
			}
			if to, ok := match(tokens, i+skip, rest); ok {
				return to, true
			}
		}
		return 0, false
	}
	if i < len(tokens) && a.fits(tokens[i]) {
		last := i + 1
		if len(rest) == 0 || last == len(tokens) || tokens[last].clause == tokens[i].clause || onlyOptional(rest) {
			if to, ok := match(tokens, last, rest); ok {
				return to, true
			}
		}
	}
	if a.optional {
		return match(tokens, i, rest)
	}
	return 0, false
}

func onlyOptional(atoms []atom) bool {
	for _, a := range atoms {
		if !a.optional {
			return false
		}
	}
	return true
}

func (a atom) fits(t token) bool {
	if a.words[t.word] || a.number && t.number {
		return true
	}
	for _, s := range a.stems {
		if strings.HasPrefix(t.word, s) {
			return true
		}
	}
	return false
}

// begins lists the stems of all phrases.
func (b *book) begins() map[string]bool {
	all := map[string]bool{}
	for _, phrases := range []map[string][]*phrase{b.first, b.stems} {
		for _, list := range phrases {
			for _, p := range list {
				for _, a := range p.atoms {
					for _, s := range a.stems {
						all[s] = true
					}
				}
			}
		}
	}
	return all
}
