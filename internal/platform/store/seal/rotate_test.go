package seal

import (
	"os"
	"path/filepath"
	"testing"
)

// After a rotation the new key seals, what the old one sealed still opens, and look-ups and codes stay what they were.
func TestRotateKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seal.key")
	old, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	sealed, index, code := old.Seal("a", []byte("secret")), old.Index("login", "wang"), old.Code("case", "1", 8)
	for range 3 {
		if _, err := Rotate(path); err != nil {
			t.Fatal(err)
		}
	}
	ring, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if keys := ring.Keys(); len(keys) != 4 || keys[0] == old.Keys()[0] {
		t.Fatalf("keys %v; want 4, another first than %v", keys, old.Keys())
	}
	if plain, err := ring.Open("a", sealed); err != nil || string(plain) != "secret" {
		t.Errorf("what the old key sealed: %q, %v", plain, err)
	}
	if got := KeyOf(ring.Seal("a", nil)); got != ring.Keys()[0] {
		t.Errorf("sealed by %s; want the newest, %s", got, ring.Keys()[0])
	}
	if KeyOf(sealed) != old.Keys()[0] || KeyOf(nil) != "" {
		t.Errorf("the old value names key %s", KeyOf(sealed))
	}
	if string(ring.Index("login", "wang")) != string(index) || ring.Code("case", "1", 8) != code {
		t.Error("look-ups or codes changed with the key")
	}
	// A program that runs on takes the new key up by itself when it meets what that has sealed.
	if plain, err := old.Open("a", ring.Seal("a", []byte("new"))); err != nil || string(plain) != "new" {
		t.Errorf("the ring that was loaded before: %q, %v", plain, err)
	}
	if old.Keys()[0] != ring.Keys()[0] {
		t.Error("it goes on sealing with the old key")
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v; want 0600", info.Mode(), err)
	}
}

// Once nothing is sealed with them any more, old keys are taken out. What was derived from the oldest stays, and what they sealed can't be
// opened again.
func TestRetire(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seal.key")
	first, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	sealed, index, code := first.Seal("a", []byte("secret")), first.Index("login", "wang"), first.Code("case", "1", 8)
	if gone, err := Retire(path); err != nil || gone != nil {
		t.Fatalf("a ring of one key: %v, %v", gone, err)
	}
	var oldest string
	for range 2 { // the second time look-ups come from the line that the first time has left
		ring, err := Rotate(path)
		if err != nil {
			t.Fatal(err)
		}
		oldest = ring.Keys()[1]
		gone, err := Retire(path)
		if err != nil || len(gone) != 1 || gone[0] != oldest {
			t.Fatalf("%v, %v; want %s to be gone", gone, err, oldest)
		}
	}
	ring, err := Load(path)
	if err != nil || len(ring.Keys()) != 1 {
		t.Fatalf("%v, %v", ring.Keys(), err)
	}
	if string(ring.Index("login", "wang")) != string(index) || ring.Code("case", "1", 8) != code {
		t.Error("look-ups or codes went with the key")
	}
	if _, err := ring.Open("a", sealed); err == nil {
		t.Error("what a key sealed that is gone was opened")
	}
	if changed, err := first.Refresh(); err != nil || !changed {
		t.Errorf("a program that runs on: %v, %v", changed, err)
	}
	// The keys of another hall would find nothing: a program that runs keeps those it has.
	other := filepath.Join(t.TempDir(), "seal.key")
	if _, err := Load(other); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(other)
	if err == nil {
		err = os.WriteFile(path, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if changed, err := ring.Refresh(); err == nil || changed {
		t.Errorf("the keys of another hall were taken up: %v, %v", changed, err)
	}
}

// A ring that is damaged, or missing, stays as it is.
func TestRotateRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seal.key")
	if _, err := Rotate(path); err == nil {
		t.Error("a ring that is not there was rotated")
	}
	if err := os.WriteFile(path, []byte("not a key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Rotate(path); err == nil {
		t.Error("a damaged ring was rotated")
	}
	if left, err := os.ReadFile(path); err != nil || string(left) != "not a key\n" {
		t.Errorf("%q, %v", left, err)
	}
}
