package bot

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"schoolbel/workflows"
	"schoolbel/workflows/school"
)

// windowed tells whether an action is about a stretch of time.
func (b *Bot) windowed(do workflows.Action) bool {
	p, ok := b.Engine.Process("change")
	return ok && slices.ContainsFunc(p.Rules, func(r workflows.Rule) bool {
		return r.Do == do && slices.Contains(slices.Concat(r.Needs, r.Takes), "from")
	})
}

// when reads a window as people write it: "volgende week dinsdag 16:00 tot 18:00". It
// gives what was said besides.
func (b *Bot) when(text string) (from, to time.Time, rest string, ok bool) {
	return readWindow(text, b.Now(), b.School())
}

// piece is one part of a text that tells of time.
type piece struct {
	sort piecesort
	day  time.Time // of a day
	min  int       // of a time: minutes after midnight; of a length: minutes
	at   time.Time // of a moment; of a stretch: its beginning
	till time.Time // of a stretch: its end
}

type piecesort int

const (
	aDay piecesort = iota
	aTime
	aMoment
	aStretch
	aLength
	anEnd // "tot"
)

// clockReader goes through the words of a text.
type clockReader struct {
	words  []string // in small letters
	origin []int    // of which word of the text each is a part
	used   map[int]bool
	today  time.Time // midnight
	now    time.Time
	school *school.School
	pieces []piece
	lost   bool // a date stands there that is none
}

