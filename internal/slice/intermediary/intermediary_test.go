package intermediary_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/slice/intermediary"
	"openhall.org/openhall/internal/slice/intermediary/draw"
)

// refusedBy asserts that something was refused because of a field, by a rule.
func refusedBy(t *testing.T, err error, path, code string) {
	t.Helper()
	var r *casework.Refusal
	if !errors.As(err, &r) || len(r.Fields) == 0 || r.Fields[0].Path != path || r.Fields[0].Code != code {
		t.Fatalf("got %v, want a refusal of %s: %s", err, path, code)
	}
}

func denied(t *testing.T, err error) {
	t.Helper()
	var d *identity.Denied
	if !errors.As(err, &d) {
		t.Fatalf("got %v, want that it is not allowed", err)
	}
}

// An order by choice from the beginning to the deliverable in the case: the contract, the clock in working days that stands still while the
// body checks, the return with reasons, the grade, the shares.
func TestChoice(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		first, _ := w.admit(0, nil), w.admit(1, nil)
		matter := w.matter(applicant)
		number := w.place(intermediary.Ask{Case: matter, Service: "assessment", Method: intermediary.Choice, Agency: first})
		if o := w.order(number); o.State != intermediary.Offered || o.Fen != 1_000_000 || o.Days != 10 || o.OfNumber != matter {
			t.Fatalf("placed: %+v", o)
		}
		_, err := w.Place(ctx, applicant, intermediary.Ask{Case: matter, Service: "assessment", Method: intermediary.Choice, Agency: first}, w.newKey())
		refusedBy(t, err, "/service", "twice")
		for _, who := range []identity.Principal{applicant, agent(1), clerk, stranger} { // nobody answers for the agency
			_, err := w.Answer(ctx, who, number, intermediary.Confirm, "", w.newKey())
			denied(t, err)
		}
		_, err = w.Answer(ctx, agent(0), number, intermediary.Confirm, "", w.newKey())
		must(t, err)
		o := w.order(number)
		if o.State != intermediary.Working || !strings.Contains(o.Contract, "10000.00 元") || len(o.Digest) != 64 {
			t.Fatalf("contracted: %+v", o)
		}
		// Ten working days after Monday, 2 March 2026 end with Monday, 16 March.
		if got := o.DueAt.Add(-1).In(o.DueAt.Location()).UTC().Format("2006-01-02"); got != "2026-03-16" {
			t.Errorf("due on %s", got)
		}
		_, err = w.Deliver(ctx, agent(0), number, "", nil, w.newKey())
		refusedBy(t, err, "/files", "required")
		w.at("2026-03-05", 9)
		_, err = w.Deliver(ctx, agent(0), number, "第一稿", w.paper(agent(0).Account), w.newKey())
		must(t, err)
		denied(t, func() error {
			_, err := w.Grade(ctx, agent(0), number, intermediary.GradeA, "", w.newKey())
			return err
		}())
		_, err = w.Grade(ctx, clerk, number, intermediary.Return, "", w.newKey())
		refusedBy(t, err, "/remark", "required")
		w.at("2026-03-09", 9) // two working days later
		_, err = w.Grade(ctx, clerk, number, intermediary.Return, "缺少取水口坐标", w.newKey())
		must(t, err)
		o = w.order(number)
		if got := o.DueAt.Add(-1).UTC().Format("2006-01-02"); o.State != intermediary.Working || o.Returned != 1 || got != "2026-03-18" {
			t.Fatalf("returned: due %s, %+v", got, o)
		}
		w.at("2026-03-23", 9)
		if _, err := w.cases.Wake(ctx); err != nil {
			t.Fatal(err)
		}
		if o = w.order(number); !o.Late {
			t.Fatal("it is late, and nobody sees that")
		}
		_, err = w.Deliver(ctx, agent(0), number, "", w.paper(agent(0).Account), w.newKey())
		must(t, err)
		_, err = w.Grade(ctx, second, number, intermediary.GradeA, "", w.newKey())
		must(t, err)
		w.work()
		o = w.order(number)
		if o.State != intermediary.Accepted || o.Grade != "A" || o.Attached != 1 {
			t.Fatalf("accepted: %+v", o)
		}
		c, err := w.cases.ByNumber(ctx, matter)
		must(t, err)
		d, err := w.cases.Dossier(ctx, c.ID)
		must(t, err)
		if len(d.Files) != 1 || d.Files[0].Material != "assessment" {
			t.Fatalf("in the case: %+v", d.Files)
		}
		w.work() // nothing is put in twice
		if d, err = w.cases.Dossier(ctx, c.ID); err != nil || len(d.Files) != 1 {
			t.Fatalf("in the case: %d files, %v", len(d.Files), err)
		}
		_, err = w.cases.Do(ctx, casework.Command{Key: w.newKey(), Actor: applicant, Case: o.ID, Act: casework.Rate{Grade: 4}})
		must(t, err)
		a, err := w.Agency(ctx, first)
		must(t, err)
		if a.Orders != 1 || a.Late != 1 || a.Returned != 1 || a.Finished != 1 || a.Rating() != 400 || a.Fen != 1_000_000 {
			t.Errorf("counted: %+v", a)
		}
		shares, err := w.Shares(ctx, "water")
		must(t, err)
		if len(shares) != 1 || shares[0].Orders != 1 || shares[0].Fen != 1_000_000 {
			t.Errorf("shares: %+v", shares)
		}
		// The place is free again: another order can be placed.
		w.place(intermediary.Ask{Case: matter, Service: "assessment", Method: intermediary.Choice, Agency: first})
	})
}

