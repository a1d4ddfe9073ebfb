package change_test

import (
	"testing"

	"schoolbel/workflows/change"
	"schoolbel/workflows/workflowstest"
)

func TestExam(t *testing.T) { workflowstest.Exam(t, change.Process) }
