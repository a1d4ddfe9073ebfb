package mail

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"net/url"
	"strings"
	"time"
	"unicode"

	"schoolbel/adapters"
)

// What a mail shows at most; nobody reads more, and "… +12" tells what is left out.
const (
	maxSubject = 120
	maxTitle   = 300
	maxText    = 8000
	maxFoot    = 1000
	maxFacts   = 30
	maxFact    = 1000
	maxList    = 30
	maxItem    = 1000
	maxButtons = 10
	maxLabel   = 80
	maxMark    = 255
)

//go:embed letter.html
var letterHTML string

var page = template.Must(template.New("letter").Funcs(template.FuncMap{
	"lines": func(s string) []string { return strings.Split(s, "\n") }, // not every program keeps them by style alone
}).Parse(letterHTML))

// letter is one mail.
type letter struct {
	from    mail.Address
	to      string
	card    adapters.Card
	at      time.Time
	id      string // of this mail
	first   string // id of the first mail about this to them, or ""
	answers string // id of the mail that this answers, or ""
}

// shown is a card as a mail shows it: clean, cut, and only with buttons that lead
// somewhere. What is left out is counted.
type shown struct {
	Tone        adapters.Tone
	Subject     string
	Title, Text string
	Facts       []adapters.Fact
	Sections    []section
	Buttons     []button
	Foot        string
	More        struct{ Facts, Sections, Buttons int }
}

type section struct {
	Title, Text string
	Buttons     []button
}

type button struct {
	Label, URL string
	Strong     bool
}

func show(c adapters.Card) shown {
	s := shown{Tone: c.Tone, Title: cut(line(c.Title), maxTitle), Text: cut(clean(c.Text), maxText), Foot: cut(clean(c.Foot), maxFoot)}
	facts := c.Facts[:min(len(c.Facts), maxFacts)]
	for _, f := range facts {
		s.Facts = append(s.Facts, adapters.Fact{Name: cut(line(f.Name), maxLabel), Value: cut(line(f.Value), maxFact)})
	}
	s.More.Facts = len(c.Facts) - len(facts)
	list := c.Sections[:min(len(c.Sections), maxList)]
	for _, x := range list {
		one := section{Title: cut(line(x.Title), maxTitle), Text: cut(clean(x.Text), maxItem)}
		one.Buttons, _ = buttons(x.Buttons)
		s.Sections = append(s.Sections, one)
	}
	s.More.Sections = len(c.Sections) - len(list)
	s.Buttons, s.More.Buttons = buttons(c.Buttons)

	first, _, _ := strings.Cut(s.Text, "\n")
	s.Subject = s.Title
	if s.Subject == "" {
		s.Subject = first
	}
	if ref := line(c.Ref); ref != "" && !strings.Contains(s.Subject, ref) {
		s.Subject = strings.TrimSuffix(ref+" · "+s.Subject, " · ")
	}
	s.Subject = cut(s.Subject, maxSubject)
	return s
}

// buttons are those that lead to a page. A mail can do nothing else.
func buttons(list []adapters.Button) (found []button, more int) {
	for _, b := range list {
		address := b.Link
		if address == "" {
			address = b.URL
		}
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			continue
		}
		if len(found) == maxButtons {
			more++
			continue
		}
		label := cut(line(b.Label), maxLabel)
		if label == "" {
			label = u.Host
		}
		found = append(found, button{Label: label, URL: u.String(), Strong: b.Style == adapters.Primary})
	}
	return found, more
}

