package bot

import (
	"testing"

	"schoolbel/bot/lang"
	"schoolbel/workflows"
	"schoolbel/workflows/change"
	"schoolbel/workflows/incident"
	"schoolbel/workflows/task"
)

func labelsOf(t testing.TB) labelWords {
	t.Helper()
	book, err := lang.Load(workflows.Texts, Texts, incident.Process.Texts, change.Process.Texts, task.Process.Texts)
	if err != nil {
		t.Fatal(err)
	}
	return newLabels(book)
}

func TestWhatIsACorrection(t *testing.T) {
	l := labelsOf(t)
	inc, chg, none := ref(12), workflows.Ref{Prefix: "CHG", Number: 4}, workflows.Ref{}
	for text, want := range map[string]struct {
		ref  workflows.Ref
		what label
	}{
		"INC-12 dit was een wijziging":            {inc, label{is: "change"}},
		"inc-12: Dat was eigenlijk een aanvraag.": {inc, label{is: "change"}},
		"INC-12 was a change":                     {inc, label{is: "change"}},
		"INC-12 is een wijziging":                 {inc, label{is: "change"}},
		"dit was een wijziging!":                  {none, label{is: "change"}},
		"  this  was actually\na change ":         {none, label{is: "change"}},
		"CHG-4 dit was een storing":               {chg, label{is: "incident"}},
		"CHG-4 it was an outage":                  {chg, label{is: "incident"}},
		"dit was geen melding":                    {none, label{}},
		"INC-12 was not a report":                 {inc, label{}},
		"INC-12 dit was geen storing":             {inc, label{only: "incident"}},
		"CHG-4 dit was toch geen wijziging":       {chg, label{only: "change"}},
	} {
		got, what, ok := l.read(text)
		if !ok || got != want.ref || what != want.what {
			t.Errorf("%q is %v %+v %v, want %+v", text, got, what, ok, want)
		}
	}
	for _, text := range []string{
		"", "dit", "dit was", "was een wijziging", "is een storing", "dit was een wijziging?", "was dit een wijziging", "dit was geen",
		"dit was een wijziging van het rooster", "ik dacht dat dit een wijziging was", "dit was een storing maar nu een wijziging", "INC-12",
		"INC-12 wijziging", "INC-12 opgelost dit was een wijziging", "dit was een feest", "INC-12 dit was een feest", "eigenlijk dit",
		"dit was een wijziging INC-12",
	} {
		if got, what, ok := l.read(text); ok {
			t.Errorf("%q is taken for a correction: %v %+v", text, got, what)
		}
	}
}

func FuzzLabels(f *testing.F) {
	for _, text := range []string{"INC-12 dit was een wijziging", "this was no report", "INC-999999999999999999 was", "\xff\n"} {
		f.Add(text)
	}
	l := labelsOf(f)
	f.Fuzz(func(t *testing.T, text string) {
		if _, what, ok := l.read(text); ok && (what.is != "" && what.only != "" || what.is != "" && what.is != "change" && what.is != "incident") {
			t.Errorf("%q is %+v", text, what)
		}
	})
}
