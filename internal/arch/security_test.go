package arch_test

import (
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// ruling is one line of docs/security/asvs.md: a requirement, its level, whether it applies, and what is linked.
var ruling = regexp.MustCompile(`^\| (V\d+\.\d+\.\d+) \| ([12]) \| (yes|no) \| (.+) \| (.*) \|$`)

// testLink is a link to a test by its name.
var testLink = regexp.MustCompile("\\[`((?:Test|Fuzz)\\w+)`\\]\\(([^)]+)\\)")

// Every requirement of ASVS 5.0, levels 1 and 2 without WebRTC, is ruled on once; each that applies is linked to a test that exists in
// the file to which the link leads.
func TestASVS(t *testing.T) {
	list, err := os.ReadFile("testdata/asvs-5.0.0.txt")
	if err != nil {
		t.Fatal(err)
	}
	level := map[string]string{}
	for line := range strings.Lines(string(list)) {
		id, l, ok := strings.Cut(strings.TrimSpace(line), " ")
		if ok && !strings.HasPrefix(id, "#") {
			level[id] = l
		}
	}
	if len(level) != 246 {
		t.Fatalf("the list has %d requirements; want 246", len(level))
	}
	page := filepath.Join(root, "docs", "security", "asvs.md")
	content, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	ruled, applying := map[string]bool{}, 0
	for line := range strings.Lines(string(content)) {
		m := ruling.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			if strings.HasPrefix(line, "| V") && strings.Count(line, "|") > 3 {
				t.Errorf("this line is no ruling: %s", line)
			}
			continue
		}
		id, words, tests := m[1], m[4], testLink.FindAllStringSubmatch(m[5], -1)
		if ruled[id] || level[id] != m[2] {
			t.Errorf("%s: ruled twice, unknown, or not of level %s", id, m[2])
		}
		ruled[id] = true
		if len(strings.TrimSpace(words)) < 4 {
			t.Errorf("%s: no reason", id)
		}
		applies := m[3] == "yes"
		if applies == (len(tests) == 0) {
			t.Errorf("%s: applies %t, with %d tests", id, applies, len(tests))
		}
		if applies {
			applying++
		}
		for _, x := range tests {
			file := filepath.Join(filepath.Dir(page), x[2])
			source, err := os.ReadFile(file)
			if err != nil || !strings.Contains(string(source), "func "+x[1]+"(") {
				t.Errorf("%s: the link to %s is dead: %s", id, x[1], x[2])
			}
		}
	}
	for id := range level {
		if !ruled[id] {
			t.Errorf("%s is not ruled on", id)
		}
	}
	if says := fmt.Sprintf("246 requirements, %d of them apply.", applying); !strings.Contains(string(content), says) {
		t.Errorf("the page does not say: %s", says)
	}
}

// dangerous are packages that do what a hall should not, with where they may be imported all the same, and why.
var dangerous = map[string]struct{ why, where string }{
	"os/exec":           {"programs are started only to copy PostgreSQL", `^internal/app/backup/|^bench/`},
	"unsafe":            {"nothing is worth it", `^$`},
	"plugin":            {"no code is loaded", `^$`},
	"text/template":     {"it does not escape: templ does", `^$`},
	"html/template":     {"pages are templ components", `^$`},
	"encoding/gob":      {"it makes whatever the sender says", `^$`},
	"crypto/md5":        {"broken, but PDF files of old are locked by it (ISO 32000-1, 7.6): they are opened, none is made", `^internal/platform/publication/internal/pdf/crypt\.go$`},
	"crypto/des":        {"broken", `^$`},
	"crypto/rc4":        {"as crypto/md5", `^internal/platform/publication/internal/pdf/crypt\.go$`},
	"crypto/cipher":     {"modes without authentication are a trap: columns and files are sealed with GCM in one place", `^internal/platform/store/seal/|^internal/platform/publication/internal/pdf/crypt\.go$`},
	"crypto/sha1":       {"broken, but RFC 6238 asks for HMAC-SHA-1", `^internal/platform/identity/totp\.go$`},
	"math/rand":         {"it can be guessed", `^$`},
	"math/rand/v2":      {"it can be guessed; spreading retries and made-up records need no more", `^internal/platform/job/|^internal/slice/disclosure/sample/|^bench/`},
	"net/http/httputil": {"nobody is proxied", `^$`},
	"net/http/pprof":    {"it tells of the inside", `^$`},
	"encoding/xml":      {"procedures are read by one careful reader; feeds and pages of searches are written", `^internal/core/procedure/xml\.go$|^internal/slice/disclosure/feed/|^internal/slice/portal/texts\.go$`},
	"archive/zip":       {"archives of strangers are unpacked within limits, in one place; what else is here lists names or writes", `^internal/platform/publication/internal/archive/|^internal/platform/file/type\.go$|^internal/slice/audit/export\.go$`},
}

