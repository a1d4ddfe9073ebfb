// Package slack is the adapter for Slack, over HTTP or Socket Mode.
package slack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"
	"gopkg.in/yaml.v3"

	"schoolbel/adapters"
)

// Name is what this adapter is called in the configuration and in places.
const Name = "slack"

// patience is how long a call to Slack may take. A call that takes longer may
// still arrive: such a failure is ambiguous and the queue asks Find.
const patience = 10 * time.Second

// Slack is one app in one workspace.
type Slack struct {
	cfg     settings
	log     *slog.Logger
	now     func() time.Time
	api     *slack.Client
	pause   func(attempt int) time.Duration // before Socket Mode dials again
	lines   atomic.Int32                    // Socket Mode connections on which Slack greeted us
	rooms   sync.Map                        // user id → channel id of the direct room
	locales sync.Map                        // user id → "nl": events do not tell it, users.info does
}

// What the house may count on.
var (
	_ adapters.Adapter    = (*Slack)(nil)
	_ adapters.Editor     = (*Slack)(nil)
	_ adapters.FormOpener = (*Slack)(nil)
	_ adapters.RoomMaker  = (*Slack)(nil)
	_ adapters.Directory  = (*Slack)(nil)
	_ adapters.Finder     = (*Slack)(nil)
	_ adapters.HTTP       = (*Slack)(nil)
)

// settings are the keys of adapters.slack.
type settings struct {
	APIURL        string `yaml:"api_url"`
	BotToken      string `yaml:"bot_token"`
	SigningSecret string `yaml:"signing_secret"`
	AppToken      string `yaml:"app_token"`
}

// New makes the adapter from its section. It does not call Slack.
func New(section yaml.Node, kit adapters.Kit) (*Slack, error) {
	cfg, err := read(section, kit)
	if err != nil {
		return nil, err
	}
	s := &Slack{cfg: cfg, log: kit.Log, now: kit.Now, pause: backoff}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	// One call must not wait for a connection that another holds, and slack-go
	// sets no time limit of its own.
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 32
	s.api = slack.New(cfg.BotToken,
		slack.OptionHTTPClient(&http.Client{Timeout: patience, Transport: transport}),
		slack.OptionAPIURL(cfg.APIURL),
		slack.OptionAppLevelToken(cfg.AppToken),
		slack.OptionLog(slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)),
	)
	return s, nil
}

// read takes the section apart and says what is missing and how to mend it.
func read(section yaml.Node, kit adapters.Kit) (settings, error) {
	cfg := settings{APIURL: slack.APIURL}
	if !section.IsZero() {
		if err := section.Decode(&cfg); err != nil {
			return cfg, fmt.Errorf("read the section: %w", err)
		}
	}
	keys := []struct {
		name  string
		value *string
	}{{"api_url", &cfg.APIURL}, {"bot_token", &cfg.BotToken}, {"signing_secret", &cfg.SigningSecret}, {"app_token", &cfg.AppToken}}
	var wrong []error
	names, failed := []string{}, map[string]bool{}
	for _, key := range keys {
		names = append(names, key.name)
		if kit.Expand == nil {
			continue
		}
		expanded, err := kit.Expand(*key.value)
		if err != nil {
			failed[key.name] = true
			wrong = append(wrong, fmt.Errorf("%s: %w", key.name, err))
		}
		*key.value = strings.TrimSpace(expanded)
	}
	for i := 0; section.Kind == yaml.MappingNode && i < len(section.Content); i += 2 {
		if key := section.Content[i].Value; !slices.Contains(names, key) {
			wrong = append(wrong, fmt.Errorf("%s: there is no such key; there are: %s", key, strings.Join(names, ", ")))
		}
	}
	if cfg.APIURL == "" {
		cfg.APIURL = slack.APIURL
	}
	if !strings.HasSuffix(cfg.APIURL, "/") {
		cfg.APIURL += "/"
	}
	if cfg.BotToken == "" && !failed["bot_token"] {
		wrong = append(wrong, errors.New(`bot_token: missing; in your app's settings, "OAuth & Permissions", copy the Bot User OAuth Token (xoxb-…)`))
	}
	if cfg.SigningSecret == "" && cfg.AppToken == "" && !failed["signing_secret"] && !failed["app_token"] {
		wrong = append(wrong, errors.New(`signing_secret: missing; copy it from "Basic Information", or give app_token (xapp-…) to use Socket Mode instead`))
	}
	if cfg.AppToken != "" && !strings.HasPrefix(cfg.AppToken, "xapp-") {
		wrong = append(wrong, errors.New(`app_token: must begin with xapp-; make one under "Basic Information", "App-Level Tokens", with the scope connections:write`))
	}
	return cfg, errors.Join(wrong...)
}

// Name is "slack".
func (s *Slack) Name() string { return Name }

// Run listens over Socket Mode when there is an app token. Without one Slack
// calls the routes, and Run waits.
func (s *Slack) Run(ctx context.Context, in adapters.Handler) error {
	if s.cfg.AppToken == "" {
		<-ctx.Done()
		return nil
	}
	return s.listen(ctx, in)
}
