// Package all lists every adapter that can be plugged in.
package all

import (
	"schoolbel/adapters"
	"schoolbel/adapters/console"
	"schoolbel/adapters/matrix"
	"schoolbel/adapters/slack"
)

// Plugs are the adapters, in the order in which people read about them.
var Plugs = []adapters.Plug{
	slack.Plug,
	matrix.Plug,
	console.Plug,
}
