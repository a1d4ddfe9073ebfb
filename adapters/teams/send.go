package teams

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"

	"github.com/infracloudio/msbotbuilder-go/schema"

	"schoolbel/adapters"
)

// Send posts a card. What is for one person alone goes to their direct room: Teams
// shows nothing to one person in a room.
func (t *Teams) Send(ctx context.Context, to adapters.Place, c adapters.Card) (adapters.Receipt, error) {
	to, r, err := t.where(ctx, to, c)
	if err != nil {
		return "", err
	}
	return t.post(ctx, r, conversation(r, to), render(c))
}

// Edit changes a message.
func (t *Teams) Edit(ctx context.Context, at adapters.Place, id adapters.Receipt, c adapters.Card) error {
	at, r, err := t.where(ctx, at, c)
	if err != nil {
		return err
	}
	return t.put(ctx, r, conversation(r, at), id, render(c))
}

// where tells in which conversation a card stands, and how that is reached.
func (t *Teams) where(ctx context.Context, place adapters.Place, c adapters.Card) (adapters.Place, room, error) {
	r, err := t.book.room(ctx, place.Channel)
	if err != nil {
		return place, r, forgetful(err)
	}
	if !c.Private || c.To == "" || r.private(place.Channel) {
		return place, r, nil
	}
	if place, err = t.Direct(ctx, c.To); err != nil {
		return place, r, err
	}
	if r, err = t.book.room(ctx, place.Channel); err != nil {
		return place, r, forgetful(err)
	}
	return place, r, nil
}

// forgetful is the verdict when our own memory does not answer: nothing was said.
func forgetful(err error) error { return &adapters.Failure{Why: adapters.Retry, Err: err} }

// conversation is what Teams calls a place: in a channel each thread is one of its
// own, elsewhere there are none.
func conversation(r room, p adapters.Place) string {
	if p.Thread == "" || !r.threaded(p.Channel) {
		return p.Channel
	}
	return p.Channel + threadMark + p.Thread
}

// Direct is the room of the bot and one person. Teams makes it once; the app must be
// installed for them.
func (t *Teams) Direct(ctx context.Context, user string) (adapters.Place, error) {
	place := adapters.Place{Adapter: Name}
	if user == "" {
		return place, &adapters.Failure{Why: adapters.Refused, Err: errors.New("nobody is named")}
	}
	m, err := t.book.person(ctx, user)
	if err != nil {
		return place, forgetful(err)
	}
	if place.Channel = m.Direct; m.Direct != "" {
		return place, nil
	}
	r, err := t.book.room(ctx, "")
	if err != nil {
		return place, forgetful(err)
	}
	tenant := orElse(r.Tenant, t.cfg.TenantID)
	var made schema.ConversationResourceResponse
	ask := map[string]any{
		"bot": schema.ChannelAccount{ID: t.bot(r)}, "isGroup": false, "members": []schema.ChannelAccount{{ID: orElse(m.ID, user)}},
		"tenantId": tenant, "channelData": map[string]any{"tenant": map[string]string{"id": tenant}},
	}
	// Asked twice, Teams gives the same conversation.
	if err := t.ask(ctx, http.MethodPost, r, "conversations", ask, &made, false); err != nil {
		return place, err
	}
	if made.ID == "" {
		return place, &adapters.Failure{Why: adapters.Retry, Err: errors.New("teams made a direct room and did not say which")}
	}
	place.Channel, m.Direct = made.ID, made.ID
	if m.ID == "" {
		m.ID = user // until they write to us
	}
	r.Type, r.Service = "personal", orElse(made.ServiceURL, t.service(r))
	if !t.cfg.mayCall(r.Service) {
		r.Service = t.cfg.ServiceURL
	}
	if err := errors.Join(t.book.keep(ctx, "room:"+made.ID, r), t.book.keep(ctx, "user:"+user, m)); err != nil {
		return place, forgetful(err)
	}
	return place, nil
}

// teammate is a person as a conversation's roster has them.
type teammate struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
	UPN   string `json:"userPrincipalName"`
	AAD   string `json:"aadObjectId"`
	ObjID string `json:"objectId"` // what older answers call it
}

