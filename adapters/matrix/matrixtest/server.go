// Package matrixtest is a real homeserver with people on it to test against.
package matrixtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"text/template"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"
	"maunium.net/go/mautrix/synapseadmin"
)

// Domain is the name of the homeserver.
const Domain = "localhost"

// secret lets a test make accounts.
const secret = "the-secret-of-the-test"

// Password is that of every account.
const Password = "a-long-enough-password"

// Server is a Dendrite of its own, with a proxy before it that can fail.
type Server struct {
	t testing.TB
	*core
	proxy *proxy
}

// core is what all who speak of one homeserver share.
type core struct {
	dir    string
	direct string // address of Dendrite itself

	mu      sync.Mutex
	program *exec.Cmd
	output  *bytes.Buffer
	changed chan struct{} // closed at each change of what people see
	people  map[id.UserID]*Person
	told    map[string]bool // questions that were answered
}

// Start runs a homeserver until the test ends. Without Dendrite the test is skipped.
func Start(t testing.TB) *Server {
	t.Helper()
	program := os.Getenv("DENDRITE")
	if program == "" {
		const why = "no Dendrite: DENDRITE is not set (.ci/peers install builds it, .ci/peers run sets it)"
		if os.Getenv("CI") == "true" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	s := &Server{t: t, core: &core{dir: t.TempDir(), direct: free(t), changed: make(chan struct{}), people: map[id.UserID]*Person{}, told: map[string]bool{}}}
	s.configure()
	s.proxy = newProxy(s.direct)
	t.Cleanup(s.proxy.close)
	s.Up()
	t.Cleanup(s.Down)
	t.Cleanup(s.leave) // first the people go
	return s
}

// With is the same homeserver for a part of the test.
func (s *Server) With(t testing.TB) *Server { return &Server{t, s.core, s.proxy} }

// Apart is the same homeserver and people for a test with a bot of its own: only that
// one notices what is done with Fault, Alter and Hang.
func (s *Server) Apart(t testing.TB) *Server {
	t.Helper()
	apart := newProxy(s.direct)
	t.Cleanup(apart.close)
	return &Server{t, s.core, apart}
}

// URL is the value for adapters.matrix.homeserver: the proxy.
func (s *Server) URL() string { return s.proxy.url }

// free is an address that nobody uses.
func free(t testing.TB) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }() // Dendrite takes it over
	return listener.Addr().String()
}

// paper is Dendrite's configuration, all in one folder.
var paper = template.Must(template.New("dendrite").Parse(`version: 2
global:
  server_name: ` + Domain + `
  private_key: {{.}}/key.pem
  disable_federation: true
  cache: {max_size_estimated: 64mb, max_age: 1h}
  jetstream: {storage_path: {{.}}/jetstream, in_memory: true}
  report_stats: {enabled: false}
client_api:
  registration_disabled: true
  registration_shared_secret: ` + secret + `
  rate_limiting: {enabled: false}
federation_api: {database: {connection_string: "file:{{.}}/federation.db"}}
key_server: {database: {connection_string: "file:{{.}}/keys.db"}}
media_api: {base_path: {{.}}/media, database: {connection_string: "file:{{.}}/media.db"}}
mscs: {database: {connection_string: "file:{{.}}/mscs.db"}}
relay_api: {database: {connection_string: "file:{{.}}/relay.db"}}
room_server: {database: {connection_string: "file:{{.}}/rooms.db"}}
sync_api: {database: {connection_string: "file:{{.}}/sync.db"}}
user_api: {bcrypt_cost: 4, account_database: {connection_string: "file:{{.}}/accounts.db"}}
logging: [{type: std, level: warn}]
`))

