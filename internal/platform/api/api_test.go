package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/api"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/supervision"
)

// TestWhoMayDoWhat: the expectation is written by hand from policies/*.cedar. The case is of hefei-water.
func TestWhoMayDoWhat(t *testing.T) {
	h := open(t)
	c := h.apply(h.all(), "first-case", waterHefei)
	h.cards.list = []supervision.Card{{ID: 50, Number: c.Number, Case: c.Case, Colour: supervision.Red, Division: hefei, Body: "hefei-water"}}
	scopes := []string{"case.submit", "case.list", "case.read", "case.private", "case.message", "case.attach", "task.complete", "board.view"}
	tokens := map[string]string{
		"none":   "",
		"wrong":  "ohm_wrong",
		"files":  h.token("", "", "file.read"), // opens nothing here
		"reader": h.token("", "", "case.read"),
		"hefei":  h.token(hefei, "", scopes...),
		"water":  h.token("", "hefei-water", scopes...),
		"bengbu": h.token(bengbu, "", scopes...),
		"other":  h.token("", "bengbu-water", scopes...),
	}
	who := []string{"none", "wrong", "files", "reader", "hefei", "water", "bengbu", "other"}
	act := `{"message":{"name":"no-such-message"}}`
	for _, row := range []struct {
		method, path, body string
		want               []int // in the order of who
	}{
		{"GET", "/openapi.json", "", []int{200, 401, 200, 200, 200, 200, 200, 200}},
		{"GET", "/items", "", []int{200, 401, 200, 200, 200, 200, 200, 200}},
		{"GET", "/items/" + waterHefei, "", []int{200, 401, 200, 200, 200, 200, 200, 200}},
		{"GET", "/divisions/" + hefei, "", []int{200, 401, 200, 200, 200, 200, 200, 200}},
		{"GET", "/bodies/hefei-water", "", []int{200, 401, 200, 200, 200, 200, 200, 200}},
		{"GET", "/cases", "", []int{401, 401, 403, 403, 200, 200, 200, 200}},
		{"GET", "/cases?body=hefei-water", "", []int{401, 401, 403, 403, 200, 200, 200, 403}},
		{"GET", "/cases?division=" + hefei, "", []int{401, 401, 403, 403, 200, 200, 403, 200}},
		{"GET", "/cases?division=" + anhui, "", []int{401, 401, 403, 403, 403, 200, 403, 200}},
		{"GET", "/cases/" + c.Number, "", []int{401, 401, 403, 200, 200, 200, 403, 403}},
		{"GET", "/cases/" + c.Case.String(), "", []int{401, 401, 403, 200, 200, 200, 403, 403}},
		{"GET", "/cases/" + c.Number + "/dossier", "", []int{401, 401, 403, 403, 200, 200, 403, 403}},
		{"GET", "/cases/" + c.Number + "/events", "", []int{401, 401, 403, 200, 200, 200, 403, 403}},
		{"GET", "/cases/" + c.Number + "/events/1", "", []int{401, 401, 403, 200, 200, 200, 403, 403}},
		{"GET", "/cards", "", []int{401, 401, 403, 403, 200, 200, 200, 200}},
		{"GET", "/cards?division=" + bengbu, "", []int{401, 401, 403, 403, 403, 200, 200, 200}},
		{"GET", "/cards/50", "", []int{401, 401, 403, 403, 200, 200, 403, 403}},
		{"POST", "/cases", application(waterHefei), []int{401, 401, 403, 403, 201, 201, 403, 403}},
		{"POST", "/cases", "not read before the token", []int{401, 401, 403, 403, 400, 400, 400, 400}},
		{"POST", "/cases/" + c.Number + "/acts", act, []int{401, 401, 403, 403, 409, 409, 403, 403}},
		{"POST", "/files", "", []int{401, 401, 403, 403, 422, 422, 422, 422}},
	} {
		for i, name := range who {
			got := h.do(call{method: row.method, path: row.path, token: tokens[name], body: row.body, headers: []string{"Idempotency-Key", "matrix-" + name}})
			if got.status != row.want[i] {
				t.Errorf("%s %s by %s: %d, want %d: %s", row.method, row.path, name, got.status, row.want[i], got.body)
			}
			if got.status == http.StatusUnauthorized && got.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s by %s: 401 without WWW-Authenticate", row.method, row.path, name)
			}
		}
	}
	if got := h.do(call{method: "GET", path: "/items", headers: []string{"Authorization", "Basic eA=="}}); got.status != 401 {
		t.Errorf("Basic: %d", got.status)
	}
}

