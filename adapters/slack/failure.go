package slack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/slack-go/slack"

	"schoolbel/adapters"
)

// unsaid is how long to wait when Slack says "too fast" and not for how long.
const unsaid = 30 * time.Second

// verdicts are what Slack's own errors mean. An error that is not here is about
// what we sent: Slack will not take it next time either.
var verdicts = map[string]adapters.Why{
	"cant_update_message":    adapters.Gone,
	"cannot_dm_bot":          adapters.Gone,
	"channel_not_found":      adapters.Gone,
	"edit_window_closed":     adapters.Gone,
	"exchanged_trigger_id":   adapters.Gone,
	"expired_trigger_id":     adapters.Gone,
	"is_archived":            adapters.Gone,
	"message_not_found":      adapters.Gone,
	"messages_tab_disabled":  adapters.Gone,
	"not_in_channel":         adapters.Gone,
	"restricted_action":      adapters.Gone,
	"thread_not_found":       adapters.Gone,
	"trigger_exchanged":      adapters.Gone,
	"trigger_expired":        adapters.Gone,
	"user_disabled":          adapters.Gone,
	"user_not_found":         adapters.Gone,
	"user_not_in_channel":    adapters.Gone,
	"ratelimited":            adapters.TooFast,
	"rate_limited":           adapters.TooFast,
	"message_limit_exceeded": adapters.TooFast,
	"accesslimited":          adapters.Retry,
	"hash_conflict":          adapters.Retry,
	"service_unavailable":    adapters.Retry,
	"team_added_to_org":      adapters.Retry,
	"fatal_error":            adapters.Ambiguous, // Slack: "it is possible some aspect of the operation succeeded"
	"internal_error":         adapters.Ambiguous,
	"request_timeout":        adapters.Ambiguous,
}

// locks are the errors by which Slack lets us in no more, and what an operator does
// about them. Until then everything waits.
var locks = map[string]string{
	"access_denied":             reinstall,
	"account_inactive":          "the workspace or the app was switched off: " + reinstall,
	"ekm_access_denied":         "an administrator of the workspace must allow the app again",
	"invalid_auth":              reinstall,
	"missing_scope":             "the app lacks a right: run “schoolbel check --online” to see which, add it and install the app again",
	"no_permission":             "the app lacks a right: run “schoolbel check --online” to see which, add it and install the app again",
	"not_allowed_token_type":    "adapters.slack.bot_token must be the Bot User OAuth Token (xoxb-…)",
	"not_authed":                reinstall,
	"org_login_required":        "an administrator of the organisation must allow the app again",
	"team_access_not_granted":   "an administrator of the organisation must allow the app in this workspace",
	"token_expired":             reinstall,
	"token_revoked":             reinstall,
	"two_factor_setup_required": "who installed the app must set up two-factor authentication in Slack",
}

const reinstall = "install the app again in Slack (OAuth & Permissions) and put its token in adapters.slack.bot_token"

// some are the errors that hold for what we tried to do, and not for everything.
var some = map[string]bool{"missing_scope": true, "no_permission": true}

// posting is a call that makes a message: only there is it a question whether it
// arrived, and only there does Slack count by channel.
func posting(method string) bool {
	return method == "chat.postMessage" || method == "chat.postEphemeral"
}

// failure says what to do about an error of a call; nil stays nil.
func failure(method string, err error) error {
	if err == nil {
		return nil
	}
	f := &adapters.Failure{Why: lost(method), Err: errors.Join(errors.New(method), err)}
	var (
		limited *slack.RateLimitedError
		status  slack.StatusCodeError
		refusal slack.SlackErrorResponse
		dial    *net.OpError
		name    *net.DNSError
	)
	switch {
	case errors.As(err, &limited):
		f.Why, f.After = adapters.TooFast, limited.RetryAfter
	case errors.As(err, &status) && status.Code == http.StatusTooManyRequests:
		f.Why, f.After = adapters.TooFast, unsaid
	case errors.As(err, &status):
		if status.Code < 500 && status.Code != http.StatusRequestTimeout {
			f.Why = adapters.Refused
		}
	case errors.As(err, &refusal):
		why, known := verdicts[refusal.Err]
		if !known {
			why = adapters.Refused
		}
		if why == adapters.Ambiguous {
			why = lost(method)
		}
		f.Why = why
		if why == adapters.TooFast {
			f.After = unsaid
		}
		if mend, locked := locks[refusal.Err]; locked {
			f.Why, f.Err = adapters.Locked, fmt.Errorf("slack: %w: %s", err, mend)
			if !some[refusal.Err] {
				f.Scope = "account"
			}
		}
		if refusal.Err == "team_added_to_org" {
			f.Scope = "account"
		}
	case errors.As(err, &dial) && dial.Op == "dial", errors.As(err, &name):
		f.Why = adapters.Retry // Slack never heard it
	}
	if f.Why == adapters.TooFast && !posting(method) {
		f.Scope = "account" // these limits are counted for the whole workspace
	}
	return f
}

// lost is the verdict on a call whose answer never came. What is the same when
// it is done twice can simply be done again.
func lost(method string) adapters.Why {
	if posting(method) {
		return adapters.Ambiguous
	}
	return adapters.Retry
}

// is tells whether Slack answered with one of these errors.
func is(err error, names ...string) bool {
	var refusal slack.SlackErrorResponse
	if !errors.As(err, &refusal) {
		return false
	}
	for _, n := range names {
		if refusal.Err == n {
			return true
		}
	}
	return false
}

// canceled tells whether it is we who stopped: then there is nothing to log.
func canceled(ctx context.Context) bool { return ctx.Err() != nil }
