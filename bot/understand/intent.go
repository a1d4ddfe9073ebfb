package understand

import (
	"math"
	"slices"
)

// points say how much speaks for an intent.
type points map[string]float64

// notion is one thing that a person would notice in a message, and what it
// speaks for. Why names the reason in the texts; "" is a notion that goes unsaid.
type notion struct {
	why    string
	holds  func(*seen) bool
	points points
}

// notions are weighed together: no one of them decides.
var notions = []notion{
	{"", func(*seen) bool { return true }, points{Chatter: 1.5}},

	// Something is wrong.
	{"broken", (*seen).ictTrouble, points{ReportIncident: 4.5}},
	{"", func(s *seen) bool { return s.ictTrouble() && s.has("elsewhere") && !s.has("help", "urgent") }, points{Chatter: 4}},
	{"", func(s *seen) bool { return s.weakTrouble() && !s.facility() }, points{ReportIncident: 4}},
	{"broken", func(s *seen) bool { return s.bareTrouble() && !s.facility() }, points{ReportIncident: 2.8}},
	{"", func(s *seen) bool {
		return len(s.trouble) > 0 && s.has("room", "classroom", "several", "area", "school", "urgent")
	}, points{ReportIncident: 0.7}},
	{"", func(s *seen) bool { return s.has("howto") && s.question && s.ict() && len(s.trouble) == 0 }, points{ReportIncident: 1.6}},
	{"", func(s *seen) bool { return s.ict() && len(s.trouble) == 0 && s.doubtful() }, points{ReportIncident: 1.2}},
	{"help", func(s *seen) bool { return s.has("help") && !s.question || s.has("help") && len(s.mentions) > 0 }, points{ReportIncident: 2}},
	{"", func(s *seen) bool { return s.has("help") && len(s.mentions) > 0 && !s.has("new") }, points{ReportIncident: 1.5}},
	{"blocked", func(s *seen) bool { return s.has("blocked") && len(s.mentions) > 0 }, points{ReportIncident: 2.5}},
	{"leak", func(s *seen) bool { return s.has("leak") && s.leaks() }, points{ReportIncident: 7}},
	{"attack", func(s *seen) bool { return s.has("attack", "siege") }, points{ReportIncident: 6.5}},
	{"weakness", func(s *seen) bool { return s.weakness() }, points{ReportVulnerability: 7}},

	// Something must become different.
	{"request", func(s *seen) bool { return s.has("request") && s.has("change") && s.ictOrChange() }, points{RequestChange: 5.5}},
	{"request", func(s *seen) bool { return s.wishForNew() && !s.facility() }, points{RequestChange: 5}},
	{"request", func(s *seen) bool { return s.has("wish") && len(s.mentions) > 0 }, points{RequestChange: 4}},
	{"request", func(s *seen) bool { return s.has("newcomer") && s.has("request") && len(s.mentions) > 0 }, points{RequestChange: 2.5}},
	{"planned", func(s *seen) bool { return s.has("planned") }, points{RequestChange: 5}},
	{"", func(s *seen) bool { return s.has("request") && s.ict() }, points{RequestChange: 1.2}},
	{"", func(s *seen) bool { return s.has("change") && len(s.mentions) > 0 }, points{RequestChange: 1}},
	{"", func(s *seen) bool { return len(s.trouble) > 0 && !s.has("planned") }, points{RequestChange: -2.5}},

	// How is it, and what is known.
	{"status", func(s *seen) bool { return s.has("status") && (s.question || !s.ictTrouble()) }, points{AskStatus: 5.5, RequestChange: -3}},
	{"status", func(s *seen) bool { return s.has("state") && s.question && !s.has("status") }, points{AskStatus: 5.5, RequestChange: -3}},
	{"status", func(s *seen) bool {
		return s.question && len(s.trouble) > 0 && !s.ownTrouble() && !s.has("help") && !s.facility()
	}, points{AskStatus: 5, ReportIncident: -1}},
	{"status", func(s *seen) bool { return s.question && s.has("fixed", "done") && !s.has("help", "request") }, points{AskStatus: 4.5}},
	{"works", func(s *seen) bool { return len(s.works) > 0 && len(s.trouble) == 0 && !s.has("elsewhere") }, points{AddInfo: 5.5}},
	{"info", func(s *seen) bool { return s.has("info") && !s.placedTrouble() && !s.question }, points{AddInfo: 4.5}},
	{"", func(s *seen) bool { return s.has("info") && s.placedTrouble() }, points{AddInfo: 0.8}},
	{"info", func(s *seen) bool { return s.has("news") && !s.question }, points{AddInfo: 7.5}},
	{"info", func(s *seen) bool { return s.has("more") && !s.question }, points{AddInfo: 6}},
	{"also", func(s *seen) bool { return s.has("same", "still") && !s.namedTrouble() && !s.question }, points{AddInfo: 7}},
	{"also", func(s *seen) bool { return s.has("also") && s.bareTrouble() && !s.question }, points{AddInfo: 4.5}},
	{"fixed", func(s *seen) bool { return len(s.fixed) > 0 && len(s.trouble) == 0 && !s.has("status") }, points{Resolve: 6}},
	{"", func(s *seen) bool { return len(s.fixed) > 0 && s.has("status") }, points{Resolve: 3}},

	// Neither.
	{"social", func(s *seen) bool { return s.has("social") }, points{Chatter: 3.5}},
	{"laugh", func(s *seen) bool { return s.has("laugh") }, points{Chatter: 2}},
	{"", func(s *seen) bool { return s.has("greeting", "cheer") }, points{Chatter: 0.3}},
	{"thanks", func(s *seen) bool { return s.has("thanks") }, points{Chatter: 2, Resolve: 0.5}},
	{"elsewhere", func(s *seen) bool { return s.has("elsewhere") }, points{Chatter: 2}},
	{"if", func(s *seen) bool { return s.has("if") }, points{Chatter: 3}},
	{"facility", func(s *seen) bool { return s.has("facility") && s.facility() }, points{OutOfScope: 4}},
	{"", func(s *seen) bool {
		return s.facility() && (len(s.trouble) > 0 || s.has("help", "request", "slow") || s.question)
	}, points{OutOfScope: 3}},
	{"danger", func(s *seen) bool { return s.has("danger") }, points{OutOfScope: 11}},
	{"people", func(s *seen) bool { return s.has("people") && !s.ictTrouble() }, points{OutOfScope: 5}},
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

// ownTrouble: the writer tells what happens to them, and does not only ask.
func (s *seen) ownTrouble() bool {
	return slices.ContainsFunc(s.trouble, func(t hit) bool { return !s.asked(t) || s.clauseHas(t, "me") }) || s.has("urgent") && s.has("me")
}

// facility: the building and its things, and no service of ICT beside them.
func (s *seen) facility() bool {
	if !s.has("facility") {
		return false
	}
	strong := func(m mention) bool { return !m.weak && !(m.hint && s.overlapsFacility(m.hit)) }
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

// order is how intents stand when nothing else decides: the harmless one first.
var order = []string{Chatter, AddInfo, AskStatus, ReportIncident, RequestChange, Resolve, OutOfScope, ReportVulnerability}

// decide weighs the notions: the best intent, how sure, and the reasons for it.
func (s *seen) decide() (intent string, confidence float64, why []string) {
	total := points{}
	var held []notion
	for _, n := range notions {
		if !n.holds(s) {
			continue
		}
		held = append(held, n)
		for i, p := range n.points {
			total[i] += p
		}
	}
	best, second := math.Inf(-1), math.Inf(-1)
	for _, i := range order {
		if p := total[i]; p > best {
			second, best, intent = best, p, i
		} else if p > second {
			second = p
		}
	}
	for _, n := range held {
		if n.why != "" && n.points[intent] > 0 && !slices.Contains(why, n.why) {
			why = append(why, n.why)
		}
	}
	confidence = sure(best - second)
	if intent == Chatter && len(why) == 0 {
		confidence = min(confidence, unsaid) // nothing was recognised, which is not the same as nothing meant
	}
	return intent, confidence, why
}

// unsaid is how sure it is, at most, that a message without any sign is chatter.
const unsaid = 0.65

// sure turns a lead in points into a share of right answers, as measured on
// testdata/own.tsv.
func sure(lead float64) float64 {
	c := 1 / (1 + math.Exp(-0.2-0.75*lead))
	return math.Round(min(c, 0.99)*100) / 100
}
