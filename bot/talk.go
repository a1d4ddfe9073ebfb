package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
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
	Text    string `json:"text"`
	Asked   int    `json:"asked"`
	Origin  string `json:"origin"`
	Service string `json:"service,omitempty"`
	Place   string `json:"place,omitempty"`
	Intent  string `json:"intent,omitempty"`
	About   string `json:"about,omitempty"` // a sensitive record: nothing is asked, and more is welcome
}

func (c *call) talkKey() string {
	if c.ev.Direct {
		return c.directKey()
	}
	return c.ev.Place.String() + "|" + c.who.Key
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
		about, err := c.thread(ctx)
		switch {
		case err != nil:
			return nil, err
		case about.IsZero() || c.tooOpen(ctx, m, about):
		case c.may(ctx, typed{ref: about, action: "note"}):
			return func(ctx context.Context) error { return c.note(ctx, about, text) }, nil
		case (m.Also || m.Intent == understand.ReportIncident) && c.may(ctx, typed{ref: about, action: "join"}):
			return func(ctx context.Context) error { return c.join(ctx, about, c.origin()) }, nil
		}
	}
	if !c.listens() && quietly(m) {
		return c.overheard(ctx, text)
	}
	m = c.second(ctx, text, m)
	known, err := c.openLike(ctx, c.reads(), m)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		if c.listens() {
			talk, err := c.tx.Talk(ctx, c.talkKey())
			if err != nil {
				return err
			}
			if talk != nil && m.Intent != understand.AskStatus { // a question of theirs is no answer to ours
				return c.goOn(ctx, talk, text)
			}
		}
		return c.meant(ctx, m, pending{Text: text, Origin: c.origin()}, known)
	}, nil
}

// overheard takes something said in a room as the answer to a question of ours,
// when there is one and this names a service or a place.
func (c *call) overheard(ctx context.Context, text string) (step, error) {
	if service, location := c.Match(text); service == "" && location == "" {
		return nil, nil
	}
	var waits bool
	err := c.Store.Do(ctx, func(tx workflows.Tx) error {
		talk, err := tx.Talk(ctx, c.talkKey())
		waits = talk != nil
		return err
	})
	if err != nil || !waits {
		return nil, err
	}
	return func(ctx context.Context) error {
		talk, err := c.tx.Talk(ctx, c.talkKey())
		if err != nil || talk == nil {
			return err
		}
		return c.goOn(ctx, talk, text)
	}, nil
}

// quietly tells whether something said in a room is none of our business.
func quietly(m understand.Meaning) bool {
	switch m.Intent {
	case understand.ReportIncident, understand.ReportVulnerability:
		return m.Confidence < 0.5
	case understand.RequestChange, understand.AskStatus:
		return m.Confidence < 0.7
	default:
		return true
	}
}

// openLike finds an open outage that this message may be about.
func (c *call) openLike(ctx context.Context, from workflows.Reader, m understand.Meaning) (*workflows.Record, error) {
	if m.Service == "" || m.Sensitive || m.Intent != understand.ReportIncident && m.Intent != understand.AddInfo {
		return nil, nil
	}
	return c.likely(ctx, from, m.Service, m.Location, m.Also)
}

// meant does what a message means.
func (c *call) meant(ctx context.Context, m understand.Meaning, p pending, known *workflows.Record) error {
	if c.notOurs(m, p.Text) {
		return c.elsewhere(ctx, p.Text)
	}
	ask := m.Ask != "" && p.Asked < questions && len(m.Parts) == 0 && known == nil
	if ask && (c.listens() || m.Intent == understand.ReportIncident) {
		return c.ask(ctx, m, p)
	}
	switch m.Intent {
	case understand.ReportIncident, understand.ReportVulnerability, understand.RequestChange:
		return c.record(ctx, m, p, known)
	case understand.AskStatus:
		return c.status(ctx, m.Service, m.Location)
	case understand.Resolve:
		return c.worksAgain(ctx)
	case understand.AddInfo:
		if known != nil {
			return c.note(ctx, known.Ref, p.Text)
		}
	}
	if fresh, err := c.first(ctx); err != nil || !fresh || !c.listens() {
		return err
	}
	return c.answer(ctx, adapters.Card{Text: c.say("bot.smalltalk"), Buttons: []adapters.Button{{Label: c.say("bot.report.button"), Command: reportWord}}})
}

// record opens what was meant, one record for each thing; or joins what is open.
func (c *call) record(ctx context.Context, m understand.Meaning, p pending, known *workflows.Record) error {
	if known != nil && m.Intent == understand.ReportIncident {
		if slices.Contains(known.Reporters, c.who.Key) {
			return c.note(ctx, known.Ref, p.Text)
		}
		return c.join(ctx, known.Ref, p.Origin)
	}
	for i, part := range partsOf(m, p.Text) {
		cmd := c.commandOf(part, p.Origin)
		if i > 0 {
			cmd.ID = fmt.Sprintf("%s#%d", c.ev.ID, i)
		}
		if err := c.do(ctx, cmd); err != nil {
			return err
		}
	}
	return nil
}

