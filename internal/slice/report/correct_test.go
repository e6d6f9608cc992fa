package report_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/slice/report"
	"openhall.org/openhall/internal/slice/report/sheet"
)

// A published report is corrected: with a reason, from what is public now, by the same two people; until it is approved the old version
// holds, and afterwards both are there. Nobody becomes late by it.
func TestCorrection(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.figures["water@2025"] = w.whole(2025, sheet.Figures{"requests/received/person": 5, "requests/published/person": 5})
		_, err := w.Correct(ctx, clerk, water, 2025, "台账漏登两件", w.key())
		if got := refused(t, err, casework.RefusedForm); got != "/reason:state" {
			t.Errorf("what is not there: %s", got)
		}
		first := w.publish(clerk, head, water, 2025)
		must(t, w.Follow(ctx))
		w.at("2026-03-02", 10)
		_, err = w.Correct(ctx, clerk, water, 2025, "漏", w.key())
		if got := refused(t, err, casework.RefusedForm); got != "/reason:reason" {
			t.Errorf("no reason: %s", got)
		}
		if _, err := w.Correct(ctx, other, water, 2025, "台账漏登两件", w.key()); !errors.As(err, new(*identity.Denied)) {
			t.Errorf("another body corrects: %v", err)
		}
		// Two more had come on paper, and stand in the records now.
		w.figures["water@2025"]["requests/received/person"], w.figures["water@2025"]["requests/published/person"] = 7, 7
		rec, err := w.Correct(ctx, clerk, water, 2025, "补录两件信函申请", w.key())
		must(t, err)
		_, err = w.Correct(ctx, clerk, water, 2025, "又一次更正", w.key())
		if got := refused(t, err, casework.RefusedForm); got != "/reason:state" {
			t.Errorf("corrected twice at once: %s", got)
		}
		second, err := w.Newest(ctx, water, 2025)
		must(t, err)
		if second.ID != rec.Case || second.Version != 2 || second.State != report.Compiling || second.Live || second.Reason != "补录两件信函申请" {
			t.Fatalf("the correction is %+v", second)
		}
		kase, err := w.cases.Get(ctx, second.ID)
		must(t, err)
		// Twenty working days from Monday 2 March: 3–6 | 9–13 | 16–20 | 23–27 | 30.
		if got := kase.Clocks()[0].Term.Compute(w.calendar(), w.time()).StatuteDay.String(); got != "2026-03-30" {
			t.Errorf("the correction is due on %s", got)
		}
		work, err := w.Work(ctx, second)
		must(t, err)
		if work.Texts["overview"].Content == "" || work.Failing() != 0 || work.Sheet.Cell(cell("requests", "received", "person")).Final != 7 {
			t.Errorf("it begins with %+v, %d findings", work.Texts, work.Failing())
		}
		if r := w.get(water, 2025); r.ID != first.ID || r.State != report.Published {
			t.Errorf("meanwhile %+v holds", r)
		}
		_, sum, err := w.Below(ctx, hefei, 2025)
		must(t, err)
		if sum.Published != 1 || sum.Compiling != 0 {
			t.Errorf("the list counts %+v", sum)
		}
		_, err = w.Hand(ctx, clerk, second.ID, w.key())
		must(t, err)
		_, err = w.Decide(ctx, head, second.ID, report.Approve, "", w.key())
		must(t, err)
		r := w.get(water, 2025)
		if r.ID != second.ID || r.Version != 2 || r.Late(w.time()) || r.FirstAt != first.PublishedAt {
			t.Errorf("afterwards %+v holds", r)
		}
		if _, sum, err = w.Below(ctx, hefei, 2025); err != nil || sum.Published != 1 || sum.Tardy != 0 {
			t.Errorf("the list counts %+v, %v", sum, err)
		}
		versions, err := w.Versions(ctx, water, 2025)
		if err != nil || len(versions) != 2 || versions[1].ID != first.ID || versions[1].Statement.Values["requests/received/person"] != 5 {
			t.Errorf("versions: %+v, %v", versions, err)
		}
		must(t, w.Follow(ctx))
		if n := len(w.published); n != 2 || w.published[1].Was != versions[1].Record || w.published[1].Version != 2 || !strings.Contains(w.published[1].Text, "补录两件信函申请") {
			t.Errorf("the catalogue got %+v", w.published)
		}
		env, err := events0(t, w, second.ID).Envelope()
		must(t, err)
		if env.Data["reason"] != "补录两件信函申请" || env.Data["corrects"] != first.Number {
			t.Errorf("the log says %+v", env.Data)
		}
	})
}

// Of corrections that are begun at the same moment one is opened; the others are told so.
func TestCorrectionsAtOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		w.figures["water@2025"] = w.whole(2025, sheet.Figures{"requests/received/person": 5, "requests/published/person": 5})
		w.publish(clerk, head, water, 2025)
		const together = 6
		answers := make(chan error, together)
		for range together {
			key := w.key()
			go func() {
				_, err := w.Correct(t.Context(), clerk, water, 2025, "补录两件信函申请", key)
				answers <- err
			}()
		}
		opened := 0
		for range together {
			err := <-answers
			if err == nil {
				opened++
				continue
			}
			if got := refused(t, err, casework.RefusedForm); got != "/reason:state" {
				t.Errorf("told %s", got)
			}
		}
		if opened != 1 {
			t.Errorf("%d corrections were opened", opened)
		}
	})
}

