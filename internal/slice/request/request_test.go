package request_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/request"
	"openhall.org/openhall/procedures"
)

// The forms of the reply offer the closed list of the law of their day, and each entry has its article.
func TestClosedList(t *testing.T) {
	w := onSQLite(t)
	for _, row := range []struct {
		form string
		day  calendar.Date
	}{{"request-draft", calendar.Day(2026, 3, 2)}, {"request-draft-2008", calendar.Day(2013, 6, 3)}} {
		raw, err := procedures.Files.ReadFile("forms/" + row.form + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var schema struct {
			Properties struct {
				Reply struct {
					OneOf []struct{ Const string }
				}
			}
		}
		if err := json.Unmarshal(raw, &schema); err != nil {
			t.Fatal(err)
		}
		var offered, want []string
		for _, o := range schema.Properties.Reply.OneOf {
			offered = append(offered, o.Const)
		}
		for _, o := range w.Outcomes(row.day) {
			if o.Article == "" {
				t.Errorf("%s of %s has no article", o.Code, row.day)
			}
			if o.Leaf && o.Code != request.Uncorrected && o.Code != request.Unpaid {
				want = append(want, o.Code)
			}
		}
		if !slices.Equal(offered, want) {
			t.Errorf("%s offers %v, want %v", row.form, offered, want)
		}
	}
}

// 条例 31: when a request counts as received, by its channel; the 20 working days of art. 33 run from then.
func TestDayOfReceipt(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		for _, row := range []struct {
			channel           request.Channel
			received, confirm string
			receipt, due      string
		}{
			{request.Window, "", "", "2026-03-02", "2026-03-30"},               // 20 working days after Monday 2 March
			{request.Registered, "2026-02-27", "", "2026-02-27", "2026-03-26"}, // signed for on Friday; 28 February was worked
			{request.Mail, "2026-02-27", "2026-03-02", "2026-03-02", "2026-03-30"},
			{request.Web, "", "2026-03-02", "2026-03-02", "2026-03-30"},
		} {
			r := sent(row.channel)
			r.Received = row.received
			id := w.ask(asker, r)
			if row.confirm != "" {
				if c := w.get(id); c.Clock("reply") != nil {
					t.Errorf("%s: the clock runs before the day is confirmed", row.channel)
				}
				w.step(id, "confirm", `{"receivedOn":"`+row.confirm+`","manner":"phone"}`)
			}
			c, e := w.get(id), w.entry(id)
			lines := c.Clock("reply").Term.Compute(w.cal, w.now)
			if e.Receipt.String() != row.receipt || lines.StatuteDay.String() != row.due {
				t.Errorf("%s: received on %s, due on %s; want %s, %s", row.channel, e.Receipt, lines.StatuteDay, row.receipt, row.due)
			}
		}
		id := w.ask(asker, sent(request.Web))
		if at := w.refused(id, "confirm", `{"receivedOn":"2026-03-03","manner":"phone"}`); at != "/receivedOn" {
			t.Errorf("a day in the future is refused at %s", at)
		}
	})
}

