package main

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"schoolbel/adapters/mail/mailfake"
	"schoolbel/adapters/slack/slackfake"
	"schoolbel/workflows"
)

const (
	annasMail = "a.visser@delinde.example"
	elsesMail = "e.vandijk@delinde.example"
	petersBox = "p.willems@delinde.example"
)

// posted is a play with a mail server beside Slack.
type posted struct {
	*timed
	mail *mailfake.Server
}

// letters plays a story on both databases: peter has no account anywhere, Noord's
// teachers have an address for when their room cannot be reached, and Zuid has only one.
func letters(t *testing.T, begin string, story func(*posted)) {
	t.Helper()
	both(t, func(t *testing.T, database string, processes int) {
		text, err := os.ReadFile("config/school.example.yaml")
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.NewReplacer(
			`places: ["slack:C0NOORD"]`, `places: ["slack:C0NOORD"], mail: [docenten@noord.example]`,
			`places: ["slack:C0ZUID"]`, `places: ["mail:docenten@zuid.example"]`,
			`,  accounts: {slack: U0PETER, teams: aad-peter, matrix: "@peter:localhost"}`, ``,
		).Replace(string(text))
		file := filepath.Join(t.TempDir(), "school.yaml")
		if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		server := mailfake.New()
		t.Cleanup(server.Close)
		c := &hands{at: local(t, begin)}
		h := buildWith(t, database, processes, Options{Now: c.now}, "SCHOOLBEL_SCHOOL="+file,
			"SCHOOLBEL_ADAPTERS_MAIL_SMTP_URL="+server.URL(), "SCHOOLBEL_ADAPTERS_MAIL_FROM=Schoolbel <schoolbel@delinde.example>")
		story(&posted{&timed{h, c}, server})
	})
}

// gets waits for a mail to somebody that shows these words.
func (h *posted) gets(to string, words ...string) mailfake.Mail {
	h.Helper()
	var found mailfake.Mail
	ctx, cancel := context.WithTimeout(h.Context(), 30*time.Second)
	defer cancel()
	err := h.mail.Wait(ctx, func() bool {
		for _, m := range h.mail.Mails(to) {
			if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(m.Subject+"\n"+m.Text, w) }) {
				found = m
				return true
			}
		}
		return false
	})
	if err != nil {
		for _, m := range h.mail.Mails("") {
			h.Logf("to %s: %s\n%s", m.To, m.Subject, m.Text)
		}
		h.Fatalf("%s gets no mail with %q", to, words)
	}
	return found
}

// mails checks how many mails somebody has.
func (h *posted) mails(to string, want int) {
	h.Helper()
	h.idle()
	if got := h.mail.Mails(to); len(got) != want {
		for _, m := range got {
			h.Logf("to %s: %s\n%s", m.To, m.Subject, m.Text)
		}
		h.Errorf("at %s %q has %d mails, not %d", h.clock.now().Format(time.DateTime), to, len(got), want)
	}
}

// opens asks the page behind a link; presses sends it.
func (h *posted) opens(link string) answer { h.Helper(); return h.follow("GET", link, nil) }

func (h *posted) presses(link string) answer { h.Helper(); return h.follow("POST", link, url.Values{}) }

