package teams

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

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
			err = fmt.Errorf("app_secret: %w", blamed)
		} else {
			err = fmt.Errorf("token_url: no token can be had: %w; let this machine reach %s", err, t.cfg.TokenURL)
		}
		return append(wrong, err)
	}
	for _, place := range kit.Places {
		err := t.checkPlace(ctx, place)
		if blamed := t.login.trouble(); blamed != nil {
			return append(wrong, fmt.Errorf("app_id: %w", blamed)) // so it is with every place
		}
		if err != nil {
			wrong = append(wrong, err)
		}
	}
	return wrong
}

// idHint is where the id of a place is found.
const idHint = "take the id of a channel (“Get link to channel”, the part 19:…@thread.tacv2, decoded) or of a group chat"

// checkPlace tells what is wrong with a place of the school file, and how to mend it.
func (t *Teams) checkPlace(ctx context.Context, place adapters.Place) error {
	if !strings.Contains(place.Channel, ":") || strings.Contains(place.Channel, threadMark) || !plainID(place.Channel) {
		return fmt.Errorf("%s is no channel or chat: %s", place, idHint)
	}
	r, err := t.book.room(ctx, place.Channel)
	if err != nil {
		return fmt.Errorf("%s: %w", place, err)
	}
	members := "conversations/" + url.PathEscape(place.Channel) + "/pagedmembers?pageSize=50"
	err = t.ask(ctx, http.MethodGet, r, members, nil, nil, false)
	if t.login.rejected() { // once is no proof: the next token may be taken
		err = t.ask(ctx, http.MethodGet, r, members, nil, nil, false)
	}
	var status *status
	switch {
	case err == nil:
		return nil
	case errors.As(err, &status) && status.code == http.StatusForbidden:
		return fmt.Errorf("%s: the bot is not in this place: add the app to that team or chat in Teams", place)
	case errors.As(err, &status) && (status.code == http.StatusNotFound || status.code == http.StatusBadRequest):
		return fmt.Errorf("%s: Teams knows no such place: %s, and add the app there", place, idHint)
	}
	return fmt.Errorf("%s: Teams does not tell about this place: %w", place, err)
}

func anyKey(list map[string]key, ok func(key) bool) bool {
	for _, k := range list {
		if ok(k) {
			return true
		}
	}
	return false
}