// The pages of a correction: the form with its mistakes, both versions with what has changed.
func TestCorrectionPages(t *testing.T) {
	w := onSQLite(t)
	w.figures["water@2025"] = w.whole(2025, sheet.Figures{"requests/received/person": 5, "requests/published/person": 5})
	first := w.publish(clerk, head, water, 2025)
	const desk, public = "/desk/reports/water/2025", "/open/reports/water/2025"
	w.says(clerk, "GET", desk, nil, http.StatusOK, "更正这份报告")
	w.says(clerk, "POST", desk+"/correct", url.Values{"key": {"c0"}, "reason": {"漏"}}, http.StatusUnprocessableEntity, "请说明理由", ">漏</textarea>")
	w.says(other, "POST", desk+"/correct", url.Values{"key": {"c1"}, "reason": {"补录两件信函申请"}}, http.StatusForbidden)
	w.figures["water@2025"]["requests/received/person"], w.figures["water@2025"]["requests/published/person"] = 7, 7
	w.says(clerk, "POST", desk+"/correct", url.Values{"key": {"c2"}, "reason": {"补录两件信函申请"}}, http.StatusSeeOther)
	w.says(clerk, "GET", desk, nil, http.StatusOK, "第2版", "补录两件信函申请")
	w.says(clerk, "GET", "/desk/reports", nil, http.StatusOK, "编制中", "已公布")
	w.says(clerk, "GET", desk+"/preview", nil, http.StatusOK, "这一版改动的数据")
	w.says(visitor, "GET", public, nil, http.StatusOK, first.Number)
	w.says(visitor, "GET", public+"?version=2", nil, http.StatusNotFound)
	w.says(clerk, "POST", desk+"/hand", url.Values{"key": {"c3"}}, http.StatusSeeOther)
	w.says(head, "POST", desk+"/decide", url.Values{"key": {"c4"}, "outcome": {"publish"}}, http.StatusSeeOther)
	for lang, words := range map[string][]string{"zh-Hans": {"更正的理由", "首次公布", "补录两件信函申请", "这一版改动的数据"}, "zh-Hant": {"更正的理由", "首次公佈"}, "en": {"Reason for the correction", "Numbers that this version changes"}} {
		w.says(visitor, "GET", public+"?lang="+lang, nil, http.StatusOK, words...)
	}
	w.says(visitor, "GET", public+"?version=1", nil, http.StatusOK, "后来已经更正", "report.pdf?version=1")
	for _, file := range []string{"report.pdf", "report.xlsx"} {
		for query, name := range map[string]string{"": "annual-report-water-2025-v2", "?version=1": "annual-report-water-2025."} {
			if got := w.ask(visitor, "GET", public+"/"+file+query, nil).Header().Get("Content-Disposition"); !strings.Contains(got, name) {
				t.Errorf("%s%s is called %s", file, query, got)
			}
		}
	}
	if to := w.ask(clerk, "GET", "/desk/reports/case/"+first.Number, nil).Header().Get("Location"); to != public+"?version=1" {
		t.Errorf("the case of the old version leads to %s", to)
	}
}

// Who owes a report on the year before is held to it from the end of that year; the published report meets it, at once when it was there
// before. What fell due before bodies are held to anything is not owed.
func TestDuties(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for _, body := range []string{"water", "county-water"} {
			w.figures[body+"@2025"] = w.whole(2025, nil)
		}
		published := w.publish(clerk, head, water, 2025)
		must(t, w.Owing(ctx))
		must(t, w.Owing(ctx))
		for key, due := range map[string]string{"water/2025": "2026-01-31", "housing/2025": "2026-01-31", "town/2025": "2026-01-31", hefei + "/2025": "2026-03-31"} {
			d := w.owed["annual-report/"+key]
			if d == nil || d.Due.String() != due || d.Rule == "" || d.Category != publication.ColumnAnnual || calendar.Of(d.From).String() != "2026-01-01" {
				t.Errorf("%s: %+v", key, d)
			}
		}
		if d := w.owed["annual-report/"+hefei+"/2025"]; d.Body != "data" || d.Title.Hans != "合肥市人民政府2025年政府信息公开工作年度报告" {
			t.Errorf("of the government: %+v", d)
		}
		if len(w.owed) != 7 { // three bureaux and the government of the city, those of the county, the township and the province
			t.Errorf("%d duties", len(w.owed))
		}
		if d := w.owed["annual-report/water/2025"]; d.State != publication.Met || !d.SettledAt.Equal(published.PublishedAt) {
			t.Errorf("of what was there before: %+v", d)
		}
		w.at("2026-02-03", 10)
		w.publish(countyHead, countyChief, report.Owner{Division: feidong, Body: "county-water"}, 2025)
		d := w.owed["annual-report/county-water/2025"]
		if d.State != publication.Met || !d.SettledAt.Equal(w.time()) || d.Record != 0 {
			t.Errorf("met: %+v", d)
		}
		must(t, w.Follow(ctx))
		if d.Record == 0 {
			t.Error("its record does not stand with the duty")
		}
	})
}
