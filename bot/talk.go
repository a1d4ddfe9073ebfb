package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"schoolbel/adapters"
	"schoolbel/bot/understand"
	"schoolbel/workflows"
)

// Commands of the bot's own buttons.
const (
	answerWord = "schoolbel.answer"
	reportWord = "schoolbel.report"
)

const (
	questions  = 2                // at most so many are asked back
	patienceOf = 30 * time.Minute // a question is open for so long
	lately     = 4 * time.Hour    // an outage this old may still be the same one
	longTitle  = 120              // characters
)

// pending is a conversation that waits for an answer.
type pending struct {
	Event   string `json:"event,omitempty"` // what was asked about: told again, it is no answer
	Text    string `json:"text"`
	Asked   int    `json:"asked"`
	Origin  string `json:"origin"`
	Service string `json:"service,omitempty"`
	Place   string `json:"place,omitempty"`
	Intent  string `json:"intent,omitempty"`
	About   string `json:"about,omitempty"` // a sensitive record: nothing is asked, and more is welcome

	Ask   string   `json:"ask,omitempty"`   // the question
	Known string   `json:"known,omitempty"` // or: is it this outage?
	Own   bool     `json:"own,omitempty"`   // no, it is not
	Files []string `json:"files,omitempty"`
}

// talkKey is the conversation with this person where they are: a question stands where
// they read it.
func (c *call) talkKey() string {
	if c.ev.Direct || c.discreet() {
		return c.directKey()
	}
	return c.ev.Place.String() + "|" + c.who.Key
}

// discreet tells whether what is for this person alone stands in their own room.
func (c *call) discreet() bool {
	_, ok := c.platforms[c.ev.Place.Adapter].(adapters.Discreet)
	return ok
}

// talk is the question to this person that may be answered here, or nil. One that
// stands in their own room can be answered there and where it came of; what they say
// in other rooms is not about it.
func (c *call) talk(ctx context.Context, tx workflows.Tx) (*workflows.Talk, error) {
	talk, err := tx.Talk(ctx, c.talkKey())
	if err != nil || talk == nil {
		return nil, err
	}
	var p pending
	if err := json.Unmarshal(talk.Body, &p); err != nil {
		return nil, fmt.Errorf("bot: talk: %w", err)
	}
	if p.Event != "" && p.Event == c.ev.ID {
		return nil, nil // another process heard it, too
	}
	if c.ev.Direct || !c.discreet() {
		return talk, nil
	}
	if !strings.HasPrefix(p.Origin, c.ev.Place.String()+"|") {
		return nil, nil
	}
	return talk, nil
}

// listens tells whether every word in this place is for the bot.
func (c *call) listens() bool { return c.ev.Direct || c.ev.Kind != adapters.Message }

// free handles what is no command.
func (c *call) free(ctx context.Context, text string) (step, error) {
	if do, err := c.verdict(ctx, text); do != nil || err != nil {
		return do, err
	}
	m := c.read(text, c.who)
	if c.inDanger(m) {
		return c.alarm, nil
	}
	if c.ev.Place.Thread != "" && c.ev.Kind == adapters.Message {
		if do, err := c.inThread(ctx, m, text); do != nil || err != nil {
			return do, err
		}
	}
	if text == "" {
		return c.fileAlone(ctx)
	}
	return c.meaning(ctx, m, text)
}

// meaning handles what a message means, where no thread or form tells what it is about.
func (c *call) meaning(ctx context.Context, m understand.Meaning, text string) (step, error) {
	if !c.listens() && (quietly(m) || m.Ask == understand.AskIntent) {
		if do, err := c.overheard(ctx, text); do != nil || err != nil {
			return do, err
		}
	}
	if !c.listens() && quietly(m) {
		return c.inPassing(ctx, m, text)
	}
	m = c.second(ctx, text, m)
	known, err := c.fitting(ctx, c.reads(), m)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		if c.listens() {
			talk, err := c.talk(ctx, c.tx)
			if err != nil {
				return err
			}
			if talk != nil && !c.otherwise(talk, m) {
				return c.goOn(ctx, talk, text)
			}
		}
		return c.meant(ctx, m, pending{Text: text, Origin: c.origin()}, known)
	}, nil
}

