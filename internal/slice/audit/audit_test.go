package audit_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/slice/audit"
	"openhall.org/openhall/policies"
)

const hefei = "340100000000"

// hall is a site with the pages of the audit administrator. The clock goes on a second with each look.
type hall struct {
	*audit.Service
	t       *testing.T
	people  people
	journal *casework.Journal
	log     *ledger.Ledger
	key     ledger.Key
	pages   http.Handler
	now     atomic.Int64
}

func (h *hall) clock() time.Time { return time.UnixMicro(h.now.Add(1_000_000)).UTC() }

// people takes whoever a request names for signed in.
type people struct {
	*identity.Service
	who map[string]identity.Principal
}

func (p people) Principal(r *http.Request) (identity.Principal, error) {
	return p.who[r.Header.Get("X-Who")], nil
}

func (p people) UserOf(*http.Request) (*web.UserView, error) { return nil, nil }

type guard struct {
	people people
	rules  *identity.Policies
}

func (g guard) Allow(r *http.Request, route web.Route) error {
	who, err := g.people.Principal(r)
	if err != nil {
		return err
	}
	return g.rules.AllowRoute(who, route.Action)
}

func text(s string) lang.Text { return lang.Text{Hans: s, Hant: s, En: s} }

func towns(e *registry.Edit) error {
	all := []error{
		e.PutDivisions([]registry.Division{{Code: "340000000000", Level: registry.Province, Name: text("安徽省")}, {Code: hefei, Level: registry.City, Name: text("Hefei")}}),
		e.PutBody(registry.Body{Key: "hefei-water", Division: hefei, Name: text("Hefei Water Bureau")}),
	}
	for key, role := range map[string]string{"sys": "system-admin", "sec": "security-admin", "aud": "audit-admin"} {
		all = append(all, e.PutPost(registry.Post{Key: key, Body: "hefei-water", Roles: []string{role}, Title: text(key + " post")}))
	}
	return errors.Join(all...)
}

func open(t *testing.T, db *store.DB) *hall {
	t.Helper()
	h := &hall{t: t}
	h.now.Store(time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC).UnixMicro())
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	keys, err := seal.New(bytes.Repeat([]byte{7}, 32))
	must(err)
	ids, err := store.NewIDs(1, h.clock)
	must(err)
	h.journal = casework.NewJournal(db, keys, ids, h.clock, 1)
	reg, err := registry.Open(t.Context(), db)
	must(err)
	reg.Keep(h.journal)
	must(reg.Edit(t.Context(), towns))
	rules, err := identity.LoadPolicies(policies.Files, func() identity.Places { return reg.Now() })
	must(err)
	service, err := identity.New(identity.Options{
		DB: db, Keys: keys, IDs: ids, Now: h.clock, Registry: reg, Policies: rules, Journal: h.journal, Cost: identity.Cost{Memory: 64, Time: 1, Threads: 1},
	})
	must(err)
	made, err := service.Import(t.Context(), identity.Platform, []identity.NewAccount{
		{Kind: identity.Staff, Login: "sys", Name: "System Sun", Password: "riverside-lantern-82"},
		{Kind: identity.Staff, Login: "sec", Name: "Security Qian", Password: "riverside-lantern-82"},
		{Kind: identity.Staff, Login: "aud", Name: "Audit Zhao", Password: "riverside-lantern-82"},
	})
	must(err)
	h.people = people{service, map[string]identity.Principal{}}
	for i, key := range []string{"sys", "sec", "aud"} {
		p := reg.Now().Post(key)
		h.people.who[key] = identity.Principal{Account: made[i], Kind: identity.Staff, Name: key, Post: identity.Post{ID: key, Body: p.Body, Division: p.Division, Roles: p.Roles}}
	}
	h.key, err = ledger.LoadKey(filepath.Join(t.TempDir(), "keys", "log.key"), "test.openhall.org/log")
	must(err)
	h.log, err = ledger.New(t.Context(), ledger.Options{DB: db, Key: h.key, Now: h.clock, Log: slog.New(slog.DiscardHandler), Holder: "a"})
	must(err)
	h.Service, err = audit.New(audit.Deps{Journal: h.journal, Log: h.log, Identity: h.people, Policies: rules, Registry: reg, Now: h.clock})
	must(err)
	words, err := i18n.Load(web.Messages(), i18n.Source{Module: "identity", FS: identity.Locales}, audit.Messages())
	must(err)
	shell, err := web.New(web.Config{
		Catalogue: words, Clock: h.clock, Log: slog.New(slog.DiscardHandler), Users: h.people, Guard: guard{h.people, rules}, Explain: web.ExplainRefusal,
		Site: web.Site{Name: text("Hall")},
	})
	must(err)
	h.Mount(shell)
	h.pages, err = shell.Handler()
	must(err)
	t.Cleanup(func() {
		if missing := words.Missing(); len(missing) > 0 {
			t.Errorf("messages asked for in vain: %v", missing)
		}
	})
	return h
}

