package main

import (
	"bufio"
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "schoolbel"

// arrows says which rooms a room may lean on (docs/adr and ARCHITECTURE.md tell
// why). A room is a folder; "x/*" is every folder below x. What is not listed is
// forbidden. Tests may lean on whatever they need: only the house itself counts.
var arrows = []struct {
	room string
	may  []string
}{
	{".", []string{"*"}}, // the front door hangs everything together
	{"adapters", nil},
	{"adapters/adaptertest", []string{"adapters"}},
	{"adapters/all", []string{"adapters", "adapters/*"}},
	{"adapters/web", []string{"adapters", "workflows", "bot/lang"}},
	{"adapters/hooks", []string{"adapters", "workflows", "bot/lang"}},
	{"adapters/link", []string{"adapters", "bot/lang"}},
	{"adapters/slack/slackfake", nil},
	{"adapters/mail/mailfake", nil},
	{"adapters/teams/teamsfake", nil},
	{"adapters/matrix/matrixtest", nil},
	{"adapters/console/consoletest", nil},
	{"adapters/*", []string{"adapters"}},
	{"bot", []string{"adapters", "workflows", "workflows/school", "bot/lang", "bot/understand", "bot/outside"}},
	{"bot/outside", []string{"bot/understand", "workflows", "workflows/school"}}, // ADR 8
	{"bot/lang", nil},
	{"bot/understand", []string{"workflows", "workflows/school"}},
	{"workflows", nil},
	{"workflows/all", []string{"workflows", "workflows/*"}},
	{"workflows/*", []string{"workflows"}},
	{"store/storetest", nil},
	{"store", []string{"workflows"}},
	{"config", []string{"workflows", "workflows/school"}},
}

// only says which libraries may stand in one room alone.
var only = []struct{ library, room, why string }{
	{"gorm.io/", "store", "the store alone knows the database"},
	{"github.com/glebarez/", "store", "the store alone knows the database"},
	{"github.com/jackc/pgx", "store", "the store alone knows the database"},
	{"database/sql", "store", "the store alone knows the database; it hands a corner to who needs one"},
	{"github.com/riverqueue/", "store", "the store alone knows the queue"},
	{"github.com/slack-go/", "adapters/slack", "platform facts stay in the platform's folder"},
	{"github.com/emersion/", "adapters/mail", "platform facts stay in the platform's folder"},
	{"maunium.net/go/mautrix", "adapters/matrix", "platform facts stay in the platform's folder"},
	{"github.com/infracloudio/msbotbuilder-go", "adapters/teams", "platform facts stay in the platform's folder"},
}

// corner lists who may hold a connection that the store hands out (ADR 11): a
// library that brings tables of its own wants no less.
var corner = map[string][]string{"database/sql": {"adapters", "adapters/matrix"}}

// source is one Go file of the house, as the checks see it.
type source struct {
	room    string
	name    string
	imports []string
	lines   int
	doc     bool
}

func TestArrows(t *testing.T) {
	for _, wrong := range crossings(house(t, os.DirFS("."))) {
		t.Error(wrong)
	}
}

// TestArrowsAreKept shows that the check can fail: each of these arrows is one
// that somebody in a hurry would draw.
func TestArrowsAreKept(t *testing.T) {
	for room, library := range map[string]string{
		"workflows":          "schoolbel/store",
		"workflows/incident": "schoolbel/bot",
		"adapters/slack":     "schoolbel/workflows",
		"bot":                "schoolbel/store",
		"store":              "schoolbel/bot",
		"adapters/web":       "schoolbel/store",
		"workflows/task":     "schoolbel/workflows/incident",
		"bot/lang":           "gorm.io/gorm",
		"adapters/teams":     "database/sql",
		"bot/outside":        "schoolbel/config",
		"adapters/link":      "schoolbel/workflows",
		"adapters/matrix":    "github.com/emersion/go-smtp",
		"bot/understand":     "schoolbel/bot/outside",
		"adapters/console":   "github.com/slack-go/slack",
		"main2":              "schoolbel/config",
	} {
		if len(crossings([]source{{room: room, name: "x.go", imports: []string{library}}})) == 0 {
			t.Errorf("an arrow from %s to %s was not noticed", room, library)
		}
	}
}

func TestFilesAreShort(t *testing.T) {
	for _, s := range house(t, os.DirFS(".")) {
		if s.lines > 400 {
			t.Errorf("%s has %d lines; 400 is the most a reader should be asked to hold", path.Join(s.room, s.name), s.lines)
		}
	}
}

func TestEveryRoomHasOneDoorPlate(t *testing.T) {
	plates := map[string]int{}
	for _, s := range house(t, os.DirFS(".")) {
		plates[s.room] += map[bool]int{true: 1}[s.doc]
	}
	for room, n := range plates {
		if n != 1 {
			t.Errorf("%s has %d package comments, want one", room, n)
		}
	}
}

// The engine is what runs when a command comes: not the types, and not what only
// looks at tables (check.go, mermaid.go). Lines of code count, not the reasons.
func TestTheEngineStaysSmall(t *testing.T) {
	total := 0
	for _, name := range []string{"engine.go", "permit.go", "args.go", "clocks.go", "common.go", "diff.go"} {
		text, err := os.ReadFile("workflows/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
				total++
			}
		}
	}
	if total > 800 {
		t.Errorf("the engine has %d lines of code; when it grows past 800, a process should write plain code instead", total)
	}
}

