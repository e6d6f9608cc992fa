package arch_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// partialIndex is an index over the rows alone in which its first column is set.
var partialIndex = regexp.MustCompile(`(?i)CREATE (?:UNIQUE )?INDEX \w+ ON (\w+) \((\w+)[^;]*\) WHERE (\w+) (?:>|<>) (?:0|'')`)

// wholeIndex is an index over all rows of a table.
var wholeIndex = regexp.MustCompile(`(?i)CREATE (?:UNIQUE )?INDEX \w+ ON (\w+) \((\w+)[^;)]*\);`)

// A condition such as case_id = $1 does not tell an engine that case_id is above zero, so it reads the whole table beside an index over the
// rows where it is. A statement that looks for such a column says so.
func TestPartialIndexesAreUsed(t *testing.T) {
	columns := map[string][]string{} // of the tables, those that begin a partial index
	leaders := map[string][]string{} // those that begin an index over all rows
	for path := range sources(t, ".sql") {
		text := read(t, path)
		for _, m := range partialIndex.FindAllStringSubmatch(text, -1) {
			if m[2] == m[3] {
				columns[m[1]] = append(columns[m[1]], m[2])
			}
		}
		for _, m := range wholeIndex.FindAllStringSubmatch(text, -1) {
			leaders[m[1]] = append(leaders[m[1]], m[2])
		}
	}
	if len(columns) == 0 {
		t.Fatal("no partial index was found")
	}
	looks := 0
	for path := range sources(t, ".go") {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(lit.Value)
			if err != nil {
				return true
			}
			for _, fault := range unused(columns, leaders, text, &looks) {
				t.Errorf("%s: %s", path, fault)
			}
			return true
		})
	}
	if looks == 0 {
		t.Error("no statement looks for such a column: this test sees nothing")
	}
}

// unused names the columns by which a statement looks into a partial index without saying that they are set.
func unused(columns, leaders map[string][]string, text string, looks *int) (faults []string) {
	for table, list := range columns {
		if !strings.Contains(text, table) {
			continue
		}
		at := regexp.MustCompile(`\b(?:FROM|UPDATE) ` + table + `\b`).FindStringIndex(text)
		if at == nil {
			continue
		}
		_, where, _ := strings.Cut(text[at[1]:], "WHERE")
		for _, column := range list {
			if !regexp.MustCompile(`\b` + column + ` = \$\d`).MatchString(where) {
				continue
			}
			*looks++
			if !regexp.MustCompile(`\b`+column+` (?:>|<>) (?:0|'')`).MatchString(where) && !given(where, append(leaders[table], "id")) {
				faults = append(faults, "looks for "+column+" of "+table+" without saying that it is set, and reads the whole table")
			}
		}
	}
	return faults
}

// given reports whether a condition names one of the columns, by which an index over all rows leads to what is looked for.
func given(where string, columns []string) bool {
	for _, column := range columns {
		if regexp.MustCompile(`(?:^|[^\w])` + column + ` = \$\d`).MatchString(where) {
			return true
		}
	}
	return false
}

func TestUnusedPartialIndexesAreSeen(t *testing.T) {
	columns, looks := map[string][]string{"part": {"case_id"}}, 0
	if got := unused(columns, nil, "UPDATE part SET body = $2 WHERE case_id = $1", &looks); len(got) != 1 {
		t.Errorf("saw %v", got)
	}
	if got := unused(columns, nil, "SELECT 1 FROM part WHERE case_id = $1 AND case_id > 0", &looks); len(got) != 0 || looks != 2 {
		t.Errorf("saw %v, %d looks", got, looks)
	}
}

// sources are the files of the product with an ending, without tests.
func sources(t *testing.T, ending string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git"):
			return fs.SkipDir
		case strings.HasSuffix(path, ending) && !strings.HasSuffix(path, "_test.go") && !strings.HasSuffix(path, "_templ.go"):
			found[path] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
