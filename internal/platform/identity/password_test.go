package identity_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

func (h *hall) try(login, password string) error {
	h.t.Helper()
	a, err := h.AccountByLogin(h.t.Context(), login)
	if err != nil {
		a.ID = 1
	}
	return h.ChangePassword(h.t.Context(), a.ID, password, "a-new-lantern-73")
}

func (h *hall) stored(a identity.Account) string {
	h.t.Helper()
	phc, err := store.Scalar[string](h.db.Read().QueryRow(h.t.Context(), `SELECT password FROM identity_account WHERE id = $1`, int64(a.ID)))
	if err != nil {
		h.t.Fatal(err)
	}
	return phc
}

// The vector is the first of argon2id in src/test.c of the reference implementation (P-H-C/phc-winner-argon2): password "password",
// salt "somesalt", 64 MiB, two passes, one lane.
func TestVerifiesTheReferenceVector(t *testing.T) {
	const reference = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	each(t, func(t *testing.T, h *hall) {
		a := h.register(person())
		err := h.db.Write(t.Context(), func(ctx ctx, tx *store.Tx) error {
			return tx.Exec(ctx, `UPDATE identity_account SET password = $2 WHERE id = $1`, int64(a.ID), reference)
		})
		if err != nil {
			t.Fatal(err)
		}
		s := newSite(h)
		if code, body := s.get("/in", "login", "wang.xiaoming", "password", "differentpassword"); body != identity.RefusedWrong {
			t.Errorf("another password: %d %s", code, body)
		}
		if code, body := s.get("/in", "login", "wang.xiaoming", "password", "password"); code != 200 {
			t.Errorf("the password: %d %s", code, body)
		}
		// It was made at another cost, so it is made anew, and still opens.
		if got := h.stored(a); !strings.HasPrefix(got, "$argon2id$v=19$m=64,t=1,p=1$") {
			t.Errorf("stored %s", got)
		}
		s.is("after", "person 王小明  王小明")
		if code, body := s.get("/in", "login", "wang.xiaoming", "password", "password"); code != 200 {
			t.Errorf("made anew: %d %s", code, body)
		}
	})
}

func TestDefaultCost(t *testing.T) {
	// OWASP Password Storage Cheat Sheet: m=19456 (19 MiB), t=2, p=1.
	if identity.DefaultCost != (identity.Cost{Memory: 19456, Time: 2, Threads: 1}) {
		t.Errorf("cost %+v", identity.DefaultCost)
	}
}

func TestDamagedHashIsAnErrorNotAPanic(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		a := h.register(person())
		for _, stored := range []string{
			"x", "$argon2id$v=19$m=64,t=1,p=1$$", "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$c29tZXNhbHQ", "$argon2id$v=19$m=64,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
			"$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "$argon2id$v=19$m=64,t=1,p=1$c29$tZXNhbHQ$$",
		} {
			err := h.db.Write(t.Context(), func(ctx ctx, tx *store.Tx) error {
				tx.Queue(`DELETE FROM identity_attempt`)
				tx.Queue(`UPDATE identity_account SET password = $2 WHERE id = $1`, int64(a.ID), stored)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			var r *identity.Refusal
			if err := h.try("wang.xiaoming", password); err == nil || errors.As(err, &r) {
				t.Errorf("%s: %v", stored, err)
			}
		}
	})
}

func TestWrongPasswordsCostTime(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		a := h.register(person())
		fail := func(code string) {
			t.Helper()
			refused(t, h.try("wang.xiaoming", "wrong-password-1"), code)
		}
		fail(identity.RefusedWrong)
		fail(identity.RefusedWrong)
		fail(identity.RefusedWrong)
		fail(identity.RefusedWrong)
		// By hand: the 4th failure costs 1 s, the 5th 2 s, …, the 9th 32 s; the 10th and each later one locks for half an hour.
		for _, delay := range []time.Duration{1, 2, 4, 8, 16, 32, 1800, 1800, 1800} {
			h.wait(delay*time.Second - time.Microsecond)
			fail(identity.RefusedTooMany)
			// Nor does the right password help before.
			refused(t, h.try("wang.xiaoming", password), identity.RefusedTooMany)
			h.wait(time.Microsecond)
			fail(identity.RefusedWrong)
		}
		var r *identity.Refusal
		if err := h.try("wang.xiaoming", password); !errors.As(err, &r) || !r.Until.Equal(h.clock().Add(30*time.Minute)) {
			t.Errorf("until %v, %v", r, err)
		}
		h.wait(30 * time.Minute)
		if err := h.ChangePassword(t.Context(), a.ID, password, "a-new-lantern-73"); err != nil {
			t.Fatal(err)
		}
		for range 3 { // the slate is clean
			refused(t, h.ChangePassword(t.Context(), a.ID, "wrong-password-1", "a-new-lantern-74"), identity.RefusedWrong)
		}
		if err := h.ChangePassword(t.Context(), a.ID, "a-new-lantern-73", "a-new-lantern-74"); err != nil {
			t.Error(err)
		}
	})
}

