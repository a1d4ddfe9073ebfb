package adapters

import (
	"fmt"
	"time"
)

// Why is a verdict: what the queue should do after a failed call.
type Why string

// Verdicts.
const (
	Retry     Why = "retry"     // certainly not delivered: say it again
	TooFast   Why = "too_fast"  // not delivered, and wait After first
	Ambiguous Why = "ambiguous" // perhaps delivered: find out before saying it again
	Gone      Why = "gone"      // the place, message or person is not there (any more)
	Refused   Why = "refused"   // the platform will never take this
	Locked    Why = "locked"    // it lets us in no more until somebody mends it: Err says how, and all waits
)

// Failure is an error of Send or Edit that knows what comes next.
type Failure struct {
	Why   Why
	After time.Duration // for TooFast, and for Locked where it is known
	Scope string        // "" this place, "account" everything of this adapter
	Err   error
}

// Error tells what happened.
func (f *Failure) Error() string { return fmt.Sprintf("%s: %v", f.Why, f.Err) }

// Unwrap gives the cause.
func (f *Failure) Unwrap() error { return f.Err }
