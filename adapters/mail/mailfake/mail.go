package mailfake

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
)

// Mail is one that came.
type Mail struct {
	From, To string // of the envelope
	Header   mail.Header
	Subject  string // decoded
	Text     string
	HTML     string
	Links    []Link // in the order of the page
}

// Link is one of a mail.
type Link struct{ Label, URL string }

// Link finds the address behind a label, or "".
func (m Mail) Link(label string) string {
	for _, l := range m.Links {
		if l.Label == label {
			return l.URL
		}
	}
	return ""
}

var anchor = regexp.MustCompile(`<a href="([^"]*)"[^>]*>([^<]*)</a>`)

// read takes a mail apart, and says what is wrong with it.
func read(raw []byte) (Mail, error) {
	var m Mail
	if err := whole(raw); err != nil {
		return m, err
	}
	parsed, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return m, fmt.Errorf("read the mail: %w", err)
	}
	m.Header = parsed.Header
	for name, values := range m.Header {
		if len(values) > 1 {
			return m, fmt.Errorf("there are %d of %s", len(values), name)
		}
		for _, r := range values[0] {
			if r < ' ' || r > '~' {
				return m, fmt.Errorf("%s has the character %q", name, r)
			}
		}
	}
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return m, fmt.Errorf("the subject: %w", err)
	}
	for _, name := range []string{"From", "To"} {
		if _, err := m.Header.AddressList(name); err != nil {
			return m, fmt.Errorf("%s: %w", name, err)
		}
	}
	if _, err := m.Header.Date(); err != nil {
		return m, fmt.Errorf("the date: %w", err)
	}
	kind, more, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		return m, fmt.Errorf("it is %q: %w", kind, err)
	}
	parts := multipart.NewReader(parsed.Body, more["boundary"])
	for {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return m, fmt.Errorf("a part: %w", err)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			return m, fmt.Errorf("a part: %w", err)
		}
		clean := strings.ReplaceAll(string(text), "\r\n", "\n")
		if strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
			m.HTML = clean
		} else {
			m.Text = clean
		}
	}
	for _, found := range anchor.FindAllStringSubmatch(m.HTML, -1) {
		m.Links = append(m.Links, Link{Label: html.UnescapeString(found[2]), URL: html.UnescapeString(found[1])})
	}
	return m, nil
}
