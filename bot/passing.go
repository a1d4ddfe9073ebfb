package bot

import (
	"context"
	"encoding/json"
	"fmt"

	"schoolbel/bot/understand"
	"schoolbel/workflows"
)

// plainly is how sure we must be of something that was not said to us.
const plainly = 0.7

// inPassing takes something said in a room that is no report but tells about an outage
// that is known: where it does work, or that it works again. Nobody there is answered.
func (c *call) inPassing(ctx context.Context, m understand.Meaning, text string) (step, error) {
	if m.Confidence < plainly {
		return nil, nil
	}
	switch m.Intent {
	case understand.AddInfo:
		r, err := c.belongs(ctx, c.Store, m)
		if err != nil || r == nil {
			return nil, err
		}
		return func(ctx context.Context) error { return c.helps(ctx, r.Ref, text) }, nil
	case understand.Resolve:
		r, err := c.mended(ctx, c.Store, m)
		if err != nil || r == nil || r.State == "resolved" && !c.who.actor.Among(r.Reporters) {
			return nil, err
		}
		return func(ctx context.Context) error { return c.worksAgain(ctx, r, text) }, nil
	}
	return nil, nil
}

// alsoReports makes "here too" a report where nothing is known that it can join: of
// what it names, or to the bot itself a reason to ask what is wrong.
func (c *call) alsoReports(m understand.Meaning, known fit) understand.Meaning {
	if m.Intent != understand.AddInfo || !m.Also || known.r == nil && m.Service == "" && !c.listens() {
		return m
	}
	m.Intent, m.Kind = understand.ReportIncident, "incident"
	switch {
	case m.Ask != "":
	case m.Service == "":
		m.Ask = understand.AskService
	case m.Location == "":
		m.Ask = understand.AskLocation
	}
	return m
}

// fileAlone keeps a photo that comes without words: with what we just asked about,
// with the writer's own fresh report, or, to the bot itself, until it is known what
// is wrong.
func (c *call) fileAlone(ctx context.Context) (step, error) {
	return func(ctx context.Context) error {
		talk, err := c.talk(ctx, c.tx)
		if err != nil {
			return err
		}
		if talk != nil {
			return c.addFile(ctx, talk)
		}
		own, _, err := c.tx.Find(ctx, workflows.Filter{
			Kinds: []workflows.Kind{"incident"}, Open: true, Reporters: c.who.actor.Keys(), Since: c.Now().Add(-patienceOf), Limit: 1,
		})
		switch {
		case err != nil:
			return err
		case len(own) > 0:
			return c.helps(ctx, own[0].Ref, "")
		case !c.listens():
			return nil
		}
		return c.ask(ctx, understand.Meaning{Ask: understand.AskService}, pending{Origin: c.origin()})
	}, nil
}

// addFile keeps a photo with a report that still waits for an answer.
func (c *call) addFile(ctx context.Context, talk *workflows.Talk) error {
	if fresh, err := c.first(ctx); err != nil || !fresh {
		return err
	}
	var p pending
	if err := json.Unmarshal(talk.Body, &p); err != nil {
		return fmt.Errorf("bot: talk: %w", err)
	}
	c.files = p.Files
	return c.wait(ctx, c.talkKey(), p)
}
