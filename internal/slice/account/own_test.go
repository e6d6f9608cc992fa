package account_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/platform/identity"
)

func TestSignIn(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.person("wang", "王小明", wang)
		h.staff("xuws", "water.reviewer")
		h.staff("sec", "sec")
		for _, c := range []struct{ login, next, to string }{
			{"wang", "", "/me"}, {"wang", "/hall/items/1?lang=en", "/hall/items/1?lang=en"},
			{"wang", "https://evil.example/", "/me"}, {"wang", "//evil.example/", "/me"}, {"wang", `/\evil.example`, "/me"}, {"wang", "/signin", "/me"},
			{"xuws", "", "/desk"}, {"sec", "", "/admin"},
		} {
			h.browser().post("/signin", "login", c.login, "password", password, "next", c.next).leads(t, c.to)
		}
		b := h.browser()
		b.get("/signin?next=%2Fdesk").want(t, http.StatusOK, `name="next" value="/desk"`, `autocomplete="current-password"`)
		b.get("/account").leads(t, "/signin?next=%2Faccount")
		b.signIn("wang").get("/signin?next=%2Faccount").leads(t, "/account")
		page := b.get("/account").want(t, http.StatusOK, "王小明", "110105********002X", "138****0001")
		if page.headers.Get("Cache-Control") != "no-store" || strings.Contains(page.page, wang) {
			t.Error("the page of an account may be cached, or shows the whole number")
		}
		out := b.post("/signout")
		out.leads(t, "/")
		if out.headers.Get("Clear-Site-Data") != `"cache"` {
			t.Error("the way back would show pages of the account")
		}
		b.get("/account").leads(t, "/signin?next=%2Faccount")
	})
}

// What is wrong is told without saying whether there is such an account; what was typed stays, but for the password.
func TestSignInRefused(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		closed := h.staff("closed")
		h.person("wang", "王小明", wang)
		if err := h.people.SetDisabled(t.Context(), identity.Platform, closed.ID, true); err != nil {
			t.Fatal(err)
		}
		b := h.browser()
		b.post("/signin", "login", "wang").want(t, http.StatusUnprocessableEntity, "Fill in “Password”", "Error: ")
		var first string
		for _, c := range [][2]string{{"wang", "another-one-11"}, {"nobody", password}, {"closed", password}} {
			a := b.post("/signin", "login", c[0], "password", c[1], "next", "/hall").want(t, http.StatusUnprocessableEntity, "user name or the password", `value="/hall"`, `value="`+c[0]+`"`)
			if strings.Contains(a.page, c[1]) {
				t.Error("a password was sent back")
			}
			same := strings.ReplaceAll(a.page, `value="`+c[0]+`"`, "")
			if first == "" {
				first = same
			} else if same != first {
				t.Errorf("the page for %s tells it from others", c[0])
			}
		}
		for range 3 {
			b.post("/signin", "login", "wang", "password", "another-one-11")
		}
		// The fourth failure costs one second.
		a := b.post("/signin", "login", "wang", "password", password).want(t, http.StatusTooManyRequests, "1 second to go")
		if a.headers.Get("Retry-After") != "1" {
			t.Errorf("Retry-After: %q", a.headers.Get("Retry-After"))
		}
		h.wait(time.Second)
		b.signIn("wang")
	})
}

func TestRegister(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		b := h.browser()
		b.get("/register").want(t, http.StatusOK, `href="/privacy"`)
		fields := func(change ...string) []string {
			typed := map[string]string{"name": "王小明", "number": wang, "phone": "13800000001", "login": "wang", "password": password, "again": password}
			for i := 0; i+1 < len(change); i += 2 {
				typed[change[i]] = change[i+1]
			}
			var pairs []string
			for k, v := range typed {
				pairs = append(pairs, k, v)
			}
			return pairs
		}
		for _, c := range []struct {
			name  string
			pairs []string
			want  string
		}{
			{"a wrong check digit", fields("number", "110105194912310021"), "Number: "},
			{"a small letter", fields("number", "11010519491231002x"), "small letter"},
			{"no name", fields("name", ""), "Name: Fill this in"},
			{"a short password", fields("password", "short", "again", "short"), "at least 8 characters"},
			{"two passwords", fields("again", "riverside-lantern-83"), "The two passwords differ"},
			{"a guessed password", fields("password", "wangwangwang1949", "again", "wangwangwang1949", "login", "wangwangwang1949"), "Too easy to guess"},
			{"no telephone", fields("phone", "12"), "Telephone: "},
		} {
			a := b.post("/register", c.pairs...)
			if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.page, c.want) || strings.Contains(a.page, password) {
				t.Errorf("%s: %d, the page does not have %q or sends the password back: %s", c.name, a.status, c.want, a.page)
			}
		}
		b.post("/register", fields()...).leads(t, "/account")
		b.get("/account").want(t, http.StatusOK, "You are registered and signed in")
		h.browser().post("/register", fields("login", "other")...).want(t, http.StatusUnprocessableEntity, "Number: This is already registered")
	})
}

