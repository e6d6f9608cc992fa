package search

import (
	"slices"
	"strings"
	"testing"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

// Best first: the record that bears the number, then titles, then texts that say it often, then those that mention it; among equals
// the newer one.
func TestBestFirst(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		s := newShelf(t, db)
		filler := strings.Repeat("其他的内容都在这里面写着。", 40)
		day := calendar.Day(2020, 1, 1)
		s.put(
			Doc{ID: 1, Published: day, Title: "城乡居民养老保险实施办法", Text: filler, Number: "皖政办〔2013〕12号"},
			Doc{ID: 2, Published: day.Add(900), Title: "某某会议纪要", Text: filler + "养老保险" + filler},
			Doc{ID: 3, Published: day.Add(800), Title: "某某会议纪要", Text: strings.Repeat("养老保险工作。", 9) + filler},
			Doc{ID: 4, Published: day.Add(700), Title: "关于修改养老保险实施办法等十二件文件的决定", Text: "修改皖政办〔2013〕12号" + filler},
			Doc{ID: 5, Published: day.Add(10), Title: "某某会议纪要", Text: filler + "养老保险" + filler},
			Doc{ID: 6, Published: day, Title: "无关", Text: filler},
		)
		for _, row := range []struct {
			words string
			want  []store.ID
		}{
			{"養老保險", []store.ID{1, 4, 3, 2, 5}},
			{"皖政办[2013]12号", []store.ID{1, 4}},
			{"保险 会议", []store.ID{3, 2, 5}},
			{"会", []store.ID{3, 2, 5}},
		} {
			q := Query{Words: row.words, Order: Best, Size: 2}
			if got, first := s.all(q); !slices.Equal(got, row.want) || first.Count != len(row.want) || first.Bounded {
				t.Errorf("%s: %v (counted %d), want %v", row.words, got, first.Count, row.want)
			}
		}
		page := s.find(Query{Words: "养老保险", Order: Best, Size: 1})
		if h := page.Hits[0]; h.Published != day || h.Title.Text != "城乡居民养老保险实施办法" || h.Title.Text[h.Title.Marks[0].Begin:h.Title.Marks[0].End] != "养老保险" {
			t.Errorf("the first hit is %+v", h)
		}
	})
}

// What finds nothing leads to something that does.
func TestInstead(t *testing.T) {
	s := newShelf(t, storetest.New(t, store.SQLite, schemas...))
	s.put(
		Doc{ID: 1, Published: calendar.Day(2019, 1, 1), Title: "城乡居民养老保险实施办法", Division: "340100000000", Body: "a"},
		Doc{ID: 2, Published: calendar.Day(2020, 1, 1), Title: "养老机构管理办法", Division: "340200000000", Body: "b", Text: "依法登记"},
	)
	for _, row := range []struct {
		name  string
		q     Query
		words string // of what is offered first
		hits  int
		meant bool
		drops string
	}{
		{"a filter too many", Query{Words: "养老保险", Year: 2020}, "养老保险", 1, false, "year"},
		{"filters that exclude each other", Query{Body: "a", Year: 2020}, "", 1, false, "year"},
		{"a wrong character", Query{Words: "养老保验"}, "养老保险", 1, true, ""},
		{"characters that changed places", Query{Words: "养老险保"}, "养老保险", 1, true, ""},
		{"a word too many", Query{Words: "养老保险 火箭"}, "养老保险", 1, false, "火箭"},
		{"a word that is two", Query{Words: "养老登记"}, "养老 登记", 1, false, ""},
		{"a wrong character and a filter", Query{Words: "养老保验", Year: 1999}, "养老保险", 1, true, "year"},
		{"a beginning that stands nowhere", Query{Words: "火养老保险"}, "养老保险", 1, false, ""},
	} {
		page := s.find(row.q)
		if page.Count != 0 || len(page.Instead) == 0 {
			t.Errorf("%s: %d hits, instead %v", row.name, page.Count, page.Instead)
			continue
		}
		i := slices.IndexFunc(page.Instead, func(o Instead) bool { return o.Query.Words == row.words })
		if i < 0 {
			t.Errorf("%s: nothing offered says %q: %+v", row.name, row.words, page.Instead)
			continue
		}
		got := page.Instead[i]
		if got.Count != row.hits || got.Meant != row.meant || row.drops != "" && !slices.Contains(got.Dropped, row.drops) {
			t.Errorf("%s: %+v", row.name, got)
		}
		s.checkInstead(row.q)
	}
	if page := s.find(Query{Words: "，。"}); page.Count != 0 {
		t.Errorf("signs alone find %d records", page.Count)
	}
}

func TestSuggest(t *testing.T) {
	s := newShelf(t, storetest.New(t, store.SQLite, schemas...))
	s.put(
		Doc{ID: 1, Published: 18000, Title: "養老保險實施辦法"},
		Doc{ID: 2, Published: 18001, Title: "关于印发养老保险办法的通知"},
		Doc{ID: 3, Published: 18002, Title: "养老机构"},
		Doc{ID: 4, Published: 18003, Title: "养老机构"},
		Doc{ID: 5, Published: 18004, Title: "会议", Text: "养老"},
	)
	for _, row := range []struct {
		typed string
		n     int
		want  []string
	}{
		{"养老", 5, []string{"养老机构", "養老保險實施辦法", "关于印发养老保险办法的通知"}},
		{"养老", 1, []string{"养老机构"}},
		{"老", 5, []string{"养老机构", "養老保險實施辦法", "关于印发养老保险办法的通知"}},
		{"保险 通知", 5, []string{"关于印发养老保险办法的通知"}},
		{"火箭", 5, nil},
		{"", 5, nil},
	} {
		got, err := s.Suggest(t.Context(), row.typed, row.n)
		if err != nil || !slices.Equal(got, row.want) {
			t.Errorf("%q: %v, want %v (%v)", row.typed, got, row.want, err)
		}
	}
}

// A search that its budget ends says that it may not have counted all.
func TestBudgetsAreTold(t *testing.T) {
	s := newShelf(t, storetest.New(t, store.SQLite, schemas...))
	const segments, each = 4, 3
	for i := range segments {
		var docs []Doc
		for j := range each {
			docs = append(docs, Doc{ID: store.ID(i*each + j + 1), Published: calendar.Date(16000 + i), Title: "供水", Text: "供水水价", Language: "zh-Hans"})
		}
		s.put(docs...)
	}
	for _, size := range []int{1, 5, 100} {
		cut := false
		for limit := 1; limit < 3000; limit += 20 {
			p := Query{Words: "水价"}.plan()
			p.Size, p.want, p.limit = size, 100, limit
			page := &Page{}
			snap, err := s.open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := snap.newest(t.Context(), &p, page); err != nil {
				t.Fatal(err)
			}
			if page.Count > segments*each || page.Count < segments*each && !page.More {
				t.Errorf("size %d, limit %d: %d hits, more %t", size, limit, page.Count, page.More)
			}
			cut = cut || page.More
		}
		if !cut {
			t.Errorf("size %d: no limit ended the search", size)
		}
	}
}
