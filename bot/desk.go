package bot

import (
	"context"
	"slices"
	"strings"

	"schoolbel/adapters"
	"schoolbel/workflows"
)

// form asks for the arguments of an action.
func (c *call) form(said typed, args map[string]string) adapters.Form {
	p, _ := c.Engine.Process(said.kind)
	needs := c.needs(said)
	f := adapters.Form{
		Title: said.ref.String() + " " + strings.ToLower(wordOf(c.Book, c.who.lang, said.kind, "do."+string(said.action))), Command: said.ref.String() + " " + string(said.action),
		Submit: wordOf(c.Book, c.who.lang, said.kind, "do."+string(said.action)), Cancel: c.say("bot.cancel"),
	}
	for _, field := range needs {
		f.Inputs = append(f.Inputs, c.input(said.kind, field, args[field.Name], false))
	}
	for _, rule := range p.Rules {
		if rule.Do != said.action {
			continue
		}
		for _, name := range rule.Takes {
			if field, ok := p.Field(name); ok && !field.Hidden && len(f.Inputs) < 8 && !slices.Contains([]string{"origin", "note", "team", "type", "sensitive"}, name) {
				f.Inputs = append(f.Inputs, c.input(said.kind, field, args[name], true))
			}
		}
		break
	}
	return f
}

// input is one question of a form, with the answers that the school knows.
func (c *call) input(kind workflows.Kind, f workflows.Field, value string, optional bool) adapters.Input {
	in := adapters.Input{Name: f.Name, Label: wordOf(c.Book, c.who.lang, kind, "field."+f.Name), Value: value, Long: f.Long, Time: f.Time, Optional: optional}
	if hasWord(c.Book, kind, "ask."+f.Name) {
		in.Label = wordOf(c.Book, c.who.lang, kind, "ask."+f.Name)
	}
	for _, o := range f.Options {
		in.Options = append(in.Options, adapters.Option{Value: o, Label: wordOf(c.Book, c.who.lang, kind, "option."+f.Name+"."+o)})
	}
	s := c.School()
	add := func(key, name string) { in.Options = append(in.Options, adapters.Option{Value: key, Label: name}) }
	switch f.Lookup {
	case "service":
		for _, v := range s.Services {
			add(v.Key, v.Name)
		}
	case "location":
		for _, v := range s.Locations {
			add(v.Key, v.Name)
		}
	case "team":
		for _, v := range s.Teams {
			add(v.Key, v.Name)
		}
	case "person":
		for _, v := range s.People {
			add(v.Key, v.Name)
		}
	}
	return in
}

// openReport shows the form to report, filled in as far as the message tells.
func (c *call) openReport(ctx context.Context) error {
	open := c.forms(ctx)
	if open == nil {
		return nil
	}
	values := map[string]string{}
	if text := strings.TrimSpace(c.ev.Text); text != "" && !strings.HasPrefix(text, reportWord) {
		values = c.commandOf(c.read(text, c.who), "").Args
	} else if len(c.who.Locations) == 1 {
		values["location"] = c.who.Locations[0]
	}
	p, _ := c.Engine.Process("incident")
	f := adapters.Form{Title: c.say("bot.report.title"), Command: reportWord, Submit: c.say("bot.report.submit"), Cancel: c.say("bot.cancel")}
	for _, name := range []string{"title", "service", "location", "impact", "description"} {
		if field, ok := p.Field(name); ok {
			f.Inputs = append(f.Inputs, c.input("incident", field, values[name], name != "title"))
		}
	}
	return open(f)
}

// forms is how a form is shown to the person who does this: on the page that stands
// open, or by their platform; nil when it cannot be.
func (c *call) forms(ctx context.Context) func(adapters.Form) error {
	if page := adapters.PageOf(ctx); page != nil {
		return func(f adapters.Form) error { page.Form = &f; return nil }
	}
	opener, ok := c.platforms[c.ev.Place.Adapter].(adapters.FormOpener)
	if !ok {
		return nil
	}
	return func(f adapters.Form) error { return opener.OpenForm(ctx, c.ev, f) }
}

// filed is the form to report, sent in.
func (c *call) filed(ctx context.Context, _ string) error {
	args := map[string]string{"origin": c.origin()}
	for name, value := range c.ev.Form {
		if strings.TrimSpace(value) != "" {
			args[name] = value
		}
	}
	if m := c.read(args["title"]+"\n"+args["description"], c.who); m.Sensitive {
		confide(args, m)
	}
	return c.do(ctx, workflows.Command{ID: c.ev.ID, Actor: c.who.actor, Kind: "incident", Action: "report", Args: args, At: c.ev.At})
}

