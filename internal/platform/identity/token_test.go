package identity_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

type ctx = context.Context

func bearing(header string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/api/v1/cases", http.NoBody)
	if header != "" {
		r.Header.Set("Authorization", header)
	}
	return r
}

func TestMachineTokens(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		admin := actors["security admin"]
		want := identity.Token{Name: "省平台", Scopes: []string{"case.read", "case.list"}, Division: hefei, Body: "hefei-housing", Until: h.clock().Add(24 * time.Hour)}
		made, secret, err := h.CreateMachineToken(t.Context(), admin, want)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(secret, "ohm_") || len(secret) != 4+43 {
			t.Errorf("secret of %d characters", len(secret))
		}
		for _, header := range []string{"Bearer " + secret, "bearer  " + secret} {
			who, err := h.Principal(bearing(header))
			if err != nil || who.Kind != identity.Machine || who.Account != made.ID || who.Name != "省平台" || who.Party().ID != 0 {
				t.Errorf("principal %+v, %v", who, err)
			}
			if who.Post.Division != hefei || who.Post.Body != "hefei-housing" || !slices.Equal(who.Post.Roles, want.Scopes) {
				t.Errorf("bound to %+v", who.Post)
			}
		}
		if who, err := h.Principal(bearing("")); err != nil || who.Kind != identity.Visitor {
			t.Errorf("without a token: %+v, %v", who, err)
		}
		for _, header := range []string{"Bearer ", "Bearer ohm_x", "Bearer " + secret + "x", "Bearer " + strings.ToLower(secret)} {
			_, err := h.Principal(bearing(header))
			refused(t, err, identity.RefusedToken)
		}
		n, err := store.Scalar[int64](h.db.Read().QueryRow(t.Context(), `SELECT count(*) FROM identity_token WHERE hash = $1`, []byte(secret)))
		if err != nil || n != 0 {
			t.Errorf("the secret itself is kept: %d, %v", n, err)
		}
		if list, err := h.Tokens(t.Context(), admin); err != nil || len(list) != 1 || list[0].ID != made.ID || !list[0].Until.Equal(want.Until) || list[0].CreatedBy != admin.Account {
			t.Errorf("tokens %+v, %v", list, err)
		}

		h.wait(24*time.Hour - time.Microsecond)
		if _, err := h.Principal(bearing("Bearer " + secret)); err != nil {
			t.Errorf("a moment before it expires: %v", err)
		}
		h.wait(time.Microsecond)
		_, err = h.Principal(bearing("Bearer " + secret))
		refused(t, err, identity.RefusedToken)

		want.Until = h.clock().Add(time.Hour)
		made, secret, err = h.CreateMachineToken(t.Context(), admin, want)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.RevokeToken(t.Context(), admin, made.ID); err != nil {
			t.Fatal(err)
		}
		_, err = h.Principal(bearing("Bearer " + secret))
		refused(t, err, identity.RefusedToken)
		refused(t, h.RevokeToken(t.Context(), admin, made.ID), identity.RefusedToken)
	})
}

func TestMachineTokenRefuses(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		good := identity.Token{Name: "n", Scopes: []string{"case.read"}, Until: h.clock().Add(time.Hour)}
		for name, c := range map[string]struct {
			change func(k *identity.Token)
			fields []string
		}{
			"nothing":        {func(k *identity.Token) { *k = identity.Token{} }, []string{"name:required", "scopes:required", "until:required"}},
			"administration": {func(k *identity.Token) { k.Scopes = []string{"account.manage"} }, []string{"scopes:unknown"}},
			"nowhere":        {func(k *identity.Token) { k.Division = "990000000000" }, []string{"division:unknown"}},
			"no body":        {func(k *identity.Token) { k.Body = "none" }, []string{"body:unknown"}},
			"past":           {func(k *identity.Token) { k.Until = h.clock() }, []string{"until:required"}},
			"for ever":       {func(k *identity.Token) { k.Until = h.clock().AddDate(3, 0, 0) }, []string{"until:long"}},
		} {
			token := good
			c.change(&token)
			_, _, err := h.CreateMachineToken(t.Context(), actors["security admin"], token)
			t.Run(name, func(t *testing.T) { refused(t, err, identity.RefusedForm, c.fields...) })
		}
	})
}

// What a token may open, and what the rules let a machine do with it, are the same list.
func TestScopesAreWhatTheRulesOpen(t *testing.T) {
	p := loadPolicies(t)
	var opened []string
	for _, action := range p.Actions() {
		who := identity.Principal{Kind: identity.Machine, Post: identity.Post{Roles: []string{action}}}
		without := identity.Principal{Kind: identity.Machine, Post: identity.Post{Roles: []string{"other"}}}
		if p.Allow(who, action, housingCase) == nil && p.Allow(without, action, housingCase) != nil {
			opened = append(opened, action)
		}
	}
	if got := identity.Scopes(); !slices.Equal(got, opened) {
		t.Errorf("tokens may open %v, the rules open %v", got, opened)
	}
}
