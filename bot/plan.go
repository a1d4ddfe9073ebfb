package bot

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"schoolbel/adapters"
	"schoolbel/workflows"
)

// step is what happens in the transaction.
type step func(context.Context) error

// plan decides what an event asks for, before the transaction opens; nil is nothing.
func (c *call) plan(ctx context.Context) (step, error) {
	switch c.ev.Kind {
	case adapters.Home:
		return c.home, nil
	case adapters.Shortcut:
		return nil, c.openReport(ctx)
	case adapters.Edited, adapters.Deleted:
		return c.changed, nil
	}
	text := strings.TrimSpace(c.ev.Text)
	if text == "" && len(c.ev.Files) == 0 {
		return nil, nil
	}
	if rest, ok := strings.CutPrefix(text, answerWord+" "); ok && c.ev.Kind == adapters.Press {
		return func(ctx context.Context) error { return c.answered(ctx, rest) }, nil
	}
	if rest, ok := strings.CutPrefix(text, reportWord); ok && (c.ev.Kind == adapters.Press || c.ev.Kind == adapters.Submit) {
		if c.ev.Kind == adapters.Press {
			return nil, c.openReport(ctx)
		}
		return func(ctx context.Context) error { return c.filed(ctx, strings.TrimSpace(rest)) }, nil
	}
	if do, err := c.relabelled(ctx, text); do != nil || err != nil {
		return do, err
	}
	if rest, ok := strings.CutPrefix(text, keepWord+" "); ok && c.ev.Kind == adapters.Press {
		return c.keep(ctx, rest)
	}
	if do, err := c.tying(ctx, text); do != nil || err != nil {
		return do, err
	}
	said, ok := c.words.parse(text)
	switch {
	case !ok && c.ev.Kind == adapters.Press: // a button says a command and never just words
		return c.strange, nil
	case !ok:
		if h, asks := c.planned(text); asks && c.listens() {
			return func(ctx context.Context) error { return c.calendar(ctx, h) }, nil
		}
		return c.free(ctx, text)
	case said.own != "":
		return func(ctx context.Context) error { return c.own(ctx, said) }, nil
	case said.ref.IsZero():
		cmd := c.opening(said.kind, said.rest)
		return func(ctx context.Context) error { return c.do(ctx, cmd) }, nil
	case said.action == "":
		return func(ctx context.Context) error { return c.show(ctx, said) }, nil
	}
	return c.command(ctx, said)
}

// command makes the command that was typed, pressed or filled in. Where something
// is still needed, a form asks for it.
func (c *call) command(ctx context.Context, said typed) (step, error) {
	args := maps.Clone(said.args)
	if args == nil {
		args = map[string]string{}
	}
	for name, value := range c.ev.Form {
		if strings.TrimSpace(value) != "" {
			args[name] = value
		}
	}
	if said.action == "correct" {
		return c.correction(ctx, said, args)
	}
	if said.rest != "" && c.windowed(said.action) {
		if from, to, rest, ok := c.when(said.rest); ok && args["from"] == "" && args["to"] == "" {
			args["from"], args["to"], said.rest = from.Format(time.RFC3339), to.Format(time.RFC3339), rest
		}
	}
	needs := c.needs(said)
	for i, f := range needs {
		if said.rest == "" || args[f.Name] != "" {
			continue
		}
		value := said.rest
		if f.Lookup != "" && i < len(needs)-1 { // a name is one word
			value, said.rest, _ = strings.Cut(said.rest, " ")
			args[f.Name] = value
			continue
		}
		args[f.Name], said.rest = value, ""
	}
	if said.rest != "" && args["note"] == "" {
		args["note"] = said.rest
		if p, ok := c.Engine.Process(said.kind); ok && args["reason"] == "" && takes(p, said.action, "reason") {
			args["reason"] = said.rest
		}
	}
	if owner := args["owner"]; owner != "" {
		args["owner"] = c.personNamed(owner)
	}
	if said.action == "note" || said.action == "reopen" || said.action == "join" {
		if p, ok := c.Engine.Process(said.kind); ok && takes(p, said.action, "origin") {
			args["origin"] = c.origin()
		}
	}
	missing := slices.ContainsFunc(needs, func(f workflows.Field) bool { return args[f.Name] == "" })
	// Waiting needs nothing, but people want to know for what.
	special := c.asks(ctx, said, args)
	if (missing || special != nil || said.action == "wait" && len(args) == 0) && c.ev.Trigger != "" && c.ev.Kind == adapters.Press {
		if open := c.forms(ctx); open != nil && c.may(ctx, said) {
			form := c.form(said, args)
			if special != nil {
				form = *special
			}
			err := open(form)
			var failed *adapters.Failure
			if !errors.As(err, &failed) {
				return nil, err
			}
			c.Log.Info("a form could not be opened", "error", err)
		}
	}
	cmd := workflows.Command{ID: c.ev.ID, Actor: c.who.actor, Ref: said.ref, Action: said.action, Args: args, At: c.ev.At, Paged: adapters.PageOf(ctx) != nil}
	return func(ctx context.Context) error { return c.do(ctx, cmd) }, nil
}