// A draw: committed, started, decided by the checkpoint that the commitment named, verified by anybody; never repeated.
func TestDraw(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for n := range 6 {
			w.admit(n, nil)
		}
		matter := w.matter(applicant)
		key := w.newKey()
		ask := intermediary.Ask{Case: matter, Service: "assessment", Method: intermediary.Draw}
		rec, err := w.Place(ctx, applicant, ask, key)
		must(t, err)
		again, err := w.Place(ctx, applicant, ask, key) // the same form, sent twice
		must(t, err)
		if again.Number != rec.Number {
			t.Fatal("one form placed two orders")
		}
		o := w.order(rec.Number)
		if o.State != intermediary.Committed || len(o.Commitment) != 64 {
			t.Fatalf("placed: %+v", o)
		}
		event, err := w.cases.Event(ctx, o.ID, 1)
		must(t, err)
		if !bytes.Contains(event.Content, []byte(o.Commitment)) {
			t.Fatal("the commitment is not in the log")
		}
		_, err = w.Place(ctx, applicant, ask, w.newKey())
		refusedBy(t, err, "/service", "twice")
		_, err = w.Start(ctx, stranger, o.Number, 1, w.newKey())
		denied(t, err)
		w.work()
		if w.order(o.Number).State != intermediary.Committed {
			t.Fatal("drawn before it was started")
		}
		_, err = w.Start(ctx, applicant, o.Number, 4711, w.newKey())
		must(t, err)
		if more, err := w.Work(ctx); err != nil || more {
			t.Fatalf("drawn before the log had its checkpoint: %v", err)
		}
		w.work()
		o = w.order(o.Number)
		if o.State != intermediary.Offered || o.Agency == 0 {
			t.Fatalf("drawn: %+v", o)
		}
		p, ok, err := w.Proof(ctx, &o)
		must(t, err)
		if !ok {
			t.Fatal("there is no proof")
		}
		verifier, err := merkle.NewVerifier(w.key.Public)
		must(t, err)
		data, err := p.Encode()
		must(t, err)
		read, err := draw.ParseProof(data)
		must(t, err)
		if _, err := read.Verify(verifier); err != nil {
			t.Fatal(err)
		}
		if len(p.Candidates) != 6 || p.Committed.Index >= p.Started.Index {
			t.Errorf("proof: %+v", p)
		}
		before := w.order(o.Number)
		_, err = w.Start(ctx, applicant, o.Number, 9, w.newKey())
		var r *casework.Refusal
		if !errors.As(err, &r) || !strings.Contains(r.Text.Hans, "不能重新抽取") {
			t.Fatalf("again: %v", err)
		}
		if w.order(o.Number) != before {
			t.Error("the attempt changed the order")
		}
		attempts, err := w.cases.List(ctx, casework.Filter{Kind: intermediary.AttemptKind})
		must(t, err)
		if len(attempts) != 1 || attempts[0].Body != "water" {
			t.Errorf("attempts: %+v", attempts)
		}
		// Replayed, the log says the same: the winner follows from what stands in it.
		w.work()
		p2, _, err := w.Proof(ctx, &before)
		must(t, err)
		if p2.Winner != p.Winner || p2.Root != p.Root || p2.Seed != p.Seed {
			t.Error("later the draw says something else")
		}
	})
}

