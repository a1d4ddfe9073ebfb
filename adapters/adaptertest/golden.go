package adaptertest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Golden compares what a renderer made with the file testdata/golden/NAME.json, and
// writes that anew with -update.
func Golden(t *testing.T, name string, what any) {
	t.Helper()
	var b bytes.Buffer
	pen := json.NewEncoder(&b)
	pen.SetEscapeHTML(false)
	pen.SetIndent("", "  ")
	if err := pen.Encode(what); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", "golden", name+".json")
	if *Update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; make golden writes it", err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("%s is drawn anew; look, then make golden writes it:\n%s", name, b.Bytes())
	}
}