// may tells whether this is open to the person now: nobody fills in a form only to
// hear that they may not.
func (c *call) may(ctx context.Context, said typed) bool {
	r, err := c.Store.Record(ctx, said.ref)
	return err == nil && slices.ContainsFunc(c.Engine.Moves(r, c.who.actor), func(m workflows.Move) bool { return m.Do == said.action })
}

// strange answers a button that is none of ours, or of long ago.
func (c *call) strange(ctx context.Context) error {
	if fresh, err := c.first(ctx); err != nil || !fresh {
		return err
	}
	c.Log.Warn("somebody pressed a button that is none of ours", "adapter", c.ev.Place.Adapter, "person", c.who.Key, "place", c.ev.Place.String())
	return c.answer(ctx, adapters.Card{Tone: adapters.Warn, Text: c.say("bot.unknown_button")})
}

// needs are the arguments that an action cannot do without.
func (c *call) needs(said typed) []workflows.Field {
	p, ok := c.Engine.Process(said.kind)
	if !ok {
		return nil
	}
	for _, rule := range p.Rules {
		if rule.Do != said.action || said.action == "cancel" && len(rule.Needs) > 0 && !slices.Contains(c.who.Roles, workflows.Agent) {
			continue
		}
		var fields []workflows.Field
		for _, name := range rule.Needs {
			i := slices.IndexFunc(rule.Own, func(f workflows.Field) bool { return f.Name == name })
			if i >= 0 {
				fields = append(fields, rule.Own[i])
			} else if f, ok := p.Field(name); ok {
				fields = append(fields, f)
			}
		}
		return fields
	}
	return nil
}

func takes(p *workflows.Process, action workflows.Action, name string) bool {
	return slices.ContainsFunc(p.Rules, func(r workflows.Rule) bool { return r.Do == action && slices.Contains(r.Takes, name) })
}

// personNamed turns "@U0NOOR", a name or a key into the key of a person.
func (c *call) personNamed(text string) string {
	text = strings.TrimPrefix(strings.TrimSpace(text), "@")
	s := c.School()
	if p, ok := s.Account(c.ev.Place.Adapter, text); ok {
		return p.Key
	}
	if _, ok := s.Person(strings.ToLower(text)); ok {
		return strings.ToLower(text)
	}
	for _, p := range s.People {
		first, _, _ := strings.Cut(p.Name, " ")
		if strings.EqualFold(p.Name, text) || strings.EqualFold(first, text) {
			return p.Key
		}
	}
	return text
}

// origin is where a person spoke, so that they are answered there.
func (c *call) origin() string {
	if !c.chats(c.ev.Place.Adapter) { // they are told where they always are
		return ""
	}
	thread := c.ev.Place.Thread
	if thread == "" && !c.ev.Direct {
		thread = c.ev.Message
	}
	if c.ev.Kind == adapters.Slash || c.ev.Kind == adapters.Submit || c.ev.Kind == adapters.Shortcut || strings.HasPrefix(c.ev.Place.Channel, homePlace) {
		return c.ev.Place.Adapter + ":@" + c.ev.User.ID + "|"
	}
	return c.ev.Place.String() + "|" + thread
}

