package matrix

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"schoolbel/adapters"
)

// What a message may be at most. An event takes 65,536 bytes, and encryption adds a
// third; nobody reads as much in a chat.
const (
	maxEvent = 36_000
	maxMark  = 300
	maxTitle = 150
	maxText  = 3900
	maxValue = 1000
	maxLabel = 75
	maxFacts = 25
	maxParts = 40
	maxTyped = 48
	maxLink  = 2000
)

// roomPage is the address by which a client opens a room.
const roomPage = "https://matrix.to/#/"

// signs show a tone at the title, and nowhere else.
var signs = map[adapters.Tone]string{adapters.Good: "✅", adapters.Warn: "⚠️", adapters.Alarm: "🚨"}

// content is a message as it goes to the homeserver.
type content struct {
	Type     string    `json:"msgtype"`
	Body     string    `json:"body"`
	Format   string    `json:"format,omitempty"`
	HTML     string    `json:"formatted_body,omitempty"`
	Mentions struct{}  `json:"m.mentions"` // nobody: without it old clients look for names
	Delivery mark      `json:"nl.schoolbel.delivery"`
	New      *content  `json:"m.new_content,omitempty"`
	Relates  *relating `json:"m.relates_to,omitempty"`
}

// relating is how a message of ours belongs to another.
type relating struct {
	Type    string   `json:"rel_type"`
	Event   string   `json:"event_id"`
	Falling bool     `json:"is_falling_back,omitempty"`
	Replies *replies `json:"m.in_reply_to,omitempty"`
	Key     string   `json:"key,omitempty"`
}

// in puts a message in a thread.
func (c content) in(thread string) content {
	if thread != "" {
		c.Relates = &relating{Type: threads, Event: thread, Falling: true, Replies: &replies{thread}}
	}
	return c
}

// over puts a message in the place of another. Clients that know no changes show a
// line with the new title.
func (c content) over(old string) content {
	first, _, _ := strings.Cut(c.Body, "\n")
	changed := c
	return content{
		Type: c.Type, Body: "* " + cut(first, maxTitle), Delivery: c.Delivery, New: &changed,
		Relates: &relating{Type: replaces, Event: old},
	}
}

// render draws a card as a message; p says which emoji stands for which command.
func render(c adapters.Card, p panel) content {
	for scale := 1; ; scale *= 2 {
		s := sheet{scale: scale}
		s.card(c, p)
		out := s.content(c)
		if raw, err := json.Marshal(out); err == nil && len(raw) <= maxEvent || scale > 64 {
			return out
		}
	}
}

// sheet is a message in the making, in plain text and in HTML side by side.
type sheet struct {
	scale      int // how much shorter than usual
	plain, web strings.Builder
}

func (s *sheet) most(n int) int { return max(1, n/s.scale) }

// say adds a paragraph.
func (s *sheet) say(plain, web string) {
	if plain == "" {
		return
	}
	if s.plain.Len() > 0 {
		s.plain.WriteString("\n\n")
	}
	s.plain.WriteString(plain)
	s.web.WriteString("<p>" + web + "</p>")
}

func (s *sheet) text(text string) { s.say(text, escape(text)) }

func (s *sheet) content(c adapters.Card) content {
	out := content{
		Type: "m.text", Body: s.plain.String(), Format: "org.matrix.custom.html", HTML: s.web.String(),
		Delivery: mark{Delivery: cut(c.Delivery, maxMark), Ref: cut(c.Ref, maxTitle)},
	}
	if out.Body == "" {
		out.Body, out.HTML = "…", "…"
	}
	return out
}

// card draws all of a card.
func (s *sheet) card(c adapters.Card, p panel) {
	if title := titled(c); title != "" {
		title = cut(title, s.most(maxTitle))
		s.say(title, "<strong>"+escape(title)+"</strong>")
	}
	s.text(cut(paragraphs(c.Text), s.most(maxText)))
	s.facts(c.Facts)
	shown := 0
	for i, part := range c.Sections {
		if i == s.most(maxParts) {
			s.text(more(len(c.Sections) - i))
			break
		}
		s.text(cut(paragraphs(part.Title+"\n"+part.Text), s.most(maxValue)))
		shown += s.buttons(part.Buttons, p, c.Ref)
	}
	s.buttons(c.Buttons, p, c.Ref)
	if foot := cut(paragraphs(c.Foot), s.most(maxValue)); foot != "" {
		s.say(foot, "<em>"+escape(foot)+"</em>")
	}
}

// titled is the title with the sign of its tone.
func titled(c adapters.Card) string {
	title := line1(c.Title)
	if sign := signs[c.Tone]; sign != "" && title != "" {
		title = sign + " " + title
	}
	return title
}

// more says how many things are left out.
func more(n int) string { return fmt.Sprintf("… +%d", n) }

// facts stand one to a line.
func (s *sheet) facts(list []adapters.Fact) {
	var plain, web []string
	for i, f := range list {
		if i == s.most(maxFacts) {
			plain, web = append(plain, more(len(list)-i)), append(web, more(len(list)-i))
			break
		}
		name, value := cut(line1(f.Name), s.most(maxTitle)), cut(paragraphs(f.Value), s.most(maxValue))
		plain, web = append(plain, name+": "+value), append(web, "<strong>"+escape(name)+":</strong> "+escape(value))
	}
	s.say(strings.Join(plain, "\n"), strings.Join(web, "<br>"))
}

// buttons stand one to a line: the emoji to react with, what it does, and the command
// that does the same when it is typed.
func (s *sheet) buttons(list []adapters.Button, p panel, ref string) int {
	var plain, web []string
	left := 0
	for _, b := range list {
		sign, ok := p.sign(b)
		if !ok {
			left++
			continue
		}
		label := cut(line1(b.Label), s.most(maxLabel))
		if label == "" {
			label = "…"
		}
		text, shown := sign+" "+label, escape(sign)+" "+escape(label)
		if typed := typedAs(b.Command); typed != "" && aim(b) == "" {
			text, shown = text+" · "+typed, shown+" · <code>"+escape(typed)+"</code>"
		}
		if link := linked(b); link != "" {
			text += " · " + link
			shown = escape(sign) + ` <a href="` + escape(link) + `">` + escape(label) + "</a>" + strings.TrimPrefix(shown, escape(sign)+" "+escape(label))
		}
		plain, web = append(plain, text), append(web, shown)
	}
	if left > 0 {
		plain, web = append(plain, more(left)), append(web, more(left))
	}
	s.say(strings.Join(plain, "\n"), strings.Join(web, "<br>"))
	return len(plain)
}

// aim is the page that a button opens instead of a command.
func aim(b adapters.Button) string {
	if b.Room != "" {
		return roomPage + url.PathEscape(b.Room)
	}
	return b.URL
}

// linked is the address of a button, where it has one that may be opened.
func linked(b adapters.Button) string {
	address := aim(b)
	if address == "" {
		address = b.Link
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || len(address) > maxLink || strings.ContainsAny(address, " \n<>\"") {
		return ""
	}
	return address
}

// typable is a command that people can type as it stands.
var typable = regexp.MustCompile(`^[A-Z]{2,4}-[0-9]+( [\pL_0-9]+(=[\pL_0-9.:-]+)?)*$`)

// typedAs is the command as people type it, "" for one that is for programs.
func typedAs(command string) string {
	if len(command) > maxTyped || !typable.MatchString(command) {
		return ""
	}
	return command
}
