package web

import (
	"bytes"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"schoolbel/workflows"
)

// TestStatusPageInABrowser opens the page in Chromium: its own policy must let in
// its style and its script, and nothing may be missing.
func TestStatusPageInABrowser(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("chromium is not installed")
		}
		t.Skip("chromium is not installed")
	}
	h := newHouse(t)
	h.records.all = []*workflows.Record{disturbed()[0]}
	server := httptest.NewServer(h)
	defer server.Close()
	browser := exec.CommandContext(t.Context(), chromium,
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--user-data-dir="+t.TempDir(), "--enable-logging=stderr", "--v=0",
		"--dump-dom", server.URL+"/status?lang=en")
	var dom, said bytes.Buffer
	browser.Stdout, browser.Stderr = &dom, &said
	if err := browser.Run(); err != nil {
		t.Fatalf("%v\n%s", err, &said)
	}
	if !strings.Contains(dom.String(), "There is one outage") {
		t.Errorf("the page shows\n%s", &dom)
	}
	for line := range strings.Lines(said.String()) {
		if strings.Contains(line, "CONSOLE") {
			t.Errorf("the browser complains: %s", line)
		}
	}
}
