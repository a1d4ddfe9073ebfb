package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"schoolbel/adapters"
	"schoolbel/workflows"
)

// news is one log line that people must hear of.
type news struct {
	*Bot
	tx    workflows.Tx
	r     *workflows.Record
	entry workflows.Entry
	first workflows.Entry // the line that the record began with
}

// Announce tells people about a log line: it draws the cards anew and asks for one
// message to each person who must hear. Each message has a name that follows from
// the line, so that doing this twice tells nobody twice.
func (b *Bot) Announce(ctx context.Context, a workflows.Announce) error {
	b.refresh(ctx)
	return b.Store.Do(ctx, func(tx workflows.Tx) error {
		r, err := tx.Record(ctx, a.Ref)
		if err != nil {
			return err
		}
		log, err := tx.Log(ctx, a.Ref)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(log, func(e workflows.Entry) bool { return e.Seq == a.Seq })
		if i < 0 {
			return fmt.Errorf("bot: %s has no line %d", a.Ref, a.Seq)
		}
		for _, e := range append(before(log[:i], log[i]), log[i]) {
			n := &news{b, tx, r, e, log[0]}
			if err := n.tellAll(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// inTurn is how long ago a line may be whose news another worker may still have in hand.
const inTurn = 10 * time.Second

// before are the lines whose news everybody must have heard before that of this one:
// several workers announce side by side, and nobody should read that it is solved
// before that somebody looks at it. Who merely joined is answered alone.
func before(log []workflows.Entry, e workflows.Entry) []workflows.Entry {
	alone := func(e workflows.Entry) bool {
		return e.Action == "join" || e.Action == "note" || e.Action == "subscribe" || e.Action == "unsubscribe"
	}
	if alone(e) {
		return nil
	}
	var earlier []workflows.Entry
	for _, old := range log {
		if !alone(old) && e.LoggedAt.Sub(old.LoggedAt) <= inTurn {
			earlier = append(earlier, old)
		}
	}
	return earlier
}

// tellAll brings one line to cards, people and rooms.
func (n *news) tellAll(ctx context.Context) error {
	if err := n.cards(ctx); err != nil {
		return err
	}
	if err := n.people(ctx); err != nil {
		return err
	}
	if err := n.asked(ctx); err != nil {
		return err
	}
	return n.rooms(ctx)
}

// cards draws every live card anew, and makes those that should be there.
func (n *news) cards(ctx context.Context) error {
	places := map[string]bool{}
	cards, err := n.tx.Cards(ctx, n.r.Ref)
	if err != nil {
		return err
	}
	for _, d := range cards {
		places[d.Place] = true
	}
	team, _ := n.School().Team(n.r.Team)
	for _, place := range team.Room {
		places[place] = true
	}
	if n.wide() {
		for _, place := range n.School().AudienceOf(n.r.Service, n.r.Location) {
			places[place] = true
		}
	}
	for _, place := range sortedKeys(places) {
		if err := n.tx.Refresh(ctx, place, n.r.Ref, ""); err != nil {
			return err
		}
	}
	return n.ballots(ctx)
}

// wide tells whether the rooms of a location must hear of it: many notice, and
// nobody is harmed by telling.
func (n *news) wide() bool {
	return n.r.Kind == "incident" && !n.r.Sensitive && n.r.Open() && (n.r.Wide() || len(n.r.Reporters) > 1)
}

func sortedKeys(m map[string]bool) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// people tells everyone who reported it, wants to hear of it, or must act.
func (n *news) people(ctx context.Context) error {
	told := map[string]bool{}
	tell := func(key string, card func(language string) (adapters.Card, bool)) error {
		person := n.behind(key) // who reported it twice, by two accounts, hears it once
		if key == "" || told[person] || !n.mayHear(key) || strings.HasPrefix(key, "api:") || key == "system" {
			return nil
		}
		told[person] = true
		return n.tell(ctx, key, card)
	}
	if err := n.officers(tell); err != nil {
		return err
	}
	if err := n.deciders(ctx, tell); err != nil {
		return err
	}
	if n.entry.Action == "assign" && !n.same(n.r.Owner, n.entry.Actor) {
		if err := tell(n.r.Owner, n.yours); err != nil {
			return err
		}
	}
	for _, key := range slices.Concat(n.r.Reporters, n.r.Subscribers) {
		if n.told(key) {
			continue
		}
		if n.confirms(key) {
			asked, err := n.ask(ctx, key)
			if told[n.behind(key)] = asked; err != nil {
				return err
			}
		}
		if err := tell(key, func(language string) (adapters.Card, bool) { return n.reporter(language, key) }); err != nil {
			return err
		}
	}
	return n.informed(func(key string, card func(string) (adapters.Card, bool)) error {
		if told[n.behind(key)] {
			return nil
		}
		return n.tell(ctx, key, card)
	})
}

// teller sends one person a card, in their language, when it is wanted and new.
type teller func(key string, card func(language string) (adapters.Card, bool)) error

// tell sends one person a card, where they spoke or in their own room.
func (n *news) tell(ctx context.Context, key string, draw func(string) (adapters.Card, bool)) error {
	language, to, found, err := n.reach(ctx, key)
	if err != nil {
		return err
	}
	card, wanted := draw(language)
	if !wanted {
		return nil
	}
	if !found {
		n.Log.Warn("somebody cannot be reached", "person", key, "ref", n.r.Ref.String())
		return nil
	}
	card.Ref = n.r.Ref.String()
	return n.send(ctx, key, to, card, key)
}

// send asks for the message by which a person or a place (who) hears of this line.
func (n *news) send(ctx context.Context, who string, to adapters.Place, card adapters.Card, person string) error {
	return sendKind(ctx, n.tx, newsKind, fmt.Sprintf("news:%s:%d:%s", n.r.Ref, n.entry.Seq, who), to, card, person)
}

// reporter is what someone who reported it, or follows it, hears of this line.
func (n *news) reporter(language, key string) (adapters.Card, bool) {
	say := func(key string, args ...any) string { return n.Book.Say(language, key, args...) }
	ref, mine := n.r.Ref.String(), slices.Contains(n.r.Reporters, key)
	first, _, _ := strings.Cut(n.called(key), " ")
	if card, wanted, ok := n.relabelled(language, key); ok {
		return card, wanted
	}
	if card, wanted, ok := n.asker(language, key); ok {
		return card, wanted
	}
	do := func(action string) string { return wordOf(n.Book, language, n.r.Kind, "do."+action) }
	switch n.entry.Action {
	case "report", "request":
		if !mine {
			return adapters.Card{}, false
		}
		text := say("bot.told."+string(n.entry.Action), first, ref, n.about(n.r, language), n.team())
		if n.r.Sensitive {
			text = n.privately(language, first)
		} else if w := n.r.Field("workaround"); w != "" {
			text += "\n\n" + say("bot.card.workaround", w)
		} else if n.entry.Action == "report" {
			text += "\n\n" + say("bot.told.meanwhile")
		}
		return adapters.Card{Text: text + n.nextStep(language)}, true
	case "join":
		if len(n.r.Reporters) == 0 || !slices.Contains(joined(n.entry), key) {
			return adapters.Card{}, false
		}
		text := say("bot.told.join", first, ref, n.about(n.r, language), n.handler(language))
		if w := n.r.Field("workaround"); w != "" {
			text += "\n\n" + say("bot.card.workaround", w)
		}
		return adapters.Card{Text: text}, true
	case "resolve":
		card := adapters.Card{Tone: adapters.Good, Text: say("bot.told.resolve", ref, n.r.Field("solution"))}
		if mine {
			card.Text += "\n\n" + say("bot.told.works_again")
			card.Buttons = []adapters.Button{
				{Label: say("bot.yes"), Command: ref + " confirm", Style: adapters.Primary},
				{Label: say("bot.no"), Command: ref + " reopen"},
			}
		}
		return card, true
	case "workaround":
		return adapters.Card{Text: say("bot.told.workaround", ref, n.r.Field("workaround"))}, true
	case "merge":
		return adapters.Card{Text: say("bot.told.merge", ref, n.entry.Note)}, mine
	}
	if n.same(n.entry.Actor, key) && n.entry.Action != "confirm" {
		return adapters.Card{}, false
	}
	switch n.entry.Action {
	case "take", "wait", "resume", "reopen", "cancel", "close", "confirm", "approve", "reject", "schedule", "start", "complete", "roll_back", "authorise", "withdraw":
		text := wordOf(n.Book, language, n.r.Kind, "log."+string(n.entry.Action), n.entry.Name, n.entry.Note)
		if reason := n.entry.Diff["field.reason"][1]; reason != "" {
			text = strings.TrimSuffix(text, ".") + ". " + reason
		}
		if at, err := time.Parse(time.RFC3339, n.r.Field("expected_at")); err == nil && n.r.Open() && at.After(n.Now()) {
			text = strings.TrimSuffix(text, ".") + ". " + say("bot.told.expected", n.School().Local(at).Format("02-01 15:04"))
		}
		card := adapters.Card{Text: ref + ": " + text}
		if n.entry.Action == "close" && n.entry.Actor == "system" && mine {
			card.Buttons = []adapters.Button{{Label: do("reopen"), Command: ref + " reopen"}}
		}
		return card, true
	}
	return adapters.Card{}, false
}

// called is how a person is called: a guest as they were when they did this.
func (n *news) called(key string) string {
	if _, known := n.School().Person(key); !known && key == n.entry.Actor {
		return n.entry.Name
	}
	return n.name(key)
}

// byReporter tells whether one who reported it did this.
func (n *news) byReporter() bool {
	return slices.ContainsFunc(n.r.Reporters, func(key string) bool { return n.same(key, n.entry.Actor) })
}

// joined are the people who came with this line.
func joined(e workflows.Entry) []string {
	pair := e.Diff["reporters"]
	was := strings.Split(pair[0], ",")
	return slices.DeleteFunc(strings.Split(pair[1], ","), func(p string) bool { return slices.Contains(was, p) })
}

func (n *news) team() string {
	t, _ := n.School().Team(n.r.Team)
	return t.Name
}

// handler is who looks at it: the person, or else the team.
func (n *news) handler(string) string {
	if n.r.Owner != "" {
		return n.name(n.r.Owner)
	}
	return n.team()
}

// officer is what the officers hear of a sensitive record.
func (n *news) officer(language string) (adapters.Card, bool) {
	c := n.card(n.r, view{lang: language, actor: workflows.Actor{Key: "officer", Roles: []workflows.Role{"privacy_officer", "security_officer"}}, person: true, staff: true})
	return c, true
}

// yours is what somebody hears who is made the owner.
func (n *news) yours(language string) (adapters.Card, bool) {
	card := adapters.Card{Text: n.Book.Say(language, "bot.told.assign", n.r.Ref.String(), n.r.Title, n.entry.Name)}
	if ref := n.r.Ref.String(); n.r.Sensitive { // they read it where they ask for it
		card.Text = n.Book.Say(language, "bot.told.assign", ref, n.about(n.r, language), n.entry.Name)
		card.Buttons = []adapters.Button{{Label: n.Book.Say(language, "bot.private.show"), Command: ref}}
	}
	return card, true
}

// rooms tells the rooms where there is a card what a silent edit would hide: that
// it is solved, and to the team that a promise is about to be broken.
func (n *news) rooms(ctx context.Context) error {
	if n.r.Sensitive { // its officers hear it, each in their own room
		return nil
	}
	team, _ := n.School().Team(n.r.Team)
	if err := n.workers(ctx, team.Room); err != nil {
		return err
	}
	if n.entry.Note != "" && (n.entry.Action == "note" || n.entry.Action == "join") {
		if err := n.added(ctx, team.Room); err != nil {
			return err
		}
	}
	key := map[workflows.Action]string{"resolve": "bot.news.resolve", "reopen": "bot.news.reopen", "remind": "bot.news.remind", "overdue": "bot.news.overdue", "escalate": "bot.news.escalate"}[n.entry.Action]
	if n.entry.Action == "join" && n.entry.Diff["field.major"][1] == "proposed" {
		key = "bot.news.major"
	}
	if key == "" || n.r.Kind != "incident" {
		return nil
	}
	cards, err := n.tx.Cards(ctx, n.r.Ref)
	if err != nil {
		return err
	}
	public := n.entry.Action == "resolve" || n.entry.Action == "reopen"
	for _, d := range cards {
		place, ok := adapters.ParsePlace(d.Place)
		ours := slices.Contains(team.Room, d.Place)
		if !ok || ours == public {
			continue
		}
		language := n.School().Organisation.Locale
		card := adapters.Card{Ref: n.r.Ref.String(), Text: n.Book.Say(language, key, n.r.Ref.String(), n.about(n.r, language), n.r.Field("solution"))}
		if public && n.entry.Action == "resolve" {
			card.Tone = adapters.Good
		} else if ours {
			card.Tone = adapters.Warn
		}
		if err := n.send(ctx, d.Place, place, card, ""); err != nil {
			return err
		}
	}
	return nil
}

// added lets the team hear what a reporter adds, in the thread of their card. What
// was written in their own room, they have read.
func (n *news) added(ctx context.Context, room []string) error {
	p, _ := n.School().Person(n.entry.Actor)
	ours := slices.ContainsFunc(p.Roles, func(r workflows.Role) bool { return slices.Contains(workflows.Staff, r) })
	program := n.entry.Actor == "system" || strings.HasPrefix(n.entry.Actor, "api:")
	if !n.byReporter() && (ours || program) {
		return nil
	}
	where := "origin" // of the last note
	if n.entry.Action == "join" {
		where += "." + n.entry.Actor
	}
	from, _, _ := strings.Cut(n.r.Field(where), "|")
	cards, err := n.tx.Cards(ctx, n.r.Ref)
	if err != nil {
		return err
	}
	for _, d := range cards {
		place, ok := adapters.ParsePlace(d.Place)
		if !ok || d.Place == from || !slices.Contains(room, d.Place) {
			continue
		}
		place.Thread = d.Receipt
		text := wordOf(n.Book, n.School().Organisation.Locale, n.r.Kind, "log.note", n.entry.Name, n.entry.Note)
		card := adapters.Card{Ref: n.r.Ref.String(), Text: text}
		if err := n.send(ctx, d.Place, place, card, ""); err != nil {
			return err
		}
	}
	return nil
}
