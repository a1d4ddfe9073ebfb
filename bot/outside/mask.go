package outside

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"schoolbel/workflows/school"
)

// What is taken out by its shape, in this order: a link before the address in it,
// an address before a mention. Group 1, where there is one, stays.
var shapes = []struct {
	name string
	find *regexp.Regexp
}{
	{"LINK", regexp.MustCompile(`((?i:https?)://)[^\s/@<>]*@`)},                    // user:password@
	{"LINK", regexp.MustCompile(`(\?)[^\s=?&<>|]{1,80}=[^\s<>|]*`)},                // ?leerling=12
	{"LINK", regexp.MustCompile(`((?i:https?://|www\.)[^\s<>|?#]*[?#])[^\s<>|]+`)}, // what else stands behind
	{"MAIL", regexp.MustCompile(`[\p{L}\p{N}._%+'\-]+@[\p{L}\p{N}\-]+(?:\.[\p{L}\p{N}\-]+)+`)},
	{"ACCOUNT", regexp.MustCompile(`<@[^>\s]*>?`)},
	{"ACCOUNT", regexp.MustCompile(`@+[\p{L}\p{N}_][\p{L}\p{N}._:\-]*`)},
	{"REKENING", regexp.MustCompile(`(?i)\b[a-z]{2}\d{2}(?: ?[a-z]{4})(?: ?\d){10}\b`)},
	{"LEERLING", regexp.MustCompile(`(?i)(\b(?:leerling|student|pupil|personeel|stam|ll)(?:en|s)?[ .\-]?(?:nummers?|numbers?|nrs?|id)?[ .:#=\-]*)\b[a-z]{0,3}\d{3,12}\b`)},
	{"POSTCODE", regexp.MustCompile(`\b[1-9]\d{3} ?[A-Z]{2}\b`)},
}

// runs are digits with what people put between them.
var runs = regexp.MustCompile(`\+?\(?\d[\d .()/\-]*\d`)

var long = regexp.MustCompile(`\d{5,}`)

// hidden is one part that was taken out. While others are looked for, a rune of the
// private area stands in its place, which no rule takes for anything.
type hidden struct {
	count map[string]int
	marks map[string]rune // name and value → mark
	names []string        // of each mark
}

const firstMark = '\uE000'

func (h *hidden) hide(name, value string) string {
	if c, size := utf8.DecodeRuneInString(value); size == len(value) && unicode.Is(unicode.Co, c) {
		return value // it is hidden already
	}
	key := name + " " + fold(value)
	mark, known := h.marks[key]
	if !known {
		if len(h.names) == 6000 { // the private area ends; such a text says nothing
			return ""
		}
		h.count[name]++
		mark = firstMark + rune(len(h.names))
		h.marks[key] = mark
		h.names = append(h.names, "["+name+strconv.Itoa(h.count[name])+"]")
	}
	return string(mark)
}

// show puts readable placeholders where the marks stand.
func (h *hidden) show(text string) string {
	var out strings.Builder
	for _, c := range text {
		if i := int(c - firstMark); i >= 0 && i < len(h.names) {
			out.WriteString(h.names[i])
			continue
		}
		out.WriteRune(c)
	}
	return out.String()
}

// Mask takes personal data out of a text: the same part is the same placeholder all
// through it, such as [NAAM1]. It rather takes out a word too many.
func Mask(text string, s *school.School) string {
	h := &hidden{count: map[string]int{}, marks: map[string]rune{}}
	for len(text) > mostText || !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text[:min(len(text), mostText)], "")
	}
	text = strings.Map(func(c rune) rune {
		switch {
		case unicode.Is(unicode.Co, c), unicode.Is(unicode.Cf, c): // marks of ours, and signs that nobody sees
			return -1
		case unicode.IsSpace(c) && c != '\n':
			return ' '
		}
		return c
	}, norm.NFKC.String(text))
	for _, shape := range shapes {
		text = shape.find.ReplaceAllStringFunc(text, func(found string) string {
			kept := ""
			if m := shape.find.FindStringSubmatch(found); len(m) > 1 {
				kept = m[1]
			}
			return kept + h.hide(shape.name, found[len(kept):])
		})
	}
	text = runs.ReplaceAllStringFunc(text, func(found string) string { return h.number(found) })
	text = long.ReplaceAllStringFunc(text, func(found string) string { return h.hide("NUMMER", found) })
	return h.show(h.people(text, s))
}

// number takes out what may be a telephone, a BSN or another number of somebody. A
// room, a time, a year and a version stay.
func (h *hidden) number(found string) string {
	if found[0] == '(' && !strings.Contains(found, ")") { // it opens more than the number
		return "(" + h.number(found[1:])
	}
	digits := strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, found)
	switch n := len(digits); {
	case n >= 8 && (found[0] == '+' || found[0] == '(' || found[0] == '0'):
		return h.hide("TEL", digits)
	case n == 8 || n == 9:
		return h.hide("BSN", digits)
	case n > 9:
		return h.hide("NUMMER", digits)
	}
	return found
}

// token is a word where it stands.
type token struct {
	word       string
	start, end int
}

// words cuts a text into runs of letters; an apostrophe is part of a name.
func words(text string) []token {
	var list []token
	start := -1
	for i, c := range text {
		letter := unicode.IsLetter(c) || unicode.Is(unicode.M, c) || start >= 0 && (c == '\'' || c == '’')
		switch {
		case letter && start < 0:
			start = i
		case !letter && start >= 0:
			list = append(list, token{text[start:i], start, i})
			start = -1
		}
	}
	if start >= 0 {
		list = append(list, token{text[start:], start, len(text)})
	}
	return list
}

// fold brings a word to small letters without accents, apostrophes and a last 's.
func fold(word string) string {
	word = strings.ToLower(word)
	for _, end := range []string{"'s", "’s", "'", "’"} {
		word = strings.TrimSuffix(word, end)
	}
	return strings.Map(func(c rune) rune {
		if unicode.Is(unicode.Mn, c) || c == '\'' || c == '’' {
			return -1
		}
		return c
	}, norm.NFKD.String(word))
}
