package arch_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "openhall.org/openhall/"

// pkg is what `go list -json` says of a package.
type pkg struct {
	ImportPath, Dir, Name              string
	GoFiles, TestGoFiles, XTestGoFiles []string
	EmbedFiles                         []string
	Imports, TestImports, XTestImports []string
}

// layer gives each package of the platform its height; a package imports only what stands lower.
var layer = map[string]int{
	"store": 0,
	"file":  1, "job": 1, "law": 1, "registry": 1,
	"identity": 2,
	"casework": 3,
	"ledger":   4, "notify": 4, "document": 4,
	"publication": 5, "supervision": 5, "link": 5,
	"web": 6, "api": 6,
}

// zone is a part of the house: core, platform, slice, app, arch, data or cmd; room is the component in it ("casework", "power").
// An overview is the doc of a whole part and imports nothing.
type zone struct{ name, room string }

func zoneOf(path string) (zone, error) {
	parts := strings.Split(strings.TrimPrefix(path, module), "/")
	switch {
	case parts[0] == "cmd", parts[0] == "bench":
		return zone{"cmd", parts[0]}, nil
	case parts[0] == "rules", parts[0] == "procedures", parts[0] == "policies", parts[0] == "demo", parts[0] == "letters":
		return zone{"data", parts[0]}, nil
	case parts[0] != "internal" || len(parts) < 2:
		return zone{}, errors.New("stands in no part of the house")
	case parts[1] == "app", parts[1] == "arch":
		return zone{parts[1], parts[1]}, nil
	case len(parts) == 2 && (parts[1] == "core" || parts[1] == "platform" || parts[1] == "slice"):
		return zone{"overview", parts[1]}, nil
	case len(parts) == 2:
		return zone{}, errors.New("stands in no part of the house")
	case parts[1] == "platform":
		if _, ok := layer[parts[2]]; !ok {
			return zone{}, errors.New("has no place in the order of the platform")
		}
		return zone{"platform", parts[2]}, nil
	case parts[1] == "core", parts[1] == "slice":
		return zone{parts[1], parts[2]}, nil
	}
	return zone{}, errors.New("stands in no part of the house")
}

// mayImport lists the parts of the house that each part may import, besides itself. Tests may also read the data.
var mayImport = map[string][]string{
	"core":     {},
	"data":     {"core"},
	"platform": {"core", "data"},
	"app":      {"core", "data", "platform"},
	"slice":    {"core", "data", "platform", "app"},
	"cmd":      {"core", "data", "platform", "app", "slice"},
	"arch":     {},
	"overview": {},
}

// refuse says why from must not import to, or nothing when it may.
func refuse(from, to zone, test bool) string {
	switch {
	case from == to:
		return ""
	case to.name == "cmd":
		return "nothing imports cmd"
	case test && to.name == "data":
		return ""
	case from.name == "platform" && to.name == "platform":
		if layer[to.room] < layer[from.room] {
			return ""
		}
		return fmt.Sprintf("%s does not stand below %s in the platform: declare the interface you need, cmd/openhall wires it", to.room, from.room)
	case from.name == "slice" && to.name == "slice":
		return "rooms never import each other: declare what you need in ports.go, cmd/openhall wires it"
	case from.name == to.name, slices.Contains(mayImport[from.name], to.name):
		return ""
	}
	return fmt.Sprintf("%s must not import %s", from.name, to.name)
}

// pure are the libraries that the core may use: none of them does input or output.
var pure = []string{
	"github.com/cockroachdb/apd/v3", "go.yaml.in/yaml/v3", "github.com/gowebpki/jcs", "golang.org/x/mod/sumdb", "golang.org/x/text",
}

// impure are the parts of the standard library that would make the core depend on more than its arguments.
var impure = map[string]string{
	"net":          "the core does no input or output",
	"net/http":     "the core does no input or output",
	"os":           "the core reads no files: take an io.Reader or an fs.FS",
	"os/exec":      "the core starts no processes",
	"os/signal":    "the core hears no signals",
	"database/sql": "the core knows no database",
	"log":          "the core returns errors; its callers log",
	"log/slog":     "the core returns errors; its callers log",
	"math/rand":    "the core is deterministic: take what is random as an argument",
	"math/rand/v2": "the core is deterministic: take what is random as an argument",
	"crypto/rand":  "the core is deterministic: take an io.Reader",
	"unsafe":       "nothing in the core is worth it",
}

// forbidden may be imported by nobody.
var forbidden = map[string]string{
	"C":                           "the program is one file without C, for amd64, arm64 and loong64",
	"github.com/mattn/go-sqlite3": "needs C; modernc.org/sqlite does the same in Go",
	"github.com/pkg/errors":       "errors and fmt.Errorf with %w do the same",
	"gopkg.in/yaml.v2":            "go.yaml.in/yaml/v3 is the one that is kept up",
	"gopkg.in/yaml.v3":            "go.yaml.in/yaml/v3 is the one that is kept up",
	"math/rand":                   "math/rand/v2 is better seeded; crypto/rand is for what must not be guessed",
	"io/ioutil":                   "io and os have its functions",
}

