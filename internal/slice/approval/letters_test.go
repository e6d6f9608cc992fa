package approval_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/approval"
)

// prove gives each event a place as the only entry of a log.
func (h *hall) prove(ctx context.Context, event store.ID) (r merkle.Receipt, ok bool, err error) {
	h.mu.Lock()
	waiting := h.waiting
	h.mu.Unlock()
	if waiting {
		return r, false, nil
	}
	entry, err := store.Scalar[[]byte](h.db.Read().QueryRow(ctx, `SELECT content FROM event WHERE id = $1`, int64(event)))
	if err != nil {
		return r, false, err
	}
	secret, _, err := merkle.GenerateKey(strings.NewReader(strings.Repeat("l", 64)), "hall.example/log")
	if err != nil {
		return r, false, err
	}
	signer, err := merkle.NewSigner(secret)
	if err != nil {
		return r, false, err
	}
	signed, err := merkle.Checkpoint{Origin: "hall.example/log", Size: 1, Root: merkle.LeafHash(entry)}.Sign(signer)
	return merkle.NewReceipt(entry, 0, nil, signed), true, err
}

// refused plays a matter that gets every kind of letter but the grant.
func (h *hall) refused() *casework.Case {
	c := h.apply()
	h.step(clerk, c.Number, `{"outcome":"accept"}`)
	h.step(reviewer, c.Number, `{"outcome":"approve","opinion":"建议不予"}`)
	h.step(head, c.Number, `{"outcome":"refuse","reasons":"取水总量超过控制指标，依照条例第二十条不予批准"}`)
	h.step(clerk, c.Number, `{"manner":"pick-up","delivered":"2026-03-02","receiver":"王小明"}`)
	return h.byNumber(c.Number)
}

// granted plays a matter to its grant.
func (h *hall) granted() *casework.Case {
	c := h.apply()
	h.step(clerk, c.Number, `{"outcome":"accept"}`)
	h.step(reviewer, c.Number, `{"outcome":"approve","opinion":"建议准予"}`)
	h.step(head, c.Number, `{"outcome":"grant"}`)
	return h.byNumber(c.Number)
}

// Each letter of a matter has a number and a signed original, for the applicant, the holder of the query code and the office.
func TestSignedLetters(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		c := h.refused()
		list, err := h.LettersOf(t.Context(), c)
		if err != nil || len(list) != 4 {
			t.Fatalf("%d letters, %v", len(list), err)
		}
		keys, err := h.Documents.Keys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		track := "/track/" + c.Number + "/" + h.cases.Code(c)
		page := h.as(citizen).get("/me/case/" + c.Number)
		h.says(page, http.StatusOK, "合水收〔2026〕1号", "合水受〔2026〕1号", "合水不准〔2026〕1号", "合水送〔2026〕1号", "已签名的 PDF")
		for _, d := range list {
			path := strings.TrimPrefix(d.PDF, "/documents/"+c.Number)
			var first string
			for _, door := range []struct {
				who  identity.Principal
				base string
			}{{citizen, "/me/case/" + c.Number + "/documents"}, {visitor, track + "/documents"}, {clerk, "/documents/" + c.Number}} {
				got := h.as(door.who).get(door.base + path)
				v := document.Verify([]byte(got.body), keys, nil)
				if got.status != http.StatusOK || v.Outcome != document.Genuine || v.Statement.Case != c.Number || v.Statement.Kind != d.Kind ||
					got.header.Get("Content-Type") != document.MediaType || got.header.Get("Cache-Control") != "no-store" {
					t.Errorf("%s by %s: %d %v %+v", d.Kind, door.base, got.status, got.header, v.Outcome)
				}
				if first == "" {
					first = got.body
				}
				if got.body != first {
					t.Errorf("%s by %s is another file", d.Kind, door.base)
				}
			}
			h.as(citizen).says(h.get("/me/case/"+c.Number+"/documents"+strings.TrimSuffix(path, "/pdf")), http.StatusOK, "下载已签名的 PDF 原件")
			h.as(stranger).says(h.get(d.PDF), http.StatusForbidden)
			h.as(visitor).says(h.get("/track/"+c.Number+"/AAAAAAAA/documents"+path), http.StatusNotFound)
		}
		h.as(citizen).says(h.get("/me/case/"+c.Number+"/documents/2/decision-grant/pdf"), http.StatusNotFound, "没有这份文书")
	})
}

// A decision that was revoked holds no more wherever it is looked at, and leaves the register of what was granted.
func TestRevokedDecision(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		c := h.granted()
		i := slices.IndexFunc(c.Documents(), func(d casework.Document) bool { return d.Kind == "decision-grant" })
		decision := c.Documents()[i]
		const reason = "以虚假材料取得，依据行政许可法第六十九条第二款撤销"
		_, err := h.cases.Do(t.Context(), casework.Command{Key: "revoke", Actor: head, Case: c.ID, Act: casework.Revoke{
			Document: decision.Kind, Of: decision.Seq, Reason: reason,
		}})
		if err != nil {
			t.Fatal(err)
		}
		rec, err := h.Documents.Find(t.Context(), c.ID, decision.Seq, decision.Kind)
		if err != nil || rec.Holds() || rec.Reason != reason || rec.RevokedAt.IsZero() {
			t.Errorf("%+v, %v", rec, err)
		}
		list, err := h.Decisions(t.Context(), approval.DecisionFilter{})
		if err != nil || len(list) != 0 {
			t.Errorf("the register shows %+v, %v", list, err)
		}
		h.as(citizen).says(h.get("/me/case/"+c.Number), http.StatusOK, "撤销，不再有效")
		h.as(citizen).says(h.get("/me/case/"+c.Number+"/documents/"+strconv.FormatInt(decision.Seq, 10)+"/"+decision.Kind), http.StatusOK, "撤销，不再有效")
	})
}

