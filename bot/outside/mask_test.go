package outside

import (
	"regexp"
	"strings"
	"testing"

	"schoolbel/config"
	"schoolbel/workflows/school"
)

func linde(t testing.TB) *school.School {
	t.Helper()
	s, err := config.School("")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMask(t *testing.T) {
	s := linde(t)
	for text, want := range map[string]string{
		// People of the school, however they are written.
		"noor kan er niet in":                         "[NAAM1] kan er niet in",
		"Noor de Wit en NOOR DE WIT":                  "[NAAM1] en [NAAM1]",
		"de laptop van Anna's klas, van noors mentor": "de laptop van [NAAM1] klas, van [NAAM2] mentor",
		"mevrouw El Amrani en Fatima el Amrani":       "mevrouw [NAAM1] en [NAAM2]",
		"No\u00ador en N\u00f3\u00f3r en Noo\u0301r":  "[NAAM1] en [NAAM1] en [NAAM1]",
		"op Noord doet Magister het niet":             "op Noord doet Magister het niet",
		"de klok staat op de kast":                    "de klok staat op de kast",
		// Others, where somebody is likely to stand.
		"account voor Tess van der Meer graag":                       "account voor [NAAM1] graag",
		"account voor Tess, Daan en Mohammed graag":                  "account voor [NAAM1], [NAAM2] en [NAAM3] graag",
		"samen met mevr. Pietersen-Blom uit 2b":                      "samen met mevr. [NAAM1] uit 2b",
		"van 't Hof belde":                                           "van '[NAAM1] belde",
		"the laptop of Zoë, from Mr Smith":                           "the laptop of [NAAM1], from Mr [NAAM2]",
		"meester Bart krijgt geen beeld. Groetjes, Loes":             "meester [NAAM1] krijgt geen beeld. Groetjes, [NAAM2]",
		"het doet het niet\n\nMet vriendelijke groet,\nJan Klaassen": "het doet het niet\n\nMet vriendelijke groet,\n[NAAM1]",
		"ik ben Sofie en mijn naam is Sofie":                         "ik ben [NAAM1] en mijn naam is [NAAM1]",
		"problemen met Magister, met Wifi en met Windows":            "problemen met Magister, met Wifi en met Windows",
		"het werkt niet op maandag voor lokaal 12":                   "het werkt niet op maandag voor lokaal 12",
		// By their shape.
		"mail t.de.boer@delinde.example of T.de.Boer@delinde.example": "mail [MAIL1] of [MAIL1]",
		"bel 06-12345678 of +31 6 5550 0001":                          "bel [TEL1] of [TEL2]",
		"bel (030) 555 01 01":                                         "bel [TEL1]",
		"bsn 123456782, ook 1234.56.782":                              "bsn [BSN1], ook [BSN1]",
		"leerling 12345 en leerlingnummer: A204":                      "leerling [LEERLING1] en leerlingnummer: [LEERLING2]",
		"pupil number 881 cannot log in":                              "pupil number [LEERLING1] cannot log in",
		"zegt zij (06-12345678)":                                      "zegt zij ([TEL1])",
		"nummer 482913":                                               "nummer [NUMMER1]",
		"NL91 ABNA 0417 1643 00":                                      "[REKENING1]",
		"woont op 3511 AB":                                            "woont op [POSTCODE1]",
		"<@U0NOOR> of @noor:localhost of @bram":                       "[ACCOUNT1] of [ACCOUNT2] of [ACCOUNT3]",
		"https://zermelo.example/app?leerling=12&naam=x":              "https://zermelo.example/app?[LINK1]",
		"zie www.site.example/pad#sectie en site/pad?id=7":            "zie www.site.example/pad#[LINK2] en site/pad?[LINK1]",
		"https://tess:geheim@site.example/pad":                        "https://[LINK1]site.example/pad",
		"lokaal 2.14, 08:15, klas 4h2, in 2026, fout 1603":            "lokaal 2.14, 08:15, klas 4h2, in 2026, fout 1603",
		"de [NAAM1] van [TEL9]":                                       "de [NAAM1] van [TEL9]",
		"\ue000 noor \ue001":                                          " [NAAM1] ",
		"":                                                            "",
		"\xff\xfe":                                                    "",
	} {
		if got := Mask(text, s); got != want {
			t.Errorf("%q became\n%q, want\n%q", text, got, want)
		}
	}
	if n := len(Mask(strings.Repeat("wifi é ", 4000), s)); n > mostText+10 {
		t.Errorf("%d bytes of a long message leave the house", n)
	}
}

func TestWhatStaysInTheHouse(t *testing.T) {
	for _, text := range []string{
		"er ligt een usb-stick met leerlinggegevens op straat", "I think we were hacked", "phishingmail gekregen", "Datalek!", "laptop gestolen uit het lokaal",
		"mijn wachtwoord is Welkom01", "het zorgdossier van een leerling", "er staat een lek in", "laptop kwijt", "leerlingen worden gepest via teams", "RANSOMWARE", "beveiligingslek in de site",
	} {
		if !MaySensitive(text) {
			t.Errorf("%q would leave the house", text)
		}
	}
	for _, text := range []string{"de beamer doet niks", "could you look at the message on the screen", "het was lekker warm in het lokaal", "kan er een account bij", "niemand kan printen"} {
		if MaySensitive(text) {
			t.Errorf("%q is taken for a secret", text)
		}
	}
}

func FuzzMask(f *testing.F) {
	for _, text := range []string{"van Tess de Boer", "noor 06-12345678 a@b.nl <@U1> https://a:b@c.nl/?x=1", "\ue000\xff’s N'oor", "[NAAM1]", "groet,\n\nJan", "+(0", "van van van de de"} {
		f.Add(text)
	}
	s := linde(f)
	known, _ := namesOf(s)
	mail, digits := regexp.MustCompile(`[a-z0-9]@[a-z0-9]`), regexp.MustCompile(`[0-9]{5}`)
	placeholder := regexp.MustCompile(`\[[A-Z]+[0-9]+\]`)
	f.Fuzz(func(t *testing.T, text string) {
		got := Mask(text, s)
		if again := Mask(text, s); again != got {
			t.Fatalf("%q becomes %q and %q", text, got, again)
		}
		left := placeholder.ReplaceAllString(got, " ")
		if mail.MatchString(left) || digits.MatchString(left) {
			t.Errorf("%q shows an address or a number: %q", text, got)
		}
		for _, w := range words(left) {
			if known[fold(w.word)] {
				t.Errorf("%q shows the name %q: %q", text, w.word, got)
			}
		}
	})
}
