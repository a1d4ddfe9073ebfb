package bot

import (
	"strings"
)

// evidence names the files that came with what was said, now or before a question
// of ours; the platform keeps what is in them.
func (c *call) evidence() string {
	list := c.files
	for _, f := range c.ev.Files {
		list = append(list[:len(list):len(list)], strings.TrimSpace(f.Name+" "+f.URL))
	}
	return strings.Join(list, "\n")
}

// gathered are the same as a list, for a conversation that goes on later.
func (c *call) gathered() []string {
	if all := c.evidence(); all != "" {
		return strings.Split(all, "\n")
	}
	return nil
}
