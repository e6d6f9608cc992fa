package demo

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"go.yaml.in/yaml/v3"

	"openhall.org/openhall/internal/core/lang"
)

// Registry holds the bodies, centres, posts, people and accounts of the demo province.
type Registry struct {
	Bodies   []Body
	Centres  []Centre
	Roles    []Role
	Posts    []Post
	People   []Person
	Accounts []Account
}

// Body is a body of government (机关).
type Body struct {
	Key       string    `yaml:"key"`
	Division  string    `yaml:"division"` // 12 digits
	Kind      string    `yaml:"kind"`     // what it is competent for, such as market-regulation; the same at every level
	Level     string    `yaml:"level"`    // provincial, municipal, county, township
	Name      lang.Text `yaml:"name"`
	Agency    string    `yaml:"agency"`    // 机关代字, invented
	USCC      string    `yaml:"uscc"`      // 统一社会信用代码, invented
	Centre    string    `yaml:"centre"`    // where it is stationed; its opening hours are the centre's
	Address   lang.Text `yaml:"address"`   // invented
	Consult   string    `yaml:"consult"`   // telephone for enquiries (咨询)
	Complaint string    `yaml:"complaint"` // telephone for complaints (监督投诉)
}

// Centre is a service centre (政务服务中心) or the point of a village agent (代办点).
type Centre struct {
	Key       string    `yaml:"key"`
	Division  string    `yaml:"division"`
	Body      string    `yaml:"body"` // who runs it
	Name      lang.Text `yaml:"name"`
	Address   lang.Text `yaml:"address"`
	Hours     lang.Text `yaml:"hours"`
	Telephone string    `yaml:"telephone"`
	Windows   []Window  `yaml:"windows"`
}

// Window is a counter of a centre (窗口).
type Window struct {
	Key    string    `yaml:"key"`
	Number string    `yaml:"number"` // on the sign
	Name   lang.Text `yaml:"name"`
	Bodies []string  `yaml:"bodies"` // whose items it takes in
}

// Role is what a post may do (岗位角色).
type Role struct {
	Key  string    `yaml:"key"`
	Name lang.Text `yaml:"name"`
}

// Post is a post in a body (岗位); powers belong to posts, people hold posts.
type Post struct {
	Key     string   `yaml:"key"`
	Body    string   `yaml:"body"`
	Role    string   `yaml:"role"`
	Windows []string `yaml:"windows"` // of a clerk or an agent: where they sit
}

// Person is a member of staff.
type Person struct {
	Login string    `yaml:"login"`
	Name  lang.Text `yaml:"name"`
	Posts []string  `yaml:"posts"`
}

// Account is an account of the public.
type Account struct {
	Login          string    `yaml:"login"`
	Kind           string    `yaml:"kind"` // person or enterprise
	Name           lang.Text `yaml:"name"`
	Number         string    `yaml:"number"` // 公民身份号码 or 统一社会信用代码, invented
	Telephone      string    `yaml:"telephone"`
	Division       string    `yaml:"division"`       // where they live or are registered
	Representative string    `yaml:"representative"` // of an enterprise: login of the person who acts for it
}

// LoadRegistry reads the registry of the demo province. A key that nobody bears, or that two bear, is an error.
func LoadRegistry() (*Registry, error) { return loadRegistry(Files) }

func loadRegistry(fsys fs.FS) (*Registry, error) {
	var bodies struct {
		Bodies []Body `yaml:"bodies"`
	}
	var centres struct {
		Centres []Centre `yaml:"centres"`
	}
	var people struct {
		Roles    []Role    `yaml:"roles"`
		Posts    []Post    `yaml:"posts"`
		People   []Person  `yaml:"people"`
		Accounts []Account `yaml:"accounts"`
	}
	if err := errors.Join(decode(fsys, "bodies.yaml", &bodies), decode(fsys, "centres.yaml", &centres), decode(fsys, "people.yaml", &people)); err != nil {
		return nil, err
	}
	r := &Registry{
		Bodies: bodies.Bodies, Centres: centres.Centres,
		Roles: people.Roles, Posts: people.Posts, People: people.People, Accounts: people.Accounts,
	}
	return r, r.check()
}

func decode(fsys fs.FS, name string, into any) error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("demo %s: %w", name, err)
	}
	return nil
}

// check follows every reference.
func (r *Registry) check() error {
	var c checker
	bodies, centres, windows := names{}, names{}, names{}
	roles, posts, logins := names{}, names{}, names{}
	for _, b := range r.Bodies {
		c.define(bodies, "body", b.Key)
		c.named("body", b.Key, b.Name)
	}
	for _, e := range r.Centres {
		c.define(centres, "centre", e.Key)
		c.named("centre", e.Key, e.Name)
		c.refer(bodies, "centre "+e.Key, "body", e.Body)
		for _, w := range e.Windows {
			c.define(windows, "window", w.Key)
			c.named("window", w.Key, w.Name)
			c.refer(bodies, "window "+w.Key, "body", w.Bodies...)
		}
	}
	for _, b := range r.Bodies {
		c.refer(centres, "body "+b.Key, "centre", b.Centre)
	}
	for _, o := range r.Roles {
		c.define(roles, "role", o.Key)
		c.named("role", o.Key, o.Name)
	}
	for _, p := range r.Posts {
		c.define(posts, "post", p.Key)
		c.refer(bodies, "post "+p.Key, "body", p.Body)
		c.refer(roles, "post "+p.Key, "role", p.Role)
		c.refer(windows, "post "+p.Key, "window", p.Windows...)
	}
	for _, p := range r.People {
		c.define(logins, "login", p.Login)
		c.named("person", p.Login, p.Name)
		c.refer(posts, "person "+p.Login, "post", p.Posts...)
	}
	for _, a := range r.Accounts {
		c.define(logins, "login", a.Login)
		c.named("account", a.Login, a.Name)
	}
	for _, a := range r.Accounts {
		if a.Representative != "" {
			c.refer(logins, "account "+a.Login, "login", a.Representative)
		}
	}
	return errors.Join(c.problems...)
}

// names are the keys of one kind.
type names map[string]bool

type checker struct{ problems []error }

func (c *checker) define(known names, kind, key string) {
	if key == "" || known[key] {
		c.problems = append(c.problems, fmt.Errorf("demo: the %s key %q is empty or used twice", kind, key))
	}
	known[key] = true
}

func (c *checker) named(kind, key string, name lang.Text) {
	if !name.Complete() {
		c.problems = append(c.problems, fmt.Errorf("demo: the name of %s %s lacks a language", kind, key))
	}
}

func (c *checker) refer(known names, from, kind string, keys ...string) {
	for _, key := range keys {
		if !known[key] {
			c.problems = append(c.problems, fmt.Errorf("demo: %s names the %s %q, which doesn't exist", from, kind, key))
		}
	}
}
