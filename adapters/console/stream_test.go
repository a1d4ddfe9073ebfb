package console

import (
	"bufio"
	"context"
	"encoding/json"
	"io/fs"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"schoolbel/adapters"
)

// read gives what somebody sees when they come in.
func (h *house) read(person string) stateWire {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), http.MethodGet, h.server.URL+"/console/state?person="+person, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	status, text := h.do(r)
	var s stateWire
	if err := json.Unmarshal([]byte(text), &s); err != nil || status != http.StatusOK {
		h.t.Fatalf("got %d %s", status, text)
	}
	return s
}

// follower is a page that follows what happens.
type follower struct {
	t     *testing.T
	lines *bufio.Scanner
	leave func() error
	mark  string
}

func (h *house) follow(person, tab, from string, lastID ...string) *follower {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), http.MethodGet, h.server.URL+"/console/stream?person="+person+"&tab="+tab+"&from="+from, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, id := range lastID {
		r.Header.Set("Last-Event-ID", id)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = answer.Body.Close() }) // closed twice when the test left itself
	if kind := answer.Header.Get("Content-Type"); answer.StatusCode != http.StatusOK || kind != "text/event-stream" {
		h.t.Fatalf("the stream answers %d %s", answer.StatusCode, kind)
	}
	return &follower{t: h.t, lines: bufio.NewScanner(answer.Body), leave: answer.Body.Close}
}

// next gives the kind of the next thing that happens, and what comes with it.
func (f *follower) next() (kind, data string) {
	f.t.Helper()
	for f.lines.Scan() {
		key, value, _ := strings.Cut(f.lines.Text(), ": ")
		switch key {
		case "id":
			f.mark = value
		case "event":
			kind = value
		case "data":
			return kind, value
		}
	}
	f.t.Fatalf("the stream ended: %v", f.lines.Err())
	return "", ""
}

func (f *follower) sees(kind, part string) {
	f.t.Helper()
	if k, data := f.next(); k != kind || !strings.Contains(data, part) {
		f.t.Fatalf("came %s %s, want %s with %q", k, data, kind, part)
	}
}

func TestThePageHearsWhatHappens(t *testing.T) {
	h := newHouse(t)
	noor := h.follow("noor", "t1", h.read("noor").Mark)
	r := h.send("ict", adapters.Card{Title: "INC-1"})
	noor.sees("put", `"title":"INC-1"`)
	if err := h.Edit(t.Context(), at0("ict", ""), r, adapters.Card{Title: "INC-1 opgelost"}); err != nil {
		t.Fatal(err)
	}
	noor.sees("put", `"edited":true`)
	h.send("home:noor", adapters.Card{Title: "Mijn werk"})
	noor.sees("home", "Mijn werk")
	h.post("say", `"id":"12345678","person":"noor","channel":"ict","text":"ik kijk"`)
	noor.sees("put", `"deed":"12345678"`)
	h.follows(func(ctx context.Context, e adapters.Event) error {
		return h.OpenForm(ctx, e, adapters.Form{Title: "Oplossen", Inputs: []adapters.Input{{Name: "solution"}}})
	})
	h.post("press", `"id":"22345678","person":"noor","tab":"t1","channel":"ict","receipt":"`+string(r)+`","command":"INC-1 resolve"`)
	noor.sees("form", `"channel":"ict","thread":"","receipt":"`+string(r)+`"`)
	h.follows(func(context.Context, adapters.Event) error { return http.ErrServerClosed })
	h.post("say", `"id":"32345678","person":"noor","channel":"ict","text":"dit lukt niet"`)
	noor.sees("put", "dit lukt niet")
	noor.sees("gone", "dit lukt niet")
	if _, err := h.MakeRoom(t.Context(), "CRS-1", nil); err != nil {
		t.Fatal(err)
	}
	noor.sees("again", "{}")
}

func TestEverybodyHearsOnlyWhatIsTheirs(t *testing.T) {
	h := newHouse(t)
	anna := h.follow("anna", "t1", h.read("anna").Mark)
	h.send("ict", adapters.Card{Title: "in a room of others"})
	h.send("dm:fatima", adapters.Card{Title: "with somebody else"})
	h.send("home:fatima", adapters.Card{Title: "at somebody else's home"})
	secret := h.send("noord", adapters.Card{Title: "for Fatima alone", Private: true, To: "fatima"})
	h.follows(func(ctx context.Context, e adapters.Event) error {
		return h.OpenForm(ctx, e, adapters.Form{Title: "in another tab"})
	})
	for id, who := range map[string]string{"12345678": `"anna","tab":"t2"`, "22345678": `"fatima","tab":"t1"`} {
		if status, text := h.post("shortcut", `"id":"`+id+`","person":`+who); status != http.StatusOK {
			t.Fatal(text)
		}
	}
	shown := h.send("noord", adapters.Card{Title: "for all"})
	anna.sees("put", "for all")

	// What was for all and becomes private goes away for the others.
	if err := h.Edit(t.Context(), at0("noord", ""), shown, adapters.Card{Title: "not any more", Private: true, To: "fatima"}); err != nil {
		t.Fatal(err)
	}
	anna.sees("gone", string(shown))
	if err := h.Edit(t.Context(), at0("noord", ""), secret, adapters.Card{Title: "now for all"}); err != nil {
		t.Fatal(err)
	}
	anna.sees("put", "now for all")

	for person, want := range map[string]int{"anna": 1, "fatima": 2, "noor": 1} {
		for _, room := range h.read(person).Rooms {
			if room.Channel == "noord" && len(room.Messages) != want {
				t.Errorf("%s sees %+v", person, room.Messages)
			}
		}
	}
}

