package bot

import "testing"

// Which standard change people ask for in a sentence, if any: what only looks like one
// goes the long way.
func TestStandardChanges(t *testing.T) {
	h := newHouse(t)
	for text, want := range map[string]string{
		"Kan GeoGebra op de laptops in het wiskundelab?":                                   "software",
		"Graag GeoGebra op de laptops in het wiskundelab voor de toetsweek (over 3 wkn)":   "software",
		"Willen jullie Photoshop installeren op mijn laptop?":                              "software",
		"Could you install Python on the laptops?":                                         "software",
		"Kan er voor de nieuwe stagiair vanaf maandag een account komen?":                  "account",
		"Graag een account voor onze nieuwe collega":                                       "account",
		"Could you add our new exchange teacher to the team?":                              "team",
		"Kan Fatima toegang tot het team van klas 2B krijgen?":                             "team",
		"Kunnen we nieuwe laptops krijgen voor het wiskundelab?":                           "",
		"zouden we youtube niet gewoon dicht kunnen zetten tijdens lestijd?":               "",
		"Willen graag in magister een extra kolom voor inhaaltoetsen":                      "",
		"we gaan in de kerstvakantie over op de nieuwe firewall":                           "",
		"Kan het wachtwoordbeleid van alle accounts strenger?":                             "",
		"Kan er software op de server bij?":                                                "",
		"Graag een nieuw team voor de brugklas":                                            "",
		"Kan er een account komen voor de stagiair, met software en toegang tot het team?": "", // three at once: nobody guesses
	} {
		m := h.read(text, person{})
		m.Kind = "change"
		got, _ := h.standardFor(m, text)
		if got.Key != want {
			t.Errorf("%q is the standard change %q, not %q", text, got.Key, want)
		}
	}
	m := h.read("Graag een account voor onze nieuwe collega", person{})
	m.Kind, m.Sensitive = "change", true
	if got, ok := h.standardFor(m, "Graag een account voor onze nieuwe collega"); ok {
		t.Errorf("what is sensitive is taken for %q", got.Key)
	}
}

// What people ask of the calendar, and what they do not.
func TestWhatIsPlanned(t *testing.T) {
	h := newHouse(t)
	for text, want := range map[string]string{
		"wat staat er deze week gepland?":             "bot.calendar.title.this_week",
		"Wat is er morgen gepland":                    "bot.calendar.title.tomorrow",
		"what is planned this week?":                  "bot.calendar.title.this_week",
		"What's planned next week?":                   "bot.calendar.title.next_week",
		"what maintenance is planned today":           "bot.calendar.title.today",
		"welk onderhoud is er volgende week gepland?": "bot.calendar.title.next_week",
		"is er volgende week onderhoud?":              "bot.calendar.title.next_week",
		"agenda":                                      "bot.calendar.title.soon",
		"calendar":                                    "bot.calendar.title.soon",
		"gepland":                                     "bot.calendar.title.soon",
		"wifi ligt eruit, hele gang":                  "",
		"de planning is weg uit zermelo":              "",
		"wat is er met de wifi?":                      "",
	} {
		if got, _ := h.planned(text); got.name != want {
			t.Errorf("%q asks for %q, not %q", text, got.name, want)
		}
	}
}