// User looks somebody up among the members of a conversation that they are in.
func (t *Teams) User(ctx context.Context, id string) (adapters.User, error) {
	if id == "" {
		return adapters.User{}, &adapters.Failure{Why: adapters.Refused, Err: errors.New("nobody is named")}
	}
	m, err := t.book.person(ctx, id)
	if err != nil {
		return adapters.User{}, forgetful(err)
	}
	among := orElse(m.Direct, m.Seen)
	if among == "" {
		direct, err := t.Direct(ctx, id)
		if err != nil {
			return adapters.User{}, err
		}
		among = direct.Channel
	}
	who, err := t.member(ctx, among, orElse(m.ID, id))
	if err != nil {
		return adapters.User{}, err
	}
	return adapters.User{ID: orElse(orElse(who.AAD, who.ObjID), id), Name: orElse(who.Name, m.Name), Email: orElse(who.Email, who.UPN)}, nil
}

// member asks for one member of a conversation; where Teams does not tell of one, it
// reads the list.
func (t *Teams) member(ctx context.Context, among, id string) (teammate, error) {
	r, err := t.book.room(ctx, among)
	if err != nil {
		return teammate{}, forgetful(err)
	}
	path := "conversations/" + url.PathEscape(among)
	var who teammate
	err = t.ask(ctx, http.MethodGet, r, path+"/members/"+url.PathEscape(id), nil, &who, false)
	if err == nil && who.ID != "" {
		return who, nil
	}
	var f *adapters.Failure
	if errors.As(err, &f) && f.Why != adapters.Gone && f.Why != adapters.Refused {
		return who, err
	}
	for next := ""; ; {
		var page struct {
			Members []teammate `json:"members"`
			Next    string     `json:"continuationToken"`
		}
		list := path + "/pagedmembers?pageSize=500"
		if next != "" { // an empty one is a wrong one
			list += "&continuationToken=" + url.QueryEscape(next)
		}
		if err := t.ask(ctx, http.MethodGet, r, list, nil, &page, false); err != nil {
			return who, err
		}
		for _, m := range page.Members {
			if m.ID == id || m.AAD == id || m.ObjID == id {
				return m, nil
			}
		}
		if next = page.Next; next == "" {
			return who, &adapters.Failure{Why: adapters.Gone, Err: fmt.Errorf("%.80q is no member of that conversation", id)}
		}
	}
}

// mostCalled is how many people one message may call.
const mostCalled = 50

// MakeRoom opens a thread in the channel of the key rooms, and calls the people into
// it by name: a bot can make no group chat in Teams.
func (t *Teams) MakeRoom(ctx context.Context, name string, users []string) (adapters.Place, error) {
	if t.cfg.Rooms == "" {
		return adapters.Place{}, &adapters.Failure{Why: adapters.Refused, Err: errors.New(`a bot can make no group chat in Teams; set adapters.teams.rooms to the channel ("19:…@thread.tacv2") in which it may open threads instead`)}
	}
	r, err := t.book.room(ctx, t.cfg.Rooms)
	if err != nil {
		return adapters.Place{}, forgetful(err)
	}
	m := render(adapters.Card{Title: name})
	m.Type = schema.Message
	var calls []string
	for _, user := range users[:min(len(users), mostCalled)] {
		who, err := t.book.person(ctx, user)
		if err != nil {
			return adapters.Place{}, forgetful(err)
		}
		mark := "<at>" + html.EscapeString(orElse(line(who.Name), user)) + "</at>"
		calls = append(calls, mark)
		m.Entities = append(m.Entities, mention{Type: "mention", Text: mark, Mentioned: schema.ChannelAccount{ID: orElse(who.ID, user), Name: orElse(line(who.Name), user)}})
	}
	m.Text = strings.Join(calls, " ")
	tenant := orElse(r.Tenant, t.cfg.TenantID)
	ask := map[string]any{
		"isGroup": true, "bot": schema.ChannelAccount{ID: t.bot(r)}, "activity": m, "tenantId": tenant,
		"channelData": map[string]any{"channel": map[string]string{"id": t.cfg.Rooms}, "tenant": map[string]string{"id": tenant}},
	}
	var made schema.ConversationResourceResponse
	if err := t.ask(ctx, http.MethodPost, r, "conversations", ask, &made, true); err != nil {
		return adapters.Place{}, err
	}
	channel, root := split(made.ID)
	place := adapters.Place{Adapter: Name, Channel: orElse(channel, t.cfg.Rooms), Thread: orElse(root, made.ActivityID)}
	if place.Thread == "" {
		return adapters.Place{}, &adapters.Failure{Why: adapters.Ambiguous, Err: errors.New("teams opened a thread and did not say which")}
	}
	r.Type = "channel"
	if err := t.book.keep(ctx, "room:"+place.Channel, r); err != nil {
		return place, forgetful(err)
	}
	return place, nil
}
