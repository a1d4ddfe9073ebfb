package slackfake

import (
	"encoding/json"
	"time"
)

// where looks up a channel to write in. A user's id opens their direct room.
func (f *Fake) where(id string) (*channel, *refusal) {
	c := f.channels[id]
	if _, known := f.users[id]; c == nil && known && id != Bot {
		c = f.dm(id)
	}
	switch {
	case c == nil:
		return nil, no("channel_not_found")
	case !c.members[Bot]:
		return nil, no("not_in_channel")
	case c.archived:
		return nil, no("is_archived")
	}
	return c, nil
}

func (c *channel) find(ts string) *Message {
	for _, m := range c.messages {
		if m.TS == ts && !m.Deleted {
			return m
		}
	}
	return nil
}

// compose reads a message and keeps Slack's limits.
func compose(given args) (*Message, *refusal) {
	m := &Message{User: Bot, Text: given["text"], Thread: given["thread_ts"]}
	if raw := given["blocks"]; raw != "" && raw != "[]" {
		m.Blocks = json.RawMessage(raw)
		if wrong := Limits(m.Blocks, "message"); len(wrong) > 0 {
			return nil, no("invalid_blocks", wrong...)
		}
	}
	if m.Text == "" && m.Blocks == nil {
		return nil, no("no_text")
	}
	if size(m.Text) > 40_000 {
		return nil, no("msg_too_long")
	}
	raw := given["metadata"]
	if raw == "" {
		return m, nil
	}
	var marks struct {
		EventType string         `json:"event_type"`
		Payload   map[string]any `json:"event_payload"`
	}
	if err := json.Unmarshal([]byte(raw), &marks); err != nil || marks.EventType == "" || marks.Payload == nil {
		return nil, no("invalid_metadata_format")
	}
	if len(raw) > 8000 {
		return nil, no("metadata_too_large")
	}
	m.metadata, m.EventType = json.RawMessage(raw), marks.EventType
	m.Delivery, _ = marks.Payload["delivery"].(string)
	m.Ref, _ = marks.Payload["ref"].(string)
	return m, nil
}

func (f *Fake) postMessage(given args) (answer, *refusal) {
	c, wrong := f.where(given["channel"])
	if wrong != nil {
		return nil, wrong
	}
	m, wrong := compose(given)
	if wrong != nil {
		return nil, wrong
	}
	if m.Thread != "" {
		// Slack itself is milder; what is posted under nothing is seen by nobody.
		if root := c.find(m.Thread); root == nil || root.Thread != "" || root.To != "" {
			return nil, no("cannot_reply_to_message")
		}
	}
	m.Channel, m.TS = c.id, f.stamp()
	c.messages = append(c.messages, m)
	return answer{"channel": c.id, "ts": m.TS, "message": m.wire(true)}, nil
}

func (f *Fake) postEphemeral(given args) (answer, *refusal) {
	c, wrong := f.where(given["channel"])
	if wrong != nil {
		return nil, wrong
	}
	if !c.members[given["user"]] {
		return nil, no("user_not_in_channel")
	}
	m, wrong := compose(given)
	if wrong != nil {
		return nil, wrong
	}
	m.Channel, m.TS, m.To = c.id, f.stamp(), given["user"]
	c.messages = append(c.messages, m)
	return answer{"message_ts": m.TS}, nil
}

func (f *Fake) update(given args) (answer, *refusal) {
	c := f.channels[given["channel"]]
	if c == nil {
		return nil, no("channel_not_found") // here a user's id is no channel
	}
	m := c.find(given["ts"])
	switch {
	case m == nil || m.To != "":
		return nil, no("message_not_found")
	case m.User != Bot:
		return nil, no("cant_update_message")
	case c.archived:
		return nil, no("is_archived")
	}
	changed, wrong := compose(given)
	if wrong != nil {
		return nil, wrong
	}
	m.Text, m.Blocks = changed.Text, changed.Blocks
	if changed.metadata != nil {
		m.metadata, m.EventType, m.Delivery, m.Ref = changed.metadata, changed.EventType, changed.Delivery, changed.Ref
	}
	m.Edits++
	return answer{"channel": c.id, "ts": m.TS, "text": m.Text, "message": m.wire(true)}, nil
}

