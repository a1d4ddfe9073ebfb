package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"schoolbel/adapters"
	"schoolbel/bot/understand"
	"schoolbel/workflows"
)

// afterwards is how long what somebody writes in their own room is taken as more
// about the sensitive report they just made.
const afterwards = time.Hour

// directKey is the conversation in the person's own room: the same one wherever
// the platform says that they wrote it.
func (c *call) directKey() string {
	return adapters.Place{Adapter: c.ev.Place.Adapter, Channel: "@" + c.ev.User.ID}.String() + "|" + c.who.Key
}

// confide makes the arguments of a report say that it is sensitive, and that it is
// a data leak or an attack, when it seems so.
func confide(args map[string]string, m understand.Meaning) {
	args["sensitive"] = "yes"
	switch d := dangerOf(m); {
	case d.breach():
		args["type"] = "data_breach"
	case d == virus:
		args["type"] = "attack"
	}
}

// partsOf are the things to make a record of. Only when one of them alone is
// sensitive may the others stand in the open.
func partsOf(m understand.Meaning, text string) []understand.Meaning {
	secret := 0
	for _, part := range m.Parts {
		if part.Sensitive {
			secret++
		}
	}
	if len(m.Parts) == 0 || secret > 1 || m.Sensitive && secret == 0 {
		m.Text, m.Parts = text, nil
		return []understand.Meaning{m}
	}
	return m.Parts
}

// tooOpen tells whether words are too sensitive for the record in whose thread they
// stand. Staff know what they write, and of what.
func (c *call) tooOpen(ctx context.Context, m understand.Meaning, about workflows.Ref) bool {
	if !m.Sensitive || c.staff() {
		return false
	}
	r, err := c.reads().Record(ctx, about)
	return err == nil && !r.Sensitive
}

// stands tells whether the writer's words stand where others read them.
func (c *call) stands() bool {
	return !c.ev.Direct && slices.Contains([]adapters.EventKind{adapters.Message, adapters.Mention, adapters.Edited}, c.ev.Kind)
}

// openly answers where somebody spoke, for all who heard it.
func (c *call) openly(ctx context.Context, card adapters.Card) error {
	if !c.stands() {
		return c.answer(ctx, card)
	}
	place := c.ev.Place
	place.Thread = cmp.Or(place.Thread, c.ev.Message)
	return c.send(ctx, "answer", place, card)
}

// aside shows a card in the person's own room; where they spoke in the open, it
// says there that it does, and nothing more.
func (c *call) aside(ctx context.Context, card adapters.Card) error {
	if adapters.PageOf(ctx) != nil { // that is for one pair of eyes
		return c.answer(ctx, card)
	}
	if !c.ev.Direct {
		if err := c.openly(ctx, adapters.Card{Text: c.say("bot.private.here")}); err != nil {
			return err
		}
		if c.stands() {
			card.Text += "\n\n" + c.say("bot.private.erase")
		}
	}
	return c.direct(ctx, "aside", card)
}

// inPrivate answers to what somebody told of a sensitive matter: first aid when it
// is new, and from then on their own room listens for more.
func (c *call) inPrivate(ctx context.Context, r *workflows.Record, opened bool) error {
	if c.who.actor.Among(r.Reporters) {
		if err := c.listenOn(ctx, r.Ref); err != nil {
			return err
		}
	}
	ref := r.Ref.String()
	if !opened {
		return c.aside(ctx, adapters.Card{Text: c.say("bot.noted", ref), Ref: ref})
	}
	card := adapters.Card{Text: c.aid(r, c.who.lang) + "\n\n" + c.say("bot.private.more", ref), Ref: ref}
	return c.aside(ctx, card)
}

// aid is first aid, in two lines.
func (b *Bot) aid(r *workflows.Record, language string) string {
	m := b.read(cmp.Or(r.Field("description"), r.Title), person{})
	return b.Book.Say(language, "bot.aid."+string(dangerOf(m)))
}

// listenOn takes what the person says next in their own room as more of this.
func (c *call) listenOn(ctx context.Context, ref workflows.Ref) error {
	body, err := json.Marshal(pending{Event: c.ev.ID, About: ref.String()})
	if err != nil {
		return fmt.Errorf("bot: talk: %w", err)
	}
	return c.tx.SaveTalk(ctx, workflows.Talk{Key: c.directKey(), Body: body, Expires: c.Now().Add(afterwards)})
}

// more keeps what is said in private after a sensitive report, unless it is plainly
// about something else.
func (c *call) more(ctx context.Context, about, text string) error {
	m := c.read(text, c.who)
	other := m.Confidence >= plain && (m.Intent == understand.OutOfScope || m.Intent == understand.Resolve ||
		!m.Sensitive && m.Service != "" && (m.Intent == understand.ReportIncident || m.Intent == understand.RequestChange))
	ref, ok := workflows.ParseRef(about)
	if ok && !other {
		return c.do(ctx, c.noting(ref, text))
	}
	known, err := c.fitting(ctx, c.reads(), m)
	if err != nil {
		return err
	}
	return c.meant(ctx, m, pending{Text: text, Origin: c.origin()}, known)
}

// plain is how sure it must be that something else is meant.
const plain = 0.8

