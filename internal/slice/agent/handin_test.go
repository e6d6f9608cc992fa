package agent_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/iotest"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
)

// message is what the app sends for a draft, with the type of its content.
func message(t testing.TB, draft map[string]any, photo string) (body []byte, contentType string) {
	t.Helper()
	raw, err := json.Marshal(draft)
	must(t, err)
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	must(t, m.WriteField("draft", string(raw)))
	p, err := m.CreateFormFile("file:photo", "photo.pdf")
	must(t, err)
	_, err = p.Write([]byte(photo))
	must(t, err)
	must(t, m.Close())
	return b.Bytes(), m.FormDataContentType()
}

func request(body io.Reader, contentType string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/agent/offline/handin", body)
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

// offline is a draft that brings the consent of its villager along.
func offline(id string) map[string]any {
	return map[string]any{"draft": id, "item": "DESTITUTE", "version": 1, "values": map[string]any{"name": "李爷爷", "group": "old"},
		"villager": map[string]any{"name": "李爷爷", "id": liID, "how": "signed", "at": "2026-03-02T01:00:00Z"}}
}

// counted are the applications and consents that there are.
func (w *world) counted() (cases, consents int) {
	w.t.Helper()
	for _, x := range []struct {
		kind string
		n    *int
	}{{"approval", &cases}, {"agent-consent", &consents}} {
		n, err := store.Scalar[int64](w.db.Read().QueryRow(w.t.Context(), `SELECT count(*) FROM case_ WHERE kind = $1`, x.kind))
		must(w.t, err)
		*x.n = int(n)
	}
	return cases, consents
}

// TestTwoDevices: the same draft comes in from two devices at the same time, again and again, each with a copy of the photograph of its own:
// it is one case and one consent, and everybody is told the same number.
func TestTwoDevices(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		w.actor = zhao
		const drafts, devices = 4, 6
		numbers := make([][devices]string, drafts)
		var all sync.WaitGroup
		for d := range drafts {
			draft := offline(fmt.Sprintf("6f1c1f0e-3a44-4a55-9d0f-%012d", d))
			draft["again"] = true
			for i := range devices {
				body, contentType := message(t, draft, pdf+fmt.Sprintf("%% device %d\n", i))
				all.Go(func() {
					rec := httptest.NewRecorder()
					w.site.ServeHTTP(rec, request(bytes.NewReader(body), contentType))
					var got struct{ State, Number string }
					if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil || rec.Code != http.StatusOK || got.State != "taken" {
						t.Errorf("draft %d from device %d: %d %s", d, i, rec.Code, rec.Body)
					}
					numbers[d][i] = got.Number
				})
			}
		}
		all.Wait()
		seen := map[string]bool{}
		for d := range drafts {
			for i := range devices {
				if numbers[d][i] != numbers[d][0] {
					t.Errorf("draft %d has two numbers: %v", d, numbers[d])
				}
			}
			seen[numbers[d][0]] = true
		}
		if cases, consents := w.counted(); cases != drafts || consents != 1 || len(seen) != drafts {
			t.Errorf("%d applications, %d consents, %d numbers", cases, consents, len(seen))
		}
	})
}

// errCut is what the hall reads where the line was cut.
var errCut = errors.New("the line was cut")

// deaf is a line that breaks before the answer.
type deaf struct{ header http.Header }

func (d *deaf) Header() http.Header       { return d.header }
func (d *deaf) Write([]byte) (int, error) { return 0, errCut }
func (d *deaf) WriteHeader(int)           {}

// TestCuts: the line is cut at every part of a hand-in, on its way up and on its way down; in the end there is one case.
func TestCuts(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		w.actor = zhao
		body, contentType := message(t, offline(draft1), pdf)
		for at := 0; at < len(body); at += len(body)/12 + 1 {
			rec := httptest.NewRecorder()
			w.site.ServeHTTP(rec, request(io.MultiReader(bytes.NewReader(body[:at]), iotest.ErrReader(errCut)), contentType))
			if rec.Code == http.StatusOK {
				t.Errorf("cut after %d bytes of %d: %d %s", at, len(body), rec.Code, rec.Body)
			}
		}
		if cases, consents := w.counted(); cases != 0 || consents != 0 {
			t.Fatalf("half a draft made %d applications and %d consents", cases, consents)
		}
		for range 3 { // it goes in, but the answer is lost
			w.site.ServeHTTP(&deaf{http.Header{}}, request(bytes.NewReader(body), contentType))
		}
		if cases, consents := w.counted(); cases != 1 || consents != 1 {
			t.Errorf("%d applications, %d consents", cases, consents)
		}
		rec := httptest.NewRecorder()
		w.site.ServeHTTP(rec, request(bytes.NewReader(body), contentType))
		var got struct{ State, Number string }
		must(t, json.Unmarshal(rec.Body.Bytes(), &got))
		if rec.Code != http.StatusOK || got.State != "taken" || got.Number == "" {
			t.Errorf("asked again: %d %s", rec.Code, rec.Body)
		}
	})
}

// TestSameKey: the same command of an application with the same key is one case, and another one with that key is refused.
func TestSameKey(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		c := w.take(wangID)
		x := w.handing(draft1)
		first, err := w.HandIn(t.Context(), zhao, &c, x)
		must(t, err)
		again, err := w.HandIn(t.Context(), zhao, &c, x)
		must(t, err)
		if first != again {
			t.Errorf("%+v, %+v", first, again)
		}
		_, err = w.cases.Do(t.Context(), casework.Command{Key: "agent/draft/" + draft1, Actor: zhao, Act: casework.Submit{Kind: "approval", Subject: "DESTITUTE", Channel: casework.Agent,
			Applicant: casework.Applicant{Name: "王奶奶", IDNumber: wangID, Consent: c.ID, Draft: "another"}, Form: x.Form, Files: x.Files}})
		if why(err) != casework.RefusedReplay {
			t.Errorf("another application with the same key: %v", err)
		}
		if cases, _ := w.counted(); cases != 1 {
			t.Errorf("%d applications", cases)
		}
	})
}
