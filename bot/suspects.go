package bot

import (
	"context"
	"fmt"
	"time"

	"schoolbel/adapters"
	"schoolbel/workflows"
)

// suspicious is how long after a change an incident may still be its doing.
const suspicious = 24 * time.Hour

// suspects are the changes that may have caused an incident: under way on this service,
// on one that it needs or that needs it, or over for less than a day.
func (n *news) suspects(ctx context.Context) ([]*workflows.Record, error) {
	if n.r.Service == "" {
		return nil, nil
	}
	since := n.r.OpenedAt
	var found []*workflows.Record
	f := workflows.Filter{Kinds: []workflows.Kind{"change"}, Public: true, Since: since.AddDate(-1, 0, 0), Limit: 200}
	for {
		page, next, err := n.tx.Find(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, r := range page {
			if r.Service != "" && n.School().Related(r.Service, n.r.Service) && underWay(r, since) {
				found = append(found, r)
			}
		}
		if next == "" || len(found) >= 3 {
			return found[:min(len(found), 3)], nil
		}
		f.After = next
	}
}

// underWay tells whether a change was being carried out at a moment, or shortly before.
func underWay(r *workflows.Record, at time.Time) bool {
	started, ended := fieldTime(r, "started_at"), fieldTime(r, "ended_at")
	from, until := fieldTime(r, "from"), fieldTime(r, "until")
	switch {
	case !ended.IsZero():
		return !started.After(at) && at.Before(ended.Add(suspicious))
	case !started.IsZero():
		return !started.After(at)
	case r.State == "scheduled" && !from.IsZero() && !until.IsZero():
		return !from.After(at) && at.Before(until)
	}
	return false
}

// suspect offers the team of a new incident the changes that may have caused it.
func (n *news) suspect(ctx context.Context, room []string) error {
	told := n.entry.Action == "report" || n.entry.Action == "triage" && n.entry.Diff["service"][0] != n.entry.Diff["service"][1]
	if n.r.Kind != "incident" || n.r.Sensitive || !told {
		return nil
	}
	found, err := n.suspects(ctx)
	if err != nil || len(found) == 0 {
		return err
	}
	language := n.School().Organisation.Locale
	ref := n.r.Ref.String()
	card := adapters.Card{Ref: ref, Tone: adapters.Warn, Text: n.Book.Say(language, "bot.suspect", ref, n.about(n.r, language))}
	for _, r := range found {
		service, _ := n.School().ServiceOf(r.Service)
		card.Sections = append(card.Sections, adapters.Section{
			Title: r.Ref.String() + " · " + r.Title, Text: service.Name + " · " + wordOf(n.Book, language, r.Kind, "state."+string(r.State)),
			Buttons: []adapters.Button{{Label: n.Book.Say(language, "bot.suspect.yes", r.Ref.String()), Command: r.Ref.String() + " link type=caused to=" + ref}},
		})
	}
	for _, place := range room {
		to, ok := adapters.ParsePlace(place)
		if !ok {
			continue
		}
		if err := sendCard(ctx, n.tx, fmt.Sprintf("suspect:%s:%d:%s", n.r.Ref, n.entry.Seq, place), to, card, ""); err != nil {
			return err
		}
	}
	return nil
}