func (h *posted) follow(method, link string, form url.Values) answer {
	h.Helper()
	u, err := url.Parse(link)
	if err != nil || u.Path == "" {
		h.Fatalf("%q is no link", link)
	}
	return h.call(method, u.Path, form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

// down lets Slack answer nothing, or everything again.
func (h *posted) down(is bool) {
	h.slack.Fault(func(string, int) *slackfake.Trouble {
		if is {
			return &slackfake.Trouble{Status: 503}
		}
		return nil
	})
}

// A room that is gone: its reporter hears by mail, and answers by the link in it.
func TestStoryOfALetter(t *testing.T) {
	letters(t, "2026-11-23 09:00:00", func(h *posted) {
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang"))
		h.sees("C0NOORD", "INC-1", "Klopt dit?")
		h.took(h.slack.Press("U0NOOR", h.sees("C0ICT", "INC-1", "Oppakken"), "Oppakken"))
		h.sees("C0NOORD", "Noor de Wit is ermee bezig")
		h.mails("", 0)
		h.slack.Archive("C0NOORD")
		private := h.slack.DM("U0ANNA")
		h.slack.FaultIn(func(method, where string) *slackfake.Trouble { // and Anna has blocked the bot
			if method == "chat.postMessage" && (where == private || where == "U0ANNA") {
				return &slackfake.Trouble{Error: "messages_tab_disabled"}
			}
			return nil
		})
		h.took(h.slack.Press("U0NOOR", h.sees("C0ICT", "INC-1", "Mee bezig"), "Oplossen"))
		h.took(h.slack.Submit("U0NOOR", map[string]string{"solution": "Kabel van de switch vervangen"}))

		m := h.gets(annasMail, "INC-1 · wifi ligt eruit, hele gang", "INC-1 is opgelost: Kabel van de switch vervangen", "Werkt het bij jou weer?", "Een antwoord leest niemand")
		h.gets("docenten@noord.example", "INC-1 is opgelost") // what their room would have heard
		h.mails(annasMail, 1)
		yes, no := m.Link("Ja, het werkt"), m.Link("Nee, nog niet")
		if yes == "" || no == "" {
			h.Fatalf("the links are %+v", m.Links)
		}
		before := len(h.log("INC-1"))
		for range 2 { // a scanner looks at all links
			h.opens(yes).asked("a look", 200, "Wil je dit doen?", "Ja, het werkt", "INC-1 · wifi ligt eruit, hele gang", "Je doet dit als Anna Visser")
			h.opens(no).asked("a look", 200)
		}
		h.idle()
		if n := len(h.log("INC-1")); n != before || h.record("INC-1").State != "resolved" {
			h.Fatalf("looking did something: %d lines, %s", n-before, h.record("INC-1").State)
		}
		h.presses(yes).asked("the press", 200, "Gedaan")
		h.sees("C0ICT", "INC-1", "Gesloten")
		h.idle()
		log := h.log("INC-1")
		var confirmed int
		for _, e := range log {
			if e.Action == "confirm" {
				confirmed++
				if e.Actor != "anna" || e.Via != "mail" || e.Name != "Anna Visser" {
					h.Errorf("it was %s (%s) by %s", e.Actor, e.Name, e.Via)
				}
			}
		}
		if confirmed != 1 {
			h.Errorf("it was confirmed %d times", confirmed)
		}
		h.presses(yes).asked("once more", 410, "al gebruikt")
		h.restart()
		h.presses(yes).asked("after a restart", 410, "al gebruikt")
		h.opens(no).asked("the other", 200) // it still asks, and the record says what it is worth
		h.until("2026-11-26 09:30:00")
		h.opens(no).asked("late", 410, "verlopen")
	})
}

// Slack is down: after a quarter of an hour, and not before, people hear by mail, once
// each; when Slack is back they read it there, and nobody gets it twice.
func TestStoryOfAChatThatIsDown(t *testing.T) {
	letters(t, "2026-11-23 09:00:00", func(h *posted) {
		h.down(true)
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang"))
		h.idle()
		h.token("POST", "/api/v1/commands", `{"ref":"INC-1","do":"take","as":"noor"}`).asked("take", 200)
		h.until("2026-11-23 09:05:00")
		h.token("POST", "/api/v1/commands", `{"ref":"INC-1","do":"workaround","args":{"workaround":"Deel internet via je telefoon"},"as":"noor"}`).asked("a workaround", 200)
		h.until("2026-11-23 09:14:59")
		h.mails("", 0)
		h.restart()
		h.until("2026-11-23 09:15:10")
		h.gets(annasMail, "Noor de Wit is ermee bezig")
		h.gets("docenten@noord.example", "INC-1 · wifi ligt eruit, hele gang", "Mee bezig")
		h.mails(annasMail, 1)
		h.until("2026-11-23 09:20:10")
		first, second := h.gets(annasMail, "ermee bezig"), h.gets(annasMail, "Deel internet")
		if second.Header.Get("In-Reply-To") != first.Header.Get("Message-Id") {
			h.Errorf("the second answers %q", second.Header.Get("In-Reply-To"))
		}
		if room := h.mail.Mails("docenten@noord.example")[0]; len(room.Links) > 0 {
			h.Errorf("everybody in a room can press %+v", room.Links)
		}
		h.until("2026-11-23 09:40:00") // by now most is given up
		h.mails(annasMail, 2)
		h.down(false)
		h.until("2026-11-23 10:30:00")
		h.token("POST", "/api/v1/commands", `{"ref":"INC-1","do":"resolve","args":{"solution":"kabel"},"as":"noor"}`).asked("resolve", 200)
		h.sees("C0NOORD", "INC-1 is opgelost: kabel")
		h.mails(annasMail, 2)
		h.mails("docenten@noord.example", 1)
	})
}

// What is sensitive is never in a mail, nor on the page behind its link.
func TestStoryOfASecretByMail(t *testing.T) {
	letters(t, "2026-11-23 09:00:00", func(h *posted) {
		h.down(true)
		h.took(h.slack.Message("U0ANNA", "C0NOORD", secretText))
		h.until("2026-11-23 09:15:10")
		m := h.gets(elsesMail, "INC-1 · vertrouwelijk", "Er is vertrouwelijk nieuws over INC-1")
		link := m.Link("Stuur het me in de chat")
		pages := h.opens(link).body
		h.opens(link).asked("a look", 200, "Je doet dit als Els van Dijk")
		pressed := h.presses(link)
		pressed.asked("the press", 200, "INC-1 is vertrouwelijk. Ik stuur het je in de chat")
		take := m.Link("Oppakken")
		pages += pressed.body + h.opens(take).body + h.presses(take).body
		h.idle()
		if r := h.record("INC-1"); r.Owner != "els" {
			h.Errorf("%q took it", r.Owner)
		}
		h.until("2026-11-23 10:40:00")
		for _, m := range h.mail.Mails("") {
			pages += m.Subject + m.Text + m.HTML
			if m.To == "docenten@noord.example" {
				h.Errorf("a room hears of it: %s", m.Text)
			}
		}
		for word := range strings.FieldsSeq(secretWords) {
			if word != "3b" && strings.Contains(pages, word) { // that stands in any token
				h.Errorf("%q is to be read outside of the chat: %s", word, pages)
			}
		}
		h.down(false)
		h.until("2026-11-23 11:30:00")
		h.sees("U0ELS", "INC-1 · per ongeluk")
	})
}

// Who has no account in any chat hears at once by mail; and so does a place that is
// only an address, once for each thing, without links.
func TestStoryOfSomebodyWithoutChat(t *testing.T) {
	letters(t, "2026-11-23 09:00:00", func(h *posted) {
		h.token("POST", "/api/v1/commands", `{"kind":"incident","do":"report","as":"peter","args":{"title":"Wifi weg in heel Zuid","service":"wifi","location":"zuid","impact":"large","urgency":"high"}}`).asked("a report", 200, `"INC-1"`)
		h.gets(petersBox, "INC-1 · Wifi weg in heel Zuid", "Dank je, Peter")
		h.gets("docenten@zuid.example", "INC-1 · Wifi weg in heel Zuid")
		h.took(h.slack.Press("U0NOOR", h.sees("C0ICT", "INC-1", "Oppakken"), "Oppakken"))
		h.gets(petersBox, "Noor de Wit is ermee bezig")
		h.token("POST", "/api/v1/commands", `{"ref":"INC-1","do":"resolve","args":{"solution":"kabel"},"as":"noor"}`).asked("resolve", 200)
		no := h.gets(petersBox, "Werkt het bij jou weer?").Link("Nee, nog niet")
		h.gets("docenten@zuid.example", "INC-1 is opgelost")
		h.mails("docenten@zuid.example", 2)
		h.mails(petersBox, 3)
		for _, m := range h.mail.Mails("docenten@zuid.example") {
			if len(m.Links) > 0 {
				h.Errorf("everybody there can press %+v", m.Links)
			}
		}
		h.presses(no).asked("it does not work yet", 200, "Gedaan")
		h.idle()
		r := h.record("INC-1")
		log := h.log("INC-1")
		if last := log[len(log)-1]; r.State != "in_progress" || last.Actor != "peter" || last.Via != "mail" {
			h.Errorf("it is %s by %s", r.State, last.Actor)
		}
		// He is not greeted as a stranger, and heard of in the mail as before.
		h.token("POST", "/api/v1/commands", `{"ref":"INC-1","do":"workaround","args":{"workaround":"vaste lijn"},"as":"noor"}`).asked("a workaround", 200)
		h.gets(petersBox, "vaste lijn")
		for _, m := range h.mail.Mails(petersBox) {
			if strings.Contains(m.Text, "welkom") || strings.Contains(m.Text, "Hallo") {
				h.Errorf("he is greeted: %s", m.Text)
			}
		}
	})
}

// A form behind a link: more is asked on the page, and it is sent as that person.
func TestStoryOfAFormByMail(t *testing.T) {
	letters(t, "2026-11-23 09:00:00", func(h *posted) {
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang"))
		h.sees("C0ICT", "INC-1")
		h.token("POST", "/api/v1/commands", `{"ref":"INC-1","do":"take","as":"noor"}`).asked("take", 200)
		h.idle()
		h.down(true)
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "de wifi werkt weer")) // she asks Noor whether it is solved
		h.until("2026-11-23 09:15:10")
		link := h.gets("n.dewit@delinde.example", "INC-1").Link("Oplossen")
		shown := h.presses(link)
		shown.asked("a form", 200, "INC-1 oplossen", "verplicht")
		sealed := between(shown.body, `name="form" value="`, `"`)
		h.follow("POST", link, url.Values{"form": {sealed}, "in.solution": {" "}}).asked("nothing filled in", 422, "Vul dit nog in")
		h.follow("POST", link, url.Values{"form": {sealed}, "in.solution": {"Kabel vervangen"}}).asked("filled in", 200, "Gedaan")
		h.follow("POST", link, url.Values{"form": {sealed}, "in.solution": {"Iets anders"}}).asked("twice", 410)
		h.idle()
		log := h.log("INC-1")
		i := slices.IndexFunc(log, func(e workflows.Entry) bool { return e.Action == "resolve" })
		if r := h.record("INC-1"); i < 0 || log[i].Actor != "noor" || log[i].Via != "mail" || r.Field("solution") != "Kabel vervangen" {
			h.Errorf("it is %s with %v", r.State, r.Fields)
		}
	})
}