// Sealed bids: none can be read or handed in anew, none comes late, the lowest wins; who was sanctioned meanwhile does not count.
func TestBids(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		var numbers []string
		for n := range 4 {
			numbers = append(numbers, w.admit(n, nil))
		}
		matter := w.matter(applicant)
		number := w.place(intermediary.Ask{Case: matter, Service: "assessment", Method: intermediary.Bids, Rule: draw.Lowest})
		bid := func(n int, fen int64, days int) error {
			_, err := w.Bid(ctx, agent(n), number, fen, days, w.newKey())
			return err
		}
		refusedBy(t, bid(0, 0, 10), "/fen", "range")
		refusedBy(t, bid(0, 3_000_001, 10), "/fen", "range")
		refusedBy(t, bid(0, 100, 0), "/days", "range")
		refusedBy(t, bid(0, 100, 21), "/days", "range")
		refusedBy(t, bid(5, 100, 5), "/order", "offer")
		must(t, bid(0, 900_000, 12))
		refusedBy(t, bid(0, 1, 1), "/order", "twice")
		must(t, bid(1, 800_000, 15))
		must(t, bid(2, 700_000, 20))
		rows, err := w.BidsOf(ctx, w.order(number).ID)
		must(t, err)
		for _, b := range rows {
			if b.Fen != 0 || b.Days != 0 {
				t.Errorf("a sealed bid can be read: %+v", b)
			}
		}
		w.sanction(numbers[2], intermediary.Suspension, 3)
		w.at("2026-03-05", 23)
		w.work()
		if w.order(number).State != intermediary.Bidding {
			t.Fatal("opened too early")
		}
		w.at("2026-03-06", 0) // 24:00 of the third working day
		refusedBy(t, bid(3, 1, 1), "/order", "opened")
		w.work()
		o := w.order(number)
		if o.State != intermediary.Offered || o.Fen != 800_000 || o.Days != 15 || w.agencyOf(o).Account != agent(1).Account {
			t.Fatalf("opened: %+v", o)
		}
		refusedBy(t, bid(3, 1, 1), "/order", "opened")
		_, err = w.Answer(ctx, agent(1), number, intermediary.Decline, "", w.newKey())
		refusedBy(t, err, "/remark", "required")
		_, err = w.Answer(ctx, agent(1), number, intermediary.Decline, "人手不足", w.newKey())
		must(t, err)
		if o = w.order(number); o.State != intermediary.Declined {
			t.Fatalf("declined: %+v", o)
		}
		empty := w.place(intermediary.Ask{Case: matter, Service: "assessment", Method: intermediary.Bids, Rule: draw.Scored})
		w.at("2026-03-20", 9)
		w.work()
		if o = w.order(empty); o.State != intermediary.Unbid {
			t.Fatalf("no bids: %+v", o)
		}
	})
}

