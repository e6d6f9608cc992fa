package message_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/job"
	"openhall.org/openhall/internal/platform/notify"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/i18n"
	"openhall.org/openhall/internal/slice/message"
)

// The readers of the tests.
const (
	wang store.ID = 1
	li   store.ID = 2
)

// world is the room over a real database. It stands for whom its pages and its notices ask.
type world struct {
	t      *testing.T
	db     *store.DB
	notify *notify.Service
	pages  http.Handler
	who    identity.Principal
	now    time.Time
}

func (w *world) clock() time.Time { return w.now }

// Principal implements message.People.
func (w *world) Principal(*http.Request) (identity.Principal, error) { return w.who, nil }

// UserOf implements web.Users.
func (w *world) UserOf(*http.Request) (*web.UserView, error) {
	return &web.UserView{Name: w.who.Name, Kind: string(w.who.Kind)}, nil
}

// Account implements notify.Accounts.
func (w *world) Account(_ context.Context, id store.ID) (identity.Account, error) {
	return identity.Account{ID: id, Kind: identity.Person, Name: "王小明"}, nil
}

// Get implements notify.Cases: there is one, of Wang.
func (w *world) Get(_ context.Context, id store.ID) (*casework.Case, error) {
	if id != 7 {
		return nil, store.ErrNotFound
	}
	return &casework.Case{ID: 7, Party: wang, Title: lang.Text{Hans: "取水许可", Hant: "取水許可", En: "Water abstraction"}}, nil
}

// matter writes the receipt of Wang's application.
func (w *world) matter(number string) {
	w.t.Helper()
	w.now = w.now.Add(time.Second)
	content, err := merkle.Canonical(casework.Envelope{
		Actor: casework.Actor{Kind: identity.Person}, At: w.now.Format(time.RFC3339), Case: number, Data: map[string]any{"opened": []any{"accept"}},
		Kind: casework.Submitted, Seq: 1, Type: "approval", V: 1,
	})
	if err == nil {
		event := casework.Event{ID: 1001, Case: 7, Seq: 1, At: w.now, Kind: casework.Submitted, Leaf: 1, Content: content}
		err = w.db.Write(w.t.Context(), func(ctx context.Context, tx *store.Tx) error {
			return w.notify.Handle(ctx, tx, []casework.Event{event})
		})
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

type open struct{}

func (open) Allow(*http.Request, web.Route) error { return nil }

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	w := &world{t: t, db: db, who: identity.Principal{Account: wang, Kind: identity.Person, Name: "王小明"}, now: time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)}
	keys, err := seal.New([]byte(strings.Repeat("k", 32)))
	must(err)
	ids, err := store.NewIDs(1, w.clock)
	must(err)
	jobs, err := job.New(job.Options{DB: db, IDs: ids, Now: w.clock, Holder: "test", Log: slog.New(slog.DiscardHandler)})
	must(err)
	reg, err := registry.Open(t.Context(), db)
	must(err)
	book, err := notify.Shipped()
	must(err)
	w.notify, err = notify.New(notify.Options{
		DB: db, Keys: keys, IDs: ids, Now: w.clock, Log: slog.New(slog.DiscardHandler), Jobs: jobs, Cases: w, Accounts: w, Places: reg, Book: book,
		Site: func() lang.Text { return lang.Text{Hans: "安徽政务", Hant: "安徽政務", En: "Anhui Open Hall"} }, BaseURL: "https://hall.example.org",
		Mailer: notify.Outbox(t.TempDir()), From: mail.Address{Address: "no-reply@hall.example.org"},
	})
	must(err)
	words, err := i18n.Load(web.Messages(), message.Messages())
	must(err)
	s, err := message.New(message.Deps{People: w, Notify: w.notify, Now: w.clock})
	must(err)
	shell, err := web.New(web.Config{
		Catalogue: words, Clock: w.clock, Log: slog.New(slog.DiscardHandler), Users: w, Guard: open{}, Explain: web.ExplainRefusal,
		Site: web.Site{Name: lang.Text{Hans: "政务大厅", Hant: "政務大廳", En: "Hall"}},
	})
	must(err)
	s.Mount(shell)
	w.pages, err = shell.Handler()
	must(err)
	t.Cleanup(func() {
		if missing := words.Missing(); len(missing) > 0 {
			t.Errorf("messages asked for in vain: %v", missing)
		}
	})
	return w
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, []store.Migrations{casework.Schema(), registry.Schema(), job.Schema(), notify.Schema()}, func(t *testing.T, db *store.DB) { test(t, newWorld(t, db)) })
}

// tell writes a message about an account.
func (w *world) tell(account store.ID, kind string) {
	w.t.Helper()
	w.now = w.now.Add(time.Second)
	if err := w.notify.Tell(w.t.Context(), identity.Notice{Account: account, Kind: kind, At: w.now}); err != nil {
		w.t.Fatal(err)
	}
}

