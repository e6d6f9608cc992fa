package request_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/slice/request"
)

// A catalogue of what can be asked for is handed in, approved and renewed.
func TestCatalogue(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		list, wrong := request.ParseCatalogue("河道采砂许可档案 | 2013年以来\n\n水库安全鉴定报告｜电子文档\n")
		if len(wrong) > 0 || len(list) != 2 || list[1].Summary != "电子文档" {
			t.Fatalf("%v %v", list, wrong)
		}
		for text, line := range map[string]string{"甲\n甲": "第2行", "甲\n|乙": "第2行", "甲|电话13800000001": "第1行", "": ""} {
			if _, wrong := request.ParseCatalogue(text); len(wrong) == 0 || !strings.HasPrefix(wrong[0].Text.Hans, line) {
				t.Errorf("%q: %v", text, wrong)
			}
		}
		rec, err := w.HandIn(t.Context(), officer, "water", list, w.key())
		if err != nil {
			t.Fatal(err)
		}
		if _, there, err := w.Edition(t.Context(), "water"); there || err != nil {
			t.Errorf("published before it was approved: %v", err)
		}
		w.step(rec.Case, "approve", `{"outcome":"publish"}`)
		e, there, err := w.Edition(t.Context(), "water")
		if err != nil || !there || len(e.Entries) != 2 || w.Renew(e.Published).String() != "2026-09-02" {
			t.Errorf("%+v %t %v; renewed by %s", e, there, err, w.Renew(e.Published))
		}
		if code, body, _ := w.page(http.MethodGet, "/open/catalogue/water", nil); code != http.StatusOK || !strings.Contains(body, `<span lang="zh-Hans">水库安全鉴定报告</span>`) {
			t.Errorf("page: %d", code)
		}
	})
}

// One catalogue of a body waits for its head at a time: until it is decided or sent back, the next one is refused and what was typed stays.
func TestOneCatalogueWaits(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		line := []request.Askable{{Name: "河道采砂许可档案"}}
		handIn := func() (string, store.ID) {
			rec, err := w.HandIn(t.Context(), officer, "water", line, w.key())
			if err != nil {
				t.Fatal(err)
			}
			return rec.Number, rec.Case
		}
		first, id := handIn()
		_, err := w.HandIn(t.Context(), officer, "water", line, w.key())
		var refusal *casework.Refusal
		if !errors.As(err, &refusal) || len(refusal.Fields) != 1 || !strings.Contains(refusal.Fields[0].Text.En, first) {
			t.Fatalf("a second one: %v", err)
		}
		w.actor = officer
		code, body, _ := w.page(http.MethodPost, "/open/office/catalogue", url.Values{"key": {"second"}, "entries": {"水库安全鉴定报告"}})
		if code != http.StatusUnprocessableEntity || !strings.Contains(body, first+" 正在等待审定") || !strings.Contains(body, "水库安全鉴定报告</textarea>") {
			t.Errorf("the page of a second one: %d", code)
		}
		if list, err := w.Editions(t.Context(), "water"); err != nil || len(list) != 1 {
			t.Errorf("%d editions, %v", len(list), err)
		}
		for _, outcome := range []string{"return", "publish"} {
			w.step(id, "approve", `{"outcome":"`+outcome+`","opinion":"缺少水库安全鉴定报告"}`)
			if waiting, err := w.WaitingCatalogue(t.Context(), "water"); waiting != "" || err != nil {
				t.Errorf("after %s %s still waits, %v", outcome, waiting, err)
			}
			_, id = handIn()
		}
		if _, body, _ = w.page(http.MethodGet, "/open/office/catalogue", nil); strings.Contains(body, "<textarea") || !strings.Contains(body, "已退回") {
			t.Error("the page offers another one while one waits, or does not say that one was sent back")
		}
	})
}

// Whoever comes from the page of a body, or from a search that found nothing, goes on from there: to that body, among those of the place,
// with the words that were looked for.
func TestChooseBody(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		code, _, h := w.page(http.MethodGet, "/open/apply?"+url.Values{"body": {"water"}, "about": {"水库 & 坝"}}.Encode(), nil)
		if to := h.Get("Location"); code != http.StatusSeeOther || to != "/open/apply/water?about="+url.QueryEscape("水库 & 坝") {
			t.Errorf("a body leads to %d %s", code, to)
		}
		for query, want := range map[string][]string{
			"":                                {"/open/apply/water"},
			"?area=340100&about=%E6%B0%B4":    {"/open/apply/water?about=%E6%B0%B4", "/open/apply?about=%E6%B0%B4", `name="area" value="340100000000"`},
			"?q=%E5%90%88%E8%82%A5+%E6%B0%B4": {"/open/apply/water"}, // the place and a part of the name
			"?q=nobody-of-this-name":          {"请只输入名称的一部分"},
			"?area=%00&body=nobody":           {"/open/apply/water"},
		} {
			code, body, _ := w.page(http.MethodGet, "/open/apply"+query, nil)
			for _, text := range want {
				if code != http.StatusOK || !strings.Contains(body, text) {
					t.Errorf("%s: %d, without %q", query, code, text)
				}
			}
		}
	})
}