// A request goes from the web to its delivery; what becomes public, and what stands in the log, never says who asked.
func TestAnsweredAndNobodyKnows(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		id := w.ask(asker, sent(request.Web))
		w.step(id, "confirm", `{"receivedOn":"2026-03-02","manner":"phone"}`)
		w.step(id, "check", examine)
		w.on(3)
		w.replied(id, `{"reply":"published","reasons":"本机关制作","subject":"2025年河道采砂许可的批准文件"}`, "批准文件.pdf")
		w.step(id, "hand-over", `{"manner":"online","delivered":"2026-03-05"}`)
		e := w.entry(id)
		if e.Outcome != "published" || e.Days != 3 || e.Late || e.Status != "answered" {
			t.Errorf("entry %+v", e)
		}
		c := w.get(id)
		if c.Party != 0 {
			t.Error("the case names a party")
		}
		events, err := w.cases.Events(t.Context(), id, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		private, err := w.cases.Private(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		for _, ev := range events {
			for _, secret := range []string{asker.Name, asker.IDNumber, asker.Phone} {
				if strings.Contains(string(ev.Content), secret) {
					t.Errorf("event %d says %s", ev.Seq, secret)
				}
			}
		}
		for _, p := range private {
			for name, raw := range p.Fields {
				if strings.Contains(string(raw), asker.Name) || strings.Contains(string(raw), asker.IDNumber) {
					t.Errorf("the sealed %s of event %d names the asker", name, p.Seq)
				}
			}
		}
		for _, path := range []string{"/open/requests", "/open/requests/" + e.Number} {
			code, body, _ := w.page(http.MethodGet, path, nil)
			if code != http.StatusOK || !strings.Contains(body, `lang="zh-Hans">`) || !strings.Contains(body, "河道采砂许可") || strings.Contains(body, asker.Name) {
				t.Errorf("%s: %d", path, code)
			}
		}
		slip := "/open/requests/" + e.Number + "/" + w.cases.Code(c) + "/letters/1/request-receipt?lang=en"
		if _, body, _ := w.page(http.MethodGet, slip, nil); !strings.Contains(body, `<span lang="zh-Hans">申请公开2025年河道采砂许可的批准文件。</span>`) {
			t.Errorf("the slip does not mark what was asked for: %s", body)
		}
		// Supervision sees the course of the request, and neither who asks nor the letters that name them.
		w.actor = overseer
		if _, body, _ := w.page(http.MethodGet, "/open/office/"+e.Number, nil); strings.Contains(body, asker.IDNumber) {
			t.Error("supervision reads who asks")
		}
		w.actor = officer
		if _, body, _ := w.page(http.MethodGet, "/open/office/"+e.Number, nil); !strings.Contains(body, asker.IDNumber) {
			t.Error("the office does not see who asks")
		}
		// Five years after the end who asked is erased; the request stays.
		if n, err := w.Erase(t.Context()); n != 0 || err != nil {
			t.Errorf("erased %d too early, %v", n, err)
		}
		w.at("2031-03-06", 9)
		if n, err := w.Erase(t.Context()); n != 1 || err != nil {
			t.Errorf("erased %d, %v; want one", n, err)
		}
		if _, err := w.Asker(t.Context(), w.entry(id)); err == nil {
			t.Error("who asked is still there")
		}
		if code, body, _ := w.page(http.MethodGet, "/open/office/"+e.Number, nil); code != http.StatusOK || strings.Contains(body, asker.Name) {
			t.Errorf("the office after erasing: %d", code)
		}
	})
}

// An administrator erases the private parts of an ended request before its term: who asked goes with them, in the same transaction, and what
// is public stays.
func TestErasedWithItsCase(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		id, other := w.ask(asker, sent(request.Window)), w.ask(asker, sent(request.Window))
		for _, each := range []store.ID{id, other} {
			w.step(each, "check", examine)
			w.replied(each, `{"reply":"published","subject":"甲","where":"网站"}`)
			w.step(each, "hand-over", `{"manner":"online","delivered":"2026-03-02"}`)
		}
		for range 2 { // again, there is nothing more to do
			err := w.db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				_, err := w.EraseCase(ctx, tx, id)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.Asker(t.Context(), w.entry(id)); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("who asked is still there: %v", err)
		}
		left, err := store.Scalar[int64](w.db.Read().QueryRow(t.Context(), `SELECT count(*) FROM request_asker`))
		if err != nil || left != 1 {
			t.Errorf("%d rows of askers, want that of the other request: %v", left, err)
		}
		if a, err := w.Asker(t.Context(), w.entry(other)); err != nil || a.Name != asker.Name {
			t.Errorf("the asker of another request: %+v, %v", a, err)
		}
		if e := w.entry(id); e.Outcome != "published" || e.Subject != "甲" {
			t.Errorf("what is public went too: %+v", e)
		}
		if who, err := w.Reach(t.Context(), id); who.Email+who.Phone != "" || err != nil {
			t.Errorf("still told at %+v: %v", who, err)
		}
	})
}

