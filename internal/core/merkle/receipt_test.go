package merkle

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// The string and number rows are RFC 8785 § 3.2.2 and § 3.2.3; the hashes of names come from sorting by UTF-16.
func TestCanonical(t *testing.T) {
	for _, c := range []struct {
		value any
		want  string
	}{
		{map[string]any{"b": 1, "a": []any{true, nil, "<&>"}}, `{"a":[true,null,"<&>"],"b":1}`},
		{json.RawMessage(`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001]}`),
			`{"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}`},
		{json.RawMessage(`{"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/"}`), "{\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"},
		{map[string]int{"\u20ac": 1, "\r": 2, "1": 3, "\U0001F600": 4, "ö": 5}, "{\"\\r\":2,\"1\":3,\"ö\":5,\"€\":1,\"\U0001F600\":4}"},
		{map[string]int64{"n": 9007199254740991}, `{"n":9007199254740991}`},
		{map[string]string{"id": "9223372036854775807", "名": "张三"}, `{"id":"9223372036854775807","名":"张三"}`},
	} {
		got, err := Canonical(c.value)
		if err != nil || string(got) != c.want {
			t.Errorf("%v: %s, %v, want %s", c.value, got, err, c.want)
		}
	}
	for _, n := range []int64{9007199254740992, -9007199254740992, math.MaxInt64, math.MinInt64} {
		if got, err := Canonical(map[string]any{"deep": []int64{1, n}}); !errors.Is(err, ErrNumber) {
			t.Errorf("%d: %s, %v, want ErrNumber", n, got, err)
		}
	}
	for _, bad := range []any{math.NaN(), func() {}, json.RawMessage(`{"a":1,"a":2}`)} {
		if got, err := Canonical(bad); err == nil {
			t.Errorf("%v accepted as %s", bad, got)
		}
	}
}

// The expected hash is from a separate Python program: the documented encoding, salt 00 01 … 1f.
func TestCommitment(t *testing.T) {
	var salt Salt
	for i := range salt {
		salt[i] = byte(i)
	}
	got := Commit(salt, "name", []byte("张三"))
	if want := "df3d979d58ca5f62a78ff223da05dbd6ab2e5b5a8821303c35fe84e79dffb6ac"; hex.EncodeToString(got[:]) != want {
		t.Errorf("commitment %x, want %s", got, want)
	}
	good := Disclosure{"name", salt, "张三"}
	if err := good.Verify(got); err != nil {
		t.Error(err)
	}
	otherSalt := salt
	otherSalt[31]++
	for _, bad := range []Disclosure{{"name", salt, "李四"}, {"Name", salt, "张三"}, {"name", otherSalt, "张三"}} {
		if err := bad.Verify(got); !errors.Is(err, ErrCommitment) {
			t.Errorf("%q=%q: %v, want ErrCommitment", bad.Field, bad.Value, err)
		}
	}
	// Lengths are part of the encoding: a byte cannot move from the value to the field.
	if Commit(salt, "ab", []byte("c")) == Commit(salt, "a", []byte("bc")) {
		t.Error("field and value run into each other")
	}
}

