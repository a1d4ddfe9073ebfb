package web

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"schoolbel/workflows"
)

// keyLimit is the longest Idempotency-Key.
const keyLimit = 200

// commandForm is the body of POST /api/v1/commands.
type commandForm struct {
	Ref     string                     `json:"ref"`
	Kind    workflows.Kind             `json:"kind"`
	Do      workflows.Action           `json:"do"`
	Args    map[string]json.RawMessage `json:"args"`
	As      string                     `json:"as"`
	Version int                        `json:"version"`
}

// command is POST /api/v1/commands: the same door that chat uses.
func (a *api) command(w http.ResponseWriter, r *request) error {
	var body map[string]json.RawMessage
	if err := read(w, r.Request, &body); err != nil {
		return err
	}
	c, err := a.readCommand(r, body)
	if err != nil {
		return err
	}
	outcome, err := a.Engine.Do(r.Context(), c)
	if err != nil {
		return a.denied(r, c, err)
	}
	form, err := a.whole(r.Context(), r.voice, outcome.Record, c.Actor)
	if err != nil {
		return err
	}
	if outcome.Repeated {
		w.Header().Set("Idempotency-Replayed", "true")
	}
	write(w, a.Log, http.StatusOK, struct {
		Ref    string          `json:"ref"`
		State  workflows.State `json:"state"`
		Record recordForm      `json:"record"`
	}{form.Ref, form.State, form})
	return nil
}

// denied keeps in the log that somebody tried what they may not, as chat does.
func (a *api) denied(r *request, c workflows.Command, err error) error {
	var no *workflows.Error
	if a.Refused == nil || !errors.As(err, &no) || no.Code != workflows.Denied {
		return err
	}
	if failed := a.Refused(r.Context(), c, no); failed != nil {
		a.Log.WarnContext(r.Context(), "a refusal was not logged", "ref", c.Ref.String(), "error", failed)
	}
	return err
}

// commandKeys are what a command may say.
var commandKeys = []string{"ref", "kind", "do", "args", "as", "version"}

// readCommand turns a body into a command, or says what is wrong with it.
func (a *api) readCommand(r *request, body map[string]json.RawMessage) (workflows.Command, error) {
	form := commandForm{}
	for name, value := range body {
		into := map[string]any{
			"ref": &form.Ref, "kind": &form.Kind, "do": &form.Do, "args": &form.Args, "as": &form.As, "version": &form.Version,
		}[name]
		if into == nil {
			return workflows.Command{}, wrong("web.error.key", name, strings.Join(commandKeys, ", "))
		}
		if json.Unmarshal(value, into) != nil {
			return workflows.Command{}, wrong("web.error.type", name, string(cut(value)))
		}
	}
	c := workflows.Command{Kind: form.Kind, Action: form.Do, Version: form.Version}
	var err error
	if form.Do == "" {
		return c, wrong("web.error.do")
	}
	if c.Args, err = arguments(form.Args); err != nil {
		return c, err
	}
	if c.Actor, err = a.actor(r.token, form.As); err != nil {
		return c, err
	}
	if c.ID, err = idOf(r); err != nil {
		return c, err
	}
	switch {
	case form.Ref != "":
		if c.Ref, err = reference(form.Ref); err != nil {
			return c, err
		}
		process := a.byMark[c.Ref.Prefix]
		if process == nil {
			return c, workflows.Refuse(workflows.Missing, "", "web.error.mark", c.Ref.Prefix)
		}
		if form.Kind != "" && form.Kind != process.Kind {
			return c, wrong("web.error.other_kind", c.Ref.String(), string(process.Kind))
		}
		c.Kind = process.Kind
	case form.Kind == "":
		return c, wrong("web.error.which", a.kindNames())
	case a.kinds[string(form.Kind)] == nil:
		return c, wrong("web.error.kind", string(form.Kind), a.kindNames())
	}
	return c, nil
}

// idOf gives the command its name for once only: the caller's key, which counts
// for the caller's token alone, or a new one.
func idOf(r *request) (string, error) {
	key := strings.TrimSpace(r.Header.Get("Idempotency-Key"))
	if len(key) > keyLimit {
		return "", wrong("web.error.idempotency", keyLimit)
	}
	if key == "" {
		// A prefix of its own: no caller's key can be taken for it.
		return "api-once:" + rand.Text(), nil
	}
	return "api:" + r.token + ":" + key, nil
}

// arguments makes text of every value: programs like to write true and 3 without
// quotes, and a list with brackets.
func arguments(given map[string]json.RawMessage) (map[string]string, error) {
	args := map[string]string{}
	for name, raw := range given {
		text, ok := scalar(raw)
		if !ok {
			var list []json.RawMessage
			if json.Unmarshal(raw, &list) != nil || slices.ContainsFunc(list, func(r json.RawMessage) bool { _, ok := scalar(r); return !ok }) {
				return nil, wrong("web.error.argument", name)
			}
			parts := make([]string, len(list))
			for i, part := range list {
				parts[i], _ = scalar(part)
			}
			text = strings.Join(parts, ",")
		}
		args[name] = text
	}
	return args, nil
}

// scalar reads text, a number, yes or no, or nothing.
func scalar(raw json.RawMessage) (string, bool) {
	var value any
	if json.Unmarshal(raw, &value) != nil {
		return "", false
	}
	switch v := value.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case bool:
		return map[bool]string{true: "yes", false: "no"}[v], true
	case float64:
		return string(raw), true
	}
	return "", false
}

// cut keeps an error from repeating a whole body.
func cut(value []byte) []byte { return value[:min(len(value), 40)] }
