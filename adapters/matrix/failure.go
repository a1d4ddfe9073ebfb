package matrix

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"maunium.net/go/mautrix"

	"schoolbel/adapters"
)

// unsaid is how long to wait when the homeserver says "too fast" and not for how long.
const unsaid = 5 * time.Second

// Calls that make something anew: only there is it a question whether it arrived.
const (
	says    = "send"
	creates = "createRoom"
)

// verdicts are what Matrix' own errors mean. One that is not here is about what we
// sent: the homeserver will not take it next time either.
var verdicts = map[string]adapters.Why{
	"M_FORBIDDEN":                adapters.Gone, // we are not in that room
	"M_GUEST_ACCESS_FORBIDDEN":   adapters.Gone,
	"M_NOT_FOUND":                adapters.Gone,
	"M_UNRECOGNIZED":             adapters.Gone,
	"M_LIMIT_EXCEEDED":           adapters.TooFast,
	"M_UNKNOWN_TOKEN":            adapters.Retry, // we log in again by ourselves
	"M_MISSING_TOKEN":            adapters.Retry,
	"M_UNABLE_TO_AUTHORISE_JOIN": adapters.Retry,
}

// locks are the errors by which the homeserver lets us in no more, and what an operator
// does about them. Until then everything waits.
var locks = map[string]string{
	"M_USER_DEACTIVATED":        "the account of the bot is switched off on the homeserver: switch it on again",
	"M_USER_LOCKED":             "the account of the bot is locked on the homeserver: unlock it",
	"M_USER_SUSPENDED":          "the account of the bot is suspended on the homeserver: end that",
	"M_RESOURCE_LIMIT_EXCEEDED": "the homeserver has reached a limit of its own: ask its administrator",
}

// failure says what to do about an error of a call; nil stays nil.
func failure(call string, err error) error {
	if err == nil {
		return nil
	}
	var known *adapters.Failure
	if errors.As(err, &known) {
		return err
	}
	f := &adapters.Failure{Why: lost(call), Err: errors.Join(errors.New(call), err)}
	var (
		answer mautrix.HTTPError
		dial   *net.OpError
		name   *net.DNSError
	)
	switch {
	case errors.As(err, &dial) && dial.Op == "dial", errors.As(err, &name):
		f.Why = adapters.Retry // nobody heard it
	case !errors.As(err, &answer) || answer.Response == nil:
	case answer.RespError != nil && verdicts[answer.RespError.ErrCode] != "":
		f.Why = verdicts[answer.RespError.ErrCode]
	case answer.Response.StatusCode == http.StatusTooManyRequests:
		f.Why = adapters.TooFast
	case answer.Response.StatusCode >= 400 && answer.Response.StatusCode < 500 && answer.Response.StatusCode != http.StatusRequestTimeout:
		f.Why = adapters.Refused
	}
	if f.Why == adapters.TooFast {
		f.After, f.Scope = pauseAsked(answer), "account" // counted for all that the account does
	}
	if answer.RespError != nil && locks[answer.RespError.ErrCode] != "" {
		f.Why, f.Scope = adapters.Locked, "account"
		f.Err = fmt.Errorf("matrix: %w: %s", err, locks[answer.RespError.ErrCode])
	}
	return f
}

// lost is the verdict on a call whose answer never came. What is the same when it is
// done twice can simply be done again.
func lost(call string) adapters.Why {
	if call == says || call == creates {
		return adapters.Ambiguous
	}
	return adapters.Retry
}

// pauseAsked is for how long the homeserver asks to wait: in a header, or as older
// ones do it, in the body.
func pauseAsked(answer mautrix.HTTPError) time.Duration {
	if answer.Response != nil {
		said := answer.Response.Header.Get("Retry-After")
		if seconds, err := strconv.Atoi(said); err == nil && seconds > 0 {
			return time.Duration(seconds) * time.Second
		}
		if at, err := http.ParseTime(said); err == nil && time.Until(at) > 0 {
			return time.Until(at)
		}
	}
	if answer.RespError != nil {
		if ms, ok := answer.RespError.ExtraData["retry_after_ms"].(float64); ok && ms > 0 {
			return time.Duration(ms) * time.Millisecond
		}
	}
	return unsaid
}

// why is the verdict of a failure.
func why(err error) adapters.Why {
	var f *adapters.Failure
	if errors.As(err, &f) {
		return f.Why
	}
	return ""
}

// passing tells whether an error may be gone the next time.
func passing(err error) bool {
	switch why(failure("", err)) {
	case adapters.Gone, adapters.Refused:
		return false
	}
	return true
}

// canceled tells whether it is we who stopped: then there is nothing to log.
func canceled(ctx context.Context) bool { return ctx.Err() != nil }

// backoff is how long to wait before trying again: not at all the first time, then
// longer and longer.
func backoff(attempt int) time.Duration {
	if attempt == 0 {
		return 0
	}
	return min(250*time.Millisecond<<min(attempt-1, 10), 30*time.Second)
}

// rest waits, or tells that ctx ended.
func rest(ctx context.Context, d time.Duration) bool {
	wait := time.NewTimer(d)
	defer wait.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-wait.C:
		return true
	}
}
