package merkle

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// longLog is a log of 600 entries of ten cases, written in uneven batches, with the checkpoint it had at 300.
func longLog(t testing.TB) (*memLog, Checkpoint) {
	t.Helper()
	l := newMemLog(t)
	var kept Checkpoint
	for done := 0; done < 600; {
		n := min(75, 600-done)
		batch := make([][]byte, n)
		for i := range batch {
			batch[i] = event(fmt.Sprint(100+(done+i)%10), (done+i)/10+1)
		}
		l.add(t, batch...)
		if done += n; done == 300 {
			kept = Checkpoint{Origin: testOrigin, Size: 300, Root: l.edge.Root()}
		}
	}
	return l, kept
}

func TestVerifyLog(t *testing.T) {
	l, kept := longLog(t)
	empty := Checkpoint{Origin: testOrigin, Root: Edge{}.Root()}
	last := Checkpoint{Origin: testOrigin, Size: 600, Root: l.edge.Root()}
	report, err := VerifyLog(l, l.verifier, last, kept, empty)
	if err != nil {
		t.Fatal(err)
	}
	// 600 entries: two full tiles and a partial one at level 0, a partial one at level 1.
	if report.Entries != 600 || report.Tiles != 4 || report.Cases != 10 || len(report.Earlier) != 3 || report.Checkpoint.Size != 600 {
		t.Errorf("report %+v", report)
	}
	if report, err := VerifyLog(newMemLog(t), l.verifier); err != nil || report.Entries != 0 {
		t.Errorf("the empty log: %+v, %v", report, err)
	}
	// A log may drop a partial tile once it has the full one: the state of a reader who holds the older checkpoint.
	signed, err := kept.Sign(l.signer)
	if err != nil {
		t.Fatal(err)
	}
	older := *l
	older.signed, older.files = signed, map[string][]byte{}
	for path, data := range l.files {
		if !strings.Contains(path, "001.p/") {
			older.files[path] = data
		}
	}
	if _, err := VerifyLog(&older, l.verifier); err != nil {
		t.Errorf("partial tiles replaced by full ones: %v", err)
	}
}

// An edit of any file that the checkpoint covers is noticed, whichever bit it turns, and so is a file cut short or lost: every
// byte of a small log, every thirty-seventh of one with two levels of tiles.
func TestVerifyLogNoticesEdits(t *testing.T) {
	for _, c := range []struct{ entries, files, step int }{{20, 2, 1}, {300, 5, 37}} {
		l := newMemLog(t)
		var entries [][]byte
		for i := range c.entries {
			entries = append(entries, event("A", i+1))
		}
		l.add(t, entries...)
		if len(l.files) != c.files {
			t.Fatalf("%d entries are %d files, want %d", c.entries, len(l.files), c.files)
		}
		for path, data := range l.files {
			for i := 0; i < len(data); i += c.step {
				bad := bytes.Clone(data)
				bad[i] ^= 1 << (i % 8)
				if _, err := VerifyLog(l.with(path, bad), l.verifier); err == nil {
					t.Fatalf("%s altered at byte %d is not noticed", path, i)
				}
			}
			if _, err := VerifyLog(l.with(path, data[:len(data)-1]), l.verifier); err == nil {
				t.Errorf("%s cut short is not noticed", path)
			}
			lost := l.with(path, nil)
			delete(lost.files, path)
			if _, err := VerifyLog(lost, l.verifier); err == nil {
				t.Errorf("%s lost is not noticed", path)
			}
		}
	}
}

func TestVerifyLogNamesTheFault(t *testing.T) {
	l, kept := longLog(t)
	edit := func(path, from, to string) *memLog {
		data := l.files[path]
		if !bytes.Contains(data, []byte(from)) {
			t.Fatalf("%s does not contain %q", path, from)
		}
		return l.with(path, bytes.Replace(data, []byte(from), []byte(to), 1))
	}
	flip := func(path string, at int) *memLog {
		data := bytes.Clone(l.files[path])
		data[at] ^= 1
		return l.with(path, data)
	}
	resigned := *l
	resigned.edge.levels = [][]Hash{{LeafHash([]byte("another log"))}}
	resigned.sign(t)

	n := byte(len(event("100", 1)))
	length, longer := string([]byte{0, n}), string([]byte{0, n + 1})
	for _, c := range []struct {
		name    string
		src     *memLog
		earlier []Checkpoint
		want    error
		says    string
	}{
		{"entry changed", edit("tile/entries/001", `"case":"106","kind":"accept"`, `"case":"106","kind":"refuse"`), nil, ErrEntryAltered, "entry 256"},
		{"event number changed", edit("tile/entries/000", `"case":"103","kind":"accept","seq":2}`, `"case":"103","kind":"accept","seq":3}`),
			nil, ErrSequence, `entry 13: the events of a case have a gap: case "103" has event 3 after event 1`},
		{"entry no JSON", edit("tile/entries/000", `{"case":"100"`, `["case":"100"`), nil, ErrEntryForm, "entry 0"},
		{"bundle length changed", edit("tile/entries/000", length, longer), nil, ErrBundle, "tile/entries/000"},
		{"leaf hash changed", flip("tile/0/001", 32*5), nil, ErrEntryAltered, "entry 261"},
		{"upper tile changed", flip("tile/1/000.p/2", 33), nil, ErrTileAltered, "tile/1/000.p/2"},
		{"entry missing at the end", l.with("tile/entries/002.p/88", l.files["tile/entries/002.p/88"][:41]), nil, ErrBundle, "1 entries instead of 88"},
		{"tile of odd length", l.with("tile/0/000", l.files["tile/0/000"][:8191]), nil, ErrTileAltered, "8191 bytes"},
		{"root of another log signed", &resigned, nil, ErrRootMismatch, "600 entries"},
		{"rewritten since", l, []Checkpoint{{Origin: testOrigin, Size: 300, Root: Hash{1}}}, ErrRootMismatch, "first 300 entries"},
		{"shorter than before", l, []Checkpoint{kept, {Origin: testOrigin, Size: 700, Root: Hash{1}}}, ErrRootMismatch, "had 700 entries"},
		{"checkpoint of another log", l, []Checkpoint{{Origin: "other", Size: 300, Root: kept.Root}}, ErrCheckpoint, `"other"`},
	} {
		_, err := VerifyLog(c.src, l.verifier, c.earlier...)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %v that says %s", c.name, err, c.want, c.says)
		}
	}
	altered := *l
	altered.signed = bytes.Replace(l.signed, []byte("\n600\n"), []byte("\n601\n"), 1)
	if _, err := VerifyLog(&altered, l.verifier); !errors.Is(err, ErrSignature) {
		t.Errorf("altered checkpoint: %v", err)
	}
}
