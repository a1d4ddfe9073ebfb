package adapters

import (
	"strings"
	"unicode/utf8"
)

// Clean takes away what is not seen but does something: characters that turn the
// direction of writing, that have no width, and control characters.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == utf8.RuneError:
			return '\uFFFD'
		case r < ' ', r >= 0x7f && r < 0xa0: // control
			return -1
		case r >= '\u200b' && r <= '\u200f', r == '\u2060', r == '\ufeff', r == '\u00ad', r == '\u180e': // no width
			return -1
		case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\u061c': // direction
			return -1
		case r >= 0xe0000 && r <= 0xe007f: // tags: letters that nobody sees
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
