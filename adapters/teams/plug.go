package teams

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"gopkg.in/yaml.v3"

	"schoolbel/adapters"
)

// Plug puts Teams in the socket.
var Plug = adapters.Plug{
	Name: Name,
	New: func(section yaml.Node, kit adapters.Kit) (adapters.Adapter, error) {
		t, err := New(section, kit)
		if err != nil {
			return nil, err // a nil *Teams in the interface would not be nil
		}
		return t, nil
	},
	Ready:    func(a adapters.Adapter) error { return a.(*Teams).ready() },
	Check:    check,
	Manifest: manifest,
	Package:  pack,
}

// check tries the credentials against Microsoft, whether what Teams tells us could
// be checked, and whether the bot is in each place of the school file.
func check(ctx context.Context, section yaml.Node, kit adapters.Kit) []error {
	t, err := New(section, kit)
	if err != nil {
		return []error{err}
	}
	var wrong []error
	if !t.cfg.InsecureLocal {
		list, err := t.checker.keys.fetch(ctx)
		vouches := func(k key) bool { return slices.Contains(k.endorses, channel) }
		switch {
		case err != nil:
			wrong = append(wrong, fmt.Errorf("openid_url: the keys by which Teams is recognised cannot be read: %w; let this machine reach that address", err))
		case !anyKey(list, vouches):
			wrong = append(wrong, fmt.Errorf("openid_url: none of the keys vouches for Teams; use that of your cloud, or leave it out"))
		}
	}
	if _, err := t.login.bearer(ctx); err != nil {
		if blamed := t.login.trouble(); blamed != nil {
			err = blamed
		} else {
			err = fmt.Errorf("token_url: no token can be had: %w; let this machine reach %s", err, t.cfg.TokenURL)
		}
		return append(wrong, err)
	}
	for _, place := range kit.Places {
		r, err := t.book.room(ctx, place.Channel)
		if err == nil {
			err = t.ask(ctx, http.MethodGet, r, "conversations/"+url.PathEscape(place.Channel)+"/pagedmembers?pageSize=50", nil, nil, false)
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: the bot cannot reach this place: %w; add the app to that team or chat in Teams, and check the id in the school file", place, err))
		}
	}
	return wrong
}

func anyKey(list map[string]key, ok func(key) bool) bool {
	for _, k := range list {
		if ok(k) {
			return true
		}
	}
	return false
}
