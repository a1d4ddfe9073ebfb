package console

import (
	"crypto/rand"
	"net/url"
	"slices"
	"strings"

	"schoolbel/adapters"
)

// Cast is who can be played and which rooms there are.
type Cast struct {
	People []Person
	Rooms  []Room
}

// Person is somebody the visitor can be.
type Person struct {
	ID     string
	Name   string
	Hint   string // who that is, in a few words: "docent, Noord"
	Locale string // nl, en, or "" when nobody told
}

// Room is a room for several people.
type Room struct {
	Channel string
	Name    string
	Members []string // ids of people
}

// Channels that are no room of the cast.
const (
	directWith = "dm:"   // a person and the bot alone
	homeOf     = "home:" // a person's home page
	made       = "made:" // made by the bot: name and members follow
)

func (p Person) user() adapters.User { return adapters.User{ID: p.ID, Name: p.Name} }

func (c Cast) person(id string) (Person, bool) {
	i := slices.IndexFunc(c.People, func(p Person) bool { return p.ID == id })
	if i < 0 {
		return Person{}, false
	}
	return c.People[i], true
}

// room finds a room for several people.
func (c Cast) room(channel string) (Room, bool) {
	if text, ok := strings.CutPrefix(channel, made); ok {
		_, text, _ = strings.Cut(text, "?")
		values, err := url.ParseQuery(text)
		return Room{Channel: channel, Name: values.Get("name"), Members: values["who"]}, err == nil
	}
	i := slices.IndexFunc(c.Rooms, func(r Room) bool { return r.Channel == channel })
	if i < 0 {
		return Room{}, false
	}
	return c.Rooms[i], true
}

// sees tells whether somebody is in a room, direct room or home of this channel.
func (c Cast) sees(person, channel string) bool {
	if channel == directWith+person || channel == homeOf+person {
		return true
	}
	r, ok := c.room(channel)
	return ok && slices.Contains(r.Members, person)
}

// stand says where a card goes: to the place that was asked, or to the direct
// room of the one who alone may see it and does not come in that place.
func (c Cast) stand(at adapters.Place, card adapters.Card) (adapters.Place, error) {
	if card.Private && !c.sees(card.To, at.Channel) {
		at = adapters.Place{Adapter: name, Channel: directWith + card.To}
	}
	for _, prefix := range []string{directWith, homeOf} {
		if id, ok := strings.CutPrefix(at.Channel, prefix); ok {
			if _, ok := c.person(id); !ok {
				return at, gone("person", id)
			}
			return at, nil
		}
	}
	if _, ok := c.room(at.Channel); !ok {
		return at, gone("room", at.Channel)
	}
	return at, nil
}

func madeChannel(called string, users []string) string {
	return made + rand.Text()[:8] + "?" + url.Values{"name": {called}, "who": users}.Encode()
}
