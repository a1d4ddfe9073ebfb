package slack

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"schoolbel/adapters"
)

// The callbacks of the shortcuts in the manifest.
const (
	report        = "report"
	reportMessage = "report_message"
)

// reports are the slash commands that report at once, each with the word that a
// person would type for it.
var reports = map[string]string{"/storing": "storing", "/incident": "incident"}

// parseSlash reads a slash command.
func (s *Slack) parseSlash(v url.Values) (adapters.Event, error) {
	e, err := s.did(v.Get("user_id"), v.Get("trigger_id"))
	if err != nil {
		return e, err
	}
	e.Place.Channel = orElse(v.Get("channel_id"), v.Get("user_id"))
	e.Direct = !room(e.Place.Channel)
	text, _ := heard(v.Get("text"), "")
	word, reports := reports[v.Get("command")]
	switch {
	case reports && text == "":
		e.Kind = adapters.Shortcut
	case reports:
		e.Kind, e.Text = adapters.Slash, word+": "+text
	default:
		e.Kind, e.Text = adapters.Slash, orElse(text, "help")
	}
	return e, nil
}

// interaction is a press, a shortcut or a form that was sent.
type interaction struct {
	Type       string `json:"type"`
	CallbackID string `json:"callback_id"`
	TriggerID  string `json:"trigger_id"`
	User       struct {
		ID string `json:"id"`
	} `json:"user"`
	Channel struct {
		ID string `json:"id"`
	} `json:"channel"`
	Container struct {
		Type      string `json:"type"`
		ChannelID string `json:"channel_id"`
		MessageTS string `json:"message_ts"`
		ThreadTS  string `json:"thread_ts"`
	} `json:"container"`
	Message said     `json:"message"`
	Actions []action `json:"actions"`
	View    struct {
		Type     string `json:"type"`
		Metadata string `json:"private_metadata"`
		State    struct {
			Values map[string]map[string]action `json:"values"`
		} `json:"state"`
	} `json:"view"`
}

// action is a press, or an answer in a form: the two look alike.
type action struct {
	Type     string `json:"type"`
	Value    string `json:"value"`
	Selected *struct {
		Value string `json:"value"`
	} `json:"selected_option"`
	DateTime json.Number `json:"selected_date_time"`
	Date     string      `json:"selected_date"`
	Time     string      `json:"selected_time"`
	User     string      `json:"selected_user"`
}

// answer is what was chosen or filled in.
func (a action) answer() string {
	if seconds, err := strconv.ParseInt(a.DateTime.String(), 10, 64); err == nil {
		return time.Unix(seconds, 0).UTC().Format(time.RFC3339)
	}
	if a.Selected != nil {
		return a.Selected.Value
	}
	for _, s := range []string{a.Value, a.Date, a.Time, a.User} {
		if s != "" {
			return s
		}
	}
	return ""
}

// parseInteraction reads what Slack sends about buttons, forms and shortcuts.
func (s *Slack) parseInteraction(payload []byte) (adapters.Event, error) {
	var in interaction
	if err := json.Unmarshal(payload, &in); err != nil {
		return adapters.Event{}, fmt.Errorf("read the interaction: %w", err)
	}
	switch in.Type {
	case "block_actions", "message_action", "shortcut", "view_submission":
	default:
		return adapters.Event{}, errNotFor
	}
	e, err := s.did(in.User.ID, in.TriggerID)
	if err != nil {
		return e, err
	}
	e.Place.Channel = orElse(orElse(in.Channel.ID, in.Container.ChannelID), in.User.ID)
	e.Direct = !room(e.Place.Channel)
	if e.Place.Thread = in.Message.ThreadTS; e.Place.Thread == "" {
		e.Place.Thread = in.Container.ThreadTS
	}
	e.Message = orElse(in.Message.TS, in.Container.MessageTS)
	if e.Place.Thread == e.Message {
		e.Place.Thread = "" // the first message of a thread stands in the room
	}
	switch in.Type {
	case "block_actions":
		return pressed(e, in)
	case "view_submission":
		return submitted(e, in)
	}
	e.Kind = adapters.Shortcut
	e.Text, _ = heard(in.Message.Text, "")
	return e, nil
}

// pressed reads a button, or a choice that acts like one.
func pressed(e adapters.Event, in interaction) (adapters.Event, error) {
	e.Kind = adapters.Press
	if in.View.Type == "home" {
		e.Message = string(homeReceipt)
	}
	for _, a := range in.Actions {
		if e.Text = a.answer(); e.Text != "" {
			return e, nil
		}
	}
	return e, errNotFor // a button that opened a page
}

// submitted reads a form: where it was opened stands in its memory.
func submitted(e adapters.Event, in interaction) (adapters.Event, error) {
	var m memory
	if err := json.Unmarshal([]byte(in.View.Metadata), &m); err != nil || m.Command == "" {
		return e, fmt.Errorf("the form does not say what it is for: %q", in.View.Metadata)
	}
	e.Kind, e.Text, e.Message = adapters.Submit, m.Command, m.Message
	e.Place.Channel, e.Place.Thread = orElse(m.Channel, e.User.ID), m.Thread
	e.Direct = !room(e.Place.Channel)
	e.Form = map[string]string{}
	for name, block := range in.View.State.Values {
		for _, a := range block {
			e.Form[name] = a.answer()
		}
	}
	return e, nil
}

// did begins an event of something a person did. Slack makes a new trigger for
// each thing, and the same one when it tells it twice.
func (s *Slack) did(user, trigger string) (adapters.Event, error) {
	if user == "" || trigger == "" {
		return adapters.Event{}, fmt.Errorf("who did it (%q) or its trigger (%q) is missing", user, trigger)
	}
	sum := sha256.Sum256([]byte(trigger))
	return adapters.Event{
		ID: "slack:" + hex.EncodeToString(sum[:16]), Trigger: trigger,
		User: adapters.User{ID: user}, Locale: s.locale(user),
		Place: adapters.Place{Adapter: Name}, At: s.now(),
	}, nil
}

// room tells a room of several people from a direct one, a person or a home page.
func room(channel string) bool {
	return strings.HasPrefix(channel, "C") || strings.HasPrefix(channel, "G")
}