func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}

// Mail is no chat: while the only chat is shut we are not ready, also when mail leaves;
// and when mail does not leave, chat goes on.
func TestStoryOfAShutDoorBesideMail(t *testing.T) {
	letters(t, "2026-11-23 09:00:00", func(h *posted) {
		for len(h.apps) > 1 { // one process, which hears of all that goes wrong
			h.stops[1]()
		}
		h.slack.Target("http://" + h.apps[0].listener.Addr().String())
		h.slack.Fault(func(string, int) *slackfake.Trouble { return &slackfake.Trouble{Error: "token_revoked"} })
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang"))
		h.until("2026-11-23 09:15:10")
		h.gets("docenten@noord.example", "INC-1 · wifi ligt eruit, hele gang")
		h.call("GET", "/readyz", "").asked("mail alone", 503, `"slack":"not ready: `, "install the app again in Slack", `"mail":"ok"`)
		h.slack.Fault(nil)
		h.until("2026-11-23 09:17:00")
		h.sees("C0ICT", "INC-1")
		h.call("GET", "/readyz", "").asked("mended", 200, `"slack":"ok"`, `"mail":"ok"`)
		h.mail.Fault(func(step, _ string) error {
			if step == mailfake.Login {
				return mailfake.Says(535, [3]int{5, 7, 8}, "wrong user or password")
			}
			return nil
		})
		h.token("POST", "/api/v1/commands", `{"kind":"incident","do":"report","as":"peter","args":{"title":"Beamer kapot"}}`).asked("a report", 200)
		h.idle()
		h.call("GET", "/readyz", "").asked("chat alone", 200, `"slack":"ok"`, `"mail":"ok, but: `, "adapters.mail.smtp_url")
	})
}
