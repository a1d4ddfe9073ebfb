package config

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"schoolbel/workflows/school"
)

func TestTheBuiltInSchoolIsInOrder(t *testing.T) {
	s, err := School("")
	if err != nil {
		t.Fatal(err)
	}
	if s.Organisation.Name != "Scholengroep De Linde" || len(s.People) != 10 || len(s.Services) != 12 {
		t.Errorf("read %q with %d people and %d services", s.Organisation.Name, len(s.People), len(s.Services))
	}
	anna, ok := s.Account("slack", "U0ANNA")
	if !ok || anna.Key != "anna" || anna.Locations[0] != "noord" {
		t.Errorf("U0ANNA is %+v", anna)
	}
	// A start of a rotation is local time of that rotation.
	if start := s.OnCall[0].Layers[0].Start; start.Format(time.RFC3339) != "2026-08-31T00:00:00+02:00" {
		t.Errorf("the rotation starts %s", start.Format(time.RFC3339))
	}
	if s.OnCall[0].Zone.String() != "Europe/Amsterdam" || s.Priorities.Targets["P3"].Resolve != 10*time.Hour || !s.Priorities.Targets["P1"].Always {
		t.Errorf("zone %s, targets %+v", s.OnCall[0].Zone, s.Priorities.Targets)
	}
}

