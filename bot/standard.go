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
	asked := 0
	for _, entry := range s.Changes.Standard {
		if !b.asksFor(entry, said) || m.Service != "" && entry.Service != "" && !s.Related(m.Service, entry.Service) {
			continue
		}
		found = entry
		asked++
	}
	if asked != 1 {
		return school.StandardChange{}, false
	}
	return found, true
}

// asksFor tells whether a text asks for an entry of the catalogue.
func (b *Bot) asksFor(entry school.StandardChange, said string) bool {
	stands := func(words ...string) bool {
		return slices.ContainsFunc(words, func(word string) bool {
			word = strings.ToLower(strings.TrimSpace(word))
			return word != "" && strings.Contains(said, " "+word+" ")
		})
	}
	if stands(entry.Name) || stands(entry.Words...) {
		return true
	}
	asked := false
	for _, family := range families {
		if !strings.Contains(strings.ToLower(entry.Key+" "+entry.Name), family) {
			continue
		}
		for _, language := range lang.Languages {
			if b.anyOf(said, "bot.standard.not."+family, language) {
				return false
			}
			asked = asked || b.anyOf(said, "bot.standard."+family, language)
		}
		asked = asked || family == "software" && somethingOn.MatchString(said)
	}
	return asked
}

func (b *Bot) anyOf(said, key, language string) bool {
	return slices.ContainsFunc(strings.Split(b.Book.Say(language, key), "|"), func(word string) bool {
		return word != "" && strings.Contains(said, " "+word+" ")
	})
}

// pressing tells whether a text says that it is an emergency.
func (b *Bot) pressing(text string) bool {
	said := " " + strings.Join(strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return strings.ContainsRune(" \t\n.,;:!?", c) }), " ") + " "
	return slices.ContainsFunc(lang.Languages, func(language string) bool { return b.anyOf(said, "bot.words.emergency", language) })
}
