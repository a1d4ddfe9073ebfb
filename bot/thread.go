package bot

import (
	"context"
	"errors"
	"slices"
	"strings"

	"schoolbel/adapters"
	"schoolbel/bot/understand"
	"schoolbel/workflows"
)

// thread is the record that the thread is about: it began with a message of ours,
// or with the one that a person reported it with.
func (c *call) thread(ctx context.Context) (workflows.Ref, error) {
	root := c.ev.Place.Thread
	about, err := c.Store.Message(ctx, c.ev.Place.String(), root)
	if err != nil || about != nil {
		return refOf(about), err
	}
	ref, _, err := c.Store.Came(ctx, c.messageID(root))
	return ref, err
}

func refOf(d *workflows.Delivery) workflows.Ref {
	if d == nil {
		return workflows.Ref{}
	}
	return d.Ref
}

// messageID is the id of the event that a person wrote this message.
func (c *call) messageID(message string) string {
	return c.ev.Place.Adapter + ":msg:" + c.ev.Place.Channel + ":" + message
}

// inThread takes what is said in a record's thread as about that record; nil when the
// thread is of none, or what is said is none of ours.
func (c *call) inThread(ctx context.Context, m understand.Meaning, text string) (step, error) {
	about, err := c.thread(ctx)
	if err != nil || about.IsZero() || c.tooOpen(ctx, m, about) {
		return nil, err
	}
	r, err := c.Store.Record(ctx, about)
	if err != nil {
		return nil, err
	}
	moves := c.Engine.Moves(r, c.who.actor)
	may := func(do workflows.Action) bool {
		return slices.ContainsFunc(moves, func(m workflows.Move) bool { return m.Do == do })
	}
	mine := c.who.actor.Among(r.Reporters)
	ours := mine || c.staff() || c.who.actor.Is(r.Owner)
	switch {
	case r.Sensitive && ours && may("note"): // whatever it looks like, it is more of that
		return func(ctx context.Context) error { return c.do(ctx, c.noting(about, text)) }, nil
	case r.Kind == "incident" && m.Intent == understand.AskStatus && !c.staff() && r.MayKnow(c.who.actor):
		return func(ctx context.Context) error { return c.statusOf(ctx, r) }, nil
	case r.Kind == "incident" && m.Intent == understand.Resolve && !c.staff() && (mine || may("note")) && (mine || r.State != "resolved"):
		return func(ctx context.Context) error { return c.worksAgain(ctx, r, text) }, nil
	case !ours && (m.Also || m.Intent == understand.ReportIncident) && may("join"):
		return func(ctx context.Context) error { return c.do(ctx, c.joining(about, c.origin(), "")) }, nil
	case may("note") && (ours || m.Intent == understand.AddInfo || len(c.ev.Files) > 0):
		return func(ctx context.Context) error { return c.do(ctx, c.noting(about, text)) }, nil
	}
	return nil, nil
}

// noting keeps what is said with a record.
func (c *call) noting(ref workflows.Ref, text string) workflows.Command {
	p, _ := c.Engine.ByPrefix(ref.Prefix)
	args := map[string]string{"note": strings.TrimSpace(text + "\n" + c.evidence())}
	if takes(p, "note", "origin") {
		args["origin"] = c.origin()
	}
	return workflows.Command{ID: c.ev.ID, Actor: c.who.actor, Ref: ref, Action: "note", Args: args, At: c.ev.At}
}

// verdict takes "ja" or "nee" for the answer to whether it works again, in the thread
// or the direct room where a reporter was asked.
func (c *call) verdict(ctx context.Context, text string) (step, error) {
	action := c.words.verbs["incident"][strings.ToLower(strings.Trim(text, " .,!"))]
	if action != "confirm" && action != "reopen" {
		return nil, nil
	}
	f := workflows.Filter{Kinds: []workflows.Kind{"incident"}, States: []workflows.State{"resolved"}, Reporters: c.who.actor.Keys(), Limit: 10}
	asked, _, err := c.Store.Find(ctx, f)
	if err != nil {
		return nil, err
	}
	if c.ev.Place.Thread != "" {
		about, err := c.thread(ctx)
		if err != nil {
			return nil, err
		}
		asked = slices.DeleteFunc(asked, func(r *workflows.Record) bool { return r.Ref != about })
	} else if !c.ev.Direct {
		return nil, nil
	}
	if len(asked) == 0 {
		return nil, nil
	}
	return func(ctx context.Context) error {
		talk, err := c.talk(ctx, c.tx)
		if err != nil {
			return err
		}
		if talk != nil { // another question came after that one
			return c.goOn(ctx, talk, text)
		}
		return c.do(ctx, workflows.Command{ID: c.ev.ID, Actor: c.who.actor, Ref: asked[0].Ref, Action: action, At: c.ev.At})
	}, nil
}

// changed notes that a message that made a record was edited or taken away.
func (c *call) changed(ctx context.Context) error {
	about, err := c.Store.Message(ctx, c.ev.Place.String(), c.ev.Message)
	if err != nil || about != nil { // our own message
		return err
	}
	ref, _, err := c.Store.Came(ctx, c.messageID(c.ev.Message))
	if err != nil || ref.IsZero() {
		return err
	}
	if m := c.read(c.ev.Text, c.who); c.ev.Kind == adapters.Edited && c.tooOpen(ctx, m, ref) {
		return c.meant(ctx, m, pending{Text: c.ev.Text, Origin: c.origin()}, fit{})
	}
	key := "bot.edited"
	if c.ev.Kind == adapters.Deleted {
		key = "bot.deleted"
	}
	cmd := workflows.Command{ID: c.ev.ID, Actor: c.who.actor, Ref: ref, Action: "note", Args: map[string]string{"note": c.say(key, c.ev.Text)}, At: c.ev.At}
	if err := c.rewritten(ctx, &cmd); err != nil {
		return err
	}
	_, err = c.Engine.DoIn(ctx, c.tx, cmd)
	var refusal *workflows.Error
	if errors.As(err, &refusal) { // it was told, and it is not theirs
		return nil
	}
	return err
}
