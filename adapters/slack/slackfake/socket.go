package slackfake

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// line is one Socket Mode connection of the app.
type line struct {
	conn    *websocket.Conn
	mu      sync.Mutex // one writer at a time
	leaving bool       // told to go: nothing new is sent over it
}

func (l *line) write(v any) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.conn.WriteJSON(v)
}

func (f *Fake) connectionsOpen(args) (answer, *refusal) {
	return answer{"url": strings.Replace(f.base, "http", "ws", 1) + "/socket?ticket=" + f.next("ticket")}, nil
}

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

// connect is the other end of Socket Mode.
func (f *Fake) connect(w http.ResponseWriter, r *http.Request) {
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // gorilla has answered
	}
	l := &line{conn: conn}
	if l.write(map[string]any{
		"type": "hello", "num_connections": 1, "connection_info": map[string]any{"app_id": appID},
		"debug_info": map[string]any{"host": "fake", "approximate_connection_time": 18060},
	}) != nil {
		return
	}
	// Clients give up on a connection that does not ping them soon.
	_ = conn.WriteControl(websocket.PingMessage, []byte("ping"), time.Now().Add(time.Second)) // the read below notices
	f.do(func() { f.lines = append(f.lines, l) })
	for {
		_, raw, err := conn.ReadMessage()
		if err != nil {
			break
		}
		var ack struct {
			ID string `json:"envelope_id"`
		}
		if json.Unmarshal(raw, &ack) == nil {
			f.do(func() {
				if waiting, ok := f.awaiting[ack.ID]; ok {
					delete(f.awaiting, ack.ID)
					close(waiting)
				}
			})
		}
	}
	_ = conn.Close() // it is over
	f.do(func() { f.drop(l) })
}

func (f *Fake) drop(l *line) {
	for i, other := range f.lines {
		if other == l {
			f.lines = append(f.lines[:i:i], f.lines[i+1:]...)
			return
		}
	}
}

// line is the newest connection that is not on its way out.
func (f *Fake) line() *line {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := len(f.lines) - 1; i >= 0; i-- {
		if !f.lines[i].leaving {
			return f.lines[i]
		}
	}
	return nil
}

// Connections counts the Socket Mode connections of the app.
func (f *Fake) Connections() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.lines)
}

// send brings a parcel over the socket and waits until it is acknowledged.
func (f *Fake) send(l *line, p parcel) (int, error) {
	acked := make(chan struct{})
	var id string
	var patience time.Duration
	f.do(func() {
		id = f.next("envelope-")
		f.awaiting[id] = acked
		patience = f.patience
	})
	if err := l.write(map[string]any{
		"type": p.kind, "envelope_id": id, "payload": p.payload, "accepts_response_payload": p.kind != "events_api",
		"retry_attempt": 0, "retry_reason": "",
	}); err != nil {
		return 0, err
	}
	wait := time.NewTimer(patience)
	defer wait.Stop()
	select {
	case <-acked:
		return http.StatusOK, nil
	case <-wait.C:
		return 0, nil
	}
}

// Refresh asks the app to make a new connection, as Slack does every few hours,
// and sends nothing more over the old one.
func (f *Fake) Refresh(reason string) {
	var old []*line
	f.do(func() {
		old = append(old, f.lines...)
		for _, l := range old {
			l.leaving = true
		}
	})
	for _, l := range old {
		_ = l.write(map[string]any{"type": "disconnect", "reason": reason, "debug_info": map[string]any{"host": "fake"}}) // or it went already
	}
}

// Cut breaks every Socket Mode connection off.
func (f *Fake) Cut() {
	f.mu.Lock()
	old := append([]*line(nil), f.lines...)
	f.mu.Unlock()
	for _, l := range old {
		_ = l.conn.Close() // that is the point
	}
	f.do(func() {
		for _, l := range old {
			f.drop(l)
		}
	})
}
