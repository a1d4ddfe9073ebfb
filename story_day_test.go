package main

import (
	"slices"
	"strings"
	"testing"

	"schoolbel/workflows"
)

// TestDay plays the day of a school, story by story, on every platform and on both
// databases: nobody has to use another platform to be helped.
func TestDay(t *testing.T) {
	for name, story := range map[string]func(*stage){
		"an outage from one sentence to the end": outage,
		"a sensitive report":                     sensitive,
		"what is known already":                  knownAlready,
		"bij ons doet hij het":                   worksHere,
		"is it down":                             isItDown,
		"a note in a thread":                     threadNote,
		"a question back":                        questionBack,
	} {
		t.Run(name, func(t *testing.T) { everywhere(t, story) })
	}
}

// outage is the story of the README.
func outage(s *stage) {
	s.Writes("anna", "noord", "wie heeft er taart")
	s.Writes("anna", "noord", "wifi ligt eruit, hele gang")
	s.sees("noord", "Dank je, Anna", "INC-1", "Team ICT kijkt ernaar")
	s.sees("ict", "INC-1", "wifi ligt eruit, hele gang", "Locatie Noord", "Anna Visser")

	s.Writes("fatima", "noord", "no wifi either")
	s.sees("noord", "Thank you, Fatima", "This is known: INC-1")
	s.takes("noor", "Oppakken", "ict", "INC-1", "Gemeld door\n2")
	s.sees("noord", "Noor de Wit is ermee bezig")
	s.takes("noor", "Oplossen", "ict", "INC-1", "Mee bezig", "Noor de Wit")
	s.Fills("noor", map[string]string{"solution": "Kabel van de switch vervangen"})
	s.sees("noord", "INC-1 is opgelost: Kabel van de switch vervangen", "Werkt het bij jou weer?")
	s.sees("noord", "INC-1 is solved: Kabel van de switch vervangen")
	s.takes("anna", "Ja, het werkt", "noord", "Werkt het bij jou weer?")
	s.sees("ict", "INC-1", "Gesloten")
	s.takes("fatima", "Yes, it works", "noord", "Does it work again for you?") // the first yes closed it
	s.whispers("noord", "fatima", "Good that it works. INC-1 was closed already.")
	s.idle()

	records := s.records()
	if len(records) != 1 || records[0].State != "closed" || strings.Join(records[0].Reporters, " ") != "anna fatima" {
		s.Fatalf("the records are %+v", records)
	}
	if n := s.cards("ict", "INC-1"); n != 1 {
		s.Errorf("the ICT room has %d cards", n)
	}
	replayed, err := workflows.Replay(s.log("INC-1"))
	if err != nil || replayed.State != records[0].State || replayed.Version != records[0].Version {
		s.Errorf("the log leads to %+v, %v", replayed, err)
	}
	report, err := s.apps[0].store.Verify(s.Context(), nil)
	if err != nil || len(report.Breaks) > 0 {
		s.Errorf("%v %v", report, err)
	}
}

// sensitive: what is sensitive is answered in the reporter's own room, and no open
// room ever shows what it says.
func sensitive(s *stage) {
	s.Writes("anna", "noord", "er ligt een usb-stick met leerlinggegevens op straat")
	s.sees("@anna", "INC-1", "Dit blijft vertrouwelijk")
	s.sees("ict", "INC-1", "Gevoelige melding")
	s.idle()
	for _, room := range []string{"ict", "noord", "crisis", "centrum"} {
		for _, m := range s.Said(room) {
			private := room == "noord" && m.Text == "Ik help je in een privébericht."
			if m.shows("usb-stick") || room != "ict" && !private {
				s.Errorf("%s shows %s", room, m.Text)
			}
		}
	}
	s.Calls("anna", "noord", "INC-1") // asked for among others, it is shown to her alone
	s.sees("@anna", "INC-1 · er ligt een usb-stick")
	s.idle()
	if n := s.heard("noord", "usb-stick") + s.heard("@anna", "Ik help je in een privébericht"); n > 0 {
		s.Errorf("%d messages too many", n)
	}
}

