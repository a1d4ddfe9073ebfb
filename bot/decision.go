package bot

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"schoolbel/adapters"
	"schoolbel/workflows"
)

// deciding tells whether people are asked to decide on a change now.
func (n *news) deciding() bool {
	if n.r.Kind != "change" {
		return false
	}
	early := n.r.State == "requested" || n.r.State == "assessing"
	return n.r.State == "awaiting_approval" || early && n.ballot(n.r).Pressing()
}

// table are the places where a decision is taken: the room of each team of those who
// decide, and the own room of whoever has no such room.
func (n *news) table(ctx context.Context) (rooms []string, alone map[string]string, err error) {
	alone = map[string]string{}
	if !n.deciding() {
		return nil, alone, nil
	}
	votes := n.ballot(n.r)
	hats := votes.Roles()
	private := func(key string) error {
		_, to, found, err := n.reachAlone(ctx, key)
		if err == nil && found {
			alone[to.String()] = key
		}
		return err
	}
	for _, key := range votes.Waits() {
		seated := false
		for _, room := range n.seats(key, hats) {
			seated = true
			if !slices.Contains(rooms, room) {
				rooms = append(rooms, room)
			}
		}
		if !seated {
			if err := private(key); err != nil {
				return nil, nil, err
			}
		}
		for _, p := range n.School().People { // who stands in for them
			if slices.Contains(n.School().ActsFor(p.Key, n.Now()), key) && !votes.Own(p.Key, n.Now()) {
				if err := private(p.Key); err != nil {
					return nil, nil, err
				}
			}
		}
	}
	return rooms, alone, nil
}

// seats are the rooms of the teams in which somebody decides: a team by the name of
// the hat, or one in which everybody wears it.
func (n *news) seats(key string, hats []workflows.Role) []string {
	p, _ := n.School().Person(key)
	for _, name := range p.Teams {
		team, _ := n.School().Team(name)
		if len(team.Room) == 0 {
			continue
		}
		all := slices.Contains(hats, workflows.Role(team.Key))
		if !all {
			all = true
			for _, m := range n.School().Members(team.Key) {
				all = all && slices.ContainsFunc(m.Roles, func(r workflows.Role) bool { return slices.Contains(hats, r) })
			}
		}
		if all {
			return team.Room
		}
	}
	return nil
}

// reachAlone is where somebody is told of this in their own room, whatever they said
// where.
func (n *news) reachAlone(ctx context.Context, key string) (language string, to adapters.Place, found bool, err error) {
	quiet := *n
	quiet.r = n.r.Clone()
	quiet.r.SetField("origin."+key, "")
	return quiet.reach(ctx, key)
}

// ballots puts the card of a change before those who decide on it.
func (n *news) ballots(ctx context.Context) error {
	rooms, alone, err := n.table(ctx)
	if err != nil {
		return err
	}
	for _, room := range rooms {
		if err := n.tx.Refresh(ctx, room, n.r.Ref, ""); err != nil {
			return err
		}
	}
	for _, place := range slices.Sorted(maps.Keys(alone)) {
		if err := n.tx.Refresh(ctx, place, n.r.Ref, alone[place]); err != nil {
			return err
		}
	}
	return nil
}

// deciders tells those whom a step of a change is up to.
func (n *news) deciders(ctx context.Context, tell teller) error {
	if n.r.Kind != "change" {
		return nil
	}
	owner := n.School().AnswersFor(n.r.Kind)
	text := func(tone adapters.Tone, key string, args ...any) func(string) (adapters.Card, bool) {
		return func(language string) (adapters.Card, bool) {
			card := adapters.Card{Tone: tone, Text: n.Book.Say(language, key, append([]any{n.r.Ref.String(), n.r.Title}, args...)...)}
			card.Buttons = []adapters.Button{{Label: n.Book.Say(language, "bot.private.show"), Command: n.r.Ref.String()}}
			return card, true
		}
	}
	if n.entry.Diff["field.unreachable"][1] != "" {
		if err := tell(owner, text(adapters.Warn, "bot.change.told.unreachable")); err != nil {
			return err
		}
	}
	switch n.entry.Action {
	case "overdue":
		return tell(owner, text(adapters.Warn, "bot.change.told.overdue"))
	case "remind":
		return n.again(ctx)
	case "approve", "reject":
		for _, v := range n.ballot(n.r).Votes() {
			if v.By == n.entry.Actor && v.For != "" {
				key := map[bool]string{true: "bot.change.told.for_yes", false: "bot.change.told.for_no"}[v.Yes]
				return tell(v.For, text(adapters.Plain, key, n.entry.Name))
			}
		}
	case "validate":
		if t := n.r.Field("tester"); t != "" && t != n.entry.Actor {
			return tell(t, n.tests)
		}
	case "late", "chase":
		who := n.r.Field("implementer")
		if who == "" {
			who = n.r.Owner
		}
		return tell(who, func(language string) (adapters.Card, bool) { return n.nags(language), true })
	}
	return nil
}

