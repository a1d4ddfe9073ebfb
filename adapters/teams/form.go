package teams

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"schoolbel/adapters"
)

// errForged says that a form came back with another errand than it left with.
var errForged = errors.New("the form was changed on its way")

// stamp travels inside a form: where it was opened. The command is signed with it,
// since a person's own program could send back something else.
type stamp struct {
	Channel string `json:"channel"`
	Thread  string `json:"thread,omitempty"`
	Message string `json:"message,omitempty"`
	Direct  bool   `json:"direct,omitempty"`
	Zone    string `json:"zone,omitempty"`
	Title   string `json:"title"`
	Times   string `json:"times,omitempty"` // which inputs are moments
	Names   string `json:"names,omitempty"` // all inputs
	Seal    string `json:"seal"`
}

// sealed is the signature over a form's errand.
func (t *Teams) sealed(command string, s stamp) string {
	mac := hmac.New(sha256.New, t.seal)
	for _, part := range []string{command, s.Channel, s.Thread, s.Message, fmt.Sprint(s.Direct), s.Zone, s.Times, s.Names} {
		fmt.Fprintf(mac, "%d:%s;", len(part), part)
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// What a person can fill in.
type input struct {
	Type     string   `json:"type"`
	ID       string   `json:"id"`
	Label    string   `json:"label,omitempty"`
	Hint     string   `json:"placeholder,omitempty"`
	Value    string   `json:"value,omitempty"`
	Long     bool     `json:"isMultiline,omitempty"`
	Most     int      `json:"maxLength,omitempty"`
	Required bool     `json:"isRequired,omitempty"`
	Wrong    string   `json:"errorMessage,omitempty"`
	Style    string   `json:"style,omitempty"`
	Choices  []choice `json:"choices,omitempty"`
}

type choice struct {
	Title string `json:"title"`
	Value string `json:"value"`
}

const (
	maxAnswer  = 3000
	maxChoices = 100
	maxInputs  = 12
	dated      = ".date"
	timed      = ".time"
)

// answerID is what an input is called among the data of an action: its name, where
// that is no key of ours.
func answerID(name string) string {
	switch name {
	case "command", "delivery", "ref", "form", "cancel":
		return "in." + name
	}
	return name
}

// OpenForm posts a form to the person who did e, in their direct room; where the app
// is not installed for them, in the thread where they are. A trigger opens one form.
func (t *Teams) OpenForm(ctx context.Context, e adapters.Event, f adapters.Form) error {
	if !t.triggers.pull(e.Trigger) {
		return &adapters.Failure{Why: adapters.Gone, Err: fmt.Errorf("the event %s can open no form (any more)", e.ID)}
	}
	// Who pressed waits for the answer to the press.
	ctx, cancel := context.WithTimeout(ctx, 2*aMoment)
	defer cancel()
	who, err := t.book.person(ctx, e.User.ID)
	if err != nil {
		return forgetful(err)
	}
	here, _ := ctx.Value(shownKey{}).(*shown)
	if here != nil && here.window {
		here.title, here.form = cut(orElse(line(f.Title), "…"), maxTitle), window(t.form(e, f, who.Zone))
		return nil
	}
	m := wrap(t.form(e, f, who.Zone), orElse(line(f.Title), "…"))
	place := e.Place
	if !e.Direct {
		direct, err := t.Direct(ctx, e.User.ID)
		var failed *adapters.Failure
		switch {
		case err == nil:
			place = direct
		case errors.As(err, &failed) && (failed.Why == adapters.Gone || failed.Why == adapters.Refused):
			if telling(f) { // not for the eyes of a whole channel
				return err
			}
			place.Thread = orElse(place.Thread, e.Message)
		default:
			return err
		}
	}
	r, err := t.book.room(ctx, place.Channel)
	if err != nil {
		return forgetful(err)
	}
	if _, err := t.post(ctx, r, conversation(r, place), m); err != nil {
		return err
	}
	if here != nil {
		here.title = "💬 " + cut(line(f.Title), maxTitle)
	}
	return nil
}

// telling tells whether a form shows more than what it asks.
func telling(f adapters.Form) bool {
	return f.Text != "" || slices.ContainsFunc(f.Inputs, func(in adapters.Input) bool { return in.Value != "" })
}

// form draws a form as a card. A moment is shown in the time of the person who fills
// it in.
func (t *Teams) form(e adapters.Event, f adapters.Form, zone string) *adaptive {
	title := cut(orElse(line(f.Title), "…"), maxTitle)
	s := stamp{Channel: e.Place.Channel, Thread: e.Place.Thread, Message: e.Message, Direct: e.Direct, Zone: zone, Title: title}
	body := []any{text(title, run{Size: "Medium", Weight: "Bolder"})}
	left := purse(maxCard / 3)
	body = append(body, paragraphs(f.Text, maxText, &left, 0)...)
	left += maxCard / 2
	asked := map[string]bool{}
	var names, times []string
	for _, i := range f.Inputs {
		if i.Name == "" || asked[i.Name] || len(names) == maxInputs || strings.ContainsAny(i.Name, ", ") {
			continue // Teams tells the answers apart by name alone
		}
		asked[i.Name] = true
		names = append(names, i.Name)
		if i.Time {
			times = append(times, i.Name)
		}
		for _, one := range questions(i, placed(zone)) {
			if left.pays(one, 0) {
				body = append(body, one)
			}
		}
	}
	s.Times, s.Names = strings.Join(times, ","), strings.Join(names, ",")
	s.Seal = t.sealed(f.Command, s)
	send := execute(cut(orElse(line(f.Submit), "OK"), maxLabel), pressing{Command: f.Command, Form: &s})
	send.Style = "positive"
	row := []action{send}
	if label := line(f.Cancel); label != "" {
		drop := execute(cut(label, maxLabel), pressing{Cancel: true, Form: &stamp{Title: title}})
		drop.Inputs = "none" // what must be filled in, need not be to let it be
		drop.Fallback.Inputs = "none"
		row = append(row, drop)
	}
	card := newCard(append(body, actionSet{Type: "ActionSet", Spacing: "Medium", Actions: row}))
	card.Wide = &wide{"Full"}
	return card
}

// questions draw one input; a moment is two.
func questions(i adapters.Input, where *time.Location) []input {
	one := input{Type: "Input.Text", ID: answerID(i.Name), Label: cut(orElse(line(i.Label), i.Name), maxFact), Hint: cut(line(i.Hint), maxFact), Required: !i.Optional}
	if one.Required {
		one.Wrong = one.Label
	}
	switch {
	case len(i.Options) > 0:
		one.Type, one.Style = "Input.ChoiceSet", "compact"
		for _, o := range i.Options {
			if o.Value != "" && !strings.Contains(o.Value, ",") && len(one.Choices) < maxChoices { // a comma would be two answers
				one.Choices = append(one.Choices, choice{cut(orElse(line(o.Label), o.Value), maxTitle), o.Value})
			}
			if o.Value == i.Value {
				one.Value = i.Value
			}
		}
	case i.Time:
		clock := input{Type: "Input.Time", ID: one.ID + timed, Required: one.Required, Wrong: one.Wrong}
		one.Type, one.ID, one.Hint = "Input.Date", one.ID+dated, ""
		if at, err := time.Parse(time.RFC3339, i.Value); err == nil {
			at = at.In(orZone(where, at.Location()))
			one.Value, clock.Value = at.Format(time.DateOnly), at.Format("15:04")
		}
		return []input{one, clock}
	default:
		one.Long, one.Most, one.Value = i.Long, maxAnswer, cut(adapters.Clean(i.Value), maxAnswer-1)
	}
	return []input{one}
}

// placed is the time zone that Teams told, or nil.
func placed(zone string) *time.Location {
	if zone == "" {
		return nil
	}
	l, err := time.LoadLocation(zone)
	if err != nil {
		return nil
	}
	return l
}

func orZone(l, other *time.Location) *time.Location {
	if l == nil {
		return other
	}
	return l
}

// submitted reads a form that was sent: where it was opened stands in it.
func (t *Teams) submitted(e adapters.Event, in pressing) (adapters.Event, bool, error) {
	if in.Cancel {
		return e, false, nil
	}
	s := *in.Form
	if !hmac.Equal([]byte(s.Seal), []byte(t.sealed(in.Command, s))) {
		return e, false, errForged
	}
	e.Kind, e.Text, e.Form = adapters.Submit, in.Command, map[string]string{}
	e.Place.Channel, e.Place.Thread, e.Message, e.Direct = s.Channel, s.Thread, s.Message, s.Direct
	moment := map[string]bool{}
	for name := range strings.SplitSeq(s.Times, ",") {
		moment[name] = true
	}
	for name := range strings.SplitSeq(s.Names, ",") {
		switch {
		case name == "":
		case moment[name]:
			e.Form[name] = orElse(in.answers[answerID(name)], instant(in.answers[answerID(name)+dated], in.answers[answerID(name)+timed], placed(s.Zone)))
		default:
			e.Form[name] = strings.ReplaceAll(in.answers[answerID(name)], "\r\n", "\n")
		}
	}
	return e, true, nil
}

// instant is the moment that somebody filled in. Whose time zone is not known means
// that of the school, which the house takes a moment without one for.
func instant(date, clock string, where *time.Location) string {
	if date == "" {
		return ""
	}
	if len(clock) > 5 {
		clock = clock[:5] // some clients tell seconds
	}
	local := date + "T" + orElse(clock, "00:00")
	if where == nil {
		return local
	}
	at, err := time.ParseInLocation("2006-01-02T15:04", local, where)
	if err != nil {
		return local
	}
	return at.UTC().Format(time.RFC3339)
}

// close puts a line in the place of a form that was sent or let be, for the person
// now and in the conversation for good. That it is still to be seen does no harm.
func (t *Teams) close(ctx context.Context, w http.ResponseWriter, a activity, sign string) {
	in, press := invoked(a)
	if !press {
		in, _ = pressed(a.Value)
	}
	title := sign
	if in.Form != nil {
		title += " " + cut(line(in.Form.Title), maxTitle)
	}
	card := newCard([]any{text(title, run{Subtle: true})})
	ctx, cancel := context.WithTimeout(ctx, aMoment)
	defer cancel()
	if r, err := t.book.room(ctx, a.Conversation.ID); err == nil && a.ReplyTo != "" {
		if err := t.put(ctx, r, a.Conversation.ID, adapters.Receipt(a.ReplyTo), wrap(card, title)); err != nil {
			t.log.InfoContext(ctx, "teams: a form could not be put away", "error", err)
		}
	}
	if a.Name == cardAction {
		reply(w, http.StatusOK, asCard, card)
		return
	}
	t.accepted(w, a, title)
}

// aMoment is how long a person waits for a form to close.
const aMoment = 3 * time.Second

// shown tells the answer within the call that a form was opened: elsewhere, or in the
// window that stands open.
type shown struct {
	title  string
	window bool
	form   *adaptive
}

type shownKey struct{}

// triggers are the presses that may still open a form.
type triggers struct {
	mu   sync.Mutex
	laid map[string]time.Time
}

// triggerLasts is how long after a press a form may be opened.
const triggerLasts = time.Minute

// lay keeps the trigger of a press, and lets go of those that nobody pulled.
func (t *triggers) lay(id string, now time.Time) {
	if id == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.laid == nil {
		t.laid = map[string]time.Time{}
	}
	for old, at := range t.laid {
		if now.Sub(at) > triggerLasts {
			delete(t.laid, old)
		}
	}
	t.laid[id] = now
}

// pull takes a trigger; it works once.
func (t *triggers) pull(id string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, ok := t.laid[id]
	delete(t.laid, id)
	return ok
}
