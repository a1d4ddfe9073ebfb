package hooks

import (
	"context"
	"errors"
	"slices"
	"strings"

	"schoolbel/workflows"
)

// The names of the incident's actions and arguments (surface.md).
const (
	incident workflows.Kind = "incident"

	report  workflows.Action = "report"
	note    workflows.Action = "note"
	reopen  workflows.Action = "reopen"
	resolve workflows.Action = "resolve"
)

// tries is how often a resolution is decided anew because the record changed
// meanwhile.
const tries = 5

// deal does what a post asks for: first what is firing, so that an incident is not
// resolved and reopened by one post, then what is over.
func (h *hooks) deal(ctx context.Context, p post) (answer, error) {
	tied, err := h.tied(ctx, p)
	if err != nil {
		return answer{}, err
	}
	home, err := h.homes(ctx, p, tied)
	if err != nil {
		return answer{}, err
	}
	done := answer{Alerts: make([]result, len(p.alerts))}
	for i, a := range p.alerts {
		done.Alerts[i] = result{Alert: a.name, Ref: tied[i].String(), Did: unchanged}
		if !a.firing || !tied[i].IsZero() {
			continue
		}
		ref, did, err := h.fire(ctx, p, a, home[a.place()])
		if err != nil {
			return answer{}, err
		}
		home[a.place()] = ref
		done.Alerts[i].Ref, done.Alerts[i].Did = ref.String(), did
	}
	for i, a := range p.alerts {
		if a.firing {
			continue
		}
		if tied[i].IsZero() {
			done.Alerts[i].Did = ignored // it began before we were told of it
			continue
		}
		// The last of them speaks for those of the group that were cut off.
		over := p.over && !slices.Contains(tied[i+1:], tied[i])
		if done.Alerts[i].Did, err = h.settle(ctx, p, a, tied[i], over); err != nil {
			return answer{}, err
		}
	}
	return done, nil
}

// tied finds the incidents that the alerts went to when they began.
func (h *hooks) tied(ctx context.Context, p post) ([]workflows.Ref, error) {
	refs := make([]workflows.Ref, len(p.alerts))
	for i, a := range p.alerts {
		ref, _, err := h.Came(ctx, p.id(a, firing))
		if err != nil {
			return nil, err
		}
		refs[i] = ref
	}
	return refs, nil
}

// homes finds the incidents, still open, to which new alerts of this post belong.
func (h *hooks) homes(ctx context.Context, p post, tied []workflows.Ref) (map[[2]string]workflows.Ref, error) {
	home := map[[2]string]workflows.Ref{}
	for i, a := range p.alerts {
		ref := tied[i]
		if ref.IsZero() {
			ref = p.before
		}
		if ref.IsZero() {
			continue
		}
		record, err := h.Reader.Record(ctx, ref)
		if err != nil {
			return nil, err
		}
		// An incident that people have made sensitive is out of a program's sight:
		// what comes next opens another one.
		if record.Open() && record.MayKnow(p.actor()) {
			home[a.place()] = ref
		}
	}
	return home, nil
}

// fire brings in an alert that is new: to the incident of its group, to the one
// that is open about the same thing, or to a new one.
func (h *hooks) fire(ctx context.Context, p post, a alert, ref workflows.Ref) (workflows.Ref, did, error) {
	if ref.IsZero() && a.service != "" {
		known, ok, err := h.Known(ctx, a.service, a.location)
		if err != nil {
			return ref, "", err
		}
		if ok {
			ref = known
		}
	}
	c := workflows.Command{ID: p.id(a, firing), Actor: p.actor(), Kind: incident}
	if ref.IsZero() {
		c.Action, c.Args = report, h.asReport(p, a)
		outcome, err := h.Engine.Do(ctx, c)
		if err != nil {
			return ref, "", err
		}
		return outcome.Record.Ref, opened, nil
	}
	c.Ref, c.Action = ref, note
	came := joined
	record, err := h.Reader.Record(ctx, ref)
	if err != nil {
		return ref, "", err
	}
	words := h.say("hooks.firing", p.token, a.title)
	if again, ok := h.move(record, c.Actor, reopen); ok {
		c.Action, came = reopen, reopened
		c.Args = fitting(again, words)
	} else {
		c.Args = map[string]string{"note": words}
	}
	outcome, err := h.Engine.Do(ctx, c)
	if err != nil {
		return ref, "", err
	}
	return outcome.Record.Ref, came, nil
}

