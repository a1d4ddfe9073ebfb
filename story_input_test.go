package main

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"schoolbel/adapters/slack/slackfake"
)

// Whoever cannot sign as Slack does is sent away, and leaves nothing: the very same
// event, signed well, is new afterwards.
func TestStoryOfAWrongSignature(t *testing.T) {
	stories(t, func(h *play) {
		body := slackEvent("Ev1", "U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang")
		sign := func(secret, stamp, signedBody string) answer {
			return h.call("POST", "/slack/events", string(body), "X-Slack-Request-Timestamp", stamp, "X-Slack-Signature", slackfake.Sign(secret, stamp, []byte(signedBody)))
		}
		now := strconv.FormatInt(time.Now().Unix(), 10)
		old := strconv.FormatInt(time.Now().Add(-6*time.Minute).Unix(), 10)
		early := strconv.FormatInt(time.Now().Add(6*time.Minute).Unix(), 10)
		sign("another secret", now, string(body)).asked("a wrong secret", 401, "signature")
		sign(slackfake.SigningSecret, now, string(body)+" ").asked("another body", 401, "signature")
		sign(slackfake.SigningSecret, old, string(body)).asked("an old signature", 401, "signature")
		sign(slackfake.SigningSecret, early, string(body)).asked("one of the future", 401, "signature")
		sign(slackfake.SigningSecret, "soon", string(body)).asked("no time", 401, "signature")
		h.call("POST", "/slack/events", string(body)).asked("no signature", 401, "signature")
		for _, route := range []string{"/slack/commands", "/slack/interactions"} {
			h.call("POST", route, "command=%2Fstoring&text=wifi&user_id=U0ANNA&trigger_id=1").asked(route, 401, "signature")
		}
		h.nothing("what nobody signed")
		if said := h.slack.Said("C0NOORD"); len(said) > 0 {
			h.Errorf("the bot said %s", said[0].Shown())
		}

		sign(slackfake.SigningSecret, now, string(body)).asked("the same, signed well", 200)
		h.sees("C0ICT", "INC-1")
	})
}

// What is no JSON, or not the JSON that is wanted, is refused at every door with
// words that help.
func TestStoryOfWordsThatAreNoJSON(t *testing.T) {
	stories(t, func(h *play) {
		for _, body := range []string{"", "{", "[]", "null", `"hello"`, `{"type":"event_callback","event":7}`, `{"type":"event_callback","event":{"type":"message","user":1}}`, "\xff\xfe", strings.Repeat("[", 100_000)} {
			r, err := h.slack.Request("/slack/events", "application/json", []byte(body))
			if err != nil {
				h.Fatal(err)
			}
			if got := h.send(r); got.status != 400 && (got.status != 200 || body != "null") {
				h.Errorf("Slack's %.40q was answered %d %s", body, got.status, got.body)
			}
		}
		for _, c := range []struct{ body, kind string }{{"payload=%7B", ""}, {"payload=", ""}, {"payload=%zz", ""}, {"", ""}} {
			r, err := h.slack.Request("/slack/interactions", "application/x-www-form-urlencoded", []byte(c.body))
			if err != nil {
				h.Fatal(err)
			}
			h.send(r).asked("the interaction "+c.body, 400, "cannot read")
		}
		h.token("POST", "/hooks/alertmanager", "{").asked("alertmanager", 422, `"invalid"`, "Dit is geen JSON")
		h.token("POST", "/hooks/alertmanager", "{}").asked("alertmanager without alerts", 422, "We verwachten een bericht van Alertmanager")
		h.token("POST", "/hooks/generic", "wifi is weg").asked("generic", 422, "Dit is geen JSON")
		h.token("POST", "/hooks/generic", "7").asked("generic, a number", 422, "We verwachten een object")
		h.token("POST", "/hooks/generic", "{").asked("generic, cut off", 422, "Dit is geen JSON")
		h.token("POST", "/hooks/generic", `{"id":"a","status":"firing"}`, "Accept-Language", "en").asked("generic without a title", 422, "title")
		h.token("POST", "/api/v1/commands", "").asked("the API, nothing", 400, "geen inhoud")
		h.token("POST", "/api/v1/commands", "{").asked("the API", 400, "Dit is geen JSON")
		h.token("POST", "/api/v1/commands", "[]").asked("the API, a list", 422, "één JSON-object")
		h.token("POST", "/api/v1/commands", "{", "Accept-Language", "en").asked("the API in English", 400, "not JSON")
		h.nothing("what is no JSON")
	})
}

