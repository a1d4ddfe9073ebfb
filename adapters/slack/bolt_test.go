package slack_test

import (
	"bufio"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"schoolbel/adapters/slack/slackfake"
)

// TestBoltTakesTheFakeForSlack lets Slack's own framework talk with the fake: it
// checks our signatures, reads our payloads and is content with our answers.
func TestBoltTakesTheFakeForSlack(t *testing.T) {
	const folder = "testdata/bolt"
	node, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(filepath.Join(folder, "node_modules", "@slack", "bolt"))
	}
	if err != nil {
		const why = "@slack/bolt is not installed; .ci/peers install does it"
		if os.Getenv("CI") == "true" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	for mode, socket := range map[string]bool{"http": false, "socket": true} {
		t.Run(mode, func(t *testing.T) {
			fake := slackfake.New(nil)
			t.Cleanup(fake.Close)
			fake.AddUser(anna, "Anna de Vries", "anna@delinde.example")
			fake.AddChannel(ict, "ict", anna)
			startBolt(t, fake, node, folder, socket)
			meetBolt(t, fake)
		})
	}
}

// startBolt runs the app and waits until it listens.
func startBolt(t *testing.T, fake *slackfake.Fake, node, folder string, socket bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	app := exec.CommandContext(ctx, node, "app.mjs")
	app.Dir = folder
	app.Env = append(os.Environ(), "API_URL="+fake.URL(), "BOT_TOKEN="+slackfake.BotToken, "SIGNING_SECRET="+slackfake.SigningSecret, "APP_TOKEN=")
	if socket {
		app.Env = append(app.Env, "APP_TOKEN="+slackfake.AppToken)
	}
	var complaints strings.Builder
	app.Stderr = &complaints
	out, err := app.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := app.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = app.Wait() // we ended it
		if complaints.Len() > 0 {
			t.Errorf("bolt says: %s", &complaints)
		}
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if port, ready := strings.CutPrefix(lines.Text(), "ready "); ready {
			fake.Target("http://127.0.0.1:" + port)
			return
		}
		t.Log("bolt:", lines.Text())
	}
	t.Fatalf("bolt did not start: %v", lines.Err())
}

func meetBolt(t *testing.T, fake *slackfake.Fake) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	// says waits for a message of the app.
	says := func(text string) slackfake.Message {
		t.Helper()
		var found slackfake.Message
		if err := fake.Wait(ctx, func() bool {
			said := append(fake.Said(ict), fake.Said(anna)...)
			i := slices.IndexFunc(said, func(m slackfake.Message) bool { return m.Text == text })
			if i >= 0 {
				found = said[i]
			}
			return i >= 0
		}); err != nil {
			t.Fatalf("%q was not said: %v; there is %+v", text, err, fake.Said(ict))
		}
		return found
	}
	taken := func(told slackfake.Told) slackfake.Told {
		t.Helper()
		if told.Status != http.StatusOK {
			t.Fatalf("bolt answers %d %s (%v)", told.Status, told.Body, told.Err)
		}
		return told
	}
	wrote := taken(fake.Message(anna, ict, "wifi stuk"))
	m := says("heard wifi stuk")
	if m.Delivery != "bolt-1" || m.Ref != "INC-1" || len(m.Buttons()) != 1 {
		t.Errorf("the message is %+v", m)
	}
	taken(fake.Press(anna, m, "Take"))
	if m = says("pressed INC-1 take"); m.Edits != 1 {
		t.Errorf("after the press it is %+v", m)
	}
	taken(fake.Message(anna, "", "alleen jij"))
	if m = says("heard alleen jij"); m.Channel != fake.DM(anna) {
		t.Errorf("a direct message is answered in %s", m.Channel)
	}
	named := taken(fake.Message(anna, ict, "<@"+slackfake.Bot+"> help"))
	if m = says("mentioned by " + anna); m.Thread != named.TS {
		t.Errorf("a mention is answered under %q", m.Thread)
	}
	taken(fake.MessageShortcut(anna, ict, wrote.TS))
	if m = says("reported wifi stuk"); m.To != anna {
		t.Errorf("the shortcut is answered to %q", m.To)
	}
	taken(fake.Slash(anna, ict, "/schoolbel", "form"))
	if err := fake.Wait(ctx, func() bool { return len(fake.Views(anna)) == 1 }); err != nil {
		t.Fatal("no form was opened")
	}
	taken(fake.Submit(anna, map[string]string{"note": "hallo"}))
	says("anna@delinde.example wrote hallo")
	taken(fake.OpenHome(anna))
	if err := fake.Wait(ctx, func() bool { _, ok := fake.Home(anna); return ok }); err != nil {
		t.Fatal("no home page was published")
	}
}
