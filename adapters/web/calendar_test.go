package web

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"schoolbel/workflows"
)

// changes are those of a few weeks.
func changes() []*workflows.Record {
	number := int64(0)
	add := func(title string, state workflows.State, from, until string, more func(*workflows.Record)) *workflows.Record {
		number++
		r := &workflows.Record{
			Ref: workflows.Ref{Prefix: "CHG", Number: number}, Kind: "change", Title: title, State: state, Service: "wifi", Location: "noord", Version: 7, ChangedAt: monday,
			Fields: map[string]string{"type": "normal", "from": from, "until": until, "approved_at": "2027-02-01T08:00:00Z", "implementer": "noor", "votes": "karim=approve"},
		}
		if more != nil {
			more(r)
		}
		return r
	}
	return []*workflows.Record{
		// Over the night in which summer begins: 22:00 to 06:00 by the wall is seven hours.
		add("Nieuwe accesspoints; kanalen, sterkte\nen meer \\ minder", "scheduled", "2027-03-27T21:00:00Z", "2027-03-28T04:00:00Z", func(r *workflows.Record) { r.Fields["outage"] = "yes" }),
		add("Een heel lange titel die niet op één regel van een agenda past omdat er géén einde aan komt", "implementing", "2027-02-22T08:00:00Z", "2027-02-22T10:00:00Z", nil),
		add("Gaat niet door", "postponed", "2027-02-25T08:00:00Z", "2027-02-25T10:00:00Z", nil),
		add("Nooit goedgekeurd", "withdrawn", "2027-02-25T08:00:00Z", "2027-02-25T10:00:00Z", func(r *workflows.Record) { delete(r.Fields, "approved_at") }),
		add("Geheim", "scheduled", "2027-02-26T08:00:00Z", "2027-02-26T10:00:00Z", func(r *workflows.Record) { r.Sensitive = true }),
		add("Account voor Jan", "scheduled", "2027-02-26T08:00:00Z", "2027-02-26T10:00:00Z", func(r *workflows.Record) { r.Fields["type"] = "standard" }),
		add("Nog geen besluit", "awaiting_approval", "2027-02-26T08:00:00Z", "2027-02-26T10:00:00Z", nil),
		add("Zonder tijd", "scheduled", "", "", nil),
		add("Lang voorbij", "closed", "2027-01-04T08:00:00Z", "2027-01-04T10:00:00Z", nil),
		add("Kort voorbij", "closed", "2027-02-15T08:00:00Z", "2027-02-15T10:00:00Z", nil),
	}
}

func TestCalendar(t *testing.T) {
	h := newHouse(t)
	h.records.all = changes()
	w := h.ask("GET /calendar.ics", "")
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/calendar; charset=utf-8" {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	golden(t, "calendar.ics", w.Body.Bytes())
	for _, hidden := range []string{"Geheim", "Jan", "Nog geen besluit", "Zonder tijd", "Nooit", "Lang voorbij", "noor", "karim"} {
		if strings.Contains(strings.ReplaceAll(w.Body.String(), "LOCATION:Locatie Noord", ""), hidden) {
			t.Errorf("it tells %q", hidden)
		}
	}
	f := h.records.asked[0]
	if !f.Public || len(f.Kinds) != 1 || f.Kinds[0] != "change" {
		t.Errorf("it asked for %+v", f)
	}
	// The same change keeps its name when it moves, and grows its number.
	moved := changes()
	moved[0].Fields["from"], moved[0].Fields["until"], moved[0].Version = "2027-04-03T21:00:00Z", "2027-04-03T23:00:00Z", 8
	h.records.all = moved
	after := h.ask("GET /calendar.ics", "").Body.String()
	if !strings.Contains(after, "UID:chg-1@de-linde.schoolbel\r\nSEQUENCE:8\r\n") || !strings.Contains(after, "DTSTART:20270403T210000Z") {
		t.Errorf("moved it is\n%s", after)
	}
}

// Whatever people write, a line stays a line.
func FuzzCalendarText(f *testing.F) {
	for _, text := range []string{"a;b,c\\d", "x\r\nBEGIN:VEVENT", strings.Repeat("é", 80), "\x00\x7f\xff", strings.Repeat("👩‍🏫", 40)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var page bytes.Buffer
		fold(&page, "SUMMARY:"+escapeICS(text))
		out := page.String()
		for line := range strings.SplitSeq(strings.TrimSuffix(out, "\r\n"), "\r\n") {
			if len(line) > 75 || !utf8.ValidString(line) {
				t.Errorf("%q is no line", line)
			}
		}
		whole := strings.ReplaceAll(out, "\r\n ", "")
		if strings.Count(whole, "\r\n") != 1 || strings.ContainsAny(strings.TrimSuffix(whole, "\r\n"), "\r\n\x00") {
			t.Errorf("%q becomes %q", text, out)
		}
	})
}