// Without a key, or with a wrong one, a door tells what is missing and does nothing.
func TestStoryOfAWrongKey(t *testing.T) {
	stories(t, func(h *play) {
		alert := `{"id":"ap-1","title":"Wifi Noord is weg","status":"firing","service":"wifi","severity":"critical"}`
		for _, key := range []string{"", "Bearer", "Bearer ", "Bearer wrong", "Basic " + apiToken, apiToken, "Bearer " + apiToken + "x"} {
			for _, route := range []string{"POST /hooks/generic", "POST /hooks/alertmanager", "POST /api/v1/commands", "GET /api/v1/records", "GET /api/v1/records/INC-1"} {
				method, path, _ := strings.Cut(route, " ")
				got := h.call(method, path, alert, "Authorization", key)
				got.asked(route+" with the key "+key, 401, `"denied"`, "Authorization: Bearer")
				if got.header.Get("WWW-Authenticate") == "" {
					h.Errorf("%s does not say how to identify", route)
				}
			}
		}
		h.nothing("who has no key")
		h.token("POST", "/hooks/generic", alert).asked("the right key", 200, `"opened"`)
	})
}

func TestStoryOfAnAddressThatIsNone(t *testing.T) {
	stories(t, func(h *play) {
		for _, c := range []struct {
			method, path string
			status       int
			words        string
		}{
			{"GET", "/nope", 404, "not found"},
			{"GET", "/slack/events", 405, "Not Allowed"},
			{"GET", "/hooks/generic", 405, "Not Allowed"},
			{"POST", "/hooks/nagios", 404, "not found"},
			{"GET", "/api/v1/nope", 404, `"missing"`},
			{"GET", "/api/v2/records", 404, "openapi.json"},
			{"DELETE", "/api/v1/records/INC-1", 405, "GET"},
			{"GET", "/api/v1/commands", 405, "POST"},
			{"GET", "/..%2f..%2fetc/passwd", 404, "not found"},
			{"GET", "/status/" + strings.Repeat("x", 5000), 404, "not found"},
			{"GET", "/console", 404, "not found"}, // it is off beside Slack
		} {
			h.token(c.method, c.path, "").asked(c.method+" "+c.path[:min(len(c.path), 40)], c.status, c.words)
		}
		if got := h.call("GET", "/", ""); got.status != http.StatusSeeOther || got.header.Get("Location") != "/status" {
			h.Errorf("the front door leads with %d to %q", got.status, got.header.Get("Location"))
		}
	})
}

// A message of more than a megabyte is sent back; one that Slack lets through and
// that no field holds is refused in words. Nothing is stored of either.
func TestStoryOfAMegabyte(t *testing.T) {
	stories(t, func(h *play) {
		long := "wifi ligt eruit, hele gang " + strings.Repeat("a", 1<<20)
		told := h.slack.Message("U0ANNA", "C0NOORD", long)
		if told.Status != http.StatusRequestEntityTooLarge || !strings.Contains(string(told.Body), "too long") {
			h.Errorf("a megabyte was answered %d %s", told.Status, told.Body)
		}
		h.token("POST", "/hooks/generic", `{"id":"a","status":"firing","title":"`+long+`"}`).asked("a hook", 413, "MB")
		h.token("POST", "/api/v1/commands", `{"kind":"incident","do":"report","args":{"title":"`+long+`"}}`).asked("the API", 413, "MB")
		h.token("POST", "/api/v1/commands", `{"kind":"incident","do":"report","args":{"title":"`+long[:300]+`"}}`).asked("a long title", 422, "te lang", "200")
		h.nothing("what is too long")

		h.took(h.slack.Message("U0ANNA", "C0NOORD", long[:1_000_000]))
		h.sees("C0NOORD", "te lang", "40000")
		h.nothing("a text that no field holds")

		h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang"))
		h.sees("C0ICT", "INC-1")
	})
}

// A long text full of tricks makes an ordinary card: it calls nobody, turns no
// writing around, and is cut where Slack ends. All of it is kept.
func TestStoryOfAHostileText(t *testing.T) {
	const tricks = "wifi ligt eruit in lokaal 12 <!channel> <!everyone> @here <@U0NOOR> <https://evil.example|hier> *vet* `code` > citaat \u202Eesrever\u202C \u200F\u2066 &lt;!here&gt; \x00"
	stories(t, func(h *play) {
		text := tricks + "\n" + strings.Repeat("\u202Eaap <!channel> & noot ", 2000)
		text = string([]rune(text)[:40_000])
		h.took(h.slack.Message("U0ANNA", "C0NOORD", text))
		card := h.sees("C0ICT", "INC-1", "wifi ligt eruit", "…")
		h.sees("C0NOORD", "INC-1")
		h.took(h.slack.Press("U0NOOR", card, "Oppakken"))
		h.sees("C0ICT", "INC-1", "Mee bezig")
		h.idle()
		for _, room := range []string{"C0ICT", "C0NOORD", "U0ANNA", "U0NOOR"} {
			for _, m := range h.slack.Said(room) {
				shown := m.Shown()
				if called := m.Called(); len(called) > 0 {
					h.Errorf("a message in %s calls %v", room, called)
				}
				if strings.ContainsAny(m.Text+shown, "\u202E\u202C\u200F\u2066\x00") || strings.Contains(string(m.Blocks), `\u202e`) {
					h.Errorf("a message in %s turns the writing around", room)
				}
				if n := utf8.RuneCountInString(shown); n > 6000 {
					h.Errorf("a message in %s has %d characters", room, n)
				}
				if wrong := slackfake.Limits(m.Blocks, "message"); len(wrong) > 0 {
					h.Errorf("Slack would refuse: %v", wrong)
				}
			}
		}
		r := h.record("INC-1")
		if n := utf8.RuneCountInString(r.Field("description")); n < 30_000 || utf8.RuneCountInString(r.Title) > 120 {
			h.Errorf("kept were a title of %d and a text of %d characters", utf8.RuneCountInString(r.Title), n)
		}
	})
}

