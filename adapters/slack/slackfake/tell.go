package slackfake

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// at is the channel where a person does something, with f.mu held.
func (f *Fake) at(user, channel string) *channel {
	if channel == "" {
		return f.dm(user)
	}
	c := f.channels[channel]
	if c == nil {
		panic("slackfake: there is no channel " + channel)
	}
	return c
}

func (c *channel) must(ts string) *Message {
	m := c.find(ts)
	if m == nil {
		panic("slackfake: there is no message " + ts + " in " + c.id)
	}
	return m
}

func (c *channel) kind() string {
	switch c.id[0] {
	case 'D':
		return "im"
	case 'G':
		return "group"
	}
	return "channel"
}

// event wraps what happened as the Events API does.
func (f *Fake) event(inner map[string]any) parcel {
	return parcel{"events_api", map[string]any{
		"token": "fake", "team_id": teamID, "api_app_id": appID, "type": "event_callback",
		"event_id": f.next("Ev"), "event_time": f.now().Unix(), "event": inner, "event_context": "fake",
		"authorizations": []any{map[string]any{"team_id": teamID, "user_id": Bot, "is_bot": true, "is_enterprise_install": false}},
	}}
}

// interaction begins a payload of a person doing something.
func (f *Fake) interaction(kind, user string) map[string]any {
	return map[string]any{
		"type": kind, "team": map[string]any{"id": teamID, "domain": "delinde"}, "token": "fake", "api_app_id": appID,
		"user":       map[string]any{"id": user, "username": f.users[user].name, "name": f.users[user].name, "team_id": teamID},
		"trigger_id": f.trigger(user), "is_enterprise_install": false, "enterprise": nil,
	}
}

func (f *Fake) trigger(user string) string {
	id := f.next("trigger.")
	f.triggers[id] = trigger{user: user, at: f.now()}
	return id
}

// tell brings parcels to the app one by one, over the socket when there is one.
// The first that goes wrong is what it answers.
func (f *Fake) tell(parcels ...parcel) Told {
	told := Told{Status: http.StatusOK, again: parcels}
	for _, p := range parcels {
		var status int
		var body []byte
		var err error
		if l := f.line(); l != nil {
			status, err = f.send(l, p)
		} else {
			status, body, err = f.post(p)
		}
		if told.Body = body; status != http.StatusOK || err != nil {
			told.Status, told.Err = status, err
			break
		}
	}
	return told
}

// post signs a parcel and brings it over HTTP.
func (f *Fake) post(p parcel) (int, []byte, error) {
	route, kind, body := "/slack/events", "application/json", []byte(nil)
	raw, err := json.Marshal(p.payload)
	if err != nil {
		return 0, nil, fmt.Errorf("write the payload: %w", err)
	}
	switch body = raw; p.kind {
	case "slash_commands":
		v := url.Values{}
		for name, value := range p.payload {
			v.Set(name, fmt.Sprint(value))
		}
		route, kind, body = "/slack/commands", "application/x-www-form-urlencoded", []byte(v.Encode())
	case "interactive":
		v := url.Values{"payload": {string(raw)}}
		route, kind, body = "/slack/interactions", "application/x-www-form-urlencoded", []byte(v.Encode())
	}
	r, err := f.Request(route, kind, body)
	if err != nil {
		return 0, nil, err
	}
	answer, err := f.client.Do(r)
	if err != nil {
		return 0, nil, fmt.Errorf("tell the app: %w", err)
	}
	defer func() { _ = answer.Body.Close() }() // only read
	said, err := io.ReadAll(answer.Body)
	return answer.StatusCode, said, err
}

// Request is a signed request to the app, ready to be sent or to be spoiled.
func (f *Fake) Request(route, contentType string, body []byte) (*http.Request, error) {
	f.mu.Lock()
	target := f.target
	f.mu.Unlock()
	if target == "" {
		return nil, fmt.Errorf("the app is not connected, and Target was not called")
	}
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, target+route, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	stamp := strconv.FormatInt(f.now().Unix(), 10)
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("X-Slack-Request-Timestamp", stamp)
	r.Header.Set("X-Slack-Signature", Sign(SigningSecret, stamp, body))
	return r, nil
}

// Sign makes Slack's signature over a body.
func Sign(secret, stamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + stamp + ":"))
	mac.Write(body)
	return "v0=" + hex.EncodeToString(mac.Sum(nil))
}
