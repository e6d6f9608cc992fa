package intermediary_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/slice/intermediary"
)

// A sanction is lifted before its term is over when its agency asks and the head of the registrar decides, with a reason that everybody reads;
// another sanction that is still in force goes on.
func TestLiftSanction(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		number := w.admit(0, nil)
		w.admit(1, nil)
		suspended, blacklisted := w.sanction(number, intermediary.Suspension, 3), w.sanction(number, intermediary.Blacklist, 12)
		standing := func() string {
			t.Helper()
			a, err := w.Agency(ctx, number)
			must(t, err)
			day := ""
			if a.BlockedUntil != 0 {
				day = " " + a.BlockedUntil.String()
			}
			return a.Blocked + day
		}
		if got := standing(); got != "blacklist 2027-03-02" {
			t.Fatalf("barred by %q", got)
		}
		plea := intermediary.Plea{Agency: number, Sanction: blacklisted, Ground: intermediary.Repair, Statement: "报告已经更正，附复核意见"}
		_, err := w.Plead(ctx, agent(1), plea, w.newKey())
		refusedBy(t, err, "/agency", "owner")
		_, err = w.Plead(ctx, clerk, plea, w.newKey())
		denied(t, err)
		_, err = w.Plead(ctx, visitor, plea, w.newKey())
		denied(t, err)
		for path, bend := range map[string]func(p *intermediary.Plea){
			"/ground": func(p *intermediary.Plea) { p.Ground = intermediary.Over }, "/statement": func(p *intermediary.Plea) { p.Statement = " " },
			"/sanction": func(p *intermediary.Plea) { p.Sanction = "NONE" }, "/agency": func(p *intermediary.Plea) { p.Agency = "NONE" },
		} {
			p := plea
			bend(&p)
			_, err := w.Plead(ctx, agent(0), p, w.newKey())
			var r *casework.Refusal
			if !asRefusal(err, &r) || r.Fields[0].Path != path {
				t.Errorf("%s: %v", path, err)
			}
		}
		long := plea
		long.Statement = strings.Repeat("长", 2001)
		_, err = w.Plead(ctx, agent(0), long, w.newKey())
		refusedBy(t, err, "/statement", "maxLength")

		rec, err := w.Plead(ctx, agent(0), plea, w.newKey())
		must(t, err)
		_, err = w.Plead(ctx, agent(0), plea, w.newKey())
		refusedBy(t, err, "/statement", "twice")
		_, err = w.DecideLift(ctx, registrar, rec.Number, intermediary.LiftIt, "x", w.newKey())
		denied(t, err)
		_, err = w.DecideLift(ctx, agent(0), rec.Number, intermediary.LiftIt, "x", w.newKey())
		denied(t, err)
		_, err = w.DecideLift(ctx, chief, rec.Number, intermediary.LiftIt, "", w.newKey())
		refusedBy(t, err, "/reason", "required")
		_, err = w.DecideLift(ctx, chief, rec.Number, intermediary.LiftIt, "电话 13800000000", w.newKey())
		refusedBy(t, err, "/reason", "personal")
		w.at("2026-04-01", 10)
		_, err = w.DecideLift(ctx, chief, rec.Number, intermediary.LiftIt, "更正报告已经复核", w.newKey())
		must(t, err)
		if got := standing(); got != "suspension 2026-06-02" {
			t.Fatalf("barred by %q after the blacklist was lifted", got)
		}
		x, err := w.Sanction(ctx, blacklisted)
		must(t, err)
		if x.State != intermediary.Lifted || x.Lifted != "更正报告已经复核" || !x.LiftedAt.Equal(w.time()) {
			t.Errorf("lifted: %+v", x)
		}
		_, err = w.Plead(ctx, agent(0), plea, w.newKey())
		refusedBy(t, err, "/sanction", "over")

		// Supervision asks for the other one, and it is kept; once it is over there is nothing left to lift.
		objection := intermediary.Plea{Agency: number, Sanction: suspended, Ground: intermediary.Objection, Statement: "依据条款引用有误"}
		second, err := w.Plead(ctx, overseer, objection, w.newKey())
		must(t, err)
		_, err = w.DecideLift(ctx, chief, second.Number, intermediary.KeepIt, "依据没有错误", w.newKey())
		must(t, err)
		if got := standing(); got != "suspension 2026-06-02" {
			t.Errorf("barred by %q though it was kept", got)
		}
		w.at("2026-06-03", 9)
		_, err = w.Plead(ctx, agent(0), objection, w.newKey())
		refusedBy(t, err, "/sanction", "over")

		// A warning has no term: it is lifted as well.
		warned := w.sanction(number, intermediary.Warning, 0)
		third, err := w.Plead(ctx, registrar, intermediary.Plea{Agency: number, Sanction: warned, Ground: intermediary.Objection, Statement: "事实不清"}, w.newKey())
		must(t, err)
		_, err = w.DecideLift(ctx, chief, third.Number, intermediary.LiftIt, "事实不清", w.newKey())
		must(t, err)

		page := w.says(visitor, "GET", "/intermediary/agencies/"+number, nil, http.StatusOK, "更正报告已经复核", "依据没有错误", "事实不清", "提前解除", "期满")
		if strings.Contains(page, "附复核意见") {
			t.Error("what the agency stated is public")
		}
		w.says(visitor, "GET", "/intermediary/sanctions", nil, http.StatusOK, "更正报告已经复核", "提前解除")
		for _, r := range []casework.Receipt{rec, second, third} { // the log has the decisions, and none of the words
			events, err := w.cases.Events(ctx, r.Case, 0, 10)
			must(t, err)
			text := ""
			for _, e := range events {
				text += string(e.Content)
			}
			if !strings.Contains(text, `"outcome"`) || strings.Contains(text, "复核") || strings.Contains(text, "依据") {
				t.Errorf("the log of %s: %s", r.Number, text)
			}
		}
	})
}

