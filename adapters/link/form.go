package link

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"schoolbel/adapters"
)

const (
	formField = "form"             // the sealed form; the answers stand beside it, under "in."
	inField   = "in."              // before the name of an answer
	clockForm = "2006-01-02T15:04" // how browsers write a moment of the school's clock
)

// How much one answer may be.
const (
	longText  = 8000
	shortText = 500
)

// input is one question as the page shows it.
type input struct {
	adapters.Input
	Field   string
	Kind    string // text, long, choice, time
	Mark    string // "verplicht"
	Choose  string // the answer that is none
	Problem string
	Most    int
}

// asks shows a form, with what was filled in so far.
func (v visit) asks(f adapters.Form, filled url.Values, wrong map[string]string) view {
	p := v.page(f.Title)
	p.Lead, p.Button, p.Form = f.Text, f.Submit, v.sealed(f)
	if p.Lead == "" {
		p.Lead = v.voice.say("link.form.lead")
	}
	if p.Button == "" {
		p.Button = v.button()
	}
	if len(wrong) > 0 {
		p.Problem = v.voice.say("link.form.fix")
	}
	for _, in := range f.Inputs {
		i := input{Input: in, Field: inField + in.Name, Kind: "text", Mark: v.voice.say("link.form.required"), Problem: wrong[in.Name], Most: shortText}
		if in.Optional {
			i.Mark = v.voice.say("link.form.optional")
		}
		switch {
		case len(in.Options) > 0:
			i.Kind, i.Choose = "choice", v.voice.say("link.form.choose")
		case in.Time:
			i.Kind = "time"
			if at, err := time.Parse(time.RFC3339, in.Value); err == nil {
				i.Value = v.Local(at).Format(clockForm)
			}
		case in.Long:
			i.Kind, i.Most = "long", longText
		}
		if filled != nil {
			i.Value = filled.Get(i.Field)
		}
		p.Inputs = append(p.Inputs, i)
	}
	return p
}

// read takes the answers, and says which are not right.
func (v visit) read(f adapters.Form, filled url.Values) (values, wrong map[string]string) {
	values, wrong = map[string]string{}, map[string]string{}
	for _, in := range f.Inputs {
		value := strings.TrimSpace(strings.ReplaceAll(filled.Get(inField+in.Name), "\r\n", "\n"))
		most := shortText
		if in.Long {
			most = longText
		}
		switch {
		case value == "" && !in.Optional:
			wrong[in.Name] = v.voice.say("link.form.missing")
		case value == "":
		case len(in.Options) > 0:
			if !slices.ContainsFunc(in.Options, func(o adapters.Option) bool { return o.Value == value }) {
				wrong[in.Name] = v.voice.say("link.form.option")
			}
		case in.Time:
			at, err := time.ParseInLocation(clockForm, value, v.Local(v.Now()).Location())
			if err != nil {
				wrong[in.Name] = v.voice.say("link.form.time")
			}
			value = at.UTC().Format(time.RFC3339)
		case utf8.RuneCountInString(value) > most:
			wrong[in.Name] = v.voice.say("link.form.large", most)
		}
		values[in.Name] = value
	}
	return values, wrong
}

// sealed is the form as it was shown, signed for this link alone: what comes back is
// held against just that, and its command is not the browser's to choose.
func (v visit) sealed(f adapters.Form) string {
	data, _ := json.Marshal(f) // a form is only texts and lists of them
	return encode(append(v.seal.mac(v.useOf(), data), data...))
}

func (t ticket) useOf() string { return "form of " + t.event() }

func (l *Links) unseal(t ticket, sealed string) (f adapters.Form, err error) {
	data, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil || len(data) < macSize || !hmac.Equal(data[:macSize], l.seal.mac(t.useOf(), data[macSize:])) {
		return f, errBroken
	}
	if err := json.Unmarshal(data[macSize:], &f); err != nil {
		return f, fmt.Errorf("link: a form: %w", err)
	}
	return f, nil
}
