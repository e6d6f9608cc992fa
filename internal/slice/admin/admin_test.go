package admin_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/law"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/journal"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/slice/admin"
	"openhall.org/openhall/policies"
	"openhall.org/openhall/rules"
)

const hefei = "340100000000"

// hall is a site with the pages of the administrators; its clock stands.
type hall struct {
	*admin.Service
	t       *testing.T
	db      *store.DB
	journal *casework.Journal
	pages   http.Handler
	people  people
	erased  []store.ID
	purged  int
}

func clock() time.Time { return time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC) }

// people takes whoever a request names for signed in.
type people map[string]identity.Principal

func (p people) Principal(r *http.Request) (identity.Principal, error) {
	return p[r.Header.Get("X-Who")], nil
}

func (people) Account(_ context.Context, id store.ID) (identity.Account, error) {
	return identity.Account{ID: id, Name: "Somebody " + id.String()}, nil
}

func (people) UserOf(*http.Request) (*web.UserView, error) { return nil, nil }

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
		e.PutDivisions([]registry.Division{{Code: "340000000000", Level: registry.Province, Name: text("Anhui")}, {Code: hefei, Level: registry.City, Name: text("Hefei")}}),
		e.PutBody(registry.Body{Key: "hefei-water", Division: hefei, Kind: "water", Level: "municipal", Name: text("Hefei Water Bureau")}),
	}
	for key, role := range map[string]string{"sys": "system-admin", "sec": "security-admin", "aud": "audit-admin", "head": "head"} {
		all = append(all, e.PutPost(registry.Post{Key: key, Body: "hefei-water", Roles: []string{role}, Title: text(key + " post")}))
	}
	return errors.Join(append(all, e.Appoint(44, "head", clock().AddDate(0, 1, 0), time.Time{}))...)
}

