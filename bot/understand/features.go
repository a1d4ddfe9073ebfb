package understand

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/blevesearch/snowballstem"
	nlstem "github.com/blevesearch/snowballstem/dutch"
	enstem "github.com/blevesearch/snowballstem/english"
)

// feature is one thing that a message shows: its name as a number, FNV-1a over its
// sort and its words, and how much it counts beside the others of the message.
type feature struct {
	name  uint32
	value float32
}

// values are what features count, by their sort; 1 where nothing is said. Pieces
// are many and alike: together they must not drown the words they are cut from.
var values = map[string]float32{"piece": 0.2, "near": 0.5, "three": 0.5}

// bag collects what a message shows. Words that count for a person are kept beside
// their number, so that they can be given as a reason.
type bag struct {
	list  []feature
	words []spokenWord
}

// spokenWord is a word of the message and the name of its feature.
type spokenWord struct {
	name uint32
	text string
}

func (b *bag) add(sort string, parts ...string) {
	value, special := values[sort]
	if !special {
		value = 1
	}
	b.list = append(b.list, feature{nameOf(sort, parts...), value})
}

func nameOf(sort string, parts ...string) uint32 {
	h := uint32(2166136261)
	mix := func(s string) {
		for i := range len(s) {
			h = (h ^ uint32(s[i])) * 16777619
		}
		h = (h ^ 0xff) * 16777619 // "a"+"bc" is not "ab"+"c"
	}
	mix(sort)
	for _, p := range parts {
		mix(p)
	}
	return h
}

// size is how much there is: a long message counts no more than a short one.
func (b *bag) size() float64 {
	sum := 0.0
	for _, f := range b.list {
		sum += float64(f.value) * float64(f.value)
	}
	return math.Sqrt(max(sum, 1))
}

// Marks stand for what differs between schools and messages, so that what is
// learned at one school holds at another.
const (
	aService = "§service"
	aPlace   = "§place"
	aProduct = "§product"
	aNumber  = "§number"
	aRoom    = "§room"
	aCode    = "§code"
	edge     = "|" // a clause begins or ends
)

// features lists what a message shows: words and words beside each other by their
// stems, pieces of words, senses and notions.
func (s *seen) features(text string) bag {
	b := bag{list: make([]feature, 0, 24*len(s.tokens)+32)}
	b.add("always")
	marks := s.marks(&b)
	row := s.row(&b, marks)
	for i, w := range row {
		if w != edge {
			b.add("word", w)
			for far := 2; far <= 4 && i+far < len(row); far++ {
				if row[i+far] != edge {
					b.add("near", w, row[i+far])
				}
			}
		}
		if i > 0 {
			b.add("pair", row[i-1], w)
		}
		if i > 1 {
			b.add("three", row[i-2], row[i-1], w)
		}
	}
	if len(row) > 1 {
		b.add("first", row[1])
	}
	for i, t := range s.tokens {
		if marks[i] == "" {
			pieces(&b, t.word)
		}
	}
	for sense := range s.hits {
		b.add("sense", sense)
	}
	for _, n := range notions {
		if n.holds(s) {
			b.add("notion", n.name)
		}
	}
	s.addShape(&b, text)
	slices.SortFunc(b.list, func(x, y feature) int { return cmp.Compare(x.name, y.name) })
	b.list = slices.CompactFunc(b.list, func(x, y feature) bool { return x.name == y.name })
	return b
}

// marks says which tokens stand for a service, a place or a product. An ordinary
// word that is also the name of a service stays what it is, too.
func (s *seen) marks(b *bag) []string {
	marks := make([]string, len(s.tokens))
	everyday := words().everyday
	for _, h := range s.named {
		what, key, _ := strings.Cut(h.sense, ".")
		b.add("has", what)
		if family := s.reader.names.familyOf[key]; what == "service" && family != "" {
			b.add("family", family)
		}
		for i := h.from; i < h.to; i++ {
			if !everyday[s.tokens[i].word] {
				marks[i] = map[string]string{"service": aService, "place": aPlace, "product": aProduct}[what]
			}
		}
	}
	return marks
}

// row is the message as stems and marks, with the edges of its clauses.
func (s *seen) row(b *bag, marks []string) []string {
	var row []string
	clause := -1
	for i, t := range s.tokens {
		if t.clause != clause {
			clause = t.clause
			row = append(row, edge)
		}
		switch {
		case marks[i] != "":
			row = append(row, marks[i])
		case t.code && strings.Contains(t.word, "."):
			row = append(row, aRoom)
		case t.number:
			row = append(row, aNumber)
		case t.code:
			row = append(row, aCode)
		default:
			w := stem(t.word, s.lang)
			row = append(row, w)
			b.words = append(b.words, spokenWord{nameOf("word", w), t.word})
		}
	}
	return append(row, edge)
}

// pieces adds the parts of a word, so that a slip of the pen or a compound still
// looks like the words it is made of.
func pieces(b *bag, word string) {
	const shortest, longest = 3, 5
	if len(word) > 40 {
		return
	}
	w := []rune("<" + word + ">")
	for n := shortest; n <= longest; n++ {
		for i := 0; i+n <= len(w); i++ {
			b.add("piece", string(w[i:i+n]))
		}
	}
}

// addShape adds how it is said: a question, a shout, long or short.
func (s *seen) addShape(b *bag, text string) {
	if s.question {
		b.add("asks")
	}
	if strings.Contains(text, "?") {
		b.add("mark", "?")
	}
	if strings.HasSuffix(strings.TrimSpace(text), "?") {
		b.add("ends", "?")
	}
	if strings.Contains(text, "!") {
		b.add("mark", "!")
	}
	size := 0
	for n := len(s.tokens) + 1; n > 1; n /= 2 {
		size++
	}
	b.add("size", string(rune('0'+size)))
	b.add("language", s.lang)
}

// stem takes the ending off a word.
func stem(word, lang string) string {
	e := snowballstem.NewEnv(word)
	if lang == "en" {
		enstem.Stem(e)
	} else {
		nlstem.Stem(e)
	}
	return e.Current()
}
