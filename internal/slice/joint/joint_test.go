package joint_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/joint"
)

// TestFromApplicationToLetter: applied for once, seven parts in three stages, each a case of its department, then one letter.
func TestFromApplicationToLetter(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		id := w.accepted(enterprise())
		if got := states(w.whole(id)); got != "name:open licence:waiting seal:waiting tax:waiting insurance:waiting fund:waiting bank:waiting" {
			t.Fatalf("after acceptance: %s", got)
		}
		w.opine(id, "name", "agree")
		w.opine(id, "licence", "agree")
		for _, key := range []string{"seal", "tax", "insurance", "fund"} {
			w.opine(id, key, "agree")
		}
		w.opine(id, "bank", "forward")
		w.finish(id)
		whole := w.whole(id)
		if got := states(whole); got != "name:agreed licence:agreed seal:agreed tax:agreed insurance:agreed fund:agreed bank:forwarded" || whole.Status != "granted" || whole.Open() {
			t.Errorf("in the end: %s, %s", got, whole.Status)
		}
		letters, err := w.docs.Of(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, r := range letters {
			kinds = append(kinds, r.Kind)
		}
		if got := strings.Join(kinds, " "); got != "joint-acceptance joint-decision" {
			t.Errorf("letters: %s", got)
		}
		// 行政许可法 42: 45 working days for the whole; here the place promises 5.
		c, err := w.cases.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		clock := c.Clock("joint")
		if clock == nil || clock.Term.Statutory.N != 45 || clock.Term.Promised.N != 5 {
			t.Errorf("clock of the whole: %+v", clock)
		}
	})
}

func states(w *joint.Whole) string {
	var list []string
	for _, e := range w.Parts {
		list = append(list, e.Key+":"+string(e.State))
	}
	return strings.Join(list, " ")
}

// TestEachDepartmentSeesItsShareOnly: a department gets the answers that its part asks and the materials that it needs.
func TestEachDepartmentSeesItsShareOnly(t *testing.T) {
	w := onSQLite(t)
	id := w.accepted(enterprise())
	w.opine(id, "name", "agree")
	w.opine(id, "licence", "agree")
	for _, row := range []struct {
		part, answers, materials string
	}{
		{"seal", "name representative seals telephone", "identity"},
		{"fund", "fundRate name payday staff telephone", "payroll"},
		{"licence", "address capital kind name representative representativeId scope shareholders telephone", "appointment articles identity premises"},
	} {
		d, err := w.cases.Dossier(t.Context(), w.part(id, row.part).Case)
		if err != nil {
			t.Fatal(err)
		}
		var f struct {
			Answers map[string]json.RawMessage `json:"answers"`
		}
		if err := json.Unmarshal(d.Form, &f); err != nil {
			t.Fatal(err)
		}
		var names, files []string
		for name := range f.Answers {
			names = append(names, name)
		}
		for _, x := range d.Files {
			files = append(files, x.Material)
		}
		slices.Sort(names)
		slices.Sort(files)
		if got := strings.Join(names, " "); got != row.answers {
			t.Errorf("%s sees the answers %s, want %s", row.part, got, row.answers)
		}
		if got := strings.Join(files, " "); got != row.materials {
			t.Errorf("%s sees the materials %s, want %s", row.part, got, row.materials)
		}
	}
	// The policy keeps a department out of the whole and of the parts of others.
	whole, err := w.cases.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	other, err := w.cases.Get(t.Context(), w.part(id, "licence").Case)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*casework.Case{whole, other} {
		if w.cases.MayRead(of("bank", "reviewer"), c, false, true) == nil {
			t.Errorf("the bank reads the dossier of %s", c.Number)
		}
	}
	if err := w.cases.MayRead(clerk, whole, false, true); err != nil {
		t.Errorf("the lead window does not read the application: %v", err)
	}
}