func open(t *testing.T, db *store.DB) *hall {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	keys, err := seal.New(bytes.Repeat([]byte{7}, 32))
	must(err)
	ids, err := store.NewIDs(1, clock)
	must(err)
	h := &hall{t: t, db: db, people: people{}, journal: casework.NewJournal(db, keys, ids, clock, 1)}
	reg, err := registry.Open(t.Context(), db)
	must(err)
	reg.Keep(h.journal)
	must(reg.Edit(t.Context(), towns))
	rule, err := identity.LoadPolicies(policies.Files, func() identity.Places { return reg.Now() })
	must(err)
	l, err := law.Open(t.Context(), law.Options{DB: db, Files: rules.Files, Jurisdiction: "cn-ah", Journal: h.journal, Now: clock})
	must(err)
	begin := func(context.Context, casework.Submit, calendar.Date) (casework.Beginning, error) {
		return casework.Beginning{}, &casework.Refusal{Code: casework.RefusedSubject}
	}
	cases, err := casework.New(casework.Options{
		DB: db, Keys: keys, IDs: ids, Now: clock, Calendar: l.Calendar, Rules: l.Rules(), Policy: rule, Kinds: []casework.Kind{{Name: "licence", Begin: begin}},
	})
	must(err)
	t.Cleanup(cases.Close)
	for i, key := range []string{"sys", "sec", "aud"} {
		p := reg.Now().Post(key)
		h.people[key] = identity.Principal{Account: store.ID(70 + i), Kind: identity.Staff, Name: key, Post: identity.Post{ID: key, Body: p.Body, Division: p.Division, Roles: p.Roles}}
	}
	h.Service, err = admin.New(admin.Deps{
		DB: db, IDs: ids, Cases: cases, Identity: h.people, Policies: rule, Registry: reg, Law: l, Journal: h.journal, Papers: h, Now: clock,
		Keys: []admin.Key{{Purpose: "log", ID: "test.openhall.org/log", Algorithm: "Ed25519", Since: clock().AddDate(0, 0, -40)}},
	})
	must(err)
	words, err := i18n.Load(web.Messages(), i18n.Source{Module: "identity", FS: identity.Locales}, admin.Messages())
	must(err)
	shell, err := web.New(web.Config{
		Catalogue: words, Clock: clock, Log: slog.New(slog.DiscardHandler), Users: h.people, Guard: guard{h.people, rule}, Explain: web.ExplainRefusal,
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

// EraseCase implements admin.Papers.
func (h *hall) EraseCase(_ context.Context, _ *store.Tx, c store.ID, _ time.Time) (int, error) {
	h.erased = append(h.erased, c)
	return 2, nil
}

// Count implements admin.Papers.
func (h *hall) Count(context.Context, store.ID) (uploads, letters int, err error) { return 3, 4, nil }

// Purge implements admin.Papers.
func (h *hall) Purge(context.Context) (int, error) { h.purged++; return 2, nil }

func each(t *testing.T, test func(t *testing.T, h *hall)) {
	t.Helper()
	storetest.Each(t, []store.Migrations{law.Schema(), registry.Schema(), identity.Schema(), casework.Schema(), admin.Schema()}, func(t *testing.T, db *store.DB) {
		test(t, open(t, db))
	})
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

var hidden = regexp.MustCompile(`name="token" value="([0-9a-f]{64})"`)

func tokenOf(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	m := hidden.FindStringSubmatch(w.Body.String())
	if m == nil {
		t.Fatalf("the page has nothing to confirm: %s", w.Body)
	}
	return m[1]
}

func (h *hall) acts(kind string) int {
	h.t.Helper()
	entries, err := h.journal.List(h.t.Context(), casework.JournalFilter{Kind: kind, Limit: 200})
	if err != nil {
		h.t.Fatal(err)
	}
	return len(entries)
}

// Each page opens to one of the three alone.
func TestDoors(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		for path, owner := range map[string]string{
			"/admin/places/bodies": "sys", "/admin/places/posts/import": "sys", "/admin/coming": "sys", "/admin/calendars": "sys", "/admin/rules": "sys",
			"/admin/policies": "sec", "/admin/erasures": "sec", "/audit/erasures": "aud",
		} {
			for _, who := range []string{"sys", "sec", "aud"} {
				status := http.StatusForbidden
				if who == owner {
					status = http.StatusOK
				}
				if got := h.ask(who, http.MethodGet, path); got.Code != status {
					t.Errorf("%s at %s: %d, want %d", who, path, got.Code, status)
				}
			}
		}
		want(t, h.ask("sys", http.MethodGet, "/admin/places/people"), http.StatusNotFound)
		want(t, h.ask("sys", http.MethodGet, "/admin/coming"), http.StatusOK, "Somebody 44", "Begins", "head post")
		want(t, h.ask("sec", http.MethodGet, "/admin/policies"), http.StatusOK, "registry.edit/system-admin", "Ed25519", "✓")
	})
}

// What is confirmed is what was shown: a table that meets another registry is shown again.
func TestATableIsShownBeforeItIsTaken(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		const path = "/admin/places/bodies/import"
		const table = "key,division,kind,level,name_hans\nhefei-water,340100000000,water,municipal,水务\nhefei-health,340100000000,health,municipal,卫健委\n"
		bad := h.ask("sys", http.MethodPost, path, "content", strings.Replace(table, "340100000000", "990000000000", 1))
		want(t, bad, http.StatusUnprocessableEntity, "1 mistakes", "<td class=\"govuk-table__cell\">990000000000</td>", "There is no such key")
		want(t, h.ask("sys", http.MethodPost, path), http.StatusUnprocessableEntity, "Choose a file")
		shown := h.ask("sys", http.MethodPost, path, "content", table)
		want(t, shown, http.StatusOK, "1 new, 1 changed", "hefei-health")
		if h.Registry.Now().Body("hefei-health") != nil {
			t.Fatal("the dry run has changed something")
		}
		first := tokenOf(t, shown)
		// Somebody else brings one of the two meanwhile.
		want(t, h.ask("sys", http.MethodPost, "/admin/places/bodies/one", "key", "hefei-health", "division", hefei, "kind", "health", "level", "municipal", "name_hans", "卫健委"), http.StatusSeeOther)
		again := h.ask("sys", http.MethodPost, path, "content", table, "act", "confirm", "token", first)
		want(t, again, http.StatusUnprocessableEntity, "Something has moved", "0 new, 1 changed")
		before := h.acts(journal.RegistryChanged)
		want(t, h.ask("sys", http.MethodPost, path, "content", table, "act", "confirm", "token", tokenOf(t, again)), http.StatusSeeOther)
		if h.Registry.Now().Body("hefei-water").Name.Hans != "水务" || h.acts(journal.RegistryChanged) != before+1 {
			t.Error("not changed, or not taken down")
		}
		want(t, h.ask("sys", http.MethodPost, path, "content", table), http.StatusOK, "nothing to change")
	})
}

