package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"schoolbel/adapters"
)

const (
	// patience is how long one mail may take, from the first byte to the last.
	patience = 10 * time.Second
	// unsaid is how long to wait when the server is in no hurry; it never says itself.
	unsaid = time.Minute
)

// post hands one mail to the server; a *Failure says what to do when it could not.
func (m *Mail) post(ctx context.Context, to string, text []byte) error {
	client, hang, err := m.call(ctx)
	if err != nil {
		return err
	}
	defer hang()
	if err := client.Mail(m.cfg.From.Address, nil); err != nil {
		if f := failure("it takes no mail from us", err); f.Why == adapters.Retry || f.Why == adapters.TooFast {
			return f
		}
		return m.halt(fmt.Errorf("the mail server takes no mail from %s: %w; see adapters.mail.from", m.cfg.From.Address, err))
	}
	if err := client.Rcpt(to, nil); err != nil {
		return failure("it takes no mail for this address", err)
	}
	data, err := client.Data()
	if err != nil {
		return failure("it takes no mail now", err)
	}
	if _, err := data.Write(text); err != nil { // without its end it is no mail
		return failure("it hung up before the mail was over", err)
	}
	if err := data.Close(); err != nil {
		f := failure("it did not take the mail", err)
		if !answered(err) { // it has all of it, and perhaps it goes on
			f.Why = adapters.Ambiguous
		}
		return f
	}
	m.ill.Store(nil)
	if err := client.Quit(); err != nil {
		m.log.Debug("the mail server hung up", "error", err)
	}
	return nil
}

// halt is the verdict on what is wrong for all mail: everything waits, nothing is
// given up. Ready says it until a mail leaves. A server that says "later" needs
// nobody to mend it.
func (m *Mail) halt(err error) error {
	m.ill.Store(&err)
	f := &adapters.Failure{Why: adapters.Locked, After: unsaid, Scope: "account", Err: err}
	var said *smtp.SMTPError
	if errors.As(err, &said) && said.Code/100 == 4 {
		f.Why = adapters.TooFast
	}
	return f
}

// call opens a connection on which mail can be sent at once.
func (m *Mail) call(ctx context.Context) (_ *smtp.Client, hang func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer func() {
		if err != nil {
			cancel()
			err = m.halt(err)
		}
	}()
	address := m.cfg.address()
	conn, err := m.dial(ctx, address)
	if err != nil {
		return nil, nil, fmt.Errorf("the mail server %s cannot be reached: %w; see whether host and port in adapters.mail.smtp_url are right", address, err)
	}
	until, _ := ctx.Deadline()
	conn = bounded{conn, until}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // ends what is under way
	hang = func() { stop(); cancel(); _ = conn.Close() }
	client, err := m.greet(ctx, conn)
	if err != nil {
		hang()
		return nil, nil, err
	}
	return client, hang, nil
}

// greet encrypts the connection and logs in.
func (m *Mail) greet(ctx context.Context, conn net.Conn) (*smtp.Client, error) {
	var client *smtp.Client
	var err error
	host := m.cfg.Host
	switch {
	case m.cfg.TLS:
		secured := tls.Client(conn, m.tls())
		if err := secured.HandshakeContext(ctx); err != nil {
			return nil, fmt.Errorf("the connection with the mail server %s cannot be encrypted: %w; smtps is for port 465, smtp for port 587", host, err)
		}
		client = smtp.NewClient(secured)
	case m.cfg.Plain:
		client = smtp.NewClient(conn)
	default:
		if client, err = smtp.NewClientStartTLS(conn, m.tls()); err != nil {
			return nil, fmt.Errorf("the connection with the mail server %s cannot be encrypted, so nothing was sent: %w; use a server with STARTTLS or smtps, or adapters.mail.insecure if the way there is safe", host, err)
		}
	}
	if err := client.Hello("localhost"); err != nil { // with TLS, here it turns out whom we speak to
		return nil, fmt.Errorf("the mail server %s does not want us: %w", host, err)
	}
	if m.cfg.User == "" {
		return client, nil
	}
	_, offered := client.Extension("AUTH")
	var login sasl.Client
	switch ways := strings.Fields(offered); {
	case slices.Contains(ways, sasl.Plain):
		login = sasl.NewPlainClient("", m.cfg.User, string(m.cfg.Password))
	case slices.Contains(ways, sasl.Login):
		login = sasl.NewLoginClient(m.cfg.User, string(m.cfg.Password))
	default:
		return nil, fmt.Errorf("the mail server %s lets nobody log in with a password; allow SMTP AUTH for this account there", host)
	}
	if err := client.Auth(login); err != nil {
		return nil, fmt.Errorf("the mail server %s does not let us in: %w; see whether user and password in adapters.mail.smtp_url are right", host, err)
	}
	return client, nil
}

// nobody are the details that say that there is no such mailbox (any more).
var nobody = [][2]int{{0, 0}, {1, 1}, {1, 2}, {1, 3}, {1, 6}, {1, 10}, {2, 1}}

// failure is the verdict on what a server answered, or did not.
func failure(what string, err error) *adapters.Failure {
	f := &adapters.Failure{Why: adapters.Retry, Err: fmt.Errorf("mail: %s: %w", what, err)}
	var said *smtp.SMTPError
	if !errors.As(err, &said) {
		return f
	}
	detailed := said.EnhancedCode[0] == said.Code/100
	detail := [2]int{said.EnhancedCode[1], said.EnhancedCode[2]} // RFC 3463
	switch {
	case said.Code == 421, said.Code == 452, said.Code/100 == 4 && detail[0] == 7: // too many, too fast, or not now
		f.Why, f.After = adapters.TooFast, unsaid
	case said.Code/100 == 4:
	case !detailed && said.Code == 550, said.Code == 551, detailed && slices.Contains(nobody, detail):
		f.Why = adapters.Gone
	default:
		f.Why = adapters.Refused
	}
	return f
}

// answered tells whether the server said something.
func answered(err error) bool {
	var said *smtp.SMTPError
	return errors.As(err, &said)
}

// bounded is a connection whose deadline nobody moves further than agreed.
type bounded struct {
	net.Conn
	until time.Time
}

// SetDeadline sets the deadline, at the latest the agreed one.
func (b bounded) SetDeadline(t time.Time) error {
	if t.IsZero() || t.After(b.until) {
		t = b.until
	}
	return b.Conn.SetDeadline(t)
}
