package law_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/law"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/rules"
)

// kept keeps the kinds of acts.
type kept struct{ acts []journal.Act }

func (k *kept) Record(_ context.Context, _ *store.Tx, a journal.Act) error {
	k.acts = append(k.acts, a)
	return nil
}

func now() time.Time { return time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC) }

func open(t *testing.T, db *store.DB, j journal.Recorder) *law.Law {
	t.Helper()
	l, err := law.Open(t.Context(), law.Options{DB: db, Files: rules.Files, Jurisdiction: "cn-ah", Journal: j, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func each(t *testing.T, test func(t *testing.T, db *store.DB)) {
	t.Helper()
	storetest.Each(t, []store.Migrations{law.Schema()}, test)
}

// notice2027 is invented: the notice of 2027 had not been published when this was written.
const notice2027 = `year: 2027
source: https://example.org/invented
holidays:
  - name: {zh-Hans: 元旦, zh-Hant: 元旦, en: New Year's Day}
    days: [2027-01-01..2027-01-03]
  - name: {zh-Hans: 春节, zh-Hant: 春節, en: Spring Festival}
    days: [2027-02-05..2027-02-12]
    working: [2027-01-31, 2027-02-14]
  - name: {zh-Hans: 清明节, zh-Hant: 清明節, en: Tomb-Sweeping Day}
    days: [2027-04-03..2027-04-05]
  - name: {zh-Hans: 劳动节, zh-Hant: 勞動節, en: Labour Day}
    days: [2027-05-01..2027-05-05]
    working: [2027-05-08]
  - name: {zh-Hans: 端午节, zh-Hant: 端午節, en: Dragon Boat Festival}
    days: [2027-06-09]
  - name: {zh-Hans: 中秋节, zh-Hant: 中秋節, en: Mid-Autumn Festival}
    days: [2027-09-15]
  - name: {zh-Hans: 国庆节, zh-Hant: 國慶節, en: National Day}
    days: [2027-10-01..2027-10-07]
`

func TestANoticeIsTakenUpByEveryNode(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		j := &kept{}
		one, other := open(t, db, j), open(t, db, journal.Nowhere{})
		p, err := one.PreviewNotice([]byte(notice2027))
		if err != nil {
			t.Fatal(err)
		}
		// 31 January 2027 is a Sunday; 9 February a Tuesday, after the four days that the regulation itself gives (全国年节及纪念日放假办法).
		for _, d := range []calendar.Date{calendar.Day(2027, 1, 31), calendar.Day(2027, 2, 9)} {
			if !slices.Contains(p.Days, d) {
				t.Errorf("%s is not among the days that change: %v", d, p.Days)
			}
		}
		if !one.Calendar().Working(calendar.Day(2027, 2, 9)) || len(j.acts) != 0 {
			t.Error("the preview has changed something")
		}
		if err := one.ImportNotice(t.Context(), journal.Actor{Account: 7, Kind: "staff"}, p); err != nil {
			t.Fatal(err)
		}
		if one.Calendar().Working(calendar.Day(2027, 2, 9)) || len(j.acts) != 1 || j.acts[0].Kind != journal.CalendarImported {
			t.Errorf("not in force, or not taken down: %+v", j.acts)
		}
		if err := one.ImportNotice(t.Context(), journal.Actor{}, p); !errors.Is(err, law.ErrMoved) {
			t.Errorf("confirmed a second time: %v, want %v", err, law.ErrMoved)
		}
		if changed, err := other.Refresh(t.Context()); !changed || err != nil || other.Calendar().Working(calendar.Day(2027, 2, 9)) {
			t.Errorf("the other node: %t, %v", changed, err)
		}
		if _, err := one.PreviewNotice([]byte(strings.Replace(notice2027, "2027-02-14", "2027-02-15", 1))); err == nil {
			t.Error("a weekday worked in exchange is taken")
		}
		docs, err := one.Documents(t.Context())
		if err != nil || len(docs) != 1 || docs[0].Name != "calendar/2027.yaml" || docs[0].By != 7 {
			t.Errorf("%+v, %v", docs, err)
		}
	})
}

// Three batches, of which the second is interrupted once: nothing is left out, nothing counted twice, and the end is taken down once.
func TestACalendarIsAppliedInBatches(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		j := &kept{}
		l := open(t, db, j)
		p, err := l.PreviewNotice([]byte(notice2027))
		if err == nil {
			err = l.ImportNotice(t.Context(), journal.Actor{}, p)
		}
		if err != nil {
			t.Fatal(err)
		}
		var from []store.ID
		broken := false
		recompute := func(_ context.Context, after store.ID) (int, store.ID, error) {
			from = append(from, after)
			switch after {
			case 0:
				return 3, 100, nil
			case 100:
				if !broken {
					broken = true
					return 0, 0, errors.New("the power failed")
				}
				return 2, 200, nil
			}
			return 1, 0, nil
		}
		failed := 0
		for range 10 {
			if more, err := l.Apply(t.Context(), recompute); err != nil {
				failed++
			} else if !more {
				break
			}
		}
		if !slices.Equal(from, []store.ID{0, 100, 100, 200}) || failed != 1 {
			t.Errorf("walked from %v, failed %d times", from, failed)
		}
		progress, err := l.Progress(t.Context())
		if err != nil || progress.Pending || progress.Moved != 6 {
			t.Errorf("%+v, %v", progress, err)
		}
		if last := j.acts[len(j.acts)-1]; len(j.acts) != 2 || last.Kind != journal.CalendarApplied || last.Data["cases"] != int64(6) {
			t.Errorf("taken down: %+v", j.acts)
		}
	})
}

