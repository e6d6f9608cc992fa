package board_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"openhall.org/openhall/internal/platform/publication"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/slice/board"
)

// owed stands in for package publication: what two bodies of the city and one of the county owe. It remembers what it was asked for.
type owed struct{ asked []string }

// DutyCounts implements board.Duties.
func (o *owed) DutyCounts(_ context.Context, division string, below bool, body string) (list []publication.DutyCount, err error) {
	o.asked = append(o.asked, strings.TrimRight(division, "0")+" "+body+map[bool]string{true: " below"}[below])
	for _, c := range []publication.DutyCount{
		{Division: hefei, Body: "city-water", Kind: "standard", Owed: 5, Late: 1, Met: 7, MetLate: 2},
		{Division: hefei, Body: "city-water", Kind: "interpretation", Owed: 2, Late: 1, Met: 1},
		{Division: hefei, Body: "city-health", Kind: "standard", Owed: 1, Met: 3},
		{Division: feixi, Body: "county-water", Kind: "report", Owed: 4, Late: 4, Met: 2},
	} {
		if strings.HasPrefix(c.Division, strings.TrimRight(division, "0")) && (body == "" || body == c.Body) {
			list = append(list, c)
		}
	}
	return list, nil
}

// The board of a supervisor says what bodies owe to the public: how much is open, late and met below the place, the worst bodies first, and
// every number leads to its list. It is no matter of windows and items.
func TestDutiesOnTheBoard(t *testing.T) {
	w := newWorld(t, storetest.New(t, store.SQLite, schemas...))
	duties := &owed{}
	w.Duties = duties
	section := func(path string) string {
		t.Helper()
		_, after, found := strings.Cut(w.get(city, path, http.StatusOK), `<section id="owing">`)
		if !found {
			return ""
		}
		in, _, _ := strings.Cut(after, "</section>")
		return in
	}
	says := func(path string, words ...string) {
		t.Helper()
		in := section(path)
		for _, word := range words {
			if not, unwanted := strings.CutPrefix(word, "!"); unwanted == strings.Contains(in, strings.TrimPrefix(word, "!")) {
				t.Errorf("%s: %q (wanted: %t) in\n%s", path, not, !unwanted, in)
			}
		}
	}
	// 5 + 2 + 1 + 4 open, 1 + 1 + 4 late, 7 + 1 + 3 + 2 met.
	says("/board/"+hefei, "公开义务", ">12<", ">6<", ">13<", `href="/open/duties?area=340100000000&amp;late=yes"`, `href="/open/duties?body=county-water&amp;late=yes"`, "!city-health")
	if in := section("/board/" + hefei); strings.Index(in, "body=county-water") > strings.Index(in, "body=city-water") {
		t.Errorf("the body with four late duties does not stand first:\n%s", in)
	}
	says("/board/"+hefei+"?body=city-water", ">7<", ">2<", ">8<", "!county-water")
	says("/board/"+feixi, ">4<", ">2<", "county-water", "!city-water")
	for lang, words := range map[string]string{"zh-Hant": "有逾期公開義務的機關", "en": "Bodies with late duties"} {
		says("/board/"+hefei+"?lang="+lang, words)
	}
	if in := section("/board/" + hefei + "?item=city-water"); in != "" {
		t.Errorf("for one item the board says\n%s", in)
	}
	if asked := strings.Join(duties.asked, ","); !strings.HasPrefix(asked, "3401  below") {
		t.Errorf("asked for %s", asked)
	}
}

var _ board.Duties = (*owed)(nil)
