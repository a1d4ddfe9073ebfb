package teams_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"schoolbel/adapters"
	"schoolbel/adapters/teams"
)

// heard starts a house and gives what it passes on.
func heard(t *testing.T) (*house, func() adapters.Event) {
	t.Helper()
	h := open(t)
	events := make(chan adapters.Event, 64)
	h.start(func(_ context.Context, e adapters.Event) error { events <- e; return nil })
	return h, func() adapters.Event {
		t.Helper()
		select {
		case e := <-events:
			return e
		default: // the adapter answers when it has passed it on
			t.Fatal("nothing was passed on")
			return adapters.Event{}
		}
	}
}

func fuzzed(t testing.TB, keys map[string]string) http.Handler {
	t.Helper()
	made, err := teams.New(section(t, keys), adapters.Kit{})
	if err != nil {
		t.Fatal(err)
	}
	return made.Routes(func(context.Context, adapters.Event) error { return nil })["POST /api/messages"]
}

func TestAMentionIsTakenOut(t *testing.T) {
	h, next := heard(t)
	h.Message(anna, ict, "@schoolbel, wifi <ligt> eruit & zo")
	if e := next(); e.Kind != adapters.Mention || e.Text != "wifi <ligt> eruit & zo" {
		t.Errorf("got %q %q", e.Kind, e.Text)
	}
	h.Message(anna, "", "@schoolbel hulp")
	if e := next(); e.Kind != adapters.Message || e.Text != "hulp" || !e.Direct || e.Locale != "nl" {
		t.Errorf("in a direct room: %+v", e)
	}
	told := h.Message(anna, ict, "hoi")
	next()
	a := told.Activity()
	a["id"], a["text"] = "77", "INC-1 toewijzen <at>Noor &amp; Co</at>"
	a["entities"] = []any{map[string]any{"type": "mention", "text": "<at>Noor &amp; Co</at>", "mentioned": map[string]any{"id": "29:aad-noor", "name": "Noor & Co"}}}
	h.Tell(a)
	if e := next(); e.Kind != adapters.Message || e.Text != "INC-1 toewijzen @Noor & Co" {
		t.Errorf("somebody else by name: %q %q", e.Kind, e.Text)
	}
}

func TestAGroupChatHasNoThreads(t *testing.T) {
	h, next := heard(t)
	h.AddGroup("19:group@thread.v2", "groep", anna, noor)
	h.Message(anna, "19:group@thread.v2", "wifi")
	e := next()
	if e.Direct || e.Place.Channel != "19:group@thread.v2" || e.Place.Thread != "" {
		t.Errorf("got %+v", e)
	}
	e.Place.Thread = e.Message
	r, err := h.Send(t.Context(), e.Place, adapters.Card{Text: "hoi"})
	if err != nil || h.message(e.Place.Channel, r).Thread != "" {
		t.Errorf("an answer: %v", err)
	}
}

func TestMessagesThatChange(t *testing.T) {
	h, next := heard(t)
	told := h.Message(anna, ict, "wifi")
	first := next()
	if first.ID != "teams:msg:"+ict+":"+told.ID || first.Message != told.ID {
		t.Errorf("the house makes the id of a message of its place and name: %q", first.ID)
	}
	h.Change(anna, ict, told.ID, "wifi in noord")
	edited := next()
	if edited.Kind != adapters.Edited || edited.Text != "wifi in noord" || edited.Message != told.ID || edited.Place != first.Place || edited.ID == first.ID {
		t.Errorf("edited: %+v", edited)
	}
	h.Delete(anna, ict, told.ID)
	if e := next(); e.Kind != adapters.Deleted || e.Text != "" || e.Message != told.ID {
		t.Errorf("deleted: %+v", e)
	}
	h.Restore(anna, ict, told.ID)
	if e := next(); e.Kind != adapters.Edited || e.Text != "wifi in noord" || e.ID == edited.ID {
		t.Errorf("restored: %+v", e)
	}
}

func TestFilesAreLinks(t *testing.T) {
	h, next := heard(t)
	h.Upload(anna, "", "kijk", "foto.jpg")
	e := next()
	want := []adapters.File{{Name: "foto.jpg", URL: "https://delinde.sharepoint.example/foto.jpg", Type: "jpg"}}
	if !slices.Equal(e.Files, want) || e.Text != "kijk" {
		t.Errorf("got %+v %q", e.Files, e.Text)
	}
}

