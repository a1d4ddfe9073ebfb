package teams

import (
	"strings"

	"schoolbel/adapters"
)

// maxRead is how much of a text is looked at: more of it could not be shown.
const maxRead = 32 << 10

// clean is what may be shown of a text.
func clean(s string) string {
	if len(s) > maxRead {
		s = strings.ToValidUTF8(s[:maxRead], "") + "…"
	}
	return adapters.Clean(s)
}

// line is clean text on one line.
func line(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// lines are those of a text, clean, without empty ones at the ends or two in a row.
func lines(s string) []string {
	var list []string
	for l := range strings.Lines(clean(s)) {
		l = strings.TrimSpace(strings.ReplaceAll(l, "\t", " "))
		if l != "" || len(list) > 0 && list[len(list)-1] != "" {
			list = append(list, l)
		}
	}
	if n := len(list); n > 0 && list[n-1] == "" {
		list = list[:n-1]
	}
	return list
}

// cut keeps so many characters of s; what is left out shows as "…".
func cut(s string, size int) string {
	n := 0
	for i := range s {
		if n++; n > size {
			return strings.TrimSpace(s[:i]) + "…"
		}
	}
	return s
}
