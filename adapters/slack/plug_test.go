package slack_test

import (
	"fmt"
	"strings"
	"testing"

	api "github.com/slack-go/slack"
	"gopkg.in/yaml.v3"

	"schoolbel/adapters"
	"schoolbel/adapters/slack"
	"schoolbel/adapters/slack/slackfake"
)

func TestAKeyThatIsMissingIsNamed(t *testing.T) {
	for name, try := range map[string]struct {
		keys map[string]string
		want []string
	}{
		"nothing":         {nil, []string{"bot_token: missing", "signing_secret: missing", "app_token"}},
		"no way to hear":  {map[string]string{"bot_token": "xoxb-1"}, []string{"signing_secret: missing", "Basic Information"}},
		"no bot":          {map[string]string{"signing_secret": "s"}, []string{"bot_token: missing", "OAuth & Permissions"}},
		"another key":     {map[string]string{"bot_token": "xoxb-1", "app_token": "xapp-2", "app_tokn": "x"}, []string{"app_tokn: there is no such key", "api_url, bot_token"}},
		"the wrong token": {map[string]string{"bot_token": "xoxb-1", "app_token": "xoxb-2"}, []string{"app_token: must begin with xapp-"}},
	} {
		t.Run(name, func(t *testing.T) {
			made, err := slack.Plug.New(section(t, try.keys), adapters.Kit{})
			if err == nil || made != nil {
				t.Fatalf("got %v, %v", made, err)
			}
			for _, want := range try.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not told in: %v", want, err)
				}
			}
		})
	}
}

func TestValuesAreExpanded(t *testing.T) {
	kit := adapters.Kit{Expand: func(s string) (string, error) {
		if s == "${GONE}" {
			return "", fmt.Errorf("GONE is not set")
		}
		return strings.ReplaceAll(s, "${TOKEN}", "xoxb-1\n"), nil
	}}
	if _, err := slack.Plug.New(section(t, map[string]string{"bot_token": "${TOKEN}", "signing_secret": "s"}), kit); err != nil {
		t.Error(err)
	}
	_, err := slack.Plug.New(section(t, map[string]string{"bot_token": "${GONE}", "signing_secret": "s"}), kit)
	if err == nil || !strings.Contains(err.Error(), "bot_token: GONE is not set") || strings.Contains(err.Error(), "missing") {
		t.Errorf("got %v", err)
	}
}

func TestCheckNamesWhatDoesNotWork(t *testing.T) {
	fake := slackfake.New(nil)
	defer fake.Close()
	keys := map[string]string{
		"api_url": strings.TrimSuffix(fake.URL(), "/"), "bot_token": slackfake.BotToken, "signing_secret": slackfake.SigningSecret, "app_token": slackfake.AppToken,
	}
	if wrong := slack.Plug.Check(t.Context(), section(t, keys), adapters.Kit{}); len(wrong) > 0 {
		t.Errorf("all is well, and it says %v", wrong)
	}
	fake.AddChannel("C0IN", "in")
	fake.AddChannel("C0OLD", "old")
	fake.Archive("C0OLD")
	fake.AddRoom("C0OUT", "out")
	var places []adapters.Place
	for _, channel := range []string{"C0IN", "C0OLD", "C0OUT", "C0GONE", "U0ANNA"} {
		places = append(places, place(channel))
	}
	said := fmt.Sprint(slack.Plug.Check(t.Context(), section(t, keys), adapters.Kit{Places: places}))
	for _, want := range []string{"slack:C0OLD (#old) was archived", "slack:C0OUT (#out): the bot is not in this room: type “/invite", "slack:C0GONE: Slack shows the bot no such room", "slack:U0ANNA is a person"} {
		if !strings.Contains(said, want) || strings.Contains(said, "C0IN") {
			t.Errorf("%q is not told, or more than that: %s", want, said)
		}
	}
	fake.Grant(strings.Replace(slackfake.Scopes, "im:write,", "", 1))
	if wrong := slack.Plug.Check(t.Context(), section(t, keys), adapters.Kit{}); len(wrong) != 1 || !strings.Contains(wrong[0].Error(), "im:write is missing") {
		t.Errorf("without im:write it says %v", wrong)
	}
	keys["bot_token"], keys["app_token"] = "xoxb-stolen", "xapp-stolen"
	wrong := slack.Plug.Check(t.Context(), section(t, keys), adapters.Kit{})
	if len(wrong) != 2 || !strings.Contains(wrong[0].Error(), "bot_token") || !strings.Contains(wrong[1].Error(), "app_token") {
		t.Errorf("with wrong tokens it says %v", wrong)
	}
	if strings.Contains(fmt.Sprint(wrong), "stolen") {
		t.Errorf("a token is told: %v", wrong)
	}
}

func TestTheManifestFitsSlack(t *testing.T) {
	text, err := slack.Plug.Manifest(section(t, map[string]string{"signing_secret": "s"}), adapters.Kit{PublicURL: "https://bel.example/"})
	if err != nil {
		t.Fatal(err)
	}
	var m api.Manifest
	reader := yaml.NewDecoder(strings.NewReader(text))
	reader.KnownFields(true) // a key that Slack does not know is a mistake of ours
	if err := reader.Decode(&m); err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	if got := strings.Join(m.OAuthConfig.Scopes.Bot, ","); got != slackfake.Scopes {
		t.Errorf("it asks for %s, want %s", got, slackfake.Scopes)
	}
	events := m.Settings.EventSubscriptions
	if events == nil || events.RequestUrl != "https://bel.example/slack/events" || len(events.BotEvents) != 5 {
		t.Errorf("events: %+v", events)
	}
	if m.Settings.Interactivity == nil || m.Settings.Interactivity.RequestUrl != "https://bel.example/slack/interactions" || m.Settings.SocketModeEnabled {
		t.Errorf("settings: %+v", m.Settings)
	}
	var commands []string
	for _, c := range m.Features.SlashCommands {
		commands = append(commands, c.Command)
		if c.Url != "https://bel.example/slack/commands" {
			t.Errorf("%s is sent to %s", c.Command, c.Url)
		}
	}
	if strings.Join(commands, " ") != "/storing /incident /schoolbel" {
		t.Errorf("commands: %v", commands)
	}
	if s := m.Features.Shortcuts; len(s) != 2 || s[0].CallbackID != "report_message" || s[1].CallbackID != "report" {
		t.Errorf("shortcuts: %+v", s)
	}
	if !m.Features.AppHome.HomeTabEnabled || m.Features.AppHome.MessagesTabReadOnlyEnabled {
		t.Errorf("home: %+v", m.Features.AppHome)
	}

	// Slack refuses a manifest with an address that it cannot call.
	for name, kit := range map[string]adapters.Kit{
		"no address": {}, "an address of this machine": {PublicURL: "http://127.0.0.1:8080"}, "an app token": {PublicURL: "https://bel.example"},
	} {
		local, err := slack.Plug.Manifest(section(t, map[string]string{"app_token": "${NOT_YET}"}), kit)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(local, "socket_mode_enabled: true") || strings.Contains(local, "url:") {
			t.Errorf("with %s it should be Socket Mode:\n%s", name, local)
		}
	}
	if plain, err := slack.Plug.Manifest(yaml.Node{}, adapters.Kit{PublicURL: "http://127.0.0.1:8080"}); err != nil || !strings.Contains(plain, "socket_mode_enabled: true") || strings.Contains(plain, "url:") {
		t.Errorf("without a section: %v\n%s", err, plain)
	}
}
