package registry_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/demo"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
)

func name(hans, hant, en string) lang.Text { return lang.Text{Hans: hans, Hant: hant, En: en} }

// The codes are those of the National Bureau of Statistics, edition of 2023.
var divisions = []registry.Division{
	{Code: "340000000000", Level: registry.Province, Name: name("安徽省", "安徽省", "Anhui Province")},
	{Code: "340100000000", Level: registry.City, Name: name("合肥市", "合肥市", "Hefei")},
	{Code: "340121000000", Level: registry.County, Name: name("长丰县", "長豐縣", "Changfeng County")},
	{Code: "340121100000", Level: registry.Township, Name: name("水湖镇", "水湖鎮", "Shuihu Town")},
	{Code: "340121100201", Level: registry.Village, Name: name("长丰村", "", "")}, // invented: no traditional name
	{Code: "340300000000", Level: registry.City, Name: name("蚌埠市", "蚌埠市", "Bengbu")},
	{Code: "340321000000", Level: registry.County, Name: name("怀远县", "懷遠縣", "Huaiyuan County")},
}

var (
	data    = registry.Body{Key: "hefei-data", Division: "340100000000", Kind: "data", Level: "municipal", Name: name("合肥市数据资源管理局", "", ""), Centre: "hefei-centre"}
	housing = registry.Body{Key: "hefei-housing", Division: "340100000000", Kind: "housing", Level: "municipal", Name: name("合肥市住房保障和房产管理局", "", "")}
	health  = registry.Body{Key: "hefei-health", Division: "340100000000", Kind: "health", Level: "municipal", Name: name("合肥市卫生健康委员会", "", "")}
	centre  = registry.Centre{Key: "hefei-centre", Division: "340100000000", Body: "hefei-data", Name: name("合肥市政务服务中心", "", ""), Windows: []registry.Window{
		{Key: "w-build", Number: "A02", Name: name("工程建设窗口", "", ""), Bodies: []string{"hefei-housing"}},
		{Key: "w-people", Number: "A03", Name: name("民生窗口", "", ""), Bodies: []string{"hefei-health"}},
	}}
)

func post(key, body string, windows []string, roles ...string) registry.Post {
	return registry.Post{Key: key, Body: body, Roles: roles, Windows: windows, Title: name(key, "", "")}
}

var (
	monday  = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	tuesday = monday.AddDate(0, 0, 1)
	friday  = monday.AddDate(0, 0, 4)
)

func fill(e *registry.Edit) error {
	if err := e.PutDivisions(divisions); err != nil {
		return err
	}
	for _, b := range []registry.Body{data, housing, health} {
		if err := e.PutBody(b); err != nil {
			return err
		}
	}
	if err := e.PutCentre(centre); err != nil {
		return err
	}
	for _, p := range []registry.Post{
		post("clerk.build", "hefei-data", []string{"w-build"}, registry.Clerk),
		post("clerk.any", "hefei-data", nil, registry.Clerk),
		post("manager", "hefei-data", nil, registry.Manager),
		post("reviewer", "hefei-housing", nil, registry.Reviewer),
		post("security", "hefei-data", nil, registry.SecurityAdmin),
		post("audit", "hefei-data", nil, registry.AuditAdmin),
	} {
		if err := e.PutPost(p); err != nil {
			return err
		}
	}
	return e.Appoint(7, "reviewer", monday, friday)
}

func each(t *testing.T, test func(t *testing.T, db *store.DB, reg *registry.Registry)) {
	t.Helper()
	storetest.Each(t, []store.Migrations{registry.Schema()}, func(t *testing.T, db *store.DB) {
		reg, err := registry.Open(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // putting twice is putting once
			if err := reg.Edit(t.Context(), fill); err != nil {
				t.Fatal(err)
			}
		}
		test(t, db, reg)
	})
}

func codes(divisions []*registry.Division) []string {
	got := []string{}
	for _, d := range divisions {
		got = append(got, d.Code)
	}
	return got
}

