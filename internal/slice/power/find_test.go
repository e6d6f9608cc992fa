package power

import (
	"net/url"
	"testing"

	"pgregory.net/rapid"

	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

const (
	anhui    = "340000000000"
	hefei    = "340100000000"
	feixi    = "340123000000" // a county of Hefei without bodies in the demo
	huaiyuan = "340321000000" // 怀远县
)

// first returns the key of the first hit.
func first(f Found) string {
	if len(f.Hits) == 0 {
		return ""
	}
	return f.Hits[0].Item.Key
}

func TestFindByWords(t *testing.T) {
	s := openDemo(t, storetest.New(t, store.SQLite, schemas...))
	for _, row := range []struct {
		words string
		want  string // key of the first hit
		loose bool
	}{
		{"企业设立登记", "company-registration", false},
		{"企業設立登記", "company-registration", false}, // traditional
		{"registration of an enterprise", "company-registration", false},
		{"Food  LICENCE", "food-business-licence", false},
		{"食品经营", "food-business-licence", false},
		{"营业执照 公司", "company-registration", false}, // words of results and laws count too
		{"宅基地", "homestead-approval", false},       // part of the name
		{"宅基地怎么申请", "homestead-approval", true},    // not a word of the name: what resembles it
		{"restaurants licensing 食品", "food-business-licence", true},
	} {
		got := s.Find(Query{Words: row.words})
		if first(got) != row.want || got.Loose != row.loose {
			t.Errorf("%q finds %s (loose %v), want %s", row.words, first(got), got.Loose, row.want)
		}
	}
}

// An item that has ceased is found by its name, so that people learn that it has, but stands behind what can be applied for.
func TestFindCeased(t *testing.T) {
	s := openDemo(t, storetest.New(t, store.SQLite, schemas...))
	if got := s.Find(Query{Words: "企业名称预先核准"}); first(got) != "company-name-preapproval" {
		t.Errorf("by name: %s", first(got))
	}
	got := s.Find(Query{Words: "企业"})
	if n := len(got.Hits); n < 2 || got.Hits[n-1].Item.Key != "company-name-preapproval" {
		t.Errorf("the ceased item is not the last of %d", len(got.Hits))
	}
	for _, h := range s.Find(Query{Limit: maxPage}).Hits {
		if h.Item.Key == "company-name-preapproval" {
			t.Error("a search without words shows it")
		}
	}
}

// A reader in a place without a body of its own is led to the nearest level above; the province is handled by itself alone.
func TestFindByPlace(t *testing.T) {
	s := openDemo(t, storetest.New(t, store.SQLite, schemas...))
	for _, row := range []struct {
		area string
		want string // key of the body of the offer; empty: the reader chooses
	}{
		{feixi, "hefei-market-regulation"},
		{hefei, "hefei-market-regulation"},
		{huaiyuan, "huaiyuan-market-regulation"},
		{anhui, ""}, // five bodies within the province, none of the province itself
		{"", ""},
	} {
		got := s.Find(Query{Words: "企业设立登记", Area: row.area})
		body := ""
		if got.Hits[0].Offer != nil {
			body = got.Hits[0].Offer.Body
		}
		if body != row.want {
			t.Errorf("in %q: %q, want %q", row.area, body, row.want)
		}
	}
	got := s.Find(Query{Area: huaiyuan, Words: "企业设立登记"})
	if got.Hits[0].Places != 1 {
		t.Errorf("bodies for Huaiyuan: %d", got.Hits[0].Places)
	}
	if got := s.Find(Query{Body: "huaiyuan-market-regulation"}); got.Total == 0 || got.Hits[0].Offer == nil || got.Hits[0].Offer.Body != "huaiyuan-market-regulation" {
		t.Errorf("by body: %+v", got)
	}
}

func TestFindByLabel(t *testing.T) {
	s := openDemo(t, storetest.New(t, store.SQLite, schemas...))
	got := s.Find(Query{Event: "start-business"})
	if got.Total < 3 {
		t.Fatalf("starting a business: %d items", got.Total)
	}
	for _, h := range got.Hits {
		if h.Item.Key == "minimum-living-allowance" {
			t.Error("the minimum living allowance is no matter of starting a business")
		}
	}
	// The counts beside the topics say what each would leave, whatever topic is chosen.
	for _, f := range got.Topics {
		if n := s.Find(Query{Topic: f.Key}).Total; n != f.Count {
			t.Errorf("topic %s: counted %d, found %d", f.Key, f.Count, n)
		}
	}
	if got := s.Find(Query{Topic: "food", Audience: "nobody"}); got.Total != 0 || len(got.Topics) == 0 {
		t.Errorf("nothing fits, but topics are offered: %+v", got)
	}
}

// Offers are one for each body, only of bodies within the area, in the order of the codes, and only what can be applied for.
func TestOffers(t *testing.T) {
	s := openDemo(t, storetest.New(t, store.SQLite, schemas...))
	all := s.Offers(Query{Words: "企業設立登記"})
	if len(all) != 5 {
		t.Fatalf("%d bodies register enterprises, want 5 (demo/items/market-regulation.yaml)", len(all))
	}
	if got := s.Offers(Query{Words: "企业设立登记", After: all[1].Code, Limit: 2}); len(got) != 2 || got[0] != all[2] || got[1] != all[3] {
		t.Errorf("the second page: %v", got)
	}
	if got := s.Offers(Query{Words: "企业设立登记", Area: hefei}); len(got) != 1 || got[0].Body != "hefei-market-regulation" {
		t.Errorf("within Hefei: %v", got)
	}
	for _, words := range []string{"企业名称预先核准", "灵活就业人员参加企业职工基本养老保险", "无此事项"} {
		if got := s.Offers(Query{Words: words}); len(got) != 0 {
			t.Errorf("%s: %d offers", words, len(got))
		}
	}
}

// Page after page gives every item once.
func TestFindPages(t *testing.T) {
	s := openDemo(t, storetest.New(t, store.SQLite, schemas...))
	rapid.Check(t, func(t *rapid.T) {
		q := Query{Limit: rapid.IntRange(1, 40).Draw(t, "limit"), Words: rapid.SampledFrom([]string{"", "登记", "licence"}).Draw(t, "words")}
		seen := map[string]bool{}
		for {
			f := s.Find(q)
			for _, h := range f.Hits {
				if seen[h.Item.Key] {
					t.Fatalf("%s twice", h.Item.Key)
				}
				seen[h.Item.Key] = true
			}
			if f.Next == "" {
				if len(seen) != f.Total {
					t.Fatalf("%d shown of %d", len(seen), f.Total)
				}
				return
			}
			q.After = f.Next
		}
	})
}

// FuzzFind searches for anything: it never fails, and the address of the search gives the same search.
func FuzzFind(f *testing.F) {
	s := openDemo(f, storetest.New(f, store.SQLite, schemas...))
	for _, seed := range []string{"q=企业&area=340100", "q=%ff%fe&who=person&type=01", "topic=food&after=none", "q=a b c d e f g h i j"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		values, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		q := queryOf(values, s.deps.Registry.Now())
		found := s.Find(q)
		if len(found.Hits) > pageSize || found.Total < len(found.Hits) {
			t.Errorf("%q: %d of %d", raw, len(found.Hits), found.Total)
		}
		q.After = ""
		if again := queryOf(q.values(), s.deps.Registry.Now()); again != q {
			t.Errorf("%q: %+v becomes %+v", raw, q, again)
		}
	})
}