func TestLetterThatCannotBePrintedYet(t *testing.T) {
	h := onSQLite(t)
	p := h.profiles[citizen.Account]
	p.Name = "王\U0002F00F" // no font has it
	h.profiles[citizen.Account] = p
	c := h.apply()
	path := "/me/case/" + c.Number + "/documents/1/receipt-slip"
	h.waiting = true
	got := h.get(path + "/pdf")
	h.says(got, http.StatusServiceUnavailable, "正在写入公开日志")
	if got.header.Get("Retry-After") == "" {
		t.Error("it is not said when to come again")
	}
	h.waiting = false
	h.says(h.get(path+"/pdf"), http.StatusServiceUnavailable, "字库里没有")
	h.says(h.get(path), http.StatusOK, "收件回执", "王\U0002F00F")
}

// In other languages a letter is a translation, and says which text counts.
func TestLettersAreTranslated(t *testing.T) {
	h := onSQLite(t)
	c := h.apply()
	path := "/me/case/" + c.Number + "/documents/1/receipt-slip?lang="
	h.says(h.get(path+"en"), http.StatusOK, "This is a translation", "Receipt", "we received your application for “Water abstraction permit”", "5 working days")
	h.says(h.get(path+"zh-Hant"), http.StatusOK, "以簡體中文原件為準", "收件回執", "取水許可")
	if strings.Contains(h.get(path+"zh-Hans").body, "转换文本") {
		t.Error("the original says that it is a translation")
	}
}

// Applications, steps and refusals side by side through the case runtime: every letter has a number, without a gap.
func TestLetterNumbersUnderLoad(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		const applicants = 24
		form := []byte(`{"place":"巢湖","start":"2026-04-01","contact":"` + wang + `"}`)
		var wait sync.WaitGroup
		for i := range applicants {
			wait.Go(func() {
				rec, err := h.cases.Do(t.Context(), casework.Command{Key: fmt.Sprint("load/", i), Actor: clerk, Act: casework.Submit{
					Kind: approval.KindName, Subject: code, Channel: casework.Window, Form: form,
					Applicant: casework.Applicant{Kind: identity.Person, Name: "王小明", IDNumber: wang, Phone: "13805510001"},
				}})
				if err != nil {
					t.Error(err)
					return
				}
				answers := []string{`{"outcome":"accept"}`, `{"outcome":"correct","missing":"缺少公章"}`, `{"outcome":"reject","reasons":"不属于本机关职权范围，请向省水利厅申请"}`}
				for try := range 2 { // the second time it is refused: somebody has done it already
					_, err := h.cases.Do(t.Context(), casework.Command{Key: fmt.Sprint("load/", i, "/", try), Actor: clerk, Case: rec.Case,
						Act: casework.Complete{Token: rec.Open[0].Token, Data: []byte(answers[i%3])}})
					var refusal *casework.Refusal
					if refused := errors.As(err, &refusal); refused != (try == 1) {
						t.Errorf("try %d: %v", try, err)
					}
				}
			})
		}
		wait.Wait()
		type sums struct{ last, count, first int64 }
		all, err := store.All(t.Context(), h.db.Read(), func(r store.Row) (s sums, err error) { return s, r.Scan(&s.last, &s.count, &s.first) },
			`SELECT max(ordinal), count(DISTINCT ordinal), min(ordinal) FROM document_letter GROUP BY series ORDER BY 1`)
		if err != nil || len(all) != 4 {
			t.Fatalf("%+v, %v", all, err)
		}
		for i, want := range []int64{8, 8, 8, applicants} {
			if s := all[i]; s.last != want || s.count != want || s.first != 1 {
				t.Errorf("%+v, want the numbers 1 to %d", s, want)
			}
		}
	})
}

// The words of templates and of lists do not part: a letter is called the same on its page and in the list that leads to it.
func TestTitlesAreThoseOfTheLists(t *testing.T) {
	h := onSQLite(t)
	said := words(t)
	for _, kind := range h.Letters.Kinds() {
		if strings.HasPrefix(kind, "request-") || strings.HasPrefix(kind, "joint-") {
			continue // letters of requests for information and of joint matters, which are other rooms'
		}
		for _, tag := range lang.All {
			title := h.Letters.Kind(kind).Title(nil).In(tag)
			if want := said.Localizer(tag).T("approval.document." + kind); title != want {
				t.Errorf("%s in %s: %q on the letter, %q in the list", kind, tag, title, want)
			}
		}
	}
}
