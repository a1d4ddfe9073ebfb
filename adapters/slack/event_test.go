package slack

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"schoolbel/adapters"
)

// told wraps an event as Slack does.
func told(event string) []byte {
	return []byte(`{"type":"event_callback","event_id":"Ev1","event_time":1800000000,"authorizations":[{"user_id":"U0BOT","is_bot":true}],"event":` + event + `}`)
}

func TestWhatPeopleSay(t *testing.T) {
	at := time.Unix(1800000000, 100_000)
	c0ict := adapters.Place{Adapter: "slack", Channel: "C0ICT"}
	anna := adapters.User{ID: "U0ANNA"}
	for name, try := range map[string]struct {
		event string
		want  adapters.Event
	}{
		"plain": {
			`{"type":"message","channel":"C0ICT","user":"U0ANNA","text":"a &lt;b&gt; &amp;amp; <http://x.nl|x.nl> <http://y.nl> <@U0NOOR|noor> <#C1|ict> <!here> <!subteam^S1|@team> <mailto:a@b.nl|a@b.nl>","ts":"1800000000.000100"}`,
			adapters.Event{ID: "slack:msg:C0ICT:1800000000.000100", Kind: adapters.Message, Place: c0ict, User: anna, Text: "a <b> &amp; x.nl http://y.nl @U0NOOR #ict @here @team a@b.nl", Message: "1800000000.000100", At: at},
		},
		"mention": {
			`{"type":"app_mention","channel":"C0ICT","user":"U0ANNA","text":"<@U0BOT>: wifi stuk","ts":"1800000000.000100"}`,
			adapters.Event{ID: "slack:msg:C0ICT:1800000000.000100", Kind: adapters.Mention, Place: c0ict, User: anna, Text: "wifi stuk", Message: "1800000000.000100", At: at},
		},
		"mention as message": {
			`{"type":"message","channel":"C0ICT","user":"U0ANNA","text":"<@U0BOT>: wifi stuk","ts":"1800000000.000100"}`,
			adapters.Event{ID: "slack:msg:C0ICT:1800000000.000100", Kind: adapters.Mention, Place: c0ict, User: anna, Text: "wifi stuk", Message: "1800000000.000100", At: at},
		},
		"direct": {
			`{"type":"message","channel":"D0ANNA","channel_type":"im","user":"U0ANNA","text":"hoi","ts":"1800000000.000100"}`,
			adapters.Event{ID: "slack:msg:D0ANNA:1800000000.000100", Kind: adapters.Message, Place: adapters.Place{Adapter: "slack", Channel: "D0ANNA"}, User: anna, Direct: true, Text: "hoi", Message: "1800000000.000100", At: at},
		},
		"answer": {
			`{"type":"message","subtype":"thread_broadcast","channel":"C0ICT","user":"U0ANNA","text":"ook hier","ts":"1800000000.000100","thread_ts":"1799999999.000000"}`,
			adapters.Event{ID: "slack:msg:C0ICT:1800000000.000100", Kind: adapters.Message, Place: adapters.Place{Adapter: "slack", Channel: "C0ICT", Thread: "1799999999.000000"}, User: anna, Text: "ook hier", Message: "1800000000.000100", At: at},
		},
		"first of a thread": {
			`{"type":"message","channel":"C0ICT","user":"U0ANNA","text":"begin","ts":"1800000000.000100","thread_ts":"1800000000.000100"}`,
			adapters.Event{ID: "slack:msg:C0ICT:1800000000.000100", Kind: adapters.Message, Place: c0ict, User: anna, Text: "begin", Message: "1800000000.000100", At: at},
		},
		"changed": {
			`{"type":"message","subtype":"message_changed","channel":"C0ICT","ts":"1800000009.000000","message":{"user":"U0ANNA","text":"nieuw","ts":"1800000000.000100","edited":{"ts":"1800000008.000000"}},"previous_message":{"text":"oud"}}`,
			adapters.Event{ID: "slack:msg:C0ICT:1800000000.000100:edited:1800000008.000000", Kind: adapters.Edited, Place: c0ict, User: anna, Text: "nieuw", Message: "1800000000.000100", At: time.Unix(1800000000, 0)},
		},
		"deleted": {
			`{"type":"message","subtype":"message_deleted","channel":"C0ICT","ts":"1800000009.000000","deleted_ts":"1800000000.000100","previous_message":{"user":"U0ANNA","text":"oud","ts":"1800000000.000100"}}`,
			adapters.Event{ID: "slack:msg:C0ICT:1800000000.000100:deleted", Kind: adapters.Deleted, Place: c0ict, User: anna, Message: "1800000000.000100", At: time.Unix(1800000000, 0)},
		},
		"home": {
			`{"type":"app_home_opened","user":"U0ANNA","channel":"D0ANNA","tab":"home"}`,
			adapters.Event{ID: "slack:Ev1", Kind: adapters.Home, Place: adapters.Place{Adapter: "slack", Channel: "home:U0ANNA"}, User: anna, Direct: true, At: time.Unix(1800000000, 0)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := made(t).parseEvent(told(try.event))
			if err != nil {
				t.Fatal(err)
			}
			same(t, got, try.want)
		})
	}
}

