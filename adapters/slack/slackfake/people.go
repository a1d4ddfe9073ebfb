package slackfake

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Told is what the app answered when it was told what a person did.
type Told struct {
	Status int    // 200 is good; over Socket Mode 0 is "no acknowledgement in time"
	Body   []byte // what it answered
	TS     string // of the message that was written
	Err    error  // it could not be reached

	again []parcel
}

// parcel is one thing to tell the app.
type parcel struct {
	kind    string // "events_api", "slash_commands" or "interactive"
	payload map[string]any
}

// Message writes something in a channel; "" is the direct room. A text that
// names the bot is told twice, as Slack does: as message and as app_mention.
func (f *Fake) Message(user, channel, text string) Told { return f.Reply(user, channel, "", text) }

// Reply writes something in a thread.
func (f *Fake) Reply(user, channel, thread, text string) Told {
	return f.write(user, channel, thread, text, nil)
}

// Upload writes something with a file.
func (f *Fake) Upload(user, channel, text, name string) Told {
	return f.UploadTo(user, channel, "", text, name)
}

// UploadTo does so in a thread.
func (f *Fake) UploadTo(user, channel, thread, text, name string) Told {
	return f.write(user, channel, thread, text, map[string]any{"subtype": "file_share", "files": []map[string]any{
		{"id": "F1", "name": name, "mimetype": "image/jpeg", "permalink": f.base + "/files/" + url.PathEscape(name)},
	}})
}

func (f *Fake) write(user, channel, thread, text string, more map[string]any) Told {
	var (
		m       *Message
		parcels []parcel
	)
	f.do(func() {
		c := f.at(user, channel)
		m = &Message{Channel: c.id, TS: f.stamp(), Thread: thread, User: user, Text: text}
		c.messages = append(c.messages, m)
		if !c.members[Bot] {
			return // Slack does not tell what was said behind the bot's back
		}
		event := map[string]any{
			"type": "message", "channel": c.id, "channel_type": c.kind(), "user": user, "text": text,
			"ts": m.TS, "event_ts": m.TS, "client_msg_id": f.next("msg-"), "team": teamID,
		}
		if thread != "" {
			event["thread_ts"] = thread
		}
		maps.Copy(event, more)
		parcels = append(parcels, f.event(event))
		if strings.Contains(text, "<@"+Bot) && c.kind() != "im" {
			mention := maps.Clone(event)
			mention["type"] = "app_mention"
			delete(mention, "channel_type")
			parcels = append(parcels, f.event(mention))
		}
	})
	told := f.tell(parcels...)
	told.TS = m.TS
	return told
}

// Change gives a message of a person another text.
func (f *Fake) Change(user, channel, ts, text string) Told {
	var p parcel
	f.do(func() {
		c := f.at(user, channel)
		m := c.must(ts)
		before := m.wire(false)
		m.Text = text
		m.Edits++
		after := m.wire(false)
		at := f.stamp()
		after["edited"] = map[string]any{"user": user, "ts": at}
		p = f.event(map[string]any{
			"type": "message", "subtype": "message_changed", "hidden": true, "channel": c.id, "channel_type": c.kind(),
			"ts": at, "event_ts": at, "message": after, "previous_message": before,
		})
	})
	return f.tell(p)
}

// Delete takes a message of a person away.
func (f *Fake) Delete(user, channel, ts string) Told {
	var p parcel
	f.do(func() {
		c := f.at(user, channel)
		m := c.must(ts)
		m.Deleted = true
		at := f.stamp()
		p = f.event(map[string]any{
			"type": "message", "subtype": "message_deleted", "hidden": true, "channel": c.id, "channel_type": c.kind(),
			"ts": at, "event_ts": at, "deleted_ts": ts, "previous_message": m.wire(false),
		})
	})
	return f.tell(p)
}

// Press presses the button with this label or value on a message.
func (f *Fake) Press(user string, m Message, button string) Told {
	b := choose(m.Buttons(), button)
	var p parcel
	f.do(func() {
		payload := f.interaction("block_actions", user)
		container := map[string]any{"type": "message", "message_ts": m.TS, "channel_id": m.Channel, "is_ephemeral": m.To != ""}
		if m.Thread != "" {
			container["thread_ts"] = m.Thread
		}
		payload["container"] = container
		payload["channel"] = map[string]any{"id": m.Channel, "name": f.channels[m.Channel].name}
		if m.To == "" {
			payload["message"] = m.wire(false) // what one person saw is not told again
		}
		payload["actions"] = []any{f.pressed(b)}
		p = parcel{"interactive", payload}
	})
	return f.tell(p)
}

// PressHome presses a button on the person's home page.
func (f *Fake) PressHome(user, button string) Told {
	home, ok := f.Home(user)
	if !ok {
		panic("slackfake: " + user + " has no home page")
	}
	b := choose(home.Buttons(), button)
	var p parcel
	f.do(func() {
		payload := f.interaction("block_actions", user)
		payload["container"] = map[string]any{"type": "view", "view_id": home.ID}
		payload["view"] = home.wire()
		payload["actions"] = []any{f.pressed(b)}
		p = parcel{"interactive", payload}
	})
	return f.tell(p)
}

