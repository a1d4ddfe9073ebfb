package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Problem is one mistake, with where it stands and how to mend it.
type Problem struct {
	File   string
	Line   int
	Path   string // "services[3].depends_on"
	Text   string // what is wrong
	Expect string // what was expected, how to mend it
}

// Problems are all mistakes of a file at once.
type Problems []Problem

// Error lists them, one a line: file:line: path: text; expected …
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// String writes one mistake as a line.
func (p Problem) String() string {
	where := p.File
	if p.Line > 0 {
		where += ":" + strconv.Itoa(p.Line)
	}
	if p.Path != "" {
		where += ": " + p.Path
	}
	text := where + ": " + p.Text
	if p.Expect != "" {
		text += "; expected " + p.Expect
	}
	return text
}

// Error is the mistake as a line.
func (p Problem) Error() string { return p.String() }

// reader walks a YAML document and collects mistakes instead of stopping at one.
type reader struct {
	file  string
	found Problems
}

func (r *reader) wrong(n *yaml.Node, path, expect, format string, args ...any) {
	line := 0
	if n != nil {
		line = n.Line
	}
	r.found = append(r.found, Problem{File: r.file, Line: line, Path: path, Text: fmt.Sprintf(format, args...), Expect: expect})
}

// err gives all mistakes in the order of the file, or nil.
func (r *reader) err() error {
	if len(r.found) == 0 {
		return nil
	}
	slices.SortStableFunc(r.found, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return r.found
}

// parse reads the text into one node; a syntax error is a Problem with its line.
func (r *reader) parse(text []byte) *yaml.Node {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		line, message := 0, strings.TrimPrefix(err.Error(), "yaml: ")
		if rest, ok := strings.CutPrefix(message, "line "); ok {
			if number, text, ok := strings.Cut(rest, ": "); ok {
				if n, err := strconv.Atoi(number); err == nil {
					line, message = n, text
				}
			}
		}
		r.found = append(r.found, Problem{File: r.file, Line: line, Text: "this is not YAML: " + message, Expect: "two spaces deeper for each level, and quotes around text with ': ' or '#'"})
		return nil
	}
	if len(doc.Content) == 0 {
		return nil
	}
	return doc.Content[0]
}

// keys reads a mapping: each key that is known is handed to its function.
// Unknown keys and keys said twice are mistakes; needed keys must be there.
func (r *reader) keys(n *yaml.Node, path string, need []string, known map[string]func(*yaml.Node, string)) bool {
	n = real(n)
	if n == nil || n.Kind != yaml.MappingNode {
		r.wrong(n, path, "keys such as "+strings.Join(sorted(known), ", "), "this is %s", what(n))
		return false
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if line, twice := seen[key.Value]; twice {
			r.wrong(key, join(path, key.Value), "each key once", "this key stands on line %d as well", line)
			continue
		}
		seen[key.Value] = key.Line
		read, ok := known[key.Value]
		if !ok {
			r.wrong(key, join(path, key.Value), nearest(key.Value, sorted(known)), "there is no key %q here", key.Value)
			continue
		}
		read(value, join(path, key.Value))
	}
	for _, k := range need {
		if seen[k] == 0 {
			r.wrong(n, path, "a key "+k, "%s is missing", k)
		}
	}
	return true
}

// list reads a sequence, element by element.
func (r *reader) list(n *yaml.Node, path string, each func(*yaml.Node, string)) {
	n = real(n)
	if n == nil || n.Kind != yaml.SequenceNode {
		r.wrong(n, path, "a list: [a, b] or lines that begin with -", "this is %s", what(n))
		return
	}
	for i, e := range n.Content {
		each(e, path+"["+strconv.Itoa(i)+"]")
	}
}

func (r *reader) text(into *string) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		if n = real(n); n == nil || n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
			r.wrong(n, path, "text", "this is %s", what(n))
			return
		}
		*into = strings.TrimSpace(n.Value)
	}
}

func (r *reader) texts(into *[]string) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		r.list(n, path, func(e *yaml.Node, path string) {
			var s string
			r.text(&s)(e, path)
			if s != "" {
				*into = append(*into, s)
			}
		})
	}
}

func (r *reader) flag(into *bool) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		if n = real(n); n == nil || n.Decode(into) != nil {
			r.wrong(n, path, "true or false", "this is %s", what(n))
		}
	}
}

func (r *reader) number(into *int, least int) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		if n = real(n); n == nil || n.Decode(into) != nil || *into < least {
			r.wrong(n, path, fmt.Sprintf("a whole number, %d or more", least), "this is %s", what(n))
		}
	}
}

// span reads a duration: 15m, 4h, 72h, 3d.
func (r *reader) span(into *time.Duration) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		var s string
		r.text(&s)(n, path)
		d, err := parseSpan(s)
		if s != "" && (err != nil || d <= 0) {
			r.wrong(real(n), path, "a length of time such as 15m, 4h or 3d", "%q is none", s)
		}
		*into = d
	}
}

func parseSpan(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n > 3650 {
			return 0, errors.New("no number of days")
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	return time.ParseDuration(s)
}

// clock reads "08:00" as minutes after midnight.
func (r *reader) clock(into *int) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		var s string
		r.text(&s)(n, path)
		t, err := time.Parse("15:04", s)
		if s != "" && err != nil {
			r.wrong(real(n), path, `a time in quotes such as "08:00"`, "%q is none", s)
			return
		}
		*into = t.Hour()*60 + t.Minute()
	}
}

// choice reads one of a few words.
func choice[T ~string](r *reader, into *T, words ...string) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		var s string
		r.text(&s)(n, path)
		if s != "" && !slices.Contains(words, s) {
			r.wrong(real(n), path, "one of "+strings.Join(words, ", "), "%q is not one", s)
			return
		}
		*into = T(s)
	}
}

// real follows an alias to what it stands for.
func real(n *yaml.Node) *yaml.Node {
	for i := 0; n != nil && n.Kind == yaml.AliasNode && i < 10; i++ {
		n = n.Alias
	}
	return n
}

// what says in words what a node holds.
func what(n *yaml.Node) string {
	switch {
	case n == nil:
		return "empty"
	case n.Kind == yaml.MappingNode:
		return "a group of keys"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!null":
		return "empty"
	default:
		return strconv.Quote(n.Value)
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func sorted[T any](m map[string]T) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// nearest suggests the word that was probably meant.
func nearest(word string, words []string) string {
	best, least := "", len(word)/2+2
	for _, w := range words {
		if d := distance(word, w); d < least {
			best, least = w, d
		}
	}
	if best == "" {
		return "one of " + strings.Join(words, ", ")
	}
	return best
}

// distance is how many letters must change to make one word the other.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		above := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := above
			if a[i] != b[j] {
				change++
			}
			above = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
