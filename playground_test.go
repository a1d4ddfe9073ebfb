package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"schoolbel/adapters/teams/teamsfake"
	"schoolbel/config"
)

// playground is the whole app beside Microsoft's own emulator of Teams, with a gate
// between them that signs what the one tells and checks what the other says.
type playground struct {
	*testing.T
	gate *teamsfake.Gate
	app  *App
	url  string
	me   string // who sits at the emulator
}

// playTeams starts the app and the emulator, with this person at it.
func playTeams(t *testing.T, me string) *playground {
	t.Helper()
	const folder = "adapters/teams/testdata/playground/node_modules/@microsoft/m365agentsplayground"
	node, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(folder)
	}
	if err != nil {
		const why = "@microsoft/m365agentsplayground is not installed; .ci/peers install does it"
		if os.Getenv("CI") == "true" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	p := &playground{T: t, gate: teamsfake.NewGate(), me: me}
	t.Cleanup(p.gate.Close)
	p.startApp()
	p.startEmulator(node, filepath.Join(folder, "cli.js"))
	return p
}

// The rooms that the emulator has.
var ictTeams, cabTeams, noordTeams = roomsOnTeams["ict"], roomsOnTeams["cab"], roomsOnTeams["noord"]

// startApp runs one process of the app until the test ends.
func (p *playground) startApp() {
	p.Helper()
	environ := []string{
		"SCHOOLBEL_DATABASE_URL=" + filepath.Join(p.TempDir(), "schoolbel.db"), "SCHOOLBEL_HTTP_LISTEN=127.0.0.1:0", "SCHOOLBEL_SCHOOL=" + schoolOnTeams(p.T),
	}
	for name, value := range p.gate.Keys() {
		environ = append(environ, "SCHOOLBEL_ADAPTERS_TEAMS_"+strings.ToUpper(name)+"="+value)
	}
	cfg, err := config.Load("", environ)
	must(p.T, "the configuration", err)
	p.app, err = newApp(p.Context(), cfg, Options{})
	must(p.T, "the app", err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.app.Run(ctx) }()
	p.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			p.Error(err)
		}
		p.app.Close()
	})
}

// startEmulator runs Microsoft's program until the test ends.
func (p *playground) startEmulator(node, program string) {
	p.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		p.Fatal(err)
	}
	port := free.Addr().(*net.TCPAddr).Port
	_ = free.Close()
	p.url = fmt.Sprintf("http://127.0.0.1:%d", port)
	p.gate.Between("http://"+p.app.listener.Addr().String(), p.url+"/_connector")
	dir := p.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "play.yml"), p.cast(), 0o600); err != nil {
		p.Fatal(err)
	}
	if program, err = filepath.Abs(program); err != nil {
		p.Fatal(err)
	}
	ctx, kill := context.WithCancel(context.Background())
	run := exec.CommandContext(ctx, node, program, "start", "-e", p.gate.Door(), "-c", "msteams", "--disable-telemetry",
		"-p", fmt.Sprint(port), "--service-url", p.gate.Service())
	run.Dir = dir
	run.Env = append(os.Environ(), "TEAMSAPPTESTER_BROWSER=none", "M365_AGENTS_PLAYGROUND_CONFIG_PATH="+filepath.Join(dir, "play.yml"))
	out, err := run.StdoutPipe()
	if err != nil {
		p.Fatal(err)
	}
	if err := run.Start(); err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() {
		kill()
		_ = run.Wait() // killed
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "Listening on") {
			go func() { _, _ = io.Copy(io.Discard, out) }() // so that it can go on writing
			if !strings.HasSuffix(strings.TrimSpace(lines.Text()), fmt.Sprint(port)) {
				p.Fatalf("the emulator took another port: %s", lines.Text())
			}
			p.rest("GET", "/_internal/v1/config", nil) // it waits until the app is there
			return
		}
	}
	p.Fatalf("the emulator did not start: %v", lines.Err())
}

// cast writes who is there: the emulator wants five beside who sits at it.
func (p *playground) cast() []byte {
	school, err := config.School("")
	if err != nil {
		p.Fatal(err)
	}
	account := func(key string) map[string]any {
		who, _ := school.PersonOf(key)
		first, last, _ := strings.Cut(who.Name, " ")
		return map[string]any{
			"id": "29:" + who.Accounts["teams"], "name": who.Name, "aadObjectId": who.Accounts["teams"], "userPrincipleName": key + "@delinde.example",
			"email": key + "@delinde.example", "givenName": first, "surname": last,
		}
	}
	var others []any
	for _, key := range []string{"anna", "noor", "bram", "karim", "els", "peter"} {
		if key != p.me {
			others = append(others, account(key))
		}
	}
	text, err := json.Marshal(map[string]any{ // which is YAML, too
		"version": "0.1.1", "tenantId": teamsfake.Tenant, "bot": map[string]any{"id": teamsfake.Bot, "name": "schoolbel"},
		"currentUser": account(p.me), "users": others[:5],
		"personalChat": map[string]any{"id": p.chat()}, "groupChat": map[string]any{"id": noordTeams, "name": "Locatie Noord"},
		"team": map[string]any{"id": cabTeams, "name": "De Linde", "aadGroupId": "00000000-0000-0000-0000-000000000031", "channels": []any{
			map[string]any{"id": ictTeams, "name": "Team ICT"},
		}},
	})
	if err != nil {
		p.Fatal(err)
	}
	return text
}