// TestDefaults: who is late, absent, or refuses without a reason is taken to agree where the part says so, and stays answerable; where a law
// forbids it nothing is deemed and the clock goes on (law.md § 2).
func TestDefaults(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		id := w.accepted(enterprise())
		w.days(3) // the name was due after one working day: default on time-out
		e := w.part(id, "name")
		if e.State != joint.Deemed || e.Cause != joint.CauseLate {
			t.Fatalf("late: %s %s", e.State, e.Cause)
		}
		c, err := w.cases.Get(t.Context(), e.Case)
		if err != nil {
			t.Fatal(err)
		}
		if !issued(c, "joint-default") || len(c.Tasks()) != 1 || c.Tasks()[0].Element != "late-opinion" {
			t.Errorf("after a default: %v", c.Tasks())
		}
		// The whole has gone on: the licence is at work. A late refusal is recorded and undoes nothing.
		w.do(e.Case, of(e.Body, "reviewer"), "late-opinion", map[string]any{"opinion": "disagree", "reasons": "名称近似，系统故障致迟延"})
		w.settle()
		if e = w.part(id, "name"); e.State != joint.Deemed || e.LateWord != "disagree" || w.part(id, "licence").State != joint.Open {
			t.Errorf("after the late opinion: %+v", e)
		}
		// The licence: a law forbids the default on time-out. It stays open, its lines are crossed and noticed.
		w.days(10)
		if e = w.part(id, "licence"); e.State != joint.Open {
			t.Errorf("the licence was deemed although a law forbids it: %s", e.State)
		}
		if c, err = w.cases.Get(t.Context(), e.Case); err != nil || c.Lamp != casework.Red {
			t.Errorf("the lamp of the late licence is %v, %v", c.Lamp, err)
		}
		w.opine(id, "licence", "agree")
		w.opine(id, "seal", "bare") // a refusal without a reason counts as agreement
		if e = w.part(id, "seal"); e.State != joint.Deemed || e.Cause != joint.CauseNoReason {
			t.Errorf("a refusal without reason: %s %s", e.State, e.Cause)
		}
	})
}

func issued(c *casework.Case, kind string) bool {
	return slices.ContainsFunc(c.Documents(), func(d casework.Document) bool { return d.Kind == kind })
}

// TestRefusals: what the refusal of one department means for the others is in the matter.
func TestRefusals(t *testing.T) {
	w := onSQLite(t)
	t.Run("ends all", func(t *testing.T) {
		id := w.accepted(enterprise())
		w.opine(id, "name", "disagree")
		w.finish(id)
		if got := states(w.whole(id)); got != "name:refused licence:discontinued seal:discontinued tax:discontinued insurance:discontinued fund:discontinued bank:discontinued" {
			t.Errorf("%s", got)
		}
		if got := w.whole(id).Status; got != "refused" {
			t.Errorf("the whole is %s", got)
		}
	})
	t.Run("its own affair", func(t *testing.T) {
		id := w.accepted(enterprise())
		w.opine(id, "name", "agree")
		w.opine(id, "licence", "agree")
		w.opine(id, "bank", "disagree")
		for _, key := range []string{"seal", "tax", "insurance", "fund"} {
			w.opine(id, key, "agree")
		}
		w.finish(id)
		if got := w.whole(id); got.Status != "joint-partial" || w.part(id, "bank").State != joint.Refused {
			t.Errorf("the whole is %s: %s", got.Status, states(got))
		}
	})
	t.Run("no reasons", func(t *testing.T) {
		id := w.accepted(enterprise())
		e := w.part(id, "name")
		var refusal *casework.Refusal
		err := w.try(e.Case, of(e.Body, "reviewer"), "review", map[string]any{"opinion": "disagree"})
		if !errors.As(err, &refusal) || len(refusal.Fields) != 2 {
			t.Errorf("a refusal without reasons and basis: %v", err)
		}
	})
}

// TestPromise: secondary materials may follow by a day (容缺受理); the result is not delivered before; a broken promise can end the matter.
func TestPromise(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		a := enterprise()
		a.Files = []casework.FileRef{w.upload("identity"), w.upload("articles"), w.upload("premises")}
		rec := w.apply(a)
		id := rec.Case
		for _, row := range []struct{ day, wrong string }{{"2026-03-02", "/promised"}, {"2026-06-01", "/promised"}} {
			var refusal *casework.Refusal
			err := w.try(id, clerk, "receive", map[string]any{"outcome": "conditional", "missing": "任职文件", "promised": row.day})
			if !errors.As(err, &refusal) || len(refusal.Fields) != 1 || refusal.Fields[0].Path != row.wrong {
				t.Errorf("promised for %s: %v", row.day, err)
			}
		}
		w.do(id, clerk, "receive", map[string]any{"outcome": "conditional", "missing": "任职文件", "promised": "2026-03-06"})
		w.settle()
		w.opine(id, "name", "agree")
		w.opine(id, "licence", "agree")
		for _, key := range []string{"seal", "tax", "insurance", "fund", "bank"} {
			w.opine(id, key, "agree")
		}
		if w.try(id, clerk, "conclude", map[string]any{"summary": "完成"}) == nil {
			t.Error("concluded before the promise was kept")
		}
		w.at("2026-03-07", 9)
		if _, err := w.cases.Wake(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.do(id, clerk, "broken-promise", map[string]any{"outcome": "wait", "promised": "2026-03-10", "reasons": "申请人说明了原因"})
		w.do(id, applicant, "make-good", map[string]any{"note": "任职文件"})
		w.do(id, clerk, "check-good", map[string]any{"outcome": "complete"})
		w.settle()
		w.finish(id)
		if got := w.whole(id).Status; got != "granted" {
			t.Errorf("the whole is %s", got)
		}
		rec = w.apply(a)
		w.do(rec.Case, clerk, "receive", map[string]any{"outcome": "conditional", "missing": "任职文件", "promised": "2026-03-12"})
		w.settle()
		w.pass(mustDay(t, "2026-03-13").Start())
		w.do(rec.Case, clerk, "broken-promise", map[string]any{"outcome": "end", "reasons": "逾期未补"})
		w.settle()
		if x := w.whole(rec.Case); x.Status != "promise-broken" || x.Open() || x.Parts[1].State != joint.Discontinued {
			t.Errorf("after a broken promise: %s, %s", x.Status, states(x))
		}
	})
}

