package main

import (
	"strings"
	"testing"

	"schoolbel/workflows"
)

// learns gives a play a school that learns from what its agents correct.
func learns(t *testing.T, story func(*timed)) {
	clocks(t, "2026-11-23 09:00:00", story, "SCHOOLBEL_SCHOOL="+schoolWith(t, "learn: false", "learn: true"))
}

// examples are what was kept, newest first.
func (h *play) examples() []workflows.Example {
	h.Helper()
	list, err := h.apps[0].store.Examples(h.Context(), 0)
	if err != nil {
		h.Fatal(err)
	}
	return list
}

// What was taken for an outage and is a wish becomes a change, in the thread or by
// its number; the reporter hears of it once, and a message like it is read right.
func TestStoryOfACorrection(t *testing.T) {
	const wish = "de printer in lokaal 12 op Noord print niet in kleur"
	learns(t, func(h *timed) {
		told := h.took(h.slack.Message("U0ANNA", "C0NOORD", wish))
		h.sees("C0NOORD", "Dank je, Anna", "INC-1")
		card := h.sees("C0ICT", "INC-1", "Oppakken")
		h.idle()
		for _, who := range []string{"U0ANNA", "U0PETER"} { // only agents may
			h.took(h.slack.Message(who, "", "INC-1 dit was een wijziging"))
			h.sees(h.slack.DM(who), "Alleen ICT kan zeggen wat INC-1 was", "Noor de Wit")
		}
		h.took(h.slack.Reply("U0ANNA", "C0NOORD", told.TS, "dit was een wijziging")) // in her own thread it is a note
		h.idle()
		if all := h.records(); len(all) != 1 || all[0].State != "new" || len(h.notes("INC-1", "note")) != 1 {
			h.Fatalf("somebody who may not made %+v", all)
		}

		said := h.took(h.slack.Reply("U0NOOR", "C0ICT", card.TS, "Dit was eigenlijk een wijziging."))
		h.sees("C0NOORD", "Je melding INC-1 is nu wijziging CHG-1.")
		h.sees("C0ICT", "INC-1", "Ingetrokken", "Dit is nu CHG-1")
		h.sees("C0ICT", "CHG-1", wish, "Anna Visser")
		h.sees("C0ICT", "INC-1 is nu wijziging CHG-1.")
		h.idle()
		old, now := h.record("INC-1"), h.record("CHG-1")
		if old.State != "cancelled" || now.State != "requested" || now.Title != old.Title || now.Service != "printen" || now.Location != "noord" ||
			strings.Join(now.Reporters, " ") != "anna" || now.Field("origin.anna") != old.Field("origin.anna") {
			h.Errorf("%+v became %+v", old, now)
		}
		if links := h.get("CHG-1", "noor").Links; len(links) != 1 || links[0].Type != "leads_to" || links[0].Ref != "INC-1" {
			h.Errorf("the links are %+v", links)
		}
		if n := h.said("C0NOORD", "CHG-1"); n != 1 {
			h.Errorf("anna heard of it %d times", n)
		}
		if n := h.said("C0NOORD", "Noor de Wit"); n != 0 {
			h.Errorf("anna heard %d times that it was taken back", n)
		}

		h.took(h.slack.Redeliver(said)) // the same event, and the same words again
		h.took(h.slack.Message("U0BRAM", "", "INC-1 was een wijziging"))
		h.sees("U0BRAM", "INC-1 gaat al verder als CHG-1")
		h.took(h.slack.Message("U0BRAM", "", "CHG-1 was a change"))
		h.sees("U0BRAM", "CHG-1 is dat al")
		h.idle()
		if all := h.records(); len(all) != 2 {
			h.Errorf("a repeat made %d records", len(all))
		}
		kept := h.examples()
		if len(kept) != 1 || kept[0].Text != wish || kept[0].Taken != "incident" || kept[0].Is != "change" || kept[0].Service != "printen" || kept[0].Location != "noord" || kept[0].By != "noor" {
			h.Fatalf("kept was %+v", kept)
		}

		h.took(h.slack.Message("U0PETER", "C0ZUID", "De printer in lokaal 14 op Zuid print niet in kleur!"))
		h.took(h.slack.Message("U0PETER", "C0ZUID", strings.Replace(wish, "12 op Noord", "12 op Zuid", 1)))
		h.sees("C0ZUID", "Dank je, Peter. Je aanvraag is CHG-2: Printen, Locatie Zuid")
		h.until("2026-11-23 09:02:00") // by then the other process reads by it, too
		h.slack.Target("http://" + h.apps[0].listener.Addr().String())
		h.took(h.slack.Message("U0PETER", "C0ZUID", strings.Replace(wish, "lokaal 12", "lokaal 13", 1)))
		h.sees("C0ZUID", "Dank je, Peter. Je aanvraag is CHG-3: Printen, Locatie Noord")
		h.idle()
		if report, err := h.apps[0].store.Verify(h.Context(), nil); err != nil || len(report.Breaks) > 0 {
			h.Errorf("the log: %v %v", report, err)
		}
	})
}

