package identity_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/seal"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/policies"
)

// cheap keeps the tests quick; TestDefaultCost looks at the real one.
var cheap = identity.Cost{Memory: 64, Time: 1, Threads: 1}

// hall is a service on an empty database with a clock that stands until it is moved.
type hall struct {
	*identity.Service
	t   testing.TB
	db  *store.DB
	mu  sync.Mutex
	now time.Time

	told []string // the kinds of notices, in order
}

func (h *hall) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *hall) wait(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func open(t testing.TB, db *store.DB, tls bool) *hall {
	t.Helper()
	return openWith(t, db, func(o *identity.Options) { o.TLS = tls })
}

func openWith(t testing.TB, db *store.DB, change func(o *identity.Options)) *hall {
	t.Helper()
	h := &hall{t: t, db: db, now: time.Now().UTC().Truncate(time.Second)}
	keys, err := seal.New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	ids, err := store.NewIDs(1, h.clock)
	if err != nil {
		t.Fatal(err)
	}
	reg, err := registry.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	name := func(s string) lang.Text { return lang.Text{Hans: s} }
	err = reg.Edit(t.Context(), func(e *registry.Edit) error {
		return errors.Join(
			e.PutDivisions([]registry.Division{{Code: anhui, Level: registry.Province, Name: name("安徽省")}, {Code: hefei, Level: registry.City, Name: name("合肥市")}}),
			e.PutBody(registry.Body{Key: "hefei-housing", Division: hefei, Name: name("住房局")}),
			e.PutPost(registry.Post{Key: "housing.head", Body: "hefei-housing", Roles: []string{"head"}, Title: name("负责人")}),
			e.PutPost(registry.Post{Key: "housing.reviewer", Body: "hefei-housing", Roles: []string{"reviewer"}, Title: name("审核")}),
		)
	})
	if err != nil {
		t.Fatal(err)
	}
	rules, err := identity.LoadPolicies(policies.Files, func() identity.Places { return reg.Now() })
	if err != nil {
		t.Fatal(err)
	}
	o := identity.Options{
		DB: db, Keys: keys, IDs: ids, Now: h.clock, Registry: reg, Policies: rules, Cost: cheap, BaseURL: "https://hall.example.org",
		Failed: func(w http.ResponseWriter, _ *http.Request, err error) { t.Error(err) },
		Tell: func(_ context.Context, n identity.Notice) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.told = append(h.told, n.Kind)
		},
	}
	change(&o)
	h.Service, err = identity.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func each(t *testing.T, test func(t *testing.T, h *hall)) {
	t.Helper()
	storetest.Each(t, []store.Migrations{registry.Schema(), identity.Schema()}, func(t *testing.T, db *store.DB) { test(t, open(t, db, false)) })
}

const password = "riverside-lantern-82"

// The numbers are the examples of GB 11643-1999 and of other published texts; nobody bears them.
func person() identity.Registration {
	return identity.Registration{Kind: identity.Person, Login: "Wang.Xiaoming", Password: password, Name: "王小明", Number: "11010519491231002X", Phone: "13800000001"}
}

func (h *hall) register(r identity.Registration) identity.Account {
	h.t.Helper()
	a, err := h.Register(h.t.Context(), r)
	if err != nil {
		h.t.Fatal(err)
	}
	return a
}

func (h *hall) staff(login string) identity.Account {
	h.t.Helper()
	a, err := h.CreateStaff(h.t.Context(), identity.Platform, identity.NewStaff{Login: login, Password: password, Name: "徐望舒"})
	if err != nil {
		h.t.Fatal(err)
	}
	return a
}

func (h *hall) appoint(account store.ID, posts ...string) {
	h.t.Helper()
	err := h.Registry.Edit(h.t.Context(), func(e *registry.Edit) error {
		for _, post := range posts {
			if err := e.Appoint(account, post, h.clock(), time.Time{}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// refused asserts that err is a refusal with the code and exactly these fields.
func refused(t *testing.T, err error, code string, fields ...string) {
	t.Helper()
	var r *identity.Refusal
	if !errors.As(err, &r) || r.Code != code {
		t.Errorf("got %v, want the refusal %s", err, code)
		return
	}
	var got []string
	for _, f := range r.Fields {
		got = append(got, f.Field+":"+f.Code)
	}
	if !slices.Equal(got, fields) {
		t.Errorf("fields %v, want %v", got, fields)
	}
}

func TestRegister(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		a := h.register(person())
		if a.Kind != identity.Person || a.Login != "Wang.Xiaoming" || a.Name != "王小明" || a.Number != "11010519491231002X" || a.Phone != "13800000001" || a.Disabled || !a.CreatedAt.Equal(h.clock()) {
			t.Errorf("account %+v", a)
		}
		for what, find := range map[string]func() (identity.Account, error){
			"login":  func() (identity.Account, error) { return h.AccountByLogin(t.Context(), " wang.xiaoming ") },
			"number": func() (identity.Account, error) { return h.AccountByNumber(t.Context(), "11010519491231002x") },
		} {
			if b, err := find(); err != nil || b.ID != a.ID {
				t.Errorf("by %s: %v, %v", what, b.ID, err)
			}
		}
		_, err := h.Account(t.Context(), 12345)
		refused(t, err, identity.RefusedNoAccount)

		firm := identity.Registration{Kind: identity.Enterprise, Login: "firm", Password: password, Name: "安徽示例有限公司", Number: "91350100M000100Y43", Phone: "0551-62601000", Representative: a.ID}
		b := h.register(firm)
		parties, err := h.Parties(t.Context(), a.ID)
		if err != nil || len(parties) != 1 || parties[0] != (identity.Party{ID: b.ID, Kind: identity.Enterprise, Name: "安徽示例有限公司"}) {
			t.Errorf("parties %+v, %v", parties, err)
		}
	})
}

func TestRegisterRefuses(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		for name, c := range map[string]struct {
			change func(r *identity.Registration)
			fields []string
		}{
			"empty":             {func(r *identity.Registration) { *r = identity.Registration{Kind: identity.Person} }, []string{"login:required", "name:required", "password:required", "number:required", "phone:required"}},
			"kind":              {func(r *identity.Registration) { r.Kind = identity.Staff }, []string{"kind:kind"}},
			"login too short":   {func(r *identity.Registration) { r.Login = "ab" }, []string{"login:login"}},
			"login with blank":  {func(r *identity.Registration) { r.Login = "wang ming" }, []string{"login:login"}},
			"check digit":       {func(r *identity.Registration) { r.Number = "110105194912310021" }, []string{"number:number"}},
			"not yet born":      {func(r *identity.Registration) { r.Number = "110105299912310022" }, []string{"number:number"}},
			"phone":             {func(r *identity.Registration) { r.Phone = "12" }, []string{"phone:number"}},
			"short password":    {func(r *identity.Registration) { r.Password = "a1b2c3d" }, []string{"password:short"}},
			"long password":     {func(r *identity.Registration) { r.Password = strings.Repeat("ab1x9", 26) }, []string{"password:long"}},
			"common":            {func(r *identity.Registration) { r.Password = "1qaz2wsx3edc" }, []string{"password:common"}},
			"common and a year": {func(r *identity.Registration) { r.Password = "Password-2026!" }, []string{"password:common"}},
			"common twice":      {func(r *identity.Registration) { r.Password = "liverpoolmanchester" }, []string{"password:common"}},
			"sequence":          {func(r *identity.Registration) { r.Password = "1234567890" }, []string{"password:guessed"}},
			"repetition":        {func(r *identity.Registration) { r.Password = "aaaa1111aaaa" }, []string{"password:guessed"}},
			"own login":         {func(r *identity.Registration) { r.Password = "wang.xiaoming!" }, []string{"password:guessed"}},
			"own number":        {func(r *identity.Registration) { r.Password = "x11010519491231002x" }, []string{"password:guessed"}},
			"part of a number":  {func(r *identity.Registration) { r.Password = "1949123100" }, []string{"password:guessed"}},
			"no representative": {func(r *identity.Registration) {
				r.Kind, r.Number = identity.Enterprise, "91350100M000100Y43"
			}, []string{"representative:unknown"}},
		} {
			r := person()
			c.change(&r)
			_, err := h.Register(t.Context(), r)
			t.Run(name, func(t *testing.T) { refused(t, err, identity.RefusedForm, c.fields...) })
		}
		// The parser of the number says in words what is wrong.
		other := person()
		other.Number = "110105194912310021"
		_, err := h.Register(t.Context(), other)
		var wrong *identity.Refusal
		if !errors.As(err, &wrong) || !wrong.Fields[0].Text.Complete() {
			t.Errorf("no words: %+v", wrong)
		}

		h.register(person())
		_, err = h.Register(t.Context(), person())
		refused(t, err, identity.RefusedForm, "login:taken", "number:taken")
		other = person()
		other.Login = "another"
		_, err = h.Register(t.Context(), other)
		refused(t, err, identity.RefusedForm, "number:taken")
	})
}

func TestTwoRegisterTheSameNumberAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		var made, taken int
		var mu sync.Mutex
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				_, err := h.Register(context.Background(), person())
				var r *identity.Refusal
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					made++
				case errors.As(err, &r) && r.Code == identity.RefusedForm:
					taken++
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if made != 1 || taken != 7 {
			t.Errorf("made %d, refused %d; want 1 and 7", made, taken)
		}
	})
}

