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
	if _, err := old.Open("a", ring.Seal("a", []byte("new"))); err == nil {
		t.Error("the old ring opened what the new key sealed")
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v; want 0600", info.Mode(), err)
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
