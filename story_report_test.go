package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// told runs a command of the program, and gives what it wrote and how it ended.
func (h *play) told(args ...string) (string, string, int) {
	h.Helper()
	var out, err bytes.Buffer
	code := Main(h.Context(), args, Streams{In: strings.NewReader(""), Out: &out, Err: &err, Environ: h.environ(h.database)})
	return out.String(), err.String(), code
}

// The figures and the evidence of a week, in three forms, none of which takes what
// somebody wrote for more than text.
func TestStoryOfAReport(t *testing.T) {
	stories(t, func(h *play) {
		evil := `=HYPERLINK(\"http://evil\") <script>alert(1)</script>`
		h.token("POST", "/api/v1/commands", `{"kind":"change","do":"request","as":"peter","args":{"title":"`+evil+`","service":"wifi"}}`).asked("a request", 200)
		h.token("POST", "/api/v1/commands", `{"ref":"CHG-1","do":"submit","as":"noor","args":{"reason":"x","risk":"low","plan":"x","rollback_plan":"x"}}`).asked("a plan", 200)
		for _, c := range []string{`"do":"approve","as":"karim"`, `"do":"approve","as":"els"`, `"do":"start","as":"noor"`, `"do":"roll_back","as":"noor","args":{"reason":"past niet"}`} {
			h.token("POST", "/api/v1/commands", `{"ref":"CHG-1",`+c+`}`).asked(c, 200)
		}
		h.token("POST", "/api/v1/commands", `{"kind":"change","do":"request","as":"anna","args":{"title":"Account","template":"account"}}`).asked("a standard change", 200)
		h.token("POST", "/api/v1/commands", `{"ref":"CHG-2","do":"complete","as":"sanne"}`).asked("and done", 200)
		h.idle()
		zone := h.apps[0].school.Load().Organisation.Zone
		today := time.Now().In(zone).Format(time.DateOnly)

		out, _, code := h.told("report", "--from", today, "--to", today, "--format", "json")
		var got struct {
			Change struct {
				Figures map[string]float64  `json:"figures"`
				Records []map[string]string `json:"records"`
			} `json:"change"`
		}
		if err := json.Unmarshal([]byte(out), &got); err != nil || code != 0 {
			h.Fatalf("%d %v: %s", code, err, out)
		}
		for name, want := range map[string]float64{"asked": 2, "done": 2, "success": 0.5, "rolled_back": 1, "standard_share": 0.5, "emergency_share": 0, "unapproved": 0} {
			if got.Change.Figures[name] != want {
				h.Errorf("%s is %v, not %v", name, got.Change.Figures[name], want)
			}
		}
		if len(got.Change.Records) != 2 {
			h.Fatalf("the records are %v", got.Change.Records)
		}
		for name, want := range map[string]string{"ref": "CHG-1", "asked_by": "Peter Willems", "assessed_by": "Noor de Wit", "agreed_by": "Karim Bouzid, Els van Dijk", "done_by": "Noor de Wit", "rolled_back": "yes"} {
			if r := got.Change.Records[1]; r[name] != want {
				h.Errorf("%s is %q, not %q", name, r[name], want)
			}
		}
		out, _, _ = h.told("report", "--from", today, "--to", today, "--format", "csv")
		rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		if err != nil || len(rows) < 20 {
			h.Errorf("%v: %s", err, out)
		}
		for _, row := range rows {
			if strings.HasPrefix(row[3], "=") {
				h.Errorf("a formula: %s", row[3])
			}
		}
		out, _, _ = h.told("report", "--from", today, "--to", today)
		if strings.Contains(out, "<script>") || !strings.Contains(out, "Karim Bouzid, Els van Dijk") || !strings.Contains(out, "<dt>Gelukt</dt><dd>50%</dd>") {
			h.Errorf("the page is %s", out)
		}
		out, _, _ = h.told("report", "--from", "2020-01-01", "--to", "2020-01-31", "--format", "json")
		if !strings.Contains(out, `"done": 0`) || strings.Contains(out, "CHG-") {
			h.Errorf("of another month it says %s", out)
		}
		for _, args := range [][]string{{"--from", today}, {"--from", "gisteren", "--to", today}, {"--from", today, "--to", "2020-01-01"}, {"--from", today, "--to", today, "--format", "pdf"}} {
			if _, said, code := h.told(append([]string{"report"}, args...)...); code != 2 || said == "" {
				h.Errorf("%v ends with %d: %s", args, code, said)
			}
		}
	})
}