func mustDay(t *testing.T, day string) calendar.Date {
	t.Helper()
	d, err := calendar.Parse(day)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestCommitment: a commitment stands in place of a proof, is checked after the grant, and leads to revocation when it is untrue and is not
// put right (优化营商环境条例 40).
func TestCommitment(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		a := enterprise()
		a.Sent.Commitments = []string{"premises"}
		a.Files = []casework.FileRef{w.upload("identity"), w.upload("articles")}
		id := w.accepted(a)
		w.opine(id, "name", "agree")
		w.opine(id, "licence", "agree")
		for _, key := range []string{"seal", "tax", "insurance", "fund", "bank"} {
			w.opine(id, key, "agree")
		}
		w.finish(id)
		list, err := w.cases.List(t.Context(), casework.Filter{Kind: joint.CheckKind})
		if err != nil || len(list) != 1 || list[0].Body != "market-regulation" {
			t.Fatalf("checks: %v, %v", list, err)
		}
		check := list[0].ID
		w.do(check, of("market-regulation", "reviewer"), "check", map[string]any{"outcome": "untrue", "findings": "现场没有该场所"})
		w.do(check, of("market-regulation", "reviewer"), "mend", map[string]any{"outcome": "failed", "findings": "逾期未改"})
		w.do(check, of("market-regulation", "head"), "revoke", map[string]any{"outcome": "revoke", "reasons": "承诺不实"})
		c, err := w.cases.Get(t.Context(), check)
		if err != nil || c.Result != "joint-revoked" || !issued(c, "joint-order") || !issued(c, "joint-revocation") {
			t.Errorf("the check ended %s: %v, %v", c.Result, c.Documents(), err)
		}
		// What told of the grant holds no more; what the other departments said stands.
		w.settle()
		for _, row := range []struct {
			kase store.ID
			kind string
			over bool
		}{{id, "joint-decision", true}, {w.part(id, "licence").Case, "joint-opinion", true}, {w.part(id, "tax").Case, "joint-opinion", false}, {id, "joint-acceptance", false}} {
			letters, err := w.docs.Of(t.Context(), row.kase)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range letters {
				if x.Kind == row.kind && (x.RevokedAt.IsZero() == row.over || row.over && !strings.Contains(x.Reason, "承诺不实")) {
					t.Errorf("%s of %s: revoked %v, %q", x.Kind, row.kase, x.RevokedAt, x.Reason)
				}
			}
		}
		number := w.whole(id).Number
		w.see(visitor, "/hall/joint/progress/"+number, "承诺不实，已撤销")
		w.see(applicant, "/me/joint/"+number, "不再有效")
		a.Sent.Commitments = []string{"identity"} // no commitment is offered for it
		var refusal *casework.Refusal
		if _, err := w.Apply(t.Context(), applicant, a, w.key()); !errors.As(err, &refusal) || refusal.Code != casework.RefusedMaterial {
			t.Errorf("a commitment in place of what needs proof: %v", err)
		}
	})
}

// TestWithdrawalAndRemoval: a withdrawn application takes its parts along; a department that is there no more hands over to its successor, or
// its part is void.
func TestWithdrawalAndRemoval(t *testing.T) {
	w := onSQLite(t)
	id := w.accepted(enterprise())
	if _, err := w.cases.Do(t.Context(), casework.Command{Key: w.key(), Actor: applicant, Case: id, Act: casework.Send{Message: "withdraw"}}); err != nil {
		t.Fatal(err)
	}
	w.settle()
	if x := w.whole(id); x.Status != "withdrawn" || x.Parts[0].State != joint.Discontinued || x.Parts[6].State != joint.Discontinued {
		t.Errorf("after withdrawal: %s %s", x.Status, states(x))
	}
	id = w.accepted(enterprise())
	w.opine(id, "name", "agree")
	w.cease("2026-03-02", "bank", "housing-fund")
	w.body("new-fund", "housing-fund")
	w.opine(id, "licence", "agree")
	if e := w.part(id, "fund"); e.Body != "new-fund" || e.State != joint.Open {
		t.Errorf("the successor did not get the part: %+v", e)
	}
	if e := w.part(id, "bank"); e.State != joint.Void {
		t.Errorf("nobody is competent for the bank, and the part is %s", e.State)
	}
}