func TestGuessesAreForgottenAfterADay(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.register(person())
		for range 4 {
			refused(t, h.try("wang.xiaoming", "wrong-password-1"), identity.RefusedWrong)
		}
		h.wait(25 * time.Hour)
		for range 4 {
			refused(t, h.try("wang.xiaoming", "wrong-password-1"), identity.RefusedWrong)
		}
		refused(t, h.try("wang.xiaoming", "wrong-password-1"), identity.RefusedTooMany)
	})
}

// Nobody learns by guessing which logins exist: unknown, disabled and known ones answer alike.
func TestUnknownLoginsAnswerAlike(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		h.register(person())
		gone := h.staff("gone")
		if err := h.SetDisabled(t.Context(), identity.Platform, gone.ID, true); err != nil {
			t.Fatal(err)
		}
		s := newSite(h)
		for _, c := range []struct{ login, password string }{{"wang.xiaoming", "wrong-password-1"}, {"nobody", password}, {"gone", password}, {"gone", "wrong-password-1"}} {
			h.wait(25 * time.Hour)
			for i := range 5 {
				want := identity.RefusedWrong
				if i == 4 {
					want = identity.RefusedTooMany
				}
				if _, body := s.get("/in", "login", c.login, "password", c.password); body != want {
					t.Errorf("%s, attempt %d: %s, want %s", c.login, i+1, body, want)
				}
			}
		}
	})
}

func TestManyGuessesAtOnceGainNothing(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		a := h.register(person())
		var looked, refusedEarly int
		var mu sync.Mutex
		var all sync.WaitGroup
		for range 40 {
			all.Go(func() {
				err := h.ChangePassword(t.Context(), a.ID, "wrong-password-1", "a-new-lantern-73")
				var r *identity.Refusal
				mu.Lock()
				defer mu.Unlock()
				switch {
				case errors.As(err, &r) && r.Code == identity.RefusedWrong:
					looked++
				case errors.As(err, &r) && r.Code == identity.RefusedTooMany:
					refusedEarly++
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if looked != 4 || refusedEarly != 36 {
			t.Errorf("%d passwords were looked at and %d not; want 4 and 36", looked, refusedEarly)
		}
	})
}

func TestAdministratorsAlone(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		a := h.staff("xu.wangshu")
		for name, by := range map[string]identity.Principal{"reviewer": actors["reviewer"], "system admin": actors["system admin"], "self": {Account: a.ID, Kind: identity.Staff}} {
			_, err1 := h.CreateStaff(t.Context(), by, identity.NewStaff{Login: "new", Password: password, Name: "x"})
			_, _, err2 := h.CreateMachineToken(t.Context(), by, identity.Token{Name: "x", Scopes: []string{"case.read"}, Until: h.clock().Add(time.Hour)})
			_, err3 := h.Tokens(t.Context(), by)
			for what, err := range map[string]error{
				"create staff": err1, "create token": err2, "list tokens": err3,
				"disable": h.SetDisabled(t.Context(), by, a.ID, true), "set password": h.SetPassword(t.Context(), by, a.ID, "another-lantern-91"), "revoke token": h.RevokeToken(t.Context(), by, 1),
			} {
				var denied *identity.Denied
				if !errors.As(err, &denied) {
					t.Errorf("%s by %s: %v", what, name, err)
				}
			}
		}
		admin := actors["security admin"]
		if _, err := h.CreateStaff(t.Context(), admin, identity.NewStaff{Login: "new", Password: password, Name: "张三", Phone: "13800000002"}); err != nil {
			t.Error(err)
		}
		_, err := h.CreateStaff(t.Context(), admin, identity.NewStaff{Login: "n", Password: "short", Phone: "1"})
		refused(t, err, identity.RefusedForm, "login:login", "name:required", "password:short-staff", "phone:number")
		refused(t, h.SetDisabled(t.Context(), admin, 4711, true), identity.RefusedNoAccount)
		refused(t, h.SetPassword(t.Context(), admin, a.ID, "short"), identity.RefusedForm, "password:short-staff")
	})
}
