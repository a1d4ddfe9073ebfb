package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"schoolbel/adapters"
	"schoolbel/workflows"
	"schoolbel/workflows/school"
)

const (
	roomWord = "schoolbel.room"
	// askKind is a message that is drawn anew once it was answered.
	askKind   = "ask"
	aloneRoom = "rooms"
)

// room is a place that belongs to a team, or to the people of a location, by a word
// in that place and not by the school file.
type room struct {
	Place    string    `json:"place"`
	Team     string    `json:"team,omitempty"`
	Audience string    `json:"audience,omitempty"` // key of an audience, or of a location that has none
	By       string    `json:"by"`                 // the agent who agreed
	Name     string    `json:"name"`
	At       time.Time `json:"at"`
}

// wish is a room that somebody asked for who may not decide.
type wish struct {
	room
	Asker string   `json:"asker"` // name
	Lang  string   `json:"lang"`
	Asked []string `json:"asked"` // where the agents read it
}

// what names the team or the location, as a button says it.
func (r room) what() string {
	if r.Team != "" {
		return "team " + r.Team
	}
	return "audience " + r.Audience
}

// withRooms gives the school with rooms that the file does not name. What the file
// no longer knows is left out.
func withRooms(s *school.School, rooms []room) *school.School {
	with := *s
	with.Teams, with.Audiences = slices.Clone(s.Teams), slices.Clone(s.Audiences)
	add := func(places []string, place string) []string {
		if slices.Contains(places, place) {
			return places
		}
		return append(slices.Clone(places), place)
	}
	for _, r := range rooms {
		t := slices.IndexFunc(with.Teams, func(t school.Team) bool { return t.Key == r.Team })
		a := slices.IndexFunc(with.Audiences, func(a school.Audience) bool { return a.Key == r.Audience })
		switch {
		case t >= 0:
			with.Teams[t].Room = add(with.Teams[t].Room, r.Place)
		case a >= 0:
			with.Audiences[a].Places = add(with.Audiences[a].Places, r.Place)
		case r.Audience != "" && s.HasLocation(r.Audience):
			with.Audiences = append(with.Audiences, school.Audience{Key: r.Audience, Locations: []string{r.Audience}, Places: []string{r.Place}})
		}
	}
	return school.New(with)
}

// choicesOfRoom are what a room can be tied to.
func (c *call) choicesOfRoom() []room {
	s := c.School()
	var list []room
	for _, t := range s.Teams {
		list = append(list, room{Team: t.Key})
	}
	for _, a := range s.Audiences {
		list = append(list, room{Audience: a.Key})
	}
	for _, l := range s.Locations {
		if !slices.ContainsFunc(s.Audiences, func(a school.Audience) bool { return a.Key == l.Key || slices.Equal(a.Locations, []string{l.Key}) }) {
			list = append(list, room{Audience: l.Key})
		}
	}
	return list
}

// roomOf is what a team, or the people of a location, are called.
func (b *Bot) roomOf(r room) string {
	s := b.School()
	if t, ok := s.Team(r.Team); ok {
		return t.Name
	}
	locations := []string{r.Audience}
	if i := slices.IndexFunc(s.Audiences, func(a school.Audience) bool { return a.Key == r.Audience }); i >= 0 {
		locations = s.Audiences[i].Locations
	}
	var names []string
	for _, key := range locations {
		if l, ok := s.Location(key); ok {
			names = append(names, l.Name)
		}
	}
	if len(names) == 0 {
		return r.Audience
	}
	return strings.Join(names, ", ")
}

// roomNamed finds the team or location that somebody names: "team ict", "noord".
func (c *call) roomNamed(text string) (room, bool) {
	bare := strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(text, "team "), "locatie "))
	for _, r := range c.choicesOfRoom() {
		names := []string{r.Team + r.Audience, c.roomOf(r)}
		if l, ok := c.School().Location(r.Audience); ok {
			names = append(names, l.Aliases...)
		}
		if slices.ContainsFunc(names, func(n string) bool { return n != "" && (strings.EqualFold(n, text) || strings.EqualFold(n, bare)) }) {
			return r, true
		}
	}
	return room{}, false
}