// sanction has a sanction proposed, heard and imposed.
func (w *world) sanction(agency, kind string, months int) string {
	w.t.Helper()
	ctx := w.t.Context()
	rec, err := w.Propose(ctx, overseer, intermediary.Proposal{Agency: agency, Kind: kind, Months: months, Reason: "出具虚假报告", Basis: "入驻协议第八条"}, w.newKey())
	must(w.t, err)
	x, err := w.Sanction(ctx, rec.Number)
	must(w.t, err)
	a, err := w.Agency(ctx, agency)
	must(w.t, err)
	_, err = w.State(ctx, identity.Principal{Account: a.Party, Kind: identity.Enterprise}, x.Number, "已经改正", w.newKey())
	must(w.t, err)
	_, err = w.Decide(ctx, chief, x.Number, intermediary.Impose, "", w.newKey())
	must(w.t, err)
	return rec.Number
}

// A sanction is heard, decided by another body than the one that proposed it, published, and in force on orders until its last day.
func TestSanctions(t *testing.T) {
	w := onSQLite(t)
	ctx := t.Context()
	number := w.admit(0, nil)
	w.admit(1, nil)
	matter := w.matter(applicant)
	order := w.place(intermediary.Ask{Case: matter, Service: "assessment", Method: intermediary.Choice, Agency: number})
	propose := func(who identity.Principal, p intermediary.Proposal) error {
		_, err := w.Propose(ctx, who, p, w.newKey())
		return err
	}
	good := intermediary.Proposal{Agency: number, Kind: intermediary.Blacklist, Months: 12, Reason: "串通报价", Basis: "入驻协议第九条"}
	denied(t, propose(clerk, good))
	denied(t, propose(applicant, good))
	for path, bend := range map[string]func(p *intermediary.Proposal){
		"/kind": func(p *intermediary.Proposal) { p.Kind = "death" }, "/months": func(p *intermediary.Proposal) { p.Months = 0 }, "/reason": func(p *intermediary.Proposal) { p.Reason = "" },
		"/agency": func(p *intermediary.Proposal) { p.Agency = "NOBODY" },
	} {
		p := good
		bend(&p)
		var r *casework.Refusal
		if err := propose(overseer, p); !errors.As(err, &r) || r.Fields[0].Path != path {
			t.Errorf("%s: %v", path, err)
		}
	}
	personal := good
	personal.Reason = "电话 13800000000"
	refusedBy(t, propose(overseer, personal), "/reason", "personal")
	w.sanction(number, intermediary.Blacklist, 12)
	// Suspended meanwhile: it cannot confirm what was ordered before, only decline.
	_, err := w.Answer(ctx, agent(0), order, intermediary.Confirm, "", w.newKey())
	refusedBy(t, err, "/outcome", "barred")
	_, err = w.Answer(ctx, agent(0), order, intermediary.Decline, "已被列入黑名单", w.newKey())
	must(t, err)
	_, err = w.Place(ctx, applicant, intermediary.Ask{Case: matter, Service: "assessment", Method: intermediary.Choice, Agency: number}, w.newKey())
	refusedBy(t, err, "/agency", intermediary.Blacklist)
	w.says(visitor, "GET", "/intermediary/sanctions", nil, http.StatusOK, "出具虚假报告", "机构0", "列入黑名单")
	w.says(visitor, "GET", "/intermediary/agencies/"+number, nil, http.StatusOK, "黑名单，至")
	w.at("2027-03-03", 9) // the day after its last day
	w.place(intermediary.Ask{Case: matter, Service: "assessment", Method: intermediary.Choice, Agency: number})
}