// Catalogues of before one waited at a time: what was sent back says so, and the latest one that waits holds the place.
func TestOldCataloguesAreDecided(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		line := []request.Askable{{Name: "河道采砂许可档案"}}
		numbers := [2]string{}
		for i := range numbers {
			rec, err := w.HandIn(t.Context(), officer, "water", line, w.key())
			if err != nil {
				t.Fatal(err)
			}
			if numbers[i] = rec.Number; i == 0 {
				w.step(rec.Case, "approve", `{"outcome":"return","opinion":"缺少水库安全鉴定报告"}`)
			}
		}
		file, err := os.ReadFile("migrations/00004_decided.sql")
		if err != nil {
			t.Fatal(err)
		}
		up, _, _ := strings.Cut(string(file), "-- +goose Down")
		err = w.db.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			for _, text := range append([]string{"UPDATE request_edition SET published = 0", "DELETE FROM request_waiting"}, strings.Split(up, ";")...) {
				if strings.Contains(text, "request_") {
					if err := tx.Exec(ctx, text); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if waits, err := w.WaitingCatalogue(t.Context(), "water"); waits != numbers[1] || err != nil {
			t.Errorf("%q waits, want %s; %v", waits, numbers[1], err)
		}
		w.actor = officer
		if _, body, _ := w.page(http.MethodGet, "/open/office/catalogue", nil); strings.Count(body, "已退回") != 1 {
			t.Error("the one that was sent back is not shown as that")
		}
	})
}

// shelf is where bulletins and duties go in tests.
type shelf struct {
	bulletins []request.Bulletin
	owed, met []string
	fail      bool
}

func (s *shelf) Publish(context.Context, identity.Principal, request.Answered) (string, error) {
	return "1", nil
}
func (s *shelf) Page(context.Context, string) (string, error) { return "", nil }

func (s *shelf) Bulletin(_ context.Context, b request.Bulletin) error {
	if s.fail {
		return errors.New("the publication is down")
	}
	s.bulletins = append(s.bulletins, b)
	return nil
}

func (s *shelf) Owe(_ context.Context, _ *store.Tx, o request.Owed) error {
	s.owed = append(s.owed, o.Key+" "+o.Rule)
	return nil
}

func (s *shelf) Meet(_ context.Context, _ *store.Tx, key string, _ time.Time) error {
	s.met = append(s.met, key)
	return nil
}

// What can be asked for is published when it was approved, what was replied to after the month; each once, also when it failed at first. A
// catalogue is owed again after each edition.
func TestPublishedRegularly(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		out := &shelf{fail: true}
		w.Publisher, w.Duties = out, out
		round := func() int {
			n, err := w.PublishRegularly(t.Context())
			if (err != nil) != out.fail {
				t.Fatal(err)
			}
			return n
		}
		var numbers []string
		for range 2 {
			rec, err := w.HandIn(t.Context(), officer, "water", []request.Askable{{Name: "河道采砂许可档案", Summary: "2013年以来"}}, w.key())
			if err != nil {
				t.Fatal(err)
			}
			numbers = append(numbers, rec.Number)
			w.step(rec.Case, "approve", `{"outcome":"publish"}`)
		}
		if want := []string{"request-catalogue/water/" + numbers[0]}; !slices.Equal(out.met, want) || len(out.owed) != 2 || out.owed[1] != "request-catalogue/water/"+numbers[1]+" request.catalogue" {
			t.Errorf("met %v, owed %v", out.met, out.owed)
		}
		id := w.ask(asker, sent(request.Window))
		w.step(id, "check", examine)
		w.replied(id, `{"reply":"published","subject":"2025年河道采砂许可","where":"网站"}`)
		round()
		out.fail = false
		if n := round(); n != 1 || out.bulletins[0].Key != "catalogue/"+numbers[1] || !strings.Contains(out.bulletins[0].Text, "河道采砂许可档案：2013年以来") {
			t.Errorf("%d: %+v", n, out.bulletins)
		}
		w.at("2026-03-31", 23)
		if n := round(); n != 0 {
			t.Errorf("%d bulletins before the month is over", n)
		}
		w.at("2026-04-01", 8)
		if n := round(); n != 1 || out.bulletins[1].Title != "合肥市水务局政府信息公开申请答复情况（2026年3月）" ||
			!strings.Contains(out.bulletins[1].Text, "2025年河道采砂许可。予以公开，用0个工作日；登记号YK340100") || strings.Contains(out.bulletins[1].Text, asker.Name) {
			t.Errorf("%d: %+v", n, out.bulletins[1:])
		}
		if n := round(); n != 0 {
			t.Errorf("%d bulletins a second time", n)
		}
	})
}