// TestMeeting: who was summoned to a joint survey and does not come is taken to agree (缺席默认), unless a law forbids it.
func TestMeeting(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		w.putItem("environmental-impact-table", "ecology", `{"type":"object","required":["client","project"],"properties":{
			"client":{"type":"string","title":"建设单位","x-title":{"zh-Hant":"建設單位","en":"Client"},"minLength":1,"maxLength":100},
			"project":{"type":"string","title":"工程名称","x-title":{"zh-Hant":"工程名稱","en":"Name of the works"},"minLength":1,"maxLength":100}}}`)
		w.putItem("soil-conservation-plan", "water", `{"type":"object","properties":{"area":{"type":"number","title":"面积","x-title":{"zh-Hant":"面積","en":"Area"}}}}`)
		a := joint.Application{Matter: "construction-land", Division: hefei, Channel: casework.Online, Applicant: enterprise().Applicant,
			Sent: joint.Sent{Parts: []string{"soil"}, Answers: json.RawMessage(`{"client":"合肥青禾","uscc":"91340104MA9Y00012N","project":"一号厂房","site":"虚构路",
				"landArea":1,"use":"工业","contact":"陈","telephone":"13800000001","area":3}`)}}
		for _, m := range []string{"site-plan", "approval", "environmental-impact-table-statement", "soil-conservation-plan-statement"} {
			a.Files = append(a.Files, w.upload(m))
		}
		id := w.accepted(a)
		w.do(id, clerk, "summon", map[string]any{"date": "2026-03-04", "hour": "9:30", "place": "项目现场", "agenda": "带审查要点"})
		w.settle()
		for _, key := range []string{"site", "environment", "soil"} { // each department of the stage is told in its own case
			e := w.part(id, key)
			list, err := w.docs.Of(t.Context(), e.Case)
			if err != nil || len(list) != 1 || list[0].Kind != "joint-summons" {
				t.Fatalf("%s was told: %+v, %v", key, list, err)
			}
			w.see(of(e.Body, "reviewer"), "/desk/joint/case/"+e.Number+"/letters/"+seqOf(list[0].Seq)+"/joint-summons",
				"联合踏勘", "2026年3月4日", "9:30", "项目现场", "带审查要点", "合肥市"+e.Body, "合肥市lead")
		}
		if e := w.part(id, "land-permit"); e.Case != 0 {
			t.Error("the second stage has begun with the first")
		}
		w.do(id, clerk, "hold", map[string]any{"attended": []string{"1"}, "absent": []string{"2", "3"}, "minutes": "现场踏勘"})
		w.settle()
		if got := states(w.whole(id)); got != "site:open environment:deemed soil:deemed land-permit:waiting" {
			t.Errorf("after the survey: %s", got)
		}
		if e := w.part(id, "soil"); e.Cause != joint.CauseAbsent {
			t.Errorf("cause %s", e.Cause)
		}
		if m := w.whole(id).Meetings; len(m) != 1 || m[0].Kind != "survey" || !slices.Equal(m[0].Absent, []int{2, 3}) || m[0].HeldAt.IsZero() {
			t.Errorf("meetings: %+v", m)
		}
		w.opine(id, "site", "agree")
		w.opine(id, "land-permit", "agree")
		w.finish(id)
		if got := w.whole(id).Status; got != "granted" {
			t.Errorf("the whole is %s", got)
		}
	})
}

// TestNothingIsDoneTwice: what was carried out before the program stopped is not carried out again.
func TestNothingIsDoneTwice(t *testing.T) {
	w := onSQLite(t)
	id := w.accepted(enterprise())
	e := w.part(id, "name")
	for range 2 { // as if the row had not been taken out
		err := w.db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			return tx.Exec(ctx, `INSERT INTO joint_link (id, whole, ordinal, kind, run_at, tries) VALUES (1, $1, 1, 'begin', 0, 0)`, int64(id))
		})
		if err != nil {
			t.Fatal(err)
		}
		w.settle()
	}
	list, err := w.cases.List(t.Context(), casework.Filter{Kind: joint.PartKind})
	if err != nil || len(list) != 1 || list[0].ID != e.Case {
		t.Errorf("cases of the part: %d, %v", len(list), err)
	}
}