// overheard takes something said in a room as the answer to a question of ours, when
// there is one and this names a service or a place or is nothing but an answer.
func (c *call) overheard(ctx context.Context, text string) (step, error) {
	if service, location := c.Match(text); service != "" || location != "" || c.replies(text) {
		var waits bool
		err := c.Store.Do(ctx, func(tx workflows.Tx) error {
			talk, err := c.talk(ctx, tx)
			waits = talk != nil
			return err
		})
		if err != nil {
			return nil, err
		}
		if waits {
			return func(ctx context.Context) error {
				talk, err := c.talk(ctx, c.tx)
				if err != nil || talk == nil {
					return err
				}
				return c.goOn(ctx, talk, text)
			}, nil
		}
	}
	return nil, nil
}

// quietly tells whether something said in a room is none of our business.
func quietly(m understand.Meaning) bool {
	switch m.Intent {
	case understand.ReportIncident, understand.ReportVulnerability:
		return m.Confidence < 0.5
	case understand.RequestChange, understand.AskStatus:
		return m.Confidence < 0.7
	case understand.AddInfo:
		return !m.Also || m.Confidence < 0.5
	default:
		return true
	}
}

// meant does what a message means.
func (c *call) meant(ctx context.Context, m understand.Meaning, p pending, known fit) error {
	if c.notOurs(m, p.Text) {
		return c.elsewhere(ctx, p.Text)
	}
	if p.Own && !known.plain {
		known = fit{}
	}
	m = c.alsoReports(m, known)
	if known.r != nil && !known.plain && p.Asked < questions {
		return c.offer(ctx, p, known.r)
	}
	ask := m.Ask != "" && p.Asked < questions && len(m.Parts) == 0 && known.r == nil
	if ask && (c.listens() || m.Intent == understand.ReportIncident) {
		return c.ask(ctx, m, p)
	}
	switch m.Intent {
	case understand.ReportIncident, understand.ReportVulnerability, understand.RequestChange:
		return c.record(ctx, m, p, known)
	case understand.AskStatus:
		return c.status(ctx, m.Service, m.Location)
	case understand.Resolve:
		r, err := c.mended(ctx, c.tx, m)
		if err != nil {
			return err
		}
		return c.worksAgain(ctx, r, p.Text)
	case understand.AddInfo:
		if known.r != nil {
			return c.helps(ctx, known.r.Ref, p.Text)
		}
	}
	if fresh, err := c.first(ctx); err != nil || !fresh || !c.listens() {
		return err
	}
	return c.answer(ctx, adapters.Card{Text: c.say("bot.smalltalk"), Buttons: []adapters.Button{{Label: c.say("bot.report.button"), Command: reportWord}}})
}

// record opens what was meant, one record for each thing; or joins what is open.
func (c *call) record(ctx context.Context, m understand.Meaning, p pending, known fit) error {
	parts := partsOf(m, p.Text)
	switch {
	case len(parts) > 1:
		return c.several(ctx, parts, p)
	case known.plain && m.Intent == understand.ReportIncident:
		return c.joins(ctx, known.r, p, "")
	}
	return c.do(ctx, c.commandOf(parts[0], p.Origin))
}

// opening is "storing: …": it opens a record at once, whatever the words mean.
func (c *call) opening(kind workflows.Kind, text string) workflows.Command {
	m := c.read(text, c.who)
	m.Text, m.Kind = text, kind
	return c.commandOf(m, c.origin())
}

