package identity

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/cedar-policy/cedar-go/x/exp/schema/resolved"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"
)

// Actions that are no commands of the case runtime; casework names the others.
const (
	ActionList     = "case.list"      // a list of cases
	ActionDraft    = "draft.edit"     // an application not yet handed in
	ActionFile     = "file.read"      // an uploaded file
	ActionDesk     = "desk.view"      // the workbench
	ActionBoard    = "board.view"     // counts, lamps, what is late
	ActionOversee  = "oversight.view" // cards with their answers, supervise orders
	ActionOrder    = "order.issue"    // issue a supervise order
	ActionAPI      = "api.use"        // the API
	ActionItems    = "item.edit"      // the catalogue of items
	ActionRegistry = "registry.edit"  // divisions, bodies, posts, appointments
	ActionAccounts = "account.manage" // accounts of staff, disabling, new passwords
	ActionTokens   = "token.create"   // tokens of machines
	ActionAudit    = "audit.read"     // the trail of what administrators did
	ActionLaw      = "law.edit"       // calendars and rule sets
	ActionPolicies = "policy.read"    // the rules in force, who could do what, keys
	ActionErase    = "erase.propose"  // the private parts of a case, for good
	ActionConfirm  = "erase.confirm"  // the second person
)

// asked are the roles and messages that rules name beside the roles of posts.
var asked = []string{"", "applicant", "withdraw"}

// Places tells how posts stand to divisions and bodies. A snapshot of the registry is one.
type Places interface {
	// Contains reports whether a division is the ancestor or lies within it; the code "" stands for the whole node.
	Contains(ancestor, code string) bool
	// Serves reports whether the post takes in matters of the body.
	Serves(post, body string) bool
}

// Authority tells what bodies have authorised their windows in service centres to do (窗口授权). The slice centre stands behind it.
type Authority interface {
	// Authorised reports whether the body has authorised the window of a post to exercise the power with an item. A task of another
	// role than the window's is for the chief representative (首席代表) of the body alone.
	Authorised(post, role, body, item, power string) bool
	// Kept reports whether the body has kept the power with the item to itself: no window is authorised.
	Kept(body, item, power string) bool
}

// Policies decide who may do what. They are safe for concurrent use.
type Policies struct {
	rules   *cedar.PolicySet
	schema  *resolved.Schema
	actions []string
	places  func() Places
	windows Authority // nil: nobody keeps book of it, and windows do the tasks of windows

	mu    sync.RWMutex
	known map[facts]bool
}

// maxKnown bounds the decisions remembered. The facts of a whole province make a few thousand.
const maxKnown = 20_000

// maxRole bounds what callers can make the memory hold: the name of a message comes from outside.
const maxRole = 64

// LoadPolicies reads all *.cedar files and openhall.cedarschema of a folder. It refuses rules that do not fit the schema or
// share an @id. places is asked at each check, because the registry changes.
func LoadPolicies(files fs.FS, places func() Places) (*Policies, error) {
	p := &Policies{rules: cedar.NewPolicySet(), places: places, known: map[facts]bool{}}
	if err := p.loadSchema(files); err != nil {
		return nil, fmt.Errorf("policies: %w", err)
	}
	names, err := fs.Glob(files, "*.cedar")
	if err != nil || len(names) == 0 {
		return nil, errors.Join(errors.New("policies: no file *.cedar"), err)
	}
	for _, name := range names {
		if err := p.loadFile(files, name); err != nil {
			return nil, fmt.Errorf("policies: %w", err)
		}
	}
	return p, nil
}

