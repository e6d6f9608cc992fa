package account_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
)

// TestDoors: what each kind of account may open, by hand from policies/administration.cedar.
func TestDoors(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.person("wang", "王小明", wang)
		for _, login := range []string{"sys", "sec", "aud"} {
			h.staff(login, login)
		}
		h.staff("xuws", "water.reviewer")
		doors := []string{"/admin", "/admin/accounts", "/admin/accounts/new", "/admin/tokens", "/admin/people", "/admin/people/hefei-water"}
		for login, may := range map[string]string{"wang": "000000", "xuws": "000000", "sys": "100011", "sec": "111100", "aud": "100000"} {
			b := h.browser().signIn(login)
			for i, path := range doors {
				want := http.StatusForbidden
				if may[i] == '1' {
					want = http.StatusOK
				}
				if a := b.get(path); a.status != want {
					t.Errorf("%s at %s: %d, want %d", login, path, a.status, want)
				}
			}
		}
		h.browser().signIn("sys").get("/admin").want(t, http.StatusOK, `href="/admin/people"`, `href="/admin/items"`)
	})
}

func TestStaff(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		self := h.staff("sec", "sec")
		b := h.browser().signIn("sec")
		b.post("/admin/accounts/new", "login", "s", "name", "").want(t, http.StatusUnprocessableEntity, "Name: Fill this in", "User name: ")
		page := b.post("/admin/accounts/new", "login", "new.clerk", "name", "赵一").want(t, http.StatusOK, "This is shown once")
		first := between(t, page.page, `id="secret">`, "<", `id="secret">`)
		clerk := h.browser()
		clerk.post("/signin", "login", "new.clerk", "password", first).leads(t, "/account/password")
		// The password that was given opens nothing but the page on which its owner chooses one (ASVS 5.0, 6.4.1).
		clerk.get("/account").leads(t, "/account/factors?next=%2Faccount")
		clerk.get("/account/factors").leads(t, "/account/password")
		clerk.get("/account/password").want(t, http.StatusOK, "given to you by somebody else")
		own := "marble-orchard-lantern-17"
		clerk.post("/account/password", "old", first, "password", own, "again", own).leads(t, "/account")
		clerk.get("/account").want(t, http.StatusOK)

		b.post("/admin/accounts", "login", "nobody").want(t, http.StatusUnprocessableEntity, "no such account", `value="nobody"`)
		found := b.post("/admin/accounts", "login", "NEW.clerk")
		if !strings.HasPrefix(found.to, "/admin/accounts/") {
			t.Fatalf("found leads to %q", found.to)
		}
		again := b.get(found.to).want(t, http.StatusOK, "赵一", "Open")
		if strings.Contains(again.page, first) {
			t.Error("the first password is shown again")
		}
		b.post(found.to+"/disabled", "disabled", "true").leads(t, found.to)
		clerk.get("/account").leads(t, "/signin?next=%2Faccount")
		b.post(found.to+"/disabled", "disabled", "false").leads(t, found.to)
		second := between(t, b.post(found.to+"/password").want(t, http.StatusOK).page, `id="secret">`, "<", `id="secret">`)
		clerk.post("/signin", "login", "new.clerk", "password", first).want(t, http.StatusUnprocessableEntity)
		clerk.post("/signin", "login", "new.clerk", "password", second).leads(t, "/account/password")

		for _, act := range []string{"/disabled", "/password"} {
			b.post("/admin/accounts/"+self.ID.String()+act, "disabled", "true").want(t, http.StatusUnprocessableEntity, "your own account")
		}
		b.get("/admin/accounts/99").want(t, http.StatusNotFound)
		b.get("/admin/accounts/x").want(t, http.StatusNotFound)
	})
}

