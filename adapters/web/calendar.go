package web

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"schoolbel/workflows"
)

// calendar is GET /calendar.ics: the changes that have a window, for everybody's own
// calendar. It names no people, and nothing that is sensitive or routine: the title of
// an account to be made would name whose.
type calendar struct{ Parts }

// The change's own names, as surface.md promises them.
const change workflows.Kind = "change"

// inCalendar says how a change stands in a calendar; what was called off says so for a
// while, because some calendars keep what they have once read.
var inCalendar = map[workflows.State]string{
	"scheduled": "CONFIRMED", "implementing": "CONFIRMED", "validating": "CONFIRMED", "implemented": "CONFIRMED", "reviewed": "CONFIRMED",
	"rolled_back": "CONFIRMED", "closed": "CONFIRMED", "postponed": "CANCELLED", "withdrawn": "CANCELLED",
}

// How far back the calendar goes, and how far back a change may have been asked for.
const (
	remembers = 30 * 24 * time.Hour
	oldest    = 400 * 24 * time.Hour
)

func (c calendar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v := listen(c.Book, r, c.Names.Locale())
	found, err := c.read(r.Context())
	if err != nil {
		explain(w, r, v, c.Log, err)
		return
	}
	var page bytes.Buffer
	line := func(name, value string) { fold(&page, name+":"+value) }
	line("BEGIN", "VCALENDAR")
	line("VERSION", "2.0")
	line("PRODID", "-//schoolbel//calendar//"+strings.ToUpper(v.lang))
	line("CALSCALE", "GREGORIAN")
	line("METHOD", "PUBLISH")
	line("X-WR-CALNAME", escapeICS(v.say("web.calendar.name", c.Names.Organisation())))
	for _, one := range found {
		c.event(v, line, one)
	}
	line("END", "VCALENDAR")
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=300")
	w.Header().Set("Vary", "Accept-Language")
	if _, err := page.WriteTo(w); err != nil {
		c.Log.Debug("the calendar was not read to its end", "error", err)
	}
}

// read finds the changes with a window that is not long past.
func (c calendar) read(ctx context.Context) ([]*workflows.Record, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	now := c.Now()
	states := make([]workflows.State, 0, len(inCalendar))
	for state := range inCalendar {
		states = append(states, state)
	}
	slices.Sort(states)
	f := workflows.Filter{Kinds: []workflows.Kind{change}, States: states, Public: true, Since: now.Add(-oldest), Limit: pageSize}
	var found []*workflows.Record
	for read := 0; read < boardMax; {
		page, next, err := c.Reader.Find(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, r := range page {
			from, until := fieldTime(r, "from"), fieldTime(r, "until")
			status := inCalendar[r.State]
			never := status == "" || status == "CANCELLED" && r.Field("approved_at") == "" // nobody expects it
			if r.Kind == change && !never && !r.Sensitive && r.Field("type") != "standard" && until.After(from) && !from.IsZero() && until.After(now.Add(-remembers)) {
				found = append(found, r)
			}
		}
		if read += len(page); next == "" {
			break
		}
		f.After = next
	}
	slices.SortFunc(found, func(a, b *workflows.Record) int {
		return cmp.Or(fieldTime(a, "from").Compare(fieldTime(b, "from")), cmp.Compare(a.Ref.Number, b.Ref.Number))
	})
	return found, nil
}

func fieldTime(r *workflows.Record, name string) time.Time {
	at, err := time.Parse(time.RFC3339, r.Field(name))
	if err != nil {
		return time.Time{}
	}
	return at
}

// event writes one change. Times are in UTC: no rules of a zone can be misread, and a
// window stays where it is when the clocks change.
func (c calendar) event(v voice, line func(name, value string), r *workflows.Record) {
	const utc = "20060102T150405Z"
	title := r.Title
	service, known := c.School().ServiceOf(r.Service)
	if known {
		title = service.Name + ": " + title
	}
	line("BEGIN", "VEVENT")
	line("UID", strings.ToLower(r.Ref.String())+"@"+hostOf(c.Names.Organisation())+".schoolbel")
	line("SEQUENCE", strconv.Itoa(r.Version))
	line("DTSTAMP", r.ChangedAt.UTC().Format(utc))
	line("LAST-MODIFIED", r.ChangedAt.UTC().Format(utc))
	line("DTSTART", fieldTime(r, "from").UTC().Format(utc))
	line("DTEND", fieldTime(r, "until").UTC().Format(utc))
	line("SUMMARY", escapeICS(title))
	words := []string{r.Ref.String() + ": " + v.say("change.state."+string(r.State))}
	if r.Field("outage") == "yes" && known {
		words = append(words, v.say("web.calendar.outage", service.Name))
	}
	line("DESCRIPTION", escapeICS(strings.Join(words, "\n")))
	if r.Location != "" {
		line("LOCATION", escapeICS(cmp.Or(c.Names.Location(r.Location), r.Location)))
	}
	line("STATUS", inCalendar[r.State])
	line("TRANSP", "TRANSPARENT")
	line("END", "VEVENT")
}

// hostOf makes the last part of an identity that stays the same and is this school's.
func hostOf(name string) string {
	host := strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			return c
		}
		return '-'
	}, strings.ToLower(name))
	return strings.Trim(host, "-")
}

// escapeICS writes text so that nothing in it is taken for a part of the calendar (RFC
// 5545, 3.3.11).
func escapeICS(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	text = strings.Map(func(c rune) rune {
		if c < ' ' && c != '\n' || c == 0x7f {
			return -1
		}
		return c
	}, strings.ToValidUTF8(text, "\uFFFD"))
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(text)
}

// fold writes a line in pieces of 75 bytes at most, never in the middle of a letter.
func fold(page *bytes.Buffer, line string) {
	room := 75
	for len(line) > room {
		cut := room
		for !utf8.RuneStart(line[cut]) {
			cut--
		}
		page.WriteString(line[:cut] + "\r\n ")
		line, room = line[cut:], 74 // the space counts
	}
	page.WriteString(line + "\r\n")
}
