package teamsfake

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"sort"
	"strings"
)

// connector are the doors that the bot calls.
func (f *Fake) connector(mux *http.ServeMux) {
	for pattern, door := range map[string]struct {
		call string
		do   func(*http.Request, []byte) (int, any)
	}{
		"POST /teams/v3/conversations/{room}/activities":          {"send", f.send},
		"PUT /teams/v3/conversations/{room}/activities/{message}": {"update", f.update},
		"POST /teams/v3/conversations":                            {"create", f.create},
		"GET /teams/v3/conversations/{room}/members/{member}":     {"member", f.member},
		"GET /teams/v3/conversations/{room}/pagedmembers":         {"members", f.members},
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(io.LimitReader(r.Body, 4<<20))
			if err != nil {
				http.Error(w, "cannot read", http.StatusBadRequest)
				return
			}
			about, _, _ := strings.Cut(r.PathValue("room"), ";messageid=")
			trouble := f.troubled(door.call, about)
			if !f.taken(r) {
				write(w, http.StatusUnauthorized, wrong("Unauthorized", "Authorization has been denied for this request."))
				return
			}
			status, said := http.StatusOK, any(nil)
			if trouble == nil || trouble.Store {
				f.do(func() { status, said = door.do(r, body) })
			}
			if trouble != nil {
				trouble.answer(w, r)
				return
			}
			write(w, status, said)
		})
	}
}

