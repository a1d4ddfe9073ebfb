package console

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"schoolbel/adapters"
)

// handleWithin is how long the bot may take to store what somebody did. It does
// not end with the request: a page that is closed has still said what it said.
const handleWithin = 30 * time.Second

// Routes are the page, what it posts, and the stream that keeps it up to date.
func (c *Console) Routes(in adapters.Handler) map[string]http.Handler {
	routes := map[string]http.Handler{
		"GET /{$}":                  c.page("index.html"),
		"GET /console/{file}":       c.asset(),
		"GET /console/texts/{file}": c.words(),
		"GET /console/state":        http.HandlerFunc(c.state),
		"GET /console/stream":       http.HandlerFunc(c.stream),
	}
	for path, act := range map[string]action{
		"say": c.say, "press": c.press, "submit": c.submit, "shortcut": c.shortcut, "home": c.openHome,
	} {
		routes["POST /console/"+path] = c.door(in, act)
	}
	for pattern, door := range routes {
		routes[pattern] = guard(door)
	}
	return routes
}

// act is what the page posts; each door uses what it needs.
type act struct {
	ID      string            `json:"id"`
	Person  string            `json:"person"`
	Tab     string            `json:"tab"`
	Channel string            `json:"channel"`
	Thread  string            `json:"thread"`
	Receipt string            `json:"receipt"`
	Text    string            `json:"text"`
	Command string            `json:"command"`
	Form    map[string]string `json:"form"`

	before adapters.Receipt // what came of it when it was told before
}

// action turns what the page posted into an event for the bot. Both are in the
// hands of the caller, who already knows the person.
type action func(ctx context.Context, in adapters.Handler, e adapters.Event, a act) (adapters.Receipt, error)

var actionID = regexp.MustCompile(`^[A-Za-z0-9-]{8,64}$`)

// door takes one posted action.
func (c *Console) door(in adapters.Handler, do action) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var a act
		if err := decode(w, r, &a); err != nil {
			c.refuse(w, r, err)
			return
		}
		cast := c.players()
		p, known := cast.person(a.Person)
		switch {
		case !actionID.MatchString(a.ID):
			c.refuse(w, r, errBroken)
			return
		case !known:
			c.refuse(w, r, errStranger)
			return
		case a.Channel != "" && !cast.sees(a.Person, a.Channel):
			c.refuse(w, r, errNoRoom)
			return
		}
		e := adapters.Event{
			ID: name + ":" + a.ID, User: p.user(), Locale: p.Locale, Trigger: a.ID, At: c.now(),
		}
		receipt, err := c.once(r.Context(), a, func(before adapters.Receipt) (adapters.Receipt, error) {
			a.before = before
			ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), handleWithin)
			defer cancel()
			return do(ctx, in, e, a)
		})
		if err != nil {
			c.refuse(w, r, err)
			return
		}
		answer(w, http.StatusOK, map[string]string{"receipt": string(receipt)})
	})
}

// toBot is how somebody calls the bot by name, at the start of a message.
var toBot = regexp.MustCompile(`(?i)^@schoolbel\b[\s,:]*`)

// slash is a command as there are in Slack; the room does not see it.
var slash = regexp.MustCompile(`(?is)^/(storing|incident|schoolbel)(?:\s+(.*))?$`)

// say is a message that somebody wrote. The room sees it before the bot answers;
// when the bot could not store it, it was never said.
func (c *Console) say(ctx context.Context, in adapters.Handler, e adapters.Event, a act) (adapters.Receipt, error) {
	text := strings.TrimSpace(a.Text)
	switch {
	case text == "":
		return "", errEmpty
	case a.Channel == "" || strings.HasPrefix(a.Channel, homeOf):
		return "", errNoRoom
	}
	e.Kind, e.Text = adapters.Message, text
	if m := slash.FindStringSubmatch(text); m != nil {
		command, said := strings.ToLower(m[1]), strings.TrimSpace(m[2])
		switch {
		case command == "schoolbel":
			e.Kind, e.Text = adapters.Slash, cmp.Or(said, "help")
		case said == "":
			e.Kind, e.Text = adapters.Shortcut, ""
		default: // always a new report, as it is when somebody types the word
			e.Kind, e.Text = adapters.Slash, command+": "+said
		}
		return "", c.pass(ctx, in, at(e, a.Channel, ""))
	}
	if called := toBot.FindString(text); called != "" {
		e.Kind, e.Text = adapters.Mention, text[len(called):]
	}
	c.mu.Lock()
	m := Message{Receipt: a.before, Thread: c.root(a.Channel, a.Thread), From: e.User.ID, Text: text, At: e.At, deed: a.ID}
	heard := a.before != "" // then it stands there and stays
	if !heard {
		m.Receipt = c.newReceipt()
		c.put(a.Channel, m)
	}
	c.mu.Unlock()
	e = at(e, a.Channel, string(m.Thread))
	e.Message = string(m.Receipt)
	defer func() { // also when the bot panics
		if !heard {
			c.mu.Lock()
			c.drop(a.Channel, m.Receipt)
			c.mu.Unlock()
		}
	}()
	err := c.pass(ctx, in, e)
	heard = heard || err == nil
	return m.Receipt, err
}