func TestSalt(t *testing.T) {
	if _, err := NewSalt(strings.NewReader("too short")); err == nil {
		t.Error("a salt from too few bytes")
	}
	if _, err := NewSalt(iotest.ErrReader(errors.New("no randomness"))); err == nil {
		t.Error("a salt without randomness")
	}
	salt, err := NewSalt(strings.NewReader(strings.Repeat("s", 32)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := salt.MarshalText()
	if want := "c3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3M="; err != nil || string(text) != want {
		t.Errorf("%s, %v, want %s", text, err, want)
	}
	var again Salt
	if err := again.UnmarshalText(text); err != nil || again != salt {
		t.Errorf("read back as %v, %v", again, err)
	}
	for _, bad := range []string{"", "c3Nz", string(text) + "c3Nz", strings.Replace(string(text), "M=", "N=", 1)} {
		if err := again.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q accepted", bad)
		}
	}
}

// privateEvent returns an entry with a commitment to a name, and what opens it.
func privateEvent(t testing.TB) ([]byte, Disclosure) {
	t.Helper()
	open := Disclosure{Field: "name", Value: "张三"}
	copy(open.Salt[:], "0123456789abcdef0123456789abcdef")
	entry, err := Canonical(map[string]any{
		"case": "77", "seq": 1, "kind": "apply", "private": map[string]Hash{"name": Commit(open.Salt, "name", []byte(open.Value))},
	})
	if err != nil {
		t.Fatal(err)
	}
	return entry, open
}

func testReceipt(t testing.TB) (*memLog, Receipt) {
	t.Helper()
	l := newMemLog(t)
	entry, open := privateEvent(t)
	l.add(t, event("A", 1), event("A", 2), entry, event("B", 1), event("A", 3))
	proof, err := InclusionProof(5, 2, l.read)
	if err != nil {
		t.Fatal(err)
	}
	r := NewReceipt(entry, 2, proof, l.signed)
	r.Disclosed = []Disclosure{open}
	return l, r
}

func TestReceiptRoundTrip(t *testing.T) {
	l, r := testReceipt(t)
	file, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseReceipt(file)
	if err != nil || !reflect.DeepEqual(again, r) {
		t.Fatalf("read back as %+v, %v", again, err)
	}
	proven, err := again.Verify(l.verifier)
	if err != nil {
		t.Fatal(err)
	}
	if string(proven.Entry) != r.Entry || proven.Index != 2 || proven.Checkpoint.Size != 5 || proven.Checkpoint.Origin != testOrigin ||
		len(proven.Disclosed) != 1 || proven.Disclosed[0].Value != "张三" {
		t.Errorf("proved %+v", proven)
	}

	only := newMemLog(t)
	only.add(t, event("A", 1))
	file, err = NewReceipt(event("A", 1), 0, nil, only.signed).Encode()
	if err != nil || !bytes.Contains(file, []byte(`"proof": []`)) {
		t.Fatalf("a log of one entry: %s, %v", file, err)
	}
	if again, err = ParseReceipt(file); err != nil {
		t.Fatal(err)
	}
	if _, err := again.Verify(only.verifier); err != nil {
		t.Errorf("a log of one entry: %v", err)
	}
}

func TestReceiptRefusals(t *testing.T) {
	l, good := testReceipt(t)
	_, otherPublic, err := GenerateKey(strings.NewReader(strings.Repeat("x", 64)), testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewVerifier(otherPublic)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := good.Verify(other); !errors.Is(err, ErrWrongKey) {
		t.Errorf("another key of the same name: %v", err)
	}
	bare := newMemLog(t)
	bare.add(t, []byte("no JSON"))
	if _, err := NewReceipt([]byte("no JSON"), 0, nil, bare.signed).Verify(bare.verifier); !errors.Is(err, ErrEntryForm) {
		t.Errorf("an entry that is no JSON: %v", err)
	}
	for _, c := range []struct {
		name string
		edit func(*Receipt)
		want error
	}{
		{"no signature", func(r *Receipt) { r.Checkpoint, _, _ = strings.Cut(r.Checkpoint, "— ") }, ErrCheckpoint},
		{"larger size", func(r *Receipt) { r.Checkpoint = strings.Replace(r.Checkpoint, "\n5\n", "\n6\n", 1) }, ErrSignature},
		{"another name", func(r *Receipt) { r.Checkpoint = strings.Replace(r.Checkpoint, "— test", "— rest", 1) }, ErrWrongKey},
		{"altered entry", func(r *Receipt) { r.Entry = strings.Replace(r.Entry, "apply", "grant", 1) }, ErrEntryAltered},
		{"altered entry and leaf", func(r *Receipt) {
			r.Entry = strings.Replace(r.Entry, "apply", "grant", 1)
			r.Leaf = LeafHash([]byte(r.Entry))
		}, ErrProof},
		{"another place", func(r *Receipt) { r.Index = 3 }, ErrProof},
		{"place outside", func(r *Receipt) { r.Index = 5 }, ErrProof},
		{"negative place", func(r *Receipt) { r.Index = -1 }, ErrProof},
		{"proof cut", func(r *Receipt) { r.Proof = r.Proof[1:] }, ErrProof},
		{"no proof", func(r *Receipt) { r.Proof = nil }, ErrProof},
		{"another value", func(r *Receipt) { r.Disclosed = []Disclosure{{"name", r.Disclosed[0].Salt, "李四"}} }, ErrCommitment},
		{"a field that is not there", func(r *Receipt) { r.Disclosed = []Disclosure{{Field: "phone"}} }, ErrCommitment},
	} {
		r := good
		c.edit(&r)
		if proven, err := r.Verify(l.verifier); !errors.Is(err, c.want) {
			t.Errorf("%s: proved %+v, %v, want %v", c.name, proven, err, c.want)
		}
	}
	for name, file := range map[string]string{
		"empty": "", "a list": "[]", "no version": "{}", "version 2": `{"version":2}`, "unknown member": `{"version":1,"x":1}`,
		"two receipts": `{"version":1}{"version":1}`, "something after": `{"version":1} x`,
		"short hash": `{"version":1,"leaf":"AAAA"}`,
		"huge":       `{"version":1}` + strings.Repeat(" ", maxReceipt),
	} {
		if r, err := ParseReceipt([]byte(file)); !errors.Is(err, ErrReceipt) {
			t.Errorf("%s: read as %+v, %v", name, r, err)
		}
	}
}

// Every single-byte edit of a receipt file is refused, or proves exactly the same facts (white space, the case of member names).
func TestReceiptEdits(t *testing.T) {
	l, r := testReceipt(t)
	file, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	want, err := r.Verify(l.verifier)
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for i := range file {
		for _, edit := range []byte{file[i] ^ 1, file[i] ^ 0x20, file[i] ^ 0x80, ' '} {
			if edit == file[i] {
				continue
			}
			bad := bytes.Clone(file)
			bad[i] = edit
			again, err := ParseReceipt(bad)
			if err != nil {
				refused++
				continue
			}
			got, err := again.Verify(l.verifier)
			if err != nil {
				refused++
				continue
			}
			if got.Disclosed != nil && !reflect.DeepEqual(got, want) || string(got.Entry) != string(want.Entry) || got.Index != want.Index {
				t.Fatalf("byte %d changed to %q proves something else: %+v", i, edit, got)
			}
		}
	}
	if refused < 3*len(file) {
		t.Errorf("only %d of %d edits were refused", refused, 4*len(file))
	}
}

// Erasure is forgetting salt and value: the entry, its proof and the whole log stay valid, and no guess can be tested.
func TestErasureLeavesProofsValid(t *testing.T) {
	l, r := testReceipt(t)
	erased := r
	erased.Disclosed = nil
	proven, err := erased.Verify(l.verifier)
	if err != nil {
		t.Fatalf("receipt without the erased field: %v", err)
	}
	if strings.Contains(string(proven.Entry), "张三") {
		t.Error("the entry itself holds the private value")
	}
	if _, err := VerifyLog(l, l.verifier); err != nil {
		t.Errorf("log after the erasure: %v", err)
	}
	head, err := readEntry(proven.Entry)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		guess := r.Disclosed[0].Salt
		guess[rapid.IntRange(0, 31).Draw(t, "place")] ^= rapid.ByteRange(1, 255).Draw(t, "difference")
		if Commit(guess, "name", []byte("张三")) == head.Private["name"] {
			t.Fatal("the right value was confirmed without the salt")
		}
	})
}

func FuzzParseReceipt(f *testing.F) {
	l, r := testReceipt(f)
	file, err := r.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Add([]byte(`{"version":1,"proof":[null],"index":-1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ParseReceipt(data)
		if err != nil {
			return
		}
		if proven, err := r.Verify(l.verifier); err == nil && LeafHash(proven.Entry) != LeafHash(l.entries[proven.Index]) {
			t.Errorf("%q proves an entry that is not in the log", data)
		}
	})
}

func ExampleReceipt() {
	entry, _ := Canonical(map[string]any{"case": "77", "seq": 1, "kind": "accept"})
	edge, _ := Edge{}.Append([]Hash{LeafHash(entry)})
	secret, public, _ := GenerateKey(zeroReader{}, "demo.openhall.org/log")
	signer, _ := NewSigner(secret)
	signed, _ := Checkpoint{Origin: signer.Name(), Size: edge.Size(), Root: edge.Root()}.Sign(signer)

	verifier, _ := NewVerifier(public)
	proven, err := NewReceipt(entry, 0, nil, signed).Verify(verifier)
	fmt.Println(string(proven.Entry), err)
	// Output: {"case":"77","kind":"accept","seq":1} <nil>
}
