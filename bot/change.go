package bot

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"schoolbel/adapters"
	"schoolbel/workflows"
)

// changing draws what a card says of a change beyond what every record has: why, when,
// who notices it, and for those who look after it how it is done, what stands in the
// way, and who agreed.
func (b *Bot) changing(c *adapters.Card, r *workflows.Record, v view) {
	say := func(key string, args ...any) string { return b.Book.Say(v.lang, key, args...) }
	fact := func(name, value string) {
		if value != "" {
			c.Facts = append(c.Facts, adapters.Fact{Name: wordOf(b.Book, v.lang, r.Kind, "field."+name), Value: value})
		}
	}
	option := func(name string) string {
		if r.Field(name) == "" {
			return ""
		}
		return wordOf(b.Book, v.lang, r.Kind, "option."+name+"."+r.Field(name))
	}
	inside := v.staff || v.person && !v.plain()
	kind := option("type")
	if name, _, ok := b.School().StandardChange(r.Field("template")); ok {
		kind += " (" + name + ")"
	}
	fact("type", kind)
	if when := b.window(r, v.lang); when != "" {
		c.Facts = append(c.Facts, adapters.Fact{Name: say("bot.change.when"), Value: when})
	}
	if inside {
		fact("risk", option("risk"))
		fact("implementer", b.name(r.Field("implementer")))
		fact("tester", b.name(r.Field("tester")))
	}
	var text []string
	add := func(line string) {
		if line != "" {
			text = append(text, line)
		}
	}
	part := func(key, value string) {
		if value != "" {
			text = append(text, say(key, value))
		}
	}
	part("bot.change.why", r.Field("reason"))
	part("bot.change.hits", b.hits(r, v.lang))
	if inside {
		part("bot.change.plan", r.Field("plan"))
		part("bot.change.test", r.Field("test_plan"))
		part("bot.change.back", r.Field("rollback_plan"))
		if r.State == "implemented" || r.State == "reviewed" || r.State == "rolled_back" {
			part("bot.change.items", r.Field("items"))
		}
		for _, line := range b.conflicts(r, v.lang) {
			add("⚠ " + line)
		}
		add(b.standings(r, v.lang))
		if at, ok := b.reviewBy(r); ok {
			add(say("bot.change.review_by", b.moment(at, v.lang)))
		}
	}
	part("bot.change.result", r.Field("result"))
	if c.Text != "" {
		text = append([]string{c.Text}, text...)
	}
	c.Text = strings.Join(text, "\n\n")
}

// reviewBy is by when an emergency must have been looked back on.
func (b *Bot) reviewBy(r *workflows.Record) (time.Time, bool) {
	at := fieldTime(r, "approved_at")
	within := b.School().Approval("emergency").ReviewWithin
	done := slices.Contains([]workflows.State{"reviewed", "closed", "withdrawn"}, r.State)
	return at.Add(within), r.Field("type") == "emergency" && !at.IsZero() && within > 0 && !done
}

func fieldTime(r *workflows.Record, name string) time.Time {
	at, err := time.Parse(time.RFC3339, r.Field(name))
	if err != nil {
		return time.Time{}
	}
	return at
}

// moment says a day and a time: "di 1 dec 16:00".
func (b *Bot) moment(at time.Time, language string) string {
	at = b.School().Local(at)
	return b.day(at, language) + " " + at.Format("15:04")
}

func (b *Bot) day(at time.Time, language string) string {
	months := strings.Split(b.Book.Say(language, "bot.months"), "|")
	days := strings.Split(b.Book.Say(language, "bot.days"), "|")
	return days[at.Weekday()] + " " + strconv.Itoa(at.Day()) + " " + months[at.Month()-1]
}

// window says when a change happens: "di 1 dec 16:00 – 18:00".
func (b *Bot) window(r *workflows.Record, language string) string {
	return b.span(fieldTime(r, "from"), fieldTime(r, "until"), language)
}

func (b *Bot) span(from, until time.Time, language string) string {
	s := b.School()
	switch {
	case from.IsZero():
		return ""
	case until.IsZero():
		return b.moment(from, language)
	}
	from, until = s.Local(from), s.Local(until)
	if from.Format(time.DateOnly) == until.Format(time.DateOnly) {
		return b.moment(from, language) + " – " + until.Format("15:04")
	}
	return b.moment(from, language) + " – " + b.moment(until, language)
}

