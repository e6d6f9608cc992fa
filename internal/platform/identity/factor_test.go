package identity_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

// authenticator is the program on a telephone. It is written from RFC 4226, 5.3, and not with the code under test.
type authenticator struct{ secret string }

func (a authenticator) code(t testing.TB, at time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(a.secret)
	if err != nil {
		t.Fatal(err)
	}
	m := hmac.New(sha1.New, key)
	_ = binary.Write(m, binary.BigEndian, at.Unix()/30)
	h := m.Sum(nil)
	o := h[19] & 15
	n := (uint32(h[o])&127)<<24 | uint32(h[o+1])<<16 | uint32(h[o+2])<<8 | uint32(h[o+3])
	return fmt.Sprintf("%06d", n%1000000)
}

// enrol adds an authenticator program to whoever is signed in.
func (s *site) enrol(name string) (authenticator, []string) {
	s.t.Helper()
	var offer identity.TOTPOffer
	var codes []string
	err := s.act(func(r *http.Request) (err error) { offer, err = s.OfferTOTP(r); return err })
	if err != nil {
		s.t.Fatal(err)
	}
	a := authenticator{offer.Secret}
	err = s.act(func(r *http.Request) (err error) {
		codes, err = s.ConfirmTOTP(r, name, a.code(s.t, s.clock()))
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return a, codes
}

func (s *site) prove(code string) error {
	return s.act(func(r *http.Request) error { _, err := s.ProveCode(r, code); return err })
}

// half signs in with the password of somebody who has a second factor.
func (s *site) half(login string) {
	s.t.Helper()
	if code, body := s.get("/in", "login", login, "password", password); code != http.StatusForbidden || body != identity.RefusedFactor {
		s.t.Fatalf("sign in %s: %d %s, want the second factor to be asked for", login, code, body)
	}
	s.is("half way", "visitor")
}

func required(o *identity.Options) { o.SecondFactor, o.StaffSessions = identity.FactorRequired, 2 }

// eachWith runs a test on both engines with other options.
func eachWith(t *testing.T, change func(o *identity.Options), test func(t *testing.T, h *hall)) {
	t.Helper()
	storetest.Each(t, []store.Migrations{registry.Schema(), identity.Schema()}, func(t *testing.T, db *store.DB) { test(t, openWith(t, db, change)) })
}

func TestSecondFactor(t *testing.T) {
	eachWith(t, required, func(t *testing.T, h *hall) {
		a := h.staff("xu.wangshu")
		h.appoint(a.ID, "housing.head")
		s := newSite(h)
		s.signIn("xu.wangshu")
		may := func(action string) error {
			return s.act(func(r *http.Request) error {
				who, err := s.Principal(r)
				if err != nil {
					return err
				}
				return h.Policies.Allow(who, action, identity.Resource{Division: hefei, Body: "hefei-housing"})
			})
		}
		var denied *identity.Denied
		for _, action := range []string{"desk.view", "account.own", "case.read", "board.view", "api.use"} {
			if err := may(action); !errors.As(err, &denied) || denied.Reason != identity.DeniedFactor {
				t.Errorf("%s without a second factor: %v", action, err)
			}
		}
		if err := may("account.factor"); err != nil {
			t.Errorf("adding one: %v", err)
		}
		before := s.cookie()
		phone, codes := s.enrol("手机")
		if s.cookie() == before {
			t.Error("the token was not renewed when the session began to open more")
		}
		if err := may("desk.view"); err != nil {
			t.Errorf("with a second factor: %v", err)
		}
		if len(codes) != 10 {
			t.Fatalf("recovery codes %v", codes)
		}
		s.get("/out")

		s.half("xu.wangshu")
		refused(t, s.prove("000000"), identity.RefusedCode)
		refused(t, s.prove(phone.code(t, h.clock())), identity.RefusedCode) // used when it was added
		refused(t, s.prove(phone.code(t, h.clock().Add(2*time.Minute))), identity.RefusedCode)
		h.wait(30 * time.Second)
		code := phone.code(t, h.clock())
		if err := s.prove(code[:3] + " " + code[3:]); err != nil {
			t.Fatal(err)
		}
		s.is("with both factors", "staff 徐望舒 housing.head")
		if err := may("desk.view"); err != nil {
			t.Error(err)
		}
		other := newSite(h)
		other.half("xu.wangshu")
		refused(t, other.prove(code), identity.RefusedCode) // each code once
		if err := other.prove(strings.ToLower(codes[3])); err != nil {
			t.Errorf("a recovery code: %v", err)
		}
		other.is("with a recovery code", "staff 徐望舒 housing.head")
		third := newSite(h)
		third.half("xu.wangshu")
		refused(t, third.prove(codes[3]), identity.RefusedCode)
		if n, err := h.RecoveryLeft(t.Context(), a.ID); err != nil || n != 9 {
			t.Errorf("%d codes left, %v", n, err)
		}
		if !slices.Equal(h.told, []string{identity.NoticeFactorAdded, identity.NoticeRecovery}) {
			t.Errorf("told %v", h.told)
		}
	})
}

func TestSecondFactorIsNotGuessed(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		a := h.register(person())
		s := newSite(h)
		s.signIn("wang.xiaoming")
		phone, _ := s.enrol("手机")
		h.told = nil
		s.get("/out")
		h.wait(time.Minute)
		s.half("wang.xiaoming")
		tries := 0
		for range 200 {
			err := s.prove("000000")
			var r *identity.Refusal
			if !errors.As(err, &r) {
				t.Fatal(err)
			}
			switch r.Code {
			case identity.RefusedCode:
				tries++
			case identity.RefusedTooMany:
				h.wait(r.Until.Sub(h.clock()))
			case identity.RefusedOffer: // half a sign-in lasts ten minutes
				s.half("wang.xiaoming")
			default:
				t.Fatal(r.Code)
			}
			if tries == 10 {
				break
			}
		}
		refused(t, s.prove(phone.code(t, h.clock())), identity.RefusedTooMany)
		admin := actors["security admin"]
		until, err := h.LockedUntil(t.Context(), admin, a.ID)
		if err != nil || !until.Equal(h.clock().Add(30*time.Minute)) || !slices.Contains(h.told, identity.NoticeLocked) {
			t.Errorf("locked until %v, %v; told %v", until, err, h.told)
		}
		var denied *identity.Denied
		if err := h.Unlock(t.Context(), actors["system admin"], a.ID); !errors.As(err, &denied) {
			t.Errorf("unlocked by the system administrator: %v", err)
		}
		if err := h.Unlock(t.Context(), admin, a.ID); err != nil {
			t.Fatal(err)
		}
		if until, err = h.LockedUntil(t.Context(), admin, a.ID); err != nil || !until.IsZero() {
			t.Errorf("still locked until %v, %v", until, err)
		}
		s.half("wang.xiaoming")
		if err := s.prove(phone.code(t, h.clock())); err != nil {
			t.Error(err)
		}
	})
}

