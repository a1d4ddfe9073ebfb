package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"schoolbel/adapters/slack/slackfake"
	"schoolbel/workflows"
)

// street is a school with two platforms: its team has a room on each, and Noor has
// an account on each. In the console all others are guests to the bot.
type street struct {
	*stage // Slack
	other  chat
	fake   *slackChat
	clock  *hands
}

// twoPlatforms plays a story on Slack and the console at once, on both databases.
func twoPlatforms(t *testing.T, story func(*street)) {
	beside(t, func(t *testing.T, _ Options) chat { return newConsoleChat(t) }, map[string]string{
		`room: ["slack:C0ICT"]`:    `room: ["slack:C0ICT", "console:ict"]`,
		`accounts: {slack: U0NOOR`: `accounts: {console: noor, slack: U0NOOR`,
	}, story)
}

// beside plays a story on Slack and another platform at once, with some words of the
// example school replaced.
func beside(t *testing.T, open func(*testing.T, Options) chat, words map[string]string, story func(*street)) {
	both(t, func(t *testing.T, database string, processes int) {
		example, err := os.ReadFile("config/school.example.yaml")
		must(t, "the school", err)
		text := string(example)
		for old, becomes := range words {
			if !strings.Contains(text, old) {
				t.Fatalf("the example does not say %q", old)
			}
			text = strings.Replace(text, old, becomes, 1)
		}
		file := filepath.Join(t.TempDir(), "school.yaml")
		must(t, "the school", os.WriteFile(file, []byte(text), 0o600))
		clock := &hands{at: local(t, "2026-11-23 09:00:00")}
		o := Options{Now: clock.now}
		slack, other := newSlackChat(t, o), open(t, o)
		slack.more = []string{"SCHOOLBEL_SCHOOL=" + file}
		story(&street{openStage(t, database, processes, o, slack, other), other, slack, clock})
	})
}

// later lets time pass.
func (s *street) later(d time.Duration) {
	s.Helper()
	s.idle()
	s.clock.mu.Lock()
	s.clock.at = s.clock.at.Add(d)
	s.clock.mu.Unlock()
	s.idle()
}

// reads waits until somebody sees words on the other platform.
func (s *street) reads(room string, words ...string) post {
	s.Helper()
	return seesOn(s.play, s.other, room, words...)
}

var shownCode = regexp.MustCompile(`\b(\d{3}) (\d{3})\b`)

// code asks for a code on a platform and reads it.
func (s *street) code(on chat, who, words string) string {
	s.Helper()
	s.idle()
	before := len(on.Said("@" + who))
	on.Writes(who, "@"+who, words)
	ctx, cancel := context.WithTimeout(s.Context(), 30*time.Second)
	defer cancel()
	code := ""
	err := on.Wait(ctx, func() bool {
		for _, m := range on.Said("@" + who)[before:] {
			if found := shownCode.FindStringSubmatch(m.Text); found != nil {
				code = found[1] + found[2]
			}
		}
		return code != ""
	})
	if err != nil {
		s.Fatalf("%s was shown no code but %v", who, on.Said("@" + who)[before:])
	}
	s.idle()
	return code
}

// lists tells whether somebody finds a record among their own.
func (s *street) lists(on chat, who, ref string) bool {
	s.Helper()
	s.idle()
	before := len(on.Said("@" + who))
	on.Writes(who, "@"+who, "mijn meldingen")
	ctx, cancel := context.WithTimeout(s.Context(), 30*time.Second)
	defer cancel()
	if err := on.Wait(ctx, func() bool { return len(on.Said("@"+who)) > before }); err != nil {
		s.Fatalf("%s got no list", who)
	}
	s.idle()
	said := on.Said("@" + who)
	return said[len(said)-1].shows(ref)
}

