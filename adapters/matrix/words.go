package matrix

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"schoolbel/adapters"
)

//go:embed texts
var textFiles embed.FS

// book are our few words, by language and name.
var book = sync.OnceValue(func() map[string]map[string]string {
	languages := map[string]map[string]string{}
	for _, language := range []string{"nl", "en"} {
		raw, err := textFiles.ReadFile("texts/" + language + ".json")
		if err != nil {
			panic(err) // it is built in
		}
		texts := map[string]string{}
		if err := json.Unmarshal(raw, &texts); err != nil {
			panic(fmt.Errorf("texts/%s.json: %w", language, err))
		}
		languages[language] = texts
	}
	return languages
})

// say says one of our words.
func say(language, key string, args ...any) string {
	text := book()[language][key]
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// english are words that Dutch has not, and of which a form has at least one.
var english = map[string]bool{
	"the": true, "what": true, "who": true, "why": true, "how": true, "when": true, "send": true, "cancel": true, "save": true,
	"never": true, "mind": true, "you": true, "your": true, "this": true, "which": true, "where": true, "from": true, "and": true,
	"submit": true, "solution": true, "reason": true, "until": true, "does": true, "did": true, "it": true, "of": true, "close": true,
}

// languageOf tells in which language a form asks. Matrix does not tell which one a
// person speaks; the form does.
func languageOf(e adapters.Event, f adapters.Form) string {
	if e.Locale == "nl" || e.Locale == "en" {
		return e.Locale
	}
	texts := []string{f.Title, f.Text, f.Submit, f.Cancel}
	for _, i := range f.Inputs {
		texts = append(texts, i.Label, i.Hint)
	}
	hits, all := 0, 0
	for _, word := range strings.Fields(strings.ToLower(strings.Join(texts, " "))) {
		all++
		if english[strings.Trim(word, ".,:;!?()'\"")] {
			hits++
		}
	}
	if hits > 0 && hits*12 >= all {
		return "en"
	}
	return "nl"
}
