package disclosure

import (
	"context"
	"html"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestSpans(t *testing.T) {
	for text, want := range map[string][]string{
		"":     nil,
		"没有地址": nil,
		"登记簿：https://hall.example/open/requests?body=water":       {"https://hall.example/open/requests?body=water"},
		"见https://a.gov.cn/x。另见 HTTP://b.gov.cn:8080/y#z，":        {"https://a.gov.cn/x", "HTTP://b.gov.cn:8080/y#z"},
		"网址:http://127.0.0.1:8312/a,http://b.cn":                  {"http://127.0.0.1:8312/a,http://b.cn"},
		"(https://a.cn/b(1)) [https://a.cn/] “https://a.cn/?q=1”": {"https://a.cn/b(1)", "https://a.cn/", "https://a.cn/?q=1"},
		"<https://a.cn/b> 'https://a.cn' \"https://a.cn/c\"":      {"https://a.cn/b", "https://a.cn", "https://a.cn/c"},
		"https://a.cn/b.":                       {"https://a.cn/b"},
		"https://a.cn/?to=https://b.cn/":        {"https://a.cn/?to=https://b.cn/"},
		"https://a.cn/水库":                       nil, // not whole
		"登录https://a.cn查询，或https://a.cn/查询。":    {"https://a.cn"},
		"登录https://a.cn，":                       {"https://a.cn"},
		"https://www.gov.中国/ https://a.cn/b.水库": nil, // the host is another one
		"https://a.cn/b,另见https://a.cn.":        {"https://a.cn/b", "https://a.cn"},
		"xhttps://a.cn":                         nil,
		"https://gov.cn@evil.example/":          nil,
		"https://u:p@a.cn/?x=https://b.cn":      nil, // nor a part of it
		"https://":                              nil,
		"https:///path":                         nil,
		"https://-a.cn":                         nil,
		"https://a..cn/":                        nil,
		"https://a.cn/%zz":                      nil,
		"javascript:alert(1) data:text/html,x ftp://a.cn mailto:a@b.cn //a.cn www.a.cn": nil,
		"https://a.cn/\"onmouseover=\"alert(1)":                                         {"https://a.cn/"},
		"https://a.cn/&lt;b&gt;<script>":                                                {"https://a.cn/&lt;b&gt"},
	} {
		var got []string
		for _, x := range spans(text) {
			if x.address {
				got = append(got, x.text)
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q: links %q, want %q", text, got, want)
		}
	}
}

// Only what leads out of the site says that it does.
func TestElsewhere(t *testing.T) {
	const own = "https://hall.example"
	for address, out := range map[string]bool{
		own: false, own + "/open": false, own + "?q": false, own + ".evil.cn/": true, own + "@evil.cn/": true, own + ":81/": true, "https://other.example": true,
	} {
		if got := elsewhere(address, own) != ""; got != out {
			t.Errorf("%s leads elsewhere: %t", address, got)
		}
	}
	if elsewhere("https://a.cn", "") == "" {
		t.Error("without an address of its own a site has everything")
	}
}

var (
	anyTag  = regexp.MustCompile(`<[^>]*>`)
	ownTags = regexp.MustCompile(`<a class="govuk-link oh-break" href="[^"<>]*"(?: rel="nofollow noopener noreferrer")?>|</a>`)
)

// Whatever stands in a text, all of it is shown and nothing else, its links lead to the web, and no sign of it becomes markup.
func FuzzLinked(f *testing.F) {
	for _, s := range []string{"登记簿：https://hall.example/open/requests?body=a。", "(https://a.cn/b(1))", "https://u@a.cn/?x=https://b.cn", "<b>https://a.cn/\"x='<", "HTTPS://A.CN/%41&amp;b", "http://[::1]/", "\xffhttps://a.cn\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) { linkedHolds(t.Context(), t, text) })
}

// The same, of many texts that come near to addresses.
func TestLinkedHolds(t *testing.T) {
	pieces := []string{"http://", "https://", "HTTPS://", "a.cn", "库", "。", "/", "@", ":", "80", "?", "#", "&", "=", "%41", "%", "(", ")", "[", "]", "<", ">", "\"", "'", "&lt;", " ", "\n", ".", "-", "\x00", "\xff", "javascript:"}
	rapid.Check(t, func(t *rapid.T) {
		linkedHolds(t.Context(), t, strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 12).Draw(t, "text"), ""))
	})
}

type failing interface {
	Errorf(format string, args ...any)
	Fatal(args ...any)
}

func linkedHolds(ctx context.Context, t failing, text string) {
	whole := ""
	for _, x := range spans(text) {
		if whole += x.text; x.text == "" {
			t.Errorf("%q has an empty span", text)
		}
		if !x.address {
			continue
		}
		u, err := url.Parse(x.text)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Hostname() == "" || strings.ContainsAny(x.text, " \t\r\n<>\"'`\\") || !utf8.ValidString(x.text) {
			t.Errorf("%q links %q: %v", text, x.text, err)
		}
	}
	if whole != text {
		t.Errorf("%q became %q", text, whole)
	}
	var b strings.Builder
	if err := linked(text, "https://hall.example").Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	if shown := html.UnescapeString(anyTag.ReplaceAllString(page, "")); shown != html.UnescapeString(html.EscapeString(text)) {
		t.Errorf("%q is shown as %q", text, shown)
	}
	if rest := ownTags.ReplaceAllString(page, ""); strings.ContainsAny(rest, "<>\"") {
		t.Errorf("%q becomes markup: %s", text, page)
	}
}