func TestPersonalDataIsSealed(t *testing.T) {
	dsn := storetest.URL(t, store.SQLite)
	db, err := store.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), store.Schema(), registry.Schema(), identity.Schema()); err != nil {
		t.Fatal(err)
	}
	h := open(t, db, false)
	h.register(person())
	s := newSite(h)
	s.signIn("wang.xiaoming")
	token := s.cookie()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Dir(strings.TrimPrefix(dsn, "sqlite:"))
	var all []byte
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	if !bytes.Contains(all, []byte("hefei-housing")) {
		t.Fatal("the files hold nothing at all: the test looks at the wrong ones")
	}
	for what, secret := range map[string]string{
		"name": "王小明", "login": "wang.xiaoming", "login as typed": "Wang.Xiaoming", "number": "11010519491231002X", "phone": "13800000001",
		"password": password, "session token": token,
	} {
		if bytes.Contains(all, []byte(secret)) {
			t.Errorf("the %s stands in the database file", what)
		}
	}
}

func TestImport(t *testing.T) {
	each(t, func(t *testing.T, h *hall) {
		li := person()
		accounts := []identity.NewAccount{
			{Kind: identity.Enterprise, Login: "firm", Password: password, Name: "安徽示例有限公司", Number: "91350100M000100Y43", Phone: "0551-62601000", Representative: "wang.xiaoming"},
			{Kind: identity.Person, Login: li.Login, Password: password, Name: li.Name, Number: li.Number, Phone: li.Phone},
			{Kind: identity.Staff, Login: "xu.wangshu", Password: password, Name: "徐望舒"},
		}
		_, err := h.Import(t.Context(), actors["system admin"], accounts)
		var denied *identity.Denied
		if !errors.As(err, &denied) {
			t.Errorf("by the system administrator: %v", err)
		}
		ids, err := h.Import(t.Context(), identity.Platform, accounts)
		if err != nil {
			t.Fatal(err)
		}
		for i, id := range ids {
			if a, err := h.Account(t.Context(), id); err != nil || a.Login != accounts[i].Login || a.Kind != accounts[i].Kind || a.Number != accounts[i].Number {
				t.Errorf("account %d: %+v, %v", i, a, err)
			}
		}
		if parties, err := h.Parties(t.Context(), ids[1]); err != nil || len(parties) != 1 || parties[0].ID != ids[0] {
			t.Errorf("parties of the representative: %+v, %v", parties, err)
		}
		s := newSite(h)
		s.signIn("xu.wangshu")
		s.is("imported", "staff 徐望舒")

		_, err = h.Import(t.Context(), identity.Platform, []identity.NewAccount{
			{Kind: identity.Staff, Login: "fresh", Password: password, Name: "新"}, {Kind: identity.Staff, Login: "xu.wangshu", Password: password, Name: "徐"},
		})
		refused(t, err, identity.RefusedForm, "login:taken")
		if err == nil || !strings.Contains(err.Error(), "account 2") {
			t.Errorf("the error does not say which: %v", err)
		}
		if _, err := h.AccountByLogin(t.Context(), "fresh"); err == nil {
			t.Error("a refused import made an account")
		}
		accounts[0].Login, accounts[0].Number, accounts[0].Representative = "firm2", "11341702486344515H", "nobody"
		_, err = h.Import(t.Context(), identity.Platform, accounts[:1])
		refused(t, err, identity.RefusedForm, "representative:unknown")
	})
}