func TestAFormNeedsAPage(t *testing.T) {
	h := newHouse(t)
	h.post("shortcut", `"id":"12345678","person":"anna"`) // from no tab
	for _, trigger := range []string{"", "anna", "12345678"} {
		if err := h.OpenForm(t.Context(), adapters.Event{Trigger: trigger}, adapters.Form{}); why(err) != adapters.Gone {
			t.Errorf("%q: got %v", trigger, err)
		}
	}
}

func TestAPageThatWasAwayMissesNothing(t *testing.T) {
	h := newHouse(t)
	start := h.read("noor").Mark
	noor := h.follow("noor", "t1", start)
	h.send("ict", adapters.Card{Title: "one"})
	noor.sees("put", "one")
	if err := noor.leave(); err != nil {
		t.Fatal(err)
	}
	h.send("ict", adapters.Card{Title: "two"})
	h.send("ict", adapters.Card{Title: "three"})
	back := h.follow("noor", "t1", start, noor.mark) // the browser's mark counts, not the address
	back.sees("put", "two")
	back.sees("put", "three")
}

func TestAPageThatWasAwayTooLongReadsAnew(t *testing.T) {
	h := newHouse(t)
	mark := h.read("noor").Mark
	for range 2*tapeHolds + 1 {
		h.send("dm:anna", adapters.Card{})
	}
	other := newHouse(t)
	for what, noor := range map[string]*follower{
		"too long":       h.follow("noor", "t1", mark),
		"over a restart": other.follow("noor", "t1", mark),
		"with nonsense":  h.follow("noor", "t1", "nonsense"),
		"from later":     h.follow("noor", "t1", h.tape.mark(1_000_000)),
	} {
		noor.sees("again", "{}")
		if noor.mark == "" {
			t.Errorf("%s: it got no new mark", what)
		}
	}
	noor := h.follow("noor", "t1", "nonsense")
	noor.sees("again", "{}")
	h.send("ict", adapters.Card{Title: "after that"})
	noor.sees("put", "after that")
}

func TestStrangersHaveNoStream(t *testing.T) {
	h := newHouse(t)
	for _, path := range []string{"/console/stream?person=niemand", "/console/stream", "/console/state?person=niemand"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if status, text := h.do(r); status != http.StatusUnprocessableEntity {
			t.Errorf("%s got %d %s", path, status, text)
		}
	}
}

func TestThePageIsWhole(t *testing.T) {
	h := newHouse(t)
	get := func(path string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		return h.do(r)
	}
	_, page := get("/")
	for _, link := range regexp.MustCompile(`(?:src|href)="(/[^"]+)"`).FindAllStringSubmatch(page, -1) {
		if status, _ := get(link[1]); status != http.StatusOK {
			t.Errorf("%s answers %d", link[1], status)
		}
	}
	for _, path := range []string{"/console/nothing.js", "/console/..%2fconsole.go", "/console/texts/fr.json"} {
		if status, _ := get(path); status != http.StatusNotFound {
			t.Errorf("%s answers %d", path, status)
		}
	}
}

// TestTexts keeps the two languages alike, and the page from asking for a text
// that is not there.
func TestTexts(t *testing.T) {
	tables := map[string]map[string]any{}
	for _, lang := range []string{"nl", "en"} {
		text, err := files.ReadFile("texts/" + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		table := map[string]any{}
		if err := json.Unmarshal(text, &table); err != nil {
			t.Fatal(lang, err)
		}
		tables[lang] = table
	}
	for key := range tables["nl"] {
		if tables["en"][key] == nil {
			t.Errorf("%s is not in English", key)
		}
	}
	for key := range tables["en"] {
		if tables["nl"][key] == nil {
			t.Errorf("%s is not in Dutch", key)
		}
	}
	used := regexp.MustCompile(`["'\x60]([a-z]+(?:\.[a-z_]+)+)["'\x60]`)
	names, err := fs.Glob(files, "page/*")
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]bool{}
	for _, file := range names {
		text, err := files.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(string(text), "\n") > 400 {
			t.Errorf("%s is too long to hold", file)
		}
		for _, m := range used.FindAllStringSubmatch(string(text), -1) {
			asked[m[1]] = true
			if prefix, _, _ := strings.Cut(m[1], "."); slices.Contains([]string{"say", "rooms", "menu", "form", "empty", "outbox", "log"}, prefix) && tables["nl"][m[1]] == nil {
				t.Errorf("%s asks for %s", file, m[1])
			}
		}
	}
	for _, r := range []*refusal{errForeign, errOrigin, errNotJSON, errTooBig, errBroken, errStranger, errNoRoom, errGone, errEmpty, errFailed} {
		asked["error."+r.code] = true
		if tables["nl"]["error."+r.code] == nil {
			t.Errorf("the page has no words for %s", r.code)
		}
	}
	for key := range tables["nl"] {
		prefix, _, _ := strings.Cut(key, ".")
		if !asked[key] && prefix != "tone" && prefix != "empty" {
			t.Errorf("nobody asks for %s", key)
		}
	}
}