// roomHere is this room, without the thread in which somebody speaks.
func (c *call) roomHere() adapters.Place {
	place := c.ev.Place
	place.Thread = ""
	return place
}

// whichRoom asks whose room this is to be.
func (c *call) whichRoom(ctx context.Context) error {
	if fresh, err := c.first(ctx); err != nil || !fresh {
		return err
	}
	card := adapters.Card{Text: c.say("bot.room.which")}
	for _, r := range c.choicesOfRoom() {
		card.Buttons = append(card.Buttons, adapters.Button{Label: c.roomOf(r), Command: roomWord + " " + r.what()})
	}
	return c.answer(ctx, card)
}

// askRoom goes on with what was chosen: an agent is asked whether it is sure, of
// anybody else an agent is asked.
func (c *call) askRoom(ctx context.Context, what room) error {
	if fresh, err := c.first(ctx); err != nil || !fresh {
		return err
	}
	return c.chosenRoom(ctx, what)
}

func (c *call) chosenRoom(ctx context.Context, what room) error {
	if c.ev.Direct || strings.HasPrefix(c.ev.Place.Channel, homePlace) || strings.HasPrefix(c.ev.Place.Channel, "@") {
		return c.answer(ctx, adapters.Card{Tone: adapters.Warn, Text: c.say("bot.room.direct")})
	}
	what.Place = c.roomHere().String()
	switch {
	case c.isRoom(what):
		return c.answer(ctx, adapters.Card{Text: c.say("bot.room.already", c.roomOf(what))})
	case !c.agent():
		return c.wishRoom(ctx, what)
	}
	text := "bot.room.sure.audience"
	if what.Team != "" {
		text = "bot.room.sure.team"
	}
	return c.answer(ctx, adapters.Card{Tone: adapters.Warn, Text: c.say(text, c.roomOf(what)), Buttons: []adapters.Button{
		{Label: c.say("bot.room.yes"), Command: roomWord + " yes " + what.what(), Style: adapters.Primary},
		{Label: c.say("bot.room.no"), Command: roomWord + " no"},
	}})
}

// isRoom tells whether a place is that already.
func (c *call) isRoom(r room) bool {
	s := c.School()
	if r.Team != "" {
		t, _ := s.Team(r.Team)
		return slices.Contains(t.Room, r.Place)
	}
	return slices.ContainsFunc(s.Audiences, func(a school.Audience) bool { return a.Key == r.Audience && slices.Contains(a.Places, r.Place) })
}

// roomPressed is a button of these questions.
func (c *call) roomPressed(ctx context.Context, rest string) error {
	if fresh, err := c.first(ctx); err != nil || !fresh {
		return err
	}
	word, what, _ := strings.Cut(rest, " ")
	switch word {
	case "no":
		return c.answer(ctx, adapters.Card{Text: c.say("bot.dropped")})
	case "grant", "deny":
		return c.decideRoom(ctx, what, word == "grant")
	case "yes":
	default:
		what = rest
	}
	kind, key, _ := strings.Cut(what, " ")
	i := slices.IndexFunc(c.choicesOfRoom(), func(r room) bool { return r.what() == kind+" "+key })
	if i < 0 {
		return c.answer(ctx, adapters.Card{Tone: adapters.Warn, Text: c.say("bot.unknown_button")})
	}
	chosen := c.choicesOfRoom()[i]
	if word != "yes" || !c.agent() || c.ev.Direct {
		return c.chosenRoom(ctx, chosen)
	}
	chosen.Place, chosen.By, chosen.Name, chosen.At = c.roomHere().String(), c.who.Key, c.who.Name, c.Now()
	return c.tieRoom(ctx, chosen, c.roomHere(), c.who.lang)
}

