package slack

import (
	"testing"
	"time"
)

func TestDiallingAgainTakesLongerAndLonger(t *testing.T) {
	if first := backoff(0); first != 0 {
		t.Errorf("the first time it waits %v", first)
	}
	last := time.Duration(0)
	for attempt := 1; attempt < 100; attempt++ {
		wait := backoff(attempt)
		if wait < last || wait < time.Second || wait > time.Minute {
			t.Errorf("attempt %d waits %v after %v", attempt, wait, last)
		}
		last = wait
	}
}
