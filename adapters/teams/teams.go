// Package teams is the adapter for Microsoft Teams, over the Bot Framework.
package teams

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"time"

	"github.com/infracloudio/msbotbuilder-go/connector/auth"
	"github.com/infracloudio/msbotbuilder-go/core"
	"gopkg.in/yaml.v3"

	"schoolbel/adapters"
)

// Name is what this adapter is called in the configuration and in places.
const Name = "teams"

// patience is how long a call to Microsoft may take. One that takes longer may
// still arrive: such a failure is ambiguous.
const patience = 10 * time.Second

// Teams is one bot in one tenant.
type Teams struct {
	cfg      settings
	log      *slog.Logger
	now      func() time.Time
	web      *http.Client
	login    *login
	checker  *checker
	book     *book
	triggers triggers
	seal     []byte // signs what a form carries with it
}

// What the house may count on.
var (
	_ adapters.Adapter    = (*Teams)(nil)
	_ adapters.Editor     = (*Teams)(nil)
	_ adapters.FormOpener = (*Teams)(nil)
	_ adapters.RoomMaker  = (*Teams)(nil)
	_ adapters.Directory  = (*Teams)(nil)
	_ adapters.Discreet   = (*Teams)(nil)
	_ adapters.HTTP       = (*Teams)(nil)
)

// New makes the adapter from its section. It does not call Microsoft.
func New(section yaml.Node, kit adapters.Kit) (*Teams, error) {
	cfg, err := read(section, kit)
	if err != nil {
		return nil, err
	}
	t := &Teams{cfg: cfg, log: kit.Log, now: kit.Now, book: newBook(kit.Memory)}
	if t.log == nil {
		t.log = slog.New(slog.DiscardHandler)
	}
	if t.now == nil {
		t.now = time.Now
	}
	// One call must not wait for a connection that another holds. A redirect is no
	// answer of a connector: whoever follows it carries our token along.
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 32
	t.web = &http.Client{
		Timeout: patience, Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.login = &login{cfg: cfg, web: t.web, now: t.now, log: t.log}
	t.checker = &checker{
		cfg: cfg, now: t.now,
		keys: &keys{url: cfg.OpenIDURL, local: cfg.local(), web: t.web, now: t.now, log: t.log},
	}
	sum := sha256.Sum256([]byte("schoolbel form " + cfg.AppID + " " + cfg.AppSecret.reveal()))
	t.seal = sum[:]
	return t, nil
}

// parser is the library's adapter with our own check of tokens in it: the library's
// takes keys for five days, knows no endorsements and breaks on what it does not
// expect. It calls nobody, so it has no client.
func (t *Teams) parser() *core.BotFrameworkAdapter {
	return &core.BotFrameworkAdapter{
		AdapterSetting: core.AdapterSetting{AppID: t.cfg.AppID, CredentialProvider: auth.SimpleCredentialProvider{AppID: t.cfg.AppID}},
		TokenValidator: t.checker,
	}
}

// Name is "teams".
func (t *Teams) Name() string { return Name }

// Discreet tells the bot that Teams shows nothing to one person in a room.
func (t *Teams) Discreet() {}

// Run waits: Teams calls the routes. It logs in at once, so that a wrong secret shows
// before somebody needs the bot, and tries again while it is wrong.
func (t *Teams) Run(ctx context.Context, _ adapters.Handler) error {
	if _, err := t.login.bearer(ctx); err != nil && ctx.Err() == nil {
		t.log.WarnContext(ctx, "teams: the bot cannot log in yet", "error", err)
	}
	again := time.NewTicker(relog)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
			if t.ready() != nil {
				_, _ = t.login.bearer(ctx) // it keeps what is wrong
			}
		}
	}
}

// relog is how often a log-in that is wrong is tried again.
const relog = 10 * time.Second

// ready says what the operator must mend before we can say anything.
func (t *Teams) ready() error { return t.login.trouble() }
