package adaptertest

import (
	"flag"
	"os"
	"strings"
	"testing"
)

// Power is something that people count on wherever they chat.
type Power string

// Powers, in the order in which docs/parity.md lists them.
const (
	Post    Power = "Cards with facts, lists and buttons"
	Edit    Power = "A card changes in place"
	Buttons Power = "Buttons"
	Forms   Power = "Forms"
	Thread  Power = "Answers in a thread"
	Private Power = "An answer that one person sees"
	Hear    Power = "Messages in rooms and in private"
	Files   Power = "Files as evidence"
	Changed Power = "Messages that were changed or deleted"
	People  Power = "Names, e-mail and a room for two"
	Rooms   Power = "A new room, for a crisis"
	Order   Power = "Messages keep their order"
	Safe    Power = "Hostile text is harmless"
	Limits  Power = "Long text is cut, and says so"
	Once    Power = "What is told twice counts once"
	Durable Power = "What was not kept is told again"
	Pace    Power = "\"Not so fast\" is obeyed"
	Gone    Power = "What is gone is not tried again"
	Find    Power = "A lost answer is looked up"
	Outage  Power = "A platform that is down loses nothing"
)

// Part is one question of the exam.
type Part struct {
	Power Power
	Name  string
	run   func(*testing.T, Subject)
}

var parts = []Part{
	{Post, "a card arrives", arrives},
	{Edit, "a card can be changed", changes},
	{Buttons, "a press is the command", presses},
	{Forms, "a form comes back", comesBack},
	{Thread, "an answer stands in its thread", staysInThread},
	{Private, "what is private is seen by one", staysPrivate},
	{Hear, "events tell who, where and what", tells},
	{Files, "a file comes as a link", attaches},
	{Changed, "what is changed or deleted is told", rewrites},
	{People, "people have a direct room", isDirect},
	{Rooms, "a room can be made", makesRoom},
	{Order, "cards keep their order", keepsOrder},
	{Safe, "hostile text is harmless", isHarmless},
	{Limits, "long text is cut", isCut},
	{Once, "an event keeps its id", keepsID},
	{Durable, "what was not kept is told again", tellsAgain},
	{Pace, "too fast is said with how long", waits},
	{Gone, "what is not there is gone", isGone},
	{Find, "a lost answer can be looked up", looksUp},
	{Outage, "a platform that is down is no answer", isDown},
}

// Powers lists every power once, in the order of the exam.
func Powers() []Power {
	var list []Power
	for _, p := range parts {
		list = append(list, p.Power)
	}
	return list
}

// Update is the flag -update of a package that sits the exam: its golden files are
// written anew.
var Update = flag.Bool("update", false, "write the golden files anew")

// File is where an adapter keeps what came of its exam.
const File = "testdata/exam.tsv"

// results are what came of an exam: a line for each part.
type results struct{ lines []string }

// note writes down how a part ends.
func (r *results) note(t *testing.T, p Power, way string) {
	t.Cleanup(func() {
		verdict := "yes"
		switch {
		case t.Failed():
			verdict = "failed"
		case t.Skipped():
			verdict = "other way"
		}
		r.lines = append(r.lines, string(p)+"\t"+verdict+"\t"+way)
	})
}

// check compares with what is kept, and writes that anew with -update.
func (r *results) check(t *testing.T) {
	t.Helper()
	if t.Failed() || len(r.lines) < len(parts) { // only some parts were asked for
		return
	}
	text := strings.Join(r.lines, "\n") + "\n"
	if *Update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(File, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	kept, err := os.ReadFile(File)
	if err != nil || string(kept) != text {
		t.Errorf("%s does not say what came of the exam (%v): run make golden. It should be:\n%s", File, err, text)
	}
}
