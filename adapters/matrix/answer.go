package matrix

import (
	"strconv"
	"strings"
	"time"

	"schoolbel/adapters"
)

// take takes a text as the answer to the question that is open, and tells whether it
// asks to stop. What is no answer makes the question come again, with the reason.
func (q *quiz) take(text string) (stopped bool) {
	text = strings.TrimSpace(text)
	switch strings.ToLower(text) {
	case "stop", "annuleer", "annuleren", "cancel":
		return true
	}
	i := q.Form.Inputs[q.At]
	value, why := answer(i, text)
	if why != "" {
		q.Why = say(q.Language, why)
		if why == "number" {
			q.Why = say(q.Language, why, len(i.Options))
		}
		return false
	}
	if value != "" {
		q.Answers[i.Name] = value
	}
	q.At++
	return false
}

// answer reads an answer to one question; why is the word that says what is wrong.
func answer(i adapters.Input, text string) (value, why string) {
	switch strings.ToLower(text) {
	case "-", "–", "—", "sla over", "overslaan", "skip":
		if i.Value == "" && !i.Optional {
			return "", "needed"
		}
		return i.Value, ""
	}
	switch {
	case len(i.Options) > 0:
		return choice(i.Options, text)
	case i.Time:
		return moment(text)
	}
	return text, ""
}

// choice reads a number, a value or a label.
func choice(options []adapters.Option, text string) (string, string) {
	text = strings.TrimSuffix(text, ".")
	if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= len(options) {
		return options[n-1].Value, ""
	}
	for _, o := range options {
		if strings.EqualFold(o.Value, text) || strings.EqualFold(line1(o.Label), line1(text)) {
			return o.Value, ""
		}
	}
	return "", "number"
}

// layouts are the ways in which a moment may be written; without a zone it is the
// school's.
var layouts = []string{"2006-01-02T15:04", "2006-01-02 15:04", "2-1-2006 15:04", "2/1/2006 15:04", "02-01-2006 15:04"}

func moment(text string) (string, string) {
	if _, err := time.Parse(time.RFC3339, text); err == nil {
		return text, ""
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Format("2006-01-02T15:04"), ""
		}
	}
	return "", "time"
}

// shown is what stands in a question already, as people read it.
func shown(i adapters.Input) string {
	for _, o := range i.Options {
		if o.Value == i.Value {
			return line1(o.Label)
		}
	}
	if t, err := time.Parse(time.RFC3339, i.Value); err == nil && i.Time {
		return t.Format("2006-01-02 15:04 MST")
	}
	return cut(line1(i.Value), maxLabel)
}
