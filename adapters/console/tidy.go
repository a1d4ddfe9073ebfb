package console

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"schoolbel/adapters"
)

// What a card may take of the page. The page folds a long text; the rest is cut.
const (
	longText   = 40_000 // characters
	longValue  = 3000
	longName   = 300
	longLabel  = 80
	manyThings = 50 // facts, and sections
)

// tidy copies a card, so that its maker may go on changing it, without what
// cannot be seen and no longer than somebody reads. Commands stay as they are.
func tidy(c adapters.Card) adapters.Card {
	c.Title, c.Text, c.Foot = short(c.Title, longName), short(c.Text, longText), short(c.Foot, longValue)
	c.Facts = slices.Clone(c.Facts)
	for i, f := range c.Facts {
		c.Facts[i] = adapters.Fact{Name: short(f.Name, longName), Value: short(f.Value, longValue)}
	}
	if over := len(c.Facts) - manyThings; over > 0 {
		c.Facts = append(c.Facts[:manyThings], adapters.Fact{Name: more(over)})
	}
	c.Sections = slices.Clone(c.Sections)
	for i, s := range c.Sections {
		c.Sections[i] = adapters.Section{Title: short(s.Title, longName), Text: short(s.Text, longText), Buttons: tidyButtons(s.Buttons)}
	}
	if over := len(c.Sections) - manyThings; over > 0 {
		c.Sections = append(c.Sections[:manyThings], adapters.Section{Title: more(over)})
	}
	c.Buttons = tidyButtons(c.Buttons)
	return c
}

func tidyButtons(list []adapters.Button) []adapters.Button {
	// A room of the console opens at the side of the page, not by a button.
	list = slices.DeleteFunc(slices.Clone(list), func(b adapters.Button) bool { return b.Command == "" && b.URL == "" })
	for i := range list {
		list[i].Label, list[i].Confirm = short(list[i].Label, longLabel), short(list[i].Confirm, longValue)
	}
	return list
}

func more(n int) string { return fmt.Sprintf("… +%d", n) }

// short gives what can be seen of a text, up to a number of characters.
func short(text string, most int) string {
	letters := []rune(visible(text))
	if len(letters) <= most {
		return string(letters)
	}
	return string(letters[:most-1]) + "…"
}

// visible leaves out what changes how other text is read: control characters, and
// those that turn, hide or join. What joins an emoji and shapes a script stays.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\u200c' || r == '\u200d':
			return r
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}
