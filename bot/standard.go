package bot

import (
	"regexp"
	"slices"
	"strings"

	"schoolbel/bot/lang"
	"schoolbel/bot/understand"
	"schoolbel/workflows/school"
)

// families are sorts of standard changes that many schools have. An entry of the
// catalogue belongs to the family whose word stands in its name; bot.standard.* says
// by which words people ask for it.
var families = []string{"software", "account", "team"}

// somethingOn is "GeoGebra op de laptops", "Word on my Chromebook": a program is asked
// for, whatever it is called.
var somethingOn = regexp.MustCompile(`\b(?:op|on)\s+(?:(?:de|mijn|onze|alle|the|my|our|all)\s+)?(?:laptops?|chromebooks?|ipads?|computers?|pc'?s?)\b`)

// standardFor finds the standard change that a request asks for; false when there is
// none, or more than one that fits as well. What is authorised once is so for just
// that, so nothing is guessed.
func (b *Bot) standardFor(m understand.Meaning, text string) (school.StandardChange, bool) {
	if m.Intent != understand.RequestChange && m.Kind != "change" || m.Sensitive {
		return school.StandardChange{}, false
	}
	s := b.School()
	said := " " + strings.Join(strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return strings.ContainsRune(" \t\n.,;:!?()“”\"", c) }), " ") + " "
	var found school.StandardChange
	best, twice := 0, false
	for _, entry := range s.Changes.Standard {
		score := b.likeness(entry, said)
		if score == 0 || m.Service != "" && entry.Service != "" && !s.Related(m.Service, entry.Service) {
			continue
		}
		if m.Service != "" && m.Service == entry.Service {
			score++
		}
		switch {
		case score > best:
			found, best, twice = entry, score, false
		case score == best:
			twice = true
		}
	}
	return found, best > 0 && !twice
}

// likeness counts the words of a text that ask for an entry of the catalogue.
func (b *Bot) likeness(entry school.StandardChange, said string) int {
	score := 0
	count := func(words ...string) {
		for _, word := range words {
			if word = strings.ToLower(strings.TrimSpace(word)); word != "" && strings.Contains(said, " "+word+" ") {
				score += 2
			}
		}
	}
	count(entry.Words...)
	count(entry.Name)
	for _, family := range families {
		if !strings.Contains(strings.ToLower(entry.Key+" "+entry.Name), family) {
			continue
		}
		for _, language := range lang.Languages {
			if b.anyOf(said, "bot.standard.not."+family, language) {
				return score
			}
			count(strings.Split(b.Book.Say(language, "bot.standard."+family), "|")...)
		}
		if family == "software" && somethingOn.MatchString(said) {
			score += 2
		}
	}
	return score
}

func (b *Bot) anyOf(said, key, language string) bool {
	return slices.ContainsFunc(strings.Split(b.Book.Say(language, key), "|"), func(word string) bool {
		return word != "" && strings.Contains(said, " "+word+" ")
	})
}
