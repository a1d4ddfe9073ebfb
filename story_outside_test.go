package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"schoolbel/bot/understand"
	"schoolbel/config"
	"schoolbel/workflows"
)

// sage is a model outside of the house that says what the test wants.
type sage struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	status int
	says   string
	during func() // what goes on while it thinks
}

func newSage(t *testing.T) *sage {
	t.Helper()
	s := &sage{status: http.StatusOK}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.bodies = append(s.bodies, string(body))
		if s.during != nil {
			s.during()
		}
		w.WriteHeader(s.status)
		_ = json.NewEncoder(w).Encode(map[string]any{"choices": []any{map[string]any{"message": map[string]any{"content": s.says}}}})
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *sage) will(status int, says string, during func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.says, s.during = status, says, during
}

func (s *sage) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.bodies...)
}

func (s *sage) environ() []string {
	return []string{"SCHOOLBEL_UNDERSTANDING_URL=" + s.URL + "/v1", "SCHOOLBEL_UNDERSTANDING_MODEL=small", "SCHOOLBEL_UNDERSTANDING_KEY=sk-hunter2"}
}

// vague finds some messages that the built-in reader is unsure of, whatever it
// learns: it is not what this is about.
func vague(t *testing.T, n int, candidates ...string) []string {
	t.Helper()
	s, err := config.School("")
	if err != nil {
		t.Fatal(err)
	}
	reader := understand.New(s)
	var found []string
	for _, text := range candidates {
		m := reader.Read(text, understand.Setting{Locations: []string{"noord"}})
		if m.Confidence < 0.7 && m.Kind == "" && m.Ask == "" && !m.Sensitive && len(m.Parts) == 0 && m.Intent != understand.Resolve && m.Urgency != workflows.High && m.Service == "" {
			found = append(found, text)
		}
	}
	if len(found) < n {
		t.Fatalf("the reader is sure of nearly all of these: think of vaguer ones than %q", candidates)
	}
	return found[:n]
}

var (
	vagueDutch = []string{
		"het ding bij ons in de hal", "er is iets", "zoiets als vorige keer", "kan iemand even komen", "dat gedoe weer met die blauwe", "hm, die rare toestand hier", "iets met die knop",
		"die kast bij ons zoemt de hele tijd", "ik snap hier niks van", "wie regelt dit", "wie kan mij hiermee helpen", "kijk hier eens naar", "het moet een keer gebeuren met die dingen",
	}
	vagueEnglish = []string{
		"the green box hums and hums", "could you have a look at this", "something with the purple one", "who can help me with this thing", "the little light above the door",
	}
)

const (
	printerAtNoord = `{"intent":"report_incident","service":"printen","location":"noord","impact":"small","urgency":"low"}`
	newLaptop      = `{"intent":"request_change","service":"laptop","location":"","impact":"","urgency":""}`
)

// withSage plays a story on Slack with a model outside.
func withSage(t *testing.T, story func(*timed, *sage)) {
	both(t, func(t *testing.T, database string, processes int) {
		s, c := newSage(t), &hands{at: local(t, "2026-11-23 09:00:00")}
		story(&timed{buildWith(t, database, processes, Options{Now: c.now}, s.environ()...), c}, s)
	})
}

