package bot

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"schoolbel/bot/lang"
	"schoolbel/workflows"
)

// vocabulary is what people can type: every action of every process in every
// language, and a few words of the bot's own.
type vocabulary struct {
	engine *workflows.Engine
	verbs  map[workflows.Kind]map[string]workflows.Action // word → action, all languages together
	own    map[string]string                              // word → help, list, queue, status
	opens  map[string]workflows.Kind                      // word before a colon
	ties   map[string]string                              // word → tie, untie, ties, not_me
}

// typed is what a text says as a command.
type typed struct {
	own    string // help, list, queue, status; or ""
	kind   workflows.Kind
	ref    workflows.Ref
	action workflows.Action
	args   map[string]string
	rest   string // what follows the action without a name
	word   string // an action that nobody knows
}

// wordOf finds a text of a kind, or the common one.
func wordOf(book *lang.Book, language string, kind workflows.Kind, rest string, args ...any) string {
	if key := string(kind) + "." + rest; book.Has(key) {
		return book.Say(language, key, args...)
	}
	return book.Say(language, "record."+rest, args...)
}

func hasWord(book *lang.Book, kind workflows.Kind, rest string) bool {
	return book.Has(string(kind)+"."+rest) || book.Has("record."+rest)
}

func newVocabulary(engine *workflows.Engine, book *lang.Book) (*vocabulary, error) {
	v := &vocabulary{engine: engine, verbs: map[workflows.Kind]map[string]workflows.Action{}, own: map[string]string{}, ties: map[string]string{}, opens: map[string]workflows.Kind{}}
	for _, language := range lang.Languages {
		for _, name := range []string{"help", "list", "queue", "status"} {
			for word := range strings.SplitSeq(book.Say(language, "bot.words."+name), "|") {
				v.own[word] = name
			}
		}
		for _, name := range []string{"tie", "untie", "ties", "not_me"} {
			for word := range strings.SplitSeq(book.Say(language, "bot.words."+name), "|") {
				if other := cmp.Or(v.own[word], v.ties[word]); other != "" && other != name {
					return nil, fmt.Errorf("bot: %q means both %s and %s", word, other, name)
				}
				v.ties[word] = name
			}
		}
		for _, kind := range []workflows.Kind{"incident", "change"} {
			for word := range strings.SplitSeq(book.Say(language, "bot.opens."+string(kind)), "|") {
				v.opens[word] = kind
			}
		}
		for _, p := range engine.Processes() {
			if err := v.learn(book, language, p); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

// learn adds the words of one process. A word that means two actions in one
// language is refused; the English name of an action always works.
func (v *vocabulary) learn(book *lang.Book, language string, p *workflows.Process) error {
	if v.verbs[p.Kind] == nil {
		v.verbs[p.Kind] = map[string]workflows.Action{}
	}
	mine := map[string]workflows.Action{}
	for _, action := range p.Actions() {
		words := []string{wordOf(book, language, p.Kind, "do."+string(action))}
		if hasWord(book, p.Kind, "words."+string(action)) {
			words = append(words, strings.Split(wordOf(book, language, p.Kind, "words."+string(action)), "|")...)
		}
		for _, word := range words {
			word = strings.ToLower(strings.TrimSpace(word))
			if other, taken := mine[word]; taken && other != action {
				return fmt.Errorf("bot: %q means both %s and %s of a %s", word, other, action, p.Kind)
			}
			mine[word] = action
		}
	}
	for word, action := range mine {
		if _, taken := v.verbs[p.Kind][word]; !taken {
			v.verbs[p.Kind][word] = action
		}
	}
	for _, action := range p.Actions() {
		v.verbs[p.Kind][string(action)] = action
	}
	return nil
}

var pair = regexp.MustCompile(`(?:^|\s)([a-z_]{2,30})=(?:"([^"]*)"|(\S+))`)

// parse reads a text as a command; false when it is none.
func (v *vocabulary) parse(text string) (typed, bool) {
	text = strings.TrimSpace(text)
	first, rest, _ := strings.Cut(text, " ")
	if head, tail, ok := strings.Cut(text, ":"); ok {
		if kind, opens := v.opens[strings.ToLower(strings.TrimSpace(head))]; opens && strings.TrimSpace(tail) != "" {
			action := workflows.Action("report")
			if kind == "change" {
				action = "request"
			}
			return typed{kind: kind, action: action, rest: strings.TrimSpace(tail)}, true
		}
	}
	if own, ok := v.own[strings.ToLower(strings.Trim(text, " ?!."))]; ok {
		return typed{own: own}, true
	}
	if own, ok := v.own[strings.ToLower(first)]; ok && own == "help" {
		if ref, ok := workflows.ParseRef(rest); ok {
			return typed{own: own, ref: ref}, true
		}
	}
	ref, ok := workflows.ParseRef(strings.TrimRight(first, ":,"))
	if !ok {
		return typed{}, false
	}
	p, ok := v.engine.ByPrefix(ref.Prefix)
	if !ok {
		return typed{}, false
	}
	return v.action(p.Kind, typed{kind: p.Kind, ref: ref, args: map[string]string{}}, strings.TrimSpace(rest)), true
}

// action finds the longest word that is an action, then names and values.
func (v *vocabulary) action(kind workflows.Kind, c typed, rest string) typed {
	if rest == "" {
		return c
	}
	words := strings.Fields(rest)
	for n := min(len(words), 5); n > 0; n-- {
		action, ok := v.verbs[kind][strings.ToLower(strings.Trim(strings.Join(words[:n], " "), ".,!"))]
		if !ok {
			continue
		}
		c.action = action
		tail := after(rest, words[:n])
		for _, m := range pair.FindAllStringSubmatch(tail, -1) {
			c.args[m[1]] = m[2] + m[3]
		}
		c.rest = strings.TrimSpace(pair.ReplaceAllString(tail, ""))
		return c
	}
	c.word = words[0]
	return c
}

// after is what follows the first words of a text, as it was written.
func after(text string, words []string) string {
	for _, w := range words {
		text = text[strings.Index(text, w)+len(w):]
	}
	return text
}

// near suggests actions that look like a word.
func near(word string, known []string) []string {
	var found []string
	for _, k := range known {
		k := strings.ToLower(k)
		if len(word) >= 3 && len(k) >= 3 && strings.HasPrefix(k, strings.ToLower(word)[:3]) {
			found = append(found, k)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}
