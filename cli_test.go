package main

import (
	"archive/zip"
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"schoolbel/adapters/slack/slackfake"
	"schoolbel/adapters/teams/teamsfake"
)

// Whoever types, or sends from another program, reads the answer to a line before
// there is a next one.
func TestUnderstandAnswersLineByLine(t *testing.T) {
	in, keys := io.Pipe()
	out, answers := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- Main(t.Context(), []string{"understand"}, Streams{In: in, Out: answers, Err: io.Discard})
	}()
	read := bufio.NewReader(out)
	for text, service := range map[string]string{"wifi ligt eruit, hele gang": "wifi", "magister doet het niet": "magister"} {
		if _, err := io.WriteString(keys, text+"\n"); err != nil {
			t.Fatal(err)
		}
		line := make(chan []byte, 1)
		go func() {
			text, _ := read.ReadBytes('\n')
			line <- text
		}()
		select {
		case got := <-line:
			var m struct{ Text, Service string }
			if err := json.Unmarshal(got, &m); err != nil || m.Text != text || m.Service != service {
				t.Errorf("it answered %s, %v", got, err)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("it waits for more before it answers")
		}
	}
	if err := keys.Close(); err != nil {
		t.Fatal(err)
	}
	if code := <-ended; code != 0 {
		t.Errorf("it ended with %d", code)
	}
}

// check tells every mistake of both files at once, each with where it stands.
func TestCheckTellsEverything(t *testing.T) {
	write := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	school := write("school.yaml", "organisation: {name: X, locale: de}\n")
	file := write("schoolbel.yaml", "databse: {url: x}\nschool: "+school+`
api: {tokens: {a: "0123456789abcdef", b: "0123456789abcdef"}}
http: {listen: nowhere}
adapters:
  icq: {token: x}
  slack:
    bot_token: ${NOT_SET}
    app_tokn: x
`)
	var out, wrong strings.Builder
	if code := Main(t.Context(), []string{"check", "--config", file}, Streams{Out: &out, Err: &wrong}); code != 1 {
		t.Errorf("it ended with %d and said %s", code, out.String())
	}
	for _, want := range []string{
		"schoolbel.yaml:1: databse: there is no key", `schoolbel.yaml:4: http.listen: "nowhere"`, "school.yaml:1: organisation.locale:",
		"api.tokens.a and api.tokens.b have the same secret", "schoolbel.yaml:6: adapters.icq: there is no such adapter",
		"schoolbel.yaml:8: adapters.slack.bot_token: the environment variable NOT_SET is not set",
		"schoolbel.yaml:9: adapters.slack.app_tokn: there is no such key", "schoolbel.yaml:7: adapters.slack.signing_secret: missing",
	} {
		if !strings.Contains(wrong.String(), want) {
			t.Errorf("it does not say %q in:\n%s", want, wrong.String())
		}
	}
}

// A manifest is printed or written to a file; the package of Teams is a zip.
func TestManifestToAFile(t *testing.T) {
	dir := t.TempDir()
	run := func(args ...string) (int, string, string) {
		var out, wrong strings.Builder
		code := Main(t.Context(), append([]string{"manifest"}, args...), Streams{Out: &out, Err: &wrong, Environ: []string{"SCHOOLBEL_ADAPTERS_TEAMS_APP_ID=an-id"}})
		return code, out.String(), wrong.String()
	}
	code, printed, _ := run("teams")
	if code != 0 || !strings.Contains(printed, `"botId": "an-id"`) {
		t.Errorf("printed, with %d: %s", code, printed)
	}
	if code, out, wrong := run("teams", "--out", filepath.Join(dir, "m.json")); code != 0 || out != "" {
		t.Errorf("to a file: %d %s %s", code, out, wrong)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "m.json")); err != nil || string(text) != printed {
		t.Errorf("the file says %s (%v)", text, err)
	}
	if code, _, wrong := run("teams", "--out", filepath.Join(dir, "app.zip")); code != 0 {
		t.Errorf("as a package: %d %s", code, wrong)
	}
	z, err := zip.OpenReader(filepath.Join(dir, "app.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	if strings.Join(names, " ") != "color.png manifest.json outline.png" {
		t.Errorf("in the package are %q", names)
	}
	if code, _, wrong := run("slack", "--out", filepath.Join(dir, "slack.zip")); code != 2 || !strings.Contains(wrong, "does not end in .zip") {
		t.Errorf("Slack has no package: %d %s", code, wrong)
	}
}

