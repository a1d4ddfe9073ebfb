// Package understand turns free text into what the writer means, with reasons. It
// is deterministic, in the process and without network.
package understand

import (
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

// Meaning is what a message comes to; the JSON is a promise (surface.md).
type Meaning struct {
	Text       string             `json:"text"`
	Lang       string             `json:"lang"`   // nl or en
	Intent     string             `json:"intent"` // one of the intents
	Kind       workflows.Kind     `json:"kind"`   // incident, change, vulnerability, or ""
	Service    string             `json:"service"`
	Location   string             `json:"location"`
	Impact     workflows.Level    `json:"impact"`
	Urgency    workflows.Level    `json:"urgency"`
	Priority   workflows.Priority `json:"priority"`
	Sensitive  bool               `json:"sensitive"`
	Confidence float64            `json:"confidence"` // 0 to 1
	Ask        string             `json:"ask"`        // "", "service", "location" or "intent": what to ask back (CLI prints the sentence)
	Why        []string           `json:"why"`
	// Parts holds a meaning for each thing when the message tells of several.
	Parts []Meaning `json:"parts,omitempty"`
}

// Setting is what is known beside the text.
type Setting struct {
	Locations []string // of the writer
	Locale    string   // of the writer, or ""
	Now       time.Time
}

// Reader understands messages of one school.
type Reader struct{ school *school.School }

// New makes a reader for a school.
func New(s *school.School) *Reader { panic("being written") }

// Read tells what a text means.
func (r *Reader) Read(text string, in Setting) Meaning { panic("being written") }
