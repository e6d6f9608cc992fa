package power

import (
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/document"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
)

// TestBookSaysDays: a step whose term is a rule of the law says in the book how long that is, in each language, and which rule it is. The days
// are those of 行政许可法 32 (5), 44 (10) and 47 (20).
func TestBookSaysDays(t *testing.T) {
	s := openDemo(t, storetest.New(t, store.SQLite, schemas...))
	words, err := i18n.Load(web.Messages(), Messages())
	if err != nil {
		t.Fatal(err)
	}
	im := s.Implementations("water-abstraction-permit")[0]
	for tag, want := range map[lang.Tag][]string{
		lang.Hans: {"5 个工作日（一次性告知申请人需要补正的全部内容）", "20 个工作日（组织听证）", "10 个工作日（颁发、送达行政许可证件）"},
		lang.Hant: {"5 個工作日（一次性告知申請人需要補正的全部內容）", "20 個工作日（組織聽證）", "10 個工作日（頒發、送達行政許可證件）"},
		lang.En: {
			"5 working days (Tell the applicant once of everything that has to be supplied)", "20 working days (Hold the hearing)",
			"10 working days (Issue and deliver the licence, from the decision)",
		},
	} {
		text := cells(s.bookEntry(t.Context(), words.Localizer(tag), im, calendar.Of(noon)))
		for _, w := range want {
			if !strings.Contains(text, "|"+w+"|") {
				t.Errorf("%s: the book does not say %q but\n%s", tag, w, text)
			}
		}
		if strings.Contains(text, "licence.") {
			t.Errorf("%s: the book names a rule by its key:\n%s", tag, text)
		}
	}
}

// TestBookSaysWhatHolds: a rule that was not in force yet is named alone; a step on the item's own clock has the item's own days.
func TestBookSaysWhatHolds(t *testing.T) {
	s := openDemo(t, storetest.New(t, store.SQLite, schemas...))
	words, err := i18n.Load(web.Messages(), Messages())
	if err != nil {
		t.Fatal(err)
	}
	l := words.Localizer(lang.En)
	before, err := calendar.Parse("2004-06-30") // 行政许可法 is in force from 2004-07-01 on
	if err != nil {
		t.Fatal(err)
	}
	if got := s.ruleTerm(l, "licence.hearing.hold", lang.Text{}, before); got != "Hold the hearing" {
		t.Errorf("the day before the law: %q", got)
	}
	if got := s.ruleTerm(l, "licence.pause.hearing", lang.Text{}, calendar.Of(noon)); got != "Hearing" {
		t.Errorf("a ground, which is no term: %q", got)
	}
	own := lengthText(7, "working-day")
	if got := s.ruleTerm(l, ownRule, own, calendar.Of(noon)); !strings.HasPrefix(got, "7 working days (") {
		t.Errorf("the item's own term: %q", got)
	}
}

// cells writes the tables of some blocks, a row to a line.
func cells(blocks []document.Block) string {
	var b strings.Builder
	for _, x := range blocks {
		if x.Grid == nil {
			continue
		}
		for _, row := range x.Grid.Rows {
			for _, c := range row {
				b.WriteString("|" + c.Text)
			}
			b.WriteString("|\n")
		}
	}
	return b.String()
}