// Of two who show one code at the same moment, one is let in.
func TestOneCodeAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.register(person())
		s := newSite(h)
		s.signIn("wang.xiaoming")
		phone, _ := s.enrol("手机")
		h.wait(time.Minute)
		code := phone.code(t, h.clock())
		sites := make([]*site, 3)
		for i := range sites {
			sites[i] = newSite(h)
			sites[i].half("wang.xiaoming")
		}
		var all sync.WaitGroup
		var in int
		var mu sync.Mutex
		for _, x := range sites {
			all.Go(func() {
				if x.prove(code) == nil {
					mu.Lock()
					defer mu.Unlock()
					in++
				}
			})
		}
		all.Wait()
		if in != 1 {
			t.Errorf("%d were let in by one code", in)
		}
	})
}

func TestFactorsAreKept(t *testing.T) {
	eachWith(t, required, func(t *testing.T, h *hall) {
		a := h.staff("xu.wangshu")
		s := newSite(h)
		s.signIn("xu.wangshu")
		s.enrol("手机")
		h.wait(time.Minute)
		_, more := s.enrol("平板")
		if more != nil {
			t.Errorf("the second factor brought codes: %v", more)
		}
		own, err := h.Factors(t.Context(), a.ID)
		if err != nil || len(own) != 2 || own[0].Name != "手机" || own[0].Kind != identity.TOTP {
			t.Fatalf("%+v, %v", own, err)
		}
		remove := func(id store.ID) error {
			return s.act(func(r *http.Request) error { return s.RemoveFactor(r, id) })
		}
		if err := remove(own[0].ID); err != nil {
			t.Error(err)
		}
		refused(t, remove(own[0].ID), identity.RefusedOffer)
		refused(t, remove(own[1].ID), identity.RefusedLastFactor)
		stranger := newSite(h)
		h.register(person())
		stranger.signIn("wang.xiaoming")
		refused(t, stranger.act(func(r *http.Request) error { return s.RemoveFactor(r, own[1].ID) }), identity.RefusedOffer)

		var codes []string
		if err := s.act(func(r *http.Request) (err error) { codes, err = s.RenewRecovery(r); return err }); err != nil || len(codes) != 10 {
			t.Errorf("new codes: %v, %v", codes, err)
		}
		refused(t, s.act(func(r *http.Request) error { _, err := s.ConfirmTOTP(r, "", ""); return err }), identity.RefusedOffer)
		if err := s.act(func(r *http.Request) error { _, err := s.OfferTOTP(r); return err }); err != nil {
			t.Fatal(err)
		}
		refused(t, s.act(func(r *http.Request) error { _, err := s.ConfirmTOTP(r, "", " "); return err }), identity.RefusedForm, "name:required", "code:required")
		refused(t, s.act(func(r *http.Request) error { _, err := s.ConfirmTOTP(r, "x", "000000"); return err }), identity.RefusedCode)

		admin := actors["security admin"]
		var denied *identity.Denied
		if err := h.ResetFactors(t.Context(), actors["audit admin"], a.ID); !errors.As(err, &denied) {
			t.Errorf("reset by the audit administrator: %v", err)
		}
		own1 := admin
		own1.Account = a.ID
		refused(t, h.ResetFactors(t.Context(), own1, a.ID), identity.RefusedSelf)
		refused(t, h.ResetFactors(t.Context(), admin, 4711), identity.RefusedNoAccount)
		if err := h.ResetFactors(t.Context(), admin, a.ID); err != nil {
			t.Fatal(err)
		}
		s.is("after the reset", "visitor")
		if left, err := h.RecoveryLeft(t.Context(), a.ID); err != nil || left != 0 {
			t.Errorf("%d recovery codes left, %v", left, err)
		}
		s.signIn("xu.wangshu")
	})
}