// knownAlready: a report that may come of an outage that is known is offered that
// one. A tap or a word joins it, and "no" opens its own.
func knownAlready(s *stage) {
	s.Writes("anna", "noord", "internet ligt eruit, hele gang")
	s.sees("noord", "INC-1", "Klopt dit?")
	s.Writes("noor", "@noor", "INC-1 oppakken")
	s.sees("noord", "Noor de Wit is ermee bezig")

	s.Writes("fatima", "@fatima", "magister does not work") // by a tap, in English
	s.takes("fatima", "Yes, me too", "@fatima", "This is known: INC-1, Internet, Locatie Noord. Noor de Wit is looking at it. Does it hit you as well?")
	s.sees("@fatima", "Thank you, Fatima. This is known: INC-1")
	s.Writes("joost", "noord", "zermelo doet het niet op Noord") // in a room, by a word; only he is asked
	asked := s.whispers("noord", "joost", "Dit is bekend: INC-1, Internet, Locatie Noord", "Ja, ik ook", "Nee, iets anders")
	s.idle()
	s.Writes("joost", asked.Room, "ja!") // where he reads it
	s.sees("noord", "Dank je, Joost. Dit is bekend: INC-1")
	s.idle()
	if r := s.record("INC-1"); !slices.Equal(r.Reporters, []string{"anna", "fatima", "joost"}) || len(s.records()) != 1 {
		s.Errorf("reported by %v, %d records", r.Reporters, len(s.records()))
	}
	if notes := s.notes("INC-1", "join"); !slices.Equal(notes, []string{"magister does not work", "zermelo doet het niet op Noord"}) {
		s.Errorf("what they said is kept as %q", notes)
	}

	s.Writes("bram", "@bram", "magister werkt niet op Noord")
	s.sees("@bram", "Dit is bekend: INC-1")
	s.Writes("bram", "@bram", "nee, alleen de cijfers zijn weg")
	s.sees("@bram", "Dank je, Bram. Dit is INC-2: Magister, Locatie Noord")
	s.Writes("sanne", "@sanne", "outlook doet het niet op Noord")
	s.takes("sanne", "Nee, iets anders", "@sanne", "Dit is bekend: INC-1")
	s.sees("@sanne", "Dank je, Sanne. Dit is INC-3: Microsoft 365, Locatie Noord")
	s.takes("sanne", "Nee, iets anders", "@sanne", "Dit is bekend: INC-1") // once more
	s.sees("@sanne", "Die vraag is verlopen")
	s.takes("sanne", "Ja, ik ook", "@sanne", "Dit is bekend: INC-1") // or after all
	s.sees("@sanne", "Dank je, Sanne. Dit is bekend: INC-1")
	s.idle()
	if d := s.record("INC-2").Field("description"); !strings.Contains(d, "alleen de cijfers zijn weg") || len(s.records()) != 3 {
		s.Errorf("it says %q, and there are %d records", d, len(s.records()))
	}
}

// questionBack: what is asked back is answered where it stands, by a tap or in words,
// and the news goes where the first word was said.
func questionBack(s *stage) {
	s.Calls("anna", "noord", "het werkt niet")
	asked := s.whispers("noord", "anna", "Wat werkt er niet?", "Wifi")
	s.idle()
	s.Presses("anna", asked, "Wifi")
	s.sees("ict", "INC-1", "Wifi", "Anna Visser")
	s.Calls("joost", "zuid", "het werkt niet")
	asked = s.whispers("zuid", "joost", "Wat werkt er niet?")
	s.idle()
	s.Writes("joost", "noord", "ik ben op Noord") // to colleagues, elsewhere
	s.idle()
	s.Writes("joost", asked.Room, "de printer op Zuid")
	s.sees("ict", "INC-2", "Printen", "Joost Mulder")
	s.idle()
	if r := s.record("INC-2"); len(s.records()) != 2 || r.Location != "zuid" || strings.Contains(r.Title+r.Field("description"), "Noord") {
		s.Errorf("there are %d records, and INC-2 is of %s: %s %q", len(s.records()), r.Location, r.Title, r.Field("description"))
	}
}

// worksHere: where it does work is kept with the outage, and opens nothing. Only the
// bot's own room hears thanks for it; the team hears all of it.
func worksHere(s *stage) {
	s.Writes("peter", "@peter", "bij ons doet magister het gewoon")
	s.nothing("it works")
	s.Writes("anna", "noord", "magister werkt niet")
	card := s.sees("functioneel-beheer", "INC-1")
	s.idle()
	s.Writes("peter", "@peter", "bij ons doet magister het gewoon")
	s.sees("@peter", "Dank je, dat helpt. Ik heb het bij INC-1 gezet.")
	if m := s.sees("functioneel-beheer", "Peter Willems schreef: bij ons doet magister het gewoon"); m.Thread != card.ID {
		s.Errorf("the team hears it in %q", m.Thread)
	}
	s.idle()
	before := len(s.Said("noord"))
	s.Writes("fatima", "noord", "magister works fine here")
	s.sees("functioneel-beheer", "Fatima el Amrani schreef: magister works fine here")
	s.Writes("fatima", "@fatima", "it works fine for me")
	s.sees("@fatima", "Thank you, that helps. I kept it with INC-1.")
	s.idle()
	if n := len(s.Said("noord")); n != before || len(s.records()) != 1 {
		s.Errorf("Noord hears %d more, and there are %d records", n-before, len(s.records()))
	}
	if r := s.record("INC-1"); !slices.Equal(r.Reporters, []string{"anna"}) || len(s.notes("INC-1", "note")) != 3 {
		s.Errorf("reported by %v, kept %q", r.Reporters, s.notes("INC-1", "note"))
	}
}