// What is dangerous is imported nowhere, or where its use was looked at; certificates are verified everywhere.
func TestDangerousImports(t *testing.T) {
	seen := 0
	walk(t, func(path string, content []byte) {
		if strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "tools/") || strings.Contains(path, "test/") {
			return
		}
		seen++
		f, err := parser.ParseFile(token.NewFileSet(), path, content, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range f.Imports {
			name, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if rule, found := dangerous[name]; found && !regexp.MustCompile(rule.where).MatchString(path) {
				t.Errorf("%s imports %s: %s", path, name, rule.why)
			}
		}
		if strings.Contains(string(content), "InsecureSkipVerify:") {
			t.Errorf("%s switches the verification of certificates off", path)
		}
	}, ".go")
	if seen < 100 {
		t.Fatalf("saw only %d files", seen)
	}
}

// What the program calls by HTTP it calls with a time-out and where it was told to, not where an answer leads on.
func TestClientsFollowNoRedirect(t *testing.T) {
	seen := 0
	walk(t, func(path string, content []byte) {
		if strings.HasSuffix(path, "_test.go") || !strings.HasPrefix(path, "internal/") {
			return
		}
		for rest := string(content); ; {
			_, after, found := strings.Cut(rest, "http.Client{")
			if !found {
				return
			}
			seen++
			rest = after
			made := after[:min(len(after), 400)]
			if !strings.Contains(made, "CheckRedirect") || !strings.Contains(made, "Timeout") {
				t.Errorf("%s makes a client that follows redirects, or waits for ever", path)
			}
		}
	}, ".go")
	if seen == 0 {
		t.Error("saw no client")
	}
}

// plainScripts are the words that scripts in the browser do without.
var plainScripts = regexp.MustCompile(`\beval\(|new Function\(|\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write|postMessage|localStorage|sessionStorage|indexedDB|__proto__`)

// The scripts of the hall's own write text, evaluate nothing, keep nothing and talk to no other window. Only the drawing board keeps a
// chart, which holds nothing personal, until the hall has it.
func TestBrowserCodeIsPlain(t *testing.T) {
	seen := 0
	walk(t, func(path string, content []byte) {
		if !strings.HasPrefix(path, "web/scripts/") {
			return
		}
		seen++
		for _, found := range plainScripts.FindAll(content, -1) {
			if path != "web/scripts/saving.ts" || string(found) != "localStorage" {
				t.Errorf("%s uses %s", path, found)
			}
		}
	}, ".ts")
	if seen == 0 {
		t.Error("saw no script")
	}
}

// The app of agents off line keeps what it must in the browser, each in its place: drafts in one file of tables, sealed by another; of reading
// habits language and size of type alone. It talks to its own windows and worker, and takes messages of nobody else.
func TestOfflineCodeKeepsToItsPlaces(t *testing.T) {
	places := map[string]*regexp.Regexp{
		"indexedDB":    regexp.MustCompile(`^web/offline/store\.mjs$`),
		"localStorage": regexp.MustCompile(`^web/offline/(app|frame|main)\.mjs$`),
		"postMessage":  regexp.MustCompile(`^web/offline/(app|worker)\.mjs$`),
	}
	stored := regexp.MustCompile(`localStorage\.\w+\("(lang|type)"`)
	seen, vault := 0, ""
	walk(t, func(path string, content []byte) {
		if !strings.HasPrefix(path, "web/offline/") {
			return
		}
		seen++
		if path == "web/offline/vault.mjs" {
			vault = string(content)
		}
		for _, found := range plainScripts.FindAllString(string(content), -1) {
			if place := places[found]; place == nil || !place.MatchString(path) {
				t.Errorf("%s uses %s", path, found)
			}
		}
		if all, known := strings.Count(string(content), "localStorage"), len(stored.FindAll(content, -1)); all != known {
			t.Errorf("%s keeps something else than language and size of type", path)
		}
		if regexp.MustCompile(`(window|parent|opener|top)\.(postMessage|addEventListener\("message")`).Match(content) {
			t.Errorf("%s talks to windows of others", path)
		}
	}, ".mjs")
	rounds := regexp.MustCompile(`rounds = ([\d_]+);`).FindStringSubmatch(vault)
	if seen < 10 || rounds == nil {
		t.Fatalf("saw %d scripts, and rounds %v", seen, rounds)
	}
	const owasp = 600_000 // for PBKDF2 with SHA-256, Password Storage Cheat Sheet (2023)
	if n, err := strconv.Atoi(strings.ReplaceAll(rounds[1], "_", "")); err != nil || n < owasp {
		t.Errorf("the key of a PIN takes %s rounds", rounds[1])
	}
	if strings.Contains(vault, "importKey") && regexp.MustCompile(`importKey\([^)]*,\s*true`).MatchString(vault) || strings.Count(vault, "AES-GCM") < 3 {
		t.Error("a key can be taken out of the browser, or something is sealed in another way")
	}
}

