// Package bot is the conversation: words and commands, cards, announcing,
// delivering. It knows platforms only by their socket and rules only by the engine.
package bot
