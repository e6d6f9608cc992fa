package file_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/store/storetest"
)

type world struct {
	options file.Options
	*file.Files
	db  *store.DB
	dir string
	now time.Time
}

func newWorld(t testing.TB, db *store.DB) *world {
	t.Helper()
	w := &world{db: db, dir: t.TempDir(), now: time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return w.now }
	keys, err := seal.New(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	ids, err := store.NewIDs(1, clock)
	if err != nil {
		t.Fatal(err)
	}
	w.options = file.Options{DB: db, Blobs: file.Dir(w.dir), Keys: keys, IDs: ids, Now: clock}
	w.Files = w.with(t, nil)
	return w
}

// with returns the store of files with a scanner.
func (w *world) with(t testing.TB, scanner file.Scanner) *file.Files {
	t.Helper()
	o := w.options
	o.Scanner = scanner
	files, err := file.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// blobs returns the paths of what lies in the folder.
func (w *world) blobs(t testing.TB) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func pdf(size int) string { return "%PDF-1.7\n" + strings.Repeat("x", size-9) }

func archive(t testing.TB, names ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, n := range names {
		if _, err := z.Create(n); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPutAndGet(t *testing.T) {
	storetest.Each(t, []store.Migrations{file.Schema()}, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		// Both sides of a chunk of 64 KiB, and of two.
		for _, size := range []int{9, 65_535, 65_536, 65_537, 131_072, 300_000} {
			f, err := w.Put(t.Context(), 7, `C:\资料\申请书.pdf`, strings.NewReader(pdf(size)), file.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			got, r, err := w.Get(t.Context(), f.ID)
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(r)
			if err != nil || string(content) != pdf(size) || got != f || r.Close() != nil {
				t.Errorf("%d bytes read back as %d, %v; %+v, want %+v", size, len(content), err, got, f)
			}
			if f.Name != "申请书.pdf" || f.Size != int64(size) || f.Type != "application/pdf" || f.Owner != 7 || !f.CreatedAt.Equal(w.now) {
				t.Errorf("%+v", f)
			}
		}
		owned, err := w.Owned(t.Context(), 7)
		if err != nil || len(owned) != 6 || owned[0].Size != 300_000 {
			t.Errorf("%d files, %v; want 6, the latest first", len(owned), err)
		}
		// printf '%%PDF-1.7\n' | sha256sum
		if want := "0716f9264c9fe19f5d7455276107f3ddcc1d3497f63d60689a73558ae8a1bf5e"; owned[5].Digest != want {
			t.Errorf("digest %s; want %s", owned[5].Digest, want)
		}
		if _, _, err := w.Get(t.Context(), 1); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a file that is not there: %v; want ErrNotFound", err)
		}
		for _, path := range w.blobs(t) {
			if data, err := os.ReadFile(path); err != nil || bytes.Contains(data, []byte("%PDF-1.7\n")) || bytes.Contains(data, []byte("xxxxxxxx")) {
				t.Errorf("%s is readable without the key (%v)", path, err)
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: mode %v, %v; want 0600", path, info.Mode(), err)
			}
		}
		names, err := store.All(t.Context(), db.Read(), store.Scalar[[]byte], `SELECT name FROM file_`)
		if err != nil || len(names) != 6 || bytes.Contains(names[0], []byte("申请书")) {
			t.Errorf("names stand unsealed in the database (%v)", err)
		}
	})
}

func TestRefusals(t *testing.T) {
	db := storetest.New(t, store.SQLite, file.Schema())
	w := newWorld(t, db)
	ooxml := "[Content_Types].xml"
	jpegOnly := file.Limits{Types: file.Types()[1:2]}
	for _, c := range []struct {
		what, name, content string
		limits              file.Limits
		code                string // empty: taken
		says                string // in English
	}{
		{"a PDF", "a.pdf", pdf(100), file.Limits{}, "", ""},
		{"capital letters", "A.PDF", pdf(100), file.Limits{}, "", ""},
		{"a JPEG, short ending", "a.jpg", "\xff\xd8\xff\xe0..", file.Limits{}, "", ""},
		{"a JPEG, long ending", "a.jpeg", "\xff\xd8\xff\xe0..", file.Limits{}, "", ""},
		{"a PNG", "a.png", "\x89PNG\r\n\x1a\n..", file.Limits{}, "", ""},
		{"a Word document", "a.docx", archive(t, ooxml, "word/document.xml"), file.Limits{}, "", ""},
		{"an Excel workbook", "a.xlsx", archive(t, ooxml, "xl/workbook.xml"), file.Limits{}, "", ""},
		{"an OFD document", "a.ofd", archive(t, "OFD.xml", "Doc_0/Document.xml"), file.Limits{}, "", ""},
		{"nothing", "a.pdf", "", file.Limits{}, file.RefusedEmpty, "empty"},
		{"as large as allowed", "a.pdf", pdf(2048), file.Limits{MaxBytes: 2048}, "", ""},
		{"one byte too many", "a.pdf", pdf(2049), file.Limits{MaxBytes: 2048}, file.RefusedLarge, "2 KB"},
		{"20 MB and one byte", "a.pdf", pdf(20<<20 + 1), file.Limits{}, file.RefusedLarge, "20 MB"},
		{"a program", "a.pdf", "MZ\x90\x00\x03\x00\x00\x00", file.Limits{}, file.RefusedType, "unknown format"},
		{"text", "a.txt", "plain words", file.Limits{}, file.RefusedType, "text/plain"},
		{"a web page called PDF", "a.pdf", "<html><script>alert(1)</script>", file.Limits{}, file.RefusedType, "text/html"},
		{"an old Word document", "a.doc", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", file.Limits{}, file.RefusedType, ".docx"},
		{"some archive", "a.docx", archive(t, "a.txt"), file.Limits{}, file.RefusedType, "application/zip"},
		{"half an archive", "a.docx", archive(t, ooxml, "word/document.xml")[:60], file.Limits{}, file.RefusedType, "application/zip"},
		{"a PDF where only pictures are taken", "a.pdf", pdf(100), jpegOnly, file.RefusedType, "Upload one of: JPEG picture."},
		{"a PDF called PNG", "a.png", pdf(100), file.Limits{}, file.RefusedExtension, "ends in .png"},
		{"no ending", "scan", pdf(100), file.Limits{}, file.RefusedExtension, "Add .pdf"},
		{"macros", "a.docx", archive(t, ooxml, "word/document.xml", "word/vbaProject.bin"), file.Limits{}, file.RefusedMacros, "macros"},
		{"a bomb", "a.docx", bomb(t), file.Limits{}, file.RefusedArchive, "too large"},
		{"no name", "", pdf(100), file.Limits{}, file.RefusedName, "no name"},
		{"a name of dots and slashes", "../..", pdf(100), file.Limits{}, file.RefusedExtension, "ends in"},
		{"a name too long", strings.Repeat("长", 197) + ".pdf", pdf(100), file.Limits{}, file.RefusedName, "200"},
		{"a name just short enough", strings.Repeat("长", 196) + ".pdf", pdf(100), file.Limits{}, "", ""},
		// U+202E turns the writing round: shown, the name would be "afdp.exe" the other way.
		{"a name that hides its ending", "a\u202efdp.exe", pdf(100), file.Limits{}, file.RefusedExtension, ".exe"},
	} {
		t.Run(c.what, func(t *testing.T) {
			before := len(w.blobs(t))
			_, err := w.Put(t.Context(), 7, c.name, strings.NewReader(c.content), c.limits)
			var r *file.Refusal
			if c.code == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if !errors.As(err, &r) || r.Code != c.code {
				t.Fatalf("%v; want %s", err, c.code)
			}
			if !r.Text.Complete() || !strings.Contains(r.Text.En, c.says) {
				t.Errorf("words %+v; want all three languages and %q in the English ones", r.Text, c.says)
			}
			if len(w.blobs(t)) != before {
				t.Error("something of the refused file was kept")
			}
		})
	}
}

// bomb is an archive of a few bytes that says it unfolds to 600 MB.
func bomb(t testing.TB) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	if _, err := z.Create("word/document.xml"); err != nil {
		t.Fatal(err)
	}
	for _, n := range []string{"a", "b"} {
		if _, err := z.CreateRaw(&zip.FileHeader{Name: n, UncompressedSize64: 300 << 20}); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestBrokenUploadLeavesNothing(t *testing.T) {
	db := storetest.New(t, store.SQLite, file.Schema())
	w := newWorld(t, db)
	gone := errors.New("the browser went away")
	_, err := w.Put(t.Context(), 7, "a.pdf", io.MultiReader(strings.NewReader(pdf(100)), iotest.ErrReader(gone)), file.Limits{})
	if !errors.Is(err, gone) || len(w.blobs(t)) != 0 {
		t.Errorf("%v, %d blobs; want the reader's error and none", err, len(w.blobs(t)))
	}
	full := errors.New("the disk is full")
	err = file.Dir(w.dir).Write(t.Context(), "aa/1", func(out io.Writer) error {
		_, err := io.WriteString(out, "half")
		return errors.Join(err, full)
	})
	if !errors.Is(err, full) || len(w.blobs(t)) != 0 {
		t.Errorf("%v, blobs %v; want the failure and nothing left", err, w.blobs(t))
	}
}

// Every way of spoiling a blob is found when it is read, before its end is reached.
func TestAlteredBlobIsFound(t *testing.T) {
	db := storetest.New(t, store.SQLite, file.Schema())
	w := newWorld(t, db)
	put := func() file.File {
		t.Helper()
		f, err := w.Put(t.Context(), 7, "a.pdf", strings.NewReader(pdf(150_000)), file.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	path := func(f file.File) string {
		t.Helper()
		for _, p := range w.blobs(t) {
			if filepath.Base(p) == f.ID.String() {
				return p
			}
		}
		t.Fatalf("file %s has no blob", f.ID)
		return ""
	}
	other, err := os.ReadFile(path(put()))
	if err != nil {
		t.Fatal(err)
	}
	const sealedChunk = 4 + 32 + 64<<10 // length, key number, nonce and tag of GCM, content
	for _, c := range []struct {
		what  string
		spoil func(b []byte) []byte
	}{
		{"one bit", func(b []byte) []byte { b[100_000] ^= 1; return b }},
		{"cut in a chunk", func(b []byte) []byte { return b[:100_000] }},
		{"cut between chunks", func(b []byte) []byte { return b[:2*sealedChunk] }},
		{"chunks exchanged", func(b []byte) []byte {
			return append(append(bytes.Clone(b[sealedChunk:2*sealedChunk]), b[:sealedChunk]...), b[2*sealedChunk:]...)
		}},
		{"emptied", func([]byte) []byte { return nil }},
		{"a length beyond measure", func(b []byte) []byte { b[0] = 0xff; return b }},
		{"another file's", func([]byte) []byte { return other }},
	} {
		f := put()
		b, err := os.ReadFile(path(f))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path(f), c.spoil(b), 0o600); err != nil {
			t.Fatal(err)
		}
		_, r, err := w.Get(t.Context(), f.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); !errors.Is(err, file.ErrAltered) {
			t.Errorf("%s: %v; want ErrAltered", c.what, err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	f := put()
	exec(t, db, `UPDATE file_ SET digest = $2 WHERE id = $1`, int64(f.ID), strings.Repeat("0", 64))
	_, r, err := w.Get(t.Context(), f.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.Copy(io.Discard, r); !errors.Is(err, file.ErrAltered) {
		t.Errorf("another digest: %v; want ErrAltered", err)
	}
	if err := os.Remove(path(f)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.Get(t.Context(), f.ID); !errors.Is(err, file.ErrAltered) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no blob: %v; want ErrAltered, because it does not exist", err)
	}
}

func exec(t testing.TB, db *store.DB, query string, args ...any) {
	t.Helper()
	if err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error { return tx.Exec(ctx, query, args...) }); err != nil {
		t.Fatal(err)
	}
}

// Whoever has no account cannot fill the disk with what is handed in nowhere; whoever has one, and what is handed in, does not suffer from it.
func TestStrangersCannotFillTheDisk(t *testing.T) {
	storetest.Each(t, []store.Migrations{file.Schema()}, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		put := func(owner store.ID) (store.ID, string) {
			f, err := w.Put(t.Context(), owner, "a.pdf", strings.NewReader(pdf(1000)), file.Limits{Stranger: owner == 0})
			var refused *file.Refusal
			if errors.As(err, &refused) {
				return 0, refused.Code
			}
			if err != nil {
				t.Fatal(err)
			}
			return f.ID, ""
		}
		id, code := put(0)
		if code != "" {
			t.Fatal(code)
		}
		grow := func(size int64) { // as if it were a gigabyte
			if err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				return tx.Exec(ctx, `UPDATE file_ SET size = $2 WHERE id = $1`, int64(id), size)
			}); err != nil {
				t.Fatal(err)
			}
		}
		grow(1<<30 - 1000)
		if _, code = put(0); code != "" {
			t.Errorf("refused before the limit: %s", code)
		}
		if _, code = put(0); code != file.RefusedFull {
			t.Errorf("beyond the limit: %q", code)
		}
		if _, code = put(7); code != "" {
			t.Errorf("somebody with an account: %s", code)
		}
		if err := db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			return file.Bind(ctx, tx, 0, file.Holder{Kind: file.HolderCase, ID: 5}, id)
		}); err != nil {
			t.Fatal(err)
		}
		if _, code = put(0); code != "" {
			t.Errorf("once it was handed in: %s", code)
		}
		id, _ = put(0)
		grow(1 << 30)
		if _, code = put(0); code != file.RefusedFull {
			t.Errorf("again beyond the limit: %q", code)
		}
		w.now = w.now.Add(time.Hour + time.Minute)
		if _, code = put(0); code != "" {
			t.Errorf("an hour later: %s", code)
		}
	})
}

func TestSweep(t *testing.T) {
	storetest.Each(t, []store.Migrations{file.Schema()}, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		put := func() store.ID {
			t.Helper()
			f, err := w.Put(t.Context(), 7, "a.pdf", strings.NewReader(pdf(100)), file.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			return f.ID
		}
		write := func(fn func(ctx context.Context, tx *store.Tx) error) error { return db.Write(t.Context(), fn) }
		inDraft, inCase, loose := put(), put(), put()
		draft, kase := file.Holder{Kind: file.HolderDraft, ID: 5}, file.Holder{Kind: file.HolderCase, ID: 5}
		bind := func(owner store.ID, to file.Holder, ids ...store.ID) error {
			return write(func(ctx context.Context, tx *store.Tx) error { return file.Bind(ctx, tx, owner, to, ids...) })
		}
		if err := errors.Join(bind(7, draft, inDraft, inCase), bind(7, kase, inCase), bind(7, kase, inCase)); err != nil {
			t.Fatal(err)
		}
		if err := bind(8, kase, loose); !errors.Is(err, file.ErrNotOwned) {
			t.Errorf("binding another's file: %v; want ErrNotOwned", err)
		}
		sweep := func(want int, left ...store.ID) {
			t.Helper()
			if n, err := w.Sweep(t.Context()); err != nil || n != want {
				t.Errorf("swept %d, %v; want %d", n, err, want)
			}
			if got := len(w.blobs(t)); got != len(left) {
				t.Errorf("%d blobs are left; want %d", got, len(left))
			}
			for _, id := range left {
				if _, err := w.Stat(t.Context(), id); err != nil {
					t.Errorf("file %s: %v", id, err)
				}
			}
		}
		w.now = w.now.Add(file.Unclaimed)
		sweep(0, inDraft, inCase, loose) // not longer than a week ago
		w.now = w.now.Add(time.Second)
		fresh := put()
		sweep(1, inDraft, inCase, fresh)
		release := func(h file.Holder) {
			t.Helper()
			if err := write(func(ctx context.Context, tx *store.Tx) error { return file.Release(ctx, tx, h) }); err != nil {
				t.Fatal(err)
			}
		}
		release(draft)
		sweep(1, inCase, fresh)
		release(kase)
		sweep(1, fresh)
		if err := bind(7, kase, inCase); !errors.Is(err, file.ErrNotOwned) {
			t.Errorf("binding a file that was swept away: %v; want ErrNotOwned", err)
		}
	})
}

// What only an erased case held goes, row and bytes; what was handed in elsewhere as well stays; a kill in between loses nothing.
func TestErase(t *testing.T) {
	storetest.Each(t, []store.Migrations{file.Schema()}, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		put := func() store.ID {
			t.Helper()
			f, err := w.Put(t.Context(), 7, "a.pdf", strings.NewReader(pdf(100)), file.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			return f.ID
		}
		own, shared, other := put(), put(), put()
		erased, kept := file.Holder{Kind: file.HolderCase, ID: 5}, file.Holder{Kind: file.HolderCase, ID: 6}
		write := func(fn func(ctx context.Context, tx *store.Tx) error) {
			t.Helper()
			if err := db.Write(t.Context(), fn); err != nil {
				t.Fatal(err)
			}
		}
		write(func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(file.Bind(ctx, tx, 7, erased, own, shared), file.Bind(ctx, tx, 7, kept, shared, other))
		})
		if n, err := w.Held(t.Context(), erased); err != nil || n != 2 {
			t.Errorf("the case holds %d, %v", n, err)
		}
		for _, want := range []int{1, 0} { // the second time changes nothing
			write(func(ctx context.Context, tx *store.Tx) error {
				n, err := file.Erase(ctx, tx, erased)
				if n != want {
					t.Errorf("%d files erased; want %d", n, want)
				}
				return err
			})
		}
		if _, err := w.Stat(t.Context(), own); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the row of the erased file: %v", err)
		}
		if len(w.blobs(t)) != 3 {
			t.Error("bytes went before the transaction was certain")
		}
		for _, want := range []int{1, 0} {
			if n, err := w.Purge(t.Context()); err != nil || n != want {
				t.Errorf("purged %d, %v; want %d", n, err, want)
			}
		}
		if got := w.blobs(t); len(got) != 2 {
			t.Errorf("left: %v; want the two that another case holds", got)
		}
		for _, id := range []store.ID{shared, other} {
			if _, content, err := w.Get(t.Context(), id); err != nil {
				t.Errorf("file %s of the other case: %v", id, err)
			} else if _, err := io.Copy(io.Discard, content); err != nil || content.Close() != nil {
				t.Errorf("file %s of the other case: %v", id, err)
			}
		}
	})
}

// FuzzPut feeds hostile content: no panic, and nothing but a refusal or a file that reads back as it was.
func FuzzPut(f *testing.F) {
	for _, s := range []string{pdf(20), archive(f, "word/document.xml"), bomb(f), "\xff\xd8\xff", "PK\x03\x04", ""} {
		f.Add("a.pdf", []byte(s))
	}
	w := newWorld(f, storetest.New(f, store.SQLite, file.Schema()))
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		got, err := w.Put(t.Context(), 7, name, bytes.NewReader(content), file.Limits{MaxBytes: 1 << 16})
		var r *file.Refusal
		if errors.As(err, &r) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		_, in, err := w.Get(t.Context(), got.ID)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		if back, err := io.ReadAll(in); err != nil || !bytes.Equal(back, content) {
			t.Fatalf("read back %d of %d bytes, %v", len(back), len(content), err)
		}
	})
}
