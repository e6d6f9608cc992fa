// Package province sets up the demo province on an empty node: its divisions, bodies, centres, posts, people and accounts.
//
// The places are real, the people are not. Everything goes in by the same doors as in a real province: the registry's edits and
// the accounts of identity. Passwords are made up when the demo is created and written to a file beside the database.
package province

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"openhall.org/openhall/demo"
	"openhall.org/openhall/internal/app"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// Account is one of the accounts that a visitor of the demo may try.
type Account struct {
	Role     string `json:"role"` // citizen, enterprise, window, reviewer, head, supervisor, manager, system-admin, …
	Name     string `json:"name"` // for signing in
	Password string `json:"password"`
	Title    string `json:"title"` // whose account it is, in Simplified Chinese
}

// roles turns the demo's names of posts into the roles that policies know.
// The first role of a post is the one that its account is listed under.
var roles = map[string][]string{
	"window-clerk": {"window"}, "reviewer": {"reviewer"}, "head": {"head"}, "supervisor": {"supervisor"},
	"centre-manager":       {"manager", "complaints"}, // the centre takes the complaints of its division (投诉处理)
	"system-administrator": {"system-admin"}, "security-administrator": {"security-admin"}, "audit-administrator": {"audit-admin"},
	"village-agent": {"agent"}, "disclosure-officer": {"disclosure"},
}

// shown are the accounts that the demo prints: one for each role, all concerned with the same matters where that is possible; then a village
// agent, the head of its township's centre and the reform office that cleans up items.
var shown = []string{
	"person.chen", "enterprise.qinghe", "hefei.window.construction", "hefei.water.reviewer", "hefei.water.head", "hefei.water.disclosure", "hefei.supervisor",
	"hefei.centre.manager", "liucheng.agent2", "liucheng.manager", "anhui.reform.drafter", "admin.system", "admin.security", "admin.audit",
}

// SetUp fills an empty registry and makes the accounts. On a node that has them already it only reads the list of accounts. It
// can be interrupted at any point and called again.
func SetUp(ctx context.Context, b *app.Base) ([]Account, error) {
	list := filepath.Join(b.Config.Data, "accounts.json")
	if b.Registry.Now().Counts().Posts > 0 {
		return read(list)
	}
	reg, err := demo.LoadRegistry()
	if err != nil {
		return nil, err
	}
	divisions, err := places()
	if err != nil {
		return nil, err
	}
	s := &setUp{base: b, reg: reg, password: password(), ids: map[string]store.ID{}}
	// The list is written first: accounts whose password is nowhere would be lost.
	accounts, err := read(list)
	if errors.Is(err, fs.ErrNotExist) {
		accounts = s.list()
		err = write(list, accounts)
	}
	if err != nil {
		return nil, err
	}
	s.password = accounts[0].Password
	if err := s.accounts(ctx); err != nil {
		return nil, fmt.Errorf("demo accounts: %w", err)
	}
	// The registry comes last: that it is there says that the set-up is complete.
	if err := b.Registry.Edit(ctx, func(e *registry.Edit) error { return s.fill(e, divisions) }); err != nil {
		return nil, fmt.Errorf("demo registry: %w", err)
	}
	if err := s.administration(ctx, b); err != nil {
		return nil, fmt.Errorf("demo administrators: %w", err)
	}
	return accounts, b.DB.Analyze(ctx)
}

type setUp struct {
	base     *app.Base
	reg      *demo.Registry
	password string
	ids      map[string]store.ID // accounts by login
}

// password is made up anew for each demo: 20 letters and digits, 100 bits.
func password() string { return strings.ToLower(rand.Text()[:20]) }

func places() ([]registry.Division, error) {
	var out []registry.Division
	for d, err := range demo.Divisions() {
		if err != nil {
			return nil, err
		}
		out = append(out, registry.Division{Code: d.Code, Level: registry.Level(d.Level), Name: d.Name})
	}
	return out, nil
}

