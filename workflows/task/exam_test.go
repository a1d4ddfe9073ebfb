package task_test

import (
	"testing"

	"schoolbel/workflows/task"
	"schoolbel/workflows/workflowstest"
)

func TestExam(t *testing.T) { workflowstest.Exam(t, task.Process) }
