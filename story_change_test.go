package main

import (
	"slices"
	"strings"
	"testing"

	"schoolbel/workflows"
)

// asks lets a teacher ask for a change, and an agent lay it before the board.
func (h *play) asks(args ...string) {
	h.Helper()
	h.token("POST", "/api/v1/commands", `{"kind":"change","do":"request","as":"peter","args":{"title":"Nieuwe accesspoints","service":"wifi","location":"noord"}}`).asked("a request", 200, `"CHG-1"`)
	more := ""
	for pair := range slices.Chunk(args, 2) {
		more += `,"` + pair[0] + `":"` + pair[1] + `"`
	}
	h.token("POST", "/api/v1/commands", `{"ref":"CHG-1","do":"submit","as":"noor","args":{"reason":"De oude vallen uit","risk":"low","plan":"Een voor een vervangen","rollback_plan":"Oude terughangen"`+more+`}}`).asked("a plan", 200, `"awaiting_approval"`)
}

// One sentence is enough for what was authorised once: the teacher hears what happens
// next, and its handler ends it with one tap.
func TestStoryOfAStandardChange(t *testing.T) {
	stories(t, func(h *play) {
		h.took(h.slack.Message("U0ANNA", "", "Kan GeoGebra op de laptops in het wiskundelab?"))
		h.sees(h.slack.DM("U0ANNA"), "Je aanvraag is CHG-1", "standaardwijziging (Software uit de catalogus)", "geen besluit nodig", "Team ICT voert het uit")
		card := h.sees("C0ICT", "CHG-1", "Goedgekeurd", "Standaard (Software uit de catalogus)", "Afronden")
		h.took(h.slack.Press("U0NOOR", card, "Afronden"))
		h.sees(h.slack.DM("U0ANNA"), "CHG-1 is klaar")
		h.idle()
		if r := h.record("CHG-1"); r.State != "implemented" || h.said("C0CAB", "CHG-1") > 0 {
			h.Errorf("it is %s, and the board was asked %d times", r.State, h.said("C0CAB", "CHG-1"))
		}
		// What only looks like it goes the long way.
		for _, text := range []string{"Kunnen we nieuwe laptops krijgen voor het wiskundelab?", "kunnen we een nieuw webfilter krijgen voor de onderbouw?"} {
			h.took(h.slack.Message("U0ANNA", "", "wijziging: "+text))
		}
		h.idle()
		for _, r := range h.records() {
			if r.Ref.String() != "CHG-1" && (r.Kind != "change" || r.Field("type") != "normal") {
				h.Errorf("%s (%s) is %s", r.Ref, r.Title, r.Field("type"))
			}
		}
	})
}

