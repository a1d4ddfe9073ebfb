package slackfake

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func (f *Fake) userInfo(given args) (answer, *refusal) {
	u, known := f.users[given["user"]]
	if !known {
		return nil, no("user_not_found")
	}
	handle, _, _ := strings.Cut(u.email, "@")
	out := answer{
		"id": u.id, "team_id": teamID, "name": handle, "real_name": u.name, "is_bot": u.id == Bot,
		"profile": answer{"email": u.email, "real_name": u.name, "display_name": u.name},
	}
	if u.locale != "" && given["include_locale"] == "true" {
		out["locale"] = u.locale
	}
	return answer{"user": out}, nil
}

func (f *Fake) open(given args) (answer, *refusal) {
	u, known := f.users[given["users"]]
	switch {
	case !known:
		return nil, no("user_not_found")
	case u.id == Bot:
		return nil, no("cannot_dm_bot")
	}
	return answer{"channel": answer{"id": f.dm(u.id).id}}, nil
}

// info tells about a room: of a private one, only to who is in it.
func (f *Fake) info(given args) (answer, *refusal) {
	c := f.channels[given["channel"]]
	if c == nil || c.kind() == "group" && !c.members[Bot] {
		return nil, no("channel_not_found")
	}
	return answer{"channel": answer{"id": c.id, "name": c.name, "is_archived": c.archived, "is_member": c.members[Bot], "is_im": c.kind() == "im"}}, nil
}

var channelName = regexp.MustCompile(`^[a-z0-9_][a-z0-9_-]{0,79}$`)

func (f *Fake) create(given args) (answer, *refusal) {
	name := given["name"]
	if !channelName.MatchString(name) {
		return nil, no("invalid_name_specials")
	}
	for _, c := range f.channels {
		if c.name == name {
			return nil, no("name_taken")
		}
	}
	c := &channel{id: f.next("C"), name: name, members: map[string]bool{Bot: true}}
	f.channels[c.id] = c
	return answer{"channel": answer{"id": c.id, "name": name, "is_channel": true}}, nil
}

func (f *Fake) invite(given args) (answer, *refusal) {
	c, wrong := f.where(given["channel"])
	if wrong != nil {
		return nil, wrong
	}
	people := strings.Split(given["users"], ",")
	for _, id := range people {
		if _, known := f.users[id]; !known {
			return nil, no("user_not_found")
		}
		if c.members[id] {
			return nil, no("already_in_channel")
		}
	}
	for _, id := range people {
		c.members[id] = true
	}
	return answer{"channel": answer{"id": c.id, "name": c.name}}, nil
}

// history is newest first, without what stands in threads.
func (f *Fake) history(given args) (answer, *refusal) {
	c, wrong := f.where(given["channel"])
	if wrong != nil {
		return nil, wrong
	}
	var found []*Message
	for _, m := range slices.Backward(c.messages) {
		if m.Thread == "" {
			found = append(found, m)
		}
	}
	return page(found, given), nil
}

// replies is a thread, oldest first, and its first message always with it.
func (f *Fake) replies(given args) (answer, *refusal) {
	c, wrong := f.where(given["channel"])
	if wrong != nil {
		return nil, wrong
	}
	if c.find(given["ts"]) == nil {
		return nil, no("thread_not_found")
	}
	var found []*Message
	for _, m := range c.messages {
		if m.TS == given["ts"] || m.Thread == given["ts"] {
			found = append(found, m)
		}
	}
	return page(found, given), nil
}

// page gives as much as was asked for, from the cursor on.
func page(found []*Message, given args) answer {
	found = slices.DeleteFunc(found, func(m *Message) bool {
		return m.To != "" || m.Deleted || (given["oldest"] != "" && m.TS <= given["oldest"])
	})
	limit, err := strconv.Atoi(given["limit"])
	if err != nil || limit <= 0 {
		limit = 100
	}
	from, err := strconv.Atoi(given["cursor"])
	if err != nil {
		from = 0
	}
	from = min(from, len(found))
	to := min(from+limit, len(found))
	next := ""
	if to < len(found) {
		next = strconv.Itoa(to)
	}
	list := []answer{}
	for _, m := range found[from:to] {
		list = append(list, m.wire(given["include_all_metadata"] == "1" || given["include_all_metadata"] == "true"))
	}
	return answer{"messages": list, "has_more": next != "", "response_metadata": answer{"next_cursor": next}}
}
