package ui_test

import (
	"bytes"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/platform/web/ui"
)

func localizer(t testing.TB, tag lang.Tag) *i18n.Localizer {
	t.Helper()
	c, err := i18n.Load(i18n.Source{Module: "web", FS: os.DirFS("..")})
	if err != nil {
		t.Fatal(err)
	}
	return c.Localizer(tag)
}

func render(t testing.TB, tag lang.Tag, c templ.Component) string {
	t.Helper()
	var out bytes.Buffer
	if err := c.Render(i18n.NewContext(t.Context(), localizer(t, tag)), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// The name of a row that belongs to the one above is set in by its style, so that it is on every line and is not read out.
func TestRowsBeneath(t *testing.T) {
	out := render(t, lang.En, ui.Table(ui.TableProps{Caption: "Results", Columns: []ui.Column{{Text: "Result"}, {Text: "Number", Numeric: true}},
		Rows: [][]ui.Cell{{{Text: "Not provided"}, {Text: "3"}}, {{Text: "No such information held", Beneath: true}, {Text: "2"}}}}))
	if strings.Count(out, "oh-beneath") != 1 || !strings.Contains(out, `<th scope="row" class="govuk-table__header oh-beneath">No such information held</th>`) {
		t.Error(out)
	}
}

// A table that is stacked on a phone names the column of each cell for the style sheet; the heading of a row needs no name. Others don't.
func TestStackedCellsNameTheirColumn(t *testing.T) {
	p := ui.TableProps{Caption: "Requests", Columns: []ui.Column{{Text: "Number"}, {Text: `What "it" is`}, {Text: "Days", Numeric: true}},
		Rows: [][]ui.Cell{{{Text: "1"}, {Text: "gravel"}, {Text: "3"}}}}
	if out := render(t, lang.En, ui.Table(p)); strings.Contains(out, "data-column") || strings.Contains(out, "oh-stack") {
		t.Error(out)
	}
	p.Stack = true
	out := render(t, lang.En, ui.Table(p))
	for _, want := range []string{`class="oh-scroll oh-stack"`, `data-column="What &#34;it&#34; is"><div>gravel</div>`, `data-column="Days"><div>3</div>`} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s in %s", want, out)
		}
	}
	if strings.Count(out, "data-column") != 2 {
		t.Error(out)
	}
}

// What people wrote in another language than the page's is marked as such, in tables, with and without a link, and in lists of values.
func TestLanguageOfPartsIsMarked(t *testing.T) {
	table := render(t, lang.En, ui.Table(ui.TableProps{Caption: "Requests", Columns: []ui.Column{{Text: "Subject"}, {Text: "Reason"}, {Text: "Body"}},
		Rows: [][]ui.Cell{{{Text: "河道采砂", Href: "/a", Lang: "zh-Hans"}, {Text: "更正", Lang: "zh-Hans"}, {Text: "Hefei"}}}}))
	list := render(t, lang.En, ui.SummaryList([]ui.Row{{Key: "Subject", Value: "河道采砂", Lang: "zh-Hans"}, {Key: "Body", Value: "Hefei"}}))
	for _, want := range []string{`<a class="govuk-link" href="/a" lang="zh-Hans">河道采砂</a>`, `<span lang="zh-Hans">更正</span>`} {
		if !strings.Contains(table, want) {
			t.Errorf("no %s in %s", want, table)
		}
	}
	if want := `<span lang="zh-Hans">河道采砂</span>`; !strings.Contains(list, want) || strings.Count(list, "lang=") != 1 || strings.Count(table, "lang=") != 2 {
		t.Errorf("%s\n%s", list, table)
	}
}

