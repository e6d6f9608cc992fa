package document

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

// signed is a document, small enough that each of its bytes can be tried, with what checks it.
type signed struct {
	file    []byte
	st      *Statement
	signers []Signer
	keys    []Known
	log     note.Verifier
}

func newSigned(t testing.TB) signed {
	t.Helper()
	b := open(t, storetest.New(t, store.SQLite, schemas()...), t.TempDir())
	l := &Letter{Tag: lang.Hans, Form: FullForm, Issuer: "局", Number: "〔2026〕1号", Title: "函", To: "𠮷：", Date: "1日", Seal: "章", Parts: []Passage{{Text: "甲。"}}}
	pdf, err := typesetting(t).print(l)
	if err != nil {
		t.Fatal(err)
	}
	r := Record{ID: 1, Event: 5, CaseNumber: "C-5"}
	proof, _, err := b.prove(t.Context(), r.Event)
	if err != nil {
		t.Fatal(err)
	}
	s := signed{signers: b.o.Signers}
	s.st = &Statement{
		At: "2026-11-23T02:00:00Z", Body: "human-resources", Case: "C-5", Issuer: "局", Kind: "acceptance-slip", Lang: "zh-CN", Number: l.Number, Proof: proof,
		SignedAt: "2026-11-23T02:00:01Z", Template: 1, Title: l.Title,
	}
	if s.file, err = sign(pdf, s.st, s.signers); err != nil {
		t.Fatal(err)
	}
	if s.keys, err = b.Keys(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.log, err = merkle.NewVerifier(b.public); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestGenuine(t *testing.T) {
	s := newSigned(t)
	v := Verify(s.file, s.keys, s.log)
	if v.Outcome != Genuine || len(v.Signers) != 2 || v.Proof != Proven || v.Origin != "hall.example/log" || v.Statement.Number != "〔2026〕1号" ||
		v.Statement.Case != "C-5" || v.Statement.Template != 1 || v.Statement.Leaf() != s.st.Leaf() {
		t.Errorf("%+v", v)
	}
	if v := Verify(s.file, s.keys, nil); v.Outcome != Genuine || v.Proof != Unchecked {
		t.Errorf("without the key of the log: %+v", v)
	}
	_, other, err := merkle.GenerateKey(strings.NewReader(strings.Repeat("o", 64)), "other.example/log")
	if err != nil {
		t.Fatal(err)
	}
	log, err := merkle.NewVerifier(other)
	if err != nil {
		t.Fatal(err)
	}
	if v := Verify(s.file, s.keys, log); v.Outcome != Genuine || v.Proof != Unchecked {
		t.Errorf("with the key of another log: %+v", v)
	}
}

// Every bit that is changed is noticed, and so is every byte that is taken away or added at an end. The document is as small as can be,
// so that each bit can be tried; of a printed one, every byte of the update and every 101st of the rest.
func TestEveryByteCounts(t *testing.T) {
	s := newSigned(t)
	small, st := bytes.Clone(tiny), *s.st
	small, err := sign(small, &st, s.signers)
	if err != nil {
		t.Fatal(err)
	}
	if v := Verify(small, s.keys, s.log); v.Outcome != Genuine {
		t.Fatalf("unchanged: %s", v.Outcome)
	}
	s.refuse(t, small, 0, 1, 1, 2, 4, 8, 16, 32, 64, 128)
	s.refuse(t, bytes.Clone(s.file), s.st.Bytes, 1, 1, 32)
	s.refuse(t, bytes.Clone(s.file[:len(s.file)-1]), 0, 101, 0) // the last byte is missing, whatever else is there
	s.refuse(t, bytes.Clone(s.file), 0, 101, 1)
	for _, other := range [][]byte{small[1:], append(bytes.Clone(small), '\n'), append([]byte("\n"), small...), append(bytes.Clone(small), small...)} {
		if v := Verify(other, s.keys, s.log); v.Outcome == Genuine {
			t.Errorf("%d bytes instead of %d: %s", len(other), len(small), v.Outcome)
		}
	}
	t.Logf("%d bytes bit by bit; of %d bytes a part", len(small), len(s.file))
}

// tiny is a PDF without a page.
var tiny = []byte("%PDF-1.7\n\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n" +
	"xref\n0 3\n0000000000 65535 f \n0000000010 00000 n \n0000000060 00000 n \ntrailer\n<<\n/Size 3\n/Root 1 0 R\n>>\nstartxref\n112\n%%EOF\n")

// refuse changes bytes of a file, one at a time.
func (s *signed) refuse(t *testing.T, file []byte, from, step int, flips ...byte) {
	t.Helper()
	for i := from; i < len(file); i += step {
		for _, flip := range flips {
			file[i] ^= flip
			if v := Verify(file, s.keys, s.log); v.Outcome == Genuine {
				t.Fatalf("byte %d of %d changed by %#x: %s", i, len(file), flip, v.Outcome)
			}
			file[i] ^= flip
		}
	}
}

func TestNotGenuine(t *testing.T) {
	s := newSigned(t)
	base := s.file[:s.st.Bytes]
	resign := func(change func(st *Statement), signers ...Signer) []byte {
		st := *s.st
		change(&st)
		file, err := sign(base, &st, signers)
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	same := func(*Statement) {}
	strange, err := LoadSigners(t.TempDir(), "forger.example/documents")
	if err != nil {
		t.Fatal(err)
	}
	named, err := LoadSigners(t.TempDir(), "hall.example/documents") // another key of the same name
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		file []byte
		want Outcome
	}{
		{"nothing", nil, NotOurs},
		{"a text", []byte("受理通知书"), NotOurs},
		{"a PDF without a signature", base, NotOurs},
		{"signed by a forger", resign(same, strange...), UnknownSigner},
		{"signed by a forger under our name", resign(same, named...), UnknownSigner},
		{"signed by us and by a forger", resign(same, s.signers[0], strange[1]), UnknownSigner},
		{"signed by one of our keys", resign(same, s.signers[0]), Genuine},
		{"signed before the key was there", resign(func(st *Statement) { st.SignedAt = "2026-11-22T02:00:00Z" }, s.signers...), Changed},
		{"the event of another case", resign(func(st *Statement) { st.Case = "C-6" }, s.signers...), Changed},
		{"the event of another body", resign(func(st *Statement) { st.Body = "water" }, s.signers...), Changed},
		{"a proof of another place", resign(func(st *Statement) { st.Proof.Index = 1 }, s.signers...), Changed},
		{"a statement of another file", append(bytes.Clone(base), s.file[s.st.Bytes+1:]...), Changed},
		{"a letter in front of ours", slices.Concat(base, s.file), Changed},
	} {
		if v := Verify(test.file, s.keys, s.log); v.Outcome != test.want {
			t.Errorf("%s: %s, want %s", test.name, v.Outcome, test.want)
		}
	}
}

// A signature written in another way is another signature: no second form of a file is accepted.
func TestOneFormOnly(t *testing.T) {
	s := newSigned(t)
	st, a, base := find(s.file)
	if st == nil {
		t.Fatal("there is no attachment")
	}
	value := a.Signatures[0].Value
	raw, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		t.Fatal(err)
	}
	loose := value[:len(value)-3] + string(value[len(value)-3]+1) + value[len(value)-2:] // only bits that say nothing
	if again, err := base64.StdEncoding.DecodeString(loose); err != nil || !bytes.Equal(raw, again) {
		t.Fatalf("%q and %q are to be the same in lax base64: %v", value, loose, err)
	}
	for _, change := range []func(a *attachment){
		func(a *attachment) { a.Signatures[0].Value = loose },
		func(a *attachment) { a.Signatures = a.Signatures[:1] },
		func(a *attachment) { slices.Reverse(a.Signatures) },
		func(a *attachment) { a.Signatures[0].Algorithm = "SM2" },
		func(a *attachment) { a.Document = json.RawMessage(strings.Replace(string(a.Document), ":", ": ", 1)) },
	} {
		other := attachment{a.Document, slices.Clone(a.Signatures)}
		change(&other)
		data, err := other.encode()
		if err != nil {
			t.Fatal(err)
		}
		tail, err := update(base, st, data)
		if err != nil {
			t.Fatal(err)
		}
		if v := Verify(slices.Concat(base, tail), s.keys, s.log); v.Outcome != Changed {
			t.Errorf("%s: %s", data[len(data)-200:], v.Outcome)
		}
	}
}

func TestKeysFile(t *testing.T) {
	s := newSigned(t)
	s.keys[0].Until = s.keys[0].From.Add(time.Hour)
	text := WriteKeys(s.keys, s.log.Name()+"+x") // not a key
	if _, _, err := ParseKeys(text); err == nil || !strings.Contains(err.Error(), "line 5") {
		t.Errorf("a broken key of the log: %v", err)
	}
	b := open(t, storetest.New(t, store.SQLite, schemas()...), t.TempDir())
	keys, log, err := ParseKeys(WriteKeys(s.keys, b.public))
	if err != nil || len(keys) != 2 || !keys[0].Until.Equal(s.keys[0].Until) || !keys[1].Until.IsZero() || !keys[1].From.Equal(s.keys[1].From) || log.Name() != "hall.example/log" {
		t.Fatalf("%+v, %v, %v", keys, log, err)
	}
	if v := Verify(s.file, keys, log); v.Outcome != Genuine || v.Proof != Proven {
		t.Errorf("by the keys of the file: %+v", v)
	}
	alone, _, err := ParseKeys([]byte(s.keys[0].String()))
	if err != nil || len(alone) != 1 || !alone[0].From.IsZero() {
		t.Errorf("a key alone: %+v, %v", alone, err)
	}
	for _, bad := range []string{"", "# none\n", "x", s.keys[0].String() + " today", s.keys[0].String() + " today -", s.keys[0].String() + " 2026-11-23T02:00:00Z never"} {
		if _, _, err := ParseKeys([]byte(bad)); err == nil {
			t.Errorf("%q was read as keys", bad)
		}
	}
}

// Whatever a file holds, checking it neither fails nor finds it genuine.
func FuzzVerify(f *testing.F) {
	s := newSigned(f)
	f.Add(s.file, 0)
	f.Add(s.file[s.st.Bytes:], 3)
	f.Add([]byte("%PDF-1.7\nstream\n{\"document\":{},\"signatures\":[]}\nendstream\nendobj\n"), 0)
	f.Add([]byte("stream\n{\"document\":"), 7)
	f.Fuzz(func(t *testing.T, data []byte, cut int) {
		if bytes.Equal(data, s.file) {
			return
		}
		if v := Verify(data, s.keys, s.log); v.Outcome == Genuine {
			t.Error("a file that is not ours is genuine")
		}
		// And the same in the place of our update.
		if other := append(bytes.Clone(s.file[:s.st.Bytes]), data...); !bytes.Equal(other, s.file) {
			if v := Verify(other, s.keys, s.log); v.Outcome == Genuine {
				t.Errorf("an update that is not ours is genuine (%d)", cut)
			}
		}
	})
}