// fitting says the same words in whatever an action needs.
func fitting(m workflows.Move, words string) map[string]string {
	args := map[string]string{"note": words}
	for _, f := range m.Needs {
		args[f.Name] = words
	}
	return args
}

// asReport puts an alert in the words of a report.
func (h *hooks) asReport(p post, a alert) map[string]string {
	text := a.text
	if p.unseen > 0 {
		text = strings.TrimSpace(text + "\n\n" + h.say("hooks.unseen", p.unseen))
	}
	args := map[string]string{}
	for name, value := range map[string]string{
		"title": a.title, "description": text, "service": a.service, "location": a.location,
		"impact": string(a.impact), "urgency": string(a.urgency), "external_ref": a.url,
	} {
		if value != "" && h.takes(report, name) {
			args[name] = value
		}
	}
	return args
}

// takes tells whether an action of the incident's table has this argument.
func (h *hooks) takes(do workflows.Action, name string) bool {
	p, ok := h.Engine.Process(incident)
	return ok && slices.ContainsFunc(p.Rules, func(r workflows.Rule) bool {
		return r.Do == do && (slices.Contains(r.Needs, name) || slices.Contains(r.Takes, name))
	})
}

// settle brings in that an alert is over. When it was the last one of its
// incident, that is resolved, and people are asked whether it works. over means
// that the whole group is.
func (h *hooks) settle(ctx context.Context, p post, a alert, ref workflows.Ref, over bool) (did, error) {
	for range tries {
		record, err := h.Reader.Record(ctx, ref)
		if err != nil {
			return "", err
		}
		lines, err := h.Reader.Log(ctx, ref)
		if err != nil {
			return "", err
		}
		left := stillFiring(lines)
		if !record.Open() || !left[p.mark+a.mark] || !record.MayKnow(p.actor()) {
			return unchanged, nil
		}
		for mark := range left {
			if mark == p.mark+a.mark || over && strings.HasPrefix(mark, p.mark) {
				delete(left, mark)
			}
		}
		c := workflows.Command{ID: p.id(a, resolved), Actor: p.actor(), Kind: incident, Ref: ref, Action: note}
		words, came := h.say("hooks.over", p.token, a.title), noted
		c.Args = map[string]string{"note": words}
		if end, ok := h.move(record, c.Actor, resolve); ok && len(left) == 0 {
			// An alert that begins at this very moment changes the record, and the
			// version then keeps us from resolving over it.
			c.Action, c.Version, came = resolve, record.Version, settled
			c.Args = fitting(end, words)
		}
		_, err = h.Engine.Do(ctx, c)
		var refused *workflows.Error
		if errors.As(err, &refused) && refused.Code == workflows.Stale {
			continue
		}
		return came, err
	}
	return "", workflows.Refuse(workflows.Stale, incident, "hooks.error.busy", ref.String())
}

// stillFiring reads from a log which alerts began and are not over.
func stillFiring(lines []workflows.Entry) map[string]bool {
	left := map[string]bool{}
	for _, l := range lines {
		if !strings.HasPrefix(l.Command, marked) {
			continue
		}
		if mark, ok := strings.CutSuffix(l.Command, firing); ok {
			left[mark] = true
		}
		if mark, ok := strings.CutSuffix(l.Command, resolved); ok {
			delete(left, mark)
		}
	}
	return left
}

// move finds an action among those that the actor may do now.
func (h *hooks) move(r *workflows.Record, a workflows.Actor, do workflows.Action) (workflows.Move, bool) {
	moves := h.Engine.Moves(r, a)
	if i := slices.IndexFunc(moves, func(m workflows.Move) bool { return m.Do == do }); i >= 0 {
		return moves[i], true
	}
	return workflows.Move{}, false
}

func (h *hooks) say(key string, args ...any) string { return h.Book.Say(h.Locale(), key, args...) }