func TestBoundListsHoldNothingElse(t *testing.T) {
	h := open(t)
	all := h.all()
	mine, other := h.apply(all, "hefei-case", waterHefei), h.apply(all, "bengbu-case", waterBengbu)
	h.cards.list = []supervision.Card{
		{ID: 51, Number: other.Number, Division: bengbu, Body: "bengbu-water"}, {ID: 50, Number: mine.Number, Division: hefei, Body: "hefei-water"},
	}
	for name, token := range map[string]string{
		"division": h.token(hefei, "", "case.list", "case.read", "board.view"),
		"body":     h.token("", "hefei-water", "case.list", "case.read", "board.view"),
	} {
		list := read[api.CaseList](h.get("/cases", token).want(200))
		if len(list.Cases) != 1 || list.Cases[0].Number != mine.Number {
			t.Errorf("%s: %+v", name, list)
		}
		seen := read[api.CardList](h.get("/cards", token).want(200))
		if len(seen.Cards) != 1 || seen.Cards[0].Number != mine.Number {
			t.Errorf("%s: %+v", name, seen)
		}
	}
	// case.list opens the list; each case in it is asked for by itself (policies/desk.cedar).
	if list := read[api.CaseList](h.get("/cases", h.token("", "", "case.list")).want(200)); len(list.Cases) != 0 {
		t.Errorf("without case.read: %+v", list)
	}
}

func TestCreateIsCarriedOutOnce(t *testing.T) {
	h := open(t)
	token := h.all()
	first := h.post("/cases", token, "same-key-1", application(waterHefei)).want(201)
	again := h.post("/cases", token, "same-key-1", application(waterHefei)).want(201)
	if string(first.body) != string(again.body) {
		t.Errorf("first  %s\nagain %s", first.body, again.body)
	}
	if first.header.Get("Idempotency-Replayed") != "" || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("replayed: %q, then %q", first.header.Get("Idempotency-Replayed"), again.header.Get("Idempotency-Replayed"))
	}
	rec := read[api.Receipt](first)
	if got, want := first.header.Get("Location"), "/api/v1/cases/"+rec.Number; got != want || len(rec.Code) != 8 || rec.Seq != 1 || len(rec.Leaf) != 32 {
		t.Errorf("location %q, want %q; receipt %+v", got, want, rec)
	}
	if _, err := h.cases.Track(t.Context(), rec.Number, rec.Code); err != nil {
		t.Errorf("the query code does not open the case: %v", err)
	}
	h.post("/cases", token, "same-key-1", application(waterBengbu)).problem(409, "key-used")
	// Another token's key is another key.
	h.post("/cases", h.all(), "same-key-1", application(waterHefei)).want(201)

	var wait sync.WaitGroup
	numbers := make([]string, 8)
	for i := range numbers {
		wait.Go(func() {
			got := h.post("/cases", token, "at-the-same-time", application(waterHefei))
			var rec api.Receipt
			if err := json.Unmarshal(got.body, &rec); err != nil || got.status != 201 {
				t.Errorf("%d %s %v", got.status, got.body, err)
			}
			numbers[i] = rec.Number
		})
	}
	wait.Wait()
	if slices.Sort(numbers); len(slices.Compact(numbers)) != 1 {
		t.Errorf("one key opened several cases: %v", numbers)
	}
}

