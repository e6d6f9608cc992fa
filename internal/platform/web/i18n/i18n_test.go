package i18n_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/web/i18n"
)

func load(t testing.TB, yaml string) (*i18n.Catalogue, error) {
	t.Helper()
	return i18n.Load(i18n.Source{Module: "m", FS: fstest.MapFS{"locales/m.yaml": {Data: []byte(yaml)}}})
}

func mustLoad(t testing.TB, yaml string) *i18n.Catalogue {
	t.Helper()
	c, err := load(t, yaml)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const words = `
m.plain: {zh-Hans: 办理, zh-Hant: 辦理, en: Handle}
m.hello: {zh-Hans: "{{.Name}}，您好", zh-Hant: "{{.Name}}，您好", en: "Hello {{.Name}}"}
m.count:
  zh-Hans: 共 {{.Count}} 件
  zh-Hant: 共 {{.Count}} 件
  en: {one: "{{.Count}} case", other: "{{.Count}} cases"}
`

func TestT(t *testing.T) {
	c := mustLoad(t, words)
	for _, row := range []struct {
		tag  lang.Tag
		key  string
		args i18n.Args
		want string
	}{
		{lang.Hans, "m.plain", nil, "办理"},
		{lang.Hant, "m.plain", nil, "辦理"},
		{lang.En, "m.plain", nil, "Handle"},
		{lang.En, "m.plain", i18n.Args{"Name": "x"}, "Handle"},
		{"fr", "m.plain", nil, "办理"},
		{lang.En, "m.hello", i18n.Args{"Name": "<王>"}, "Hello <王>"},
		{lang.Hant, "m.hello", i18n.Args{"Name": "王"}, "王，您好"},
		{lang.Hans, "m.count", i18n.Args{"Count": 1}, "共 1 件"},
		{lang.Hant, "m.count", i18n.Args{"Count": 2}, "共 2 件"},
		{lang.En, "m.count", i18n.Args{"Count": 1}, "1 case"},
		{lang.En, "m.count", i18n.Args{"Count": 0}, "0 cases"},
		{lang.En, "m.count", i18n.Args{"Count": 21}, "21 cases"},
	} {
		if got := c.Localizer(row.tag).T(row.key, row.args); got != row.want {
			t.Errorf("%s %s: got %q, want %q", row.tag, row.key, got, row.want)
		}
	}
	if missing := c.Missing(); len(missing) != 0 {
		t.Errorf("missing: %v", missing)
	}
}

func TestMissingIsShownAndRecorded(t *testing.T) {
	c := mustLoad(t, words)
	l := c.Localizer(lang.En)
	for _, row := range []struct{ got, want string }{
		{l.T("m.nothing"), "⟦m.nothing⟧"},
		{l.T("m.hello"), "⟦m.hello⟧"},
		{l.T("m.hello", i18n.Args{"Nme": "x"}), "⟦m.hello⟧"},
		{l.T("m.count", i18n.Args{"Count": "many"}), "⟦m.count⟧"},
	} {
		if row.got != row.want {
			t.Errorf("got %q, want %q", row.got, row.want)
		}
	}
	missing := c.Missing()
	if len(missing) != 3 || missing[1] != "m.hello: no value for {{.Name}}" || missing[2] != "m.nothing" {
		t.Errorf("recorded: %q", missing)
	}
	if l.Has("m.nothing") || !l.Has("m.hello") {
		t.Error("Has is wrong")
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, row := range []struct{ name, yaml, want string }{
		{"a missing language", "m.a: {zh-Hans: 一, en: one}", `key "m.a": the text in zh-Hant is missing`},
		{"an empty text", `m.a: {zh-Hans: 一, zh-Hant: " ", en: one}`, "the text in zh-Hant is missing"},
		{"an unknown language", "m.a: {zh-Hans: 一, zh-Hant: 一, en: one, fr: un}", `field fr not found`},
		{"a key defined twice", "m.a: {zh-Hans: 一, zh-Hant: 一, en: one}\nm.a: {zh-Hans: 一, zh-Hant: 一, en: one}", "m.a"},
		{"a key of another module", "n.a: {zh-Hans: 一, zh-Hant: 一, en: one}", "m.name"},
		{"a key with capitals", "m.Aa: {zh-Hans: 一, zh-Hant: 一, en: one}", "small letters"},
		{"different placeholders", `m.a: {zh-Hans: "{{.A}}", zh-Hant: "{{.B}}", en: "{{.A}}"}`, "placeholders differ: zh-Hans has [A], zh-Hant has [B]"},
		{"a template action", `m.a: {zh-Hans: "{{if .A}}", zh-Hant: "{{if .A}}", en: "{{if .A}}"}`, "only placeholders"},
		{"an action in the plural", `m.a: {zh-Hans: "{{.Count}}", zh-Hant: "{{.Count}}", en: {one: "{{len .}}", other: "{{.Count}}"}}`, "only placeholders"},
		{"a plural without its count", "m.a: {zh-Hans: 一, zh-Hant: 一, en: {one: a, other: b}}", "{{.Count}}"},
		{"half a plural", `m.a: {zh-Hans: "{{.Count}}", zh-Hant: "{{.Count}}", en: {other: "{{.Count}}"}}`, "both forms"},
		{"an unknown plural form", `m.a: {zh-Hans: 一, zh-Hant: 一, en: {few: x, one: a, other: b}}`, "few"},
		{"a text that YAML reads as yes or no", "m.a: {zh-Hans: 一, zh-Hant: 一, en: true}", "put quotation marks around it"},
		{"broken YAML", "m.a: {", "m.yaml"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if _, err := load(t, row.yaml); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want %q", err, row.want)
			}
		})
	}
	if _, err := i18n.Load(i18n.Source{Module: "m", FS: fstest.MapFS{}}); err == nil || !strings.Contains(err.Error(), "no message files") {
		t.Errorf("a module without files: %v", err)
	}
}

