package bot

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"schoolbel/adapters"
	"schoolbel/workflows"
)

// slow is after how many tries of one message a platform counts as not answering.
const slow = 5

// troubles are what an operator must know of, each told once in the log until it is
// over. Nothing hangs on them: a process that starts anew tells them again.
type troubles struct {
	mu   sync.Mutex
	told map[string]trouble // a place, or "slack:" for all of a platform
}

type trouble struct {
	words  string
	locked bool // nothing goes out until somebody mends it
}

// Trouble tells what must be mended of a platform; locked is set when nothing goes
// out until that is done.
func (b *Bot) Trouble(adapter string) (words string, locked bool) {
	t := &b.troubles
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []string
	for _, of := range slices.Sorted(maps.Keys(t.told)) {
		if strings.HasPrefix(of, adapter+":") {
			list = append(list, t.told[of].words)
			locked = locked || t.told[of].locked
		}
	}
	return strings.Join(list, "; "), locked
}

// trouble tells of one, unless it was told.
func (b *Bot) trouble(of, words string, locked bool) {
	t := &b.troubles
	t.mu.Lock()
	defer t.mu.Unlock()
	if had, known := t.told[of]; known && (had.locked || !locked) { // that it is shut weighs more
		return
	}
	if t.told == nil {
		t.told = map[string]trouble{}
	}
	t.told[of] = trouble{words, locked}
	b.Log.Error("something must be mended", "of", of, "what", words)
}

// well tells that a message went out: what was wrong there is over.
func (b *Bot) well(place string) {
	t := &b.troubles
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.told) == 0 {
		return
	}
	adapter, _, _ := strings.Cut(place, ":")
	for _, of := range []string{place, adapter + ":"} {
		if _, had := t.told[of]; had {
			delete(t.told, of)
			b.Log.Info("it works again", "of", of)
		}
	}
}

// judged tells an operator what a failure means, when it means something to them.
func (b *Bot) judged(d *workflows.Delivery, f *adapters.Failure) {
	adapter, channel, _ := strings.Cut(d.Place, ":")
	person := strings.HasPrefix(channel, "@") || d.Person != ""
	switch {
	case f.Why == adapters.Locked:
		b.trouble(adapter+":", f.Err.Error(), true)
	case f.Why == adapters.Gone && !person:
		b.trouble(d.Place, fmt.Sprintf("the room %s is gone, or the bot is not in it: invite it there, or take the room out of the school file (a linked one: “ontkoppel”)", d.Place), false)
	case f.Why == adapters.Gone:
		b.Log.Info("somebody cannot be reached in one place", "place", d.Place, "delivery", d.ID, "why", d.Why)
	case d.State == workflows.Failed:
		b.Log.Error("a message could not be delivered", "place", d.Place, "delivery", d.ID, "why", d.Why)
	case d.Attempt >= slow && f.Why != adapters.TooFast:
		b.trouble(adapter+":", fmt.Sprintf("%s does not answer as it should; messages wait for it: look at its status page and at the network", adapter), false)
	}
}
