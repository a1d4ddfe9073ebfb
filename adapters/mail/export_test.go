package mail

import (
	"context"
	"crypto/x509"
	"log/slog"
	"net"
)

// At lets the adapter find its server at another address, and trust its certificate.
func (m *Mail) At(address string, roots *x509.CertPool) {
	m.roots = roots
	m.dial = func(ctx context.Context, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", address)
	}
}

// Check is what check --online does once the section is read.
func (m *Mail) Check(ctx context.Context) []error { return m.check(ctx) }

// Settings are what the section said.
func (m *Mail) Settings() any { return m.cfg }

// SetLog lets a test read along.
func (m *Mail) SetLog(l *slog.Logger) { m.log = l }
