package intermediary_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"openhall.org/openhall/internal/slice/intermediary"
)

// changed is a profile with another promise.
func changed(p intermediary.Profile, promise string) intermediary.Profile {
	p.Promise, p.Offers = promise, slices.Clone(p.Offers)
	return p
}

// An agency changes what it promises: the new version holds at once, the old one stays public with its days, the log names both by their digests, and
// orders keep what they were placed with.
func TestAmend(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		number := w.admit(0, nil)
		before := w.place(intermediary.Ask{Case: w.matter(applicant), Service: "assessment", Method: intermediary.Choice, Agency: number})
		drawn := w.place(intermediary.Ask{Case: w.matter(applicant), Service: "assessment", Method: intermediary.Draw})
		w.at("2026-03-03", 9)
		p := changed(w.own(0).Profile, "一次合格，逾期减价")
		p.Offers[0] = intermediary.Offer{Service: "assessment", Fen: 2_000_000, Days: 5}
		for _, who := range []struct {
			name string
			err  error
		}{
			{"another agency", w.Amend(ctx, agent(1), number, 1, p)}, {"the registrar", w.Amend(ctx, registrar, number, 1, p)}, {"the applicant", w.Amend(ctx, applicant, number, 1, p)},
		} {
			denied(t, who.err)
		}
		must(t, w.Amend(ctx, agent(0), number, 1, p))
		refusedBy(t, w.Amend(ctx, agent(0), number, 1, changed(p, "又改")), "/promise", "moved")
		refusedBy(t, w.Amend(ctx, agent(0), number, 2, p), "/promise", "same")
		if len(w.acts) != 1 || w.acts[0].Kind != intermediary.ActAmended || !w.acts[0].Public || w.acts[0].On.ID != number || len(fmt.Sprint(w.acts[0].Data["sha256"])) != 64 {
			t.Errorf("the log: %+v", w.acts)
		}
		a := w.own(0)
		list, err := w.Versions(ctx, &a)
		must(t, err)
		if len(list) != 2 || list[0].Profile.Promise != "一次合格，逾期减价" || list[1].Profile.Promise != "不合格免费重做" || !list[1].Until.Equal(list[0].From) || !list[0].Until.IsZero() ||
			list[0].Profile.Qualifications != list[1].Profile.Qualifications {
			t.Fatalf("versions: %+v", list)
		}
		w.says(visitor, "GET", "/intermediary/agencies/"+number, nil, http.StatusOK, "不合格免费重做", "一次合格，逾期减价", "2026年3月2日 10:00 至 2026年3月3日 09:00", "20,000.00", "10,000.00")
		w.says(visitor, "GET", "/intermediary/services/assessment", nil, http.StatusOK, "20,000.00")

		// What was ordered before keeps its price, its term and its promise.
		_, err = w.Answer(ctx, agent(0), before, intermediary.Confirm, "", w.newKey())
		must(t, err)
		_, err = w.Start(ctx, applicant, drawn, 7, w.newKey())
		must(t, err)
		w.work()
		_, err = w.Answer(ctx, agent(0), drawn, intermediary.Confirm, "", w.newKey())
		must(t, err)
		for _, old := range []string{before, drawn} {
			if o := w.order(old); o.Fen != 1_000_000 || o.Days != 10 || !strings.Contains(o.Contract, "价款：10000.00 元") || !strings.Contains(o.Contract, "质量承诺：不合格免费重做\n") {
				t.Errorf("ordered before: %d %d %s", o.Fen, o.Days, o.Contract)
			}
		}
		after := w.place(intermediary.Ask{Case: w.matter(applicant), Service: "assessment", Method: intermediary.Choice, Agency: number})
		_, err = w.Answer(ctx, agent(0), after, intermediary.Confirm, "", w.newKey())
		must(t, err)
		if o := w.order(after); o.Fen != 2_000_000 || o.Days != 5 || !strings.Contains(o.Contract, "质量承诺：一次合格，逾期减价\n") {
			t.Errorf("ordered after: %d %d %s", o.Fen, o.Days, o.Contract)
		}
	})
}

// Two changes at once of the same version: one holds, the other is told so.
func TestAmendAtOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		number := w.admit(0, nil)
		p := w.own(0).Profile
		taken, refused := w.atOnce(6, func(i int) error {
			return w.Amend(ctx, agent(0), number, 1, changed(p, "承诺"+strconv.Itoa(i)))
		})
		a := w.own(0)
		list, err := w.Versions(ctx, &a)
		must(t, err)
		if taken != 1 || refused != 5 || len(list) != 2 || list[0].Profile.Promise != a.Profile.Promise {
			t.Errorf("%d taken, %d refused, %d versions", taken, refused, len(list))
		}
	})
}