// sent is a message as the bot sends it.
type sent struct {
	Type        string `json:"type"`
	Text        string `json:"text"`
	Summary     string `json:"summary"`
	Attachments []struct {
		Type    string          `json:"contentType"`
		Content json.RawMessage `json:"content"`
	} `json:"attachments"`
	Entities []struct {
		Type      string `json:"type"`
		Text      string `json:"text"`
		Mentioned struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"mentioned"`
	} `json:"entities"`
}

// compose reads a message and keeps Teams' limits.
func compose(raw []byte) (*Message, int, any) {
	var s sent
	if err := json.Unmarshal(raw, &s); err != nil || s.Type != "message" {
		return nil, http.StatusBadRequest, wrong("BadSyntax", "a message is wanted")
	}
	if 2*len([]rune(string(raw))) > 100<<10 {
		return nil, http.StatusRequestEntityTooLarge, wrong("MessageSizeTooBig", "too big")
	}
	m := &Message{User: Bot, Text: s.Text, Summary: s.Summary}
	for _, e := range s.Entities {
		if e.Type != "mention" || !strings.Contains(s.Text, e.Text) {
			return nil, http.StatusBadRequest, wrong("BadArgument", "a mention that is not in the text")
		}
		m.Calls = append(m.Calls, e.Mentioned.ID)
	}
	for _, a := range s.Attachments {
		if a.Type != "application/vnd.microsoft.card.adaptive" || m.Card != nil {
			return nil, http.StatusBadRequest, wrong("BadSyntax", "one Adaptive Card is what the fake knows")
		}
		m.Card = a.Content
		if found := Limits(a.Content); len(found) > 0 {
			return nil, http.StatusBadRequest, wrong("BadSyntax", strings.Join(found, "; "))
		}
		m.read()
	}
	if m.Card == nil && m.Text == "" {
		return nil, http.StatusBadRequest, wrong("BadSyntax", "an empty message")
	}
	return m, 0, nil
}

// enter finds the room and the thread that a conversation stands for.
func (f *Fake) enter(conversation string) (*room, string, int, any) {
	id, thread, _ := strings.Cut(conversation, ";messageid=")
	r := f.rooms[id]
	switch {
	case r == nil:
		return nil, "", http.StatusNotFound, wrong("ConversationNotFound", "there is none")
	case !r.bot:
		return nil, "", http.StatusForbidden, wrong("BotNotInConversationRoster", "The bot is not part of the conversation roster.")
	case r.blocked:
		return nil, "", http.StatusForbidden, wrong("MessageWritesBlocked", "Thread does not allow writes.")
	case thread != "" && (r.kind != "channel" || r.find(thread) == nil || r.find(thread).Thread != ""):
		return nil, "", http.StatusNotFound, wrong("ThreadNotFound", "there is no such thread")
	}
	return r, thread, 0, nil
}

func (f *Fake) send(r *http.Request, body []byte) (int, any) {
	to, thread, status, no := f.enter(r.PathValue("room"))
	if no != nil {
		return status, no
	}
	m, status, no := compose(body)
	if no != nil {
		return status, no
	}
	m.Channel, m.ID, m.Thread = to.id, f.stamp(), thread
	to.messages = append(to.messages, m)
	return http.StatusCreated, map[string]any{"id": m.ID}
}

func (f *Fake) update(r *http.Request, body []byte) (int, any) {
	to, _, status, no := f.enter(r.PathValue("room"))
	if no != nil {
		return status, no
	}
	m := to.find(r.PathValue("message"))
	if m == nil || m.User != Bot {
		return http.StatusNotFound, wrong("ActivityNotFoundInConversation", "there is none")
	}
	changed, status, no := compose(body)
	if no != nil {
		return status, no
	}
	m.Text, m.Summary, m.Card, m.Calls, m.Delivery, m.Ref = changed.Text, changed.Summary, changed.Card, changed.Calls, changed.Delivery, changed.Ref
	m.Edits++
	return http.StatusOK, map[string]any{"id": m.ID}
}

// create opens a direct room or a thread. As in Teams itself, a bot cannot make a
// group chat.
func (f *Fake) create(_ *http.Request, body []byte) (int, any) {
	var ask struct {
		IsGroup bool `json:"isGroup"`
		Members []struct {
			ID string `json:"id"`
		} `json:"members"`
		Tenant string `json:"tenantId"`
		Data   struct {
			Channel struct {
				ID string `json:"id"`
			} `json:"channel"`
			Tenant struct {
				ID string `json:"id"`
			} `json:"tenant"`
		} `json:"channelData"`
		Activity json.RawMessage `json:"activity"`
	}
	if err := json.Unmarshal(body, &ask); err != nil || ask.Data.Tenant.ID != Tenant {
		return http.StatusBadRequest, wrong("BadArgument", "the tenant is missing")
	}
	if ask.IsGroup {
		to, _, status, no := f.enter(ask.Data.Channel.ID)
		if no != nil {
			return status, no
		}
		if to.kind != "channel" || len(ask.Members) > 0 {
			return http.StatusBadRequest, wrong("BadArgument", "a bot can make no group chat")
		}
		m, status, no := compose(ask.Activity)
		if no != nil {
			return status, no
		}
		m.Channel, m.ID = to.id, f.stamp()
		to.messages = append(to.messages, m)
		return http.StatusCreated, map[string]any{"id": to.id + ";messageid=" + m.ID, "activityId": m.ID}
	}
	if len(ask.Members) != 1 {
		return http.StatusBadRequest, wrong("BadArgument", "one member is wanted")
	}
	u := f.users[strings.TrimPrefix(ask.Members[0].ID, "29:")]
	if u == nil {
		return http.StatusForbidden, wrong("ForbiddenOperationException", "The user is not in this tenant.")
	}
	if to := f.direct(u.id); !to.bot {
		return http.StatusForbidden, wrong("BotNotInConversationRoster", "The app is not installed.")
	}
	return http.StatusCreated, map[string]any{"id": f.direct(u.id).id}
}

func (u *user) wire() map[string]any {
	return map[string]any{
		"id": "29:" + u.id, "name": u.name, "aadObjectId": u.id, "email": u.email, "userPrincipalName": u.email,
		"tenantId": Tenant, "userRole": "user",
	}
}

func (f *Fake) member(r *http.Request, _ []byte) (int, any) {
	to, _, status, no := f.enter(r.PathValue("room"))
	if no != nil {
		return status, no
	}
	u := f.users[strings.TrimPrefix(r.PathValue("member"), "29:")]
	if u == nil || !to.members[u.id] {
		return http.StatusNotFound, wrong("MemberNotFoundInConversation", "there is none")
	}
	return http.StatusOK, u.wire()
}

func (f *Fake) members(r *http.Request, _ []byte) (int, any) {
	to, _, status, no := f.enter(r.PathValue("room"))
	if no != nil {
		return status, no
	}
	var list []any
	var names []string
	for id := range to.members {
		names = append(names, id)
	}
	sort.Strings(names)
	if q := r.URL.Query(); q.Has("continuationToken") && q.Get("continuationToken") == "" {
		return http.StatusForbidden, wrong("BadArgument", "Failed to decrypt members continuationToken")
	}
	// Two a page, so that whoever reads them must turn pages.
	from := slices.Index(names, r.URL.Query().Get("continuationToken"))
	names = names[max(from, 0):]
	next := ""
	if len(names) > 2 {
		next, names = names[2], names[:2]
	}
	for _, id := range names {
		list = append(list, f.users[id].wire())
	}
	return http.StatusOK, map[string]any{"members": list, "continuationToken": next}
}
