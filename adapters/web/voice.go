package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"schoolbel/bot/lang"
	"schoolbel/workflows"
)

// languages are those we speak, in the order of languageNames.
var (
	languageNames = []string{"nl", "en"}
	languages     = language.NewMatcher([]language.Tag{language.Dutch, language.English})
)

// voice speaks one language.
type voice struct {
	book *lang.Book
	lang string
}

// listen finds out which language a request asks for: what ?lang= says, what the
// browser says, or else the school's.
func listen(book *lang.Book, r *http.Request, fallback string) voice {
	for _, name := range languageNames {
		if r.URL.Query().Get("lang") == name {
			return voice{book, name}
		}
	}
	tags, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err == nil && len(tags) > 0 {
		if _, i, sure := languages.Match(tags...); sure >= language.High {
			return voice{book, languageNames[i]}
		}
	}
	if fallback == "" {
		fallback = languageNames[0]
	}
	return voice{book, fallback}
}

// say fills a text.
func (v voice) say(key string, args ...any) string { return v.book.Say(v.lang, key, args...) }

// word says what people call a part of a kind: "incident", "state", "new". What
// is common to all kinds stands under "record".
func (v voice) word(kind workflows.Kind, part, name string) string {
	for _, owner := range []string{string(kind), "record"} {
		if key := owner + "." + part + "." + name; v.book.Has(key) {
			return v.say(key)
		}
	}
	return name
}

// refusal puts an error of the engine into the reader's words.
func (v voice) refusal(e *workflows.Error) string {
	args := make([]any, len(e.Args))
	for i, a := range e.Args {
		args[i] = v.term(e.Kind, a)
	}
	return v.say(e.Key, args...)
}

// term translates what has a name of its own in each language.
func (v voice) term(kind workflows.Kind, arg any) any {
	switch a := arg.(type) {
	case workflows.State:
		return v.word(kind, "state", string(a))
	case workflows.Action:
		return v.word(kind, "do", string(a))
	case workflows.FieldName:
		return v.word(kind, "field", string(a))
	case workflows.Kind:
		return v.say(string(a) + ".name")
	case workflows.Role:
		return v.say("role." + string(a))
	case []workflows.Role:
		return terms(v, kind, a)
	case []workflows.FieldName:
		return terms(v, kind, a)
	case []workflows.State:
		return terms(v, kind, a)
	case []workflows.Action:
		return terms(v, kind, a)
	}
	return arg
}

// terms translates a list, and says nothing twice.
func terms[T comparable](v voice, kind workflows.Kind, list []T) string {
	var names []string
	for _, one := range list {
		if name := fmt.Sprint(v.term(kind, one)); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}
