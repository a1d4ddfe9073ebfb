package workflows

import (
	"context"
	"embed"
	"io/fs"
	"slices"
	"strings"
)

//go:embed texts
var textFiles embed.FS

// Texts are the words that all kinds share, and those of every refusal.
var Texts = sub(textFiles, "texts")

func sub(files fs.FS, dir string) fs.FS {
	s, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // the name is a constant
	}
	return s
}

// commonFields are the fields and arguments that every kind may use.
var commonFields = []Field{
	{Name: "description", Long: true},
	{Name: "items"},
	{Name: "supplier"},
	{Name: "external_ref"},
	{Name: "origin", Hidden: true},
	{Name: "was", Hidden: true, Lookup: "record"},    // the record that this one was taken for at first
	{Name: "became", Hidden: true, Lookup: "record"}, // the record that this one goes on as
	{Name: "type"},
}

// common are the actions that every kind has.
func common() []Rule {
	everywhere := []State{EveryState}
	return []Rule{
		{Do: "note", From: everywhere, By: append([]Role{Reporter, Owner}, Staff...), Needs: []string{"note"}, Takes: []string{"origin"}},
		{Do: "assign", By: Staff, Needs: []string{"owner"}, Takes: []string{"team"}},
		{Do: "link", From: everywhere, By: Staff, Needs: []string{"type", "to"}, Own: linkArgs, Quiet: true, If: linkMayStand, Set: noteLink, Then: []Effect{addLink}},
		{Do: "unlink", From: everywhere, By: Staff, Needs: []string{"type", "to"}, Own: linkArgs, Quiet: true, If: linkStands, Set: noteLink, Then: []Effect{removeLink}},
		{Do: "subscribe", By: []Role{Anyone}, Takes: []string{"person"}, Own: personArg, Quiet: true, Set: subscribe},
		{Do: "unsubscribe", From: everywhere, By: []Role{Anyone}, Takes: []string{"person"}, Own: personArg, Quiet: true, Set: unsubscribe},
		{Do: "follow_up", From: everywhere, By: Staff, Needs: []string{"title"}, Takes: []string{"owner"}, Own: taskArgs, Quiet: true, Then: []Effect{makeTask}},
	}
}

// Arguments of the shared actions.
var (
	personArg = []Field{{Name: "person", Lookup: "person"}}
	taskArgs  = []Field{{Name: "title"}, {Name: "owner", Lookup: "person"}}
)

// linkArgs are those of link and unlink: an incident has a type of its own.
var linkArgs = []Field{{Name: "type"}, {Name: "to", Lookup: "record"}}

// noteLink keeps what was linked in the log.
func noteLink(_ context.Context, s *Step) error {
	s.Entry.Note = s.Command.Arg("type") + " " + s.Command.Arg("to")
	return nil
}

func (s *Step) link() Link {
	to, _ := ParseRef(s.Command.Arg("to"))
	return Link{From: s.Record.Ref, Type: LinkType(s.Command.Arg("type")), To: to}
}

// linkMayStand refuses links that make no sense, and names those that do.
func linkMayStand(ctx context.Context, s *Step) error {
	l := s.link()
	if l.From == l.To {
		return Refuse(Invalid, s.Record.Kind, "error.link.self", l.From.String())
	}
	other, err := s.Tx.Record(ctx, l.To)
	if err != nil {
		return err
	}
	if !other.MayKnow(s.Command.Actor) { // a link must not tell that it is there
		return Refuse(Missing, "", "error.missing", l.To.String())
	}
	allowed := LinksBetween(s.Record.Kind, other.Kind)
	if len(allowed) == 0 {
		return Refuse(Invalid, s.Record.Kind, "error.link.none", s.Record.Kind, other.Kind)
	}
	if !slices.Contains(allowed, l.Type) {
		names := make([]string, len(allowed))
		for i, a := range allowed {
			names[i] = string(a)
		}
		return Refuse(Invalid, s.Record.Kind, "error.link.type", string(l.Type), s.Record.Kind, other.Kind, strings.Join(names, ", "))
	}
	links, err := s.Tx.Links(ctx, l.From)
	if err != nil {
		return err
	}
	if slices.Contains(links, l) {
		return ErrUnchanged
	}
	for _, has := range links {
		if l.Type == "part_of" && has.From == l.From && has.Type == l.Type {
			return Refuse(Invalid, s.Record.Kind, "error.link.one", l.From.String(), has.To.String())
		}
	}
	return s.noCircle(ctx, l)
}

// linkStands makes taking away what is not there a thing that is already so.
func linkStands(ctx context.Context, s *Step) error {
	links, err := s.Tx.Links(ctx, s.Record.Ref)
	if err == nil && !slices.Contains(links, s.link()) {
		return ErrUnchanged
	}
	return err
}

// noCircle refuses a chain of links of one type that comes back to its start.
func (s *Step) noCircle(ctx context.Context, l Link) error {
	seen := map[Ref]bool{}
	for at := []Ref{l.To}; len(at) > 0; at = at[1:] {
		if at[0] == l.From {
			return Refuse(Invalid, s.Record.Kind, "error.link.circle", l.From.String(), l.To.String())
		}
		if seen[at[0]] {
			continue
		}
		seen[at[0]] = true
		links, err := s.Tx.Links(ctx, at[0])
		if err != nil {
			return err
		}
		for _, next := range links {
			if next.From == at[0] && next.Type == l.Type {
				at = append(at, next.To)
			}
		}
	}
	return nil
}

func addLink(ctx context.Context, s *Step) error { return s.Tx.AddLink(ctx, s.link()) }

func removeLink(ctx context.Context, s *Step) error { return s.Tx.RemoveLink(ctx, s.link()) }

// who is the person an action is about: the one named, else the one who does it.
func (s *Step) who() string {
	if p := s.Command.Arg("person"); p != "" && s.Command.Actor.Key != p {
		return p
	}
	return s.Command.Actor.Key
}

func subscribe(_ context.Context, s *Step) error {
	if slices.ContainsFunc(s.Record.Subscribers, s.Command.Actor.means(s.who())) {
		return ErrUnchanged
	}
	s.Record.Subscribers = append(s.Record.Subscribers, s.who())
	return nil
}

func unsubscribe(_ context.Context, s *Step) error {
	before := len(s.Record.Subscribers)
	s.Record.Subscribers = slices.DeleteFunc(s.Record.Subscribers, s.Command.Actor.means(s.who()))
	if len(s.Record.Subscribers) == before {
		return ErrUnchanged
	}
	return nil
}

// makeTask opens a task that is part of this record.
func makeTask(ctx context.Context, s *Step) error {
	args := map[string]string{"title": s.Command.Arg("title"), "part_of": s.Record.Ref.String()}
	if o := s.Command.Arg("owner"); o != "" {
		args["owner"] = o
	}
	_, err := s.Do(ctx, Command{Actor: s.Command.Actor, Kind: "task", Action: "add", Args: args, At: s.Command.At})
	return err
}
