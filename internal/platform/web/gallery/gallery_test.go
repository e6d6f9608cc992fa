package gallery

import (
	"bytes"
	"flag"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/assets"
	"openhall.org/openhall/internal/platform/web/i18n"
)

var update = flag.Bool("update", false, "write the golden files")

func catalogue(t testing.TB) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.Load(web.Messages())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func view(t testing.TB, l *i18n.Localizer) *web.View {
	t.Helper()
	files, err := assets.Load()
	if err != nil {
		t.Fatal(err)
	}
	return web.NewView(l, &web.Site{}, files, time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC))
}

// TestSamples compares the HTML of each component with its golden file, in Simplified Chinese, and renders the other languages.
func TestSamples(t *testing.T) {
	c := catalogue(t)
	schema, err := sampleSchema()
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range lang.All {
		v := view(t, c.Localizer(tag))
		for _, s := range Samples(v, schema) {
			var out bytes.Buffer
			if err := s.Component.Render(v.Context(t.Context()), &out); err != nil {
				t.Fatalf("%s in %s: %v", s.Name, tag, err)
			}
			checkHTML(t, s.Name+" in "+string(tag), out.String())
			if tag == lang.Hans {
				golden(t, s.Name, out.String())
			}
			if tag == lang.En {
				checkEnglish(t, s.Name, out.String())
			}
		}
	}
	if missing := c.Missing(); len(missing) > 0 {
		t.Errorf("messages asked for in vain: %v", missing)
	}
}

// golden compares with testdata/golden/NAME.html; tags stand on lines of their own so that a difference is readable.
func golden(t *testing.T, name, got string) {
	t.Helper()
	got = strings.ReplaceAll(got, "><", ">\n<") + "\n"
	file := filepath.Join("testdata", "golden", name+".html")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v: run with -update and read the new file", err)
	}
	if got != string(want) {
		t.Errorf("%s differs from %s: run with -update and read the diff", name, file)
	}
}

// names are the Chinese words that stand in the data of every language.
var names = []string{"王小明", "王", "明", "李", "赵", "一万"}

var han = regexp.MustCompile(`\p{Han}+`)

// checkEnglish finds Chinese words in English pages; names of people and examples in the data may be Chinese.
func checkEnglish(t *testing.T, name, page string) {
	t.Helper()
	for _, word := range han.FindAllString(page, -1) {
		if !slices.Contains(names, word) {
			t.Errorf("%s: Chinese in English: %s", name, word)
		}
	}
}

// checkHTML parses a component and checks what a browser would not complain of: every id once, every reference to an id met, no
// inline style or script, a label for every control, balanced tags.
func checkHTML(t *testing.T, name, page string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	ids, refs, labels := map[string]int{}, map[string]string{}, map[string]bool{}
	var controls []string
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		attrs := map[string]string{}
		for _, a := range n.Attr {
			attrs[a.Key] = a.Val
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("%s: inline %s on <%s>", name, a.Key, n.Data)
			}
		}
		if id, ok := attrs["id"]; ok {
			ids[id]++
		}
		for _, key := range []string{"aria-describedby", "aria-labelledby", "aria-controls", "for"} {
			for _, id := range strings.Fields(attrs[key]) {
				refs[id] = key
			}
		}
		if n.Data == "label" {
			labels[attrs["for"]] = true
		}
		if n.Data == "select" || n.Data == "textarea" || n.Data == "input" && attrs["type"] != "hidden" {
			controls = append(controls, attrs["id"])
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	for id, count := range ids {
		if count > 1 {
			t.Errorf("%s: id %s stands %d times", name, id, count)
		}
	}
	for id, key := range refs {
		if ids[id] == 0 {
			t.Errorf("%s: %s points to %s, which is not there", name, key, id)
		}
	}
	for _, id := range controls {
		if !labels[id] {
			t.Errorf("%s: control %q has no label", name, id)
		}
	}
}

func site(t testing.TB, c *i18n.Catalogue) http.Handler {
	t.Helper()
	shell, err := web.New(web.Config{Catalogue: c, Clock: func() time.Time { return time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC) },
		Log: slog.New(slog.DiscardHandler), Dev: true, Site: web.Site{Name: lang.Text{Hans: "皖江省政务大厅", Hant: "皖江省政務大廳", En: "Wanjiang Open Hall"}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := Add(shell); err != nil {
		t.Fatal(err)
	}
	h, err := shell.Handler()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestPages renders the whole pages in all languages and type sizes.
func TestPages(t *testing.T) {
	c := catalogue(t)
	h := site(t, c)
	for _, path := range []string{"/dev/gallery", "/dev/gallery/desk", "/dev/gallery/letter"} {
		for _, tag := range lang.All {
			for _, size := range []string{"standard", "elder"} {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path+"?lang="+string(tag)+"&type="+size, nil))
				if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `<html lang="`+string(tag)+`"`) {
					t.Errorf("%s in %s: status %d", path, tag, w.Code)
				}
				checkHTML(t, path, w.Body.String())
				if got := strings.Contains(w.Body.String(), "oh-elder"); got != (size == "elder" && path != "/dev/gallery/letter") {
					t.Errorf("%s: elder mode is %v", path, got)
				}
			}
		}
	}
	if missing := c.Missing(); len(missing) > 0 {
		t.Errorf("messages asked for in vain: %v", missing)
	}
}

func BenchmarkGallery(b *testing.B) {
	h := site(b, catalogue(b))
	r := httptest.NewRequest(http.MethodGet, "/dev/gallery", nil)
	for b.Loop() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}
