package main

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"schoolbel/adapters/matrix"
	"schoolbel/adapters/matrix/matrixtest"
	"schoolbel/config"
	"schoolbel/workflows/school"
)

// matrixChat is a real homeserver as a stage. All stories share it and the people on it;
// the bot and the rooms are of one story alone.
type matrixChat struct {
	*matrixtest.Server
	t      *testing.T
	school *school.School
	secret bool // rooms are encrypted
	bot    string
	rooms  map[string]string // by key of the school file
	file   string            // the school with those rooms
	apps   []*App
	shut   bool              // the bot cannot log in
	shuns  map[string]string // who went out of their own room with the bot
}

var bots atomic.Int64

// playing are the people of whom something is asked in a story; all others have an
// account and no client.
var playing = []string{"noor", "bram", "sanne", "anna", "peter", "fatima", "joost"}

func newMatrixChat(t *testing.T, o Options, secret bool) *matrixChat {
	t.Helper()
	if secret {
		matrixtest.NeedKeys(t)
	}
	delinde, err := config.School("")
	must(t, "the school", err)
	c := &matrixChat{t: t, school: delinde, secret: secret, rooms: map[string]string{}, shuns: map[string]string{}}
	c.Server = matrixtest.Shared(t, func(s *matrixtest.Server) {
		for _, p := range delinde.People {
			if slices.Contains(playing, p.Key) {
				s.Person(p.Key, p.Name)
			} else {
				s.Register(p.Key, p.Name)
			}
		}
	})
	c.bot = string(c.Register(fmt.Sprint("schoolbel", bots.Add(1)), "Schoolbel"))
	for _, room := range []string{"ict", "functioneel-beheer", "cab", "crisis", "noord", "zuid", "centrum"} {
		guests := []string{c.bot}
		for _, p := range delinde.People {
			if p.Key != "noor" && slices.Contains(playing, p.Key) && slices.Contains(append(p.Teams, p.Locations...), room) {
				guests = append(guests, c.user(p.Key))
			}
		}
		c.rooms[room] = c.Make(c.user("noor"), room, secret, guests...)
	}
	c.file = c.plan()
	if o.Now != nil {
		c.Alter(turned(o.Now))
	}
	return c
}

// plan writes the example school with its rooms on Matrix.
func (c *matrixChat) plan() string {
	c.t.Helper()
	text, err := os.ReadFile("config/school.example.yaml")
	must(c.t, "the school", err)
	var moves []string
	for key, room := range c.rooms {
		moves = append(moves, `"slack:`+slackRoom(key)+`"`, `"matrix:`+room+`"`)
	}
	path := filepath.Join(c.t.TempDir(), "school.yaml")
	must(c.t, "the school", os.WriteFile(path, []byte(strings.NewReplacer(moves...).Replace(string(text))), 0o600))
	return path
}

var stamp = regexp.MustCompile(`"origin_server_ts":\s*(\d+)`)

// turned lets the homeserver tell the time that the test tells: what was said a second
// ago was said a second before that.
func turned(now func() time.Time) func(string, []byte) []byte {
	return func(_ string, body []byte) []byte {
		return stamp.ReplaceAllFunc(body, func(found []byte) []byte {
			at, err := strconv.ParseInt(string(stamp.FindSubmatch(found)[1]), 10, 64)
			if err != nil {
				return found
			}
			return fmt.Appendf(nil, `"origin_server_ts":%d`, now().Add(-time.Since(time.UnixMilli(at))).UnixMilli())
		})
	}
}

// Environ switches Matrix on.
func (c *matrixChat) Environ() []string {
	lines := []string{
		"SCHOOLBEL_SCHOOL=" + c.file, "SCHOOLBEL_ADAPTERS_MATRIX_HOMESERVER=" + c.URL(),
		"SCHOOLBEL_ADAPTERS_MATRIX_USER=" + c.bot, "SCHOOLBEL_ADAPTERS_MATRIX_PASSWORD=" + matrixtest.Password,
	}
	if c.secret {
		lines = append(lines, "SCHOOLBEL_ADAPTERS_MATRIX_PICKLE_KEY=only this test knows")
	}
	return lines
}

