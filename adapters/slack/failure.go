package slack

import (
	"context"
	"errors"
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
	"account_inactive":          adapters.Refused,
	"cant_update_message":       adapters.Gone,
	"cannot_dm_bot":             adapters.Gone,
	"channel_not_found":         adapters.Gone,
	"edit_window_closed":        adapters.Gone,
	"exchanged_trigger_id":      adapters.Gone,
	"expired_trigger_id":        adapters.Gone,
	"is_archived":               adapters.Gone,
	"message_not_found":         adapters.Gone,
	"messages_tab_disabled":     adapters.Gone,
	"not_in_channel":            adapters.Gone,
	"restricted_action":         adapters.Gone,
	"thread_not_found":          adapters.Gone,
	"trigger_exchanged":         adapters.Gone,
	"trigger_expired":           adapters.Gone,
	"user_disabled":             adapters.Gone,
	"user_not_found":            adapters.Gone,
	"user_not_in_channel":       adapters.Gone,
	"ratelimited":               adapters.TooFast,
	"rate_limited":              adapters.TooFast,
	"message_limit_exceeded":    adapters.TooFast,
	"accesslimited":             adapters.Retry,
	"hash_conflict":             adapters.Retry,
	"service_unavailable":       adapters.Retry,
	"team_added_to_org":         adapters.Retry,
	"fatal_error":               adapters.Ambiguous, // Slack: "it is possible some aspect of the operation succeeded"
	"internal_error":            adapters.Ambiguous,
	"request_timeout":           adapters.Ambiguous,
	"two_factor_setup_required": adapters.Refused,
}

// account are the errors that hold for everything we could say.
var account = map[string]bool{
	"access_denied": true, "account_inactive": true, "ekm_access_denied": true, "invalid_auth": true, "missing_scope": true,
	"not_allowed_token_type": true, "not_authed": true, "org_login_required": true, "team_access_not_granted": true,
	"team_added_to_org": true, "token_expired": true, "token_revoked": true, "two_factor_setup_required": true, "no_permission": true,
}

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
		if account[refusal.Err] {
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