func TestTopLevelHoldsOnlyWhatWasAgreed(t *testing.T) {
	agreed := []string{
		"adapters", "bot", "config", "docs", "store", "workflows", ".ci", ".git", ".github",
	}
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && !slices.Contains(agreed, e.Name()) && !ignored(e.Name()) {
			t.Errorf("folder %s stands at the top level; put it in one of the rooms", e.Name())
		}
	}
}

// crossings lists the imports that no arrow allows.
func crossings(sources []source) []string {
	var wrong []string
	for _, s := range sources {
		for _, imported := range s.imports {
			if room, ours := strings.CutPrefix(imported, module+"/"); ours {
				if !allowed(s.room, room) {
					wrong = append(wrong, fmt.Sprintf("%s/%s: %s may not lean on %s", s.room, s.name, s.room, room))
				}
				continue
			}
			for _, o := range only {
				at := s.room == o.room || strings.HasPrefix(s.room, o.room+"/") || slices.Contains(corner[imported], s.room)
				if strings.HasPrefix(imported, o.library) && !at {
					wrong = append(wrong, fmt.Sprintf("%s/%s: %s belongs in %s: %s", s.room, s.name, imported, o.room, o.why))
				}
			}
		}
	}
	return wrong
}

// allowed tells whether an arrow from one room to another is on the list; the
// first line that names the room counts.
func allowed(from, to string) bool {
	for _, a := range arrows {
		if fits(a.room, from) {
			return slices.ContainsFunc(a.may, func(room string) bool { return fits(room, to) })
		}
	}
	return false
}

func fits(pattern, room string) bool {
	if prefix, below := strings.CutSuffix(pattern, "*"); below {
		return strings.HasPrefix(room, prefix)
	}
	return pattern == room
}

// house reads every Go file that is not a test. It reads the files itself, so
// that Go's test cache sees each change.
func house(t *testing.T, files fs.FS) []source {
	t.Helper()
	var found []source
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || ignored(entry.Name())):
			return fs.SkipDir
		case entry.IsDir() || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		s, err := read(files, name)
		found = append(found, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatal("no Go file found: the check looks in the wrong place")
	}
	return found
}

func ignored(folder string) bool {
	return folder == "node_modules" || folder == "dist" || folder == ".tools" || (strings.HasPrefix(folder, ".") && folder != "." && folder != ".ci")
}

func read(files fs.FS, name string) (source, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return source{}, err
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return source{}, err
	}
	s := source{room: path.Dir(name), name: path.Base(name), doc: plate(parsed)}
	for _, i := range parsed.Imports {
		library, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return source{}, err
		}
		s.imports = append(s.imports, library)
	}
	for scan := bufio.NewScanner(bytes.NewReader(text)); scan.Scan(); {
		s.lines++
	}
	return s, nil
}

func plate(f *ast.File) bool { return f.Doc != nil && strings.TrimSpace(f.Doc.Text()) != "" }
