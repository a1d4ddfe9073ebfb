package understand

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"schoolbel/workflows"
	"schoolbel/workflows/school"
)

// TestRules has a row for each rule that a person would want to see defended.
func TestRules(t *testing.T) {
	r := New(linde())
	for _, c := range []struct {
		rule, text string
		in         Setting
		holds      func(Meaning) bool
	}{
		{
			"an exam that stops is as urgent as can be", "examen start niet op de laptop van 1 leerling",
			Setting{},
			func(m Meaning) bool { return m.Priority == workflows.P1 },
		},
		{
			"an exam that is weeks away is not", "over 3 weken is het examen en mijn laptop is stuk",
			Setting{},
			func(m Meaning) bool { return m.Priority == workflows.P4 },
		},
		{
			"an attack that is going on is P1, whoever reports it", "mijn bestanden zijn versleuteld",
			Setting{},
			func(m Meaning) bool { return m.Priority == workflows.P1 && m.Sensitive },
		},
		{
			"a data leak is P2 at least", "usb-stick kwijt, geen haast",
			Setting{},
			func(m Meaning) bool { return m.Priority == workflows.P2 && m.Sensitive },
		},
		{
			"no hurry is low", "geen haast, maar de beamer in 1.14 flikkert",
			Setting{},
			func(m Meaning) bool { return m.Urgency == workflows.Low },
		},
		{
			"unknown impact has no priority", "magister doet het niet",
			Setting{},
			func(m Meaning) bool { return m.Impact == workflows.Unknown && m.Priority == "" },
		},
		{
			"two rooms are more than one", "beamer stuk in lokaal 1.14 en lokaal 1.15",
			Setting{},
			func(m Meaning) bool { return m.Impact == workflows.Medium },
		},
		{
			"the only location of the writer counts", "wifi doet het niet",
			Setting{Locations: []string{"noord"}},
			func(m Meaning) bool { return m.Location == "noord" && m.Ask == "" },
		},
		{
			"a location that is named counts more", "wifi op Zuid doet het niet",
			Setting{Locations: []string{"noord"}},
			func(m Meaning) bool { return m.Location == "zuid" },
		},
		{
			"with several locations it asks which", "wifi doet het niet",
			Setting{Locations: []string{"noord", "zuid"}},
			func(m Meaning) bool { return m.Location == "" && m.Ask == AskLocation },
		},
		{
			"two locations are wider than either", "wifi op noord en zuid ligt plat",
			Setting{},
			func(m Meaning) bool { return m.Location == "" && m.Ask == "" && m.Impact == workflows.Large },
		},
		{
			"trouble without a thing asks which", "hij doet het niet",
			Setting{},
			func(m Meaning) bool { return m.Ask == AskService },
		},
		{
			"a product that the school file lacks is not taken for another", "basispoort doet het niet",
			Setting{},
			func(m Meaning) bool { return m.Service == "" && m.Ask != AskService && m.Intent == ReportIncident },
		},
		{
			"it works here opens nothing", "bij ons doet ie het gewoon",
			Setting{},
			func(m Meaning) bool { return m.Intent == AddInfo && m.Kind == "" && !m.Also },
		},
		{
			"the same trouble may join", "no wifi either",
			Setting{},
			func(m Meaning) bool {
				return m.Intent == AddInfo && m.Also && m.Service == "wifi" && m.Lang == "en"
			},
		},
		{
			"it works again, unless it does not", "hij doet het weer niet",
			Setting{},
			func(m Meaning) bool { return m.Intent == ReportIncident },
		},
		{
			"asking when it works again solves nothing", "wanneer doet de wifi het weer",
			Setting{},
			func(m Meaning) bool { return m.Intent == AskStatus },
		},
		{
			"the heating is no ICT", "storing aan de verwarming",
			Setting{},
			func(m Meaning) bool { return m.Intent == OutOfScope && m.Urgency != workflows.High },
		},
		{
			"danger is out of scope and urgent", "er wordt gevochten in de aula",
			Setting{},
			func(m Meaning) bool { return m.Intent == OutOfScope && m.Urgency == workflows.High },
		},
		{
			"a sum is no Somtoday", "iedereen heeft de som fout",
			Setting{},
			func(m Meaning) bool { return (m.Kind == "" || m.Ask == AskIntent) && m.Service == "" },
		},
		{
			"a plate is no digital board", "heerlijk bord soep gegeten",
			Setting{},
			func(m Meaning) bool { return m.Kind == "" && m.Service == "" },
		},
		{
			"a wish that speaks of nothing of ours is asked about", "ik wil me ziekmelden voor morgen",
			Setting{},
			func(m Meaning) bool { return m.Kind == "" || m.Ask == AskIntent },
		},
		{
			"slips of the pen are mended", "de pritner en het digibrod",
			Setting{},
			func(m Meaning) bool { return m.Service == "printen" || m.Service == "digibord" },
		},
		{
			"compounds are taken apart", "wifistoring in de gang",
			Setting{},
			func(m Meaning) bool { return m.Service == "wifi" && m.Intent == ReportIncident },
		},
		{
			"no personal location for a whole school", "hele school zonder internet",
			Setting{},
			func(m Meaning) bool { return m.Impact == workflows.Large && m.Priority == workflows.P1 && m.Ask == "" },
		},
		{
			"what is stolen by mail is the account", "op een link in een mail geklikt en mijn wachtwoord ingevuld",
			Setting{},
			func(m Meaning) bool { return m.Service == "sso" && m.Sensitive && m.Ask == "" },
		},
	} {
		if m := r.Read(c.text, c.in); !c.holds(m) {
			t.Errorf("%s: %q came to %+v", c.rule, c.text, m)
		}
	}
}