func TestChangePassword(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.person("wang", "王小明", wang)
		b, other := h.browser().signIn("wang"), h.browser().signIn("wang")
		const fresh = "harbour-window-17"
		b.post("/account/password", "old", "another-one-11", "password", fresh, "again", fresh).want(t, http.StatusUnprocessableEntity, "not your present password")
		b.post("/account/password", "old", password, "password", "short", "again", "short").want(t, http.StatusUnprocessableEntity, "Password: A password has")
		b.post("/account/password", "old", "", "password", fresh, "again", fresh).want(t, http.StatusUnprocessableEntity, "Fill in “Present password”")
		b.post("/account/password", "old", password, "password", fresh, "again", fresh).leads(t, "/account")
		b.get("/account").want(t, http.StatusOK, "The password was changed")
		other.get("/account").leads(t, "/signin?next=%2Faccount")
	})
}

// TestOrganisation: a representative registers an organisation, acts for it, gives and takes back a mandate for it.
func TestOrganisation(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.person("wang", "王小明", wang)
		h.person("lisi", "李四", li)
		b := h.browser().signIn("wang")
		fields := []string{"name", "清河食品有限公司", "phone", "13800000001", "login", "qinghe", "password", "harbour-window-17", "again", "harbour-window-17", "number"}
		b.post("/account/organisation", append(fields, "91340100MA2MT0000I")...).want(t, http.StatusUnprocessableEntity, "清河食品有限公司")
		// The example of GB 32100-2015.
		b.post("/account/organisation", append(fields, "91350100M000100Y43")...).leads(t, "/account")
		b.get("/account").want(t, http.StatusOK, "You are acting for 清河食品有限公司")
		b.get("/account/organisation").want(t, http.StatusForbidden, "by a person in their own name")

		b.post("/account/mandates", "login", "lisi", "name", "李五").want(t, http.StatusUnprocessableEntity, "No person has this user name", `value="李五"`)
		b.post("/account/mandates", "login", "lisi", "name", "李四", "until-year", "2026", "until-month", "11", "until-day", "22").want(t, http.StatusUnprocessableEntity, "must not lie in the past")
		b.post("/account/mandates", "login", "lisi", "name", "李四", "until-year", "2026", "until-month", "11", "until-day", "23").leads(t, "/account/mandates")
		page := b.get("/account/mandates").want(t, http.StatusOK, "李四", "<span class=\"oh-day\">23 November 2026</span>")

		agent := h.browser().signIn("lisi")
		party := between(t, agent.get("/account").page, `name="party" value="`, `"`, "清河食品有限公司")
		agent.post("/account/acting", "party", party).leads(t, "/account")
		agent.get("/account").want(t, http.StatusOK, "You are acting for 清河食品有限公司")
		agent.post("/account/mandates", "login", "wang", "name", "王小明").want(t, http.StatusForbidden, "cannot pass a mandate on")

		mandate := between(t, page.page, "/account/mandates/", "/revoke", "李四")
		b.post("/account/mandates/"+mandate+"/revoke").leads(t, "/account/mandates")
		if strings.Contains(agent.get("/account").page, "清河食品有限公司") {
			t.Error("the agent still acts after the mandate was taken back")
		}
		agent.post("/account/acting", "party", party).want(t, http.StatusForbidden, "no mandate")
		agent.post("/account/acting", "party", "x").want(t, http.StatusBadRequest)
		b.post("/account/acting", "party", "0").leads(t, "/account")
		if strings.Contains(b.get("/account").page, "You are acting for") {
			t.Error("the representative still acts for the organisation")
		}
	})
}

// between returns what stands between two texts, at their last place up to the last mark.
func between(t *testing.T, page, from, to, mark string) string {
	t.Helper()
	before := page[:strings.LastIndex(page, mark)+len(mark)]
	if at := strings.LastIndex(before, from); at >= 0 {
		if found, _, ok := strings.Cut(page[at+len(from):], to); ok {
			return found
		}
	}
	t.Fatalf("nothing between %q and %q near %q", from, to, mark)
	return ""
}

func TestChoosePost(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.staff("xuws", "water.reviewer", "water.supervisor")
		b := h.browser().signIn("xuws")
		b.get("/account").want(t, http.StatusOK, "Hefei Water Bureau water.reviewer", "Hefei Water Bureau water.supervisor")
		b.post("/account/post", "post", "water.supervisor").leads(t, "/board")
		b.post("/account/post", "post", "sec").want(t, http.StatusForbidden, "do not hold this post")
		b.get("/account/mandates").want(t, http.StatusForbidden, "Accounts of staff")
		h.staff("idle")
		h.browser().signIn("idle").get("/account").want(t, http.StatusOK, "You hold no post")
	})
}
