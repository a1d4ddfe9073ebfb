package teams

import (
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/infracloudio/msbotbuilder-go/schema"

	"schoolbel/adapters"
)

// activity is what Teams tells, of which we read little. It is ours and not the
// library's, which loses mentions and breaks on a value that is no object.
type activity struct {
	Type         schema.ActivityTypes `json:"type"`
	ID           string               `json:"id"`
	Timestamp    time.Time            `json:"timestamp"`
	LocalZone    string               `json:"localTimezone"`
	ServiceURL   string               `json:"serviceUrl"`
	ChannelID    string               `json:"channelId"`
	From         account              `json:"from"`
	Recipient    account              `json:"recipient"`
	Conversation struct {
		ID     string `json:"id"`
		Type   string `json:"conversationType"`
		Tenant string `json:"tenantId"`
	} `json:"conversation"`
	Text        string          `json:"text"`
	Locale      string          `json:"locale"`
	ReplyTo     string          `json:"replyToId"`
	Name        string          `json:"name"`
	Action      string          `json:"action"`
	Value       json.RawMessage `json:"value"`
	ChannelData json.RawMessage `json:"channelData"`
	Entities    []entity        `json:"entities"`
	Attachments []attachment    `json:"attachments"`
	Removed     []account       `json:"membersRemoved"`
}

type account struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	AAD  string `json:"aadObjectId"`
	Role string `json:"role"`
}

// user is what the school file calls an account: its id in the directory. Guests of
// another sort have only the one that our bot knows them by.
func (a account) user() string { return orElse(a.AAD, a.ID) }

func (a account) bot() bool { return a.Role == "bot" || strings.HasPrefix(a.ID, "28:") }

type entity struct {
	Type      string  `json:"type"`
	Text      string  `json:"text"`
	Mentioned account `json:"mentioned"`
	Zone      string  `json:"timezone"` // of a clientInfo
}

type attachment struct {
	Type    string          `json:"contentType"`
	URL     string          `json:"contentUrl"`
	Name    string          `json:"name"`
	Content json.RawMessage `json:"content"`
}

// data is the part of channelData that matters.
type data struct {
	Tenant struct {
		ID string `json:"id"`
	} `json:"tenant"`
	Event string `json:"eventType"`
}

func (a activity) data() data {
	var d data
	_ = json.Unmarshal(a.ChannelData, &d) // of any shape; what cannot be read is not there
	return d
}

func (a activity) tenant() string { return orElse(a.Conversation.Tenant, a.data().Tenant.ID) }

// expelled tells whether the bot was taken out of the conversation.
func (a activity) expelled() bool {
	ours := func(m account) bool { return m.ID != "" && m.ID == a.Recipient.ID }
	return a.Type == schema.InstallationUpdate && strings.HasPrefix(a.Action, "remove") ||
		a.Type == schema.ConversationUpdate && slices.ContainsFunc(a.Removed, ours)
}

func (a activity) personal() bool { return a.Conversation.Type == "personal" }

func (a activity) zone() string {
	for _, e := range a.Entities {
		if a.LocalZone == "" && e.Type == "clientInfo" {
			a.LocalZone = e.Zone
		}
	}
	return a.LocalZone
}

// event reads what a person did; ok is false where it is nothing for us.
func (t *Teams) event(a activity) (e adapters.Event, ok bool, err error) {
	if a.From.bot() || a.From.user() == "" || a.ID == "" || a.Conversation.ID == "" {
		return e, false, nil
	}
	channel, root := split(a.Conversation.ID)
	e = adapters.Event{
		Place: adapters.Place{Adapter: Name, Channel: channel}, Direct: a.personal(), Message: a.ID,
		User: adapters.User{ID: a.From.user(), Name: a.From.Name}, Locale: language(a.Locale), At: a.Timestamp,
	}
	if e.At.IsZero() {
		e.At = t.now()
	}
	e.Place.Thread = root
	switch a.Type {
	case schema.Message:
		if in, press := pressed(a.Value); press {
			return t.acted(e, a, in)
		}
		e.Kind, e.ID = adapters.Message, messageID(channel, a.ID)
	case schema.MessageUpdate:
		e.Kind, e.ID = adapters.Edited, messageID(channel, a.ID)+":edited:"+e.At.UTC().Format(time.RFC3339Nano)
	case schema.MessageDelete:
		e.Kind, e.ID = adapters.Deleted, messageID(channel, a.ID)+":deleted:"+e.At.UTC().Format(time.RFC3339Nano)
	case schema.Invoke:
		if a.Name == fetchTask {
			return t.asked(e, a)
		}
		in, press := invoked(a)
		if !press {
			return e, false, nil
		}
		return t.acted(e, a, in)
	default:
		return e, false, nil
	}
	if root == a.ID {
		e.Place.Thread = "" // the first message of a thread stands in the room
	}
	text, mentioned := heard(a)
	if e.Kind != adapters.Deleted {
		e.Text, e.Files = text, files(a.Attachments)
	}
	if mentioned && e.Kind == adapters.Message && !e.Direct {
		e.Kind = adapters.Mention
	}
	if e.Kind == adapters.Message && e.Text == "" && len(e.Files) == 0 {
		return e, false, nil
	}
	return e, true, nil
}