// From a wish to the look back: a conflict is found, the window moves, the board
// agrees by button, the school hears of it, and each step is in the log.
func TestStoryOfANormalChange(t *testing.T) {
	clocks(t, "2026-11-23 09:00:00", func(h *timed) {
		h.token("POST", "/api/v1/commands", `{"kind":"change","do":"request","as":"sanne","args":{"title":"Firewall","type":"emergency","service":"internet"}}`).asked("another", 200, `"CHG-1"`)
		h.idle()
		h.took(h.slack.Message("U0BRAM", "", "CHG-1 akkoord"))
		h.idle()
		h.token("POST", "/api/v1/commands", `{"ref":"CHG-1","do":"schedule","as":"sanne","args":{"from":"2026-12-01T16:00","to":"2026-12-01T18:00","outage":"no"}}`).asked("another window", 200, `"scheduled"`)

		h.took(h.slack.Message("U0PETER", "C0ZUID", "wijziging: nieuwe accesspoints voor de wifi op Zuid"))
		h.sees("C0ZUID", "CHG-2", "Team ICT bekijkt het eerst", "wijzigingscommissie")
		card := h.sees("C0ICT", "CHG-2", "Aangevraagd", "Voorleggen")
		h.took(h.slack.Press("U0NOOR", card, "Voorleggen"))
		h.took(h.slack.Submit("U0NOOR", map[string]string{
			"reason": "Les valt steeds uit", "risk": "medium", "plan": "Een voor een vervangen", "rollback_plan": "Oude terughangen", "test_plan": "Meten in elk lokaal",
			"from": "2026-12-01T16:00:00+01:00", "to": "2026-12-01T17:00:00+01:00", "implementer": "noor",
		}))
		h.sees("C0ZUID", "CHG-2", "ligt nu voor een besluit")
		board := h.sees("C0CAB", "CHG-2", "Waarom: Les valt steeds uit", "di 1 dec 16:00 – 17:00", "Wie het merkt: Wifi, Facet · Locatie Zuid", "tijdens lesuren",
			"Terugweg: Oude terughangen", "Tegelijk is CHG-1", "Stemmen: 0 van 2", "Kan nog stemmen: Karim Bouzid, Els van Dijk", "Goedkeuren", "Afwijzen")
		h.took(h.slack.Press("U0KARIM", board, "Goedkeuren"))
		board = h.sees("C0CAB", "CHG-2", "Akkoord: Karim Bouzid", "Stemmen: 1 van 2", "Kan nog stemmen: Els van Dijk")
		h.took(h.slack.Press("U0ELS", board, "Goedkeuren"))
		board = h.sees("C0CAB", "CHG-2", "Goedgekeurd", "Akkoord: Karim Bouzid, Els van Dijk")
		h.idle()
		if n := len(h.sees("C0CAB", "CHG-2 · ").Buttons()); n > 0 {
			h.Errorf("decided, the board's card has %d buttons: %s", n, board.Shown())
		}
		h.sees("C0ZUID", "CHG-2", "is goedgekeurd door Karim Bouzid, Els van Dijk")

		h.took(h.slack.Message("U0NOOR", "", "CHG-2 inplannen volgende week woensdag 16:00 tot 18:00"))
		h.sees("C0ZUID", "CHG-2", "is ingepland: wo 2 dec 16:00 – 18:00")
		h.idle()
		if c := h.record("CHG-2").Field("conflicts"); c != "" {
			h.Errorf("moved, it still meets %q", c)
		}
		h.until("2026-12-01 16:00:00")
		h.sees("C0ZUID", "wo 2 dec 16:00 – 18:00: onderhoud aan Wifi", "Wifi, Facet kan dan even weg zijn")
		if h.said("C0NOORD", "onderhoud") > 0 {
			h.Error("Noord hears of what happens at Zuid")
		}
		h.took(h.slack.Message("U0NOOR", "", "CHG-2 inplannen 3 december 16:00 tot 18:00"))
		h.sees("C0ZUID", "verzet naar do 3 dec 16:00 – 18:00")
		h.took(h.slack.Message("U0ANNA", "", "wat staat er deze week gepland?"))
		h.sees(h.slack.DM("U0ANNA"), "Gepland voor deze week", "do 3 dec 16:00 – 18:00", "CHG-2")
		h.took(h.slack.Message("U0FATIMA", "", "what is planned this week?"))
		h.sees(h.slack.DM("U0FATIMA"), "Planned for this week", "CHG-2")

		h.until("2026-12-03 16:00:00")
		h.took(h.slack.Press("U0NOOR", h.sees("C0ICT", "CHG-2 · ", "Ingepland"), "Starten"))
		h.sees("C0ZUID", "We zijn begonnen met onderhoud aan Wifi")
		h.until("2026-12-03 16:30:00")
		h.took(h.slack.Message("U0PETER", "C0ZUID", "wifi ligt eruit, hele gang"))
		suspect := h.sees("C0ICT", "Kan INC-1", "door een wijziging komen?", "CHG-2")
		h.took(h.slack.Press("U0SANNE", suspect, "Door CHG-2"))
		h.idle()
		links, err := h.apps[0].store.Links(h.Context(), h.record("INC-1").Ref)
		if err != nil || len(links) != 1 || links[0].Type != "caused" || links[0].From.String() != "CHG-2" {
			h.Errorf("INC-1 has the links %v, %v", links, err)
		}
		h.until("2026-12-03 18:00:00")
		h.sees("C0ICT", "De tijd voor CHG-2", "Is het klaar?")
		h.took(h.slack.Message("U0NOOR", "", "CHG-2 testen tester=anna"))
		ask := h.sees(h.slack.DM("U0ANNA"), "vraagt je te kijken of CHG-2 goed werkt", "Meten in elk lokaal")
		h.took(h.slack.Press("U0ANNA", ask, "Het werkt"))
		h.took(h.slack.Submit("U0ANNA", map[string]string{"result": "Overal vol bereik"}))
		h.sees("C0ZUID", "Het onderhoud aan Wifi is klaar")
		h.idle()
		h.took(h.slack.Press("U0BRAM", h.sees("C0ICT", "CHG-2 · ", "Uitgevoerd"), "Nakijken"))
		h.took(h.slack.Submit("U0BRAM", map[string]string{"lessons": "Eerst meten"}))
		h.sees("C0ICT", "CHG-2 · ", "Nagekeken")
		h.idle()
		h.took(h.slack.Press("U0BRAM", h.sees("C0ICT", "CHG-2 · ", "Nagekeken"), "Sluiten"))
		h.idle()
		if r := h.record("CHG-2"); r.State != "closed" {
			h.Errorf("in the end it is %s", r.State)
		}
		var did []string
		for _, e := range h.log("CHG-2") {
			did = append(did, string(e.Action)+" "+e.Actor)
		}
		want := "request peter|submit noor|approve karim|approve els|authorise system|schedule noor|notice system|schedule noor|notice system|start noor|link sanne|late system|validate noor|complete anna|review bram|close bram"
		if got := strings.Join(did, "|"); got != want {
			h.Errorf("the log says\n%s\nnot\n%s", got, want)
		}
	})
}

