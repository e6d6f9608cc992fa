package portal_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/slice/portal"
)

const anhui, hefei, changfeng, shuihu = "340000000000", "340100000000", "340121000000", "340121100000"

// noon is 23 November 2026, 12:00 in Beijing.
var noon = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

func name(hans, hant, en string) lang.Text { return lang.Text{Hans: hans, Hant: hant, En: en} }

// services is a catalogue with one item.
type services struct{}

func (services) Offer(division string) portal.Offer {
	o := portal.Offer{
		Total:  31,
		Events: []portal.Group{{Key: "open-restaurant", Name: name("我要开餐馆", "我要開餐館", "Open a restaurant"), Count: 4}},
		Topics: []portal.Group{{Key: "water", Name: name("水务", "水務", "Water"), Count: 2}},
	}
	if division == shuihu {
		o.Total = 7
	}
	return o
}

func (services) OfBody(body string) []portal.Item {
	if body != "hefei-water" {
		return nil
	}
	return []portal.Item{{Code: "1134010000298627134000119001000", Name: name("取水许可", "取水許可", "Water abstraction permit"),
		Type: name("行政许可", "行政許可", "Licence"), Term: name("10 个工作日", "10 個工作日", "10 working days")}}
}

// tallies counts by day; asked notes for which divisions.
type tallies struct {
	days  []supervision.Count
	err   error
	asked []string
}

func (t *tallies) Counts(_ context.Context, sc supervision.Scope, by supervision.By, from, to calendar.Date) ([]supervision.Count, error) {
	var out []supervision.Count
	switch by {
	case supervision.ByTotal:
		var ever supervision.Count
		for _, d := range t.days {
			ever.Received, ever.Ended = ever.Received+d.Received, ever.Ended+d.Ended
		}
		t.asked = append(t.asked, sc.Division)
		out = append(out, ever)
	case supervision.ByDay:
		for _, d := range t.days {
			if d.Key >= from.String() && d.Key <= to.String() {
				out = append(out, d)
			}
		}
	default:
		return nil, fmt.Errorf("asked by %s", by)
	}
	return out, t.err
}

// memoryLog is a log that holds its tiles in memory.
type memoryLog struct {
	t       testing.TB
	key     string
	signer  note.Signer
	edge    merkle.Edge
	tiles   map[string][]byte
	entries [][]byte
}

const origin = "hall.example/log"

func newLog(t testing.TB, n int) *memoryLog {
	t.Helper()
	secret, key, err := merkle.GenerateKey(rand.Reader, origin)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := merkle.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	l := &memoryLog{t: t, key: key, signer: signer, tiles: map[string][]byte{}}
	l.add(n)
	return l
}

func (l *memoryLog) add(n int) {
	for range n {
		entry := fmt.Appendf(nil, `{"actor":{"kind":"person"},"at":"2026-11-20T01:02:03.000000Z","body":"hefei-water","case":"CASE-%d",`+
			`"division":"340100000000","kind":"received","seq":1,"subject":"x","type":"approval","v":1}`, len(l.entries))
		l.entries = append(l.entries, entry)
		var tiles []merkle.TileData
		l.edge, tiles = l.edge.Append([]merkle.Hash{merkle.LeafHash(entry)})
		for _, tile := range tiles {
			l.tiles[tile.Path()] = tile.Data
		}
	}
}

func (l *memoryLog) read(t merkle.Tile) ([]byte, error) {
	if data, ok := l.tiles[t.Path()]; ok {
		return data, nil
	}
	return nil, fs.ErrNotExist
}

func (l *memoryLog) Checkpoint(context.Context) ([]byte, error) {
	return merkle.Checkpoint{Origin: origin, Size: l.edge.Size(), Root: l.edge.Root()}.Sign(l.signer)
}

func (l *memoryLog) PublicKey(context.Context) (string, error) { return l.key, nil }

func (l *memoryLog) Consistency(ctx context.Context, old int64) ([]byte, []merkle.Hash, error) {
	signed, err := l.Checkpoint(ctx)
	if err != nil || old > l.edge.Size() {
		return nil, nil, errors.Join(err, errors.New("the log is shorter"))
	}
	proof, err := merkle.ConsistencyProof(old, l.edge.Size(), l.read)
	return signed, proof, err
}

