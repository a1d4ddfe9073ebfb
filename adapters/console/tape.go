package console

import (
	"crypto/rand"
	"slices"
	"strconv"
	"strings"
)

// tapeHolds is how many changes are kept at least for a browser that was away.
const tapeHolds = 2000

// kinds of changes, as the page knows them.
const (
	messagePut   = "put"
	messageGone  = "gone"
	homeSet      = "home"
	formOpened   = "form"
	roomsChanged = "again" // read everything anew
)

// change is one thing that happened, for those who may see it.
type change struct {
	kind    string
	channel string // "" for everybody
	to      string // this person alone, or ""
	tab     string // this page of theirs alone, or ""
	message Message
	form    *formWire
}

// tape is what happened, in order. Browsers read it at their own pace; one that
// has fallen off its start reads everything anew.
type tape struct {
	run     string // tells this process from the one before
	first   int    // number of the oldest change
	changes []change
	grown   chan struct{} // closed at the next change
}

func newTape() tape { return tape{run: rand.Text()[:8], grown: make(chan struct{})} }

func (t *tape) add(c change) {
	t.changes = append(t.changes, c)
	if over := len(t.changes) - tapeHolds; over > tapeHolds { // now and then, not at each change
		t.changes = slices.Clone(t.changes[over:])
		t.first += over
	}
	close(t.grown)
	t.grown = make(chan struct{})
}

func (t *tape) end() int { return t.first + len(t.changes) }

// mark is the place after change n, as a browser remembers it.
func (t *tape) mark(n int) string { return t.run + "-" + strconv.Itoa(n) }

// after reads a mark; false means that what followed it is no longer known.
func (t *tape) after(mark string) (int, bool) {
	run, number, _ := strings.Cut(mark, "-")
	n, err := strconv.Atoi(number)
	return n, err == nil && run == t.run && n >= t.first && n <= t.end()
}

// since gives the changes from number n on.
func (t *tape) since(n int) []change { return t.changes[n-t.first:] }
