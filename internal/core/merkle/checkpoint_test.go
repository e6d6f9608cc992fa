package merkle

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/mod/sumdb/note"
)

// The example of C2SP tlog-checkpoint.
const specCheckpoint = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

func TestCheckpointText(t *testing.T) {
	c, err := ParseCheckpoint(specCheckpoint)
	if err != nil {
		t.Fatal(err)
	}
	root, err := base64.StdEncoding.DecodeString("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
	if err != nil {
		t.Fatal(err)
	}
	if c.Origin != "example.com/behind-the-sofa" || c.Size != 20852163 || !bytes.Equal(c.Root[:], root) || c.Extensions != nil {
		t.Errorf("read as %+v", c)
	}
	if c.Text() != specCheckpoint {
		t.Errorf("written as %q", c.Text())
	}
	extended, err := ParseCheckpoint(specCheckpoint + "one\ntwo\n")
	if err != nil || len(extended.Extensions) != 2 || extended.Text() != specCheckpoint+"one\ntwo\n" {
		t.Errorf("with extension lines: %+v, %v", extended, err)
	}
	hash := "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
	for name, text := range map[string]string{
		"empty":              "",
		"no last newline":    strings.TrimSuffix(specCheckpoint, "\n"),
		"two lines":          "a\n1\n",
		"no origin":          "\n1\n" + hash + "\n",
		"leading zero":       "a\n01\n" + hash + "\n",
		"plus sign":          "a\n+1\n" + hash + "\n",
		"negative":           "a\n-1\n" + hash + "\n",
		"too large":          "a\n9223372036854775808\n" + hash + "\n",
		"short hash":         "a\n1\n" + hash[4:] + "\n",
		"second spelling":    "a\n1\n" + strings.Replace(hash, "2I=", "2J=", 1) + "\n",
		"empty extension":    specCheckpoint + "\n",
		"carriage return":    "a\r\n1\r\n" + hash + "\r\n",
		"space in the size":  "a\n 1\n" + hash + "\n",
		"hexadecimal number": "a\n0x1\n" + hash + "\n",
	} {
		if c, err := ParseCheckpoint(text); !errors.Is(err, ErrCheckpoint) {
			t.Errorf("%s: accepted as %+v (%v)", name, c, err)
		}
	}
}

// Key and signed message of the documentation of golang.org/x/mod/sumdb/note: a secret text whose public text is known.
func TestVerifierKeyOfPublishedKey(t *testing.T) {
	const secret = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
	const public = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
	got, err := VerifierKey(secret + "\n")
	if err != nil || got != public {
		t.Errorf("verifier key = %q, %v, want %q", got, err, public)
	}
	if _, err := NewVerifier(" " + public + "\n"); err != nil {
		t.Errorf("a key read from a file with a newline: %v", err)
	}
	for _, bad := range []string{"", "PRIVATE+KEY", public, secret[:len(secret)-4], strings.Replace(secret, "c74f20a3", "c74f20a4", 1)} {
		if _, err := VerifierKey(bad); err == nil {
			t.Errorf("%q accepted", bad)
		} else if bad != "" && strings.Contains(err.Error(), "AYEKFALVFGy") {
			t.Errorf("the error shows the secret: %v", err)
		}
	}
	for _, bad := range []string{"", secret, public[:len(public)-4], strings.Replace(public, "c74f20a3", "c74f20a4", 1)} {
		if _, err := NewVerifier(bad); err == nil {
			t.Errorf("verifier %q accepted", bad)
		}
	}
	if _, _, err := GenerateKey(iotest.ErrReader(errors.New("no randomness")), "x"); err == nil {
		t.Error("a key without randomness")
	}
}

func TestSignAndOpenCheckpoint(t *testing.T) {
	l := newMemLog(t)
	l.add(t, event("A", 1))
	want := Checkpoint{Origin: testOrigin, Size: 1, Root: LeafHash(event("A", 1))}
	got, err := OpenCheckpoint(l.signed, l.verifier)
	if err != nil || got.Text() != want.Text() {
		t.Fatalf("%+v, %v", got, err)
	}

	witnessSecret, witnessPublic, err := GenerateKey(strings.NewReader(strings.Repeat("w", 64)), "witness.example")
	if err != nil {
		t.Fatal(err)
	}
	witness, err := NewSigner(witnessSecret)
	if err != nil {
		t.Fatal(err)
	}
	witnessVerifier, err := NewVerifier(witnessPublic)
	if err != nil {
		t.Fatal(err)
	}
	both, err := want.Sign(l.signer, witness)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenCheckpoint(both, l.verifier); err != nil {
		t.Errorf("a signature by an unknown witness disturbs: %v", err)
	}
	if _, err := OpenCheckpoint(both, witnessVerifier); !errors.Is(err, ErrWrongKey) {
		t.Errorf("a witness passes for the log: %v", err)
	}
	if _, err := OpenCheckpoint(l.signed, witnessVerifier); !errors.Is(err, ErrWrongKey) {
		t.Errorf("another key: %v", err)
	}
	if _, err := want.Sign(witness); err == nil {
		t.Error("signed with a key of another name")
	}
	if _, err := (Checkpoint{Origin: testOrigin, Size: -1}).Sign(l.signer); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("signed a negative size: %v", err)
	}
	notCheckpoint, err := note.Sign(&note.Note{Text: "hello\n"}, l.signer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenCheckpoint(notCheckpoint, l.verifier); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("a signed note that is no checkpoint: %v", err)
	}
}

// Every single-byte edit of a signed checkpoint is refused, or leaves what it states as it was (base64 has spare bits at the
// end of the signature).
func TestCheckpointEdits(t *testing.T) {
	l := newMemLog(t)
	l.add(t, event("A", 1), event("A", 2))
	want, err := OpenCheckpoint(l.signed, l.verifier)
	if err != nil {
		t.Fatal(err)
	}
	body := bytes.Index(l.signed, []byte("\n\n"))
	for i := range l.signed {
		for bit := range 8 {
			bad := bytes.Clone(l.signed)
			bad[i] ^= 1 << bit
			got, err := OpenCheckpoint(bad, l.verifier)
			switch {
			case err == nil && (i <= body || got.Text() != want.Text()):
				t.Fatalf("byte %d with bit %d turned is accepted: %q", i, bit, bad)
			case err != nil && !errors.Is(err, ErrSignature) && !errors.Is(err, ErrWrongKey) && !errors.Is(err, ErrCheckpoint):
				t.Fatalf("byte %d: untyped error %v", i, err)
			}
		}
	}
}

func FuzzParseCheckpoint(f *testing.F) {
	f.Add(specCheckpoint)
	f.Add(specCheckpoint + "extension\n")
	f.Add("\n\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := ParseCheckpoint(text); err == nil && c.Text() != text {
			t.Errorf("%q is read as %+v, which is %q", text, c, c.Text())
		}
	})
}
