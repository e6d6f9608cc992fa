package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestConfigTakesTheNearest(t *testing.T) {
	file := filepath.Join(t.TempDir(), "openhall.yaml")
	if err := os.WriteFile(file, []byte("addr: 127.0.0.1:1\ndata: from-file\nnode: 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := LoadConfig(file, []string{"OPENHALL_ADDR=127.0.0.1:2", "OPENHALL_BASE_URL=https://hall.example.org/", "HOME=/x", "OPENHALL_TEST_POSTGRES=y"},
		map[string]any{"addr": "127.0.0.1:3"})
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Data: "from-file", Addr: "127.0.0.1:3", Database: "sqlite:from-file/openhall.db", BaseURL: "https://hall.example.org",
		Origin: "hall.example.org/log", Jurisdiction: "cn-ah", Division: "340000000000", Node: 3, Log: "info",
	}
	if c != want || !c.TLS() {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
}

func TestConfigRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "openhall.yaml")
	if err := os.WriteFile(file, []byte("listen: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		file  string
		env   []string
		flags map[string]any
		says  string
	}{
		{file: file, says: `unknown key "listen"`},
		{file: file + ".missing", says: "openhall.yaml.missing"},
		{env: []string{"OPENHALL_LISTEN=x"}, says: "environment OPENHALL_LISTEN"},
		{flags: map[string]any{"port": 1}, says: `unknown key "port"`},
		{flags: map[string]any{"addr": "8080"}, says: "want HOST:PORT"},
		{flags: map[string]any{"node": 1024}, says: "want 0 to 1023"},
		{flags: map[string]any{"base-url": "hall.example.org"}, says: "want https://HOST"},
	} {
		_, err := LoadConfig(row.file, row.env, row.flags)
		if err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%+v: %v; want it to say %q", row, err, row.says)
		}
	}
}
