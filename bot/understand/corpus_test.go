package understand

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"schoolbel/workflows"
	"schoolbel/workflows/school"
)

// sample is one labelled message of the corpus; "*" in a field is not judged.
type sample struct {
	hand, school                       string
	held                               bool
	intent, more                       string
	service, location, impact, urgency string
	sensitive, lang, role, text        string
}

// hands reads the corpus, in the order of its files.
func hands(t testing.TB) []sample {
	t.Helper()
	files, err := filepath.Glob("corpus/hand*.tsv")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	var out []sample
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s := sample{hand: strings.TrimSuffix(filepath.Base(file), ".tsv")}
		for n, line := range strings.Split(strings.TrimRight(string(data), "\n"), "\n") {
			if rest, ok := strings.CutPrefix(line, "# "); ok {
				s.held = s.held || rest == "held"
				if name, ok := strings.CutPrefix(rest, "school: "); ok {
					s.school = name
				}
				continue
			}
			c := strings.Split(line, "\t")
			if len(c) != 10 {
				t.Fatalf("%s:%d has %d columns, want 10", file, n+1, len(c))
			}
			s.intent, s.more, s.service, s.location, s.impact, s.urgency = c[0], none(c[1]), none(c[2]), none(c[3]), c[4], c[5]
			s.sensitive, s.lang, s.role, s.text = c[6], c[7], c[8], c[9]
			out = append(out, s)
		}
	}
	return out
}

// heldOut are the messages that nothing is learned from: of hands that are held
// back, and by nobody else in the same words.
func heldOut(t testing.TB) []sample {
	all, learned := hands(t), map[string]bool{}
	for _, s := range all {
		learned[strings.ToLower(s.text)] = learned[strings.ToLower(s.text)] || !s.held
	}
	return slices.DeleteFunc(all, func(s sample) bool { return !s.held || learned[strings.ToLower(s.text)] })
}

func none(s string) string {
	if s == "-" {
		return ""
	}
	return s
}

// schools are the schools of the corpus.
func schools(t testing.TB) map[string]*school.School {
	t.Helper()
	files, err := filepath.Glob("corpus/schools/*.tsv")
	if err != nil || len(files) == 0 {
		t.Fatalf("no schools: %v", err)
	}
	out := map[string]*school.School{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s := school.School{Organisation: school.Organisation{Name: "Voorbeeld", Locale: "nl"}}
		for line := range strings.Lines(string(data)) {
			c := strings.Split(strings.TrimRight(line, "\n"), "\t")
			if len(c) < 4 {
				continue
			}
			aliases := strings.Split(c[3], ", ")
			if c[0] == "location" {
				s.Locations = append(s.Locations, school.Location{Key: c[1], Name: c[2], Aliases: aliases})
				continue
			}
			v := school.Service{Service: workflows.Service{Key: c[1], Name: c[2]}, Aliases: aliases}
			if len(c) > 4 {
				v.Critical, v.ExamCritical = strings.Contains(c[4], "critical"), strings.Contains(c[4], "exam")
			}
			s.Services = append(s.Services, v)
		}
		out[strings.TrimSuffix(filepath.Base(file), ".tsv")] = school.New(s)
	}
	out["linde"] = linde() // the same, and what leans on what
	return out
}

var intents = []string{ReportIncident, RequestChange, ReportVulnerability, AskStatus, AddInfo, Resolve, Chatter, OutOfScope}

// The corpus is as its guide says.
func TestTheCorpusIsWellFormed(t *testing.T) {
	known := schools(t)
	allowed := map[string][]string{
		"intent": intents, "more": {"", "also", "2", "*"}, "impact": {"small", "medium", "large", "*"},
		"urgency": {"low", "medium", "high", "*"}, "sensitive": {"y", "n", "*"}, "lang": {"nl", "en"},
	}
	english, held := 0, 0
	all := hands(t)
	for _, s := range all {
		check := func(field, value string) {
			if !slices.Contains(allowed[field], value) {
				t.Errorf("%s: %s is %q: %s", s.hand, field, value, s.text)
			}
		}
		check("intent", s.intent)
		check("more", s.more)
		check("impact", s.impact)
		check("urgency", s.urgency)
		check("sensitive", s.sensitive)
		check("lang", s.lang)
		sch := known[s.school]
		if sch == nil {
			t.Fatalf("%s is of school %q, which is not there", s.hand, s.school)
		}
		if _, ok := sch.ServiceOf(s.service); !ok && s.service != "" && s.service != "*" {
			t.Errorf("%s: %s has no service %q: %s", s.hand, s.school, s.service, s.text)
		}
		if _, ok := sch.Location(s.location); !ok && s.location != "" && s.location != "*" {
			t.Errorf("%s: %s has no location %q: %s", s.hand, s.school, s.location, s.text)
		}
		if s.lang == "en" {
			english++
		}
		if s.held {
			held++
		}
	}
	if n := len(all); n < 2000 || english*100/n < 15 || english*100/n > 25 || held*100/n < 19 {
		t.Errorf("%d messages, %d of them English, %d held out of training", n, english, held)
	}
}

// usual are the words that several people of the corpus write: no slips of the pen.
func usual(t testing.TB) string {
	by, times := map[string]map[string]bool{}, map[string]int{}
	for _, s := range hands(t) {
		if s.held {
			continue
		}
		for _, token := range split(s.text) {
			w := token.word
			if len(w) < shortestSlip || !isASCII(w) || token.code {
				continue
			}
			if by[w] == nil {
				by[w] = map[string]bool{}
			}
			by[w][s.hand], times[w] = true, times[w]+1
		}
	}
	var list []string
	for w, n := range times {
		if n >= 3 && len(by[w]) >= 2 {
			list = append(list, w)
		}
	}
	slices.Sort(list)
	var out strings.Builder
	out.WriteString("# Words that several people of the corpus write, so that they are not taken for slips\n# of the pen. Written by make model.\n")
	for line := range slices.Chunk(list, 12) {
		out.WriteString(strings.Join(line, " ") + "\n")
	}
	return out.String()
}

func TestUsualWords(t *testing.T) {
	want := usual(t)
	if *update {
		if err := os.WriteFile("words/usual.txt", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got, err := os.ReadFile("words/usual.txt"); err != nil || string(got) != want {
		t.Errorf("words/usual.txt is not what the corpus says: run make model (%v)", err)
	}
}

// table reads a tab-separated file with a line of column names.
func table(t testing.TB, path string) []map[string]string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var (
		columns []string
		rows    []map[string]string
	)
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(line, "\t")
		if columns == nil {
			columns = cells
			continue
		}
		if len(cells) != len(columns) {
			t.Fatalf("%s: %d cells, want %d: %s", path, len(cells), len(columns), line)
		}
		row := map[string]string{}
		for i, c := range columns {
			row[c] = cells[i]
		}
		rows = append(rows, row)
	}
	return rows
}
