package web

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/web/assets"
	"openhall.org/openhall/internal/platform/web/i18n"
)

// View is what every page knows of its request: language, reader, place and instant.
type View struct {
	L *Localizer
	// Path is the request's path without the query.
	Path string
	// User is nil for a visitor.
	User     *UserView
	Division Division
	// Flash is the notice left by the previous page, or nil.
	Flash *Flash
	// Elder is true when the reader chose large type (长者模式).
	Elder bool
	Dev   bool
	// Now is the instant of the request; everything on one page is computed for it.
	Now time.Time
	// RequestID names the request in the logs.
	RequestID string

	site   *Site
	assets *assets.Set
	query  url.Values
}

type viewKey struct{}

// ViewOf returns the view of a request that came through a Shell. Elsewhere it returns a bare view that shows keys instead of words.
func ViewOf(r *http.Request) *View { return viewOf(r.Context()) }

func viewOf(ctx context.Context) *View {
	if v, ok := ctx.Value(viewKey{}).(*View); ok {
		return v
	}
	return &View{L: i18n.FromContext(ctx), site: &Site{}, assets: &assets.Set{}}
}

func (v *View) into(ctx context.Context) context.Context {
	return i18n.NewContext(context.WithValue(ctx, viewKey{}, v), v.L)
}

// NewView returns a view outside a request, for the gallery and for tests.
func NewView(l *Localizer, site *Site, files *assets.Set, now time.Time) *View {
	return &View{L: l, Path: "/", Now: now, site: site, assets: files}
}

// Context returns ctx with the view in it, as a component rendered outside a request needs it.
func (v *View) Context(ctx context.Context) context.Context { return v.into(ctx) }

// with returns the address of this page with one query parameter changed, so that a switch keeps the reader where they are.
func (v *View) with(key, value string) string {
	q := url.Values{}
	for k, values := range v.query {
		if k != queryLanguage && k != queryType {
			q[k] = values
		}
	}
	q.Set(key, value)
	return v.here() + "?" + q.Encode()
}

// here is the path as an address writes it.
func (v *View) here() string { return (&url.URL{Path: v.Path}).EscapedPath() }

// readable is the address of this page as people read and type it: without language and type size, and with the letters of any script as
// they are, where a browser writes a percent sign and two digits for each of their bytes.
func (v *View) readable() string {
	var b strings.Builder
	b.WriteString(letters(v.Path, url.PathEscape, "/"))
	sign := byte('?')
	for _, key := range slices.Sorted(maps.Keys(v.query)) {
		if key == queryLanguage || key == queryType {
			continue
		}
		for _, value := range v.query[key] {
			if value != "" {
				b.WriteByte(sign)
				b.WriteString(letters(key, url.QueryEscape, "") + "=" + letters(value, url.QueryEscape, ":/,"))
				sign = '&'
			}
		}
	}
	return b.String()
}

// letters escapes a text for an address but for its letters, digits and what plain holds.
func letters(text string, escape func(string) string, plain string) string {
	var b strings.Builder
	for _, r := range text {
		if r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(plain, r)) {
			b.WriteRune(r)
		} else {
			b.WriteString(escape(string(r)))
		}
	}
	return b.String()
}

// InLanguage returns the address of this page in another language.
func (v *View) InLanguage(tag lang.Tag) string { return v.with(queryLanguage, string(tag)) }

// typeSwitch returns the address of this page in the other type size.
func (v *View) typeSwitch() string {
	if v.Elder {
		return v.with(queryType, "standard")
	}
	return v.with(queryType, "elder")
}

// signInHref leads to the sign-in page and back here afterwards.
func (v *View) signInHref() string {
	return v.site.SignIn + "?" + url.Values{"next": {v.here()}}.Encode()
}
