package workflowstest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// languages are those in which everything must be said.
var languages = []string{"nl", "en"}

// book is what one folder says: language → key → a text, or singular and plural.
type book map[string]map[string][]string

// readBook reads both files of a folder. A key that stands twice in a file is a
// fault: JSON itself would let the last one win in silence.
func readBook(folder fs.FS) (book, []string) {
	b, faults := book{}, []string(nil)
	for _, language := range languages {
		name := language + ".json"
		raw, err := fs.ReadFile(folder, name)
		if err != nil {
			faults = append(faults, err.Error())
			continue
		}
		page, twice, err := readPage(raw)
		if err != nil {
			faults = append(faults, fmt.Sprintf("%s: %v", name, err))
		}
		for _, key := range twice {
			faults = append(faults, fmt.Sprintf("%s says %s twice", name, key))
		}
		b[language] = page
	}
	return b, faults
}

func readPage(raw []byte) (page map[string][]string, twice []string, err error) {
	read := json.NewDecoder(bytes.NewReader(raw))
	if open, err := read.Token(); err != nil || open != json.Delim('{') {
		return nil, nil, fmt.Errorf("no JSON object (%w)", err)
	}
	page = map[string][]string{}
	for read.More() {
		token, err := read.Token()
		if err != nil {
			return nil, nil, err
		}
		key, _ := token.(string)
		var value any
		if err := read.Decode(&value); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", key, err)
		}
		if _, has := page[key]; has {
			twice = append(twice, key)
		}
		if page[key] = texts(value); page[key] == nil {
			return nil, nil, fmt.Errorf("%s is neither a text nor a singular and a plural", key)
		}
	}
	_, err = read.Token()
	return page, twice, err
}

// texts takes a text, or a pair of them; nil for anything else.
func texts(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		var pair []string
		for _, one := range v {
			if s, ok := one.(string); ok {
				pair = append(pair, s)
			}
		}
		if len(v) == 2 && len(pair) == 2 {
			return pair
		}
	}
	return nil
}

// has tells whether a key has a text in both languages.
func (b book) has(key string) bool {
	for _, language := range languages {
		if _, ok := b[language][key]; !ok {
			return false
		}
	}
	return true
}

// keys lists every key of either language, sorted.
func (b book) keys() []string {
	all := map[string]bool{}
	for _, language := range languages {
		for key := range b[language] {
			all[key] = true
		}
	}
	return sorted(all)
}

// match tells where the two languages differ: in keys, and in placeholders. It
// finds texts that say nothing and names that only programs know, too.
func (b book) match() []string {
	var faults []string
	for _, key := range b.keys() {
		for _, language := range languages {
			text, ok := b[language][key]
			if !ok {
				faults = append(faults, fmt.Sprintf("%s has no text in %s", key, language))
				continue
			}
			for _, one := range text {
				if one == "" || one != strings.TrimSpace(one) {
					faults = append(faults, fmt.Sprintf("%s is empty in %s, or has space around it: %q", key, language, one))
				}
				if name := identifier.FindString(one); name != "" {
					faults = append(faults, fmt.Sprintf("%s shows %s in %s, which only programs know", key, name, language))
				}
			}
		}
		if b.has(key) && !slices.Equal(holes(b["nl"][key]), holes(b["en"][key])) {
			faults = append(faults, fmt.Sprintf("the placeholders of %s differ between nl and en", key))
		}
	}
	return faults
}

var (
	hole       = regexp.MustCompile(`\{\d+\}`)
	identifier = regexp.MustCompile(`\b[a-z]+_[a-z_]+\b`)
)

// holes lists the placeholders of a text; a singular may do without its number.
func holes(text []string) []string {
	found := hole.FindAllString(text[len(text)-1], -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
