package account_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/platform/identity"
)

// codeOf is what an authenticator program shows (RFC 4226, 5.3; RFC 6238).
func codeOf(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(secret, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	m := hmac.New(sha1.New, key)
	_ = binary.Write(m, binary.BigEndian, at.Unix()/30)
	h := m.Sum(nil)
	o := h[19] & 15
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(h[o:])&0x7fffffff)%1000000)
}

// enrol adds an authenticator program and returns its secret and the recovery codes.
func (b *browser) enrol(t *testing.T) (secret string, codes []string) {
	t.Helper()
	page := b.get("/account/factors/totp").want(t, http.StatusOK, "Scan the code below", `class="oh-qr"`)
	secret = between(t, page.page, `id="secret" lang="zxx">`, "<", `id="secret" lang="zxx">`)
	page = b.post("/account/factors/totp", "name", "my phone", "code", codeOf(t, secret, b.h.clock())).want(t, http.StatusOK, "Recovery codes", "This is shown once")
	for _, m := range regexp.MustCompile(`<li>([A-Z2-7]{5}-[A-Z2-7]{5})</li>`).FindAllStringSubmatch(page.page, -1) {
		codes = append(codes, m[1])
	}
	if len(codes) != 10 {
		t.Fatalf("recovery codes %v", codes)
	}
	return secret, codes
}

func TestSecondStep(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.staff("xuws", "water.reviewer")
		b := h.browser().signIn("xuws")
		b.get("/account/factors").want(t, http.StatusOK, "Authenticator app", "Passkey", `data-host="hall.example.org"`, `href="/account/factors/totp"`)
		b.get("/account/factors/totp")
		b.post("/account/factors/totp", "name", "", "code", "").want(t, http.StatusUnprocessableEntity, "Name: Fill this in", "Code: Fill this in")
		b.post("/account/factors/totp", "name", "my phone", "code", "123").want(t, http.StatusUnprocessableEntity, "This code is wrong", `value="my phone"`)
		secret, codes := b.enrol(t)
		b.get("/account/factors").want(t, http.StatusOK, "my phone", "10 recovery codes are left")
		b.post("/signout").leads(t, "/")

		h.wait(time.Minute)
		b.post("/signin", "login", "xuws", "password", password, "next", "/desk?x=1").leads(t, "/signin/code?next=%2Fdesk%3Fx%3D1")
		b.get("/account").leads(t, "/signin?next=%2Faccount")
		b.get("/signin/code?next=%2Fdesk").want(t, http.StatusOK, "The second step", `autocomplete="one-time-code"`, `value="/desk"`)
		b.post("/signin/code", "code", "").want(t, http.StatusUnprocessableEntity, "Fill in “Code”")
		b.post("/signin/code", "code", "000000", "next", "/desk").want(t, http.StatusUnprocessableEntity, "This code is wrong", `value="/desk"`)
		b.post("/signin/code", "code", codeOf(t, secret, h.clock()), "next", "/desk").leads(t, "/desk")
		h.browser().get("/signin/code").leads(t, "/signin")
		h.browser().post("/signin/code", "code", "123456").leads(t, "/signin")

		other := h.browser()
		other.post("/signin", "login", "xuws", "password", password).leads(t, "/signin/code")
		other.post("/signin/code", "code", codes[0]).leads(t, "/desk")
		other.get("/account/factors").want(t, http.StatusOK, "9 recovery codes are left")
		other.post("/account/factors/recovery").want(t, http.StatusOK, "Recovery codes")
		path := "/account/factors/" + between(t, other.get("/account/factors").page, `action="/account/factors/`, "/remove", "my phone") + "/remove"
		other.post(path).leads(t, "/account/factors")
		other.get("/account/factors").want(t, http.StatusOK, "It was removed")
		other.post("/account/factors/recovery").want(t, http.StatusUnprocessableEntity, "Begin again")
	})
}