// accounts makes the accounts of the public and of the staff, in one transaction; those of an interrupted set-up are found again.
func (s *setUp) accounts(ctx context.Context) error {
	var all []identity.NewAccount
	for _, a := range s.reg.Accounts {
		all = append(all, identity.NewAccount{
			Kind: identity.Kind(a.Kind), Login: a.Login, Password: s.password, Name: a.Name.Hans, Number: a.Number, Phone: a.Telephone,
			Representative: a.Representative,
		})
	}
	for _, p := range s.reg.People {
		all = append(all, identity.NewAccount{Kind: identity.Staff, Login: p.Login, Password: s.password, Name: p.Name.Hans})
	}
	if _, err := s.base.Identity.AccountByLogin(ctx, all[0].Login); err != nil {
		ids, err := s.base.Identity.Import(ctx, identity.Platform, all)
		for i, id := range ids {
			s.ids[all[i].Login] = id
		}
		return err
	}
	for _, n := range all {
		a, err := s.base.Identity.AccountByLogin(ctx, n.Login)
		if err != nil {
			return fmt.Errorf("%s: %w", n.Login, err)
		}
		s.ids[n.Login] = a.ID
	}
	return nil
}

func (s *setUp) fill(e *registry.Edit, divisions []registry.Division) error {
	if err := e.PutDivisions(divisions); err != nil {
		return err
	}
	for _, x := range s.reg.Bodies {
		err := e.PutBody(registry.Body{
			Key: x.Key, Division: x.Division, Kind: x.Kind, Level: x.Level, Name: x.Name, Agency: x.Agency, USCC: x.USCC, Centre: x.Centre,
			Address: x.Address, Consult: x.Consult, Complaint: x.Complaint,
		})
		if err != nil {
			return err
		}
	}
	for _, x := range s.reg.Centres {
		c := registry.Centre{Key: x.Key, Division: x.Division, Body: x.Body, Name: x.Name, Address: x.Address, Hours: x.Hours, Telephone: x.Telephone}
		for _, w := range x.Windows {
			c.Windows = append(c.Windows, registry.Window{Key: w.Key, Number: w.Number, Name: w.Name, Bodies: w.Bodies})
		}
		if err := e.PutCentre(c); err != nil {
			return err
		}
	}
	if err := s.posts(e); err != nil {
		return err
	}
	since := time.Date(2013, 4, 10, 0, 0, 0, 0, time.UTC) // the day of the founding document
	for _, p := range s.reg.People {
		for _, post := range p.Posts {
			if err := e.Appoint(s.ids[p.Login], post, since, time.Time{}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *setUp) posts(e *registry.Edit) error {
	titles := map[string]lang.Text{}
	for _, r := range s.reg.Roles {
		titles[r.Key] = r.Name
	}
	for _, p := range s.reg.Posts {
		role, ok := roles[p.Role]
		if !ok {
			return fmt.Errorf("post %s: role %s has no policy", p.Key, p.Role)
		}
		if err := e.PutPost(registry.Post{Key: p.Key, Body: p.Body, Roles: role, Windows: p.Windows, Title: titles[p.Role]}); err != nil {
			return err
		}
	}
	return nil
}

// list describes the accounts that are shown to a visitor, in the order of a matter: who applies first, who oversees last.
func (s *setUp) list() []Account {
	roleOf := map[string]string{}
	for _, p := range s.reg.Posts {
		roleOf[p.Key] = roles[p.Role][0]
	}
	known := map[string]Account{}
	for _, a := range s.reg.Accounts {
		role := "citizen"
		if a.Kind == string(identity.Enterprise) {
			role = "enterprise"
		}
		known[a.Login] = Account{Role: role, Name: a.Login, Password: s.password, Title: a.Name.Hans}
	}
	for _, p := range s.reg.People {
		if len(p.Posts) > 0 {
			known[p.Login] = Account{Role: roleOf[p.Posts[0]], Name: p.Login, Password: s.password, Title: p.Name.Hans + " " + p.Posts[0]}
		}
	}
	var out []Account
	for _, login := range shown {
		if a, ok := known[login]; ok {
			out = append(out, a)
		}
	}
	return out
}

func read(path string) ([]Account, error) {
	data, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("list of demo accounts: %w", err)
	}
	var out []Account
	if err := json.Unmarshal(data, &out); err != nil {
		return nil, fmt.Errorf("list of demo accounts %s: %w", path, err)
	}
	return out, nil
}

func write(path string, accounts []Account) error {
	data, err := json.MarshalIndent(accounts, "", "  ") //nolint:gosec // the passwords of invented accounts, for their visitor
	if err == nil {
		err = os.WriteFile(path, append(data, '\n'), 0o600)
	}
	if err != nil {
		return fmt.Errorf("list of demo accounts: %w", err)
	}
	return nil
}
