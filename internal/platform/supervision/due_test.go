package supervision_test

import (
	"strings"
	"testing"

	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/supervision"
)

func (w *world) openCase(id int64, number, division, body string, lamp casework.Lamp, statute, ended int) {
	w.t.Helper()
	endedAt := int64(0)
	if ended > 0 {
		endedAt = store.Micros(at(ended))
	}
	w.exec(`INSERT INTO case_ (id, number, kind, subject, title, division, body, procedure, party, channel, status, result, rating, lamp, seq,
		created_at, ended_at, promise_due, statute_due, wake_at, state, terms) VALUES ($1, $2, 'licence', 'item-1', $3, $4, $5, 'p@1', 0, 'online',
		'accepted', '', 0, $6, 1, $7, $8, $9, $10, 0, '{}', '{}')`, id, number, `{"zh-Hans":"食品经营许可","zh-Hant":"食品經營許可","en":"Food licence"}`,
		division, body, int(lamp), store.Micros(at(1)), endedAt, store.Micros(at(statute-1)), store.Micros(at(statute)))
}

func TestDue(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.openCase(1, "green", "340100000000", "hf", casework.Green, 20, 0)
		w.openCase(2, "late", "340100000000", "hf", casework.Amber, 9, 0)
		w.openCase(3, "early", "340104000000", "ss", casework.Amber, 7, 0)
		w.openCase(4, "same-day", "340200000000", "wh", casework.Amber, 9, 0)
		w.openCase(5, "red", "340100000000", "hf", casework.Red, 3, 0)
		w.openCase(6, "over", "340100000000", "hf", casework.Amber, 5, 6)
		for _, c := range []struct {
			what   string
			filter supervision.DueFilter
			want   string
		}{
			{"most urgent first, ended ones left out", supervision.DueFilter{Lamp: casework.Amber}, "early late same-day"},
			{"red", supervision.DueFilter{Lamp: casework.Red}, "red"},
			{"yellow", supervision.DueFilter{Lamp: casework.Yellow}, ""},
			{"a city and what is below", supervision.DueFilter{Lamp: casework.Amber, Division: "340100000000"}, "early late"},
			{"a body", supervision.DueFilter{Lamp: casework.Amber, Body: "wh"}, "same-day"},
			{"green is nobody's business", supervision.DueFilter{Lamp: casework.Green}, ""},
		} {
			list, err := w.Due(t.Context(), c.filter)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range list {
				got = append(got, d.Number)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s: %v; want %s", c.what, got, c.want)
			}
		}
		// Page by page, with two that fall due at the same instant.
		var pages []string
		f := supervision.DueFilter{Lamp: casework.Amber, Limit: 1}
		for {
			list, err := w.Due(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			if len(list) == 0 {
				break
			}
			pages = append(pages, list[0].Number)
			f.After = &list[0]
			if d := list[0]; d.Title.En != "Food licence" || d.Lamp != casework.Amber || !d.PromiseDue.Before(d.StatuteDue) {
				t.Errorf("%+v", d)
			}
		}
		if strings.Join(pages, " ") != "early late same-day" {
			t.Errorf("pages: %v", pages)
		}
	})
}
