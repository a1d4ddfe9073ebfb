package console

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"schoolbel/adapters"
)

func TestWhatPeopleDoBecomesEvents(t *testing.T) {
	h := newHouse(t)
	root := h.send("noord", adapters.Card{Title: "Printer hapert", Text: "Op de tweede verdieping"})
	reply, err := h.Send(t.Context(), adapters.Place{Adapter: name, Channel: "noord", Thread: string(root)}, adapters.Card{Text: "bezig"})
	if err != nil {
		t.Fatal(err)
	}
	secret := h.send("noord", adapters.Card{Text: "alleen voor Peter", Private: true, To: "fatima"})
	home := h.send("home:anna", adapters.Card{Title: "Mijn meldingen"})
	for _, try := range []struct {
		name, door, body string
		status           int
		want             adapters.Event // compared without id, user and time
	}{
		{
			"a message to the bot", "say", `"channel":"dm:anna","text":" wifi kapot "`, 200,
			adapters.Event{Kind: adapters.Message, Text: "wifi kapot", Direct: true, Place: at0("dm:anna", "")},
		},
		{
			"a message in a room", "say", `"channel":"noord","text":"hallo"`, 200,
			adapters.Event{Kind: adapters.Message, Text: "hallo", Place: at0("noord", "")},
		},
		{
			"the bot by name", "say", `"channel":"noord","text":"@Schoolbel, wifi kapot"`, 200,
			adapters.Event{Kind: adapters.Mention, Text: "wifi kapot", Place: at0("noord", "")},
		},
		{
			"an answer in a thread", "say", `"channel":"noord","text":"ja","thread":"` + string(root) + `"`, 200,
			adapters.Event{Kind: adapters.Message, Text: "ja", Place: at0("noord", string(root))},
		},
		{
			"an answer to an answer", "say", `"channel":"noord","text":"ja","thread":"` + string(reply) + `"`, 200,
			adapters.Event{Kind: adapters.Message, Text: "ja", Place: at0("noord", string(root))},
		},
		{
			"a slash command", "say", `"channel":"noord","text":"/storing wifi\nligt eruit"`, 200,
			adapters.Event{Kind: adapters.Slash, Text: "storing: wifi\nligt eruit", Place: at0("noord", "")},
		},
		{
			"a slash command without words", "say", `"channel":"noord","text":"/Incident"`, 200,
			adapters.Event{Kind: adapters.Shortcut, Place: at0("noord", "")},
		},
		{
			"a slash command for all else", "say", `"channel":"noord","text":"/schoolbel INC-1 oppakken"`, 200,
			adapters.Event{Kind: adapters.Slash, Text: "INC-1 oppakken", Place: at0("noord", "")},
		},
		{
			"a slash command that asks what there is", "say", `"channel":"dm:anna","text":"/schoolbel"`, 200,
			adapters.Event{Kind: adapters.Slash, Text: "help", Direct: true, Place: at0("dm:anna", "")},
		},
		{
			"a button", "press", `"channel":"noord","receipt":"` + string(reply) + `","command":"INC-1 take"`, 200,
			adapters.Event{Kind: adapters.Press, Text: "INC-1 take", Message: string(reply), Place: at0("noord", string(root))},
		},
		{
			"a button on the home page", "press", `"channel":"home:anna","receipt":"` + string(home) + `","command":"INC-1 take"`, 200,
			adapters.Event{Kind: adapters.Press, Text: "INC-1 take", Message: "home", Direct: true, Place: at0("dm:anna", "")},
		},
		{
			"a form", "submit", `"channel":"noord","thread":"x","receipt":"y","command":"INC-1 resolve","form":{"solution":"herstart"}`, 200,
			adapters.Event{Kind: adapters.Submit, Text: "INC-1 resolve", Message: "y", Form: map[string]string{"solution": "herstart"}, Place: at0("noord", "x")},
		},
		{
			"a report", "shortcut", ``, 200,
			adapters.Event{Kind: adapters.Shortcut, Direct: true, Place: at0("dm:anna", "")},
		},
		{
			"a report of a message", "shortcut", `"channel":"noord","receipt":"` + string(root) + `"`, 200,
			adapters.Event{Kind: adapters.Shortcut, Text: "Printer hapert\nOp de tweede verdieping", Message: string(root), Place: at0("noord", "")},
		},
		{
			"the home page", "home", ``, 200,
			adapters.Event{Kind: adapters.Home, Direct: true, Place: at0("home:anna", "")},
		},

		{"a room of others", "say", `"channel":"ict","text":"hallo"`, 403, adapters.Event{}},
		{"the bot room of others", "say", `"channel":"dm:peter","text":"hallo"`, 403, adapters.Event{}},
		{"a room that is not there", "say", `"channel":"zolder","text":"hallo"`, 403, adapters.Event{}},
		{"nowhere", "say", `"text":"hallo"`, 403, adapters.Event{}},
		{"nothing", "say", `"channel":"noord","text":"  \n "`, 422, adapters.Event{}},
		{"a button that went", "press", `"channel":"noord","receipt":"weg","command":"x"`, 404, adapters.Event{}},
		{"a button of others", "press", `"channel":"noord","receipt":"` + string(secret) + `","command":"x"`, 404, adapters.Event{}},
		{"a button without a command", "press", `"channel":"noord","receipt":"` + string(root) + `"`, 400, adapters.Event{}},
		{"a report of what others see", "shortcut", `"channel":"noord","receipt":"` + string(secret) + `"`, 404, adapters.Event{}},
		{"a field that is not known", "say", `"channel":"noord","text":"hallo","admin":true`, 400, adapters.Event{}},
		{"no text but a number", "say", `"channel":"noord","text":1`, 400, adapters.Event{}},
		{"something after the end", "home", `"tab":"1"}{`, 400, adapters.Event{}},
	} {
		t.Run(try.name, func(t *testing.T) {
			h.t = t
			before := len(h.events())
			id := "id-" + strings.ReplaceAll(try.name, " ", "-")
			body := `"id":"` + id + `","person":"anna"`
			if try.body != "" {
				body += "," + try.body
			}
			status, text := h.post(try.door, body)
			if status != try.status {
				t.Fatalf("got %d %s, want %d", status, text, try.status)
			}
			events := h.events()[before:]
			if status != http.StatusOK {
				if len(events) != 0 {
					t.Fatalf("the bot heard %+v", events)
				}
				return
			}
			if len(events) != 1 {
				t.Fatalf("the bot heard %+v", events)
			}
			e := events[0]
			if e.ID != "console:"+id || e.User != (adapters.User{ID: "anna", Name: "Anna Visser"}) || e.At.IsZero() || e.Trigger == "" {
				t.Errorf("got %+v", e)
			}
			if (e.Kind == adapters.Message || e.Kind == adapters.Mention) && !strings.Contains(text, `"`+e.Message+`"`) {
				t.Errorf("message %q stands in the room, and the page hears %s", e.Message, text)
			}
			if try.want.Message == "" {
				e.Message = ""
			}
			if e.Kind != try.want.Kind || e.Text != try.want.Text || e.Place != try.want.Place || e.Direct != try.want.Direct ||
				e.Message != try.want.Message || e.Form["solution"] != try.want.Form["solution"] {
				t.Errorf("got  %+v\nwant %+v", e, try.want)
			}
		})
	}
}

