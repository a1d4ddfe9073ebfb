package bot

import (
	"context"

	"schoolbel/workflows"
)

// likely finds the open incident that a new report belongs to: the same service,
// or one that it needs, at the same location and not long ago.
func (b *Bot) likely(ctx context.Context, from workflows.Reader, service, location string, also bool) (*workflows.Record, error) {
	var services []string
	for _, s := range b.School().Services {
		if b.School().Related(s.Key, service) {
			services = append(services, s.Key)
		}
	}
	found, _, err := from.Find(ctx, workflows.Filter{
		Kinds: []workflows.Kind{"incident"}, Open: true, Public: true, Services: services, Since: b.Now().Add(-lately), Limit: 20,
	})
	if err != nil {
		return nil, err
	}
	for _, r := range found {
		same := r.Service == service || also
		if same && (r.Location == location || r.Location == "" || location == "") && r.State != "resolved" {
			return r, nil
		}
	}
	return nil, nil
}

// Known is that same question for the doors of monitoring.
func (b *Bot) Known(ctx context.Context, service, location string) (workflows.Ref, bool, error) {
	if service == "" {
		return workflows.Ref{}, false, nil
	}
	r, err := b.likely(ctx, b.Store, service, location, false)
	if err != nil || r == nil {
		return workflows.Ref{}, false, err
	}
	return r.Ref, true, nil
}

// Match finds the service and the location that words speak of, "" when of none.
func (b *Bot) Match(words string) (service, location string) {
	m := b.read(words, person{})
	return m.Service, m.Location
}