// tieRoom writes it down and tells the room.
func (c *call) tieRoom(ctx context.Context, r room, place adapters.Place, language string) error {
	if err := c.tx.Alone(ctx, aloneRoom); err != nil {
		return err
	}
	if err := c.remember(ctx, keptBy, roomMark+r.Place, r); err != nil {
		return err
	}
	c.bound = true
	c.Log.Info("a room was linked", "place", r.Place, "to", r.what(), "by", r.By)
	text := "bot.room.done.audience"
	if r.Team != "" {
		text = "bot.room.done.team"
	}
	return sendCard(ctx, c.tx, "room:"+c.ev.ID, place, adapters.Card{Tone: adapters.Good, Text: c.Book.Say(language, text, c.roomOf(r), r.Name)}, "")
}

// agents are the rooms in which agents are asked, and their names: those of the
// first team that has an agent and a room.
func (c *call) agents() (rooms []string, names []string) {
	s := c.School()
	for _, t := range s.Teams {
		for _, p := range s.Members(t.Key) {
			if slices.Contains(p.Roles, workflows.Agent) && len(rooms) == 0 {
				rooms = t.Room
			}
		}
	}
	for _, p := range s.WithRole(workflows.Agent) {
		if len(names) < 3 {
			names = append(names, p.Name)
		}
	}
	return slices.DeleteFunc(slices.Clone(rooms), func(place string) bool {
		p, _ := adapters.ParsePlace(place)
		return c.platforms[p.Adapter] == nil
	}), names
}

// wishRoom asks an agent.
func (c *call) wishRoom(ctx context.Context, r room) error {
	rooms, names := c.agents()
	if len(rooms) == 0 {
		return c.answer(ctx, adapters.Card{Tone: adapters.Warn, Text: c.say("bot.room.agents", strings.Join(names, ", "))})
	}
	w := wish{room: r, Asker: c.who.Name, Lang: c.who.lang, Asked: rooms}
	if err := c.remember(ctx, "wishes", c.ev.ID, w); err != nil {
		return err
	}
	for _, at := range rooms {
		body, err := json.Marshal(c.wishCard(w, at))
		if err != nil {
			return fmt.Errorf("bot: card: %w", err)
		}
		if err := c.tx.Send(ctx, workflows.Delivery{ID: wishID(c.ev.ID, at), Place: at, Kind: askKind, Body: body}); err != nil {
			return err
		}
	}
	return c.answer(ctx, adapters.Card{Text: c.say("bot.room.asked", c.roomOf(r))})
}

func wishID(event, place string) string { return "wish:" + event + ":" + place }

func (c *call) wishCard(w wish, at string) adapters.Card {
	say := func(key string, args ...any) string { return c.Book.Say(c.School().Organisation.Locale, key, args...) }
	text := "bot.room.wish.audience"
	if w.Team != "" {
		text = "bot.room.wish.team"
	}
	card := adapters.Card{Tone: adapters.Warn, Text: say(text, w.Asker, w.Place, c.roomOf(w.room)), Buttons: []adapters.Button{
		{Label: say("bot.room.yes"), Command: roomWord + " grant " + c.ev.ID, Style: adapters.Primary},
		{Label: say("bot.room.no"), Command: roomWord + " deny " + c.ev.ID},
	}}
	from, _ := adapters.ParsePlace(w.Place)
	if to, _ := adapters.ParsePlace(at); to.Adapter == from.Adapter {
		card.Buttons = append(card.Buttons, adapters.Button{Label: say("bot.room.look"), Room: from.Channel})
	}
	return card
}

