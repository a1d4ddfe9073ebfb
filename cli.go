package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"schoolbel/adapters"
	"schoolbel/adapters/all"
	"schoolbel/bot/lang"
	"schoolbel/bot/understand"
	"schoolbel/config"
	"schoolbel/store"
	"schoolbel/workflows/school"
)

// Streams is what a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	Environ  []string
}

// serve runs everything until it is told to stop.
func serve(ctx context.Context, cfg *config.Config, std Streams) error {
	app, err := newApp(ctx, cfg, Options{Log: logger(cfg, std.Err)})
	if err != nil {
		return err
	}
	defer app.Close()
	// The heap is small, so by itself the collector would run all the time; this
	// costs some tens of megabytes and saves a fifth of the work.
	if lookup(std.Environ, "GOGC") == "" {
		debug.SetGCPercent(400)
	}
	fmt.Fprint(std.Out, app.welcome())
	return app.Run(ctx)
}

// check reads configuration and school file and tells everything that is wrong
// in both, not just the first thing. wrong is what reading the configuration said
// already; cfg is what could be read.
func check(ctx context.Context, cfg *config.Config, wrong error, online bool, std Streams) error {
	var found []error
	if wrong != nil {
		found = append(found, wrong)
	}
	sch, err := config.School(cfg.School)
	if err != nil {
		found = append(found, err)
	}
	if wrong == nil { // else it was told already
		if err := checkOutside(ctx, cfg, sch, online, std); err != nil {
			found = append(found, err)
		}
	}
	if _, err := tokens(cfg); err != nil {
		found = append(found, err)
	}
	if err := strangers(cfg); err != nil {
		found = append(found, err)
	}
	for _, plug := range all.Plugs {
		section, on := cfg.Adapters[plug.Name]
		if !on {
			continue
		}
		kit := adapters.Kit{
			Log: slog.New(slog.DiscardHandler), Now: time.Now, PublicURL: cfg.HTTP.PublicURL, Expand: cfg.Expand, Places: placesOf(sch, plug.Name),
		}
		if _, err := plug.New(section, kit); err != nil {
			found = append(found, cfg.AdapterMistakes(plug.Name, err))
			continue
		}
		if online && plug.Check != nil {
			for _, err := range plug.Check(ctx, section, kit) {
				found = append(found, mistake(cfg, sch, plug.Name, kit.Places, err))
			}
		}
	}
	if online && sch != nil {
		strayPlaces(cfg, sch, std)
	}
	if len(found) > 0 {
		return errors.Join(found...)
	}
	fmt.Fprintln(std.Out, "Configuration and school file are in order.")
	return nil
}

// mistake puts what an adapter says where it can be mended: a place stands in the
// school file, all else in the adapter's section.
func mistake(cfg *config.Config, sch *school.School, adapter string, places []adapters.Place, err error) error {
	for _, place := range places {
		text := place.String()
		if rest, ok := strings.CutPrefix(err.Error(), text); ok && (strings.HasPrefix(rest, ":") || strings.HasPrefix(rest, " ")) {
			return config.PlaceMistake(cfg.School, text, sch.Places()[text], err.Error())
		}
	}
	return cfg.AdapterMistakes(adapter, err)
}

// placesOf are the places of the school file on one platform.
func placesOf(sch *school.School, adapter string) []adapters.Place {
	var places []adapters.Place
	if sch == nil {
		return nil
	}
	for _, text := range slices.Sorted(maps.Keys(sch.Places())) {
		if place, ok := adapters.ParsePlace(text); ok && place.Adapter == adapter {
			places = append(places, place)
		}
	}
	return places
}

// strayPlaces warns of places on a platform that is not switched on: nothing is shown
// there. Where the console is alone, it stands in for all of them.
func strayPlaces(cfg *config.Config, sch *school.School, std Streams) {
	if _, on := cfg.Adapters["console"]; on && len(cfg.Adapters) == 1 {
		return
	}
	places := sch.Places()
	for _, text := range slices.Sorted(maps.Keys(places)) {
		place, _ := adapters.ParsePlace(text)
		if _, on := cfg.Adapters[place.Adapter]; !on {
			fmt.Fprintf(std.Err, "Warning: %s is a place of %s in the school file, and adapters.%s is not configured: nothing will be shown there.\n", text, places[text], place.Adapter)
		}
	}
}

