package all

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	w "schoolbel/workflows"
)

var update = flag.Bool("update", false, "write docs/states anew")

const statesFolder = "../../docs/states"

// titles say in plain words what a picture shows. A kind without one fails.
var titles = map[w.Kind]string{
	"incident": "How an outage goes, from the first report to the last word",
	"change":   "How a change goes, from the wish to the look back",
	"task":     "How a task goes",
}

// page is the document of one process.
func page(p w.Process) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", titles[p.Kind])
	fmt.Fprintf(&b, "Drawn by `make states` from the table in `workflows/%s`; do not edit this page.\n\n", p.Kind)
	fmt.Fprintf(&b, "```mermaid\n%s```\n", p.Mermaid())
	return []byte(b.String())
}

// TestStates keeps the pictures true: they are drawn from the tables, and a table
// that changed without its picture fails.
func TestStates(t *testing.T) {
	wanted := map[string][]byte{}
	for _, p := range Processes() {
		if titles[p.Kind] == "" {
			t.Errorf("the picture of %s has no title", p.Kind)
		}
		wanted[string(p.Kind)+".md"] = page(p)
	}
	if *update {
		if err := os.MkdirAll(statesFolder, 0o755); err != nil {
			t.Fatal(err)
		}
		for name, text := range wanted {
			if err := os.WriteFile(filepath.Join(statesFolder, name), text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, text := range wanted {
		if drawn, err := os.ReadFile(filepath.Join(statesFolder, name)); err != nil || !bytes.Equal(drawn, text) {
			t.Errorf("docs/states/%s is not what the table says; run make states (%v)", name, err)
		}
	}
	drawn, err := filepath.Glob(filepath.Join(statesFolder, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range drawn {
		if wanted[filepath.Base(path)] == nil {
			t.Errorf("docs/states/%s is of no process; take it away", filepath.Base(path))
		}
	}
}