// A teacher with two accounts is one person from the moment that a code says so: what
// was reported as a guest is theirs, also after a restart, until it is undone.
func TestStoryOfTwoAccounts(t *testing.T) {
	twoPlatforms(t, func(s *street) {
		s.other.Writes("peter", "@peter", "de printer op Zuid is kapot") // a guest, to us
		s.reads("@peter", "Dit is INC-1")
		s.idle()
		if r := s.record("INC-1"); !slices.Equal(r.Reporters, []string{"console:peter"}) {
			s.Fatalf("reported by %v", r.Reporters)
		}
		if s.lists(s, "peter", "INC-1") {
			s.Error("Peter of Slack finds what a stranger reported")
		}
		code := s.code(s.other, "peter", "koppel mijn account")
		s.Writes("peter", "@peter", "koppel "+code)
		s.sees("@peter", "Gekoppeld: Peter Willems (Console) en Peter Willems (Slack)", "Was ik niet")
		s.reads("@peter", "Gekoppeld", "Was ik niet")
		s.idle()
		if !s.lists(s, "peter", "INC-1") || !s.lists(s.other, "peter", "INC-1") {
			s.Error("what he reported is not his on both accounts")
		}
		s.restart()
		if !s.lists(s, "peter", "INC-1") {
			s.Error("it is forgotten after a restart")
		}

		// News goes once, where he reported; his yes counts from the other account.
		s.Writes("noor", "@noor", "INC-1 oplossen papier erin")
		s.reads("@peter", "INC-1 is opgelost: papier erin", "Werkt het bij jou weer?")
		s.idle()
		if n := s.heard("@peter", "papier erin"); n > 0 {
			s.Errorf("Slack says it %d times as well", n)
		}
		s.Writes("peter", "@peter", "ja")
		s.sees("ict", "INC-1", "Gesloten")
		if log := s.log("INC-1"); log[len(log)-1].Actor != "peter" || log[0].Actor != "console:peter" {
			s.Errorf("the log says %s and %s", log[0].Actor, log[len(log)-1].Actor)
		}
		if report, err := s.apps[0].store.Verify(s.Context(), nil); err != nil || len(report.Breaks) > 0 {
			s.Errorf("the log was touched: %v %v", report, err)
		}

		s.other.Writes("peter", "@peter", "nu is de beamer op Zuid stuk")
		s.idle()
		if r := s.records()[0]; !slices.Equal(r.Reporters, []string{"peter"}) {
			s.Errorf("from then on it is reported by %v", r.Reporters)
		}

		s.takes("peter", "Was ik niet", "@peter", "Gekoppeld")
		s.sees("@peter", "Losgemaakt")
		s.reads("@peter", "Losgemaakt")
		s.idle()
		s.other.Writes("peter", "@peter", "de telefoon op Zuid doet het niet")
		s.idle()
		if r := s.records()[0]; !slices.Equal(r.Reporters, []string{"console:peter"}) {
			s.Errorf("undone, and it is reported by %v", r.Reporters)
		}
		if s.lists(s, "peter", "telefoon") {
			s.Error("undone, and Peter of Slack still finds it")
		}
	})
}

// Whoever shows the code and whoever enters it, the person of the school file is the
// one; two guests become one guest; two people of the file stay two.
func TestStoryOfWhoIsTied(t *testing.T) {
	twoPlatforms(t, func(s *street) {
		s.other.Writes("anna", "@anna", "de printer op Noord is kapot")
		s.idle()
		code := s.code(s, "anna", "koppel mijn account") // Slack shows, the guest enters
		s.other.Writes("anna", "@anna", "koppel "+code[:3]+" "+code[3:])
		s.sees("@anna", "Gekoppeld")
		s.idle()
		if !s.lists(s, "anna", "INC-1") {
			s.Error("what Anna reported as a guest is not hers")
		}
		s.other.Writes("anna", "@anna", "koppel "+code) // it works once
		s.reads("@anna", "Die code ken ik niet")

		s.fake.AddUser("U0GAST", "Olivia Brown", "olivia@elsewhere.example", "en-US") // two guests
		s.Writes("U0GAST", "@U0GAST", "the projector in room 12 at Noord is broken")
		s.sees("@U0GAST", "INC-2")
		s.other.Writes("els", "@els", "wifi doet het niet op Centrum")
		s.reads("@els", "INC-3")
		code = s.code(s, "U0GAST", "link my account")
		s.other.Writes("els", "@els", "koppel "+code)
		s.sees("@U0GAST", "Linked: Olivia Brown (Slack) and Els van Dijk (Console)", "Not me")
		s.idle()
		if !s.lists(s, "U0GAST", "INC-3") || !s.lists(s.other, "els", "INC-2") {
			s.Error("two guests are not one")
		}
		code = s.code(s.other, "els", "koppel mijn account") // and that one is Els after all
		s.Writes("els", "@els", "koppel "+code)
		s.sees("@els", "Gekoppeld")
		s.idle()
		if !s.lists(s, "els", "INC-2") || !s.lists(s, "els", "INC-3") || !s.lists(s, "U0GAST", "INC-3") {
			s.Error("a guest of two accounts is not one with Els")
		}

		code = s.code(s, "bram", "koppel mijn account") // two people of the file
		s.other.Writes("noor", "@noor", "koppel "+code)
		s.reads("@noor", "twee verschillende mensen")
		s.other.Writes("noor", "@noor", "koppel "+s.code(s.other, "noor", "koppel mijn account"))
		s.reads("@noor", "Die code hoort bij dit account")
		s.Writes("noor", "@noor", "koppel "+s.code(s.other, "noor", "koppel mijn account"))
		s.sees("@noor", "Deze accounts zijn al van jou")
	})
}

