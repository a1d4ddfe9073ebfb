package understand

import (
	"math"
	"slices"
	"strings"
)

// notion is one thing that a person would notice in a message. The model learned
// what each is worth; For says for which intents it is a reason, and its name is
// that reason's name in the texts.
type notion struct {
	name  string
	holds func(*seen) bool
	says  []string
}

// notions are what the senses and services of a message come to together.
var notions = []notion{
	// Something is wrong.
	{"broken", (*seen).ictTrouble, []string{ReportIncident}},
	{"broken.weak", func(s *seen) bool { return s.weakTrouble() && !s.facility() }, nil},
	{"broken.bare", func(s *seen) bool { return s.bareTrouble() && !s.facility() }, nil},
	{"broken.elsewhere", func(s *seen) bool { return s.ictTrouble() && s.has("elsewhere") }, nil},
	{"broken.placed", (*seen).placedTrouble, nil},
	{"broken.named", (*seen).namedTrouble, nil},
	{"broken.asked", func(s *seen) bool { return s.question && len(s.trouble) > 0 && !s.ownTrouble() }, nil},
	{"help", func(s *seen) bool { return s.has("help") && (!s.question || len(s.mentions) > 0) }, []string{ReportIncident}},
	{"howto", func(s *seen) bool { return s.has("howto") && s.question && s.ict() }, nil},
	{"doubtful", func(s *seen) bool { return s.ict() && len(s.trouble) == 0 && s.doubtful() }, nil},
	{"blocked", func(s *seen) bool { return s.has("blocked") && len(s.mentions) > 0 }, []string{ReportIncident}},
	{"leak", func(s *seen) bool { return s.has("leak") && s.leaks() }, []string{ReportIncident}},
	{"attack", func(s *seen) bool { return s.has("attack", "siege") }, []string{ReportIncident}},
	{"weakness", (*seen).weakness, []string{ReportVulnerability}},

	// Something must become different.
	{"request", func(s *seen) bool { return s.has("request") && s.has("change") && s.ictOrChange() }, []string{RequestChange}},
	{"request.new", func(s *seen) bool { return s.wishForNew() && !s.facility() }, nil},
	{"request.ict", func(s *seen) bool { return s.has("request") && s.ict() }, nil},
	{"planned", func(s *seen) bool { return s.has("planned") }, []string{RequestChange}},

	// How is it, and what is known.
	{"status", func(s *seen) bool { return s.has("status") && (s.question || !s.ictTrouble()) }, []string{AskStatus}},
	{"status.state", func(s *seen) bool { return s.has("state") && s.question }, nil},
	{"status.fixed", func(s *seen) bool { return s.question && s.has("fixed", "done") }, nil},
	{"works", func(s *seen) bool { return len(s.works) > 0 && len(s.trouble) == 0 && !s.has("elsewhere") }, []string{AddInfo}},
	{"info", func(s *seen) bool { return s.has("info", "news", "more") && !s.question }, []string{AddInfo}},
	{"also", func(s *seen) bool { return s.has("also", "same", "still") && !s.question }, []string{AddInfo}},
	{"fixed", func(s *seen) bool { return len(s.fixed) > 0 && len(s.trouble) == 0 && !s.has("status") }, []string{Resolve}},

	// Neither.
	{"social", func(s *seen) bool { return s.has("social") }, []string{Chatter}},
	{"laugh", func(s *seen) bool { return s.has("laugh") }, []string{Chatter}},
	{"thanks", func(s *seen) bool { return s.has("thanks") }, []string{Chatter}},
	{"elsewhere", func(s *seen) bool { return s.has("elsewhere") }, []string{Chatter}},
	{"if", func(s *seen) bool { return s.has("if") }, []string{Chatter}},
	{"facility", func(s *seen) bool { return s.facility() }, []string{OutOfScope}},
	{"danger", func(s *seen) bool { return s.has("danger") }, []string{OutOfScope}},
	{"people", func(s *seen) bool { return s.has("people") && !s.ictTrouble() }, []string{OutOfScope}},
}

// ictTrouble: trouble, and something of ICT that it can be said of.
func (s *seen) ictTrouble() bool { return len(s.trouble) > 0 && s.ict() && !s.facility() }

// weakTrouble: only an ordinary word ("bord", "mail") names the service.
func (s *seen) weakTrouble() bool {
	return len(s.trouble) > 0 && !s.ict() && len(s.mentions) > 0
}

