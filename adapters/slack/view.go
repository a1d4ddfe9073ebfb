package slack

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"schoolbel/adapters"
)

// What Slack takes at most in a form.
const (
	maxViewWord = 24 // title and buttons
	maxQuestion = 2000
	maxHint     = 2000
	maxOptions  = 100
	maxOption   = 75
	maxChoice   = 150
	maxName     = 255
	maxAnswer   = 3000
	maxMemory   = 3000
	maxCallback = 255
)

// formID is the callback of every form of ours.
const formID = "schoolbel"

// memory travels inside a form: what it is for and where it was opened. Slack
// hands it back as it is.
type memory struct {
	Command string `json:"command"`
	Channel string `json:"channel,omitempty"`
	Thread  string `json:"thread,omitempty"`
	Message string `json:"message,omitempty"`
}

// modal draws a form for the person who did e.
func modal(e adapters.Event, f adapters.Form) (slack.ModalViewRequest, error) {
	keep, err := json.Marshal(memory{Command: f.Command, Channel: e.Place.Channel, Thread: e.Place.Thread, Message: e.Message})
	if err != nil {
		return slack.ModalViewRequest{}, fmt.Errorf("write the form's memory: %w", err)
	}
	if length(string(keep)) > maxMemory {
		return slack.ModalViewRequest{}, fmt.Errorf("the form's command is too long for Slack: %d characters", length(f.Command))
	}
	v := slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: formID, PrivateMetadata: string(keep),
		Title: words(line(f.Title), maxViewWord),
	}
	if s := line(f.Submit); s != "" || len(f.Inputs) > 0 {
		v.Submit = words(orElse(s, "OK"), maxViewWord)
	}
	if s := line(f.Cancel); s != "" {
		v.Close = words(s, maxViewWord)
	}
	for _, piece := range pieces(clip(paragraphs(f.Text), maxText), maxSection) {
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, section(piece))
	}
	asked := map[string]bool{}
	for _, i := range f.Inputs {
		if i.Name == "" || length(i.Name) > maxName || asked[i.Name] || len(v.Blocks.BlockSet) == maxViewed {
			continue // Slack tells the answers apart by name alone
		}
		asked[i.Name] = true
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, question(i))
	}
	if len(v.Blocks.BlockSet) == 0 {
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, section("…"))
	}
	return v, nil
}

// question draws one input. The name stands in the block and in the element, so
// that the answer can be found by either.
func question(i adapters.Input) *slack.InputBlock {
	var element slack.BlockElement
	options := choices(i.Options)
	switch {
	case len(options) > 0:
		list := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, i.Name, options...)
		for _, o := range options {
			if o.Value == i.Value {
				list.InitialOption = o
			}
		}
		element = list
	case i.Time:
		when := slack.NewDateTimePickerBlockElement(i.Name)
		if t, err := time.Parse(time.RFC3339, i.Value); err == nil && t.Unix() >= 1e9 && t.Unix() < 1e10 {
			when.InitialDateTime = t.Unix() // ten digits is what Slack takes
		}
		element = when
	default:
		text := slack.NewPlainTextInputBlockElement(nil, i.Name)
		text.Multiline, text.MaxLength = i.Long, maxAnswer
		// Not escaped: Slack shows this in the field as it is, and hands it back so.
		text.InitialValue = short(paragraphs(i.Value), maxAnswer)
		element = text
	}
	var hint *slack.TextBlockObject
	if s := paragraphs(i.Hint); s != "" {
		hint = words(s, maxHint)
	}
	b := slack.NewInputBlock(i.Name, words(line(i.Label), maxQuestion), hint, element)
	b.Optional = i.Optional
	return b
}

// choices leaves out what Slack would refuse: half a value would mean something
// else.
func choices(list []adapters.Option) []*slack.OptionBlockObject {
	var options []*slack.OptionBlockObject
	for _, o := range list {
		if o.Value != "" && length(o.Value) <= maxChoice && len(options) < maxOptions {
			options = append(options, slack.NewOptionBlockObject(o.Value, words(line(o.Label), maxOption), nil))
		}
	}
	return options
}

// short keeps as much of s as Slack counts as size, as it is.
func short(s string, size int) string {
	used := 0
	for i, r := range s {
		if used += length(string(r)); used > size {
			return s[:i]
		}
	}
	return s
}

func orElse(s, other string) string {
	if strings.TrimSpace(s) == "" {
		return other
	}
	return s
}

// homepage draws a card as the bot's home.
func homepage(c adapters.Card) slack.HomeTabViewRequest {
	return slack.HomeTabViewRequest{
		Type: slack.VTHomeTab, CallbackID: cut(orElse(c.Ref, formID), maxCallback),
		Blocks: slack.Blocks{BlockSet: draw(c, maxViewed)},
	}
}
