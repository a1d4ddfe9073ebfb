package link

import (
	"context"
	"errors"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"schoolbel/adapters"
	"schoolbel/bot/lang"
)

// house is the room with a handler that does as it is told.
type house struct {
	*testing.T
	*Links
	mux    *http.ServeMux
	at     time.Time
	about  About
	used   map[string]bool
	events []adapters.Event
	do     func(*adapters.Page) error // what the next events lead to
}

func newHouse(t *testing.T) *house {
	t.Helper()
	book, err := lang.Load(Texts)
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{T: t, at: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), used: map[string]bool{}, mux: http.NewServeMux()}
	h.about = About{Name: "Noor de Wit", Ref: "INC-12", Title: "wifi ligt eruit"}
	h.Links = New(Parts{
		Secret: []byte("a key of thirty-two bytes, or so"), Base: "https://bel.delinde.example/", Book: book, Log: slog.New(slog.DiscardHandler),
		About:        func(context.Context, adapters.Grant) (About, error) { return h.about, nil },
		Used:         func(_ context.Context, event string) (bool, error) { return h.used[event], nil },
		Organisation: func() string { return "De Linde" }, Locale: func() string { return "nl" },
		Local: func(at time.Time) time.Time { return at.In(zone) }, Now: func() time.Time { return h.at },
	})
	in := func(ctx context.Context, ev adapters.Event) error {
		h.events = append(h.events, ev)
		page := adapters.PageOf(ctx)
		if h.do != nil {
			if err := h.do(page); err != nil {
				return err
			}
		}
		if page.Form == nil {
			h.used[ev.ID] = true
		}
		return nil
	}
	for pattern, door := range h.Routes(in) {
		h.mux.Handle(pattern, door)
	}
	return h
}

// grant is what most tests are about.
func grant() adapters.Grant {
	return adapters.Grant{
		Place: adapters.Place{Adapter: "mail", Channel: "n.dewit@delinde.example"}, User: "n.dewit@delinde.example",
		Command: "INC-12 take", Label: "Oppakken", Message: "abc@delinde.example",
	}
}

// link is the path of a new link.
func (h *house) link() string {
	h.Helper()
	u, err := url.Parse(h.Make(grant()))
	if err != nil || u.Host != "bel.delinde.example" {
		h.Fatalf("the link is %v, %v", u, err)
	}
	return u.Path
}

// asked is what a door said.
func (h *house) asked(method, path string, form url.Values, header ...string) *httptest.ResponseRecorder {
	h.Helper()
	r := httptest.NewRequestWithContext(h.Context(), method, "https://bel.delinde.example"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for pair := range slices.Chunk(header, 2) {
		r.Header.Set(pair[0], pair[1])
	}
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, r)
	return w
}

// says checks the status, and that these words stand on the page.
func (h *house) says(w *httptest.ResponseRecorder, status int, words ...string) {
	h.Helper()
	text := html.UnescapeString(w.Body.String())
	if w.Code != status {
		h.Errorf("answered %d, not %d", w.Code, status)
	}
	for _, word := range words {
		if !strings.Contains(text, word) {
			h.Errorf("the page does not say %q:\n%s", word, text)
		}
	}
}

// Looking does nothing however often; the button does it, once.
func TestALinkWorksOnce(t *testing.T) {
	h := newHouse(t)
	link := h.link()
	for range 3 {
		h.says(h.asked("GET", link, nil), 200, "INC-12 · wifi ligt eruit", "Je doet dit als Noor de Wit.", ">Oppakken</button>", "tot 26-11-2026 10:00")
		h.asked("HEAD", link, nil)
	}
	if len(h.events) > 0 {
		t.Fatalf("only looking led to %+v", h.events)
	}
	h.says(h.asked("POST", link, nil), 200, "Gedaan")
	want := grant()
	if len(h.events) != 1 {
		t.Fatalf("there were %d events", len(h.events))
	}
	ev := h.events[0]
	if ev.Kind != adapters.Press || ev.Text != want.Command || ev.Place != want.Place || ev.User.ID != want.User || ev.Message != want.Message ||
		!strings.HasPrefix(ev.ID, "link:") || ev.Trigger == "" || ev.Direct || !ev.At.Equal(h.at) {
		t.Errorf("the event is %+v", ev)
	}
	h.says(h.asked("POST", link, nil), 410, "Deze link is al gebruikt")
	h.says(h.asked("GET", link, nil), 410, "Deze link is al gebruikt")
	h.says(h.asked("POST", h.link(), nil), 200, "Gedaan") // another link for the same is another event
	if len(h.events) != 2 || h.events[0].ID == h.events[1].ID {
		t.Errorf("the events are %+v", h.events)
	}
}

