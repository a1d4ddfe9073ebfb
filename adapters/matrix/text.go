package matrix

import (
	"html"
	"regexp"
	"strings"
	"unicode/utf8"
)

// callers are the words that would wake a whole room. The fullwidth sign reads the
// same to people and means nothing to a client.
var callers = regexp.MustCompile(`(?i)@(room|here|channel|everyone)`)

// clean takes away what is not seen but does something: characters that turn the
// direction of writing, that have no width, and control characters.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == utf8.RuneError:
			return '\uFFFD'
		case r < ' ', r >= 0x7f && r < 0xa0: // control
			return -1
		case r >= '\u200b' && r <= '\u200f', r == '\u2060', r == '\ufeff', r == '\u00ad', r == '\u180e': // no width
			return -1
		case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\u061c', r == '\u2028', r == '\u2029': // direction, lines
			return -1
		case r >= 0xe0000 && r <= 0xe007f: // tags: letters that nobody sees
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return callers.ReplaceAllString(s, "＠$1")
}

// line1 is clean text on one line.
func line1(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// paragraphs is clean text without the white at its ends.
func paragraphs(s string) string { return strings.TrimSpace(clean(s)) }

// cut keeps as much of s as size letters; what is left out shows as "…".
func cut(s string, size int) string {
	n, fits := 0, 0
	for i := range s {
		if n == size-1 {
			fits = i
		}
		if n++; n > size {
			return s[:fits] + "…"
		}
	}
	return s
}

// escape makes text harmless in HTML; a new line is shown as one.
func escape(s string) string {
	return strings.ReplaceAll(html.EscapeString(s), "\n", "<br>")
}
