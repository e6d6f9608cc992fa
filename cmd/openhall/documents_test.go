package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// documents are all that people read of the project, by path.
func documents(t *testing.T) map[string]string {
	t.Helper()
	const root = "../.."
	out := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch name := entry.Name(); {
		case entry.IsDir():
			if slices.Contains([]string{"node_modules", "testdata", "bin", "out", "data"}, name) || len(name) > 1 && name[0] == '.' && name != ".." {
				return filepath.SkipDir
			}
		case filepath.Ext(path) == ".md":
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			out[filepath.ToSlash(strings.TrimPrefix(path, root+"/"))] = string(content)
		}
		return nil
	})
	if err != nil || len(out) < 30 {
		t.Fatalf("%d documents: %v", len(out), err)
	}
	return out
}

var (
	fenced = regexp.MustCompile("(?ms)^```[a-z]*\n(.*?)^```")
	inline = regexp.MustCompile("`([^`\n]+)`")
	// called is a call of the program at the beginning of a line of code, or behind another one.
	called = regexp.MustCompile(`(?m)(?:^|&& |; |\| )\s*(?:\$ )?(?:[A-Z_]+=\S+ )*(?:openhall|go run \./cmd/openhall|bin/openhall) (\S.*)$`)
)

// calls are the calls of the program in a document, each by its words.
func calls(text string) [][]string {
	var code []string
	for _, m := range fenced.FindAllStringSubmatch(text, -1) {
		code = append(code, strings.ReplaceAll(m[1], "\\\n", " "))
	}
	for _, m := range inline.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		code = append(code, m[1])
	}
	var out [][]string
	for _, c := range code {
		for _, m := range called.FindAllStringSubmatch(c, -1) {
			words := strings.Fields(m[1])
			if end := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(w, "#") || w == "&&" || w == "&" || w == "|" || w == ";" }); end >= 0 {
				words = words[:end]
			}
			out = append(out, words)
		}
	}
	return out
}

// Every command that a document names is there, with every flag that stands behind it.
func TestDocumentsNameCommands(t *testing.T) {
	seen := 0
	for path, text := range documents(t) {
		for _, words := range calls(text) {
			seen++
			for _, choice := range strings.Split(words[0], "|") { // demo|serve
				if err := callable(append([]string{choice}, words[1:]...)); err != nil {
					t.Errorf("%s: openhall %s: %v", path, strings.Join(words, " "), err)
				}
			}
		}
	}
	if seen < 60 {
		t.Fatalf("saw only %d commands", seen)
	}
}

// callable reports what of a call the program does not know.
func callable(words []string) error {
	cmd := newRoot()
	for len(words) > 0 && cmd.HasSubCommands() {
		var next *cobra.Command
		for _, choice := range strings.Split(words[0], "|") { // check|run
			if next = named(cmd, choice); next == nil {
				break
			}
		}
		if next == nil {
			if !cmd.Runnable() {
				return fmt.Errorf("%s has no command %q", cmd.Name(), words[0])
			}
			break
		}
		cmd, words = next, words[1:]
	}
	for _, w := range words {
		name, isFlag := strings.CutPrefix(strings.Trim(w, "[]().,:…"), "--")
		if name, _, _ = strings.Cut(name, "="); !isFlag || name == "" || name == "help" {
			continue
		}
		if cmd.Flags().Lookup(name) == nil && cmd.InheritedFlags().Lookup(name) == nil && cmd.PersistentFlags().Lookup(name) == nil {
			return fmt.Errorf("%s has no flag --%s", cmd.CommandPath(), name)
		}
	}
	return nil
}

func named(cmd *cobra.Command, name string) *cobra.Command {
	for _, c := range cmd.Commands() {
		if c.Name() == name || c.HasAlias(name) {
			return c
		}
	}
	return nil
}

// address is the path of a page in a document.
var address = regexp.MustCompile("`(/[a-z][a-z0-9/{}A-Z._…-]*)`")

// notPages are paths that are none of a page: files of a machine, and what stands beside the shell or is there in development only.
var notPages = regexp.MustCompile(`^/(srv|etc|data|tmp|run|usr|api|livez|readyz|metrics|dev)(/|$)`)

// Every address that a guide names leads to a page. The matrix of routes lists them all.
func TestDocumentsNamePages(t *testing.T) {
	matrix, err := os.ReadFile("testdata/matrix.txt")
	if err != nil {
		t.Fatal(err)
	}
	var pages []*regexp.Regexp
	var paths []string
	place := regexp.MustCompile(`\\\{[^/]*\\\}`)
	for _, m := range regexp.MustCompile(`(?m) (?:GET|POST) (/\S*)`).FindAllStringSubmatch(string(matrix), -1) {
		paths = append(paths, m[1])
		path := strings.TrimSuffix(strings.TrimSuffix(m[1], "{$}"), "/")
		rest := `/?$`
		if strings.HasSuffix(path, "...}") {
			path, rest = path[:strings.LastIndex(path, "/")], `/.+$`
		}
		pages = append(pages, regexp.MustCompile("^"+place.ReplaceAllString(regexp.QuoteMeta(path), `[^/]+`)+rest))
	}
	seen := 0
	for path, text := range documents(t) {
		if strings.HasPrefix(path, "docs/decisions/") { // they say what was so when they were made
			continue
		}
		for _, m := range address.FindAllStringSubmatch(text, -1) {
			if notPages.MatchString(m[1]) {
				continue
			}
			seen++
			there := slices.ContainsFunc(pages, func(p *regexp.Regexp) bool { return p.MatchString(m[1]) })
			if above, open := strings.CutSuffix(m[1], "…"); open { // what lies below
				there = there || slices.ContainsFunc(paths, func(p string) bool { return strings.HasPrefix(p, above) })
			}
			if !there {
				t.Errorf("%s names %s, which no page has", path, m[1])
			}
		}
	}
	if seen < 100 || len(pages) < 300 {
		t.Fatalf("saw only %d addresses of %d pages", seen, len(pages))
	}
}

// Documents do not count the rules, whose number changes with each that is read or added: the program does.
func TestDocumentsLeaveCountingToTheProgram(t *testing.T) {
	counted := regexp.MustCompile(`\d+ (rules|values|unverified|verified)\b|\d+ of them are still unverified`)
	for path, text := range documents(t) {
		if strings.HasPrefix(path, "docs/guides/rules") || path == "CHANGELOG.md" || strings.HasPrefix(path, "rules/") {
			if found := counted.FindString(text); found != "" {
				t.Errorf("%s says %q: openhall rules check does", path, found)
			}
		}
	}
}