// chat is the personal chat of who sits at the emulator.
func (p *playground) chat() string { return "a:1aad-" + p.me }

// rest asks something of the emulator.
func (p *playground) rest(method, path string, body any) string {
	p.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		p.Fatal(err)
	}
	r, err := http.NewRequestWithContext(p.Context(), method, p.url+path, bytes.NewReader(raw))
	if err != nil {
		p.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		p.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	said, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode > 299 {
		p.Fatalf("%s %s: %s %s %v", method, path, answer.Status, said, err)
	}
	return string(said)
}

// types writes something as who sits at the emulator.
func (p *playground) types(conversation, text string) {
	p.Helper()
	message := map[string]any{"from": map[string]any{"id": "29:aad-" + p.me}, "text": text, "textFormat": "plain"}
	if conversation != p.chat() { // elsewhere the emulator tells only what calls the bot
		const mark = "<at>schoolbel</at>"
		message["text"] = mark + " " + text
		message["mentions"] = []any{map[string]any{"mentioned": map[string]any{"id": teamsfake.Bot, "name": "schoolbel"}, "text": mark}}
	}
	p.rest("POST", "/_conversation/v1/conversations/"+url.PathEscape(conversation)+"/messages", message)
}

// says writes something as anybody else, in their own chat.
func (p *playground) says(who, text string) {
	p.Helper()
	p.rest("POST", "/_internal/v1/customActivities", map[string]any{
		"type": "message", "id": fmt.Sprintf("%s-%d", who, time.Now().UnixNano()), "channelId": "msteams", "serviceUrl": p.gate.Service(), "text": text, "textFormat": "plain",
		"from":         map[string]any{"id": "29:aad-" + who, "aadObjectId": "aad-" + who, "name": who},
		"recipient":    map[string]any{"id": teamsfake.Bot, "name": "schoolbel"},
		"conversation": map[string]any{"id": ictTeams + ";messageid=1", "conversationType": "channel", "isGroup": true, "tenantId": teamsfake.Tenant},
		"channelData":  map[string]any{"tenant": map[string]any{"id": teamsfake.Tenant}},
	})
}

// press presses a button as anybody, with what they filled in, and gives what the app
// answered within the call.
func (p *playground) press(who string, m teamsfake.Message, label string, values map[string]string) string {
	p.Helper()
	i := slices.IndexFunc(m.Buttons(), func(b teamsfake.Button) bool { return b.Label == label })
	if i < 0 {
		p.Fatalf("there is no button %q in %s", label, m.Shown())
	}
	sort, verb, data := m.Buttons()[i].Data()
	if values != nil {
		maps.Copy(data, m.Filled(values))
	}
	conversation := m.Channel
	if strings.Contains(m.Channel, "@thread.tacv2") {
		root := m.Thread
		if root == "" {
			root = m.ID
		}
		conversation += ";messageid=" + root
	}
	return p.rest("POST", "/_conversation/v1/invoke", map[string]any{
		"name": "adaptiveCard/action", "from": map[string]any{"id": "29:aad-" + who}, "conversation": map[string]any{"id": conversation},
		"replyToId": m.ID, "value": map[string]any{"action": map[string]any{"type": sort, "verb": verb, "data": data}, "trigger": "manual"},
	})
}

// sees waits until a message in a conversation ("" is any) shows these words.
func (p *playground) sees(conversation string, words ...string) teamsfake.Message {
	p.Helper()
	var found teamsfake.Message
	ctx, cancel := context.WithTimeout(p.Context(), 30*time.Second)
	defer cancel()
	err := p.gate.Wait(ctx, func() bool {
		for _, m := range p.gate.Messages(conversation) {
			shown := m.Shown()
			if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(shown, w) }) {
				found = m
				return true
			}
		}
		return false
	})
	if err != nil {
		var all []string
		for _, m := range p.gate.Messages("") {
			all = append(all, m.Channel+": "+m.Shown())
		}
		p.Fatalf("nobody in %q sees %q; refused %q; there is:\n%s", conversation, words, p.gate.Refused(), strings.Join(all, "\n---\n"))
	}
	return found
}

// content fails when the emulator would not have something.
func (p *playground) content() {
	p.Helper()
	for _, no := range p.gate.Refused() {
		p.Error("the emulator refused", no)
	}
}