// ask sends a request and returns the page and where it leads. Words with a ! in front must not be there.
func (w *world) ask(method, path string, form url.Values, status int, words ...string) (page, to string) {
	w.t.Helper()
	r := httptest.NewRequestWithContext(w.t.Context(), method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Accept-Language", "en")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	rec := httptest.NewRecorder()
	w.pages.ServeHTTP(rec, r)
	page = rec.Body.String()
	if rec.Code != status {
		w.t.Errorf("%s %s: %d, want %d: %s", method, path, rec.Code, status, page)
	}
	for _, word := range words {
		if absent, not := strings.CutPrefix(word, "!"); not == strings.Contains(page, strings.TrimPrefix(word, "!")) {
			w.t.Errorf("%s %s: %q is there: %v", method, path, absent, not)
		}
	}
	return page, rec.Header().Get("Location")
}

const list = "/me/messages"

// Somebody reads what they were told, marks it, removes it; nobody reads what another was told.
func TestReading(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.ask(http.MethodGet, list, nil, http.StatusOK, "!Password changed")
		w.tell(wang, identity.NoticePassword)
		w.tell(wang, identity.NoticeFactorAdded)
		w.tell(li, identity.NoticeRecovery)
		w.ask(http.MethodGet, list, nil, http.StatusOK, "Password changed", "Second factor added", "!Recovery code used")
		mine, err := w.notify.List(t.Context(), notify.Box{Account: wang}, lang.En, notify.ListFilter{})
		if err != nil || len(mine) != 2 {
			t.Fatalf("%+v, %v", mine, err)
		}
		theirs, err := w.notify.List(t.Context(), notify.Box{Account: li}, lang.En, notify.ListFilter{})
		if err != nil || len(theirs) != 1 {
			t.Fatalf("%+v, %v", theirs, err)
		}
		one := list + "/" + mine[1].ID.String()
		w.ask(http.MethodGet, one, nil, http.StatusOK, "Your password was changed on 2 March 2026 10:00", `href="/account"`, "Open your account", "!Open the matter")
		w.ask(http.MethodGet, list+"?show=unread", nil, http.StatusOK, "!Password changed", "Second factor added")
		w.ask(http.MethodPost, one+"/unread", nil, http.StatusSeeOther)
		w.ask(http.MethodGet, list+"?show=unread", nil, http.StatusOK, "Password changed")
		w.ask(http.MethodGet, list+"/"+theirs[0].ID.String(), nil, http.StatusNotFound)
		w.ask(http.MethodGet, list+"/x", nil, http.StatusNotFound)
		w.ask(http.MethodPost, list+"/read", url.Values{"newest": {"x"}}, http.StatusBadRequest)
		w.ask(http.MethodPost, list+"/read", url.Values{"newest": {mine[0].ID.String()}}, http.StatusSeeOther)
		w.ask(http.MethodPost, list+"/delete", nil, http.StatusSeeOther)
		if left, err := w.notify.List(t.Context(), notify.Box{Account: wang}, lang.En, notify.ListFilter{}); err != nil || len(left) != 0 {
			t.Errorf("%d are left, %v", len(left), err)
		}
	})
}

// What is chosen is kept, what is wrong is named beside it, and what cannot be switched off stays.
func TestSettings(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const path = list + "/settings"
		w.ask(http.MethodGet, path, nil, http.StatusOK, "Password changed", "Complaint answered", "!Yellow card")
		for _, wrong := range []url.Values{{"language": {"la"}}, {"language": {"en"}, "from": {"22"}}, {"language": {"en"}, "from": {"7"}, "until": {"7"}}} {
			w.ask(http.MethodPost, path, wrong, http.StatusUnprocessableEntity, "govuk-error-summary")
		}
		if _, to := w.ask(http.MethodPost, path, url.Values{"language": {"zh-Hant"}, "from": {"22"}, "until": {"7"}}, http.StatusSeeOther); to != path {
			t.Errorf("leads to %s", to)
		}
		s, err := w.notify.Settings(t.Context(), wang)
		if err != nil || s.Language != lang.Hant || s.Quiet != (notify.Quiet{From: 22, Until: 7}) {
			t.Errorf("%+v, %v", s, err)
		}
		shown := w.notify.Notices(false, false)
		for i := range shown {
			if n := &shown[i]; s.Wants(n, notify.Mail) != n.Fixed(notify.Mail) {
				t.Errorf("%s by mail: %v", n.ID, s.Wants(n, notify.Mail))
			}
		}
		w.ask(http.MethodPost, path+"/mail", url.Values{"address": {"no address"}}, http.StatusUnprocessableEntity, "no address")
		w.ask(http.MethodPost, path+"/mail", url.Values{"address": {"wang@example.com"}}, http.StatusSeeOther)
		w.ask(http.MethodPost, path+"/mail/confirm", url.Values{"code": {"wrong"}}, http.StatusUnprocessableEntity)
		w.ask(http.MethodPost, path+"/mail/remove", nil, http.StatusSeeOther)
		if s, err = w.notify.Settings(t.Context(), wang); err != nil || s.Mail.Pending != "" {
			t.Errorf("an address is left: %+v, %v", s.Mail, err)
		}
	})
}

