package hooks

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"schoolbel/workflows"
)

// notification is what Alertmanager posts (webhook version 4; Grafana posts the
// same shape with a version of its own).
type notification struct {
	GroupKey        string       `json:"groupKey"`
	Status          string       `json:"status"`
	TruncatedAlerts int          `json:"truncatedAlerts"`
	Alerts          *[]promAlert `json:"alerts"`
}

type promAlert struct {
	Status       string            `json:"status"`
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     string            `json:"startsAt"`
	GeneratorURL string            `json:"generatorURL"`
	Fingerprint  string            `json:"fingerprint"`
}

// alertmanager deals with a notification.
func (h *hooks) alertmanager(ctx context.Context, b body) (answer, error) {
	p, err := h.readNotification(b)
	if err != nil {
		return answer{}, err
	}
	return h.deal(ctx, p)
}

// readNotification reads one. Its alerts are tied by group, fingerprint and
// start: one that fires again later is another alert.
func (h *hooks) readNotification(b body) (post, error) {
	var n notification
	if err := b.into(&n, "hooks.error.alertmanager"); err != nil {
		return post{}, err
	}
	if n.Alerts == nil {
		return post{}, wrong("hooks.error.alertmanager")
	}
	p := post{
		token: b.token, mark: groupMark(b.token, n.GroupKey),
		over: n.Status == "resolved", unseen: max(n.TruncatedAlerts, 0),
	}
	for i, given := range *n.Alerts {
		a, err := h.fromProm(given)
		if err != nil {
			return post{}, err.at(i)
		}
		p.alerts = append(p.alerts, a)
	}
	return p, nil
}

// fault is what is wrong with one alert of a post.
type fault struct {
	key  string
	args []any
}

// at says which alert it is, counted as people do.
func (f *fault) at(i int) error { return wrong(f.key, append([]any{i + 1}, f.args...)...) }

func (h *hooks) fromProm(given promAlert) (alert, *fault) {
	firing, ok := readStatus(given.Status)
	if !ok {
		return alert{}, &fault{"hooks.error.status", []any{line(given.Status, 40)}}
	}
	began, err := time.Parse(time.RFC3339, given.StartsAt)
	if err != nil {
		return alert{}, &fault{"hooks.error.starts", []any{line(given.StartsAt, 40)}}
	}
	if given.Fingerprint == "" {
		given.Fingerprint = labelsOf(given.Labels)
	}
	said := func(names ...string) string {
		for _, name := range names {
			if value := cmp.Or(given.Labels[name], given.Annotations[name]); value != "" {
				return value
			}
		}
		return ""
	}
	a := alert{
		name: line(given.Fingerprint, 100), mark: short(given.Fingerprint) + ":" + strconv.FormatInt(began.UnixMilli(), 10), firing: firing,
		title: line(cmp.Or(said("summary", "title"), said("alertname"), h.say("hooks.untitled")), titleLength),
		text:  clean(said("description", "message"), textLength), url: line(given.GeneratorURL, urlLength),
	}
	a.impact, a.urgency = grade(given.Labels["severity"])
	if level := workflows.Level(given.Labels["impact"]); slices.Contains([]workflows.Level{workflows.Large, workflows.Medium, workflows.Small}, level) {
		a.impact = level
	}
	a.service, a.location = h.where(given.Labels["service"], cmp.Or(given.Labels["location"], given.Labels["site"]),
		strings.Join([]string{said("alertname"), a.title, a.text}, ". "))
	return a, nil
}

func readStatus(text string) (firing, ok bool) {
	return text == "firing", text == "firing" || text == "resolved"
}

// labelsOf names an alert by its labels, as a fingerprint would.
func labelsOf(labels map[string]string) string {
	var all strings.Builder
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		all.WriteString(strconv.Quote(name) + strconv.Quote(labels[name]))
	}
	return short(all.String())
}