func (l *memoryLog) receipt(index int64) merkle.Receipt {
	l.t.Helper()
	proof, err := merkle.InclusionProof(l.edge.Size(), index, l.read)
	if err != nil {
		l.t.Fatal(err)
	}
	signed, err := l.Checkpoint(l.t.Context())
	if err != nil {
		l.t.Fatal(err)
	}
	return merkle.NewReceipt(l.entries[index], index, proof, signed)
}

func encode(t testing.TB, r merkle.Receipt) string {
	t.Helper()
	data, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// site is the portal of a small province.
type site struct {
	http.Handler
	tallies *tallies
	log     *memoryLog
	now     time.Time
}

func newSite(t testing.TB) *site {
	t.Helper()
	db := storetest.New(t, store.SQLite, registry.Schema())
	reg, err := registry.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	err = reg.Edit(t.Context(), func(e *registry.Edit) error {
		return errors.Join(
			e.PutDivisions([]registry.Division{
				{Code: anhui, Level: registry.Province, Name: name("安徽省", "安徽省", "Anhui")},
				{Code: hefei, Level: registry.City, Name: name("合肥市", "合肥市", "Hefei")},
				{Code: changfeng, Level: registry.County, Name: name("长丰县", "長豐縣", "Changfeng")},
				{Code: shuihu, Level: registry.Township, Name: name("水湖镇", "水湖鎮", "Shuihu")},
			}),
			e.PutCentre(registry.Centre{Key: "hefei-centre", Division: hefei, Body: "hefei-data", Name: name("合肥市政务服务中心", "合肥市政務服務中心", "Hefei Service Centre"),
				Address: name("政务大道 1 号", "政務大道 1 號", "1 Zhengwu Avenue"), Hours: name("9:00—17:00", "9:00—17:00", "9:00–17:00"), Telephone: "0551-5550000",
				Windows: []registry.Window{{Key: "w1", Number: "A01", Name: name("综合窗口", "綜合窗口", "General window"), Bodies: []string{"hefei-water"}}}}),
			e.PutBody(registry.Body{Key: "hefei-data", Division: hefei, Name: name("合肥市数据局", "合肥市數據局", "Hefei Data Bureau")}),
			e.PutBody(registry.Body{Key: "hefei-water", Division: hefei, Name: name("合肥市水务局", "合肥市水務局", "Hefei Water Bureau"), USCC: "11340100MB9000015X",
				Centre: "hefei-centre", Consult: "0551-5550005", Complaint: "0551-12345"}),
		)
	})
	if err != nil {
		t.Fatal(err)
	}
	words, err := i18n.Load(web.Messages(), portal.Messages())
	if err != nil {
		t.Fatal(err)
	}
	s := &site{tallies: &tallies{}, log: newLog(t, 300), now: noon}
	clock := func() time.Time { return s.now }
	p, err := portal.New(portal.Deps{Registry: reg, Services: services{}, Tallies: s.tallies, Proof: s.log, Now: clock,
		Log: slog.New(slog.DiscardHandler), Top: anhui, BaseURL: "https://hall.example"})
	if err != nil {
		t.Fatal(err)
	}
	shell, err := web.New(web.Config{Catalogue: words, Clock: clock, Log: slog.New(slog.DiscardHandler), Places: portal.Places(reg),
		Site: web.Site{Name: name("安徽省政务公开", "安徽省政務公開", "Anhui Open Hall"), Footer: portal.Footer()}})
	if err != nil {
		t.Fatal(err)
	}
	p.Mount(shell)
	if s.Handler, err = shell.Handler(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if missing := words.Missing(); len(missing) > 0 {
			t.Errorf("messages asked for in vain: %v", missing)
		}
	})
	return s
}

