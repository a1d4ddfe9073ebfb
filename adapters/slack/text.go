package slack

import (
	"regexp"
	"strings"
	"unicode/utf16"

	"schoolbel/adapters"
)

// Slack counts as JavaScript does; an emoji outside the base plane is two.
func length(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// callers are the words that would wake a whole room. The fullwidth sign reads
// the same to people and means nothing to Slack.
var callers = regexp.MustCompile(`(?i)@(here|channel|everyone)`)

// clean is text without what is not seen but does something, and that wakes nobody.
func clean(s string) string { return callers.ReplaceAllString(adapters.Clean(s), "＠$1") }

// line is clean text on one line.
func line(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// escape does what Slack asks of every text: these three would start a mention
// or a link.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// width is how much Slack counts for r once it is escaped.
func width(r rune) int {
	switch r {
	case '&':
		return len("&amp;")
	case '<', '>':
		return len("&lt;")
	}
	return utf16.RuneLen(r)
}

// clip keeps as much of s as Slack counts as size once it is escaped; what is
// left out shows as "…".
func clip(s string, size int) string {
	used, fits := 0, 0 // fits is where the text must end to leave room for "…"
	for i, r := range s {
		if used < size {
			fits = i
		}
		if used += width(r); used > size {
			return s[:fits] + "…"
		}
	}
	return s
}

// cut is clip, escaped.
func cut(s string, size int) string { return escape.Replace(clip(s, size)) }

// pieces parts s in pieces that Slack counts as at most size, each escaped. It
// never parts in the middle of "&amp;".
func pieces(s string, size int) []string {
	var (
		out   []string
		used  int
		start int
	)
	for i, r := range s {
		n := width(r)
		if used+n > size {
			out = append(out, escape.Replace(s[start:i]))
			start, used = i, 0
		}
		used += n
	}
	if start < len(s) {
		out = append(out, escape.Replace(s[start:]))
	}
	return out
}

// marked is Slack's way of writing a person, a room, a caller or a link.
var marked = regexp.MustCompile(`<([^<>]*)>`)

// unescape is escape the other way round.
var unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// heard makes plain text of what Slack tells: a link is its label, a person
// "@U0NOOR", and the bot's own name is left out. It tells whether that name was
// in it.
func heard(text, bot string) (string, bool) {
	mentioned := false
	text = marked.ReplaceAllStringFunc(text, func(mark string) string {
		inside := mark[1 : len(mark)-1]
		target, label, labelled := strings.Cut(inside, "|")
		switch {
		case strings.HasPrefix(target, "@"):
			if bot != "" && target[1:] == bot {
				mentioned = true
				return ""
			}
			return target
		case strings.HasPrefix(target, "#") && labelled && label != "":
			return "#" + label
		case strings.HasPrefix(target, "!") && labelled:
			return label // a group or a date, as Slack wrote it out
		case strings.HasPrefix(target, "!"):
			return "@" + target[1:]
		case labelled:
			return label
		}
		return target
	})
	text = strings.TrimSpace(unescape.Replace(text))
	if mentioned {
		text = strings.TrimLeft(text, " ,:")
	}
	return text, mentioned
}
