package bot

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"schoolbel/adapters"
	"schoolbel/workflows"
)

// says lets somebody write to the bot in their own room, and gives what it answers
// and how many records there are then. "[…]" presses a button of the last answer,
// "+name" sends a file, and "~" lets an hour go by.
func (h *house) says(user, text string) (answers string) {
	h.Helper()
	ev := adapters.Event{
		ID: fmt.Sprintf("slack:msg:D%s:%d", user, len(h.memory.Deliveries())*1000+h.at.Second()), Kind: adapters.Message, Place: adapters.Place{Adapter: "slack", Channel: "D" + user},
		User: adapters.User{ID: user}, Text: text, Direct: true, Message: fmt.Sprint(h.at.UnixNano()), At: h.at,
	}
	ev.ID += "." + ev.Message
	if label, press := strings.CutPrefix(text, "["); press {
		ev.Kind, ev.Text = adapters.Press, ""
		for _, d := range h.memory.Deliveries() {
			card, _, err := h.draw(h.Context(), &d)
			if err != nil || d.Kind == "card" {
				continue
			}
			for _, b := range card.Buttons {
				if b.Label == strings.TrimSuffix(label, "]") {
					ev.Text = b.Command
				}
			}
		}
		if ev.Text == "" {
			h.Fatalf("there is no button %s", text)
		}
	}
	if words, file, ok := strings.Cut(text, "+"); ok {
		ev.Text, ev.Files = strings.TrimSpace(words), []adapters.File{{Name: file, URL: "https://slack.example/" + file}}
	}
	before := len(h.memory.Deliveries())
	if err := h.Handle(h.Context(), ev); err != nil {
		h.Fatalf("%s: %v", text, err)
	}
	h.at = h.at.Add(time.Second)
	for _, j := range h.memory.Jobs(h.at) {
		if a, ok := j.Job.(workflows.Announce); ok {
			if err := h.Announce(h.Context(), a); err != nil {
				h.Fatal(err)
			}
		}
	}
	var said []string
	for _, d := range h.memory.Deliveries()[before:] {
		if card, _, err := h.draw(h.Context(), &d); err == nil && d.Kind != "card" && !strings.HasPrefix(d.Place, "slack:C0") {
			said = append(said, strings.TrimSpace(card.Title+"\n"+card.Text))
		}
	}
	return strings.Join(said, " // ")
}