// check --online tells of every place of the school file what is wrong with it, and
// warns of places on a platform that is not switched on.
func TestCheckLooksAtEveryPlace(t *testing.T) {
	fake := slackfake.New(nil)
	defer fake.Close()
	for _, id := range []string{"C0ICT", "C0CAB", "C0CRISIS", "C0NOORD", "C0ZUID"} {
		fake.AddChannel(id, strings.ToLower(id))
	}
	fake.AddRoom("C0FB", "fb")
	school := schoolWith(t, `places: ["slack:C0NOORD"]`, `places: ["slack:C0NOORD", "teams:19:noord@thread.v2"]`)
	environ := []string{
		"SCHOOLBEL_SCHOOL=" + school, "SCHOOLBEL_ADAPTERS_SLACK_API_URL=" + fake.URL(),
		"SCHOOLBEL_ADAPTERS_SLACK_BOT_TOKEN=" + slackfake.BotToken, "SCHOOLBEL_ADAPTERS_SLACK_SIGNING_SECRET=" + slackfake.SigningSecret,
	}
	checks := func(want int) string {
		t.Helper()
		var out, wrong strings.Builder
		if code := Main(t.Context(), []string{"check", "--online"}, Streams{Out: &out, Err: &wrong, Environ: environ}); code != want {
			t.Errorf("it ended with %d and said %s%s", code, out.String(), wrong.String())
		}
		return wrong.String()
	}
	said := checks(1)
	for _, want := range []string{
		"teams.functioneel-beheer: slack:C0FB (#fb): the bot is not in this room: type “/invite @schoolbel” there",
		"audiences.centrum: slack:C0CENTRUM: Slack shows the bot no such room",
		"Warning: teams:19:noord@thread.v2 is a place of audiences.noord in the school file, and adapters.teams is not configured",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q in:\n%s", want, said)
		}
	}
	if !strings.Contains(said, school+":") || strings.Contains(said, "C0ICT") {
		t.Errorf("it does not tell the line, or more than that:\n%s", said)
	}
	fake.Join(slackfake.Bot, "C0FB")
	fake.AddChannel("C0CENTRUM", "centrum")
	if said := checks(0); !strings.HasPrefix(said, "Warning: teams:19") || strings.Count(said, "\n") != 1 {
		t.Errorf("all is mended, and it says %s", said)
	}
}

// check --online does so on Teams, too, whose ids have a colon in them.
func TestCheckLooksAtEveryPlaceOnTeams(t *testing.T) {
	fake := teamsfake.New(nil)
	defer fake.Close()
	for key, id := range roomsOnTeams {
		if key != "centrum" {
			fake.AddChannel(id, key)
		}
	}
	fake.Expel(roomsOnTeams["functioneel-beheer"])
	school := schoolOnTeams(t)
	text, err := os.ReadFile(school)
	must(t, "the school", err)
	line := func(place string) string {
		before, _, _ := strings.Cut(string(text), `"`+place+`"`)
		return fmt.Sprintf("%s:%d: ", school, strings.Count(before, "\n")+1)
	}
	checks := func(want int) string {
		t.Helper()
		var out, wrong strings.Builder
		if code := Main(t.Context(), []string{"check", "--online", "--school", school}, Streams{Out: &out, Err: &wrong, Environ: fake.Environ()}); code != want {
			t.Errorf("it ended with %d and said %s%s", code, out.String(), wrong.String())
		}
		return wrong.String()
	}
	said := checks(1)
	for _, want := range []string{
		line("teams:19:fb@thread.tacv2") + "teams.functioneel-beheer: teams:19:fb@thread.tacv2: the bot is not in this place: add the app to that team",
		line("teams:19:centrum@thread.tacv2") + "audiences.centrum: teams:19:centrum@thread.tacv2: Teams knows no such place: take the id of a channel",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q in:\n%s", want, said)
		}
	}
	if strings.Contains(said, "19:ict") {
		t.Errorf("it says more than that:\n%s", said)
	}
	fake.AddChannel(roomsOnTeams["functioneel-beheer"], "fb")
	fake.AddChannel(roomsOnTeams["centrum"], "centrum")
	if said := checks(0); strings.Contains(said, "teams:") {
		t.Errorf("all is mended, and it says %s", said)
	}
}
