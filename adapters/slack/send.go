package slack

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"schoolbel/adapters"
)

const (
	// homePrefix begins the channel of a person's home page, "home:U0ANNA".
	// Sending there replaces what the page shows.
	homePrefix = "home:"
	// homeReceipt is the receipt of everything sent to a home page.
	homeReceipt adapters.Receipt = "home"
)

// Send posts a card. The channel may be a room, a person (then it is their
// direct room) or a home page.
func (s *Slack) Send(ctx context.Context, to adapters.Place, c adapters.Card) (adapters.Receipt, error) {
	if user, home := strings.CutPrefix(to.Channel, homePrefix); home {
		return s.publish(ctx, user, c)
	}
	channel, err := s.room(ctx, to.Channel)
	if err != nil {
		return "", err
	}
	if c.Private && c.To != "" && !direct(channel) {
		return s.whisper(ctx, channel, to.Thread, c)
	}
	_, ts, err := s.api.PostMessageContext(ctx, channel, options(render(c), to.Thread)...)
	if err != nil {
		return "", failure("chat.postMessage", err)
	}
	return adapters.Receipt(ts), nil
}

// whisper shows a card to one person in a room, or in their direct room when
// they or we are not in it.
func (s *Slack) whisper(ctx context.Context, channel, thread string, c adapters.Card) (adapters.Receipt, error) {
	ts, err := s.api.PostEphemeralContext(ctx, channel, c.To, options(render(c), thread)...)
	if err == nil {
		return adapters.Receipt(ts), nil
	}
	if !is(err, "user_not_in_channel", "not_in_channel", "channel_not_found", "is_archived") {
		return "", failure("chat.postEphemeral", err)
	}
	place, err := s.Direct(ctx, c.To)
	if err != nil {
		return "", err
	}
	return s.Send(ctx, place, c)
}

// Edit changes a message, or a home page. A message that only one person saw
// cannot be changed: Slack says that it is not there.
func (s *Slack) Edit(ctx context.Context, at adapters.Place, r adapters.Receipt, c adapters.Card) error {
	if user := strings.TrimPrefix(at.Channel, homePrefix); r == homeReceipt || user != at.Channel {
		_, err := s.publish(ctx, user, c)
		return err
	}
	channel, err := s.room(ctx, at.Channel)
	if err != nil {
		return err
	}
	_, _, _, err = s.api.UpdateMessageContext(ctx, channel, string(r), options(render(c), "")...)
	return failure("chat.update", err)
}

// options are a message as slack-go wants it.
func options(m message, thread string) []slack.MsgOption {
	o := []slack.MsgOption{
		slack.MsgOptionText(m.text, false),
		slack.MsgOptionDisableMarkdown(),
		slack.MsgOptionBlocks(m.blocks...),
		slack.MsgOptionMetadata(m.marks),
		slack.MsgOptionDisableLinkUnfurl(),
		slack.MsgOptionDisableMediaUnfurl(),
	}
	if thread != "" {
		o = append(o, slack.MsgOptionTS(thread))
	}
	return o
}

func (s *Slack) publish(ctx context.Context, user string, c adapters.Card) (adapters.Receipt, error) {
	if _, err := s.api.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: user, View: homepage(c)}); err != nil {
		return "", failure("views.publish", err)
	}
	return homeReceipt, nil
}

// OpenForm shows a form. The trigger lasts three seconds: after that it is Gone.
func (s *Slack) OpenForm(ctx context.Context, e adapters.Event, f adapters.Form) error {
	view, err := modal(e, f)
	if err != nil {
		return &adapters.Failure{Why: adapters.Refused, Err: err}
	}
	if e.Trigger == "" {
		return &adapters.Failure{Why: adapters.Gone, Err: fmt.Errorf("the event %s can open no form", e.ID)}
	}
	_, err = s.api.OpenViewContext(ctx, e.Trigger, view)
	return failure("views.open", err)
}

