package console

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"schoolbel/adapters"
)

// house is a console with a school and a bot that follows a script.
type house struct {
	*Console
	t      *testing.T
	server *httptest.Server

	mu     sync.Mutex
	heard  []adapters.Event
	answer adapters.Handler // what the bot does; nil takes everything
}

func cast() Cast {
	return Cast{
		People: []Person{
			{ID: "anna", Name: "Anna Visser", Hint: "docent, Locatie Noord"},
			{ID: "peter", Name: "Peter Willems", Hint: "docent, Locatie Zuid"},
			{ID: "fatima", Name: "Fatima el Amrani", Hint: "teacher, Locatie Noord", Locale: "en"},
			{ID: "noor", Name: "Noor de Wit", Hint: "ICT-medewerker", Locale: "nl"},
			{ID: "bram", Name: "Bram Smit", Hint: "ICT-medewerker, change manager"},
			{ID: "karim", Name: "Karim Bouzid", Hint: "CAB, proceseigenaar, Centrum"},
			{ID: "joost", Name: "Joost Mulder", Hint: "crisisleider"},
		},
		Rooms: []Room{
			{Channel: "ict", Name: "Team ICT", Members: []string{"noor", "bram"}},
			{Channel: "noord", Name: "Locatie Noord", Members: []string{"anna", "fatima", "noor", "bram"}},
		},
	}
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, Console: New(slog.New(slog.DiscardHandler), time.Now)}
	h.SetCast(cast)
	mux := http.NewServeMux()
	for pattern, door := range h.Routes(h.bot) {
		mux.Handle(pattern, door)
	}
	h.server = httptest.NewServer(mux)
	t.Cleanup(func() {
		h.server.CloseClientConnections() // streams do not end by themselves
		h.server.Close()
	})
	return h
}

func (h *house) bot(ctx context.Context, e adapters.Event) error {
	h.mu.Lock()
	h.heard = append(h.heard, e)
	answer := h.answer
	h.mu.Unlock()
	if answer == nil {
		return nil
	}
	return answer(ctx, e)
}

// follows gives the bot another script.
func (h *house) follows(script adapters.Handler) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answer = script
}

func (h *house) events() []adapters.Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.heard)
}

// only gives the one event that the bot heard.
func (h *house) only() adapters.Event {
	h.t.Helper()
	events := h.events()
	if len(events) != 1 {
		h.t.Fatalf("the bot heard %d events, want one: %+v", len(events), events)
	}
	return events[0]
}

// post does what the page would; body stands without its outer braces.
func (h *house) post(door, body string, change ...func(*http.Request)) (int, string) {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, h.server.URL+"/console/"+door, strings.NewReader("{"+body+"}"))
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", h.server.URL)
	for _, c := range change {
		c(r)
	}
	return h.do(r)
}

func (h *house) do(r *http.Request) (int, string) {
	h.t.Helper()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func (h *house) send(channel string, c adapters.Card) adapters.Receipt {
	h.t.Helper()
	r, err := h.Send(h.t.Context(), adapters.Place{Adapter: name, Channel: channel}, c)
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

// why is the verdict of a failure, or "".
func why(err error) adapters.Why {
	if f := (*adapters.Failure)(nil); errors.As(err, &f) {
		return f.Why
	}
	return ""
}
