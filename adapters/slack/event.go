package slack

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"schoolbel/adapters"
)

// envelope is what the Events API sends, of which we read little.
type envelope struct {
	Type           string `json:"type"`
	EventID        string `json:"event_id"`
	EventTime      int64  `json:"event_time"`
	Authorizations []struct {
		UserID string `json:"user_id"`
		IsBot  bool   `json:"is_bot"`
	} `json:"authorizations"`
	Event json.RawMessage `json:"event"`
}

// inner is one event.
type inner struct {
	said
	Type        string `json:"type"`
	Tab         string `json:"tab"`
	Channel     string `json:"channel"`
	ChannelType string `json:"channel_type"`
	EventTS     string `json:"event_ts"`
	DeletedTS   string `json:"deleted_ts"`
	Message     *said  `json:"message"`
	Previous    *said  `json:"previous_message"`
}

// said is a message.
type said struct {
	Subtype  string `json:"subtype"`
	User     string `json:"user"`
	BotID    string `json:"bot_id"`
	Text     string `json:"text"`
	TS       string `json:"ts"`
	ThreadTS string `json:"thread_ts"`
	Hidden   bool   `json:"hidden"`
	Edited   *struct {
		TS string `json:"ts"`
	} `json:"edited"`
	Files []struct {
		Name     string `json:"name"`
		Link     string `json:"permalink"`
		URL      string `json:"url_private"`
		MimeType string `json:"mimetype"`
	} `json:"files"`
}

// parseEvent reads what the Events API sends, over HTTP or Socket Mode.
func (s *Slack) parseEvent(body []byte) (adapters.Event, error) {
	var env envelope
	if err := json.Unmarshal(body, &env); err != nil {
		return adapters.Event{}, fmt.Errorf("read the event: %w", err)
	}
	if env.Type != "event_callback" {
		return adapters.Event{}, errNotFor
	}
	var in inner
	if err := json.Unmarshal(env.Event, &struct {
		Type *string `json:"type"`
	}{&in.Type}); err != nil {
		return adapters.Event{}, fmt.Errorf("read the event's type: %w", err)
	}
	switch in.Type {
	case "message", "app_mention", "app_home_opened":
	default:
		return adapters.Event{}, errNotFor // of any shape
	}
	if err := json.Unmarshal(env.Event, &in); err != nil {
		return adapters.Event{}, fmt.Errorf("read the event: %w", err)
	}
	bot := ""
	for _, a := range env.Authorizations {
		if a.IsBot || bot == "" {
			bot = a.UserID
		}
	}
	e := adapters.Event{At: time.Unix(env.EventTime, 0)}
	if in.Type == "app_home_opened" {
		return s.visit(e, env.EventID, in)
	}
	return s.hear(e, in, bot)
}

// visit reads that somebody opened the bot's page. Its other tab is just their
// direct room.
func (s *Slack) visit(e adapters.Event, id string, in inner) (adapters.Event, error) {
	if in.Tab != "" && in.Tab != "home" || in.User == "" || id == "" {
		return e, errNotFor
	}
	e.ID, e.Kind = "slack:"+id, adapters.Home
	e.Place = adapters.Place{Adapter: Name, Channel: homePrefix + in.User}
	e.User, e.Locale, e.Direct = adapters.User{ID: in.User}, s.locale(in.User), true
	return e, nil
}

// hear reads a message that was written, changed or taken away.
func (s *Slack) hear(e adapters.Event, in inner, bot string) (adapters.Event, error) {
	m := in.said
	e.Kind = adapters.Message
	id := ""
	switch {
	case in.Subtype == "message_changed" && in.Message != nil:
		m = *in.Message
		// Slack also says "changed" when it adds a preview of a link.
		if m.Edited == nil || in.Previous != nil && in.Previous.Text == m.Text {
			return e, errNotFor
		}
		e.Kind, id = adapters.Edited, ":edited:"+m.Edited.TS
	case in.Subtype == "message_deleted" && in.Previous != nil:
		m = *in.Previous
		m.TS = in.DeletedTS
		e.Kind, id = adapters.Deleted, ":deleted"
	}
	if !person(m.User) || m.User == bot || m.BotID != "" || m.TS == "" || in.Channel == "" || !counts(m.Subtype) {
		return e, errNotFor
	}
	// One text that names the bot comes as "message" and as "app_mention", each
	// with an event_id of its own: the message itself tells that they are one.
	e.ID = "slack:msg:" + in.Channel + ":" + m.TS + id
	e.Place = adapters.Place{Adapter: Name, Channel: in.Channel}
	if m.ThreadTS != m.TS {
		e.Place.Thread = m.ThreadTS
	}
	e.User, e.Locale, e.Message = adapters.User{ID: m.User}, s.locale(m.User), m.TS
	e.Direct = in.ChannelType == "im" || direct(in.Channel)
	if at, ok := instant(m.TS); ok && id == "" {
		e.At = at
	}
	text, mentioned := heard(m.Text, bot)
	if e.Text = text; e.Kind == adapters.Deleted {
		e.Text = ""
	}
	if e.Kind == adapters.Message && (mentioned || in.Type == "app_mention") {
		e.Kind = adapters.Mention
	}
	for _, f := range m.Files {
		e.Files = append(e.Files, adapters.File{Name: f.Name, URL: orElse(f.Link, f.URL), Type: f.MimeType})
	}
	if e.Text == "" && len(e.Files) == 0 && e.Kind == adapters.Message {
		return e, errNotFor
	}
	return e, nil
}

// counts tells whether a message of this subtype is something a person wrote;
// the rest is about joining, topics, pins and the like.
func counts(subtype string) bool {
	switch subtype {
	case "", "file_share", "thread_broadcast", "me_message":
		return true
	}
	return false
}

// locale is the language that Slack told when we looked the person up.
func (s *Slack) locale(user string) string {
	if l, ok := s.locales.Load(user); ok {
		return l.(string)
	}
	return ""
}

// instant reads a message's ts, "1786000000.000100".
func instant(ts string) (time.Time, bool) {
	seconds, micros, _ := strings.Cut(ts, ".")
	sec, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	usec, err := strconv.ParseInt((micros + "000000")[:6], 10, 64)
	if err != nil {
		usec = 0
	}
	return time.Unix(sec, usec*1000), true
}