// TestExamPeriod: a service that exams need is graded so in the exam period, also
// when nobody says "exam".
func TestExamPeriod(t *testing.T) {
	s := linde()
	day := time.Date(2027, 5, 10, 0, 0, 0, 0, time.UTC)
	fields := *s
	fields.Organisation.Zone = time.UTC
	fields.Calendar = []school.Period{{Kind: "exam", Name: "Centraal examen", From: day, To: day}}
	r := New(school.New(fields))
	if m := r.Read("facet loopt vast", Setting{Now: day.Add(9 * time.Hour)}); m.Priority != workflows.P1 {
		t.Errorf("in the exam period it came to %s", m.Priority)
	}
	if m := r.Read("facet loopt vast", Setting{Now: day.AddDate(0, 1, 0)}); m.Priority == workflows.P1 {
		t.Error("a month later it is still P1")
	}
}

func TestParts(t *testing.T) {
	r := New(linde())
	for text, want := range map[string][]string{
		"2 dingen: 1) mijn account is geblokkeerd 2) de beamer in de aula flikkert":   {"sso", "digibord"},
		"de beamer in 1.01 is kapot. Verder kan ik niet printen.":                     {"digibord", "printen"},
		"de beamer flikkert en de printer in 1.02 is kapot":                           {"digibord", "printen"},
		"the projector is broken and also my laptop won't start":                      {"digibord", "laptop"},
		"wifi ligt eruit en ik kan niet inloggen":                                     nil, // the one explains the other
		"geen internet, magister doet het niet, mail doet het niet":                   nil,
		"de printer is kapot en dat is heel vervelend":                                nil,
		"mijn laptop start niet op. Ik heb hem al opnieuw gestart. Hij blijft zwart.": nil,
	} {
		var got []string
		for _, p := range r.Read(text, Setting{}).Parts {
			got = append(got, p.Service)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q has parts %v, want %v", text, got, want)
		}
	}
}

// TestAnySchool: a school that the lists never saw, with a product of its own.
func TestAnySchool(t *testing.T) {
	s := school.New(school.School{
		Organisation: school.Organisation{Name: "De Esdoorn", Locale: "en"},
		Locations:    []school.Location{{Key: "main", Name: "Main Building"}},
		Services: []school.Service{
			{Service: workflows.Service{Key: "kubo", Name: "Kubofix"}, Aliases: []string{"pupil portal"}},
			{Service: workflows.Service{Key: "net", Name: "Netwerk en draadloos"}, Aliases: []string{"wifi"}},
			{Service: workflows.Service{Key: "devices", Name: "Devices"}, Aliases: []string{"iPads"}},
			{Service: workflows.Service{Key: "print", Name: "Print"}},
		},
	})
	r := New(s)
	for text, want := range map[string]string{
		"Kubofix does not load":             "kubo",
		"kubofxi doet het niet":             "kubo",
		"the pupil portal is down":          "kubo",
		"kids komen nergens in":             "net",
		"mijn laptop start niet":            "devices",
		"ipad kapot":                        "devices",
		"toner op":                          "print",
		"magister doet het niet":            "",
		"er komt geen geluid uit de boxen":  "",
		"Netwerk en draadloos doet raar":    "net",
		"students cannot print their essay": "print",
	} {
		m := r.Read(text, Setting{})
		if m.Service != want || m.Intent != ReportIncident || m.Location != "main" {
			t.Errorf("%q came to %s, service %q at %q, want %q at main", text, m.Intent, m.Service, m.Location, want)
		}
	}
}