// bareTrouble: nothing says what is in trouble.
func (s *seen) bareTrouble() bool { return len(s.trouble) > 0 && len(s.mentions) == 0 }

// placedTrouble: something says what is in trouble, be it an ordinary word.
func (s *seen) placedTrouble() bool { return len(s.trouble) > 0 && len(s.mentions) > 0 }

// doubtful: nothing shows that it is chat, and something shows that it is not.
func (s *seen) doubtful() bool {
	return !s.has("social", "laugh", "elsewhere", "thanks", "if", "howto") && (s.question || s.has("neg", "help", "request", "urgent"))
}

// weakness: someone can do what they should not. That they can not is trouble of
// another sort.
func (s *seen) weakness() bool {
	return slices.ContainsFunc(s.hits["weakness"], func(h hit) bool {
		for i, t := range s.tokens[h.from:h.to] {
			if canWords[t.word] {
				return !s.clauseHas(hit{from: h.from + i}, "neg")
			}
		}
		return true
	})
}

var canWords = wordSet("kan kun kunt kunnen konden can could zien zie see")

// namedTrouble: the writer names the service that is in trouble, by its name.
func (s *seen) namedTrouble() bool {
	return len(s.trouble) > 0 && s.about != nil && !s.about.hint
}

// outright: trouble is said of a named service, and nothing in the message takes it
// back, asks, jokes, or leans on what others said.
func (s *seen) outright() bool {
	return s.namedTrouble() && !s.about.weak && s.about.service != "" && !s.question && !s.facility() &&
		!s.has("also", "same", "still", "status", "elsewhere", "if", "laugh", "social", "thanks", "info", "news", "more", "planned", "request") &&
		len(s.works) == 0 && len(s.fixed) == 0
}

// ownTrouble: the writer tells what happens to them, and does not only ask.
func (s *seen) ownTrouble() bool {
	return slices.ContainsFunc(s.trouble, func(t hit) bool { return !s.asked(t) || s.clauseHas(t, "me") }) || s.has("urgent") && s.has("me")
}

// facility: the building and its things, and no service of ICT beside them.
func (s *seen) facility() bool {
	if !s.has("facility") {
		return false
	}
	strong := func(m mention) bool { return !m.weak && (!m.hint || !s.overlapsFacility(m.hit)) }
	return !slices.ContainsFunc(s.mentions, strong)
}

func (s *seen) overlapsFacility(h hit) bool {
	return slices.ContainsFunc(s.hits["facility"], func(f hit) bool { return f.from < h.to && h.from < f.to || s.sameClause(f, h) })
}

// leaks: what was lost or sent may hold data of people. A cup that is gone does not.
func (s *seen) leaks() bool { return !s.question || !s.has("social") }

// ictOrChange: a wish that belongs to ICT: it names a service, or it is a change
// of something that is not the building's.
func (s *seen) ictOrChange() bool {
	return len(s.mentions) > 0 || !s.has("facility", "social", "people")
}

// wishForNew: someone would like to have something that they have not.
func (s *seen) wishForNew() bool {
	if s.has("help") || !s.has("request") {
		return false
	}
	return s.has("new") && len(s.mentions) > 0 || s.has("have") && s.ict() && len(s.trouble) == 0
}

// grounds are the reasons for an intent: what a person would notice, and else the
// words that weighed most.
func (s *seen) grounds(m *Meaning, b bag, model *model) {
	said := false
	for _, n := range notions {
		if slices.Contains(n.says, m.Intent) && n.holds(s) {
			m.say(n.name, "")
			said = true
		}
	}
	if said {
		return
	}
	type word struct {
		text   string
		weight float64
	}
	var telling []word
	for _, spoken := range b.words {
		if w := model.speaks("intent", m.Intent, spoken.name); w > 0 && !slices.ContainsFunc(telling, func(t word) bool { return t.text == spoken.text }) {
			telling = append(telling, word{spoken.text, w})
		}
	}
	slices.SortFunc(telling, func(a, b word) int {
		if a.weight != b.weight {
			return int(math.Copysign(1, b.weight-a.weight))
		}
		return strings.Compare(a.text, b.text)
	})
	var texts []string
	for _, w := range telling[:min(len(telling), 3)] {
		texts = append(texts, w.text)
	}
	if len(texts) > 0 {
		m.say("words", strings.Join(texts, "”, “"))
	}
}
