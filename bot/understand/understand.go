// Package understand turns free text into what the writer means, with reasons. It
// is deterministic, in the process and without network.
package understand

import (
	"math"
	"time"

	"schoolbel/workflows"
	"schoolbel/workflows/school"
)

// Intents.
const (
	ReportIncident      = "report_incident"
	RequestChange       = "request_change"
	ReportVulnerability = "report_vulnerability"
	AskStatus           = "ask_status"
	AddInfo             = "add_info"
	Resolve             = "resolve"
	Chatter             = "chatter"
	OutOfScope          = "out_of_scope"
)

// What can be asked back.
const (
	AskService  = "service"
	AskLocation = "location"
	AskIntent   = "intent"
)

// Meaning is what a message comes to; the JSON is a promise (surface.md).
type Meaning struct {
	Text       string             `json:"text"`   // as it was read: of a very long message the beginning
	Lang       string             `json:"lang"`   // nl or en
	Intent     string             `json:"intent"` // one of the intents
	Kind       workflows.Kind     `json:"kind"`   // incident, change, vulnerability, or ""
	Service    string             `json:"service"`
	Location   string             `json:"location"`
	Impact     workflows.Level    `json:"impact"`
	Urgency    workflows.Level    `json:"urgency"` // high with out_of_scope: someone may be in danger
	Priority   workflows.Priority `json:"priority"`
	Sensitive  bool               `json:"sensitive"`
	Confidence float64            `json:"confidence"` // 0 to 1
	Ask        string             `json:"ask"`        // "", "service", "location" or "intent": what to ask back (CLI prints the sentence)
	Why        []string           `json:"why"`
	// Also: the writer says the same as others did, so it may join what is open.
	Also bool `json:"also,omitempty"`
	// Parts holds a meaning for each thing when the message tells of several.
	Parts []Meaning `json:"parts,omitempty"`

	sureOfService float64
}

// Setting is what is known beside the text.
type Setting struct {
	Locations []string // of the writer
	Locale    string   // of the writer, or ""
	Now       time.Time
}

// Reader understands messages of one school. It is never changed after New.
type Reader struct {
	school   *school.School
	senses   *book
	names    *names
	speller  *speller
	critical map[string]bool
	exam     map[string]bool // services that an exam needs
}

// New makes a reader for a school.
func New(s *school.School) *Reader {
	l := words()
	r := &Reader{school: s, senses: newBook(), critical: map[string]bool{}, exam: map[string]bool{}}
	for _, row := range l.rows {
		r.senses.add(row.sense, row.phrase, l.classes)
	}
	// Names are brought to the same spelling as messages, before the names
	// themselves are words that a slip of the pen may have meant.
	plain := newSpeller(l.variants, nil, nil, nil, nil, nil)
	r.names = newNames(s, l, func(name string) []string {
		var out []string
		for _, t := range plain.variantsOnly(split(name)) {
			out = append(out, t.word)
		}
		return out
	})
	vocab, telling := map[string]bool{}, map[string]bool{}
	for _, b := range []*book{r.senses, r.names.book} {
		for w, tells := range b.vocab {
			vocab[w] = true
			if tells {
				telling[w] = true
			}
		}
	}
	r.speller = newSpeller(l.variants, vocab, r.senses.begins(), telling, l.plain, r.names.heads)
	for _, service := range s.Services {
		r.critical[service.Key] = service.Critical
		r.exam[service.Key] = service.ExamCritical
	}
	return r
}

// Read tells what a text means.
func (r *Reader) Read(text string, in Setting) Meaning {
	text = cut(text, longest)
	m := r.read(text, in)
	m.Parts = r.parts(text, in)
	if len(m.Parts) > 0 {
		r.lead(&m)
	}
	return m
}

// see collects what stands in a text.
func (r *Reader) see(text string, in Setting) *seen {
	raw := split(text)
	locale := in.Locale
	if locale == "" {
		locale = r.school.Organisation.Locale
	}
	s := r.look(clauses(r.speller.spell(raw)))
	s.lang = language(raw, locale)
	return s
}

// read tells what a text means as one thing: what was learned answers, and the few
// rules that a person could defend have the last word.
func (r *Reader) read(text string, in Setting) Meaning {
	s := r.see(text, in)
	b := s.features(text)
	model := learned()
	rows := model.known(&b)
	m := Meaning{Text: text, Lang: s.lang, Impact: workflows.Unknown, Urgency: workflows.Medium, Why: []string{}}
	likely := model.answer("intent", rows)
	m.Intent, m.Confidence = model.byName["intent"].best(likely)
	r.overrule(&m, s, model.byName["intent"].second(likely))
	m.Confidence = math.Round(m.Confidence*100) / 100
	m.Kind = kinds[m.Intent]
	m.Also = model.answer("also", rows)[1] > 0.5 && (m.Intent == AddInfo || m.Intent == ReportIncident)
	m.Sensitive = r.secret(&m, s, model.answer("sensitive", rows)[1])
	s.grounds(&m, b, model)
	r.fillService(&m, s, model.answer("family", rows), model)
	r.fillLocation(&m, s, in)
	r.fillLevels(&m, s, in, model.answer("impact", rows), model.answer("urgency", rows))
	r.fillAsk(&m, s)
	return m
}

var kinds = map[string]workflows.Kind{
	ReportIncident: "incident", RequestChange: "change", ReportVulnerability: "vulnerability",
}

// say adds a reason, once.
func (m *Meaning) say(key, arg string) {
	text := reason(m.Lang, key, arg)
	for _, w := range m.Why {
		if w == text {
			return
		}
	}
	m.Why = append(m.Why, text)
}
