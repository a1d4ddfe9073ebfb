package school

import (
	"slices"
	"strings"
	"testing"

	"schoolbel/workflows"
)

var helpful = New(School{
	Help: []Desk{
		{Key: "facility", Name: "Facilitaire dienst", Words: []string{"lamp", "tl", "Verwarming", "lift", "coffee machine"}, Phone: "0199"},
		{Key: "people", Name: "Personeelszaken", Words: []string{"verlof", "ziek", "machine", "lampenkap"}},
		{Key: Reception, Name: "Receptie", Phone: "0100"},
	},
	Emergency: Emergency{Number: "999"},
})

func TestDeskFor(t *testing.T) {
	for text, want := range map[string]string{
		"de lamp is stuk":                      "facility",
		"TWEE LAMPEN!":                         "facility", // longer forms
		"de verwarming, alweer":                "facility",
		"tl knippert":                          "facility",
		"tlf doet niets":                       "", // a short word stands alone
		"ik ben ziek":                          "people",
		"the coffee machine is empty":          "facility", // the longer word says more
		"de lampenkap is weg":                  "people",
		"de machine is leeg":                   "people",
		"verlof aanvragen voor de man met lef": "people",
		"bord zonder iets":                     "",
		"glift":                                "", // not in the middle of a word
		"":                                     "",
	} {
		if d, ok := helpful.DeskFor(text); d.Key != want || ok != (want != "") {
			t.Errorf("%q goes to %q, not %q", text, d.Key, want)
		}
	}
}

func TestInDanger(t *testing.T) {
	if e := helpful.InDanger(); e.Number != "999" || e.Name != "Receptie" || e.Phone != "0100" {
		t.Errorf("the reception comes next: %+v", e)
	}
	if e := New(School{}).InDanger(); e != (Emergency{Number: "112"}) {
		t.Errorf("a school that says nothing: %+v", e)
	}
	e := Emergency{Number: "112", Name: "BHV", Phone: "0112", Text: "Druk op de rode knop."}
	if got := New(School{Emergency: e, Help: helpful.Help}).InDanger(); got != e {
		t.Errorf("the school's own words: %+v", got)
	}
}

// A sensitive report is for the officers; where there are none, for whoever is next.
func TestSomebodyReadsWhatIsSensitive(t *testing.T) {
	person := func(key string, roles ...workflows.Role) Person {
		return Person{Person: workflows.Person{Key: key, Roles: roles}}
	}
	for name, c := range map[string]struct {
		people []Person
		want   string
	}{
		"officers":         {[]Person{person("els", "privacy_officer"), person("noor", "agent"), person("joost", "crisis_lead"), person("mieke", "security_officer")}, "els mieke"},
		"one is enough":    {[]Person{person("noor", "agent"), person("mieke", "security_officer")}, "mieke"},
		"who leads":        {[]Person{person("noor", "agent"), person("joost", "crisis_lead"), person("ada", "director")}, "joost"},
		"a director":       {[]Person{person("noor", "agent"), person("ada", "director", "teacher")}, "ada"},
		"ICT":              {[]Person{person("noor", "agent"), person("bram", "agent"), person("anna", "teacher")}, "noor bram"},
		"only teachers":    {[]Person{person("anna", "teacher")}, ""},
		"nobody whosoever": {nil, ""},
	} {
		given := slices.Clone(c.people)
		s := New(School{People: c.people})
		var keys []string
		for _, p := range s.Officers() {
			keys = append(keys, p.Key)
		}
		if got := strings.Join(keys, " "); got != c.want {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
		for i := range given {
			if !slices.Equal(given[i].Roles, c.people[i].Roles) {
				t.Errorf("%s: the list that was handed in has changed", name)
			}
		}
	}
}
