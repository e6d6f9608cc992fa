package feed_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/slice/disclosure/feed"
	"openhall.org/openhall/internal/slice/disclosure/importing"
)

const hostile = "<b>&\"'\x01]]>\u2028 =1+1"

var at = time.Date(2026, 11, 28, 1, 2, 3, 0, time.UTC)

func channel() feed.Channel {
	return feed.Channel{
		Title: "政府信息公开 " + hostile, Subtitle: "最新公开", Home: "https://hall.example/open", Self: "https://hall.example/open/feed.atom?a=1&b=2", Next: "https://hall.example/open/feed.atom?p=2",
		Publisher: "安徽省人民政府", PublisherURL: "https://hall.example/d/340000", Language: "zh-Hans", Updated: at,
	}
}

func entry(i int) feed.Entry {
	return feed.Entry{
		URL: fmt.Sprintf("https://hall.example/open/r/%d", i), Index: fmt.Sprintf("11341702486344515H/202110-%05d", i), Title: fmt.Sprintf("关于第 %d 号取水许可的通知 %s", i, hostile),
		Summary: "摘要", Body: "东至县水利局", BodyURL: "https://hall.example/open/b/water", BodyKey: "water", Division: "东至县", Category: "规范性文件", CategoryKey: "policy",
		DocumentNumber: "=东水〔2021〕1号", Language: "zh-Hans", Keywords: []string{"取水", "节水"}, Made: calendar.Day(2021, 10, 8), Published: calendar.Day(2021, 10, 11),
		Effective: calendar.Day(2021, 11, 1), Updated: at, Text: "第一条 " + hostile,
		Files: []feed.File{{URL: "https://hall.example/f/1", Name: "附件.pdf", Type: "application/pdf", Size: 10, Digest: strings.Repeat("ab", 32)}},
		Links: []feed.Link{{Kind: "interprets", Index: "11341702486344515H/202109-00001"}},
	}
}

func entries(n int) feed.Entries {
	return func(yield func(feed.Entry, error) bool) {
		for i := range n {
			if !yield(entry(i+1), nil) {
				return
			}
		}
	}
}

// atom is what RFC 4287 asks for, so that a missing element is seen.
type atom struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	ID      []string `xml:"id"`
	Title   []string `xml:"title"`
	Updated []string `xml:"updated"`
	Author  []struct {
		Name []string `xml:"name"`
	} `xml:"author"`
	Link []struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	} `xml:"link"`
	Entry []struct {
		ID      []string `xml:"id"`
		Title   []string `xml:"title"`
		Updated []string `xml:"updated"`
		Summary []string `xml:"summary"`
		Link    []struct {
			Rel  string `xml:"rel,attr"`
			Href string `xml:"href,attr"`
		} `xml:"link"`
		Category []struct {
			Term string `xml:"term,attr"`
		} `xml:"category"`
	} `xml:"entry"`
}

// RFC 4287, 4.1.1 and 4.1.2: exactly one id, title and updated each; an author; a link self; each entry without content a link alternate.
func TestAtom(t *testing.T) {
	var b bytes.Buffer
	if err := feed.Atom(&b, channel(), entries(3)); err != nil {
		t.Fatal(err)
	}
	var f atom
	if err := xml.Unmarshal(b.Bytes(), &f); err != nil {
		t.Fatal(err)
	}
	if len(f.ID) != 1 || len(f.Title) != 1 || len(f.Updated) != 1 || len(f.Author) != 1 || len(f.Author[0].Name) != 1 || len(f.Entry) != 3 {
		t.Fatalf("feed: %+v", f)
	}
	if f.Link[0].Rel != "self" || f.Link[0].Href != channel().Self || f.Title[0] != strings.ReplaceAll(channel().Title, "\x01", "\uFFFD") {
		t.Errorf("feed: %+v", f)
	}
	for _, e := range f.Entry {
		if _, err := time.Parse(time.RFC3339, e.Updated[0]); err != nil || len(e.ID) != 1 || len(e.Title) != 1 || len(e.Summary) != 1 || e.Link[0].Rel != "alternate" || len(e.Category) != 3 {
			t.Errorf("entry: %+v, %v", e, err)
		}
	}
}