// The page keeps what was typed and names what is wrong; a service that is not offered any more is not; one whose qualification nobody has checked
// cannot be added.
func TestAmendPage(t *testing.T) {
	w := onSQLite(t)
	must(t, w.PutService(t.Context(), registrar, intermediary.Service{Key: "mapping", Name: text("测绘"), Items: []intermediary.Use{{Item: "water", Material: "mapping"}}, Basis: "测绘法第27条",
		Days: 20, Fen: 3_000_000, Pricing: intermediary.Market, Needs: "测绘资质"}))
	must(t, w.PutService(t.Context(), registrar, intermediary.Service{Key: "copying", Name: text("晒图"), Items: []intermediary.Use{{Item: "water", Material: "copies"}}, Basis: "办法第3条",
		Days: 5, Fen: 50_000, Pricing: intermediary.Market}))
	number := w.admit(0, func(a *intermediary.Application) { a.Profile.Qualifications = "资质第 1 号" })
	const at = "/intermediary/agency/offers"
	page := w.says(agent(0), "GET", at, nil, http.StatusOK, "不合格免费重做", "10000.00", "晒图")
	if strings.Contains(page, "测绘") {
		t.Error("a service that asks for a qualification is offered without one")
	}
	w.says(agent(1), "GET", at, nil, http.StatusNotFound)
	w.says(agent(0), "GET", "/intermediary/agency", nil, http.StatusOK, at)
	full := func(change url.Values) url.Values {
		f := url.Values{"version": {"1"}, "promise": {"新的承诺"}, "fen-assessment": {"12000"}, "days-assessment": {"9"}}
		for k, v := range change {
			f[k] = v
		}
		return f
	}
	for name, row := range map[string]struct {
		change url.Values
		words  []string
	}{
		"no promise":      {url.Values{"promise": {" "}}, []string{"12000"}},
		"long promise":    {url.Values{"promise": {strings.Repeat("长", 501)}}, []string{"请缩短到 500 字以内"}},
		"personal":        {url.Values{"promise": {"请打 13800000000"}}, []string{"请删去个人信息", "13800000000"}},
		"long phone":      {url.Values{"phone": {strings.Repeat("5", 41)}}, []string{"办公电话不超过 40 个字", strings.Repeat("5", 41)}},
		"dear":            {url.Values{"fen-assessment": {"99999"}}, []string{"不高于目录的最高价", "99999", "新的承诺"}},
		"no number":       {url.Values{"fen-assessment": {"一万"}}, []string{"请填写金额", "一万"}},
		"slow":            {url.Values{"days-assessment": {"21"}}, []string{"最长期限"}},
		"half":            {url.Values{"days-assessment": {""}}, []string{"请填写整数"}},
		"nothing offered": {url.Values{"fen-assessment": {""}, "days-assessment": {""}}, []string{"请至少选择一项服务"}},
		"an old version":  {url.Values{"version": {"0"}}, []string{"刚才已经修改过"}},
		"no version":      {url.Values{"version": {"x"}}, []string{"刚才已经修改过"}},
		"nothing changed": {url.Values{"promise": {"不合格免费重做"}, "fen-assessment": {"10000"}, "days-assessment": {"10"}}, []string{"没有改动"}},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			w.says(agent(0), "POST", at, full(row.change), http.StatusUnprocessableEntity, row.words...)
		})
	}
	w.t = t
	p := w.own(0).Profile
	p.Offers = append(slices.Clone(p.Offers), intermediary.Offer{Service: "mapping", Fen: 1, Days: 1})
	refusedBy(t, w.Amend(t.Context(), agent(0), number, 1, p), "/fen-mapping", "needs")

	w.says(agent(0), "POST", at, full(url.Values{"fen-assessment": {""}, "days-assessment": {""}, "fen-copying": {"300"}, "days-copying": {"2"}}), http.StatusSeeOther)
	if page := w.says(visitor, "GET", "/intermediary/services/assessment", nil, http.StatusOK); strings.Contains(page, "/intermediary/agencies/"+number) {
		t.Error("what is not offered any more still is")
	}
	w.says(visitor, "GET", "/intermediary/services/copying", nil, http.StatusOK, "机构0", "300.00")
	w.says(agent(0), "POST", at, full(url.Values{"version": {"2"}}), http.StatusSeeOther) // offered again
	w.says(visitor, "GET", "/intermediary/services/assessment", nil, http.StatusOK, "机构0", "12,000.00")
}

// Whoever chose an agency by a price that has been changed meanwhile is told before anything is ordered.
func TestOrderAsSeen(t *testing.T) {
	w := onSQLite(t)
	number, matter := w.admit(0, nil), w.matter(applicant)
	page := w.says(applicant, "GET", "/intermediary/order?case="+matter, nil, http.StatusOK)
	_, rest, found := strings.Cut(page, `name="seen-`+number+`" value="`)
	if !found {
		t.Fatal("the page does not say what its reader saw")
	}
	seen, _, _ := strings.Cut(rest, `"`)
	must(t, w.Amend(t.Context(), agent(0), number, 1, changed(w.own(0).Profile, "改了")))
	form := url.Values{"key": {"k"}, "case": {matter}, "service": {"assessment"}, "method": {"choice"}, "agency": {number}, "seen-" + number: {seen}}
	w.says(applicant, "POST", "/intermediary/order", form, http.StatusUnprocessableEntity, "刚刚修改了价格")
	a := w.own(0)
	_, err := w.Place(t.Context(), applicant, intermediary.Ask{Case: matter, Service: "assessment", Method: intermediary.Choice, Agency: a.Number}, w.newKey())
	must(t, err)
	refusedBy(t, w.Amend(t.Context(), agent(0), number, 1, changed(a.Profile, "再改")), "/promise", "moved")
}
