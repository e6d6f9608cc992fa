package publication_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/publication"
)

// TestProof: a reader shows what was published, and an altered text, another record or another log is found out.
func TestProof(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		r, other := w.public(note("水费标准")), w.public(note("水质公报"))
		mux := http.NewServeMux()
		for pattern, h := range w.Handlers() {
			mux.HandleFunc(pattern, h)
		}
		ask := func(path string) *httptest.ResponseRecorder {
			rec := httptest.NewRecorder()
			mux.ServeHTTP(rec, httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil))
			return rec
		}
		path := "/open/proof/" + r.ID.String() + "/1"
		if got := ask(path); got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") == "" {
			t.Errorf("before it has a place in the log: %d %s", got.Code, got.Body)
		}
		_, err := w.ledger.Sequence(ctx)
		must(t, err)
		got := ask(path)
		p, ok := publication.ParseProof(got.Body.Bytes())
		if got.Code != http.StatusOK || !ok {
			t.Fatalf("proof: %d %s", got.Code, got.Body)
		}
		for _, wrong := range []string{"/open/proof/1/1", "/open/proof/x/1", "/open/proof/" + r.ID.String() + "/2", "/open/proof/" + r.ID.String() + "/x"} {
			if got := ask(wrong); got.Code != http.StatusNotFound {
				t.Errorf("%s: %d", wrong, got.Code)
			}
		}
		key, err := w.ledger.PublicKey(ctx)
		must(t, err)
		log, err := merkle.NewVerifier(key)
		must(t, err)
		v, err := publication.Verify([]byte(p.Statement), p.Receipt, log)
		if err != nil || v.Statement.Content.Title != "水费标准" || v.Digest != r.Digest || v.Elsewhere || v.Day.String() != "2026-03-02" || v.Body != "hf-water" {
			t.Errorf("verified: %+v, %v", v, err)
		}
		altered := strings.Replace(p.Statement, "水费标准", "水费涨价", 1)
		if _, err := publication.Verify([]byte(altered), p.Receipt, log); !errors.Is(err, publication.ErrOther) {
			t.Errorf("an altered text: %v", err)
		}
		theirs, err := w.Proof(ctx, other.ID, 1)
		must(t, err)
		if _, err := publication.Verify([]byte(p.Statement), theirs.Receipt, log); !errors.Is(err, publication.ErrOther) {
			t.Errorf("the receipt of another record: %v", err)
		}
		cut := p.Receipt
		cut.Index++
		if _, err := publication.Verify([]byte(p.Statement), cut, log); err == nil {
			t.Error("a receipt of another place was taken")
		}
		got2, err := w.Import(ctx, admin, publication.Batch{Key: "one", Body: "ah-data", Records: old(1)})
		must(t, err)
		_, err = w.ledger.Sequence(ctx)
		must(t, err)
		list, err := w.List(ctx, publication.Filter{Year: 2014})
		if err != nil || len(list) != 1 || got2.New != 1 {
			t.Fatalf("imported: %+v, %v", list, err)
		}
		brought, err := w.Proof(ctx, list[0].ID, 1)
		must(t, err)
		if v, err := publication.Verify([]byte(brought.Statement), brought.Receipt, log); err != nil || !v.Elsewhere {
			t.Errorf("brought in from elsewhere: %+v, %v", v, err)
		}
	})
}

// FuzzParseStatement: nothing is read as a statement that is not its own canonical form.
func FuzzParseStatement(f *testing.F) {
	st := publication.Statement{Type: publication.StatementType, V: 1, Version: 1, Record: 7, Index: "x", Published: day("2026-03-02"), Content: publication.Content{Title: "题", Category: "guide"}}
	text, _, err := st.Canonical()
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(text))
	f.Add([]byte(`{"type":"openhall-record","v":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		st, err := publication.ParseStatement(data)
		if err != nil {
			return
		}
		text, _, err := st.Canonical()
		if err != nil || text != strings.TrimSpace(string(data)) {
			t.Errorf("%q was read as %q, %v", data, text, err)
		}
		want, err := merkle.Canonical(json.RawMessage(text))
		if err != nil || string(want) != text {
			t.Errorf("%q is not canonical: %q, %v", text, want, err)
		}
	})
}
