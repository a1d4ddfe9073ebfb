package config

import (
	"fmt"
	"os"
	"strings"

	"gopkg.in/yaml.v3"
)

// spot is where a key was given its value.
type spot struct {
	file string // or the variable's name
	line int
}

// said remembers where a key was given its value: what is wrong with it may only
// show later. What is said last is in force.
func (r *configReader) said(n *yaml.Node, path string) {
	r.config.said[path] = spot{r.file, n.Line}
}

// blame is wrong for a key that was read before.
func (r *configReader) blame(path, expect, format string, args ...any) {
	r.found = append(r.found, r.config.Mistake(path, expect, format, args...))
}

// Mistake is one that only shows when a value is used, with where that value
// stands: its own line, or else its section's.
func (c *Config) Mistake(path, expect, format string, args ...any) Problem {
	p := Problem{File: c.file, Path: path, Text: fmt.Sprintf(format, args...), Expect: expect}
	for at := path; ; {
		if s, ok := c.said[at]; ok {
			p.File, p.Line = s.file, s.line
			return p
		}
		dot := strings.LastIndexByte(at, '.')
		if dot < 0 {
			return p
		}
		at = at[:dot]
	}
}

// AdapterMistakes puts what an adapter says of its section, each line of it about
// one key, where that key stands.
func (c *Config) AdapterMistakes(name string, err error) Problems {
	list := []error{err}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		list = many.Unwrap()
	}
	var found Problems
	for _, one := range list {
		path, text := "adapters."+name, one.Error()
		if key, rest, ok := strings.Cut(text, ": "); ok && !strings.Contains(key, " ") {
			path, text = path+"."+key, rest
		}
		found = append(found, c.Mistake(path, "", "%s", text))
	}
	return found
}

// PlaceMistake is what a platform says of a place of the school file, with the line
// where that place stands.
func PlaceMistake(schoolFile, place, path, text string) Problem {
	p := Problem{File: schoolFile, Path: path, Text: text}
	raw := example
	if schoolFile == "" {
		p.File = builtIn
	} else if read, err := os.ReadFile(schoolFile); err == nil { // it was read a moment ago
		raw = read
	}
	for i, line := range strings.Split(string(raw), "\n") {
		if at := strings.Index(line, place); at >= 0 && !strings.HasPrefix(strings.TrimSpace(line), "#") {
			if rest := line[at+len(place):]; rest == "" || !strings.ContainsAny(rest[:1], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") {
				p.Line = i + 1
				break
			}
		}
	}
	return p
}
