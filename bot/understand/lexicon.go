package understand

import (
	"embed"
	"strings"
	"sync"
)

//go:embed words/*.txt
var wordFiles embed.FS

// lexicon is what the word lists say; the school's own words come on top.
type lexicon struct {
	rows     []entry
	classes  map[string][]string
	variants map[string][]string
	plain    map[string]bool
	everyday map[string]bool // ordinary words that are also names of services
	shy      map[string]bool // words that are nearly always something else
	products []string
	names    []family
}

type entry struct{ sense, phrase string }

// family is a group of services that schools have, by what they are called.
type family struct {
	key   string
	names []string // best one first
}

// words are the lists, read once.
var words = sync.OnceValue(func() *lexicon {
	l := &lexicon{classes: map[string][]string{}, variants: map[string][]string{}, plain: map[string]bool{}, everyday: map[string]bool{}, shy: map[string]bool{}}
	l.phrases("senses.txt")
	l.phrases("families.txt")
	for _, line := range lines("variants.txt") {
		from, to, _ := strings.Cut(line, "=>")
		l.variant(from, strings.Fields(to))
	}
	for _, list := range []string{"plain.txt", "usual.txt"} {
		for _, line := range lines(list) {
			for w := range strings.FieldsSeq(line) {
				l.plain[w] = true
			}
		}
	}
	for _, line := range lines("everyday.txt") {
		rest, shy := strings.CutPrefix(line, "! ")
		for w := range strings.FieldsSeq(rest) {
			l.everyday[w] = true
			if shy {
				l.shy[w] = true
			}
		}
	}
	for _, line := range lines("products.txt") {
		l.products = append(l.products, strings.Fields(line)...)
	}
	return l
})

// lines gives the lines of a list that say something.
func lines(name string) []string {
	data, err := wordFiles.ReadFile("words/" + name)
	if err != nil {
		panic(err) // an embedded file that is not there: the program was built wrong
	}
	var out []string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

// phrases reads a list of senses.
func (l *lexicon) phrases(name string) {
	rows, sense := lines(name), ""
	for _, line := range rows { // first the classes: a phrase may use one that stands lower
		if class, list, ok := strings.Cut(line, " = "); ok && line[0] == '@' {
			l.classes[class[1:]] = strings.Fields(list)
		}
	}
	for _, line := range rows {
		switch {
		case strings.HasPrefix(line, "["):
			sense = strings.Trim(line, "[]")
		case line[0] == '@' && strings.Contains(line, " = "):
		case strings.HasPrefix(sense, "names."):
			l.names = append(l.names, family{strings.TrimPrefix(sense, "names."), strings.Fields(line)})
		default:
			l.rows = append(l.rows, entry{sense, line})
		}
	}
}

// variant takes the left side of a line of spellings: single words, and words
// between quotes that people write apart.
func (l *lexicon) variant(from string, to []string) {
	for i, part := range strings.Split(from, `"`) {
		if i%2 == 1 {
			l.variants[part] = to
			continue
		}
		for w := range strings.FieldsSeq(part) {
			l.variants[w] = to
		}
	}
}