// Whoever stands too near takes no order: each rule by its name, and an officer to whom an agency is related checks nothing.
func TestConflicts(t *testing.T) {
	w := onSQLite(t)
	ctx := t.Context()
	own := w.admit(0, func(a *intermediary.Application) { a.Owner = applicantCode })
	related, affiliated, friend := w.admit(1, nil), w.admit(2, nil), w.admit(3, nil)
	declare := func(n int, number string, r intermediary.Relation) error { return w.Declare(ctx, agent(n), number, r) }
	must(t, declare(1, related, intermediary.Relation{Kind: intermediary.ToApplicant, Target: applicantCode, Note: "股东之间有亲属关系"}))
	must(t, declare(2, affiliated, intermediary.Relation{Kind: intermediary.ToBody, Target: "合肥市水务局", Note: "水务局下属事业单位举办"}))
	must(t, declare(3, friend, intermediary.Relation{Kind: intermediary.ToOfficial, Target: "合肥市水务局 water-reviewer", Note: "负责人的配偶"}))
	refusedBy(t, declare(3, friend, intermediary.Relation{Kind: intermediary.ToOfficial, Target: "no-post", Note: "x"}), "/target", "unknown")
	denied(t, declare(3, own, intermediary.Relation{Kind: intermediary.ToBody, Target: "water", Note: "x"}))
	matter := w.matter(applicant)
	choose := func(number string) (string, error) {
		rec, err := w.Place(ctx, applicant, intermediary.Ask{Case: matter, Service: "assessment", Method: intermediary.Choice, Agency: number}, w.newKey())
		return rec.Number, err
	}
	for number, rule := range map[string]string{own: "same-owner", related: "related-applicant", affiliated: "affiliated-body"} {
		_, err := choose(number)
		refusedBy(t, err, "/agency", rule)
	}
	order, err := choose(friend)
	must(t, err)
	_, err = w.Answer(ctx, agent(3), order, intermediary.Confirm, "", w.newKey())
	must(t, err)
	_, err = w.Deliver(ctx, agent(3), order, "", w.paper(agent(3).Account), w.newKey())
	must(t, err)
	_, err = w.Grade(ctx, clerk, order, intermediary.GradeB, "", w.newKey())
	var r *casework.Refusal
	if !errors.As(err, &r) || r.Code != casework.RefusedInvolved {
		t.Fatalf("the related officer: %v", err)
	}
	_, err = w.Grade(ctx, second, order, intermediary.GradeB, "", w.newKey())
	must(t, err)
	// The same stand beside the list of a draw, each with its rule.
	drawn := w.place(intermediary.Ask{Case: matter, Service: "assessment", Method: intermediary.Draw})
	d, err := w.DrawOf(ctx, w.order(drawn).Commitment)
	must(t, err)
	if len(d.Candidates) != 1 || d.Candidates[0].Number != friend || len(d.Excluded) != 3 {
		t.Errorf("candidates %+v, excluded %+v", d.Candidates, d.Excluded)
	}
	w.says(visitor, "GET", "/intermediary/draws/"+drawn, nil, http.StatusOK, "由同一主体控制", "隶属于办理机关", "中介服务的通知")
}