func seqOf(c *casework.Case, kind string) string {
	for _, d := range c.Documents() {
		if d.Kind == kind {
			return string(rune('0' + d.Seq))
		}
	}
	return "0"
}

// ways are steps that can be tried at random, with what is entered.
var ways = []struct{ step, data, file string }{
	{"confirm", `{"receivedOn":"TODAY","manner":"phone"}`, ""},
	{"check", examine, ""}, {"check", `{"outcome":"correct","missing":"甲","days":5}`, ""}, {"check", `{"outcome":"reasons","reasons":"甲"}`, ""},
	{"supplement", `{"description":"补正后的内容"}`, ""}, {"explain", `{"explanation":"科研"}`, ""},
	{"weigh", `{"outcome":"reasonable","days":30,"reasons":"甲"}`, ""}, {"weigh", `{"outcome":"unreasonable","reasons":"甲"}`, ""},
	{"examine", draft, ""}, {"examine", `{"outcome":"third-party","party":"甲","question":"乙"}`, ""}, {"examine", `{"outcome":"joint","party":"甲","question":"乙"}`, ""},
	{"examine", `{"outcome":"agencies","party":"甲","question":"乙"}`, ""}, {"examine", `{"outcome":"extend","reasons":"甲"}`, ""},
	{"examine", `{"outcome":"fee","scale":"per-page","count":40,"fee":10000}`, ""},
	{"third-party", `{"thirdParty":"agrees","answeredOn":"TODAY"}`, ""}, {"agencies", `{"opinion":"同意","answeredOn":"TODAY"}`, ""}, {"joint", `{"joint":"agrees","answeredOn":"TODAY"}`, ""},
	{"approve-extension", `{"outcome":"yes","reasons":"甲"}`, ""}, {"approve-extension", `{"outcome":"no"}`, ""}, {"payment", `{"paidOn":"TODAY","receipt":"1"}`, ""},
	{"draft", `{"reply":"published","subject":"甲","where":"网站"}`, ""}, {"draft", `{"reply":"unavailable.not-held","subject":"甲","reasons":"乙"}`, ""},
	{"draft", `{"reply":"unprocessed.excessive","subject":"甲","reasons":"乙"}`, ""}, {"draft", `{"reply":"partial","subject":"甲","reasons":"乙"}`, "a.pdf"},
	{"decide", issue, ""}, {"decide", issue, ""}, {"decide", `{"outcome":"return","opinion":"甲"}`, ""}, {"hand-over", `{"manner":"online","delivered":"TODAY"}`, ""},
}

