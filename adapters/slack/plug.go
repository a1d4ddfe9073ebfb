package slack

import (
	"context"
	_ "embed" // the form of the manifest
	"fmt"
	"slices"
	"strings"
	"text/template"

	"github.com/slack-go/slack"
	"gopkg.in/yaml.v3"

	"schoolbel/adapters"
)

// Plug puts Slack in the socket.
var Plug = adapters.Plug{
	Name: Name,
	New: func(section yaml.Node, kit adapters.Kit) (adapters.Adapter, error) {
		s, err := New(section, kit)
		if err != nil {
			return nil, err // a nil *Slack in the interface would not be nil
		}
		return s, nil
	},
	Ready:    func(a adapters.Adapter) error { return a.(*Slack).ready() },
	Check:    check,
	Manifest: manifest,
}

// scope is a right, and what does not work without it.
type scope struct{ Name, Without string }

// scopes are all that is asked of the school's administrator.
var scopes = []scope{
	{"app_mentions:read", "people cannot address the bot by name"},
	{"channels:history", "the bot does not hear reports in rooms, nor find out whether a message arrived"},
	{"channels:manage", "the bot cannot make a room for a crisis"},
	{"channels:read", "nobody is told which rooms of the school file are wrong"},
	{"chat:write", "the bot cannot say anything"},
	{"commands", "slash commands and shortcuts do not work"},
	{"groups:history", "the bot does not hear reports in private rooms"},
	{"groups:read", "nobody is told which private rooms of the school file are wrong"},
	{"im:history", "the bot does not hear direct messages"},
	{"im:write", "the bot cannot write to a person first"},
	{"users:read", "the bot does not know people's names and language"},
	{"users:read.email", "the bot does not recognise people by their e-mail address"},
}

// check tries the tokens against Slack and names each scope that is missing.
func check(ctx context.Context, section yaml.Node, kit adapters.Kit) []error {
	s, err := New(section, kit)
	if err != nil {
		return []error{err}
	}
	var wrong []error
	answer, err := s.api.AuthTestContext(ctx)
	switch {
	case err != nil:
		wrong = append(wrong, fmt.Errorf("bot_token: Slack refuses it: %w; install the app again and copy the new token", err))
	default:
		for _, place := range kit.Places {
			if err := s.checkPlace(ctx, place); err != nil {
				wrong = append(wrong, err)
			}
		}
		granted := strings.FieldsFunc(answer.Header.Get("X-OAuth-Scopes"), func(r rune) bool { return r == ',' || r == ' ' })
		for _, scope := range scopes {
			if !slices.Contains(granted, scope.Name) {
				wrong = append(wrong, fmt.Errorf("bot_token: the scope %s is missing: %s; add it and install the app again", scope.Name, scope.Without))
			}
		}
	}
	if s.cfg.AppToken != "" {
		if _, _, err := s.api.StartSocketModeContext(ctx); err != nil {
			wrong = append(wrong, fmt.Errorf("app_token: Slack opens no Socket Mode connection: %w; switch Socket Mode on and give the token the scope connections:write", err))
		}
	}
	return wrong
}

// checkPlace tells what is wrong with a room of the school file, and how to mend it.
func (s *Slack) checkPlace(ctx context.Context, place adapters.Place) error {
	if person(place.Channel) {
		return fmt.Errorf("%s is a person and no room: take the id of a channel (open it in Slack, click its name; the id stands at the bottom)", place)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	room, err := s.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: place.Channel})
	switch {
	case is(err, "channel_not_found"):
		return fmt.Errorf("%s: Slack shows the bot no such room: take the id of a channel (open it in Slack, click its name; the id stands at the bottom), and invite the bot if the channel is private", place)
	case is(err, "missing_scope"):
		return nil // which one is told by itself
	case err != nil:
		return fmt.Errorf("%s: Slack does not tell about this room: %w", place, err)
	case room.IsArchived:
		return fmt.Errorf("%s (#%s) was archived: bring it back in Slack, or put another room in the school file", place, room.Name)
	case !room.IsMember && !room.IsIM:
		return fmt.Errorf("%s (#%s): the bot is not in this room: type “/invite @schoolbel” there", place, room.Name)
	}
	return nil
}

//go:embed manifest.yaml
var paper string

// manifest fills in the form that the administrator pastes into Slack. It is
// written out by hand, not made from slack-go's type, so that each line can be
// read and "false" stays standing where Slack would take silence for "true".
func manifest(section yaml.Node, kit adapters.Kit) (string, error) {
	t, err := template.New("manifest").Parse(paper)
	if err != nil {
		return "", fmt.Errorf("read the manifest's form: %w", err)
	}
	base := strings.TrimSuffix(kit.PublicURL, "/")
	fill := struct {
		ReportMessage, Report          string
		Commands, Events, Interactions string
		Scopes                         []scope
		SocketMode                     bool
	}{
		ReportMessage: reportMessage, Report: report, Scopes: scopes,
		// Slack calls no address that is not https: then only Socket Mode works.
		SocketMode: !strings.HasPrefix(base, "https://") || has(section, "app_token"),
	}
	if !fill.SocketMode {
		fill.Commands, fill.Events, fill.Interactions = base+commandsRoute, base+eventsRoute, base+interactionsRoute
	}
	var text strings.Builder
	if err := t.Execute(&text, fill); err != nil {
		return "", fmt.Errorf("write the manifest: %w", err)
	}
	return text.String(), nil
}

// has tells whether a section gives a key, whatever its value.
func has(section yaml.Node, key string) bool {
	for i := 0; section.Kind == yaml.MappingNode && i+1 < len(section.Content); i += 2 {
		if section.Content[i].Value == key {
			return true
		}
	}
	return false
}
