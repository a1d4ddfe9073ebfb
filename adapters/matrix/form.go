package matrix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"maunium.net/go/mautrix/id"

	"schoolbel/adapters"
)

// quiz is a form as Matrix has it: its questions are asked one by one in the person's
// direct room. It is kept, so that a restart loses no answer, and every process sees
// the same one.
type quiz struct {
	Trigger  string            `json:"trigger"`
	Place    adapters.Place    `json:"place"`
	Direct   bool              `json:"direct,omitempty"`
	Message  string            `json:"message"`
	Language string            `json:"language"`
	Link     string            `json:"link,omitempty"`
	Form     adapters.Form     `json:"form"`
	Room     id.RoomID         `json:"room"`
	Answers  map[string]string `json:"answers"`
	At       int               `json:"at"`            // the question that is open
	Asked    int               `json:"asked"`         // how many messages of ours were sent
	Due      bool              `json:"due"`           // the question is still to be said
	Why      string            `json:"why,omitempty"` // what was wrong with the last answer
	Heard    []string          `json:"heard"`         // messages that were taken for answers
	Done     bool              `json:"done"`
	Touched  time.Time         `json:"touched"`
}

// formLasts is how long a question stays open. After that what somebody says is no
// answer any more.
const formLasts = time.Hour

func formKey(user string) string { return "form/" + user }

// full tells whether every question is answered.
func (q *quiz) full() bool { return q.At >= len(q.Form.Inputs) }

// quiz recalls the form of a person, nil when there never was one.
func (m *Matrix) quiz(ctx context.Context, user string) (*quiz, error) {
	kept, err := m.recall(ctx, formKey(user))
	if err != nil || len(kept) == 0 {
		return nil, err
	}
	q := &quiz{}
	if err := json.Unmarshal(kept, q); err != nil {
		return nil, fmt.Errorf("read the form of %s: %w", user, err)
	}
	return q, nil
}

func (m *Matrix) keepQuiz(ctx context.Context, user string, q *quiz) error {
	value, err := json.Marshal(q)
	if err != nil {
		return fmt.Errorf("write the form of %s: %w", user, err)
	}
	return m.remember(ctx, formKey(user), value)
}

// alone does something while no other process does what has the same name: all of them
// hear the same, and one of them must act.
func (m *Matrix) alone(ctx context.Context, name string, do func(context.Context) error) error {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	m.acts.Lock()
	defer m.acts.Unlock()
	if m.kit.Seat == nil {
		return do(ctx)
	}
	for {
		seat, err := m.kit.Seat(ctx, name)
		if err != nil {
			return fmt.Errorf("be the only one at %s: %w", name, err)
		}
		if seat.Number == 1 {
			defer seat.Leave()
			return do(ctx)
		}
		seat.Leave()
		if !rest(ctx, 20*time.Millisecond) {
			return fmt.Errorf("another process is at %s: %w", name, ctx.Err())
		}
	}
}

// OpenForm asks what a form asks. A trigger opens one form and no more; as long as
// that one is open, opening it again is the same.
func (m *Matrix) OpenForm(ctx context.Context, e adapters.Event, f adapters.Form) error {
	if e.Trigger == "" {
		return &adapters.Failure{Why: adapters.Gone, Err: fmt.Errorf("the event %s can open no form", e.ID)}
	}
	if f.Inputs = named(f.Inputs); len(f.Inputs) == 0 {
		return &adapters.Failure{Why: adapters.Refused, Err: errors.New("a form without a question")}
	}
	l, err := m.online()
	if err != nil {
		return err
	}
	room, err := m.private(ctx, l, id.UserID(e.User.ID))
	if err != nil {
		return err
	}
	err = m.alone(ctx, formKey(e.User.ID), func(ctx context.Context) error {
		before, err := m.quiz(ctx, e.User.ID)
		if err != nil {
			return err
		}
		if before != nil && before.Trigger == e.Trigger {
			if before.Done || before.full() {
				return &adapters.Failure{Why: adapters.Gone, Err: errors.New("this form was sent already")}
			}
			return m.ask(ctx, l, e.User.ID, before)
		}
		q := &quiz{
			Trigger: e.Trigger, Place: e.Place, Direct: e.Direct, Message: e.Message, Language: languageOf(e, f),
			Form: f, Room: room, Answers: map[string]string{}, Due: true, Touched: m.now(),
		}
		if m.kit.Link != nil {
			q.Link = m.kit.Link(adapters.Grant{
				Place: e.Place, User: e.User.ID, Command: f.Command, Label: f.Submit, Message: e.Message, Until: m.now().Add(formLasts),
			})
		}
		if err := m.keepQuiz(ctx, e.User.ID, q); err != nil {
			return err
		}
		return m.ask(ctx, l, e.User.ID, q)
	})
	if err != nil {
		var f *adapters.Failure
		if errors.As(err, &f) {
			return err
		}
		return &adapters.Failure{Why: adapters.Retry, Err: err}
	}
	return nil
}

// named leaves out questions that cannot be told apart: answers go by name.
func named(list []adapters.Input) []adapters.Input {
	var kept []adapters.Input
	for _, i := range list {
		if i.Name != "" && !slices.ContainsFunc(kept, func(k adapters.Input) bool { return k.Name == i.Name }) {
			kept = append(kept, i)
		}
	}
	return kept
}