func (s *Server) configure() {
	s.t.Helper()
	seed := make([]byte, 32)
	_, _ = rand.Read(seed) // never fails
	key := "-----BEGIN MATRIX PRIVATE KEY-----\nKey-ID: ed25519:test1\n\n" + base64.StdEncoding.EncodeToString(seed) + "\n-----END MATRIX PRIVATE KEY-----\n"
	var config bytes.Buffer
	if err := paper.Execute(&config, s.dir); err != nil {
		s.t.Fatal(err)
	}
	for name, text := range map[string][]byte{"key.pem": []byte(key), "dendrite.yaml": config.Bytes()} {
		if err := os.WriteFile(filepath.Join(s.dir, name), text, 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
}

// Up starts the homeserver where it was.
func (s *Server) Up() {
	s.t.Helper()
	s.mu.Lock()
	s.output = &bytes.Buffer{}
	s.program = exec.CommandContext(context.Background(), os.Getenv("DENDRITE"),
		"-config", filepath.Join(s.dir, "dendrite.yaml"), "-http-bind-address", s.direct, "-https-bind-address", "")
	s.program.Dir, s.program.Stdout, s.program.Stderr = s.dir, s.output, s.output
	err := s.program.Start()
	s.mu.Unlock()
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for ctx.Err() == nil {
		ask, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.direct+"/_matrix/client/versions", nil)
		if err != nil {
			s.t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(ask)
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		pause(ctx, 20*time.Millisecond)
	}
	s.t.Fatalf("Dendrite does not answer:\n%s", s.output)
}

// Down kills the homeserver, as a power cut would.
func (s *Server) Down() {
	s.mu.Lock()
	program := s.program
	s.program = nil
	s.mu.Unlock()
	if program == nil {
		return
	}
	_ = program.Process.Kill()
	_ = program.Wait() // it was killed
}

// Restart is Down and Up.
func (s *Server) Restart() {
	s.Down()
	s.Up()
}

// Register makes an account, and gives its whole name.
func (s *Server) Register(name, shown string) id.UserID {
	s.t.Helper()
	api := s.client("")
	admin := &synapseadmin.Client{Client: api}
	made, err := admin.SharedSecretRegister(s.t.Context(), secret, synapseadmin.ReqSharedSecretRegister{Username: name, Password: Password})
	if err != nil {
		s.t.Fatalf("register %s: %v", name, err)
	}
	api.UserID, api.AccessToken = made.UserID, made.AccessToken
	if err := api.SetDisplayName(s.t.Context(), shown); err != nil {
		s.t.Fatal(err)
	}
	if _, err := api.Logout(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	return made.UserID
}

// LogOut ends every login of an account, as its owner can do from any client.
func (s *Server) LogOut(user id.UserID) {
	s.t.Helper()
	api := s.client(user)
	if _, err := api.Login(s.t.Context(), login(user)); err != nil {
		s.t.Fatal(err)
	}
	if _, err := api.LogoutAll(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

func login(user id.UserID) *mautrix.ReqLogin {
	return &mautrix.ReqLogin{
		Type:       mautrix.AuthTypePassword,
		Identifier: mautrix.UserIdentifier{Type: mautrix.IdentifierTypeUser, User: string(user)},
		Password:   Password, StoreCredentials: true,
	}
}

func (s *Server) client(user id.UserID) *mautrix.Client {
	s.t.Helper()
	api, err := mautrix.NewClient("http://"+s.direct, user, "")
	if err != nil {
		s.t.Fatal(err)
	}
	return api
}

// Wait waits until something is so, looking again at each change of what people see.
func (s *Server) Wait(ctx context.Context, so func() bool) error {
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if so() {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("it did not come to that: %w", ctx.Err())
		case <-changed:
		case <-time.After(200 * time.Millisecond): // what is not seen, as in a database, changes too
		}
	}
}

// stir tells that something changed. It must hold no lock.
func (s *Server) stir(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *Server) leave() {
	s.mu.Lock()
	people := slices.Collect(maps.Values(s.people))
	s.mu.Unlock()
	for _, p := range people {
		p.stop()
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// NeedKeys leaves out a test in a build that cannot speak in encrypted rooms, and
// fails where CI is true.
func NeedKeys(t testing.TB) {
	t.Helper()
	if Encrypts {
		return
	}
	const why = "built without encryption: run with -tags goolm"
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}