// Up waits until a process listens, and everybody's client knows that the bot is there.
func (c *matrixChat) Up(app *App) {
	c.t.Helper()
	c.apps = append(c.apps, app)
	if c.shut {
		return
	}
	c.until("the bot listens", func() bool { return c.ready(app) == nil })
	for key, room := range c.rooms {
		c.gathers(key, room)
	}
}

// gathers waits until everybody in a room knows that the bot is.
func (c *matrixChat) gathers(key, room string) {
	c.t.Helper()
	c.until("the bot is in "+key, func() bool {
		for _, p := range c.school.People {
			in := p.Key == "noor" || slices.Contains(append(p.Teams, p.Locations...), key)
			if in && slices.Contains(playing, p.Key) && !c.Known(c.user(p.Key)).Knows(room, id.UserID(c.bot)) {
				return false
			}
		}
		return true
	})
}

// ready is what keeps a process from hearing.
func (c *matrixChat) ready(app *App) error {
	for _, a := range app.adapters {
		if a.Name() == matrix.Name {
			return matrix.Plug.Ready(a)
		}
	}
	return nil
}

func (c *matrixChat) until(what string, so func() bool) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 2*time.Minute)
	defer cancel()
	must(c.t, what, c.Server.Wait(ctx, so))
}

// Alone is false: any process may hear Matrix.
func (c *matrixChat) Alone() bool { return false }

func (c *matrixChat) user(who string) string {
	if p, ok := c.school.PersonOf(who); ok {
		return p.Accounts["matrix"]
	}
	return "@" + who + ":" + matrixtest.Domain
}

// channel is a room's id; that of a person's own room is "" until there is one.
func (c *matrixChat) channel(room string) string {
	if who, direct := strings.CutPrefix(room, "@"); direct {
		return c.DM(c.user(who), c.bot)
	}
	return c.rooms[room]
}

// Writes writes; who has no room with the bot makes one.
func (c *matrixChat) Writes(who, room, text string, thread ...post) post {
	c.t.Helper()
	root := ""
	for _, m := range thread {
		root = m.ID
		if m.Thread != "" {
			root = m.Thread
		}
	}
	user := c.user(who)
	at := c.channel(room)
	if at == "" {
		at = c.Known(user).Direct(id.UserID(c.bot), c.secret)
		c.until("the bot comes", func() bool { return c.channel(room) == at && c.Known(user).Knows(at, id.UserID(c.bot)) })
	}
	return post{Room: room, ID: c.Reply(user, at, root, text), Thread: root, Text: text}
}

// Calls begins with the name of the bot.
func (c *matrixChat) Calls(who, room, text string) post {
	c.t.Helper()
	return c.Writes(who, room, "Schoolbel: "+text)
}

// Presses reacts with the emoji that stands beside a button.
func (c *matrixChat) Presses(who string, on post, label string) {
	c.t.Helper()
	for _, m := range c.Messages(c.channel(on.Room)) {
		if m.ID == on.ID {
			c.Press(c.user(who), m, label)
			return
		}
	}
	c.t.Fatalf("the message is gone: %s", on.Text)
}

// Fills answers the questions of a form in somebody's own room.
func (c *matrixChat) Fills(who string, values map[string]string) {
	c.t.Helper()
	c.Fill(c.user(who), c.bot, values)
}

// Said are the bot's messages. In encrypted rooms each of them must be.
func (c *matrixChat) Said(room string) []post {
	c.t.Helper()
	var list []post
	for _, m := range c.Messages(c.channel(room)) {
		if m.Sender != c.bot || m.Deleted {
			continue
		}
		if m.Closed != c.secret {
			c.t.Errorf("encrypted is %v: %q", m.Closed, m.Text)
		}
		if len(m.Calls) > 0 {
			c.t.Errorf("%q calls %q", m.Text, m.Calls)
		}
		list = append(list, post{Room: room, ID: m.ID, Thread: m.Thread, Text: pieces(m)})
	}
	return list
}

var factName = regexp.MustCompile(`<strong>([^<]*): ?</strong>`)

