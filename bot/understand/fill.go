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
	if login := r.names.served["login"]; m.Sensitive && m.Intent == ReportIncident && s.has("attack") && s.has("credentials") && login != "" {
		m.Service = login // whatever it came by, the account is what is in danger
		m.say("service", r.serviceName(login))
		return
	}
	if device := r.names.served["device"]; s.has("siege") && s.mentionsService(device) {
		m.Service = device // the machine that shows it is what must be cut off
		m.say("service", r.serviceName(device))
		return
	}
	if m.Intent == RequestChange && m.Service == "" {
		// New software: what it must come on is what the school looks after.
		for _, other := range s.mentions {
			if other.service != "" && !other.hint {
				m.Service = other.service
			}
		}
	}
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
	case AskStatus:
		impact = grade{level: workflows.Unknown} // it asks whom it hits; it does not tell
		urgency = s.urgency(workflows.Unknown)
	case RequestChange:
		impact, urgency = s.wish()
	case ReportVulnerability:
		// A weak spot is as bad as what it opens: one thing, or everything.
		impact, urgency = grade{level: workflows.Large}, grade{level: workflows.High}
		if s.has("factory") && s.oneDevice() {
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
		m.Priority = r.school.PriorityOf(m.Impact, m.Urgency)
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
	case m.Intent == Chatter && m.Confidence < unsure && (s.ict() || len(s.trouble) > 0):
		m.Ask = AskIntent
	case m.Intent != ReportIncident:
	case !named:
		m.Ask = AskService
	case m.Location == "" && !wide:
		m.Ask = AskLocation
	}
}