// do carries out a command. A refusal is told to the person alone.
func (c *call) do(ctx context.Context, cmd workflows.Command) error {
	out, err := c.Engine.DoIn(ctx, c.tx, cmd)
	var refusal *workflows.Error
	switch {
	case errors.As(err, &refusal):
		return c.refuse(ctx, cmd, refusal)
	case err != nil:
		return err
	case out.Repeated:
		return nil
	case out.Entry == nil && out.Record != nil: // it was so already
		return c.answer(ctx, adapters.Card{Text: c.say("bot.already", out.Record.Ref.String()), Ref: out.Record.Ref.String()})
	}
	if out.Record.Kind == "change" && cmd.Action == "submit" && out.Record.Field("unreachable") != "" {
		return c.answer(ctx, adapters.Card{Tone: adapters.Warn, Text: c.standings(out.Record, c.who.lang), Ref: out.Record.Ref.String()})
	}
	typedIt := c.ev.Kind == adapters.Message || c.ev.Kind == adapters.Mention || c.ev.Kind == adapters.Slash
	opened := out.Entry.From == ""
	if out.Record.Sensitive && (opened || cmd.Action == "note") {
		return c.inPrivate(ctx, out.Record, opened)
	}
	if typedIt && cmd.Action == "correct" {
		return c.answer(ctx, adapters.Card{Text: c.say("bot.confirm.corrected", out.Record.Ref.String(), c.about(out.Record, c.who.lang)), Ref: out.Record.Ref.String()})
	}
	if typedIt && !opened && cmd.Action != "join" && cmd.Action != "note" {
		return c.answer(ctx, adapters.Card{Text: c.say("bot.done", out.Record.Ref.String(), c.state(out.Record)), Ref: out.Record.Ref.String()})
	}
	told := cmd.Action == "report" || cmd.Action == "request" // by the news of it
	if opened && !told || cmd.Action == "note" && c.ev.Kind != adapters.Submit && (c.ev.Place.Thread != "" || c.ev.Kind == adapters.Press) {
		key := "bot.opened"
		if !opened {
			key = "bot.noted"
		}
		return c.answer(ctx, adapters.Card{Text: c.say(key, out.Record.Ref.String(), wordOf(c.Book, c.who.lang, out.Record.Kind, "name")), Ref: out.Record.Ref.String()})
	}
	return nil
}

func (c *call) state(r *workflows.Record) string {
	return wordOf(c.Book, c.who.lang, r.Kind, "state."+string(r.State))
}

// refuse tells why not, who can, and logs that it was tried.
func (c *call) refuse(ctx context.Context, cmd workflows.Command, e *workflows.Error) error {
	if fresh, err := c.first(ctx); err != nil || !fresh && cmd.ID != c.ev.ID {
		return err
	}
	// Each reporter is asked whether it works again; the first yes closes it.
	if e.Code == workflows.Closed && cmd.Action == "confirm" && len(e.Args) > 1 && e.Args[1] == workflows.State("closed") {
		return c.answer(ctx, adapters.Card{Text: c.say("bot.confirmed", cmd.Ref.String())})
	}
	text := c.kindly(cmd, e)
	if e.Key == "error.change.page" {
		return c.onPage(ctx, cmd, text)
	}
	if e.Code == workflows.Denied || worthLogging(cmd, e) {
		if names := c.whoCan(e); names != "" && e.Code == workflows.Denied {
			text += " " + c.say("bot.who_can", names)
		}
		if err := c.Engine.LogRefusal(ctx, c.tx, cmd, e); err != nil {
			var gone *workflows.Error
			if !errors.As(err, &gone) {
				return err
			}
		}
	}
	return c.answer(ctx, adapters.Card{Tone: adapters.Warn, Text: text})
}

// whoCan names some people who wear a role that is asked for.
func (c *call) whoCan(e *workflows.Error) string {
	var names []string
	for _, arg := range e.Args {
		if roles, ok := arg.([]workflows.Role); ok {
			for _, p := range c.School().WithRole(roles...) {
				if len(names) < 3 {
					names = append(names, p.Name)
				}
			}
		}
	}
	return strings.Join(names, ", ")
}

// Explain says a refusal in somebody's language.
func Explain(book interface {
	Say(language, key string, args ...any) string
	Has(key string) bool
}, language string, e *workflows.Error,
) string {
	word := func(rest string) string {
		if key := string(e.Kind) + "." + rest; book.Has(key) {
			return book.Say(language, key)
		}
		if key := "record." + rest; book.Has(key) {
			return book.Say(language, key)
		}
		_, plain, _ := strings.Cut(rest, ".")
		return plain
	}
	args := make([]any, len(e.Args))
	for i, arg := range e.Args {
		switch v := arg.(type) {
		case workflows.State:
			args[i] = strings.ToLower(word("state." + string(v)))
		case workflows.Action:
			args[i] = strings.ToLower(word("do." + string(v)))
		case workflows.Kind:
			args[i] = strings.ToLower(book.Say(language, string(v)+".name"))
		case workflows.FieldName:
			args[i] = strings.ToLower(word("field." + string(v)))
		case []workflows.FieldName:
			var names []string
			for _, name := range v {
				names = append(names, strings.ToLower(word("field."+string(name))))
			}
			args[i] = strings.Join(names, ", ")
		case []workflows.Role:
			var names []string
			for _, role := range v {
				if name := book.Say(language, "role."+string(role)); !slices.Contains(names, name) && role != workflows.System {
					names = append(names, name)
				}
			}
			args[i] = strings.Join(names, ", ")
		default:
			args[i] = arg
		}
	}
	return book.Say(language, e.Key, args...)
}
