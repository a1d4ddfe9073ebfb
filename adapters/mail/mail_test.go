package mail_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"

	"schoolbel/adapters"
	"schoolbel/adapters/adaptertest"
	"schoolbel/adapters/mail"
	"schoolbel/adapters/mail/mailfake"
)

func (h house) sends(t *testing.T, address string, c adapters.Card) (adapters.Receipt, error) {
	t.Helper()
	return h.Send(t.Context(), adapters.Place{Adapter: mail.Name, Channel: address}, c)
}

// whyOf is the verdict of a failure, and how far it reaches.
func whyOf(t *testing.T, err error) (adapters.Why, string) {
	t.Helper()
	var f *adapters.Failure
	if err == nil {
		return "", ""
	}
	if !errors.As(err, &f) {
		t.Fatalf("got %v, want a *Failure", err)
	}
	return f.Why, f.Scope
}

func card() adapters.Card {
	return adapters.Card{Title: "INC-1 · Wifi weg", Text: "Noor kijkt ernaar.", Ref: "INC-1", Delivery: "news:INC-1:1:anna"}
}

// Each answer of a server is one verdict; see RFC 3463 for the details.
func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		step string
		err  error
		want adapters.Why
	}{
		{mailfake.From, mailfake.Says(451, [3]int{4, 3, 0}, "later"), adapters.Retry},
		{mailfake.From, mailfake.Says(421, [3]int{4, 7, 0}, "too many connections"), adapters.TooFast},
		{mailfake.From, mailfake.Says(553, [3]int{5, 7, 1}, "you may not write from there"), adapters.Locked}, // and all mail waits
		{mailfake.To, mailfake.Says(450, [3]int{4, 2, 1}, "mailbox busy"), adapters.Retry},
		{mailfake.To, mailfake.Says(451, [3]int{4, 7, 1}, "greylisted"), adapters.TooFast},
		{mailfake.To, mailfake.Says(452, [3]int{4, 5, 3}, "too many recipients"), adapters.TooFast},
		{mailfake.To, mailfake.Says(550, [3]int{5, 1, 1}, "no such user"), adapters.Gone},
		{mailfake.To, mailfake.Says(550, [3]int{-1, -1, -1}, "no such user"), adapters.Gone},
		{mailfake.To, mailfake.Says(550, [3]int{5, 1, 10}, "null MX"), adapters.Gone},
		{mailfake.To, mailfake.Says(550, [3]int{5, 2, 1}, "mailbox disabled"), adapters.Gone},
		{mailfake.To, mailfake.Says(550, [3]int{5, 7, 1}, "relaying denied"), adapters.Refused},
		{mailfake.To, mailfake.Says(552, [3]int{5, 2, 2}, "mailbox full"), adapters.Refused},
		{mailfake.To, mailfake.ErrCut, adapters.Retry},
		{mailfake.Data, mailfake.Says(554, [3]int{5, 7, 1}, "spam"), adapters.Refused},
		{mailfake.Data, mailfake.Says(451, [3]int{4, 3, 0}, "disk full"), adapters.Retry},
		{mailfake.Data, mailfake.ErrLost, adapters.Ambiguous},
		{mailfake.Login, mailfake.Says(454, [3]int{4, 7, 0}, "later"), adapters.TooFast},
		{mailfake.Login, mailfake.Says(535, [3]int{5, 7, 8}, "wrong user or password"), adapters.Locked},
	} {
		t.Run(fmt.Sprint(c.step, " ", c.err), func(t *testing.T) {
			h := open(t)
			h.server.Fault(func(step, _ string) error {
				if step == c.step {
					return c.err
				}
				return nil
			})
			_, err := h.sends(t, anna, card())
			if why, _ := whyOf(t, err); why != c.want {
				t.Errorf("the verdict is %s (%v), want %s", why, err, c.want)
			}
		})
	}
}

