package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"schoolbel/adapters/teams/teamsfake"
	"schoolbel/config"
	"schoolbel/workflows/school"
)

// teamsChat is the fake Teams as a stage. All rooms are channels: a group chat has no
// threads.
type teamsChat struct {
	*teamsfake.Fake
	t      *testing.T
	school *school.School
	file   string // the school with its rooms on Teams, "" where another chat brings it
}

func newTeamsChat(t *testing.T, o Options) *teamsChat {
	t.Helper()
	delinde, err := config.School("")
	must(t, "the school", err)
	c := &teamsChat{Fake: teamsfake.New(o.Now), t: t, school: delinde, file: schoolOnTeams(t)}
	t.Cleanup(c.Close)
	rooms := map[string][]string{}
	for _, p := range delinde.People {
		id := p.Accounts["teams"]
		c.AddUser(id, p.Name, p.Email, p.Locale)
		for _, in := range append(p.Teams, p.Locations...) {
			rooms[in] = append(rooms[in], id)
		}
	}
	for key, id := range roomsOnTeams {
		c.AddChannel(id, key, rooms[key]...)
	}
	return c
}

// roomsOnTeams are the ids of the rooms by their keys in the school file.
var roomsOnTeams = map[string]string{
	"ict": "19:ict@thread.tacv2", "functioneel-beheer": "19:fb@thread.tacv2", "cab": "19:cab@thread.tacv2", "crisis": "19:crisis@thread.tacv2",
	"noord": "19:noord@thread.tacv2", "zuid": "19:zuid@thread.tacv2", "centrum": "19:centrum@thread.tacv2",
}

// schoolOnTeams writes the example school with its rooms on Teams.
func schoolOnTeams(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("config/school.example.yaml")
	must(t, "the school", err)
	var moves []string
	for key, id := range roomsOnTeams {
		moves = append(moves, `"slack:`+slackRoom(key)+`"`, `"teams:`+id+`"`)
	}
	path := filepath.Join(t.TempDir(), "school.yaml")
	must(t, "the school", os.WriteFile(path, []byte(strings.NewReplacer(moves...).Replace(string(text))), 0o600))
	return path
}

// Environ switches Teams on.
func (c *teamsChat) Environ() []string {
	lines := c.Fake.Environ()
	if c.file != "" {
		lines = append(lines, "SCHOOLBEL_SCHOOL="+c.file)
	}
	return lines
}

// Up lets Teams call the newest process.
func (c *teamsChat) Up(app *App) { c.Target("http://" + app.listener.Addr().String()) }

// Alone is false: any process may hear Teams.
func (c *teamsChat) Alone() bool { return false }

func (c *teamsChat) user(who string) string {
	if p, ok := c.school.PersonOf(who); ok {
		return p.Accounts["teams"]
	}
	return who
}

// channel is a room's id; a person's own room goes by theirs.
func (c *teamsChat) channel(room string) string {
	if who, direct := strings.CutPrefix(room, "@"); direct {
		return c.user(who)
	}
	if id, known := roomsOnTeams[room]; known {
		return id
	}
	return room
}

func (c *teamsChat) took(what string, told teamsfake.Told) {
	c.t.Helper()
	if told.Err == nil && told.Status != 200 {
		told.Err = fmt.Errorf("answered %d %s", told.Status, told.Body)
	}
	must(c.t, what, told.Err)
}

// Writes posts a message.
func (c *teamsChat) Writes(who, room, text string, thread ...post) post {
	c.t.Helper()
	root := ""
	for _, m := range thread {
		root = m.ID
		if m.Thread != "" {
			root = m.Thread
		}
	}
	told := c.Reply(c.user(who), c.channel(room), root, text)
	c.took(text, told)
	return post{Room: room, ID: told.ID, Thread: root, Text: text}
}

// Calls begins with the name of the bot.
func (c *teamsChat) Calls(who, room, text string) post {
	c.t.Helper()
	return c.Writes(who, room, "@schoolbel "+text)
}

// Presses presses a button.
func (c *teamsChat) Presses(who string, on post, label string) {
	c.t.Helper()
	for _, m := range c.Messages(c.channel(on.Room)) {
		if m.ID == on.ID {
			c.took(label, c.Press(c.user(who), m, label))
			return
		}
	}
	c.t.Fatalf("the message is gone: %s", on.Text)
}

// Fills sends the form in somebody's own chat.
func (c *teamsChat) Fills(who string, values map[string]string) {
	c.t.Helper()
	c.took("a form", c.Submit(c.user(who), values))
}

// Said are the bot's messages.
func (c *teamsChat) Said(room string) []post {
	var list []post
	for _, m := range c.Fake.Said(c.channel(room)) {
		list = append(list, post{Room: room, ID: m.ID, Thread: m.Thread, Text: m.Read()})
	}
	return list
}

// Wait waits for a change in Teams.
func (c *teamsChat) Wait(ctx context.Context, ok func() bool) error { return c.Fake.Wait(ctx, ok) }

// Fails makes calls about a room fail as Teams does.
func (c *teamsChat) Fails(room string, how fault) {
	if how == noMoreKey {
		c.Revoke(true)
		return
	}
	where := ""
	if room != "" {
		if where = c.channel(room); strings.HasPrefix(room, "@") {
			where = c.DM(where)
		}
	}
	c.FaultIn(func(call, about string, _ int) *teamsfake.Trouble {
		if call != "send" && call != "update" || where != "" && about != where {
			return nil
		}
		switch how {
		case tooFast:
			return &teamsfake.Trouble{Status: 429, RetryAfter: "20"}
		case tooFast2:
			return &teamsfake.Trouble{Status: 429}
		case noAnswer:
			return &teamsfake.Trouble{Store: true, Drop: true}
		case broken:
			return &teamsfake.Trouble{Status: 503}
		case blocked:
			return &teamsfake.Trouble{Status: 403, Code: "MessageWritesBlocked"}
		}
		return &teamsfake.Trouble{Status: 404, Code: "ConversationNotFound"}
	})
}

// Mends makes all well.
func (c *teamsChat) Mends() {
	c.Revoke(false)
	c.FaultIn(nil)
}

// Says is what an operator reads.
func (c *teamsChat) Says(room string, how fault) string {
	switch how {
	case broken:
		return "teams does not answer as it should"
	case noRoom:
		return "the room teams:" + c.channel(room) + " is gone"
	case noMoreKey:
		return "make a new client secret in the app registration and put it in adapters.teams.app_secret"
	}
	return ""
}
