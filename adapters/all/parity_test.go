package all

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"schoolbel/adapters/adaptertest"
)

const page = "../../docs/parity.md"

const preface = `# What works where

Made by the exam that every chat adapter sits (` + "`adapters/adaptertest`" + `); ` + "`make golden`" + ` writes it anew. "Yes" is a part of the exam
that was passed against that platform, or a faithful stand-in of it. Where a platform lacks something, the equal way stands there.

`

// TestParity fails when docs/parity.md is not what the exams say, or when a chat
// adapter sat none.
func TestParity(t *testing.T) {
	table := map[string]map[adaptertest.Power]string{}
	var names []string
	for _, plug := range Plugs {
		file, err := os.ReadFile(filepath.Join("..", plug.Name, adaptertest.File))
		if err != nil {
			t.Errorf("%s sat no exam: %v", plug.Name, err)
			continue
		}
		names = append(names, plug.Name)
		table[plug.Name] = map[adaptertest.Power]string{}
		for line := range strings.Lines(string(file)) {
			power, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
			verdict, way, _ := strings.Cut(rest, "\t")
			switch {
			case verdict == "yes" && way == "":
				way = "yes"
			case verdict == "yes":
				way = "yes: " + way
			case verdict != "other way" || way == "":
				t.Errorf("%s: %s is %q by way of %q", plug.Name, power, verdict, way)
			}
			table[plug.Name][adaptertest.Power(power)] = way
		}
	}
	var b strings.Builder
	b.WriteString(preface)
	fmt.Fprintf(&b, "| | %s |\n|---|%s\n", strings.Join(titles(names), " | "), strings.Repeat("---|", len(names)))
	for _, power := range adaptertest.Powers() {
		fmt.Fprintf(&b, "| %s |", power)
		for _, name := range names {
			way, sat := table[name][power]
			if !sat {
				t.Errorf("%s was not asked about %q: run its exam anew", name, power)
			}
			fmt.Fprintf(&b, " %s |", way)
		}
		b.WriteString("\n")
	}
	if *adaptertest.Update {
		if err := os.WriteFile(page, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if kept, err := os.ReadFile(page); err != nil || string(kept) != b.String() {
		t.Errorf("docs/parity.md is not what the exams say (%v): run make golden", err)
	}
}

func titles(names []string) []string {
	var out []string
	for _, n := range names {
		out = append(out, strings.ToUpper(n[:1])+n[1:])
	}
	return out
}