func TestOneThing(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		const path = "/admin/places/posts/one"
		want(t, h.ask("sys", http.MethodGet, path+"?key=head"), http.StatusOK, `value="head post"`)
		want(t, h.ask("sys", http.MethodGet, path+"?key=none"), http.StatusNotFound)
		want(t, h.ask("sys", http.MethodPost, path, "key", "new", "body", "hefei-water", "roles", "king", "title_hans", "kept"), http.StatusUnprocessableEntity, "Roles: There is no such role", `value="kept"`)
		want(t, h.ask("sys", http.MethodPost, path, "key", "head", "body", "hefei-water", "roles", "head", "title_hans", "x"), http.StatusUnprocessableEntity, "This key is taken")
		want(t, h.ask("sys", http.MethodPost, path, "was", "head", "body", "hefei-water", "roles", "head", "title_hans", "审批岗", "ended", "2026-12-01"), http.StatusUnprocessableEntity, "end the appointment first")
		want(t, h.ask("sys", http.MethodPost, path, "was", "head", "body", "hefei-water", "roles", "head", "title_hans", "审批岗"), http.StatusSeeOther)
		if got := h.Registry.Now().Post("head").Title.Hans; got != "审批岗" {
			t.Errorf("title %q", got)
		}
	})
}

const notice = `year: 2027
source: https://example.org/invented
holidays:
  - name: {zh-Hans: 元旦, zh-Hant: 元旦, en: New Year's Day}
    days: [2027-01-01]
    working: [2027-01-02]
`

func TestANoticeIsShownBeforeItIsTaken(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		want(t, h.ask("sys", http.MethodPost, "/admin/calendars", "content", "year: 1066\n"), http.StatusUnprocessableEntity, "The notice cannot be taken", "year: must be from")
		shown := h.ask("sys", http.MethodPost, "/admin/calendars", "content", notice)
		want(t, shown, http.StatusOK, "2 January 2027", "No case moves")
		token := tokenOf(t, shown)
		want(t, h.ask("sys", http.MethodPost, "/admin/calendars", "content", notice+"# another\n", "act", "confirm", "token", token), http.StatusUnprocessableEntity, "Something has moved")
		want(t, h.ask("sys", http.MethodPost, "/admin/calendars", "content", notice, "act", "confirm", "token", token), http.StatusSeeOther)
		if !h.Law.Calendar().Working(calendar.Day(2027, 1, 2)) || h.acts(journal.CalendarImported) != 1 {
			t.Error("not in force, or not taken down")
		}
		want(t, h.ask("sys", http.MethodGet, "/admin/calendars"), http.StatusOK, "calendar/2027.yaml", "being computed anew", "Somebody 70")
	})
}

const reply = `parameters:
  - id: request.reply
    overrides: true
    values:
      - from: 2027-01-01
        amount: 15
        source: {law: disclosure-2019, article: "33"}
        confidence: unverified
`

func TestRulesAreShownBeforeTheyAreTaken(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		for _, c := range []struct{ name, content, want string }{
			{"reply.yaml", reply, "The name is JURISDICTION/NAME.yaml"},
			{"cn-ah/reply.yaml", strings.Replace(reply, "15", "25", 1), "loosening"},
			{"", reply, "Fill in “File”"},
		} {
			want(t, h.ask("sys", http.MethodPost, "/admin/rules", "name", c.name, "content", c.content), http.StatusUnprocessableEntity, c.want)
		}
		shown := h.ask("sys", http.MethodPost, "/admin/rules", "name", "cn-ah/reply.yaml", "content", reply)
		want(t, shown, http.StatusOK, "request.reply", "1 January 2027", "15 working-day", "0 open cases go on")
		want(t, h.ask("sys", http.MethodPost, "/admin/rules", "name", "cn-ah/reply.yaml", "content", reply, "act", "confirm", "token", tokenOf(t, shown)), http.StatusSeeOther)
		if v, err := h.Law.Rules().At("request.reply", calendar.Day(2027, 1, 1)); err != nil || v.Amount != 15 || h.acts(journal.RulesPublished) != 1 {
			t.Errorf("%+v, %v, or not taken down", v, err)
		}
	})
}