// commandOf makes the command that opens a record.
func (c *call) commandOf(m understand.Meaning, origin string) workflows.Command {
	title, _, more := strings.Cut(strings.TrimSpace(m.Text), "\n")
	if utf8.RuneCountInString(title) > longTitle {
		title, more = string([]rune(title)[:longTitle-1])+"…", true
	}
	args := map[string]string{"title": title, "origin": origin}
	if more {
		args["description"] = m.Text
	}
	set := func(name, value string) {
		if value != "" {
			args[name] = value
		}
	}
	if files := c.evidence(); files != "" { // on the card for who handles it, and in the log
		args["description"], args["note"] = strings.TrimSpace(m.Text+"\n"+files), files
	}
	set("service", m.Service)
	set("location", m.Location)
	kind, action := m.Kind, workflows.Action("report")
	if m.Sensitive { // whatever it is called: changes are discussed in the open
		kind = "incident"
	}
	switch kind {
	case "change":
		action = "request"
		if entry, ok := c.standardFor(m, m.Text); ok {
			args["template"] = entry.Key
		} else if c.staff() && c.pressing(m.Text) {
			args["type"] = "emergency"
		}
	default:
		kind = "incident"
		set("impact", string(m.Impact))
		set("urgency", string(m.Urgency))
		if m.Sensitive {
			confide(args, m)
		}
	}
	return workflows.Command{ID: c.ev.ID, Actor: c.who.actor, Kind: kind, Action: action, Args: args, At: c.ev.At}
}

// ask asks one question back.
func (c *call) ask(ctx context.Context, m understand.Meaning, p pending) error {
	if fresh, err := c.first(ctx); err != nil || !fresh {
		return err
	}
	p.Asked, p.Ask = p.Asked+1, m.Ask
	key := c.talkKey()
	if m.Sensitive { // asked and answered in private
		key = c.directKey()
	}
	if err := c.wait(ctx, key, p); err != nil {
		return err
	}
	card := adapters.Card{Text: c.say("bot.ask." + m.Ask)}
	for _, o := range c.options(m.Ask) {
		card.Buttons = append(card.Buttons, adapters.Button{Label: o.label, Command: answerWord + " " + o.name + "=" + o.value})
	}
	if m.Sensitive {
		return c.aside(ctx, card)
	}
	return c.answer(ctx, card)
}

// answered handles a button under a question: "service=wifi".
func (c *call) answered(ctx context.Context, rest string) error {
	talk, err := c.talk(ctx, c.tx)
	if err != nil {
		return err
	}
	name, value, _ := strings.Cut(rest, "=")
	var p pending
	switch {
	case talk != nil:
		if err := json.Unmarshal(talk.Body, &p); err != nil {
			return fmt.Errorf("bot: talk: %w", err)
		}
	case name == "known" && value != "": // to say "me too" it is never too late
		p.Origin = c.origin()
	default:
		if fresh, err := c.first(ctx); err != nil || !fresh {
			return err
		}
		return c.answer(ctx, adapters.Card{Text: c.say("bot.too_late")})
	}
	return c.chosen(ctx, p, name, value)
}

// resume goes on with all that is known by now.
func (c *call) resume(ctx context.Context, p pending) error {
	text := p.Text
	if s, ok := c.School().ServiceOf(p.Service); ok { // as if it had been typed
		text += "\n" + s.Name
	}
	m := c.read(text, c.who)
	kinds := map[string]workflows.Kind{understand.ReportIncident: "incident", understand.RequestChange: "change"}
	if p.Intent != "" {
		m.Intent, m.Kind = p.Intent, kinds[p.Intent]
	} else if m.Intent != understand.RequestChange && m.Intent != understand.ReportVulnerability {
		m.Intent, m.Kind = understand.ReportIncident, "incident" // that is what the question was about
	}
	if m.Ask == understand.AskIntent && (p.Intent != "" || p.Ask != understand.AskIntent) { // that is known by now
		m.Ask = map[bool]string{true: understand.AskService}[m.Service == "" && m.Kind == "incident"]
	}
	if p.Service != "" {
		m.Service = p.Service
	}
	if p.Place != "" {
		m.Location = p.Place
	}
	if m.Ask == understand.AskService && m.Service != "" || m.Ask == understand.AskLocation && m.Location != "" {
		m.Ask = ""
	}
	if m.Ask == understand.AskLocation && p.Ask == m.Ask {
		m.Ask = "" // the answer was no place of ours; ICT reads it as it is
	}
	if err := c.tx.SaveTalk(ctx, workflows.Talk{Key: c.talkKey()}); err != nil {
		return err
	}
	known, err := c.fitting(ctx, c.reads(), m)
	if err != nil {
		return err
	}
	return c.meant(ctx, m, p, known)
}

// reads is where to look things up: in the transaction once there is one.
func (c *call) reads() workflows.Reader {
	if c.tx != nil {
		return c.tx
	}
	return c.Store
}