// messageID is the id of the event of a message; the house makes it out of place and
// message, too.
func messageID(channel, message string) string { return Name + ":msg:" + channel + ":" + message }

// acted reads a press or a form that was sent.
func (t *Teams) acted(e adapters.Event, a activity, in pressing) (adapters.Event, bool, error) {
	e.ID = Name + ":act:" + e.Place.Channel + ":" + a.ID
	e.Message = a.ReplyTo
	if e.Place.Thread == a.ReplyTo {
		e.Place.Thread = ""
	}
	if in.Form != nil {
		return t.submitted(e, in)
	}
	e.Kind, e.Text, e.Trigger = adapters.Press, in.Command, e.ID
	return e, true, nil
}

// pressing is what an action of ours carries.
type pressing struct {
	Command  string `json:"command"`
	Delivery string `json:"delivery,omitempty"`
	Ref      string `json:"ref,omitempty"`
	Form     *stamp `json:"form,omitempty"`
	Cancel   bool   `json:"cancel,omitempty"`
	answers  map[string]string
}

// pressed reads the data of an action; false where it is none of ours.
func pressed(raw json.RawMessage) (pressing, bool) {
	var in pressing
	if len(raw) == 0 || json.Unmarshal(raw, &in) != nil || in.Command == "" && !in.Cancel {
		return in, false
	}
	var all map[string]json.RawMessage
	if json.Unmarshal(raw, &all) != nil {
		return in, false
	}
	in.answers = map[string]string{}
	for name, value := range all {
		var s string
		if json.Unmarshal(value, &s) == nil {
			in.answers[name] = s
		}
	}
	return in, true
}

// invoked reads the action of an invoke.
func invoked(a activity) (pressing, bool) {
	var value struct {
		Action struct {
			Data json.RawMessage `json:"data"`
		} `json:"action"`
		Data json.RawMessage `json:"data"`
	}
	switch {
	case json.Unmarshal(a.Value, &value) != nil:
		return pressing{}, false
	case a.Name == cardAction:
		return pressed(value.Action.Data)
	case a.Name == submitTask:
		return pressed(value.Data)
	}
	return pressing{}, false
}

var at = regexp.MustCompile(`(?s)<at[^>]*>(.*?)</at>`)

// heard is the text as a person meant it: our own name is left out, other people are
// "@Noor de Wit". It tells whether our name was in it.
func heard(a activity) (string, bool) {
	mentioned := false
	ours := map[string]bool{}
	for _, e := range a.Entities {
		if e.Type == "mention" && a.Recipient.ID != "" && e.Mentioned.ID == a.Recipient.ID {
			mentioned = true
			ours[e.Text] = true
		}
	}
	text := at.ReplaceAllStringFunc(a.Text, func(mark string) string {
		if ours[mark] {
			return ""
		}
		return "@" + html.UnescapeString(at.FindStringSubmatch(mark)[1])
	})
	text = strings.NewReplacer("&nbsp;", " ", "\u00a0", " ", "\r\n", "\n").Replace(text)
	if text = strings.TrimSpace(text); mentioned {
		text = strings.TrimLeft(text, " ,:")
	}
	return text, mentioned
}

// files are links to what came along; what is in it nobody fetches.
func files(list []attachment) []adapters.File {
	var found []adapters.File
	for _, f := range list {
		kind := strings.ToLower(f.Type)
		if f.URL == "" || strings.HasPrefix(kind, "text/html") || strings.HasPrefix(kind, "application/vnd.microsoft.card.") {
			continue
		}
		if strings.HasPrefix(kind, "application/vnd.microsoft.teams.file.") {
			var about struct {
				Type string `json:"fileType"`
			}
			_ = json.Unmarshal(f.Content, &about) // then its name must do
			kind = about.Type
		}
		found = append(found, adapters.File{Name: orElse(f.Name, "bestand"), URL: f.URL, Type: kind})
	}
	return found
}

// language is "nl" of "nl-NL", where it is one that the house speaks.
func language(locale string) string {
	l, _, _ := strings.Cut(strings.ToLower(locale), "-")
	if l != "nl" && l != "en" {
		return ""
	}
	return l
}

// checked is an activity as the library must see it to check its token: what it
// would break on is left out, what the token is compared with is the very same.
func (a activity) checked() ([]byte, error) {
	raw, err := json.Marshal(map[string]string{"type": string(a.Type), "id": a.ID, "channelId": a.ChannelID, "serviceUrl": a.ServiceURL})
	if err != nil {
		return nil, fmt.Errorf("teams: %w", err)
	}
	return raw, nil
}