// wire is a message as the API shows it.
func (m *Message) wire(metadata bool) answer {
	out := answer{"type": "message", "user": m.User, "text": m.Text, "ts": m.TS, "team": teamID}
	if m.User == Bot {
		out["bot_id"], out["app_id"] = botID, appID
	}
	if m.Thread != "" {
		out["thread_ts"] = m.Thread
	}
	if m.Blocks != nil {
		out["blocks"] = m.Blocks
	}
	if m.metadata != nil && metadata {
		out["metadata"] = m.metadata
	}
	return out
}

// sheet is a view as it is sent.
type sheet struct {
	Type       string          `json:"type"`
	Title      *text           `json:"title"`
	Submit     *text           `json:"submit"`
	Close      *text           `json:"close"`
	Blocks     json.RawMessage `json:"blocks"`
	Memory     string          `json:"private_metadata"`
	CallbackID string          `json:"callback_id"`
}

// view reads a form or a page and keeps Slack's limits.
func (f *Fake) view(raw, kind string) (View, *refusal) {
	var s sheet
	if err := json.Unmarshal([]byte(raw), &s); err != nil || s.Type != kind {
		return View{}, no("invalid_arguments", "a view of type "+kind+" is wanted")
	}
	c := &checker{at: "/view", found: Limits(s.Blocks, kind)}
	c.atMost("private_metadata", size(s.Memory), 3000)
	c.atMost("callback_id", size(s.CallbackID), 255)
	v := View{ID: f.next("V"), Type: kind, CallbackID: s.CallbackID, Memory: s.Memory, Blocks: s.Blocks}
	if kind == "modal" {
		c.text("title", s.Title, "plain_text", 24)
		for what, t := range map[string]*text{"submit": s.Submit, "close": s.Close} {
			if t != nil {
				c.text(what, t, "plain_text", 24)
			}
		}
		if s.Submit == nil && len((View{Blocks: s.Blocks}).Inputs()) > 0 {
			c.wrong("a view with questions needs submit")
		}
		if s.Title != nil {
			v.Title = unescape(s.Title.Text)
		}
	}
	if len(c.found) > 0 {
		return View{}, no("invalid_arguments", c.found...)
	}
	return v, nil
}

func (f *Fake) viewsOpen(given args) (answer, *refusal) {
	id := given["trigger_id"]
	t, known := f.triggers[id]
	switch {
	case !known:
		return nil, no("invalid_trigger_id")
	case t.used:
		return nil, no("exchanged_trigger_id")
	case f.now().Sub(t.at) > 3*time.Second:
		return nil, no("expired_trigger_id")
	}
	v, wrong := f.view(given["view"], "modal")
	if wrong != nil {
		return nil, wrong
	}
	t.used = true
	f.triggers[id] = t
	f.views[t.user] = append(f.views[t.user], v)
	return answer{"view": v.wire()}, nil
}

func (f *Fake) viewsPublish(given args) (answer, *refusal) {
	if _, known := f.users[given["user_id"]]; !known {
		return nil, no("user_not_found")
	}
	v, wrong := f.view(given["view"], "home")
	if wrong != nil {
		return nil, wrong
	}
	f.homes[given["user_id"]] = v
	return answer{"view": v.wire()}, nil
}

// wire is a view as the API shows it.
func (v View) wire() answer {
	return answer{
		"id": v.ID, "team_id": teamID, "type": v.Type, "callback_id": v.CallbackID, "private_metadata": v.Memory,
		"blocks": v.Blocks, "hash": v.ID, "title": answer{"type": "plain_text", "text": v.Title}, "app_id": appID, "bot_id": botID,
	}
}
