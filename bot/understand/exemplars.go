package understand

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Exemplar is a message of this school of which somebody said what it is.
type Exemplar struct {
	Text    string
	Intent  string // one of the intents
	Service string // what it was about in the end, or ""
}

// Recall finds the exemplar that says (nearly) the same as a text. A nil Recall
// remembers nothing.
type Recall func(text string) (Exemplar, bool)

// alike is how much two messages must share to be the same: words in both, out of
// words in either. At 0.8 one word in ten may differ, and of four none.
const alike = 0.8

// mostRecalled is how much of a message is looked at, in bytes.
const mostRecalled = 4000

// turning words turn what a sentence means around. Where two messages differ in
// one, they are not the same, however much else they share.
var turning = func() map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq("niet geen nooit niks niets zonder wel weer al nog not no never none without again cant cannot dont doesnt isnt wont ?") {
		set[w] = true
	}
	return set
}()

// Remember makes a Recall of exemplars; of two that fit as well, the one that
// stands first in the list counts.
func Remember(list []Exemplar) Recall {
	type known struct {
		words map[string]bool
		is    Exemplar
	}
	var all []known
	for _, e := range list {
		if words := bagOf(e.Text); len(words) > 0 {
			all = append(all, known{words, e})
		}
	}
	if len(all) == 0 {
		return nil
	}
	return func(text string) (Exemplar, bool) {
		words := bagOf(text[:min(len(text), mostRecalled)])
		best, found := alike, -1
		for i, k := range all {
			if share := jaccard(words, k.words); share > best || found < 0 && share == best {
				best, found = share, i
			}
		}
		if found < 0 {
			return Exemplar{}, false
		}
		return all[found].is, true
	}
}

// jaccard is how much two bags share, from 0 to 1.
func jaccard(a, b map[string]bool) float64 {
	small, large := len(a), len(b)
	if small > large {
		small, large = large, small
	}
	if large == 0 || float64(small) < alike*float64(large) { // too far apart to look
		return 0
	}
	both := 0
	for w := range a {
		switch {
		case b[w]:
			both++
		case turning[w]:
			return 0
		}
	}
	for w := range b {
		if turning[w] && !a[w] {
			return 0
		}
	}
	return float64(both) / float64(len(a)+len(b)-both)
}

// bagOf gives the words of a text in small letters and without accents; a question
// mark counts as a word, for “magister ligt eruit?” asks what “magister ligt eruit” tells.
func bagOf(text string) map[string]bool {
	bag := map[string]bool{}
	var word strings.Builder
	var asks bool
	end := func() {
		if word.Len() > 0 {
			bag[word.String()] = true
			word.Reset()
		}
	}
	for _, c := range norm.NFKD.String(strings.ToLower(text)) {
		switch {
		case unicode.Is(unicode.Mn, c), c == '\'', c == '’', c == '‘', c == '`':
		case unicode.IsLetter(c), unicode.IsDigit(c):
			word.WriteRune(c)
		default:
			end()
			asks = asks || c == '?'
		}
	}
	end()
	if asks && len(bag) > 0 {
		bag["?"] = true
	}
	return bag
}
