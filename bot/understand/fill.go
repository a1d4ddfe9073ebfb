package understand

import (
	"strings"

	"schoolbel/workflows"
)

// doubted is how sure the model must be of something else than what is said outright.
const doubted = 0.4

// overrule has the rules that stand above what was learned: those that a person
// could defend in one sentence each.
func (r *Reader) overrule(m *Meaning, s *seen, second string) {
	switch {
	// Somebody in danger is heard, whatever else the message looks like.
	case s.has("danger") && !s.ict() && (m.Intent != Chatter || m.Confidence < 0.9) && !s.has("laugh", "elsewhere"):
		m.Intent, m.Confidence = OutOfScope, max(m.Confidence, 0.8)
	// "De wifi doet het niet" is a report, when it is said outright and of one of the
	// school's services.
	case (m.Intent == ReportIncident || m.Confidence < doubted) && s.outright():
		m.Intent, m.Confidence, m.toRecord = ReportIncident, max(m.Confidence, 0.9), max(m.toRecord, 0.95)
	}
}

// How likely it must be that a message is a secret before it is treated as one:
// telling one in an open room harms more than asking in private for nothing.
const (
	secretReport = 0.16
	secretSign   = 0.05 // when a word such as "phishing" or "kwijt" points that way
	secretOther  = 0.4  // what becomes no record
)

// secret tells whether a message may not be repeated in an open room.
func (r *Reader) secret(m *Meaning, s *seen, likely float64) bool {
	sign := s.has("leak", "attack", "siege")
	switch m.Intent {
	case ReportVulnerability:
		return true
	case ReportIncident, RequestChange:
		return likely > secretReport || sign && likely > secretSign
	case Chatter, OutOfScope:
		return likely > secretOther
	}
	return likely > secretOther || sign && likely > secretSign
}

// guess is how much likelier than none of them a service must be that no word of the
// message speaks of.
const guess = 0.05

// fillService names the service the message is about: the likeliest of the school's,
// or none of them.
func (r *Reader) fillService(m *Meaning, s *seen, family []float64, model *model) {
	if m.Intent == OutOfScope || m.Intent == Chatter && m.toRecord <= perhaps && !s.ict() {
		return
	}
	options := s.options(family)
	likely := choose(options, model.Choice)
	best := likeliest(likely)
	if likely[best] < likely[0]+guess && !options[best].spoken() {
		best = 0 // none of them
	}
	m.Service, m.sureOfService = options[best].service, likely[best]
	device, login := r.names.served["device"], r.names.served["login"]
	switch {
	case s.unlisted(): // a product that the school does not list is not taken for another
		m.Service = ""
	case m.Sensitive && m.Intent == ReportIncident && s.has("siege") && s.mentionsService(device):
		m.Service = device // the machine that shows it is what must be cut off
	case m.Sensitive && m.Intent == ReportIncident && s.has("attack") && s.has("credentials") && login != "":
		m.Service = login // whatever it came by, the account is what is in danger
	}
	if m.Service == "" {
		for _, o := range s.mentions {
			if o.service == "" && !o.hint {
				m.say("unlisted", o.name)
				break
			}
		}
		return
	}
	for _, o := range s.mentions {
		if o.service == m.Service && !o.hint {
			m.say("service", r.serviceName(m.Service))
			return
		}
	}
	for _, o := range s.mentions {
		if o.service == m.Service {
			m.say("hint", o.name)
			return
		}
	}
	m.say("service", r.serviceName(m.Service))
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
func (r *Reader) fillLevels(m *Meaning, s *seen, in Setting, impact, urgency []float64) {
	if m.Intent == OutOfScope && s.has("danger") {
		m.Urgency = workflows.High
		m.say("danger", "")
	}
	if m.Kind == "" {
		return
	}
	i, _ := learned().byName["impact"].best(impact)
	u, _ := learned().byName["urgency"].best(urgency)
	m.Impact, m.Urgency = workflows.Level(i), workflows.Level(u)
	why := s.impact()
	if m.Impact == workflows.Unknown && why.level == workflows.Small { // "mijn laptop" says how many
		m.Impact = why.level
	}
	if why.level == m.Impact && why.why != "" {
		m.say(why.why, "")
	}
	if why := s.urgency(m.Impact); why.level == m.Urgency && why.why != "" {
		m.say(why.why, "")
	}
	if len(s.rooms) > 1 {
		m.Impact = atLeast(m.Impact, workflows.Medium)
	}
	if s.wholePlace() {
		m.Impact = workflows.Large
	}
	if s.has("calm") {
		m.Urgency = workflows.Low
	} else if s.has("later") && m.Urgency == workflows.High {
		m.Urgency = workflows.Medium
	}
	if m.Intent == ReportIncident {
		for _, f := range floors {
			if f.holds(s, in.Now) {
				m.Impact, m.Urgency = atLeast(m.Impact, f.impact), atLeast(m.Urgency, f.urgency)
				m.say(f.why, "")
			}
		}
	}
	m.Priority = r.school.PriorityOf(m.Impact, m.Urgency)
}

// How sure it must be that a message wants a record before one is made without
// asking, and before it asks where it would else be silent. Measured on hands that
// were not learned from: at 0.8 one report of ten is asked about.
const (
	surely  = 0.8
	certain = 0.9 // where a question costs little: it is asked in private
	perhaps = 0.35
	unsure  = 0.6 // below this it is not taken for one of several things
)

// fillAsk picks the one question that helps most.
func (r *Reader) fillAsk(m *Meaning, s *seen) {
	named := m.Service != "" && m.sureOfService > 0.4 || s.names()
	wide := len(s.places) > 1 || s.has("school") && !strings.Contains(m.Text, "locatie")
	switch {
	case m.Sensitive && (m.Kind == "" || m.toRecord >= certain || s.has("leak", "attack", "siege")):
		// Someone in trouble is helped first; the privacy officer asks the rest.
	case m.Sensitive:
		m.Ask = AskIntent
	case m.Kind != "" && m.toRecord < surely:
		m.Ask = AskIntent
	case m.Intent == RequestChange && m.Service == "" && !s.ict() && m.toRecord < certain:
		m.Ask = AskIntent // a wish that speaks of nothing of ICT may be for somebody else
	case m.Intent == Chatter && m.toRecord > perhaps:
		m.Ask = AskIntent
	case m.Intent != ReportIncident:
	case !named:
		m.Ask = AskService
	case m.Location == "" && !wide:
		m.Ask = AskLocation
	}
}