// Whatever happens in whatever order, a request comes to one outcome, once; and in each column 一 + 二 = 三（七） + 四, by the counts as by the
// requests one by one.
func TestOneOutcomeAndTheCheckOfTheReport(t *testing.T) {
	w := onSQLite(t)
	w.at("2025-11-03", 9)
	kinds := []string{request.Person, "organisation.business", "organisation.legal"}
	var all []store.ID
	rapid.Check(t, func(t *rapid.T) {
		channel := rapid.SampledFrom([]request.Channel{request.Web, request.Window, request.Registered}).Draw(t, "channel")
		r, a := sent(channel), asker
		a.Kind = rapid.SampledFrom(kinds).Draw(t, "kind")
		if a.Kind != request.Person {
			a.IDNumber = "91340100MA2MQK1R9H" // an invented organisation; its check character is right
		}
		if channel == request.Registered {
			r.Received = calendar.Of(w.now).String()
		}
		id := w.ask(a, r)
		all = append(all, id)
		for range rapid.IntRange(0, 25).Draw(t, "steps") {
			before := w.entry(id)
			if rapid.IntRange(0, 30).Draw(t, "withdraw") == 0 {
				_, _ = w.cases.Do(w.t.Context(), casework.Command{Key: w.key(), Case: id, Actor: visitor, Proven: true, Act: casework.Send{Message: "withdraw"}}) // refused once replied to
			}
			way := rapid.SampledFrom(ways).Draw(t, "way")
			data := strings.ReplaceAll(way.data, "TODAY", calendar.Of(w.now).String())
			var files []string
			if way.file != "" {
				files = []string{way.file}
			}
			_ = w.try(id, way.step, data, files...) // what is not open, or against a rule, is refused and changes nothing
			if rapid.IntRange(0, 9).Draw(t, "pass") == 0 {
				w.on(rapid.IntRange(1, 6).Draw(t, "days"))
			}
			after := w.entry(id)
			if before.Outcome != "" && (after.Outcome != before.Outcome || after.Closed != before.Closed) {
				t.Fatalf("%s had the outcome %s, and has %s", after.Number, before.Outcome, after.Outcome)
			}
			if c := w.get(id); !c.Open() && after.Outcome == "" {
				t.Fatalf("%s ended as %s without an outcome", after.Number, c.Status)
			}
			if after.Outcome != "" && after.Outcome != request.Withdrawn {
				if o, ok := w.Outcome(after.Outcome, after.Arrived); !ok || !o.Leaf {
					t.Fatalf("%s is no outcome of the closed list", after.Outcome)
				}
			}
		}
	})
	end := calendar.Of(w.now)
	for _, span := range [][2]calendar.Date{{calendar.Day(2025, 1, 1), calendar.Day(2025, 12, 31)}, {calendar.Day(2026, 1, 1), calendar.Day(2026, 12, 31)}, {end - 40, end - 10}, {end - 10, end}} {
		for _, scope := range []request.Scope{{}, {Body: "water"}, {Division: hefei}, {Division: "340000000000"}, {Body: "supervision"}} {
			f, err := w.Figures(w.t.Context(), scope, span[0], span[1])
			if err != nil {
				t.Fatal(err)
			}
			again, err := w.Recount(w.t.Context(), scope, span[0], span[1])
			if err != nil {
				t.Fatal(err)
			}
			total := f.Total()
			for _, k := range kinds {
				if f.Received[k]+f.Over[k] != total[k]+f.Forward[k] {
					t.Errorf("%v %s: 一 %d + 二 %d is not 三 %d + 四 %d", span, k, f.Received[k], f.Over[k], total[k], f.Forward[k])
				}
				if f.Received[k] != again.Received[k] || f.Over[k] != again.Over[k] || f.Forward[k] != again.Forward[k] || total[k] != again.Total()[k] {
					t.Errorf("%v %v %s: counted %d %d %d %d, one by one %d %d %d %d", span, scope, k, f.Received[k], f.Over[k], total[k], f.Forward[k],
						again.Received[k], again.Over[k], again.Total()[k], again.Forward[k])
				}
			}
			for code := range f.Outcomes {
				if code == request.Withdrawn {
					t.Error("who withdrew is not counted among 其他处理")
				}
			}
		}
	}
	// Every letter that came of all this can be composed in every language.
	left := regexp.MustCompile(`\{[a-z-]+\}`) // a placeholder that was not filled
	composed := 0
	for _, id := range all {
		c := w.get(id)
		for _, d := range c.Documents() {
			if composed > 80 {
				break
			}
			composed++
			path := "/open/office/" + c.Number + "/letters/" + itoa(d.Seq) + "/" + d.Kind
			w.actor = officer
			if code, body, _ := w.page(http.MethodGet, path+"?lang="+string(lang.All[composed%len(lang.All)]), nil); code != http.StatusOK || left.MatchString(body) {
				t.Errorf("%s: %d", path, code)
			}
		}
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// Disputes are table 4: kept by kind and result; pending ones are those not concluded on the last day.
func TestDisputes(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		id := w.ask(asker, sent(request.Window))
		w.step(id, "check", examine)
		w.replied(id, `{"reply":"refused.forbidden","subject":"甲","reasons":"乙","law":"统计法9"}`)
		e := w.entry(id)
		if _, err := w.File(t.Context(), officer, e, request.SuitAfterReview, calendar.Of(w.now), w.key()); err == nil {
			t.Error("a suit after a reconsideration that nobody recorded")
		}
		if _, err := w.File(t.Context(), visitor, e, request.Review, calendar.Of(w.now), w.key()); err == nil {
			t.Error("a visitor records a dispute")
		}
		rec, err := w.File(t.Context(), officer, e, request.Review, calendar.Of(w.now), w.key())
		if err != nil {
			t.Fatal(err)
		}
		year := func(y int) request.DisputeCounts {
			t.Helper()
			f, err := w.DisputeFigures(t.Context(), request.Scope{Body: "water"}, calendar.Day(y, 1, 1), calendar.Day(y, 12, 31))
			if err != nil {
				t.Fatal(err)
			}
			return f[request.Review]
		}
		if got := year(2026); got != (request.DisputeCounts{Pending: 1}) {
			t.Errorf("pending: %+v", got)
		}
		today := calendar.Of(w.now)
		if _, err := w.File(t.Context(), officer, e, request.Review, today, w.key()); err == nil {
			t.Error("the same reconsideration is recorded twice")
		}
		w.at("2026-04-10", 9)
		if c := w.get(rec.Case); !strings.Contains(c.Title.Hans, "行政复议") || !strings.Contains(c.Title.Hans, e.Number) {
			t.Errorf("the title %q does not tell which dispute it is", c.Title.Hans)
		}
		if err := w.try(rec.Case, "conclude", `{"outcome":"corrected","concluded":"`+(today-1).String()+`"}`); err == nil {
			t.Error("decided on before it was filed")
		}
		w.step(rec.Case, "conclude", `{"outcome":"corrected","concluded":"2026-04-09"}`)
		if got := year(2026); got != (request.DisputeCounts{Corrected: 1}) {
			t.Errorf("corrected: %+v", got)
		}
		if got := year(2027); got != (request.DisputeCounts{}) {
			t.Errorf("the year after: %+v", got)
		}
	})
}