// A mail of which nobody knows whether it arrived is sent again under the same name.
func TestAMailThatArrivesTwiceIsOne(t *testing.T) {
	h := open(t)
	lost := true
	h.server.Fault(func(step, _ string) error {
		if step == mailfake.Data && lost {
			lost = false
			return mailfake.ErrLost
		}
		return nil
	})
	_, _ = h.sends(t, anna, card())
	r, err := h.sends(t, anna, card())
	if err != nil {
		t.Fatal(err)
	}
	got := h.server.Mails(anna)
	if len(got) != 2 || got[0].Header.Get("Message-Id") != got[1].Header.Get("Message-Id") || got[1].Header.Get("Message-Id") != "<"+string(r)+">" {
		t.Errorf("there are %d mails: %v", len(got), got)
	}
	if _, err := h.sends(t, noor, adapters.Card{Text: "iets anders", Delivery: "another"}); err != nil || h.server.Mails(noor)[0].Header.Get("Message-Id") == "<"+string(r)+">" {
		t.Errorf("another mail has the same name, %v", err)
	}
}

// The mails of one record to one person stand in one row, over a restart.
func TestMailsOfARecordStandTogether(t *testing.T) {
	h := open(t)
	say := func(to, ref, delivery string) mailfake.Mail {
		t.Helper()
		if _, err := h.sends(t, to, adapters.Card{Text: "nieuws", Ref: ref, Delivery: delivery}); err != nil {
			t.Fatal(err)
		}
		all := h.server.Mails(to)
		return all[len(all)-1]
	}
	first := say(anna, "INC-1", "a").Header.Get("Message-Id")
	h.Mail = reopen(t, h)
	for _, delivery := range []string{"b", "c"} {
		next := say(anna, "INC-1", delivery)
		if next.Header.Get("In-Reply-To") != first || next.Header.Get("References") != first {
			t.Errorf("%s answers %q and refers to %q, not to %q", delivery, next.Header.Get("In-Reply-To"), next.Header.Get("References"), first)
		}
	}
	for _, m := range []mailfake.Mail{say(anna, "INC-2", "d"), say(noor, "INC-1", "e"), say(anna, "INC-1", "a")} {
		if m.Header.Get("In-Reply-To") != "" {
			t.Errorf("%s of %s answers %q", m.Header.Get("Message-Id"), m.Header.Get("X-Schoolbel-Ref"), m.Header.Get("In-Reply-To"))
		}
	}
}