// What cannot be ordered is refused with the field, the rule and what to do.
func TestBadOrders(t *testing.T) {
	w := onSQLite(t)
	ctx := t.Context()
	number := w.admit(0, nil)
	matter, other := w.matter(applicant), w.matter(stranger)
	for name, x := range map[string]struct {
		ask        intermediary.Ask
		path, code string
	}{
		"without basis": {intermediary.Ask{Case: matter, Service: "survey", Method: intermediary.Draw}, "/service", "basis"},
		"no such case":  {intermediary.Ask{Case: "BJ1", Service: "assessment", Method: intermediary.Draw}, "/case", "unknown"},
		"another's":     {intermediary.Ask{Case: other, Service: "assessment", Method: intermediary.Draw}, "/case", "owner"},
		"no service":    {intermediary.Ask{Case: matter, Service: "nothing", Method: intermediary.Draw}, "/service", "unknown"},
		"no method":     {intermediary.Ask{Case: matter, Service: "assessment"}, "/method", "required"},
		"no agency":     {intermediary.Ask{Case: matter, Service: "assessment", Method: intermediary.Choice}, "/agency", "unknown"},
		"no rule":       {intermediary.Ask{Case: matter, Service: "assessment", Method: intermediary.Bids}, "/rule", "required"},
	} {
		_, err := w.Place(ctx, applicant, x.ask, w.newKey())
		var r *casework.Refusal
		if !errors.As(err, &r) || len(r.Fields) == 0 || r.Fields[0].Path != x.path || r.Fields[0].Code != x.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := w.apply(0, nil)
	refusedBy(t, err, "/name", "twice")
	for path, bend := range map[string]func(a *intermediary.Application){
		"/body": func(a *intermediary.Application) { a.Body = "water" }, "/owner": func(a *intermediary.Application) { a.Owner = "1" },
		"/promise": func(a *intermediary.Application) { a.Profile.Promise = " " }, "/offers": func(a *intermediary.Application) { a.Profile.Offers = nil },
		"/fen-assessment": func(a *intermediary.Application) { a.Profile.Offers[0].Fen = 3_000_001 }, "/days-assessment": func(a *intermediary.Application) { a.Profile.Offers[0].Days = 21 },
	} {
		_, err := w.apply(4, bend)
		var r *casework.Refusal
		if !errors.As(err, &r) || r.Fields[0].Path != path {
			t.Errorf("%s: %v", path, err)
		}
	}
	_, err = w.apply(4, func(a *intermediary.Application) { a.Profile.Offers[0].Service = "survey" })
	refusedBy(t, err, "/offers", "unknown")
	denied(t, w.PutService(ctx, clerk, intermediary.Service{Key: "x"}))
	refusedBy(t, w.PutService(ctx, registrar, intermediary.Service{Key: "assessment", Name: text("x"), Items: []intermediary.Use{{Item: "water", Material: "m"}}, Days: 1, Fen: 1, Pricing: intermediary.Market}), "/key", "twice")
	_ = number
}

// The pages, by hand: read by everybody, ordered and answered with mistakes that are told.
func TestPages(t *testing.T) {
	w := onSQLite(t)
	number := w.admit(0, nil)
	for n := 1; n < 4; n++ {
		w.admit(n, nil)
	}
	w.says(visitor, "GET", "/intermediary", nil, http.StatusOK, "水资源论证报告书编制", "取水口测量", "没有法定依据", "优化营商环境条例")
	w.says(visitor, "GET", "/intermediary?q=测量", nil, http.StatusOK, "取水口测量")
	w.says(visitor, "GET", "/intermediary/services/assessment", nil, http.StatusOK, "机构0", "10,000.00")
	w.says(visitor, "GET", "/intermediary/services/nothing", nil, http.StatusNotFound)
	w.says(visitor, "GET", "/intermediary/agencies?q=机构1", nil, http.StatusOK, "机构1")
	w.says(visitor, "GET", "/intermediary/agencies/"+number, nil, http.StatusOK, "不合格免费重做", codes[0])
	matter := w.matter(applicant)
	place := "/intermediary/order?case=" + matter
	w.says(stranger, "GET", place, nil, http.StatusNotFound)
	w.says(applicant, "GET", place, nil, http.StatusOK, "水资源论证报告书编制", "取水口测量", "随机抽取")
	form := url.Values{"key": {"k1"}, "case": {matter}, "service": {"assessment"}, "method": {"choice"}, "agency": {""}}
	w.says(applicant, "POST", "/intermediary/order", form, http.StatusUnprocessableEntity, "请选择一家提供这项服务的机构")
	form.Set("method", "draw")
	placed := w.ask(applicant, "POST", "/intermediary/order", form)
	order := placed.Header().Get("Location")
	if !strings.HasPrefix(order, "/intermediary/orders/ZJ") {
		t.Fatalf("placed: %d %.400s", placed.Code, placed.Body.String())
	}
	public := strings.Replace(order, "/orders/", "/draws/", 1)
	w.says(stranger, "GET", order, nil, http.StatusForbidden)
	w.says(applicant, "GET", order, nil, http.StatusOK, "启动抽取", "候选名单有 4 家机构")
	w.says(clerk, "GET", order, nil, http.StatusOK, "等待启动抽取")
	w.says(visitor, "GET", public, nil, http.StatusOK, "等待申请人启动抽取")
	w.says(visitor, "GET", public+"/proof.json", nil, http.StatusNotFound)
	w.says(applicant, "POST", order+"/start", url.Values{"key": {"k2"}, "words": {"abc"}}, http.StatusUnprocessableEntity, "请填写整数", `value="abc"`)
	w.says(applicant, "POST", order+"/start", url.Values{"key": {"k3"}, "words": {"4711"}}, http.StatusSeeOther)
	w.work()
	w.says(visitor, "GET", public, nil, http.StatusOK, "验证通过", "4711", `id="command"`)
	w.says(visitor, "GET", public+"/proof.json", nil, http.StatusOK, `"winner"`)
	w.says(visitor, "GET", "/intermediary/draws", nil, http.StatusOK, strings.TrimPrefix(order, "/intermediary/orders/"))
	w.says(applicant, "POST", order+"/start", url.Values{"key": {"k4"}, "words": {"1"}}, http.StatusUnprocessableEntity, "不能重新抽取")
	o := w.order(strings.TrimPrefix(order, "/intermediary/orders/"))
	who := w.agencyOf(o)
	w.says(who, "GET", "/intermediary/agency", nil, http.StatusOK, o.Number, "等待机构确认")
	w.says(who, "POST", order+"/answer", url.Values{"key": {"k5"}}, http.StatusUnprocessableEntity, "请选择是否承接")
	w.says(who, "POST", order+"/answer", url.Values{"key": {"k6"}, "outcome": {"confirm"}}, http.StatusSeeOther)
	w.says(who, "GET", order, nil, http.StatusOK, "中介服务合同", "交付成果", "工作日")
	_, err := w.Deliver(t.Context(), who, o.Number, "终稿", w.paper(who.Account), w.newKey())
	must(t, err)
	w.says(clerk, "GET", "/desk/intermediary", nil, http.StatusOK, o.Number)
	page := w.says(clerk, "GET", order, nil, http.StatusOK, "核验评级", "终稿", "报告.pdf")
	_, rest, _ := strings.Cut(page, order+"/files/")
	fileID, _, _ := strings.Cut(rest, `"`)
	w.says(clerk, "GET", order+"/files/"+fileID, nil, http.StatusOK, "%PDF")
	w.says(overseer, "GET", order+"/files/"+fileID, nil, http.StatusForbidden)
	w.says(clerk, "POST", order+"/grade", url.Values{"key": {"k7"}, "outcome": {"return"}}, http.StatusUnprocessableEntity)
	w.says(clerk, "POST", order+"/grade", url.Values{"key": {"k8"}, "outcome": {"B"}}, http.StatusSeeOther)
	w.work()
	w.says(applicant, "GET", order, nil, http.StatusOK, "已经作为材料放入办件", "B 级", "/rate")
	w.says(applicant, "GET", "/intermediary/mine", nil, http.StatusOK, o.Number)
	w.says(visitor, "GET", "/intermediary/shares", nil, http.StatusOK, "合肥市水务局", "合同太少")
	w.says(visitor, "GET", "/intermediary/shares/water", nil, http.StatusOK, "100.0%", "10,000")

	bids := w.ask(applicant, "POST", "/intermediary/order", url.Values{"key": {"k9"}, "case": {matter}, "service": {"assessment"}, "method": {"bids"}, "rule": {"scored"}}).Header().Get("Location")
	call := strings.Replace(bids, "/orders/", "/bids/", 1)
	w.says(agent(1), "GET", "/intermediary/agency", nil, http.StatusOK, call)
	w.says(agent(1), "POST", call, url.Values{"key": {"b1"}, "fen": {"十万"}, "days": {"x"}}, http.StatusUnprocessableEntity, "请填写金额", "请填写整数", `value="十万"`)
	w.says(agent(1), "POST", call, url.Values{"key": {"b2"}, "fen": {"30000.01"}, "days": {"5"}}, http.StatusUnprocessableEntity, "不高于目录的最高价")
	w.says(agent(1), "POST", call, url.Values{"key": {"b3"}, "fen": {"12000.50"}, "days": {"5"}}, http.StatusSeeOther)
	w.says(agent(1), "GET", call, nil, http.StatusOK, "您的密封报价")

	apply := url.Values{"key": {"a1"}, "body": {"data"}, "promise": {"按期交付"}, "fen-assessment": {"abc"}, "days-assessment": {"9"}}
	w.says(agent(5), "GET", "/intermediary/apply", nil, http.StatusOK, "合肥市数据局")
	w.says(agent(5), "POST", "/intermediary/apply", apply, http.StatusUnprocessableEntity, "请填写金额", "按期交付")
	apply.Set("fen-assessment", "9000")
	w.says(agent(5), "POST", "/intermediary/apply", apply, http.StatusSeeOther)
	a, err := w.OfParty(t.Context(), agent(5).Account)
	must(t, err)
	w.says(registrar, "GET", "/desk/intermediary", nil, http.StatusOK, "机构5")
	admission := "/desk/intermediary/admissions/" + a.Number
	w.says(clerk, "GET", admission, nil, http.StatusForbidden)
	w.says(registrar, "POST", admission, url.Values{"key": {"a2"}, "outcome": {"mend"}, "remark": {"补充证书"}}, http.StatusSeeOther)
	w.says(agent(5), "GET", "/intermediary/agency", nil, http.StatusOK, "补充证书")
	w.says(agent(5), "POST", "/intermediary/agency/mend", url.Values{"key": {"a3"}, "note": {"已补充"}}, http.StatusSeeOther)
	w.says(registrar, "GET", admission, nil, http.StatusOK, "已补充")
	w.says(registrar, "POST", admission, url.Values{"key": {"a4"}, "outcome": {"admit"}}, http.StatusSeeOther)
	propose := "/desk/intermediary/agencies/" + a.Number + "/sanction"
	w.says(overseer, "GET", "/desk/intermediary", nil, http.StatusOK, propose)
	w.says(overseer, "POST", propose, url.Values{"key": {"s1"}, "kind": {"suspension"}, "months": {"99"}, "reason": {"逾期"}, "basis": {"协议"}}, http.StatusUnprocessableEntity, "1 至 36 个月", "逾期")
	sanction := w.ask(overseer, "POST", propose, url.Values{"key": {"s2"}, "kind": {"suspension"}, "months": {"3"}, "reason": {"逾期"}, "basis": {"协议"}}).Header().Get("Location")
	hearing := strings.Replace(sanction, "/desk/intermediary/", "/intermediary/agency/", 1)
	w.says(agent(5), "POST", hearing, url.Values{"key": {"s3"}, "statement": {"因洪水停工"}}, http.StatusSeeOther)
	w.says(chief, "GET", sanction, nil, http.StatusOK, "因洪水停工")
	w.says(chief, "POST", sanction, url.Values{"key": {"s4"}, "outcome": {"impose"}}, http.StatusSeeOther)
	w.says(visitor, "GET", "/intermediary/agencies/"+a.Number, nil, http.StatusOK, "暂停承接，至")
	edit := "/desk/intermediary/services/survey"
	w.says(registrar, "GET", edit, nil, http.StatusOK, "water/survey")
	w.says(registrar, "POST", edit, url.Values{"version": {"9"}, "name": {"取水口测量"}, "items": {"water/survey"}, "basis": {"水法第48条"}, "days": {"5"}, "fen": {"100"}, "pricing": {"market"}}, http.StatusUnprocessableEntity, "已经被别人修改")
	w.says(registrar, "POST", edit, url.Values{"version": {"1"}, "name": {"取水口测量"}, "items": {"water/survey"}, "basis": {"水法第48条"}, "days": {"5"}, "fen": {"100"}, "pricing": {"market"}}, http.StatusSeeOther)
	w.says(applicant, "GET", place, nil, http.StatusOK, "水法第48条")
}
