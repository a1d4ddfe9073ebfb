package teamsfake

import (
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/http"
	"strings"
	"time"
)

// Shortcut picks "Meld als storing" from the menu of a message; with "" from that of
// the box to write in. The form that the app answers with stands open then.
func (f *Fake) Shortcut(user, channel, id string) Told {
	var a map[string]any
	f.do(func() {
		r := f.at(user, channel)
		value := map[string]any{"commandId": "report", "commandContext": "compose"}
		root := id
		if m := r.find(id); m != nil {
			value["commandContext"] = "message"
			value["messagePayload"] = map[string]any{"id": id, "body": map[string]any{"contentType": "html", "content": "<p>" + html.EscapeString(m.Text) + "</p>"}}
			if m.Thread != "" {
				root = m.Thread
			}
		}
		a = f.activity("invoke", f.next(), user, r, root)
		a["name"], a["value"] = "composeExtension/fetchTask", value
	})
	told := f.Tell(a)
	var answer struct {
		Task struct {
			Value struct {
				Card struct {
					Content json.RawMessage `json:"content"`
				} `json:"card"`
			} `json:"value"`
		} `json:"task"`
	}
	if json.Unmarshal(told.Body, &answer) == nil && answer.Task.Value.Card.Content != nil {
		card := answer.Task.Value.Card.Content
		if found := Limits(card); len(found) > 0 || strings.Contains(string(card), "Action.Execute") {
			told.Status, told.Err = 0, fmt.Errorf("no form for a window: %v", found)
		}
		f.do(func() {
			f.windows[user] = Message{Channel: a["conversation"].(map[string]any)["id"].(string), Card: card}
		})
	}
	return told
}

// Form is the form that stands open for a person: in a window, or the last in their
// direct room.
func (f *Fake) Form(user string) (Message, bool) {
	f.mu.Lock()
	window, open := f.windows[user]
	f.mu.Unlock()
	if open {
		return window, true
	}
	said := f.Said(user)
	for i := len(said) - 1; i >= 0; i-- {
		if len(said[i].Inputs()) > 0 {
			return said[i], true
		}
	}
	return Message{}, false
}

// Submit fills in the form that stands open and sends it.
func (f *Fake) Submit(user string, values map[string]string) Told {
	m, ok := f.Form(user)
	if !ok {
		panic("teamsfake: no form stands open for " + user)
	}
	if m.ID == "" {
		return f.sendWindow(user, m, values)
	}
	return f.act(user, m, m.Buttons()[0], filled(m, values), false)
}

// sendWindow sends the form of a window; taken, it closes.
func (f *Fake) sendWindow(user string, m Message, values map[string]string) Told {
	_, _, data := m.Buttons()[0].Data()
	maps.Copy(data, filled(m, values))
	var a map[string]any
	f.do(func() {
		channel, root, _ := strings.Cut(m.Channel, ";messageid=")
		a = f.activity("invoke", f.next(), user, f.rooms[channel], root)
		a["name"], a["value"] = "composeExtension/submitAction", map[string]any{"commandId": "report", "commandContext": "message", "data": data}
	})
	told := f.Tell(a)
	if told.Status == http.StatusOK {
		f.do(func() { delete(f.windows, user) })
	}
	return told
}

// Cancel lets the form be.
func (f *Fake) Cancel(user string) Told {
	m, ok := f.Form(user)
	if !ok {
		panic("teamsfake: no form stands open for " + user)
	}
	return f.act(user, m, m.Buttons()[1], nil, false)
}

// filled gives each question its answer, or what stood there already. A moment may be
// given as RFC 3339.
func filled(m Message, values map[string]string) map[string]any {
	answers := map[string]any{}
	zone, err := time.LoadLocation(Zone)
	if err != nil {
		panic("teamsfake: " + err.Error())
	}
	parse(m.Card).walk(nil, func(n node, _ *node) {
		if !strings.HasPrefix(n.Type, "Input.") {
			return
		}
		value, given := values[n.ID]
		if name, date := strings.CutSuffix(n.ID, ".date"); date || strings.HasSuffix(n.ID, ".time") {
			if at, err := time.Parse(time.RFC3339, values[strings.TrimSuffix(name, ".time")]); err == nil {
				given = true
				if value = at.In(zone).Format("15:04"); date {
					value = at.In(zone).Format(time.DateOnly)
				}
			}
		}
		if !given {
			value = n.Value
		}
		if value == "" && n.Required {
			panic(fmt.Sprintf("teamsfake: %s must be filled in", n.ID))
		}
		if n.Type == "Input.ChoiceSet" && value != "" {
			known := false
			for _, c := range n.Choices {
				known = known || c.Value == value
			}
			if !known {
				panic(fmt.Sprintf("teamsfake: %s has no option %q", n.ID, value))
			}
		}
		if value != "" {
			answers[n.ID] = value // Teams leaves out what is empty
		}
	})
	return answers
}