func TestALinkThatIsNotRight(t *testing.T) {
	h := newHouse(t)
	link := h.link()
	token := strings.TrimPrefix(link, route)
	for i := range token { // every character counts
		other := byte('A')
		if token[i] == 'A' {
			other = 'B'
		}
		h.says(h.asked("POST", route+token[:i]+string(other)+token[i+1:], nil), 403, "Deze link klopt niet")
	}
	for _, bad := range []string{"", "x", token[:len(token)-1], token[:40], token + "A", token + "=", strings.Repeat("A", 5000), "..%2f..", "%00"} {
		h.says(h.asked("GET", route+bad, nil), 403, "klopt niet", "kopieer hem helemaal")
	}
	stranger := newHouse(t)
	stranger.seal.key = []byte("another key")
	h.says(h.asked("GET", stranger.link(), nil), 403)
	h.at = h.at.Add(lasts)
	h.says(h.asked("GET", link, nil), 410, "verlopen", "Er is niets gebeurd")
	h.says(h.asked("POST", link, nil), 410, "verlopen")
	if len(h.events) > 0 {
		t.Errorf("it led to %+v", h.events)
	}
}

// A page of another website cannot press the button.
func TestAnotherWebsiteCannotPress(t *testing.T) {
	h := newHouse(t)
	link := h.link()
	for _, header := range [][]string{{"Origin", "https://kwaad.example"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}} {
		h.says(h.asked("POST", link, nil, header...), 403, "andere website")
	}
	if len(h.events) > 0 {
		t.Fatalf("it led to %+v", h.events)
	}
	h.says(h.asked("POST", link, nil, "Origin", "https://bel.delinde.example", "Sec-Fetch-Site", "same-origin"), 200, "Gedaan")
}

func TestThePageTellsNobody(t *testing.T) {
	h := newHouse(t)
	h.about.Title = `<script>alert(1)</script>"'`
	for _, w := range []*httptest.ResponseRecorder{h.asked("GET", h.link(), nil), h.asked("GET", route+"x", nil)} {
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "same-origin", "Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff",
		} {
			if got := w.Header().Get(name); !strings.Contains(got, want) {
				t.Errorf("%s is %q", name, got)
			}
		}
		if body := w.Body.String(); strings.Contains(body, "<script") || strings.Contains(body, "http://") || strings.Contains(body, "https://") {
			t.Errorf("the page is not whole by itself: %s", body)
		}
		if strings.Contains(w.Header().Get("Content-Security-Policy"), "unsafe") {
			t.Error("the policy lets in more than our style")
		}
	}
}

func TestThePageSpeaksTheirLanguage(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct{ locale, accept, want string }{
		{"", "", "Wil je dit doen?"},
		{"", "en-GB,nl;q=0.5", "Do you want to do this?"},
		{"", "fr", "Wil je dit doen?"},
		{"en", "nl", "Do you want to do this?"},
		{"nl", "en", "Wil je dit doen?"},
		{"", "###", "Wil je dit doen?"},
	} {
		h.about.Locale = c.locale
		h.says(h.asked("GET", h.link(), nil, "Accept-Language", c.accept), 200, c.want)
	}
}

var sealed = regexp.MustCompile(`name="form" value="([^"]+)"`)