// pieces is what can be read of a message, a piece on each line.
func pieces(m matrixtest.Message) string {
	text := m.Text
	for _, found := range factName.FindAllStringSubmatch(m.HTML, -1) {
		name := html.UnescapeString(found[1])
		text = strings.ReplaceAll(text, "\n"+name+": ", "\n"+name+"\n")
	}
	for _, b := range m.Buttons() { // what else stands there is the command and the link
		lines := strings.Split(text, "\n")
		for i, line := range lines {
			if strings.HasPrefix(line, b.Sign+" "+b.Label+" · ") {
				lines[i] = b.Label
			}
		}
		text = strings.Join(lines, "\n")
	}
	return text
}

// Wait waits for a change on the homeserver.
func (c *matrixChat) Wait(ctx context.Context, ok func() bool) error { return c.Server.Wait(ctx, ok) }

// Sweeps tells that a homeserver counts all that an account does.
func (c *matrixChat) Sweeps(how fault) bool { return how == tooFast || how == tooFast2 }

// Fails makes the homeserver, or people, do what they do.
func (c *matrixChat) Fails(room string, how fault) {
	c.t.Helper()
	where := "/rooms/"
	if room != "" {
		where += c.channel(room) + "/"
	}
	switch how {
	case blocked:
		who := c.user(strings.TrimPrefix(room, "@"))
		c.shuns[who] = c.channel(room)
		c.Known(who).Shun(c.channel(room))
		return
	case noRoom:
		c.Known(c.user("noor")).Kick(c.channel(room), id.UserID(c.bot))
		return
	case noMoreKey:
		c.shut = true
		c.Fault(func(r *http.Request) *matrixtest.Trouble {
			if strings.HasSuffix(r.URL.Path, "/login") {
				return &matrixtest.Trouble{Status: 403, Body: `{"errcode":"M_FORBIDDEN","error":"Invalid username or password"}`}
			}
			return &matrixtest.Trouble{Status: 401, Body: `{"errcode":"M_UNKNOWN_TOKEN","error":"Unknown token"}`}
		})
		c.Hang()
		c.until("the bot is out", func() bool {
			return !slices.ContainsFunc(c.apps, func(a *App) bool {
				err := c.ready(a)
				return err == nil || !strings.Contains(err.Error(), c.Says(room, how))
			})
		})
		return
	}
	c.Fault(func(r *http.Request) *matrixtest.Trouble {
		if !strings.Contains(r.URL.Path, where) || !strings.Contains(r.URL.Path, "/send/m.room.") {
			return nil
		}
		switch how {
		case tooFast:
			return &matrixtest.Trouble{Status: 429, Body: `{"errcode":"M_LIMIT_EXCEEDED","error":"Too many requests","retry_after_ms":20000}`}
		case tooFast2:
			return &matrixtest.Trouble{Status: 429, Body: `{"errcode":"M_LIMIT_EXCEEDED","error":"Too many requests"}`}
		case noAnswer:
			return &matrixtest.Trouble{Store: true, Drop: true}
		}
		return &matrixtest.Trouble{Status: 502, Body: "<html>Bad Gateway</html>"}
	})
}

// Mends makes all well.
func (c *matrixChat) Mends() {
	c.t.Helper()
	c.Fault(nil)
	for who, room := range c.shuns {
		c.Known(who).Return(room)
		c.until("they are back", func() bool { return c.DM(who, c.bot) == room })
	}
	noor := c.Known(c.user("noor"))
	for key, room := range c.rooms {
		if noor.Membership(room, id.UserID(c.bot)) != "join" {
			noor.Invite(room, id.UserID(c.bot))
			c.gathers(key, room)
		}
	}
	c.shut = false
	for _, app := range c.apps { // each logs in by itself, but for those that were stopped
		answer, err := http.Get("http://" + app.listener.Addr().String() + "/healthz")
		if err != nil {
			continue
		}
		must(c.t, "healthz", answer.Body.Close())
		c.until("the bot is back", func() bool { return c.ready(app) == nil })
	}
}

// Says is what an operator reads.
func (c *matrixChat) Says(room string, how fault) string {
	switch how {
	case broken:
		return "matrix does not answer as it should"
	case noRoom:
		return "the room matrix:" + c.channel(room) + " is gone"
	case noMoreKey:
		return "put the right one in adapters.matrix.password"
	}
	return ""
}