func TestActs(t *testing.T) {
	h := open(t)
	token := h.all()
	c := h.apply(token, "case-with-acts", waterHefei)
	acts := "/cases/" + c.Number + "/acts"
	state := func() api.Case { return read[api.Case](h.get("/cases/"+c.Number, token).want(200)) }

	now := state()
	if now.Status != "received" || len(now.Tasks) != 1 || now.Tasks[0].Element != "receive" || now.Seq != 1 || now.Channel != "api" || now.EndedAt != nil {
		t.Fatalf("case %+v", now)
	}
	complete := fmt.Sprintf(`{"seq":1,"complete":{"token":%d,"data":{"outcome":"accept"}}}`, now.Tasks[0].Token)
	first := h.post(acts, token, "act-complete-1", complete).want(200)
	again := h.post(acts, token, "act-complete-1", complete).want(200)
	if string(first.body) != string(again.body) || again.header.Get("Idempotency-Replayed") != "true" || first.header.Get("Location") != "" {
		t.Errorf("first  %s\nagain %s", first.body, again.body)
	}
	h.post(acts, token, "act-complete-2", complete).problem(409, "stale")
	now = state()
	if now.Status != "accepted" || now.StatuteDue == nil || len(now.Documents) != 1 || now.Documents[0].Kind != "acceptance-slip" {
		t.Fatalf("case %+v", now)
	}
	// A form that is not right: where, in the body that was sent.
	p := h.post(acts, token, "act-complete-3", fmt.Sprintf(`{"complete":{"token":%d,"data":{"outcome":"approve"}}}`, now.Tasks[0].Token)).problem(422, "form")
	if len(p.Errors) != 1 || p.Errors[0].Pointer != "/complete/data/opinion" || p.Errors[0].Code != "required" || p.Errors[0].Detail == "" {
		t.Errorf("errors %+v", p.Errors)
	}
	for _, body := range []string{`{}`, `{"message":{"name":"withdraw"},"attach":{"files":[{"id":"1"}]}}`} {
		if p := h.post(acts, token, "not-one-act", body).problem(422, "invalid"); len(p.Errors) != 1 {
			t.Errorf("%s: %+v", body, p.Errors)
		}
	}
	h.post(acts, token, "not-awaited", `{"message":{"name":"nobody-waits"}}`).problem(409, "not-awaited")
	h.post("/cases/"+c.Case.String()+"/acts", token, "withdraw-it", `{"message":{"name":"withdraw","reason":"不需要了"}}`).want(200)
	if now = state(); now.Status != "withdrawn" || now.EndedAt == nil || len(now.Tasks) != 0 {
		t.Errorf("case %+v", now)
	}
	h.post(acts, token, "too-late-now", `{"message":{"name":"withdraw"}}`).problem(409, "ended")
	h.post("/cases/no-such-case/acts", token, "no-such-case", `{"message":{"name":"withdraw"}}`).problem(404, "not-found")
	h.post("/cases/99/acts", token, "no-such-case", `{"message":{"name":"withdraw"}}`).problem(404, "no-case")
	h.post("/cases", token, "cancelled-item", application(cancelled)).problem(410, "cancelled")
}

// TestApplicationsForWhatIsGoneAreTakenDown: a program that applies for an item which is exercised no more is refused, and told of; that it
// cannot be taken down changes nothing in the refusal.
func TestApplicationsForWhatIsGoneAreTakenDown(t *testing.T) {
	var told []string
	h := open(t, func(o *api.Options) {
		o.Cancelled = func(_ context.Context, who identity.Principal, item string) error {
			told = append(told, string(who.Kind)+" "+item)
			return errors.New("the register is away")
		}
	})
	token := h.all()
	h.post("/cases", token, "gone-item-one", application(cancelled)).problem(410, "cancelled")
	h.post("/cases", token, "item-that-lives", application(waterHefei)).want(201)
	if len(told) != 1 || told[0] != "machine "+cancelled {
		t.Errorf("told of %v", told)
	}
	if !strings.Contains(h.log.String(), "the register is away") {
		t.Error("what went wrong behind a refusal is swallowed")
	}
}