func TestFreshProof(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.register(person())
		s := newSite(h)
		fresh := func() error { return s.act(s.Fresh) }
		var denied *identity.Denied
		if err := fresh(); !errors.As(err, &denied) || denied.Reason != identity.DeniedSignIn {
			t.Errorf("a visitor: %v", err)
		}
		s.signIn("wang.xiaoming")
		h.wait(10 * time.Minute)
		if err := fresh(); err != nil {
			t.Errorf("after ten minutes: %v", err)
		}
		h.wait(time.Second)
		if err := fresh(); !errors.As(err, &denied) || denied.Reason != identity.DeniedStale {
			t.Errorf("after more: %v", err)
		}
		proven := func(p string) error { return s.act(func(r *http.Request) error { return s.ProvePassword(r, p) }) }
		refused(t, proven("wrong-password-1"), identity.RefusedWrong)
		if err := proven(password); err != nil {
			t.Error(err)
		}
		if err := fresh(); err != nil {
			t.Errorf("proven again: %v", err)
		}
		phone, _ := s.enrol("手机")
		h.wait(time.Hour)
		refused(t, proven(password), identity.RefusedFactor) // who has a second factor proves it with that
		if err := s.prove(phone.code(t, h.clock())); err != nil {
			t.Error(err)
		}
		if err := fresh(); err != nil {
			t.Errorf("proven with the second factor: %v", err)
		}
	})
}

