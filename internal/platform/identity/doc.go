// Package identity knows who acts and decides what they may do.
//
// # Who
//
// [Service] keeps accounts of persons, enterprises and staff, and tokens of machines. Names, numbers and telephone numbers are
// sealed with a key that lies outside the database; an account is found again by a keyed hash. Passwords are kept as argon2id.
// A person who signed in acts for themselves, for whom they hold a mandate (代办, 法定代表人), or in one of their posts. All of that
// is settled once for each request:
//
//	handler = service.Sessions(handler)     // the cookie
//	who, err := service.Principal(r)        // session, machine token, or a visitor
//
// The account is read on every request, so a session ends the moment its account is disabled or its password changed.
//
// # What
//
// [Policies] answer whether a [Principal] may do an action on a [Resource]. The rules are Cedar files in the folder policies; this
// is the only package that asks them. There is one check for each action, and what no rule permits is refused:
//
//	err := policies.Allow(who, "case.read", identity.Resource{Type: "case", Division: …, Body: …, Owner: …})
//
// The error is a [*Denied] with a reason that pages put into words. Rules look at no single person or case but at how the two
// stand to each other, so a decision is computed once and then remembered: a repeated check costs well under a microsecond.
package identity
