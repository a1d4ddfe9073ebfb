package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"schoolbel/bot/outside"
	"schoolbel/config"
	"schoolbel/workflows/school"
)

// outsideModel is the model that the configuration names.
func outsideModel(cfg *config.Config, log *slog.Logger, now func() time.Time, count func(string)) (*outside.Model, error) {
	m, err := outside.New(outside.Options{
		URL: cfg.Understanding.URL, Model: cfg.Understanding.Model, Key: cfg.Understanding.Key, Log: log, Now: now, Count: count,
	})
	if err != nil {
		return nil, fmt.Errorf("understanding.url: %w", err)
	}
	return m, nil
}

// trial is what check asks: nobody wrote it, and every model should know what it is.
const trial = "de beamer in lokaal 12 doet het niet"

// checkOutside tries the model when it is asked to, and says that there is one:
// whoever looks after the school must know that words leave the house.
func checkOutside(ctx context.Context, cfg *config.Config, s *school.School, online bool, std Streams) error {
	if cfg.Understanding.URL == "" {
		return nil
	}
	m, err := outsideModel(cfg, nil, nil, nil)
	if err != nil {
		return err
	}
	if online && s != nil {
		if _, err := m.Ask(ctx, trial, s); err != nil {
			return fmt.Errorf("understanding: %s: %w", cfg.Understanding.Model, err)
		}
	}
	host := cfg.Understanding.URL
	if u, err := url.Parse(host); err == nil {
		host = u.Host
	}
	fmt.Fprintf(std.Out, "When unsure, the model %s at %s is asked: masked messages leave the house (docs/understanding.md).\n", cfg.Understanding.Model, host)
	return nil
}