func TestLoadNamesEveryProblem(t *testing.T) {
	_, err := load(t, "m.a: {zh-Hans: 一}\nm.b: {zh-Hans: 二}\n")
	if err == nil || !strings.Contains(err.Error(), "m.a") || !strings.Contains(err.Error(), "m.b") {
		t.Errorf("got %v", err)
	}
}

func TestFormats(t *testing.T) {
	c := mustLoad(t, words)
	hans, en := c.Localizer(lang.Hans), c.Localizer(lang.En)
	late := time.Date(2026, 11, 22, 16, 5, 0, 0, time.UTC) // five past midnight of the 23rd in Shanghai
	got := []string{
		hans.DateOf(late), en.DateOf(late), hans.Time(late), en.Time(late), hans.DateOf(time.Time{}), en.Time(time.Time{}),
		hans.Number(0), hans.Number(999), hans.Number(1000), en.Number(-1234567),
		hans.Money(123450), en.Money(5), hans.Money(-5), hans.Money(-12345), en.Money(100000000),
		en.Text(lang.Text{Hans: "一", En: "one"}), string(hans.Tag()),
	}
	want := []string{
		"2026年11月23日", "23 November 2026", "2026年11月23日 00:05", "23 November 2026, 00:05", "", "",
		"0", "999", "1,000", "-1,234,567",
		"1,234.50元", "CNY 0.05", "-0.05元", "-123.45元", "CNY 1,000,000.00",
		"one", "zh-Hans",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestArgumentsAreWrittenInTheLanguage(t *testing.T) {
	c := mustLoad(t, `m.said: {zh-Hans: "{{.What}}，{{.Day}}，{{.At}}", zh-Hant: "{{.What}}，{{.Day}}，{{.At}}", en: "{{.What}}, {{.Day}}, {{.At}}"}`)
	args := i18n.Args{"What": lang.Text{Hans: "听证", Hant: "聽證", En: "Hearing"}, "Day": calendar.Day(2026, 3, 9),
		"At": time.Date(2026, 3, 9, 1, 30, 0, 0, time.UTC)}
	for tag, want := range map[lang.Tag]string{
		lang.Hans: "听证，2026年3月9日，2026年3月9日 09:30",
		lang.Hant: "聽證，2026年3月9日，2026年3月9日 09:30",
		lang.En:   "Hearing, 9 March 2026, 9 March 2026, 09:30",
	} {
		if got := c.Localizer(tag).T("m.said", args); got != want {
			t.Errorf("%s: got %q, want %q", tag, got, want)
		}
	}
}

func TestContext(t *testing.T) {
	l := mustLoad(t, words).Localizer(lang.En)
	if got := i18n.FromContext(i18n.NewContext(t.Context(), l)); got != l {
		t.Error("the localizer is lost")
	}
	if got := i18n.FromContext(t.Context()).T("m.plain"); got != "⟦m.plain⟧" {
		t.Errorf("without a localizer: %q", got)
	}
}

// BenchmarkLoad measures the start: 500 messages, as a large module has.
func BenchmarkLoad(b *testing.B) {
	var yaml strings.Builder
	for i := range 500 {
		n := strconv.Itoa(i)
		yaml.WriteString("m.k" + n + ": {zh-Hans: \"办理{{.Name}}" + n + "\", zh-Hant: \"辦理{{.Name}}\", en: \"Handle {{.Name}}\"}\n")
	}
	for b.Loop() {
		mustLoad(b, yaml.String())
	}
}

// BenchmarkPlain measures a message without placeholders; the goal is 50 ns.
func BenchmarkPlain(b *testing.B) {
	l := mustLoad(b, words).Localizer(lang.Hans)
	for b.Loop() {
		l.T("m.plain")
	}
}

func BenchmarkPlaceholder(b *testing.B) {
	l := mustLoad(b, words).Localizer(lang.Hans)
	for b.Loop() {
		l.T("m.hello", i18n.Args{"Name": "王"})
	}
}
