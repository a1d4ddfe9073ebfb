package workflows

import "time"

// Example is a message that was taken for one thing and is another, as an agent
// said: from these a school's own reader learns. It is kept only where the school
// file asks for it, and never of a sensitive record.
type Example struct {
	ID       string // of the event by which it was said
	Text     string // what the reporter wrote; "" once it was erased
	Taken    Kind   // what it was taken for
	Is       Kind   // what it is; "" is no report at all
	Service  string
	Location string
	By       string // the agent
	At       time.Time
}
