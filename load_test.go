package main

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"schoolbel/adapters/slack/slackfake"
)

// slackEvent is the body of one message event, as Slack posts it.
func slackEvent(id, user, channel, text string) []byte {
	kind := map[byte]string{'D': "im"}[channel[0]]
	if kind == "" {
		kind = "channel"
	}
	ts := fmt.Sprintf("%d.%06d", time.Now().Unix(), sequence.Add(1)%1_000_000)
	body, err := json.Marshal(map[string]any{
		"type": "event_callback", "team_id": "T0LINDE", "api_app_id": "A0BEL", "event_id": id, "event_time": time.Now().Unix(),
		"event": map[string]any{
			"type": "message", "channel": channel, "channel_type": kind, "user": user, "text": text, "ts": ts, "event_ts": ts,
		},
	})
	if err != nil {
		panic(err) // a map of strings can always be written
	}
	return body
}

var sequence atomic.Int64

// signed is the request of an event as bytes, ready to go over a connection.
func signed(host, path, contentType string, body []byte, at time.Time) []byte {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(slackfake.SigningSecret))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n"+
		"X-Slack-Request-Timestamp: %s\r\nX-Slack-Signature: v0=%s\r\n\r\n",
		path, host, contentType, len(body), stamp, hex.EncodeToString(mac.Sum(nil)))
	return append([]byte(head), body...)
}

// line is one connection that posts events one after another.
type line struct {
	conn net.Conn
	read *bufio.Reader
	host string
}

func dial(host string) (*line, error) {
	conn, err := net.Dial("tcp", host)
	if err != nil {
		return nil, err
	}
	return &line{conn, bufio.NewReader(conn), host}, nil
}

// post sends one event and gives the status of the answer.
func (l *line) post(body []byte) (int, error) {
	if _, err := l.conn.Write(signed(l.host, "/slack/events", "application/json", body, time.Now())); err != nil {
		return 0, err
	}
	answer, err := http.ReadResponse(l.read, nil)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, err
}

// speed is what a run of the load came to.
type speed struct {
	perSecond float64
	p50, p99  time.Duration
}

func (s speed) String() string {
	return fmt.Sprintf("%8.0f/s   p50 %7s   p99 %7s", s.perSecond, s.p50.Round(10*time.Microsecond), s.p99.Round(10*time.Microsecond))
}

// press posts events from so many clients at once for as long as told.
func press(t *testing.T, host string, clients int, during time.Duration, event func(client, n int) []byte) speed {
	t.Helper()
	var (
		going sync.WaitGroup
		lock  sync.Mutex
		all   []time.Duration
	)
	start := time.Now()
	for c := range clients {
		going.Go(func() {
			l, err := dial(host)
			if err != nil {
				t.Error(err)
				return
			}
			defer l.conn.Close()
			var took []time.Duration
			for n := 0; time.Since(start) < during; n++ {
				body := event(c, n)
				sent := time.Now()
				status, err := l.post(body)
				if err != nil || status != http.StatusOK {
					t.Errorf("event refused: status %d, %v", status, err)
					return
				}
				took = append(took, time.Since(sent))
			}
			lock.Lock()
			all = append(all, took...)
			lock.Unlock()
		})
	}
	going.Wait()
	elapsed := time.Since(start)
	if len(all) == 0 {
		t.Fatal("not one event was taken")
	}
	slices.Sort(all)
	return speed{float64(len(all)) / elapsed.Seconds(), all[len(all)/2], all[len(all)*99/100]}
}

// reports makes distinct reports that always open a record of their own.
func reports(prefix string, room func(user string) string) func(client, n int) []byte {
	people := strings.Fields("U0ANNA U0PETER U0FATIMA U0NOOR U0BRAM U0SANNE")
	rooms := map[string]string{}
	for _, user := range people {
		rooms[user] = room(user)
	}
	return func(client, n int) []byte {
		user := people[(client+n)%len(people)]
		return slackEvent(fmt.Sprintf("Ev%s%d-%d", prefix, client, n), user, rooms[user], fmt.Sprintf("storing: printer %d-%d doet het niet", client, n))
	}
}
