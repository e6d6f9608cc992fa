package main

import (
	"bytes"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"openhall.org/openhall/demo"
	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/store/storetest"
	"openhall.org/openhall/internal/platform/web"
)

var updateMatrix = flag.Bool("update-matrix", false, "write testdata/matrix.txt anew: read every line that changed")

// matrixFile holds who may do what on which page: one line for each route, one column for each actor, + for allowed. It is made from the
// route table, and every line of it was read by somebody: a route that is new, or allows more than it did, fails until it was.
const matrixFile = "testdata/matrix.txt"

// The matrix role × route × division, asked of the running pages: everybody tries everything, on a matter of one body in one city. What
// is written in the file is what the pages do; beside it stand rules that no reading of the file may give up (see [watcher.mustNot]).
func TestMatrixOfRoutes(t *testing.T) {
	t.Parallel()
	w := newWatcher(t)
	var out bytes.Buffer
	fmt.Fprintln(&out, "# Who may do what: + allowed, o let in and asked for more (nothing was sent), . refused. The matter is one of hefei-water in 340100000000, applied for by person.chen.")
	fmt.Fprintln(&out, "# Written by: go test ./cmd/openhall -run TestMatrixOfRoutes -update-matrix")
	for i, a := range w.actors {
		fmt.Fprintf(&out, "# %2d %s\n", i+1, a.name)
	}
	routes := w.node.Shell.Routes()
	for _, r := range routes {
		line := strings.Builder{}
		for i := range w.actors {
			mark := w.tries(&w.actors[i], r)
			line.WriteByte(mark)
			if why := w.mustNot(&w.actors[i], r); mark != refused && why != "" {
				t.Errorf("unexpected: %s may %s (%s): %s", w.actors[i].name, r.Pattern, r.Name, why)
			}
		}
		fmt.Fprintf(&out, "%s  %-60s %s\n", line.String(), r.Pattern, or(r.Action, "public"))
	}
	if len(routes) < 80 {
		t.Fatalf("saw only %d routes", len(routes))
	}
	if *updateMatrix {
		if err := os.WriteFile(matrixFile, out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	kept, err := os.ReadFile(matrixFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range differences(string(kept), out.String()) {
		t.Error(line)
	}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// differences lists the lines that only one of two texts has.
func differences(was, is string) []string {
	old, now := strings.Split(was, "\n"), strings.Split(is, "\n")
	var out []string
	for _, l := range old {
		if !slices.Contains(now, l) {
			out = append(out, "- "+l)
		}
	}
	for _, l := range now {
		if !slices.Contains(old, l) {
			out = append(out, "+ "+l)
		}
	}
	return out
}

// relation is how an actor stands to the matter.
type relation string

// The relations.
const (
	own       relation = "own"       // whose matter it is, or of its body
	serving   relation = "serving"   // of the window that takes in for the body
	sameCity  relation = "same city" // of another body of the division
	below     relation = "below"     // of a county of the city
	above     relation = "above"     // of the province
	elsewhere relation = "elsewhere" // of another city, or whose matter it is not
)

// trier is somebody who tries.
type trier struct {
	name     string
	roles    []string // of the post; citizen, visitor
	relation relation
	cookie   *http.Cookie
}

// is reports whether the actor has one of the roles.
func (a *trier) is(roles ...string) bool {
	return slices.ContainsFunc(roles, func(r string) bool { return slices.Contains(a.roles, r) })
}

type watcher struct {
	t      *testing.T
	node   *app.Node
	kase   *casework.Case
	actors []trier
	login  map[string]string // name of the actor → login
	secret string            // password of all
	other  store.ID          // account that administrators act on: nobody of the actors
	draft  store.ID          // of the owner
	centre string            // where the body is stationed
	window string            // of that centre
	asked  int               // requests
}

const (
	matterBody     = "hefei-water"
	matterDivision = "340100000000"
	matterOwner    = "person.chen"
)

func newWatcher(t *testing.T) *watcher {
	t.Helper()
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, calendar.Zone)
	w := &watcher{t: t, login: map[string]string{}}
	p := assembleProgram(t, app.Config{
		Data: t.TempDir(), Database: storetest.URL(t, store.SQLite), BaseURL: "http://localhost", Origin: "localhost/log",
		Jurisdiction: "cn-ah", Division: "340000000000", SecondFactor: "offered",
	}, func() time.Time { return now })
	w.node = p.Node
	t.Cleanup(func() {
		w.node.Cases.Close()
		if err := w.node.Close(); err != nil {
			t.Error(err)
		}
	})
	fillDemo(t, w.node)
	playMatters(t, w.node)
	f, err := frame(p)
	if err == nil {
		err = w.node.Mount(f)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.findMatter()
	w.meet()
	return w
}

// findMatter takes an open matter of the body.
func (w *watcher) findMatter() {
	w.t.Helper()
	owner, err := w.node.Identity.AccountByLogin(w.t.Context(), matterOwner)
	if err != nil {
		w.t.Fatal(err)
	}
	list, err := w.node.Cases.List(w.t.Context(), casework.Filter{Body: matterBody, Limit: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(c *casework.Case) bool { return c.Party == owner.ID && c.Open() && c.Kind == "approval" })
	if i < 0 {
		w.t.Fatalf("the demo has no open matter of %s with %s", matterOwner, matterBody)
	}
	w.kase = list[i]
	draft, err := w.node.Cases.NewDraft(w.t.Context(), owner.ID, w.kase.Kind, w.kase.Subject, casework.DraftContent{})
	if err != nil {
		w.t.Fatal(err)
	}
	w.draft = draft.ID
}

// meet finds somebody for each role in each relation, and signs them in.
func (w *watcher) meet() {
	w.t.Helper()
	accounts, err := os.ReadFile(filepath.Join(w.node.Config.Data, "accounts.json"))
	if err != nil {
		w.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(accounts), `"password": "`)
	w.secret, _, _ = strings.Cut(rest, `"`)
	w.actors = append(w.actors, trier{name: "visitor", roles: []string{"visitor"}, relation: elsewhere})
	w.join(own, matterOwner, "citizen")
	reg, err := demo.LoadRegistry()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, a := range reg.Accounts {
		if a.Login != matterOwner {
			w.join(elsewhere, a.Login, "citizen")
			break
		}
	}
	other, err := w.node.Identity.AccountByLogin(w.t.Context(), reg.Accounts[len(reg.Accounts)-1].Login)
	if err != nil {
		w.t.Fatal(err)
	}
	w.other = other.ID
	places := w.node.Registry.Now()
	w.centre = places.Body(matterBody).Centre
	w.window = places.Centre(w.centre).Windows[0].Key
	met := map[string]bool{}
	for _, person := range reg.People {
		if len(person.Posts) == 0 {
			continue
		}
		post := places.Post(person.Posts[0])
		if post == nil {
			continue
		}
		rel := relationOf(places, post)
		for _, role := range post.Roles {
			if key := role + " " + string(rel); !met[key] {
				for _, r := range post.Roles {
					met[r+" "+string(rel)] = true
				}
				w.join(rel, person.Login, post.Roles...)
			}
		}
	}
	for _, role := range []string{registry.Clerk, registry.Reviewer, registry.Head, registry.Supervisor} {
		for _, rel := range []relation{own, elsewhere} {
			if role == registry.Supervisor && rel == own || role == registry.Clerk && rel == own {
				continue // a supervisor sits in no body that decides; the window is that of the centre
			}
			if !met[role+" "+string(rel)] {
				w.t.Errorf("the demo has no %s, %s: the matrix has a hole", role, rel)
			}
		}
	}
}

func relationOf(places *registry.Snapshot, post *registry.Post) relation {
	switch {
	case post.Body == matterBody:
		return own
	case places.Serves(post.Key, matterBody):
		return serving
	case post.Division == matterDivision:
		return sameCity
	case places.Contains(matterDivision, post.Division):
		return below
	case places.Contains(post.Division, matterDivision):
		return above
	}
	return elsewhere
}

func (w *watcher) join(rel relation, login string, roles ...string) {
	w.t.Helper()
	a := trier{name: strings.Join(roles, " ") + ", " + string(rel), roles: roles, relation: rel}
	w.login[a.name] = login
	w.signIn(&a)
	w.actors = append(w.actors, a)
}

func (w *watcher) signIn(a *trier) {
	w.t.Helper()
	rec := w.send(&trier{}, http.MethodPost, "/signin", url.Values{"login": {w.login[a.name]}, "password": {w.secret}})
	for _, c := range rec.Result().Cookies() {
		if strings.HasSuffix(c.Name, "openhall") {
			a.cookie = c
		}
	}
	if rec.Code != http.StatusSeeOther || a.cookie == nil {
		w.t.Fatalf("%s (%s) could not sign in: %d", a.name, w.login[a.name], rec.Code)
	}
}

func (w *watcher) send(a *trier, method, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(w.t.Context(), method, "http://localhost"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if a.cookie != nil {
		r.AddCookie(a.cookie)
	}
	w.asked++
	r.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:9", w.asked>>16&255, w.asked>>8&255, w.asked&255) // no address asks too often
	rec := httptest.NewRecorder()
	w.node.Handler().ServeHTTP(rec, r)
	return rec
}

// What comes of a try.
const (
	allowed byte = '+'
	letIn   byte = 'o'
	refused byte = '.'
)

// tries reports whether the page lets the actor in. What is not there for somebody (404) is refused as well.
func (w *watcher) tries(a *trier, r web.Route) byte {
	method, path, ok := strings.Cut(r.Pattern, " ")
	if !ok {
		method, path = http.MethodGet, r.Pattern
	}
	if strings.HasSuffix(path, "/live") || strings.HasSuffix(path, "/events") || strings.Contains(path, "/signout") {
		if w.opens(a, r) { // a stream does not end; who signs out can't try the rest
			return allowed
		}
		return refused
	}
	rec := w.send(a, method, w.fill(path), nil)
	if a.cookie != nil && method == http.MethodPost && strings.HasPrefix(path, "/account") && w.send(a, http.MethodGet, "/account", nil).Code != http.StatusOK {
		w.signIn(a) // what was tried ended the session
	}
	switch {
	case rec.Code >= http.StatusInternalServerError && rec.Code != http.StatusServiceUnavailable:
		w.t.Errorf("%s: %s answers %d", a.name, r.Pattern, rec.Code)
		return allowed
	case rec.Code == http.StatusTooManyRequests:
		w.t.Errorf("%s: %s was asked too often to tell", a.name, r.Pattern)
		return refused
	case rec.Code == http.StatusUnauthorized, rec.Code == http.StatusForbidden, rec.Code == http.StatusNotFound:
		return refused
	case rec.Code == http.StatusSeeOther && strings.HasPrefix(rec.Header().Get("Location"), "/signin"):
		return refused
	case rec.Code >= http.StatusBadRequest:
		return letIn
	}
	return allowed
}

// opens asks the guard alone.
func (w *watcher) opens(a *trier, r web.Route) bool {
	return r.Public || !a.is("visitor") && r.Action == "account.own"
}

// fill puts what the matter is called into the places of a path.
func (w *watcher) fill(path string) string {
	values := map[string]string{
		"number": w.kase.Number, "division": matterDivision, "body": matterBody, "seq": "1", "kind": "receipt-slip", "token": "1", "page": "1",
		"code": w.kase.Subject, "item": w.kase.Subject, "case": w.kase.Number, "area": matterDivision, "ref": w.kase.Procedure,
		"key": matterBody, "file": "1.json", "sheet": "bodies", "window": w.window,
	}
	switch {
	case strings.Contains(path, "/items/{key}"):
		values["key"] = crashItem
	case strings.Contains(path, "/draft/{id}"):
		values["id"] = w.draft.String()
	case strings.Contains(path, "centre"):
		values["key"] = w.centre
	case strings.Contains(path, "/accounts/{id}"):
		values["id"] = w.other.String()
	}
	if len(w.kase.Tasks()) > 0 {
		values["token"] = fmt.Sprint(w.kase.Tasks()[0].Token)
	}
	if strings.HasPrefix(path, "/track/") {
		values["code"] = w.node.Cases.Code(w.kase)
	}
	out := path
	for {
		before, rest, found := strings.Cut(out, "{")
		if !found {
			return strings.TrimSuffix(out, "$")
		}
		name, after, _ := strings.Cut(rest, "}")
		name = strings.TrimSuffix(name, "...")
		value := values[name]
		if value == "" && name != "$" {
			value = "1" // a thing of the actor's own, which is not there: nobody sees those of others
		}
		out = before + value + after
	}
}

// administrators are the three who run the hall and have no part in its matters.
var administrators = []string{registry.SystemAdmin, registry.SecurityAdmin, registry.AuditAdmin}

// mustNot says why an actor must not be let in, whatever the policies say; nothing when they may decide.
func (w *watcher) mustNot(a *trier, r web.Route) string {
	if r.Public {
		return ""
	}
	_, path, _ := strings.Cut(r.Pattern, " ")
	ofMatter := strings.Contains(path, "{number}")
	private := r.Action == casework.ActionPrivate || r.Action == "file.read"
	switch {
	case a.is("visitor"):
		return "nobody is signed in"
	case strings.HasPrefix(path, "/admin") && !a.is(administrators...):
		return "administration is for the three administrators"
	case strings.HasPrefix(path, "/desk") && a.is("citizen"), strings.HasPrefix(path, "/board") && a.is("citizen"):
		return "the workbench and the board are for officials"
	case ofMatter && a.relation == elsewhere:
		return "the matter is not theirs, nor of their division"
	case ofMatter && a.is(administrators...):
		return "administrators have no part in matters"
	case ofMatter && private && a.is(registry.Supervisor, registry.Manager):
		return "supervision needs the course of a matter and not the person (个人信息保护法 6)"
	case ofMatter && r.Action == casework.ActionComplete && !a.is("citizen") && a.relation != own && a.relation != serving && !a.is(registry.Supervisor):
		return "only the competent body, and the window that takes in for it, work on a matter"
	case ofMatter && a.relation == below:
		return "a lower division does not look into the matters of a higher one"
	}
	return ""
}