// A code is shown once, lasts ten minutes, is void when it was said in a room, and
// cannot be guessed.
func TestStoryOfACodeThatIsNone(t *testing.T) {
	twoPlatforms(t, func(s *street) {
		code := s.code(s, "anna", "koppel mijn account")
		s.later(11 * time.Minute)
		s.other.Writes("anna", "@anna", "koppel "+code)
		s.reads("@anna", "Die code ken ik niet")

		old := s.code(s, "anna", "koppel mijn account")
		fresh := s.code(s, "anna", "koppel mijn account") // the older one is void
		if old != fresh {
			s.other.Writes("anna", "@anna", "koppel "+old)
			s.idle()
		}
		s.Writes("fatima", "noord", "koppel "+fresh) // in a room, where all read it
		s.sees("noord", "private message")
		s.other.Writes("anna", "@anna", "koppel "+fresh)
		s.idle()

		s.other.Writes("peter", "@peter", "koppel 000001")
		own := s.code(s.other, "peter", "koppel mijn account")
		real := s.code(s, "peter", "koppel mijn account")
		guess := func() string {
			for _, g := range []string{"000002", "000003", "000004"} {
				if g != real && g != own {
					return g
				}
			}
			return ""
		}()
		for range 4 {
			s.other.Writes("peter", "@peter", "koppel "+guess)
			s.idle()
		}
		s.reads("@peter", "te vaak geprobeerd")
		s.other.Writes("peter", "@peter", "koppel "+real) // right, and too late
		s.idle()
		s.Writes("peter", "@peter", "koppel "+own) // his own is void, too
		s.sees("@peter", "Die code ken ik niet")
		for _, a := range s.apps {
			must(s.T, "the accounts", a.store.Do(s.Context(), func(tx workflows.Tx) error {
				for _, id := range []string{"console:peter", "console:anna"} {
					if account, err := tx.Account(s.Context(), id); err != nil || account == nil || account.Person != id {
						s.Errorf("%s became %+v, %v", id, account, err)
					}
				}
				return nil
			}))
		}
		for range 6 {
			s.Writes("bram", "@bram", "koppel mijn account")
		}
		s.sees("@bram", "te vaak geprobeerd")
		s.idle()
	})
}

// One state everywhere: a team with a room on two platforms has a card on each, and
// a click on one edits both. What is sensitive stays with its own.
func TestStoryOfOneTeamOnTwoPlatforms(t *testing.T) {
	twoPlatforms(t, func(s *street) {
		s.Writes("anna", "noord", "wifi ligt eruit, hele gang")
		s.sees("ict", "INC-1", "Oppakken")
		card := s.reads("ict", "INC-1", "Oppakken")
		s.idle()
		s.other.Presses("noor", card, "Oppakken")
		s.sees("ict", "INC-1", "Mee bezig", "Noor de Wit")
		s.reads("ict", "INC-1", "Mee bezig", "Noor de Wit")
		s.idle()
		s.takes("bram", "Oplossen", "ict", "INC-1", "Mee bezig")
		s.Fills("bram", map[string]string{"solution": "kabel"})
		s.reads("ict", "INC-1", "Opgelost: kabel")
		s.idle()
		n := 0
		for _, m := range s.other.Said("ict") {
			if strings.Contains(m.Text, "INC-1 · ") {
				n++
			}
		}
		if n != 1 || s.cards("ict", "INC-1") != 1 {
			s.Errorf("%d and %d cards", n, s.cards("ict", "INC-1"))
		}

		s.other.Writes("peter", "@peter", "er ligt een usb-stick met leerlinggegevens op straat") // a guest
		s.reads("@peter", "INC-2", "vertrouwelijk")
		s.Writes("peter", "@peter", "INC-2")
		s.sees("@peter", "INC-2 is er niet")
		s.Writes("peter", "@peter", "koppel "+s.code(s.other, "peter", "koppel mijn account"))
		s.sees("@peter", "Gekoppeld")
		s.idle()
		s.Writes("peter", "@peter", "INC-2")
		s.sees("@peter", "INC-2 · er ligt een usb-stick")
		s.Writes("fatima", "@fatima", "INC-2")
		s.idle()
		if n := s.heard("@fatima", "usb-stick"); n > 0 {
			s.Error("somebody else reads it")
		}
	})
}