func equal(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestDivisions(t *testing.T) {
	each(t, func(t *testing.T, _ *store.DB, reg *registry.Registry) {
		s := reg.Now()
		if got, want := s.Counts(), (registry.Counts{Divisions: 7, Bodies: 3, Centres: 1, Windows: 2, Posts: 6, Appointments: 1}); got != want {
			t.Errorf("counts %+v, want %+v", got, want)
		}
		equal(t, "top", codes(s.Children("")), "340000000000")
		equal(t, "cities", codes(s.Children("340000000000")), "340100000000", "340300000000")
		equal(t, "path", codes(s.Path("340121100201")), "340000000000", "340100000000", "340121000000", "340121100000", "340121100201")
		equal(t, "path of nothing", codes(s.Path("990000000000")))
		if got := s.Division("340321000000"); got == nil || got.Name.Hant != "懷遠縣" || got.Level != registry.County {
			t.Errorf("division %+v", got)
		}
		for _, c := range []struct {
			above, code string
			want        bool
		}{
			{"340000000000", "340121100201", true},
			{"340100000000", "340100000000", true},
			{"340100000000", "340121000000", true},
			{"340100000000", "340321000000", false}, // another city
			{"340121000000", "340100000000", false}, // the other way round
			{"340000000000", "", true},              // the whole node
			{"340100000000", "", false},
			{"340100000000", "340199000000", false}, // not there
			{"", "340100000000", false},
			{"", "", false},
		} {
			if got := s.Contains(c.above, c.code); got != c.want {
				t.Errorf("Contains(%q, %q) = %t", c.above, c.code, got)
			}
		}
	})
}

func TestFind(t *testing.T) {
	each(t, func(t *testing.T, _ *store.DB, reg *registry.Registry) {
		for _, c := range []struct {
			words string
			want  []string
		}{
			{"长丰", []string{"340121000000", "340121100201"}}, // the county stands above the village
			{"長豐", []string{"340121000000", "340121100201"}}, // learnt from the county's two names
			{"长丰村", []string{"340121100201"}},
			{"丰", []string{"340121000000", "340121100201"}},
			{"合肥 长丰县", []string{"340121000000"}},
			{"蚌埠 长丰县", nil},
			{"huaiyuan", []string{"340321000000"}},
			{"Huaiyuan County", []string{"340321000000"}},
			{"3403", []string{"340300000000", "340321000000"}},
			{"市", []string{"340100000000", "340300000000"}},
			{"  ", nil},
			{"西湖", nil},
		} {
			equal(t, c.words, codes(reg.Now().Find(c.words, 10)), c.want...)
		}
		equal(t, "limit", codes(reg.Now().Find("市", 1)), "340100000000")
	})
}

func TestWindowsServeBodies(t *testing.T) {
	each(t, func(t *testing.T, _ *store.DB, reg *registry.Registry) {
		s := reg.Now()
		for _, c := range []struct {
			post, body string
			want       bool
		}{
			{"clerk.build", "hefei-housing", true}, // its window
			{"clerk.build", "hefei-health", false}, // the window beside it
			{"clerk.any", "hefei-health", true},    // all windows of the centre that its body runs
			{"clerk.any", "hefei-data", true},      // its own body
			{"manager", "hefei-housing", false},    // sits at no window
			{"reviewer", "hefei-housing", true},
			{"reviewer", "hefei-health", false},
			{"nobody", "hefei-health", false},
		} {
			if got := s.Serves(c.post, c.body); got != c.want {
				t.Errorf("Serves(%s, %s) = %t", c.post, c.body, got)
			}
		}
		if w := s.Window("w-people"); w == nil || w.Number != "A03" {
			t.Errorf("window %+v", w)
		}
		if len(s.Bodies("340100000000")) != 3 || len(s.Centres("340100000000")) != 1 || s.Body("hefei-health") == nil || s.Centre("hefei-centre") == nil {
			t.Error("a body or the centre is missing")
		}
	})
}

func TestPostsAreHeldForATime(t *testing.T) {
	each(t, func(t *testing.T, _ *store.DB, reg *registry.Registry) {
		for _, c := range []struct {
			at   time.Time
			want int
		}{{monday.Add(-time.Microsecond), 0}, {monday, 1}, {friday.Add(-time.Microsecond), 1}, {friday, 0}} {
			if got := reg.Now().PostsOf(7, c.at); len(got) != c.want {
				t.Errorf("at %s: %d posts, want %d", c.at, len(got), c.want)
			}
			if got := reg.Now().Holders("reviewer", c.at); len(got) != c.want {
				t.Errorf("at %s: %d holders, want %d", c.at, len(got), c.want)
			}
		}
		if p := reg.Now().PostsOf(7, monday)[0]; p.Division != "340100000000" || !p.Has(registry.Reviewer) {
			t.Errorf("post %+v", p)
		}
		before := reg.Now()
		if err := reg.Edit(t.Context(), func(e *registry.Edit) error { return e.Appoint(7, "reviewer", monday, tuesday) }); err != nil {
			t.Fatal(err)
		}
		if len(reg.Now().PostsOf(7, tuesday)) != 0 || len(reg.Now().AppointmentsOf(7)) != 1 {
			t.Error("the appointment did not end with its new end")
		}
		if len(before.PostsOf(7, tuesday)) != 1 {
			t.Error("an old snapshot has changed")
		}
	})
}

func TestEditRefuses(t *testing.T) {
	bad := func(code string, level registry.Level, hans string) []registry.Division {
		return []registry.Division{{Code: code, Level: level, Name: name(hans, "", "")}}
	}
	cases := []struct {
		name, want string
		edit       func(e *registry.Edit) error
	}{
		{"short code", "12 digits", func(e *registry.Edit) error { return e.PutDivisions(bad("3401", registry.City, "x")) }},
		{"letters", "12 digits", func(e *registry.Edit) error { return e.PutDivisions(bad("34O100000000", registry.City, "x")) }},
		{"level", "level 6", func(e *registry.Edit) error { return e.PutDivisions(bad("340100000000", 6, "x")) }},
		{"digits below the level", "zeros from digit 5", func(e *registry.Edit) error { return e.PutDivisions(bad("340121000000", registry.City, "x")) }},
		{"nameless", "no name", func(e *registry.Edit) error { return e.PutDivisions(bad("340100000000", registry.City, "")) }},
		{"body without key", "key and name", func(e *registry.Edit) error { return e.PutBody(registry.Body{}) }},
		{"centre without key", "key and name", func(e *registry.Edit) error { return e.PutCentre(registry.Centre{}) }},
		{"post without role", "a role", func(e *registry.Edit) error { return e.PutPost(post("p", "hefei-data", nil)) }},
		{"body nowhere", `division "990000000000"`, func(e *registry.Edit) error {
			return e.PutBody(registry.Body{Key: "b", Division: "990000000000", Name: name("x", "", "")})
		}},
		{"body in no centre", `centre "none"`, func(e *registry.Edit) error {
			b := housing
			b.Centre = "none"
			return e.PutBody(b)
		}},
		{"window serves nobody", `body "none"`, func(e *registry.Edit) error {
			return e.PutCentre(registry.Centre{Key: "c", Division: "340100000000", Body: "hefei-data", Name: name("x", "", ""), Windows: []registry.Window{{Key: "w", Bodies: []string{"none"}}}})
		}},
		{"window key used twice", "no key of its own", func(e *registry.Edit) error {
			return e.PutCentre(registry.Centre{Key: "c", Division: "340100000000", Body: "hefei-data", Name: name("x", "", ""), Windows: []registry.Window{{Key: "w-build"}}})
		}},
		{"post in no body", `body "none"`, func(e *registry.Edit) error { return e.PutPost(post("p", "none", nil, registry.Head)) }},
		{"post at no window", `window "none"`, func(e *registry.Edit) error {
			return e.PutPost(post("p", "hefei-data", []string{"none"}, registry.Clerk))
		}},
		{"two administrators in a post", "stands alone", func(e *registry.Edit) error {
			return e.PutPost(post("p", "hefei-data", nil, registry.SecurityAdmin, registry.AuditAdmin))
		}},
		{"appointed to nothing", `post "none"`, func(e *registry.Edit) error { return e.Appoint(8, "none", monday, time.Time{}) }},
		{"appointed backwards", "an end after it", func(e *registry.Edit) error { return e.Appoint(8, "reviewer", friday, monday) }},
		{"one person, two administrators", "at the same time", func(e *registry.Edit) error {
			if err := e.Appoint(8, "security", monday, time.Time{}); err != nil {
				return err
			}
			return e.Appoint(8, "audit", tuesday, friday)
		}},
		{"an administrator who reviews", "at the same time", func(e *registry.Edit) error { return e.Appoint(7, "audit", tuesday, time.Time{}) }},
	}
	each(t, func(t *testing.T, _ *store.DB, reg *registry.Registry) {
		before := reg.Now()
		for _, c := range cases {
			err := reg.Edit(t.Context(), c.edit)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: got %v, want … %s …", c.name, err, c.want)
			}
		}
		if reg.Now() != before {
			t.Error("a refused edit changed the snapshot")
		}
		if changed, err := reg.Refresh(t.Context()); changed || err != nil {
			t.Errorf("a refused edit changed the database: %t, %v", changed, err)
		}
		// One after the other is allowed.
		if err := reg.Edit(t.Context(), func(e *registry.Edit) error {
			if err := e.Appoint(8, "security", monday, tuesday); err != nil {
				return err
			}
			return e.Appoint(8, "audit", tuesday, friday)
		}); err != nil {
			t.Error(err)
		}
	})
}

