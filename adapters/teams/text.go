package teams

import (
	"strings"

	"schoolbel/adapters"
)

// line is clean text on one line.
func line(s string) string { return strings.Join(strings.Fields(adapters.Clean(s)), " ") }

// lines are those of a text, clean, without empty ones at the ends or two in a row.
func lines(s string) []string {
	var list []string
	for l := range strings.Lines(adapters.Clean(s)) {
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
