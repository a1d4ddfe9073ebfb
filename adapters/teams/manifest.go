package teams

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"net/url"
	"strings"

	"gopkg.in/yaml.v3"

	"schoolbel/adapters"
)

// nobody stands in the manifest while there is no bot yet.
const nobody = "00000000-0000-0000-0000-000000000000"

// accent is the colour of the icon.
var accent = color.NRGBA{0x1f, 0x5f, 0xa8, 0xff}

type object = map[string]any

// manifest is what the administrator uploads, as JSON.
func manifest(section yaml.Node, kit adapters.Kit) (string, error) {
	id := keyOf(section, kit, "app_id")
	if id == "" {
		id = nobody
	}
	base := strings.TrimSuffix(kit.PublicURL, "/")
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		base, u = "https://schoolbel.example", &url.URL{Host: "schoolbel.example"} // Teams takes no address that is not https
	}
	paper := object{
		"$schema":         "https://developer.microsoft.com/json-schemas/teams/v1.19/MicrosoftTeams.schema.json",
		"manifestVersion": "1.19", "version": "1.0.0", "id": id,
		"name":        object{"short": "schoolbel", "full": "schoolbel: storingen en wijzigingen"},
		"description": object{"short": "Meld een storing of vraag een wijziging, gewoon in de chat.", "full": "Schoolbel maakt van een bericht een melding, vertelt iedereen hoe het ervoor staat en houdt het logboek bij. Typ wat er is, bijvoorbeeld: wifi ligt eruit, hele gang."},
		"developer":   object{"name": "schoolbel", "websiteUrl": base + "/status", "privacyUrl": base + "/status", "termsOfUseUrl": base + "/status"},
		"icons":       object{"color": "color.png", "outline": "outline.png"},
		"accentColor": fmt.Sprintf("#%02X%02X%02X", accent.R, accent.G, accent.B),
		"bots": []any{object{
			"botId": id, "scopes": []string{"personal", "team", "groupChat"}, "supportsFiles": true, "isNotificationOnly": false,
			"commandLists": []any{
				object{"scopes": []string{"personal"}, "commands": commands},
				object{"scopes": []string{"team", "groupChat"}, "commands": commands[:2]},
			},
		}},
		"composeExtensions": []any{object{"botId": id, "commands": []any{object{
			"id": "report", "type": "action", "title": "Meld als storing", "description": "Maak hier een melding van",
			"context": []string{"message", "compose", "commandBox"}, "fetchTask": true,
		}}}},
		"permissions":         []string{"identity", "messageTeamMembers"},
		"validDomains":        []string{u.Host},
		"webApplicationInfo":  object{"id": id, "resource": "https://RscBasedStoreApp"},
		"defaultInstallScope": "personal",
		// So that the bot hears a report that does not call it by name.
		"authorization": object{"permissions": object{"resourceSpecific": []any{
			object{"name": "ChannelMessage.Read.Group", "type": "Application"},
			object{"name": "ChatMessage.Read.Chat", "type": "Application"},
		}}},
	}
	var text bytes.Buffer
	pen := json.NewEncoder(&text)
	pen.SetEscapeHTML(false)
	pen.SetIndent("", "  ")
	if err := pen.Encode(paper); err != nil {
		return "", fmt.Errorf("write the manifest: %w", err)
	}
	return text.String(), nil
}

// commands are what Teams offers while somebody begins to type.
var commands = []any{
	object{"title": "hulp", "description": "Wat je kunt typen"},
	object{"title": "storing:", "description": "Meld een storing: zeg erachter wat er is"},
	object{"title": "wijziging:", "description": "Vraag een wijziging: zeg erachter wat je nodig hebt"},
	object{"title": "mijn meldingen", "description": "Hoe het met je meldingen staat"},
}

// keyOf reads one key of a section that may not be complete yet.
func keyOf(section yaml.Node, kit adapters.Kit, name string) string {
	for i := 0; section.Kind == yaml.MappingNode && i+1 < len(section.Content); i += 2 {
		if section.Content[i].Value != name {
			continue
		}
		value := section.Content[i+1].Value
		if kit.Expand != nil {
			if expanded, err := kit.Expand(value); err == nil {
				return strings.TrimSpace(expanded)
			}
		}
		return value
	}
	return ""
}

// pack is the app package: the manifest and its two pictures.
func pack(section yaml.Node, kit adapters.Kit) (map[string][]byte, error) {
	text, err := manifest(section, kit)
	if err != nil {
		return nil, err
	}
	full, err := icon(192, color.White, accent)
	if err != nil {
		return nil, err
	}
	outline, err := icon(32, color.White, color.Transparent)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{"manifest.json": []byte(text), "color.png": full, "outline.png": outline}, nil
}

// icon draws a bell. Each pixel is looked at in sixteen points, so that its edge is
// smooth.
func icon(size int, bell, ground color.Color) ([]byte, error) {
	const fine = 4
	picture := image.NewNRGBA(image.Rect(0, 0, size, size))
	front, back := color.NRGBAModel.Convert(bell).(color.NRGBA), color.NRGBAModel.Convert(ground).(color.NRGBA)
	for y := range size {
		for x := range size {
			hits := 0
			for n := range fine * fine {
				fx := (float64(x) + (float64(n%fine)+0.5)/fine) / float64(size)
				fy := (float64(y) + (float64(n/fine)+0.5)/fine) / float64(size)
				if inBell(fx, fy) {
					hits++
				}
			}
			picture.SetNRGBA(x, y, blend(front, back, float64(hits)/(fine*fine)))
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return nil, fmt.Errorf("draw the icon: %w", err)
	}
	return b.Bytes(), nil
}

// blend lays so much of one colour over another.
func blend(front, back color.NRGBA, much float64) color.NRGBA {
	if back.A == 0 {
		front.A = uint8(math.Round(255 * much))
		return front
	}
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a)*much + float64(b)*(1-much))) }
	return color.NRGBA{mix(front.R, back.R), mix(front.G, back.G), mix(front.B, back.B), 255}
}

// inBell tells whether a point, with both numbers from 0 to 1, is of the bell.
func inBell(x, y float64) bool {
	x = math.Abs(x - 0.5)
	switch {
	case y >= 0.18 && y < 0.42: // its head
		return math.Hypot(x, y-0.42) < 0.22 || x < 0.035
	case y >= 0.42 && y < 0.70: // it widens
		w := (y - 0.42) / 0.28
		return x < 0.22+0.10*w*w
	case y >= 0.70 && y < 0.76: // the rim
		return x < 0.35
	}
	return y >= 0.79 && math.Hypot(x, y-0.79) < 0.085 || y >= 0.13 && y < 0.18 && math.Hypot(x, y-0.17) < 0.045
}