// News that cannot reach somebody where they reported it goes to their other account,
// once.
func TestStoryOfTheNextAccount(t *testing.T) {
	twoPlatforms(t, func(s *street) {
		s.other.Writes("peter", "@peter", "taart?") // he is known on both
		s.Writes("peter", "@peter", "koppel "+s.code(s.other, "peter", "koppel mijn account"))
		s.sees("@peter", "Gekoppeld")
		s.Writes("peter", "@peter", "de printer op Zuid is kapot")
		s.sees("@peter", "Dit is INC-1")
		s.idle()
		s.fake.Fault(func(method string, _ int) *slackfake.Trouble {
			if method == "chat.postMessage" {
				return &slackfake.Trouble{Error: "messages_tab_disabled"}
			}
			return nil
		})
		s.Writes("noor", "@noor", "INC-1 oplossen papier erin")
		answer := s.reads("@peter", "INC-1 is opgelost: papier erin", "Ja, het werkt")
		s.later(time.Hour)
		n := 0
		for _, m := range s.other.Said("@peter") {
			if m.shows("papier erin") {
				n++
			}
		}
		if n != 1 {
			s.Errorf("he hears it %d times", n)
		}
		s.fake.Fault(nil)
		s.other.Presses("peter", answer, "Ja, het werkt")
		s.sees("ict", "INC-1", "Gesloten")
	})
}

// Somebody who was a guest before the school file had them finds what they reported
// then: by their address in the platform's own directory, or by their account.
func TestStoryOfAGuestWhoIsKnownLater(t *testing.T) {
	both(t, func(t *testing.T, database string, processes int) {
		slack := newSlackChat(t, Options{})
		slack.AddUser("U0BYMAIL", "A. de Vries", "a.devries@delinde.example")
		slack.AddUser("U0BYID", "B. Bos", "")
		file := schoolWith(t, "locale: nl ", "locale: nl ")
		slack.more = []string{"SCHOOLBEL_SCHOOL=" + file}
		s := openStage(t, database, processes, Options{}, slack)
		s.Writes("U0BYMAIL", "@U0BYMAIL", "de printer op Noord is kapot")
		s.sees("@U0BYMAIL", "Dit is INC-1")
		s.Writes("U0BYID", "@U0BYID", "de beamer op Zuid is stuk")
		s.sees("@U0BYID", "Dit is INC-2")
		s.idle()
		for _, r := range s.records() {
			if !strings.HasPrefix(r.Reporters[0], "slack:") {
				t.Fatalf("%s is reported by %v", r.Ref, r.Reporters)
			}
		}
		text, err := os.ReadFile(file)
		must(t, "the school", err)
		const anna = "  - {key: anna, "
		known := "  - {key: alex, name: Alex de Vries, email: A.deVries@delinde.example, roles: [teacher], locations: [noord]}\n" +
			"  - {key: bo, name: Bo Bos, email: b.bos@delinde.example, roles: [teacher], locations: [zuid], accounts: {slack: U0BYID}}\n"
		must(t, "the school", os.WriteFile(file, []byte(strings.Replace(string(text), anna, known+anna, 1)), 0o600))
		s.restart()
		for who, ref := range map[string]string{"U0BYMAIL": "INC-1", "U0BYID": "INC-2"} {
			s.Writes(who, "@"+who, "mijn meldingen")
			s.sees("@"+who, "Jouw open meldingen", ref)
		}
		s.Writes("U0BYMAIL", "@U0BYMAIL", "het digibord op Noord is stuk")
		s.idle()
		if r := s.records()[0]; r.Reporters[0] != "alex" {
			t.Errorf("known, it is reported by %v", r.Reporters)
		}
		s.Writes("noor", "@noor", "INC-1 oplossen papier erin") // news of then still arrives
		s.sees("@U0BYMAIL", "INC-1 is opgelost: papier erin")
		s.Writes("noor", "@noor", "INC-2 oplossen lamp erin")
		s.sees("@U0BYID", "INC-2 is opgelost: lamp erin")
	})
}
