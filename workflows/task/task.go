// Package task is the process of one piece of work that is part of one record.
package task

import (
	"context"
	"embed"

	w "schoolbel/workflows"
)

//go:embed nl.json en.json
var texts embed.FS

var partOf = []w.Field{{Name: "part_of", Lookup: "record"}}

// Process is the timetable of a task.
var Process = w.Process{
	Kind: "task", Prefix: "TSK", Start: "todo", Done: []w.State{"done", "dropped"}, Texts: texts,
	Fields: []w.Field{
		{Name: "due", Time: true},
		{Name: "result", Long: true},
		{Name: "reason", Long: true},
	},
	Rules: []w.Rule{
		{Do: "add", To: "todo", By: w.Staff, Needs: []string{"title", "part_of"}, Takes: []string{"owner", "due", "description", "origin"}, Own: partOf, Set: inherit, Then: []w.Effect{tie}},
		{Do: "start", From: []w.State{"todo"}, To: "doing", By: w.Staff, Set: own},
		{Do: "finish", From: []w.State{"todo", "doing"}, To: "done", By: append([]w.Role{w.Owner}, w.Staff...), Takes: []string{"result"}},
		{Do: "drop", From: []w.State{"todo", "doing"}, To: "dropped", By: w.Staff, Needs: []string{"reason"}},
	},
}

// own makes who starts the owner, when nobody was.
func own(_ context.Context, s *w.Step) error {
	if s.Record.Owner == "" {
		s.Record.Owner = s.Command.Actor.Key
	}
	return nil
}

// inherit keeps the task of a sensitive record from telling what that record does not.
func inherit(ctx context.Context, s *w.Step) error {
	to, _ := w.ParseRef(s.Command.Arg("part_of"))
	whole, err := s.Tx.Record(ctx, to)
	if err != nil {
		return err
	}
	if !whole.MayKnow(s.Command.Actor) {
		return w.Refuse(w.Missing, "", "error.missing", to.String())
	}
	s.Record.Sensitive = whole.Sensitive
	return nil
}

// tie makes the task part of its record.
func tie(ctx context.Context, s *w.Step) error {
	to, _ := w.ParseRef(s.Command.Arg("part_of"))
	return s.Tx.AddLink(ctx, w.Link{From: s.Record.Ref, Type: "part_of", To: to})
}
