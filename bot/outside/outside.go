// Package outside asks a model outside of the house what a message means: off until
// it is set up, with a short deadline, and with personal data masked.
package outside

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"schoolbel/workflows/school"
)

const (
	patience = 2 * time.Second // a platform wants its answer within three
	atOnce   = 4               // so many questions are out at most: a storm must not hold up everybody
	mostText = 2000            // bytes of a message that are told
	mostBack = 64 << 10        // bytes of an answer that are read
)

// What came of a question, for the figures.
const (
	Answered = "answered"
	Late     = "late"     // no answer within the deadline
	Failed   = "failed"   // no connection, a refusal, a redirect
	Nonsense = "nonsense" // an answer that is not on the lists
	Resting  = "resting"  // it failed too often and is left alone for a while
	Busy     = "busy"     // too many questions are out
	Withheld = "withheld" // the message may be sensitive
)

// Unasked is the error of a question that was not put.
type Unasked struct{ Why string }

// Error says why.
func (u *Unasked) Error() string { return "the outside model was not asked: " + u.Why }

// Options say whom to ask.
type Options struct {
	URL   string                       // https://host/v1; http only on this machine
	Model string                       // its name there
	Key   interface{ Reveal() string } // nil or "" where none is wanted
	Now   func() time.Time
	Log   *slog.Logger
	Count func(result string) // nil counts nothing
	// Within gives the context that a question may take; nil is two seconds.
	Within func(context.Context) (context.Context, context.CancelFunc)
}

// Model is one model behind an address that speaks as OpenAI's does.
type Model struct {
	o      Options
	at     string
	client *http.Client
	fuse   fuse
	out    chan struct{}
}

// New makes a Model, or says what is wrong with the address.
func New(o Options) (*Model, error) {
	u, err := Address(o.URL)
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Count == nil {
		o.Count = func(string) {}
	}
	if o.Within == nil {
		o.Within = func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, patience)
		}
	}
	at := strings.TrimRight(u.String(), "/")
	if !strings.HasSuffix(at, "/chat/completions") {
		at += "/chat/completions"
	}
	road := http.DefaultTransport.(*http.Transport).Clone()
	road.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	return &Model{o: o, at: at, client: &http.Client{Transport: road, CheckRedirect: stay}, out: make(chan struct{}, atOnce)}, nil
}

// Address reads the address of a model. What is told there must not be read on the
// way: only on this machine it may go without TLS.
func Address(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("this is no address such as https://models.example/v1")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("an address has no password, ? or # in it; the key stands by itself")
	case u.Scheme == "http" && !onLoopback(u.Hostname()):
		return nil, errors.New("messages would be readable on their way: only on this machine http:// will do")
	}
	return u, nil
}

func onLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// stay refuses to be sent to another house: what was masked for one is not for all.
func stay(next *http.Request, via []*http.Request) error {
	if first := via[0].URL; next.URL.Host != first.Host || next.URL.Scheme != first.Scheme || len(via) > 3 {
		return errors.New("it sends us elsewhere")
	}
	return nil
}

// Ask asks what a message means. An error is no more than that: the built-in reader
// has its own answer. It must never be called inside a transaction.
func (m *Model) Ask(ctx context.Context, text string, s *school.School) (Answer, error) {
	a, result, err := m.ask(ctx, text, s)
	m.o.Count(result)
	return a, err
}

func (m *Model) ask(ctx context.Context, text string, s *school.School) (Answer, string, error) {
	if MaySensitive(text) {
		return Answer{}, Withheld, &Unasked{"the message may be sensitive"}
	}
	select {
	case m.out <- struct{}{}:
		defer func() { <-m.out }()
	default:
		return Answer{}, Busy, &Unasked{"too many questions are out"}
	}
	if !m.fuse.whole(m.o.Now()) {
		return Answer{}, Resting, &Unasked{"it failed too often; it is asked again in a while"}
	}
	within, cancel := m.o.Within(ctx)
	defer cancel()
	content, err := m.post(within, question(m.o.Model, Mask(text, s), s))
	result := Answered
	var a Answer
	switch {
	case err != nil && within.Err() != nil:
		result = Late
	case err != nil:
		result = Failed
	default:
		if a, err = parse(content, s); err != nil {
			result = Nonsense
		}
	}
	if ctx.Err() != nil { // who asked has gone: that says nothing of the model
		m.fuse.spare()
		return Answer{}, result, fmt.Errorf("outside: %w", ctx.Err())
	}
	if blown := m.fuse.saw(err == nil, m.o.Now()); blown {
		m.o.Log.Warn("the outside model failed too often and is left alone for a while", "result", result, "error", err)
	}
	return a, result, err
}

// post puts the question and gives the words of the answer. No error shows the key,
// nor what was said by the other side: that may hold either.
func (m *Model) post(ctx context.Context, body []byte) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, m.at, bytes.NewReader(body))
	if err != nil {
		return "", fmt.Errorf("outside: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	if m.o.Key != nil && m.o.Key.Reveal() != "" {
		r.Header.Set("Authorization", "Bearer "+m.o.Key.Reveal())
	}
	got, err := m.client.Do(r)
	if err != nil {
		var failed *url.Error
		if errors.As(err, &failed) {
			err = failed.Err // without the address it led to
		}
		return "", fmt.Errorf("outside: %w", err)
	}
	defer func() { _ = got.Body.Close() }() // read or not, we are done with it
	switch got.StatusCode {
	case http.StatusOK:
	case http.StatusUnauthorized, http.StatusForbidden:
		return "", fmt.Errorf("outside: it does not take our key (%d)", got.StatusCode)
	default:
		return "", fmt.Errorf("outside: it answers %d", got.StatusCode)
	}
	raw, err := io.ReadAll(io.LimitReader(got.Body, mostBack))
	if err != nil {
		return "", fmt.Errorf("outside: read: %w", err)
	}
	var said struct {
		Choices []struct {
			Message struct {
				Content string `json:"content"`
			} `json:"message"`
		} `json:"choices"`
	}
	if json.Unmarshal(raw, &said) != nil || len(said.Choices) == 0 {
		return "", nil // which is no answer, and parse says so
	}
	return said.Choices[0].Message.Content, nil
}