func TestReasonsAreInTheWritersLanguage(t *testing.T) {
	r := New(linde())
	nl := strings.Join(r.Read("wifi ligt eruit, hele gang", Setting{}).Why, "; ")
	en := strings.Join(r.Read("no wifi on the whole corridor", Setting{}).Why, "; ")
	if !strings.Contains(nl, "het gaat over Wifi") || !strings.Contains(en, "it is about Wifi") {
		t.Errorf("reasons: %q and %q", nl, en)
	}
	for key := range reasons()["nl"] {
		if reasons()["en"][key] == "" {
			t.Errorf("%s is not said in English", key)
		}
	}
	if len(reasons()["en"]) != len(reasons()["nl"]) {
		t.Error("a reason is said in English only")
	}
}

// Every reason that the code gives must have its words, or people read an empty line.
func TestEveryReasonIsSaid(t *testing.T) {
	keys := []string{"service", "hint", "unlisted", "location", "own_location", "where", "parts", "room", "device", "person", "group", "school", "everybody", "urgent", "blocked", "many", "workaround", "calm", "later", "soon", "exam", "words"}
	for _, n := range notions {
		if len(n.says) > 0 {
			keys = append(keys, n.name)
		}
	}
	for _, f := range floors {
		keys = append(keys, f.why)
	}
	for _, k := range keys {
		if reason("nl", k, "") == "" {
			t.Errorf("reason %q has no words", k)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"", " ", "?", "wifi", "\x00\xff\xfe", "geen geen geen niet niet", "1) 2) 3)", "- \n- \n- ", "🎉🎉‍🎉", "É̀́́́", "<!channel> *wifi* doet het niet",
		"\u202ewifi\u202c", strings.Repeat("wifi doet het niet en ", 300), strings.Repeat("aaaa", 5000), "doet het ~ niet", "@neg", "+1", "1.1.1.1..", "kan er maar",
	} {
		f.Add(s)
	}
	r := New(linde())
	f.Fuzz(func(t *testing.T, text string) {
		m := r.Read(text, Setting{Locations: []string{"noord"}})
		check := func(m Meaning) {
			if m.Confidence < 0 || m.Confidence > 1 || math.IsNaN(m.Confidence) {
				t.Errorf("confidence %v", m.Confidence)
			}
			if m.Intent == "" || m.Lang != "nl" && m.Lang != "en" || m.Why == nil || !utf8.ValidString(m.Text) {
				t.Errorf("an incomplete meaning: %+v", m)
			}
		}
		check(m)
		for _, p := range m.Parts {
			check(p)
		}
		if again := r.Read(text, Setting{Locations: []string{"noord"}}); !reflect.DeepEqual(m, again) {
			t.Errorf("read twice, meant twice:\n%+v\n%+v", m, again)
		}
	})
}

// A megabyte is read as its beginning.
func TestLongMessages(t *testing.T) {
	r := New(linde())
	m := r.Read("wifi doet het niet "+strings.Repeat("é", 1<<19), Setting{})
	if m.Service != "wifi" || len(m.Text) > longest || !utf8.ValidString(m.Text) {
		t.Errorf("%d bytes, service %q", len(m.Text), m.Service)
	}
}

func BenchmarkRead(b *testing.B) {
	r, messages := New(linde()), hands(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r.Read(messages[i%len(messages)].text, Setting{})
	}
}

func BenchmarkReadLongest(b *testing.B) {
	r := New(linde())
	text := strings.Repeat("de wifi op de tweede verdieping doet het nog steeds niet en de prinetr ook niet, kan iemand kijken? ", 50)
	for b.Loop() {
		r.Read(text, Setting{})
	}
}

func BenchmarkNew(b *testing.B) {
	s := linde()
	for b.Loop() {
		New(s)
	}
}
