package bot

import (
	"io/fs"
	"strings"
	"testing"
	"time"

	"schoolbel/bot/lang"
	"schoolbel/workflows"
	"schoolbel/workflows/change"
	"schoolbel/workflows/incident"
	"schoolbel/workflows/school"
	"schoolbel/workflows/task"
	"schoolbel/workflows/workflowstest"
)

func words(t testing.TB, processes ...workflows.Process) (*vocabulary, error) {
	t.Helper()
	if processes == nil {
		processes = []workflows.Process{incident.Process, change.Process, task.Process}
	}
	folders := []fs.FS{workflows.Texts, Texts}
	for _, p := range processes {
		folders = append(folders, p.Texts)
	}
	book, err := lang.Load(folders...)
	if err != nil {
		t.Fatal(err)
	}
	nowhere := school.New(school.School{})
	engine, err := workflows.New(workflowstest.NewMemory(), func() workflows.Catalogue { return nowhere }, time.Now, processes...)
	if err != nil {
		t.Fatal(err)
	}
	return newVocabulary(engine, book)
}

func TestWhatPeopleType(t *testing.T) {
	v, err := words(t)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]typed{
		"INC-12 oppakken":              {kind: "incident", ref: ref(12), action: "take"},
		"inc-12 TAKE":                  {kind: "incident", ref: ref(12), action: "take"},
		"INC-12: opgelost kabel stuk":  {kind: "incident", ref: ref(12), action: "resolve", rest: "kabel stuk"},
		"INC-12 werkt niet nog steeds": {kind: "incident", ref: ref(12), action: "reopen", rest: "nog steeds"},
		"INC-12 notitie ligt in 2.14":  {kind: "incident", ref: ref(12), action: "note", rest: "ligt in 2.14"},
		"INC-12":                       {kind: "incident", ref: ref(12)},
		"INC-12 dansen":                {kind: "incident", ref: ref(12), word: "dansen"},
		"INC-12 declare_major":         {kind: "incident", ref: ref(12), action: "declare_major"},
		"storing: wifi weg":            {kind: "incident", action: "report", rest: "wifi weg"},
		"Incident: no wifi":            {kind: "incident", action: "report", rest: "no wifi"},
		"wijziging: nieuwe printer":    {kind: "change", action: "request", rest: "nieuwe printer"},
		"hulp":                         {own: "help"},
		"Help!":                        {own: "help"},
		"wachtrij":                     {own: "queue"},
		"hulp INC-12":                  {own: "help", ref: ref(12)},
	} {
		got, ok := v.parse(text)
		if !ok || got.kind != want.kind || got.ref != want.ref || got.action != want.action || got.rest != want.rest || got.own != want.own || got.word != want.word {
			t.Errorf("%q was read as %+v (%v), want %+v", text, got, ok, want)
		}
	}
	got, _ := v.parse(`INC-12 oplossen solution="kabel vervangen" cause=kabel`)
	if got.args["solution"] != "kabel vervangen" || got.args["cause"] != "kabel" || got.rest != "" {
		t.Errorf("named values were read as %+v", got)
	}
	for _, text := range []string{"wifi ligt eruit", "ABC-1 oppakken", "", "storing:", "de storing is voorbij: fijn", "INC-"} {
		if got, ok := v.parse(text); ok {
			t.Errorf("%q was read as a command: %+v", text, got)
		}
	}
}

func ref(n int64) workflows.Ref { return workflows.Ref{Prefix: "INC", Number: n} }

// What a button carries must come back as exactly that command.
func TestEveryButtonIsACommand(t *testing.T) {
	v, err := words(t)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range v.engine.Processes() {
		for _, action := range p.Actions() {
			got, ok := v.parse(p.Prefix + "-7 " + string(action))
			if !ok || got.action != action || got.kind != p.Kind || got.rest != "" {
				t.Errorf("%s-7 %s was read as %+v", p.Prefix, action, got)
			}
		}
	}
}

func TestAWordThatMeansTwoThingsIsRefused(t *testing.T) {
	p := incident.Process
	p.Texts = twice{incident.Process.Texts}
	_, err := words(t, p)
	if err == nil || !strings.Contains(err.Error(), "means both") {
		t.Errorf("got %v", err)
	}
}

// twice is a folder in which two actions have the same name.
type twice struct{ fs.FS }

func (w twice) Open(name string) (fs.File, error) { return w.FS.Open(name) }

func (w twice) ReadFile(name string) ([]byte, error) {
	raw, err := fs.ReadFile(w.FS, name)
	return []byte(strings.Replace(string(raw), `"incident.do.resolve": "Oplossen"`, `"incident.do.resolve": "Oppakken"`, 1)), err
}

func FuzzParse(f *testing.F) {
	v, err := words(f)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"INC-12 oppakken", `INC-1 oplossen solution="x`, "storing: a", "hulp INC-9999999999999999999", "INC-1 \u202e =\"\" a=b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := v.parse(text)
		if ok && got.own == "" && got.action == "" && got.ref.IsZero() {
			t.Errorf("%q is a command that says nothing: %+v", text, got)
		}
	})
}