// A no has a reason, asked for by a form, and ends it; the one who asked hears it.
func TestStoryOfARejection(t *testing.T) {
	stories(t, func(h *play) {
		h.asks()
		board := h.sees("C0CAB", "CHG-1", "Afwijzen")
		h.took(h.slack.Press("U0ELS", board, "Afwijzen"))
		h.took(h.slack.Submit("U0ELS", map[string]string{"reason": "Te duur dit jaar"}))
		h.sees(h.slack.DM("U0PETER"), "CHG-1: Els van Dijk wees het af: Te duur dit jaar")
		h.sees("C0CAB", "CHG-1", "Afgewezen", "Niet akkoord: Els van Dijk")
		h.sees("C0ICT", "CHG-1", "is afgewezen: Te duur dit jaar")
		h.took(h.slack.Press("U0KARIM", board, "Goedkeuren")) // an old card: he had not seen it
		h.sees("C0CAB", "Over CHG-1 is al besloten: afgewezen")
		h.idle()
		log := h.log("CHG-1")
		if last := log[len(log)-1]; h.record("CHG-1").State != "rejected" || last.Actor != "karim" || last.Action != "approve" || !strings.HasPrefix(last.Note, "closed") {
			h.Errorf("the late click left %+v", last)
		}
	})
}