// understandLines answers each line of text with one line of JSON.
func understandLines(ctx context.Context, cfg *config.Config, std Streams) error {
	sch, err := config.School(cfg.School)
	if err != nil {
		return err
	}
	book, err := texts()
	if err != nil {
		return err
	}
	reader := understand.New(sch)
	lines := bufio.NewReader(std.In)
	enc := json.NewEncoder(std.Out)
	enc.SetEscapeHTML(false)
	for ctx.Err() == nil {
		line, err := lines.ReadString('\n')
		if text := strings.TrimRight(line, "\r\n"); text != "" {
			if err := enc.Encode(asked(reader.Read(text, understand.Setting{Now: time.Now()}), book)); err != nil {
				return fmt.Errorf("write: %w", err)
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
	}
	return ctx.Err()
}

// asked puts the question that the bot would ask in place of its name.
func asked(m understand.Meaning, book *lang.Book) understand.Meaning {
	if m.Ask != "" {
		m.Ask = book.Say(m.Lang, "bot.ask."+m.Ask)
	}
	for i, part := range m.Parts {
		m.Parts[i] = asked(part, book)
	}
	return m
}

// migrate brings the database up to date.
func migrate(ctx context.Context, cfg *config.Config, std Streams) error {
	db, err := store.Open(ctx, cfg.Database.URL.Reveal(), store.Options{Migrate: true, Log: logger(cfg, std.Err)})
	if err != nil {
		return err
	}
	fmt.Fprintln(std.Out, "The database is up to date.")
	return db.Close()
}

// verify checks the log.
func verify(ctx context.Context, cfg *config.Config, std Streams) error {
	db, err := store.Open(ctx, cfg.Database.URL.Reveal(), store.Options{ReadOnly: true, Log: logger(cfg, std.Err)})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // it was only read
	report, err := db.Verify(ctx, nil)
	if err != nil {
		return err
	}
	fmt.Fprintln(std.Out, report)
	if len(report.Breaks) > 0 {
		return fmt.Errorf("the log was changed in %d places", len(report.Breaks))
	}
	return nil
}

// writeManifest prints what an administrator of the platform installs, or writes it
// to a file. One that ends in .zip is the package that the platform takes.
func writeManifest(cfg *config.Config, platform, out string, std Streams) error {
	var known []string
	for _, plug := range all.Plugs {
		if plug.Manifest == nil {
			continue
		}
		known = append(known, plug.Name)
		if plug.Name != platform {
			continue
		}
		section, kit := cfg.Adapters[platform], adapters.Kit{PublicURL: cfg.HTTP.PublicURL, Expand: cfg.Expand}
		if strings.HasSuffix(out, ".zip") {
			if plug.Package == nil {
				return usage{fmt.Errorf("%s takes its manifest as it is: give --out a name that does not end in .zip", platform)}
			}
			files, err := plug.Package(section, kit)
			if err != nil {
				return err
			}
			return writeZip(out, files)
		}
		text, err := plug.Manifest(section, kit)
		switch {
		case err != nil:
			return err
		case out != "":
			return os.WriteFile(out, []byte(text), 0o600)
		}
		_, err = io.WriteString(std.Out, text)
		return err
	}
	return usage{fmt.Errorf("there is no manifest for %q; there is one for: %s", platform, strings.Join(known, ", "))}
}

// writeZip writes the files of a package as one.
func writeZip(path string, files map[string][]byte) error {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		w, err := z.Create(name)
		if err != nil {
			return fmt.Errorf("pack %s: %w", name, err)
		}
		if _, err := w.Write(files[name]); err != nil {
			return fmt.Errorf("pack %s: %w", name, err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("pack %s: %w", path, err)
	}
	return os.WriteFile(path, b.Bytes(), 0o600)
}

// health asks the schoolbel that listens on this machine whether it is ready.
func health(ctx context.Context, cfg *config.Config, std Streams) error {
	host, port, err := net.SplitHostPort(cfg.HTTP.Listen)
	if err != nil {
		return fmt.Errorf("http.listen %q: %w", cfg.HTTP.Listen, err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	address := url.URL{Scheme: "http", Host: net.JoinHostPort(host, port), Path: "/readyz"}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), http.NoBody)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("nobody answers on %s: %w", address.Host, err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", answer.Status)
	}
	fmt.Fprintln(std.Out, "ready")
	return nil
}