// Two people erase: the one proposes, another confirms. A case that is open, or a proposer who confirms, are refused.
func TestErasing(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		insert := func(id int64, number string, ended int64) {
			t.Helper()
			err := h.db.Write(t.Context(), func(_ context.Context, tx *store.Tx) error {
				tx.Queue(`INSERT INTO case_ (id, number, kind, subject, title, division, body, procedure, party, holder, channel, status, result, rating, lamp, seq,
					created_at, ended_at, promise_due, statute_due, wake_at, terms, state)
					VALUES ($1, $2, 'licence', 's', '{}', $3, 'hefei-water', 'p@1', 0, $4, 'online', 'granted', 'granted', 0, 0, 1, 1, $5, 0, 0, 0, '{}', '{}')`,
					id, number, hefei, []byte("holder"), ended)
				tx.Queue(`INSERT INTO event (id, case_id, seq, at, kind, content, sealed) VALUES ($1, $1, 1, 1, 'case.submitted', '{}', $2)`, id, []byte("secret"))
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		insert(1<<40, "ENDED1", 5)
		insert(1<<40+1, "OPEN1", 0)
		if x, err := h.Extent(t.Context(), "ended1"); err != nil || x.Events != 1 || x.Uploads != 3 || x.Letters != 4 {
			t.Errorf("what would be erased: %+v, %v", x, err)
		}
		if _, err := h.Extent(t.Context(), "OPEN1"); !errors.Is(err, admin.ErrOpen) {
			t.Errorf("of an open case: %v", err)
		}
		const reason = "the applicant asked for it on 20 November, art. 47"
		for _, c := range []struct{ number, reason, want string }{
			{"", "", "Fill in “Number of the case”"}, {"NONE", reason, "There is no case"}, {"OPEN1", reason, "has not ended"}, {"ENDED1", "short", "Say in 10 to 500"},
		} {
			want(t, h.ask("sec", http.MethodPost, "/admin/erasures", "number", c.number, "reason", c.reason), http.StatusUnprocessableEntity, c.want)
		}
		want(t, h.ask("sec", http.MethodPost, "/admin/erasures", "number", "ended1", "reason", reason), http.StatusSeeOther)
		want(t, h.ask("sec", http.MethodPost, "/admin/erasures", "number", "ENDED1", "reason", reason), http.StatusUnprocessableEntity, "proposed already")
		list, err := h.Erasures(t.Context(), h.people["aud"])
		if err != nil || len(list) != 1 {
			t.Fatalf("%+v, %v", list, err)
		}
		if err := h.DecideErasure(t.Context(), h.people["sec"], list[0].ID, true); err == nil {
			t.Error("security confirms what it has proposed")
		}
		sealed := func() int {
			t.Helper()
			n, err := store.Scalar[int](h.db.Read().QueryRow(t.Context(), `SELECT count(*) FROM event WHERE sealed IS NOT NULL AND case_id >= $1`, int64(1)<<40))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		path := "/audit/erasures/" + list[0].ID.String()
		want(t, h.ask("aud", http.MethodGet, "/audit/erasures"), http.StatusOK, "ENDED1", reason, "Erase for good")
		if sealed() != 2 {
			t.Error("erased before it was confirmed")
		}
		want(t, h.ask("aud", http.MethodPost, path, "decision", "erase"), http.StatusSeeOther)
		want(t, h.ask("aud", http.MethodPost, path, "decision", "erase"), http.StatusConflict, "decided")
		if len(h.erased) != 1 || h.erased[0] != 1<<40 || h.purged != 1 {
			t.Errorf("papers of %v were erased, and removed %d times", h.erased, h.purged)
		}
		if sealed() != 1 || h.acts(journal.EraseProposed) != 1 || h.acts(journal.Erased) != 1 {
			t.Error("not erased, or not taken down")
		}
		want(t, h.ask("sec", http.MethodGet, "/admin/erasures"), http.StatusOK, "Erased")
		if r, err := h.journal.Check(t.Context()); err != nil || len(r.Faults) != 0 {
			t.Errorf("%+v, %v", r, err)
		}
	})
}
