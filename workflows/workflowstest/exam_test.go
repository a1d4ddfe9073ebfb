package workflowstest

import (
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	w "schoolbel/workflows"
)

// bell is a process that passes: a school bell that rings and stops.
type bell struct {
	process w.Process
	nl, en  map[string]any
	source  string
}

func ring() *bell {
	nl := map[string]any{
		"bell.name": "Bel", "bell.names": "Bellen",
		"bell.state.quiet": "Stil", "bell.state.ringing": "Gaat", "bell.state.gone": "Weg",
		"bell.do.hang": "Ophangen", "bell.help.hang": "Hang een bel op", "bell.log.hang": "{0} hing hem op",
		"bell.do.ring": "Luiden", "bell.help.ring": "Laat hem gaan", "bell.log.ring": "{0} luidde: {1}", "bell.words.ring": "bel|tring",
		"bell.do.hush": "Stoppen", "bell.help.hush": "Maak hem stil", "bell.log.hush": "{0} stopte hem",
		"bell.do.drop": "Weghalen", "bell.help.drop": "Haal hem weg", "bell.log.drop": "{0} haalde hem weg",
		"bell.field.tone": "Toon", "bell.ask.tone": "Welke toon?", "bell.option.tone.low": "Laag", "bell.option.tone.high": []string{"Hoog", "Hoge"},
	}
	en := map[string]any{
		"bell.name": "Bell", "bell.names": "Bells",
		"bell.state.quiet": "Quiet", "bell.state.ringing": "Ringing", "bell.state.gone": "Gone",
		"bell.do.hang": "Hang", "bell.help.hang": "Hang up a bell", "bell.log.hang": "{0} hung it up",
		"bell.do.ring": "Ring", "bell.help.ring": "Let it go", "bell.log.ring": "{0} rang: {1}", "bell.words.ring": "ding",
		"bell.do.hush": "Hush", "bell.help.hush": "Make it quiet", "bell.log.hush": "{0} stopped it",
		"bell.do.drop": "Take down", "bell.help.drop": "Take it away", "bell.log.drop": "{0} took it away",
		"bell.field.tone": "Tone", "bell.ask.tone": "Which tone?", "bell.option.tone.low": "Low", "bell.option.tone.high": []string{"High", "Higher"},
	}
	return &bell{
		process: w.Process{
			Kind: "bell", Prefix: "BEL", Start: "quiet", Done: []w.State{"gone"},
			Fields: []w.Field{{Name: "tone", Options: []string{"low", "high"}}, {Name: "cracks", Hidden: true}},
			Rules: []w.Rule{
				{Do: "hang", To: "quiet", By: []w.Role{w.Anyone}},
				{Do: "ring", From: []w.State{"quiet"}, To: "ringing", By: []w.Role{w.Agent}, Needs: []string{"tone"}},
				{Do: "hush", From: []w.State{"ringing"}, To: "quiet", By: []w.Role{w.Agent, w.System}},
				{Do: "drop", To: "gone", By: []w.Role{w.Agent}},
			},
			Clocks: []w.Clock{{Name: "tired", While: []w.State{"ringing"}, Do: "hush", At: func(w.Catalogue, *w.Record) time.Time { return time.Time{} }}},
		},
		nl: nl, en: en,
		source: `package bell
var wrong = w.Refuse(w.Invalid, Kind, "error.stale", "BEL-1")`,
	}
}

func (b *bell) both(change func(texts map[string]any)) { change(b.nl); change(b.en) }

// complaints sits the exam.
func (b *bell) complaints(t *testing.T) []string {
	t.Helper()
	if b.process.Texts == nil {
		b.process.Texts = folder(t, b.nl, b.en)
	}
	return Complaints(b.process, fstest.MapFS{"bell.go": {Data: []byte(b.source)}})
}

func folder(t *testing.T, nl, en map[string]any) fs.FS {
	t.Helper()
	files := fstest.MapFS{}
	for name, texts := range map[string]map[string]any{"nl.json": nl, "en.json": en} {
		raw, err := json.Marshal(texts)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: raw}
	}
	return files
}

func TestASoundProcessPasses(t *testing.T) {
	if got := ring().complaints(t); len(got) > 0 {
		t.Errorf("a sound process got complaints:\n%s", strings.Join(got, "\n"))
	}
}

