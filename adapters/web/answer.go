package web

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"

	"schoolbel/workflows"
)

// bodyLimit is the most that a request may bring.
const bodyLimit = 1 << 20

// statuses says how the five refusals look over HTTP.
var statuses = map[workflows.Code]int{
	workflows.Denied:  http.StatusForbidden,
	workflows.Invalid: http.StatusUnprocessableEntity,
	workflows.Closed:  http.StatusConflict,
	workflows.Missing: http.StatusNotFound,
	workflows.Stale:   http.StatusConflict,
}

// refusal is an error with a status of its own: what HTTP can say and the engine
// cannot.
type refusal struct {
	status int
	code   workflows.Code
	key    string
	args   []any
}

func (r *refusal) Error() string { return r.key }

// wrong refuses what was asked with 422.
func wrong(key string, args ...any) error {
	return &refusal{http.StatusUnprocessableEntity, workflows.Invalid, key, args}
}

// failed is the code of an error that is ours.
const failed workflows.Code = "failed"

type errorForm struct {
	Error struct {
		Code    workflows.Code `json:"code"`
		Message string         `json:"message"`
	} `json:"error"`
}

// explain writes an error in the caller's language. What is not meant for people
// is logged, and the caller gets its number.
func explain(w http.ResponseWriter, r *http.Request, v voice, log *slog.Logger, err error) {
	var form errorForm
	status := http.StatusInternalServerError
	var ours *refusal
	var engines *workflows.Error
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &ours):
		status, form.Error.Code = ours.status, ours.code
		form.Error.Message = v.say(ours.key, ours.args...)
	case errors.As(err, &engines):
		status, form.Error.Code = statuses[engines.Code], engines.Code
		form.Error.Message = v.refusal(engines)
	case errors.As(err, &large):
		status, form.Error.Code = http.StatusRequestEntityTooLarge, workflows.Invalid
		form.Error.Message = v.say("web.error.large", large.Limit>>20)
	case r.Context().Err() != nil:
		return // nobody is listening any more
	default:
		number := numberOf(r.Context())
		log.ErrorContext(r.Context(), "a request failed", "number", number, "route", r.Pattern, "error", err)
		form.Error.Code, form.Error.Message = failed, v.say("web.error.ours", number)
	}
	write(w, log, status, form)
}

// write answers with JSON.
func write(w http.ResponseWriter, log *slog.Logger, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if w.Header().Get("Cache-Control") == "" {
		w.Header().Set("Cache-Control", "no-store")
	}
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil {
		log.Debug("an answer was not read to its end", "error", err)
	}
}

// read takes one JSON value from the body, and nothing behind it.
func read(w http.ResponseWriter, r *http.Request, into any) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return err
		}
		return &refusal{http.StatusBadRequest, workflows.Invalid, "web.error.unread", nil}
	}
	if len(body) == 0 {
		return &refusal{http.StatusBadRequest, workflows.Invalid, "web.error.empty", nil}
	}
	err = json.Unmarshal(body, into)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax):
		return &refusal{http.StatusBadRequest, workflows.Invalid, "web.error.json", []any{syntax.Offset}}
	case errors.As(err, &kind):
		return wrong("web.error.object", kind.Value)
	}
	return err
}
