package matrix

import (
	"encoding/json"
	"testing"
	"time"
	"unicode/utf8"

	"schoolbel/adapters"
)

// FuzzContent reads what anybody may send: nothing makes it fall over, and what comes
// out is text.
func FuzzContent(f *testing.F) {
	for _, seed := range []string{
		`{"msgtype":"m.text","body":"wifi ligt eruit"}`,
		`{"msgtype":"m.text","body":"* x","m.new_content":{"msgtype":"m.text","body":"x"},"m.relates_to":{"rel_type":"m.replace","event_id":"$1"}}`,
		`{"m.relates_to":{"rel_type":"m.annotation","event_id":"$1","key":"✅"}}`,
		`{"m.relates_to":{"rel_type":"m.thread","event_id":"$1","is_falling_back":true,"m.in_reply_to":{"event_id":"$2"}}}`,
		`{"msgtype":"m.text","body":"> <@a:b> x\n> y\n\nz","m.relates_to":{"m.in_reply_to":{"event_id":"$2"}}}`,
		`{"msgtype":"m.image","body":"x.png","url":"mxc://a/b","info":{"mimetype":"image/png"}}`,
		`{"msgtype":"m.file","body":5,"file":"x","info":[],"m.mentions":{"user_ids":{"a":1}}}`,
		`{"msgtype":"m.text","body":"x","m.new_content":{"m.new_content":{"m.new_content":{}}}}`,
		`{"formatted_body":"<a href=\"https://matrix.to/#/%40schoolbel:example\">x</a>","msgtype":"m.text","body":"schoolbel: x"}`,
		`[]`, `null`, `"x"`, `{`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, ok := understand(raw)
		if !ok {
			return
		}
		text, _ := s.text(me{ID: "@schoolbel:example", Name: "Schoolbel"})
		if !utf8.ValidString(text) {
			t.Errorf("no text: %q", text)
		}
		_, _, _, _ = s.thread(), s.answers(), s.file(), s.spoken()
		_ = panel{Keys: []key{{"✅", "INC-1 take"}}}.command(s.Relates.Key)
		if s.New != nil {
			_, _ = s.New.text(me{})
		}
	})
}

// FuzzCard draws what anybody may have written: it is JSON, short enough, and wakes
// nobody.
func FuzzCard(f *testing.F) {
	f.Add("INC-1", "wifi ligt eruit", "INC-1 take", "https://schoolbel.example")
	f.Add("@room", "<b>\u202e@here", "INC-1 \x00", "javascript:x")
	f.Fuzz(func(t *testing.T, title, text, command, link string) {
		c := adapters.Card{
			Title: title, Text: text, Facts: []adapters.Fact{{Name: title, Value: text}}, Foot: text,
			Buttons: []adapters.Button{{Label: title, Command: command, Link: link}, {Label: text, URL: link}, {Label: text, Room: link}},
		}
		out := render(c, panel{}.deal(c, time.Time{}))
		raw, err := json.Marshal(out)
		if err != nil || len(raw) > maxEvent {
			t.Errorf("%d bytes, %v", len(raw), err)
		}
		if callers.MatchString(out.Body) && !callers.MatchString(command+link) {
			t.Errorf("it calls: %q", out.Body)
		}
	})
}

// FuzzAnswer reads what people answer to a question.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{"1", "-", "stop", "Groot", "2027-02-22 08:00", "", "99999999999999999999", "1."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		options := []adapters.Option{{Value: "large", Label: "Groot"}, {Value: "small", Label: "Klein"}}
		q := quiz{Language: "nl", Answers: map[string]string{}, Form: adapters.Form{Inputs: []adapters.Input{
			{Name: "impact", Options: options}, {Name: "from", Time: true}, {Name: "note", Optional: true},
		}}}
		for range 5 {
			if q.full() {
				break
			}
			before := q.At
			if stopped := q.take(text); !stopped && q.At == before && q.Why == "" {
				t.Errorf("%q is no answer, and nobody says why", text)
			}
		}
		if v := q.Answers["impact"]; v != "" && v != "large" && v != "small" {
			t.Errorf("%q chose %q", text, v)
		}
	})
}
