package matrixtest

import (
	"context"
	"os"
	"slices"
	"sync"
	"testing"
)

// shared is the homeserver that all tests of a program use side by side.
var shared struct {
	sync.Mutex
	server *Server
	close  []func()
}

// Shared is one homeserver for all tests of a program, each with a bot and rooms of its
// own (Apart); furnish is called once, when it starts. The program's TestMain ends it
// with Close.
func Shared(t testing.TB, furnish func(*Server)) *Server {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil {
		s := Start(lasting{t})
		furnish(s)
		shared.server = s
	}
	return shared.server.Apart(t)
}

// Close ends the homeserver that Shared started, if it did.
func Close() {
	shared.Lock()
	defer shared.Unlock()
	for _, end := range slices.Backward(shared.close) {
		end()
	}
	shared.server, shared.close = nil, nil
}

// lasting is the first test that needs the homeserver: it can fail, and what it leaves
// behind is there until Close.
type lasting struct{ testing.TB }

// Cleanup waits for Close.
func (l lasting) Cleanup(do func()) { shared.close = append(shared.close, do) }

// Context outlives the test.
func (l lasting) Context() context.Context { return context.Background() }

// TempDir outlives it, too.
func (l lasting) TempDir() string {
	l.Helper()
	dir, err := os.MkdirTemp("", "matrixtest")
	if err != nil {
		l.Fatal(err)
	}
	l.Cleanup(func() { _ = os.RemoveAll(dir) }) // it is in the folder for what may go
	return dir
}
