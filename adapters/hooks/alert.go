package hooks

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"

	"schoolbel/workflows"
)

// How an alert is tied to its incident, without a column of its own: the command
// that brings it in has an ID made of the alert (post.mark + alert.mark +
// ":firing"), so
//
//   - the same news twice is one command, whoever brings it (Alertmanager runs in
//     pairs, and repeats itself);
//   - "which incident did this alert go to?" is a look-up of that ID, by primary
//     key, in the table of things done;
//   - "is anything of this incident still firing?" is answered by the incident's
//     own log: lines ":firing" that have no line ":resolved".
const (
	marked   = "alert:"
	firing   = ":firing"
	resolved = ":resolved"
)

// alert is one thing that monitoring sees.
type alert struct {
	name     string // as the sender calls it
	mark     string // the same from its start to its end, and never again
	firing   bool
	title    string
	text     string
	url      string
	service  string // key, or ""
	location string // key, or ""
	impact   workflows.Level
	urgency  workflows.Level
}

// place is where alerts of one post belong together.
func (a alert) place() [2]string { return [2]string{a.service, a.location} }

// post is what was brought at once.
type post struct {
	token  string
	mark   string // begins the ID of every alert of this group
	alerts []alert
	over   bool          // nothing of this group is firing any more, also what is not shown
	unseen int           // alerts of this group that were cut off
	before workflows.Ref // where the same thing went when it broke the last time
}

// actor is the token: it does what the ICT staff may, because an administrator
// put it in the configuration.
func (p post) actor() workflows.Actor {
	via := "api:" + p.token
	return workflows.Actor{Key: via, Name: p.token, Via: via, Roles: []workflows.Role{workflows.Agent}}
}

func (p post) id(a alert, what string) string { return p.mark + a.mark + what }

// groupMark begins the IDs of a group's alerts.
func groupMark(token, group string) string { return marked + token + ":" + short(group) + ":" }

// short makes a name of fixed length, without colons, of any text.
func short(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// grades says what a severity means. Monitoring knows how bad it is for a
// machine, seldom for how many people: only what is critical gets an impact that
// makes somebody's telephone ring.
var grades = map[string]struct{ impact, urgency workflows.Level }{
	"critical":  {workflows.Medium, workflows.High},
	"emergency": {workflows.Medium, workflows.High},
	"disaster":  {workflows.Medium, workflows.High},
	"fatal":     {workflows.Medium, workflows.High},
	"page":      {workflows.Medium, workflows.High},
	"high":      {workflows.Medium, workflows.Medium},
	"major":     {workflows.Medium, workflows.Medium},
	"error":     {workflows.Medium, workflows.Medium},
	"medium":    {workflows.Small, workflows.Medium},
	"average":   {workflows.Small, workflows.Medium},
	"minor":     {workflows.Small, workflows.Medium},
	"warning":   {workflows.Small, workflows.Medium},
	"low":       {workflows.Small, workflows.Low},
	"info":      {workflows.Small, workflows.Low},
	"none":      {workflows.Small, workflows.Low},
}

// grade reads a severity; what we do not know waits for triage.
func grade(severity string) (impact, urgency workflows.Level) {
	if g, ok := grades[strings.ToLower(strings.TrimSpace(severity))]; ok {
		return g.impact, g.urgency
	}
	return workflows.Unknown, workflows.Medium
}

// Lengths that people can still read.
const (
	titleLength = 200
	textLength  = 4000
	urlLength   = 1000
)

// clean makes text from outside harmless: no control characters, no marks that
// turn the writing direction, and not too long.
func clean(text string, length int) string {
	text = strings.Map(func(c rune) rune {
		switch {
		case c == '\n':
			return c
		case unicode.IsSpace(c):
			return ' '
		case unicode.IsControl(c) || unicode.Is(unicode.Cf, c) || c == unicode.ReplacementChar:
			return -1
		}
		return c
	}, strings.TrimSpace(text))
	if runes := []rune(text); len(runes) > length {
		return string(runes[:length-1]) + "…"
	}
	return text
}

// line is clean text on one line.
func line(text string, length int) string {
	return clean(strings.Join(strings.Fields(text), " "), length)
}

// where finds the service and the location: what the sender says comes first, and
// only when it says nothing its words are read as those of people are.
func (h *hooks) where(service, location, words string) (string, string) {
	foundService, foundLocation := "", ""
	if service != "" {
		foundService, _ = h.Match(service)
	}
	if location != "" {
		_, foundLocation = h.Match(location)
	}
	if service == "" || location == "" {
		s, l := h.Match(words)
		if service == "" {
			foundService = s
		}
		if location == "" {
			foundLocation = l
		}
	}
	return foundService, foundLocation
}
