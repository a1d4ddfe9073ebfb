package adaptertest

import "testing"

// What a platform lacks must have an equal way, or the exam fails.
func TestAnEqualWay(t *testing.T) {
	if way, err := otherWay(true, "by a link"); way != "" || err != nil {
		t.Errorf("what is there is had by %q, %v", way, err)
	}
	if way, err := otherWay(false, "by a link"); way != "by a link" || err != nil {
		t.Errorf("what is lacking is had by %q, %v", way, err)
	}
	if way, err := otherWay(false, ""); err == nil {
		t.Errorf("what is lacking is had by %q", way)
	}
}
