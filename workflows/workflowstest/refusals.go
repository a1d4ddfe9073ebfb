package workflowstest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// refusal is a text by which somebody is told no.
type refusal struct {
	where string
	args  int // how many fill it at least; -1 when the code does not tell
}

var refusalKey = regexp.MustCompile(`^error(\.[a-z_]+)+$`)

// refusals finds the keys of refusals that Go files name, tests left out.
func refusals(source fs.FS) (map[string]refusal, error) {
	found := map[string]refusal{}
	err := fs.WalkDir(source, ".", func(name string, entry fs.DirEntry, err error) error {
		switch base := path.Base(name); {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (strings.HasPrefix(base, ".") || base == "node_modules" || base == "testdata"):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		text, err := fs.ReadFile(source, name)
		if err != nil {
			return err
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, name, text, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			key, args := "", -1
			switch n := n.(type) {
			case *ast.CallExpr: // its arguments are seen before the key alone is
				if calls(n, "Refuse") && len(n.Args) > 2 && !n.Ellipsis.IsValid() {
					key, args = literal(n.Args[2]), len(n.Args)-3
				}
			case *ast.BasicLit:
				key = literal(n)
			}
			if !refusalKey.MatchString(key) {
				return true
			}
			if before, has := found[key]; !has || args >= 0 && (before.args < 0 || args < before.args) {
				found[key] = refusal{files.Position(n.Pos()).String(), args}
			}
			return true
		})
		return nil
	})
	return found, err
}

// refused tells which refusals of a folder have no text, or one that asks for
// more than the code gives.
func refused(source fs.FS, common book) []string {
	found, err := refusals(source)
	if err != nil {
		return []string{err.Error()}
	}
	var faults []string
	for _, key := range sorted(found) {
		r := found[key]
		if !common.has(key) {
			faults = append(faults, fmt.Sprintf("%s: %s has no text", r.where, key))
			continue
		}
		for _, h := range holes(common["nl"][key]) {
			if n, err := strconv.Atoi(strings.Trim(h, "{}")); r.args >= 0 && (err != nil || n >= r.args) {
				faults = append(faults, fmt.Sprintf("%s: %s wants %s and gets %d arguments", r.where, key, h, r.args))
			}
		}
	}
	return faults
}

func calls(c *ast.CallExpr, name string) bool {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name == name
	case *ast.SelectorExpr:
		return f.Sel.Name == name
	}
	return false
}

func literal(e ast.Expr) string {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(l.Value)
	if err != nil {
		return ""
	}
	return s
}
