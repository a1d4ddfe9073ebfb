package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"schoolbel/adapters"
	"schoolbel/workflows"
	"schoolbel/workflows/school"
)

// answerKind is a message that tells who reported something what was understood.
// It is drawn anew when that changes, and so never offers what is too late.
const answerKind = "answer"

// answer is what such a message is drawn from: names of things, and no text.
type answer struct {
	Refs    []workflows.Ref `json:"refs"`
	Person  string          `json:"person"`
	Lang    string          `json:"lang"`
	Ask     string          `json:"ask,omitempty"` // what is being chosen anew
	About   workflows.Ref   `json:"about"`         // of which record
	Version int             `json:"version"`       // and as it stood: a change ends the question
}

// corrections are what a reporter can put right with a button.
var corrections = []string{"service", "location", "impact"}

// answerID names the answer to the message that a record came of; several records
// of one message have one answer.
func answerID(first workflows.Entry, person string) string {
	said, _, _ := strings.Cut(first.Command, partMark)
	return "answer:" + cmp.Or(said, first.Ref.String()) + ":" + person
}

func delivery(id string, to adapters.Place, a answer) (workflows.Delivery, error) {
	body, err := json.Marshal(a)
	if err != nil {
		return workflows.Delivery{}, fmt.Errorf("bot: answer: %w", err)
	}
	return workflows.Delivery{ID: id, Place: to.String(), Thread: to.Thread, Kind: answerKind, Ref: a.Refs[0], Person: a.Person, Body: body}, nil
}

// confirms tells whether this person is to be asked whether we understood. Whoever
// tells something sensitive is helped first; and what an agent made of it is no guess.
func (n *news) confirms(key string) bool {
	return n.r.Kind == "incident" && n.entry.Action == "report" && n.r.Field("was") == "" && !n.r.Sensitive && len(n.r.Reporters) > 0 && n.r.Reporters[0] == key
}

// told tells whether this person has heard of it in the answer to a message that was
// about several things.
func (n *news) told(key string) bool {
	return strings.Contains(n.entry.Command, partMark) && n.same(n.entry.Actor, key) && !n.r.Sensitive && (n.entry.From == "" || n.entry.Action == "join")
}

// ask tells who reported it what was understood, and asks whether that is right: in
// chat, where the answer can be drawn anew.
func (n *news) ask(ctx context.Context, key string) (asked bool, err error) {
	language, to, found, err := n.reach(ctx, key)
	if err != nil || !found || !n.chats(to.Adapter) {
		return false, err
	}
	d, err := delivery(answerID(n.first, key), to, answer{Refs: []workflows.Ref{n.r.Ref}, Person: key, Lang: language})
	if err != nil {
		return false, err
	}
	return true, n.tx.Send(ctx, d)
}

// asked draws that answer anew when what it says or offers is no longer so.
func (n *news) asked(ctx context.Context) error {
	if n.r.Kind != "incident" || n.r.Sensitive || len(n.r.Reporters) == 0 || n.entry.Action == "report" {
		return nil
	}
	changed := n.entry.Action == "correct" || n.entry.From == "new" && n.entry.To != "new"
	for _, name := range append([]string{"reporters"}, corrections...) {
		_, differs := n.entry.Diff[name]
		changed = changed || differs && n.entry.To == "new"
	}
	if !changed {
		return nil
	}
	key := n.r.Reporters[0]
	_, to, found, err := n.reach(ctx, key)
	if err != nil || !found {
		return err
	}
	return n.tx.Redraw(ctx, workflows.Delivery{ID: answerID(n.first, key), Place: to.String()})
}

// drawAnswer draws what was understood as it is now.
func (b *Bot) drawAnswer(ctx context.Context, d *workflows.Delivery) (card adapters.Card, version int, err error) {
	var a answer
	if err := json.Unmarshal(d.Body, &a); err != nil {
		return card, 0, fmt.Errorf("bot: answer %s: %w", d.ID, err)
	}
	name, err := b.guest(ctx, a.Person)
	if err != nil {
		return card, 0, err
	}
	first, _, _ := strings.Cut(cmp.Or(name, b.name(a.Person)), " ")
	for _, ref := range a.Refs {
		r, err := b.Store.Record(ctx, ref)
		if err != nil {
			return card, 0, err
		}
		if len(a.Refs) == 1 {
			return b.understood(r, a, first, d.Place), r.Version, nil
		}
		card.Sections = append(card.Sections, b.oneOf(r, a, d.Place))
	}
	card.Text, card.Ref = b.Book.Say(a.Lang, "bot.confirm.several", first, len(a.Refs)), a.Refs[0].String()
	return card, 0, nil
}

// understood is the answer about one record.
func (b *Bot) understood(r *workflows.Record, a answer, first, place string) adapters.Card {
	say := func(key string, args ...any) string { return b.Book.Say(a.Lang, key, args...) }
	ref := r.Ref.String()
	if r.State == "cancelled" {
		return adapters.Card{Ref: ref, Text: say("bot.confirm.undone", ref)}
	}
	team, _ := b.School().Team(r.Team)
	text := []string{say("bot.told.report", first, ref, b.about(r, a.Lang), team.Name), say("bot.told.meanwhile")}
	if w := r.Field("workaround"); w != "" {
		text[1] = say("bot.card.workaround", w)
	}
	card := adapters.Card{Ref: ref}
	if b.correctable(r, a.Person) {
		text = append(text, say("bot.confirm.right"))
		for _, name := range corrections {
			card.Facts = append(card.Facts, adapters.Fact{Name: wordOf(b.Book, a.Lang, r.Kind, "field."+name), Value: b.valueOf(r, name, a.Lang)})
		}
		card.Buttons = b.putRight(r, a, place)
	}
	card.Text = strings.Join(text, "\n\n")
	return card
}