var (
	weekdaysOf = map[string]time.Weekday{
		"maandag": 1, "ma": 1, "monday": 1, "mon": 1, "dinsdag": 2, "di": 2, "tuesday": 2, "tue": 2, "woensdag": 3, "wo": 3, "wednesday": 3, "wed": 3,
		"donderdag": 4, "do": 4, "thursday": 4, "thu": 4, "vrijdag": 5, "vr": 5, "friday": 5, "fri": 5, "zaterdag": 6, "za": 6, "saturday": 6, "sat": 6,
		"zondag": 0, "zo": 0, "sunday": 0, "sun": 0,
	}
	numbersOf = map[string]int{
		"een": 1, "één": 1, "a": 1, "an": 1, "one": 1, "twee": 2, "two": 2, "drie": 3, "three": 3, "vier": 4, "four": 4, "vijf": 5, "five": 5, "zes": 6, "six": 6,
		"zeven": 7, "seven": 7, "acht": 8, "eight": 8, "negen": 9, "nine": 9, "tien": 10, "ten": 10, "elf": 11, "eleven": 11, "twaalf": 12, "twelve": 12,
	}
	fillers = []string{"van", "from", "op", "on", "om", "at", "de", "het", "the", "in", "tijdens", "during", "vanaf", "uur", "between", "tussen", "of", "voor", "for", "a.s.", "aanstaande", "komende", "coming"}
	untils  = []string{"tot", "t/m", "to", "until", "till", "-", "en", "and", "through"}

	aClock  = regexp.MustCompile(`^(\d{1,2})(?:[:.u](\d{2}))?(u|uur|h|am|pm)?$`)
	aDate   = regexp.MustCompile(`^(\d{1,2})[-/](\d{1,2})(?:[-/](\d{4}|\d{2}))?$`)
	isoDate = regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2})$`)
	hyphen  = regexp.MustCompile(`^(\d{1,2}(?:[:.u]\d{2})?(?:u|uur|h|am|pm)?)-(\d{1,2}(?:[:.u]\d{2})?(?:u|uur|h|am|pm)?)$`)
)

func monthOf(word string) (time.Month, bool) {
	for _, names := range []string{
		"januari februari maart april mei juni juli augustus september oktober november december",
		"january february march april may june july august september october november december",
		"jan feb mrt apr mei jun jul aug sep okt nov dec", "jan feb mar apr may jun jul aug sept oct nov dec",
	} {
		if i := slices.Index(strings.Fields(names), strings.Trim(word, ".")); i >= 0 {
			return time.Month(i + 1), true
		}
	}
	return 0, false
}

// wordy is how many words somebody needs at most to name a window.
const wordy = 60

// readWindow reads a window in the school's zone, as it is at now.
func readWindow(text string, now time.Time, s *school.School) (from, to time.Time, rest string, ok bool) {
	now = s.Local(now)
	y, m, d := now.Date()
	r := &clockReader{used: map[int]bool{}, now: now, today: time.Date(y, m, d, 0, 0, 0, 0, now.Location()), school: s}
	fields := strings.Fields(text)
	if len(fields) > wordy { // a story, and no window
		return from, to, text, false
	}
	for i, word := range fields {
		word = strings.Trim(strings.ToLower(strings.NewReplacer("–", "-", "—", "-", "’", "'").Replace(word)), ",;()!?")
		word = strings.TrimSuffix(word, ".")
		if two := hyphen.FindStringSubmatch(word); two != nil && !r.isDate(word, fields[i+1:]) {
			r.words, r.origin = append(r.words, two[1], "-", two[2]), append(r.origin, i, i, i)
			continue
		}
		r.words, r.origin = append(r.words, word), append(r.origin, i)
	}
	r.holidays()
	for i := 0; i < len(r.words); {
		i += max(1, r.piece(i))
	}
	if from, to, ok = r.window(); !ok || r.lost {
		return from, to, text, false
	}
	var left []string
	for i, word := range fields {
		if !r.used[i] {
			left = append(left, word)
		}
	}
	return from, to, strings.Join(left, " "), true
}

// isDate tells 8-9, the date, from 8-9, the hours: where more times follow it is a date.
func (r *clockReader) isDate(word string, more []string) bool {
	if !aDate.MatchString(word) {
		return false
	}
	return slices.ContainsFunc(more, func(w string) bool {
		return strings.ContainsAny(w, "0123456789")
	}) && len(r.pieces) == 0 && !slices.ContainsFunc(r.words, func(w string) bool { _, known := weekdaysOf[w]; return known || w == "morgen" || w == "tomorrow" })
}

// take marks words as understood, with the small words before them.
func (r *clockReader) take(i, n int, p piece) int {
	for j := i; j < i+n; j++ {
		r.used[r.origin[j]] = true
	}
	for j := i - 1; j >= 0 && !r.used[r.origin[j]] && slices.Contains(fillers, r.words[j]); j-- {
		r.used[r.origin[j]] = true
	}
	r.pieces = append(r.pieces, p)
	return n
}

func (r *clockReader) word(i int) string {
	if i < 0 || i >= len(r.words) {
		return ""
	}
	return r.words[i]
}

// piece reads what begins at word i, and tells how many words that was.
func (r *clockReader) piece(i int) int {
	word := r.word(i)
	if r.used[r.origin[i]] && word != "-" && !aClock.MatchString(word) {
		return 1
	}
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(form, strings.ToUpper(word), r.now.Location()); err == nil {
			return r.take(i, 1, piece{sort: aMoment, at: t})
		}
	}
	if slices.Contains(untils, word) && len(r.pieces) > 0 {
		if word == "en" || word == "and" {
			if last := r.pieces[len(r.pieces)-1].sort; last != aTime && last != aDay {
				return 1
			}
			if _, _, ok := r.clock(i + 1); !ok {
				return 1
			}
		}
		r.pieces = append(r.pieces, piece{sort: anEnd})
		r.used[r.origin[i]] = true
		return 1
	}
	if n, p, ok := r.length(i); ok {
		return r.take(i, n, p)
	}
	if n, p, ok := r.dayAt(i); ok {
		return r.take(i, n, p)
	}
	if _, month := monthOf(word); month || aDate.MatchString(word) || isoDate.MatchString(word) {
		r.lost = true
	}
	if min, n, ok := r.clock(i); ok {
		return r.take(i, n, piece{sort: aTime, min: min})
	}
	return 0
}

// length reads "2 uur" or "30 minuten" after a time.
func (r *clockReader) length(i int) (int, piece, bool) {
	if len(r.pieces) == 0 || r.pieces[len(r.pieces)-1].sort != aTime && r.pieces[len(r.pieces)-1].sort != aMoment {
		return 0, piece{}, false
	}
	n, ok := numbersOf[r.word(i)]
	if !ok {
		var err error
		if n, err = strconv.Atoi(r.word(i)); err != nil {
			return 0, piece{}, false
		}
	}
	switch r.word(i + 1) {
	case "uur", "uren", "hour", "hours":
		return 2, piece{sort: aLength, min: n * 60}, true
	case "minuten", "minuut", "min", "minutes":
		return 2, piece{sort: aLength, min: n}, true
	}
	return 0, piece{}, false
}

// clock reads a time of day: 16:00, 16.30, 16u, 4pm, half vijf.
func (r *clockReader) clock(i int) (minutes, n int, ok bool) {
	word := r.word(i)
	if word == "half" {
		hour, known := numbersOf[r.word(i+1)]
		if v, err := strconv.Atoi(r.word(i + 1)); err == nil {
			hour, known = v, true
		}
		if !known || hour < 1 || hour > 12 {
			return 0, 0, false
		}
		if hour--; hour < 7 { // nobody means the night
			hour += 12
		}
		return hour*60 + 30, 2, true
	}
	m := aClock.FindStringSubmatch(word)
	if m == nil {
		return 0, 0, false
	}
	hour, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi(m[2])
	half, n := m[3], 1
	switch next := r.word(i + 1); next {
	case "am", "pm", "uur", "u":
		half, n = next, 2
	}
	if half == "" && m[2] == "" { // a number alone is an hour only where a window is told
		before, after := r.word(i-1), r.word(i+1)
		if !slices.Contains(untils, before) && !slices.Contains(untils, after) && !slices.Contains([]string{"om", "at", "vanaf", "van", "from"}, before) {
			return 0, 0, false
		}
	}
	switch {
	case half == "pm" && hour < 12:
		hour += 12
	case half == "am" && hour == 12:
		hour = 0
	}
	if hour > 24 || minute > 59 || hour == 24 && minute > 0 {
		return 0, 0, false
	}
	return hour*60 + minute, n, true
}
