package bot

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"schoolbel/bot/understand"
	"schoolbel/workflows"
)

// fit is an open outage that a message may be about. Plain: nobody would doubt it;
// else the writer is asked.
type fit struct {
	r     *workflows.Record
	plain bool
}

// fitting finds the outage that a message belongs to, if there is one.
func (c *call) fitting(ctx context.Context, from workflows.Reader, m understand.Meaning) (fit, error) {
	reports := m.Intent == understand.ReportIncident || m.Intent == understand.AddInfo && m.Also
	switch {
	case m.Sensitive || len(m.Parts) > 0 || !reports && m.Intent != understand.AddInfo:
		return fit{}, nil
	case reports && m.Service != "":
		return c.fits(ctx, from, m)
	case reports && m.Also: // "here too": what everybody talks about, if that is one thing
		r, err := c.only(ctx, from, m.Location)
		return fit{r, true}, err
	case reports:
		return fit{}, nil
	}
	r, err := c.belongs(ctx, from, m)
	return fit{r, true}, err
}

// fits looks for the outage of a service. The same service, where nothing speaks
// against it, is plain; one that this service leans on may be the cause, and one that
// leans on it what the writer means: "internet" is said of a wifi that is gone.
func (b *Bot) fits(ctx context.Context, from workflows.Reader, m understand.Meaning) (fit, error) {
	found, err := b.touching(ctx, from, m.Service)
	if err != nil {
		return fit{}, err
	}
	var also, maybe *workflows.Record
	for _, r := range found {
		if !reaches(r, m.Location) || r.State == "resolved" {
			continue
		}
		same := r.Service == m.Service
		switch {
		case same && !apart(r, m):
			return fit{r, true}, nil
		case m.Also && also == nil && !apart(r, m):
			also = r
		case maybe == nil && (same || b.leans(m.Service, r.Service) || b.leans(r.Service, m.Service)):
			maybe = r
		}
	}
	if also != nil {
		return fit{also, true}, nil
	}
	return fit{maybe, false}, nil
}

// touching are the recent open outages of a service, of what it leans on and of
// what leans on it.
func (b *Bot) touching(ctx context.Context, from workflows.Reader, service string) ([]*workflows.Record, error) {
	var services []string
	for _, s := range b.School().Services {
		if b.School().Related(s.Key, service) {
			services = append(services, s.Key)
		}
	}
	return b.recent(ctx, from, workflows.Filter{Services: services, Limit: 20})
}

func (b *Bot) recent(ctx context.Context, from workflows.Reader, f workflows.Filter) ([]*workflows.Record, error) {
	f.Kinds, f.Open, f.Public, f.Since = []workflows.Kind{"incident"}, true, true, b.Now().Add(-lately)
	found, _, err := from.Find(ctx, f)
	return found, err
}

// leans tells whether one service stops when the other does.
func (b *Bot) leans(service, on string) bool {
	return slices.Contains(b.School().Dependents(on), service)
}

// reaches tells whether an outage may reach a location.
func reaches(r *workflows.Record, location string) bool {
	return r.Location == location || r.Location == "" || location == ""
}

var classroom = regexp.MustCompile(`(?i)\b(?:lokaal|lok\.?|klas|kamer|room|classroom)\s*([a-z]?\d+[a-z]?)\b`)

// apart tells whether two reports name different rooms and one thing in each: two
// printers of one school may both be out of paper.
func apart(r *workflows.Record, m understand.Meaning) bool {
	if r.Wide() || m.Impact == workflows.Medium || m.Impact == workflows.Large || m.Also {
		return false
	}
	here, there := classroom.FindStringSubmatch(m.Text), classroom.FindStringSubmatch(r.Title)
	return here != nil && there != nil && !strings.EqualFold(here[1], there[1])
}

// only is the one recent outage at a location, nil when there are more or none.
func (c *call) only(ctx context.Context, from workflows.Reader, location string) (*workflows.Record, error) {
	locations := c.who.Locations
	if location != "" {
		locations = []string{location}
	}
	f := workflows.Filter{Limit: 10}
	if len(locations) > 0 {
		f.Locations = append(slices.Clone(locations), "")
	}
	found, err := c.recent(ctx, from, f)
	found = slices.DeleteFunc(found, func(r *workflows.Record) bool { return r.State == "resolved" })
	if err != nil || len(found) != 1 {
		return nil, err
	}
	return found[0], nil
}

// recall is how long somebody who adds something means their own report.
const recall = 24 * time.Hour

// belongs is the outage that something said without reporting is about: of the
// service that is named, else the writer's own, else the only one there is.
func (c *call) belongs(ctx context.Context, from workflows.Reader, m understand.Meaning) (*workflows.Record, error) {
	if m.Service != "" {
		found, err := c.touching(ctx, from, m.Service)
		if err != nil {
			return nil, err
		}
		found = slices.DeleteFunc(found, func(r *workflows.Record) bool { return r.State == "resolved" })
		// That it works elsewhere is news as well.
		for _, good := range []func(*workflows.Record) bool{
			func(r *workflows.Record) bool { return r.Service == m.Service && reaches(r, m.Location) },
			func(r *workflows.Record) bool { return r.Service == m.Service },
			func(r *workflows.Record) bool { return reaches(r, m.Location) },
		} {
			if i := slices.IndexFunc(found, good); i >= 0 {
				return found[i], nil
			}
		}
		return nil, nil
	}
	own, _, err := from.Find(ctx, workflows.Filter{
		Kinds: []workflows.Kind{"incident"}, Open: true, Public: true, Reporters: c.who.actor.Keys(), Since: c.Now().Add(-recall), Limit: 1,
	})
	if err != nil || len(own) > 0 && own[0].State != "resolved" {
		return first(own), err
	}
	return c.only(ctx, from, m.Location)
}

func first(list []*workflows.Record) *workflows.Record {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// Known is that same question for the doors of monitoring: only what is plain.
func (b *Bot) Known(ctx context.Context, service, location string) (workflows.Ref, bool, error) {
	if service == "" {
		return workflows.Ref{}, false, nil
	}
	f, err := b.fits(ctx, b.Store, understand.Meaning{Service: service, Location: location})
	if err != nil || !f.plain {
		return workflows.Ref{}, false, err
	}
	return f.r.Ref, true, nil
}

// Match finds the service and the location that words speak of, "" when of none.
func (b *Bot) Match(words string) (service, location string) {
	m := b.read(words, person{})
	return m.Service, m.Location
}