const priceFile = "cn-ah/reply.yaml"

// The rule is invented: the state allows 20 working days (政府信息公开条例 art. 33), the province promises fewer from a day on.
func reply(amount string) []byte {
	return []byte(`parameters:
  - id: request.reply
    overrides: true
    values:
      - from: 2027-01-01
        amount: ` + amount + `
        source: {law: disclosure-2019, article: "33"}
        confidence: unverified
`)
}

func TestRulesArePublishedWithADay(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		j := &kept{}
		one, other := open(t, db, j), open(t, db, journal.Nowhere{})
		rules := one.Rules()
		before, err := rules.At("request.reply", calendar.Day(2027, 3, 1))
		if err != nil {
			t.Fatal(err)
		}
		p, err := one.PreviewRules(priceFile, reply("15"))
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Changes) != 1 || p.Changes[0].Parameter.ID != "request.reply" || p.Changes[0].From != calendar.Day(2027, 1, 1) || p.Changes[0].After.Amount != 15 {
			t.Fatalf("%+v", p.Changes)
		}
		if err := one.PublishRules(t.Context(), journal.Actor{}, p); err != nil {
			t.Fatal(err)
		}
		if _, err := other.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, r := range []interface{ Digest() string }{rules, other.Rules()} {
			if r.Digest() != p.Rules.Digest() {
				t.Error("a node counts by other rules than were published")
			}
		}
		for day, want := range map[calendar.Date]int64{calendar.Day(2026, 12, 31): before.Amount, calendar.Day(2027, 1, 1): 15} {
			if v, err := rules.At("request.reply", day); err != nil || v.Amount != want {
				t.Errorf("%s: %d, %v; want %d", day, v.Amount, err, want)
			}
		}
		if j.acts[0].Kind != journal.RulesPublished || j.acts[0].Data["set"] != p.Rules.Digest() {
			t.Errorf("%+v", j.acts)
		}
	})
}

func TestRulesAreRefusedWithTheirLine(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		l := open(t, db, journal.Nowhere{})
		_, err := l.PreviewRules(priceFile, reply("25"))
		var problems *law.Problems
		if !errors.As(err, &problems) || len(problems.List) != 1 || problems.List[0].Line != 6 || !strings.Contains(problems.List[0].Message, "loosening") {
			t.Errorf("%v: %+v", err, problems)
		}
		if _, err := l.PreviewRules(priceFile, []byte("parameters:\n  - id: [\n")); !errors.As(err, &problems) {
			t.Errorf("no YAML: %v", err)
		}
		for _, name := range []string{"cn-gd/reply.yaml", "reply.yaml", "../cn/reply.yaml", "cn-ah/reply.txt", "calendar/2027.yaml"} {
			if _, err := l.PreviewRules(name, reply("15")); !errors.Is(err, law.ErrName) {
				t.Errorf("%s: %v, want %v", name, err, law.ErrName)
			}
		}
	})
}
