package understand

import (
	"slices"
	"time"

	"schoolbel/workflows"
)

// grade is a level with the reason for it.
type grade struct {
	level workflows.Level
	why   string
}

// impact tells how many are hit, from the words of the message alone.
func (s *seen) impact() grade {
	switch {
	case s.has("school") || s.wholePlace():
		return grade{workflows.Large, "school"}
	case s.has("several") || len(s.rooms) > 1:
		return grade{workflows.Medium, "group"}
	case s.has("area") && !s.oneDevice():
		return grade{workflows.Medium, "group"}
	case s.has("classroom") || len(s.rooms) == 1:
		return grade{workflows.Small, "room"}
	case s.has("everybody"):
		return grade{workflows.Large, "everybody"}
	case s.oneDevice():
		return grade{workflows.Small, "device"}
	case s.has("person"), s.has("me") && s.about != nil && s.reader.names.familyOf[s.about.service] == "login":
		return grade{workflows.Small, "person"}
	}
	return grade{level: workflows.Unknown}
}

// wholePlace: "heel Noord", "Noord ligt plat", two locations at once.
func (s *seen) wholePlace() bool {
	if len(s.places) > 1 {
		return true
	}
	for _, h := range s.named {
		for i := max(0, h.from-2); i < h.from; i++ {
			if len(s.places) == 1 && h.sense == "place."+s.places[0] && wholeWords[s.tokens[i].word] {
				return true
			}
		}
	}
	return false
}

var wholeWords = wordSet("heel hele gehele whole entire all")

// oneDevice: the trouble is with one thing that stands in one room.
func (s *seen) oneDevice() bool {
	if s.about == nil || s.has("many_devices") {
		return false
	}
	switch s.reader.names.familyOf[s.about.service] {
	case "screen", "device", "print":
		return true
	}
	return s.has("device")
}

// urgency tells how soon, from words of time and from lessons that stand still.
func (s *seen) urgency(impact workflows.Level) grade {
	switch {
	case s.has("calm"):
		return grade{workflows.Low, "calm"}
	case s.has("urgent"):
		return grade{workflows.High, "urgent"}
	case s.has("blocked"):
		return grade{workflows.High, "blocked"}
	case s.has("workaround") && len(s.works) > 0:
		return grade{workflows.Medium, "workaround"}
	case len(s.trouble) > 0 && (impact == workflows.Large || impact == workflows.Medium):
		return grade{workflows.High, "many"}
	case s.has("exam") && !s.has("later"):
		return grade{workflows.High, "exam"}
	}
	return grade{level: workflows.Medium}
}

// floor is a rule that no matrix may undercut (domain.md 4.3).
type floor struct {
	why             string
	holds           func(*seen, time.Time) bool
	impact, urgency workflows.Level
}

var floors = []floor{
	// An exam that stops can make it invalid for every candidate.
	{"exam", func(s *seen, now time.Time) bool { return s.examNow(now) }, workflows.Large, workflows.High},
	// Encryption, ransom, everybody locked out: it spreads while we talk.
	{"siege", func(s *seen, _ time.Time) bool { return s.has("siege") }, workflows.Large, workflows.High},
	// The 72 hours of a data leak began with this message.
	{"leak", func(s *seen, _ time.Time) bool { return s.has("leak") }, workflows.Medium, workflows.High},
	// One stolen password opens what a whole group shares.
	{"attack", func(s *seen, _ time.Time) bool { return s.has("attack") }, workflows.Medium, workflows.High},
}

// examNow: an exam is being taken. An exam that is weeks away is none.
func (s *seen) examNow(now time.Time) bool {
	if s.has("later") || s.has("calm") {
		return false
	}
	if s.has("exam", "test") {
		return true
	}
	return !now.IsZero() && s.about != nil && s.reader.exam[s.about.service] && s.reader.school.ExamAt(now)
}

var levels = []workflows.Level{workflows.Unknown, workflows.Small, workflows.Low, workflows.Medium, workflows.Large, workflows.High}

// atLeast raises a level; it never lowers one.
func atLeast(l, least workflows.Level) workflows.Level {
	if slices.Index(levels, l) < slices.Index(levels, least) {
		return least
	}
	return l
}
