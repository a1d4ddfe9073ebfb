package bot

import (
	"testing"
	"time"

	"schoolbel/config"
	"schoolbel/workflows/school"
)

// Windows as people write them, on a Monday morning; the times are those of the wall
// in Amsterdam, with the offset of that day.
func TestWindows(t *testing.T) {
	linde, err := config.School("")
	if err != nil {
		t.Fatal(err)
	}
	day := func(y int, m time.Month, d int) time.Time {
		return time.Date(y, m, d, 0, 0, 0, 0, linde.Organisation.Zone)
	}
	plan := *linde
	plan.Calendar = append(plan.Calendar[:len(plan.Calendar):len(plan.Calendar)],
		school.Period{Kind: "holiday", Name: "Voorjaarsvakantie", From: day(2026, 2, 21), To: day(2026, 3, 1)},
		school.Period{Kind: "holiday", Name: "Voorjaarsvakantie", From: day(2027, 2, 20), To: day(2027, 2, 28)})
	s := school.New(plan)
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, linde.Organisation.Zone) // a Monday
	for text, want := range map[string]string{
		"volgende week dinsdag 16:00 tot 18:00":              "2026-12-01T16:00+01:00 2026-12-01T18:00+01:00",
		"dinsdag volgende week van 16.00 tot 18.00 uur":      "2026-12-01T16:00+01:00 2026-12-01T18:00+01:00",
		"next week Tuesday 4pm to 6pm":                       "2026-12-01T16:00+01:00 2026-12-01T18:00+01:00",
		"Tuesday next week from 4pm to 6 pm":                 "2026-12-01T16:00+01:00 2026-12-01T18:00+01:00",
		"over twee weken op dinsdag 16u-18u":                 "2026-12-08T16:00+01:00 2026-12-08T18:00+01:00",
		"morgen 8-9":                                         "2026-11-24T08:00+01:00 2026-11-24T09:00+01:00",
		"morgen van 8 tot 9":                                 "2026-11-24T08:00+01:00 2026-11-24T09:00+01:00",
		"tomorrow 8:30-9:15":                                 "2026-11-24T08:30+01:00 2026-11-24T09:15+01:00",
		"vandaag 16:00–18:00":                                "2026-11-23T16:00+01:00 2026-11-23T18:00+01:00",
		"vanavond 22:00 tot 02:00":                           "2026-11-23T22:00+01:00 2026-11-24T02:00+01:00",
		"overmorgen half vijf tot half zes":                  "2026-11-25T16:30+01:00 2026-11-25T17:30+01:00",
		"maandag 16:00 tot 18:00":                            "2026-11-23T16:00+01:00 2026-11-23T18:00+01:00",
		"maandag 08:00 tot 09:00":                            "2026-11-30T08:00+01:00 2026-11-30T09:00+01:00",
		"do 16:00 tot 18:00":                                 "2026-11-26T16:00+01:00 2026-11-26T18:00+01:00",
		"vrijdag 18:00 tot maandag 06:00":                    "2026-11-27T18:00+01:00 2026-11-30T06:00+01:00",
		"deze week vrijdag om 16:00 2 uur":                   "2026-11-27T16:00+01:00 2026-11-27T18:00+01:00",
		"friday at 16:00 for 90 minutes":                     "2026-11-27T16:00+01:00 2026-11-27T17:30+01:00",
		"22 februari 16:00 tot 18:00":                        "2027-02-22T16:00+01:00 2027-02-22T18:00+01:00",
		"dinsdag 1 december 2026, 16:00 tot 18:00":           "2026-12-01T16:00+01:00 2026-12-01T18:00+01:00",
		"Feb 22 16:00 to 18:00":                              "2027-02-22T16:00+01:00 2027-02-22T18:00+01:00",
		"22-2 16:00-18:00":                                   "2027-02-22T16:00+01:00 2027-02-22T18:00+01:00",
		"8-9 16:00-18:00":                                    "2027-09-08T16:00+02:00 2027-09-08T18:00+02:00",
		"22/2/2027 16:00-18:00":                              "2027-02-22T16:00+01:00 2027-02-22T18:00+01:00",
		"2027-02-22 16:00 tot 18:00":                         "2027-02-22T16:00+01:00 2027-02-22T18:00+01:00",
		"2027-02-22T16:00 2027-02-22T18:00":                  "2027-02-22T16:00+01:00 2027-02-22T18:00+01:00",
		"2027-02-22T16:00:00Z tot 2027-02-22T20:00:00+02:00": "2027-02-22T17:00+01:00 2027-02-22T19:00+01:00",
		"in de voorjaarsvakantie":                            "2027-02-20T00:00+01:00 2027-03-01T00:00+01:00",
		"in de kerstvakantie":                                "2026-12-19T00:00+01:00 2027-01-04T00:00+01:00",
		"dit weekend":                                        "2026-11-28T00:00+01:00 2026-11-30T00:00+01:00",
		"next weekend":                                       "2026-12-05T00:00+01:00 2026-12-07T00:00+01:00",
		"16:00 tot 18:00":                                    "2026-11-23T16:00+01:00 2026-11-23T18:00+01:00",
		"8:00 tot 9:00":                                      "2026-11-24T08:00+01:00 2026-11-24T09:00+01:00",
		"28 maart 2027 01:30 tot 03:30":                      "2027-03-28T01:30+01:00 2027-03-28T03:30+02:00",
		"30 oktober 2027 23:00 tot 31 oktober 2027 07:00":    "2027-10-30T23:00+02:00 2027-10-31T07:00+01:00",
		"1 december tot 3 december":                          "2026-12-01T00:00+01:00 2026-12-04T00:00+01:00",
		"morgen tussen 8 en 9":                               "2026-11-24T08:00+01:00 2026-11-24T09:00+01:00",
		"morgen":                                             "",
		"om 16:00":                                           "",
		"30 februari 16:00 tot 18:00":                        "",
		"in de herfstvakantie":                               "",
		"25:00 tot 26:00":                                    "",
		"de printer op de gang":                              "",
		"zo doe ik het ook":                                  "",
	} {
		from, to, rest, ok := readWindow(text, now, s)
		got := ""
		if ok {
			const form = "2006-01-02T15:04Z07:00"
			got = s.Local(from).Format(form) + " " + s.Local(to).Format(form)
		}
		if got != want {
			t.Errorf("%q is %q, not %q", text, got, want)
		}
		if ok && rest != "" {
			t.Errorf("%q leaves %q", text, rest)
		}
		if !ok && rest != text {
			t.Errorf("%q is no window and becomes %q", text, rest)
		}
	}
	_, _, rest, _ := readWindow("volgende week dinsdag 16:00 tot 18:00 want dan is het rustig", now, s)
	if rest != "want dan is het rustig" {
		t.Errorf("besides it says %q", rest)
	}
}

func FuzzWindow(f *testing.F) {
	s, err := config.School("")
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range []string{"volgende week dinsdag 16:00 tot 18:00", "8-9", "half", "over 2 weken", "-", "in de kerstvakantie", "99999999999 uur"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if from, to, _, ok := readWindow(text, time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), s); ok && !to.After(from) {
			t.Errorf("%q is from %s to %s", text, from, to)
		}
	})
}
