package all

import (
	"os"
	"testing"

	"schoolbel/workflows/workflowstest"
)

func TestSharedTexts(t *testing.T) {
	workflowstest.ExamTexts(t, os.DirFS("../.."), Processes()...)
}