// Every component stands in a lock file with its digest.
func TestComponentsArePinned(t *testing.T) {
	mod, err1 := os.ReadFile(filepath.Join(root, "go.mod"))
	sum, err2 := os.ReadFile(filepath.Join(root, "go.sum"))
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	modules := 0
	for _, m := range regexp.MustCompile(`(?m)^\t(\S+\.\S+) (v\S+)`).FindAllStringSubmatch(string(mod), -1) {
		modules++
		if !strings.Contains(string(sum), m[1]+" "+m[2]) {
			t.Errorf("go.sum has no digest of %s %s", m[1], m[2])
		}
	}
	for _, dir := range []string{"web", "e2e"} {
		data, err := os.ReadFile(filepath.Join(root, dir, "package-lock.json"))
		if err != nil {
			t.Fatal(err)
		}
		var lock struct {
			Packages map[string]struct {
				Integrity string `json:"integrity"`
				Link      bool   `json:"link"`
			} `json:"packages"`
		}
		if err := json.Unmarshal(data, &lock); err != nil {
			t.Fatal(err)
		}
		for name, p := range lock.Packages {
			if modules++; name != "" && !p.Link && p.Integrity == "" {
				t.Errorf("%s: %s has no digest", dir, name)
			}
		}
	}
	if modules < 40 {
		t.Fatalf("saw only %d components", modules)
	}
}

// The linters that watch over what tests do not see are on, and nothing they must find is left out.
func TestLintersWatch(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(root, ".golangci.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	config := string(content)
	for _, linter := range []string{"bodyclose", "depguard", "errcheck", "gosec", "govet", "noctx", "nilerr", "rowserrcheck", "sqlclosecheck", "staticcheck"} {
		if !regexp.MustCompile(`(?m)^    - ` + linter + `\b`).MatchString(config) {
			t.Errorf("%s is not enabled", linter)
		}
	}
	// SQL put together of text, commands, weak ciphers and hashes, certificates that are not verified.
	for _, rule := range []string{"G201", "G202", "G204", "G304", "G401", "G402", "G403", "G404", "G501", "G502", "G503", "G505"} {
		if regexp.MustCompile(`(?m)^        - ` + rule).MatchString(config) {
			t.Errorf("gosec does not look for %s", rule)
		}
	}
}

// What ASVS wants written down stands in docs/security/controls.md, each under a heading of its own that says something.
func TestSecurityDocuments(t *testing.T) {
	page := filepath.Join(root, "docs", "security", "controls.md")
	content, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, part := range strings.Split("\n"+string(content), "\n## ")[1:] {
		title, text, _ := strings.Cut(part, "\n")
		sections[strings.ReplaceAll(strings.ToLower(title), " ", "-")] = text
	}
	for section, words := range map[string][]string{
		"signing-in":  {"password", "passkey", "TOTP", "identity provider", "query code", "token", "lock"},
		"sessions":    {"30 minutes", "12 hours", "at once", "identity provider"},
		"limits":      {"20 MB", "per minute", "time-out", "chart", "/open/export", "search"},
		"files":       {"PDF", "OFD", "BPMN", "archive", "unpacked", "ClamAV"},
		"keys":        {"seal.key", "log.key", "document", "AES-256-GCM", "Ed25519", "SM2", "rotate"},
		"data":        {"sealed", "public", "retention", "masked", "asked"},
		"connections": {"TLS", "PostgreSQL", "SMTP", "collector", "verify-full"},
		"logs":        {"journal", "standard error", "UTC", "collector"},
		"components":  {"days", "go.sum", "package-lock.json"},
		"operation":   {"host of its own", "/metrics", "TLS 1.2", "redirect"},
	} {
		text, ok := sections[section]
		if !ok {
			t.Errorf("controls.md has no section %q; it has %v", section, keysOf(sections))
			continue
		}
		for _, word := range words {
			if !strings.Contains(text, word) {
				t.Errorf("controls.md, %s, does not speak of %s", section, word)
			}
		}
	}
	asvs, err := os.ReadFile(filepath.Join(root, "docs", "security", "asvs.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`controls\.md#([a-z-]+)`).FindAllStringSubmatch(string(asvs), -1) {
		if _, ok := sections[m[1]]; !ok {
			t.Errorf("asvs.md leads to controls.md#%s, which is not there", m[1])
		}
	}
}

func keysOf(m map[string]string) []string {
	var out []string
	for k := range m {
		out = append(out, fmt.Sprintf("%q", k))
	}
	slices.Sort(out)
	return out
}
