// Package config reads one file into one struct, and the school file into a School.
package config

import (
	"gopkg.in/yaml.v3"

	"schoolbel/workflows/school"
)

// Secret is text that must not be seen: it prints as dots everywhere.
type Secret string

// Config is everything that can be set; surface.md, section Configuration.
type Config struct {
	Database struct {
		URL     Secret
		Migrate bool // default true
	}
	HTTP struct {
		Listen    string
		PublicURL string
	}
	School   string // path of the school file; "" is the built-in one
	API      struct{ Tokens map[string]Secret }
	Log      struct{ Level, Format string }
	Adapters map[string]yaml.Node // raw, for their owners
}

// Problem is one mistake, with where it stands and how to mend it.
type Problem struct {
	File   string
	Line   int
	Path   string // "services[3].depends_on"
	Text   string // what is wrong
	Expect string // what was expected, how to mend it
}

// Problems are all mistakes of a file at once.
type Problems []Problem

// Error lists them, one a line: file:line: path: text; expected …
func (p Problems) Error() string { panic("being written") }

// Load reads the configuration: the file (may be ""), then SCHOOLBEL_… from environ.
func Load(path string, environ []string) (*Config, error) { panic("being written") }

// School reads a school file; "" gives the built-in one. Mistakes are Problems.
func School(path string) (*school.School, error) { panic("being written") }