func at0(channel, thread string) adapters.Place {
	return adapters.Place{Adapter: name, Channel: channel, Thread: thread}
}

func TestTheLanguageComesWithThePerson(t *testing.T) {
	h := newHouse(t)
	h.post("home", `"id":"12345678","person":"fatima"`)
	if e := h.only(); e.Locale != "en" {
		t.Errorf("got locale %q", e.Locale)
	}
}

func TestOnlyOurOwnPageOnThisMachineComesIn(t *testing.T) {
	h := newHouse(t)
	set := func(key, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(key, value) }
	}
	const body = `"id":"12345678","person":"anna","channel":"dm:anna","text":"hallo"`
	for what, try := range map[string]struct {
		change func(*http.Request)
		status int
	}{
		"another name for us": {func(r *http.Request) {
			r.Host = "school.example:8080"
			r.Header.Set("Origin", "http://school.example:8080")
		}, 403},
		"no name":              {func(r *http.Request) { r.Host = "0.0.0.0" }, 403},
		"another page":         {set("Origin", "http://evil.example"), 403},
		"another port":         {set("Origin", "http://127.0.0.1:1"), 403},
		"a page without place": {set("Origin", "null"), 403},
		"no page":              {func(r *http.Request) { r.Header.Del("Origin") }, 403},
		"a plain form":         {set("Content-Type", "text/plain"), 415},
		"no kind":              {func(r *http.Request) { r.Header.Del("Content-Type") }, 415},
	} {
		if status, text := h.post("say", body, try.change); status != try.status || !strings.Contains(text, `"error"`) {
			t.Errorf("%s: got %d %s, want %d", what, status, text, try.status)
		}
	}
	if events := h.events(); len(events) > 0 {
		t.Errorf("the bot heard %+v", events)
	}
	if status, text := h.post("say", body, set("Content-Type", "application/json; charset=utf-8")); status != 200 {
		t.Errorf("our own page got %d %s", status, text)
	}
}