func TestTokens(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.staff("sec", "sec")
		b := h.browser().signIn("sec")
		b.get("/admin/tokens").want(t, http.StatusOK, "There are no tokens", "case.submit")
		until := []string{"until-year", "2027", "until-month", "11", "until-day", "23"}
		good := append([]string{"name", "water system", "scopes", "case.read", "division", "340100", "body", "hefei-water"}, until...)
		for _, c := range []struct {
			name  string
			pairs []string
			want  string
		}{
			{"nothing", nil, "Fill in “System that uses it”"},
			{"no scope", append([]string{"name", "x"}, until...), "Choose an answer for “What it opens”"},
			{"another scope", append([]string{"name", "x", "scopes", "account.manage"}, until...), "What it opens: Not found"},
			{"no such division", append([]string{"name", "x", "scopes", "case.read", "division", "hefei"}, until...), "Only this division: Not found"},
			{"no such body", append([]string{"name", "x", "scopes", "case.read", "body", "hefei"}, until...), "Only this body: Not found"},
			{"no day", []string{"name", "x", "scopes", "case.read", "until-year", "2027", "until-month", "2", "until-day", "30"}, "is not a date"},
			{"too long", []string{"name", "x", "scopes", "case.read", "until-year", "2036", "until-month", "1", "until-day", "1"}, "Last day: Too long"},
		} {
			a := b.post("/admin/tokens", c.pairs...)
			if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.page, c.want) {
				t.Errorf("%s: %d, the page does not have %q", c.name, a.status, c.want)
			}
		}
		page := b.post("/admin/tokens", good...).want(t, http.StatusOK, "The token of “water system”", "Hefei Water Bureau", "<span class=\"oh-day\">23 November 2027</span>")
		secret := between(t, page.page, `id="secret">`, "<", `id="secret">`)
		bearer := httptest.NewRequest(http.MethodGet, "/", nil)
		bearer.Header.Set("Authorization", "Bearer "+secret)
		who, err := h.people.Principal(bearer)
		if err != nil || who.Kind != identity.Machine || who.Post.Body != "hefei-water" || who.Post.Division != hefei {
			t.Fatalf("the token gives %+v, %v", who, err)
		}
		list := b.get("/admin/tokens").want(t, http.StatusOK, "water system")
		if strings.Contains(list.page, secret) {
			t.Error("the secret is shown again")
		}
		path := "/admin/tokens/" + who.Account.String() + "/revoke"
		b.post(path).leads(t, "/admin/tokens")
		if _, err := h.people.Principal(bearer); err == nil {
			t.Error("the token still opens the door")
		}
		b.post(path).want(t, http.StatusConflict, "revoked already")
	})
}

