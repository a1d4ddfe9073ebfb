// Package consoletest drives a real browser: what a person sees and does, for
// tests and for pictures.
package consoletest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// patience is how long the browser may take for one thing. It is there to end a
// test that hangs, and no test counts on it.
const patience = time.Minute

// names of the browser, on the systems that we know.
var names = []string{"chromium", "chromium-browser", "google-chrome", "chrome"}

// Browser is a Chromium without a window.
type Browser struct {
	t    testing.TB
	line *websocket.Conn

	mu      sync.Mutex
	last    int
	waiting map[int]chan reply
	tabs    map[string]*Tab // by session
	broken  error
}

type (
	call struct {
		ID      int    `json:"id"`
		Session string `json:"sessionId,omitempty"`
		Method  string `json:"method"`
		Params  any    `json:"params,omitempty"`
	}
	reply struct {
		ID      int             `json:"id"`
		Session string          `json:"sessionId"`
		Method  string          `json:"method"`
		Params  json.RawMessage `json:"params"`
		Result  json.RawMessage `json:"result"`
		Error   *struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	object = map[string]any
)

// Start starts a browser that ends with the test. Where there is none the test is
// skipped; where all peers must be there (CI=true) it fails.
func Start(t testing.TB) *Browser {
	t.Helper()
	path := ""
	for _, name := range names {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("Chromium is not installed")
		}
		t.Skip("Chromium is not installed")
	}
	b := &Browser{t: t, waiting: map[int]chan reply{}, tabs: map[string]*Tab{}}
	// The folder outlives the browser by a moment: it goes on writing while it ends.
	profile, err := os.MkdirTemp("", "consoletest")
	if err != nil {
		t.Fatal(err)
	}
	ctx, kill := context.WithCancel(context.Background())
	chromium := exec.CommandContext(ctx, path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--lang=nl", "--accept-lang=nl-NL,nl",
		"--disable-dev-shm-usage", "--remote-debugging-port=0", "--user-data-dir="+profile, "about:blank")
	said, err := chromium.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := chromium.Start(); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	t.Cleanup(func() {
		if b.line != nil {
			_ = b.line.Close() // it is being killed
		}
		kill()
		_ = chromium.Wait() // killed
		if err := os.RemoveAll(profile); err != nil {
			t.Logf("the browser left something behind: %v", err)
		}
	})
	address := ""
	lines := bufio.NewScanner(said)
	for address == "" && lines.Scan() {
		_, address, _ = strings.Cut(lines.Text(), "DevTools listening on ")
	}
	if address == "" {
		t.Fatal("Chromium did not say where it listens")
	}
	go func() {
		for lines.Scan() { // so that it can go on writing
		}
	}()
	b.line, _, err = websocket.DefaultDialer.Dial(address, nil)
	if err != nil {
		t.Fatalf("speak with Chromium: %v", err)
	}
	go b.hear()
	return b
}

// hear reads what the browser says until it ends.
func (b *Browser) hear() {
	for {
		var r reply
		err := b.line.ReadJSON(&r)
		b.mu.Lock()
		if err != nil {
			b.broken = err
			for id, waiting := range b.waiting {
				delete(b.waiting, id)
				close(waiting)
			}
			b.mu.Unlock()
			return
		}
		if waiting := b.waiting[r.ID]; waiting != nil {
			delete(b.waiting, r.ID)
			waiting <- r
		} else if tab := b.tabs[r.Session]; tab != nil {
			tab.note(r)
		}
		b.mu.Unlock()
	}
}

// do asks the browser for something.
func (b *Browser) do(session, method string, params any, into any) error {
	answer := make(chan reply, 1)
	b.mu.Lock()
	if b.broken != nil {
		b.mu.Unlock()
		return fmt.Errorf("the browser is gone: %w", b.broken)
	}
	b.last++
	b.waiting[b.last] = answer
	err := b.line.WriteJSON(call{ID: b.last, Session: session, Method: method, Params: params})
	b.mu.Unlock()
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	select {
	case r, open := <-answer:
		switch {
		case !open:
			return fmt.Errorf("%s: the browser is gone", method)
		case r.Error != nil:
			return fmt.Errorf("%s: %s", method, r.Error.Message)
		case into == nil:
			return nil
		}
		if err := json.Unmarshal(r.Result, into); err != nil {
			return fmt.Errorf("%s: %w", method, err)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s: no answer within %s", method, patience)
	}
}

// Tab opens an empty page of this size.
func (b *Browser) Tab(width, height int) *Tab {
	b.t.Helper()
	var target struct {
		ID string `json:"targetId"`
	}
	var attached struct {
		Session string `json:"sessionId"`
	}
	tab := &Tab{b: b}
	tab.must(b.do("", "Target.createTarget", object{"url": "about:blank"}, &target))
	tab.must(b.do("", "Target.attachToTarget", object{"targetId": target.ID, "flatten": true}, &attached))
	tab.session = attached.Session
	b.mu.Lock()
	b.tabs[tab.session] = tab
	b.mu.Unlock()
	for _, domain := range []string{"Page", "Runtime", "Log"} {
		tab.do(domain+".enable", nil, nil)
	}
	// Each tab counts as the one that is looked at.
	tab.do("Emulation.setFocusEmulationEnabled", object{"enabled": true}, nil)
	tab.Size(width, height)
	return tab
}