// What a button says is checked like anything else that comes from outside.
func TestStoryOfAStrangeButton(t *testing.T) {
	stories(t, func(h *play) {
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang"))
		card := h.sees("C0ICT", "INC-1", "Oppakken")
		h.idle()
		const room = "C0ICT"
		for value, words := range map[string]string{
			"INC-999 take":                        "INC-999 is er niet",
			"INC-1 dansen":                        "Ik ken “dansen” niet bij INC-1",
			"INC-1 report":                        "bestaat hier niet",
			"INC-1 remind":                        "mag je niet doen",
			"INC-1 resume":                        "kan niet nu INC-1 op “nieuw” staat",
			"INC-1 take priority=P1":              "hoort niet bij",
			"XYZ-1 take":                          "Deze knop ken ik niet",
			"een knop van vroeger":                "Deze knop ken ik niet",
			"schoolbel.answer service=wifi":       "Die vraag is verlopen",
			"schoolbel.answer rommel":             "Die vraag is verlopen",
			"schoolbel.onzin":                     "Deze knop ken ik niet",
			"wifi ligt eruit in het hele gebouw!": "Deze knop ken ik niet",
		} {
			before := len(h.slack.Said(room))
			h.took(h.slack.Press("U0NOOR", forged(h, card, value), "?"))
			h.idle()
			said := h.slack.Said(room)[before:]
			if len(said) != 1 || said[0].To != "U0NOOR" || !strings.Contains(said[0].Shown(), words) {
				h.Errorf("%q was answered %+v", value, said)
			}
		}
		h.idle()
		if all, r := h.records(), h.record("INC-1"); len(all) != 1 || r.State != "new" || r.Owner != "" {
			h.Errorf("strange buttons led to %d records and %+v", len(all), r)
		}
	})
}

// Who may not press a button is told why and who can, and that it was tried stands
// in the log.
func TestStoryOfAButtonThatIsNotYours(t *testing.T) {
	stories(t, func(h *play) {
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang"))
		card := h.sees("C0ICT", "INC-1", "Oppakken")
		h.idle()
		h.took(h.slack.Press("U0PETER", card, "Oppakken"))
		h.sees(h.slack.DM("U0PETER"), "“oppakken” mag je niet doen", "ICT", "Dit kunnen wel: Noor de Wit, Bram Smit, Sanne Jansen")
		h.took(h.slack.Message("U0FATIMA", "", "INC-1 take"))
		h.sees(h.slack.DM("U0FATIMA"), "Noor de Wit")
		h.idle()
		r := h.record("INC-1")
		if r.State != "new" || r.Owner != "" {
			h.Errorf("it went through: %s by %q", r.State, r.Owner)
		}
		tried := map[string]string{}
		for _, e := range h.log("INC-1") {
			if e.Action == "take" {
				tried[e.Actor] = e.Note
			}
		}
		if !strings.HasPrefix(tried["peter"], "denied") || !strings.HasPrefix(tried["fatima"], "denied") {
			h.Errorf("the log says of who tried: %v", tried)
		}
		if report, err := h.apps[0].store.Verify(h.Context(), nil); err != nil || len(report.Breaks) > 0 {
			h.Errorf("the chain of the log: %v %v", report, err)
		}
	})
}

// A button whose form would be for nothing opens none: the refusal comes at once.
func TestStoryOfAFormThatWouldBeRefused(t *testing.T) {
	stories(t, func(h *play) {
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang"))
		card := h.sees("C0ICT", "INC-1", "Oplossen")
		h.took(h.slack.Press("U0PETER", card, "Oplossen"))
		h.sees(h.slack.DM("U0PETER"), "“oplossen” mag je niet doen")
		h.took(h.slack.Press("U0NOOR", card, "Oplossen"))
		h.took(h.slack.Submit("U0NOOR", map[string]string{"solution": "stekker erin"}))
		h.sees("C0ICT", "INC-1", "Opgelost: stekker erin")
		h.took(h.slack.Press("U0BRAM", card, "Oplossen")) // he still looks at the old card
		h.sees("C0ICT", "oplossen kan niet nu INC-1 op “opgelost” staat")
		if len(h.slack.Views("U0PETER"))+len(h.slack.Views("U0BRAM")) > 0 {
			h.Error("a form stands open that can only be refused")
		}
	})
}
