package verify_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/file"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/slice/verify"
	"openhall.org/openhall/letters"
)

// world is the room over a bureau that has issued one letter. Its log has one entry for each event.
type world struct {
	t      *testing.T
	db     *store.DB
	doc    *document.Service
	pages  http.Handler
	secret string
	public string
	letter document.Record
	pdf    []byte
}

func clock() time.Time { return time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC) }

// PublicKey implements verify.Log.
func (w *world) PublicKey(context.Context) (string, error) { return w.public, nil }

func (w *world) prove(_ context.Context, event store.ID) (r merkle.Receipt, ok bool, err error) {
	entry := []byte(fmt.Sprintf(`{"body":"water","case":"C-1","event":"%s","seq":2}`, event))
	signer, err := merkle.NewSigner(w.secret)
	if err != nil {
		return r, false, err
	}
	signed, err := merkle.Checkpoint{Origin: "hall.example/log", Size: 1, Root: merkle.LeafHash(entry)}.Sign(signer)
	return merkle.NewReceipt(entry, 0, nil, signed), err == nil, err
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	w := &world{t: t, db: db}
	keys, err := seal.New([]byte(strings.Repeat("k", 32)))
	must(err)
	ids, err := store.NewIDs(1, clock)
	must(err)
	files, err := file.New(file.Options{DB: db, Blobs: file.Dir(t.TempDir()), Keys: keys, IDs: ids, Now: clock})
	must(err)
	signers, err := document.LoadSigners(t.TempDir(), "hall.example/documents")
	must(err)
	templates, err := document.Load(letters.Files)
	must(err)
	w.secret, w.public, err = merkle.GenerateKey(strings.NewReader(strings.Repeat("l", 64)), "hall.example/log")
	must(err)
	w.doc, err = document.New(t.Context(), document.Options{
		DB: db, Files: files, Keys: keys, IDs: ids, Now: clock, Log: slog.New(slog.DiscardHandler), Templates: templates, Signers: signers, Holder: "test",
		BaseURL: "https://hall.example",
	})
	must(err)
	w.doc.Attach(w.prove)
	w.doc.Register("approval", func(context.Context, document.Record, lang.Tag) (document.Facts, string, error) {
		return document.Facts{"issuer": "合肥市水务局", "applicant": "王小明", "item": "取水许可", "case": "C-1", "date": "2026年3月2日"}, "王*", nil
	})
	must(db.Write(t.Context(), func(_ context.Context, tx *store.Tx) error {
		w.doc.Issue(tx, document.Order{Case: &casework.Case{ID: 7, Number: "C-1", Kind: "approval", Body: "water", Division: "340100000000"},
			Event: casework.Event{ID: 70, Seq: 2, At: clock()}, Kind: "acceptance-slip", Agency: "合水"})
		return nil
	}))
	w.letter, err = w.doc.Find(t.Context(), 7, 2, "acceptance-slip")
	must(err)
	w.letter, err = w.doc.Ensure(t.Context(), w.letter)
	must(err)
	content, err := w.doc.Open(t.Context(), w.letter)
	must(err)
	w.pdf, err = io.ReadAll(content)
	must(err)
	must(content.Close())
	words, err := i18n.Load(web.Messages(), verify.Messages())
	must(err)
	s, err := verify.New(verify.Deps{Documents: w.doc, Log: w, Now: clock, BaseURL: "https://hall.example",
		Body: func(string) lang.Text {
			return lang.Text{Hans: "合肥市水务局", Hant: "合肥市水務局", En: "Hefei Water Bureau"}
		}})
	must(err)
	shell, err := web.New(web.Config{Catalogue: words, Clock: clock, Log: slog.New(slog.DiscardHandler), Explain: web.ExplainRefusal,
		Site: web.Site{Name: lang.Text{Hans: "政务大厅", Hant: "政務大廳", En: "Hall"}}})
	must(err)
	s.Mount(shell)
	w.pages, err = shell.Handler()
	must(err)
	t.Cleanup(func() {
		if missing := words.Missing(); len(missing) > 0 {
			t.Errorf("messages asked for in vain: %v", missing)
		}
	})
	return w
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, []store.Migrations{file.Schema(), document.Schema()}, func(t *testing.T, db *store.DB) { test(t, newWorld(t, db)) })
}