func TestOldClientsPressToo(t *testing.T) {
	h, next := heard(t)
	place := adapters.Place{Adapter: "teams", Channel: ict}
	r, err := h.Send(t.Context(), place, adapters.Card{Title: "INC-1", Ref: "INC-1", Delivery: "d-1", Buttons: []adapters.Button{{Label: "Oppakken", Command: "INC-1 oppakken", Confirm: "Zeker?"}}})
	if err != nil {
		t.Fatal(err)
	}
	m := h.message(ict, r)
	if b := m.Buttons()[0]; b.Confirm != "Zeker?" || m.Delivery != "d-1" || m.Ref != "INC-1" {
		t.Errorf("the button asks %q; marks %q %q", b.Confirm, m.Delivery, m.Ref)
	}
	for _, press := range []func() int{
		func() int { return h.Press(noor, m, "Oppakken").Status },
		func() int { return h.PressOld(noor, m, "Oppakken").Status },
	} {
		if status := press(); status != http.StatusOK {
			t.Fatalf("answered %d", status)
		}
		if e := next(); e.Kind != adapters.Press || e.Text != "INC-1 oppakken" || e.Message != string(r) || e.Place != place || e.User.ID != noor {
			t.Errorf("got %+v", e)
		}
	}
}

// A press is answered within the call, in the form that Teams wants.
func TestAPressIsAnswered(t *testing.T) {
	h := open(t)
	var fails bool
	h.start(func(context.Context, adapters.Event) error {
		if fails {
			return errors.New("the database is away")
		}
		return nil
	})
	r, err := h.Send(t.Context(), adapters.Place{Adapter: "teams", Channel: ict}, adapters.Card{Text: "?", Buttons: []adapters.Button{{Label: "Ja", Command: "ja"}}})
	if err != nil {
		t.Fatal(err)
	}
	told := h.Press(noor, h.message(ict, r), "Ja")
	if told.Status != 200 || !strings.Contains(string(told.Body), `"statusCode":200`) || !strings.Contains(string(told.Body), "application/vnd.microsoft.activity.message") {
		t.Errorf("answered %d %s", told.Status, told.Body)
	}
	fails = true
	told = h.Press(noor, h.message(ict, r), "Ja")
	if told.Status != 500 || !strings.Contains(string(told.Body), "application/vnd.microsoft.error") {
		t.Errorf("what is not kept is answered %d %s", told.Status, told.Body)
	}
	a := told.Activity()
	a["name"] = "composeExtension/query"
	if told := h.Tell(a); told.Status != http.StatusNotImplemented {
		t.Errorf("what we cannot is answered %d", told.Status)
	}
}

// openedForm presses a button in the channel and opens a form by it.
func openedForm(t *testing.T, h *house, next func() adapters.Event, f adapters.Form) (adapters.Event, error) {
	t.Helper()
	r, err := h.Send(t.Context(), adapters.Place{Adapter: "teams", Channel: ict}, adapters.Card{Text: "?", Buttons: []adapters.Button{{Label: "Vul in", Command: "INC-1 wachten"}}})
	if err != nil {
		t.Fatal(err)
	}
	h.Press(noor, h.message(ict, r), "Vul in")
	e := next()
	return e, h.OpenForm(t.Context(), e, f)
}

var waitForm = adapters.Form{
	Title: "INC-1 wachten", Command: "INC-1 wachten", Submit: "Wachten", Cancel: "Laat maar",
	Inputs: []adapters.Input{{Name: "reason", Label: "Waarom?"}, {Name: "ref", Label: "Nummer", Optional: true}, {Name: "until", Label: "Tot", Time: true, Optional: true}},
}

func TestAForm(t *testing.T) {
	h, next := heard(t)
	e, err := openedForm(t, h, next, waitForm)
	if err != nil {
		t.Fatal(err)
	}
	m, ok := h.Form(noor)
	if !ok || m.Channel != h.DM(noor) {
		t.Fatalf("the form stands in %q", m.Channel)
	}
	if !slices.Equal(m.Inputs(), []string{"reason", "in.ref", "until.date", "until.time"}) {
		t.Errorf("it asks for %q", m.Inputs())
	}
	told := h.Submit(noor, map[string]string{"reason": "leverancier", "in.ref": "42", "until": "2027-07-01T08:00:00Z"})
	if told.Status != 200 || !strings.Contains(string(told.Body), "application/vnd.microsoft.card.adaptive") {
		t.Errorf("answered %d %s", told.Status, told.Body)
	}
	sent := next()
	if sent.Kind != adapters.Submit || sent.Place != e.Place || sent.Message != e.Message || sent.User.ID != noor || sent.Direct ||
		sent.Form["reason"] != "leverancier" || sent.Form["ref"] != "42" || sent.Form["until"] != "2027-07-01T08:00:00Z" {
		t.Errorf("it came back as %+v", sent)
	}
	if _, open := h.Form(noor); open {
		t.Error("the form still stands open")
	}
}

