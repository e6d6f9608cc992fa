package identity_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

// What a signed-in request costs before its page begins: the session and the account, each one point read, opened.
func BenchmarkPrincipal(b *testing.B) {
	h := open(b, storetest.New(b, store.SQLite, registry.Schema(), identity.Schema()), false)
	h.register(person())
	var token string
	handler := h.Sessions(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if token == "" {
			if _, err := h.SignIn(r, "wang.xiaoming", password); err != nil {
				b.Fatal(err)
			}
			return
		}
		if who, err := h.Principal(r); err != nil || who.Kind != identity.Person {
			b.Fatal(who, err)
		}
	}))
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	token = w.Result().Cookies()[0].Value
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.AddCookie(&http.Cookie{Name: "openhall", Value: token})
	b.ReportAllocs()
	for b.Loop() {
		handler.ServeHTTP(httptest.NewRecorder(), r)
	}
}