// decideRoom is an agent's yes or no to a wish. The first answer counts.
func (c *call) decideRoom(ctx context.Context, name string, yes bool) error {
	if !c.agent() {
		return c.notForYou(ctx)
	}
	if err := c.tx.Alone(ctx, aloneRoom); err != nil {
		return err
	}
	raw, err := c.tx.Recall(ctx, "wishes", name)
	if err != nil {
		return err
	}
	if raw == nil {
		return c.answer(ctx, adapters.Card{Text: c.say("bot.room.decided")})
	}
	var w wish
	if err := json.Unmarshal(raw, &w); err != nil {
		return fmt.Errorf("bot: wish %s: %w", name, err)
	}
	if err := c.tx.Remember(ctx, "wishes", name, nil); err != nil {
		return err
	}
	verdict := "bot.room.denied"
	if yes {
		verdict = "bot.room.granted"
	}
	locale := c.School().Organisation.Locale
	body, err := json.Marshal(adapters.Card{Text: c.Book.Say(locale, verdict, w.Asker, w.Place, c.roomOf(w.room), c.who.Name)})
	if err != nil {
		return fmt.Errorf("bot: card: %w", err)
	}
	for _, at := range w.Asked {
		if err := c.tx.Redraw(ctx, workflows.Delivery{ID: wishID(name, at), Place: at, Body: body}); err != nil {
			return err
		}
	}
	place, _ := adapters.ParsePlace(w.Place)
	if !yes {
		c.Log.Info("a room was not linked", "place", w.Place, "to", w.what(), "by", c.who.Key)
		return sendCard(ctx, c.tx, "room:"+c.ev.ID, place, adapters.Card{Text: c.Book.Say(w.Lang, "bot.room.refused", c.who.Name, c.roomOf(w.room))}, "")
	}
	w.By, w.Name, w.At = c.who.Key, c.who.Name, c.Now()
	return c.tieRoom(ctx, w.room, place, w.Lang)
}

func (c *call) notForYou(ctx context.Context) error {
	_, names := c.agents()
	return c.answer(ctx, adapters.Card{Tone: adapters.Warn, Text: c.say("bot.room.agents", strings.Join(names, ", "))})
}

// untieRoom takes a room away from what it was tied to.
func (c *call) untieRoom(ctx context.Context) error {
	if fresh, err := c.first(ctx); err != nil || !fresh {
		return err
	}
	if !c.agent() {
		return c.notForYou(ctx)
	}
	if err := c.tx.Alone(ctx, aloneRoom); err != nil {
		return err
	}
	place := c.roomHere()
	raw, err := c.tx.Recall(ctx, keptBy, roomMark+place.String())
	switch {
	case err != nil:
		return err
	case raw != nil:
		var r room
		if err := json.Unmarshal(raw, &r); err != nil {
			return fmt.Errorf("bot: room %s: %w", place, err)
		}
		c.bound = true
		c.Log.Info("a room was unlinked", "place", r.Place, "from", r.what(), "by", c.who.Key)
		if err := c.tx.Remember(ctx, keptBy, roomMark+place.String(), nil); err != nil {
			return err
		}
		return sendCard(ctx, c.tx, "room:"+c.ev.ID, place, adapters.Card{Text: c.say("bot.room.untied", c.roomOf(r), c.who.Name)}, "")
	case slices.ContainsFunc(c.choicesOfRoom(), func(r room) bool { r.Place = place.String(); return c.isRoom(r) }):
		return c.answer(ctx, adapters.Card{Text: c.say("bot.room.file")})
	}
	return c.answer(ctx, adapters.Card{Text: c.say("bot.room.none")})
}

// listRooms tells agents which rooms were tied, by whom and when.
func (c *call) listRooms(ctx context.Context) error {
	if fresh, err := c.first(ctx); err != nil || !fresh {
		return err
	}
	card := adapters.Card{Title: c.say("bot.room.list")}
	var lines []string
	for _, r := range c.tied().rooms {
		lines = append(lines, c.say("bot.room.line", r.Place, c.roomOf(r), r.Name, c.School().Local(r.At).Format("02-01-2006 15:04")))
	}
	if card.Text = strings.Join(lines, "\n"); card.Text == "" {
		card.Text = c.say("bot.room.empty")
	}
	return c.answer(ctx, card)
}