func TestDueBadgeSaysItInWords(t *testing.T) {
	for _, row := range []struct {
		props  ui.DueProps
		tag    lang.Tag
		colour string
		want   string
	}{
		{ui.DueProps{State: ui.DueRunning, Left: 7}, lang.Hans, "green", "剩余 7 个工作日"},
		{ui.DueProps{State: ui.DueRunning, Left: 1, Unit: "working-day"}, lang.En, "green", "1 working day left"},
		{ui.DueProps{State: ui.DueSoon, Left: 1, Unit: "calendar-day"}, lang.Hant, "yellow", "剩餘 1 天"},
		{ui.DueProps{State: ui.DueSoon}, lang.En, "yellow", "Due today"},
		{ui.DueProps{State: ui.DueLate, Left: -2}, lang.Hans, "orange", "超过承诺时限 2 个工作日"},
		{ui.DueProps{State: ui.DueOverdue, Left: -1, Unit: "hour"}, lang.En, "red", "1 hour past the legal limit"},
		{ui.DueProps{State: ui.DueOverdue}, lang.Hans, "red", "已过法定时限"},
		{ui.DueProps{State: ui.DueLate, Unit: "calendar-day"}, lang.En, "orange", "Past the promise"},
		{ui.DueProps{State: ui.DuePaused, Left: 3}, lang.Hant, "grey", "暫停計時"},
		{ui.DueProps{State: ui.DueMet}, lang.Hans, "green", "未超过时限"},
		{ui.DueProps{State: ui.DueMissed}, lang.Hans, "red", "逾期办结"},
	} {
		got := render(t, row.tag, ui.DueBadge(row.props))
		if want := `<strong class="govuk-tag govuk-tag--` + row.colour + `">` + row.want + `</strong>`; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestErrorSummaryLeadsToTheField(t *testing.T) {
	summary := render(t, lang.Hans, ui.ErrorSummary([]ui.FieldError{{Field: "address.street", Text: "请填写"}, {Text: "整体"}}))
	field := render(t, lang.Hans, ui.Input(ui.Field{Name: "address.street", Label: "街道", Hint: "提示", Error: "请填写"}, ui.InputProps{}))
	for _, want := range []string{`href="#address-street"`, `tabindex="-1"`, `role="alert"`, "<li>整体</li>"} {
		if !strings.Contains(summary, want) {
			t.Errorf("the summary lacks %s: %s", want, summary)
		}
	}
	for _, want := range []string{`id="address-street"`, `name="address.street"`, `aria-describedby="address-street-hint address-street-error"`,
		`aria-invalid="true"`, `<p id="address-street-error" class="govuk-error-message">`, `<label class="govuk-label" for="address-street">`} {
		if !strings.Contains(field, want) {
			t.Errorf("the field lacks %s: %s", want, field)
		}
	}
	if got := render(t, lang.Hans, ui.ErrorSummary(nil)); got != "" {
		t.Errorf("a summary of nothing: %s", got)
	}
}

func TestTypedTextIsEscaped(t *testing.T) {
	const evil = `"><script>alert(1)</script>`
	f := ui.Field{Name: evil, Label: evil, Hint: evil, Error: evil, Value: evil}
	for name, c := range map[string]templ.Component{
		"input": ui.Input(f, ui.InputProps{Suffix: evil}), "textarea": ui.Textarea(f, ui.TextareaProps{}),
		"radios": ui.Radios(f, []ui.Option{{Value: evil, Text: evil, Hint: evil}}, false), "select": ui.Select(f, []ui.Option{{Value: evil, Text: evil}}),
		"table":  ui.Table(ui.TableProps{Caption: evil, Columns: []ui.Column{{Text: evil}}, Rows: [][]ui.Cell{{{Text: evil}}}}),
		"search": ui.SearchBox(ui.SearchProps{Value: evil}), "qr": ui.QR(evil, evil),
	} {
		if got := render(t, lang.Hans, c); strings.Contains(got, "<script>") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestQRIsEmptyWhenTooLong(t *testing.T) {
	if got := render(t, lang.Hans, ui.QR(strings.Repeat("x", 5000), "l")); got != "" {
		t.Errorf("%.100s", got)
	}
}

// BenchmarkTable renders a table of 200 rows of six cells.
func BenchmarkTable(b *testing.B) {
	rows := make([][]ui.Cell, 200)
	for i := range rows {
		n := strconv.Itoa(i)
		rows[i] = []ui.Cell{{Text: "340100-2026-" + n, Href: "/case/" + n}, {Text: "食品经营许可"}, {Text: "王*明"}, {Text: "2026年11月23日"},
			{Content: ui.DueBadge(ui.DueProps{State: ui.DueRunning, Left: i})}, {Text: n}}
	}
	table := ui.Table(ui.TableProps{Caption: "办件", Columns: make([]ui.Column, 6), Rows: rows})
	ctx := i18n.NewContext(b.Context(), localizer(b, lang.Hans))
	for b.Loop() {
		if err := table.Render(ctx, io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}

// TestDaysStayOnOneLine: a day in a cell is not broken over lines; everything around it stays as it was.
func TestDaysStayOnOneLine(t *testing.T) {
	for text, want := range map[string]string{
		"2026年11月29日":                      `<span class="oh-day">2026年11月29日</span>`,
		"2026年3月1日 04:42":                  `<span class="oh-day">2026年3月1日 04:42</span>`,
		"29 November 2026, 04:42":          `<span class="oh-day">29 November 2026, 04:42</span>`,
		"1 May 2026 to 2 June 2026 <x>":    `<span class="oh-day">1 May 2026</span> to <span class="oh-day">2 June 2026</span> &lt;x&gt;`,
		"承诺 2026年11月24日 前办结":               `承诺 <span class="oh-day">2026年11月24日</span> 前办结`,
		"LP340100000000202611290001":       "LP340100000000202611290001",
		"国办发〔2013〕100号 of 3 items in 2026": "国办发〔2013〕100号 of 3 items in 2026",
		"": "",
	} {
		out := render(t, lang.En, ui.Table(ui.TableProps{Caption: "c", Columns: []ui.Column{{Text: "a"}, {Text: "b"}}, Rows: [][]ui.Cell{{{Text: "x"}, {Text: text}}}}))
		if cell := `<td class="govuk-table__cell">` + want + `</td>`; !strings.Contains(out, cell) {
			t.Errorf("%q is not in %s", cell, out)
		}
		linked := render(t, lang.En, ui.Table(ui.TableProps{Caption: "c", Columns: []ui.Column{{Text: "a"}}, Rows: [][]ui.Cell{{{Text: text, Href: "/x"}}}}))
		if cell := `<a class="govuk-link" href="/x">` + want + `</a>`; !strings.Contains(linked, cell) {
			t.Errorf("%q is not in %s", cell, linked)
		}
	}
}
