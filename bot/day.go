package bot

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// dayAt reads a day: "morgen", "volgende week dinsdag", "22 februari", "dit weekend".
func (r *clockReader) dayAt(i int) (int, piece, bool) {
	word := r.word(i)
	day := func(n int, at time.Time) (int, piece, bool) { return n, piece{sort: aDay, day: at}, true }
	switch word {
	case "vandaag", "today", "vanavond", "tonight", "vanmiddag", "vanochtend":
		return day(1, r.today)
	case "morgen", "tomorrow", "morgenavond", "morgenochtend", "morgenmiddag":
		return day(1, r.plus(1))
	case "overmorgen":
		return day(1, r.plus(2))
	case "weekend":
		return 1, r.weekend(0), true
	case "dit", "this", "komend", "volgend", "next":
		if r.word(i+1) == "weekend" {
			weeks := map[bool]int{true: 1}[word == "volgend" || word == "next"]
			return 2, r.weekend(weeks), true
		}
	}
	if n, weeks, ok := r.week(i); ok { // "volgende week dinsdag"
		j := i + n
		if r.word(j) == "op" || r.word(j) == "on" {
			j++
		}
		if d, known := weekdaysOf[r.word(j)]; known {
			return day(j-i+1, r.inWeek(weeks, d))
		}
		return 0, piece{}, false
	}
	if d, known := weekdaysOf[word]; known {
		if (word == "do" || word == "zo" || word == "di" || word == "sun" || word == "sat" || word == "wed") && !r.timeFollows(i+1) {
			return 0, piece{}, false // words of other things, too
		}
		if n, weeks, ok := r.week(i + 1); ok { // "dinsdag volgende week"
			return day(1+n, r.inWeek(weeks, d))
		}
		if n, at, ok := r.date(i + 1); ok { // "dinsdag 22 februari"
			return day(1+n, at)
		}
		ahead := (int(d) - int(r.today.Weekday()) + 7) % 7
		if prev := r.word(i - 1); ahead == 0 && (r.passed(i+1) || slices.Contains([]string{"volgende", "next"}, prev)) {
			ahead = 7
		}
		if len(r.pieces) > 0 && r.pieces[len(r.pieces)-1].sort == anEnd { // "vrijdag 18:00 tot maandag 06:00"
			if begin, ok := r.firstDay(); ok {
				return day(1, begin.AddDate(0, 0, (int(d)-int(begin.Weekday())+7)%7))
			}
		}
		return day(1, r.plus(ahead))
	}
	if (word == "volgende" || word == "next" || word == "this" || word == "deze") && r.word(i+1) != "" {
		if _, known := weekdaysOf[r.word(i+1)]; known {
			n, p, ok := r.dayAt(i + 1)
			return n + 1, p, ok
		}
	}
	if n, at, ok := r.date(i); ok {
		return day(n, at)
	}
	return 0, piece{}, false
}

func (r *clockReader) firstDay() (time.Time, bool) {
	for _, p := range r.pieces {
		if p.sort == aDay {
			return p.day, true
		}
	}
	return time.Time{}, false
}

// plus is so many days from today, whatever the clocks do meanwhile.
func (r *clockReader) plus(days int) time.Time { return r.today.AddDate(0, 0, days) }

// week reads "volgende week", "deze week", "over twee weken": how many weeks ahead.
func (r *clockReader) week(i int) (n, weeks int, ok bool) {
	switch r.word(i) {
	case "volgende", "next":
		return 2, 1, r.word(i+1) == "week"
	case "deze", "this":
		return 2, 0, r.word(i+1) == "week"
	case "over", "in":
		count, known := numbersOf[r.word(i+1)]
		if v, err := strconv.Atoi(r.word(i + 1)); err == nil {
			count, known = v, true
		}
		unit := r.word(i + 2)
		return 3, count, known && count < 60 && (unit == "weken" || unit == "week" || unit == "weeks")
	}
	return 0, 0, false
}

// inWeek is a weekday of this week, or of one so many weeks ahead; weeks begin on Monday.
func (r *clockReader) inWeek(weeks int, d time.Weekday) time.Time {
	monday := r.plus(-((int(r.today.Weekday()) + 6) % 7))
	return monday.AddDate(0, 0, 7*weeks+(int(d)+6)%7)
}

func (r *clockReader) weekend(weeks int) piece {
	saturday := r.inWeek(weeks, time.Saturday)
	return piece{sort: aStretch, at: saturday, till: saturday.AddDate(0, 0, 2)}
}

