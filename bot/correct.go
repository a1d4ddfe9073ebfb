package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"schoolbel/adapters"
	"schoolbel/workflows"
)

// keepWord is the button that says: it was right after all.
const keepWord = "schoolbel.keep"

// correction is "INC-12 corrigeren …": what should be different may be named as
// "service=wifi", in words ("dienst wifi", "op Zuid"), or be asked for.
func (c *call) correction(ctx context.Context, said typed, args map[string]string) (step, error) {
	name := c.correctArgs(said.rest, args)
	shown, err := c.pressed(ctx, said.ref)
	if err != nil {
		return nil, err
	}
	cmd := workflows.Command{ID: c.ev.ID, Actor: c.who.actor, Ref: said.ref, Action: said.action, Args: args, At: c.ev.At}
	r, err := c.Store.Record(ctx, said.ref)
	if err != nil || len(args) > 0 || !c.correctable(r, c.who.Key) || !r.MayKnow(c.who.actor) {
		return func(ctx context.Context) error { return c.corrected(ctx, cmd, shown) }, nil
	}
	if open := c.forms(ctx); open != nil && name == "" && c.ev.Trigger != "" && c.ev.Kind == adapters.Press {
		now := map[string]string{"title": r.Title, "service": r.Service, "location": r.Location, "impact": string(r.Impact)}
		err := open(c.form(said, now))
		var failed *adapters.Failure
		if !errors.As(err, &failed) {
			return nil, err
		}
		c.Log.Info("a form could not be opened", "error", err)
	}
	return func(ctx context.Context) error { return c.choose(ctx, r, cmp.Or(name, corrections[0]), shown) }, nil
}

// correctArgs reads what follows "corrigeren" into arguments; or it names what is
// to be chosen.
func (c *call) correctArgs(rest string, args map[string]string) (name string) {
	word, value, _ := strings.Cut(strings.TrimSpace(rest), " ")
	for _, n := range corrections {
		for _, language := range []string{"nl", "en"} {
			words := strings.Split(c.Book.Say(language, "bot.words."+n), "|")
			if slices.Contains(words, strings.ToLower(word)) || n == strings.ToLower(word) {
				name = n
			}
		}
	}
	if name == "" {
		value = rest
	}
	if strings.TrimSpace(value) == "" {
		return name
	}
	m := c.read(value, person{})
	for n, found := range map[string]string{"service": c.serviceCalled(value, m.Service), "location": m.Location, "impact": c.impactCalled(value, m.Impact)} {
		if found != "" && (name == n || name == "" && args[n] == "") {
			args[n] = found
		}
	}
	if name != "" && args[name] == "" {
		args[name] = value // what it is not is told by the engine, as of any other argument
	}
	return name
}

func (c *call) serviceCalled(words, read string) string {
	for _, v := range c.School().Services {
		if strings.EqualFold(v.Key, strings.TrimSpace(words)) || strings.EqualFold(v.Name, strings.TrimSpace(words)) {
			return v.Key
		}
	}
	return read
}

func (c *call) impactCalled(words string, read workflows.Level) string {
	for _, level := range []workflows.Level{workflows.Small, workflows.Medium, workflows.Large} {
		for _, language := range []string{"nl", "en"} {
			if strings.EqualFold(c.Book.Say(language, "record.option.impact."+string(level)), strings.TrimSpace(words)) || strings.EqualFold(string(level), strings.TrimSpace(words)) {
				return string(level)
			}
		}
	}
	if read == workflows.Unknown {
		return ""
	}
	return string(read)
}

// pressed is the answer of ours whose button was pressed, or led to the form that
// was sent; nil when it was none.
func (c *call) pressed(ctx context.Context, about workflows.Ref) (*workflows.Delivery, error) {
	if c.ev.Kind != adapters.Press && c.ev.Kind != adapters.Submit {
		return nil, nil
	}
	places := []string{c.ev.Place.String()}
	if c.ev.Direct { // that is how it is called where the person did not write to us
		places = append(places, c.ev.Place.Adapter+":@"+c.ev.User.ID)
	}
	for _, place := range places {
		d, err := c.Store.Message(ctx, place, c.ev.Message)
		if err != nil {
			return nil, err
		}
		if d == nil {
			continue
		}
		var a answer
		if d.Kind != answerKind || json.Unmarshal(d.Body, &a) != nil || !slices.Contains(a.Refs, about) || !c.who.actor.Is(a.Person) {
			return nil, nil
		}
		return d, nil
	}
	return nil, nil
}

// corrected carries out a correction. The answer then asks no more, and one that
// came too late takes its buttons away.
func (c *call) corrected(ctx context.Context, cmd workflows.Command, shown *workflows.Delivery) error {
	if err := c.do(ctx, cmd); err != nil || shown == nil {
		return err
	}
	return c.turn(ctx, shown, "", &workflows.Record{Ref: cmd.Ref})
}

// choose shows what it can be instead: on the answer itself where that was pressed.
func (c *call) choose(ctx context.Context, r *workflows.Record, name string, shown *workflows.Delivery) error {
	if fresh, err := c.first(ctx); err != nil || !fresh {
		return err
	}
	if shown != nil {
		return c.turn(ctx, shown, name, r)
	}
	return c.answer(ctx, adapters.Card{Text: c.say("bot.confirm.choose." + name), Ref: r.Ref.String(), Buttons: c.choices(r, name, c.who.lang, c.ev.Place.Adapter)})
}

// turn lets an answer ask for one thing, or for none.
func (c *call) turn(ctx context.Context, shown *workflows.Delivery, name string, r *workflows.Record) error {
	var a answer
	if err := json.Unmarshal(shown.Body, &a); err != nil {
		return fmt.Errorf("bot: answer: %w", err)
	}
	a.Ask, a.About, a.Version = name, r.Ref, r.Version
	body, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("bot: answer: %w", err)
	}
	return c.tx.Redraw(ctx, workflows.Delivery{ID: shown.ID, Place: shown.Place, Body: body})
}

// keep is "klopt toch": the answer stands as it was.
func (c *call) keep(ctx context.Context, rest string) (step, error) {
	ref, _ := workflows.ParseRef(rest)
	shown, err := c.pressed(ctx, ref)
	if err != nil || shown == nil {
		return c.strange, err
	}
	return func(ctx context.Context) error {
		if fresh, err := c.first(ctx); err != nil || !fresh {
			return err
		}
		return c.turn(ctx, shown, "", &workflows.Record{Ref: ref})
	}, nil
}
