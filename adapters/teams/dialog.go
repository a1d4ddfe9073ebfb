package teams

import (
	"encoding/json"
	"html"
	"net/http"
	"regexp"
	"strings"

	"github.com/infracloudio/msbotbuilder-go/schema"

	"schoolbel/adapters"
)

// What an invoke may be about.
const (
	cardAction = "adaptiveCard/action"
	fetchTask  = "composeExtension/fetchTask" // somebody picked our command from the menu of a message
	submitTask = "composeExtension/submitAction"
)

// dialog tells whether somebody does this in a window of its own. Where that stands
// open may be a chat that the bot is not in.
func (a activity) dialog() bool { return a.Name == fetchTask || a.Name == submitTask }

// asked reads that somebody wants to report, perhaps the message that they did it on.
func (t *Teams) asked(e adapters.Event, a activity) (adapters.Event, bool, error) {
	var value struct {
		Payload struct {
			ID   string `json:"id"`
			Body struct {
				Type    string `json:"contentType"`
				Content string `json:"content"`
			} `json:"body"`
		} `json:"messagePayload"`
	}
	if err := json.Unmarshal(a.Value, &value); err != nil {
		return e, false, nil
	}
	e.Kind, e.ID = adapters.Shortcut, Name+":act:"+e.Place.Channel+":"+a.ID
	e.Trigger, e.Message, e.Direct = e.ID, value.Payload.ID, false
	if e.Text = value.Payload.Body.Content; value.Payload.Body.Type == "html" {
		e.Text = plainText(e.Text)
	}
	return e, true, nil
}

var (
	breaks = regexp.MustCompile(`(?i)<br\s*/?>|</p>|</div>|</li>`)
	tags   = regexp.MustCompile(`(?s)<[^>]*>`)
)

// plainText is what can be read of a message in HTML.
func plainText(s string) string {
	s = tags.ReplaceAllString(breaks.ReplaceAllString(s, "\n"), "")
	return strings.TrimSpace(strings.ReplaceAll(html.UnescapeString(s), "\u00a0", " "))
}

// window shows a form in the window that stands open. There only Submit works.
func window(card *adaptive) *adaptive {
	for _, part := range card.Body {
		row, ok := part.(actionSet)
		if !ok {
			continue
		}
		for i, a := range row.Actions {
			if a.Fallback != nil {
				row.Actions[i] = *a.Fallback
			}
		}
	}
	return card
}

// inWindow answers to what was done in a window: with the form, or by closing it.
func inWindow(w http.ResponseWriter, s *shown) {
	answer := map[string]any{}
	if s != nil && s.form != nil {
		answer["task"] = map[string]any{"type": "continue", "value": map[string]any{
			"title": s.title, "height": "large", "width": "medium", "card": schema.Attachment{ContentType: cardType, Content: s.form},
		}}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(answer) // a caller that left has no use for it
}