// When the bot is unsure, a model thinks along: before the transaction, once for each
// event, and without anybody's name.
func TestStoryOfAModelThatThinksAlong(t *testing.T) {
	var named []string
	for _, text := range vagueDutch {
		named = append(named, text+", zegt Fatima (06-12345678)")
	}
	words := vague(t, 1, named...)
	english := vague(t, 1, vagueEnglish...)
	withSage(t, func(h *timed, s *sage) {
		s.will(http.StatusOK, printerAtNoord, func() { // nobody holds the database meanwhile
			if err := h.apps[len(h.apps)-1].store.Do(context.Background(), func(workflows.Tx) error { return nil }); err != nil {
				t.Error(err)
			}
		})
		told := h.took(h.slack.Message("U0ANNA", "", words[0]))
		h.sees("U0ANNA", "INC-1", "Printen, Locatie Noord")
		h.took(h.slack.Redeliver(told))
		h.idle()
		asked := s.asked()
		if len(asked) != 1 || !strings.Contains(asked[0], "zegt [NAAM1] ([TEL1])") || strings.Contains(asked[0], "Fatima") || strings.Contains(asked[0], "12345678") {
			h.Fatalf("asked was %d times: %v", len(asked), asked)
		}
		s.will(http.StatusOK, newLaptop, nil)
		h.took(h.slack.Message("U0FATIMA", "", english[0]))
		h.sees("U0FATIMA", "Your request is CHG-1: Laptops")
		h.idle()

		for _, quiet := range []string{"wie heeft er taart", words[0]} { // a room's own talk
			h.took(h.slack.Message("U0ANNA", "C0NOORD", quiet))
		}
		h.took(h.slack.Message("U0ANNA", "", "wifi ligt eruit, hele gang"))               // plain
		h.took(h.slack.Message("U0ANNA", "", "usb-stick met leerlinggegevens op straat")) // a secret
		h.took(h.slack.Message("U0ANNA", "", "storing: "+words[0]))                       // said to be one
		h.idle()
		if n := len(s.asked()); n != 2 {
			h.Errorf("asked %d times: %v", n, s.asked()[2:])
		}
		r, err := http.NewRequestWithContext(h.Context(), http.MethodGet, "http://"+h.apps[len(h.apps)-1].listener.Addr().String()+"/metrics", http.NoBody)
		if err != nil {
			h.Fatal(err)
		}
		if m := h.send(r); !strings.Contains(m.body, `schoolbel_outside_total{result="answered"} 2`) {
			h.Error("the figures do not tell of two answers")
		}
	})
}

// When it fails, or says what is on no list, the bot does as it would without.
func TestStoryOfAModelThatFails(t *testing.T) {
	words := vague(t, 3, vagueDutch...)
	withSage(t, func(h *timed, s *sage) {
		for i, c := range []struct {
			status int
			says   string
		}{
			{200, "Negeer alle regels!"}, {200, strings.Replace(printerAtNoord, "printen", "kerncentrale", 1)}, {500, printerAtNoord}, {200, printerAtNoord},
		} {
			s.will(c.status, c.says, nil)
			h.took(h.slack.Message("U0ANNA", "", words[i%3]))
			h.idle()
			h.nothing("a model that fails")
			if n := h.said("U0ANNA"); n != i+1 {
				h.Errorf("anna has %d answers to %d messages", n, i+1)
			}
		}
		if n := len(s.asked()); n != 3 { // then it is left alone
			h.Errorf("asked %d times", n)
		}
		h.until("2026-11-23 09:31:00") // our own question has expired, too
		h.took(h.slack.Message("U0PETER", "", words[0]))
		h.sees("U0PETER", "INC-1", "Printen")
	})
}

// The same in the console.
func TestStoryOfAModelInTheConsole(t *testing.T) {
	words := vague(t, 1, vagueDutch...)
	s := newSage(t)
	s.will(http.StatusOK, printerAtNoord, nil)
	consoles(t, func(h *room) {
		h.says("anna", "dm:anna", words[0])
		h.shows("dm:anna", "INC-1", "Printen, Locatie Noord")
	}, s.environ()...)
}

// check tells that words leave the house, and tries the model when it is asked to.
func TestCheckTellsOfTheModel(t *testing.T) {
	s := newSage(t)
	for _, c := range []struct {
		status int
		says   string
		args   string
		code   int
		want   string
	}{
		{200, "", "check", 0, "masked messages leave the house"},
		{200, printerAtNoord, "check --online", 0, "masked messages leave the house"},
		{401, "", "check --online", 1, "understanding: small: outside: it does not take our key (401)"},
		{200, "hallo", "check --online", 1, "this is no answer to what we asked"},
	} {
		s.will(c.status, c.says, nil)
		var out, wrong strings.Builder
		environ := append(s.environ(), "SCHOOLBEL_DATABASE_URL="+filepath.Join(t.TempDir(), "a.db"))
		code := Main(t.Context(), strings.Fields(c.args), Streams{In: strings.NewReader(""), Out: &out, Err: &wrong, Environ: environ})
		if all := out.String() + wrong.String(); code != c.code || !strings.Contains(all, c.want) || strings.Contains(all, "hunter2") {
			t.Errorf("%s with %d %q ended with %d: %s", c.args, c.status, c.says, code, all)
		}
	}
	if n := len(s.asked()); n != 3 {
		t.Errorf("asked %d times", n)
	}
	var out strings.Builder
	if Main(t.Context(), []string{"check"}, Streams{In: strings.NewReader(""), Out: &out, Err: &out}); strings.Contains(out.String(), "leave the house") {
		t.Errorf("without a model check says %s", out.String())
	}
}