// A dispute that several clerks record at once counts once; a suit after a reconsideration does not come before it.
func TestDisputeIsRecordedOnce(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		id := w.ask(asker, sent(request.Window))
		w.step(id, "check", examine)
		w.replied(id, `{"reply":"refused.forbidden","subject":"甲","reasons":"乙","law":"统计法9"}`)
		e := w.entry(id)
		w.at("2026-03-05", 9)
		day := calendar.Of(w.now)
		const clerks = 6
		answers := make(chan error, clerks)
		for range clerks {
			key := w.key()
			go func() {
				_, err := w.File(t.Context(), officer, e, request.Review, day, key)
				answers <- err
			}()
		}
		recorded := 0
		for range clerks {
			err := <-answers
			var r *casework.Refusal
			switch {
			case err == nil:
				recorded++
			case !errors.As(err, &r) || len(r.Fields) != 1 || r.Fields[0].Path != "/filed" || !strings.Contains(r.Fields[0].Text.Hans, "已经登记"):
				t.Errorf("not refused as there already: %v", err)
			}
		}
		list, err := w.Disputes(t.Context(), id)
		if err != nil || len(list) != 1 || recorded != 1 {
			t.Fatalf("%d clerks have a receipt, %d disputes are there, %v", recorded, len(list), err)
		}
		var r *casework.Refusal
		if _, err := w.File(t.Context(), officer, e, request.SuitAfterReview, day-1, w.key()); !errors.As(err, &r) || r.Fields[0].Text.Hans == "" ||
			!strings.Contains(r.Fields[0].Text.Hans, "行政复议") {
			t.Errorf("a suit before the reconsideration that it follows: %v", err)
		}
		if _, err := w.File(t.Context(), officer, e, request.SuitAfterReview, day, w.key()); err != nil {
			t.Errorf("a suit on the day of the reconsideration: %v", err)
		}
	})
}

// Letters name the applicant on paper only.
func TestComposed(t *testing.T) {
	w := onSQLite(t)
	id := w.ask(asker, sent(request.Window))
	w.step(id, "check", examine)
	list, err := w.docs.Of(t.Context(), id)
	if err != nil || len(list) != 2 {
		t.Fatalf("%d letters, %v; want receipt and registration", len(list), err)
	}
	if list[0].Kind != "request-receipt" || list[0].Number != "合水公开收〔2026〕1号" {
		t.Errorf("%s %s", list[0].Kind, list[0].Number)
	}
}