func TestSessions(t *testing.T) {
	eachWith(t, func(o *identity.Options) { o.StaffSessions = 2 }, func(t *testing.T, h *hall) {
		a := h.staff("xu.wangshu")
		one, two, three := newSite(h), newSite(h), newSite(h)
		one.signIn("xu.wangshu")
		h.wait(5 * time.Minute)
		two.signIn("xu.wangshu")
		h.wait(5 * time.Minute)
		three.signIn("xu.wangshu")
		one.is("the oldest of three, where two are allowed", "visitor")
		two.is("the second", "staff 徐望舒")

		list := func(s *site) (all []identity.Session) {
			t.Helper()
			if err := s.act(func(r *http.Request) (err error) { all, err = s.OwnSessions(r); return err }); err != nil {
				t.Fatal(err)
			}
			return all
		}
		all := list(three)
		if len(all) != 2 || !all[0].Current || all[1].Current || !all[0].Begun.Equal(h.clock()) || !all[1].Begun.Equal(h.clock().Add(-5*time.Minute)) || all[0].Device.Browser != "other" {
			t.Fatalf("sessions %+v", all)
		}
		end := func(s *site, ref string) error {
			return s.act(func(r *http.Request) error { return s.EndSession(r, ref) })
		}
		h.register(person())
		stranger := newSite(h)
		stranger.signIn("wang.xiaoming")
		if err := errors.Join(end(stranger, all[1].Ref), end(three, all[0].Ref), end(three, "rubbish")); err != nil {
			t.Error(err)
		}
		two.is("ended by a stranger", "staff 徐望舒")
		three.is("ended by itself", "staff 徐望舒")
		if err := end(three, all[1].Ref); err != nil {
			t.Error(err)
		}
		two.is("ended by its owner", "visitor")
		two.signIn("xu.wangshu")
		if err := three.act(three.EndOtherSessions); err != nil {
			t.Error(err)
		}
		two.is("ended with all others", "visitor")
		three.is("where the others were ended", "staff 徐望舒")

		h.wait(29 * time.Minute)
		three.is("busy", "staff 徐望舒")
		if seen := list(three)[0].Seen; !seen.Equal(h.clock()) {
			t.Errorf("seen %v, want %v", seen, h.clock())
		}
		admin := actors["security admin"]
		if all, err := h.SessionsOf(t.Context(), admin, a.ID); err != nil || len(all) != 1 {
			t.Errorf("seen by the administrator: %+v, %v", all, err)
		}
		var denied *identity.Denied
		_, err := h.SessionsOf(t.Context(), actors["system admin"], a.ID)
		if err2 := h.EndSessionsOf(t.Context(), actors["head"], a.ID); !errors.As(err, &denied) || !errors.As(err2, &denied) {
			t.Errorf("%v, %v", err, err2)
		}
		if err := h.EndSessionsOf(t.Context(), admin, a.ID); err != nil {
			t.Fatal(err)
		}
		three.is("ended by the administrator", "visitor")
	})
}

// A session that was idle too long is on no list, and one's own password changed here ends the others only.
func TestSessionsEnd(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		a := h.staff("xu.wangshu")
		here, there := newSite(h), newSite(h)
		here.signIn("xu.wangshu")
		there.signIn("xu.wangshu")
		err := here.act(func(r *http.Request) error { return here.ChangeOwnPassword(r, password, "a-new-riverside-lantern") })
		if err != nil {
			t.Fatal(err)
		}
		here.is("where it was changed", "staff 徐望舒")
		there.is("elsewhere", "visitor")
		h.wait(31 * time.Minute)
		if all, err := h.SessionsOf(t.Context(), identity.Platform, a.ID); err != nil || len(all) != 0 {
			t.Errorf("idle, and on the list: %+v, %v", all, err)
		}
	})
}

