package matrix_test

import (
	"fmt"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"schoolbel/adapters"
	"schoolbel/adapters/matrix"
	"schoolbel/adapters/matrix/matrixtest"
)

func TestAKeyThatIsWrongIsNamed(t *testing.T) {
	for name, try := range map[string]struct {
		keys map[string]any
		want []string
	}{
		"nothing":       {nil, []string{"homeserver: missing", "user: missing", "manifest matrix", "password: missing"}},
		"no address":    {map[string]any{"homeserver": "matrix.example", "user": "@a:b", "password": "x"}, []string{"homeserver: is no address", "https://matrix.example"}},
		"half a name":   {map[string]any{"homeserver": "https://m.example", "user": "schoolbel", "password": "x"}, []string{"user: is no Matrix account", `"@schoolbel:example"`}},
		"another key":   {map[string]any{"homeserver": "https://m.example", "user": "@a:b", "pasword": "x"}, []string{"pasword: there is no such key", "homeserver, user, password", "password: missing"}},
		"a wrong shape": {map[string]any{"homeserver": []string{"x"}}, []string{"read the section"}},
	} {
		t.Run(name, func(t *testing.T) {
			made, err := matrix.Plug.New(section(t, try.keys), adapters.Kit{})
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

func TestSecretsAreExpandedAndNotShown(t *testing.T) {
	kit := adapters.Kit{Expand: func(s string) (string, error) {
		if s == "${GONE}" {
			return "", fmt.Errorf("GONE is not set")
		}
		return strings.ReplaceAll(s, "${SECRET}", "hunter2\n"), nil
	}}
	keys := map[string]any{"homeserver": "https://m.example", "user": "@a:b", "password": "${SECRET}", "pickle_key": "${SECRET}"}
	made, err := matrix.Plug.New(section(t, keys), kit)
	if err != nil {
		t.Fatal(err)
	}
	if shown := fmt.Sprintf("%v %+v %#v", made, made, made); strings.Contains(shown, "hunter2") {
		t.Error("the password is shown")
	}
	keys["password"] = "${GONE}"
	_, err = matrix.Plug.New(section(t, keys), kit)
	if err == nil || !strings.Contains(err.Error(), "password: GONE is not set") || strings.Contains(err.Error(), "missing") {
		t.Errorf("got %v", err)
	}
}

func TestTheManifestFitsTheSection(t *testing.T) {
	text, err := matrix.Plug.Manifest(yaml.Node{}, adapters.Kit{})
	if err != nil {
		t.Fatal(err)
	}
	var read map[string]any
	if err := yaml.Unmarshal([]byte(text), &read); err != nil || read["adapters"] == nil {
		t.Errorf("it is no configuration: %v", err)
	}
	text, err = matrix.Plug.Manifest(section(t, map[string]any{"homeserver": "http://127.0.0.1:8008", "user": "@bel:linde.example"}), adapters.Kit{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"http://127.0.0.1:8008", "@bel:linde.example", "-u bel", `["linde.example"]`} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in:\n%s", want, text)
		}
	}
}

func TestCheckNamesWhatDoesNotWork(t *testing.T) {
	h := open(t, matrixtest.Start(t), matrixtest.Encrypts)
	strange := h.anna.Room("Niet voor de bot", false)
	kit := adapters.Kit{Places: []adapters.Place{
		h.place(),
		{Adapter: "matrix", Channel: strange},
		{Adapter: "matrix", Channel: "C0ICT"},
		{Adapter: "matrix", Channel: string(h.anna.ID)},
		{Adapter: "matrix", Channel: "@nobody:localhost"},
		{Adapter: "matrix", Channel: "#ict:localhost"},
	}}
	var told []string
	for _, err := range matrix.Plug.Check(t.Context(), section(t, h.keys), kit) {
		told = append(told, err.Error())
	}
	all := strings.Join(told, "\n")
	for _, want := range []string{
		"matrix:" + strange + ": the bot is not in this room; invite " + h.bot, "matrix:C0ICT: is no room", "matrix:@nobody:localhost: the homeserver knows nobody",
		"matrix:#ict:localhost: this address leads nowhere",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not told in:\n%s", want, all)
		}
	}
	if strings.Contains(all, h.room) || strings.Contains(all, string(h.anna.ID)) || matrixtest.Encrypts && strings.Contains(all, "pickle_key") {
		t.Errorf("what works is told:\n%s", all)
	}
	h.keys["password"] = "wrong"
	if wrong := matrix.Plug.Check(t.Context(), section(t, h.keys), kit); len(wrong) != 1 || !strings.Contains(wrong[0].Error(), "password: the homeserver refuses it") {
		t.Errorf("a wrong password: %v", wrong)
	}
	h.anna.Write(h.room, "", "de bot luistert nog") // checking threw nobody out
	h.says("de bot luistert nog")
}
