package identity_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/policies"
)

// town is a small province: Hefei (3401) with Changfeng county (340121) in it, and Bengbu (3403) beside it. The service centre of
// Hefei serves the body hefei-housing.
type town struct{}

const anhui, hefei, changfeng, bengbu = "340000000000", "340100000000", "340121000000", "340300000000"

func (town) Contains(ancestor, code string) bool {
	switch ancestor {
	case anhui:
		return true
	case hefei:
		return code == hefei || code == changfeng
	default:
		return ancestor == code && code != ""
	}
}

func (town) Serves(post, body string) bool {
	return (post == "centre.clerk" || post == "centre.agent") && body == "hefei-housing"
}

func loadPolicies(t testing.TB) *identity.Policies {
	t.Helper()
	p, err := identity.LoadPolicies(policies.Files, func() identity.Places { return town{} })
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func at(post, body, division string, roles ...string) identity.Principal {
	return identity.Principal{Account: 900, Kind: identity.Staff, Post: identity.Post{ID: post, Body: body, Division: division, Roles: roles}}
}

// Those who act. The case is one of hefei-housing in Hefei; its applicant is account 1.
var actors = map[string]identity.Principal{
	"visitor":          {Kind: identity.Visitor},
	"applicant":        {Account: 1, Kind: identity.Person},
	"stranger":         {Account: 2, Kind: identity.Person},
	"mandatary":        {Account: 3, Kind: identity.Person, For: identity.Party{ID: 1, Kind: identity.Enterprise}},
	"enterprise":       {Account: 1, Kind: identity.Enterprise},
	"window":           at("housing.window", "hefei-housing", hefei, "window"),
	"centre window":    at("centre.clerk", "hefei-data", hefei, "window"),
	"centre agent":     at("centre.agent", "hefei-data", hefei, "agent"),
	"bengbu window":    at("bengbu.clerk", "bengbu-data", bengbu, "window"),
	"reviewer":         at("housing.reviewer", "hefei-housing", hefei, "reviewer"),
	"head":             at("housing.head", "hefei-housing", hefei, "head"),
	"health reviewer":  at("health.reviewer", "hefei-health", hefei, "reviewer"),
	"disclosure":       at("housing.disclosure", "hefei-housing", hefei, "disclosure"),
	"supervisor":       at("supervision", "hefei-supervision", hefei, "supervisor"),
	"upper supervisor": at("upper", "anhui-supervision", anhui, "supervisor"),
	"other supervisor": at("other", "bengbu-supervision", bengbu, "supervisor"),
	"county manager":   at("county", "changfeng-data", changfeng, "manager"),
	"manager":          at("centre.manager", "hefei-data", hefei, "manager"),
	"system admin":     at("sys", "hefei-housing", hefei, "system-admin"),
	"security admin":   at("sec", "hefei-housing", hefei, "security-admin"),
	"audit admin":      at("aud", "hefei-housing", hefei, "audit-admin"),
	"two admins":       at("two", "hefei-housing", hefei, "security-admin", "audit-admin"),
	"no post":          {Account: 5, Kind: identity.Staff},
	"reader":           {Account: 6, Kind: identity.Machine, Post: identity.Post{Roles: []string{"case.read"}}},
	"hefei machine":    {Account: 7, Kind: identity.Machine, Post: identity.Post{Division: hefei, Roles: []string{"case.read", "case.submit"}}},
	"bengbu machine":   {Account: 8, Kind: identity.Machine, Post: identity.Post{Division: bengbu, Roles: []string{"case.read", "case.submit"}}},
	"health machine":   {Account: 9, Kind: identity.Machine, Post: identity.Post{Body: "hefei-health", Roles: []string{"case.read"}}},
	"greedy machine":   {Account: 9, Kind: identity.Machine, Post: identity.Post{Roles: []string{"account.manage", "token.create", "case.rate"}}},
	"unproven":         {Account: 900, Kind: identity.Staff, Unproven: true, Post: identity.Post{ID: "housing.head", Body: "hefei-housing", Division: hefei, Roles: []string{"head", "window", "reviewer"}}},
	"platform":         identity.Platform,
	"nothing":          {},
}

var housingCase = identity.Resource{Type: "case", Division: hefei, Body: "hefei-housing", Owner: 1}

func with(role string, proven bool) identity.Resource {
	r := housingCase
	r.Role, r.Proven = role, proven
	return r
}

// village is a villager of a village point that the centre in Hefei runs.
func village(assigned, consented bool) identity.Resource {
	return identity.Resource{Type: "agent", Division: hefei, Body: "hefei-data", Assigned: assigned, Consented: consented}
}

// consent is the case in which a villager agreed to an agent of the centre.
func consent(role string) identity.Resource {
	return identity.Resource{Type: "case", Division: hefei, Body: "hefei-data", Role: role}
}

// consented is a case of a villager who has agreed that the agent does something for them in it.
func consented(role string) identity.Resource {
	return identity.Resource{Type: "case", Division: bengbu, Role: role, Consented: true}
}

// notPlatform begins the list of an action that people alone take; the platform is in every other list.
const notPlatform = "not the platform, but "

// TestMatrix holds every action to the list of those who may; everybody else may not. The lists are written by hand from the
// design (issue 2, law.md §§ 2, 7): nobody but the platform is in all of them.
func TestMatrix(t *testing.T) {
	rows := []struct {
		action string
		on     identity.Resource
		may    string
	}{
		{"case.submit", housingCase, "applicant, mandatary, enterprise, window, centre window, centre agent, hefei machine"},
		{"draft.edit", housingCase, "applicant, mandatary, enterprise, window, centre window, centre agent"},

		{"task.complete", with("applicant", false), "applicant, mandatary, enterprise, window, centre window"},
		{"task.complete", with("window", false), "window, centre window"},
		{"task.complete", with("reviewer", false), "reviewer"},
		{"task.complete", with("head", false), "head"},
		{"task.complete", with("", false), ""},
		{"task.complete", with("reviewer", true), "reviewer"}, // the query code opens only what the applicant is asked for

		{"task.assign", with("reviewer", false), "reviewer, head"},
		{"task.assign", with("window", false), "window, head"},

		{"case.message", with("withdraw", false), "applicant, mandatary, enterprise, window, centre window"},
		{"case.message", with("objection", false), "window, centre window, reviewer, head"},

		{"case.attach", housingCase, "applicant, mandatary, enterprise, window, centre window, reviewer"},
		{"case.rate", housingCase, "applicant, mandatary, enterprise"},

		{"case.read", housingCase, "applicant, mandatary, enterprise, window, centre window, reviewer, head, supervisor, upper supervisor, manager, reader, hefei machine"},
		{"case.private", housingCase, "applicant, mandatary, enterprise, window, centre window, reviewer, head"},
		{"file.read", housingCase, "applicant, mandatary, enterprise, window, centre window, reviewer, head"},
		{"case.private", with("", true), "applicant, mandatary, enterprise, window, centre window, reviewer, head"}, // a slip of paper shows no personal data

		{"case.list", housingCase, "applicant, mandatary, enterprise, window, centre window, reviewer, head, supervisor, upper supervisor, manager"},
		{"desk.view", housingCase, "disclosure, window, centre window, centre agent, reviewer, head"},
		{"board.view", housingCase, "head, supervisor, upper supervisor, manager"},
		{"board.view", identity.Resource{Type: "board"}, "upper supervisor"}, // the whole node

		// Electronic supervision: a card becomes a case by itself, an order comes from supervision of the division or above.
		{"oversight.view", housingCase, "window, centre window, reviewer, head, supervisor, upper supervisor, manager"},
		{"order.issue", housingCase, "supervisor, upper supervisor"},
		{"case.submit", with("oversight-card", false), ""},
		{"case.submit", with("oversight-order", false), "supervisor, upper supervisor"},
		{"task.complete", with("supervisor", false), "supervisor, upper supervisor"},
		{"case.private", with("oversight-card", false), "applicant, mandatary, enterprise, window, centre window, reviewer, head, supervisor, upper supervisor"},
		{"centre.manage", identity.Resource{Type: "centre", Division: hefei}, "manager"},
		{"centre.authorise", identity.Resource{Type: "authority", Division: hefei, Body: "hefei-housing"}, "head"},
		{"centre.serve", identity.Resource{Type: "window", Division: hefei}, "window, centre window, centre agent, bengbu window"},
		{"centre.measure", housingCase, "head, supervisor, upper supervisor, manager"},

		// Publication: a body drafts, reviews and takes back its own; the columns at the top are the system administrator's of the whole node.
		{"publication.draft", housingCase, "disclosure, window, reviewer, head"},
		{"publication.read", housingCase, "disclosure, window, reviewer, head, supervisor, upper supervisor, manager"},
		{"publication.withdraw", housingCase, "disclosure, reviewer, head"},
		{"publication.category", identity.Resource{Type: "category", Division: hefei, Body: "hefei-housing"}, "disclosure, head, system admin"},
		{"publication.category", identity.Resource{Type: "category"}, ""},
		{"publication.import", housingCase, "system admin"},
		{"case.submit", with("publication", false), "disclosure, window, reviewer, head"},
		{"case.submit", with("publication-withdrawal", false), "disclosure, window, reviewer, head"},
		{"case.submit", with("publication-duty", false), ""}, // a late duty becomes a case by itself, and ends by itself
		{"case.message", with("duty.settled", false), ""},
		{"task.complete", with("publisher", false), ""}, // the platform alone releases
		{"task.complete", with("disclosure", false), "disclosure, window, reviewer, head"},
		// Requests for information: everybody asks, offices enter what comes on paper; who asks is known to those who handle it.
		{"request.office", housingCase, "disclosure, window, centre window, centre agent, reviewer, head"},
		{"case.read", with("request", false), "applicant, mandatary, enterprise, disclosure, window, centre window, reviewer, head, supervisor, upper supervisor, manager, reader, hefei machine"},
		{"case.private", with("request", false), "applicant, mandatary, enterprise, disclosure, window, centre window, reviewer, head"},
		{"request.asker", housingCase, "disclosure, reviewer, head"},
		{"case.submit", with("request-dispute", false), "reviewer"},
		{"case.submit", with("request-catalogue", false), "reviewer"},
		{"case.take-back", with("request-dispute", false), "reviewer"}, // whoever may record it
		{"case.take-back", with("request", false), ""},

		// Charts are drawn in the body whose powers they show; its head moves running cases. Rounds of clean-up are prepared in the reform
		// office; what follows from rounds and from joint matters the platform alone begins, and nobody rates it.
		{"chart.edit", housingCase, "disclosure, reviewer, head"},
		{"case.migrate", housingCase, "head"},
		{"cleanup.edit", housingCase, "reviewer, head"},
		{"case.submit", with("cleanup-round", false), notPlatform + "reviewer, head"},
		{"case.submit", with("cleanup-handover", false), ""},
		{"case.submit", with("cleanup-attempt", false), ""},
		{"case.submit", with("joint-part", false), ""},
		{"case.submit", with("joint-check", false), ""},
		{"case.message", with("absent", false), ""},
		{"case.message", with("discontinue", false), ""},
		{"case.message", with("summons", false), ""},
		{"case.rate", with("joint-part", false), notPlatform},
		{"case.rate", with("cleanup-handover", false), notPlatform},
		{"task.complete", with("department", false), ""},

		// Intermediary services: the registrar keeps catalogue and register; an order is its applicant's and its agency's, and seen by the body
		// that checks what is delivered; nobody orders, bids or is admitted in the place of another.
		{"intermediary.register", housingCase, "reviewer, head"},
		{"intermediary.order", housingCase, "applicant, mandatary, enterprise, reviewer, head, supervisor, upper supervisor"},
		{"intermediary.agency", housingCase, "applicant, mandatary, enterprise"},
		{"intermediary.sanction", housingCase, "reviewer, supervisor, upper supervisor"},
		{"task.complete", with("agency", false), "applicant, mandatary, enterprise"},
		{"task.complete", with("agency", true), "applicant, mandatary, enterprise"}, // a query code makes nobody the agency
		{"case.submit", with("intermediary-order", false), "applicant, mandatary, enterprise"},
		{"case.submit", with("intermediary-bid", false), "applicant, mandatary, enterprise"},
		{"case.submit", with("intermediary-admission", false), "applicant, mandatary, enterprise"},
		{"case.submit", with("intermediary-sanction", false), "reviewer, supervisor, upper supervisor"},
		{"case.submit", with("intermediary-lift", false), "applicant, mandatary, enterprise, reviewer, supervisor, upper supervisor"},
		{"case.submit", with("intermediary-attempt", false), ""},
		{"case.private", with("intermediary-bid", false), "applicant, mandatary, enterprise"}, // sealed: no post and no program reads it
		{"case.private", with("intermediary-bid", true), "applicant, mandatary, enterprise"},
		{"file.read", with("intermediary-bid", false), "applicant, mandatary, enterprise"},
		{"case.read", with("intermediary-bid", true), "applicant, mandatary, enterprise"},
		{"case.rate", with("intermediary-sanction", false), notPlatform},
		{"case.rate", with("intermediary-order", false), "applicant, mandatary, enterprise"},

		// Annual reports are compiled in the body that reports. A letter is revoked by the head whose body issued it.
		{"report.edit", housingCase, "disclosure, reviewer, head"},
		{"document.revoke", housingCase, "head"},

		{"item.edit", identity.Resource{Type: "item", Division: hefei, Body: "hefei-housing"}, "system admin"},
		{"registry.edit", identity.Resource{Type: "body"}, "system admin"},
		{"account.manage", identity.Resource{Type: "account"}, "security admin"},
		{"token.create", identity.Resource{Type: "token"}, "security admin"},
		{"audit.read", identity.Resource{Type: "audit"}, "audit admin"},
		{"law.edit", identity.Resource{Type: "calendar"}, "system admin"},
		{"policy.read", identity.Resource{Type: "policy"}, "security admin"},
		{"erase.propose", identity.Resource{Type: "case", Division: hefei, Body: "hefei-housing"}, "security admin"},
		{"erase.confirm", identity.Resource{Type: "case", Division: hefei, Body: "hefei-housing"}, "audit admin"},

		{"account.own", identity.Resource{Type: "account"}, "applicant, stranger, mandatary, enterprise, disclosure, window, centre window, centre agent, bengbu window, reviewer, head, health reviewer, supervisor, upper supervisor, other supervisor, county manager, manager, system admin, security admin, audit admin, no post"},
		{"message.own", identity.Resource{Type: "account"}, "applicant, stranger, mandatary, enterprise, disclosure, window, centre window, centre agent, bengbu window, reviewer, head, health reviewer, supervisor, upper supervisor, other supervisor, county manager, manager, system admin, security admin, audit admin, no post"},
		{"account.factor", identity.Resource{Type: "account"}, "unproven, applicant, stranger, mandatary, enterprise, disclosure, window, centre window, centre agent, bengbu window, reviewer, head, health reviewer, supervisor, upper supervisor, other supervisor, county manager, manager, system admin, security admin, audit admin, no post"},
		{"api.use", identity.Resource{}, "applicant, stranger, mandatary, enterprise, disclosure, window, centre window, centre agent, bengbu window, reviewer, head, health reviewer, supervisor, upper supervisor, other supervisor, county manager, manager, system admin, security admin, audit admin, no post, reader, hefei machine, bengbu machine, health machine, greedy machine"},
		{"agent.work", housingCase, "centre agent"},
		{"agent.consent", village(true, false), "centre agent"},
		{"agent.consent", village(false, false), ""},
		{"agent.act", village(true, true), "centre agent"},
		{"agent.act", village(true, false), ""},                   // the villager has not agreed, or no longer
		{"agent.act", village(false, true), ""},                   // another agent's village
		{"task.complete", consented("applicant"), "centre agent"}, // the villager's own step, by their agent
		{"case.message", consented("withdraw"), "centre agent"},
		{"agent.manage", village(false, false), "manager"},
		{"agent.own", housingCase, "applicant, mandatary"},
		{"case.submit", consent("agent-consent"), notPlatform + "centre agent"},
		{"case.message", consent("lay-down"), notPlatform + "centre agent"},
		{"case.rate", consent("agent-consent"), notPlatform},
		{"case.destroy", housingCase, ""}, // an action that nobody defined
	}
	p := loadPolicies(t)
	asked := map[string]bool{}
	for _, row := range rows {
		asked[row.action] = true
		may, people := strings.CutPrefix(row.may, notPlatform)
		want := map[string]bool{"platform": !people}
		for name := range strings.SplitSeq(may, ", ") {
			if _, ok := actors[name]; !ok && name != "" {
				t.Fatalf("no actor is called %q", name)
			}
			want[name] = true
		}
		for range 2 { // the second time from memory
			for name, who := range actors {
				err := p.Allow(who, row.action, row.on)
				if got := err == nil; got != want[name] {
					t.Errorf("%s (role %q, proven %t) by %s: %v", row.action, row.on.Role, row.on.Proven, name, err)
				}
			}
		}
	}
	for _, action := range p.Actions() {
		if !asked[action] {
			t.Errorf("no row asks about %s", action)
		}
	}
}

// book is the authority of windows of a test: what the body has authorised the window of the centre to do.
type book struct{ accept, decide, chief bool }

func (b book) Authorised(post, role, body, item, power string) bool {
	if post != "centre.clerk" || body != "hefei-housing" || item != "ITEM" || role != "window" && !b.chief {
		return false
	}
	return power == "accept" && b.accept || power == "decide" && b.decide
}

func (b book) Kept(_, _, power string) bool {
	return power == "accept" && !b.accept || power == "decide" && !b.decide
}

// A window does what exercises a power only with the body's authority; what the body keeps, its own officials do (行政许可法 26, 34).
func TestAuthorityOfWindows(t *testing.T) {
	rows := []struct {
		book        book
		role, power string
		may         string
	}{
		{book{accept: true}, "window", "accept", "window, centre window"},
		{book{}, "window", "accept", "window, reviewer, head"},
		{book{}, "window", "", "window, centre window"}, // to hand out exercises nothing
		{book{accept: true}, "window", "decide", "window, reviewer, head"},
		{book{decide: true}, "window", "decide", "window, centre window"},
		{book{}, "head", "decide", "head"},
		{book{decide: true}, "head", "decide", "head"}, // the clerk is no chief representative
		{book{decide: true, chief: true}, "head", "decide", "head, centre window"},
		{book{decide: true, chief: true}, "reviewer", "decide", "reviewer, centre window"},
		{book{decide: true, chief: true}, "reviewer", "", "reviewer"}, // to examine is no decision
		{book{accept: true, chief: true}, "head", "decide", "head"},
	}
	for _, row := range rows {
		p := loadPolicies(t)
		p.AskAuthority(row.book)
		on := housingCase
		on.Role, on.Power, on.Item = row.role, row.power, "ITEM"
		want := map[string]bool{"platform": true}
		for name := range strings.SplitSeq(row.may, ", ") {
			want[name] = true
		}
		for name, who := range actors {
			if err := p.Allow(who, "task.complete", on); (err == nil) != want[name] {
				t.Errorf("%+v, task of %s, power %q, by %s: %v", row.book, row.role, row.power, name, err)
			}
		}
	}
}

// Whoever shows the query code does what the applicant may do without an account, and no more.
func TestQueryCode(t *testing.T) {
	p := loadPolicies(t)
	visitor := actors["visitor"]
	for _, c := range []struct {
		action, role string
		want         bool
	}{
		{"case.read", "", true}, {"task.complete", "applicant", true}, {"case.message", "withdraw", true}, {"case.attach", "", true}, {"case.rate", "", true},
		{"case.private", "", false}, {"file.read", "", false}, {"task.complete", "window", false}, {"case.message", "objection", false},
		{"case.submit", "", false}, {"task.assign", "", false}, {"case.list", "", false},
	} {
		if err := p.Allow(visitor, c.action, with(c.role, true)); (err == nil) != c.want {
			t.Errorf("%s %s with the code: %v", c.action, c.role, err)
		}
		if err := p.Allow(visitor, c.action, with(c.role, false)); err == nil {
			t.Errorf("%s %s without the code is allowed", c.action, c.role)
		}
	}
}

func TestDeniedSaysWhy(t *testing.T) {
	p := loadPolicies(t)
	for _, c := range []struct{ who, action, want string }{
		{"visitor", "case.read", identity.DeniedSignIn},
		{"nothing", "case.read", identity.DeniedSignIn},
		{"stranger", "case.read", identity.DeniedOther},
		{"stranger", "account.manage", identity.DeniedRole},
		{"health reviewer", "case.read", identity.DeniedOther},
		{"other supervisor", "case.read", identity.DeniedOther},
		{"supervisor", "case.private", identity.DeniedRole},
		{"no post", "desk.view", identity.DeniedRole},
		{"unproven", "desk.view", identity.DeniedFactor},
		{"unproven", "account.own", identity.DeniedFactor},
		{"reader", "case.submit", identity.DeniedScope},
		{"bengbu machine", "case.read", identity.DeniedOther},
		{"greedy machine", "account.manage", identity.DeniedRole},
	} {
		err := p.Allow(actors[c.who], c.action, housingCase)
		var denied *identity.Denied
		if !errors.As(err, &denied) || denied.Reason != c.want || denied.Action != c.action || denied.Key() != "identity.denied."+c.want {
			t.Errorf("%s by %s: %v, want reason %s", c.action, c.who, err, c.want)
		}
	}
}

func TestAllowRoute(t *testing.T) {
	p := loadPolicies(t)
	for action, may := range map[string]string{
		"desk.view":      "disclosure, window, centre window, centre agent, bengbu window, reviewer, head, health reviewer, supervisor, upper supervisor, other supervisor",
		"board.view":     "head, supervisor, upper supervisor, other supervisor, county manager, manager",
		"account.manage": "security admin",
		"registry.edit":  "system admin",
		"audit.read":     "audit admin",
		"case.submit":    "applicant, stranger, mandatary, enterprise, window, centre window, centre agent, bengbu window, hefei machine, bengbu machine",
	} {
		want := map[string]bool{"platform": true}
		for name := range strings.SplitSeq(may, ", ") {
			want[name] = true
		}
		for name, who := range actors {
			if err := p.AllowRoute(who, action); (err == nil) != want[name] {
				t.Errorf("%s by %s: %v", action, name, err)
			}
		}
	}
	// Anybody may come with a query code: the page asks for it.
	if err := p.AllowRoute(actors["visitor"], "case.read"); err != nil {
		t.Error(err)
	}
}

func TestLoadPoliciesRefuses(t *testing.T) {
	schema, err := policies.Files.ReadFile("openhall.cedarschema")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ rules, want string }{
		"no id":          {`permit (principal, action, resource);`, "needs an @id"},
		"same id":        {`@id("a") permit (principal, action, resource); @id("a") permit (principal, action, resource);`, "two rules"},
		"syntax":         {`@id("a") permit (principal, action, resource)`, "x.cedar"},
		"unknown action": {`@id("a") permit (principal, action == Action::"case.burn", resource);`, "a"},
		"unknown fact":   {`@id("a") permit (principal, action, resource) when { context.friend };`, "friend"},
		"unknown entity": {`@id("a") permit (principal is King, action, resource);`, "King"},
		"misspelt role":  {`@id("a") permit (principal is Staff, action, resource) when { principal.roles == "head" };`, "a"},
	} {
		files := fstest.MapFS{"openhall.cedarschema": {Data: schema}, "x.cedar": {Data: []byte(c.rules)}}
		if _, err := identity.LoadPolicies(files, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want … %s …", name, err, c.want)
		}
	}
	if _, err := identity.LoadPolicies(fstest.MapFS{"openhall.cedarschema": {Data: schema}}, nil); err == nil {
		t.Error("a folder without rules was taken")
	}
	if _, err := identity.LoadPolicies(fstest.MapFS{}, nil); err == nil {
		t.Error("a folder without a schema was taken")
	}
}

func BenchmarkAllow(b *testing.B) {
	p := loadPolicies(b)
	for name, who := range map[string]identity.Principal{"applicant": actors["applicant"], "head": actors["head"], "refused": actors["health reviewer"]} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := p.Allow(who, "case.read", housingCase); (err == nil) == (name == "refused") {
					b.Fatal(err)
				}
			}
		})
	}
}
