package matrix

import (
	"context"
	_ "embed" // the form of the manifest
	"errors"
	"fmt"
	"strings"
	"text/template"

	"gopkg.in/yaml.v3"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"schoolbel/adapters"
)

// Plug puts Matrix in the socket.
var Plug = adapters.Plug{
	Name: Name,
	New: func(section yaml.Node, kit adapters.Kit) (adapters.Adapter, error) {
		m, err := New(section, kit)
		if err != nil {
			return nil, err // a nil *Matrix in the interface would not be nil
		}
		return m, nil
	},
	Ready:    func(a adapters.Adapter) error { return a.(*Matrix).ready() },
	Check:    check,
	Manifest: manifest,
}

// check logs in, looks at each place of the school file, and logs out again.
func check(ctx context.Context, section yaml.Node, kit adapters.Kit) []error {
	m, err := New(section, kit)
	if err != nil {
		return []error{err}
	}
	api, err := m.client()
	if err != nil {
		return []error{err}
	}
	// A device of its own: the one that listens must not be thrown out.
	m.kit.Memory = nil
	if err := m.login(ctx, api, 1); err != nil {
		return []error{err}
	}
	if m.cfg.Password.hidden != nil {
		defer func() { _, _ = api.Logout(context.WithoutCancel(ctx)) }() // else it is one session more in a list
	}
	var wrong []error
	if !canEncrypt || m.cfg.PickleKey.hidden == nil {
		wrong = append(wrong, fmt.Errorf("pickle_key: encrypted rooms will not work: %s", whyPlain(m.cfg)))
	}
	for _, place := range kit.Places {
		if err := m.look(ctx, api, place); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", place, err))
		}
	}
	return wrong
}

// look tells what is wrong with a place.
func (m *Matrix) look(ctx context.Context, api *mautrix.Client, place adapters.Place) error {
	at := place.Channel
	switch {
	case strings.HasPrefix(at, "@"):
		if _, err := api.GetProfile(ctx, id.UserID(at)); err != nil {
			return fmt.Errorf("the homeserver knows nobody by this name: %w", err)
		}
		return nil
	case strings.HasPrefix(at, "#"):
		there, err := api.ResolveAlias(ctx, id.RoomAlias(at))
		if err != nil {
			return fmt.Errorf("this address leads nowhere: %w; use the room's own id (it begins with !)", err)
		}
		return fmt.Errorf("is an address, which may change; write the room's own id: matrix:%s", there.RoomID)
	case !strings.HasPrefix(at, "!"):
		return errors.New("is no room; copy its id (it begins with !) from the room's settings, under Advanced")
	}
	rooms, err := api.JoinedRooms(ctx)
	if err != nil {
		return fmt.Errorf("ask which rooms we are in: %w", err)
	}
	in := false
	for _, room := range rooms.JoinedRooms {
		in = in || string(room) == at
	}
	if !in {
		return fmt.Errorf("the bot is not in this room; invite %s there while schoolbel runs", m.cfg.User)
	}
	var closed event.EncryptionEventContent
	err = api.StateEvent(ctx, id.RoomID(at), event.StateEncryption, "", &closed)
	switch {
	case errors.Is(err, mautrix.MNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("ask whether the room is encrypted: %w", err)
	case !canEncrypt || m.cfg.PickleKey.hidden == nil:
		return fmt.Errorf("the room is encrypted: %s", whyPlain(m.cfg))
	case closed.Algorithm != id.AlgorithmMegolmV1:
		return fmt.Errorf("the room is encrypted in a way that is not known here: %s", closed.Algorithm)
	}
	return nil
}

//go:embed manifest.txt
var paper string

// manifest tells the administrator of a homeserver what to do. It is no application
// service: with one account, listening as any client does needs no open door here,
// and loses nothing.
func manifest(section yaml.Node, _ adapters.Kit) (string, error) {
	fill := struct{ User, Local, Server, Homeserver string }{"@schoolbel:matrix.example", "schoolbel", "matrix.example", "https://matrix.example"}
	var given settings
	if !section.IsZero() {
		if err := section.Decode(&given); err != nil {
			return "", fmt.Errorf("read the section: %w", err)
		}
	}
	if local, server, err := id.UserID(given.User).Parse(); err == nil {
		fill.User, fill.Local, fill.Server = given.User, local, server
		fill.Homeserver = "https://" + server
	}
	if strings.HasPrefix(given.Homeserver, "http") {
		fill.Homeserver = given.Homeserver
	}
	t, err := template.New("manifest").Parse(paper)
	if err != nil {
		return "", fmt.Errorf("read the manifest's form: %w", err)
	}
	var text strings.Builder
	if err := t.Execute(&text, fill); err != nil {
		return "", fmt.Errorf("write the manifest: %w", err)
	}
	return text.String(), nil
}
