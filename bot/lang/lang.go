// Package lang says things in Dutch, and in English to those who ask.
package lang

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Languages are those in which every text must stand; the first is the one to
// fall back on.
var Languages = []string{"nl", "en"}

// Book is every text of the program in every language.
type Book struct {
	texts map[string]map[string][]string // language → key → one text, or singular and plural
}

// Load joins the nl.json and en.json of several folders. A key said twice, a key
// that lacks a language, or placeholders that differ are errors: all of them at once.
func Load(folders ...fs.FS) (*Book, error) {
	b := &Book{texts: map[string]map[string][]string{}}
	var wrong []error
	for _, language := range Languages {
		b.texts[language] = map[string][]string{}
		for _, folder := range folders {
			page, err := read(folder, language+".json")
			if err != nil {
				return nil, err
			}
			for key, text := range page {
				if _, twice := b.texts[language][key]; twice {
					wrong = append(wrong, fmt.Errorf("lang: %s is said twice in %s", key, language))
				}
				b.texts[language][key] = text
			}
		}
	}
	wrong = append(wrong, b.differences()...)
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	return b, nil
}

// read reads one file: each key is a text, or a singular and a plural.
func read(folder fs.FS, name string) (map[string][]string, error) {
	raw, err := fs.ReadFile(folder, name)
	if err != nil {
		return nil, fmt.Errorf("lang: %w", err)
	}
	var page map[string]json.RawMessage
	if err := json.Unmarshal(raw, &page); err != nil {
		return nil, fmt.Errorf("lang: %s: %w", name, err)
	}
	texts := make(map[string][]string, len(page))
	for key, value := range page {
		var one string
		if json.Unmarshal(value, &one) == nil {
			texts[key] = []string{one}
			continue
		}
		var two []string
		if err := json.Unmarshal(value, &two); err != nil || len(two) != 2 {
			return nil, fmt.Errorf("lang: %s: %s is neither a text nor a singular and a plural", name, key)
		}
		texts[key] = two
	}
	return texts, nil
}

// differences tells where the languages do not match.
func (b *Book) differences() []error {
	var wrong []error
	first := b.texts[Languages[0]]
	for _, language := range Languages[1:] {
		other := b.texts[language]
		for _, key := range sorted(first) {
			texts, both := other[key]
			switch {
			case !both:
				wrong = append(wrong, fmt.Errorf("lang: %s has no text in %s", key, language))
			case !slices.Equal(holes(first[key]), holes(texts)):
				wrong = append(wrong, fmt.Errorf("lang: the placeholders of %s differ in %s", key, language))
			}
		}
		for _, key := range sorted(other) {
			if _, both := first[key]; !both {
				wrong = append(wrong, fmt.Errorf("lang: %s has no text in %s", key, Languages[0]))
			}
		}
	}
	return wrong
}

var hole = regexp.MustCompile(`\{\d+\}`)

// holes lists the placeholders of a text; a singular may do without its number.
func holes(texts []string) []string {
	found := hole.FindAllString(texts[len(texts)-1], -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// Say fills the text of a key; args fill {0}, {1} …; a text with a plural takes
// its number from {0}. An unknown language falls back to Dutch, an unknown key to itself.
func (b *Book) Say(language, key string, args ...any) string {
	page, ok := b.texts[language]
	if !ok {
		page = b.texts[Languages[0]]
	}
	texts, ok := page[key]
	if !ok {
		return key
	}
	text := texts[0]
	if len(texts) == 2 && (len(args) == 0 || fmt.Sprint(args[0]) != "1") {
		text = texts[1]
	}
	if len(args) == 0 {
		return text
	}
	return fill(text, args)
}

// fill puts the arguments in; what an argument holds is never filled again.
func fill(text string, args []any) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		number, after, closed := strings.Cut(rest, "}")
		if n, err := strconv.Atoi(number); closed && err == nil && n >= 0 && n < len(args) {
			fmt.Fprint(&out, args[n])
			text = after
			continue
		}
		out.WriteByte('{')
		text = rest
	}
}

// Has tells whether there is such a key.
func (b *Book) Has(key string) bool { _, ok := b.texts[Languages[0]][key]; return ok }

// Keys lists all keys that begin with prefix, sorted.
func (b *Book) Keys(prefix string) []string {
	return slices.DeleteFunc(sorted(b.texts[Languages[0]]), func(key string) bool { return !strings.HasPrefix(key, prefix) })
}

func sorted(page map[string][]string) []string {
	keys := make([]string, 0, len(page))
	for key := range page {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