// TestPagesHaveNoGaps: what is added while somebody turns the pages moves nothing.
func TestPagesHaveNoGaps(t *testing.T) {
	h := open(t)
	token := h.all()
	var want []string
	for i := range 7 {
		want = append(want, h.apply(token, fmt.Sprint("case-number-", i), waterHefei).Number)
	}
	slices.Reverse(want)
	var got []string
	for next, pages := "", 0; ; pages++ {
		page := read[api.CaseList](h.get("/cases?limit=3&cursor="+next, token).want(200))
		for _, c := range page.Cases {
			got = append(got, c.Number)
		}
		if next = page.Next; next == "" {
			if pages != 2 {
				t.Errorf("%d pages after the first, want 2", pages)
			}
			break
		}
		h.apply(token, fmt.Sprint("added-meanwhile-", pages), waterHefei)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if all := read[api.CaseList](h.get("/cases?limit=9", token).want(200)); len(all.Cases) != 9 || all.Next != "" {
		t.Errorf("%d cases on a page of 9, next %q", len(all.Cases), all.Next)
	}

	first := read[api.ItemList](h.get("/items?limit=1", "").want(200))
	second := read[api.ItemList](h.get("/items?limit=1&cursor="+first.Next, "").want(200))
	if first.Items[0].Code != waterHefei || second.Items[0].Code != waterBengbu || second.Next != "" {
		t.Errorf("items %+v, then %+v", first, second)
	}
}

func TestEventsAndReceipts(t *testing.T) {
	h := open(t)
	token := h.all()
	c := h.apply(token, "proved-case", waterHefei)
	h.post("/cases/"+c.Number+"/acts", token, "withdraw-it", `{"message":{"name":"withdraw"}}`).want(200)

	pending := h.get("/receipts/"+c.Event.String(), "")
	if p := pending.problem(404, "receipt-pending"); pending.header.Get("Retry-After") != "1" {
		t.Errorf("%+v, Retry-After %q", p, pending.header.Get("Retry-After"))
	}
	if _, err := h.ledger.Sequence(t.Context()); err != nil {
		t.Fatal(err)
	}
	body := h.get("/receipts/"+c.Event.String(), "").want(200).body
	receipt, err := merkle.ParseReceipt(body)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := receipt.Verify(h.key.Verifier); err != nil {
		t.Errorf("the receipt proves nothing: %v", err)
	}
	for _, secret := range personal {
		if strings.Contains(string(body), secret) {
			t.Errorf("the receipt holds %q", secret)
		}
	}
	h.get("/receipts/12345", "").problem(404, "not-found")
	h.get("/receipts/abc", "").problem(404, "not-found")

	events := "/cases/" + c.Number + "/events"
	first := read[api.EventList](h.get(events+"?limit=1", token).want(200))
	second := read[api.EventList](h.get(events+"?limit=1&cursor="+first.Next, token).want(200))
	if len(first.Events) != 1 || len(second.Events) != 1 || second.Next != "" || first.Events[0].Kind != "case.submitted" || second.Events[0].Kind != "case.message" {
		t.Fatalf("%+v then %+v", first, second)
	}
	if first.Events[0].ID != c.Event || first.Events[0].Leaf == nil || *first.Events[0].Leaf != 0 {
		t.Errorf("event %+v", first.Events[0])
	}
	one := read[api.Event](h.get(events+"/2", token).want(200))
	if string(one.Envelope) != string(second.Events[0].Envelope) || one.Seq != 2 {
		t.Errorf("event %+v", one)
	}
	h.get(events+"/3", token).problem(404, "not-found")
}

func TestDossier(t *testing.T) {
	h := open(t)
	token := h.all()
	c := h.apply(token, "with-dossier", waterHefei)
	got := h.get("/cases/"+c.Number+"/dossier", token).want(200)
	d := read[api.Dossier](got)
	if d.Applicant.Name != personal[0] || d.Applicant.IDNumber != personal[1] || !strings.Contains(string(d.Form), personal[2]) || d.Files == nil {
		t.Errorf("dossier %+v", d)
	}
	if got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("a dossier may be kept: %q", got.header.Get("Cache-Control"))
	}
	public := string(h.get("/cases/"+c.Number, token).want(200).body) + string(h.get("/cases/"+c.Number+"/events", token).want(200).body)
	for _, secret := range personal {
		if strings.Contains(public, secret) {
			t.Errorf("the public part holds %q", secret)
		}
		if strings.Contains(h.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

func TestFiles(t *testing.T) {
	h := open(t)
	token, other := h.all(), h.all()
	pdf := "%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
	upload := func(token, body string, headers ...string) reply {
		return h.do(call{method: "POST", path: "/files", token: token, body: body, headers: headers})
	}
	name := []string{"Content-Disposition", "attachment; filename*=UTF-8''%E7%94%B3%E8%AF%B7%E8%A1%A8.pdf"}
	up := read[api.Upload](upload(token, pdf, name...).want(201))
	if up.Type != "application/pdf" || up.Size != int64(len(pdf)) || up.ID == 0 {
		t.Fatalf("upload %+v", up)
	}
	if p := upload(token, pdf).problem(422, "invalid"); p.Errors[0].Parameter != "Content-Disposition" {
		t.Errorf("%+v", p)
	}
	upload(token, "", name...).problem(422, "file-empty")
	upload(token, "#!/bin/sh\n", name...).problem(422, "file-type")
	upload(token, "%PDF-1.7\n"+strings.Repeat("x", 21<<20), name...).problem(422, "file-large")

	c := h.apply(token, "with-a-file", waterHefei)
	attach := `{"attach":{"files":[{"id":"` + up.ID.String() + `","material":"plan"}]}}`
	if p := h.post("/cases/"+c.Number+"/acts", other, "not-my-file", attach).problem(422, "invalid"); p.Errors[0].Pointer != "/attach/files/0/id" || p.Errors[0].Code != "no-file" {
		t.Errorf("%+v", p)
	}
	h.post("/cases/"+c.Number+"/acts", token, "my-own-file", attach).want(200)
	files := read[api.Dossier](h.get("/cases/"+c.Number+"/dossier", token).want(200)).Files
	if len(files) != 1 || files[0].Name != "申请表.pdf" || files[0].Digest != up.Digest || files[0].Material != "plan" {
		t.Errorf("files %+v", files)
	}
}

func TestPlaces(t *testing.T) {
	h := open(t)
	codes := func(path string) (list []string) {
		for _, d := range read[api.DivisionList](h.get(path, "").want(200)).Divisions {
			list = append(list, d.Code)
		}
		return list
	}
	for path, want := range map[string][]string{
		"/divisions":                      {anhui},
		"/divisions?parent=" + anhui:      {hefei, bengbu},
		"/divisions?parent=" + changfeng:  nil,
		"/divisions?q=%E9%95%B7%E8%B1%90": {changfeng}, // 長豐
	} {
		if got := codes(path); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	d := read[api.Division](h.get("/divisions/"+changfeng, "").want(200))
	if d.Parent != hefei || d.Level != "county" || d.Name.Hans != "长丰县" {
		t.Errorf("division %+v", d)
	}
	bodies := read[api.BodyList](h.get("/bodies?division="+bengbu, "").want(200)).Bodies
	if len(bodies) != 1 || bodies[0] != read[api.Body](h.get("/bodies/bengbu-water", "").want(200)) {
		t.Errorf("bodies %+v", bodies)
	}
	for _, path := range []string{"/divisions/990000000000", "/divisions?parent=990000000000", "/bodies?division=990000000000", "/bodies/none", "/items/none"} {
		h.get(path, "").problem(404, "not-found")
	}
	for path, parameter := range map[string]string{"/divisions/3401": "code", "/bodies": "division", "/items?division=34": "division", "/items?lmit=1": "lmit", "/items?limit=0": "limit", "/items?limit=x": "limit"} {
		if p := h.get(path, "").problem(422, "invalid"); len(p.Errors) != 1 || p.Errors[0].Parameter != parameter {
			t.Errorf("%s: %+v", path, p.Errors)
		}
	}
	it := read[api.Item](h.get("/items/"+waterHefei, "").want(200))
	if string(it.Elements) != `{"charged":false}` || it.Body != "hefei-water" || !it.Open {
		t.Errorf("item %+v", it)
	}
	if none := h.get("/items?q=nothing", "").want(200); strings.TrimSpace(string(none.body)) != `{"items":[]}` {
		t.Errorf("nothing found: %s", none.body)
	}
}

func TestCards(t *testing.T) {
	h := open(t)
	token := h.all()
	for i := range 5 {
		h.cards.list = append(h.cards.list, supervision.Card{ID: store.ID(90 - i), Number: fmt.Sprint(i), Colour: supervision.Yellow, Division: hefei,
			Body: "hefei-water", Subject: waterHefei, At: h.clock(), ClosedAt: time.Time{}})
	}
	h.cards.list[4].Colour, h.cards.list[4].Closed, h.cards.list[4].ClosedAt = supervision.Red, supervision.ClosedEnded, h.clock()
	var numbers []string
	for next := ""; ; {
		page := read[api.CardList](h.get("/cards?limit=2&cursor="+next, token).want(200))
		for _, c := range page.Cards {
			numbers = append(numbers, c.Number)
		}
		if next = page.Next; next == "" {
			break
		}
	}
	if got := strings.Join(numbers, ""); got != "01234" {
		t.Errorf("cards %s", got)
	}
	red := read[api.CardList](h.get("/cards?colour=red", token).want(200)).Cards
	if len(red) != 1 || red[0].Closed != "ended" || red[0].ClosedAt == nil || red[0].Item != waterHefei {
		t.Errorf("red %+v", red)
	}
	if one := read[api.Card](h.get("/cards/90", token).want(200)); one.ClosedAt != nil || one.Number != "0" {
		t.Errorf("card %+v", one)
	}
	h.cards.list = append(h.cards.list, supervision.Card{ID: 48, Number: "5", Rule: "supervision.unlisted-fee", Colour: supervision.Irregular, Division: hefei,
		Body: "hefei-water", Explain: "head", Answer: "JC1", State: supervision.Concluded, Conclusion: supervision.Excused, ConcludedAt: h.clock()})
	for _, query := range []string{"colour=irregular", "rule=supervision.unlisted-fee", "state=concluded", "conclusion=excused"} {
		got := read[api.CardList](h.get("/cards?"+query, token).want(200)).Cards
		if len(got) != 1 || got[0].Title.En != "A fee that is not in the schedule" || got[0].Explain != "head" || got[0].Answer != "JC1" ||
			got[0].State != "concluded" || got[0].Conclusion != "excused" || got[0].ConcludedAt == nil || got[0].Due != "" {
			t.Errorf("%s: %+v", query, got)
		}
	}
	h.get("/cards?state=half", token).problem(422, "invalid")
	h.get("/cards/91", token).problem(404, "not-found")
	h.get("/cards?colour=blue", token).problem(422, "invalid")
}