// own answers the bot's own words.
func (c *call) own(ctx context.Context, said typed) error {
	if fresh, err := c.first(ctx); err != nil || !fresh {
		return err
	}
	switch said.own {
	case "status":
		return c.statusCard(ctx, "", "")
	case "list":
		return c.records(ctx, c.say("bot.list.mine"), workflows.Filter{Open: true, Reporters: c.who.actor.Keys(), Limit: 10})
	case "queue":
		if !c.staff() {
			return c.records(ctx, c.say("bot.list.mine"), workflows.Filter{Open: true, Reporters: c.who.actor.Keys(), Limit: 10})
		}
		return c.records(ctx, c.say("bot.list.queue"), workflows.Filter{Open: true, Limit: 10})
	}
	if !said.ref.IsZero() {
		return c.helpWith(ctx, said.ref)
	}
	text := c.say("bot.help.text")
	if c.staff() {
		text += "\n\n" + c.say("bot.help.staff")
	}
	return c.answer(ctx, adapters.Card{Title: c.say("bot.help.title"), Text: text, Buttons: []adapters.Button{{Label: c.say("bot.report.button"), Command: reportWord, Style: adapters.Primary}}})
}

func (c *call) staff() bool {
	return slices.ContainsFunc(c.who.Roles, func(r workflows.Role) bool { return slices.Contains(workflows.Staff, r) })
}

// helpWith lists what this person can do with a record now: read from the tables.
func (c *call) helpWith(ctx context.Context, ref workflows.Ref) error {
	r, err := c.visible(ctx, ref)
	if r == nil {
		return err
	}
	var lines []string
	for _, m := range c.Engine.Moves(r, c.who.actor) {
		do := strings.ToLower(wordOf(c.Book, c.who.lang, r.Kind, "do."+string(m.Do)))
		lines = append(lines, ref.String()+" "+do+": "+wordOf(c.Book, c.who.lang, r.Kind, "help."+string(m.Do)))
	}
	return c.answer(ctx, adapters.Card{Title: c.say("bot.help.with", ref.String()), Text: strings.Join(lines, "\n"), Ref: ref.String()})
}

// visible reads a record, or says that there is none that this person may see.
func (c *call) visible(ctx context.Context, ref workflows.Ref) (*workflows.Record, error) {
	r, err := c.tx.Record(ctx, ref)
	if err == nil && r.MayKnow(c.who.actor) {
		return r, nil
	}
	var refusal *workflows.Error
	if err != nil && !asRefusal(err, &refusal) {
		return nil, err
	}
	return nil, c.answer(ctx, adapters.Card{Tone: adapters.Warn, Text: c.say("error.missing", ref.String())})
}

// show shows a record, or says which words there are.
func (c *call) show(ctx context.Context, said typed) error {
	if fresh, err := c.first(ctx); err != nil || !fresh {
		return err
	}
	r, err := c.visible(ctx, said.ref)
	if r == nil {
		return err
	}
	if said.word == "" {
		card := c.card(r, view{lang: c.who.lang, actor: c.who.actor, person: true})
		return c.shown(ctx, r, card)
	}
	var words []string
	for _, m := range c.Engine.Moves(r, c.who.actor) {
		words = append(words, strings.ToLower(wordOf(c.Book, c.who.lang, r.Kind, "do."+string(m.Do))))
	}
	if like := near(said.word, words); len(like) > 0 {
		words = like
	}
	return c.answer(ctx, adapters.Card{Tone: adapters.Warn, Text: c.say("bot.unknown_word", said.word, r.Ref.String(), strings.Join(words, ", "))})
}

// records shows a list, each with its first button.
func (c *call) records(ctx context.Context, title string, f workflows.Filter) error {
	card, err := c.recordsCard(ctx, title, f)
	if err != nil {
		return err
	}
	return c.answer(ctx, card)
}

func (c *call) recordsCard(ctx context.Context, title string, f workflows.Filter) (adapters.Card, error) {
	f.For = &c.who.actor
	found, _, err := c.tx.Find(ctx, f)
	if err != nil {
		return adapters.Card{}, err
	}
	card := adapters.Card{Title: title}
	for _, r := range found {
		card.Sections = append(card.Sections, c.section(r))
	}
	if len(card.Sections) == 0 {
		card.Text = c.say("bot.list.none")
	}
	return card, nil
}

func (c *call) section(r *workflows.Record) adapters.Section {
	title := c.titleFor(r, c.who.actor, c.who.lang)
	if r.Sensitive && !c.ev.Direct { // also when only one person sees it
		title = c.say("bot.card.sensitive")
	}
	s := adapters.Section{Title: r.Ref.String() + " · " + title, Text: c.state(r)}
	if owner, ok := c.School().Person(r.Owner); ok {
		s.Text += " · " + owner.Name
	}
	s.Buttons = c.buttons(r, c.who.actor, c.who.lang, 2)
	return s
}
