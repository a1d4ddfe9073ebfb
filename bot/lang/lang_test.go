package lang

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

func folder(nl, en string) fs.FS {
	return fstest.MapFS{"nl.json": {Data: []byte(nl)}, "en.json": {Data: []byte(en)}}
}

func TestSay(t *testing.T) {
	b, err := Load(folder(`{"hi":"Dag {0}","n":["een melding","{0} meldingen"],"x":"{0} en {1}"}`, `{"hi":"Hello {0}","n":["one report","{0} reports"],"x":"{1} and {0}"}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		language, key string
		args          []any
		want          string
	}{
		{"nl", "hi", []any{"Anna"}, "Dag Anna"},
		{"en", "hi", []any{"Anna"}, "Hello Anna"},
		{"fr", "hi", []any{"Anna"}, "Dag Anna"},
		{"", "n", []any{1}, "een melding"},
		{"nl", "n", []any{3}, "3 meldingen"},
		{"en", "n", []any{0}, "0 reports"},
		{"en", "x", []any{"a", "b"}, "b and a"},
		{"nl", "hi", []any{"{0} {1}"}, "Dag {0} {1}"}, // what a person wrote is not filled
		{"nl", "none.such", nil, "none.such"},
		{"nl", "hi", nil, "Dag {0}"},
	} {
		if got := b.Say(c.language, c.key, c.args...); got != c.want {
			t.Errorf("Say(%q, %q, %v) = %q, want %q", c.language, c.key, c.args, got, c.want)
		}
	}
	if !b.Has("hi") || b.Has("ho") || strings.Join(b.Keys(""), " ") != "hi n x" || strings.Join(b.Keys("h"), " ") != "hi" {
		t.Errorf("keys are %v", b.Keys(""))
	}
}

func TestTheBookMustMatch(t *testing.T) {
	for _, c := range []struct {
		name    string
		folders []fs.FS
		want    string
	}{
		{"no English", []fs.FS{folder(`{"a":"x"}`, `{}`)}, "a has no text in en"},
		{"no Dutch", []fs.FS{folder(`{}`, `{"a":"x"}`)}, "a has no text in nl"},
		{"holes", []fs.FS{folder(`{"a":"{0}"}`, `{"a":"{1}"}`)}, "the placeholders of a differ"},
		{"twice", []fs.FS{folder(`{"a":"x"}`, `{"a":"x"}`), folder(`{"a":"x"}`, `{"a":"x"}`)}, "a is said twice"},
		{"shape", []fs.FS{folder(`{"a":["x"]}`, `{"a":"x"}`)}, "neither a text nor"},
		{"json", []fs.FS{folder(`{`, `{}`)}, "nl.json"},
		{"file", []fs.FS{fstest.MapFS{}}, "nl.json"},
	} {
		if _, err := Load(c.folders...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: said %v, want %q", c.name, err, c.want)
		}
	}
}