// Staff who need a second factor are led to add one, and from there to where they wanted to go.
func TestFactorFirst(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.require()
		h.staff("xuws", "water.reviewer")
		b := h.browser()
		b.post("/signin", "login", "xuws", "password", password, "next", "/desk").leads(t, "/account/factors?next=%2Fdesk")
		b.get("/account/factors?next=%2Fdesk").want(t, http.StatusOK, "Staff prove who they are in two ways", `href="/account/factors/totp?next=%2Fdesk"`)
		b.get("/account").leads(t, "/account/factors?next=%2Faccount")
		b.post("/account/sessions/end").leads(t, "/account/factors")
		b.get("/account/factors?next=https%3A%2F%2Fevil.example%2F").want(t, http.StatusOK)
		page := b.get("/account/factors/totp?next=%2Fdesk").want(t, http.StatusOK)
		secret := between(t, page.page, `id="secret" lang="zxx">`, "<", `id="secret" lang="zxx">`)
		b.post("/account/factors/totp", "next", "/desk", "name", "x", "code", codeOf(t, secret, h.clock())).want(t, http.StatusOK, `href="/desk"`)
		b.get("/account").want(t, http.StatusOK, "徐望舒")
		last := "/account/factors/" + between(t, b.get("/account/factors").page, `action="/account/factors/`, "/remove", "/remove") + "/remove"
		b.post(last).want(t, http.StatusUnprocessableEntity, "Add another first")
	})
}

// A form that needs a fresh proof waits in the page that asks for it, and is sent on.
func TestProveAgain(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.staff("sec", "sec")
		h.staff("xuws")
		b := h.browser().signIn("sec")
		h.wait(11 * time.Minute)
		b.get("/account/password").leads(t, "/account/confirm?next=%2Faccount%2Fpassword")
		b.get("/account/confirm?next=%2Faccount%2Fpassword").want(t, http.StatusOK, `name="confirm-password"`, `value="get"`)
		b.post("/account/confirm?next=%2Faccount%2Fpassword", "confirm-how", "get", "confirm-password", "wrong-password-1").want(t, http.StatusUnprocessableEntity, "not your present password")
		b.post("/account/confirm?next=%2Faccount%2Fpassword", "confirm-how", "get", "confirm-password", password).leads(t, "/account/password")
		b.get("/account/password").want(t, http.StatusOK)

		h.wait(11 * time.Minute)
		fields := []string{"name", "张三", "login", "zhang.san", "phone", ""}
		a := b.post("/admin/accounts/new", fields...)
		if a.status != http.StatusTemporaryRedirect || a.to != "/account/confirm?next=%2Fadmin%2Faccounts%2Fnew" {
			t.Fatalf("%d to %s", a.status, a.to)
		}
		page := b.post(a.to, fields...).want(t, http.StatusOK, `name="login" value="zhang.san"`, `name="name" value="张三"`, `name="confirm-how" value="post"`)
		if strings.Contains(page.page, "Error:") {
			t.Error("the page begins with an error")
		}
		a = b.post(a.to, append(fields, "confirm-how", "post", "confirm-password", password)...)
		if a.status != http.StatusTemporaryRedirect || a.to != "/admin/accounts/new" {
			t.Fatalf("%d to %s", a.status, a.to)
		}
		b.post(a.to, fields...).want(t, http.StatusOK, "张三", "zhang.san")
		// Secrets go through no page, and nobody is led to another site.
		h.wait(11 * time.Minute)
		b.post("/account/confirm?next=%2Faccount%2Fpassword", "old", "x", "password", "y").leads(t, "/account/confirm?next=%2Faccount%2Fpassword")
		b.post("/account/confirm?next=https%3A%2F%2Fevil.example%2F", "confirm-how", "get", "confirm-password", password).leads(t, "/account")
		// With a second factor, that is asked for.
		secret, _ := b.enrol(t)
		h.wait(11 * time.Minute)
		b.get("/account/confirm?next=%2Fadmin").want(t, http.StatusOK, `name="confirm-code"`)
		b.post("/account/confirm?next=%2Fadmin", "confirm-how", "get", "confirm-code", "000000").want(t, http.StatusUnprocessableEntity, "This code is wrong")
		b.post("/account/confirm?next=%2Fadmin", "confirm-how", "get", "confirm-code", codeOf(t, secret, h.clock())).leads(t, "/admin")
	})
}

func TestSessionPages(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.person("wang", "王小明", wang)
		one, two := h.browser().signIn("wang"), h.browser().signIn("wang")
		page := one.get("/account/sessions").want(t, http.StatusOK, "This one", "End it", "Another device")
		ref := between(t, page.page, `action="/account/sessions/`, `/end"`, "End it")
		one.post("/account/sessions/"+ref+"/end").leads(t, "/account/sessions")
		two.get("/account").leads(t, "/signin?next=%2Faccount")
		two.signIn("wang")
		one.post("/account/sessions/end").leads(t, "/account/sessions")
		two.get("/account").leads(t, "/signin?next=%2Faccount")
		one.get("/account/sessions").want(t, http.StatusOK, "All others were ended")
	})
}