// An emergency at night: whoever may decides in their own room, at once; afterwards
// somebody keeps asking until it is written down.
func TestStoryOfAnEmergency(t *testing.T) {
	clocks(t, "2026-11-24 02:00:00", func(h *timed) {
		h.took(h.slack.Message("U0NOOR", "", "wijziging: SPOED: certificaat van de inlogpagina verloopt vannacht, wil het nu vervangen"))
		h.sees(h.slack.DM("U0NOOR"), "CHG-1", "spoedwijziging", "krijgt meteen bericht")
		card := h.sees(h.slack.DM("U0JOOST"), "CHG-1", "Spoed", "Goedkeuren")
		h.sees(h.slack.DM("U0BRAM"), "CHG-1", "Goedkeuren")
		h.idle()
		if h.said("C0CAB", "CHG-1") > 0 {
			h.Error("the board is asked about an emergency")
		}
		h.until("2026-11-24 02:15:00")
		h.sees(h.slack.DM("U0JOOST"), "CHG-1", "wacht nog op een besluit")
		h.took(h.slack.Press("U0JOOST", card, "Goedkeuren"))
		h.sees(h.slack.DM("U0BRAM"), "CHG-1", "Goedgekeurd", "Akkoord: Joost Mulder")
		h.idle()
		for _, user := range []string{"U0BRAM", "U0JOOST"} {
			for _, b := range h.sees(h.slack.DM(user), "CHG-1 · ", "Goedgekeurd").Buttons() {
				if strings.Contains(b.Value, "approve") || strings.Contains(b.Value, "reject") {
					h.Errorf("%s can still press %s", user, b.Label)
				}
			}
		}
		h.took(h.slack.Message("U0NOOR", "", "CHG-1 starten"))
		h.took(h.slack.Message("U0NOOR", "", "CHG-1 afronden result=\"nieuw certificaat\""))
		h.idle()
		h.until("2026-11-26 14:14:00")
		h.heard(0, "C0ICT", "was spoed en moet nog worden vastgelegd")
		h.until("2026-11-26 14:15:00") // half of five days after the decision
		h.sees("C0ICT", "CHG-1", "was spoed en moet nog worden vastgelegd")
		h.took(h.slack.Press("U0NOOR", h.sees("C0ICT", "CHG-1 · ", "Uitgevoerd"), "Nakijken"))
		h.took(h.slack.Submit("U0NOOR", map[string]string{"reason": "Het oude verliep", "risk": "high", "plan": "Vervangen", "rollback_plan": "Oude terug", "lessons": "Herinnering zetten"}))
		h.sees("C0ICT", "CHG-1 · ", "Nagekeken")
	})
}

// The requester is one of the two who decide: it is seen at once, said, and goes to
// the owner of the process; nobody is asked to decide alone.
func TestStoryOfTooFew(t *testing.T) {
	stories(t, func(h *play) {
		h.token("POST", "/api/v1/commands", `{"kind":"change","do":"request","as":"els","args":{"title":"Nieuwe kluis","service":"sso"}}`).asked("a request", 200)
		h.token("POST", "/api/v1/commands", `{"ref":"CHG-1","do":"submit","as":"noor","args":{"reason":"x","risk":"low","plan":"x","rollback_plan":"x"}}`).asked("a plan", 200)
		board := h.sees("C0CAB", "CHG-1", "te weinig mensen", "Kan nog stemmen: Karim Bouzid")
		h.sees(h.slack.DM("U0KARIM"), "CHG-1", "te weinig mensen die erover mogen beslissen")
		h.took(h.slack.Press("U0ELS", board, "Goedkeuren"))
		h.sees("C0CAB", "Over je eigen wijziging beslis je niet zelf")
		h.took(h.slack.Press("U0KARIM", board, "Goedkeuren"))
		h.idle()
		if r := h.record("CHG-1"); r.State != "awaiting_approval" {
			h.Errorf("one vote makes it %s", r.State)
		}
		denied := slices.IndexFunc(h.log("CHG-1"), func(e workflows.Entry) bool { return e.Actor == "els" && strings.HasPrefix(e.Note, "denied") })
		if denied < 0 {
			h.Error("that els tried is not in the log")
		}
	})
}

// In a closed week nothing is planned, but for what somebody with the hat lets through.
func TestStoryOfAFreezeWeek(t *testing.T) {
	clocks(t, "2026-11-23 09:00:00", func(h *timed) {
		h.asks()
		h.took(h.slack.Press("U0KARIM", h.sees("C0CAB", "CHG-1", "Stemmen: 0 van 2"), "Goedkeuren"))
		h.took(h.slack.Press("U0ELS", h.sees("C0CAB", "CHG-1", "Stemmen: 1 van 2"), "Goedkeuren"))
		h.sees("C0ICT", "CHG-1", "is goedgekeurd")
		h.took(h.slack.Message("U0NOOR", "C0ICT", "CHG-1 inplannen 19 januari 16:00 tot 18:00"))
		h.sees("C0ICT", "Dan is er Toetsweek periode 2", "proceseigenaar, directie")
		h.took(h.slack.Message("U0BRAM", "", "CHG-1 toch door 19 januari 16:00 tot 18:00 het moet"))
		h.sees(h.slack.DM("U0BRAM"), "mag je niet doen")
		h.took(h.slack.Message("U0JOOST", "", "CHG-1 toch door 19 januari 16:00 tot 18:00 de leverancier kan alleen dan"))
		h.idle()
		h.took(h.slack.Message("U0NOOR", "C0ICT", "CHG-1 inplannen 19 januari 16:00 tot 18:00"))
		h.sees("C0ICT", "CHG-1 · ", "Ingepland", "di 19 jan 16:00 – 18:00", "Het mag toch, zegt Joost Mulder")
	})
}

