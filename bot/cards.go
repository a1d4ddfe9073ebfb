package bot

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"schoolbel/adapters"
	"schoolbel/workflows"
)

// view says for whose eyes a card is drawn.
type view struct {
	lang   string
	actor  workflows.Actor
	person bool   // for one person; else for a room
	staff  bool   // a room of those who handle records
	guest  string // the name of a reporter whom the school file does not have
}

func asRefusal(err error, into **workflows.Error) bool { return errors.As(err, into) }

// card draws a record as it stands.
func (b *Bot) card(r *workflows.Record, v view) adapters.Card {
	say := func(key string, args ...any) string { return b.Book.Say(v.lang, key, args...) }
	c := adapters.Card{Ref: r.Ref.String(), Tone: tone(r)}
	if r.Sensitive && !v.person {
		c.Title, c.Text = r.Ref.String()+" · "+say("bot.card.sensitive"), say("bot.card.sensitive.text")
		return c
	}
	c.Title = r.Ref.String() + " · " + b.titleFor(r, v.actor, v.lang)
	fact := func(name, value string) {
		if value != "" {
			c.Facts = append(c.Facts, adapters.Fact{Name: wordOf(b.Book, v.lang, r.Kind, "field."+name), Value: value})
		}
	}
	s := b.School()
	fact("state", wordOf(b.Book, v.lang, r.Kind, "state."+string(r.State)))
	if r.Priority != "" && (v.staff || v.person && !v.plain()) {
		fact("priority", wordOf(b.Book, v.lang, r.Kind, "option.priority."+string(r.Priority)))
	}
	if service, ok := s.ServiceOf(r.Service); ok {
		fact("service", service.Name)
	}
	if l, ok := s.Location(r.Location); ok {
		fact("location", l.Name)
	}
	fact("owner", b.name(r.Owner))
	if n := len(r.Reporters); n > 1 && r.Kind == "incident" {
		fact("reporters", strconv.Itoa(n))
	} else if n == 1 && v.staff {
		fact("reporters", cmp.Or(v.guest, b.name(r.Reporters[0])))
	}
	if at, err := time.Parse(time.RFC3339, r.Field("expected_at")); err == nil && r.Open() {
		fact("expected_at", s.Local(at).Format("02-01 15:04"))
	}
	var text []string
	if d := r.Field("description"); d != "" && v.staff {
		text = append(text, d)
	}
	if solution := r.Field("solution"); solution != "" && (r.State == "resolved" || r.State == "closed") {
		text = append(text, say("bot.card.solution", solution))
	} else if w := r.Field("workaround"); w != "" {
		text = append(text, say("bot.card.workaround", w))
	}
	if other := r.Field("became"); other != "" {
		text = append(text, say("bot.label.became", other))
	}
	if r.Field("major") == "proposed" && v.staff {
		text = append(text, say("bot.card.major"))
	}
	c.Text = strings.Join(text, "\n\n")
	if r.Kind == "change" {
		b.changing(&c, r, v)
	}
	c.Buttons = b.buttons(r, v.actor, v.lang, 5)
	c.Foot = say("bot.card.foot", s.Local(r.OpenedAt).Format("02-01 15:04"), s.Local(r.ChangedAt).Format("15:04"))
	return c
}

// plain tells whether the reader has nothing to do with priorities.
func (v view) plain() bool {
	return !slices.ContainsFunc(v.actor.Roles, func(r workflows.Role) bool { return slices.Contains(workflows.Staff, r) })
}

func tone(r *workflows.Record) adapters.Tone {
	switch {
	case r.State == "resolved" || r.State == "closed" || r.State == "done":
		return adapters.Good
	case r.Priority == workflows.P1:
		return adapters.Alarm
	case r.Priority == workflows.P2:
		return adapters.Warn
	default:
		return adapters.Plain
	}
}

// name is how a person is called; a guest by the account alone, and a program by
// the name of its key.
func (b *Bot) name(key string) string {
	if p, ok := b.School().Person(b.behind(key)); ok {
		return p.Name
	}
	return strings.TrimPrefix(key, "api:")
}

// weight puts the most useful buttons first; what is not listed is for help.
var weight = []workflows.Action{
	"take", "resolve", "confirm", "workaround", "wait", "resume", "approve", "reject", "submit", "assess", "overrule", "schedule", "start", "complete", "validate", "roll_back", "review", "finish", "triage", "join", "subscribe", "reopen", "close",
}

// buttons are what can be done now, at most so many.
func (b *Bot) buttons(r *workflows.Record, a workflows.Actor, language string, most int) []adapters.Button {
	moves := b.Engine.Moves(r, a)
	var list []adapters.Button
	for _, action := range weight {
		open := slices.ContainsFunc(moves, func(m workflows.Move) bool { return m.Do == action })
		agent := slices.Contains(a.Roles, workflows.Agent)
		mine := a.Among(r.Reporters)
		switch {
		case !open || len(list) == most:
		case r.Kind == "change" && !fitsChange(r, action, a):
		case action == "join" && (agent || mine), action == "subscribe" && (agent || mine || r.Kind != "incident" || r.State == "resolved"):
		case action == "confirm" && !mine, action == "close" && r.State == "resolved" && !agent:
		default:
			style := adapters.Normal
			if len(list) == 0 && action != "join" && action != "subscribe" {
				style = adapters.Primary
			}
			if action == "reject" || action == "roll_back" {
				style = adapters.Danger
			}
			list = append(list, adapters.Button{Label: wordOf(b.Book, language, r.Kind, "do."+string(action)), Command: r.Ref.String() + " " + string(action), Style: style})
		}
	}
	return list
}

// roomView is how the people of a room see records: those of a team as its
// members may, all others as anybody.
func (b *Bot) roomView(place string) view {
	s := b.School()
	v := view{lang: s.Organisation.Locale, actor: workflows.Actor{Key: "room:" + place, Via: "room"}}
	for _, t := range s.Teams {
		if !slices.Contains(t.Room, place) {
			continue
		}
		v.staff = true
		for _, p := range s.Members(t.Key) {
			for _, role := range p.Roles {
				if !slices.Contains(v.actor.Roles, role) {
					v.actor.Roles = append(v.actor.Roles, role)
				}
			}
		}
	}
	return v
}