// Each row breaks one thing of a good file; the message must say where and what.
func TestMistakesAreToldByLine(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"unknown key", "  locale: nl ", "  lokale: nl ", `organisation.lokale: there is no key "lokale" here; expected locale`},
		{"missing key", "  name: Scholengroep De Linde\n", "", "organisation: name is missing"},
		{"unknown team", "owner: functioneel-beheer, supplier: magister", "owner: functioneelbeheer, supplier: magister", `there is no team "functioneelbeheer"; expected functioneel-beheer`},
		{"unknown service", "depends_on: [internet, wifi]", "depends_on: [internet, wify]", `there is no service "wify"; expected wifi`},
		{"a ring", "aliases: [internetverbinding, verbinding],", "aliases: [internetverbinding, verbinding], depends_on: [facet],", "a ring: internet needs facet needs internet"},
		{"bad zone", "timezone: Europe/Amsterdam\n  hours", "timezone: Europe/Utrecht\n  hours", `"Europe/Utrecht" is none`},
		{"hours turned round", `from: "07:30", to: "17:30"`, `from: "17:30", to: "07:30"`, "the service hours end before they begin"},
		{"bad time", `"07:30"`, `"half acht"`, `"half acht" is none`},
		{"matrix with a hole", "small:  {high: P3, medium: P4, low: P4}", "small:  {high: P3, low: P4}", "priorities.matrix.small: medium is missing"},
		{"no priority", "small:  {high: P3,", "small:  {high: P9,", `"P9" is not one`},
		{"one account twice", "slack: U0BRAM", "slack: U0NOOR", `slack account "u0noor" stands on line`},
		{"one e-mail twice", "b.smit@delinde.example", "n.dewit@delinde.example", `e-mail address "n.dewit@delinde.example" stands on line`},
		{"no e-mail", "b.smit@delinde.example", "b.smit", `"b.smit" is no e-mail address`},
		{"one alias twice", "aliases: [mag,", "aliases: [mag, rooster,", `"rooster" means magister, and zermelo as well`},
		{"no members", "members: [noor, bram, sanne]", "members: []", "nobody is in this rotation"},
		{"period turned round", "to: 2027-05-24", "to: 2027-05-01", "this period ends before it begins"},
		{"no date", "from: 2027-05-06", "from: 6 mei", `"6 mei" is none`},
		{"no room", `["slack:C0ICT"]`, `["C0ICT"]`, `"C0ICT" is none`},
		{"mail to nobody", `["slack:C0ICT"]`, `["mail:ict"]`, `"mail:ict" is none`},
		{"mail for an audience to nobody", `places: ["slack:C0NOORD"]`, `places: ["slack:C0NOORD"], mail: [docenten]`, `"docenten" is no e-mail address`},
		{"nobody to page", `"person:joost"`, `"joost"`, `"joost" is nobody`},
		{"page a stranger", `"person:joost"`, `"person:joos"`, `there is no person "joos"; expected joost`},
		{"supplier missing", "run_by: supplier, supplier: netwijs", "run_by: supplier", "run_by is supplier, but no supplier is named"},
		{"key twice", "  name: Scholengroep De Linde", "  name: Scholengroep De Linde\n  name: De Eik", "this key stands on line"},
		{"role unknown", "roles: [security_officer]", "roles: [ciso]", `"ciso" is not one`},
		{"unknown way to learn", "learn: false", "leer: true", `understanding.leer: there is no key "leer" here; expected learn`},
		{"learn what", "learn: false", "learn: soms", "understanding.learn: this is"},
		{"desk without a name", "{key: facility,  name: Facilitaire dienst,", "{key: facility,", "help[0]: name is missing"},
		{"desk with an unknown key", "{key: people,    name: Personeelszaken,    words:", "{key: people,    name: Personeelszaken,    wordz:", `help[1].wordz: there is no key "wordz" here; expected words`},
		{"desk that nothing is sent to", "{key: reception, name", "{key: balie, name", "nothing would ever be sent to balie; expected words"},
		{"desk in no room", `room: "slack:C0FAC"`, `room: "C0FAC"`, `help[0].room: "C0FAC" is none`},
		{"desk twice", "{key: people,    name", "{key: facility,    name", `desk "facility" stands on line`},
		{"a word for two desks", "words: [verlof,", "words: [verlof, lamp,", `"lamp" means facility, and people as well`},
		{"a desk's word that is a service", "words: [verlof,", "words: [verlof, beamer,", `"beamer" means the service digibord, and people as well`},
		{"emergency without a number", "{key: emergency, number: 112, ", "{key: emergency, ", "help[3]: number is missing"},
		{"emergency with no number", "number: 112,", "number: bel de conciërge,", `"bel de conciërge" is none; expected a telephone number`},
		{"emergency with a desk's key", "number: 112,", "number: 112, words: [brand],", `there is no key "words" here`},
		{"help that is no list", "help:                   ", "help: {key: x}\nhelpp:", `this is a group of keys; expected a list`},
		{"order of a decision", "quorum: 2}]}", "quorum: 2}], order: side by side}", `"side by side" is not one`},
		{"nobody decides", "approve: [{roles: [cab], quorum: 2}]", "approve: []", "nobody decides on a change of this type"},
		{"a step for nobody", "{roles: [cab], quorum: 2}", "{roles: [], quorum: 2}", "nobody may take this step"},
		{"a step for none", "{roles: [cab], quorum: 2}", "{roles: [cab], quorum: 0}", "a whole number, 1 or more"},
		{"confirm how", "  approve_within: 72h", "  approve_within: 72h\n  confirm: sms", `"sms" is not one`},
		{"overruled by whom", "  approve_within: 72h", "  approve_within: 72h\n  overrule: [baas]", `"baas" is not one`},
		{"told when", "  approve_within: 72h", "  approve_within: 72h\n  tell_before: [gisteren]", `"gisteren" is none`},
		{"stand-in for a stranger", "\ncalendar:", "\nstand_ins: [{for: els, by: bras, from: 2026-12-01, until: 2026-12-05}]\ncalendar:", `there is no person "bras"; expected bram`},
		{"stand-in without an end", "\ncalendar:", "\nstand_ins: [{for: els, by: bram, from: 2026-12-01}]\ncalendar:", "until is missing"},
		{"stand-in turned round", "\ncalendar:", "\nstand_ins: [{for: els, by: bram, from: 2026-12-05, until: 2026-12-01}]\ncalendar:", "this stand-in ends before it begins"},
		{"stand-in for oneself", "\ncalendar:", "\nstand_ins: [{for: els, by: els, from: 2026-12-01, until: 2026-12-05}]\ncalendar:", "els stands in for themselves"},
		{"maintenance of nothing", "\ncalendar:", "\nmaintenance: [{services: [wify], days: [tue], from: \"18:00\", to: \"22:00\"}]\ncalendar:", `there is no service "wify"; expected wifi`},
		{"maintenance on no day", "\ncalendar:", "\nmaintenance: [{days: [], from: \"18:00\", to: \"22:00\"}]\ncalendar:", "there is no day for this"},
		{"not yaml", "organisation:\n", "organisation: [\n", "this is not YAML"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(string(example), c.old) {
				t.Fatalf("the example has no %q", c.old)
			}
			_, err := ParseSchool("school.yaml", []byte(strings.Replace(string(example), c.old, c.new, 1)))
			var found Problems
			if !errors.As(err, &found) {
				t.Fatalf("got %v", err)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("said\n%v\nwithout %q", err, c.want)
			}
			for _, p := range found {
				if p.Line == 0 || p.File != "school.yaml" {
					t.Errorf("a mistake without its place: %s", p)
				}
			}
		})
	}
}