func (s *site) get(path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

// holds fails unless the page has all the words.
func holds(t *testing.T, where string, w *httptest.ResponseRecorder, status int, words ...string) {
	t.Helper()
	if w.Code != status {
		t.Errorf("%s: status %d, want %d", where, w.Code, status)
	}
	for _, word := range words {
		if !strings.Contains(w.Body.String(), word) {
			t.Errorf("%s: the page does not have %q", where, word)
		}
	}
}

func TestPages(t *testing.T) {
	s := newSite(t)
	for _, c := range []struct {
		path  string
		words []string
	}{
		{"/", []string{"您要办什么事", `action="/hall/find"`, "我要开餐馆 (4)", "/hall/find?event=open-restaurant", `href="/d/340100"`, "合肥市", `href="/privacy"`}},
		{"/?lang=zh-Hant", []string{"您要辦什麼事", "我要開餐館 (4)"}},
		{"/?lang=en", []string{"What do you want to do?", "Open a restaurant (4)"}},
		{"/d", []string{`href="/d/340100"`, "340100000000"}},
		{"/d?q=" + url.QueryEscape("長豐"), []string{`href="/d/340121"`, "合肥市 长丰县"}},
		{"/d?q=nowhere", []string{"没有找到这个地区"}},
		{"/d/340100", []string{"合肥市政务服务中心", "政务大道 1 号", "A01", "tel:05515550000", `href="/d/340100/bodies/hefei-water"`, `name="area" value="340100000000"`,
			`href="/d/340121"`, `href="/d/340000">安徽省`}},
		{"/d/340121?lang=en", []string{"Changfeng", "No bodies are registered", "Go to Hefei", `href="/d/340100"`, `href="/d/340121100000"`}},
		{"/d/340121100000", []string{"水湖镇", "area=340121100000"}},
		{"/d/340100/bodies/hefei-water", []string{"取水许可", "/hall/items/1134010000298627134000119001000", "10 个工作日", "tel:055112345", "政务大道 1 号", "/power/bodies/hefei-water"}},
		{"/d/340100/bodies/hefei-data?lang=zh-Hant", []string{"合肥市數據局", "目前沒有公佈的事項"}},
		{"/log", []string{origin, "300", "openhall verify log --url https://hall.example", `enctype="multipart/form-data"`}},
		{"/about?lang=en", []string{"What is published is what is executed"}},
		{"/help", []string{`id="part-5"`, "行政复议"}},
		{"/accessibility", []string{"WCAG 2.2 AA"}},
		{"/privacy?lang=zh-Hant", []string{"第四十五條至第四十七條"}},
	} {
		holds(t, c.path, s.get(c.path), http.StatusOK, c.words...)
	}
}

// TestAddresses leads every spelling of an area code to the one of the site, and refuses codes of no place.
func TestAddresses(t *testing.T) {
	s := newSite(t)
	for _, c := range []struct {
		path   string
		status int
		to     string
	}{
		{"/d/34", http.StatusMovedPermanently, "/d/340000"},
		{"/d/3401", http.StatusMovedPermanently, "/d/340100"},
		{"/d/340100000000", http.StatusMovedPermanently, "/d/340100"},
		{"/d/340121100", http.StatusMovedPermanently, "/d/340121100000"},
		{"/d/340000/bodies/hefei-water", http.StatusMovedPermanently, "/d/340100/bodies/hefei-water"},
		{"/d/341600", http.StatusNotFound, ""},
		{"/d/hefei", http.StatusNotFound, ""},
		{"/d/340100/bodies/nobody", http.StatusNotFound, ""},
		{"/favicon.ico", http.StatusFound, ""},
	} {
		w := s.get(c.path)
		if w.Code != c.status || c.to != "" && w.Header().Get("Location") != c.to {
			t.Errorf("%s: %d to %q, want %d to %q", c.path, w.Code, w.Header().Get("Location"), c.status, c.to)
		}
	}
	if to := s.get("/favicon.ico").Header().Get("Location"); !strings.HasPrefix(to, "/assets/icon.") {
		t.Errorf("the icon is looked for at %q", to)
	}
}

func day(d calendar.Date, tally supervision.Tally) supervision.Count {
	return supervision.Count{Key: d.String(), Tally: tally}
}

// TestFigures: 10 + 5 + 3 received, 4 + 6 + 1 ended, so 7 are open. The window of 30 days ends today, 23 November, and begins on 25
// October: the day before it does not count.
func TestFigures(t *testing.T) {
	s := newSite(t)
	s.tallies.days = []supervision.Count{
		day(calendar.Day(2026, 10, 24), supervision.Tally{Received: 10, Ended: 4, Red: 9}),
		day(calendar.Day(2026, 10, 25), supervision.Tally{Received: 5, Ended: 6, Red: 2}),
		day(calendar.Day(2026, 11, 23), supervision.Tally{Received: 3, Ended: 1}),
	}
	tile := func(value string) string { return `<span class="oh-stat__value">` + value + `</span>` }
	holds(t, "first", s.get("/?lang=en"), http.StatusOK, tile("31"), tile("7"), "3 received today", tile("2"))
	s.tallies.days = nil
	s.now = noon.Add(29 * time.Second)
	holds(t, "within half a minute", s.get("/?lang=en"), http.StatusOK, tile("7"))
	s.now = noon.Add(31 * time.Second)
	holds(t, "afterwards", s.get("/?lang=en"), http.StatusOK, "0 received today")
	s.get("/d/340100")
	if got, want := strings.Join(s.tallies.asked, " "), anhui+" "+anhui+" "+hefei; got != want {
		t.Errorf("counted %s, want %s", got, want)
	}
}

// A fault of the database costs the front page its figures, not itself.
func TestFiguresFail(t *testing.T) {
	s := newSite(t)
	s.tallies.err = errors.New("no database")
	w := s.get("/?lang=en")
	holds(t, "home", w, http.StatusOK, "Services on offer")
	if strings.Contains(w.Body.String(), "Matters under way") {
		t.Error("figures are shown that are not known")
	}
}

func (s *site) verify(t *testing.T, receipt string, asFile bool) *httptest.ResponseRecorder {
	t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	part, err := m.CreateFormField("receipt")
	if asFile {
		part, err = m.CreateFormFile("file", "receipt.json")
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write([]byte(receipt)); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/log/verify?lang=en", &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("an answer about a receipt may be cached: %q", w.Header().Get("Cache-Control"))
	}
	return w
}

func TestVerify(t *testing.T) {
	s := newSite(t)
	good := s.log.receipt(41)
	s.log.add(20)
	for _, asFile := range []bool{false, true} {
		// The event was at 01:02 UTC, 09:02 in Beijing.
		holds(t, "good", s.verify(t, encode(t, good), asFile), http.StatusOK, "The receipt holds", "CASE-41", "42 of 300", "20 November 2026, 09:02", "Hefei Water Bureau",
			"still contains everything")
	}
	altered, proof, key := good, good, newLog(t, 300).receipt(41)
	altered.Entry = strings.Replace(good.Entry, "2026-11-20", "2026-11-10", 1)
	proof.Index = 40
	forged := good
	forged.Checkpoint = strings.Replace(good.Checkpoint, "\n300\n", "\n301\n", 1)
	for _, c := range []struct{ name, receipt, want string }{
		{"nothing", "", "Choose a receipt file"},
		{"no receipt", "{}", "This is no receipt"},
		{"backdated", encode(t, altered), "The entry was altered"},
		{"another place", encode(t, proof), "The proof does not hold"},
		{"another log", encode(t, key), "The checkpoint is another log"},
		{"another size", encode(t, forged), "The signature of the checkpoint is false"},
	} {
		w := s.verify(t, c.receipt, false)
		holds(t, c.name, w, http.StatusUnprocessableEntity, c.want, "Error: ")
		if strings.Contains(w.Body.String(), "The receipt holds") {
			t.Errorf("%s: holds", c.name)
		}
	}
}

// A log that was begun anew with the same key no longer contains the receipt's, and the page says so.
func TestVerifyRewrittenLog(t *testing.T) {
	s := newSite(t)
	old := s.log.receipt(41)
	s.log.edge, s.log.entries, s.log.tiles = merkle.Edge{}, [][]byte{[]byte("{}")}, map[string][]byte{}
	s.log.add(400)
	holds(t, "rewritten", s.verify(t, encode(t, old), false), http.StatusOK, "does not contain what it contained")
}

func TestForMachines(t *testing.T) {
	s := newSite(t)
	holds(t, "robots", s.get("/robots.txt"), http.StatusOK, "Disallow: /track/\n", "Sitemap: https://hall.example/sitemap.xml")
	var found struct {
		URLs []struct {
			Loc string `xml:"loc"`
		} `xml:"url"`
	}
	if err := xml.Unmarshal(s.get("/sitemap.xml").Body.Bytes(), &found); err != nil {
		t.Fatal(err)
	}
	locs := map[string]bool{}
	for _, u := range found.URLs {
		if locs[u.Loc] {
			t.Errorf("%s stands twice", u.Loc)
		}
		locs[u.Loc] = true
	}
	for _, path := range []string{"/", "/d/340100", "/d/340121100000", "/d/340100/bodies/hefei-water", "/hall/items/1134010000298627134000119001000", "/help"} {
		if !locs["https://hall.example"+path] {
			t.Errorf("the sitemap does not have %s", path)
		}
	}
}

func BenchmarkHome(b *testing.B) {
	s := newSite(b)
	for b.Loop() {
		if w := s.get("/"); w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}

func BenchmarkSite(b *testing.B) {
	s := newSite(b)
	for b.Loop() {
		if w := s.get("/d/340100"); w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}
