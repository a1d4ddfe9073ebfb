package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"schoolbel/adapters"
	"schoolbel/adapters/adaptertest"
)

// nothingBreaks is why some parts of the exam have no meaning here.
const nothingBreaks = "nothing stands between the console and its rooms"

func TestExam(t *testing.T) {
	adaptertest.Exam(t, func(t *testing.T) adaptertest.Subject {
		s := &sitter{house: newHouse(t)}
		return adaptertest.Subject{
			Adapter: s.Console,
			Room:    at0("noord", ""), Missing: at0("zolder", ""),
			Person: adapters.User{ID: "anna", Name: "Anna Visser"}, Other: adapters.User{ID: "noor", Name: "Noor de Wit"},
			Start: func(in adapters.Handler) { s.follows(in) },
			Seen:  s.seen, Write: s.write, Press: s.press, Fill: s.fill,
			Ways: map[adaptertest.Power]string{
				adaptertest.Files:   "not taken: the console is for trying out; type what you see",
				adaptertest.Changed: "what was said stands; say it again",
				adaptertest.Rooms:   "the rooms of the school file",
				adaptertest.Pace:    nothingBreaks, adaptertest.Find: nothingBreaks, adaptertest.Outage: nothingBreaks,
				adaptertest.People: "each person of the school file has one; nobody is looked up",
			},
		}
	})
}

// sitter does what the exam asks as the page would.
type sitter struct {
	*house
	deeds int
}

func (s *sitter) seen(at adapters.Place) []adaptertest.Seen {
	var list []adaptertest.Seen
	for _, m := range s.Messages(at.Channel) {
		seen := adaptertest.Seen{Receipt: m.Receipt, Thread: string(m.Thread), To: m.To, Text: m.Text}
		if m.Card != nil {
			shown := cardShape(*m.Card)
			seen.Delivery, seen.Ref = m.Card.Delivery, shown.Ref
			words := []string{shown.Title, shown.Text, shown.Foot}
			for _, f := range shown.Facts {
				words = append(words, f.Name, f.Value)
			}
			for _, b := range shown.Buttons {
				seen.Labels = append(seen.Labels, b.Label)
				words = append(words, b.Label, b.Confirm)
			}
			for _, p := range shown.Sections {
				words = append(words, p.Title, p.Text)
				for _, b := range p.Buttons {
					seen.Labels = append(seen.Labels, b.Label)
				}
			}
			seen.Text = strings.Join(words, "\n")
		}
		list = append(list, seen)
	}
	return list
}

// did posts an action, and can post it once more under the same id.
func (s *sitter) did(door string, a act) adaptertest.Did {
	s.t.Helper()
	s.deeds++
	a.ID = fmt.Sprintf("exam-%08d", s.deeds)
	body, err := json.Marshal(a)
	if err != nil {
		s.t.Fatal(err)
	}
	var again func() adaptertest.Did
	again = func() adaptertest.Did {
		status, _ := s.post(door, strings.TrimSuffix(strings.TrimPrefix(string(body), "{"), "}"))
		return adaptertest.Did{Taken: status == http.StatusOK, Again: again}
	}
	return again()
}

func (s *sitter) write(user string, at adapters.Place, text string) adaptertest.Did {
	if at.Channel == "" {
		at.Channel = directWith + user
	}
	return s.did("say", act{Person: user, Channel: at.Channel, Thread: at.Thread, Text: text})
}

func (s *sitter) press(user string, at adapters.Place, r adapters.Receipt, label string) adaptertest.Did {
	s.t.Helper()
	for _, m := range s.Messages(at.Channel) {
		if m.Receipt == r {
			i := slices.IndexFunc(m.Card.Buttons, func(b adapters.Button) bool { return b.Label == label })
			return s.did("press", act{Person: user, Tab: "exam", Channel: at.Channel, Receipt: string(r), Command: m.Card.Buttons[i].Command})
		}
	}
	s.t.Fatalf("%s is not in %s", r, at)
	return adaptertest.Did{}
}

// fill sends the form that was opened last, with what stood in it already.
func (s *sitter) fill(user string, values map[string]string) adaptertest.Did {
	s.t.Helper()
	s.Console.mu.Lock()
	last := s.tape.changes[len(s.tape.changes)-1]
	s.Console.mu.Unlock()
	if last.kind != formOpened || last.to != user {
		s.t.Fatalf("no form stands open for %s but %+v", user, last)
	}
	filled := map[string]string{}
	for _, input := range last.form.Inputs {
		filled[input.Name] = input.Value
	}
	for key, value := range values {
		filled[key] = value
	}
	return s.did("submit", act{
		Person: user, Channel: last.form.Channel, Thread: last.form.Thread, Receipt: last.form.Receipt, Command: last.form.Command, Form: filled,
	})
}
