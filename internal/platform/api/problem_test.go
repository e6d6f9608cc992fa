package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/platform/api"
)

// TestWrongRequests: every field that is wrong is named at once, by its place in what was sent.
func TestWrongRequests(t *testing.T) {
	h := open(t)
	token := h.all()
	person := `"applicant":{"kind":"person","name":"n","idNumber":"1"}`
	for _, row := range []struct {
		name, path, key, body string
		status                int
		code                  string
		fields                []string // place code
	}{
		{"no key", "/cases", "", application(waterHefei), 422, "invalid", []string{"Idempotency-Key required"}},
		{"short key", "/cases", "1", application(waterHefei), 422, "invalid", []string{"Idempotency-Key length"}},
		{"no body", "/cases", "some-key-1", "", 400, "json", nil},
		{"no JSON", "/cases", "some-key-1", `{"item":`, 400, "json", []string{" invalid"}},
		{"an array", "/cases", "some-key-1", `[]`, 422, "invalid", []string{" type"}},
		{"nothing in it", "/cases", "some-key-1", `{}`, 422, "invalid", []string{"/applicant required", "/item required"}},
		{"unknown fields", "/cases", "some-key-1", `{"item":"x","itme":"y",` + person + `}`, 422, "invalid", []string{"/itme unknown"}},
		{"in the applicant", "/cases", "some-key-1", `{"item":"x","applicant":{"kind":"robot","name":"","idNumber":5}}`, 422, "invalid",
			[]string{"/applicant/idNumber type", "/applicant/kind enum", "/applicant/name required"}},
		{"in a list", "/cases", "some-key-1", `{"item":"x",` + person + `,"files":[{"id":"1"},{"material":"m"}]}`, 422, "invalid", []string{"/files/1/id required"}},
		{"no identifier", "/cases", "some-key-1", `{"item":"` + waterHefei + `",` + person + `,"files":[{"id":"abc"}]}`, 422, "invalid", []string{" invalid"}},
		{"no such file", "/cases", "some-key-1", `{"item":"` + waterHefei + `",` + person + `,"files":[{"id":"77"}]}`, 422, "invalid", []string{"/files/0/id no-file"}},
		{"no such item", "/cases", "some-key-1", `{"item":"x",` + person + `}`, 422, "invalid", []string{"/item no-item"}},
		{"the form of the item", "/cases", "some-key-1", `{"item":"` + waterHefei + `",` + person + `,"form":{}}`, 422, "form", []string{"/form/place required"}},
		{"the identity", "/cases", "some-key-1", `{"item":"` + waterHefei + `","applicant":{"kind":"person","name":"n","idNumber":"bad"},"form":{"place":"x"}}`, 422, "identity",
			[]string{"/applicant/idNumber id-card"}},
		{"too large", "/cases", "some-key-1", `{"item":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "too-large", nil},
		{"no operation", "/cazes", "", "", 404, "no-operation", nil},
	} {
		headers := []string{"Content-Type", "application/json"}
		if row.key != "" {
			headers = append(headers, "Idempotency-Key", row.key)
		}
		p := h.do(call{method: "POST", path: row.path, token: token, body: row.body, headers: headers}).problem(row.status, row.code)
		var got []string
		for _, f := range p.Errors {
			got = append(got, f.Pointer+f.Parameter+" "+f.Code)
			if f.Detail == "" {
				t.Errorf("%s: %+v says nothing", row.name, f)
			}
		}
		if slices.Sort(got); !slices.Equal(got, row.fields) {
			t.Errorf("%s: %q, want %q", row.name, got, row.fields)
		}
	}
	h.do(call{method: "POST", path: "/cases", token: token, body: "<a/>", headers: []string{"Idempotency-Key", "some-key-1", "Content-Type", "text/xml"}}).problem(415, "media-type")
	if got := h.do(call{method: "DELETE", path: "/cases"}); got.header.Get("Allow") != "GET, POST" {
		t.Errorf("Allow: %q", got.header.Get("Allow"))
	} else {
		got.problem(405, "method")
	}
	if len(read[api.CaseList](h.get("/cases", token).want(200)).Cases) != 0 {
		t.Error("a request that was refused opened a case")
	}
}

func TestProblemsSpeakTheLanguageAskedFor(t *testing.T) {
	h := open(t)
	for _, row := range []struct{ accept, tag, title string }{
		{"", "zh-Hans", "没有找到"},
		{"*", "zh-Hans", "没有找到"},
		{"fr", "zh-Hans", "没有找到"},
		{"zh-CN,zh;q=0.9", "zh-Hans", "没有找到"},
		{"zh-TW", "zh-Hant", "沒有找到"},
		{"zh-HK,zh;q=0.9,en;q=0.8", "zh-Hant", "沒有找到"},
		{"en-GB,zh;q=0.5", "en", "Not found"},
		{";;;", "zh-Hans", "没有找到"},
	} {
		got := h.do(call{method: "GET", path: "/items/none", headers: []string{"Accept-Language", row.accept}})
		if p := got.problem(404, "not-found"); p.Title != row.title || got.header.Get("Content-Language") != row.tag || got.header.Get("Vary") != "Accept-Language" {
			t.Errorf("%q: %q in %q", row.accept, p.Title, got.header.Get("Content-Language"))
		}
	}
	english := []string{"Accept-Language", "en"}
	// What huma finds, what a field says for itself, and what the policy says are translated too.
	p := h.do(call{method: "GET", path: "/items?limit=0", headers: english}).problem(422, "invalid")
	if p.Title != "Something is missing or wrong" || p.Errors[0].Detail != "Too small or too large; the description gives the limits" {
		t.Errorf("%+v", p)
	}
	p = h.do(call{method: "GET", path: "/cases", token: h.token("", "", "file.read"), headers: english}).problem(403, "not-allowed")
	if p.Detail != "This token does not open that action." {
		t.Errorf("%+v", p)
	}
	p = h.do(call{method: "POST", path: "/cases", token: h.all(), headers: append(english, "Idempotency-Key", "some-key-1"),
		body: `{"item":"` + waterHefei + `","applicant":{"kind":"person","name":"n","idNumber":"bad"},"form":{"place":"x"}}`}).problem(422, "identity")
	if p.Errors[0].Detail != "No ID number" {
		t.Errorf("%+v", p)
	}
}

func TestReadsCarryATag(t *testing.T) {
	h := open(t)
	token := h.all()
	c := h.apply(token, "tagged-case", waterHefei)
	path := "/cases/" + c.Number
	first := h.get(path, token).want(200)
	tag := first.header.Get("ETag")
	ask := func(with string) reply {
		return h.do(call{method: "GET", path: path, token: token, headers: []string{"If-None-Match", with}})
	}
	for _, with := range []string{tag, "W/" + tag, `"x", ` + tag, "*"} {
		if got := ask(with).want(304); len(got.body) != 0 || got.header.Get("ETag") != tag {
			t.Errorf("%s: %q with tag %s", with, got.body, got.header.Get("ETag"))
		}
	}
	ask(`"x"`).want(200)
	h.post(path+"/acts", token, "withdraw-it", `{"message":{"name":"withdraw"}}`).want(200)
	if got := ask(tag).want(200); got.header.Get("ETag") == tag {
		t.Error("the case has moved and its tag has not")
	}
	head := h.do(call{method: "HEAD", path: "/items"}).want(200)
	if len(head.body) != 0 || head.header.Get("ETag") == "" || head.header.Get("Content-Length") == "0" {
		t.Errorf("HEAD: %q %v", head.body, head.header)
	}
	if got := h.get("/items/none", "").want(404); got.header.Get("ETag") != "" {
		t.Error("an error has a tag")
	}
	for path, want := range map[string]string{"/items": "public, max-age=60", "/openapi.json": "public, max-age=60", "/cases": "no-store", "/items/none": "no-store"} {
		if got := h.get(path, token).header.Get("Cache-Control"); got != want {
			t.Errorf("%s: Cache-Control %q, want %q", path, got, want)
		}
	}
}

// TestRate: 2 a second on average, 3 at once.
func TestRate(t *testing.T) {
	h := open(t, func(o *api.Options) { o.PerSecond, o.Burst = 2, 3 })
	token, other := h.token("", "", "case.list"), h.token("", "", "case.list")
	for range 3 {
		h.get("/cases", token).want(200)
	}
	got := h.get("/cases", token)
	if got.problem(429, "too-many"); got.header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q", got.header.Get("Retry-After"))
	}
	h.get("/cases", other).want(200)
	h.get("/items", "").want(200)
	h.pass(500 * time.Millisecond)
	h.get("/cases", token).want(200)
	h.get("/cases", token).want(429)
	h.pass(time.Hour)
	for range 3 {
		h.get("/cases", token).want(200)
	}
	h.get("/cases", token).want(429)
}

// TestOperationsOfOthers: what a slice adds goes the same ways, and nothing that fails tells its cause.
func TestOperationsOfOthers(t *testing.T) {
	h := open(t)
	type input struct {
		What string `path:"what"`
	}
	type output struct {
		Body struct {
			Who  string `json:"who"`
			Lang string `json:"lang"`
		}
	}
	api.Register(h.api, api.Operation{ID: "test", Method: "GET", Path: "/test/{what}", Summary: "A test", Tag: "Test", Actions: []string{"case.read"}},
		func(ctx context.Context, in *input) (*output, error) {
			switch in.What {
			case "panic":
				return nil, errors.New([]string{}[len(in.What)])
			case "failure":
				return nil, errors.New("password=secret")
			case "deadline":
				return nil, fmt.Errorf("a query: %w", context.DeadlineExceeded)
			case "own":
				return nil, &api.Error{Status: http.StatusConflict, Code: "stale", Key: "web.refusal.stale"}
			case "unworded":
				return nil, &api.Error{Status: http.StatusConflict, Code: "brand-new"}
			}
			out := &output{}
			out.Body.Who, out.Body.Lang = api.Caller(ctx).Name, string(api.Language(ctx))
			return out, nil
		})
	token := h.token("", "", "case.read")
	h.get("/test/x", "").problem(401, "no-token")
	if got := h.get("/test/x", token).want(200); !strings.Contains(string(got.body), `"who":"市平台","lang":"zh-Hans"`) {
		t.Errorf("%s", got.body)
	}
	for what, want := range map[string]struct {
		status int
		code   string
	}{"panic": {500, "failure"}, "failure": {500, "failure"}, "deadline": {503, "unavailable"}, "own": {409, "stale"}, "unworded": {409, "brand-new"}} {
		got := h.get("/test/"+what, token)
		if got.problem(want.status, want.code); strings.Contains(string(got.body), "secret") || strings.Contains(string(got.body), "out of range") {
			t.Errorf("%s tells its cause: %s", what, got.body)
		}
	}
	for _, cause := range []string{"password=secret", "index out of range"} {
		if !strings.Contains(h.log.String(), cause) {
			t.Errorf("the log does not have %q", cause)
		}
	}
	before := len(h.log.String())
	h.do(call{method: http.MethodGet, path: "/test/x", token: token, gone: true})
	if log := h.log.String()[before:]; !slices.Contains(h.observed, " GET 499") || strings.Contains(log, "level=ERROR") {
		t.Errorf("a client that leaves is taken for a failure: %v, %s", h.observed, log)
	}
	if !slices.Contains(h.observed, "GET /api/v1/test/{what} GET 500") || strings.Contains(h.log.String(), token) {
		t.Errorf("observed %v", h.observed)
	}
}

func TestSecurityHeaders(t *testing.T) {
	h := open(t, func(o *api.Options) { o.TLS = true })
	for _, path := range []string{"/items", "/none", "/openapi.json"} {
		got := h.get(path, "").header
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
			"Strict-Transport-Security": "max-age=63072000; includeSubDomains", "Referrer-Policy": "no-referrer",
		} {
			if got.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, got.Get(name))
			}
		}
	}
}
