package bot

import (
	"context"
	"errors"
	"slices"
	"strings"

	"schoolbel/adapters"
	"schoolbel/bot/lang"
	"schoolbel/workflows"
)

// label is what somebody says that a record really was.
type label struct {
	is   workflows.Kind // "" is no report at all
	only workflows.Kind // makes sense of this kind alone: “geen storing” says nothing of a change
}

// labelWords are the words by which it is said, in all languages together.
type labelWords struct {
	is     []string // "dit was"
	what   map[string]label
	softly map[string]bool // words that change nothing: "eigenlijk"
}

func newLabels(book *lang.Book) labelWords {
	l := labelWords{what: map[string]label{}, softly: map[string]bool{}}
	for _, language := range lang.Languages {
		words := func(key string) []string { return strings.Split(book.Say(language, "bot.label."+key), "|") }
		l.is = append(l.is, words("is")...)
		for _, word := range words("softly") {
			l.softly[word] = true
		}
		for key, meant := range map[string]label{
			"change": {is: "change"}, "incident": {is: "incident"}, "nothing": {}, "no.incident": {only: "incident"}, "no.change": {only: "change"},
		} {
			for _, word := range words(key) {
				l.what[word] = meant
			}
		}
	}
	return l
}

// read reads “INC-12 dit was een wijziging”, “INC-12 was a change” or, where it is
// plain what is meant, “dit was een wijziging”. A question is no such thing, and
// neither is a sentence that says more.
func (l labelWords) read(text string) (workflows.Ref, label, bool) {
	words := slices.DeleteFunc(strings.Fields(strings.ToLower(strings.Trim(text, " .!"))), func(w string) bool { return l.softly[w] })
	if len(words) < 2 {
		return workflows.Ref{}, label{}, false
	}
	is := l.is
	ref, named := workflows.ParseRef(strings.TrimRight(words[0], ":,"))
	if named {
		words = words[1:]
		is = append(slices.Clone(is), "was", "is")
	}
	said := strings.Join(words, " ")
	for _, begin := range is {
		if what, ok := strings.CutPrefix(said, begin+" "); ok {
			if meant, known := l.what[what]; known {
				return ref, meant, true
			}
		}
	}
	return workflows.Ref{}, label{}, false
}

// relabelled takes words for a correction of what a record was taken for. Without a
// reference they must stand in its thread, and be an agent's: of anybody else they
// are a note, which agents then read.
func (c *call) relabelled(ctx context.Context, text string) (step, error) {
	ref, meant, ok := c.labels.read(text)
	switch {
	case !ok:
		return nil, nil
	case !ref.IsZero():
	case c.ev.Place.Thread == "" || !c.agent() || c.ev.Kind != adapters.Message && c.ev.Kind != adapters.Mention:
		return nil, nil
	default:
		var err error
		if ref, err = c.thread(ctx); err != nil || ref.IsZero() {
			return nil, err
		}
	}
	p, known := c.Engine.ByPrefix(ref.Prefix)
	if !known || p.Kind != "incident" && p.Kind != "change" || meant.only != "" && meant.only != p.Kind {
		return nil, nil
	}
	return func(ctx context.Context) error { return c.relabel(ctx, ref, meant.is) }, nil
}

func (c *call) agent() bool { return slices.Contains(c.who.Roles, workflows.Agent) }

// ends is how a record ends that was something else.
var ends = map[workflows.Kind]workflows.Action{"incident": "cancel", "change": "withdraw"}

// relabel makes a record what it really is, or ends it when it is nothing.
func (c *call) relabel(ctx context.Context, ref workflows.Ref, is workflows.Kind) error {
	if fresh, err := c.first(ctx); err != nil || !fresh {
		return err
	}
	r, err := c.visible(ctx, ref)
	if r == nil {
		return err
	}
	end := workflows.Command{ID: c.ev.ID, Actor: c.who.actor, Ref: ref, Action: ends[r.Kind], Args: map[string]string{}, At: c.ev.At}
	say := func(key string, args ...any) error {
		return c.answer(ctx, adapters.Card{Text: c.say(key, args...), Ref: ref.String()})
	}
	became := r.Field("became")
	switch {
	case !c.agent():
		return c.refuse(ctx, end, workflows.Refuse(workflows.Denied, r.Kind, "bot.label.denied", ref.String(), []workflows.Role{workflows.Agent}))
	case became != "":
		return say("bot.label.already", ref.String(), became)
	case is == r.Kind:
		return say("bot.label.same", ref.String())
	case is == "" && (r.State == "cancelled" || r.State == "withdrawn"):
		return say("bot.already", ref.String())
	case is == "change" && r.Sensitive: // a change is for all to read
		return say("bot.label.sensitive", ref.String())
	}
	done := "bot.done"
	var now *workflows.Record
	err = c.tx.Try(ctx, func() error { // all of it, or nothing
		now, err = c.become(ctx, r, is, end)
		return err
	})
	var refusal *workflows.Error
	switch {
	case errors.As(err, &refusal):
		return c.refuse(ctx, end, refusal)
	case err != nil:
		return err
	}
	c.tx.Came(c.ev.ID, now.Ref)
	if err := c.learnFrom(ctx, r, is); err != nil {
		return err
	}
	if is == "" {
		return say(done, ref.String(), c.state(now))
	}
	return say("bot.label.done."+string(is), ref.String(), now.Ref.String())
}