// date reads "22 februari 2027", "feb 22", "22-2", "2027-02-22".
func (r *clockReader) date(i int) (n int, at time.Time, ok bool) {
	word := r.word(i)
	year := 0
	on := func(n, y int, m time.Month, d int) (int, time.Time, bool) {
		given := y != 0
		if !given {
			y = r.today.Year()
		} else if y < 100 {
			y += 2000
		}
		at := time.Date(y, m, d, 0, 0, 0, 0, r.today.Location())
		if !given && at.Before(r.today) {
			at = time.Date(y+1, m, d, 0, 0, 0, 0, r.today.Location())
		}
		return n, at, at.Month() == m && at.Day() == d // there is no 30 February
	}
	yearAt := func(j int) int {
		if y, err := strconv.Atoi(r.word(j)); err == nil && y >= 2000 && y < 2200 {
			return y
		}
		return 0
	}
	if m := isoDate.FindStringSubmatch(word); m != nil {
		y, _ := strconv.Atoi(m[1])
		mo, _ := strconv.Atoi(m[2])
		d, _ := strconv.Atoi(m[3])
		return on(1, y, time.Month(mo), d)
	}
	if m := aDate.FindStringSubmatch(word); m != nil {
		d, _ := strconv.Atoi(m[1])
		mo, _ := strconv.Atoi(m[2])
		year, _ = strconv.Atoi(m[3])
		return on(1, year, time.Month(mo), d)
	}
	number := func(s string) (int, bool) {
		for _, end := range []string{"st", "nd", "rd", "th", "e"} {
			s = strings.TrimSuffix(s, end)
		}
		v, err := strconv.Atoi(s)
		return v, err == nil && v >= 1 && v <= 31
	}
	if d, isDay := number(word); isDay {
		if m, known := monthOf(r.word(i + 1)); known {
			if year = yearAt(i + 2); year != 0 {
				return on(3, year, m, d)
			}
			return on(2, 0, m, d)
		}
	}
	if m, known := monthOf(word); known {
		if d, isDay := number(r.word(i + 1)); isDay {
			if year = yearAt(i + 2); year != 0 {
				return on(3, year, m, d)
			}
			return on(2, 0, m, d)
		}
	}
	return 0, at, false
}

// timeFollows tells whether a time or date comes next, so that "do" is a Thursday.
func (r *clockReader) timeFollows(i int) bool {
	for slices.Contains(fillers, r.word(i)) {
		i++
	}
	_, _, clock := r.clock(i)
	_, _, date := r.date(i)
	_, _, week := r.week(i)
	return clock || date || week
}

// passed tells whether the time that follows is over for today.
func (r *clockReader) passed(i int) bool {
	for slices.Contains(fillers, r.word(i)) {
		i++
	}
	min, _, ok := r.clock(i)
	return ok && r.at(r.today, min).Before(r.now)
}

// at is a time on a day by the clock on the wall.
func (r *clockReader) at(day time.Time, minutes int) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d, 0, minutes, 0, 0, r.today.Location())
}

// holidays reads the names of the school's own holidays.
func (r *clockReader) holidays() {
	for _, p := range r.school.Calendar {
		if p.Kind != "holiday" || p.To.Before(r.today) || len(r.pieces) > 0 {
			continue
		}
		name := strings.Fields(strings.ToLower(p.Name))
		for i := 0; i+len(name) <= len(r.words); i++ {
			if slices.Equal(r.words[i:i+len(name)], name) {
				r.take(i, len(name), piece{sort: aStretch, at: p.From, till: p.To.AddDate(0, 0, 1)})
				break
			}
		}
	}
}

// window puts the pieces together: one day or two, one time or two, or a stretch.
func (r *clockReader) window() (from, to time.Time, ok bool) {
	var days []time.Time
	var times []int
	var moments []time.Time
	var stretch *piece
	length := 0
	for _, p := range r.pieces {
		switch p.sort {
		case aDay:
			days = append(days, p.day)
		case aTime:
			times = append(times, p.min)
		case aMoment:
			moments = append(moments, p.at)
		case aStretch:
			stretch = &p
		case aLength:
			length = p.min
		}
	}
	switch {
	case len(moments) == 2:
		from, to = moments[0], moments[1]
	case len(moments) == 1 && len(times) == 1:
		from = moments[0]
		to = r.at(from.In(r.today.Location()), times[0])
	case len(moments) == 1 && length > 0:
		from, to = moments[0], moments[0].Add(time.Duration(length)*time.Minute)
	case len(moments) > 0:
		return from, to, false
	case stretch != nil && len(days) == 0 && len(times) == 0:
		from, to = stretch.at, stretch.till
	case len(days) == 1 && len(times) == 2:
		from, to = r.at(days[0], times[0]), r.at(days[0], times[1])
		if times[1] <= times[0] { // past midnight
			to = r.at(days[0].AddDate(0, 0, 1), times[1])
		}
	case len(days) == 1 && len(times) == 1 && length > 0:
		from = r.at(days[0], times[0])
		to = from.Add(time.Duration(length) * time.Minute)
	case len(days) == 2 && len(times) == 2:
		from, to = r.at(days[0], times[0]), r.at(days[1], times[1])
	case len(days) == 2 && len(times) == 0:
		from, to = days[0], days[1].AddDate(0, 0, 1)
	case len(days) == 0 && len(times) == 2: // today, or tomorrow when it is over
		from, to = r.at(r.today, times[0]), r.at(r.today, times[1])
		if from.Before(r.now) {
			from, to = r.at(r.plus(1), times[0]), r.at(r.plus(1), times[1])
		}
	default:
		return from, to, false
	}
	return from, to, to.After(from)
}
