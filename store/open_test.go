package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestABadAddressSaysSo(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "letter.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("Beste ouders, ", 400)), 0o600); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		"postgres://nobody:hunter2@127.0.0.1:1/none": "the database does not answer at 127.0.0.1:1/none",
		"postgres://%zz":                      "no address that PostgreSQL understands",
		filepath.Join(folder, "no", "folder"): "there is no folder " + filepath.Join(folder, "no"),
		folder:                                "it is a folder",
		text:                                  "is no SQLite database",
	} {
		_, err := Open(t.Context(), address, Options{Migrate: true})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "memory") {
			t.Errorf("%s gives %v", address, err)
		}
	}
}

// A file that is a database, but not one of ours, has no log to verify.
func TestNoLogSaysSo(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), empty, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Verify(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "there is no log in this database") {
		t.Errorf("it says %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