// compose writes the mail as it goes over the wire.
func (l letter) compose() ([]byte, error) {
	s := show(l.card)
	if s.Subject == "" {
		s.Subject = "schoolbel"
	}
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	var html bytes.Buffer
	if err := page.Execute(&html, s); err != nil {
		return nil, fmt.Errorf("mail: draw: %w", err)
	}
	for _, p := range []struct{ kind, text string }{{"text/plain", s.plain()}, {"text/html", html.String()}} {
		part, err := parts.CreatePart(textproto.MIMEHeader{"Content-Type": {p.kind + "; charset=utf-8"}, "Content-Transfer-Encoding": {"quoted-printable"}})
		if err != nil {
			return nil, fmt.Errorf("mail: write: %w", err)
		}
		w := quotedprintable.NewWriter(part)
		if _, err := w.Write([]byte(p.text)); err != nil {
			return nil, fmt.Errorf("mail: write: %w", err)
		}
		if err := w.Close(); err != nil {
			return nil, fmt.Errorf("mail: write: %w", err)
		}
	}
	if err := parts.Close(); err != nil {
		return nil, fmt.Errorf("mail: write: %w", err)
	}
	var out bytes.Buffer
	head := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&out, "%s: %s\r\n", name, value)
		}
	}
	head("From", l.from.String())
	head("To", (&mail.Address{Address: l.to}).String())
	head("Subject", words(s.Subject))
	head("Date", l.at.Format(time.RFC1123Z))
	head("Message-ID", "<"+l.id+">")
	// In a row with the first mail about this, under the one it answers.
	before := identified(l.answers)
	root := identified(l.first)
	if root == "<"+l.id+">" { // the same mail once more
		root = ""
	}
	if before == "" {
		before = root
	}
	head("In-Reply-To", before)
	if root == before {
		root = ""
	}
	head("References", strings.TrimSpace(root+" "+before))
	head("Auto-Submitted", "auto-generated")
	head("X-Auto-Response-Suppress", "All") // Exchange: no "I am on holiday" to a program
	head("X-Schoolbel-Delivery", words(cut(line(l.card.Delivery), maxMark)))
	head("X-Schoolbel-Ref", words(cut(line(l.card.Ref), maxMark)))
	head("MIME-Version", "1.0")
	head("Content-Type", mime.FormatMediaType("multipart/alternative", map[string]string{"boundary": parts.Boundary()}))
	out.WriteString("\r\n")
	out.Write(body.Bytes())
	return out.Bytes(), nil
}

// plain is the mail for who reads only text.
func (s shown) plain() string {
	var parts []string
	add := func(text string) {
		if text != "" {
			parts = append(parts, text)
		}
	}
	links := func(list []button) string {
		var lines []string
		for _, b := range list {
			lines = append(lines, b.Label+":\n"+b.URL)
		}
		return strings.Join(lines, "\n\n")
	}
	more := func(n int) string {
		if n <= 0 {
			return ""
		}
		return fmt.Sprintf("… +%d", n)
	}
	add(s.Title)
	add(s.Text)
	var facts []string
	for _, f := range s.Facts {
		facts = append(facts, f.Name+": "+f.Value)
	}
	add(strings.Join(facts, "\n"))
	add(more(s.More.Facts))
	for _, x := range s.Sections {
		add(strings.TrimSpace(x.Title + "\n" + x.Text))
		add(links(x.Buttons))
	}
	add(more(s.More.Sections))
	add(links(s.Buttons))
	add(more(s.More.Buttons))
	add(s.Foot)
	return strings.Join(parts, "\n\n") + "\n"
}

// messageID names the mail of a delivery: the same each time it is sent.
func messageID(delivery, from string) string {
	local := rand.Text()
	if delivery != "" {
		local = digest(delivery)
	}
	_, domain, _ := strings.Cut(from, "@")
	return "schoolbel." + local + "@" + domain
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:16])
}

// identified writes the id of a mail as headers have it; what is none is left out.
func identified(id string) string {
	if _, err := addressOf(id); err != nil {
		return ""
	}
	return "<" + id + ">"
}

// words writes a text as headers have it, in lines of a length that all servers take.
func words(s string) string {
	return strings.ReplaceAll(mime.QEncoding.Encode("utf-8", s), "?= =?", "?=\r\n =?")
}

// clean takes away what is not seen but does something: control characters, and those
// that have no width or turn the direction of writing.
func clean(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD")))
}

// line is clean text on one line.
func line(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// cut keeps so many characters; what is left out shows as "…".
func cut(s string, most int) string {
	n := 0
	for i := range s {
		if n++; n == most {
			if rest := s[i:]; len([]rune(rest)) > 1 {
				return s[:i] + "…"
			}
			return s
		}
	}
	return s
}
