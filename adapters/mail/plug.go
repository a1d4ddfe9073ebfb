package mail

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"schoolbel/adapters"
)

// Plug puts mail in the socket.
var Plug = adapters.Plug{
	Name: Name,
	New: func(section yaml.Node, kit adapters.Kit) (adapters.Adapter, error) {
		m, err := New(section, kit)
		if err != nil {
			return nil, err // a nil *Mail in the interface would not be nil
		}
		return m, nil
	},
	Ready: func(a adapters.Adapter) error { return a.(*Mail).ready() },
	Check: check,
}

// check calls the mail server as for a mail, and sends none.
func check(ctx context.Context, section yaml.Node, kit adapters.Kit) []error {
	m, err := New(section, kit)
	if err != nil {
		return []error{err}
	}
	return m.check(ctx)
}

func (m *Mail) check(ctx context.Context) []error {
	client, hang, err := m.call(ctx)
	if err != nil {
		return []error{fmt.Errorf("smtp_url: %w", err)}
	}
	defer hang()
	if err := client.Mail(m.cfg.From.Address, nil); err != nil {
		return []error{fmt.Errorf("from: the mail server takes no mail from %s: %w; use an address that this login may write from", m.cfg.From.Address, err)}
	}
	if err := client.Quit(); err != nil {
		m.log.Debug("the mail server hung up", "error", err)
	}
	return nil
}

// patienceOf is how long people may be out of reach in chat when nobody says so.
const patienceOf = 15 * time.Minute

var keys = []string{"smtp_url", "from", "after", "insecure"}

// read takes the section apart and says what is wrong and how to mend it. A wrong
// address is never repeated: there is a password in it.
func read(section yaml.Node, kit adapters.Kit) (settings, error) {
	raw := struct {
		URL      string `yaml:"smtp_url"`
		From     string `yaml:"from"`
		After    string `yaml:"after"`
		Insecure string `yaml:"insecure"`
	}{}
	cfg := settings{After: patienceOf}
	var wrong []error
	for i := 0; section.Kind == yaml.MappingNode && i+1 < len(section.Content); i += 2 {
		key, value := section.Content[i].Value, section.Content[i+1]
		switch {
		case !slices.Contains(keys, key):
			wrong = append(wrong, fmt.Errorf("%s: there is no such key; there are: %s", key, strings.Join(keys, ", ")))
		case value.Kind != yaml.ScalarNode:
			return cfg, fmt.Errorf("%s: must be one value", key)
		}
	}
	if section.Kind == yaml.MappingNode {
		if err := section.Decode(&raw); err != nil {
			return cfg, errors.New("the section cannot be read; it looks like {smtp_url: \"smtp://…\", from: \"…\"}")
		}
	}
	expand := func(key string, value *string) bool {
		if kit.Expand != nil {
			text, err := kit.Expand(*value)
			if err != nil {
				wrong = append(wrong, fmt.Errorf("%s: %w", key, err))
				return false
			}
			*value = text
		}
		*value = strings.TrimSpace(*value)
		return true
	}
	insecure, err := strconv.ParseBool(cmp.Or(raw.Insecure, "false"))
	if err != nil {
		wrong = append(wrong, errors.New("insecure: must be true or false"))
	}
	if expand("smtp_url", &raw.URL) {
		wrong = append(wrong, cfg.server(raw.URL, insecure))
	}
	if expand("from", &raw.From) {
		from, err := mail.ParseAddress(raw.From)
		if err == nil {
			_, err = addressOf(from.Address)
		}
		if err != nil {
			wrong = append(wrong, errors.New(`from: must be an address such as "Schoolbel <schoolbel@school.example>"`))
		} else {
			cfg.From = *from
		}
	}
	if expand("after", &raw.After) && raw.After != "" {
		after, err := time.ParseDuration(raw.After)
		if err != nil || after < 0 {
			wrong = append(wrong, errors.New("after: must be a time such as 15m"))
		}
		cfg.After = after
	}
	return cfg, errors.Join(wrong...)
}

// server reads smtp://user:password@host:587 or smtps://….
func (s *settings) server(text string, insecure bool) error {
	if text == "" {
		return errors.New("smtp_url: missing; the address of the school's mail server, such as smtp://user:${SMTP_PASSWORD}@mail.school.example:587")
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("smtp_url: must look like smtp://user:password@host:587, or smtps://… for a server that is encrypted from the start; write a character such as @ or / in the password as %40 or %2F")
	}
	s.TLS, s.Host, s.Port, s.User = u.Scheme == "smtps", u.Hostname(), u.Port(), u.User.Username()
	password, _ := u.User.Password()
	s.Password = secret(password)
	if s.Port == "" {
		s.Port = map[bool]string{false: "587", true: "465"}[s.TLS]
	}
	ip := net.ParseIP(s.Host)
	s.Plain = !s.TLS && (insecure || s.Host == "localhost" || ip != nil && ip.IsLoopback())
	return nil
}
