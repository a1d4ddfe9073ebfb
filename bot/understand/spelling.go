package understand

import (
	"strings"
	"unicode/utf8"
)

// speller brings a word as it was typed to a word that the lists know.
type speller struct {
	variants map[string][]string // "nie" → "niet"
	pairs    map[string][]string // "wi fi" → "wifi"
	known    map[string]bool     // words that stand as they are
	stems    map[string]bool     // and words that begin so
	heads    map[string]bool     // words that may be part of a compound: "wifi" in "wifiprobleem"
	byFirst  map[byte][]candidate
}

// candidate is a word that a slip of the pen may have meant.
type candidate struct {
	word    string
	letters uint32 // which letters it has, to rule out most words at once
}

// shortestSlip is the shortest word in which a slip is mended: in a shorter one
// the next word is always one letter away.
const shortestSlip = 5

// shortestChange is the shortest word in which one letter may stand for another;
// in a shorter one that is another word: "werken" and "merken".
const shortestChange = 8

func newSpeller(variants map[string][]string, vocab, stems, telling, plain, heads map[string]bool) *speller {
	s := &speller{variants: map[string][]string{}, pairs: map[string][]string{}, known: map[string]bool{}, stems: stems, heads: heads, byFirst: map[byte][]candidate{}}
	for from, to := range variants {
		if strings.Contains(from, " ") {
			s.pairs[from] = to
		} else {
			s.variants[from] = to
		}
		for _, w := range to {
			s.known[w] = true
		}
	}
	for w := range vocab {
		s.known[w] = true
	}
	for w := range telling {
		if len(w) >= shortestSlip && isASCII(w) {
			s.byFirst[w[0]] = append(s.byFirst[w[0]], candidate{w, letters(w)})
		}
	}
	for w := range plain {
		s.known[w] = true
	}
	return s
}

// spell gives the tokens in the spelling of the lists.
func (s *speller) spell(tokens []token) []token { return s.rewrite(tokens, s.word) }

// variantsOnly brings names to the one spelling, and mends no slips: a name is
// what it is.
func (s *speller) variantsOnly(tokens []token) []token {
	return s.rewrite(tokens, func(w string) []string {
		if to, ok := s.variants[w]; ok {
			return to
		}
		return []string{w}
	})
}

func (s *speller) rewrite(tokens []token, word func(string) []string) []token {
	out := make([]token, 0, len(tokens)+8)
	put := func(t token, words []string) {
		for _, w := range words {
			n := newToken(w, t.clause)
			n.question = t.question
			out = append(out, n)
		}
	}
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		if i+1 < len(tokens) && tokens[i+1].clause == t.clause {
			if to, ok := s.pairs[t.word+" "+tokens[i+1].word]; ok {
				put(t, to)
				i++
				continue
			}
		}
		put(t, word(t.word))
	}
	return out
}

// word gives the word or words that a typed word stands for.
func (s *speller) word(w string) []string {
	if to, ok := s.variants[w]; ok {
		return to
	}
	if s.known[w] || s.inflected(w) || len(w) > 40 || !isASCII(w) || strings.ContainsAny(w, "0123456789") {
		return []string{w}
	}
	for _, short := range []string{squeeze(w, 2), squeeze(w, 1)} {
		if to, ok := s.variants[short]; ok {
			return to
		}
		if short != w && s.known[short] {
			return []string{short}
		}
	}
	if parts := s.compound(w); parts != nil {
		return parts
	}
	if mended := s.mend(w); mended != "" {
		return []string{mended}
	}
	return []string{w}
}

// inflected tells whether a stem of the lists covers the word.
func (s *speller) inflected(w string) bool {
	for n := 3; n <= len(w); n++ {
		if s.stems[w[:n]] {
			return true
		}
	}
	return false
}

// squeeze shortens letters that were held down: "heeeelp" has at most n in a row.
func squeeze(w string, n int) string {
	if !held(w) {
		return w
	}
	var b strings.Builder
	run := 0
	for i := range len(w) {
		if i > 0 && w[i] == w[i-1] {
			run++
		} else {
			run = 1
		}
		if run <= n {
			b.WriteByte(w[i])
		}
	}
	return b.String()
}

// held tells whether a letter was held down: three in a row are in no word.
func held(w string) bool {
	for i := 2; i < len(w); i++ {
		if w[i] == w[i-1] && w[i] == w[i-2] {
			return true
		}
	}
	return false
}

// compound takes a Dutch compound apart when one half names something of ICT:
// "wifistoring", "klaslaptop". The other half must be a word that the lists know,
// unless the named half stands at the end and is long enough to be no accident.
func (s *speller) compound(w string) []string {
	const short = 4
	for i := 2; i <= len(w)-3; i++ {
		head, tail := w[:i], w[i:]
		if i < short { // "leslaptop": a short word before a long name
			if s.heads[tail] && len(tail) >= 6 && s.known[head] {
				return []string{head, tail}
			}
			continue
		}
		if s.heads[head] && len(tail) >= short && s.known[tail] {
			return []string{head, tail}
		}
		if s.heads[tail] && len(tail) >= short && (s.known[head] || len(tail) >= 6) {
			return []string{head, tail}
		}
	}
	if len(w) > 7 && strings.HasSuffix(w, "wifi") {
		return []string{w[:len(w)-4], "wifi"}
	}
	return nil
}

// mend gives the telling word that is a slip away: one slip in a word of five
// letters or more, two in a word of ten or more. The first letter must be right,
// and another ending is another word: "graden" is not "grades".
func (s *speller) mend(w string) string {
	if len(w) < shortestSlip {
		return ""
	}
	allowed := 1
	if len(w) >= 10 {
		allowed = 2
	}
	mask, best, word := letters(w), allowed+1, ""
	for _, c := range s.byFirst[w[0]] {
		if diff := len(c.word) - len(w); diff > allowed || -diff > allowed {
			continue
		}
		if n := min(len(w), len(c.word)) - 1; w[:n] == c.word[:n] {
			continue
		}
		if len(w) < shortestChange && len(w) == len(c.word) && mask != c.letters {
			continue
		}
		if different(mask, c.letters) > 2*allowed {
			continue
		}
		if d := distance(w, c.word, allowed); d < best || d == best && d <= allowed && c.word < word {
			best, word = d, c.word
		}
	}
	return word
}

func letters(w string) uint32 {
	var m uint32
	for i := range len(w) {
		m |= 1 << (w[i] & 31)
	}
	return m
}

func different(a, b uint32) int {
	n := 0
	for x := a ^ b; x != 0; x &= x - 1 {
		n++
	}
	return n
}

// distance counts slips between two words: a letter too many, too few, another
// one, or two in the wrong order. It stops counting past most.
func distance(a, b string, most int) int {
	const room = 48
	if len(b) >= room || len(a) >= room {
		return most + 1
	}
	var rows [3][room]int
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		row, above, two := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], two[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > most {
			return most + 1
		}
	}
	return rows[len(a)%3][len(b)]
}

func isASCII(w string) bool {
	for i := range len(w) {
		if w[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