func TestAppointments(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.staff("sys", "sys")
		clerk := h.staff("xuws")
		h.person("wang", "王小明", wang)
		b := h.browser().signIn("sys")
		b.get("/admin/people?q=water").want(t, http.StatusOK, `href="/admin/people/hefei-water"`)
		b.get("/admin/people?q=nothing").want(t, http.StatusOK, "There is no such body")
		b.get("/admin/people/nothing").want(t, http.StatusNotFound)

		const path = "/admin/people/hefei-water"
		from := []string{"from-year", "2026", "from-month", "11", "from-day", "23"}
		appoint := func(post, login string, more ...string) answer {
			return b.post(path, append(append([]string{"post", post, "login", login}, from...), more...)...)
		}
		appoint("water.head", "xuws").want(t, http.StatusUnprocessableEntity, "Choose an answer for “Post”", `value="xuws"`)
		appoint("water.reviewer", "wang").want(t, http.StatusUnprocessableEntity, "No open account of staff")
		appoint("water.reviewer", "sys").want(t, http.StatusUnprocessableEntity, "an administrator holds no other post")
		b.post(path, "post", "water.reviewer", "login", "xuws").want(t, http.StatusUnprocessableEntity, "Fill in “From”")
		b.post(path, "post", "water.reviewer", "login", "xuws", "from-year", "2026", "from-month", "12", "from-day", "1", "until-year", "2026", "until-month", "11", "until-day", "30").
			want(t, http.StatusUnprocessableEntity, "The end must lie after the beginning")
		appoint("water.reviewer", "xuws").leads(t, path)
		h.browser().post("/signin", "login", "xuws", "password", password).leads(t, "/desk")

		page := b.get(path).want(t, http.StatusOK, "徐望舒", "23 November 2026, 00:00")
		end := path + between(t, page.page, `href="`+path, `"`, "water.supervisor")
		// What goes back is shown before it is saved: what the post lets them do, and nothing else.
		b.get(end).want(t, http.StatusOK, "water.reviewer", "No task in their name goes back")
		task := func(number, body, role string) casework.HeldTask {
			return casework.HeldTask{Case: &casework.Case{Number: number, Body: body, Title: text("取水许可")}, Task: casework.Task{Role: role, Holder: clerk.ID}}
		}
		h.held = []casework.HeldTask{task("A1", "hefei-water", "reviewer"), task("A2", "hefei-water", "head"), task("A3", "police", "reviewer")}
		leaving := b.get(end).want(t, http.StatusOK, "Open tasks in their name that go back to the role (1)", "A1", "取水许可", "within a minute")
		for _, other := range []string{"A2", "A3"} {
			if strings.Contains(leaving.page, other) {
				t.Errorf("%s is none of the post's", other)
			}
		}
		h.staff("sec", "sec")
		h.browser().signIn("sec").get("/admin/accounts/"+clerk.ID.String()).want(t, http.StatusOK, "go back to the role (3)", "A1", "A2", "A3")
		b.post(end, "when", "day", "until-year", "2026", "until-month", "11", "until-day", "22").want(t, http.StatusUnprocessableEntity, "must not lie in the past")
		b.post(end, "when", "day", "until-year", "2026", "until-month", "11", "until-day", "24").leads(t, path)
		// The 24th ends at 16:00 UTC; now it is 04:00 on the 23rd.
		if got := h.reg.Now().Holders("water.reviewer", h.clock().Add(35*time.Hour)); len(got) != 1 || got[0] != clerk.ID {
			t.Errorf("an hour before the end the post is held by %v", got)
		}
		if got := h.reg.Now().Holders("water.reviewer", h.clock().Add(36*time.Hour)); len(got) != 0 {
			t.Errorf("at the end the post is held by %v", got)
		}
		b.post(end, "when", "now").leads(t, path)
		if got := h.reg.Now().Holders("water.reviewer", h.clock()); len(got) != 0 {
			t.Errorf("after the end the post is held by %v", got)
		}
		b.get(path+"/water.reviewer/"+clerk.ID.String()+"/1").want(t, http.StatusNotFound, "There is no such appointment")
	})
}

// Every page speaks three languages; what is missing is noted by the clean-up of the hall.
func TestLanguages(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.person("wang", "王小明", wang)
		h.staff("sys", "sys")
		h.staff("sec", "sec")
		h.staff("aud", "aud")
		for login, paths := range map[string][]string{
			"": {"/signin", "/register"}, "wang": {"/account/factors", "/account/factors/totp", "/account/sessions", "/account/links", "/account/confirm", "/account", "/account/password", "/account/organisation", "/account/mandates"},
			"sys": {"/account", "/admin", "/admin/people", "/admin/people/hefei-water"}, "sec": {"/admin", "/admin/accounts", "/admin/accounts/new", "/admin/tokens"}, "aud": {"/admin"},
		} {
			b := h.browser()
			if login != "" {
				b.signIn(login)
			}
			for _, path := range paths {
				for _, tag := range lang.All {
					b.get(path+"?lang="+string(tag)).want(t, http.StatusOK, `<html lang="`+string(tag)+`"`)
				}
			}
		}
	})
}

// TestMessagesAreUsed finds messages that no page of the module names.
func TestMessagesAreUsed(t *testing.T) {
	var source strings.Builder
	files, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if ext := filepath.Ext(name); ext == ".templ" || ext == ".go" && !strings.HasSuffix(name, "_templ.go") && !strings.HasSuffix(name, "_test.go") {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			source.Write(data)
		}
	}
	keys := 0
	for _, name := range []string{"locales/account.yaml", "locales/admin.yaml"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(string(data), "\n") {
			key, _, ok := strings.Cut(line, ": {")
			if !ok || strings.HasPrefix(key, "#") {
				continue
			}
			keys++
			composed := false
			for _, prefix := range []string{"account.device.", "account.browser.", "account.field.", "account.scope.", "account.admin.", "account.mandate.ground-"} {
				composed = composed || strings.HasPrefix(key, prefix)
			}
			if !composed && !strings.Contains(source.String(), `"`+key+`"`) {
				t.Errorf("no page says %s", key)
			}
		}
	}
	if keys == 0 {
		t.Error("saw no messages")
	}
}
