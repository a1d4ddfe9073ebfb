package mail_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"schoolbel/adapters"
	"schoolbel/adapters/mail"
)

func TestAKeyThatIsWrongIsNamed(t *testing.T) {
	good := map[string]string{"smtp_url": "smtp://u:hunter2@mail.school.example", "from": "Bel <bel@school.example>"}
	with := func(key, value string) map[string]string {
		keys := map[string]string{}
		for k, v := range good {
			keys[k] = v
		}
		keys[key] = value
		return keys
	}
	for name, c := range map[string]struct {
		keys map[string]string
		want []string
	}{
		"nothing":         {nil, []string{"smtp_url: missing", "from: must be"}},
		"another key":     {with("smtp_ur", "x"), []string{"smtp_ur: there is no such key; there are: smtp_url, from, after, insecure"}},
		"another scheme":  {with("smtp_url", "http://u:hunter2@x"), []string{"smtp_url: must look like"}},
		"a bad password":  {with("smtp_url", "smtp://u:hunter2%zz@x"), []string{"smtp_url: must look like"}},
		"no host":         {with("smtp_url", "smtp://"), []string{"smtp_url: must look like"}},
		"no address":      {with("from", "school"), []string{"from: must be an address"}},
		"more addresses":  {with("from", "a@b.example, c@d.example"), []string{"from: must be an address"}},
		"no time":         {with("after", "straks"), []string{"after: must be a time"}},
		"a time long ago": {with("after", "-5m"), []string{"after: must be a time"}},
		"neither yes/no":  {with("insecure", "soms"), []string{"insecure: must be true or false"}},
	} {
		t.Run(name, func(t *testing.T) {
			made, err := mail.Plug.New(section(t, c.keys), adapters.Kit{})
			if err == nil || made != nil {
				t.Fatalf("got %v, %v", made, err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not told in: %v", want, err)
				}
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("it tells the password: %v", err)
			}
		})
	}
	kit := adapters.Kit{Expand: func(s string) (string, error) {
		if s == "${GONE}" {
			return "", errors.New("GONE is not set")
		}
		return strings.ReplaceAll(s, "${PASSWORD}", "hunter2"), nil
	}}
	made, err := mail.Plug.New(section(t, with("smtp_url", "smtp://u:${PASSWORD}@mail.school.example")), kit)
	if err != nil {
		t.Fatal(err)
	}
	m := made.(*mail.Mail)
	if m.After() != 15*time.Minute {
		t.Errorf("it waits %s", m.After())
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if shown := fmt.Sprintf(verb, m.Settings()); strings.Contains(shown, "hunter2") {
			t.Errorf("%s shows the password: %s", verb, shown)
		}
	}
	if _, err := mail.Plug.New(section(t, with("smtp_url", "${GONE}")), kit); err == nil || !strings.Contains(err.Error(), "smtp_url: GONE is not set") {
		t.Errorf("got %v", err)
	}
}