// RFC 5005, 3: the parts of a feed have one id, and each names itself and the first.
func TestLaterPartOfAtom(t *testing.T) {
	c := channel()
	c.Part = "https://hall.example/open/feed.atom?p=1"
	var b bytes.Buffer
	if err := feed.Atom(&b, c, entries(1)); err != nil {
		t.Fatal(err)
	}
	var f atom
	if err := xml.Unmarshal(b.Bytes(), &f); err != nil {
		t.Fatal(err)
	}
	links := map[string]string{}
	for _, l := range f.Link {
		links[l.Rel] = l.Href
	}
	if f.ID[0] != c.Self || links["self"] != c.Part || links["first"] != c.Self || links["next"] != c.Next {
		t.Errorf("id %s, links %v", f.ID, links)
	}
}

// schema compiles a JSON Schema of a specification.
func schema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func valid(t *testing.T, s *jsonschema.Schema, data []byte) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("no JSON: %v in %s", err, data)
	}
	if err := s.Validate(v); err != nil {
		t.Error(err)
	}
	return v
}

func TestJSONFeed(t *testing.T) {
	s := schema(t, "jsonfeed.schema.json")
	for _, n := range []int{0, 1, 3} {
		var b bytes.Buffer
		if err := feed.JSONFeed(&b, channel(), entries(n)); err != nil {
			t.Fatal(err)
		}
		v, _ := valid(t, s, b.Bytes()).(map[string]any)
		if items, _ := v["items"].([]any); len(items) != n {
			t.Errorf("%d items, want %d", len(items), n)
		}
	}
}

func TestDCAT(t *testing.T) {
	s := schema(t, "dcat.schema.json")
	for _, n := range []int{0, 2} {
		var b bytes.Buffer
		c := channel()
		c.Home += "?year=2016"
		if err := feed.DCAT(&b, c, entries(n)); err != nil {
			t.Fatal(err)
		}
		v, _ := valid(t, s, b.Bytes()).(map[string]any)
		sets, _ := v["dataset"].([]any)
		if len(sets) != n {
			t.Errorf("%d datasets, want %d", len(sets), n)
		}
		for _, set := range sets {
			if x, _ := set.(map[string]any); x["theme"] != "https://hall.example/open#policy" {
				t.Errorf("the theme %v depends on the list", x["theme"])
			}
		}
		// Each member must have a meaning in the context: JSON-LD drops those that have none.
		context, _ := v["@context"].(map[string]any)
		unknown(t, context, v)
	}
}

func unknown(t *testing.T, context map[string]any, v any) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if k == "@context" {
				continue
			}
			if _, ok := context[k]; !ok && !strings.HasPrefix(k, "@") {
				t.Errorf("the member %s has no meaning", k)
			}
			unknown(t, context, x)
		}
	case []any:
		for _, x := range v {
			unknown(t, context, x)
		}
	}
}

func TestSitemap(t *testing.T) {
	pages := func(n int) func(func(feed.Page, error) bool) {
		return func(yield func(feed.Page, error) bool) {
			for i := range n {
				if !yield(feed.Page{URL: fmt.Sprintf("https://hall.example/open/r/%d?a&b", i), Modified: at}, nil) {
					return
				}
			}
		}
	}
	var b bytes.Buffer
	if err := feed.Sitemap(&b, pages(feed.MaxURLs)); err != nil {
		t.Fatal(err)
	}
	var set struct {
		XMLName xml.Name `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		URL     []struct {
			Loc     string `xml:"loc"`
			Lastmod string `xml:"lastmod"`
		} `xml:"url"`
	}
	if err := xml.Unmarshal(b.Bytes(), &set); err != nil || len(set.URL) != feed.MaxURLs || set.URL[1].Loc != "https://hall.example/open/r/1?a&b" || set.URL[1].Lastmod != "2026-11-28T09:02:03+08:00" {
		t.Errorf("%d addresses, %v, %+v", len(set.URL), err, set.URL[1])
	}
	if b.Len() > 50<<20 {
		t.Errorf("%d bytes: a sitemap may have 50 MiB", b.Len())
	}
	if err := feed.Sitemap(io.Discard, pages(feed.MaxURLs+1)); err == nil {
		t.Error("a sitemap took more than it may hold")
	}
	b.Reset()
	if err := feed.SitemapIndex(&b, []feed.Page{{URL: "https://hall.example/open/sitemap/0.xml"}}); err != nil {
		t.Fatal(err)
	}
	var index struct {
		XMLName xml.Name `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 sitemapindex"`
		Sitemap []struct {
			Loc string `xml:"loc"`
		} `xml:"sitemap"`
	}
	if err := xml.Unmarshal(b.Bytes(), &index); err != nil || len(index.Sitemap) != 1 {
		t.Errorf("%v, %+v", err, index)
	}
}