func TestAllMistakesAtOnce(t *testing.T) {
	text := strings.NewReplacer("locale: nl ", "locale: fr ", "roles: [teacher]", "roles: [juf]", "major_after: 5", "major_after: veel").Replace(string(example))
	_, err := ParseSchool("school.yaml", []byte(text))
	var found Problems
	if !errors.As(err, &found) || len(found) < 5 {
		t.Errorf("told %d of 5 mistakes:\n%v", len(found), err)
	}
}

func TestAMissingFileSaysSo(t *testing.T) {
	_, err := School(filepath.Join(t.TempDir(), "none.yaml"))
	if err == nil || !strings.Contains(err.Error(), "there is no such school file") {
		t.Errorf("got %v", err)
	}
}

func TestAFileIsReadAnewAndABadOneChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "school.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(string(example))
	ctx, cancel := context.WithCancel(t.Context())
	look, told, ended := make(chan time.Time), make(chan string), make(chan struct{})
	go func() {
		defer close(ended)
		watch(ctx, path, look,
			func(s *school.School) { told <- "good " + s.Organisation.Name },
			func(err error) { told <- "bad " + err.Error() })
	}()
	look <- time.Time{} // nothing changed: nothing is told
	write(strings.Replace(string(example), "De Linde\n", "De Eik\n", 1))
	look <- time.Time{}
	if got := <-told; got != "good Scholengroep De Eik" {
		t.Errorf("told %q", got)
	}
	write("organisation: nee")
	look <- time.Time{}
	if got := <-told; !strings.HasPrefix(got, "bad ") {
		t.Errorf("told %q", got)
	}
	look <- time.Time{} // the same bad file is not told twice
	cancel()
	<-ended
}

func FuzzParseSchool(f *testing.F) {
	f.Add(string(example))
	f.Add("organisation: {name: x")
	f.Add("a: &a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSchool("school.yaml", []byte(text))
		if (s == nil) == (err == nil) {
			t.Errorf("school %v with error %v", s, err)
		}
	})
}

// A school that says nothing of help, of officers or of warnings is in order: what
// is so for every school is used.
func TestASchoolMayLeaveOutWhatIsUsual(t *testing.T) {
	text, _, _ := strings.Cut(string(example), "\ndata_breach:")
	s, err := ParseSchool("school.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if e := s.InDanger(); e.Number != "112" || e.Name != "" {
		t.Errorf("in danger: %+v", e)
	}
	if d, ok := s.DeskFor("de lamp is stuk"); ok {
		t.Errorf("a desk from nowhere: %+v", d)
	}
	if w := s.BreachWarnings(); len(w) != 3 || w[2] != 66*time.Hour {
		t.Errorf("warnings at %v", w)
	}
}
