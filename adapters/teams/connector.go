package teams

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/infracloudio/msbotbuilder-go/connector/client"
	botactivity "github.com/infracloudio/msbotbuilder-go/core/activity"
	"github.com/infracloudio/msbotbuilder-go/schema"

	"schoolbel/adapters"
)

// unsaid is how long to wait when Teams says "too fast" and not for how long.
const unsaid = 10 * time.Second

// call is one message on its way: the library says where it goes, we carry it and
// keep what Teams called it. The library's own client loses that, knows no time
// limit and takes a failed log-in for a good one.
type call struct {
	t    *Teams
	ctx  context.Context
	body any
	id   string
}

var _ client.Client = (*call)(nil)

// Post sends a message.
func (c *call) Post(to url.URL, _ schema.Activity) error {
	return c.do(http.MethodPost, to)
}

// Put changes one.
func (c *call) Put(to url.URL, _ schema.Activity) error { return c.do(http.MethodPut, to) }

// Delete takes one away.
func (c *call) Delete(to url.URL, _ schema.Activity) error {
	c.body = nil
	return c.do(http.MethodDelete, to)
}

func (c *call) do(method string, to url.URL) error {
	var said struct {
		ID string `json:"id"`
	}
	err := c.t.do(c.ctx, method, to.String(), c.body, &said, method == http.MethodPost)
	c.id = said.ID
	return err
}

// post says something in a conversation.
func (t *Teams) post(ctx context.Context, r room, conversation string, m message) (adapters.Receipt, error) {
	c, a, err := t.carry(ctx, r, conversation, m)
	if err != nil {
		return "", err
	}
	answer, err := botactivity.NewActivityResponse(c)
	if err != nil {
		return "", err
	}
	if err := answer.SendActivity(a); err != nil {
		return "", verdict(err)
	}
	if c.id == "" {
		return "", &adapters.Failure{Why: adapters.Ambiguous, Err: errors.New("teams took the message and did not say what it is called")}
	}
	return adapters.Receipt(c.id), nil
}

// put changes what we said.
func (t *Teams) put(ctx context.Context, r room, conversation string, id adapters.Receipt, m message) error {
	c, a, err := t.carry(ctx, r, conversation, m)
	if err != nil {
		return err
	}
	if a.ID = string(id); !plainID(a.ID) {
		return &adapters.Failure{Why: adapters.Gone, Err: fmt.Errorf("%q is no message", id)}
	}
	answer, err := botactivity.NewActivityResponse(c)
	if err != nil {
		return err
	}
	if err := answer.UpdateActivity(a); err != nil {
		return verdict(err)
	}
	return nil
}

// carry makes a message ready to go.
func (t *Teams) carry(ctx context.Context, r room, conversation string, m message) (*call, schema.Activity, error) {
	if !plainID(conversation) {
		return nil, schema.Activity{}, &adapters.Failure{Why: adapters.Gone, Err: fmt.Errorf("%q is no conversation", conversation)}
	}
	m.Type = schema.Message
	m.From = &schema.ChannelAccount{ID: t.bot(r)}
	m.Conversation = &schema.ConversationAccount{ID: conversation}
	a := schema.Activity{Type: schema.Message, ServiceURL: t.service(r), Conversation: *m.Conversation}
	return &call{t: t, ctx: ctx, body: m}, a, nil
}

// plainID tells whether an id can stand in an address as it is: the library joins
// paths, so one with a slash or dots would lead elsewhere.
func plainID(id string) bool {
	return id != "" && !strings.ContainsAny(id, "/\\?#") && id != "." && id != ".."
}

func (t *Teams) service(r room) string { return orElse(r.Service, t.cfg.ServiceURL) }

func (t *Teams) bot(r room) string { return orElse(r.Bot, "28:"+t.cfg.AppID) }

// ask calls the connector for something else than a message.
func (t *Teams) ask(ctx context.Context, method string, r room, path string, body, into any, posting bool) error {
	return t.do(ctx, method, strings.TrimSuffix(t.service(r), "/")+"/v3/"+path, body, into, posting)
}

// verdict finds our own verdict in an error that went through the library.
func verdict(err error) error {
	var f *adapters.Failure
	if errors.As(err, &f) {
		return f
	}
	return err
}

