package understand

import (
	"strings"
	"testing"
)

func TestRecall(t *testing.T) {
	recall := Remember([]Exemplar{
		{Text: "Kan er een beamer bij in lokaal 2.14 voor het open huis?", Intent: RequestChange, Service: "digibord"},
		{Text: "de wifi op de hele bovenverdieping van noord doet het", Intent: Chatter},
		{Text: "magister ligt eruit", Intent: AskStatus},
		{Text: "bijna dezelfde woorden staan ook in deze tweede zin", Intent: Chatter},
		{Text: "bijna dezelfde woorden staan ook in deze eerste zin", Intent: RequestChange},
		{Text: "?!", Intent: Resolve},
		{Text: "", Intent: Resolve},
	})
	for text, want := range map[string]string{
		"kan er een BEAMER bij, in lokaal 2.14 voor het open huis?":                 RequestChange, // marks and capitals
		"Kan er een beamer bíj in lokaal 2.15 voor het open huis?":                  RequestChange, // one word of eleven
		"kan er een beamer bij in lokaal 2.14 voor het open huis":                   "",            // asked, not told
		"kan er geen beamer bij in lokaal 2.14 voor het open huis?":                 "",            // turned around
		"Kan er een laptop bij in lokaal 3.07 voor de sectie Engels?":               "",            // another message
		"kan er een beamer bij?":                                                    "",            // a part of it
		"de wifi op de hele bovenverdieping van noord doet het":                     Chatter,
		"de wifi op de hele bovenverdieping van noord doet het niet":                "",
		"de wifi op de hele bovenverdieping van noord doet het weer":                "",
		"Magister ligt eruit!":                                                      AskStatus,
		"zermelo ligt eruit":                                                        "",
		"magister ligt eruit " + strings.Repeat("en het rooster doet ook raar ", 9): "",
		"bijna dezelfde woorden staan ook in deze eerste zin":                       RequestChange, // the nearest, not the first
		"bijna dezelfde woorden staan ook in deze derde zin":                        Chatter,       // as near to both: the first
		"":  "",
		"?": "", // no words
	} {
		got, found := recall(text)
		if got.Intent != want || found != (want != "") {
			t.Errorf("%q is %q, want %q", text, got.Intent, want)
		}
	}
	if Remember(nil) != nil || Remember([]Exemplar{{Intent: Chatter}}) != nil {
		t.Error("nothing to remember makes something that is asked")
	}
}

func FuzzRecall(f *testing.F) {
	f.Add("kan er een beamer bij", "kan er een beamer bij?")
	f.Add("", "\xff\x00’")
	f.Fuzz(func(t *testing.T, kept, text string) {
		recall := Remember([]Exemplar{{Text: kept, Intent: Chatter}})
		if recall == nil {
			return
		}
		if _, same := recall(kept); len(kept) <= mostRecalled && !same {
			t.Errorf("%q is not like itself", kept)
		}
		_, there := recall(text)
		if back := Remember([]Exemplar{{Text: text, Intent: Chatter}}); back != nil && len(text) <= mostRecalled && len(kept) <= mostRecalled {
			if _, here := back(kept); here != there {
				t.Errorf("%q is like %q: %v, and the other way round: %v", kept, text, there, here)
			}
		}
	})
}
