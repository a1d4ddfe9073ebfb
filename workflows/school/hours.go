package school

import (
	"slices"
	"time"

	"schoolbel/workflows"
)

// farthest is how many closed days in a row Due walks before it gives up on a
// holiday without end.
const farthest = 5 * 366

// unbounded tells whether the week has no service hours at all. Every hour counts
// then: a promise that never comes due would be none.
func (s *School) unbounded() bool {
	h := s.Organisation.Hours
	return len(h.Days) == 0 || h.To <= h.From
}

// opening gives the service hours of the day of t: a wall-clock time stays one
// when the clocks change, so a day may be longer or shorter in real time.
func (s *School) opening(day time.Time) (from, to time.Time, open bool) {
	h := s.Organisation.Hours
	if !slices.Contains(h.Days, day.Weekday()) || s.HolidayAt(day) {
		return from, to, false
	}
	y, m, d := day.Date()
	from = time.Date(y, m, d, 0, h.From, 0, 0, s.Organisation.Zone)
	to = time.Date(y, m, d, 0, h.To, 0, 0, s.Organisation.Zone)
	return from, to, to.After(from)
}

// next is the first moment of the day after, in the school's zone: midnight, or
// an hour later where the clocks go forward at midnight (Go then gives the hour
// before, which is the same day still).
func (s *School) next(day time.Time) time.Time {
	y, m, d := day.Date()
	first := time.Date(y, m, d+1, 0, 0, 0, 0, s.Organisation.Zone)
	if first.Day() == d {
		first = first.Add(time.Hour)
	}
	return first
}

// Due is the moment after d of service hours from from; the stroke of closing is
// the last one of a day. With always every hour counts.
func (s *School) Due(from time.Time, d time.Duration, always bool) time.Time {
	if always || s.unbounded() {
		return from.Add(d)
	}
	day, left := s.Local(from), d
	for closed := 0; closed < farthest; closed++ {
		if start, end, open := s.opening(day); open && !end.Before(from) {
			if start.Before(from) {
				start = from
			}
			room := end.Sub(start)
			if left <= room {
				return start.Add(left)
			}
			left -= room
			closed = 0
		}
		day = s.next(day)
	}
	return from.Add(d)
}

// Between is how much service time lies between two moments; zero when they
// stand the wrong way round.
func (s *School) Between(from, to time.Time, always bool) time.Duration {
	if !to.After(from) {
		return 0
	}
	if always || s.unbounded() {
		return to.Sub(from)
	}
	var total time.Duration
	for day := s.Local(from); day.Before(to); day = s.next(day) {
		start, end, open := s.opening(day)
		if !open {
			continue
		}
		if start.Before(from) {
			start = from
		}
		if end.After(to) {
			end = to
		}
		if end.After(start) {
			total += end.Sub(start)
		}
	}
	return total
}

// Open tells whether t lies in service hours.
func (s *School) Open(t time.Time) bool {
	from, to, open := s.opening(s.Local(t))
	return s.unbounded() || open && !t.Before(from) && t.Before(to)
}

// Local gives a moment in the school's zone.
func (s *School) Local(t time.Time) time.Time { return t.In(s.Organisation.Zone) }

// HolidayAt tells whether t falls in a school holiday.
func (s *School) HolidayAt(t time.Time) bool { return s.during("holiday", t) }

// ExamAt tells whether an exam period is on.
func (s *School) ExamAt(t time.Time) bool { return s.during("exam", t) }

// during tells whether a period of this kind is on at t; both its days count whole.
func (s *School) during(kind string, t time.Time) bool {
	t = s.Local(t)
	for _, p := range s.Calendar {
		if p.Kind == kind && s.next(t).After(p.From) && t.Before(s.next(p.To)) {
			return true
		}
	}
	return false
}

// PriorityOf looks in the matrix; "" when impact or urgency is not in it.
func (s *School) PriorityOf(impact, urgency workflows.Level) workflows.Priority {
	return s.Priorities.Matrix[impact][urgency]
}

// TargetOf gives the promises of a priority.
func (s *School) TargetOf(p workflows.Priority) workflows.Target { return s.Priorities.Targets[p] }

// MajorAfter is when an outage is likely to be a major one.
func (s *School) MajorAfter() (int, time.Duration) {
	return s.Priorities.MajorAfter, s.Priorities.MajorWithin
}