// do makes one call. What it returns is a *Failure; posting tells whether it is a
// question if it arrived when no answer comes.
func (t *Teams) do(ctx context.Context, method, address string, body, into any, posting bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if !t.cfg.mayCall(address) {
		return &adapters.Failure{Why: adapters.Refused, Err: fmt.Errorf("%.200q may not be called", address)}
	}
	token, err := t.login.bearer(ctx)
	if err != nil {
		return err
	}
	var load io.Reader = http.NoBody
	if body != nil {
		raw, err := compact(body)
		if err != nil {
			return &adapters.Failure{Why: adapters.Refused, Err: err}
		}
		load = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(ctx, method, address, load)
	if err != nil {
		return &adapters.Failure{Why: adapters.Refused, Err: err}
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	r.GetBody = nil // net/http would send it again by itself on a connection that broke
	answer, err := t.web.Do(r)
	if err != nil {
		return unheard(err, posting)
	}
	defer func() { _ = answer.Body.Close() }() // only read
	said, err := io.ReadAll(io.LimitReader(answer.Body, maxBody))
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return t.refused(r, answer, said, token, posting)
	}
	t.login.taken()
	if err != nil {
		return unheard(err, posting)
	}
	if into != nil && len(bytes.TrimSpace(said)) > 0 {
		if err := json.Unmarshal(said, into); err != nil {
			return unheard(fmt.Errorf("read the answer: %w", err), posting)
		}
	}
	return nil
}

// compact writes JSON with < and > as they are: shorter, and what we measured.
func compact(v any) ([]byte, error) {
	var b bytes.Buffer
	pen := json.NewEncoder(&b)
	pen.SetEscapeHTML(false)
	err := pen.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// unheard is the verdict on a call whose answer never came.
func unheard(err error, posting bool) error {
	f := &adapters.Failure{Why: adapters.Retry, Err: err}
	var (
		dial *net.OpError
		name *net.DNSError
	)
	if posting && (!errors.As(err, &dial) || dial.Op != "dial") && !errors.As(err, &name) {
		f.Why = adapters.Ambiguous
	}
	return f
}

// status is an answer that is not 2xx.
type status struct {
	code int
	what string
}

func (s *status) Error() string { return s.what }

// refused is the verdict on an answer that is not 2xx.
func (t *Teams) refused(r *http.Request, answer *http.Response, said []byte, token string, posting bool) error {
	var about struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	_ = json.Unmarshal(said, &about) // then the status must do
	f := &adapters.Failure{Why: adapters.Refused}
	if answer.StatusCode == http.StatusUnauthorized {
		f = t.login.denied(token)
	} else {
		t.login.taken()
	}
	if f.Why == adapters.Locked {
		return f // its words are for the operator
	}
	f.Err = &status{answer.StatusCode, fmt.Sprintf("%s %s: %s %.60s %.200s", r.Method, r.URL.Path, answer.Status, about.Error.Code, about.Error.Message)}
	switch code := answer.StatusCode; {
	case code == http.StatusUnauthorized:
	case code == http.StatusTooManyRequests:
		f.Why, f.After = adapters.TooFast, t.after(answer.Header.Get("Retry-After"))
		if !strings.Contains(r.URL.Path, "/activities") {
			f.Scope = "account" // counted for the bot, not for a conversation
		}
	case code == http.StatusPreconditionFailed:
		f.Why = adapters.Retry
	case code == http.StatusServiceUnavailable: // nobody took it
		if f.Why = adapters.Retry; answer.Header.Get("Retry-After") != "" {
			f.Why, f.After = adapters.TooFast, t.after(answer.Header.Get("Retry-After"))
		}
	case code >= 500 || code == http.StatusRequestTimeout:
		if f.Why = adapters.Retry; posting {
			f.Why = adapters.Ambiguous
		}
	case code == http.StatusForbidden, code == http.StatusNotFound, code == http.StatusGone:
		f.Why = adapters.Gone
	}
	return f
}

// after reads Retry-After: seconds, or a date.
func (t *Teams) after(header string) time.Duration {
	if seconds, err := strconv.Atoi(strings.TrimSpace(header)); err == nil && seconds >= 0 {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(at.Sub(t.now()), time.Second)
	}
	return unsaid
}