// shown shows a record: a sensitive one never in a room, not even to one alone.
func (c *call) shown(ctx context.Context, r *workflows.Record, card adapters.Card) error {
	if !r.Sensitive || c.ev.Direct {
		return c.answer(ctx, card)
	}
	if adapters.PageOf(ctx) != nil {
		return c.sentToChat(ctx, r.Ref.String(), card)
	}
	if !c.discreet() { // there it would stand beside what it tells of
		if err := c.answer(ctx, adapters.Card{Text: c.say("bot.private.here")}); err != nil {
			return err
		}
	}
	return c.direct(ctx, "shown", card)
}

// titleFor is a record's title for some eyes. What a sensitive report says, its
// writer and the officers read; who merely has the same trouble does not.
func (b *Bot) titleFor(r *workflows.Record, a workflows.Actor, language string) string {
	if !r.Sensitive || a.Confided() || a.Is(r.Owner) || len(r.Reporters) > 0 && a.Is(r.Reporters[0]) {
		return r.Title
	}
	return b.Book.Say(language, "bot.card.sensitive")
}

// mayHear tells whether news of the record may reach a person: who followed it when
// it was open may not know of it any more.
func (n *news) mayHear(key string) bool {
	return n.r.MayKnow(n.actorOf(key))
}

// officers tells those for whose eyes a sensitive record is, what a room would have
// heard of another one; and of a data leak, by when the supervisor must know.
func (n *news) officers(tell teller) error {
	fresh := n.r.Sensitive && (n.entry.From == "" || n.entry.Diff["sensitive"][1] == "yes")
	until, leak := n.deadline()
	for _, p := range n.School().Officers() {
		if !fresh && !n.concerns(p.Key) {
			continue
		}
		err := tell(p.Key, func(language string) (adapters.Card, bool) {
			switch {
			case fresh:
				card, _ := n.officer(language)
				if leak {
					card.Text = strings.TrimSpace(n.Book.Say(language, "bot.news.breach", n.r.Ref.String(), n.clock(until, language)) + "\n\n" + card.Text)
				}
				return card, true
			default:
				return n.stirred(language)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// concerns tells whether an officer hears of this line.
func (n *news) concerns(key string) bool {
	switch n.entry.Action {
	case "warn":
		return slices.Contains(n.wardens(), key)
	case "note":
		return n.r.Sensitive && n.byReporter() && !n.same(n.entry.Actor, key)
	case "remind", "overdue", "escalate", "reopen":
		return n.r.Sensitive && !n.same(n.entry.Actor, key)
	}
	return n.entry.Diff["field.tell_by"][1] != ""
}

// stirred is what an officer hears of a line that is not the first.
func (n *news) stirred(language string) (adapters.Card, bool) {
	say := func(key string, args ...any) string { return n.Book.Say(language, key, args...) }
	ref := n.r.Ref.String()
	until, _ := n.deadline()
	switch n.entry.Action {
	case "warn":
		left := int(until.Sub(n.Now()).Round(time.Hour) / time.Hour)
		return adapters.Card{Tone: adapters.Warn, Text: say("bot.news.warn", ref, n.clock(until, language), max(0, left))}, true
	case "note":
		return adapters.Card{Text: ref + ": " + wordOf(n.Book, language, n.r.Kind, "log.note", n.entry.Name, n.entry.Note)}, true
	case "remind", "overdue", "escalate", "reopen":
		return adapters.Card{Tone: adapters.Warn, Text: say("bot.news."+string(n.entry.Action), ref, n.about(n.r, language))}, true
	}
	return adapters.Card{Tone: adapters.Warn, Text: say("bot.news.breach", ref, n.clock(until, language))}, true
}

// wardens watch over the deadline of a data leak: the privacy officers, and where
// there are none all who may know.
func (n *news) wardens() []string {
	people := n.School().WithRole("privacy_officer")
	if len(people) == 0 {
		people = n.School().Officers()
	}
	var keys []string
	for _, p := range people {
		keys = append(keys, p.Key)
	}
	return keys
}

// informed tells those whom the school file names of a data leak, officers or not,
// that there is one and by when it must be reported: nothing of what it says.
func (n *news) informed(tell teller) error {
	if n.entry.Diff["field.tell_by"][1] == "" && n.entry.Action != "warn" {
		return nil
	}
	for _, key := range n.School().DataBreach.Informed {
		if err := tell(key, n.stirred); err != nil {
			return err
		}
	}
	return nil
}

// deadline is by when a data leak must have been reported.
func (n *news) deadline() (time.Time, bool) {
	at, err := time.Parse(time.RFC3339, n.r.Field("tell_by"))
	return at, err == nil
}

// clock says a moment of this week: "do 14:05".
func (n *news) clock(at time.Time, language string) string {
	at = n.School().Local(at)
	return strings.Split(n.Book.Say(language, "bot.days"), "|")[at.Weekday()] + " " + at.Format("15:04")
}

// privately is what the reporter of a sensitive record hears. Who reported it in
// chat has had first aid already.
func (n *news) privately(language, first string) string {
	say := func(key string, args ...any) string { return n.Book.Say(language, key, args...) }
	var names []string
	for _, p := range n.School().Officers() {
		if len(names) < 3 {
			names = append(names, p.Name)
		}
	}
	text := say("bot.told.private", first, n.r.Ref.String(), n.about(n.r, language), strings.Join(names, ", "))
	if n.platforms[n.entry.Via] == nil {
		text += "\n\n" + n.aid(n.r, language)
	}
	return text + "\n\n" + say("bot.told.sensitive")
}