// The other way round, in English, for who reported it in English.
func TestStoryOfACorrectionInEnglish(t *testing.T) {
	learns(t, func(h *timed) {
		h.took(h.slack.Message("U0FATIMA", "", "change: the projector in room 4 at Noord flickers, could it be replaced"))
		h.sees("U0FATIMA", "Your request is CHG-1")
		h.idle()
		if n := h.said("U0FATIMA", "CHG-1"); n != 1 {
			h.Errorf("her request was answered %d times", n)
		}
		h.took(h.slack.Message("U0FATIMA", "", "CHG-1 was an outage"))
		h.sees("U0FATIMA", "Only IT staff can say what CHG-1 was")
		h.took(h.slack.Message("U0NOOR", "", "CHG-1 was an outage"))
		h.sees("U0FATIMA", "Your request CHG-1 is now incident INC-1.")
		h.sees("U0NOOR", "CHG-1 is nu storing INC-1.")
		h.sees("C0ICT", "CHG-1", "Ingetrokken", "Dit is nu INC-1")
		h.idle()
		old, now := h.record("CHG-1"), h.record("INC-1")
		if old.State != "withdrawn" || old.Field("became") != "INC-1" || now.State != "new" || now.Field("was") != "CHG-1" || strings.Join(now.Reporters, " ") != "fatima" || now.Team == "" {
			h.Errorf("%+v became %+v", old, now)
		}
		if notes := h.notes("INC-1", "note"); len(notes) != 1 || notes[0] != "Dit was eerst CHG-1." {
			h.Errorf("the notes are %q", notes)
		}
		if n := h.said("U0FATIMA", "INC-1"); n != 1 {
			h.Errorf("fatima heard of it %d times", n)
		}

		h.until("2026-11-23 09:05:00")
		h.took(h.slack.Message("U0FATIMA", "", "incident: just testing this thing"))
		h.sees("C0ICT", "INC-2")
		h.idle()
		h.took(h.slack.Message("U0BRAM", "", "INC-2 was not a report"))
		h.sees("U0FATIMA", "INC-2: Bram Smit", "Dit was geen melding")
		h.took(h.slack.Message("U0BRAM", "", "INC-2 dit was geen melding"))
		h.sees("U0BRAM", "Dat staat al zo bij INC-2")
		h.idle()
		if r := h.record("INC-2"); r.State != "cancelled" || r.Field("became") != "" {
			h.Errorf("it is %+v", r)
		}
		if kept := h.examples(); len(kept) != 2 || kept[0].Is != "" || kept[1].Is != "incident" || kept[1].Taken != "change" {
			h.Errorf("kept was %+v", kept)
		}
	})
}

