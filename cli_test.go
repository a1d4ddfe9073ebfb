package main

import (
	"bufio"
	"encoding/json"
	"io"
	"testing"
	"time"
)

// Whoever types, or sends from another program, reads the answer to a line before
// there is a next one.
func TestUnderstandAnswersLineByLine(t *testing.T) {
	in, keys := io.Pipe()
	out, answers := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- Main(t.Context(), []string{"understand"}, Streams{In: in, Out: answers, Err: io.Discard})
	}()
	read := bufio.NewReader(out)
	for text, service := range map[string]string{"wifi ligt eruit, hele gang": "wifi", "magister doet het niet": "magister"} {
		if _, err := io.WriteString(keys, text+"\n"); err != nil {
			t.Fatal(err)
		}
		line := make(chan []byte, 1)
		go func() {
			text, _ := read.ReadBytes('\n')
			line <- text
		}()
		select {
		case got := <-line:
			var m struct{ Text, Service string }
			if err := json.Unmarshal(got, &m); err != nil || m.Text != text || m.Service != service {
				t.Errorf("it answered %s, %v", got, err)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("it waits for more before it answers")
		}
	}
	if err := keys.Close(); err != nil {
		t.Fatal(err)
	}
	if code := <-ended; code != 0 {
		t.Errorf("it ended with %d", code)
	}
}
