package arch_test

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// link finds the target of [text](target) and ![text](target) in a document.
var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

func TestLinksLeadSomewhere(t *testing.T) {
	seen := 0
	walk(t, func(path string, content []byte) {
		for _, match := range link.FindAllSubmatch(content, -1) {
			target, err := url.Parse(string(match[1]))
			if err != nil {
				t.Errorf("%s: %s: %v", path, match[1], err)
				continue
			}
			if target.Scheme != "" || target.Path == "" {
				continue // another site, or a heading of this page
			}
			seen++
			if strings.HasPrefix(target.Path, "/") {
				t.Errorf("%s: %s: links within the repository are relative", path, match[1])
			} else if _, err := os.Stat(filepath.Join(root, filepath.Dir(path), target.Path)); err != nil {
				t.Errorf("%s: %s leads nowhere", path, match[1])
			}
		}
	}, ".md")
	if seen == 0 {
		t.Error("saw no link")
	}
}

// command finds `make TARGET` in a document.
var command = regexp.MustCompile("(?m)(?:^|[`(])make ([a-z0-9-]+)")

func TestMakeTargetsExist(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	walk(t, func(path string, content []byte) {
		for _, match := range command.FindAllSubmatch(content, -1) {
			seen++
			if !regexp.MustCompile(`(?m)^` + string(match[1]) + `:`).Match(makefile) {
				t.Errorf("%s: there is no make %s", path, match[1])
			}
		}
	}, ".md")
	if seen == 0 {
		t.Error("saw no command")
	}
}