// All who reported it go along; what is sensitive stays what it is and is not kept;
// what cannot end says so, and leaves nothing.
func TestStoryOfWhatCannotBeCorrected(t *testing.T) {
	learns(t, func(h *timed) {
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "wifi ligt eruit, hele gang"))
		h.sees("C0ICT", "INC-1")
		h.took(h.slack.Message("U0FATIMA", "", "INC-1 join"))
		h.sees("U0FATIMA", "INC-1")
		h.idle()
		h.took(h.slack.Message("U0NOOR", "", "INC-1 dit was een wijziging"))
		h.sees("C0NOORD", "Je melding INC-1 is nu wijziging CHG-1.")
		h.sees("U0FATIMA", "INC-1 is now change CHG-1.")

		h.took(h.slack.Message("U0SANNE", "", "er ligt een usb-stick met leerlinggegevens op straat"))
		h.sees("U0SANNE", "INC-2")
		h.idle()
		h.took(h.slack.Message("U0SANNE", "", "INC-2 dit was een wijziging"))
		h.sees("U0SANNE", "INC-2 is gevoelig")
		h.took(h.slack.Message("U0SANNE", "", "INC-2 dit was geen melding"))
		h.sees("U0SANNE", "Gedaan. INC-2 is nu: Ingetrokken")

		h.took(h.slack.Message("U0PETER", "", "storing: de printer op Zuid is kapot"))
		h.sees("C0ICT", "INC-3")
		h.took(h.slack.Message("U0NOOR", "", "INC-3 oplossen papier erbij"))
		h.sees("C0ICT", "INC-3", "Stand\nOpgelost")
		h.idle()
		h.took(h.slack.Message("U0NOOR", "", "INC-3 dit was een wijziging"))
		h.sees("U0NOOR", "kan niet nu INC-3 op “opgelost” staat")
		h.took(h.slack.Message("U0NOOR", "", "INC-99 dit was een wijziging"))
		h.sees("U0NOOR", "INC-99 is er niet")
		h.took(h.slack.Message("U0NOOR", "", "INC-3 dit was geen wijziging")) // says nothing of an outage
		h.sees("U0NOOR", "Ik ken “dit” niet bij INC-3")
		h.idle()
		if all := h.records(); len(all) != 4 || h.record("INC-3").State != "resolved" {
			h.Errorf("there are %d records", len(all))
		}
		if kept := h.examples(); len(kept) != 1 || kept[0].Text != "wifi ligt eruit, hele gang" {
			h.Errorf("kept was %+v", kept)
		}
	})
}

// A school that did not ask for it keeps nothing.
func TestStoryOfASchoolThatDoesNotLearn(t *testing.T) {
	stories(t, func(h *play) {
		h.took(h.slack.Message("U0ANNA", "C0NOORD", "de printer in lokaal 12 is kapot"))
		h.sees("C0ICT", "INC-1")
		h.took(h.slack.Message("U0NOOR", "", "INC-1 was een aanvraag"))
		h.sees("C0NOORD", "Je melding INC-1 is nu wijziging CHG-1.")
		h.idle()
		if kept := h.examples(); len(kept) != 0 {
			h.Errorf("kept was %+v", kept)
		}
	})
}

// The same by hand in the console: in the card's thread, and by the number.
func TestStoryOfACorrectionInTheConsole(t *testing.T) {
	consoles(t, func(h *room) {
		h.says("anna", "noord", "de printer in lokaal 12 is kapot")
		card := h.shows("ict", "INC-1", "de printer in lokaal 12")
		h.says("noor", "ict", "dit was een wijziging", string(card.Receipt))
		h.shows("noord", "Je melding INC-1 is nu wijziging CHG-1.")
		h.says("bram", "ict", "CHG-1 was an outage")
		h.shows("noord", "Je aanvraag CHG-1 is nu storing INC-2.")
		h.shows("ict", "INC-2", "de printer in lokaal 12")
		if all := h.records(); len(all) != 3 || h.record("INC-2").State != "new" {
			h.Errorf("there are %d records", len(all))
		}
	})
}

// What was kept can be taken out as a hand of the corpus.
func TestStoryOfTakingOutTheExamples(t *testing.T) {
	school := schoolWith(t, "learn: false", "learn: true")
	consoles(t, func(h *room) {
		h.says("anna", "noord", "de printer op Noord is kapot,\n\tkan er een nieuwe komen")
		h.says("noor", "ict", "INC-1 was een wijziging")
		h.says("fatima", "dm:fatima", "incident: just a test")
		h.says("noor", "ict", "INC-2 was no report")
		var out, wrong strings.Builder
		code := Main(h.Context(), []string{"understand", "--examples", "--school", school}, Streams{In: strings.NewReader(""), Out: &out, Err: &wrong, Environ: []string{"SCHOOLBEL_DATABASE_URL=" + h.database}})
		want := "# school: Scholengroep De Linde\n" +
			"request_change\t-\tprinten\tnoord\t*\t*\tn\tnl\t-\tde printer op Noord is kapot, kan er een nieuwe komen\n" +
			"chatter\t-\t*\t*\t*\t*\tn\ten\t-\tjust a test\n"
		if code != 0 || out.String() != want {
			h.Errorf("ended with %d %s and wrote\n%swant\n%s", code, wrong.String(), out.String(), want)
		}
	}, "SCHOOLBEL_SCHOOL="+school)
}
