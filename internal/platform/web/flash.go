package web

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
)

// Flash is a notice that the next page shows once, for instance after a form was accepted.
type Flash struct {
	// Kind is success or important.
	Kind string `json:"kind"`
	// Key is a message key; Args are its values. They travel in a cookie, so they hold numbers of cases, never names of people.
	Key  string            `json:"key"`
	Args map[string]string `json:"args,omitempty"`
}

const (
	cookieFlash  = "flash"
	flashMaxAge  = 120 // seconds
	maxFlashSize = 1024
)

// Text returns the notice in the language of l.
func (f *Flash) Text(l *Localizer) string {
	args := Args{}
	for name, value := range f.Args {
		args[name] = value
	}
	return l.T(f.Key, args)
}

// SetFlash leaves a notice for the next page. Call it before the redirect is written.
func SetFlash(w http.ResponseWriter, r *http.Request, f Flash) {
	raw, err := json.Marshal(f)
	if err != nil || len(raw) > maxFlashSize {
		return // a notice too large to carry is dropped; the page it announces says the same
	}
	http.SetCookie(w, &http.Cookie{Name: cookieFlash, Value: base64.RawURLEncoding.EncodeToString(raw), Path: "/",
		MaxAge: flashMaxAge, HttpOnly: true, Secure: secure(r), SameSite: http.SameSiteLaxMode})
}

// takeFlash reads the notice and clears it. Anything malformed, or with a key that is not in the catalogue, is ignored.
func takeFlash(w http.ResponseWriter, r *http.Request, l *Localizer) *Flash {
	c, err := r.Cookie(cookieFlash)
	if err != nil {
		return nil
	}
	http.SetCookie(w, &http.Cookie{Name: cookieFlash, Path: "/", MaxAge: -1,
		HttpOnly: true, Secure: secure(r), SameSite: http.SameSiteLaxMode})
	raw, err := base64.RawURLEncoding.DecodeString(c.Value)
	var f Flash
	if err != nil || len(raw) > maxFlashSize || json.Unmarshal(raw, &f) != nil || !l.Has(f.Key) {
		return nil
	}
	return &f
}