// Nobody decides in time: who has not voted is asked again, and then the owner of the
// process hears of it. What was announced and does not come is called off where it was
// announced, and nowhere else.
func TestStoryOfNoDecision(t *testing.T) {
	clocks(t, "2026-11-24 09:00:00", func(h *timed) {
		h.asks()
		h.sees("C0CAB", "CHG-1", "Stemmen: 0 van 2")
		h.took(h.slack.Message("U0ELS", "", "CHG-1 akkoord"))
		h.sees("C0CAB", "CHG-1", "Stemmen: 1 van 2")
		h.until("2026-11-26 07:29:59")
		h.heard(0, "C0CAB", "wacht nog op een besluit")
		h.until("2026-11-26 07:30:00")
		h.sees("C0CAB", "CHG-1", "wacht nog op een besluit van: Karim Bouzid")
		h.restart()
		h.until("2026-11-27 09:00:00")
		h.sees(h.slack.DM("U0KARIM"), "Over CHG-1", "is niet op tijd besloten")
		h.heard(1, "C0CAB", "wacht nog op een besluit")
		h.took(h.slack.Press("U0KARIM", h.sees("C0CAB", "CHG-1 · ", "Stemmen: 1 van 2"), "Goedkeuren"))
		h.sees("C0ICT", "CHG-1", "is goedgekeurd")
		h.took(h.slack.Message("U0NOOR", "", "CHG-1 inplannen dinsdag 1 december 16:00 tot 18:00"))
		h.sees(h.slack.DM("U0PETER"), "is ingepland")
		h.until("2026-11-30 16:00:00")
		h.sees("C0NOORD", "di 1 dec 16:00 – 18:00: onderhoud aan Wifi")
		h.took(h.slack.Message("U0NOOR", "", "CHG-1 uitstellen de levering is te laat"))
		h.sees("C0NOORD", "Het onderhoud aan Wifi gaat nu niet door")
		h.sees(h.slack.DM("U0PETER"), "CHG-1: Noor de Wit stelde het uit: de levering is te laat")
		h.until("2026-12-02 09:00:00")
		h.heard(1, "C0NOORD", "gaat nu niet door")
		h.heard(0, "C0ZUID", "onderhoud")
		h.heard(0, "C0ICT", "Is het klaar?")
		ics := h.call("GET", "/calendar.ics", "")
		ics.asked("the calendar", 200, "UID:chg-1@scholengroep-de-linde.schoolbel", "DTSTART:20261201T150000Z", "STATUS:CANCELLED", "DESCRIPTION:CHG-1: Uitgesteld")
	})
}

// Who is denied something by the API is denied it in the log, too.
func TestStoryOfAProgramThatMayNot(t *testing.T) {
	stories(t, func(h *play) {
		h.asks()
		for _, body := range []string{`"do":"approve"`, `"do":"approve","as":"noor"`, `"do":"approve","as":"peter"`, `"do":"authorise","as":"karim"`} {
			h.token("POST", "/api/v1/commands", `{"ref":"CHG-1",`+body+`}`).asked(body, 403)
		}
		var tried []string
		for _, e := range h.log("CHG-1") {
			if strings.HasPrefix(e.Note, "denied: ") {
				tried = append(tried, e.Actor+" "+string(e.Action))
			}
		}
		if got := strings.Join(tried, ", "); got != "api:monitoring approve, noor approve, peter approve, karim authorise" {
			h.Errorf("the log has %s", got)
		}
		if r := h.record("CHG-1"); r.State != "awaiting_approval" || r.Field("votes") != "" {
			h.Errorf("it is %s with %q", r.State, r.Field("votes"))
		}
	})
}
