package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"schoolbel/adapters"
	"schoolbel/bot/understand"
	"schoolbel/workflows"
)

// offer says what is known already and may be the same, and asks whether it is.
func (c *call) offer(ctx context.Context, p pending, r *workflows.Record) error {
	if fresh, err := c.first(ctx); err != nil || !fresh {
		return err
	}
	p.Asked, p.Known, p.Ask = p.Asked+1, r.Ref.String(), ""
	if err := c.wait(ctx, c.talkKey(), p); err != nil {
		return err
	}
	return c.answer(ctx, adapters.Card{
		Text: c.say("bot.offer", r.Ref.String(), c.about(r, c.who.lang), c.handles(r)), Ref: r.Ref.String(),
		Buttons: []adapters.Button{
			{Label: c.say("bot.offer.yes"), Command: answerWord + " known=" + r.Ref.String(), Style: adapters.Primary},
			{Label: c.say("bot.offer.no"), Command: answerWord + " known="},
		},
	})
}

// handles is who looks at it: the person, or else the team.
func (b *Bot) handles(r *workflows.Record) string {
	if r.Owner != "" {
		return b.name(r.Owner)
	}
	t, _ := b.School().Team(r.Team)
	return t.Name
}

// offered is the answer: it is that outage ("INC-12"), or something else ("").
func (c *call) offered(ctx context.Context, p pending, known string) error {
	p.Known, p.Own = "", true
	ref, ok := workflows.ParseRef(known)
	if !ok {
		return c.resume(ctx, p)
	}
	r, err := c.tx.Record(ctx, ref)
	var missing *workflows.Error
	if errors.As(err, &missing) || err == nil && (!r.Open() || r.State == "resolved" || !r.MayKnow(c.who.actor)) {
		return c.resume(ctx, p) // it is over meanwhile, and theirs is not
	}
	if err != nil {
		return err
	}
	if err := c.tx.SaveTalk(ctx, workflows.Talk{Key: c.talkKey()}); err != nil {
		return err
	}
	return c.joins(ctx, r, p, p.Text)
}

// joins makes the writer one more reporter; who is one already adds to it.
func (c *call) joins(ctx context.Context, r *workflows.Record, p pending, note string) error {
	c.files = p.Files
	if c.who.actor.Among(r.Reporters) {
		return c.helps(ctx, r.Ref, p.Text)
	}
	return c.do(ctx, c.joining(r.Ref, p.Origin, note))
}

func (c *call) joining(ref workflows.Ref, origin, note string) workflows.Command {
	args := map[string]string{"origin": origin}
	if note = strings.TrimSpace(note + "\n" + c.evidence()); note != "" {
		args["note"] = note
	}
	return workflows.Command{ID: c.ev.ID, Actor: c.who.actor, Ref: ref, Action: "join", Args: args, At: c.ev.At}
}

// helps keeps what somebody adds, and thanks them where the bot is spoken to.
func (c *call) helps(ctx context.Context, ref workflows.Ref, text string) error {
	out, err := c.carried(ctx, c.noting(ref, text))
	if err != nil || out == nil || !c.listens() {
		return err
	}
	return c.answer(ctx, adapters.Card{Text: c.say("bot.helped", ref.String()), Ref: ref.String()})
}

// carried carries out a command and gives what came of it: nil when nothing did, of
// which the person has been told.
func (c *call) carried(ctx context.Context, cmd workflows.Command) (*workflows.Outcome, error) {
	out, err := c.Engine.DoIn(ctx, c.tx, cmd)
	var refusal *workflows.Error
	switch {
	case errors.As(err, &refusal):
		return nil, c.refuse(ctx, cmd, refusal)
	case err != nil || out.Repeated || out.Entry == nil:
		return nil, err
	}
	return &out, nil
}

// partMark stands in the id of each command that comes of a message about several things.
const partMark = "#part"

// several makes a record of each thing that one message tells of, or joins what is
// known of it, and answers all of it at once.
func (c *call) several(ctx context.Context, parts []understand.Meaning, p pending) error {
	if fresh, err := c.first(ctx); err != nil || !fresh {
		return err
	}
	a := answer{Person: c.who.Key, Lang: c.who.lang}
	for i, part := range parts {
		known, err := c.fitting(ctx, c.tx, part)
		if err != nil {
			return err
		}
		cmd := c.commandOf(part, p.Origin)
		switch {
		case known.plain && c.who.actor.Among(known.r.Reporters):
			cmd = c.noting(known.r.Ref, part.Text)
		case known.plain:
			cmd = c.joining(known.r.Ref, p.Origin, "")
		}
		cmd.ID = fmt.Sprint(c.ev.ID, partMark, i)
		out, err := c.carried(ctx, cmd)
		if err != nil {
			return err
		}
		if out != nil && !out.Record.Sensitive && !slices.Contains(a.Refs, out.Ref) {
			a.Refs = append(a.Refs, out.Ref)
		}
	}
	if len(a.Refs) == 0 {
		return nil
	}
	c.tx.Came(c.ev.ID, a.Refs[0])
	text, thread, _ := strings.Cut(p.Origin, "|")
	to, _ := adapters.ParsePlace(text)
	to.Thread = thread
	d, err := delivery(answerID(workflows.Entry{Command: c.ev.ID}, c.who.Key), to, a)
	if err != nil {
		return err
	}
	return c.tx.Send(ctx, d)
}
