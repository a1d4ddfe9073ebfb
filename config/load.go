package config

import (
	"net"
	"net/url"
	"strings"

	"gopkg.in/yaml.v3"
)

// configReader reads the configuration file.
type configReader struct {
	reader
	config *Config
}

func (r *configReader) top(root *yaml.Node) {
	r.keys(root, "", nil, r.sections())
}

func (r *configReader) sections() map[string]func(*yaml.Node, string) {
	c := r.config
	return map[string]func(*yaml.Node, string){
		"database": r.group(map[string]func(*yaml.Node, string){
			"url": r.value((*string)(&c.Database.URL)), "migrate": r.flag(&c.Database.Migrate),
		}),
		"http": r.group(map[string]func(*yaml.Node, string){
			"listen": r.value(&c.HTTP.Listen), "public_url": r.value(&c.HTTP.PublicURL),
		}),
		"school": r.value(&c.School),
		"api":    r.group(map[string]func(*yaml.Node, string){"tokens": r.tokens}),
		"log": r.group(map[string]func(*yaml.Node, string){
			"level": choice(&r.reader, &c.Log.Level, "debug", "info", "warn", "error"), "format": choice(&r.reader, &c.Log.Format, "text", "json"),
		}),
		"understanding": r.group(map[string]func(*yaml.Node, string){
			"url": r.value(&c.Understanding.URL), "model": r.value(&c.Understanding.Model), "key": r.value((*string)(&c.Understanding.Key)),
		}),
		"adapters": func(n *yaml.Node, path string) {
			if n = real(n); n == nil || n.Kind != yaml.MappingNode {
				r.wrong(n, path, "a group such as slack:", "this is %s", what(n))
				return
			}
			for i := 0; i+1 < len(n.Content); i += 2 {
				r.adapter(n.Content[i], n.Content[i+1], path)
			}
		},
	}
}

func (r *configReader) group(known map[string]func(*yaml.Node, string)) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) { r.keys(n, path, nil, known) }
}

// value reads text in which ${NAME} and file:PATH are replaced.
func (r *configReader) value(into *string) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		var raw string
		r.text(&raw)(n, path)
		if raw == "" {
			return
		}
		value, err := r.config.Expand(raw)
		if err != nil {
			r.wrong(real(n), path, "a value, a variable that is set, or a file that can be read", "%v", err)
			return
		}
		*into = value
		r.said(real(n), path)
	}
}

// adapter keeps the section of one adapter, which reads it by itself.
func (r *configReader) adapter(name, section *yaml.Node, path string) {
	if _, twice := r.config.said[join(path, name.Value)]; twice {
		r.wrong(name, join(path, name.Value), "each adapter once", "this adapter has a section already")
		return
	}
	r.said(name, join(path, name.Value))
	section = real(section)
	r.config.Adapters[name.Value] = *section
	for i := 0; section.Kind == yaml.MappingNode && i+1 < len(section.Content); i += 2 {
		r.said(section.Content[i], join(join(path, name.Value), section.Content[i].Value))
	}
}

func (r *configReader) tokens(n *yaml.Node, path string) {
	if n = real(n); n == nil || n.Kind != yaml.MappingNode {
		r.wrong(n, path, `names and tokens: {monitoring: "${API_TOKEN}"}`, "this is %s", what(n))
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i].Value
		r.token(name, n.Content[i+1], join(path, name))
	}
}

// A bearer token that is short can be guessed.
const shortest = 16

func (r *configReader) token(name string, n *yaml.Node, path string) {
	var token string
	r.value(&token)(n, path)
	if token == "" {
		return
	}
	if len(token) < shortest {
		r.wrong(real(n), path, "16 characters or more, for example from: openssl rand -hex 24", "this token is too short to be safe")
		return
	}
	r.config.API.Tokens[name] = Secret(token)
}

// environment reads every key from SCHOOLBEL_ and its path in capitals.
func (r *configReader) environment() {
	sections := r.sections()
	for _, name := range sorted(r.config.environ) {
		path, ok := strings.CutPrefix(name, "SCHOOLBEL_")
		value := r.config.environ[name]
		if !ok || value == "" || path == "CONFIG" {
			continue
		}
		node := &yaml.Node{Kind: yaml.ScalarNode, Value: value}
		section, key, _ := strings.Cut(strings.ToLower(path), "_")
		r.file = name
		switch {
		case section == "adapters":
			r.adapterKey(key, value)
		case section == "api" && strings.HasPrefix(key, "tokens_"):
			token := strings.TrimPrefix(key, "tokens_")
			r.token(token, node, join("api.tokens", token))
		case key == "" && section == "school":
			sections[section](node, section)
		case key != "" && sections[section] != nil:
			group := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: key}, node}}
			sections[section](group, section)
		}
	}
}

// adapterKey sets slack_bot_token in the adapter's own section.
func (r *configReader) adapterKey(path, value string) {
	adapter, key, _ := strings.Cut(path, "_")
	section := r.config.Adapters[adapter]
	r.said(&yaml.Node{}, strings.TrimSuffix("adapters."+adapter+"."+key, "."))
	if section.Kind != yaml.MappingNode {
		section = yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	}
	if key != "" {
		for i := 0; i+1 < len(section.Content); i += 2 {
			if section.Content[i].Value == key {
				section.Content[i+1] = &yaml.Node{Kind: yaml.ScalarNode, Value: value}
				r.config.Adapters[adapter] = section
				return
			}
		}
		section.Content = append(section.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, &yaml.Node{Kind: yaml.ScalarNode, Value: value})
	}
	r.config.Adapters[adapter] = section
}

// finish fills in what follows from the rest and checks it.
func (r *configReader) finish() {
	c := r.config
	host, port, err := net.SplitHostPort(c.HTTP.Listen)
	if err != nil || port == "" {
		r.blame("http.listen", `an address and a port such as "127.0.0.1:8080"`, "%q is none", c.HTTP.Listen)
	}
	if c.HTTP.PublicURL == "" {
		if host == "" {
			host = "127.0.0.1"
		}
		c.HTTP.PublicURL = "http://" + net.JoinHostPort(host, port)
	}
	if u, err := url.Parse(c.HTTP.PublicURL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		r.blame("http.public_url", "an address such as https://schoolbel.school.example", "%q is none", c.HTTP.PublicURL)
	}
	c.HTTP.PublicURL = strings.TrimRight(c.HTTP.PublicURL, "/")
	db := c.Database.URL.Reveal()
	if scheme, _, ok := strings.Cut(db, "://"); ok && scheme != "postgres" && scheme != "postgresql" && scheme != "file" {
		r.blame("database.url", "a file such as schoolbel.db, or postgres://user:password@host/name", "%s:// is no database that schoolbel knows", scheme)
	}
	r.outside()
	_, console := c.Adapters["console"]
	switch {
	case c.Chats() == 0 && onLoopback(c.HTTP.Listen):
		c.Adapters["console"] = yaml.Node{}
	case console && !onLoopback(c.HTTP.Listen):
		r.blame("adapters.console", `http.listen on this machine alone, such as "127.0.0.1:8080": in the console anybody can be anyone`, "the console would be open to the network on %s", c.HTTP.Listen)
	}
}
