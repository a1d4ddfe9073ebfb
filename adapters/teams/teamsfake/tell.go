package teamsfake

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"
)

// Told is what the app answered when it was told what a person did.
type Told struct {
	Status int    // 200 is good
	Body   []byte // what it answered
	ID     string // of the message that was written
	Err    error  // it could not be reached

	again map[string]any
}

// Zone is where everybody lives.
const Zone = "Europe/Amsterdam"

// at is the room where a person does something, with f.mu held; "" is their direct
// room.
func (f *Fake) at(user, channel string) *room {
	if channel == "" || f.users[channel] != nil {
		return f.direct(user)
	}
	r := f.rooms[channel]
	if r == nil {
		panic("teamsfake: there is no room " + channel)
	}
	return r
}

// activity begins what Teams tells of a person in a room, with f.mu held.
func (f *Fake) activity(kind, id, user string, r *room, thread string) map[string]any {
	conversation := r.id
	if r.kind == "channel" {
		conversation += ";messageid=" + thread
	}
	u := f.users[user]
	locale := u.locale
	if locale == "" {
		locale = "nl-NL"
	}
	a := map[string]any{
		"type": kind, "id": id, "timestamp": f.now().UTC().Format(time.RFC3339Nano), "localTimezone": Zone,
		"serviceUrl": f.Service(), "channelId": "msteams", "locale": locale,
		"from":         map[string]any{"id": "29:" + user, "name": u.name, "aadObjectId": user},
		"recipient":    map[string]any{"id": Bot, "name": "schoolbel"},
		"conversation": map[string]any{"id": conversation, "conversationType": r.kind, "isGroup": r.kind != "personal", "tenantId": Tenant},
		"entities":     []any{map[string]any{"type": "clientInfo", "locale": locale, "country": "NL", "platform": "Web", "timezone": Zone}},
		"channelData":  map[string]any{"tenant": map[string]any{"id": Tenant}},
	}
	return a
}

// Message writes something in a room; "" is the direct room. "@schoolbel" in it calls
// the bot by name.
func (f *Fake) Message(user, channel, text string) Told { return f.Reply(user, channel, "", text) }

// Reply writes something in a thread.
func (f *Fake) Reply(user, channel, thread, text string) Told {
	return f.write(user, channel, thread, text, nil)
}

// Upload writes something with a file.
func (f *Fake) Upload(user, channel, text, name string) Told {
	return f.write(user, channel, "", text, []any{
		map[string]any{"contentType": "text/html", "content": "<p>" + html.EscapeString(text) + "</p>"},
		map[string]any{
			"contentType": "application/vnd.microsoft.teams.file.download.info", "name": name,
			"contentUrl": "https://delinde.sharepoint.example/" + name, "content": map[string]any{"uniqueId": "1", "fileType": "jpg", "downloadUrl": "https://delinde.sharepoint.example/temp"},
		},
	})
}

func (f *Fake) write(user, channel, thread, text string, attachments []any) Told {
	var a map[string]any
	id := ""
	f.do(func() {
		r := f.at(user, channel)
		id = f.stamp()
		m := &Message{Channel: r.id, ID: id, User: user, Text: text}
		root := id
		if thread != "" && r.kind == "channel" {
			m.Thread, root = thread, thread
		}
		r.messages = append(r.messages, m)
		if !r.bot {
			return // Teams does not tell what was said behind the bot's back
		}
		a = f.activity("message", id, user, r, root)
		if strings.Contains(text, "@schoolbel") {
			mark := "<at>schoolbel</at>"
			text = strings.ReplaceAll(text, "@schoolbel", mark)
			a["entities"] = append(a["entities"].([]any), map[string]any{"type": "mention", "text": mark, "mentioned": map[string]any{"id": Bot, "name": "schoolbel"}})
		}
		a["text"], a["textFormat"] = text, "plain"
		if attachments != nil {
			a["attachments"] = attachments
		}
	})
	if a == nil {
		return Told{Status: http.StatusOK, ID: id}
	}
	told := f.Tell(a)
	told.ID = id
	return told
}

// Change gives a message of a person another text.
func (f *Fake) Change(user, channel, id, text string) Told {
	return f.alter(user, channel, id, "messageUpdate", "editMessage", func(m *Message) { m.Text = text; m.Edits++ })
}

// Delete takes a message of a person away; Restore brings it back.
func (f *Fake) Delete(user, channel, id string) Told {
	return f.alter(user, channel, id, "messageDelete", "softDeleteMessage", func(m *Message) { m.Deleted = true })
}

// Restore brings back a message that was taken away.
func (f *Fake) Restore(user, channel, id string) Told {
	return f.alter(user, channel, id, "messageUpdate", "undeleteMessage", func(m *Message) { m.Deleted = false })
}