func TestAnotherNodeSeesTheChange(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB, reg *registry.Registry) {
		other, err := registry.Open(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		if err := other.Edit(t.Context(), func(e *registry.Edit) error {
			b := health
			b.Consult = "0551-12345"
			return e.PutBody(b)
		}); err != nil {
			t.Fatal(err)
		}
		if got := reg.Now().Body("hefei-health").Consult; got != "" {
			t.Fatalf("consult %q before the refresh", got)
		}
		if changed, err := reg.Refresh(t.Context()); !changed || err != nil {
			t.Fatalf("refresh: %t, %v", changed, err)
		}
		if got := reg.Now().Body("hefei-health").Consult; got != "0551-12345" {
			t.Errorf("consult %q after the refresh", got)
		}
		if changed, err := reg.Refresh(t.Context()); changed || err != nil {
			t.Errorf("second refresh: %t, %v", changed, err)
		}
	})
}

func province(t testing.TB) []registry.Division {
	t.Helper()
	var all []registry.Division
	for d, err := range demo.Divisions() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, registry.Division{Code: d.Code, Level: registry.Level(d.Level), Name: d.Name})
	}
	return all
}

func TestLoadsAProvince(t *testing.T) {
	all := province(t)
	storetest.Each(t, []store.Migrations{registry.Schema()}, func(t *testing.T, db *store.DB) {
		reg, err := registry.Open(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		if err := reg.Edit(t.Context(), func(e *registry.Edit) error { return e.PutDivisions(all) }); err != nil {
			t.Fatal(err)
		}
		if got := reg.Now().Counts().Divisions; got != len(all) {
			t.Errorf("%d divisions, want %d", got, len(all))
		}
		for _, d := range all {
			path := reg.Now().Path(d.Code)
			if len(path) == 0 || path[0].Code != "340000000000" {
				t.Fatalf("%s %s hangs loose", d.Code, d.Name.Hans)
			}
		}
	})
}

func BenchmarkFind(b *testing.B) {
	db := storetest.New(b, store.SQLite, registry.Schema())
	reg, err := registry.Open(context.Background(), db)
	if err != nil {
		b.Fatal(err)
	}
	all := province(b)
	if err := reg.Edit(context.Background(), func(e *registry.Edit) error { return e.PutDivisions(all) }); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if len(reg.Now().Find("合肥 新村", 20)) == 0 {
			b.Fatal("nothing found")
		}
	}
}
