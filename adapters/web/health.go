package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// Check is one thing that must be well before we call ourselves ready.
type Check struct {
	Name string
	Do   func(context.Context) error
}

// Mend is an error of a check in words that anybody may read: what an operator must
// do. The operator has been told in the log, so that asking does not tell it again.
type Mend string

// Error says what to do.
func (m Mend) Error() string { return string(m) }

// Note is like Mend, of something that does not keep us from working.
type Note string

// Error says what to do.
func (n Note) Error() string { return string(n) }

// patience is how long all checks together may take.
const patience = 3 * time.Second

// health answers those who watch over the process.
type health struct {
	checks []Check
	log    *slog.Logger
}

// alive is GET /healthz: the process lives and answers.
func (h health) alive(w http.ResponseWriter, _ *http.Request) {
	write(w, h.log, http.StatusOK, map[string]bool{"alive": true})
}

// ready is GET /readyz. It names what is not ready, and what to mend where that is
// known; all else stands in the log, for an error may hold more than a passer-by
// should read.
func (h health) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	faults := make([]error, len(h.checks))
	var going sync.WaitGroup
	for i, check := range h.checks {
		going.Go(func() { faults[i] = check.Do(ctx) })
	}
	going.Wait()
	answer := struct {
		Ready  bool              `json:"ready"`
		Checks map[string]string `json:"checks"`
	}{true, map[string]string{}}
	status := http.StatusOK
	for i, check := range h.checks {
		answer.Checks[check.Name] = "ok"
		var mend Mend
		var note Note
		switch {
		case faults[i] == nil:
		case errors.As(faults[i], &note):
			answer.Checks[check.Name] = "ok, but: " + string(note)
		case errors.As(faults[i], &mend):
			answer.Checks[check.Name], answer.Ready, status = "not ready: "+string(mend), false, http.StatusServiceUnavailable
		default:
			h.log.Warn("not ready", "check", check.Name, "error", faults[i])
			answer.Checks[check.Name], answer.Ready, status = "not ready", false, http.StatusServiceUnavailable
		}
	}
	write(w, h.log, status, answer)
}