// root is the message that opened the thread of another.
func (c *Console) root(channel, receipt string) adapters.Receipt {
	if r := c.rooms[channel]; r != nil {
		if i := r.index(adapters.Receipt(receipt)); i >= 0 && r.messages[i].Thread != "" {
			return r.messages[i].Thread
		}
	}
	return adapters.Receipt(receipt)
}

// press is a button. On a home page there is no room to answer in, so that the
// answer comes in the person's direct room.
func (c *Console) press(ctx context.Context, in adapters.Handler, e adapters.Event, a act) (adapters.Receipt, error) {
	e.Kind, e.Text, e.Message = adapters.Press, a.Command, a.Receipt
	if a.Command == "" {
		return "", errBroken
	}
	if strings.HasPrefix(a.Channel, homeOf) {
		return "", c.pass(ctx, in, at(e, directWith+a.Person, ""))
	}
	m, ok := c.shown(a)
	if !ok {
		return "", errGone
	}
	return m.Receipt, c.pass(ctx, in, at(e, a.Channel, string(m.Thread)))
}

// submit is a form that was sent. Where it belongs came with the form.
func (c *Console) submit(ctx context.Context, in adapters.Handler, e adapters.Event, a act) (adapters.Receipt, error) {
	e.Kind, e.Text, e.Form, e.Message = adapters.Submit, a.Command, a.Form, a.Receipt
	if a.Command == "" || a.Channel == "" {
		return "", errBroken
	}
	return "", c.pass(ctx, in, at(e, a.Channel, a.Thread))
}

// shortcut asks to report: about a message, or about nothing in particular.
func (c *Console) shortcut(ctx context.Context, in adapters.Handler, e adapters.Event, a act) (adapters.Receipt, error) {
	e.Kind = adapters.Shortcut
	if a.Receipt == "" {
		return "", c.pass(ctx, in, at(e, directWith+a.Person, ""))
	}
	m, ok := c.shown(a)
	if !ok {
		return "", errGone
	}
	e.Text, e.Message = m.words(), a.Receipt
	return "", c.pass(ctx, in, at(e, a.Channel, string(m.Thread)))
}

// openHome tells the bot that somebody looks at their home page.
func (c *Console) openHome(ctx context.Context, in adapters.Handler, e adapters.Event, a act) (adapters.Receipt, error) {
	e.Kind = adapters.Home
	return "", c.pass(ctx, in, at(e, homeOf+a.Person, ""))
}

// shown finds the message that an action is about, if that person sees it.
func (c *Console) shown(a act) (Message, bool) {
	for _, m := range c.Messages(a.Channel) {
		if string(m.Receipt) == a.Receipt {
			return m, m.To == "" || m.To == a.Person
		}
	}
	return Message{}, false
}

// words is what a message says, when somebody reports it.
func (m Message) words() string {
	if m.Card == nil {
		return m.Text
	}
	return strings.Join(slices.DeleteFunc([]string{m.Card.Title, m.Card.Text}, func(s string) bool { return s == "" }), "\n")
}

func at(e adapters.Event, channel, thread string) adapters.Event {
	e.Place = adapters.Place{Adapter: name, Channel: channel, Thread: thread}
	e.Direct = strings.HasPrefix(channel, directWith) || strings.HasPrefix(channel, homeOf)
	return e
}

// pass hands an event to the bot.
func (c *Console) pass(ctx context.Context, in adapters.Handler, e adapters.Event) error {
	if err := in(ctx, e); err != nil {
		return fmt.Errorf("console: %s of %s: %w", e.Kind, e.User.ID, err)
	}
	return nil
}