// An appointment begins or ends at midnight in Beijing while its holder is signed in: the session goes on, in the right post.
func TestPostsChangeAtMidnight(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		a := h.staff("xu.wangshu")
		midnight := time.Date(2027, 3, 1, 0, 0, 0, 0, time.FixedZone("UTC+8", 8*60*60))
		err := h.Registry.Edit(t.Context(), func(e *registry.Edit) error {
			return errors.Join(e.Appoint(a.ID, "housing.reviewer", midnight.AddDate(-1, 0, 0), midnight), e.Appoint(a.ID, "housing.head", midnight, midnight.AddDate(0, 0, 1)))
		})
		if err != nil {
			t.Fatal(err)
		}
		h.wait(midnight.Add(-10 * time.Minute).Sub(h.clock()))
		s := newSite(h)
		s.signIn("xu.wangshu")
		h.wait(10*time.Minute - time.Microsecond)
		s.is("before midnight", "staff 徐望舒 housing.reviewer")
		h.wait(time.Microsecond)
		s.is("at midnight", "staff 徐望舒 housing.head")
		for range 49 { // a day at the desk, but for the night
			h.wait(29 * time.Minute)
			s.get("/who")
			if h.clock().After(midnight.Add(11 * time.Hour)) {
				break
			}
		}
		s.is("in the morning", "staff 徐望舒 housing.head")
		h.wait(midnight.AddDate(0, 0, 1).Sub(h.clock()))
		s.signIn("xu.wangshu")
		s.is("when it has ended", "staff 徐望舒")
	})
}

// Whoever guesses at many accounts from one address is slowed down, and others are not.
func TestGuessesFromOneAddress(t *testing.T) {
	address := "192.0.2.1"
	eachWith(t, func(o *identity.Options) { o.Address = func(*http.Request) string { return address } }, func(t *testing.T, h *hall) {
		address = "192.0.2.1"
		h.register(person())
		s := newSite(h)
		for i := range 31 {
			if _, body := s.get("/in", "login", fmt.Sprintf("nobody-%d", i), "password", "wrong-password-1"); body != identity.RefusedWrong {
				t.Fatalf("attempt %d: %s", i+1, body)
			}
		}
		if _, body := s.get("/in", "login", "wang.xiaoming", "password", password); body != identity.RefusedTooMany {
			t.Errorf("the right password after 31 wrong ones from there: %s", body)
		}
		address = "192.0.2.2"
		s.signIn("wang.xiaoming")
		address = "192.0.2.1"
		h.wait(time.Second)
		s.signIn("wang.xiaoming")
		for range 40 { // right ones don't count
			s.signIn("wang.xiaoming")
		}
	})
}