func (w *world) send(r *http.Request, status int, words ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	r.Header.Set("Accept-Language", "en")
	rec := httptest.NewRecorder()
	w.pages.ServeHTTP(rec, r)
	if rec.Code != status {
		w.t.Errorf("%s %s: %d, want %d: %s", r.Method, r.URL.Path, rec.Code, status, rec.Body)
	}
	for _, word := range words {
		if absent := strings.HasPrefix(word, "!"); absent == strings.Contains(rec.Body.String(), strings.TrimPrefix(word, "!")) {
			w.t.Errorf("%s %s: want %q", r.Method, r.URL.Path, word)
		}
	}
	return rec
}

func (w *world) get(path string, status int, words ...string) {
	w.t.Helper()
	w.send(httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, path, nil), status, words...)
}

// upload sends a file to be verified.
func (w *world) upload(content []byte, status int, words ...string) {
	w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "letter.pdf")
	if err == nil {
		_, err = part.Write(content)
	}
	if err != nil || form.Close() != nil {
		w.t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, "/verify", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	w.send(r, status, words...)
}

func (w *world) look(number, code string, status int, words ...string) string {
	w.t.Helper()
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, "/verify/number", strings.NewReader(url.Values{"number": {number}, "code": {code}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return w.send(r, status, words...).Header().Get("Location")
}

// A letter is genuine until a byte of it is changed; what is no letter of this hall is said to be none.
func TestFiles(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.get("/verify", http.StatusOK, "Verify a PDF file")
		w.get("/verify/keys", http.StatusOK, "hall.example/documents")
		w.upload(w.pdf, http.StatusOK, "Genuine and unchanged", w.letter.Number, "It holds", "Hefei Water Bureau")
		changed := bytes.Clone(w.pdf)
		changed[len(changed)/2] ^= 1
		w.upload(changed, http.StatusOK, "The file was changed", "!Genuine and unchanged")
		w.upload([]byte("%PDF-1.7\nno signature at all"), http.StatusOK, "Not a signed letter")
		w.upload(nil, http.StatusUnprocessableEntity)
		w.upload(bytes.Repeat([]byte("x"), 5<<20+1), http.StatusUnprocessableEntity)
		for range 25 {
			w.upload([]byte("%PDF-1.7\nanother"), http.StatusOK, "Not a signed letter")
		}
		w.upload(w.pdf, http.StatusTooManyRequests, "Too many files") // the clock of this test stands
	})
}

// Whoever holds number and code learns what the hall knows, in whatever brackets it is typed; nobody else does.
func TestNumbers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		code := w.doc.Code(w.letter.ID)
		page := "/verify/" + w.letter.ID.String() + "/" + code
		for _, typed := range []string{w.letter.Number, strings.NewReplacer("〔", "[", "〕", "]").Replace(w.letter.Number), " " + strings.ReplaceAll(w.letter.Number, "号", "號")} {
			if to := w.look(typed, strings.ToLower(code), http.StatusSeeOther); to != page {
				t.Errorf("%s leads to %s; want %s", typed, to, page)
			}
		}
		w.get(page, http.StatusOK, "This hall has issued this letter", w.letter.Number, "王*", "!王小明")
		w.get("/verify/"+w.letter.ID.String()+"/AAAAAAAAAA", http.StatusNotFound)
		w.look("", "", http.StatusUnprocessableEntity)
		for range 29 { // the wrong code of the address above counts too
			w.look(w.letter.Number, "AAAAAAAAAA", http.StatusUnprocessableEntity, "AAAAAAAAAA")
		}
		w.look(w.letter.Number, code, http.StatusTooManyRequests) // whoever guesses is stopped, even by the right one
	})
}

// A letter that was revoked is still genuine, and whoever asks is told that it holds no more, when and why.
func TestRevoked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const reason = "依据行政许可法第六十九条撤销"
		err := w.db.Write(t.Context(), func(_ context.Context, tx *store.Tx) error {
			w.doc.RevokeOf(tx, 7, 2, "acceptance-slip", clock(), reason)
			w.doc.RevokeOf(tx, 7, 3, "acceptance-slip", clock(), "another event: nothing") // there is no such letter
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		said := "This letter was revoked on 2 March 2026 and holds no more. Reason: " + reason
		w.upload(w.pdf, http.StatusOK, "Genuine and unchanged", said, "Revoked", "!It holds")
		w.get("/verify/"+w.letter.ID.String()+"/"+w.doc.Code(w.letter.ID), http.StatusOK, said, "!It holds")
	})
}
