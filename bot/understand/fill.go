package understand

import (
	"strings"

	"schoolbel/workflows"
)

// fillService names the service the message is about.
func (r *Reader) fillService(m *Meaning, s *seen) {
	if s.about == nil || m.Intent == OutOfScope || m.Intent == Chatter && (s.about.hint || s.about.weak) {
		return
	}
	if s.about.hint && (m.Intent == AddInfo || m.Intent == Resolve) {
		return // what it adds to is better known from the conversation
	}
	m.Service = s.about.service
	switch {
	case m.Service == "" && !s.about.hint:
		m.say("unlisted", s.about.name)
	case m.Service == "":
	case s.about.hint:
		m.say("hint", s.about.name)
	default:
		m.say("service", r.serviceName(m.Service))
	}
}

func (r *Reader) serviceName(key string) string {
	for _, service := range r.school.Services {
		if service.Key == key {
			return service.Name
		}
	}
	return key
}

// fillLocation names the one location that is named, else the only one where the
// writer works. Two locations are no location: it is wider than either.
func (r *Reader) fillLocation(m *Meaning, s *seen, in Setting) {
	for _, room := range s.rooms {
		m.say("where", room)
	}
	switch {
	case len(s.places) == 1:
		m.Location = s.places[0]
		m.say("location", r.placeName(m.Location))
	case len(s.places) == 0 && len(in.Locations) == 1:
		m.Location = in.Locations[0]
		if m.Kind != "" {
			m.say("own_location", r.placeName(m.Location))
		}
	case len(s.places) == 0 && len(r.names.places) == 1:
		m.Location = r.names.places[0]
	}
}

func (r *Reader) placeName(key string) string {
	for _, l := range r.school.Locations {
		if l.Key == key {
			return l.Name
		}
	}
	return key
}

// fillLevels grades the message. Only what becomes a record gets a priority, and
// only when it is known how many are hit.
func (r *Reader) fillLevels(m *Meaning, s *seen, in Setting) {
	impact := s.impact()
	urgency := s.urgency(impact.level)
	switch m.Intent {
	case Chatter:
		return
	case OutOfScope:
		if s.has("danger") {
			m.Urgency = workflows.High
		}
		return
	case RequestChange:
		impact, urgency = s.wish()
	case ReportVulnerability:
		// A weak spot is as bad as what it opens: one thing, or everything.
		impact, urgency = grade{level: workflows.Large}, grade{level: workflows.High}
		if s.oneDevice() {
			impact, urgency = grade{workflows.Small, "device"}, grade{level: workflows.Medium}
		}
	}
	m.Impact, m.Urgency = impact.level, urgency.level
	for _, why := range []string{impact.why, urgency.why} {
		if why != "" {
			m.say(why, "")
		}
	}
	if m.Intent == ReportIncident {
		for _, f := range floors {
			if f.holds(s, in.Now) {
				m.Impact, m.Urgency = atLeast(m.Impact, f.impact), atLeast(m.Urgency, f.urgency)
				m.say(f.why, "")
			}
		}
	}
	if m.Kind != "" {
		m.Priority = r.school.Priorities.Matrix[m.Impact][m.Urgency]
	}
}

// unsure is below what a record is made without asking whether it is one.
const unsure = 0.6

// fillAsk picks the one question that helps most.
func (r *Reader) fillAsk(m *Meaning, s *seen) {
	named := s.about != nil && (!s.about.hint || s.about.service != "")
	wide := len(s.places) > 1 || s.has("school") && !strings.Contains(m.Text, "locatie")
	switch {
	case m.Sensitive:
		// Someone in trouble is helped first; the privacy officer asks the rest.
	case m.Intent == ReportIncident && m.Confidence < unsure:
		m.Ask = AskIntent
	case m.Intent == RequestChange && m.Confidence < unsure:
		m.Ask = AskIntent
	case m.Intent == Chatter && m.Confidence < unsure && len(s.trouble) > 0:
		m.Ask = AskIntent
	case m.Intent != ReportIncident:
	case !named:
		m.Ask = AskService
	case m.Location == "" && !wide:
		m.Ask = AskLocation
	}
}
