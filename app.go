package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"schoolbel/adapters"
	"schoolbel/adapters/all"
	"schoolbel/adapters/console"
	"schoolbel/adapters/hooks"
	"schoolbel/adapters/link"
	"schoolbel/adapters/web"
	"schoolbel/bot"
	"schoolbel/bot/lang"
	"schoolbel/config"
	"schoolbel/store"
	"schoolbel/workflows"
	processes "schoolbel/workflows/all"
	"schoolbel/workflows/school"
)

// Options are what a test hands in; the zero value is the real world.
type Options struct {
	Log *slog.Logger
	Now func() time.Time
}

// App is the whole program, hung together.
type App struct {
	cfg      *config.Config
	log      *slog.Logger
	now      func() time.Time
	school   atomic.Pointer[school.School]
	store    *store.Store
	engine   *workflows.Engine
	bot      *bot.Bot
	book     *lang.Book
	adapters []adapters.Adapter
	console  *console.Console // nil when it is off
	listener net.Listener
	server   *web.Server
	figures  *web.Figures
	links    *link.Links // nil until the database is open
}

// newApp builds everything and listens, but does nothing yet.
func newApp(ctx context.Context, cfg *config.Config, o Options) (_ *App, err error) {
	a := &App{cfg: cfg, log: o.Log, now: o.Now}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if a.now == nil {
		// Both databases keep microseconds; so does everything that is compared with them.
		a.now = func() time.Time { return time.Now().Truncate(time.Microsecond) }
	}
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	sch, err := config.School(cfg.School)
	if err != nil {
		return nil, err
	}
	a.setSchool(sch)
	if a.book, err = texts(); err != nil {
		return nil, err
	}
	if err := a.plugIn(); err != nil {
		return nil, err
	}
	if _, err := tokens(cfg); err != nil {
		return nil, err
	}
	// Listening comes first: a busy port must not cost a migration.
	if a.listener, err = web.Listen(ctx, cfg.HTTP.Listen); err != nil {
		return nil, err
	}
	a.store, err = store.Open(ctx, cfg.Database.URL.Reveal(), store.Options{Migrate: cfg.Database.Migrate, Log: a.log, Now: o.Now})
	if err != nil {
		return nil, err
	}
	a.engine, err = workflows.New(a.store, func() workflows.Catalogue { return a.school.Load() }, a.now, processes.Processes()...)
	if err != nil {
		return nil, err
	}
	if a.links, err = a.newLinks(ctx); err != nil {
		return nil, err
	}
	a.figures = web.NewFigures(a.log)
	parts := bot.Parts{
		Store: a.store, Engine: a.engine, School: a.school.Load, Book: a.book,
		Adapters: a.adapters, Log: a.log, Now: a.now, Link: a.links.Make,
	}
	if cfg.Understanding.URL != "" { // a nil model in an interface would not be nil
		if parts.Outside, err = outsideModel(cfg, a.log, a.now, a.figures.Thought); err != nil {
			return nil, err
		}
	}
	a.bot, err = bot.New(parts)
	if err != nil {
		return nil, err
	}
	store.Handle(a.store, a.bot.Announce)
	store.Handle(a.store, a.bot.Carry)
	store.Handle(a.store, a.bot.Late)
	store.Handle(a.store, a.engine.Fire)
	window, err := a.window()
	if err != nil {
		return nil, err
	}
	a.server, err = web.NewServer(window)
	return a, err
}

// setSchool puts a loaded school in force. Where only the console is on, the
// rooms of the file stand in the console.
func (a *App) setSchool(s *school.School) {
	if _, on := a.cfg.Adapters["console"]; on && a.cfg.Chats() == 1 {
		s = inConsole(s)
	}
	a.school.Store(s)
}

// plugIn makes the adapters that the configuration asks for.
func (a *App) plugIn() error {
	if err := strangers(a.cfg); err != nil {
		return err
	}
	for _, plug := range all.Plugs {
		section, on := a.cfg.Adapters[plug.Name]
		if !on {
			continue
		}
		made, err := plug.New(section, a.kit(plug.Name))
		if err != nil {
			return a.cfg.AdapterMistakes(plug.Name, err)
		}
		if c, ok := made.(*console.Console); ok {
			c.SetCast(a.cast)
			a.console = c
		}
		a.adapters = append(a.adapters, made)
	}
	return nil
}

// Run works until ctx ends: first it takes no more from outside, then it lets go
// of the rest.
func (a *App) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if err := a.store.Work(ctx); err != nil {
		return err
	}
	var going sync.WaitGroup
	start := func(name string, run func(context.Context) error) {
		going.Go(func() {
			if err := run(ctx); err != nil && ctx.Err() == nil {
				cancel(fmt.Errorf("%s: %w", name, err))
			}
		})
	}
	for _, adapter := range a.adapters {
		start(adapter.Name(), func(ctx context.Context) error { return adapter.Run(ctx, a.bot.Handle) })
	}
	if a.cfg.School != "" {
		start("school file", func(ctx context.Context) error {
			config.Watch(ctx, a.cfg.School, func(s *school.School) {
				a.setSchool(s)
				a.log.Info("the school file was read anew", "file", a.cfg.School)
			}, func(err error) {
				a.log.Error("the school file has mistakes; the old one stays in force", "error", err)
			})
			return nil
		})
	}
	start("http", func(ctx context.Context) error { return a.server.Serve(ctx, a.listener) })
	<-ctx.Done()
	going.Wait()
	a.store.Stop()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// Close lets go of what newApp took.