// same compares two events as they would be stored.
func same(t *testing.T, got, want adapters.Event) {
	t.Helper()
	g, err := json.MarshalIndent(got, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	w, err := json.MarshalIndent(want, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if string(g) != string(w) {
		t.Errorf("got %s\nwant %s", g, w)
	}
}

func TestFilesComeAlong(t *testing.T) {
	e, err := made(t).parseEvent(told(`{"type":"message","subtype":"file_share","channel":"C0ICT","user":"U0ANNA","text":"","ts":"1800000000.000100",
		"files":[{"name":"foto.jpg","mimetype":"image/jpeg","permalink":"https://s/1"},{"name":"b","url_private":"https://s/2"}]}`))
	if err != nil || len(e.Files) != 2 || e.Files[0] != (adapters.File{Name: "foto.jpg", URL: "https://s/1", Type: "image/jpeg"}) || e.Files[1].URL != "https://s/2" {
		t.Errorf("got %+v, %v", e, err)
	}
}

func TestWhatIsNotForUs(t *testing.T) {
	for name, event := range map[string]string{
		"our own":           `{"type":"message","channel":"C0ICT","user":"U0BOT","text":"x","ts":"1.0"}`,
		"a bot's":           `{"type":"message","channel":"C0ICT","user":"U0OTHER","bot_id":"B1","text":"x","ts":"1.0"}`,
		"a bot's, old way":  `{"type":"message","subtype":"bot_message","channel":"C0ICT","bot_id":"B1","text":"x","ts":"1.0"}`,
		"joining":           `{"type":"message","subtype":"channel_join","channel":"C0ICT","user":"U0ANNA","text":"x","ts":"1.0"}`,
		"a topic":           `{"type":"message","subtype":"channel_topic","channel":"C0ICT","user":"U0ANNA","text":"x","ts":"1.0"}`,
		"our own change":    `{"type":"message","subtype":"message_changed","channel":"C0ICT","ts":"2.0","message":{"user":"U0BOT","bot_id":"B0","text":"n","ts":"1.0","edited":{"ts":"1.5"}}}`,
		"a link's preview":  `{"type":"message","subtype":"message_changed","channel":"C0ICT","ts":"2.0","message":{"user":"U0ANNA","text":"x","ts":"1.0"},"previous_message":{"text":"x"}}`,
		"our own, deleted":  `{"type":"message","subtype":"message_deleted","channel":"C0ICT","ts":"2.0","deleted_ts":"1.0","previous_message":{"user":"U0BOT","bot_id":"B0","text":"x","ts":"1.0"}}`,
		"nothing said":      `{"type":"message","channel":"C0ICT","user":"U0ANNA","text":"","ts":"1.0"}`,
		"the messages tab":  `{"type":"app_home_opened","user":"U0ANNA","tab":"messages"}`,
		"of any other kind": `{"type":"channel_rename","channel":{"id":"C1"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			if e, err := made(t).parseEvent(told(event)); !errors.Is(err, errNotFor) {
				t.Errorf("got %+v, %v", e, err)
			}
		})
	}
}

func TestSlashCommands(t *testing.T) {
	for _, try := range []struct {
		command, text, channel string
		kind                   adapters.EventKind
		want                   string
	}{
		{"/storing", "wifi &amp; beamer <@U0NOOR|noor>", "C0ICT", adapters.Slash, "storing: wifi & beamer @U0NOOR"},
		{"/incident", "no wifi", "G0ICT", adapters.Slash, "incident: no wifi"},
		{"/storing", "  ", "C0ICT", adapters.Shortcut, ""},
		{"/schoolbel", "mijn meldingen", "D0ANNA", adapters.Slash, "mijn meldingen"},
		{"/schoolbel", "", "C0ICT", adapters.Slash, "help"},
	} {
		form := url.Values{"command": {try.command}, "text": {try.text}, "channel_id": {try.channel}, "user_id": {"U0ANNA"}, "trigger_id": {"13.37"}}
		e, err := made(t).parseSlash(form)
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind != try.kind || e.Text != try.want || e.Trigger != "13.37" || e.Place.Channel != try.channel || e.Direct != strings.HasPrefix(try.channel, "D") {
			t.Errorf("%s %s: %+v", try.command, try.text, e)
		}
		if again, err := made(t).parseSlash(form); err != nil || again.ID != e.ID || strings.Contains(e.ID, "13.37") {
			t.Errorf("the id is %q, then %q (%v)", e.ID, again.ID, err)
		}
	}
	if _, err := made(t).parseSlash(url.Values{"command": {"/storing"}}); err == nil {
		t.Error("a command of nobody was taken")
	}
}

func TestInteractions(t *testing.T) {
	did := `"user":{"id":"U0ANNA"},"trigger_id":"13.37"`
	for name, try := range map[string]struct {
		payload string
		want    adapters.Event
	}{
		"press in a thread": {
			`{"type":"block_actions",` + did + `,"channel":{"id":"C0ICT"},"container":{"type":"message","message_ts":"2.0","thread_ts":"1.0"},"message":{"ts":"2.0","thread_ts":"1.0"},"actions":[{"type":"button","value":"INC-1 oppakken"}]}`,
			adapters.Event{Kind: adapters.Press, Place: adapters.Place{Channel: "C0ICT", Thread: "1.0"}, Text: "INC-1 oppakken", Message: "2.0"},
		},
		"press on the message that opened the thread": {
			`{"type":"block_actions",` + did + `,"channel":{"id":"C0ICT"},"message":{"ts":"1.0","thread_ts":"1.0"},"actions":[{"value":"INC-1 oppakken"}]}`,
			adapters.Event{Kind: adapters.Press, Place: adapters.Place{Channel: "C0ICT"}, Text: "INC-1 oppakken", Message: "1.0"},
		},
		"press on what one person saw": {
			`{"type":"block_actions",` + did + `,"channel":{"id":"C0ICT"},"container":{"type":"message","message_ts":"2.0","channel_id":"C0ICT","is_ephemeral":true},"actions":[{"value":"ja"}]}`,
			adapters.Event{Kind: adapters.Press, Place: adapters.Place{Channel: "C0ICT"}, Text: "ja", Message: "2.0"},
		},
		"choice": {
			`{"type":"block_actions",` + did + `,"channel":{"id":"C0ICT"},"message":{"ts":"2.0"},"actions":[{"type":"static_select","selected_option":{"value":"INC-1 groot"}}]}`,
			adapters.Event{Kind: adapters.Press, Place: adapters.Place{Channel: "C0ICT"}, Text: "INC-1 groot", Message: "2.0"},
		},
		"press on the home page": {
			`{"type":"block_actions",` + did + `,"container":{"type":"view","view_id":"V1"},"view":{"type":"home"},"actions":[{"value":"INC-1 tonen"}]}`,
			adapters.Event{Kind: adapters.Press, Place: adapters.Place{Channel: "U0ANNA"}, Direct: true, Text: "INC-1 tonen", Message: "home"},
		},
		"shortcut on a message": {
			`{"type":"message_action","callback_id":"report_message",` + did + `,"channel":{"id":"C0ICT"},"message":{"user":"U0NOOR","ts":"2.0","thread_ts":"1.0","text":"wifi &amp; beamer"}}`,
			adapters.Event{Kind: adapters.Shortcut, Place: adapters.Place{Channel: "C0ICT", Thread: "1.0"}, Text: "wifi & beamer", Message: "2.0"},
		},
		"shortcut": {
			`{"type":"shortcut","callback_id":"report",` + did + `}`,
			adapters.Event{Kind: adapters.Shortcut, Place: adapters.Place{Channel: "U0ANNA"}, Direct: true},
		},
		"form": {
			`{"type":"view_submission",` + did + `,"view":{"type":"modal","private_metadata":"{\"command\":\"INC-1 oplossen\",\"channel\":\"C0ICT\",\"thread\":\"1.0\",\"message\":\"2.0\"}",
			 "state":{"values":{"solution":{"solution":{"type":"plain_text_input","value":"Kabel & <2>"}},"impact":{"impact":{"selected_option":{"value":"large"}}},
			 "from":{"from":{"type":"datetimepicker","selected_date_time":1803283200}},"note":{"note":{"value":null}}}}}}`,
			adapters.Event{
				Kind: adapters.Submit, Place: adapters.Place{Channel: "C0ICT", Thread: "1.0"}, Text: "INC-1 oplossen", Message: "2.0",
				Form: map[string]string{"solution": "Kabel & <2>", "impact": "large", "from": "2027-02-22T08:00:00Z", "note": ""},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := made(t).parseInteraction([]byte(try.payload))
			if err != nil {
				t.Fatal(err)
			}
			want := try.want
			want.ID, want.Trigger, want.At = got.ID, "13.37", noon
			want.User, want.Place.Adapter = adapters.User{ID: "U0ANNA"}, "slack"
			same(t, got, want)
		})
	}
	for name, payload := range map[string]string{
		"a button that opens a page": `{"type":"block_actions",` + did + `,"channel":{"id":"C0ICT"},"actions":[{"type":"button","value":""}]}`,
		"a form that was closed":     `{"type":"view_closed",` + did + `}`,
	} {
		if _, err := made(t).parseInteraction([]byte(payload)); !errors.Is(err, errNotFor) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, payload := range map[string]string{
		"not one of ours": `{"type":"view_submission",` + did + `,"view":{"private_metadata":"x"}}`,
		"by nobody":       `{"type":"shortcut","trigger_id":"1"}`,
	} {
		if _, err := made(t).parseInteraction([]byte(payload)); err == nil || errors.Is(err, errNotFor) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzEvents(f *testing.F) {
	f.Add([]byte(spoken))
	f.Add(told(`{"type":"message","subtype":"message_changed","channel":"C0ICT","message":{"user":"U0ANNA","text":"<@U0BOT","ts":"1.0","edited":{"ts":"2.0"}}}`))
	f.Add([]byte(`{"type":"block_actions","user":{"id":"U1"},"trigger_id":"1","actions":[{"value":"x"}]}`))
	f.Add([]byte(`{"type":"view_submission","user":{"id":"U1"},"trigger_id":"1","view":{"private_metadata":"{\"command\":\"x\"}","state":{"values":{"a":{"b":{"selected_date_time":1e99}}}}}}`))
	f.Add([]byte(`payload=%7B%7D&command=/storing&text=<<@U1>>&user_id=U1&trigger_id=2`))
	s := made(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		first, err := s.parseEvent(body)
		sound(t, first, err)
		if again, wrong := s.parseEvent(body); again.ID != first.ID || (wrong == nil) != (err == nil) {
			t.Errorf("told twice, it is %q and %q", first.ID, again.ID)
		}
		did, err := s.parseInteraction(body)
		sound(t, did, err)
		if v, wrong := url.ParseQuery(string(body)); wrong == nil {
			typed, err := s.parseSlash(v)
			sound(t, typed, err)
		}
	})
}

// sound checks what the house counts on in every event.
func sound(t *testing.T, e adapters.Event, err error) {
	t.Helper()
	if err != nil {
		return
	}
	if !strings.HasPrefix(e.ID, "slack:") || e.Kind == "" || e.User.ID == "" || e.Place.Adapter != "slack" || e.Place.Channel == "" {
		t.Errorf("not a sound event: %+v", e)
	}
	if e.Place.Thread != "" && e.Place.Thread == e.Message {
		t.Errorf("a message under itself: %+v", e)
	}
}
