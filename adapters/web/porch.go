package web

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
)

// outerLimit is the most that any door may be brought. The doors have narrower
// limits of their own; this one stands for a door that forgets.
const outerLimit = 4 << 20

// bodyWithin is how long a client may take to send its body.
const bodyWithin = 30 * time.Second

type numberKey struct{}

// numberOf gives the number under which a request stands in our log.
func numberOf(ctx context.Context) string {
	number, _ := ctx.Value(numberKey{}).(string)
	return number
}

// porch is what everybody passes on the way in, whichever door they take.
func (s *Server) porch(p Parts, doors http.Handler) http.Handler {
	guarded := http.NewCrossOriginProtection().Handler(doors)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := p.Now()
		number := rand.Text()[:8]
		ctx, cancel := context.WithCancel(context.WithValue(r.Context(), numberKey{}, number))
		defer cancel()
		r = r.WithContext(ctx)
		out := &answerer{ResponseWriter: w}
		out.stream = func() { out.release = context.AfterFunc(s.closing, cancel) }
		secure(out.Header())
		if r.Body != http.NoBody {
			r.Body = http.MaxBytesReader(out, r.Body, outerLimit)
			// A server-wide read timeout would also end streams that only we write to.
			// A connection that knows no deadlines (a test's recorder) needs none.
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyWithin))
		}
		defer func() {
			why := recover()
			if out.release != nil {
				out.release()
			}
			if err, ok := why.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(why)
			}
			if why != nil {
				p.Log.ErrorContext(ctx, "a request panicked", "number", number, "route", r.Pattern, "panic", why, "stack", string(debug.Stack()))
				if !out.begun() {
					v := listen(p.Book, r, p.Names.Locale())
					http.Error(out, v.say("web.error.ours", number), http.StatusInternalServerError)
				}
			}
			took := p.Now().Sub(began)
			p.Figures.requested(r.Pattern, out.code(), took)
			p.Log.LogAttrs(ctx, levelOf(r.Pattern, out.code()), "request", slog.String("method", r.Method), slog.String("path", shorten(r.URL.Path)),
				slog.Int("status", out.code()), slog.Duration("took", took), slog.String("number", number))
		}()
		guarded.ServeHTTP(out, r)
	})
}

// secure sets the headers that every answer has; a door that needs others sets
// them after us.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
}

// levelOf keeps the questions of machines out of the ordinary log.
func levelOf(route string, status int) slog.Level {
	_, path, _ := strings.Cut(route, " ")
	switch {
	case status >= http.StatusInternalServerError:
		return slog.LevelWarn
	case path == "/healthz" || path == "/readyz" || path == "/metrics":
		return slog.LevelDebug
	case status < http.StatusBadRequest && (strings.HasPrefix(path, "/slack/") || path == "/api/messages"):
		return slog.LevelDebug // what people say is in the records' own log
	}
	return slog.LevelInfo
}

// shorten keeps a hostile address from filling the log. The query is left out:
// platforms put secrets there. So is what follows /go/: whoever has it may use it.
func shorten(path string) string {
	const longest = 120
	if strings.HasPrefix(path, "/go/") {
		return "/go/…"
	}
	if len(path) > longest {
		return path[:longest] + "…"
	}
	return path
}

// answerer remembers what was answered.
type answerer struct {
	http.ResponseWriter
	status  int
	stream  func()      // called when the answer turns out to be a stream without an end
	release func() bool // forgets that stream
}

// WriteHeader notes the status.
func (a *answerer) WriteHeader(status int) {
	if a.status == 0 && status >= http.StatusOK {
		a.status = status
		if strings.HasPrefix(a.Header().Get("Content-Type"), "text/event-stream") {
			a.stream()
		}
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write answers 200 when nothing was said before.
func (a *answerer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	return a.ResponseWriter.Write(b)
}

// Flush lets a stream show what it has; http.ResponseController could find it by
// Unwrap, but a plain http.Flusher could not.
func (a *answerer) Flush() {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	// What cannot be flushed is sent when the answer ends.
	_ = http.NewResponseController(a.ResponseWriter).Flush()
}

// Unwrap gives http.ResponseController the rest.
func (a *answerer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answerer) begun() bool { return a.status != 0 }

func (a *answerer) code() int {
	if a.status == 0 {
		return http.StatusOK
	}
	return a.status
}