func (a *App) Close() {
	if a.listener != nil {
		_ = a.listener.Close() // already closed when the server ran
	}
	if a.store != nil {
		if err := a.store.Close(); err != nil {
			a.log.Warn("close the database", "error", err)
		}
	}
}

// window gathers every door over HTTP.
func (a *App) window() (web.Parts, error) {
	tokens, err := tokens(a.cfg)
	if err != nil {
		return web.Parts{}, err
	}
	figures := a.figures
	processes := a.engine.Processes()
	parts := web.Parts{
		Engine: figures.Counted(a.engine, processes), Reader: a.store, Processes: processes, Book: a.book,
		School: func() workflows.Catalogue { return a.school.Load() }, Tokens: tokens, Figures: figures, Now: a.now, Log: a.log,
		Names: web.Names{
			Organisation: func() string { return a.school.Load().Organisation.Name },
			Locale:       func() string { return a.school.Load().Organisation.Locale },
			Services:     func() []string { return serviceKeys(a.school.Load()) },
			Location: func(key string) string {
				l, _ := a.school.Load().Location(key)
				return l.Name
			},
		},
		Refused: func(ctx context.Context, c workflows.Command, no *workflows.Error) error {
			return a.store.Do(ctx, func(tx workflows.Tx) error { return a.engine.LogRefusal(ctx, tx, c, no) })
		},
		Checks: append([]web.Check{{Name: "database", Do: a.store.Ping}}, a.listening()...),
	}
	parts.Routes = append(parts.Routes, hooks.Routes(hooks.Parts{
		Clerk: parts.Clerk(), Engine: a.engine, Reader: a.store, Came: a.store.Came, Match: a.match, Known: a.bot.Known,
		Book: a.book, Locale: parts.Names.Locale, Log: a.log,
	}))
	parts.Routes = append(parts.Routes, a.links.Routes(a.bot.Handle))
	for _, adapter := range a.adapters {
		if h, ok := adapter.(adapters.HTTP); ok {
			parts.Routes = append(parts.Routes, h.Routes(a.bot.Handle))
		}
	}
	return parts, nil
}

// listening asks of each adapter whether it hears its platform and is heard there. As
// long as another chat works, so do we: a platform that is shut must not cut off the
// others. Mail is no chat: nobody is heard by it.
func (a *App) listening() []web.Check {
	chats := func(adapter adapters.Adapter) bool {
		_, letters := adapter.(adapters.Letterbox)
		_, shut := a.trouble(adapter)
		return !letters && !shut
	}
	var checks []web.Check
	for _, adapter := range a.adapters {
		checks = append(checks, web.Check{Name: adapter.Name(), Do: func(context.Context) error {
			words, shut := a.trouble(adapter)
			switch {
			case words == "":
				return nil
			case shut && !slices.ContainsFunc(a.adapters, chats):
				return web.Mend(words)
			}
			return web.Note(words)
		}})
	}
	return checks
}

// trouble is what must be mended of an adapter, "" when all is well; shut is set when
// nothing goes in or out until then. The adapter knows how it stands with its
// platform, the bot what came of the messages: often that is the same.
func (a *App) trouble(adapter adapters.Adapter) (words string, shut bool) {
	words, shut = a.bot.Trouble(adapter.Name())
	i := slices.IndexFunc(all.Plugs, func(p adapters.Plug) bool { return p.Name == adapter.Name() })
	if all.Plugs[i].Ready == nil {
		return words, shut
	}
	err := all.Plugs[i].Ready(adapter)
	switch {
	case err == nil:
		return words, shut
	case words == "" || strings.Contains(words, err.Error()):
		return cmp.Or(words, err.Error()), true
	}
	return err.Error() + "; " + words, true
}

func serviceKeys(s *school.School) []string {
	var keys []string
	for _, v := range s.Services {
		keys = append(keys, v.Key)
	}
	return keys
}

// welcome says where to look and what to type first.
func (a *App) welcome() string {
	address := "http://" + a.listener.Addr().String()
	if a.console == nil {
		return fmt.Sprintf("schoolbel %s is running. Status page: %s/status\n", version, address)
	}
	return fmt.Sprintf(`schoolbel %s is running, with the school %s.

  Open   %s
  Choose who you are, for example Anna, and type:
         wifi ligt eruit, hele gang

Ctrl-C stops it. What was reported is kept in %s; the chat in the browser begins anew.
`, version, a.school.Load().Organisation.Name, address, a.cfg.Database.Name())
}

// texts joins the language book from every room that has texts.
func texts() (*lang.Book, error) {
	folders := []fs.FS{workflows.Texts, bot.Texts, web.Texts, hooks.Texts, link.Texts}
	for _, p := range processes.Processes() {
		folders = append(folders, p.Texts)
	}
	return lang.Load(folders...)
}

// logger writes as the configuration asks.
func logger(cfg *config.Config, w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Log.Level)); err != nil {
		level = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: level}
	if cfg.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