// The security administrator sees how an account can be entered, ends its sessions, resets its factors and unlocks it, but not their own.
func TestAccess(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		sec := h.staff("sec", "sec")
		clerk := h.staff("xuws", "water.reviewer")
		them := h.browser().signIn("xuws")
		them.enrol(t)
		b := h.browser().signIn("sec")
		path := "/admin/accounts/" + clerk.ID.String()
		page := b.get(path).want(t, http.StatusOK, "Authenticator app", "1 device", "Reset the second factors", "Sign out everywhere")
		if strings.Contains(page.page, "my phone") {
			t.Error("the administrator sees what somebody calls their factor")
		}
		b.post(path+"/sessions").leads(t, path)
		them.get("/account").leads(t, "/signin?next=%2Faccount")
		b.post(path+"/factors").leads(t, path)
		b.get(path).want(t, http.StatusOK, "The second factors were reset", "None")
		them.signIn("xuws")
		b.post("/admin/accounts/"+sec.ID.String()+"/factors").want(t, http.StatusUnprocessableEntity, "Nobody does this to their own account")
		for range 10 {
			h.wait(time.Hour)
			them.post("/signin", "login", "xuws", "password", "wrong-password-1")
		}
		b.signIn("sec")
		b.get(path).want(t, http.StatusOK, "Locked until", "Unlock")
		them.post("/signin", "login", "xuws", "password", password).want(t, http.StatusTooManyRequests, "30 minutes to go")
		b.post(path+"/unlock").leads(t, path)
		h.browser().signIn("xuws")
	})
}

func TestIdentityProvider(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.person("wang", "王小明", wang)
		b := h.browser()
		b.get("/signin").want(t, http.StatusOK, "Sign in with 省统一认证")
		b.get("/signin/oidc/none").want(t, http.StatusNotFound)
		callback := func(next string) string {
			a := b.get("/signin/oidc/gov?next=" + url.QueryEscape(next))
			if a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, h.there.URL) {
				t.Fatalf("%d to %s", a.status, a.to)
			}
			return "/signin/oidc/gov/callback?" + h.there.Authorize(a.to).Encode()
		}
		// The first time, of somebody whose number nobody bears yet.
		h.there.Claims = map[string]any{"sub": "li", "name": "李四", "id_number": li, "phone_number": "13800000001"}
		back := callback("/account")
		b.get(back).leads(t, "/account")
		b.get("/account").want(t, http.StatusOK, "李四")
		b.get(back).want(t, http.StatusForbidden, "does not prove who you are") // once more
		b.post("/signout").want(t, http.StatusOK, "You may still be signed in at 省统一认证", h.there.URL+"/logout")
		h.browser().get(callback("")).want(t, http.StatusForbidden, "does not prove who you are") // the browser of another
		// An account that is there already: linked once its owner has signed in and said so.
		h.there.Claims = map[string]any{"sub": "wang", "name": "王小明", "id_number": wang}
		b.get(callback("/me")).leads(t, "/signin?next=%2Fme")
		b.get("/signin?next=%2Fme").want(t, http.StatusOK, "no account here is linked")
		b.post("/signin", "login", "wang", "password", password, "next", "/me").leads(t, "/account/links")
		b.get("/account/links").want(t, http.StatusOK, "王小明", "Is it you?")
		b.post("/account/links", "link", "no").leads(t, "/account/links")
		b.get(callback("")).leads(t, "/account/links") // from the page of one's account
		b.post("/account/links", "link", "yes").leads(t, "/account/links")
		b.get("/account/links").want(t, http.StatusOK, "It is linked", "End the link")
		b.post("/signout")
		b.get(callback("/me")).leads(t, "/me")
		b.post("/account/links/end", "issuer", h.there.URL).leads(t, "/account/links")
		b.get("/account").want(t, http.StatusOK, "Other ways to sign in")

		a := b.get("/signin/oidc/gov")
		u, err := url.Parse(a.to)
		if err != nil {
			t.Fatal(err)
		}
		b.get("/signin/oidc/gov/callback?error=access_denied&state="+u.Query().Get("state")).leads(t, "/signin")
		// Closed accounts stay closed.
		who, err := h.people.AccountByNumber(t.Context(), li)
		if err == nil {
			err = h.people.SetDisabled(t.Context(), identity.Platform, who.ID, true)
		}
		if err != nil {
			t.Fatal(err)
		}
		b.post("/signout")
		h.there.Claims = map[string]any{"sub": "li", "name": "李四", "id_number": li}
		b.get(callback("")).want(t, http.StatusForbidden, "Your account is closed")
	})
}