func (p *Policies) loadSchema(files fs.FS) error {
	const name = "openhall.cedarschema"
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	var s schema.Schema
	s.SetFilename(name)
	if err := s.UnmarshalCedar(text); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if p.schema, err = s.Resolve(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for uid := range p.schema.Actions {
		p.actions = append(p.actions, string(uid.ID))
	}
	slices.Sort(p.actions)
	return nil
}

func (p *Policies) loadFile(files fs.FS, name string) error {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	list, err := cedar.NewPolicyListFromBytes(name, text)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	check := validate.New(p.schema)
	for _, rule := range list {
		id := cedar.PolicyID(rule.Annotations()["id"])
		if id == "" {
			return fmt.Errorf("%s:%d: a rule needs an @id", name, rule.Position().Line)
		}
		if p.rules.Get(id) != nil {
			return fmt.Errorf("%s: two rules have the id %q", name, id)
		}
		if err := check.Policy(string(id), (*ast.Policy)(rule.AST())); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		p.rules.Add(id, rule)
	}
	return nil
}

// Actions returns the actions that the schema names, sorted.
func (p *Policies) Actions() []string { return p.actions }

// Rule is one rule in force, as it is written.
type Rule struct{ ID, Text string }

// Rules returns the rules in force, sorted by their ids.
func (p *Policies) Rules() []Rule {
	var all []Rule
	for id, rule := range p.rules.All() {
		all = append(all, Rule{string(id), string(rule.MarshalCedar())})
	}
	slices.SortFunc(all, func(a, b Rule) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// facts are all that rules look at, and so the key under which a decision is remembered.
type facts struct {
	action, kind, roles, role string

	owner, proven, ownBody, serves, within, granted, unproven, authorised, kept, assigned, consented bool
}

// AskAuthority tells whom to ask what windows are authorised to do. It is called once, before the first check.
func (p *Policies) AskAuthority(a Authority) { p.windows = a }

// Allow answers nil when the principal may do the action on the resource, or a [*Denied].
func (p *Policies) Allow(who Principal, action string, on Resource) error {
	f := p.facts(who, action, on)
	if p.permits(f) {
		return nil
	}
	return p.deny(who, action)
}

// AllowRoute answers nil when there may be something on which the principal could do the action, or a [*Denied]: the check for a
// page that names no resource yet.
func (p *Policies) AllowRoute(who Principal, action string) error {
	if p.somewhere(who, action) {
		return nil
	}
	return p.deny(who, action)
}

// somewhere reports whether the action would be permitted if the resource stood to the principal as well as it ever can. No rule
// asks for a fact to be false but that of the second factor, which belongs to the principal.
func (p *Policies) somewhere(who Principal, action string) bool {
	f := facts{
		action: action, kind: string(who.Kind), roles: joinRoles(who), granted: granted(who, action), unproven: who.Unproven,
		owner: who.Party().ID != 0, proven: true, within: true,
		ownBody: who.Post.Body != "", serves: who.Post.Body != "", authorised: who.Post.Body != "", kept: true,
		assigned: who.Kind == Staff, consented: who.Kind == Staff,
	}
	for _, role := range slices.Concat(asked, who.Post.Roles) {
		f.role = role
		if p.permits(f) {
			return true
		}
	}
	return false
}

func (p *Policies) facts(who Principal, action string, on Resource) facts {
	places := p.places()
	f := facts{
		action: action, kind: string(who.Kind), roles: joinRoles(who), role: on.Role, proven: on.Proven,
		owner:   on.Owner != 0 && who.Party().ID == on.Owner,
		granted: granted(who, action), unproven: who.Unproven,
	}
	post := who.Post
	switch who.Kind {
	case Staff:
		f.ownBody = post.Body != "" && post.Body == on.Body
		f.serves = f.ownBody || on.Body != "" && places.Serves(post.ID, on.Body)
		f.within = places.Contains(post.Division, on.Division)
		f.assigned, f.consented = on.Assigned, on.Consented
		p.authority(&f, post.ID, on)
	case Machine:
		f.within = (post.Body == "" || post.Body == on.Body) && (post.Division == "" || places.Contains(post.Division, on.Division))
	}
	return f
}

// authority finds out how the window of a post stands to the power that a task exercises.
func (p *Policies) authority(f *facts, post string, on Resource) {
	switch {
	case on.Power == "" || p.windows == nil:
		f.authorised = f.serves && on.Role == windowRole
	default:
		f.authorised = f.serves && p.windows.Authorised(post, on.Role, on.Body, on.Item, on.Power)
		f.kept = f.ownBody && p.windows.Kept(on.Body, on.Item, on.Power)
	}
}

// windowRole is the role of tasks that procedures give to the window.
const windowRole = "window"

// joinRoles is the roles of a member of staff as one comparable value. A machine's scopes count only by granted.
func joinRoles(who Principal) string {
	if who.Kind != Staff {
		return ""
	}
	return strings.Join(who.Post.Roles, " ")
}

func granted(who Principal, action string) bool { return who.Kind == Machine && who.Post.Has(action) }

func (p *Policies) permits(f facts) bool {
	p.mu.RLock()
	permitted, ok := p.known[f]
	p.mu.RUnlock()
	if ok {
		return permitted
	}
	permitted = p.ask(f)
	if len(f.role) > maxRole {
		return permitted
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.known) >= maxKnown {
		clear(p.known)
	}
	p.known[f] = permitted
	return permitted
}

// kinds are the entities of the schema.
var kinds = map[string]cedar.EntityType{
	string(Visitor): "Visitor", string(Person): "Person", string(Enterprise): "Enterprise",
	string(Staff): "Staff", string(Machine): "Machine", string(System): "System",
}

// ask puts the facts before the rules. A rule that fails to evaluate permits nothing.
func (p *Policies) ask(f facts) bool {
	kind, ok := kinds[f.kind]
	if !ok {
		return false
	}
	who := cedar.NewEntityUID(kind, "who")
	attributes := cedar.RecordMap{}
	if f.kind == string(Staff) {
		var roles []cedar.Value
		for _, r := range strings.Fields(f.roles) {
			roles = append(roles, cedar.String(r))
		}
		attributes["roles"] = cedar.NewSet(roles...)
	}
	decision, _ := cedar.Authorize(p.rules, cedar.EntityMap{
		who: cedar.Entity{UID: who, Attributes: cedar.NewRecord(attributes)},
	}, cedar.Request{
		Principal: who,
		Action:    cedar.NewEntityUID("Action", cedar.String(f.action)),
		Resource:  cedar.NewEntityUID("Hall", "hall"),
		Context: cedar.NewRecord(cedar.RecordMap{
			"owner": cedar.Boolean(f.owner), "proven": cedar.Boolean(f.proven), "ownBody": cedar.Boolean(f.ownBody),
			"serves": cedar.Boolean(f.serves), "within": cedar.Boolean(f.within), "granted": cedar.Boolean(f.granted),
			"unproven": cedar.Boolean(f.unproven), "authorised": cedar.Boolean(f.authorised), "kept": cedar.Boolean(f.kept),
			"assigned": cedar.Boolean(f.assigned), "consented": cedar.Boolean(f.consented),
			"role": cedar.String(f.role),
		}),
	})
	return bool(decision)
}

// Reasons for which an action is denied. Pages find their words under identity.denied.REASON.
const (
	DeniedSignIn = "sign-in" // nobody is signed in
	DeniedRole   = "role"    // not this post, or not this kind of account
	DeniedOther  = "other"   // one could, but this one belongs to another person, body or division
	DeniedScope  = "scope"   // the token does not open it
	DeniedFactor = "factor"  // a second factor is required, and not yet shown
	DeniedStale  = "stale"   // the proof of who one is has to be repeated
)

// Denied says that the policy does not allow an action. It names neither the person nor the thing.
type Denied struct {
	Action string
	Reason string
}

// Error tells the action and the reason.
func (d *Denied) Error() string { return fmt.Sprintf("%s is not allowed (%s)", d.Action, d.Reason) }

// Key is the message key of the explanation.
func (d *Denied) Key() string { return "identity.denied." + d.Reason }

func (p *Policies) deny(who Principal, action string) error {
	d := &Denied{Action: action, Reason: DeniedRole}
	switch {
	case who.Kind == Visitor, who.Kind == "":
		d.Reason = DeniedSignIn
	case who.Kind == Machine && !granted(who, action):
		d.Reason = DeniedScope
	case who.Unproven:
		d.Reason = DeniedFactor
	case p.somewhere(who, action):
		d.Reason = DeniedOther
	}
	return d
}
