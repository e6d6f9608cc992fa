package web

import (
	"net/http"

	"golang.org/x/text/language"

	"openhall.org/openhall/internal/core/lang"
)

// Names of the query parameters and cookies by which a reader chooses language and type size. The cookies hold the choice alone.
const (
	queryLanguage  = "lang"
	queryType      = "type"
	cookieLanguage = "lang"
	cookieType     = "type"
	choiceMaxAge   = 365 * 24 * 60 * 60 // seconds
)

// chooseLanguage takes the language from the query, else from the cookie, else from Accept-Language, else Simplified Chinese.
// asked is true when the query named one, which is then remembered.
func chooseLanguage(matcher language.Matcher, r *http.Request) (tag lang.Tag, asked bool) {
	if tag, ok := lang.Parse(r.URL.Query().Get(queryLanguage)); ok {
		return tag, true
	}
	if c, err := r.Cookie(cookieLanguage); err == nil {
		if tag, ok := lang.Parse(c.Value); ok {
			return tag, false
		}
	}
	wanted, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil {
		return lang.Hans, false
	}
	// One at a time: asked for all at once, the matcher lets the bare "zh" in "zh-HK,zh;q=0.9" win over Hong Kong's script.
	for _, w := range wanted {
		if _, index, confidence := matcher.Match(w); confidence >= language.Low {
			return lang.All[index], false
		}
	}
	return lang.Hans, false
}

// newMatcher matches what browsers ask for (zh-CN, zh-HK, zh-TW, en-GB …) to the languages of the platform.
func newMatcher() language.Matcher {
	tags := make([]language.Tag, 0, len(lang.All))
	for _, tag := range lang.All {
		tags = append(tags, language.MustParse(string(tag)))
	}
	return language.NewMatcher(tags)
}

// chooseType reports whether the reader wants large type, and whether the query said so.
func chooseType(r *http.Request) (elder, asked bool) {
	switch r.URL.Query().Get(queryType) {
	case "elder":
		return true, true
	case "standard":
		return false, true
	}
	c, err := r.Cookie(cookieType)
	return err == nil && c.Value == "elder", false
}

// remember keeps a reader's choice in a cookie for a year.
func (s *Shell) remember(w http.ResponseWriter, name, value string) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: choiceMaxAge,
		HttpOnly: true, Secure: s.config.TLS, SameSite: http.SameSiteLaxMode})
}
