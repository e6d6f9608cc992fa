package seal

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestSealOpensOnlyWhereItBelongs(t *testing.T) {
	old, fresh := bytes.Repeat([]byte{1}, keySize), bytes.Repeat([]byte{2}, keySize)
	before, err := New(old)
	if err != nil {
		t.Fatal(err)
	}
	after, err := New(fresh, old)
	if err != nil {
		t.Fatal(err)
	}
	const place = "case_private/7"
	sealed := before.Seal(place, []byte("王小明"))
	if bytes.Contains(sealed, []byte("王小明")) {
		t.Fatal("the value stands in the sealed form")
	}
	if got, err := after.Open(place, sealed); err != nil || string(got) != "王小明" {
		t.Errorf("after rotation: %q, %v", got, err)
	}
	if _, err := before.Open(place, after.Seal(place, nil)); !errors.Is(err, ErrOpen) {
		t.Errorf("a ring without the key opened it: %v", err)
	}
	if _, err := before.Open("case_private/8", sealed); !errors.Is(err, ErrOpen) {
		t.Errorf("it opened in another place: %v", err)
	}
	for i := range sealed {
		altered := bytes.Clone(sealed)
		altered[i] ^= 1
		if _, err := before.Open(place, altered); !errors.Is(err, ErrOpen) {
			t.Fatalf("byte %d altered: %v", i, err)
		}
		if _, err := before.Open(place, sealed[:i]); !errors.Is(err, ErrOpen) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
	if !bytes.Equal(before.Index("phone", "1"), after.Index("phone", "1")) || before.Code("query", "7", 8) != after.Code("query", "7", 8) {
		t.Error("rotation changed indexes or codes: rows would be lost")
	}
	if bytes.Equal(before.Index("phone", "1"), before.Index("name", "1")) {
		t.Error("the same value has the same index in two fields")
	}
}

func TestLoadMakesAPrivateKeyOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "seal.key")
	a, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Open("x", a.Seal("x", []byte("y"))); err != nil {
		t.Errorf("the second start can't open what the first sealed: %v", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	for _, bad := range []string{"", "not base64!\n", "c2hvcnQ=\n"} {
		if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path); err == nil {
			t.Errorf("%q was taken for a key ring", bad)
		}
	}
}
