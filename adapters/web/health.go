package web

import (
	"context"
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

// ready is GET /readyz. It names what is not ready; why stands in the log, for an
// error may hold more than a passer-by should read.
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
		if faults[i] != nil {
			h.log.Warn("not ready", "check", check.Name, "error", faults[i])
			answer.Checks[check.Name], answer.Ready, status = "not ready", false, http.StatusServiceUnavailable
		}
	}
	write(w, h.log, status, answer)
}
