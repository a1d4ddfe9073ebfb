package bot

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"schoolbel/bot/understand"
	"schoolbel/workflows"
)

const (
	examples   = 2000        // the newest so many are read by
	staysFresh = time.Minute // so long another process may read by older ones
)

// learned is what agents of this school corrected, as it was read last.
type learned struct {
	mu     sync.Mutex
	recall understand.Recall
	until  time.Time // when it must be read anew
}

// forget makes the next message read anew what there is.
func (l *learned) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until = time.Time{}
}

// recollect reads what was corrected, now and then, and before any transaction. A
// failure must not keep a message waiting: then what was known goes on to count.
func (b *Bot) recollect(ctx context.Context) {
	if !b.School().Understanding.Learn {
		return
	}
	l := &b.learned
	l.mu.Lock()
	defer l.mu.Unlock()
	if b.Now().Before(l.until) {
		return
	}
	l.until = b.Now().Add(staysFresh)
	list, err := b.Store.Examples(ctx, examples)
	if err != nil {
		b.Log.Warn("what was corrected cannot be read", "error", err)
		return
	}
	var known []understand.Exemplar
	for _, e := range list {
		known = append(known, understand.Exemplar{Text: e.Text, Intent: IntentOf(e.Is), Service: e.Service})
	}
	l.recall = understand.Remember(known)
}

// IntentOf is what a message means that was really of this kind; "" is no report.
func IntentOf(kind workflows.Kind) string {
	switch kind {
	case "incident":
		return understand.ReportIncident
	case "change":
		return understand.RequestChange
	}
	return understand.Chatter
}

// sureOfIt is how sure we are of what a person said.
const sureOfIt = 0.95

// recalled lets what an agent said of a message like this stand before the reader's
// own verdict. What may be sensitive or dangerous stays that, and the place is the
// writer's own.
func (b *Bot) recalled(text string, m understand.Meaning) understand.Meaning {
	if !b.School().Understanding.Learn || m.Sensitive || len(m.Parts) > 0 || m.Intent == understand.OutOfScope && m.Urgency == workflows.High {
		return m
	}
	b.learned.mu.Lock()
	recall := b.learned.recall
	b.learned.mu.Unlock()
	if recall == nil {
		return m
	}
	e, ok := recall(text)
	if !ok {
		return m
	}
	m = meaning(m, e.Intent)
	m.Service = cmp.Or(m.Service, e.Service)
	if m.Ask == understand.AskService && m.Service != "" {
		m.Ask = ""
	}
	m.Confidence = sureOfIt
	m.Why = append(m.Why, b.Book.Say(m.Lang, "bot.label.why"))
	return m
}

// meaning gives a message another intent, with all that follows from it.
func meaning(m understand.Meaning, intent string) understand.Meaning {
	if m.Intent == intent {
		if m.Ask == understand.AskIntent {
			m.Ask = ""
		}
		return m
	}
	m.Intent, m.Kind, m.Also, m.Ask = intent, "", false, ""
	switch intent {
	case understand.ReportIncident:
		m.Kind = "incident"
		if m.Service == "" {
			m.Ask = understand.AskService
		}
	case understand.RequestChange:
		m.Kind = "change"
	case understand.ReportVulnerability:
		m.Kind, m.Sensitive = "vulnerability", true
	}
	if m.Kind != "incident" {
		m.Priority = ""
	}
	return m
}

// learnFrom keeps what was corrected as an example, where the school wants that. What is
// sensitive is never kept, and neither is what no person wrote.
func (c *call) learnFrom(ctx context.Context, r *workflows.Record, is workflows.Kind) error {
	if !c.School().Understanding.Learn || len(r.Reporters) == 0 {
		return nil
	}
	log, err := c.tx.Log(ctx, r.Ref)
	if err != nil {
		return err
	}
	// Once sensitive is enough: what was opened to all later may still be somebody's.
	if len(log) == 0 || slices.ContainsFunc(log, func(e workflows.Entry) bool { return e.Diff["sensitive"][1] == "yes" }) {
		return nil
	}
	first := log[0].Diff // as it was written, whatever became of it
	text := cmp.Or(first["field.description"][1], first["title"][1])
	if text == "" || c.read(text, c.who).Sensitive {
		return nil
	}
	c.taught = true
	return c.tx.KeepExample(ctx, workflows.Example{
		ID: c.ev.ID, Text: text, Taken: r.Kind, Is: is, Service: r.Service, Location: r.Location, By: c.who.Key, At: c.Now(),
	})
}