// Who acts for a party reads what that party was told about its matters. What happened to the party's account is for the party alone,
// and so is the address to which the warnings about it go.
func TestAgentsReadNothingOfTheAccount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const settings = list + "/settings"
		w.tell(wang, identity.NoticePassword)
		w.matter("340100-W-20260302-0001")
		mine, err := w.notify.List(t.Context(), notify.Box{Account: wang}, lang.En, notify.ListFilter{})
		if err != nil || len(mine) != 2 {
			t.Fatalf("%+v, %v", mine, err)
		}
		matter, account := list+"/"+mine[0].ID.String(), list+"/"+mine[1].ID.String()
		w.ask(http.MethodPost, settings+"/mail", url.Values{"address": {"wang@example.com"}}, http.StatusSeeOther)

		w.who = identity.Principal{Account: li, Kind: identity.Person, Name: "李敏", For: identity.Party{ID: wang, Kind: identity.Person, Name: "王小明"}}
		w.ask(http.MethodGet, list, nil, http.StatusOK, "340100-W-20260302-0001", "!Password changed", "Show unread only (1)")
		w.ask(http.MethodGet, matter, nil, http.StatusOK, "340100-W-20260302-0001")
		w.ask(http.MethodGet, account, nil, http.StatusNotFound)
		w.ask(http.MethodPost, account+"/unread", nil, http.StatusSeeOther)
		w.ask(http.MethodPost, list+"/read", url.Values{"newest": {mine[0].ID.String()}}, http.StatusSeeOther)
		w.ask(http.MethodPost, list+"/delete", nil, http.StatusSeeOther)
		w.ask(http.MethodGet, settings, nil, http.StatusOK, "!wang@example.com", "!Password changed", "Complaint answered")
		for _, change := range []string{"/mail", "/mail/confirm", "/mail/remove", "/resume"} {
			w.ask(http.MethodPost, settings+change, url.Values{"address": {"li@example.com"}, "code": {"000000"}, "channel": {"mail"}}, http.StatusForbidden)
		}
		w.ask(http.MethodPost, settings, url.Values{"language": {"en"}, "want": {"account-password.mail"}}, http.StatusSeeOther)

		left, err := w.notify.List(t.Context(), notify.Box{Account: wang}, lang.En, notify.ListFilter{})
		if err != nil || len(left) != 1 || left[0].ID != mine[1].ID || !left[0].Unread() {
			t.Errorf("the owner finds %+v, %v; want the warning, unread", left, err)
		}
		if s, err := w.notify.Settings(t.Context(), wang); err != nil || s.Mail.Pending != "wang@example.com" {
			t.Errorf("the address of the owner: %+v, %v", s.Mail, err)
		}
	})
}

// A link of a mail ends its kind without signing in. Looking at it ends nothing, and the page says nothing of whose mails they are.
func TestMailsAreEndedWithoutSigningIn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.who = identity.Principal{Account: li, Kind: identity.Person, Name: "李四"} // somebody else, whose mails go on
		wants := func() bool {
			settings, err := w.notify.Settings(t.Context(), wang)
			if err != nil {
				t.Fatal(err)
			}
			all := w.notify.Notices(false, false)
			at := slices.IndexFunc(all, func(n notify.Notice) bool { return n.ID == "account-search" })
			return settings.Wants(&all[at], notify.Mail)
		}
		link := w.notify.StopLink(wang, "account-search")
		path, _ := strings.CutPrefix(link, "https://hall.example.org")
		for range 2 {
			w.ask(http.MethodGet, path, nil, http.StatusOK, "Stop these mails", "Something new was published", "<form method=\"post\">", "!王小明")
		}
		w.ask(http.MethodHead, path, nil, http.StatusOK)
		if !wants() {
			t.Error("a look at the link has ended the mails")
		}
		w.ask(http.MethodPost, path[:len(path)-1], url.Values{}, http.StatusNotFound, "This link is not whole")
		w.ask(http.MethodGet, path+"2", nil, http.StatusNotFound, "This link is not whole")
		if !wants() {
			t.Error("a link that is not whole has ended the mails")
		}
		for range 2 { // as a mail program does, which sends no cookie
			w.ask(http.MethodPost, path, url.Values{"List-Unsubscribe": {"One-Click"}}, http.StatusOK, "Stopped.", "/me/messages/settings", "!王小明")
		}
		if wants() {
			t.Error("the mails go on")
		}
	})
}
