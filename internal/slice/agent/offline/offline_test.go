package offline_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"image/png"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/slice/agent/offline"
)

func catalogue(t *testing.T) *web.Catalogue {
	t.Helper()
	c, err := i18n.Load(web.Messages(), offline.Messages())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// site serves the app alone.
func site(t *testing.T) http.Handler {
	t.Helper()
	c := catalogue(t)
	shell, err := web.New(web.Config{Catalogue: c, Clock: func() time.Time { return time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC) }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := offline.Module().Mount(&app.Node{Base: &app.Base{}, Catalogue: c, Shell: shell}); err != nil {
		t.Fatal(err)
	}
	h, err := shell.Handler()
	if err != nil {
		t.Fatal(err)
	}
	if missing := c.Missing(); len(missing) != 0 {
		t.Errorf("words are missing: %v", missing)
	}
	return h
}

func get(t *testing.T, h http.Handler, address string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// kept is the list of the worker.
type kept struct {
	Version string
	Files   []struct{ Address, SHA256 string }
}

func listOf(t *testing.T, worker string) kept {
	t.Helper()
	found := regexp.MustCompile(`^const SHELL = (\{.*\});\n`).FindStringSubmatch(worker)
	var k kept
	if found == nil || json.Unmarshal([]byte(found[1]), &k) != nil {
		t.Fatalf("the worker begins with %.80q", worker)
	}
	return k
}

// What the worker keeps is what everybody gets, byte for byte, and nothing that belongs to somebody.
func TestTheWorkerKeepsTheApp(t *testing.T) {
	h := site(t)
	w := get(t, h, "/agent/offline/worker.js")
	if w.Header().Get("Content-Type") != "text/javascript; charset=utf-8" || w.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("the worker is served as %v", w.Header())
	}
	k := listOf(t, w.Body.String())
	if len(k.Version) != 12 {
		t.Errorf("version %q", k.Version)
	}
	var addresses []string
	for _, f := range k.Files {
		addresses = append(addresses, f.Address)
		got := get(t, h, f.Address)
		sum := sha256.Sum256(got.Body.Bytes())
		if got.Code != http.StatusOK || hex.EncodeToString(sum[:]) != f.SHA256 {
			t.Errorf("%s: status %d, another sum than in the list", f.Address, got.Code)
		}
		if strings.Contains(got.Header().Get("Cache-Control"), "no-store") || got.Header().Get("Set-Cookie") != "" {
			t.Errorf("%s belongs to somebody: %v", f.Address, got.Header())
		}
		if !strings.HasPrefix(f.Address, "/assets/") && !strings.HasPrefix(f.Address, offline.Prefix) {
			t.Errorf("%s is outside the app", f.Address)
		}
	}
	for _, want := range []string{"/agent/offline/", "/agent/offline/words.json", "/agent/offline/manifest.webmanifest", "/agent/offline/icon-512.png"} {
		if !slices.Contains(addresses, want) {
			t.Errorf("the worker does not keep %s", want)
		}
	}
	for _, not := range []string{"/agent/offline/pack", "/agent/offline/handin", "/agent/offline/worker.js"} {
		if slices.Contains(addresses, not) {
			t.Errorf("the worker keeps %s", not)
		}
	}
	page := get(t, h, "/agent/offline/").Body.String()
	for _, found := range regexp.MustCompile(`(?:href|src)="(/[^"]*\.[^"]*)"`).FindAllStringSubmatch(page, -1) {
		if !slices.Contains(addresses, found[1]) {
			t.Errorf("the page loads %s, which the worker does not keep", found[1])
		}
	}
}

// The page is the same for everybody: it is kept on the device and opened by whoever holds it.
func TestThePageIsTheSameForEverybody(t *testing.T) {
	h := site(t)
	plain := get(t, h, "/agent/offline/")
	other := get(t, h, "/agent/offline/?lang=en&type=elder", "Accept-Language", "en", "Cookie", "lang=en; session=x")
	if plain.Body.String() != other.Body.String() {
		t.Error("the page differs by reader")
	}
	policy := plain.Header().Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "manifest-src 'self'") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
	if strings.Contains(plain.Body.String(), "<style") || regexp.MustCompile(`<script>|\sstyle=|\son[a-z]+=`).MatchString(plain.Body.String()) {
		t.Error("something inline stands in the page")
	}
	if again := get(t, h, "/agent/offline/", "If-None-Match", plain.Header().Get("ETag")); again.Code != http.StatusNotModified {
		t.Errorf("asked again: %d", again.Code)
	}
}

func TestManifests(t *testing.T) {
	h := site(t)
	for tag, name := range map[string]string{"": "代办员离线工作台", "-zh-Hant": "代辦員離線工作台", "-en": "Agent's workbench, off line"} {
		w := get(t, h, "/agent/offline/manifest"+tag+".webmanifest")
		var m struct {
			ID, Name, Display, Scope string
			StartURL                 string `json:"start_url"`
			Icons                    []struct{ Src, Sizes, Type, Purpose string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		if m.Name != name || m.Display != "standalone" || m.Scope != offline.Prefix || m.StartURL != offline.Prefix || m.ID != offline.Prefix || len(m.Icons) != 3 {
			t.Errorf("manifest%s: %+v", tag, m)
		}
		for _, icon := range m.Icons {
			got, err := png.Decode(bytes.NewReader(get(t, h, icon.Src).Body.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			size := strings.Split(icon.Sizes, "x")[0]
			if b := got.Bounds(); map[string]int{"192": 192, "512": 512}[size] != b.Dx() || b.Dx() != b.Dy() {
				t.Errorf("%s is %v", icon.Src, b)
			}
			// The corner of an icon is empty; a maskable one is filled, whatever shape is cut out of it.
			if _, _, _, a := got.At(0, 0).RGBA(); (a == 0) == (icon.Purpose == "maskable") {
				t.Errorf("%s, %s: corner %d", icon.Src, icon.Purpose, a)
			}
		}
	}
}

func TestWords(t *testing.T) {
	var table struct {
		Version string
		Words   map[string]map[lang.Tag]any
	}
	h := site(t)
	if err := json.Unmarshal(get(t, h, "/agent/offline/words.json").Body.Bytes(), &table); err != nil {
		t.Fatal(err)
	}
	if table.Version != listOf(t, get(t, h, "/agent/offline/worker.js").Body.String()).Version {
		t.Error("words and worker are of different versions")
	}
	for key, texts := range table.Words {
		for _, tag := range lang.All {
			if texts[tag] == nil {
				t.Errorf("%s has no %s", key, tag)
			}
		}
	}
	if got := table.Words["form.max-length"][lang.En]; got != "“{{.Label}}” may have {{.Max}} characters; it has {{.Got}}. Shorten it" {
		t.Errorf("form.max-length: %v", got)
	}
	if one, ok := table.Words["pin.wrong"][lang.En].(map[string]any); !ok || one["one"] == one["other"] {
		t.Errorf("pin.wrong: %v", table.Words["pin.wrong"])
	}
}

func TestAnotherWordIsAnotherVersion(t *testing.T) {
	files := func(sources ...i18n.Source) string {
		c, err := i18n.Load(sources...)
		if err != nil {
			t.Fatal(err)
		}
		list, err := offline.Build(c)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(list, func(f offline.File) bool { return f.Address == "/agent/offline/worker.js" })
		return listOf(t, string(list[i].Content)).Version
	}
	same, again := files(web.Messages(), offline.Messages()), files(web.Messages(), offline.Messages())
	if same != again {
		t.Errorf("the same files are versions %s and %s", same, again)
	}
	if other := files(offline.Messages()); other == same { // the messages about fields are missing
		t.Error("other words are the same version")
	}
}
