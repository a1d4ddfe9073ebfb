package config

import (
	"bytes"
	"context"
	"os"
	"time"

	"schoolbel/workflows/school"
)

// lookEvery is how often a file is looked at. Looking works on every file
// system, also on mounted volumes where notices of changes get lost.
const lookEvery = 2 * time.Second

// Watch reads the school file again whenever its text changes, until ctx ends.
// A file with mistakes goes to bad, once, and changes nothing.
func Watch(ctx context.Context, path string, good func(*school.School), bad func(error)) {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	watch(ctx, path, look.C, good, bad)
}

func watch(ctx context.Context, path string, look <-chan time.Time, good func(*school.School), bad func(error)) {
	last, _ := os.ReadFile(path) // a file that is gone is told at the first look
	for {
		select {
		case <-ctx.Done():
			return
		case <-look:
		}
		text, err := os.ReadFile(path)
		if err != nil {
			if last != nil {
				bad(err)
			}
			last = nil
			continue
		}
		if last != nil && bytes.Equal(text, last) {
			continue
		}
		last = text
		if s, err := ParseSchool(path, text); err != nil {
			bad(err)
		} else {
			good(s)
		}
	}
}