func (f *Fake) pressed(b Button) map[string]any {
	return map[string]any{
		"type": "button", "action_id": b.action, "block_id": b.block, "value": b.Value, "action_ts": f.stamp(),
		"text": map[string]any{"type": "plain_text", "text": b.Label, "emoji": false},
	}
}

func choose(list []Button, wanted string) Button {
	var labels []string
	for _, b := range list {
		if b.Label == wanted || b.Value == wanted {
			return b
		}
		labels = append(labels, b.Label)
	}
	panic(fmt.Sprintf("slackfake: no button %q; there are: %s", wanted, strings.Join(labels, ", ")))
}

// Slash types a slash command in a channel; "" is the direct room.
func (f *Fake) Slash(user, channel, command, text string) Told {
	var p parcel
	f.do(func() {
		c := f.at(user, channel)
		name := c.name
		if c.kind() == "im" {
			name = "directmessage"
		}
		p = parcel{"slash_commands", map[string]any{
			"team_id": teamID, "team_domain": "delinde", "channel_id": c.id, "channel_name": name,
			"user_id": user, "user_name": f.users[user].name, "command": command, "text": text, "api_app_id": appID,
			"is_enterprise_install": "false", "trigger_id": f.trigger(user), "response_url": f.base + "/response",
		}}
	})
	return f.tell(p)
}

// Shortcut picks "Storing melden" from the lightning menu.
func (f *Fake) Shortcut(user string) Told {
	var p parcel
	f.do(func() {
		payload := f.interaction("shortcut", user)
		payload["callback_id"], payload["action_ts"] = "report", f.stamp()
		p = parcel{"interactive", payload}
	})
	return f.tell(p)
}

// MessageShortcut picks "Meld als storing" from the menu of a message.
func (f *Fake) MessageShortcut(user, channel, ts string) Told {
	var p parcel
	f.do(func() {
		c := f.at(user, channel)
		payload := f.interaction("message_action", user)
		payload["callback_id"], payload["action_ts"], payload["message_ts"] = "report_message", f.stamp(), ts
		payload["channel"] = map[string]any{"id": c.id, "name": c.name}
		payload["message"] = c.must(ts).wire(false)
		payload["response_url"] = f.base + "/response"
		p = parcel{"interactive", payload}
	})
	return f.tell(p)
}

// Submit fills in the form on top and sends it. When the app takes it the form
// closes.
func (f *Fake) Submit(user string, values map[string]string) Told {
	var p parcel
	var v View
	f.do(func() {
		open := f.views[user]
		if len(open) == 0 {
			panic("slackfake: no form stands open for " + user)
		}
		v = open[len(open)-1]
		sheet := v.wire()
		sheet["state"] = map[string]any{"values": filled(v, values)}
		payload := f.interaction("view_submission", user)
		payload["view"] = sheet
		p = parcel{"interactive", payload}
	})
	told := f.tell(p)
	if told.Status == http.StatusOK {
		f.do(func() { f.views[user] = f.views[user][:len(f.views[user])-1] })
	}
	return told
}

// filled gives each question its answer, or what stood there already.
func filled(v View, values map[string]string) map[string]any {
	state := map[string]any{}
	for _, b := range parse(v.Blocks) {
		if b.Type != "input" {
			continue
		}
		value, given := values[b.ID]
		one := map[string]any{"type": b.Element.Type}
		switch b.Element.Type {
		case "static_select":
			one["selected_option"] = nil
			for _, o := range b.Element.Options {
				if given && o.Value == value || !given && b.Element.Initial != nil && o.Value == b.Element.Initial.Value {
					one["selected_option"] = o
				}
			}
			if given && value != "" && one["selected_option"] == nil {
				panic(fmt.Sprintf("slackfake: %s has no option %q", b.ID, value))
			}
		case "datetimepicker":
			one["selected_date_time"] = nil
			if t, err := time.Parse(time.RFC3339, value); err == nil {
				one["selected_date_time"] = t.Unix()
			} else if b.Element.When != 0 && !given {
				one["selected_date_time"] = b.Element.When
			}
		default:
			if one["value"] = value; !given {
				one["value"] = b.Element.Filled
			}
			if one["value"] == "" {
				one["value"] = nil
			}
		}
		state[b.ID] = map[string]any{b.Element.ActionID: one}
	}
	return state
}

// OpenHome opens the bot's page.
func (f *Fake) OpenHome(user string) Told {
	return f.Event(map[string]any{"type": "app_home_opened", "user": user, "channel": f.DM(user), "tab": "home"})
}

// Event tells the app any event.
func (f *Fake) Event(inner map[string]any) Told {
	var p parcel
	f.do(func() { p = f.event(inner) })
	return f.tell(p)
}

// Redeliver tells the same once more, as Slack does when it heard no answer.
func (f *Fake) Redeliver(t Told) Told { return f.tell(t.again...) }
