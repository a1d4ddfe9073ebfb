package incident

import (
	"context"
	"time"

	w "schoolbel/workflows"
)

// tellWithin is how soon after a data leak became known it must be reported to the
// supervisor, weekends and nights included (AVG, article 33).
const tellWithin = 72 * time.Hour

// breach keeps when a data leak became known and by when the supervisor must be
// told: with the report, also when somebody
// sees only later that it was one. What turns out to be none has no such moment.
func breach(s *w.Step) {
	r := s.Record
	if r.Field("type") != "data_breach" {
		for _, f := range []string{"known_at", "tell_by", "warned"} {
			r.SetField(f, "")
		}
		return
	}
	if r.Field("known_at") != "" {
		return
	}
	known := r.OpenedAt
	if s.Before == nil && s.Command.At.Before(known) && !s.Command.At.IsZero() {
		known = s.Command.At // the platform told us late
	}
	r.SetField("known_at", known.UTC().Format(time.RFC3339))
	r.SetField("tell_by", known.Add(tellWithin).UTC().Format(time.RFC3339))
}

// knownSooner takes over the moment at which a double of this leak became known, when
// that was sooner: the law counts from the first time that the school knew.
func knownSooner(s *w.Step) bool {
	r, since := s.Record, s.Command.Arg("since")
	known, err := time.Parse(time.RFC3339, since)
	if err != nil || s.Command.Actor.Key != w.Bot("workflows").Key || r.Field("known_at") == "" || !known.Before(moment(r, "known_at")) {
		return false
	}
	r.SetField("known_at", since)
	r.SetField("tell_by", known.Add(tellWithin).UTC().Format(time.RFC3339))
	return true
}

// warnAt is the next moment at which the officers are warned. It runs day and
// night, and does not stop while the incident waits: the law does not either.
func warnAt(school w.Catalogue, r *w.Record) time.Time {
	known := moment(r, "known_at")
	if known.IsZero() {
		return known
	}
	for _, after := range school.BreachWarnings() {
		if after > warned(r) {
			return known.Add(after)
		}
	}
	return time.Time{}
}

// warned is of which length of time the last warning was.
func warned(r *w.Record) time.Duration {
	d, err := time.ParseDuration(r.Field("warned"))
	if err != nil {
		return 0
	}
	return d
}

// warn notes which warning was given. After a night in which nothing ran, one
// warning stands for those that were missed.
func warn(_ context.Context, s *w.Step) error {
	known := moment(s.Record, "known_at")
	for _, after := range s.School.BreachWarnings() {
		if after > warned(s.Record) && !known.Add(after).After(s.Now) {
			s.Record.SetField("warned", after.String())
		}
	}
	return nil
}
