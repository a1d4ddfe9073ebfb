package slack

import "time"

// Hurry lets Socket Mode dial again without waiting.
func (s *Slack) Hurry() { s.pause = func(int) time.Duration { return 0 } }
