package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"schoolbel/bot"
	"schoolbel/bot/understand"
	"schoolbel/config"
	"schoolbel/store"
)

// writeExamples writes what agents corrected, oldest first, as a hand of the corpus
// (bot/understand/corpus/README.md). What nobody said is left to whoever labels: *.
func writeExamples(ctx context.Context, cfg *config.Config, std Streams) error {
	sch, err := config.School(cfg.School)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, cfg.Database.URL.Reveal(), store.Options{ReadOnly: true, Log: logger(cfg, std.Err)})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // we only looked
	list, err := db.Examples(ctx, 0)
	if err != nil {
		return err
	}
	reader := understand.New(sch)
	out := bufio.NewWriter(std.Out)
	fmt.Fprintf(out, "# school: %s\n", oneLine(sch.Organisation.Name))
	for _, e := range slices.Backward(list) {
		if e.Text == "" { // erased
			continue
		}
		intent, more, place := bot.IntentOf(e.Is), "-", "-"
		service := cmp.Or(e.Service, "-")
		m := reader.Read(e.Text, understand.Setting{Now: time.Now()})
		if m.Location != "" { // the corpus wants the place that the words name
			place = m.Location
		}
		if e.Is == "" {
			service, place = "*", "*"
		}
		fmt.Fprintln(out, strings.Join([]string{intent, more, service, place, "*", "*", "n", m.Lang, "-", oneLine(e.Text)}, "\t"))
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// oneLine brings a text to one line without tabs.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
