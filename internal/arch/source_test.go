package arch_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// root is the top of the repository, seen from this package.
const root = "../.."

// maxLines is the longest that a file of source may be: a file that grows past it holds two things.
const maxLines = 600

// skipped are folders whose files nobody here has written, or that are inputs of tests.
var skipped = []string{"node_modules", "testdata", "bin", "out", "data"}

var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

// walk calls visit with the path below root and the content of each file whose name ends in one of the extensions.
// It leaves out generated files, and fails when it has seen none.
func walk(t *testing.T, visit func(path string, content []byte), extensions ...string) {
	t.Helper()
	seen := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if slices.Contains(skipped, name) || len(name) > 1 && name[0] == '.' && name != ".." || strings.HasSuffix(path, "web/assets") {
				return filepath.SkipDir
			}
			return nil
		}
		if !slices.Contains(extensions, filepath.Ext(name)) {
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !generated.Match(content) {
			seen++
			visit(strings.TrimPrefix(filepath.ToSlash(path), root+"/"), content)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen == 0 {
		t.Fatalf("saw no file that ends in %v", extensions)
	}
}

func TestFilesAreShort(t *testing.T) {
	walk(t, func(path string, content []byte) {
		if n := bytes.Count(content, []byte("\n")); n > maxLines {
			t.Errorf("%s has %d lines: divide it, %d is the limit", path, n, maxLines)
		}
	}, ".go", ".templ", ".mjs", ".ts", ".css", ".scss")
}

// unfinished is spelt so that this file does not find itself.
var unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X|HA` + `CK)\b|(?i)not (yet )?imple` + `mented`)

func TestNothingIsLeftUnfinished(t *testing.T) {
	walk(t, func(path string, content []byte) {
		for i, line := range bytes.Split(content, []byte("\n")) {
			if mark := unfinished.Find(line); mark != nil {
				t.Errorf("%s:%d: %q: finish it, or open an issue", path, i+1, mark)
			}
		}
	}, ".go", ".templ", ".mjs", ".ts", ".css", ".scss", ".yaml", ".md")
}

// nameless are package names that say nothing about what is inside, so that everything ends up there.
var nameless = []string{"util", "utils", "common", "helper", "helpers", "misc", "shared", "base", "lib", "types", "models", "interfaces", "constants"}

func TestPackages(t *testing.T) {
	for _, p := range list(t) {
		path := strings.TrimPrefix(p.ImportPath, module)
		if slices.Contains(nameless, p.Name) {
			t.Errorf("%s: the name %q does not say what the package is for", path, p.Name)
		}
		if len(p.GoFiles) == 0 {
			t.Errorf("%s: only tests; give it a doc.go that says what they keep", path)
			continue
		}
		documented := 0
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.PackageClauseOnly)
			if err != nil {
				t.Errorf("%s: %v", path, err)
			} else if file.Doc != nil && !ast.IsGenerated(file) {
				documented++
			}
		}
		if documented != 1 {
			t.Errorf("%s has %d package comments; it needs exactly one, which reads like the first page of its manual", path, documented)
		}
	}
}

// TestShapeOfSlices keeps all rooms of one shape: what is wired (module.go) has a doc and one door (service.go).
func TestShapeOfSlices(t *testing.T) {
	for _, p := range list(t) {
		room, isSlice := strings.CutPrefix(p.ImportPath, module+"internal/slice/")
		if !isSlice || strings.Contains(room, "/") || !slices.Contains(p.GoFiles, "module.go") {
			continue
		}
		for _, name := range []string{"doc.go", "service.go"} {
			if !slices.Contains(p.GoFiles, name) {
				t.Errorf("internal/slice/%s has no %s: all rooms are of one shape", room, name)
			}
		}
	}
}

// wallClock are the functions of package time that read the machine's clock. Timers are not among them: a poller must wait somehow,
// and testing/synctest moves them.
var wallClock = []string{"Now", "Since", "Until"}

func TestNothingInsideTakesTheTime(t *testing.T) {
	eachGoFile(t, func(path string, file *ast.File) {
		if !strings.HasPrefix(path, "internal/") || strings.HasSuffix(path, "_test.go") {
			return
		}
		for _, name := range clockCalls(file) {
			t.Errorf("%s: time.%s: take the clock as an argument, so that a test can stand at any day of any year", path, name)
		}
	})
}

// clockCalls names the functions of the wall clock that file mentions, whatever name it has given package time.
func clockCalls(file *ast.File) []string {
	local := ""
	for _, spec := range file.Imports {
		if path, err := strconv.Unquote(spec.Path.Value); err == nil && path == "time" {
			local = "time"
			if spec.Name != nil {
				local = spec.Name.Name
			}
		}
	}
	var found []string
	ast.Inspect(file, func(node ast.Node) bool {
		if name := selected(node, local, wallClock...); name != "" {
			found = append(found, name)
		}
		return true
	})
	return found
}

func TestClockCallsAreSeen(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nimport t \"time\"\nvar a, b = t.Now, t.UTC", 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := clockCalls(file); !slices.Equal(got, []string{"Now"}) {
		t.Errorf("got %v, want [Now]", got)
	}
}

func TestNothingIsWiredByInit(t *testing.T) {
	eachGoFile(t, func(path string, file *ast.File) {
		for _, declaration := range file.Decls {
			if function, ok := declaration.(*ast.FuncDecl); ok && function.Recv == nil && function.Name.Name == "init" {
				t.Errorf("%s has an init function: pass values instead", path)
			}
		}
	})
}

func TestNoTestIsSkipped(t *testing.T) {
	eachGoFile(t, func(path string, file *ast.File) {
		for _, call := range skips(file) {
			t.Errorf("%s: %s: a test that does not run keeps nothing; let it fail and say what is missing", path, call)
		}
	})
}

// skips lists the calls that skip a test. A property (rapid) and a fuzz target may discard a drawn input: that is no skipped test.
func skips(file *ast.File) []string {
	var found []string
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.FuncLit:
			for _, parameter := range node.Type.Params.List {
				if pointer, ok := parameter.Type.(*ast.StarExpr); ok && selected(pointer.X, "rapid", "T") != "" {
					return false
				}
			}
		case *ast.CallExpr:
			if selected(node.Fun, "f", "Fuzz") != "" {
				return false
			}
			for _, receiver := range []string{"t", "b", "f", "tb"} {
				if name := selected(node.Fun, receiver, "Skip", "Skipf", "SkipNow"); name != "" {
					found = append(found, receiver+"."+name)
				}
			}
		}
		return true
	})
	return found
}

// selected returns the name if node is from.name for one of the names, and nothing otherwise.
func selected(node ast.Node, from string, names ...string) string {
	selector, ok := node.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if left, ok := selector.X.(*ast.Ident); !ok || left.Name != from || !slices.Contains(names, selector.Sel.Name) {
		return ""
	}
	return selector.Sel.Name
}

func TestSkipsAreSeen(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "testdata/skips.go.txt", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := skips(file), []string{"t.Skip", "b.SkipNow"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// eachGoFile parses every Go file that was written by hand.
func eachGoFile(t *testing.T, visit func(path string, file *ast.File)) {
	t.Helper()
	walk(t, func(path string, content []byte) {
		file, err := parser.ParseFile(token.NewFileSet(), path, content, parser.SkipObjectResolution)
		if err != nil {
			t.Error(err)
			return
		}
		visit(path, file)
	}, ".go")
}