// isItDown: a question is told where that stands; when nothing is known, one button
// reports just that.
func isItDown(s *stage) {
	s.Writes("anna", "@anna", "is magister down?")
	s.sees("@anna", "Er is geen storing bekend bij Magister", "Magister werkt niet")
	s.nothing("a question")
	s.takes("anna", "Magister werkt niet", "@anna", "Er is geen storing bekend bij Magister")
	s.sees("@anna", "Dank je, Anna. Dit is INC-1: Magister, Locatie Noord", "Klopt dit?")
	s.Writes("sanne", "@sanne", "INC-1 oppakken")
	s.sees("@anna", "Sanne Jansen is ermee bezig")
	s.Writes("sanne", "@sanne", "INC-1 omweg gebruik de app")
	s.sees("@anna", "gebruik de app")

	s.Writes("fatima", "@fatima", "is magister down?")
	s.sees("@fatima", "How Magister is doing", "INC-1", "In progress · since ", "Sanne Jansen", "Meanwhile, try: gebruik de app")
	s.Writes("anna", "@anna", "weten we al wanneer magister het weer doet?")
	s.sees("@anna", "Zo staat het met Magister", "Mee bezig · sinds ", "Je hoort het hier zodra er nieuws is")
	s.Writes("bram", "@bram", "is internet down?") // what leans on it does not touch it
	s.sees("@bram", "Er is geen storing bekend bij Internet")
	s.Writes("peter", "zuid", "is zermelo down?") // and what it leans on is no part of it
	s.whispers("zuid", "peter", "Er is geen storing bekend bij Zermelo", "Zermelo werkt niet")
	s.Writes("peter", "zuid", "internet ligt eruit in het hele gebouw")
	s.sees("zuid", "INC-2", "Klopt dit?")
	s.Writes("fatima", "@fatima", "is the timetable down?")
	s.sees("@fatima", "How Zermelo is doing", "INC-2", "Internet, Locatie Zuid")
	s.idle()
	if r := s.record("INC-1"); r.Urgency != "medium" || len(s.notes("INC-1", "note")) > 0 || len(s.records()) != 2 {
		s.Errorf("questions changed it: %+v %q", r, s.notes("INC-1", "note"))
	}
}

// threadNote: what is said in the thread of a card is kept with the record; what the
// reporter adds, the team hears; a colleague who says "here too" joins.
func threadNote(s *stage) {
	told := s.Writes("anna", "noord", "wifi ligt eruit, hele gang")
	s.sees("noord", "Dank je, Anna")
	card := s.sees("ict", "INC-1", "Oppakken")
	s.idle() // nobody answers before the bot has heard what its message is called
	s.Writes("noor", "ict", "switch in de kelder is warm", card)
	s.whispers("ict", "noor", "Bewaard bij INC-1")
	s.Writes("anna", "noord", "nu ook in lokaal 3", told)
	if added := s.sees("ict", "Anna Visser schreef: nu ook in lokaal 3"); added.Thread != card.ID {
		s.Errorf("it stands in %q", added.Thread)
	}
	s.Writes("fatima", "noord", "me too", told)
	s.sees("noord", "Thank you, Fatima", "INC-1")
	s.idle()
	if notes := s.notes("INC-1", "note"); !slices.Equal(notes, []string{"switch in de kelder is warm", "nu ook in lokaal 3"}) {
		s.Errorf("kept is %q", notes)
	}
	if r := s.record("INC-1"); strings.Join(r.Reporters, " ") != "anna fatima" || len(s.records()) != 1 {
		s.Errorf("reported by %v, %d records", r.Reporters, len(s.records()))
	}
	s.Writes("peter", "zuid", "ja graag", s.Writes("peter", "zuid", "taart?"))
	s.idle()
	if said := s.Said("zuid"); len(said) > 0 {
		s.Errorf("a thread of others is disturbed: %s", said[0].Text)
	}
}