func TestAFormThatIsLetBe(t *testing.T) {
	h, next := heard(t)
	if _, err := openedForm(t, h, next, waitForm); err != nil {
		t.Fatal(err)
	}
	if told := h.Cancel(noor); told.Status != 200 {
		t.Errorf("answered %d %s", told.Status, told.Body)
	}
	if _, open := h.Form(noor); open {
		t.Error("the form still stands open")
	}
}

// "Meld als storing" in the menu of a message opens the form in a window.
func TestAReportFromTheMenu(t *testing.T) {
	h := open(t)
	var opened, sent adapters.Event
	h.start(func(ctx context.Context, e adapters.Event) error {
		if e.Kind == adapters.Submit {
			sent = e
			return nil
		}
		if e.Kind == adapters.Shortcut {
			opened = e
			return h.OpenForm(ctx, e, adapters.Form{Title: "Storing melden", Command: "report", Submit: "Melden", Inputs: []adapters.Input{{Name: "title", Label: "Wat is er?", Value: e.Text}}})
		}
		return nil
	})
	told := h.Message(anna, ict, "wifi <ligt> eruit & zo")
	if asked := h.Shortcut(noor, ict, told.ID); asked.Status != 200 || asked.Err != nil {
		t.Fatalf("answered %d %s %v", asked.Status, asked.Body, asked.Err)
	}
	if opened.Text != "wifi <ligt> eruit & zo" || opened.Message != told.ID || opened.Place.Channel != ict {
		t.Errorf("asked for: %+v", opened)
	}
	if len(h.Said(noor)) > 0 {
		t.Error("the form was posted, too")
	}
	if answer := h.Submit(noor, nil); answer.Status != 200 || strings.TrimSpace(string(answer.Body)) != "{}" {
		t.Errorf("the window is answered %d %s", answer.Status, answer.Body)
	}
	if sent.Text != "report" || sent.Form["title"] != "wifi <ligt> eruit & zo" || sent.User.ID != noor {
		t.Errorf("sent: %+v", sent)
	}
	if _, open := h.Form(noor); open {
		t.Error("the window still stands open")
	}
}

// What a form is for is signed: nobody sends it back with another errand.
func TestAForgedForm(t *testing.T) {
	h, next := heard(t)
	if _, err := openedForm(t, h, next, waitForm); err != nil {
		t.Fatal(err)
	}
	a := h.Submit(noor, map[string]string{"reason": "x"}).Activity()
	next()
	data := a["value"].(map[string]any)["action"].(map[string]any)["data"].(map[string]any)
	a["id"] = "f:other"
	data["form"].(map[string]any)["channel"] = "19:crisis@thread.tacv2"
	if told := h.Tell(a); told.Status != http.StatusForbidden {
		t.Errorf("a form that says it was opened elsewhere is answered %d", told.Status)
	}
}

// Somebody for whom the app is not installed fills it in where they are.
func TestAFormWithoutADirectRoom(t *testing.T) {
	h, next := heard(t)
	h.Uninstall(noor, "")
	if _, err := openedForm(t, h, next, waitForm); err != nil {
		t.Fatal(err)
	}
	said := h.Said(ict)
	if last := said[len(said)-1]; last.Thread != said[0].ID || len(last.Inputs()) == 0 {
		t.Errorf("the last message is %+v", last)
	}
}

// A form that shows what a record says stays out of a channel.
func TestAFormThatTellsStaysOutOfTheChannel(t *testing.T) {
	h, next := heard(t)
	h.Uninstall(noor, "")
	before := len(h.Said(ict))
	form := waitForm
	form.Inputs = []adapters.Input{{Name: "title", Label: "Wat is er?", Value: "map met zorgdossiers"}}
	_, err := openedForm(t, h, next, form)
	if f := failure(t, err); f.Why != adapters.Gone && f.Why != adapters.Refused {
		t.Errorf("it is %v", err)
	}
	for _, m := range h.Said(ict)[before:] {
		if strings.Contains(m.Shown(), "zorgdossiers") {
			t.Errorf("the channel reads %s", m.Shown())
		}
	}
}

