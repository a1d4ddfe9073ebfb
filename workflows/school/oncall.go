package school

import (
	"slices"
	"time"
)

// longest is how many days to either side of a moment a turn is looked for: a
// rota of one person has no end that one could find.
const longest = 480

// OnCallAt gives who is on call for a rota at t, with the whole turn, from where
// it really begins to where it ends; false in a gap.
func (s *School) OnCallAt(rota string, t time.Time) (Shift, bool) {
	var shift Shift
	for days := 15; days <= longest; days *= 2 { // two weeks hold most turns
		from, to := t.AddDate(0, 0, -days), t.AddDate(0, 0, days)
		for _, found := range s.Shifts(rota, from, to) {
			if !found.From.After(t) && found.To.After(t) {
				shift = found
			}
		}
		if shift.From.After(from) && shift.To.Before(to) {
			break
		}
	}
	return shift, shift.Person != ""
}

// Shifts lists who is on call between two moments, in order, gaps with an empty
// Person. Overrides stand in front of layers, later layers in front of earlier.
func (s *School) Shifts(rota string, from, to time.Time) []Shift {
	i := slices.IndexFunc(s.OnCall, func(r Rota) bool { return r.Key == rota })
	if i < 0 || !to.After(from) {
		return nil
	}
	r := s.OnCall[i]
	cuts := []time.Time{from, to}
	cut := func(t time.Time) {
		if t.After(from) && t.Before(to) {
			cuts = append(cuts, t)
		}
	}
	for _, o := range r.Overrides {
		cut(o.From)
		cut(o.To)
	}
	for _, l := range r.Layers {
		for _, t := range l.handoffs(r.Zone, from, to) {
			cut(t)
		}
	}
	slices.SortFunc(cuts, time.Time.Compare)
	cuts = slices.CompactFunc(cuts, time.Time.Equal)
	var shifts []Shift
	for i, start := range cuts[:len(cuts)-1] {
		person := r.at(start)
		if n := len(shifts); n > 0 && shifts[n-1].Person == person {
			shifts[n-1].To = cuts[i+1]
			continue
		}
		shifts = append(shifts, Shift{Person: person, From: start, To: cuts[i+1]})
	}
	return shifts
}

// at tells who is on call at one moment.
func (r Rota) at(t time.Time) string {
	for _, o := range slices.Backward(r.Overrides) {
		if !t.Before(o.From) && t.Before(o.To) {
			return o.Person
		}
	}
	for _, l := range slices.Backward(r.Layers) {
		if person := l.at(r.Zone, t); person != "" {
			return person
		}
	}
	return ""
}

// every is how many days one turn lasts.
func (l Layer) every() int {
	if l.Rotation == "daily" {
		return 1
	}
	return 7
}

// handoff is the moment of the n-th change: a wall-clock time, so that a turn is
// an hour longer or shorter when the clocks change, and never has a gap.
func (l Layer) handoff(zone *time.Location, n int) time.Time {
	y, m, d := l.first(zone).Date()
	return time.Date(y, m, d+n*l.every(), 0, l.At, 0, 0, zone)
}

// first is the day of the first hand-off: the first fitting weekday at or after Start.
func (l Layer) first(zone *time.Location) time.Time {
	y, m, d := l.Start.In(zone).Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, zone)
	if l.Rotation != "daily" {
		for day.Weekday() != l.Day {
			day = day.AddDate(0, 0, 1)
		}
	}
	return day
}

// turn is which hand-off was the last one at t; negative before the first.
func (l Layer) turn(zone *time.Location, t time.Time) int {
	n := int(t.Sub(l.handoff(zone, 0)).Hours()) / (24 * l.every())
	for n > 0 && l.handoff(zone, n).After(t) {
		n--
	}
	for !l.handoff(zone, n+1).After(t) {
		n++
	}
	if l.handoff(zone, n).After(t) {
		return -1
	}
	return n
}

func (l Layer) at(zone *time.Location, t time.Time) string {
	n := l.turn(zone, t)
	if n < 0 || len(l.Members) == 0 {
		return ""
	}
	return l.Members[n%len(l.Members)]
}

// handoffs lists the changes between two moments.
func (l Layer) handoffs(zone *time.Location, from, to time.Time) []time.Time {
	var list []time.Time
	for n := max(0, l.turn(zone, from)); ; n++ {
		t := l.handoff(zone, n)
		if !t.Before(to) {
			return list
		}
		if t.After(from) {
			list = append(list, t)
		}
	}
}
