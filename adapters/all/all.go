// Package all lists every adapter that can be plugged in.
package all

import (
	"schoolbel/adapters"
	"schoolbel/adapters/console"
	"schoolbel/adapters/mail"
	"schoolbel/adapters/matrix"
	"schoolbel/adapters/slack"
	"schoolbel/adapters/teams"
)

// Plugs are the adapters, in the order in which people read about them.
var Plugs = []adapters.Plug{
	slack.Plug,
	teams.Plug,
	matrix.Plug,
	console.Plug,
	mail.Plug,
}
