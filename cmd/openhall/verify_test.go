package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/merkle"
)

const verifyLogName = "test.openhall.org/log"

// verifyFixture is a log of 300 events of one case as its files under /log/, with a receipt of the 42nd and the checkpoint
// that the log had at 100.
type verifyFixture struct {
	files   map[string][]byte
	key     string
	receipt []byte
	earlier []byte
}

func newVerifyFixture(t *testing.T) verifyFixture {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	secret, public, err := merkle.GenerateKey(strings.NewReader(strings.Repeat("k", 64)), verifyLogName)
	must(err)
	signer, err := merkle.NewSigner(secret)
	must(err)
	sign := func(e merkle.Edge) []byte {
		signed, err := merkle.Checkpoint{Origin: verifyLogName, Size: e.Size(), Root: e.Root()}.Sign(signer)
		must(err)
		return signed
	}
	var salt merkle.Salt
	entries := make([][]byte, 300)
	leaves := make([]merkle.Hash, len(entries))
	for i := range entries {
		event := map[string]any{"case": "77", "seq": i + 1, "kind": "task.complete"}
		if i == 41 {
			event["private"] = map[string]merkle.Hash{"name": merkle.Commit(salt, "name", []byte("张三"))}
		}
		entries[i], err = merkle.Canonical(event)
		must(err)
		leaves[i] = merkle.LeafHash(entries[i])
	}
	f := verifyFixture{files: map[string][]byte{"key": []byte(public + "\n")}, key: public}
	begin, _ := merkle.Edge{}.Append(leaves[:100])
	f.earlier = sign(begin)
	edge, tiles := merkle.Edge{}.Append(leaves)
	f.files["checkpoint"] = sign(edge)
	for _, tile := range tiles {
		f.files[tile.Path()] = tile.Data
	}
	for index := range int64(2) {
		tile, _ := merkle.TileAt(300, merkle.EntriesLevel, index)
		f.files[tile.Path()], err = merkle.EncodeBundle(entries[index*merkle.TileWidth : min(300, (index+1)*merkle.TileWidth)])
		must(err)
	}
	proof, err := merkle.InclusionProof(300, 41, func(t merkle.Tile) ([]byte, error) { return f.files[t.Path()], nil })
	must(err)
	receipt := merkle.NewReceipt(entries[41], 41, proof, f.files["checkpoint"])
	receipt.Disclosed = []merkle.Disclosure{{Field: "name", Salt: salt, Value: "张三"}}
	f.receipt, err = receipt.Encode()
	must(err)
	return f
}

// memSource is the log of a data folder.
type memSource struct {
	files  map[string][]byte
	closed *bool
}

func (s memSource) Checkpoint() ([]byte, error) { return s.Tile("checkpoint") }
func (s memSource) Close() error                { *s.closed = true; return nil }
func (s memSource) Key() (string, error)        { return string(s.files["key"]), nil }
func (s memSource) Tile(path string) ([]byte, error) {
	data, ok := s.files[path]
	if !ok {
		return nil, fmt.Errorf("%s: %w", path, fs.ErrNotExist)
	}
	return data, nil
}

func runVerify(openData func(context.Context, string) (logSource, error), args ...string) (string, error) {
	var out bytes.Buffer
	cmd := newVerifyCommand(openData)
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	err := cmd.ExecuteContext(context.Background())
	return out.String(), err
}

func writeFile(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestVerifyReceipt(t *testing.T) {
	f := newVerifyFixture(t)
	file := writeFile(t, "receipt.json", f.receipt)
	for _, key := range []string{f.key, writeFile(t, "key", f.files["key"])} {
		out, err := runVerify(nil, "receipt", file, "--key", key)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"receipt verified\n", "log: " + verifyLogName, "place: 42 of 300 entries", "revealed: name = 张三", `"kind": "task.complete"`} {
			if !strings.Contains(out, want) {
				t.Errorf("output lacks %q:\n%s", want, out)
			}
		}
	}

	altered := writeFile(t, "altered.json", bytes.Replace(f.receipt, []byte("task.complete"), []byte("task.complain"), 1))
	_, stranger, err := merkle.GenerateKey(strings.NewReader(strings.Repeat("s", 64)), verifyLogName)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want error
		says string
		args []string
	}{
		{merkle.ErrEntryAltered, "", []string{"receipt", altered, "--key", f.key}},
		{merkle.ErrWrongKey, "", []string{"receipt", file, "--key", stranger}},
		{merkle.ErrReceipt, "", []string{"receipt", writeFile(t, "x", []byte("hello")), "--key", f.key}},
		{fs.ErrNotExist, "", []string{"receipt", file + "x", "--key", f.key}},
		{nil, "give the log's public key", []string{"receipt", file}},
		{nil, "nor is there a file", []string{"receipt", file, "--key", "nonsense"}},
		{nil, "expected name+hash+base64", []string{"receipt", file, "--key", file}},
	} {
		out, err := runVerify(nil, c.args...)
		if err == nil || out != "" || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v: %q, %v; want %v %q", c.args, out, err, c.want, c.says)
		}
	}
}

