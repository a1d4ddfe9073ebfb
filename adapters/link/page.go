package link

import (
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"strings"

	"schoolbel/adapters"
)

// How a page feels.
const (
	asks = "ask"
	good = "good"
	bad  = "bad"
)

var marks = map[string]string{asks: "?", good: "✓", bad: "!"}

// view is what the page shows; the template escapes it.
type view struct {
	Lang, Organisation string
	Feel, Mark         string
	Headline, Lead     string

	About   string // "INC-12 · Wifi weg"
	As      string // "Je doet dit als Noor."
	Problem string // over a form that is not right yet
	Facts   []adapters.Fact
	Inputs  []input
	Form    string // the form, sealed
	Button  string
	Foot    string

	CSS template.CSS
}

// says is a page of one message.
func (v voice) says(key, feel string) view {
	return view{Lang: v.lang, Feel: feel, Mark: marks[feel], Headline: v.say(key), Lead: v.say(key + ".lead")}
}

// page is one that asks something of a person.
func (v visit) page(headline string) view {
	p := view{Lang: v.voice.lang, Feel: asks, Mark: marks[asks], Headline: headline, About: v.Ref}
	if v.Title != "" {
		p.About += " · " + v.Title
	}
	if v.Name != "" {
		p.As = v.voice.say("link.as", v.Name)
	}
	p.Foot = v.voice.say("link.once", v.Local(v.Until).Format("02-01-2006 15:04"))
	return p
}

// button is the label of what is granted.
func (v visit) button() string {
	if label := strings.TrimSpace(v.Label); label != "" {
		return label
	}
	return v.Command
}

// answers shows what the bot answered. Its buttons stay away: a link does one thing.
func (v visit) answers(c adapters.Card) view {
	feel, headline := good, v.voice.say("link.done")
	if c.Tone == adapters.Warn || c.Tone == adapters.Alarm {
		feel, headline = bad, v.voice.say("link.not")
	}
	if c.Title != "" {
		headline = c.Title
	}
	text := c.Text
	for _, s := range c.Sections {
		text += "\n\n" + strings.TrimSpace(s.Title+"\n"+s.Text)
	}
	return view{Lang: v.voice.lang, Feel: feel, Mark: marks[feel], Headline: headline, Lead: strings.TrimSpace(text), Facts: c.Facts, Foot: c.Foot}
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