// hits says whom a change touches: the services that stop with this one, where, how
// many people, and whether there are lessons or exams then.
func (b *Bot) hits(r *workflows.Record, language string) string {
	if r.Service == "" {
		return ""
	}
	s := b.School()
	services, locations, people := s.Touched(r.Service, r.Location)
	var names, where []string
	for _, v := range services {
		names = append(names, v.Name)
	}
	for _, l := range locations {
		where = append(where, l.Name)
	}
	parts := []string{strings.Join(names, ", ")}
	if len(where) > 0 {
		parts = append(parts, strings.Join(where, ", "))
	}
	if people > 0 {
		parts = append(parts, b.Book.Say(language, "bot.change.people", people))
	}
	from, until := fieldTime(r, "from"), fieldTime(r, "until")
	if !from.IsZero() && !until.IsZero() {
		during := "bot.change.quiet"
		if s.TaughtDuring(from, until) {
			during = "bot.change.lessons"
		}
		parts = append(parts, b.Book.Say(language, during))
		for _, p := range s.ClosedPeriods(from, until) {
			parts = append(parts, p.Name)
		}
	}
	return strings.Join(parts, " · ")
}

// conflicts says what stands in the way of the window, as it was found.
func (b *Bot) conflicts(r *workflows.Record, language string) []string {
	if !r.Open() || !fieldTime(r, "ended_at").IsZero() {
		return nil
	}
	var lines []string
	for line := range strings.Lines(r.Field("conflicts")) {
		sort, about, _ := strings.Cut(strings.TrimSpace(line), " ")
		key := "bot.conflict." + sort
		if !b.Book.Has(key) {
			continue
		}
		if v, ok := b.School().ServiceOf(about); ok && sort == "hours" {
			about = v.Name
		}
		if sort == "busy" {
			who := r.Field("implementer")
			if who == "" {
				who = r.Owner
			}
			lines = append(lines, b.Book.Say(language, key, b.name(who), about))
			continue
		}
		text := b.Book.Say(language, key, about)
		if slices.Contains(strings.Split(r.Field("overruled"), "\n"), strings.TrimSpace(line)) {
			text += " " + b.Book.Say(language, "bot.conflict.overruled", b.name(r.Field("overruled_by")))
		}
		lines = append(lines, text)
	}
	return lines
}

// ballot is the decision on a change as it stands now.
func (b *Bot) ballot(r *workflows.Record) workflows.Ballot {
	return workflows.NewBallot(b.School(), r, b.Now())
}

// standings says who agreed, how many that is of how many, and who still may vote.
func (b *Bot) standings(r *workflows.Record, language string) string {
	if r.Field("type") == "standard" {
		return ""
	}
	say := func(key string, args ...any) string { return b.Book.Say(language, key, args...) }
	votes := b.ballot(r)
	need := 0
	for _, step := range votes.Rules.Steps {
		need += step.Need
	}
	var lines, yes []string
	for _, v := range votes.Votes() {
		who := b.name(v.By)
		if v.For != "" {
			who = say("bot.change.for", who, b.name(v.For))
		}
		if v.Yes {
			yes = append(yes, who)
		} else {
			lines = append(lines, say("bot.change.no", who))
		}
	}
	waits := r.State == "awaiting_approval" || votes.Pressing() && (r.State == "requested" || r.State == "assessing")
	if len(yes) > 0 {
		lines = append(lines, say("bot.change.yes", strings.Join(yes, ", ")))
	}
	if waits {
		lines = append(lines, say("bot.change.count", len(votes.Rights()), need))
		var names []string
		for _, key := range votes.Waits() {
			names = append(names, b.name(key))
		}
		if len(names) > 0 {
			lines = append(lines, say("bot.change.waits", strings.Join(names, ", ")))
		}
		if r.Field("unreachable") != "" {
			lines = append(lines, say("bot.change.unreachable", b.name(b.School().AnswersFor(r.Kind))))
		}
		if votes.NeedsPage() {
			lines = append(lines, say("bot.change.paged"))
		}
	}
	return strings.Join(lines, "\n")
}

// fits tells whether a button makes sense under a change: what the rules would
// refuse whoever asks is not offered.
func fitsChange(r *workflows.Record, do workflows.Action, a workflows.Actor) bool {
	kind := r.Field("type")
	decided := !fieldTime(r, "approved_at").IsZero() && !slices.Contains([]workflows.State{"requested", "assessing", "postponed"}, r.State)
	switch do {
	case "assess":
		return !decided || kind == "emergency"
	case "overrule":
		for line := range strings.Lines(r.Field("conflicts")) {
			line = strings.TrimSpace(line)
			shut := strings.HasPrefix(line, "freeze ") || strings.HasPrefix(line, "exam ")
			if shut && !slices.Contains(strings.Split(r.Field("overruled"), "\n"), line) {
				return true
			}
		}
		return false
	case "complete":
		if t := r.Field("tester"); r.State == "validating" && t != "" {
			return t == a.Key
		}
		return r.State != "approved" || kind == "standard"
	case "validate":
		return r.State == "implementing"
	case "close":
		return r.State == "reviewed" || kind == "standard"
	case "submit":
		return kind != "standard"
	case "subscribe":
		return !slices.Contains(r.Reporters, a.Key) && !strings.HasPrefix(a.Key, "room:")
	}
	return true
}