func TestVerifyReceiptFromStandardInput(t *testing.T) {
	f := newVerifyFixture(t)
	var out bytes.Buffer
	cmd := newVerifyCommand(nil)
	cmd.SetIn(bytes.NewReader(f.receipt))
	cmd.SetOut(&out)
	cmd.SetArgs([]string{"receipt", "-", "--key", f.key})
	if err := cmd.Execute(); err != nil || !strings.HasPrefix(out.String(), "receipt verified\n") {
		t.Errorf("%v, %s", err, out.String())
	}
}

func TestVerifyLogOfFolder(t *testing.T) {
	f := newVerifyFixture(t)
	closed := false
	open := func(files map[string][]byte) func(context.Context, string) (logSource, error) {
		return func(_ context.Context, dir string) (logSource, error) {
			if dir != "folder" {
				return nil, errors.New("no data in " + dir)
			}
			return memSource{files, &closed}, nil
		}
	}
	out, err := runVerify(open(f.files), "log", "--data", "folder", "--earlier", writeFile(t, "earlier", f.earlier))
	if err != nil || !closed {
		t.Fatalf("%v; source closed %v", err, closed)
	}
	for _, want := range []string{"log verified\n", "entries: 300 (", "), cases: 1, hash tiles: 3\n", "unchanged since: the checkpoint of 100 entries", "compare it"} {
		if !strings.Contains(out, want) {
			t.Errorf("output lacks %q:\n%s", want, out)
		}
	}

	altered := maps.Clone(f.files)
	altered["tile/entries/000"] = bytes.Replace(altered["tile/entries/000"], []byte("task.complete"), []byte("task.complain"), 1)
	for _, c := range []struct {
		want  error
		says  string
		files map[string][]byte
		args  []string
	}{
		{merkle.ErrEntryAltered, "entry 0", altered, []string{"--data", "folder", "--key", f.key}},
		{nil, "no data in elsewhere", f.files, []string{"--data", "elsewhere"}},
		{nil, "either --data DIR or --url URL", f.files, nil},
		{nil, "either --data DIR or --url URL", f.files, []string{"--data", "folder", "--url", "http://localhost"}},
		{fs.ErrNotExist, "", f.files, []string{"--data", "folder", "--earlier", "nowhere"}},
		{merkle.ErrCheckpoint, "", f.files, []string{"--data", "folder", "--earlier", writeFile(t, "bad", []byte("x"))}},
	} {
		out, err := runVerify(open(c.files), append([]string{"log"}, c.args...)...)
		if err == nil || out != "" || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v: %q, %v; want %v %q", c.args, out, err, c.want, c.says)
		}
	}
}

func TestVerifyLogOverHTTP(t *testing.T) {
	f := newVerifyFixture(t)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /log/", func(w http.ResponseWriter, r *http.Request) {
		data, ok := f.files[strings.TrimPrefix(r.URL.Path, "/log/")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if _, err := w.Write(data); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("GET /broken/log/", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "down", http.StatusBadGateway) })
	server := httptest.NewServer(mux)
	defer server.Close()

	for _, address := range []string{server.URL, server.URL + "/", server.URL + "/log/"} {
		out, err := runVerify(nil, "log", "--url", address)
		if err != nil || !strings.HasPrefix(out, "log verified\nlog: "+verifyLogName+"\nentries: 300") {
			t.Errorf("%s: %v, %s", address, err, out)
		}
	}
	for address, says := range map[string]string{
		server.URL + "/broken": "502 Bad Gateway", server.URL + "/nothing": "404 Not Found",
		"demo.openhall.org": "write the web address", "ftp://x": "write the web address",
	} {
		if out, err := runVerify(nil, "log", "--url", address); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %q, %v, want %q", address, out, err, says)
		}
	}
	delete(f.files, "tile/0/000")
	if _, err := runVerify(nil, "log", "--url", server.URL); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a tile is missing: %v", err)
	}
}