func FuzzParseCatalogue(f *testing.F) {
	f.Add("甲 | 乙\n丙")
	f.Fuzz(func(t *testing.T, text string) {
		list, wrong := request.ParseCatalogue(text)
		if len(wrong) == 0 && len(list) == 0 {
			t.Error("nothing, and nothing wrong")
		}
	})
}

// Asking on the pages: what is wrong is named beside its field and nothing typed is lost; sent twice, it is one request.
func TestPages(t *testing.T) {
	onEachEngine(t, func(t *testing.T, w *world) {
		form := url.Values{"part": {"what"}, "key": {"k1"}, "description": {"短"}}
		code, body, _ := w.page(http.MethodPost, "/open/apply/water", form)
		if code != http.StatusUnprocessableEntity || !strings.Contains(body, "请写得具体一些") || !strings.Contains(body, ">短</textarea>") {
			t.Errorf("a short description: %d", code)
		}
		form.Set("description", "申请公开2025年河道采砂许可的批准文件。")
		code, body, _ = w.page(http.MethodPost, "/open/apply/water", form)
		if code != http.StatusOK || !strings.Contains(body, `name="idNumber"`) || !strings.Contains(body, "河道采砂许可") {
			t.Errorf("to the second part: %d", code)
		}
		form.Set("part", "who")
		for k, v := range map[string]string{"kind": request.Person, "name": "王小明", "idNumber": "110105194912310021", "phone": "1380"} {
			form.Set(k, v)
		}
		code, body, _ = w.page(http.MethodPost, "/open/apply/water", form)
		if code != http.StatusUnprocessableEntity || strings.Count(body, "govuk-error-message") < 3 || !strings.Contains(body, `value="110105194912310021"`) {
			t.Errorf("number, telephone and proof are wrong: %d, %d messages", code, strings.Count(body, "govuk-error-message"))
		}
		// The office enters what came by post: the paper is the proof.
		w.actor = officer
		form.Set("idNumber", number)
		form.Set("phone", "13800000001")
		form.Set("wanted", "online")
		form.Set("channel", "registered")
		form.Set("received-year", "2026")
		form.Set("received-month", "2")
		form.Set("received-day", "27")
		form.Set("part", "how")
		if code, body, _ = w.page(http.MethodPost, "/open/office/new", form); code != http.StatusOK || !strings.Contains(body, "2026年2月27日") {
			t.Errorf("the day of receipt is not read back: %d", code)
		}
		form.Set("channel", "window")
		if _, body, _ = w.page(http.MethodPost, "/open/office/new", form); strings.Contains(body, "2026年2月27日") {
			t.Error("a day is read back of what is handed in today")
		}
		form.Set("channel", "registered")
		form.Set("part", "check")
		form.Set("declare", "true")
		form.Set("act", "send")
		code, body, header := w.page(http.MethodPost, "/open/office/new", form)
		if code != http.StatusSeeOther {
			t.Fatalf("entered: %d %s", code, body)
		}
		again, _, second := w.page(http.MethodPost, "/open/office/new", form)
		if again != http.StatusSeeOther || second.Get("Location") != header.Get("Location") {
			t.Errorf("sent twice: %d %s, then %s", again, header.Get("Location"), second.Get("Location"))
		}
		number := strings.TrimPrefix(header.Get("Location"), "/open/office/")
		for _, path := range []string{"/open/office", "/open/office/figures", "/open/office/catalogue", header.Get("Location")} {
			if code, _, _ := w.page(http.MethodGet, path, nil); code != http.StatusOK {
				t.Errorf("%s: %d", path, code)
			}
		}
		if _, body, _ := w.page(http.MethodGet, "/open/office", nil); !strings.Contains(body, "申请公开2025年河道采砂许可的批准文件。") {
			t.Error("the list of open requests does not say what is asked for")
		}
		w.actor = staff(41, "water-agent", "water", "agent") // sees that there is one, and not what it asks for
		if code, body, _ := w.page(http.MethodGet, "/open/office", nil); code != http.StatusOK || !strings.Contains(body, number) || strings.Contains(body, "河道采砂") {
			t.Errorf("%d: an agent reads what is asked for: %t", code, strings.Contains(body, "河道采砂"))
		}
		w.actor = officer
		e, err := w.ByNumber(t.Context(), number)
		if err != nil || e.Arrived.String() != "2026-02-27" {
			t.Fatal(e, err)
		}
		c := w.get(e.Case)
		if who, err := w.Reach(t.Context(), e.Case); who.Email != "" || who.Phone != "13800000001" || who.Language != lang.Hans || who.Name != "" || err != nil {
			t.Errorf("told at %+v: %v", who, err)
		}
		w.actor = visitor
		base := "/open/requests/" + number + "/" + w.cases.Code(c)
		for _, path := range []string{base, base + "/receipt", base + "/letters/1/request-receipt"} {
			if code, _, _ := w.page(http.MethodGet, path, nil); code != http.StatusOK {
				t.Errorf("%s: %d", path, code)
			}
		}
		if code, _, _ := w.page(http.MethodGet, "/open/requests/"+number, nil); code != http.StatusNotFound {
			t.Errorf("an open request stands in the register: %d", code)
		}
		if code, _, _ := w.page(http.MethodGet, "/open/requests/"+number+"/WRONG", nil); code != http.StatusNotFound {
			t.Errorf("a wrong code: %d", code)
		}
		w.step(e.Case, "check", `{"outcome":"correct","missing":"写明文号","days":8}`)
		token := itoa(int64(w.get(e.Case).Tasks()[0].Token))
		if code, body, _ := w.page(http.MethodGet, base+"/task/"+token, nil); code != http.StatusOK || !strings.Contains(body, "写明文号") {
			t.Errorf("the correction: %d", code)
		}
		if code, _, _ := w.page(http.MethodPost, base+"/task/"+token, url.Values{"key": {"c1"}, "description": {"皖水许可〔2025〕12号"}}); code != http.StatusSeeOther {
			t.Errorf("corrected: %d", code)
		}
		if code, _, _ := w.page(http.MethodPost, base+"/withdraw", url.Values{"key": {"w1"}}); code != http.StatusSeeOther {
			t.Errorf("withdrawn: %d", code)
		}
		if e, err := w.ByNumber(t.Context(), number); err != nil || e.Outcome != request.Withdrawn {
			t.Error(e, err)
		}
	})
}