// become opens the record that it should have been, ends this one, and ties the two.
// It gives the one that goes on, or else the one that ended.
func (c *call) become(ctx context.Context, r *workflows.Record, is workflows.Kind, end workflows.Command) (*workflows.Record, error) {
	end.ID = ""
	if is == "" {
		end.Args["reason"] = c.say("bot.label.none")
		out, err := c.Engine.DoIn(ctx, c.tx, end)
		return out.Record, err
	}
	out, err := c.Engine.DoIn(ctx, c.tx, c.reopening(r, is))
	if err != nil {
		return nil, err
	}
	now := out.Record
	end.Args["became"] = now.Ref.String()
	if r.Kind == "incident" {
		end.Args["reason"] = c.say("bot.label.became", now.Ref.String())
	} else { // the reason of a change is why it was wanted
		end.Args["note"] = c.say("bot.label.became", now.Ref.String())
	}
	if _, err := c.Engine.DoIn(ctx, c.tx, end); err != nil {
		return nil, err
	}
	tie := workflows.Command{Actor: c.who.actor, Ref: r.Ref, Action: "link", Args: map[string]string{"type": "leads_to", "to": now.Ref.String()}, At: c.ev.At}
	if r.Kind == "change" {
		// No link says this: the change neither caused the incident nor came of it, and
		// figures would be made of either.
		tie = workflows.Command{Actor: c.who.actor, Ref: now.Ref, Action: "note", Args: map[string]string{"note": c.say("bot.label.came", r.Ref.String())}, At: c.ev.At}
	}
	if _, err := c.Engine.DoIn(ctx, c.tx, tie); err != nil {
		return nil, err
	}
	for _, p := range slices.Concat(r.Reporters, r.Subscribers) {
		if slices.Contains(now.Reporters, p) || !c.here(p) {
			continue
		}
		follow := workflows.Command{Actor: workflows.Bot("workflows"), Ref: now.Ref, Action: "subscribe", Args: map[string]string{"person": p}}
		if _, err := c.Engine.DoIn(ctx, c.tx, follow); err != nil {
			return nil, err
		}
	}
	return now, nil
}

// reopening is the command that opens a record anew as another kind, for who
// reported it and where they did.
func (c *call) reopening(r *workflows.Record, is workflows.Kind) workflows.Command {
	action := workflows.Action("report")
	if is == "change" {
		action = "request"
	}
	args := map[string]string{"title": r.Title, "service": r.Service, "location": r.Location, "was": r.Ref.String()}
	for _, name := range []string{"description", "items", "supplier", "external_ref"} {
		args[name] = r.Field(name)
	}
	if len(r.Reporters) > 0 && c.here(r.Reporters[0]) {
		args["reporter"], args["origin"] = r.Reporters[0], r.Field("origin."+r.Reporters[0])
	}
	for name, value := range args {
		if value == "" {
			delete(args, name)
		}
	}
	return workflows.Command{Actor: c.who.actor, Kind: is, Action: action, Args: args, At: c.ev.At}
}

// here tells whether somebody still is a person of the school, or a guest: who
// left it must not stand in the way.
func (c *call) here(key string) bool {
	_, ok := c.School().Person(key)
	return ok || strings.Contains(key, ":") && !strings.HasPrefix(key, "api:")
}

// relabelled is what people hear of a record that was taken for something else: one
// message, of the one that goes on. It has no say about any other line.
func (n *news) relabelled(language, key string) (card adapters.Card, wanted, ok bool) {
	was := n.r.Field("was")
	switch n.entry.Action {
	case "cancel", "withdraw":
		return card, false, n.r.Field("became") != ""
	case "report", "request":
		if was == "" || n.same(n.entry.Actor, key) { // who did it was answered
			return card, false, was != ""
		}
		text := "bot.label.done."
		if slices.Contains(n.r.Reporters, key) {
			text = "bot.told.became."
		}
		card.Text = n.Book.Say(language, text+string(n.r.Kind), was, n.r.Ref.String())
		return card, true, true
	}
	return card, false, false
}