// asked are the questions of a form about a change, filled in as far as it is known.
var askedOf = map[workflows.Action][]string{
	"assess":   {"type", "service", "reason", "risk", "plan", "test_plan", "rollback_plan", "from", "to", "implementer", "outage"},
	"submit":   {"reason", "risk", "plan", "test_plan", "rollback_plan", "service", "from", "to", "implementer", "outage"},
	"schedule": {"from", "to", "implementer", "tester", "outage"},
	"validate": {"tester"},
	"complete": {"result"},
	"review":   {"result", "lessons"},
}

// changeForm asks for what a step of a change is about; nil where nothing is asked.
func (c *call) changeForm(ctx context.Context, said typed) *adapters.Form {
	names := askedOf[said.action]
	if said.kind != "change" || len(names) == 0 {
		return nil
	}
	r, err := c.Store.Record(ctx, said.ref)
	if err != nil {
		return nil
	}
	p, _ := c.Engine.Process(said.kind)
	if r.Field("type") == "emergency" && (said.action == "review" || said.action == "assess") && !fieldTime(r, "approved_at").IsZero() {
		names = []string{"reason", "risk", "plan", "rollback_plan", "result"}
		if said.action == "review" {
			names = append(names, "lessons")
		}
	}
	if r.Field("type") == "standard" && said.action == "complete" {
		return nil // one tap is enough
	}
	do := wordOf(c.Book, c.who.lang, said.kind, "do."+string(said.action))
	f := adapters.Form{
		Title: said.ref.String() + " " + strings.ToLower(do), Command: said.ref.String() + " " + string(said.action), Submit: do, Cancel: c.say("bot.cancel"),
	}
	needs := c.needs(said)
	for _, name := range names {
		field, ok := p.Field(name)
		value := r.Field(name)
		if name == "service" {
			value = r.Service
		}
		if name == "to" { // kept under another name
			field, ok, value = workflows.Field{Name: "to", Time: true}, true, r.Field("until")
		}
		if ok {
			must := slices.ContainsFunc(needs, func(n workflows.Field) bool { return n.Name == name })
			f.Inputs = append(f.Inputs, c.input(said.kind, field, value, !must))
		}
	}
	return &f
}

// asks is the form that a button of a change opens: nothing was said with it yet.
func (c *call) asks(ctx context.Context, said typed, args map[string]string) *adapters.Form {
	if c.ev.Kind != adapters.Press || len(args) > 0 {
		return nil
	}
	return c.changeForm(ctx, said)
}

// worthLogging tells whether a refusal is kept though nobody was denied anything: a
// vote on an old card, or a command that no button of ours says.
func worthLogging(cmd workflows.Command, e *workflows.Error) bool {
	vote := cmd.Action == "approve" || cmd.Action == "reject" || cmd.Action == "authorise" || cmd.Action == "overrule"
	return cmd.Ref.Prefix == "CHG" && vote && e.Key != "error.needs"
}

// kindly says a refusal; who votes when it is too late, or too early, hears just that.
func (c *call) kindly(cmd workflows.Command, e *workflows.Error) string {
	if e.Key == "error.closed" && worthLogging(cmd, e) && len(e.Args) > 1 {
		if state, ok := e.Args[1].(workflows.State); ok {
			key := "bot.change.decided"
			if state == "requested" || state == "assessing" || state == "postponed" {
				key = "bot.change.not_yet"
			}
			return c.say(key, cmd.Ref.String(), strings.ToLower(wordOf(c.Book, c.who.lang, "change", "state."+string(state))))
		}
	}
	return Explain(c.Book, c.who.lang, e)
}

// pageLasts is how long a page stands ready for a decision.
const pageLasts = time.Hour

// onPage answers a button that is not enough with a link to a page that is.
func (c *call) onPage(ctx context.Context, cmd workflows.Command, text string) error {
	card := adapters.Card{Tone: adapters.Warn, Text: text, Ref: cmd.Ref.String()}
	label := wordOf(c.Book, c.who.lang, "change", "do.approve")
	link := ""
	if c.Link != nil {
		link = c.Link(adapters.Grant{
			Place: c.ev.Place, User: c.ev.User.ID, Command: cmd.Ref.String() + " " + string(cmd.Action), Label: label, Message: c.ev.Message, Until: c.Now().Add(pageLasts),
		})
	}
	if link == "" {
		card.Text += " " + c.say("bot.change.no_page")
		return c.answer(ctx, card)
	}
	card.Buttons = []adapters.Button{{Label: c.say("bot.change.open_page"), URL: link, Style: adapters.Primary}}
	return c.answer(ctx, card)
}