// When more is needed a form stands on the page, and the link is not used up until
// it is filled in well.
func TestAForm(t *testing.T) {
	h := newHouse(t)
	form := adapters.Form{
		Title: "INC-12 oplossen", Command: "INC-12 resolve", Submit: "Oplossen",
		Inputs: []adapters.Input{
			{Name: "solution", Label: "Wat was het?", Hint: "Kort & krachtig", Long: true},
			{Name: "impact", Label: "Hoe erg?", Value: "small", Options: []adapters.Option{{Value: "large", Label: "Groot"}, {Value: "small", Label: "Klein"}}},
			{Name: "from", Label: "Vanaf", Time: true, Value: "2027-02-22T08:00:00Z"},
			{Name: "note", Label: "Nog iets?", Optional: true},
		},
	}
	h.do = func(p *adapters.Page) error {
		if h.events[len(h.events)-1].Kind == adapters.Press {
			p.Form = &form
		}
		return nil
	}
	link := h.link()
	shown := h.asked("POST", link, nil)
	h.says(shown, 200, "INC-12 oplossen", "Wat was het?", "Kort & krachtig", "verplicht", "mag leeg blijven", ">Oplossen</button>", `value="2027-02-22T09:00"`, `<option value="small" selected>Klein`)
	h.says(h.asked("GET", link, nil), 200, "Wil je dit doen?")
	token := sealed.FindStringSubmatch(shown.Body.String())[1]
	fill := func(more ...string) url.Values {
		v := url.Values{"form": {token}, "in.solution": {"Kabel\r\nvervangen 😀 "}, "in.impact": {"large"}, "in.from": {"2027-07-22T09:30"}}
		for pair := range slices.Chunk(more, 2) {
			v.Set(pair[0], pair[1])
		}
		return v
	}
	h.events = nil
	for word, values := range map[string]url.Values{
		"Vul dit nog in.":               fill("in.solution", "  "),
		"Kies een van de mogelijkheden": fill("in.impact", "huge"),
		"Geef een datum en een tijd":    fill("in.from", "morgen"),
		"hooguit 8000 tekens":           fill("in.solution", strings.Repeat("é", longText+1)),
		"hooguit 500 tekens":            fill("in.note", strings.Repeat("x", shortText+1)),
	} {
		h.says(h.asked("POST", link, values), 422, word, "Kijk nog even")
	}
	h.says(h.asked("POST", link, fill("in.solution", "", "in.note", "<b>dit blijft</b>")), 422, `value="<b>dit blijft</b>"`)
	h.says(h.asked("POST", link, fill("form", "AAAA")), 403)
	other := sealed.FindStringSubmatch(h.asked("POST", h.link(), nil).Body.String())[1]
	h.events = nil
	h.says(h.asked("POST", link, fill("form", other)), 403, "klopt niet") // the form of another link
	if len(h.events) > 0 {
		t.Fatalf("a form that was not right led to %+v", h.events)
	}
	h.says(h.asked("POST", link, fill("in.impact", "large", "in.more", "x")), 200, "Gedaan")
	ev := h.events[0]
	want := map[string]string{"solution": "Kabel\nvervangen 😀", "impact": "large", "from": "2027-07-22T07:30:00Z", "note": ""}
	if ev.Kind != adapters.Submit || ev.Text != "INC-12 resolve" || len(ev.Form) != len(want) {
		t.Errorf("the event is %+v", ev)
	}
	for name, value := range want {
		if ev.Form[name] != value {
			t.Errorf("%s is %q", name, ev.Form[name])
		}
	}
	h.says(h.asked("POST", link, fill()), 410, "al gebruikt")
}

func TestWhatTheBotAnswers(t *testing.T) {
	h := newHouse(t)
	h.do = func(p *adapters.Page) error {
		p.Answer = &adapters.Card{
			Tone: adapters.Warn, Text: "INC-12 is al gesloten.", Facts: []adapters.Fact{{Name: "Stand", Value: "Gesloten"}},
			Buttons: []adapters.Button{{Label: "Heropenen", Command: "INC-12 reopen"}},
		}
		return nil
	}
	w := h.asked("POST", h.link(), nil)
	h.says(w, 200, "Dat ging niet", "INC-12 is al gesloten.", "Stand")
	if strings.Contains(w.Body.String(), "Heropenen") {
		t.Error("one link can do another thing")
	}
	h.do = func(*adapters.Page) error { return errors.New("the database is away") }
	link := h.link()
	w = h.asked("POST", link, nil)
	h.says(w, 503, "Dat lukte nu even niet")
	if strings.Contains(w.Body.String(), "database") {
		t.Error("it tells our own troubles")
	}
	h.do = nil
	h.says(h.asked("POST", link, nil), 200, "Gedaan")
}

func TestWhereLinksLead(t *testing.T) {
	h := newHouse(t)
	for base, want := range map[string]bool{
		"https://bel.delinde.example": true, "http://127.0.0.1:8080": true, "http://localhost:8080": true, "http://[::1]:8080": true,
		"http://bel.delinde.example": false, "http://0.0.0.0:8080": false, "https://0.0.0.0": false, "http://[::]:8080": false, "": false, "rommel": false,
	} {
		h.Base = base
		if got := h.Make(grant()) != ""; got != want {
			t.Errorf("%q: a link is %v", base, got)
		}
	}
	h.Base = "https://bel.delinde.example"
	long := grant()
	long.Command = strings.Repeat("x", longest)
	if got := h.Make(long); got != "" {
		t.Errorf("a link of %d characters", len(got))
	}
}

// Whatever somebody makes up, it opens nothing and breaks nothing.
func FuzzToken(f *testing.F) {
	s := sealer{[]byte("a key")}
	f.Add(s.token(ticket{Grant: grant()}), []byte{version, 1, 2, 3})
	f.Fuzz(func(t *testing.T, token string, data []byte) {
		if made, err := s.open(token, time.Unix(0, 0)); err == nil && s.token(made) != token {
			t.Errorf("%q opens, and we would write it otherwise", token)
		}
		// What is signed may still be nonsense, of another version.
		_, _ = s.open(encode(append(data, s.mac("ticket", data)...)), time.Unix(0, 0))
	})
}