// tests asks somebody who was named to see whether it works.
func (n *news) tests(language string) (adapters.Card, bool) {
	say := func(key string, args ...any) string { return n.Book.Say(language, key, args...) }
	ref := n.r.Ref.String()
	card := adapters.Card{Text: say("bot.change.told.test", ref, n.r.Title, n.entry.Name)}
	if plan := n.r.Field("test_plan"); plan != "" {
		card.Text += "\n\n" + plan
	}
	card.Buttons = []adapters.Button{
		{Label: say("bot.change.works"), Command: ref + " complete", Style: adapters.Primary},
		{Label: say("bot.change.fails"), Command: ref + " roll_back"},
	}
	return card, true
}

// nags asks after work that should have been done, or a record to be completed.
func (n *news) nags(language string) adapters.Card {
	ref := n.r.Ref.String()
	p, _ := n.School().Person(n.r.Owner)
	card := adapters.Card{Tone: adapters.Warn, Text: n.Book.Say(language, "bot.change.told."+string(n.entry.Action), ref, n.r.Title)}
	if at, ok := n.reviewBy(n.r); ok && n.entry.Action == "chase" {
		card.Text += " " + n.Book.Say(language, "bot.change.review_by", n.moment(at, language))
	}
	card.Buttons = n.buttons(n.r, workflows.Actor{Key: p.Key, Roles: append([]workflows.Role{workflows.Agent}, p.Roles...)}, language, 3)
	return card
}

// again asks those who have not voted once more, each where the card stands.
func (n *news) again(ctx context.Context) error {
	rooms, alone, err := n.table(ctx)
	if err != nil {
		return err
	}
	var names []string
	for _, key := range n.ballot(n.r).Waits() {
		names = append(names, n.name(key))
	}
	send := func(place, key string) error {
		to, ok := adapters.ParsePlace(place)
		if !ok {
			return nil
		}
		language := n.School().Organisation.Locale
		if p, known := n.School().Person(key); known && p.Locale != "" {
			language = p.Locale
		}
		card := adapters.Card{Ref: n.r.Ref.String(), Tone: adapters.Warn, Text: n.Book.Say(language, "bot.change.told.remind", n.r.Ref.String(), n.r.Title, strings.Join(names, ", "))}
		card.Buttons = []adapters.Button{{Label: n.Book.Say(language, "bot.private.show"), Command: n.r.Ref.String()}}
		return sendCard(ctx, n.tx, fmt.Sprintf("news:%s:%d:%s", n.r.Ref, n.entry.Seq, place), to, card, key)
	}
	for _, room := range rooms {
		if err := send(room, ""); err != nil {
			return err
		}
	}
	for _, place := range slices.Sorted(maps.Keys(alone)) {
		if err := send(place, alone[place]); err != nil {
			return err
		}
	}
	return nil
}

// asker is what somebody who asked for a change, or follows it, hears of a line; ok
// is false where a change has no words of its own.
func (n *news) asker(language, key string) (card adapters.Card, wanted, ok bool) {
	if n.r.Kind != "change" || n.entry.Actor == key {
		return card, false, false
	}
	say := func(key string, args ...any) string { return n.Book.Say(language, key, args...) }
	ref := n.r.Ref.String()
	switch n.entry.Action {
	case "approve", "note", "assess", "validate", "review", "notice", "late", "chase", "remind", "overdue", "overrule":
		return card, false, true
	case "authorise":
		if n.r.Field("type") == "standard" { // they heard so when they asked
			return card, false, true
		}
		var names []string
		for _, v := range n.ballot(n.r).Votes() {
			names = append(names, n.name(v.By))
		}
		return adapters.Card{Tone: adapters.Good, Text: say("bot.change.told.approved", ref, n.r.Title, strings.Join(names, ", "))}, true, true
	case "schedule":
		return adapters.Card{Text: say("bot.change.told.scheduled", ref, n.r.Title, n.window(n.r, language))}, true, true
	case "submit":
		return adapters.Card{Text: say("bot.change.told.submitted", ref, n.r.Title)}, true, true
	case "reject", "postpone", "withdraw":
		text := wordOf(n.Book, language, n.r.Kind, "log."+string(n.entry.Action), n.entry.Name, n.entry.Note)
		if n.entry.Action == "withdraw" && n.entry.Note != "" {
			text += ": " + n.entry.Note
		}
		return adapters.Card{Text: ref + ": " + text}, true, true
	case "complete":
		card = adapters.Card{Tone: adapters.Good, Text: say("bot.change.told.done", ref, n.r.Title)}
		if result := n.r.Field("result"); result != "" {
			card.Text += " " + result
		}
		return card, true, true
	}
	return card, false, false
}

// nextStep tells who asked for a change what happens now.
func (n *news) nextStep(language string) string {
	if n.r.Kind != "change" {
		return ""
	}
	say := func(key string, args ...any) string { return "\n\n" + n.Book.Say(language, key, args...) }
	switch n.r.Field("type") {
	case "standard":
		name, _, _ := n.School().StandardChange(n.r.Field("template"))
		return say("bot.change.next.standard", name, n.team())
	case "emergency":
		return say("bot.change.next.emergency", n.hats(language))
	}
	return say("bot.change.next.normal", n.team(), n.hats(language))
}

// hats names those who decide on it.
func (n *news) hats(language string) string {
	var names []string
	for _, role := range n.ballot(n.r).Roles() {
		names = append(names, n.Book.Say(language, "role."+string(role)))
	}
	return strings.Join(names, ", ")
}