// Where a conversation is outlives the process.
func TestAProactiveMessageAfterARestart(t *testing.T) {
	h, next := heard(t)
	h.Message(anna, "", "hoi")
	direct := next().Place
	h.begin(adapters.Kit{})
	if at, err := h.Direct(t.Context(), anna); err != nil || at != direct {
		t.Errorf("the direct room is %v (%v)", at, err)
	}
	if h.Calls("create") != 0 {
		t.Error("it asked for a direct room that it knew")
	}
	if _, err := h.Send(t.Context(), direct, adapters.Card{Text: "het werkt weer"}); err != nil {
		t.Error(err)
	}
	kept, err := h.memory.Recall(t.Context(), "room:"+direct.Channel)
	if err != nil || !strings.Contains(string(kept), h.Service()) {
		t.Errorf("it keeps %s (%v)", kept, err)
	}
}

// Whoever throws the bot out is not written to by an address of before.
func TestTheBotIsThrownOut(t *testing.T) {
	h, next := heard(t)
	h.Message(anna, "", "hoi")
	direct := next().Place.Channel
	kept := func(key string) string {
		raw, err := h.memory.Recall(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	if kept("room:"+direct) == "" || !strings.Contains(kept("user:"+anna), direct) {
		t.Fatalf("it keeps %q and %q", kept("room:"+direct), kept("user:"+anna))
	}
	h.Uninstall(anna, "")
	if kept("room:"+direct) != "" || strings.Contains(kept("user:"+anna), direct) {
		t.Errorf("uninstalled, it keeps %q and %q", kept("room:"+direct), kept("user:"+anna))
	}
	h.Install(anna, "")
	if kept("room:"+direct) == "" || !strings.Contains(kept("user:"+anna), direct) {
		t.Errorf("installed again, it keeps %q and %q", kept("room:"+direct), kept("user:"+anna))
	}
	a := h.Message(anna, ict, "x").Activity()
	delete(a, "text")
	a["type"], a["membersRemoved"] = "conversationUpdate", []any{map[string]any{"id": "29:aad-noor"}}
	if h.Tell(a); kept("room:"+ict) == "" {
		t.Error("somebody else left, and the room is forgotten")
	}
	a["membersRemoved"] = []any{a["recipient"]}
	if h.Tell(a); kept("room:"+ict) != "" {
		t.Error("the bot was taken out, and the room is kept")
	}
}

// Without what only insecure_local allows, and from elsewhere, nobody gets in.
func TestInsecureLocal(t *testing.T) {
	door := fuzzed(t, map[string]string{"insecure_local": "true"})
	for name, c := range map[string]struct {
		spoil func(*http.Request)
		local string
		url   string
		want  int
	}{
		"this machine":      {nil, "127.0.0.1:8080", "http://localhost:56150/_connector", 200},
		"from elsewhere":    {func(r *http.Request) { r.RemoteAddr = "10.1.2.3:4" }, "127.0.0.1:8080", "http://localhost:1/", 403},
		"listens to all":    {nil, "10.1.2.3:8080", "http://localhost:1/", 403},
		"by another name":   {func(r *http.Request) { r.Host = "kwaad.example" }, "127.0.0.1:8080", "http://localhost:1/", 403},
		"through a proxy":   {func(r *http.Request) { r.Header.Set("X-Forwarded-For", "1.2.3.4") }, "127.0.0.1:8080", "http://localhost:1/", 403},
		"from a page":       {func(r *http.Request) { r.Header.Set("Origin", "https://kwaad.example") }, "127.0.0.1:8080", "http://localhost:1/", 403},
		"a service outside": {nil, "127.0.0.1:8080", "https://kwaad.example/", 403},
	} {
		if got := knock(door, c.local, c.url, c.spoil); got != c.want {
			t.Errorf("%s: answered %d, want %d", name, got, c.want)
		}
	}
}

func TestTheDoorIsThere(t *testing.T) {
	h, _ := heard(t)
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		r, err := http.NewRequestWithContext(t.Context(), method, h.url+"/api/messages", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %v %v", method, answer, err)
		}
	}
	long := h.Message(anna, ict, "x").Activity()
	long["text"] = strings.Repeat("x", 1<<20)
	if told := h.Tell(long); told.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("a long one is answered %d", told.Status)
	}
}

// knock brings a message to a door that listens at local.
func knock(door http.Handler, local, service string, spoil func(*http.Request)) int {
	body := `{"type":"message","id":"1","channelId":"msteams","serviceUrl":"` + service + `","text":"hoi","from":{"id":"29:x"},"conversation":{"id":"a:1","conversationType":"personal"}}`
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8080/api/messages", strings.NewReader(body))
	address, err := net.ResolveTCPAddr("tcp", local)
	if err != nil {
		panic(err)
	}
	r.RemoteAddr = "127.0.0.1:5555"
	r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(address)))
	if spoil != nil {
		spoil(r)
	}
	w := httptest.NewRecorder()
	door.ServeHTTP(w, r)
	return w.Code
}
