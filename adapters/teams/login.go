package teams

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"schoolbel/adapters"
)

const (
	early  = 5 * time.Minute // a token that is about to end is not used any more
	locked = time.Minute     // how long all waits when Microsoft does not know us
)

// What an operator does when Microsoft does not let us in.
const (
	newSecret = "the bot's credentials for Teams are refused (%w): make a new client secret in the app registration and put it in adapters.teams.app_secret"
	otherBot  = "the bot's token is not taken by Teams: see whether adapters.teams.app_id, tenant_id and cloud are those of the Azure Bot, and whether its Teams channel is on"
)

// login gets the token that we call Teams with. Who asks while it is fetched waits
// for the same one.
type login struct {
	cfg settings
	web *http.Client
	now func() time.Time
	log *slog.Logger

	mu      sync.Mutex
	token   string
	until   time.Time
	wrong   error // what the operator must mend
	untaken int   // tokens in a row that Teams did not take
}

// trouble is what the operator must mend, or nil.
func (l *login) trouble() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.wrong
}

// bearer is a token that is good for a while. Playing on this machine there is none.
func (l *login) bearer(ctx context.Context) (string, error) {
	if l.cfg.InsecureLocal {
		return "", nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if l.token != "" && now.Before(l.until) {
		return l.token, nil
	}
	token, lasts, err := l.fetch(context.WithoutCancel(ctx)) // others wait for it, too
	var refusal *refusal
	switch {
	case errors.As(err, &refusal):
		return "", l.shut(fmt.Errorf(newSecret, err))
	case err != nil:
		return "", &adapters.Failure{Why: adapters.Retry, Err: fmt.Errorf("ask for a token: %w", err)}
	}
	l.token, l.until = token, now.Add(lasts-min(early, lasts/2))
	if l.untaken < 2 {
		l.wrong = nil
	}
	return token, nil
}

// denied tells that Teams did not take our token. Once it may just have been
// withdrawn; when the next one is not taken either, it is the configuration.
func (l *login) denied(token string) *adapters.Failure {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.token != token {
		return &adapters.Failure{Why: adapters.Retry} // another call got a new one already
	}
	l.token = ""
	if l.untaken++; l.untaken < 2 {
		return &adapters.Failure{Why: adapters.Retry}
	}
	return l.shut(errors.New(otherBot))
}

// rejected tells whether the last token was not taken.
func (l *login) rejected() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.untaken > 0
}

// taken tells that Teams took our token.
func (l *login) taken() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.untaken, l.wrong = 0, nil
}

// shut keeps what is wrong, and is the verdict on all that cannot be said until it is
// mended.
func (l *login) shut(err error) *adapters.Failure {
	l.wrong = err
	return &adapters.Failure{Why: adapters.Locked, After: locked, Scope: "account", Err: err}
}

// refusal is an answer of the token endpoint that will not change by itself.
type refusal struct{ what string }

func (r *refusal) Error() string { return r.what }

// fetch asks for a token and how long it lasts.
func (l *login) fetch(ctx context.Context) (string, time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ask := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {l.cfg.AppID},
		"client_secret": {l.cfg.AppSecret.reveal()}, "scope": {l.cfg.scope},
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, l.cfg.TokenURL, strings.NewReader(ask.Encode()))
	if err != nil {
		return "", 0, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := l.web.Do(r)
	if err != nil {
		return "", 0, err
	}
	defer func() { _ = answer.Body.Close() }() // only read
	var said struct {
		Token string `json:"access_token"`
		Lasts int64  `json:"expires_in"`
		Error string `json:"error"`
		About string `json:"error_description"`
	}
	err = json.NewDecoder(io.LimitReader(answer.Body, maxKeys)).Decode(&said)
	switch {
	case answer.StatusCode >= 400 && answer.StatusCode < 500 && answer.StatusCode != http.StatusTooManyRequests && answer.StatusCode != http.StatusRequestTimeout:
		about, _, _ := strings.Cut(said.About, "\n") // the rest is numbers for Microsoft
		return "", 0, &refusal{strings.TrimSpace(fmt.Sprintf("%d %.60s %.200s", answer.StatusCode, said.Error, about))}
	case answer.StatusCode != http.StatusOK:
		return "", 0, fmt.Errorf("%s answers %s", l.cfg.TokenURL, answer.Status)
	case err != nil || said.Token == "":
		return "", 0, fmt.Errorf("%s gives no token: %w", l.cfg.TokenURL, errors.Join(err, errors.New("empty")))
	}
	return said.Token, time.Duration(said.Lasts) * time.Second, nil
}