// What people answer to a question, in all the ways that they do.
func TestAnswers(t *testing.T) {
	const what, where = "Wat werkt er niet?", "Waar is dat?"
	for name, c := range map[string]struct {
		who   string
		turns []string // what is written, and words of the answer, in turn
		want  string   // the records: service location title
	}{
		"a button":                    {"U0NOOR", []string{"het werkt niet", what, "[Wifi]", where, "[Locatie Zuid]", "INC-1"}, "wifi zuid het werkt niet"},
		"the words of a button":       {"U0NOOR", []string{"het werkt niet", what, "inloggen (sso)", where, "locatie zuid", "INC-1"}, "sso zuid het werkt niet"},
		"a number":                    {"U0ANNA", []string{"het werkt niet", what, "2", "INC-1"}, "wifi noord het werkt niet"},
		"a number that is none":       {"U0ANNA", []string{"het werkt niet", what, "99", what, "geen idee", "INC-1"}, " noord het werkt niet"},
		"a number of a room":          {"U0NOOR", []string{"beamer doet het niet", where, "2", "INC-1"}, "digibord  beamer doet het niet"},
		"a place that we do not know": {"U0NOOR", []string{"beamer doet het niet", where, "in de kelder", "INC-1"}, "digibord  beamer doet het niet"},
		"no idea":                     {"U0ANNA", []string{"het werkt niet", what, "geen idee", "INC-1"}, " noord het werkt niet"},
		"no idea, in English":         {"U0FATIMA", []string{"it does not work", "What is not working?", "I don’t know!", "INC-1"}, " noord it does not work"},
		"no idea where":               {"U0NOOR", []string{"beamer doet het niet", where, "weet ik niet", "INC-1"}, "digibord  beamer doet het niet"},
		"something else":              {"U0ANNA", []string{"het werkt niet", what, "iets anders", "INC-1"}, " noord het werkt niet"},
		"never mind":                  {"U0ANNA", []string{"het werkt niet", what, "laat maar", "Prima, dan doe ik niets"}, ""},
		"a whole sentence":            {"U0ANNA", []string{"het werkt niet", what, "de printer in lokaal 3 is kapot", "INC-1"}, "printen noord het werkt niet"},
		"another report":              {"U0NOOR", []string{"beamer doet het niet", where, "magister ligt eruit op Zuid", "INC-1", "op noord", "INC-2"}, "magister zuid magister ligt eruit op Zuid; digibord noord beamer doet het niet"},
		"a request":                   {"U0NOOR", []string{"beamer doet het niet", where, "mag ik een nieuw account voor een stagiair?", "CHG-1", "op noord", "INC-1"}, "sso  mag ik een nieuw account voor een stagiair?; digibord noord beamer doet het niet"},
		"danger":                      {"U0NOOR", []string{"beamer doet het niet", where, "er is brand!", "112", "op noord", "INC-1"}, "digibord noord beamer doet het niet"},
		"a question":                  {"U0NOOR", []string{"beamer doet het niet", where, "is magister down?", "geen storing bekend", "op noord", "INC-1"}, "digibord noord beamer doet het niet"},
		"too late":                    {"U0NOOR", []string{"beamer doet het niet", where, "~", "", "[Locatie Noord]", "Die vraag is verlopen", "op noord", ""}, ""},
		"a photo before":              {"U0ANNA", []string{"+scherm.jpg", what, "de beamer", "INC-1"}, "digibord noord de beamer"},
		"a photo meanwhile":           {"U0ANNA", []string{"het werkt niet", what, "+scherm.jpg", "", "de beamer", "INC-1"}, "digibord noord het werkt niet"},
		"no to the same":              {"U0ANNA", []string{"internet ligt eruit", "INC-1", "~", "", "magister ligt eruit", "Dit is bekend", "2", "INC-2"}, "internet noord internet ligt eruit; magister noord magister ligt eruit"},
		"here too, to the same":       {"U0ANNA", []string{"internet ligt eruit", "INC-1", "~", "", "magister ligt eruit", "Dit is bekend", "hier ook", "bij INC-1 gezet"}, "internet noord internet ligt eruit"},
		"neither yes nor no":          {"U0ANNA", []string{"internet ligt eruit", "INC-1", "magister ligt eruit", "Dit is bekend", "hij is traag", "INC-2"}, "internet noord internet ligt eruit; magister noord magister ligt eruit"},
		"never mind, of a record":     {"U0ANNA", []string{"wifi ligt eruit", "INC-1", "laat maar", "INC-1 is nu: Ingetrokken"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			for i := 0; i < len(c.turns); i += 2 {
				if c.turns[i] == "~" {
					h.at = h.at.Add(time.Hour)
					continue
				}
				if got := h.says(c.who, c.turns[i]); !strings.Contains(got, c.turns[i+1]) || c.turns[i+1] == "" && strings.Contains(got, "INC-") {
					t.Errorf("%q is answered %q, want %q", c.turns[i], got, c.turns[i+1])
				}
			}
			found, _, err := h.memory.Find(t.Context(), workflows.Filter{Open: true})
			if err != nil {
				t.Fatal(err)
			}
			var list []string
			for _, r := range found {
				list = append([]string{r.Service + " " + r.Location + " " + r.Title}, list...)
			}
			if got := strings.Join(list, "; "); got != c.want {
				t.Errorf("there is %q, want %q", got, c.want)
			}
			for _, r := range found {
				if strings.HasPrefix(name, "a photo") && !strings.Contains(r.Field("description"), "scherm.jpg https://slack.example/scherm.jpg") {
					t.Errorf("the photo is lost: %q", r.Field("description"))
				}
			}
		})
	}
}

// Nobody is asked more than twice, whatever they say.
func TestAtMostTwoQuestions(t *testing.T) {
	for _, answer := range []string{"ja", "nee hoor", "gewoon alles", "12", "hallo?", "dank je", "…", "snap ik niet"} {
		for _, begin := range []string{"het werkt niet", "it is broken", "help"} {
			h := newHouse(t)
			asked := 0
			text := begin
			for range 5 {
				got := h.says("U0NOOR", text)
				if strings.Contains(got, "INC-") { // what is said from here on is another matter
					break
				}
				if strings.HasSuffix(got, "?") {
					asked++
				}
				text = answer
			}
			if asked > 2 {
				t.Errorf("%q and then %q: asked %d times", begin, answer, asked)
			}
		}
	}
}