// TestTheExamCanFail hurts the sound process in every way that the exam looks
// for, and wants to hear about exactly that.
func TestTheExamCanFail(t *testing.T) {
	for name, c := range map[string]struct {
		hurt func(*bell)
		want string
	}{
		"a state without a word":     {func(b *bell) { b.both(drop("bell.state.ringing")) }, "bell.state.ringing has no text in nl"},
		"an action without help":     {func(b *bell) { b.both(drop("bell.help.hush")) }, "bell.help.hush has no text in en"},
		"an action without a log":    {func(b *bell) { b.both(drop("bell.log.drop")) }, "bell.log.drop has no text in nl"},
		"a field without a question": {func(b *bell) { b.both(drop("bell.ask.tone")) }, "bell.ask.tone has no text in nl"},
		"a choice without a word":    {func(b *bell) { b.both(drop("bell.option.tone.low")) }, "bell.option.tone.low has no text in nl"},
		"a kind without a plural":    {func(b *bell) { b.both(drop("bell.names")) }, "bell.names has no text in nl"},
		"no Dutch":                   {func(b *bell) { delete(b.nl, "bell.do.hush") }, "bell.do.hush has no text in nl"},
		"no English":                 {func(b *bell) { delete(b.en, "bell.words.ring") }, "bell.words.ring has no text in en"},
		"an empty text":              {func(b *bell) { b.nl["bell.help.hush"] = " " }, "bell.help.hush is empty in nl"},
		"other placeholders":         {func(b *bell) { b.en["bell.log.hush"] = "{1} stopped it" }, "the placeholders of bell.log.hush differ"},
		"a note that may be empty":   {func(b *bell) { b.both(set("bell.log.hush", "{0}: {1}")) }, "log.hush tells {1}, which may be empty"},
		"a text of no field":         {func(b *bell) { b.both(set("bell.field.colour", "Rood")) }, "bell.field.colour is a text that nobody says"},
		"words of no action":         {func(b *bell) { b.both(set("bell.words.swing", "zwaai")) }, "bell.words.swing is a text that nobody says"},
		"a text of a hidden field":   {func(b *bell) { b.both(set("bell.field.cracks", "Barsten")) }, "bell.field.cracks is a text that nobody says"},
		"a text of another kind":     {func(b *bell) { b.both(set("gong.name", "Gong")) }, "gong.name is a text that nobody says"},
		"two equal labels":           {func(b *bell) { b.nl["bell.do.hush"] = "Luiden" }, `"luiden" means both ring and hush (nl)`},
		"a label that is a word":     {func(b *bell) { b.nl["bell.do.drop"] = "Tring" }, `"tring" means both ring and drop (nl)`},
		"a word of a shared action":  {func(b *bell) { b.en["bell.do.drop"] = "Follow" }, `"follow" means both drop and subscribe (en)`},
		"a word across languages":    {func(b *bell) { b.nl["bell.words.ring"] = "take down" }, `"take down" means both ring and drop (en)`},
		"another action's own name":  {func(b *bell) { b.nl["bell.words.ring"] = "unlink" }, `"unlink" means both unlink and ring (nl)`},
		"a state's name in Dutch":    {func(b *bell) { b.nl["bell.help.ring"] = "Zet op ringing" }, `bell.help.ring says "ringing" to a Dutch reader`},
		"a program's name":           {func(b *bell) { b.en["bell.help.ring"] = "Sets it to is_ringing" }, "bell.help.ring shows is_ringing in en"},
		"no texts at all":            {func(b *bell) { b.process.Texts = fstest.MapFS{} }, "nl.json"},
		"a text that is a number":    {func(b *bell) { b.nl["bell.name"] = 3 }, "bell.name is neither a text nor a singular and a plural"},
		"three forms":                {func(b *bell) { b.nl["bell.name"] = []string{"a", "b", "c"} }, "bell.name is neither a text nor"},
		"a key said twice": {func(b *bell) {
			b.process.Texts = fstest.MapFS{"nl.json": {Data: []byte(`{"bell.name":"a","bell.name":"b"}`)}, "en.json": {Data: []byte(`{}`)}}
		}, "nl.json says bell.name twice"},
		"broken JSON": {func(b *bell) {
			b.process.Texts = fstest.MapFS{"nl.json": {Data: []byte(`{"a":"b"`)}, "en.json": {Data: []byte(`[]`)}}
		}, "nl.json: "},
		"a refusal without a text": {func(b *bell) { b.source = `package bell; var key = "error.bell.cracked"` }, "bell.go:1:25: error.bell.cracked has no text"},
		"a refusal that lacks an argument": {func(b *bell) {
			b.source = `package bell; var e = w.Refuse(w.Stale, Kind, "error.stale")`
		}, "error.stale wants {0} and gets 0 arguments"},
		"code that is none": {func(b *bell) { b.source = `package` }, "bell.go:1"},

		"a dead end":                {func(b *bell) { b.rule("ring").To = "stuck"; b.rule("drop").From = []w.State{"quiet", "ringing"} }, "state stuck is a dead end"},
		"an island":                 {func(b *bell) { b.rule("hush").From = []w.State{"ringing", "nowhere"} }, "state nowhere is an island"},
		"two rules for same people": {func(b *bell) { b.process.Rules = append(b.process.Rules, *b.rule("ring")) }, "two rules for ring in quiet for the same people"},
		"an argument of no field":   {func(b *bell) { b.rule("ring").Needs = []string{"weather"} }, "ring asks for weather, which is no field"},
		"asked and optional":        {func(b *bell) { b.rule("ring").Takes = []string{"tone"} }, "ring lists an argument as needed and as optional"},
		"a field declared twice":    {func(b *bell) { b.process.Fields = append(b.process.Fields, w.Field{Name: "tone"}) }, "field tone is declared twice"},
		"a clock without a moment":  {func(b *bell) { b.process.Clocks[0].At = nil }, "clock tired has no moment"},
		"a clock without a right":   {func(b *bell) { b.rule("hush").By = []w.Role{w.Agent} }, "clock tired does hush, which the system may not do in ringing"},
		"nothing opens one":         {func(b *bell) { b.rule("hang").From = []w.State{"gone"} }, "no rule opens a record"},
		"nothing ends it":           {func(b *bell) { b.process.Done = nil }, "at least one state that is done"},
		"the name of a shared action": {func(b *bell) {
			b.process.Rules = append(b.process.Rules, w.Rule{Do: "note", From: []w.State{"quiet"}, By: []w.Role{w.Agent}})
		}, "two rules for note in quiet"},
	} {
		t.Run(name, func(t *testing.T) {
			b := ring()
			c.hurt(b)
			got := b.complaints(t)
			if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, c.want) }) {
				t.Errorf("wanted to hear %q, heard:\n%s", c.want, strings.Join(got, "\n"))
			}
		})
	}
}

