package web

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The page is whole by itself: no other address is asked for anything.
var (
	//go:embed status.html
	statusHTML string
	//go:embed status.css
	statusCSS string
	//go:embed status.js
	statusJS string

	statusPage = template.Must(template.New("status").Parse(statusHTML))
	// statusPolicy lets in exactly our own style and script.
	statusPolicy = "default-src 'none'; style-src '" + digest(statusCSS) + "'; script-src '" + digest(statusJS) +
		"'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// status is the page for everyone. It shows names of services and locations,
// states, and times. What people wrote is never on it, for it may name somebody.
type status struct {
	Parts
	boards *boardReader
}

func newStatus(p Parts) *status {
	return &status{Parts: p, boards: &boardReader{reader: p.Reader, now: p.Now}}
}

// serviceView is a service that is disturbed, with a row for each location.
type serviceView struct {
	Key  string    `json:"service"`
	Name string    `json:"name"`
	Good bool      `json:"resolved"` // solved at every location, not yet confirmed
	Rows []rowView `json:"disturbances"`
}

type rowView struct {
	Location     string    `json:"location"` // "" is everywhere, or not known
	LocationName string    `json:"location_name"`
	State        string    `json:"state"`
	Words        string    `json:"words"`
	Since        stamp     `json:"since"`
	Next         stamp     `json:"next_update,omitzero"`
	SinceWords   string    `json:"-"`
	NextWords    string    `json:"-"`
	NextAt       time.Time `json:"-"`
}

// view is what page and JSON show.
type view struct {
	Organisation string        `json:"organisation"`
	At           stamp         `json:"at"`
	OK           bool          `json:"ok"`
	Services     []serviceView `json:"services"`

	Lang, Headline, Lead, AtWords string
	Fine                          []string
	CSS                           template.CSS
	JS                            template.JS
	T                             func(string, ...any) string
}

// json is GET /status.json: {"organisation","at","ok","services":[…]}.
func (s *status) json(w http.ResponseWriter, r *http.Request) {
	v := listen(s.Book, r, s.Names.Locale())
	b, err := s.boards.board(r.Context())
	if err != nil {
		explain(w, r, v, s.Log, err)
		return
	}
	public(w.Header())
	shown := s.view(v, b)
	write(w, s.Log, http.StatusOK, struct {
		Organisation string        `json:"organisation"`
		At           stamp         `json:"at"`
		OK           bool          `json:"ok"`
		Services     []serviceView `json:"services"`
	}{shown.Organisation, shown.At, shown.OK, shown.Services})
}

// html is GET /status.
func (s *status) html(w http.ResponseWriter, r *http.Request) {
	v := listen(s.Book, r, s.Names.Locale())
	w.Header().Set("Content-Security-Policy", statusPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	code := http.StatusOK
	var shown view
	if b, err := s.boards.board(r.Context()); err == nil {
		public(w.Header())
		shown = s.view(v, b)
	} else {
		s.Log.ErrorContext(r.Context(), "the status page could not be read", "number", numberOf(r.Context()), "error", err)
		w.Header().Set("Cache-Control", "no-store")
		code = http.StatusServiceUnavailable
		shown = view{Headline: v.say("web.status.unknown"), Lead: v.say("web.status.unknown_lead")}
	}
	shown.Organisation, shown.Lang, shown.T = s.Names.Organisation(), v.lang, v.say
	shown.CSS, shown.JS = template.CSS(statusCSS), template.JS(statusJS)
	var page bytes.Buffer
	if err := statusPage.Execute(&page, shown); err != nil {
		explain(w, r, v, s.Log, err)
		return
	}
	w.WriteHeader(code)
	if _, err := page.WriteTo(w); err != nil {
		s.Log.Debug("the status page was not read to its end", "error", err)
	}
}

// public lets everybody's cache help on the day that the whole school looks.
func public(h http.Header) {
	h.Set("Cache-Control", "public, max-age=5")
	h.Set("Vary", "Accept-Language")
}

// view puts a board into words.
func (s *status) view(v voice, b *board) view {
	school := s.School()
	shown := view{Organisation: s.Names.Organisation(), At: stamp(b.at), Services: []serviceView{}}
	where := map[string]int{}
	for _, d := range b.rows {
		i, ok := where[d.service]
		if !ok {
			i = len(shown.Services)
			where[d.service] = i
			name := v.say("web.status.other")
			if service, known := school.ServiceOf(d.service); known {
				name = service.Name
			}
			shown.Services = append(shown.Services, serviceView{Key: d.service, Name: name, Good: true})
		}
		row := rowView{
			Location: d.location, LocationName: v.say("web.status.everywhere"), State: string(d.state), Words: v.stateWords(d),
			Since: stamp(d.since), SinceWords: v.moment(school.Local(d.since), school.Local(b.at)),
			Next: stamp(d.next), NextWords: v.say("web.status.news"),
		}
		if d.location != "" {
			row.LocationName = cmp.Or(s.Names.Location(d.location), d.location)
		}
		if !d.next.IsZero() {
			row.NextWords = v.moment(school.Local(d.next), school.Local(b.at))
		}
		shown.Services[i].Rows = append(shown.Services[i].Rows, row)
		shown.Services[i].Good = shown.Services[i].Good && d.state == isResolved
	}
	disturbed := 0
	for _, service := range shown.Services {
		if !service.Good {
			disturbed++
		}
	}
	for _, key := range s.Names.Services() {
		if service, known := school.ServiceOf(key); known {
			if _, wrong := where[key]; !wrong {
				shown.Fine = append(shown.Fine, service.Name)
			}
		}
	}
	slices.SortFunc(shown.Fine, func(a, b string) int { return cmp.Compare(strings.ToLower(a), strings.ToLower(b)) })
	shown.OK = disturbed == 0
	shown.Headline, shown.Lead = v.say("web.status.fine"), v.say("web.status.fine_lead")
	if !shown.OK {
		shown.Headline, shown.Lead = v.say("web.status.disturbed", disturbed), v.say("web.status.disturbed_lead")
	}
	shown.AtWords = v.moment(school.Local(b.at), school.Local(b.at))
	return shown
}

// stateWords says where it stands in words for people who do not know the process.
func (v voice) stateWords(d disturbance) string {
	if key := "web.status.state." + string(d.state); v.book.Has(key) {
		return v.say(key)
	}
	return v.say("web.status.state.busy")
}

// moment says when, as people would on that day.
func (v voice) moment(t, now time.Time) string {
	clock := t.Format("15:04")
	day := func(t time.Time) string { return t.Format(time.DateOnly) }
	switch day(t) {
	case day(now):
		return v.say("web.time.today", clock)
	case day(now.AddDate(0, 0, -1)):
		return v.say("web.time.yesterday", clock)
	case day(now.AddDate(0, 0, 1)):
		return v.say("web.time.tomorrow", clock)
	}
	return v.say("web.time.date", t.Format("02-01-2006"), clock)
}
