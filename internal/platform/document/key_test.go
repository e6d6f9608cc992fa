package document

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emmansun/gmsm/sm3"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// GB/T 32905-2016, appendix A.
func TestSM3(t *testing.T) {
	for text, want := range map[string]string{
		"abc":                      "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
		strings.Repeat("abcd", 16): "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
	} {
		if sum := sm3.Sum([]byte(text)); hex.EncodeToString(sum[:]) != want {
			t.Errorf("SM3(%s) = %x, want %s", text, sum, want)
		}
	}
}

// The example of GB/T 32918.5-2017, appendix A: the message “message digest”, signed by a user of the usual identity 1234567812345678.
func TestSM2(t *testing.T) {
	secret := unhex(t, "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
	public := unhex(t, "04"+"09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"+"CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13")
	signature := unhex(t, "3046022100"+"F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"+"022100"+"B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA")
	message := []byte("message digest")
	a := shangmi{}
	if !a.Verify(public, message, signature) {
		t.Error("the signature of the standard is not valid")
	}
	if a.Verify(public, []byte("message digesu"), signature) {
		t.Error("the signature of the standard is valid for another message")
	}
	got, sign, err := a.Open(secret)
	if err != nil || !bytes.Equal(got, public) {
		t.Fatalf("public key %x, %v", got, err)
	}
	own, err := sign(message)
	if err != nil || !a.Verify(public, message, own) {
		t.Errorf("our own signature is not valid: %v", err)
	}
}

// RFC 8032, 7.1, test 3.
func TestEd25519(t *testing.T) {
	a := edwards{}
	public, sign, err := a.Open(unhex(t, "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"))
	if err != nil || hex.EncodeToString(public) != "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025" {
		t.Fatalf("public key %x, %v", public, err)
	}
	got, err := sign([]byte{0xaf, 0x82})
	want := "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
	if err != nil || hex.EncodeToString(got) != want || !a.Verify(public, []byte{0xaf, 0x82}, got) {
		t.Errorf("signature %x, %v", got, err)
	}
}

func TestKeyFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	made, err := LoadSigners(dir, "hall.example/documents")
	if err != nil || len(made) != 2 {
		t.Fatal(made, err)
	}
	for _, a := range Algorithms() {
		info, err := os.Stat(keyFile(dir, a))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("key of %s: %v, %v", a.Name(), info, err)
		}
	}
	again, err := LoadSigners(dir, "hall.example/documents")
	if err != nil {
		t.Fatal(err)
	}
	for i := range made {
		k := made[i].Public
		if again[i].Public.String() != k.String() {
			t.Errorf("%s was read as another key", k.Algorithm())
		}
		parsed, err := ParsePublicKey(k.String() + "\n")
		if err != nil || parsed.ID() != k.ID() || parsed.Algorithm() != k.Algorithm() || len(k.ID()) != 8 {
			t.Errorf("%s: %v", k, err)
		}
		if _, err := ParsePublicKey(strings.Replace(k.String(), k.ID(), "00000000", 1)); err == nil {
			t.Error("a key with the id of another was read")
		}
	}
	for _, bad := range []string{"", "a", "a+b+c", "hall.example/documents+00000000+AQ==", "hall.example/documents+00000000+CQkJ"} {
		if _, err := ParsePublicKey(bad); err == nil {
			t.Errorf("%q was read as a key", bad)
		}
	}
	for _, bad := range []string{"", "PRIVATE+KEY+", "PRIVATE+KEY+RSA+AAAA", "PRIVATE+KEY+Ed25519+AAAA", "PRIVATE+KEY+SM2+AAAA", "PRIVATE+KEY+Ed25519+%"} {
		if _, err := NewSigner("x", bad); err == nil {
			t.Errorf("%q was read as a secret key", bad)
		}
	}
	if err := os.WriteFile(keyFile(dir, edwards{}), []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadSigners(dir, "x"); err == nil || !strings.Contains(err.Error(), "document-ed25519.key") {
		t.Errorf("a broken key file: %v", err)
	}
}
