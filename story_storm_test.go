package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"schoolbel/adapters/slack/slackfake"
)

// storm is one outage, the wifi at Noord, as forty people tell of it.
var storm = []string{
	"wifi ligt eruit, hele gang", "geen wifi meer in het hele gebouw", "de wifi doet het niet", "wifi weg??", "internet op de ipads doet niks meer, wifi is weg",
	"Goedemorgen, sinds tien minuten heb ik geen wifi. Kunnen jullie kijken?", "wiffi plat", "het draadloze netwerk is weg", "mijn klas kan niet op de wifi",
	"kan iemand naar de wifi kijken? niemand komt erop", "wifi valt steeds weg bij ons", "no wifi at all", "the wifi is down", "wifi isn't working in my room",
	"hier ook geen wifi", "bij ons ook geen wifi", "wij hebben ook geen wifi", "no wifi either", "same here, no wifi", "wifi hier ook plat",
	"HELP geen wifi en ik heb zo een toets", "wifi is zo traag dat niks laadt", "chromebooks krijgen geen wifi", "wifi storing op noord?? bij mij doet hij niks",
	"ik krijg geen verbinding met de wifi", "laptop vindt de wifi niet meer", "wifi doet raar, verbreekt de hele tijd", "schoolwifi is dood",
	"de wifi werkt niet in lokaal 1.14", "op de eerste verdieping geen wifi", "wifi eruit in de mediatheek", "nergens wifi te bekennen vandaag",
	"my students can't connect to the wifi", "wifi keeps dropping, we can't work", "hoi, de wifi doet het niet meer bij mij", "wlan is down op noord",
	"wifi al een kwartier weg", "leerlingen kunnen niet op de wifi komen", "alles wat draadloos is ligt eruit", "weer geen wifi, dit is al de derde keer",
}

// question is what somebody is asked and has not answered: a message for them alone,
// the last one said, with buttons that answer.
func (h *play) question(user, place string) (slackfake.Message, bool) {
	h.Helper()
	said := h.slack.Said(cmp.Or(place, user))
	if len(said) == 0 {
		return slackfake.Message{}, false
	}
	m := said[len(said)-1]
	asks := slices.ContainsFunc(m.Buttons(), func(b slackfake.Button) bool { return strings.HasPrefix(b.Value, "schoolbel.answer") })
	return m, asks && (m.To == user || place == "")
}

// Forty people tell of one outage in ten minutes, each in their own words: it is one
// incident, one card, forty reporters, a proposed major incident, and nobody is asked
// more than one question.
func TestStoryOfAStorm(t *testing.T) {
	stories(t, func(h *play) {
		asked := map[string]int{}
		for n, text := range storm {
			user := fmt.Sprintf("U0STORM%02d", n)
			h.slack.AddUser(user, fmt.Sprintf("Collega Nummer%d", n), "", "nl-NL")
			h.slack.Join(user, "C0NOORD")
			place := []string{"C0NOORD", ""}[n%2]
			if n == 0 {
				text += " op Noord"
			}
			h.took(h.slack.Message(user, place, text))
			h.idle()
			for range 2 {
				m, waits := h.question(user, place)
				if !waits {
					break
				}
				asked[user]++
				answer := "Ja, het werkt niet"
				for _, b := range m.Buttons() {
					if b.Label == "Wifi" || b.Label == "Locatie Noord" || b.Label == "Ja, ik ook" {
						answer = b.Label
					}
				}
				h.took(h.slack.Press(user, m, answer))
				h.idle()
			}
			if asked[user] > 1 {
				t.Errorf("%q was asked %d questions", text, asked[user])
			}
		}
		if all := h.records(); len(all) != 1 {
			for _, r := range all {
				t.Errorf("%s: %s", r.Ref, r.Title)
			}
		}
		r := h.record("INC-1")
		for n, text := range storm {
			if user := fmt.Sprintf("slack:U0STORM%02d", n); !slices.Contains(r.Reporters, user) {
				t.Errorf("%q did not join", text)
			}
		}
		if len(r.Reporters) != len(storm) || r.Field("major") == "" {
			t.Errorf("%d reporters, major incident %q", len(r.Reporters), r.Field("major"))
		}
		cards := 0
		for _, m := range h.slack.Said("C0ICT") {
			if strings.Contains(m.Shown(), "INC-1 · ") && m.Thread == "" {
				cards++
			}
		}
		if cards != 1 {
			t.Errorf("the team has %d cards", cards)
		}
		if len(asked) > len(storm)/5 {
			t.Errorf("%d of %d were asked something: %v", len(asked), len(storm), asked)
		}
	})
}
