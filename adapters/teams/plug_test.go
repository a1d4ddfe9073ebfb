package teams_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"net/url"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"schoolbel/adapters"
	"schoolbel/adapters/teams"
	"schoolbel/adapters/teams/teamsfake"
)

func TestAKeyThatIsWrongIsNamed(t *testing.T) {
	good := map[string]string{"app_id": "a", "app_secret": "hunter2", "tenant_id": "t"}
	for name, try := range map[string]struct {
		keys map[string]string
		want []string
	}{
		"nothing":          {map[string]string{"app_id": "", "app_secret": "", "tenant_id": ""}, []string{"app_id: missing", "app_secret: missing", "tenant_id: missing", "Azure Bot"}},
		"another key":      {map[string]string{"app_di": "x"}, []string{"app_di: there is no such key", "app_id, app_secret"}},
		"another cloud":    {map[string]string{"cloud": "mars"}, []string{`cloud: there is no "mars"`, "china, dod, gcc, gcc_high, public"}},
		"not https":        {map[string]string{"openid_url": "http://login.example/x"}, []string{"openid_url", "https"}},
		"no address":       {map[string]string{"token_url": "login"}, []string{"token_url", "https"}},
		"half insecure":    {map[string]string{"insecure_local": "ja"}, []string{"insecure_local: must be true or false"}},
		"insecure outside": {map[string]string{"insecure_local": "true"}, []string{"insecure_local: only for", "public_url"}},
	} {
		t.Run(name, func(t *testing.T) {
			keys := map[string]string{}
			for _, more := range []map[string]string{good, try.keys} {
				for k, v := range more {
					keys[k] = v
				}
			}
			made, err := teams.Plug.New(section(t, keys), adapters.Kit{PublicURL: "https://bel.example"})
			if err == nil || made != nil {
				t.Fatalf("got %v, %v", made, err)
			}
			for _, want := range try.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not told in: %v", want, err)
				}
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Error("it tells the secret")
			}
		})
	}
	if _, err := teams.Plug.New(section(t, good), adapters.Kit{}); err != nil {
		t.Error(err)
	}
	if _, err := teams.Plug.New(section(t, map[string]string{"insecure_local": "true"}), adapters.Kit{PublicURL: "http://127.0.0.1:8080"}); err != nil {
		t.Error(err)
	}
}

func TestValuesAreExpanded(t *testing.T) {
	kit := adapters.Kit{Expand: func(s string) (string, error) {
		if s == "${GONE}" {
			return "", fmt.Errorf("GONE is not set")
		}
		return s, nil
	}}
	_, err := teams.Plug.New(section(t, map[string]string{"app_id": "a", "tenant_id": "t", "app_secret": "${GONE}"}), kit)
	if err == nil || !strings.Contains(err.Error(), "app_secret: GONE is not set") || strings.Contains(err.Error(), "missing") {
		t.Errorf("got %v", err)
	}
}

