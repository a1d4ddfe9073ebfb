// Package config reads one file into one struct, and the school file into a School.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	_ "time/tzdata" // the zones of school files, also where the machine has none

	"gopkg.in/yaml.v3"
)

// Config is everything that can be set; surface.md, section Configuration.
type Config struct {
	Database Database
	HTTP     struct {
		Listen    string
		PublicURL string
	}
	School   string // path of the school file; "" is the built-in one
	API      struct{ Tokens map[string]Secret }
	Log      struct{ Level, Format string }
	Adapters map[string]yaml.Node // raw, for their owners

	Understanding Understanding

	environ map[string]string
	file    string // the configuration file, or "environment" where there is none
	said    map[string]spot
}

// Understanding says which model outside of the house may think along; without an
// address none does.
type Understanding struct {
	URL   string
	Model string
	Key   Secret
}

// Database says where records are kept.
type Database struct {
	URL     Secret
	Migrate bool // bring it up to date at start; default true
}

// Name is the database as it may be shown: without its password.
func (d Database) Name() string {
	u, err := url.Parse(d.URL.Reveal())
	if err != nil || u.Scheme == "" {
		if strings.Contains(d.URL.Reveal(), "://") {
			return "postgres://…"
		}
		return d.URL.Reveal()
	}
	u.User, u.RawQuery = nil, ""
	return u.String()
}

// Secret is text that must not be seen: it prints as dots everywhere.
type Secret string

const dots = "••••"

// Reveal gives the text itself, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }

// String hides the text.
func (s Secret) String() string { return dots }

// GoString hides it from %#v.
func (s Secret) GoString() string { return dots }

// Format hides it from every other verb.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, dots) }

// LogValue hides it in the log.
func (s Secret) LogValue() slog.Value { return slog.StringValue(dots) }

// MarshalText hides it in JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(dots), nil }

// Load reads the configuration: the file (may be ""), then SCHOOLBEL_… from
// environ, which stands above the file. Mistakes are Problems, beside what could be
// read.
func Load(path string, environ []string) (*Config, error) {
	c := &Config{environ: map[string]string{}, Adapters: map[string]yaml.Node{}, file: cmp.Or(path, "environment"), said: map[string]spot{}}
	for _, line := range environ {
		if name, value, ok := strings.Cut(line, "="); ok {
			c.environ[name] = value
		}
	}
	c.Database = Database{URL: "schoolbel.db", Migrate: true}
	c.HTTP.Listen = "127.0.0.1:8080"
	c.Log.Level, c.Log.Format = "info", "text"
	c.API.Tokens = map[string]Secret{}

	r := &configReader{reader: reader{file: path}, config: c}
	if path != "" {
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return c, Problems{{File: path, Text: "there is no such configuration file", Expect: "a path that exists; without --config the defaults hold"}}
		}
		if err != nil {
			return c, fmt.Errorf("configuration: %w", err)
		}
		if root := r.parse(text); root != nil {
			r.top(root)
		}
		if c.School != "" && !filepath.IsAbs(c.School) {
			c.School = filepath.Join(filepath.Dir(path), c.School)
		}
	}
	r.environment()
	r.finish()
	return c, r.err()
}

// Expand turns ${NAME} into that variable and file:PATH into the file's text.
func (c *Config) Expand(value string) (string, error) {
	if path, ok := strings.CutPrefix(value, "file:"); ok {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("read the value from its file: %w", err)
		}
		return strings.TrimSpace(string(text)), nil
	}
	var missing []string
	out := os.Expand(strings.ReplaceAll(value, "$$", "\x00"), func(name string) string {
		v, ok := c.environ[name]
		if !ok {
			missing = append(missing, name)
		}
		return v
	})
	if len(missing) > 0 {
		return "", fmt.Errorf("the environment variable %s is not set", strings.Join(missing, ", "))
	}
	return strings.ReplaceAll(out, "\x00", "$"), nil
}

// Chats counts the adapters in which people are heard: mail is none.
func (c *Config) Chats() int {
	n := len(c.Adapters)
	if _, on := c.Adapters["mail"]; on {
		n--
	}
	return n
}

// onLoopback tells whether an address can only be reached from this machine.
func onLoopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
