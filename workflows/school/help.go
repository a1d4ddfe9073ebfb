package school

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"schoolbel/workflows"
)

// Desk is whom to ask for what is not ICT's: the facility service, the reception.
type Desk struct {
	Key, Name string
	Words     []string // what people come with: heating, lamp, lift
	Phone     string
	Room      string // "slack:C0FAC", or ""
}

// Emergency is what to do when somebody is in danger: a number, and who comes next.
type Emergency struct {
	Number string
	Name   string // of who comes next, such as the school's first-aiders
	Phone  string
	Text   string // the school's own words for what comes next, in its own language
}

// Reception is the desk that is asked when no other fits.
const Reception = "reception"

// alarm is the number of the Netherlands, and of all of Europe.
const alarm = "112"

// DeskFor finds whom to ask by the words of a message: the desk whose word stands
// in it, the longest word first; false when there is none.
func (s *School) DeskFor(text string) (Desk, bool) {
	said := " " + strings.Join(wordsOf(text), " ")
	var found Desk
	longest := 0
	for _, d := range s.Help {
		for _, word := range d.Words {
			plain := strings.Join(wordsOf(word), " ")
			if n := len(plain); n > longest && standsIn(said, plain) {
				found, longest = d, n
			}
		}
	}
	return found, longest > 0
}

// Desk finds a desk by its key.
func (s *School) Desk(key string) (Desk, bool) {
	i := slices.IndexFunc(s.Help, func(d Desk) bool { return d.Key == key })
	if i < 0 {
		return Desk{}, false
	}
	return s.Help[i], true
}

// InDanger tells what to do when somebody is in danger: by the school file, and
// where that is silent, what is so for every school. Who comes next is the
// reception when nobody else is named.
func (s *School) InDanger() Emergency {
	e := s.Emergency
	if e.Number == "" {
		e.Number = alarm
	}
	if e.Name == "" && e.Phone == "" {
		if d, ok := s.Desk(Reception); ok {
			e.Name, e.Phone = d.Name, d.Phone
		}
	}
	return e
}

// begins is how long a word must be before its longer forms are the same to us:
// "lamp" is in "lampen", but "tl" is not in "tlf".
const begins = 4

// standsIn tells whether a word, or words in a row, begin a word of the text.
func standsIn(said, word string) bool {
	if word == "" {
		return false
	}
	if len(word) >= begins {
		return strings.Contains(said, " "+word)
	}
	return strings.Contains(said+" ", " "+word+" ")
}

func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
}

// Officers are the people for whose eyes sensitive records are.
func (s *School) Officers() []Person { return s.WithRole(workflows.Confidants...) }

// confide gives a school that names no privacy or security officer somebody who
// reads what is sensitive: who leads in a crisis, else a director, else ICT. A
// report that nobody may see would be worse.
func (s *School) confide() {
	if len(s.Officers()) > 0 {
		return
	}
	for _, hat := range []workflows.Role{"crisis_lead", "director", workflows.Agent} {
		if len(s.WithRole(hat)) == 0 {
			continue
		}
		s.People = slices.Clone(s.People) // the file's own list stays as it is
		for i, p := range s.People {
			if slices.Contains(p.Roles, hat) {
				s.People[i].Roles = append(slices.Clone(p.Roles), "privacy_officer", "security_officer")
			}
		}
		return
	}
}

// BreachWarnings are how long after a data leak became known its officers are
// warned, earlier ones first.
func (s *School) BreachWarnings() []time.Duration {
	if len(s.DataBreach.WarnAt) == 0 {
		return usualWarnings
	}
	return s.DataBreach.WarnAt
}

// usualWarnings leave time to act within the 72 hours of the law.
var usualWarnings = []time.Duration{24 * time.Hour, 48 * time.Hour, 66 * time.Hour}