func within(path, prefix string) bool { return path == prefix || strings.HasPrefix(path, prefix+"/") }

// refuseImport says why from must not import the package at path, or nothing when it may.
func refuseImport(from zone, path string, test bool) string {
	if reason, ok := forbidden[path]; ok {
		return reason
	}
	if strings.HasPrefix(path, module) {
		to, err := zoneOf(path)
		if err != nil {
			return err.Error()
		}
		return refuse(from, to, test)
	}
	if from.name != "core" || test {
		return ""
	}
	if reason, ok := impure[path]; ok {
		return reason
	}
	standard := !strings.Contains(strings.Split(path, "/")[0], ".")
	if standard || slices.ContainsFunc(pure, func(library string) bool { return within(path, library) }) {
		return ""
	}
	return "the core uses the standard library and a few pure libraries only"
}

// violations lists every import that breaks the dependency rule, as "from imports to: reason".
func violations(packages []pkg) []string {
	var found []string
	for _, p := range packages {
		from, err := zoneOf(p.ImportPath)
		if err != nil {
			found = append(found, p.ImportPath+": "+err.Error())
			continue
		}
		check := func(imports []string, test bool) {
			for _, path := range imports {
				if reason := refuseImport(from, path, test); reason != "" {
					found = append(found, fmt.Sprintf("%s imports %s: %s", p.ImportPath, path, reason))
				}
			}
		}
		check(p.Imports, false)
		check(p.TestImports, true)
		check(p.XTestImports, true)
	}
	return found
}

// list returns all packages of the module.
func list(t *testing.T) []pkg {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list", "-e", "-json", module+"...")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var packages []pkg
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("go list printed what is no JSON: %v", err)
		}
		packages = append(packages, p)
	}
	if !slices.ContainsFunc(packages, func(p pkg) bool { return p.ImportPath == module+"internal/core/lang" }) {
		t.Fatalf("go list saw %d packages, and internal/core/lang was not among them", len(packages))
	}
	return packages
}

func TestDependencyRule(t *testing.T) {
	for _, v := range violations(list(t)) {
		t.Error(v)
	}
}

// TestDependencyRuleBites gives the checker imports that must be refused, and some that must not.
func TestDependencyRuleBites(t *testing.T) {
	for _, test := range []struct {
		from, to string
		inTest   bool
		refused  bool
	}{
		{from: "internal/core/term", to: module + "internal/core/calendar"},
		{from: "internal/core/term", to: module + "internal/platform/store", refused: true},
		{from: "internal/core/term", to: module + "internal/platform/store", inTest: true, refused: true},
		{from: "internal/core/term", to: module + "rules", refused: true},
		{from: "internal/core/term", to: module + "rules", inTest: true},
		{from: "internal/core/term", to: "net/http", refused: true},
		{from: "internal/core/term", to: "strings"},
		{from: "internal/core/term", to: "pgregory.net/rapid", refused: true},
		{from: "internal/core/term", to: "pgregory.net/rapid", inTest: true},
		{from: "internal/core/feel", to: "github.com/cockroachdb/apd/v3"},
		{from: "internal/core/feel", to: "github.com/cockroachdb/apd/v3x", refused: true},
		{from: "internal/platform/casework", to: module + "internal/platform/store"},
		{from: "internal/platform/store", to: module + "internal/platform/casework", refused: true},
		{from: "internal/platform/file", to: module + "internal/platform/registry", refused: true},
		{from: "internal/platform/web", to: module + "internal/platform/web/flowchart"},
		{from: "internal/platform/web", to: module + "internal/slice/power", refused: true},
		{from: "internal/platform/web", to: module + "internal/app", refused: true},
		{from: "internal/platform/misc", to: "strings", refused: true},
		{from: "internal/app", to: module + "internal/platform/web"},
		{from: "internal/app", to: module + "internal/slice/power", refused: true},
		{from: "internal/slice/approval", to: module + "internal/app"},
		{from: "internal/slice/approval", to: module + "internal/slice/power", refused: true},
		{from: "internal/slice/approval", to: module + "internal/slice/power", inTest: true, refused: true},
		{from: "cmd/openhall", to: module + "internal/slice/power"},
		{from: "bench", to: module + "cmd/openhall", refused: true},
		{from: "rules", to: module + "internal/platform/store", refused: true},
		{from: "lib/strings", to: "strings", refused: true},
		{from: "internal/platform/store", to: "github.com/mattn/go-sqlite3", refused: true},
	} {
		p := pkg{ImportPath: module + test.from, Imports: []string{test.to}}
		if test.inTest {
			p.Imports, p.XTestImports = nil, p.Imports
		}
		if got := violations([]pkg{p}); (len(got) > 0) != test.refused {
			t.Errorf("%s imports %s (in a test: %v): refused = %v (%v), want %v", test.from, test.to, test.inTest, len(got) > 0, got, test.refused)
		}
	}
}
