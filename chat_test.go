package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// chat is a platform with people in it, as the stories of a day need it. People and
// rooms go by their keys in the school file: "anna", "ict", "noord"; "@anna" is the
// direct room of Anna and the bot. What goes wrong in an implementation ends the test.
//
// To let another platform play: write this for it, and put it in chats.
type chat interface {
	// Environ are the lines of configuration that switch the adapter on, and where
	// its rooms stand in another school file than the built-in one, that one too.
	Environ() []string
	// Up tells that a process of the app listens, before anybody does anything.
	Up(app *App)
	// Alone tells that one process alone must carry the platform.
	Alone() bool

	// Writes lets somebody write in a room, or in the thread of a message there; it
	// returns what they wrote once the platform knows that the app has it.
	Writes(who, room, text string, thread ...post) post
	// Calls lets somebody write to the bot by name in a room.
	Calls(who, room, text string) post
	// Presses lets somebody press a button of a message, as it stands now.
	Presses(who string, on post, label string)
	// Fills sends the form that opened when this person pressed something.
	Fills(who string, values map[string]string)
	// Said are the messages of the bot in a room as they stand now, oldest first.
	Said(room string) []post
	// Wait asks ok again after each change, until it is true or ctx ends.
	Wait(ctx context.Context, ok func() bool) error
}

// post is a message as people see it.
type post struct {
	Room   string // as it was asked for
	ID     string // what the platform calls it
	Thread string // ID of the message that it answers to, or ""
	To     string // key of the one person who sees it among others, or ""
	Text   string // all that can be read, a piece on each line: title, text, "name\nvalue" of facts, labels of buttons
}

// chats are the platforms on which every story of the day is played.
var chats = map[string]func(*testing.T, Options) chat{
	"slack":   func(t *testing.T, o Options) chat { return newSlackChat(t, o) },
	"teams":   func(t *testing.T, o Options) chat { return newTeamsChat(t, o) },
	"matrix":  func(t *testing.T, o Options) chat { return newMatrixChat(t, o, false) },
	"console": func(t *testing.T, _ Options) chat { return newConsoleChat(t) },
	closed:    func(t *testing.T, o Options) chat { return newMatrixChat(t, o, true) },
}

// closed is Matrix with encrypted rooms. One database is enough for a real homeserver,
// which takes its time: on the other, with two processes, it has stories of its own.
const closed = "matrix, encrypted"

// stage is the whole app on one platform.
type stage struct {
	*play
	chat
}

// everywhere plays a story on every platform and both databases.
func everywhere(t *testing.T, story func(*stage)) {
	for name, open := range chats {
		t.Run(name, func(t *testing.T) {
			play := both
			if strings.HasPrefix(name, "matrix") {
				play = onSQLite
			}
			play(t, func(t *testing.T, database string, processes int) {
				story(openStage(t, database, processes, Options{}, open(t, Options{})))
			})
		})
	}
}

// openStage starts the app on a database, on one platform or on several; the first
// is the one that the stage itself speaks of.
func openStage(t *testing.T, database string, processes int, o Options, first chat, more ...chat) *stage {
	t.Helper()
	h := &play{T: t, database: database, options: o, chats: append([]chat{first}, more...)}
	for range processes {
		h.start(database)
		if slices.ContainsFunc(h.chats, chat.Alone) {
			break
		}
	}
	return &stage{h, first}
}

// sees waits until a message of the bot in a room shows these words.
func (s *stage) sees(room string, words ...string) post {
	s.Helper()
	return seesOn(s.play, s.chat, room, words...)
}

func seesOn(h *play, on chat, room string, words ...string) post {
	h.Helper()
	var found post
	ctx, cancel := context.WithTimeout(h.Context(), 30*time.Second)
	defer cancel()
	err := on.Wait(ctx, func() bool {
		list := on.Said(room)
		i := slices.IndexFunc(list, func(m post) bool { return m.shows(words...) })
		if i >= 0 {
			found = list[i]
		}
		return i >= 0
	})
	if err != nil {
		var all []string
		for _, m := range on.Said(room) {
			all = append(all, m.Text)
		}
		h.Fatalf("nobody in %s sees %q; there is:\n%s", room, words, strings.Join(all, "\n---\n"))
	}
	return found
}

// whispers waits until one person, and nobody else, sees these words about something
// in a room: in that room, or where a platform cannot do that, in their own.
func (s *stage) whispers(room, who string, words ...string) post {
	s.Helper()
	var found post
	ctx, cancel := context.WithTimeout(s.Context(), 30*time.Second)
	defer cancel()
	err := s.Wait(ctx, func() bool {
		for _, at := range []string{room, "@" + who} {
			for _, m := range s.Said(at) {
				if m.shows(words...) && (m.To == who || at != room) {
					found = m
					return true
				}
			}
		}
		return false
	})
	if err != nil {
		s.Fatalf("%s alone does not see %q", who, words)
	}
	return found
}

func (m post) shows(words ...string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(m.Text, w) })
}

// heard counts the messages of the bot in a room that show these words.
func (s *stage) heard(room string, words ...string) int {
	return len(slices.DeleteFunc(s.Said(room), func(m post) bool { return !m.shows(words...) }))
}

// takes lets somebody press a button of the message that shows these words, once
// the bot has heard what that message is called.
func (s *stage) takes(who, label, room string, words ...string) {
	s.Helper()
	m := s.sees(room, append(words, label)...)
	s.idle()
	s.Presses(who, m, label)
}

// cards counts the cards of a record in a room.
func (s *stage) cards(room, ref string) int {
	n := 0
	for _, m := range s.Said(room) {
		if strings.Contains(m.Text, ref+" · ") {
			n++
		}
	}
	return n
}

// must ends the test when a platform was not answered as it should be.
func must(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(fmt.Errorf("%s: %w", what, err))
	}
}