// reopen is the same house after a restart.
func reopen(t *testing.T, h house) *mail.Mail {
	t.Helper()
	m, err := mail.New(section(t, map[string]string{"smtp_url": h.server.URL(), "from": "schoolbel@delinde.example"}), adapters.Kit{Memory: h.memory})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Nothing that anybody wrote becomes a header, another address or a link.
func TestNothingGetsOut(t *testing.T) {
	h := open(t)
	evil := "wifi\r\nBcc: kwaad@elders.example\r\n\r\n<img src=x onerror=alert(1)>\x00"
	c := adapters.Card{Title: evil, Text: evil, Ref: "INC-1" + evil, Delivery: evil, Foot: evil, Buttons: []adapters.Button{
		{Label: evil, URL: "javascript:alert(1)"}, {Label: evil, Link: "data:text/html,x"}, {Label: "zonder"}, {Label: `"><b>goed`, Link: `https://bel.delinde.example/go/x"onclick=y`},
	}}
	if _, err := h.sends(t, anna, c); err != nil {
		t.Fatal(err)
	}
	all := h.server.Mails("")
	if len(all) != 1 || all[0].To != anna || all[0].Header.Get("Bcc") != "" {
		t.Fatalf("there are %d mails: %+v", len(all), all)
	}
	if m := all[0]; strings.Contains(m.HTML, "<img") || strings.Contains(m.HTML, "javascript:") || strings.Contains(m.HTML, "<b>") || len(m.Links) != 1 || strings.Contains(m.HTML, `"onclick`) {
		t.Errorf("the page has something of theirs: %+v\n%s", m.Links, m.HTML)
	}
	for _, address := range []string{"", "x", "a@b\r\nRCPT TO:<c@d>", "<a@b.example>", "Anna <a@b.example>", "a@b.example,c@d.example", "juf@schöol.example", `"a b"@c.example`, strings.Repeat("a", 300) + "@b.example"} {
		_, err := h.sends(t, address, card())
		if why, _ := whyOf(t, err); why != adapters.Gone {
			t.Errorf("%q: %v", address, err)
		}
	}
	if n := len(h.server.Mails("")); n != 1 {
		t.Errorf("%d mails left", n)
	}
}

// What a mail says of itself: from a program, about what, and without any tracking.
func TestTheLetter(t *testing.T) {
	h := open(t)
	c := card()
	c.Text, c.Title = "Het werkt weer 😀, één regel.\nNog een.", ""
	c.Buttons = []adapters.Button{{Label: "Ja, het werkt", Link: "https://bel.delinde.example/go/abc?x=1&y=2", Style: adapters.Primary}}
	if _, err := h.sends(t, anna, c); err != nil {
		t.Fatal(err)
	}
	m := h.server.Mails(anna)[0]
	if m.Subject != "INC-1 · Het werkt weer 😀, één regel." || m.Header.Get("Auto-Submitted") != "auto-generated" || !strings.Contains(m.Header.Get("From"), "Schoolbel De Linde") {
		t.Errorf("it begins with %q %v", m.Subject, m.Header)
	}
	if m.Link("Ja, het werkt") != c.Buttons[0].Link || !strings.Contains(m.Text, "Ja, het werkt:\n"+c.Buttons[0].Link+"\n") {
		t.Errorf("the links are %+v in\n%s", m.Links, m.Text)
	}
	if strings.Contains(m.HTML, "<img") || strings.Contains(m.HTML, "<script") || strings.Contains(m.HTML, "@import") || !strings.Contains(m.HTML, "regel.<br>Nog een.") {
		t.Errorf("the page is\n%s", m.HTML)
	}
	if h.server.Secured() != 0 {
		t.Error("on loopback nothing is encrypted")
	}
	if file := os.Getenv("SCHOOLBEL_LETTER"); file != "" {
		if err := os.WriteFile(file, []byte(m.HTML), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// far is a house whose mail server is not on loopback, as far as the adapter knows.
func far(t *testing.T, server *mailfake.Server, keys map[string]string, trust bool) *mail.Mail {
	t.Helper()
	all := map[string]string{"smtp_url": "smtp://" + mailfake.User + ":p%40ss%2Fword@" + mailfake.Host, "from": "schoolbel@delinde.example"}
	for k, v := range keys {
		all[k] = v
	}
	m, err := mail.New(section(t, all), adapters.Kit{Memory: &adaptertest.Memory{}})
	if err != nil {
		t.Fatal(err)
	}
	m.At(server.Address(), nil)
	if trust {
		m.At(server.Address(), server.Roots())
	}
	return m
}

// Mail leaves encrypted, to the server whose name the certificate has, or not at all.
func TestEncryption(t *testing.T) {
	secure, plain := mailfake.New(), mailfake.NewPlain()
	defer secure.Close()
	defer plain.Close()
	front, err := tls.Listen("tcp", "127.0.0.1:0", secure.TLS())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = front.Close() }()
	go func() { // a server that is encrypted from the first byte: ours behind a line
		for {
			c, err := front.Accept()
			if err != nil {
				return
			}
			go pipe(c, secure.Address())
		}
	}()
	smtps := map[string]string{"smtp_url": "smtps://" + mailfake.User + ":p%40ss%2Fword@" + mailfake.Host}
	for _, c := range []struct {
		name   string
		server *mailfake.Server
		at     string
		keys   map[string]string
		trust  bool
		left   bool
		said   string
	}{
		{"STARTTLS", secure, "", nil, true, true, ""},
		{"a certificate of nobody we know", secure, "", nil, false, false, "certificate"},
		{"another name", secure, "", map[string]string{"smtp_url": "smtp://u:p@elders.example"}, true, false, "elders.example"},
		{"no STARTTLS", plain, "", nil, true, false, "cannot be encrypted, so nothing was sent"},
		{"no STARTTLS, and that is fine", plain, "", map[string]string{"insecure": "true"}, true, true, ""},
		{"smtps", secure, front.Addr().String(), smtps, true, true, ""},
		{"smtps where it is not spoken", plain, "", smtps, true, false, "port 465"},
		{"nobody there", secure, "127.0.0.1:1", nil, true, false, "cannot be reached"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := far(t, c.server, c.keys, c.trust)
			if c.at != "" {
				m.At(c.at, c.server.Roots())
			}
			before, tlsBefore := len(c.server.Mails("")), c.server.Secured()
			_, err := m.Send(t.Context(), adapters.Place{Adapter: mail.Name, Channel: anna}, card())
			why, scope := whyOf(t, err)
			if left := len(c.server.Mails("")) > before; left != c.left || left != (err == nil) {
				t.Fatalf("it left: %v, %v", left, err)
			}
			ready := mail.Plug.Ready(m)
			if c.left {
				if ready != nil {
					t.Errorf("it is not ready: %v", ready)
				}
				if c.name == "STARTTLS" && c.server.Secured() == tlsBefore {
					t.Error("it was not encrypted")
				}
				return
			}
			if why != adapters.Locked || scope != "account" || !strings.Contains(err.Error(), c.said) {
				t.Errorf("it waits as %s %s: %v", why, scope, err)
			}
			if ready == nil || !strings.Contains(ready.Error(), c.said) {
				t.Errorf("the operator hears %v", ready)
			}
			if wrong := m.Check(t.Context()); len(wrong) != 1 || !strings.Contains(wrong[0].Error(), "smtp_url") {
				t.Errorf("check says %v", wrong)
			}
		})
	}
}

func pipe(c net.Conn, address string) {
	defer func() { _ = c.Close() }()
	to, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer func() { _ = to.Close() }()
	done := make(chan struct{}, 2)
	copy := func(to, from net.Conn) {
		buffer := make([]byte, 4096)
		for {
			n, err := from.Read(buffer)
			if _, werr := to.Write(buffer[:n]); err != nil || werr != nil {
				break
			}
		}
		done <- struct{}{}
	}
	go copy(to, c)
	go copy(c, to)
	<-done
}

// A password that is wrong keeps all mail waiting, and Ready says so until it is right.
func TestAWrongPassword(t *testing.T) {
	h := open(t)
	var said bytes.Buffer
	h.SetLog(slog.New(slog.NewTextHandler(&said, nil)))
	locked := true
	h.server.Fault(func(step, _ string) error {
		if step == mailfake.Login && locked {
			return mailfake.Says(535, [3]int{5, 7, 8}, "wrong user or password")
		}
		return nil
	})
	for range 3 {
		_, err := h.sends(t, anna, card())
		if why, scope := whyOf(t, err); why != adapters.Locked || scope != "account" || !strings.Contains(err.Error(), "adapters.mail.smtp_url") {
			t.Errorf("it is %s %s", why, scope)
		}
	}
	if said.Len() > 0 { // who calls tells the operator, once
		t.Errorf("the adapter tells it by itself: %s", &said)
	}
	if err := mail.Plug.Ready(h.Mail); err == nil || !strings.Contains(err.Error(), "does not let us in") || strings.Contains(err.Error(), mailfake.Password) {
		t.Errorf("the operator hears %v", err)
	}
	if wrong := h.Check(t.Context()); len(wrong) != 1 || !strings.Contains(wrong[0].Error(), "535") {
		t.Errorf("check says %v", wrong)
	}
	locked = false
	if wrong := h.Check(t.Context()); len(wrong) > 0 {
		t.Errorf("check says %v", wrong)
	}
	if _, err := h.sends(t, anna, card()); err != nil || mail.Plug.Ready(h.Mail) != nil {
		t.Errorf("it is right now, and still %v, %v", err, mail.Plug.Ready(h.Mail))
	}
	if n := len(h.server.Mails("")); n != 1 {
		t.Errorf("check sent %d mails", n-1)
	}
}
