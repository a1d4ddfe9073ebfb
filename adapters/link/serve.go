package link

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"errors"
	"html/template"
	"net/http"

	"golang.org/x/text/language"

	"schoolbel/adapters"
	"schoolbel/bot/lang"
)

// The page is whole by itself, and has no script at all.
var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string

	pageForm = template.Must(template.New("page").Parse(pageHTML))
	policy   = "default-src 'none'; style-src '" + digest(pageCSS) + "'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

// largest is the most that a form may bring.
const largest = 64 << 10

// Routes are the page's doors. Looking does nothing, for mail scanners and chat
// programs look at every link; only the button on the page does.
func (l *Links) Routes(in adapters.Handler) map[string]http.Handler {
	return map[string]http.Handler{
		"GET " + route + "{token}":  l.door(l.look),
		"GET " + route + "{$}":      l.door(l.look),
		"POST " + route + "{token}": l.door(func(r *http.Request) (int, view) { return l.act(r, in) }),
	}
}

// door answers with what a step makes of the request.
func (l *Links) door(step func(*http.Request) (int, view)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, largest)
		status, v := step(r)
		v.Organisation, v.CSS = l.Organisation(), template.CSS(pageCSS)
		var page bytes.Buffer
		if err := pageForm.Execute(&page, v); err != nil {
			l.Log.Error("the page of a link could not be drawn", "error", err)
			http.Error(w, v.Lead, http.StatusInternalServerError)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", policy)
		h.Set("Cache-Control", "no-store")
		h.Set("X-Robots-Tag", "noindex, nofollow, noarchive")
		// Nothing is told to any other website. (With no-referrer, browsers hide from us,
		// too, that the form is our own.)
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		w.WriteHeader(status)
		if _, err := page.WriteTo(w); err != nil {
			l.Log.Debug("the page of a link was not read to its end", "error", err)
		}
	})
}

// visit is one look at a link that may be used.
type visit struct {
	*Links
	ticket
	About
	voice voice
}

// take reads the link; when it cannot be used, it says why.
func (l *Links) take(r *http.Request) (visit, int, view) {
	t, err := l.seal.open(r.PathValue("token"), l.Now())
	v := visit{Links: l, ticket: t, voice: voice{l.Book, l.speaks(r)}}
	if errors.Is(err, errBroken) {
		return v, http.StatusForbidden, v.voice.says("link.broken", bad)
	}
	about, lookErr := l.About(r.Context(), t.Grant)
	if lookErr == nil {
		v.About = about
		v.voice.lang = cmp.Or(about.Locale, v.voice.lang)
	}
	if err != nil {
		return v, http.StatusGone, v.voice.says("link.expired", bad)
	}
	used, err := l.Used(r.Context(), t.event())
	if err = errors.Join(lookErr, err); err != nil {
		return v, http.StatusServiceUnavailable, v.trouble(r.Context(), err)
	}
	if used {
		return v, http.StatusGone, v.voice.says("link.used", good)
	}
	return v, 0, view{}
}

func (v visit) trouble(ctx context.Context, err error) view {
	v.Log.ErrorContext(ctx, "what a link asked for could not be done", "error", err)
	return v.voice.says("link.trouble", bad)
}

// look asks whether it shall be done.
func (l *Links) look(r *http.Request) (int, view) {
	v, status, said := l.take(r)
	if status != 0 {
		return status, said
	}
	page := v.page(v.voice.say("link.ask"))
	page.Button = v.button()
	return http.StatusOK, page
}

// act does it. That the link is ours, whole and unused is the proof that its person
// may; and it must be our own page that sends.
func (l *Links) act(r *http.Request, in adapters.Handler) (int, view) {
	v, status, said := l.take(r)
	if status != 0 {
		return status, said
	}
	if http.NewCrossOriginProtection().Check(r) != nil {
		return http.StatusForbidden, v.voice.says("link.foreign", bad)
	}
	if err := r.ParseForm(); err != nil {
		return http.StatusBadRequest, v.voice.says("link.broken", bad)
	}
	ev := adapters.Event{
		ID: v.event(), Kind: adapters.Press, Place: v.Place, User: adapters.User{ID: v.User}, Text: v.Command,
		Message: v.Message, Trigger: v.event(), Locale: v.voice.lang, At: l.Now(),
	}
	if sealed := r.PostForm.Get(formField); sealed != "" {
		form, err := l.unseal(v.ticket, sealed)
		if err != nil {
			return http.StatusForbidden, v.voice.says("link.broken", bad)
		}
		values, wrong := v.read(form, r.PostForm)
		if len(wrong) > 0 {
			return http.StatusUnprocessableEntity, v.asks(form, r.PostForm, wrong)
		}
		ev.Kind, ev.Text, ev.Form = adapters.Submit, form.Command, values
	}
	var shown adapters.Page
	if err := in(adapters.WithPage(r.Context(), &shown), ev); err != nil {
		return http.StatusServiceUnavailable, v.trouble(r.Context(), err)
	}
	switch {
	case shown.Form != nil:
		return http.StatusOK, v.asks(*shown.Form, nil, nil)
	case shown.Answer != nil:
		return http.StatusOK, v.answers(*shown.Answer)
	}
	return http.StatusOK, v.voice.says("link.done", good)
}

// voice speaks one language.
type voice struct {
	book *lang.Book
	lang string
}

func (v voice) say(key string, args ...any) string { return v.book.Say(v.lang, key, args...) }

var languages = language.NewMatcher([]language.Tag{language.Dutch, language.English})

// speaks is the language that a browser asks for, or else the school's.
func (l *Links) speaks(r *http.Request) string {
	tags, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err == nil && len(tags) > 0 {
		if _, i, sure := languages.Match(tags...); sure >= language.High {
			return lang.Languages[i]
		}
	}
	return cmp.Or(l.Locale(), lang.Languages[0])
}
