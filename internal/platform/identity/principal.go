package identity

import (
	"openhall.org/openhall/internal/platform/store"
)

// Kind is what kind of actor does something.
type Kind string

// The kinds of actors.
const (
	Visitor    Kind = "visitor"    // nobody signed in
	Person     Kind = "person"     // 自然人
	Enterprise Kind = "enterprise" // 法人或其他组织
	Staff      Kind = "staff"      // a person in a post
	Machine    Kind = "machine"    // a system with a token of its own
	System     Kind = "system"     // the platform itself: timers, deemed decisions
)

// Principal is who acts: the account, and on whose behalf or in which post. It holds no secret and no personal data but the
// name, which is for showing and never logged.
type Principal struct {
	Account store.ID
	Kind    Kind
	Name    string
	For     Party // whose matter it is, when a person acts for an enterprise or another person (代办); zero: their own
	Post    Post  // the post in which a member of staff acts; zero for the public
	// Unproven says that a second factor is required of the account and was not shown in this session: it opens nothing but the pages
	// where one is added.
	Unproven bool
	// Given says that the password of the account was chosen by somebody else, such as the security administrator: its owner chooses
	// another first, and is unproven until then.
	Given bool
}

// Party is a person or an enterprise on one side of a matter.
type Party struct {
	ID   store.ID
	Kind Kind
	Name string
}

// Post (岗位) is a position in a body. Authority belongs to posts, and people hold posts for a time.
type Post struct {
	ID       string   // key in the registry
	Body     string   // key of the body
	Division string   // 12-digit code of the body's division
	Roles    []string // window, reviewer, head, supervisor, manager, system-admin, security-admin, audit-admin
}

// Has reports whether the post carries the role.
func (p Post) Has(role string) bool {
	for _, r := range p.Roles {
		if r == role {
			return true
		}
	}
	return false
}

// Party returns on whose side the principal acts: the one acted for, or the account itself. Staff act on nobody's side.
func (p Principal) Party() Party {
	switch {
	case p.For.ID != 0:
		return p.For
	case p.Kind == Person, p.Kind == Enterprise:
		return Party{ID: p.Account, Kind: p.Kind, Name: p.Name}
	default:
		return Party{}
	}
}

// Platform is the platform acting by itself.
var Platform = Principal{Kind: System}

// Resource is what is acted upon, as far as policies look at it.
type Resource struct {
	Type     string   // case, item, division, body, account, …
	ID       string   // for the audit log
	Division string   // 12-digit code; empty: the whole node
	Body     string   // key of the body; empty: none
	Owner    store.ID // the party whose matter it is; 0: none
	Role     string   // the role that a task asks for
	Item     string   // code of the item that it is about; empty: none
	Power    string   // which power of the body a task exercises: accept, decide; empty: none
	Proven   bool     // the caller has shown the query code of the case
	// Assigned says that the village concerned is one of those of the agent who acts, and Consented that the villager has agreed to it
	// (委托代办), as the book of agents has both.
	Assigned, Consented bool
}