// MakeRoom makes a channel and lets people in. Where the name is taken it gets a
// number.
func (s *Slack) MakeRoom(ctx context.Context, name string, users []string) (adapters.Place, error) {
	name = roomName(name)
	made, err := s.api.CreateConversationContext(ctx, slack.CreateConversationParams{ChannelName: name})
	for n := 2; n < 10 && is(err, "name_taken"); n++ {
		made, err = s.api.CreateConversationContext(ctx, slack.CreateConversationParams{ChannelName: name + "-" + strconv.Itoa(n)})
	}
	if err != nil {
		return adapters.Place{}, failure("conversations.create", err)
	}
	place := adapters.Place{Adapter: Name, Channel: made.ID}
	if len(users) == 0 {
		return place, nil
	}
	if _, err := s.api.InviteUsersToConversationContext(ctx, made.ID, users...); err != nil && !is(err, "already_in_channel") {
		return place, failure("conversations.invite", err)
	}
	return place, nil
}

// roomName keeps what Slack allows in a name: lower case, digits, dashes, and at
// most 80 with a number behind it.
func roomName(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_':
			return r
		}
		return '-'
	}, strings.ToLower(line(s)))
	return strings.Trim(s[:min(len(s), 78)], "-")
}

// User looks somebody up.
func (s *Slack) User(ctx context.Context, id string) (adapters.User, error) {
	u, err := s.api.GetUserInfoContext(ctx, id)
	if err != nil {
		return adapters.User{}, failure("users.info", err)
	}
	language, _, _ := strings.Cut(u.Locale, "-")
	if language != "nl" && language != "en" {
		language = ""
	}
	s.locales.Store(id, language)
	name := u.RealName
	if name == "" {
		name = u.Name
	}
	return adapters.User{ID: u.ID, Name: name, Email: u.Profile.Email, Locale: language}, nil
}

// Direct is the room of the bot and one person.
func (s *Slack) Direct(ctx context.Context, user string) (adapters.Place, error) {
	channel, err := s.room(ctx, user)
	return adapters.Place{Adapter: Name, Channel: channel}, err
}

// room gives the channel: for a person it is their direct room, which Slack
// opens once and for all.
func (s *Slack) room(ctx context.Context, channel string) (string, error) {
	if !person(channel) {
		return channel, nil
	}
	if known, ok := s.rooms.Load(channel); ok {
		return known.(string), nil
	}
	opened, _, _, err := s.api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{channel}})
	if err != nil {
		return "", failure("conversations.open", err)
	}
	s.rooms.Store(channel, opened.ID)
	return opened.ID, nil
}

// Slack's ids begin with a letter that tells what they are.
func person(id string) bool { return strings.HasPrefix(id, "U") || strings.HasPrefix(id, "W") }
func direct(id string) bool { return strings.HasPrefix(id, "D") }

// Find looks for the mark of a delivery in what was said at a place since then.
func (s *Slack) Find(ctx context.Context, at adapters.Place, delivery string, since time.Time) (adapters.Receipt, bool, error) {
	if strings.HasPrefix(at.Channel, homePrefix) {
		return "", false, nil // a page may be published twice
	}
	channel, err := s.room(ctx, at.Channel)
	if err != nil {
		return "", false, err
	}
	// Clocks differ a little; one message too many to look at does no harm.
	oldest := strconv.FormatInt(since.Add(-time.Minute).Unix(), 10) + ".000000"
	for cursor := ""; ; {
		messages, next, err := s.page(ctx, channel, at.Thread, oldest, cursor)
		if err != nil {
			return "", false, err
		}
		for _, m := range messages {
			if m.Metadata.EventType == "schoolbel" && m.Metadata.EventPayload["delivery"] == delivery {
				return adapters.Receipt(m.Timestamp), true, nil
			}
		}
		if cursor = next; cursor == "" {
			return "", false, nil
		}
	}
}

// page reads some of a channel or a thread, and where to go on.
func (s *Slack) page(ctx context.Context, channel, thread, oldest, cursor string) ([]slack.Message, string, error) {
	if thread != "" {
		messages, _, next, err := s.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
			ChannelID: channel, Timestamp: thread, Oldest: oldest, Cursor: cursor, Limit: 200, IncludeAllMetadata: true,
		})
		return messages, next, failure("conversations.replies", err)
	}
	history, err := s.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
		ChannelID: channel, Oldest: oldest, Cursor: cursor, Limit: 200, IncludeAllMetadata: true,
	})
	if err != nil {
		return nil, "", failure("conversations.history", err)
	}
	return history.Messages, history.ResponseMetaData.NextCursor, nil
}
