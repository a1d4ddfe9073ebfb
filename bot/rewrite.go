package bot

import (
	"context"
	"errors"
	"time"

	"schoolbel/adapters"
	"schoolbel/workflows"
)

// rewriteWithin is how long an edited message still is the report itself: who mends
// a slip does so at once.
const rewriteWithin = 2 * time.Minute

// rewritten makes a correction of the note that a message was edited, when it was a
// fresh report and now speaks of another service or place.
func (c *call) rewritten(ctx context.Context, cmd *workflows.Command) error {
	if c.ev.Kind != adapters.Edited {
		return nil
	}
	r, err := c.Store.Record(ctx, cmd.Ref)
	var missing *workflows.Error
	if errors.As(err, &missing) {
		return nil
	}
	if err != nil || r.Kind != "incident" || c.Now().Sub(r.OpenedAt) > rewriteWithin || !c.correctable(r, c.who.Key) {
		return err
	}
	log, err := c.Store.Log(ctx, cmd.Ref)
	if err != nil || len(log) == 0 || log[0].Command != c.messageID(c.ev.Message) {
		return err // it joined, or is one of several things that the message told of
	}
	before := r.Title
	if d := r.Field("description"); d != "" {
		before = d
	}
	was, is := c.read(before, c.who), c.read(c.ev.Text, c.who)
	args := map[string]string{"note": cmd.Args["note"]}
	if is.Service != "" && is.Service != was.Service {
		args["service"] = is.Service
	}
	if is.Location != "" && is.Location != was.Location {
		args["location"] = is.Location
	}
	if len(args) == 1 || len(is.Parts) > 0 || is.Sensitive {
		return nil
	}
	is.Text = c.ev.Text
	args["title"] = c.commandOf(is, "").Args["title"]
	if is.Impact != workflows.Unknown && is.Impact != was.Impact {
		args["impact"] = string(is.Impact)
	}
	cmd.Action, cmd.Args = "correct", args
	return nil
}
