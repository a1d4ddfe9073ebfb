package bot

import (
	"testing"

	"schoolbel/bot/understand"
)

// First aid by the words of a message, whatever understanding made of it.
func TestDangerOf(t *testing.T) {
	for want, texts := range map[danger][]string{
		virus:    {"er staat RANSOMWARE op mijn laptop", "alle bestanden zijn versleuteld", "my files are encrypted", "volgens mij heb ik een virus", "mijn muis beweegt vanzelf", "the mouse moves by itself", "phishing geopend en nu is alles gegijzeld"},
		phishing: {"ik heb op een link geklikt", "I clicked the link and typed my password", "ik kreeg een nepmail van de directeur", "er zit iemand in mijn account", "someone is in my mailbox", "er is mail verstuurd uit mijn naam", "iemand weet mijn wachtwoord", "ik krijg steeds een MFA verzoek", "per ongeluk mijn inloggegevens doorgegeven"},
		astray:   {"per ongeluk de cijfers naar de verkeerde ouders gemaild", "I sent the file to the wrong family", "iedereen stond in de cc"},
		lost:     {"mijn laptop is gestolen", "usb-stick kwijtgeraakt", "I left my phone on the train", "tas met dossiers laten liggen", "lost my school ipad"},
		exposed:  {"er liggen dossiers op de printer", "grades are online for everyone", "er ligt een usb-stick op straat"},
	} {
		for _, text := range texts {
			if got := dangerOf(understand.Meaning{Text: text, Intent: understand.ReportIncident}); got != want {
				t.Errorf("%q is %s, not %s", text, got, want)
			}
		}
	}
	for text, want := range map[string]danger{
		"zonder wachtwoord kan iedereen bij de cijfers":  weak,
		"er staat een virus op de server door een lek":   virus,
		"het wachtwoord hangt op een briefje bij de kar": weak,
	} {
		if got := dangerOf(understand.Meaning{Text: text, Intent: understand.ReportVulnerability}); got != want {
			t.Errorf("%q is %s, not %s", text, got, want)
		}
	}
}

// Of every danger there is first aid, in both languages and in two lines at most.
func TestFirstAidIsShort(t *testing.T) {
	h := newHouse(t)
	for _, d := range []danger{virus, phishing, astray, lost, weak, exposed} {
		for _, language := range []string{"nl", "en"} {
			key := "bot.aid." + string(d)
			text := h.Book.Say(language, key)
			lines := 1
			for _, c := range text {
				if c == '\n' {
					lines++
				}
			}
			if !h.Book.Has(key) || lines > 2 || len(text) > 200 {
				t.Errorf("%s in %s: %q", d, language, text)
			}
		}
	}
}

// Only one sensitive thing among others lets the others stand in the open.
func TestPartsOf(t *testing.T) {
	open, secret := understand.Meaning{Text: "wifi weg"}, understand.Meaning{Text: "stick kwijt", Sensitive: true}
	for name, c := range map[string]struct {
		parts     []understand.Meaning
		sensitive bool
		want      int
	}{
		"one thing":                      {nil, true, 1},
		"two open things":                {[]understand.Meaning{open, open}, false, 2},
		"one of two":                     {[]understand.Meaning{open, secret}, true, 2},
		"two secrets":                    {[]understand.Meaning{secret, open, secret}, true, 1},
		"a secret that only shows whole": {[]understand.Meaning{open, open}, true, 1},
	} {
		m := understand.Meaning{Text: "x", Sensitive: c.sensitive, Parts: c.parts}
		got := partsOf(m, "het geheel")
		if len(got) != c.want || c.want == 1 && (got[0].Text != "het geheel" || got[0].Sensitive != c.sensitive) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