// A declared relation ends when the head of the registrar finds so, not when the agency says so; the record stays, and it can be declared anew.
func TestLiftRelation(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		number := w.admit(0, nil)
		relation := intermediary.Relation{Kind: intermediary.ToApplicant, Target: applicantCode, Note: "股东之间有亲属关系"}
		must(t, w.Declare(ctx, agent(0), number, relation))
		matter := w.matter(applicant)
		choose := func() error {
			_, err := w.Place(ctx, applicant, intermediary.Ask{Case: matter, Service: "assessment", Method: intermediary.Choice, Agency: number}, w.newKey())
			return err
		}
		refusedBy(t, choose(), "/agency", "related-applicant")
		plea := intermediary.Plea{Agency: number, Kind: relation.Kind, Target: relation.Target, Ground: intermediary.Over, Statement: "股权已经转让"}
		wrong := plea
		wrong.Target = "hefei-none"
		_, err := w.Plead(ctx, agent(0), wrong, w.newKey())
		refusedBy(t, err, "/target", "over")
		wrong = plea
		wrong.Ground = intermediary.Repair
		_, err = w.Plead(ctx, agent(0), wrong, w.newKey())
		refusedBy(t, err, "/ground", "required")
		rec, err := w.Plead(ctx, agent(0), plea, w.newKey())
		must(t, err)
		refusedBy(t, choose(), "/agency", "related-applicant") // asked is not decided
		w.at("2026-03-04", 9)
		_, err = w.DecideLift(ctx, chief, rec.Number, intermediary.LiftIt, "工商登记已经变更", w.newKey())
		must(t, err)
		must(t, choose())
		list, err := w.Relations(ctx, w.agency(number).ID)
		must(t, err)
		if len(list) != 1 || list[0].Holds() || list[0].Ended != "工商登记已经变更" {
			t.Fatalf("relations: %+v", list)
		}
		w.says(visitor, "GET", "/intermediary/agencies/"+number, nil, http.StatusOK, "工商登记已经变更", "解除")
		w.at("2026-03-05", 9)
		must(t, w.Declare(ctx, agent(0), number, relation)) // it has begun again
		if list, err = w.Relations(ctx, w.agency(number).ID); err != nil || len(list) != 1 || !list[0].Holds() || !list[0].At.Equal(w.time()) {
			t.Errorf("declared anew: %+v, %v", list, err)
		}
		lifts, err := w.LiftsOf(ctx, w.agency(number).ID)
		must(t, err)
		if len(lifts) != 1 || lifts[0].State != intermediary.Lifted {
			t.Errorf("what was decided before is kept: %+v", lifts)
		}
		// It is asked for again, many times at the same instant: one of them is taken.
		taken, refused := w.atOnce(8, func(int) error {
			_, err := w.Plead(ctx, agent(0), plea, w.newKey())
			return err
		})
		if taken != 1 || refused != 7 {
			t.Errorf("%d taken, %d refused", taken, refused)
		}
	})
}