func (b *bell) rule(do w.Action) *w.Rule {
	i := slices.IndexFunc(b.process.Rules, func(r w.Rule) bool { return r.Do == do })
	return &b.process.Rules[i]
}

func drop(key string) func(map[string]any) { return func(m map[string]any) { delete(m, key) } }

func set(key, text string) func(map[string]any) { return func(m map[string]any) { m[key] = text } }

// TestTheExamOfSharedTextsCanFail does the same for what all processes share.
func TestTheExamOfSharedTextsCanFail(t *testing.T) {
	root := fstest.MapFS{"a/b.go": {Data: []byte(`package b; var key = "error.stale"`)}, ".git/c.go": {Data: []byte(`no Go`)}}
	complaints := func(change func(map[string]any)) []string {
		var pages [2]map[string]any
		for i, language := range languages {
			b, faults := readBook(w.Texts)
			if len(faults) > 0 {
				t.Fatal(faults)
			}
			pages[i] = map[string]any{}
			for key, text := range b[language] {
				if !strings.HasPrefix(key, "error.") || key == "error.stale" {
					pages[i][key] = text[0]
				}
			}
			change(pages[i])
		}
		b := ring()
		b.process.Texts = folder(t, b.nl, b.en)
		return TextComplaints(folder(t, pages[0], pages[1]), root, b.process)
	}
	// What only other kinds ask for is left over beside a single bell.
	before := complaints(func(map[string]any) {})
	for want, change := range map[string]func(map[string]any){
		"error.stale has no text":                     drop("error.stale"),
		"error.never is a text that nobody says":      set("error.never", "Nooit"),
		"record.ask.colour is a text that nobody":     set("record.ask.colour", "Welke kleur?"),
		"link.leads_to.back has no text":              drop("link.leads_to.back"),
		"link.knows is a text that nobody says":       set("link.knows", "kent"),
		"role.agent has no text":                      drop("role.agent"),
		"record.field.state has no text":              drop("record.field.state"),
		"record.words.hop is a text that nobody says": set("record.words.hop", "hop"),
		"role.janitor is empty in nl":                 set("role.janitor", ""),
	} {
		heard := complaints(change)
		if fresh := slices.ContainsFunc(heard, func(s string) bool { return strings.Contains(s, want) && !slices.Contains(before, s) }); !fresh {
			t.Errorf("wanted to hear %q, heard:\n%s", want, strings.Join(heard, "\n"))
		}
	}
	if slices.ContainsFunc(before, func(s string) bool { return strings.Contains(s, "has no text") }) {
		t.Errorf("complaints without a cause:\n%s", strings.Join(before, "\n"))
	}
}