// oneOf is one record of several that one message told of.
func (b *Bot) oneOf(r *workflows.Record, a answer, place string) adapters.Section {
	s := adapters.Section{Title: r.Ref.String() + " · " + r.Title}
	team, _ := b.School().Team(r.Team)
	switch {
	case r.State == "cancelled":
		s.Text = b.Book.Say(a.Lang, "bot.confirm.undone", r.Ref.String())
	case r.Kind != "incident":
		s.Text = wordOf(b.Book, a.Lang, r.Kind, "name")
	default:
		s.Text = b.Book.Say(a.Lang, "bot.confirm.one", b.about(r, a.Lang), team.Name)
		if b.correctable(r, a.Person) {
			s.Text += " " + b.Book.Say(a.Lang, "bot.confirm.right")
			s.Buttons = b.putRight(r, a, place)
		}
	}
	return s
}

// correctable tells whether this person can still put it right themselves.
func (b *Bot) correctable(r *workflows.Record, key string) bool {
	moves := b.Engine.Moves(r, b.actorOf(key))
	return r.Fresh(b.Now()) && slices.ContainsFunc(moves, func(m workflows.Move) bool { return m.Do == "correct" })
}

// putRight are the buttons under what was understood: what is wrong, or, once that
// was said, what it should be.
func (b *Bot) putRight(r *workflows.Record, a answer, place string) []adapters.Button {
	ref := r.Ref.String()
	if a.Ask != "" && a.About == r.Ref && a.Version == r.Version {
		to, _ := adapters.ParsePlace(place)
		return append(b.choices(r, a.Ask, a.Lang, to.Adapter), adapters.Button{Label: b.Book.Say(a.Lang, "bot.confirm.keep"), Command: keepWord + " " + ref})
	}
	var list []adapters.Button
	for _, name := range corrections {
		list = append(list, adapters.Button{Label: b.Book.Say(a.Lang, "bot.confirm.wrong."+name), Command: ref + " correct " + name})
	}
	why := b.Book.Say(a.Lang, "bot.confirm.why") // an agent who takes back must say why
	return append(list, adapters.Button{Label: b.Book.Say(a.Lang, "bot.confirm.undo"), Command: fmt.Sprintf("%s cancel reason=%q", ref, why), Style: adapters.Danger})
}

// valueOf says what was understood of one thing.
func (b *Bot) valueOf(r *workflows.Record, name, language string) string {
	s := b.School()
	switch name {
	case "service":
		if v, ok := s.ServiceOf(r.Service); ok {
			return v.Name
		}
	case "location":
		if l, ok := s.Location(r.Location); ok {
			return l.Name
		}
	case "impact":
		return wordOf(b.Book, language, r.Kind, "option.impact."+string(cmp.Or(r.Impact, workflows.Unknown)))
	}
	return wordOf(b.Book, language, r.Kind, "option.impact.unknown")
}

// fewServices is how many services stand on buttons where a form can show the rest.
const fewServices = 7

// choices are what it can be instead, the most likely first.
func (b *Bot) choices(r *workflows.Record, name, language, adapter string) []adapters.Button {
	s := b.School()
	var list []adapters.Button
	add := func(value, label string) {
		list = append(list, adapters.Button{Label: label, Command: fmt.Sprintf("%s correct %s=%s", r.Ref, name, value)})
	}
	switch name {
	case "service":
		services := slices.Clone(s.Services)
		// What it leans on is easily taken for it, and what hurts most is told most.
		rank := func(key string, critical bool) int {
			switch {
			case r.Service != "" && s.Related(key, r.Service):
				return 0
			case critical:
				return 1
			}
			return 2
		}
		slices.SortStableFunc(services, func(x, y school.Service) int { return rank(x.Key, x.Critical) - rank(y.Key, y.Critical) })
		for _, v := range services {
			if v.Key != r.Service {
				add(v.Key, v.Name)
			}
		}
		if _, forms := b.platforms[adapter].(adapters.FormOpener); forms && len(list) > fewServices+1 {
			list = append(list[:fewServices], adapters.Button{Label: b.Book.Say(language, "bot.ask.other"), Command: r.Ref.String() + " correct"})
		}
	case "location":
		for _, l := range s.Locations {
			if l.Key != r.Location {
				add(l.Key, l.Name)
			}
		}
	default:
		for _, level := range []workflows.Level{workflows.Small, workflows.Medium, workflows.Large} {
			if level != r.Impact {
				add(string(level), wordOf(b.Book, language, r.Kind, "option.impact."+string(level)))
			}
		}
	}
	return list
}

// about says what a record is about in a few words: "Wifi, Locatie Noord".
func (b *Bot) about(r *workflows.Record, language string) string {
	var words []string
	if s, ok := b.School().ServiceOf(r.Service); ok {
		words = append(words, s.Name)
	}
	if l, ok := b.School().Location(r.Location); ok {
		words = append(words, l.Name)
	}
	if len(words) == 0 {
		return strings.ToLower(wordOf(b.Book, language, r.Kind, "name"))
	}
	return strings.Join(words, ", ")
}
