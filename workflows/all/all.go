// Package all lists the processes: one line each.
package all

import (
	"schoolbel/workflows"
	"schoolbel/workflows/change"
	"schoolbel/workflows/incident"
	"schoolbel/workflows/task"
)

// Processes are all kinds of records that schoolbel follows.
func Processes() []workflows.Process {
	return []workflows.Process{
		incident.Process,
		change.Process,
		task.Process,
	}
}
