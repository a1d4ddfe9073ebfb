package bot

import (
	"context"
	"errors"

	"schoolbel/bot/outside"
	"schoolbel/bot/understand"
	"schoolbel/workflows"
	"schoolbel/workflows/school"
)

// Outside is a model outside of the house that may be asked what a message means. It
// takes out personal data by itself.
type Outside interface {
	Ask(ctx context.Context, text string, s *school.School) (outside.Answer, error)
}

const (
	unsure  = 0.7  // less than this, and another may think along
	thought = 0.75 // how sure we are of what another thought
)

// second asks for a second opinion where the reader is unsure, before any
// transaction. Only what was said to the bot, or what it would act on, may leave the
// house: a room's own talk never does, and neither does what may be sensitive.
// When nobody answers, or nothing that makes sense, the reader's own verdict stands.
func (c *call) second(ctx context.Context, text string, m understand.Meaning) understand.Meaning {
	switch {
	case c.Outside == nil || m.Confidence >= unsure && m.Ask != understand.AskIntent:
		return m
	case !c.listens() && quietly(m), m.Sensitive, len(m.Parts) > 0, m.Intent == understand.OutOfScope && m.Urgency == workflows.High:
		return m
	case c.settled(ctx):
		return m
	}
	a, err := c.Outside.Ask(ctx, text, c.School())
	if err != nil {
		var unasked *outside.Unasked
		if !errors.As(err, &unasked) {
			c.Log.Info("the outside model was of no help", "error", err)
		}
		return m
	}
	m = meaning(m, a.Intent)
	if m.Service == "" && a.Service != "" {
		m.Service = a.Service
		if m.Ask == understand.AskService {
			m.Ask = ""
		}
	}
	if m.Location == "" && a.Location != "" {
		m.Location = a.Location
		if m.Ask == understand.AskLocation {
			m.Ask = ""
		}
	}
	if m.Kind == "incident" {
		if m.Impact == workflows.Unknown && a.Impact != "" {
			m.Impact = a.Impact
		}
		if m.Urgency == workflows.Medium && a.Urgency != "" {
			m.Urgency = a.Urgency
		}
		m.Priority = c.School().PriorityOf(m.Impact, m.Urgency)
	}
	m.Confidence = max(m.Confidence, thought)
	m.Why = append(m.Why, c.Book.Say(m.Lang, "bot.outside.why"))
	return m
}

// settled tells whether nothing is left to ask: the event was handled before, or the
// words answer a question of ours. Where that cannot be read, nobody is asked.
func (c *call) settled(ctx context.Context) bool {
	_, came, err := c.Store.Came(ctx, c.ev.ID)
	if came || err != nil {
		return true
	}
	waits := false
	err = c.Store.Do(ctx, func(tx workflows.Tx) error {
		talk, err := c.talk(ctx, tx)
		waits = talk != nil
		return err
	})
	return waits || err != nil
}