// ask says the question that is open, if it was not said.
func (m *Matrix) ask(ctx context.Context, l *line, user string, q *quiz) error {
	if !q.Due || q.full() {
		return nil
	}
	c := render(q.card(), panel{})
	c.Delivery.Ask, c.Delivery.Left = q.Form.Inputs[q.At].Name, len(q.Form.Inputs)-q.At-1
	if _, err := m.post(ctx, l, q.Room, m.transaction(fmt.Sprint("form:", q.Trigger, ":", q.Asked)), c); err != nil {
		return err
	}
	q.Due, q.Why = false, ""
	q.Asked++
	return m.keepQuiz(ctx, user, q)
}

// card is the question that is open; the first one tells what it is all for.
func (q *quiz) card() adapters.Card {
	i := q.Form.Inputs[q.At]
	var c adapters.Card
	var text []string
	add := func(s string) {
		if s = paragraphs(s); s != "" {
			text = append(text, s)
		}
	}
	if q.Asked == 0 {
		c.Title = q.Form.Title
		add(q.Form.Text)
		if q.Link != "" {
			c.Buttons = []adapters.Button{{Label: say(q.Language, "page"), URL: q.Link}}
		}
	}
	add(q.Why)
	ask := i.Label
	if n := len(q.Form.Inputs); n > 1 {
		ask = say(q.Language, "question", q.At+1, n) + ": " + ask
	}
	if hint := paragraphs(i.Hint); hint != "" {
		ask += "\n" + hint
	}
	for n, o := range i.Options {
		ask += fmt.Sprintf("\n%d. %s", n+1, line1(o.Label))
	}
	add(ask)
	var how []string
	if i.Time {
		how = append(how, say(q.Language, "time"))
	}
	switch {
	case i.Value != "":
		how = append(how, say(q.Language, "keep", shown(i)))
	case i.Optional:
		how = append(how, say(q.Language, "skip"))
	}
	how = append(how, say(q.Language, "stop"))
	c.Text, c.Foot = strings.Join(text, "\n\n"), strings.Join(how, " ")
	if typed := q.typed(); q.Asked == 0 && typed != "" {
		c.Foot += "\n" + say(q.Language, "typed", typed)
	}
	return c
}

// typed is the whole form as a command, with what must be filled in.
func (q *quiz) typed() string {
	if typedAs(q.Form.Command) == "" {
		return ""
	}
	command := q.Form.Command
	for _, i := range q.Form.Inputs {
		switch {
		case i.Optional:
		case len(i.Options) > 0:
			command += " " + i.Name + "=" + i.Options[0].Value
		case i.Time:
			command += " " + i.Name + "=2027-02-22T08:00"
		default:
			command += " " + i.Name + `="…"`
		}
	}
	return command
}

// filled takes what somebody says in their direct room for an answer, when a question
// is open there; else it is what it is.
func (m *Matrix) filled(ctx context.Context, l *line, e adapters.Event) (adapters.Event, bool, error) {
	q, err := m.quiz(ctx, e.User.ID)
	if err != nil || q == nil {
		return e, err == nil, err
	}
	if slices.Contains(q.Heard, e.Message) && q.Done {
		return e, false, nil // heard, and done with
	}
	if q.Done || q.Room != id.RoomID(e.Place.Channel) || m.now().Sub(q.Touched) > formLasts || e.Text == "" {
		return e, true, nil
	}
	tell := true
	err = m.alone(ctx, formKey(e.User.ID), func(ctx context.Context) error {
		if q, err = m.quiz(ctx, e.User.ID); err != nil || q == nil {
			return err
		}
		switch {
		case slices.Contains(q.Heard, e.Message):
			tell = q.full() && !q.Done && q.Heard[len(q.Heard)-1] == e.Message
			if tell {
				e = q.submit(e)
			}
			return m.ask(ctx, l, e.User.ID, q)
		case q.Done || q.full():
			return nil
		}
		stopped := q.take(e.Text)
		q.Heard, q.Touched = append(q.Heard, e.Message), m.now()
		q.Due = !q.full() && !stopped
		q.Done = stopped
		if err := m.keepQuiz(ctx, e.User.ID, q); err != nil {
			return err
		}
		if tell = q.full() && !stopped; tell {
			e = q.submit(e)
			return nil
		}
		if stopped {
			card := adapters.Card{Text: say(q.Language, "stopped")}
			_, err := m.post(ctx, l, q.Room, m.transaction("form:"+q.Trigger+":stopped"), render(card, panel{}))
			return err
		}
		return m.ask(ctx, l, e.User.ID, q)
	})
	return e, tell && err == nil, err
}

// submit is the form as it is sent.
func (q *quiz) submit(e adapters.Event) adapters.Event {
	return adapters.Event{
		ID: Name + ":submit:" + e.Message, Kind: adapters.Submit, Place: q.Place, User: e.User, Text: q.Form.Command,
		Form: q.Answers, Direct: q.Direct, Message: q.Message, At: e.At,
	}
}

// sent closes the form of somebody once it is kept.
func (m *Matrix) sent(ctx context.Context, user string) error {
	q, err := m.quiz(ctx, user)
	if err != nil || q == nil || !q.full() {
		return err
	}
	q.Done, q.Form, q.Answers = true, adapters.Form{}, nil // what was answered stands in the record
	q.At = 0
	return m.keepQuiz(ctx, user, q)
}
