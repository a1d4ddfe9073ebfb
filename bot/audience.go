package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"schoolbel/adapters"
	"schoolbel/workflows"
)

// hearers tells the places that a change hits: before it begins, when it does, when it
// is over, and when it moves or does not come after they were told that it would.
func (n *news) hearers(ctx context.Context) error {
	if n.r.Kind != "change" || n.r.Sensitive {
		return nil
	}
	told := strings.Fields(n.r.Field("told"))
	key := map[workflows.Action]string{
		"notice": "bot.change.news.notice", "start": "bot.change.news.start", "complete": "bot.change.news.complete", "roll_back": "bot.change.news.roll_back",
	}[n.entry.Action]
	switch pair := n.entry.Diff["field.told"]; {
	case pair[0] != "" && pair[1] == "":
		told, key = strings.Fields(pair[0]), "bot.change.news.cancelled"
	case n.entry.Action == "schedule" && (n.entry.Diff["field.from"][0] != "" || n.entry.Diff["field.until"][0] != "") && n.entry.From == "scheduled":
		key = "bot.change.news.moved"
	}
	if key == "" || n.entry.Action == "roll_back" && n.entry.From == "implemented" && len(told) == 0 {
		return nil
	}
	language := n.School().Organisation.Locale
	service, _ := n.School().ServiceOf(n.r.Service)
	when := n.window(n.r, language)
	for _, place := range told {
		to, ok := adapters.ParsePlace(place)
		if !ok || n.platforms[to.Adapter] == nil {
			continue
		}
		card := adapters.Card{Ref: n.r.Ref.String(), Text: n.Book.Say(language, key, service.Name, n.r.Title, when, n.touched(language))}
		switch n.entry.Action {
		case "complete":
			card.Tone = adapters.Good
		case "notice", "start":
			card.Tone = adapters.Warn
		}
		if err := sendCard(ctx, n.tx, fmt.Sprintf("news:%s:%d:%s", n.r.Ref, n.entry.Seq, place), to, card, ""); err != nil {
			return err
		}
	}
	return nil
}

// touched names the services that may be gone meanwhile.
func (n *news) touched(language string) string {
	services, _, _ := n.School().Touched(n.r.Service, n.r.Location)
	var names []string
	for _, v := range services {
		names = append(names, v.Name)
	}
	if len(names) == 0 {
		return ""
	}
	return n.Book.Say(language, "bot.change.news.touched", strings.Join(names, ", "))
}

// workers tells the team's room what asks for work of theirs and a silent edit of the
// card would hide.
func (n *news) workers(ctx context.Context, room []string) error {
	if n.r.Kind != "change" {
		return n.suspect(ctx, room)
	}
	if err := n.hearers(ctx); err != nil {
		return err
	}
	say := n.entry.Action == "late" || n.entry.Action == "chase"
	decided := n.entry.Action == "authorise" && n.r.Field("type") != "standard" || n.entry.Action == "reject"
	if !say && !decided {
		return nil
	}
	language := n.School().Organisation.Locale
	for _, place := range room {
		to, ok := adapters.ParsePlace(place)
		if !ok {
			continue
		}
		card := n.nags(language)
		if decided {
			card = adapters.Card{Text: n.Book.Say(language, "bot.change.news."+string(n.entry.Action), n.r.Ref.String(), n.r.Title, n.entry.Note)}
			card.Tone = map[bool]adapters.Tone{true: adapters.Good, false: adapters.Warn}[n.entry.Action == "authorise"]
			card.Buttons = n.buttons(n.r, n.roomView(place).actor, language, 2)
			card.Buttons = slices.DeleteFunc(card.Buttons, func(b adapters.Button) bool { return !n.r.Open() })
		}
		card.Ref = n.r.Ref.String()
		if err := sendCard(ctx, n.tx, fmt.Sprintf("news:%s:%d:%s", n.r.Ref, n.entry.Seq, place), to, card, ""); err != nil {
			return err
		}
	}
	return nil
}
