package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/store"
)

// recordUpgrade makes a fixture of [TestUpgrade] from a hall on SQLite, before a release:
//
//	openhall demo --data /tmp/hall        # of that release; let it settle, end it
//	go test ./cmd/openhall -run TestUpgrade -record-upgrade /tmp/hall=2026-11-23 -record-source /path/to/its/tree
var (
	recordUpgrade = flag.String("record-upgrade", "", "DATA=NAME: record the hall in the folder DATA as testdata/upgrade/NAME")
	recordSource  = flag.String("record-source", "../..", "the tree from which the program of that hall was built")
)

// record is a hall of an earlier release: its migrations, its rows, its keys and its uploads.
type record struct {
	Origin     string    `json:"origin"`
	At         time.Time `json:"at"` // of the last event
	tables     []recordedTable
	migrations map[string]map[string]string // module → file → text
	files      map[string][]byte            // path in the data folder → content
}

// recordedTable is a table with its rows.
type recordedTable struct {
	Name    string         `json:"name"`
	Columns []string       `json:"columns"`
	Rows    [][]recordedOf `json:"rows"`
}

// recordedOf is a value: a number, a text, bytes or nothing, in a form that is the same on both engines.
type recordedOf struct{ text *string }

func recorded(v any) recordedOf {
	var s string
	switch x := v.(type) {
	case nil:
		return recordedOf{}
	case int64:
		s = "i" + strconv.FormatInt(x, 10)
	case bool:
		s = "i0"
		if x {
			s = "i1"
		}
	case string:
		s = "t" + x
	case []byte:
		s = "b" + base64.StdEncoding.EncodeToString(x)
	default:
		s = fmt.Sprintf("?%T", v)
	}
	return recordedOf{&s}
}

func (v recordedOf) String() string {
	if v.text == nil {
		return "NULL"
	}
	return *v.text
}

// MarshalJSON writes the text or null.
func (v recordedOf) MarshalJSON() ([]byte, error) { return json.Marshal(v.text) }

// UnmarshalJSON reads it.
func (v *recordedOf) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &v.text) }

// value is what is handed to the engine.
func (v recordedOf) value(truth bool) any {
	if v.text == nil {
		return nil
	}
	kind, rest := (*v.text)[:1], (*v.text)[1:]
	switch {
	case truth:
		return rest == "1"
	case kind == "i":
		n, _ := strconv.ParseInt(rest, 10, 64)
		return n
	case kind == "b":
		b, _ := base64.StdEncoding.DecodeString(rest)
		return b
	default:
		return rest
	}
}

func readRows(ctx context.Context, q store.Querier, table string, columns []string) ([][]recordedOf, error) {
	return store.All(ctx, q, func(r store.Row) ([]recordedOf, error) {
		values, to := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			to[i] = &values[i]
		}
		if err := r.Scan(to...); err != nil {
			return nil, err
		}
		out := make([]recordedOf, len(values))
		for i, v := range values {
			out[i] = recorded(v)
		}
		return out, nil
	}, `SELECT `+strings.Join(columns, ", ")+` FROM `+table)
}

// readRecord reads a fixture: one zip archive.
func readRecord(t *testing.T, name string) *record {
	t.Helper()
	z, err := zip.OpenReader(filepath.Join("testdata", "upgrade", name))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	r := &record{migrations: map[string]map[string]string{}, files: map[string][]byte{}}
	for _, f := range z.File {
		content, err := f.Open()
		var data []byte
		if err == nil {
			data, err = io.ReadAll(content)
			err = errors.Join(err, content.Close())
		}
		parts := strings.Split(f.Name, "/")
		switch {
		case err != nil:
		case f.Name == "hall.json":
			err = json.Unmarshal(data, r)
		case parts[0] == "rows":
			var table recordedTable
			err = json.Unmarshal(data, &table)
			r.tables = append(r.tables, table)
		case parts[0] == "migrations":
			if r.migrations[parts[1]] == nil {
				r.migrations[parts[1]] = map[string]string{}
			}
			r.migrations[parts[1]][parts[2]] = string(data)
		default:
			r.files[strings.TrimPrefix(f.Name, "data/")] = data
		}
		if err != nil {
			t.Fatalf("%s: %s: %v", name, f.Name, err)
		}
	}
	return r
}

// few are divisions that are left out of a record: most of the villages, of which there are thousands.
const few = ` WHERE level < 5 AND (level < 4 OR code LIKE '3401%')`

// recordHall writes a fixture.
func recordHall(t *testing.T, what string) {
	t.Helper()
	data, name, ok := strings.Cut(what, "=")
	if !ok {
		t.Fatal("-record-upgrade: want DATA=NAME")
	}
	ctx := t.Context()
	db, err := store.Open(ctx, "sqlite:"+filepath.Join(data, "openhall.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	write := func(path string, content []byte, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		w, err := z.Create(path)
		if err == nil {
			_, err = w.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	signed, err := ledger.OpenReader(db).Checkpoint(ctx)
	if err != nil {
		t.Fatal(err)
	}
	origin, _, _ := strings.Cut(string(signed), "\n")
	last, err := store.Scalar[int64](db.Read().QueryRow(ctx, `SELECT max(at) FROM event`))
	if err != nil {
		t.Fatal(err)
	}
	head, err := merkle.Canonical(map[string]any{"origin": origin, "at": store.Instant(last).Format(time.RFC3339)})
	write("hall.json", head, err)
	tables, err := store.All(ctx, db.Read(), store.Scalar[string], `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'schema_%' ORDER BY name`)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range tables {
		table := recordedTable{Name: name}
		table.Columns, err = store.All(ctx, db.Read(), store.Scalar[string], `SELECT name FROM pragma_table_info('`+name+`') ORDER BY cid`)
		if err == nil {
			from := name
			if name == "registry_division" {
				from += few
			}
			table.Rows, err = readRows(ctx, db.Read(), from, table.Columns)
		}
		content, jerr := json.Marshal(table)
		write("rows/"+name+".json", content, errors.Join(err, jerr))
	}
	found, err := filepath.Glob(filepath.Join(*recordSource, "internal", "*", "*", "migrations", "*.sql"))
	deeper, err2 := filepath.Glob(filepath.Join(*recordSource, "internal", "*", "*", "*", "migrations", "*.sql"))
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	for _, path := range slices.Concat(found, deeper) {
		content, err := os.ReadFile(path)
		write("migrations/"+filepath.Base(filepath.Dir(filepath.Dir(path)))+"/"+filepath.Base(path), content, err)
	}
	for _, folder := range []string{"keys", "files"} {
		err := filepath.WalkDir(filepath.Join(data, folder), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			inside, err := filepath.Rel(data, path)
			content, rerr := os.ReadFile(path)
			write("data/"+filepath.ToSlash(inside), content, rerr)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(z.Close(), os.MkdirAll("testdata/upgrade", 0o750), os.WriteFile(filepath.Join("testdata", "upgrade", name), out.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	t.Logf("recorded %d tables: %d bytes", len(tables), out.Len())
}