func TestCheckNamesWhatDoesNotWork(t *testing.T) {
	fake := teamsfake.New(nil)
	defer fake.Close()
	fake.AddChannel(ict, "ict")
	fake.AddChannel("19:out@thread.tacv2", "out")
	fake.Expel("19:out@thread.tacv2")
	kit := adapters.Kit{Places: []adapters.Place{{Adapter: "teams", Channel: ict}}}
	check := func() string { return fmt.Sprint(teams.Plug.Check(t.Context(), section(t, fake.Keys()), kit)) }
	if wrong := check(); wrong != "[]" {
		t.Errorf("all is well, and it says %v", wrong)
	}
	for _, channel := range []string{"19:out@thread.tacv2", "19:gone@thread.tacv2", "aad-anna", ict + ";messageid=17"} {
		kit.Places = append(kit.Places, adapters.Place{Adapter: "teams", Channel: channel})
	}
	wrong := check()
	for _, want := range []string{
		"teams:19:out@thread.tacv2: the bot is not in this place", "teams:19:gone@thread.tacv2: Teams knows no such place",
		"teams:aad-anna is no channel or chat", ict + ";messageid=17 is no channel or chat",
	} {
		if !strings.Contains(wrong, want) || strings.Contains(wrong, ict+":") {
			t.Errorf("%q is not told, or more than that: %s", want, wrong)
		}
	}
	fake.Fault(func(call string, _ int) *teamsfake.Trouble {
		if call == "members" {
			return &teamsfake.Trouble{Status: 401}
		}
		return nil
	})
	if wrong := check(); !strings.Contains(wrong, "app_id: the bot's token is not taken by Teams") || strings.Contains(wrong, "teams:19") {
		t.Errorf("a token that is not taken: %s", wrong)
	}
	fake.Fault(nil)
	fake.Revoke(true)
	if wrong := check(); !strings.Contains(wrong, "app_secret: the bot's credentials for Teams are refused") {
		t.Errorf("a wrong secret: %s", wrong)
	}
	fake.Rotate("webchat")
	if wrong := check(); !strings.Contains(wrong, "openid_url: none of the keys") {
		t.Errorf("keys of another channel: %s", wrong)
	}
	fake.Fault(func(call string, _ int) *teamsfake.Trouble {
		if call == "openid" || call == "token" {
			return &teamsfake.Trouble{Status: 500}
		}
		return nil
	})
	if wrong := check(); !strings.Contains(wrong, "cannot be read") || !strings.Contains(wrong, "token_url") {
		t.Errorf("with Microsoft away: %s", wrong)
	}
}

func TestTheManifestFitsTeams(t *testing.T) {
	kit := adapters.Kit{PublicURL: "https://bel.example/", Expand: func(s string) (string, error) { return strings.ReplaceAll(s, "${ID}", "an-id"), nil }}
	files, err := teams.Plug.Package(section(t, map[string]string{"app_id": "${ID}"}), kit)
	if err != nil {
		t.Fatal(err)
	}
	for name, size := range map[string]int{"color.png": 192, "outline.png": 32} {
		picture, err := png.Decode(bytes.NewReader(files[name]))
		if err != nil || picture.Bounds().Dx() != size || picture.Bounds().Dy() != size {
			t.Errorf("%s: %v", name, err)
		}
	}
	var m struct {
		Schema  string `json:"$schema"`
		Version string `json:"manifestVersion"`
		ID      string `json:"id"`
		Name    struct{ Short string }
		About   struct{ Short, Full string } `json:"description"`
		Maker   map[string]string            `json:"developer"`
		Bots    []struct {
			ID     string `json:"botId"`
			Scopes []string
			Files  bool `json:"supportsFiles"`
			Lists  []struct {
				Commands []struct{ Title, Description string }
			} `json:"commandLists"`
		}
		Domains []string `json:"validDomains"`
	}
	if err := json.Unmarshal(files["manifest.json"], &m); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(m.Schema, "/v"+m.Version+"/") || m.ID != "an-id" || len(m.Bots) != 1 || m.Bots[0].ID != "an-id" || len(m.Bots[0].Scopes) != 3 || !m.Bots[0].Files {
		t.Errorf("it is %+v", m)
	}
	if len(m.Name.Short) > 30 || len([]rune(m.About.Short)) > 80 || len([]rune(m.About.Full)) > 4000 {
		t.Errorf("a text is too long: %+v", m)
	}
	for _, list := range m.Bots[0].Lists {
		for _, c := range list.Commands {
			if len(c.Title) > 32 || len(c.Description) > 128 {
				t.Errorf("the command %q is too long", c.Title)
			}
		}
	}
	for _, key := range []string{"websiteUrl", "privacyUrl", "termsOfUseUrl"} {
		if u, err := url.Parse(m.Maker[key]); err != nil || u.Scheme != "https" || u.Host != "bel.example" {
			t.Errorf("%s is %q", key, m.Maker[key])
		}
	}
	bare, err := teams.Plug.Manifest(yaml.Node{}, adapters.Kit{PublicURL: "http://127.0.0.1:8080"})
	if err != nil || strings.Contains(bare, "127.0.0.1") || !strings.Contains(bare, "00000000-0000") {
		t.Errorf("before there are keys: %v\n%s", err, bare)
	}
}
