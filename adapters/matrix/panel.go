package matrix

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"schoolbel/adapters"
)

// panel is which emoji stands for which command under one card. An emoji that stood
// for a command keeps doing so as long as there are others: who reacts to what they
// just saw never does something else, though the card changed meanwhile.
type panel struct {
	Keys []key             `json:"keys"`           // every one there ever was, oldest first
	Open []string          `json:"open,omitempty"` // those that the card shows now, in order
	Put  map[string]string `json:"put,omitempty"`  // those that we put under it ourselves, with their event
	At   time.Time         `json:"at"`
}

// key is one emoji and its command.
type key struct {
	Sign    string `json:"sign"`
	Command string `json:"command"`
}

// Signs of a decision between two.
const (
	yes  = "✅"
	no   = "❌"
	open = "🔗" // opens a page
)

// numbers are the signs of everything else.
var numbers = func() []string {
	list := []string{"1️⃣", "2️⃣", "3️⃣", "4️⃣", "5️⃣", "6️⃣", "7️⃣", "8️⃣", "9️⃣", "🔟"}
	for r := '🇦'; r <= '🇿'; r++ {
		list = append(list, string(r))
	}
	return list
}()

// command is what an emoji stands for, "" when for nothing.
func (p panel) command(reaction string) string {
	for _, k := range slices.Backward(p.Keys) {
		if emoji(k.Sign) == emoji(reaction) {
			return k.Command
		}
	}
	return ""
}

// sign is what a card shows beside a button; false when there is no room for it.
func (p panel) sign(b adapters.Button) (string, bool) {
	if aim(b) != "" {
		return open, linked(b) != ""
	}
	for _, k := range slices.Backward(p.Keys) {
		if b.Command != "" && k.Command == b.Command && slices.Contains(p.Open, k.Sign) {
			return k.Sign, true
		}
	}
	return "", false
}

// deal gives each button of a card an emoji.
func (p panel) deal(c adapters.Card, now time.Time) panel {
	buttons := pressed(c)
	next := panel{Keys: slices.Clone(p.Keys), Put: p.Put, At: now}
	favourite := favourites(buttons, len(c.Sections) > 0)
	for i, b := range buttons {
		if _, dealt := next.sign(b); dealt {
			continue
		}
		sign := next.pick(b.Command, favourite[i])
		if sign == "" {
			break // the card says that there are more
		}
		next.Open = append(next.Open, sign)
	}
	return next
}

// pick finds the emoji of a command: the one it had, the one that fits it best, or the
// first that never stood for anything; when all did, the one that did so longest ago.
func (p *panel) pick(command, favourite string) string {
	for _, k := range slices.Backward(p.Keys) {
		if k.Command == command && !slices.Contains(p.Open, k.Sign) && p.command(k.Sign) == command {
			return k.Sign
		}
	}
	used := func(sign string) bool {
		return slices.ContainsFunc(p.Keys, func(k key) bool { return k.Sign == sign })
	}
	for _, sign := range append([]string{favourite}, numbers...) {
		if sign != "" && !used(sign) {
			p.Keys = append(p.Keys, key{sign, command})
			return sign
		}
	}
	for i, k := range p.Keys {
		if !slices.Contains(p.Open, k.Sign) {
			p.Keys = append(slices.Delete(p.Keys, i, i+1), key{k.Sign, command})
			return k.Sign
		}
	}
	return ""
}

// pressed are the buttons of a card that do something here.
func pressed(c adapters.Card) []adapters.Button {
	var list []adapters.Button
	add := func(buttons []adapters.Button) {
		for _, b := range buttons {
			if b.Command != "" && aim(b) == "" {
				list = append(list, b)
			}
		}
	}
	for _, s := range c.Sections {
		add(s.Buttons)
	}
	add(c.Buttons)
	return list
}

// favourites are the signs that suit: ✅ for the one thing to do, ✅ and ❌ for a yes
// and a no.
func favourites(buttons []adapters.Button, list bool) []string {
	signs := make([]string, len(buttons))
	switch {
	case list:
	case len(buttons) == 1 && !denies(buttons[0]):
		signs[0] = yes
	case len(buttons) == 2 && denies(buttons[1]) && !denies(buttons[0]):
		signs[0], signs[1] = yes, no
	}
	return signs
}

// denies tells whether a button says no.
func denies(b adapters.Button) bool {
	first, _, _ := strings.Cut(strings.ToLower(line1(b.Label)), " ")
	switch strings.Trim(first, ",.!") {
	case "nee", "niet", "no", "not", "afwijzen", "reject", "afkeuren":
		return true
	}
	return b.Style == adapters.Danger
}

// panelLasts is how long an emoji under a card that nobody changes keeps its meaning.
const panelLasts = 365 * 24 * time.Hour

// prune forgets what stood under cards of long ago.
func (m *Matrix) prune(ctx context.Context) error {
	if m.kit.Memory == nil {
		return nil
	}
	kept, err := m.kit.Memory.All(ctx, panelKey(""))
	if err != nil {
		return fmt.Errorf("recall the buttons: %w", err)
	}
	for key, value := range kept {
		var p panel
		if err := json.Unmarshal(value, &p); err != nil || m.now().Sub(p.At) > panelLasts {
			if err := m.remember(ctx, key, nil); err != nil {
				return fmt.Errorf("forget old buttons: %w", err)
			}
		}
	}
	return nil
}

func panelKey(delivery string) string { return "panel/" + delivery }

// panel recalls which emoji stands for what under a card.
func (m *Matrix) panel(ctx context.Context, delivery string) (panel, error) {
	var p panel
	kept, err := m.recall(ctx, panelKey(delivery))
	if err != nil || len(kept) == 0 {
		return p, err
	}
	if err := json.Unmarshal(kept, &p); err != nil {
		return p, fmt.Errorf("read the buttons of %s: %w", delivery, err)
	}
	return p, nil
}

func (m *Matrix) keepPanel(ctx context.Context, delivery string, p panel) error {
	value, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("write the buttons of %s: %w", delivery, err)
	}
	return m.remember(ctx, panelKey(delivery), value)
}
