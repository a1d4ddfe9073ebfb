package hooks

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"strconv"

	"schoolbel/workflows"
)

// thing is the shape for every other monitoring: one, or an array of them. id and
// status are needed, and a title when something is firing. The same id is the
// same thing, which may break more than once.
type thing struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Status   string `json:"status"` // firing or resolved
	Service  string `json:"service"`
	Location string `json:"location"`
	Severity string `json:"severity"`
	Text     string `json:"text"`
	URL      string `json:"url"`
}

// things reads one or many.
func (b body) things() ([]thing, error) {
	text := bytes.TrimSpace(b.text)
	if !json.Valid(text) {
		return nil, wrong("hooks.error.json")
	}
	var list []thing
	var err error
	if bytes.HasPrefix(text, []byte("[")) {
		err = b.into(&list, "hooks.error.generic")
	} else {
		list = make([]thing, 1)
		err = b.into(&list[0], "hooks.error.generic")
	}
	if err != nil {
		return nil, err
	}
	for i, t := range list {
		_, known := readStatus(t.Status)
		switch {
		case t.ID == "":
			return nil, wrong("hooks.error.id", i+1)
		case !known:
			return nil, wrong("hooks.error.status", i+1, line(t.Status, 40))
		case t.Status == "firing" && line(t.Title, titleLength) == "":
			return nil, wrong("hooks.error.title", i+1)
		}
	}
	return list, nil
}

// generic deals with each thing by itself, in the order in which they stand: all
// are read first, so that a mistake in one leaves nothing half done.
func (h *hooks) generic(ctx context.Context, b body) (answer, error) {
	list, err := b.things()
	if err != nil {
		return answer{}, err
	}
	all := answer{Alerts: []result{}}
	for _, t := range list {
		a := h.fromThing(t)
		p := post{token: b.token, mark: groupMark(b.token, t.ID)}
		if a.mark, p.before, err = h.episode(ctx, p, a.firing); err != nil {
			return answer{}, err
		}
		p.alerts = []alert{a}
		one, err := h.deal(ctx, p)
		if err != nil {
			return answer{}, err
		}
		all.Alerts = append(all.Alerts, one.Alerts...)
	}
	return all, nil
}

func (h *hooks) fromThing(t thing) alert {
	firing, _ := readStatus(t.Status)
	a := alert{
		name: line(t.ID, 100), firing: firing,
		title: cmp.Or(line(t.Title, titleLength), line(t.ID, titleLength)),
		text:  clean(t.Text, textLength), url: line(t.URL, urlLength),
	}
	a.impact, a.urgency = grade(t.Severity)
	a.service, a.location = h.where(t.Service, t.Location, a.title+". "+a.text)
	return a
}

// episode tells which time this is that the thing breaks, counted from one, and
// the incident of the time before. The sender names no beginning, so we do: a new
// time begins when the one before is over, by the sender's word or because people
// closed the incident.
func (h *hooks) episode(ctx context.Context, p post, fires bool) (mark string, before workflows.Ref, err error) {
	last, err := h.lastEpisode(ctx, p)
	if err != nil || last == 0 {
		return "1", workflows.Ref{}, err
	}
	a := alert{mark: strconv.Itoa(last)}
	if !fires {
		return a.mark, workflows.Ref{}, nil
	}
	ref, _, err := h.Came(ctx, p.id(a, firing))
	if err != nil {
		return "", ref, err
	}
	_, over, err := h.Came(ctx, p.id(a, resolved))
	if err != nil {
		return "", ref, err
	}
	record, err := h.Reader.Record(ctx, ref)
	if err != nil {
		return "", ref, err
	}
	if !over && record.Open() {
		return a.mark, workflows.Ref{}, nil
	}
	return strconv.Itoa(last + 1), ref, nil
}

// lastEpisode finds the highest number that was used, in a few look-ups however
// often the thing broke: doubling until there is none, then halving in between.
func (h *hooks) lastEpisode(ctx context.Context, p post) (int, error) {
	used := func(n int) (bool, error) {
		_, ok, err := h.Came(ctx, p.id(alert{mark: strconv.Itoa(n)}, firing))
		return ok, err
	}
	low, high := 0, 1
	for {
		ok, err := used(high)
		if err != nil {
			return 0, err
		}
		if !ok {
			break
		}
		low, high = high, high*2
	}
	for high-low > 1 {
		middle := low + (high-low)/2
		ok, err := used(middle)
		if err != nil {
			return 0, err
		}
		if ok {
			low = middle
		} else {
			high = middle
		}
	}
	return low, nil
}
