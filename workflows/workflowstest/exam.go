package workflowstest

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	w "schoolbel/workflows"
)

// Exam is what every process must pass: a sound table, and words in both
// languages for all that people meet. The test that calls it stands in the
// process's own folder, whose Go files are read for the refusals they name.
func Exam(t *testing.T, p w.Process) {
	t.Helper()
	for _, c := range Complaints(p, os.DirFS(".")) {
		t.Error(c)
	}
}

// Complaints lists all that is wrong with a process; source is its folder.
func Complaints(p w.Process, source fs.FS) []string {
	whole, err := complete(p)
	if err != nil {
		return strings.Split(err.Error(), "\n")
	}
	common, faults := readBook(w.Texts)
	own, more := readBook(p.Texts)
	faults = append(faults, more...)
	if len(faults) > 0 {
		return faults // what cannot be read cannot be judged
	}
	words := newWording(whole, own, common)
	faults = append(faults, own.match()...)
	faults = append(faults, words.missing()...)
	faults = append(faults, words.unused()...)
	faults = append(faults, words.clashes()...)
	faults = append(faults, words.foreign()...)
	faults = append(faults, words.empty()...)
	faults = append(faults, refused(source, common)...)
	return faults
}

// complete adds what the engine adds: the actions and fields that all kinds share.
func complete(p w.Process) (*w.Process, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	engine, err := w.New(NewMemory(), nil, time.Now, p)
	if err != nil {
		return nil, err
	}
	whole, _ := engine.Process(p.Kind)
	return whole, nil
}

// ExamTexts is the exam of the texts that all processes share; root is the
// whole repository, where every refusal must be found that has a text.
func ExamTexts(t *testing.T, root fs.FS, processes ...w.Process) {
	t.Helper()
	for _, c := range TextComplaints(w.Texts, root, processes...) {
		t.Error(c)
	}
}

// shown are the columns that cards and pages show beside what tables ask for.
var shown = []string{"field.state", "field.reporters", "field.opened_at", "field.changed_at"}

// TextComplaints lists what is wrong with the shared texts: what is missing,
// and what nobody ever says.
func TextComplaints(texts, root fs.FS, processes ...w.Process) []string {
	common, faults := readBook(texts)
	if len(faults) > 0 {
		return faults
	}
	faults = common.match()
	said := map[string]bool{}
	for _, rest := range shown {
		said["record."+rest] = true
	}
	for _, l := range w.Links {
		said["link."+string(l.Type)], said["link."+string(l.Type)+".back"] = true, true
	}
	for _, p := range processes {
		whole, err := complete(p)
		if err != nil {
			return append(faults, err.Error())
		}
		for _, rest := range asked(whole) {
			said["record."+rest] = true
		}
		for _, action := range whole.Actions() {
			said["record.words."+string(action)] = true
		}
		for _, r := range whole.Rules {
			for _, role := range r.By {
				said["role."+string(role)] = true
			}
		}
	}
	found, err := refusals(root)
	if err != nil {
		return append(faults, err.Error())
	}
	for key := range found {
		said[key] = true
	}
	for _, key := range sorted(said) {
		if required := !strings.HasPrefix(key, "record.") || slices.Contains(shown, strings.TrimPrefix(key, "record.")); required && !common.has(key) {
			faults = append(faults, key+" has no text")
		}
	}
	for _, key := range common.keys() {
		if !said[key] && !strings.HasPrefix(key, "role.") { // the school file may name any role
			faults = append(faults, key+" is a text that nobody says")
		}
	}
	return faults
}
