package hooks

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"

	"schoolbel/workflows"
)

// bodyLimit is the most that a post may bring; more is answered with 413.
const bodyLimit = 1 << 20

// body is what was posted, and by whose token.
type body struct {
	token string
	text  []byte
}

// whole reads the body.
func whole(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return text, nil
	case errors.As(err, &large):
		return nil, err
	}
	return nil, wrong("hooks.error.unread")
}

// wrong refuses a post, in the caller's language.
func wrong(key string, args ...any) error {
	return workflows.Refuse(workflows.Invalid, "", key, args...)
}

// into reads the body as JSON; shape is the key of the text that tells what was
// expected.
func (b body) into(v any, shape string) error {
	err := json.Unmarshal(b.text, v)
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &kind) && kind.Field != "":
		return wrong("hooks.error.type", kind.Field, kind.Value)
	case errors.As(err, &kind):
		return wrong(shape)
	}
	return wrong("hooks.error.json")
}

// did is what came of an alert.
type did string

// What can come of an alert.
const (
	opened    did = "opened"    // a new incident
	joined    did = "joined"    // a note in the incident that is open
	reopened  did = "reopened"  // the incident was resolved, but it is not over
	noted     did = "noted"     // this alert is over, others of the incident are not
	settled   did = "resolved"  // the last alert is over: the incident is resolved
	unchanged did = "unchanged" // nothing new
	ignored   did = "ignored"   // over, but we never heard it begin
)

// answer tells what came of each alert, in the order of the post.
type answer struct {
	Alerts []result `json:"alerts"`
}

type result struct {
	Alert string `json:"alert"`
	Ref   string `json:"ref"`
	Did   did    `json:"did"`
}

func (a answer) write(w http.ResponseWriter, log *slog.Logger) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if err := json.NewEncoder(w).Encode(a); err != nil {
		log.Debug("an answer was not read to its end", "error", err)
	}
}
