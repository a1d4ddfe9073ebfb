package understand

import (
	"strings"
	"testing"
)

// TestWordListsAreSpelledAsTheyAreRead finds phrases that no message can match,
// because a variant of spelling takes one of their words away first.
func TestWordListsAreSpelledAsTheyAreRead(t *testing.T) {
	l := words()
	for _, row := range l.rows {
		for field := range strings.FieldsSeq(row.phrase) {
			for w := range strings.SplitSeq(strings.TrimSuffix(field, "?"), "/") {
				if strings.HasPrefix(w, "@") {
					if l.classes[w[1:]] == nil {
						t.Errorf("[%s] %s: there is no class %s", row.sense, row.phrase, w)
					}
					continue
				}
				if to, ok := l.variants[w]; ok && strings.Join(to, " ") != w {
					t.Errorf("[%s] %s: %q is read as %q", row.sense, row.phrase, w, to)
				}
			}
		}
	}
	for name, list := range l.classes {
		for _, w := range list {
			if to, ok := l.variants[w]; ok && strings.Join(to, " ") != w {
				t.Errorf("@%s: %q is read as %q", name, w, to)
			}
		}
	}
}
