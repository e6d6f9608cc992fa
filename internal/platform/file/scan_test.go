package file_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

// eicar is the text that all scanners agree to find (www.eicar.org), in parts so that no scanner finds it here.
var eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$` + `EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`

// fakeClamd speaks clamd's protocol (clamd(8), INSTREAM) and returns its address.
func fakeClamd(t *testing.T, answer func(content []byte) string) string {
	t.Helper()
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "clamd.ctl"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				command := make([]byte, len("zINSTREAM\x00"))
				if _, err := io.ReadFull(conn, command); err != nil || string(command) != "zINSTREAM\x00" {
					return
				}
				var content bytes.Buffer
				for {
					var size uint32
					if err := binary.Read(conn, binary.BigEndian, &size); err != nil || size > 1<<20 {
						return
					}
					if size == 0 {
						break
					}
					if _, err := io.CopyN(&content, conn, int64(size)); err != nil {
						return
					}
				}
				_, _ = io.WriteString(conn, answer(content.Bytes()))
			}()
		}
	}()
	return "unix:" + l.Addr().String()
}

func byEicar(content []byte) string {
	if bytes.Contains(content, []byte(eicar)) {
		return "stream: Eicar-Signature FOUND\x00"
	}
	return "stream: OK\x00"
}

// Nothing that a scanner finds is kept, nor anything that it could not look at.
func TestScannerSeesEachUpload(t *testing.T) {
	pdf := "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
	large := pdf + strings.Repeat("% padding\n", 40_000) // several chunks
	for _, c := range []struct {
		name, address, content, want string
	}{
		{"sound", fakeClamd(t, byEicar), pdf, ""},
		{"sound, in many chunks", fakeClamd(t, byEicar), large, ""},
		{"malicious", fakeClamd(t, byEicar), pdf + eicar, file.RefusedMalicious},
		{"malicious, at the end of many chunks", fakeClamd(t, byEicar), large + eicar, file.RefusedMalicious},
		{"too large for the scanner", fakeClamd(t, func([]byte) string { return "INSTREAM size limit exceeded. ERROR\x00" }), pdf, file.RefusedUnscanned},
		{"an answer nobody knows", fakeClamd(t, func([]byte) string { return "hello" }), pdf, file.RefusedUnscanned},
		{"no answer", fakeClamd(t, func([]byte) string { return "" }), pdf, file.RefusedUnscanned},
		{"nobody there", "unix:" + filepath.Join(t.TempDir(), "nobody"), pdf, file.RefusedUnscanned},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, storetest.New(t, store.SQLite, file.Schema()))
			scanner, err := file.Clamd(c.address)
			if err != nil {
				t.Fatal(err)
			}
			files := w.with(t, scanner)
			_, err = files.Put(t.Context(), 7, "a.pdf", strings.NewReader(c.content), file.Limits{})
			var refused *file.Refusal
			errors.As(err, &refused)
			if c.want == "" && err != nil || c.want != "" && (refused == nil || refused.Code != c.want || !refused.Text.Complete()) {
				t.Fatalf("%v; want %s", err, c.want)
			}
			kept, err := files.Owned(t.Context(), 7)
			if err != nil || (len(kept) == 1) != (c.want == "") {
				t.Errorf("%d kept, %v", len(kept), err)
			}
		})
	}
}

func TestClamdAddresses(t *testing.T) {
	for _, bad := range []string{"", "127.0.0.1:3310", "tcp://127.0.0.1", "http://127.0.0.1:1", "unix:relative", "tcp://h:1/path"} {
		if _, err := file.Clamd(bad); err == nil || !strings.Contains(err.Error(), "want tcp://") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := file.Clamd("tcp://127.0.0.1:3310"); err != nil {
		t.Error(err)
	}
}
