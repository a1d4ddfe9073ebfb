package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func load(t *testing.T, text string, environ ...string) (*Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "schoolbel.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(path, environ)
}

func TestWithoutAnything(t *testing.T) {
	c, err := Load("", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, console := c.Adapters["console"]
	if c.Database.URL.Reveal() != "schoolbel.db" || !c.Database.Migrate || c.HTTP.Listen != "127.0.0.1:8080" || c.HTTP.PublicURL != "http://127.0.0.1:8080" || !console {
		t.Errorf("defaults are %+v", c)
	}
}

// Mail is no chat: with nothing else, the console is on as before.
func TestMailIsNoChat(t *testing.T) {
	c, err := load(t, `adapters: {mail: {smtp_url: "smtp://u:p@h", from: "a@b.example"}}`)
	if err != nil {
		t.Fatal(err)
	}
	if _, console := c.Adapters["console"]; !console || c.Chats() != 1 {
		t.Errorf("with only mail there are %d chats", c.Chats())
	}
	c, err = load(t, `adapters: {mail: {from: "a@b.example"}, slack: {}}`)
	if _, console := c.Adapters["console"]; err != nil || console || c.Chats() != 1 {
		t.Errorf("beside Slack there are %d chats, %v", c.Chats(), err)
	}
	c, err = load(t, `{http: {listen: "0.0.0.0:8080"}, adapters: {mail: {from: "a@b.example"}}}`)
	if _, console := c.Adapters["console"]; err != nil || console {
		t.Errorf("on the network the console is on, %v", err)
	}
}

func TestFileAndEnvironment(t *testing.T) {
	c, err := load(t, `
database: {url: "${DB}", migrate: false}
http: {listen: "127.0.0.1:9000", public_url: "https://bel.school.example/"}
school: eik.yaml
api: {tokens: {monitoring: "file:`+tokenFile(t)+`"}}
adapters: {slack: {bot_token: x}}
`, "DB=postgres://u:p@h/d", "SCHOOLBEL_HTTP_LISTEN=127.0.0.1:9001", "SCHOOLBEL_LOG_LEVEL=debug", "SCHOOLBEL_ADAPTERS_SLACK_BOT_TOKEN=y",
		"SCHOOLBEL_API_TOKENS_OTHER=0123456789abcdef0", "SCHOOLBEL_ADAPTERS_SLACK_SIGNING_SECRET=z")
	if err != nil {
		t.Fatal(err)
	}
	slack := c.Adapters["slack"]
	var section map[string]string
	if err := slack.Decode(&section); err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(c.Database.URL.Reveal(), c.Database.Migrate, c.HTTP.Listen, c.HTTP.PublicURL, filepath.Base(c.School), c.API.Tokens["monitoring"].Reveal(),
		c.Log.Level, section, c.API.Tokens["other"].Reveal())
	want := "postgres://u:p@h/d false 127.0.0.1:9001 https://bel.school.example eik.yaml 0123456789abcdefsecret debug map[bot_token:y signing_secret:z] 0123456789abcdef0"
	if strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
		t.Errorf("read\n%s\nwant\n%s", got, want)
	}
	if _, console := c.Adapters["console"]; console {
		t.Error("the console is on beside another adapter")
	}
}

func TestAModelOutside(t *testing.T) {
	c, err := load(t, "understanding: {url: 'http://127.0.0.1:1/v1', model: small, key: '${KEY}'}", "KEY=hunter2")
	if err != nil || c.Understanding != (Understanding{"http://127.0.0.1:1/v1", "small", "hunter2"}) {
		t.Errorf("read %+v, %v", c, err)
	}
	c, err = load(t, "understanding: {url: 'https://a.example/v1', model: small}", "SCHOOLBEL_UNDERSTANDING_URL=https://b.example/v1", "SCHOOLBEL_UNDERSTANDING_MODEL=large", "SCHOOLBEL_UNDERSTANDING_KEY=file:"+tokenFile(t))
	if err != nil || c.Understanding != (Understanding{"https://b.example/v1", "large", "0123456789abcdefsecret"}) {
		t.Errorf("read %+v, %v", c, err)
	}
	if seen := fmt.Sprintf("%+v %v %#v", c.Understanding, c, c.Understanding); strings.Contains(seen, "0123456789abcdef") {
		t.Errorf("the key is seen in %s", seen)
	}
	if _, err := load(t, "understanding: {url: 'https://u:hunter2@m.example/v1', model: small}"); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a password is told: %v", err)
	}
}

func tokenFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte("0123456789abcdefsecret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestMistakesInTheConfiguration(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"unknown key", "databse: {url: x}", `:1: databse: there is no key "databse" here; expected database`},
		{"variable not set", "database:\n  url: ${NOT_SET}", ":2: database.url: the environment variable NOT_SET is not set"},
		{"other database", "database: {url: 'mysql://h/d'}", "mysql:// is no database that schoolbel knows"},
		{"no port", "log: {level: info}\nhttp: {listen: localhost}", `schoolbel.yaml:2: http.listen: "localhost" is none`},
		{"no address", "http: {public_url: bel}", `http.public_url: "bel" is none`},
		{"log level", "log: {level: loud}", `log.level: "loud" is not one`},
		{"short token", "api: {tokens: {x: short}}", "api.tokens.x: this token is too short to be safe"},
		{"open console", "http: {listen: '0.0.0.0:8080'}\nadapters: {console: {}}", "schoolbel.yaml:2: adapters.console: the console would be open to the network"},
		{"an adapter twice", "adapters:\n  slack: {bot_token: x}\n  slack: {bot_token: y}", ":3: adapters.slack: this adapter has a section already"},
		{"model without address", "understanding: {model: small}", "understanding.url: there is a model or a key, and nobody to ask"},
		{"address without model", "understanding: {url: 'https://m.example/v1'}", "understanding.model: model is missing"},
		{"address without TLS", "understanding: {url: 'http://m.example/v1', model: small}", "messages would be readable on their way to m.example"},
		{"address with a password", "understanding: {url: 'https://u:hunter2@m.example/v1', model: small}", "there is a password, a ? or a # in it"},
		{"no address of a model", "understanding: {url: models, model: small}", "understanding.url: this is none"},
		{"unknown key of a model", "understanding: {url: 'https://m.example/v1', modell: small}", "expected model"},
		{"a list", "[1]", "this is a list"},
		{"not yaml", "a: [", "this is not YAML"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := load(t, c.text)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("said %v, want %q", err, c.want)
			}
		})
	}
}

func TestASecretIsNeverSeen(t *testing.T) {
	c := &Config{}
	c.Database.URL = "postgres://u:hunter2@h/d?password=hunter2"
	c.API.Tokens = map[string]Secret{"m": "hunter2"}
	asJSON, err := json.Marshal(c.API)
	if err != nil {
		t.Fatal(err)
	}
	for _, seen := range []string{
		fmt.Sprint(c), fmt.Sprintf("%+v %#v %s %q %x %d", c.API, c.API, c.Database.URL, c.Database.URL, c.Database.URL, c.Database.URL), string(asJSON), c.Database.Name(),
	} {
		if strings.Contains(seen, "hunter2") || strings.Contains(seen, "68756e74657232") {
			t.Errorf("seen in %s", seen)
		}
	}
	if c.Database.Name() != "postgres://h/d" {
		t.Errorf("the database is called %s", c.Database.Name())
	}
}

// A mistake in a variable is told by the name of that variable.
func TestMistakesInTheEnvironment(t *testing.T) {
	for variable, want := range map[string]string{
		"SCHOOLBEL_HTTP_LISTEN=x":        `SCHOOLBEL_HTTP_LISTEN: http.listen: "x" is none`,
		"SCHOOLBEL_DATABASE_UR=x":        `SCHOOLBEL_DATABASE_UR: database.ur: there is no key "ur" here`,
		"SCHOOLBEL_DATABASE_MIGRATE=x":   `SCHOOLBEL_DATABASE_MIGRATE: database.migrate: this is "x"`,
		"SCHOOLBEL_API_TOKENS_M=short":   "SCHOOLBEL_API_TOKENS_M: api.tokens.m: this token is too short",
		"SCHOOLBEL_LOG_LEVEL=loud":       `SCHOOLBEL_LOG_LEVEL: log.level: "loud" is not one`,
		"SCHOOLBEL_SCHOOL=${NOT_SET_AT}": "SCHOOLBEL_SCHOOL: school: the environment variable NOT_SET_AT is not set",
	} {
		if _, err := Load("", []string{variable}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: said %v, want %q", variable, err, want)
		}
	}
}

// What an adapter says of its section stands where its key stands, also when a
// variable gave it.
func TestAnAdapterIsToldByLine(t *testing.T) {
	c, err := load(t, "adapters:\n  slack:\n    bot_token: x\n    colour: red", "SCHOOLBEL_ADAPTERS_SLACK_BOT_TOKEN=y")
	if err != nil {
		t.Fatal(err)
	}
	got := c.AdapterMistakes("slack", errors.Join(errors.New("bot_token: wrong"), errors.New("colour: no such key"), errors.New("app_token: missing"), errors.New("it is odd: really")))
	want := []string{
		"SCHOOLBEL_ADAPTERS_SLACK_BOT_TOKEN: adapters.slack.bot_token: wrong", "schoolbel.yaml:4: adapters.slack.colour: no such key",
		"schoolbel.yaml:2: adapters.slack.app_token: missing", "schoolbel.yaml:2: adapters.slack: it is odd: really",
	}
	for i, line := range strings.Split(got.Error(), "\n") {
		if !strings.HasSuffix(line, want[i]) {
			t.Errorf("said %s, want %s", line, want[i])
		}
	}
	if len(got) != len(want) {
		t.Errorf("said %v", got)
	}
}
