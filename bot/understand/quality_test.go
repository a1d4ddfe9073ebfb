package understand

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// sample is one labelled message; "" in a field is right, "*" is not judged.
type sample struct {
	id, text                                   string
	intent, service, location, impact, urgency string
	sensitive, also                            string
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

// ours are messages of our own hands.
func ours(t testing.TB, file string) []sample {
	var out []sample
	for _, r := range table(t, "testdata/"+file) {
		s := sample{id: r["id"], text: r["text"], service: none(r["service"]), location: none(r["location"]), impact: r["impact"], urgency: r["urgency"], sensitive: r["sensitive"]}
		s.intent, s.also = strings.TrimSuffix(r["intent"], "+"), "n"
		if strings.HasSuffix(r["intent"], "+") {
			s.also = "y"
		}
		out = append(out, s)
	}
	return out
}

func none(s string) string {
	if s == "-" {
		return ""
	}
	return s
}

// score counts right answers per field.
type score struct {
	right, asked map[string]int
	confusion    map[[2]string]int
	harm         int // what is no record became one without a question
	harmless     int
	bins         [10][2]int // confidence: right, all
}

func measure(t *testing.T, r *Reader, samples []sample) *score {
	sc := &score{right: map[string]int{}, asked: map[string]int{}, confusion: map[[2]string]int{}}
	for _, s := range samples {
		m := r.Read(s.text, Setting{})
		field := func(name, want, got string) {
			if want == "*" || want == "?" {
				return
			}
			sc.asked[name]++
			if want == got {
				sc.right[name]++
				return
			}
			t.Logf("%s %-9s want %-20s got %-20s %.2f %q %v", s.id, name, want, got, m.Confidence, s.text, m.Why)
		}
		field("intent", s.intent, m.Intent)
		field("service", s.service, m.Service)
		field("location", s.location, m.Location)
		field("impact", s.impact, string(m.Impact))
		field("urgency", s.urgency, string(m.Urgency))
		field("sensitive", s.sensitive, yes(m.Sensitive))
		if s.also == "y" {
			field("also", s.also, yes(m.Also))
		}
		sc.confusion[[2]string{s.intent, m.Intent}]++
		bin := min(int(m.Confidence*10), 9)
		sc.bins[bin][1]++
		if m.Intent == s.intent {
			sc.bins[bin][0]++
		}
		if slices.Contains([]string{Chatter, Resolve, AddInfo, OutOfScope}, s.intent) {
			sc.harmless++
			if m.Kind != "" && m.Ask == "" {
				sc.harm++
			}
		}
	}
	return sc
}

func yes(b bool) string {
	if b {
		return "y"
	}
	return "n"
}

func (sc *score) share(field string) float64 {
	if sc.asked[field] == 0 {
		return 1
	}
	return float64(sc.right[field]) / float64(sc.asked[field])
}

func (sc *score) print(title string) {
	fmt.Printf("%s\n", title)
	for _, f := range []string{"intent", "service", "location", "impact", "urgency", "sensitive", "also"} {
		fmt.Printf("  %-10s %5.1f %% of %d\n", f, 100*sc.share(f), sc.asked[f])
	}
	fmt.Printf("  no record, yet made without asking: %d of %d\n  confidence:", sc.harm, sc.harmless)
	for i, b := range sc.bins {
		if b[1] > 0 {
			fmt.Printf(" %.1f: %d/%d", float64(i)/10, b[0], b[1])
		}
	}
	fmt.Println("\n  taken for another intent:")
	var lines []string
	for k, n := range sc.confusion {
		if k[0] != k[1] {
			lines = append(lines, fmt.Sprintf("    %-21s → %-21s %d", k[0], k[1], n))
		}
	}
	slices.Sort(lines)
	fmt.Println(strings.Join(lines, "\n"))
}

func TestQuality(t *testing.T) {
	r := New(linde())
	measure(t, r, ours(t, "own.tsv")).print("own.tsv")
	measure(t, r, ours(t, "held.tsv")).print("held.tsv")
}

// kennisnet are the fifty messages that came with the job, judged by what the
// example school can know: it has no Somtoday and no Basispoort.
func given(t testing.TB) []sample {
	service := map[string]string{
		"wifi": "wifi", "digibord": "digibord", "Magister": "magister", "printer/follow-me": "printen", "printer": "printen", "Facet": "facet",
		"e-mail": "m365", "werkplek": "laptop", "account/M365": "sso", "internetverbinding": "internet", "Zermelo": "zermelo", "beamer": "digibord",
		"account/Teams": "m365", "ELO": "elo", "Somtoday": "", "Basispoort": "", "netwerk": "internet", "software-uitrol": "laptop", "-": "", "SSO/inlogpagina": "sso", "SSO": "sso",
	}
	level := map[string]string{"klein": "small", "gemiddeld": "medium", "groot": "large", "hoog": "high", "midden": "medium", "laag": "low", "onbekend": "unknown"}
	var out []sample
	for _, r := range table(t, "testdata/messages.tsv") {
		s := sample{id: r["id"], text: r["text"], intent: r["intent"], service: "*", location: "*", impact: "*", urgency: "*", sensitive: yes(strings.Contains(r["flags"], "private_channel"))}
		if key, ok := service[r["service"]]; ok {
			s.service = key
		}
		if l, ok := level[r["impact"]]; ok {
			s.impact = l
		}
		if l, ok := level[r["urgency"]]; ok {
			s.urgency = l
		}
		out = append(out, s)
	}
	return out
}

func TestGiven(t *testing.T) {
	measure(t, New(linde()), given(t)).print("messages.tsv")
}
