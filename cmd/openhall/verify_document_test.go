package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The letters and keys of testdata are those of a demo: a correction notice as it was downloaded, and /verify/keys of the same hall.
func TestVerifyDocument(t *testing.T) {
	const letter, keys = "testdata/letter.pdf", "testdata/letter.keys"
	file, err := os.ReadFile(letter)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, data []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	changed := bytes.Clone(file)
	changed[len(changed)/2] ^= 1
	text, err := os.ReadFile(keys)
	if err != nil {
		t.Fatal(err)
	}
	var half, strange []string
	for line := range strings.Lines(string(text)) {
		if !strings.Contains(line, "+/1NNM") { // without SM2
			half = append(half, line)
		}
		if strings.HasPrefix(line, "log ") {
			strange = append(strange, line)
		}
	}
	other := "hall.example/documents+aa6a8e4d+AfxRzY5iGKGjjaR+0AIw8FgIFu0TujMDrFveuRFUiQgl"
	for _, test := range []struct {
		name string
		args []string
		want string
		ok   bool
	}{
		{"as it was downloaded", []string{letter, "--keys", keys}, "genuine and unchanged\nletter: 补正材料一次性告知书\n", true},
		{"and in its log", []string{letter, "--keys", keys}, "\nlog: entry ", true},
		{"one bit changed", []string{write("changed.pdf", changed), "--keys", keys}, "changed: ", false},
		{"by keys of which one is missing", []string{letter, "--keys", write("half", []byte(strings.Join(half, "")))}, "unknown signer: ", false},
		{"no letter of ours", []string{keys, "--keys", keys}, "not one of ours: ", false},
		{"without keys", []string{letter}, "give the hall's public keys", false},
		{"keys that are not there", []string{letter, "--keys", "no-such-file"}, "no-such-file", false},
		{"a file without document keys", []string{letter, "--keys", write("strange", []byte(strings.Join(strange, "")))}, "take the file from /verify/keys", false},
		{"a key of somebody else", []string{letter, "--keys", other}, "", false},
	} {
		var out bytes.Buffer
		cmd := newVerifyDocumentCommand()
		cmd.SetOut(&out)
		cmd.SetErr(&out)
		cmd.SetArgs(test.args)
		cmd.SilenceUsage, cmd.SilenceErrors = true, true
		err := cmd.ExecuteContext(t.Context())
		said := out.String()
		if err != nil {
			said += err.Error()
		}
		if (err == nil) != test.ok || !strings.Contains(said, test.want) {
			t.Errorf("%s: %v\n%s", test.name, err, said)
		}
	}
}