func (f *Fake) alter(user, channel, id, kind, event string, change func(*Message)) Told {
	var a map[string]any
	f.do(func() {
		r := f.at(user, channel)
		for _, m := range r.messages {
			if m.ID != id {
				continue
			}
			change(m)
			root := m.Thread
			if root == "" {
				root = m.ID
			}
			a = f.activity(kind, id, user, r, root)
			if a["text"] = m.Text; m.Deleted {
				delete(a, "text")
			}
		}
		if a == nil {
			panic("teamsfake: there is no message " + id)
		}
		a["channelData"].(map[string]any)["eventType"] = event
	})
	return f.Tell(a)
}

// Press presses the button with this label or command on a message.
func (f *Fake) Press(user string, m Message, button string) Told {
	return f.act(user, m, choose(m.Buttons(), button), nil, false)
}

// PressOld does so on a client that knows no Action.Execute.
func (f *Fake) PressOld(user string, m Message, button string) Told {
	return f.act(user, m, choose(m.Buttons(), button), nil, true)
}

func choose(list []Button, wanted string) Button {
	var labels []string
	for _, b := range list {
		if b.Label == wanted || b.Command == wanted && wanted != "" {
			return b
		}
		labels = append(labels, b.Label)
	}
	panic(fmt.Sprintf("teamsfake: no button %q; there are: %s", wanted, strings.Join(labels, ", ")))
}

// act tells the app of a button, with what was filled in.
func (f *Fake) act(user string, m Message, b Button, inputs map[string]any, old bool) Told {
	data := map[string]any{}
	act := b.action
	if old && act.Type == "Action.Execute" {
		if act.Fallback == nil {
			panic("teamsfake: an old client does not show " + b.Label)
		}
		act = *act.Fallback
	}
	if err := json.Unmarshal(act.Data, &data); err != nil {
		panic(fmt.Sprintf("teamsfake: the data of %q: %v", b.Label, err))
	}
	maps.Copy(data, inputs)
	var a map[string]any
	f.do(func() {
		root := m.Thread
		if root == "" {
			root = m.ID
		}
		kind := "invoke"
		if act.Type == "Action.Submit" {
			kind = "message"
		}
		a = f.activity(kind, f.next(), user, f.rooms[m.Channel], root)
		a["replyToId"] = m.ID
		if kind == "message" {
			a["value"] = data
			return
		}
		a["name"] = "adaptiveCard/action"
		a["value"] = map[string]any{"action": map[string]any{"type": act.Type, "title": act.Title, "verb": act.Verb, "data": data}, "trigger": "manual"}
	})
	return f.Tell(a)
}

// Install adds the app for a person, or to a room.
func (f *Fake) Install(user, channel string) Told { return f.installation(user, channel, "add") }

// Uninstall takes it away.
func (f *Fake) Uninstall(user, channel string) Told { return f.installation(user, channel, "remove") }

func (f *Fake) installation(user, channel, action string) Told {
	var a map[string]any
	f.do(func() {
		r := f.at(user, channel)
		r.bot = action == "add"
		a = f.activity("installationUpdate", f.next(), user, r, "")
		a["conversation"].(map[string]any)["id"] = r.id
		a["action"] = action
	})
	return f.Tell(a)
}

// Tell tells the app anything, signed as it should be.
func (f *Fake) Tell(a map[string]any) Told {
	service, _ := a["serviceUrl"].(string)
	return f.TellWith("Bearer "+f.Sign(f.Claims(service)), a)
}

// TellWith tells it with another header.
func (f *Fake) TellWith(header string, a map[string]any) Told {
	raw, err := json.Marshal(a)
	if err != nil {
		return Told{Err: err}
	}
	f.mu.Lock()
	target := f.target
	f.mu.Unlock()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, target+"/api/messages", bytes.NewReader(raw))
	if err != nil {
		return Told{Err: err}
	}
	r.Header.Set("Content-Type", "application/json")
	if header != "" {
		r.Header.Set("Authorization", header)
	}
	told := Told{again: a}
	answer, err := f.client.Do(r)
	if err != nil {
		told.Err = err
		return told
	}
	defer func() { _ = answer.Body.Close() }() // only read
	told.Status = answer.StatusCode
	told.Body, told.Err = io.ReadAll(answer.Body)
	return told
}

// Redeliver tells the same once more, as Teams does when no answer came in time.
func (f *Fake) Redeliver(t Told) Told {
	again := f.Tell(t.again)
	again.ID = t.ID
	return again
}

// Activity is what was told, for tests that spoil it.
func (t Told) Activity() map[string]any { return maps.Clone(t.again) }
