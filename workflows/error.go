package workflows

import "fmt"

// Code tells a program what sort of refusal it got.
type Code string

// The five refusals and their meaning; the API maps them to a status.
const (
	Denied  Code = "denied"  // not this person
	Invalid Code = "invalid" // something is missing or wrong in what was asked
	Closed  Code = "closed"  // not in this state
	Missing Code = "missing" // there is no such thing
	Stale   Code = "stale"   // somebody was first
)

// Error is a refusal that a person can read in their own language: Key is an
// entry of the language book, Args fill it. Arguments of type State, Action,
// Kind, Role and FieldName are put into the reader's words first (Kind says whose).
type Error struct {
	Code Code
	Kind Kind
	Key  string
	Args []any
}

// FieldName is the name of a field or argument, for Error's Args.
type FieldName string

// Error writes the refusal for a log, not for people.
func (e *Error) Error() string { return fmt.Sprintf("%s: %s %v", e.Code, e.Key, e.Args) }

// Refuse makes an Error.
func Refuse(code Code, kind Kind, key string, args ...any) *Error {
	return &Error{Code: code, Kind: kind, Key: key, Args: args}
}