// What an agent brings for somebody is entered with the agent's name: the day is that of a request in person (条例 31), it counts under its own
// channel, and the agent's name stands with the asker, sealed apart and erased with them.
func TestHandedInByAnAgent(t *testing.T) {
	w := onSQLite(t)
	w.actor = officer
	form := url.Values{"part": {"check"}, "key": {"k1"}, "act": {"send"}, "declare": {"true"}, "description": {"申请公开2025年河道采砂许可的批准文件。"}, "kind": {request.Person}, "name": {"王小明"},
		"idNumber": {"11010519491231002X"}, "phone": {"13800000001"}, "wanted": {"pick-up"}, "channel": {"agent"}}
	code, body, _ := w.page(http.MethodPost, "/open/office/new", form)
	if code != http.StatusUnprocessableEntity || !strings.Contains(body, "请填写代理人的姓名") || !strings.Contains(body, `value="王小明"`) {
		t.Errorf("without the agent's name: %d", code)
	}
	form.Set("agent", "石守田")
	code, body, header := w.page(http.MethodPost, "/open/office/new", form)
	if code != http.StatusSeeOther {
		t.Fatalf("entered: %d %s", code, body)
	}
	e, err := w.ByNumber(t.Context(), strings.TrimPrefix(header.Get("Location"), "/open/office/"))
	if err != nil || e.Channel != request.ByAgent || e.Arrived != calendar.Of(w.time()) || e.Receipt != e.Arrived {
		t.Fatalf("%+v, %v", e, err)
	}
	f, err := w.Figures(t.Context(), request.Scope{Body: "water"}, e.Arrived, e.Arrived)
	if err != nil || f.Channels[request.ByAgent] != 1 || f.Received.Total() != 1 {
		t.Errorf("%+v, %v", f, err)
	}
	if _, body, _ = w.page(http.MethodGet, header.Get("Location"), nil); !strings.Contains(body, "石守田") || !strings.Contains(body, "代办员代为提交") {
		t.Error("the page of the office does not name the agent")
	}
	c := w.get(e.Case)
	w.actor = visitor
	if _, body, _ = w.page(http.MethodGet, "/open/requests/"+c.Number+"/"+w.cases.Code(c), nil); strings.Contains(body, "石守田") {
		t.Error("whoever holds the query code reads the agent's name")
	}
}