func each(t *testing.T, test func(t *testing.T, h *hall)) {
	t.Helper()
	storetest.Each(t, []store.Migrations{registry.Schema(), identity.Schema(), casework.Schema(), ledger.Schema()}, func(t *testing.T, db *store.DB) {
		test(t, open(t, db))
	})
}

func (h *hall) sequence() {
	h.t.Helper()
	if _, err := h.log.Sequence(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

func (h *hall) ask(who, method, path string, pairs ...string) *httptest.ResponseRecorder {
	h.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequestWithContext(h.t.Context(), method, path, strings.NewReader(form.Encode()))
	r.Header.Set("X-Who", who)
	r.Header.Set("Accept-Language", "en")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	h.pages.ServeHTTP(w, r)
	return w
}

func want(t *testing.T, w *httptest.ResponseRecorder, status int, words ...string) {
	t.Helper()
	if w.Code != status {
		t.Errorf("status %d, want %d: %s", w.Code, status, w.Body)
	}
	for _, word := range words {
		if !strings.Contains(w.Body.String(), word) {
			t.Errorf("the page does not have %q", word)
		}
	}
}

// Only the audit administrator gets in, to any page.
func TestNobodyElseReadsTheTrail(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		for who, status := range map[string]int{"sys": http.StatusForbidden, "sec": http.StatusForbidden, "": http.StatusUnauthorized, "aud": http.StatusOK} {
			for _, path := range []string{"/audit", "/audit/completeness"} {
				got := h.ask(who, http.MethodGet, path)
				if status == http.StatusUnauthorized && got.Code != http.StatusOK {
					continue // led to the page of signing in
				}
				want(t, got, status)
			}
			if who != "aud" && h.ask(who, http.MethodPost, "/audit/export").Code == http.StatusOK {
				t.Errorf("%q exports", who)
			}
		}
		if _, err := h.Search(t.Context(), h.people.who["sec"], casework.JournalFilter{}); err == nil {
			t.Error("the service lets the security administrator search")
		}
		if _, err := h.Export(t.Context(), h.people.who["sys"], casework.JournalFilter{}); err == nil {
			t.Error("the service lets the system administrator export")
		}
	})
}

func TestSearchPages(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		made, err := h.people.CreateStaff(t.Context(), h.people.who["sec"], identity.NewStaff{Login: "new.clerk", Name: "Clerk Li", Password: "willow-harbour-55"})
		if err != nil {
			t.Fatal(err)
		}
		if err := h.people.SetDisabled(t.Context(), h.people.who["sec"], made.ID, true); err != nil {
			t.Fatal(err)
		}
		h.sequence()
		want(t, h.ask("aud", http.MethodGet, "/audit"), http.StatusOK, "Account closed", "Account made", "Clerk Li (new.clerk)", "Security Qian (sec)", "The operator, on the machine")
		// What was typed becomes an address without the login.
		w := h.ask("aud", http.MethodPost, "/audit/search", "login", "sec", "kind", "account.closed", "from-year", "2026", "from-month", "11", "from-day", "23")
		to := w.Header().Get("Location")
		if w.Code != http.StatusSeeOther || strings.Contains(to, "sec") || !strings.Contains(to, "kind=account.closed") || !strings.Contains(to, "from=2026-11-23") {
			t.Fatalf("%d to %s", w.Code, to)
		}
		found := h.ask("aud", http.MethodGet, to)
		want(t, found, http.StatusOK, "Account closed", `value="sec"`)
		if strings.Contains(found.Body.String(), "<td class=\"govuk-table__cell\">Account made") {
			t.Error("another kind was found as well")
		}
		want(t, h.ask("aud", http.MethodGet, "/audit?from=2030-01-01"), http.StatusOK, "No entry matches")
		for _, c := range []struct {
			want  string
			pairs []string
		}{
			{"There is no such account", []string{"login", "nobody"}},
			{"Choose an answer for “What”", []string{"kind", "nothing"}},
			{"is not a date", []string{"from-year", "2026", "from-month", "2", "from-day", "30"}},
			{"The last day lies before the first", []string{"from-year", "2026", "from-month", "3", "from-day", "1", "until-year", "2026", "until-month", "2", "until-day", "1"}},
		} {
			w := h.ask("aud", http.MethodPost, "/audit/search", append(c.pairs, "target", "kept")...)
			if low := strings.ToLower(w.Body.String()); w.Code != http.StatusUnprocessableEntity || !strings.Contains(low, strings.ToLower(c.want)) || !strings.Contains(low, `value="kept"`) {
				t.Errorf("%v: %d, or the page does not have %q, or what was typed is lost", c.pairs, w.Code, c.want)
			}
		}
		want(t, h.ask("aud", http.MethodGet, "/audit?account=x"), http.StatusBadRequest)
		want(t, h.ask("aud", http.MethodGet, "/audit/entry/99"), http.StatusNotFound, "There is no such entry")
	})
}