// What is downloaded can be imported again: the columns and the values are those of openhall import records.
func TestDownloadsComeBackIn(t *testing.T) {
	var table, lines bytes.Buffer
	if err := feed.CSV(&table, entries(3)); err != nil {
		t.Fatal(err)
	}
	if err := feed.JSONLines(&lines, entries(3)); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(lines.String(), "\n"); n != 3 {
		t.Errorf("%d lines, want 3", n)
	}
	for _, l := range strings.Split(strings.TrimSpace(lines.String()), "\n") {
		if !json.Valid([]byte(l)) {
			t.Errorf("no JSON: %s", l)
		}
	}
	all, err := csv.NewReader(bytes.NewReader(table.Bytes())).ReadAll()
	if err != nil || len(all) != 4 {
		t.Fatalf("%d rows, %v", len(all), err)
	}
	for name, data := range map[string][]byte{"a.csv": table.Bytes(), "a.jsonl": lines.Bytes()} {
		f, err := importing.Open(name, bytes.NewReader(data), importing.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i := 1; ; i++ {
			item, err := f.Next()
			if errors.Is(err, io.EOF) {
				if i != 4 {
					t.Errorf("%s: %d rows came back", name, i-1)
				}
				break
			}
			if err != nil || len(item.Problems) > 0 {
				t.Fatalf("%s: %v %+v", name, err, item.Problems)
			}
			r, want := item.Record, entry(i)
			if r.Index != want.Index || r.Number != want.DocumentNumber || *r.Published != want.Published || len(r.Keywords) != 2 || len(r.Links) != 1 || r.Attachments[0] != "附件.pdf" {
				t.Errorf("%s: %+v", name, r)
			}
		}
	}
}

// An error of the source ends the list where it stands, and is told.
func TestErrorsEndTheList(t *testing.T) {
	gone := errors.New("the database has gone")
	broken := func(yield func(feed.Entry, error) bool) {
		if yield(entry(1), nil) {
			yield(feed.Entry{}, gone)
		}
	}
	for name, write := range writers() {
		if err := write(io.Discard, broken); !errors.Is(err, gone) {
			t.Errorf("%s: %v", name, err)
		}
		if err := write(failing{}, entries(5_000)); err == nil {
			t.Errorf("%s: a reader who has gone was not noticed", name)
		}
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func writers() map[string]func(io.Writer, feed.Entries) error {
	return map[string]func(io.Writer, feed.Entries) error{
		"Atom":     func(w io.Writer, e feed.Entries) error { return feed.Atom(w, channel(), e) },
		"JSONFeed": func(w io.Writer, e feed.Entries) error { return feed.JSONFeed(w, channel(), e) },
		"DCAT":     func(w io.Writer, e feed.Entries) error { return feed.DCAT(w, channel(), e) },
		"CSV":      feed.CSV, "JSONLines": feed.JSONLines,
	}
}

// The memory that a list keeps does not grow with its length: the heap in the middle of a long one is that of a short one.
func TestMemoryIsConstant(t *testing.T) {
	for name, write := range writers() {
		var early, late uint64
		watched := func(yield func(feed.Entry, error) bool) {
			for i := range 20_000 {
				if i == 200 {
					early = heap()
				}
				if i == 19_999 {
					late = heap()
				}
				if !yield(entry(i+1), nil) {
					return
				}
			}
		}
		if err := write(io.Discard, watched); err != nil {
			t.Fatal(err)
		}
		const slack = 1 << 20
		if late > early+slack {
			t.Errorf("%s: the heap grew from %d to %d bytes over 20,000 records", name, early, late)
		}
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