func TestReadingIsForThisMachineToo(t *testing.T) {
	h := newHouse(t)
	for _, path := range []string{"/", "/console/main.js", "/console/state?person=anna", "/console/stream?person=anna"} {
		for what, change := range map[string]func(*http.Request){
			"a name that leads to us": func(r *http.Request) { r.Host = "evil.example" },
			"a neighbour":             func(r *http.Request) { r.RemoteAddr = "192.168.1.7:5000" },
			"another page":            func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") },
		} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost:8080"+path, nil)
			r.RemoteAddr = "[::1]:4000"
			change(r)
			if w := serveOnce(h, r); w.Code != http.StatusForbidden {
				t.Errorf("%s got %d for %s", what, w.Code, path)
			}
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost:8080/console/state", nil)
	r.RemoteAddr = "[::1]:4000"
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if w := serveOnce(h, r); w.Code != http.StatusForbidden {
		t.Errorf("another site read who there are: %d", w.Code)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if w := serveOnce(h, r); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Anna Visser") {
		t.Errorf("our own page got %d %s", w.Code, w.Body)
	}
}

// serveOnce answers one request without a network.
func serveOnce(h *house, r *http.Request) *httptest.ResponseRecorder {
	mux := http.NewServeMux()
	for pattern, door := range h.Routes(h.bot) {
		mux.Handle(pattern, door)
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	return w
}

func TestABodyThatIsTooBig(t *testing.T) {
	h := newHouse(t)
	status, text := h.post("say", `"id":"12345678","person":"anna","channel":"dm:anna","text":"`+strings.Repeat("x", bodyLimit)+`"`)
	if status != http.StatusRequestEntityTooLarge || !strings.Contains(text, "1 MB") {
		t.Errorf("got %d %s", status, text)
	}
}

func TestOnlyIDsOfActionsAreTaken(t *testing.T) {
	h := newHouse(t)
	for _, id := range []string{"", "short", strings.Repeat("x", 65), "with space 12", "a:b:c:d:e:f"} {
		if status, _ := h.post("home", `"person":"anna","id":"`+id+`"`); status != http.StatusBadRequest {
			t.Errorf("id %q got %d", id, status)
		}
	}
	if status, _ := h.post("home", `"person":"niemand","id":"12345678"`); status != http.StatusUnprocessableEntity {
		t.Errorf("a stranger got %d", status)
	}
}

func TestTheSameActionTwiceIsOne(t *testing.T) {
	h := newHouse(t)
	const body = `"id":"12345678","person":"anna","channel":"dm:anna","text":"hallo"`
	_, first := h.post("say", body)
	_, second := h.post("say", body)
	if first != second {
		t.Errorf("first %s, then %s", first, second)
	}
	if e := h.events(); len(e) != 2 || e[0].ID != e[1].ID || e[0].Message != e[1].Message {
		t.Errorf("the bot heard %+v", e)
	}
	h.follows(func(context.Context, adapters.Event) error { return errors.New("the database is away") })
	if status, _ := h.post("say", body); status != http.StatusServiceUnavailable {
		t.Errorf("the third time: %d", status)
	}
	if n := len(h.Messages("dm:anna")); n != 1 {
		t.Errorf("it stands there %d times", n)
	}
}

func TestTheSameActionTwiceAtOnceIsOne(t *testing.T) {
	h := newHouse(t)
	busy, open := make(chan struct{}), make(chan struct{})
	first := make(chan error, 1)
	go func() {
		_, err := h.once(t.Context(), act{ID: "12345678"}, func(adapters.Receipt) (adapters.Receipt, error) {
			close(busy)
			<-open
			return "r", nil
		})
		first <- err
	}()
	<-busy
	impatient, leave := context.WithCancel(t.Context())
	leave()
	_, err := h.once(impatient, act{ID: "12345678"}, func(adapters.Receipt) (adapters.Receipt, error) {
		t.Error("it was done twice at once")
		return "", nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("while the first was busy the second got %v", err)
	}
	close(open)
	if err := <-first; err != nil {
		t.Error(err)
	}
	if r, err := h.once(t.Context(), act{ID: "12345678"}, func(before adapters.Receipt) (adapters.Receipt, error) { return before, nil }); r != "r" || err != nil {
		t.Errorf("after it the second got %q %v", r, err)
	}
}

func TestWhatTheBotCouldNotStoreWasNotSaid(t *testing.T) {
	h := newHouse(t)
	h.follows(func(context.Context, adapters.Event) error {
		if m := h.Messages("dm:anna"); len(m) != 1 {
			t.Errorf("while the bot works the room shows %+v", m)
		}
		return errors.New("the database at /secret is away")
	})
	const body = `"id":"12345678","person":"anna","channel":"dm:anna","text":"hallo"`
	status, text := h.post("say", body)
	if status != http.StatusServiceUnavailable || strings.Contains(text, "secret") {
		t.Errorf("got %d %s", status, text)
	}
	if m := h.Messages("dm:anna"); len(m) != 0 {
		t.Errorf("the room shows %+v", m)
	}
	h.follows(nil)
	if status, text := h.post("say", body); status != http.StatusOK {
		t.Errorf("the second time: %d %s", status, text)
	}
	if m := h.Messages("dm:anna"); len(m) != 1 || m[0].From != "anna" || m[0].Text != "hallo" {
		t.Errorf("the room shows %+v", m)
	}
	if e := h.events(); len(e) != 2 || e[0].ID != e[1].ID {
		t.Errorf("the bot heard %+v", e)
	}
}

func TestAPageThatLeavesHasStillSpoken(t *testing.T) {
	h := newHouse(t)
	busy := make(chan struct{})
	over := make(chan error, 1)
	ctx, leave := context.WithCancel(t.Context())
	h.follows(func(inner context.Context, _ adapters.Event) error {
		close(busy)
		<-ctx.Done()
		over <- inner.Err()
		return nil
	})
	go func() {
		<-busy
		leave()
	}()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "http://localhost/console/home", strings.NewReader(`{"id":"12345678","person":"anna"}`))
	r.RemoteAddr = "127.0.0.1:4000"
	r.Header.Set("Origin", "http://localhost")
	r.Header.Set("Content-Type", "application/json")
	serveOnce(h, r)
	if err := <-over; err != nil {
		t.Errorf("the bot was broken off: %v", err)
	}
}
