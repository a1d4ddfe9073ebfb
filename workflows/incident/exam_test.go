package incident_test

import (
	"testing"

	"schoolbel/workflows/incident"
	"schoolbel/workflows/workflowstest"
)

func TestExam(t *testing.T) { workflowstest.Exam(t, incident.Process) }