// join makes the person one more reporter of the same outage.
func (c *call) join(ctx context.Context, ref workflows.Ref, origin string) error {
	return c.do(ctx, workflows.Command{ID: c.ev.ID, Actor: c.who.actor, Ref: ref, Action: "join", Args: map[string]string{"origin": origin}, At: c.ev.At})
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
	set("service", m.Service)
	set("location", m.Location)
	kind, action := m.Kind, workflows.Action("report")
	if m.Sensitive { // whatever it is called: changes are discussed in the open
		kind = "incident"
	}
	switch kind {
	case "change":
		action = "request"
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
	p.Asked++
	key := c.talkKey()
	if m.Sensitive { // asked and answered in private
		key = c.directKey()
	}
	body, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("bot: talk: %w", err)
	}
	if err := c.tx.SaveTalk(ctx, workflows.Talk{Key: key, Body: body, Expires: c.Now().Add(patienceOf)}); err != nil {
		return err
	}
	card := adapters.Card{Text: c.say("bot.ask." + m.Ask)}
	add := func(label, value string) {
		card.Buttons = append(card.Buttons, adapters.Button{Label: label, Command: answerWord + " " + value})
	}
	s := c.School()
	switch m.Ask {
	case understand.AskService:
		for _, v := range s.Services {
			if v.Critical || len(card.Buttons) < 6 {
				add(v.Name, "service="+v.Key)
			}
		}
		add(c.say("bot.ask.other"), "service=")
	case understand.AskLocation:
		for _, l := range s.Locations {
			add(l.Name, "location="+l.Key)
		}
	default:
		add(c.say("bot.ask.yes_report"), "intent="+understand.ReportIncident)
		add(c.say("bot.ask.yes_change"), "intent="+understand.RequestChange)
		add(c.say("bot.ask.no"), "intent="+understand.Chatter)
	}
	if m.Sensitive {
		return c.aside(ctx, card)
	}
	return c.answer(ctx, card)
}

// goOn reads a typed answer together with what was said before.
func (c *call) goOn(ctx context.Context, talk *workflows.Talk, text string) error {
	var p pending
	if err := json.Unmarshal(talk.Body, &p); err != nil {
		return fmt.Errorf("bot: talk: %w", err)
	}
	if p.About != "" {
		return c.more(ctx, p.About, text)
	}
	p.Text += "\n" + text
	return c.resume(ctx, p)
}

// answered handles a button under a question: "service=wifi".
func (c *call) answered(ctx context.Context, rest string) error {
	talk, err := c.tx.Talk(ctx, c.talkKey())
	if err != nil {
		return err
	}
	if talk == nil {
		return c.answer(ctx, adapters.Card{Text: c.say("bot.too_late")})
	}
	var p pending
	if err := json.Unmarshal(talk.Body, &p); err != nil {
		return fmt.Errorf("bot: talk: %w", err)
	}
	switch name, value, _ := strings.Cut(rest, "="); name {
	case "service":
		p.Service = value
		if value == "" {
			p.Asked = questions
		}
	case "location":
		p.Place = value
	case "intent":
		p.Intent = value
	}
	return c.resume(ctx, p)
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
		if m.Ask == understand.AskIntent {
			m.Ask = ""
		}
	} else if m.Intent != understand.RequestChange && m.Intent != understand.ReportVulnerability {
		m.Intent, m.Kind = understand.ReportIncident, "incident" // that is what the question was about
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
	if err := c.tx.SaveTalk(ctx, workflows.Talk{Key: c.talkKey()}); err != nil {
		return err
	}
	known, err := c.openLike(ctx, c.reads(), m)
	if err != nil {
		return err
	}
	return c.meant(ctx, m, p, known)
}

// worksAgain is "werkt weer": a reporter's yes, or a hint to who handles it.
func (c *call) worksAgain(ctx context.Context) error {
	mine, _, err := c.tx.Find(ctx, workflows.Filter{Kinds: []workflows.Kind{"incident"}, Open: true, Reporter: c.who.Key, Limit: 1})
	if err != nil {
		return err
	}
	if len(mine) == 0 {
		if fresh, err := c.first(ctx); err != nil || !fresh {
			return err
		}
		return c.answer(ctx, adapters.Card{Text: c.say("bot.good_to_hear")})
	}
	if mine[0].State == "resolved" {
		return c.do(ctx, workflows.Command{ID: c.ev.ID, Actor: c.who.actor, Ref: mine[0].Ref, Action: "confirm", At: c.ev.At})
	}
	return c.note(ctx, mine[0].Ref, c.ev.Text)
}

// reads is where to look things up: in the transaction once there is one.
func (c *call) reads() workflows.Reader {
	if c.tx != nil {
		return c.tx
	}
	return c.Store
}