// The pages: the agency asks, the head finds it on the desk and decides, mistakes are told with what was typed.
func TestLiftPages(t *testing.T) {
	w := onSQLite(t)
	number := w.admit(0, nil)
	sanction := w.sanction(number, intermediary.Suspension, 3)
	must(t, w.Declare(t.Context(), agent(0), number, intermediary.Relation{Kind: intermediary.ToBody, Target: "water", Note: "举办单位"}))
	own := w.says(agent(0), "GET", "/intermediary/agency", nil, http.StatusOK, "申请解除利害关系")
	w.says(agent(0), "GET", "/intermediary/agency/sanctions/"+sanction, nil, http.StatusOK, "/intermediary/agency/lift?sanction="+sanction)
	ask := "/intermediary/agency/lift?sanction=" + sanction
	w.says(agent(0), "GET", ask, nil, http.StatusOK, "异议", "已经纠正")
	w.says(agent(0), "POST", ask, url.Values{"key": {"l1"}, "statement": {"已复核"}}, http.StatusUnprocessableEntity, "请选择理由", "已复核")
	w.says(agent(0), "POST", ask, url.Values{"key": {"l2"}, "ground": {"repair"}}, http.StatusUnprocessableEntity, "govuk-error-summary")
	w.says(agent(0), "POST", ask, url.Values{"key": {"l3"}, "ground": {"repair"}, "statement": {"已复核"}}, http.StatusSeeOther)
	w.says(agent(1), "GET", ask, nil, http.StatusNotFound)
	if !strings.Contains(own, "/intermediary/agency/lift?kind=body&amp;target=water") {
		t.Error("the relation leads nowhere")
	}
	relation := "/intermediary/agency/lift?kind=body&target=water"
	w.says(agent(0), "GET", relation, nil, http.StatusOK, "合肥市水务局", "关系已经结束")
	w.says(agent(0), "GET", "/intermediary/agency/lift?kind=body&target=none", nil, http.StatusNotFound)
	desk := w.says(chief, "GET", "/desk/intermediary", nil, http.StatusOK, "等待决定的解除申请")
	_, rest, _ := strings.Cut(desk, "/desk/intermediary/lifts/")
	lift, _, _ := strings.Cut(rest, `"`)
	page := "/desk/intermediary/lifts/" + lift
	w.says(clerk, "GET", page, nil, http.StatusForbidden)
	w.says(chief, "GET", page, nil, http.StatusOK, "已复核", "暂停承接")
	w.says(registrar, "POST", page, url.Values{"key": {"d0"}, "outcome": {"lift"}, "reason": {"x"}}, http.StatusForbidden)
	w.says(chief, "POST", page, url.Values{"key": {"d1"}, "reason": {"已经复核"}}, http.StatusUnprocessableEntity, "已经复核")
	w.says(chief, "POST", page, url.Values{"key": {"d2"}, "outcome": {"lift"}, "reason": {"已经复核"}}, http.StatusSeeOther)
	w.says(chief, "GET", page, nil, http.StatusOK, "已解除", "已经复核")
	w.says(agent(0), "GET", "/intermediary/agency", nil, http.StatusOK, "已解除", "已经复核")
	at := "/desk/intermediary/lift?agency=" + number + "&kind=body&target=water"
	w.says(clerk, "GET", at, nil, http.StatusForbidden)
	w.says(overseer, "GET", at, nil, http.StatusOK, "关系已经结束")
	if to := w.ask(overseer, "POST", at, url.Values{"key": {"p1"}, "ground": {"over"}, "statement": {"已经脱钩"}}).Header().Get("Location"); !strings.HasPrefix(to, "/desk/intermediary/lifts/ZJC") {
		t.Errorf("asked at the desk, led to %q", to)
	}
	w.says(overseer, "GET", "/desk/intermediary/lifts/NONE", nil, http.StatusNotFound)
}

// agency returns an agency that is there.
func (w *world) agency(number string) intermediary.Agency {
	w.t.Helper()
	a, err := w.Agency(w.t.Context(), number)
	must(w.t, err)
	return a
}

// atOnce does something n times at the same instant, and counts what was done and what was refused.
func (w *world) atOnce(n int, do func(i int) error) (done, refused int) {
	w.t.Helper()
	results := make(chan error, n)
	start := make(chan struct{})
	for i := range n {
		go func() {
			<-start
			results <- do(i)
		}()
	}
	close(start)
	for range n {
		var r *casework.Refusal
		switch err := <-results; {
		case err == nil:
			done++
		case asRefusal(err, &r):
			refused++
		default:
			w.t.Errorf("at once: %v", err)
		}
	}
	return done, refused
}