func TestLinks(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		said := identity.Assertion{Source: "gov", Issuer: "https://sso.example", Subject: "s-1", Name: "王小明", Number: "11010519491231002X", Kinds: []identity.Kind{identity.Person}, Create: true}
		enter := func(s *site, a identity.Assertion) error {
			return s.act(func(r *http.Request) error { _, err := s.SignInAsserted(r, a); return err })
		}
		s := newSite(h)
		if err := enter(s, said); err != nil {
			t.Fatal(err)
		}
		s.is("the first time", "person 王小明  王小明")
		var source string
		if err := s.act(func(r *http.Request) (err error) { source, err = s.SignOut(r); return err }); err != nil || source != "gov" {
			t.Errorf("source %q, %v", source, err)
		}
		if err := enter(s, said); err != nil {
			t.Fatal(err)
		}
		s.is("the second time", "person 王小明  王小明")
		a, err := h.AccountByNumber(t.Context(), said.Number)
		if err != nil {
			t.Fatal(err)
		}
		refused(t, s.act(func(r *http.Request) error { return s.Unlink(r, said.Issuer) }), identity.RefusedLastFactor) // it has no password

		// Another subject with a number that an account bears is linked only by its owner.
		thief := newSite(h)
		other := said
		other.Subject = "s-2"
		refused(t, enter(thief, other), identity.RefusedProvider)
		thief.is("with another's number", "visitor")
		// What cannot be created, is not.
		for name, change := range map[string]func(a *identity.Assertion){
			"no number":      func(a *identity.Assertion) { a.Number = "" },
			"a wrong number": func(a *identity.Assertion) { a.Number = "110105194912310021" },
			"not allowed":    func(a *identity.Assertion) { a.Create, a.Number = false, "440524188001010014" },
			"no name":        func(a *identity.Assertion) { a.Name, a.Number = "", "440524188001010014" },
			"only for staff": func(a *identity.Assertion) { a.Kinds, a.Number = []identity.Kind{identity.Staff}, "440524188001010014" },
		} {
			x := said
			x.Subject = name
			change(&x)
			v := newSite(h)
			refused(t, enter(v, x), identity.RefusedProvider)
			v.is(name, "visitor")
		}
		// Only of kinds that the provider may open.
		x := said
		x.Kinds = []identity.Kind{identity.Staff}
		refused(t, enter(newSite(h), x), identity.RefusedWrong)
		if err := h.SetDisabled(t.Context(), identity.Platform, a.ID, true); err != nil {
			t.Fatal(err)
		}
		refused(t, enter(newSite(h), said), identity.RefusedWrong)
	})
}

// An account is linked only when its owner says so after signing in: somebody else may have led the browser to a provider.
func TestLinkIsOffered(t *testing.T) {
	eachWith(t, required, func(t *testing.T, h *hall) {
		a := h.staff("xu.wangshu")
		said := identity.Assertion{Source: "gov", Issuer: "https://sso.example", Subject: "s-7", Name: "徐望舒", Kinds: []identity.Kind{identity.Staff}}
		enter := func(s *site) error {
			return s.act(func(r *http.Request) error { _, err := s.SignInAsserted(r, said); return err })
		}
		s := newSite(h)
		refused(t, enter(s), identity.RefusedProvider)
		s.signIn("xu.wangshu")
		s.get("/out")
		refused(t, enter(newSite(h)), identity.RefusedProvider) // signing in alone has linked nothing
		refused(t, enter(s), identity.RefusedProvider)
		s.signIn("xu.wangshu")
		err := s.act(func(r *http.Request) error {
			if l, ok := s.LinkOffered(r); !ok || l.Name != "徐望舒" {
				t.Errorf("offered %+v, %t", l, ok)
			}
			return s.AcceptLink(r)
		})
		if err != nil {
			t.Fatal(err)
		}
		if links, err := h.Links(t.Context(), a.ID); err != nil || !slices.Equal(links, []string{said.Issuer}) {
			t.Errorf("links %v, %v", links, err)
		}
		linked := newSite(h)
		if err := enter(linked); err != nil {
			t.Fatal(err)
		}
		unproven := func(s *site) (is bool) {
			_ = s.act(func(r *http.Request) error { who, err := s.Principal(r); is = who.Unproven; return err })
			return is
		}
		if !unproven(linked) {
			t.Error("the provider said nothing of a second factor, and none is asked for")
		}
		said.Factor = true
		if err := enter(linked); err != nil || unproven(linked) {
			t.Errorf("with a second factor at the provider: %v", err)
		}
		said.Factor = false
		linked.enrol("手机")
		refused(t, enter(newSite(h)), identity.RefusedFactor) // the account has one of its own by now
		if err := s.act(func(r *http.Request) error { return s.Unlink(r, said.Issuer) }); err != nil {
			t.Error(err)
		}
		refused(t, enter(newSite(h)), identity.RefusedProvider)
	})
}
