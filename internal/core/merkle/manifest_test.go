package merkle_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/merkle"
)

func TestManifest(t *testing.T) {
	secret, public, err := merkle.GenerateKey(rand.Reader, "test.openhall.org/log")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := merkle.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := merkle.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	m := merkle.Manifest{
		Origin: "test.openhall.org/log", Subject: "journal kind=token.made", ExportedAt: "2026-03-02T04:00:00Z", Entries: 2, First: 4, Last: 9, Size: 12,
		Root: merkle.LeafHash([]byte("root")), Files: []merkle.ManifestFile{{Name: "entries.csv", SHA256: strings.Repeat("ab", 32)}},
	}
	signed, err := m.Sign(signer)
	if err != nil {
		t.Fatal(err)
	}
	got, err := merkle.OpenManifest(signed, verifier)
	if err != nil || got.Text() != m.Text() {
		t.Fatalf("%+v, %v; want %+v", got, err, m)
	}
	if _, err := merkle.OpenManifest(bytes.Replace(signed, []byte("entries: 2"), []byte("entries: 1"), 1), verifier); !errors.Is(err, merkle.ErrSignature) {
		t.Errorf("altered: %v, want %v", err, merkle.ErrSignature)
	}
	_, other, err := merkle.GenerateKey(rand.Reader, "test.openhall.org/log")
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := merkle.NewVerifier(other)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := merkle.OpenManifest(signed, stranger); !errors.Is(err, merkle.ErrWrongKey) {
		t.Errorf("another key: %v, want %v", err, merkle.ErrWrongKey)
	}
	// One key signs checkpoints and manifests: neither passes for the other.
	if _, err := merkle.OpenCheckpoint(signed, verifier); !errors.Is(err, merkle.ErrCheckpoint) {
		t.Errorf("as a checkpoint: %v, want %v", err, merkle.ErrCheckpoint)
	}
	checkpoint, err := merkle.Checkpoint{Origin: m.Origin, Size: 12, Root: m.Root}.Sign(signer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := merkle.OpenManifest(checkpoint, verifier); !errors.Is(err, merkle.ErrManifest) {
		t.Errorf("a checkpoint as a manifest: %v, want %v", err, merkle.ErrManifest)
	}
	m.Subject = "two\nlines"
	if _, err := m.Sign(signer); !errors.Is(err, merkle.ErrManifest) {
		t.Errorf("two lines: %v, want %v", err, merkle.ErrManifest)
	}
}

func FuzzParseManifest(f *testing.F) {
	f.Add(merkle.Manifest{Origin: "a", Subject: "b", Files: []merkle.ManifestFile{{Name: "c", SHA256: "d"}}}.Text())
	f.Add("openhall export manifest 1\n")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := merkle.ParseManifest(text)
		if err == nil && m.Text() != text {
			t.Errorf("%q is read as %q", text, m.Text())
		}
	})
}
