package main

import (
	"context"
	"strings"
	"time"

	"schoolbel/adapters"
	"schoolbel/adapters/link"
	"schoolbel/workflows"
)

// newLinks makes the room of the links, with a key that only this database has.
func (a *App) newLinks(ctx context.Context) (*link.Links, error) {
	secret, err := a.store.Secret(ctx, "links")
	if err != nil {
		return nil, err
	}
	base := a.cfg.HTTP.PublicURL
	if strings.HasSuffix(base, ":0") { // any port: by now we have one
		base = "http://" + a.listener.Addr().String()
	}
	if _, on := a.cfg.Adapters["mail"]; on && !link.Reachable(base) {
		a.log.Warn("mail goes out without buttons: http.public_url must begin with https:// before links can be trusted to it", "public_url", base)
	}
	return link.New(link.Parts{
		Secret: secret, Base: base, About: a.about, Book: a.book, Now: a.now, Log: a.log,
		Used: func(ctx context.Context, event string) (bool, error) {
			_, used, err := a.store.Came(ctx, event)
			return used, err
		},
		Organisation: func() string { return a.school.Load().Organisation.Name },
		Locale:       func() string { return a.school.Load().Organisation.Locale },
		Local:        func(at time.Time) time.Time { return a.school.Load().Local(at) },
	}), nil
}

// about tells what the page of a link may show: who it is for, and which record it is
// about. What is sensitive is never told by a page.
func (a *App) about(ctx context.Context, g adapters.Grant) (link.About, error) {
	var about link.About
	s := a.school.Load()
	person, known := s.Account(g.Place.Adapter, g.User)
	if !known {
		person, known = s.ByEmail(g.User)
	}
	err := a.store.Do(ctx, func(tx workflows.Tx) error {
		account, err := tx.Account(ctx, g.Place.Adapter+":"+g.User)
		if err != nil || account == nil || known {
			return err
		}
		about.Name, about.Locale = account.Name, account.Locale
		person, known = s.PersonOf(account.Person)
		return nil
	})
	if err != nil {
		return about, err
	}
	if known {
		about.Name, about.Locale = person.Name, person.Locale
	}
	first, _, _ := strings.Cut(g.Command, " ")
	ref, is := workflows.ParseRef(first)
	if !is {
		return about, nil
	}
	about.Ref = ref.String()
	if r, err := a.store.Record(ctx, ref); err == nil && !r.Sensitive {
		about.Title = r.Title
	}
	return about, nil
}