// Sixty entries are read page by page, each once.
func TestPages(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		for i := range 60 {
			if err := h.journal.RecordAlone(t.Context(), journal.Act{Kind: journal.TokenMade, On: journal.On("token", i)}); err != nil {
				t.Fatal(err)
			}
		}
		first := h.ask("aud", http.MethodGet, "/audit?kind=token.made").Body.String()
		_, rest, _ := strings.Cut(first, `rel="next"`)
		if n := strings.Count(first, "Token: "); n != 50 || rest == "" {
			t.Fatalf("the first page lists %d", n)
		}
		_, from, _ := strings.Cut(first, "before=")
		before, _, _ := strings.Cut(from, "&")
		second := h.ask("aud", http.MethodGet, "/audit?kind=token.made&before="+before).Body.String()
		if n := strings.Count(second, "Token: "); n != 10 || strings.Contains(second, `rel="next"`) {
			t.Errorf("the second page lists %d", n)
		}
	})
}

func TestEntryAndItsProof(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		made, err := h.people.CreateStaff(t.Context(), h.people.who["sec"], identity.NewStaff{Login: "new.clerk", Name: "Clerk Li", Password: "willow-harbour-55"})
		if err != nil {
			t.Fatal(err)
		}
		entries, err := h.journal.List(t.Context(), casework.JournalFilter{Kind: journal.AccountMade, Target: made.ID.String()})
		if err != nil || len(entries) != 1 {
			t.Fatalf("%d entries, %v", len(entries), err)
		}
		path := "/audit/entry/" + entries[0].ID.String()
		want(t, h.ask("aud", http.MethodGet, path), http.StatusOK, "Account made", "sec post", "no place in the log yet")
		want(t, h.ask("aud", http.MethodGet, path+"/receipt.json"), http.StatusConflict)
		h.sequence()
		want(t, h.ask("aud", http.MethodGet, path), http.StatusOK, "test.openhall.org/log", "Download the proof")
		w := h.ask("aud", http.MethodGet, path+"/receipt.json")
		receipt, err := merkle.ParseReceipt(w.Body.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		proven, err := receipt.Verify(h.key.Verifier)
		if err != nil || len(proven.Disclosed) != 4 {
			t.Errorf("%+v, %v", proven.Disclosed, err)
		}
		// Each look left an entry: two at the page and two at the proof before it was there and after.
		looks, err := h.journal.List(t.Context(), casework.JournalFilter{Kind: journal.AuditRead, Target: entries[0].ID.String()})
		if err != nil || len(looks) != 4 || looks[0].Act.By.Post != "aud" {
			t.Errorf("%d looks, %v", len(looks), err)
		}
	})
}

func TestExportIsVerified(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		for i := range 3 {
			act := journal.Act{Kind: journal.TokenMade, By: h.people.who["sec"].Actor(), On: journal.On("token", i), Data: map[string]any{"name": "=cmd()"}}
			if err := h.journal.RecordAlone(t.Context(), act); err != nil {
				t.Fatal(err)
			}
		}
		h.sequence()
		w := h.ask("aud", http.MethodPost, "/audit/export", "kind", journal.TokenMade)
		want(t, w, http.StatusOK)
		data := w.Body.Bytes()
		m, err := audit.VerifyExport(data, h.key.Verifier)
		if err != nil || m.Entries != 3 || m.Subject != "journal kind=token.made" {
			t.Fatalf("%+v, %v", m, err)
		}
		exported, err := h.journal.List(t.Context(), casework.JournalFilter{Kind: journal.AuditExported})
		if err != nil || len(exported) != 1 || exported[0].Act.Data["entries"] != 3.0 {
			t.Errorf("%+v, %v", exported, err)
		}
		table := string(unpack(t, data)["entries.csv"])
		if lines := strings.Count(table, "\n"); lines != 4 || !strings.Contains(table, "token.made,done,staff,") {
			t.Errorf("%d lines: %s", lines, table)
		}
		for name, alter := range map[string]func(files map[string][]byte){
			"a line removed": func(f map[string][]byte) {
				_, f["entries.jsonl"], _ = bytes.Cut(f["entries.jsonl"], []byte("\n"))
			},
			"the table altered": func(f map[string][]byte) { f["entries.csv"] = append(f["entries.csv"], "x"...) },
			"a file added":      func(f map[string][]byte) { f["more.txt"] = []byte("x") },
			"a file removed":    func(f map[string][]byte) { delete(f, "entries.csv") },
			"the manifest altered": func(f map[string][]byte) {
				f["manifest.txt"] = bytes.Replace(f["manifest.txt"], []byte("entries: 3"), []byte("entries: 2"), 1)
			},
			"the manifest taken out": func(f map[string][]byte) { delete(f, "manifest.txt") },
		} {
			files := unpack(t, data)
			alter(files)
			if _, err := audit.VerifyExport(pack(t, files), h.key.Verifier); err == nil {
				t.Errorf("%s: it verifies", name)
			}
		}
	})
}

func unpack(t *testing.T, data []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err == nil {
			files[f.Name], err = io.ReadAll(r)
			err = errors.Join(err, r.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func pack(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range files {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
