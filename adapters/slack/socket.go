package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"schoolbel/adapters"
)

// silence is how long a connection may be still; Slack pings far more often.
const silence = time.Minute

// backoff is how long to wait before dialling again: not at all the first time,
// for that is a cable; then longer and longer, for that is Slack.
func backoff(attempt int) time.Duration {
	if attempt == 0 {
		return 0
	}
	return min(time.Second<<min(attempt-1, 10), time.Minute)
}

// listen keeps a Socket Mode connection until ctx ends. An error never ends it:
// a token that is mended in Slack works again by itself.
func (s *Slack) listen(ctx context.Context, in adapters.Handler) error {
	var open sync.WaitGroup
	defer open.Wait()
	for attempt := 0; !canceled(ctx); attempt++ {
		wait := time.NewTimer(s.pause(attempt))
		select {
		case <-ctx.Done():
			wait.Stop()
			return nil
		case <-wait.C:
		}
		conn, err := s.dial(ctx)
		if err != nil {
			if !canceled(ctx) {
				s.log.ErrorContext(ctx, "slack: no Socket Mode connection; trying again", "attempt", attempt+1, "error", err)
			}
			continue
		}
		line := &wire{conn: conn, leave: make(chan struct{})}
		open.Go(func() { s.hearOut(ctx, line, in) })
		// The old connection is heard out while the new one is made, so that no
		// press falls in between.
		<-line.leave
		if line.greeted.Load() {
			attempt = -1
		}
	}
	return nil
}

// ready tells whether Slack can tell us anything now.
func (s *Slack) ready() error {
	if s.cfg.AppToken != "" && s.lines.Load() == 0 {
		return errors.New("slack: there is no Socket Mode connection")
	}
	return nil
}

// wire is one connection. leave closes when it is time for another.
type wire struct {
	conn    *websocket.Conn
	leave   chan struct{}
	once    sync.Once
	greeted atomic.Bool
}

func (w *wire) goodbye() { w.once.Do(func() { close(w.leave) }) }

// dial asks Slack for an address and connects.
func (s *Slack) dial(ctx context.Context) (*websocket.Conn, error) {
	_, address, err := s.api.StartSocketModeContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("apps.connections.open: %w", err)
	}
	dialer := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: patience}
	conn, answer, err := dialer.DialContext(ctx, address, nil)
	if answer != nil && answer.Body != nil {
		_ = answer.Body.Close() // gorilla gives it only for reading what was refused
	}
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	conn.SetReadLimit(maxBody)
	return conn, nil
}

// parcel is what comes over the wire.
type parcel struct {
	Type       string          `json:"type"`
	Reason     string          `json:"reason"`
	EnvelopeID string          `json:"envelope_id"`
	Payload    json.RawMessage `json:"payload"`
}

// hearOut reads one connection to its end. Parcels are handled one by one, so
// that what people say keeps its order.
func (s *Slack) hearOut(ctx context.Context, w *wire, in adapters.Handler) {
	defer w.goodbye()
	stop := context.AfterFunc(ctx, func() { _ = w.conn.Close() }) // ends the read below
	defer stop()
	defer func() { _ = w.conn.Close() }() // nothing to save: what is not acknowledged comes again
	alive := func() error { return w.conn.SetReadDeadline(time.Now().Add(silence)) }
	answer := w.conn.PingHandler()
	w.conn.SetPingHandler(func(data string) error { return errors.Join(alive(), answer(data)) })
	heard := false
	for {
		if err := alive(); err != nil {
			return
		}
		_, raw, err := w.conn.ReadMessage()
		if err != nil {
			if !canceled(ctx) {
				s.log.InfoContext(ctx, "slack: a Socket Mode connection ended", "error", err)
			}
			return
		}
		var p parcel
		if err := json.Unmarshal(raw, &p); err != nil {
			s.log.WarnContext(ctx, "slack: cannot read what came over the socket", "error", err)
			continue
		}
		switch p.Type {
		case "hello":
			if !heard {
				heard = true
				s.lines.Add(1)
				defer s.lines.Add(-1)
			}
			w.greeted.Store(true)
			continue
		case "disconnect":
			s.log.InfoContext(ctx, "slack: Slack asks for a new connection", "reason", p.Reason)
			if p.Reason == "link_disabled" {
				w.greeted.Store(false) // Socket Mode was switched off: do not hurry back
			}
			w.goodbye()
			continue
		}
		if !s.take(ctx, p, in) {
			continue
		}
		if err := w.conn.WriteJSON(map[string]string{"envelope_id": p.EnvelopeID}); err != nil {
			s.log.InfoContext(ctx, "slack: an acknowledgement did not arrive; Slack will tell it again", "error", err)
			return
		}
	}
}

// take handles one parcel and tells whether Slack may forget it.
func (s *Slack) take(ctx context.Context, p parcel, in adapters.Handler) bool {
	if p.EnvelopeID == "" {
		return false
	}
	var (
		e   adapters.Event
		err error
	)
	switch p.Type {
	case "events_api":
		e, err = s.parseEvent(p.Payload)
	case "interactive":
		e, err = s.parseInteraction(p.Payload)
	case "slash_commands":
		var fields map[string]any
		if err = json.Unmarshal(p.Payload, &fields); err == nil {
			e, err = s.parseSlash(form(fields))
		}
	default:
		err = errNotFor
	}
	if err != nil {
		if !errors.Is(err, errNotFor) {
			s.log.WarnContext(ctx, "slack: cannot read what Slack sent", "type", p.Type, "error", err)
		}
		return true // it would not read better the next time
	}
	if err := in(ctx, e); err != nil {
		s.log.ErrorContext(ctx, "slack: an event was not kept", "event", e.ID, "error", err)
		return false
	}
	return true
}

// form makes the fields of a slash command what they are over HTTP.
func form(fields map[string]any) url.Values {
	v := url.Values{}
	for key, field := range fields {
		if s, ok := field.(string); ok {
			v.Set(key, s)
		}
	}
	return v
}
