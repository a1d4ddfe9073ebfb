package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"schoolbel/adapters/slack/slackfake"
	"schoolbel/config"
	"schoolbel/workflows/school"
)

// slackChat is the fake Slack as a stage.
type slackChat struct {
	*slackfake.Fake
	t      *testing.T
	school *school.School
	more   []string
}

func newSlackChat(t *testing.T, o Options) *slackChat {
	t.Helper()
	delinde, err := config.School("")
	must(t, "the school", err)
	s := &slackChat{Fake: slackfake.New(o.Now), t: t, school: delinde}
	t.Cleanup(s.Close)
	settle(s.Fake, delinde)
	return s
}

// settle brings the people of the school into their rooms.
func settle(fake *slackfake.Fake, s *school.School) {
	rooms := map[string][]string{}
	for _, p := range s.People {
		id := p.Accounts["slack"]
		fake.AddUser(id, p.Name, p.Email, p.Locale)
		for _, team := range p.Teams {
			rooms[team] = append(rooms[team], id)
		}
		for _, l := range p.Locations {
			rooms[l] = append(rooms[l], id)
		}
	}
	for key, id := range map[string]string{"ict": "C0ICT", "functioneel-beheer": "C0FB", "cab": "C0CAB", "crisis": "C0CRISIS", "noord": "C0NOORD", "zuid": "C0ZUID", "centrum": "C0CENTRUM"} {
		fake.AddChannel(id, key, rooms[key]...)
	}
}

// Environ switches Slack on.
func (s *slackChat) Environ() []string {
	return append([]string{
		"SCHOOLBEL_ADAPTERS_SLACK_API_URL=" + s.URL(), "SCHOOLBEL_ADAPTERS_SLACK_BOT_TOKEN=" + slackfake.BotToken,
		"SCHOOLBEL_ADAPTERS_SLACK_SIGNING_SECRET=" + slackfake.SigningSecret,
	}, s.more...)
}

// Up lets Slack call the newest process.
func (s *slackChat) Up(app *App) { s.Target("http://" + app.listener.Addr().String()) }

// Alone is false: any process may hear Slack.
func (s *slackChat) Alone() bool { return false }

func (s *slackChat) user(who string) string {
	if p, ok := s.school.PersonOf(who); ok {
		return p.Accounts["slack"]
	}
	return who
}

// channel is a room's id; a person's own room is theirs by their id.
func (s *slackChat) channel(room string) string {
	if who, direct := strings.CutPrefix(room, "@"); direct {
		return s.DM(s.user(who))
	}
	return slackRoom(room)
}

// slackRoom is the id of a room by its key in the school file.
func slackRoom(key string) string {
	if key == "functioneel-beheer" {
		return "C0FB"
	}
	return "C0" + strings.ToUpper(key)
}

func (s *slackChat) took(what string, told slackfake.Told) {
	s.t.Helper()
	if told.Err == nil && told.Status != 200 {
		told.Err = fmt.Errorf("answered %d %s", told.Status, told.Body)
	}
	must(s.t, what, told.Err)
}

// Writes posts a message.
func (s *slackChat) Writes(who, room, text string, thread ...post) post {
	s.t.Helper()
	root := ""
	for _, m := range thread {
		root = m.ID
		if m.Thread != "" {
			root = m.Thread
		}
	}
	told := s.Reply(s.user(who), s.channel(room), root, text)
	s.took(text, told)
	return post{Room: room, ID: told.TS, Thread: root, Text: text}
}

// Calls uses the slash command.
func (s *slackChat) Calls(who, room, text string) post {
	s.t.Helper()
	s.took(text, s.Slash(s.user(who), s.channel(room), "/schoolbel", text))
	return post{Room: room, Text: text}
}

// Presses presses a button.
func (s *slackChat) Presses(who string, on post, label string) {
	s.t.Helper()
	for _, m := range s.Messages(s.channel(on.Room)) {
		if m.TS == on.ID {
			s.took(label, s.Press(s.user(who), m, label))
			return
		}
	}
	s.t.Fatalf("the message is gone: %s", on.Text)
}

// Fills sends the form on top.
func (s *slackChat) Fills(who string, values map[string]string) {
	s.t.Helper()
	s.took("a form", s.Submit(s.user(who), values))
}

// Said are the bot's messages.
func (s *slackChat) Said(room string) []post {
	var list []post
	for _, m := range s.Fake.Said(s.channel(room)) {
		to := ""
		for _, p := range s.school.People {
			if m.To != "" && p.Accounts["slack"] == m.To {
				to = p.Key
			}
		}
		list = append(list, post{Room: room, ID: m.TS, Thread: m.Thread, To: to, Text: m.Shown()})
	}
	return list
}

// Wait waits for a change in Slack.
func (s *slackChat) Wait(ctx context.Context, ok func() bool) error { return s.Fake.Wait(ctx, ok) }

// Fails makes calls about a room fail as Slack does.
func (s *slackChat) Fails(room string, how fault) {
	where := ""
	if room != "" {
		where = s.channel(room)
	}
	s.FaultIn(func(method, about string) *slackfake.Trouble {
		says := method == "chat.postMessage" || method == "chat.update" || method == "chat.postEphemeral"
		if where != "" && about != where || !says && how != noMoreKey {
			return nil
		}
		if (how == tooFast || how == tooFast2) && method == "chat.update" {
			return nil // Slack counts changes for the whole workspace
		}
		switch how {
		case tooFast:
			return &slackfake.Trouble{Status: 429, RetryAfter: 20}
		case tooFast2:
			return &slackfake.Trouble{Status: 429}
		case noAnswer:
			return &slackfake.Trouble{Store: true, Drop: true}
		case broken:
			return &slackfake.Trouble{Status: 503}
		case blocked:
			return &slackfake.Trouble{Error: "messages_tab_disabled"}
		case noRoom:
			return &slackfake.Trouble{Error: "is_archived"}
		}
		return &slackfake.Trouble{Error: "token_revoked"}
	})
}

// Mends makes all well.
func (s *slackChat) Mends() { s.FaultIn(nil) }

// Says is what an operator reads.
func (s *slackChat) Says(room string, how fault) string {
	switch how {
	case broken:
		return "slack does not answer as it should"
	case noRoom:
		return "the room slack:" + s.channel(room) + " is gone"
	case noMoreKey:
		return "install the app again in Slack (OAuth & Permissions) and put its token in adapters.slack.bot_token"
	}
	return ""
}
