// Package mailfake is a small mail server to test against: a real one that speaks
// SMTP, keeps what it gets, and fails when it is told to.
package mailfake

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// What the server knows. A test gives these to the app.
const (
	User     = "schoolbel"
	Password = "p@ss/word"
	Host     = "mail.school.example" // the name in its certificate
)

// Steps of a conversation, as Fault is asked about them.
const (
	Login = "login"
	From  = "from" // MAIL FROM
	To    = "to"   // RCPT TO
	Data  = "data" // the mail has arrived whole, and the answer is due
)

// Errors by which Fault breaks a connection. After ErrLost the mail is there, and the
// one who sent it never hears so.
var (
	ErrLost = errors.New("the mail is kept, and the line is cut")
	ErrCut  = errors.New("the line is cut")
)

// Server is one mail server.
type Server struct {
	smtp     *smtp.Server
	listener net.Listener
	roots    *x509.CertPool
	config   *tls.Config

	mu      sync.Mutex
	changed chan struct{} // closed at each change
	mails   []Mail
	fault   func(step, to string) error
	strange map[string]bool
	secured int // mails that came over TLS
}

// New starts a server on loopback that offers STARTTLS.
func New() *Server { return start(true) }

// NewPlain starts one that cannot encrypt.
func NewPlain() *Server { return start(false) }

func start(secure bool) *Server {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		panic(fmt.Sprintf("mailfake: no loopback address: %v", err)) // as httptest does: no test can go on
	}
	s := &Server{listener: listener, changed: make(chan struct{}), strange: map[string]bool{}}
	s.config, s.roots = certificate()
	s.smtp = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{server: s, conn: c}, nil }))
	s.smtp.Domain, s.smtp.AllowInsecureAuth, s.smtp.ErrorLog = Host, true, silent{}
	if secure {
		s.smtp.TLSConfig = s.config
	}
	go func() { _ = s.smtp.Serve(listener) }() // ends with Close
	return s
}

// Close shuts the server.
func (s *Server) Close() { _ = s.smtp.Close() } // a test that ends has no use for the error

// Address is where it listens.
func (s *Server) Address() string { return s.listener.Addr().String() }

// URL is the value for adapters.mail.smtp_url: plain, for it is on loopback.
func (s *Server) URL() string { return "smtp://" + User + ":p%40ss%2Fword@" + s.Address() }

// Roots is who signed its certificate.
func (s *Server) Roots() *x509.CertPool { return s.roots }

// TLS is its side of an encrypted connection, for a line in front of it.
func (s *Server) TLS() *tls.Config { return s.config }

// Strange makes an address one that nobody has here.
func (s *Server) Strange(address string) { s.do(func() { s.strange[address] = true }) }

// Fault asks at each step what goes wrong; nil is nothing.
func (s *Server) Fault(fault func(step, to string) error) { s.do(func() { s.fault = fault }) }

// Mails lists what came for an address, or for all with "".
func (s *Server) Mails(to string) []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.mails), func(m Mail) bool { return to != "" && m.To != to })
}

// Secured counts the mails that came encrypted.
func (s *Server) Secured() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.secured
}

// Wait waits until something is so.
func (s *Server) Wait(ctx context.Context, ok func() bool) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if ok() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("mailfake: %w", ctx.Err())
		}
	}
}

func (s *Server) do(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	close(s.changed)
	s.changed = make(chan struct{})
}

// wrong is what goes wrong at a step.
func (s *Server) wrong(step, to string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault == nil {
		return nil
	}
	return s.fault(step, to)
}

// session is one conversation.
type session struct {
	server   *Server
	conn     *smtp.Conn
	in       bool
	from, to string
}

var errLogin = &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "wrong user or password"}

// AuthMechanisms lists the ways to log in.
func (c *session) AuthMechanisms() []string { return []string{sasl.Plain, sasl.Login} }

// Auth lets the one user in.
func (c *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if err := c.broken(Login); err != nil {
			return err
		}
		if user != User || password != Password {
			return errLogin
		}
		c.in = true
		return nil
	}), nil
}

// Mail hears who sends.
func (c *session) Mail(from string, _ *smtp.MailOptions) error {
	if !c.in {
		return smtp.ErrAuthRequired
	}
	c.from = from
	return c.broken(From)
}

// Rcpt hears for whom.
func (c *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.to = to
	c.server.mu.Lock()
	strange := c.server.strange[to]
	c.server.mu.Unlock()
	if strange {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox here"}
	}
	return c.broken(To)
}

// Data takes the mail.
func (c *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err //nolint:wrapcheck // the library's own
	}
	fault := c.server.wrong(Data, c.to)
	if fault == nil || errors.Is(fault, ErrLost) {
		m, err := read(raw)
		if err != nil {
			return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: err.Error()}
		}
		m.From, m.To = c.from, c.to
		_, secure := c.conn.TLSConnectionState()
		c.server.do(func() {
			c.server.mails = append(c.server.mails, m)
			if secure {
				c.server.secured++
			}
		})
	}
	return c.cut(fault)
}

func (c *session) broken(step string) error { return c.cut(c.server.wrong(step, c.to)) }

// cut hangs up when that is the fault.
func (c *session) cut(fault error) error {
	if errors.Is(fault, ErrLost) || errors.Is(fault, ErrCut) {
		_ = c.conn.Conn().Close() // that is the point
	}
	return fault
}

// Reset begins anew.
func (c *session) Reset() { c.from, c.to = "", "" }

// Logout ends.
func (c *session) Logout() error { return nil }

// Says is a fault in which the server answers with a code, "451 4.3.0 later".
func Says(code int, detail [3]int, words string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: detail, Message: words}
}

// silent keeps the library's log out of the tests.
type silent struct{}

// Printf says nothing.
func (silent) Printf(string, ...any) {}

// Println says nothing.
func (silent) Println(...any) {}

// certificate makes one for Host, and the pool that trusts it.
func certificate() (*tls.Config, *x509.CertPool) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(fmt.Sprintf("mailfake: %v", err)) // no test can go on
	}
	paper := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: Host}, DNSNames: []string{Host}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, paper, paper, &key.PublicKey, key)
	if err != nil {
		panic(fmt.Sprintf("mailfake: %v", err))
	}
	signed, err := x509.ParseCertificate(der)
	if err != nil {
		panic(fmt.Sprintf("mailfake: %v", err))
	}
	roots := x509.NewCertPool()
	roots.AddCert(signed)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}, roots
}

// whole checks what every server checks: lines that end well and are not too long.
func whole(raw []byte) error {
	for line := range bytes.Lines(raw) {
		if !strings.HasSuffix(string(line), "\r\n") && !strings.HasSuffix(string(line), "\n") || len(line) > 1000 {
			return fmt.Errorf("a line of %d bytes", len(line))
		}
	}
	return nil
}
