// Package journal says what an administrative act (管理行为) is, and who takes it down.
//
// Whatever changes how the hall is run leaves a trace: who holds which post, who has an account or a token, which items, rules,
// calendars and keys are in force, who signed in to do so, who was refused, and who read the trail itself. A package that makes such
// a change hands an [Act] to a [Recorder] in the transaction of the change, so that there is no change without its entry and no entry
// without its change:
//
//	err := s.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
//		tx.Queue(`UPDATE …`)
//		return s.Journal.Record(ctx, tx, journal.Act{Kind: journal.AccountClosed, By: who, On: journal.On("account", id)})
//	})
//
// Package casework keeps the entries (its Journal): each is an event of the one public log, numbered without a gap, so that nobody,
// the administrators of the machine included, removes or alters one without being found out. Personal parts stand there as salted
// commitments.
package journal

import (
	"context"
	"fmt"

	"openhall.org/openhall/internal/platform/store"
)

// Actor is who did it. The account is personal: it is sealed. The zero Actor is the operator of the node, who works on the machine
// itself.
type Actor struct {
	Account store.ID
	Kind    string // staff, person, enterprise, machine, system; empty: the operator
	Post    string // key of the post in which they act
	Body    string
	Role    string
}

// Operator (运维人员) is whoever runs the program: commands on the machine, the first setting up.
const Operator = "operator"

// Target is what it was done to.
type Target struct {
	Kind string // account, post, body, division, centre, token, item, procedure, calendar, rules, key, case, …
	ID   string
}

// On returns a target.
func On(kind string, id any) Target { return Target{kind, fmt.Sprint(id)} }

// Act is one administrative act.
type Act struct {
	Kind string // one of the kinds below, or another of that form
	By   Actor
	On   Target
	// Refused is why it was not done, as a code; empty when it was done.
	Refused string
	// Public acts arrange the power of the state: everybody may read in the log who, in which post, did what to what. Of all others
	// the log shows the kind and the time, and commitments to the rest.
	Public bool
	Data   map[string]any // what else is to be known of it; never personal when the act is public
	Secret map[string]any // personal parts: always sealed
}

// The kinds of acts. The event in the log has the kind "admin." and this.
const (
	RegistryChanged  = "registry.changed"  // a division, body, centre or post was made or changed
	RegistryImported = "registry.imported" // many at once
	Appointed        = "registry.appointed"
	AccountMade      = "account.made"
	AccountsImported = "account.imported"
	AccountClosed    = "account.closed"
	AccountOpened    = "account.opened"
	PasswordReset    = "account.password-reset"
	PasswordChanged  = "account.password-changed" // by its owner, a member of staff
	FactorAdded      = "account.factor-added"     // by its owner, a member of staff
	FactorRemoved    = "account.factor-removed"   // so too
	FactorsReset     = "account.factors-reset"
	SessionEnded     = "account.session-ended" // by an administrator
	AccountUnlocked  = "account.unlocked"      // after too many wrong passwords or codes
	TokenMade        = "token.made"
	TokenRevoked     = "token.revoked"
	SignedIn         = "access.signed-in"
	SignInRefused    = "access.sign-in-refused"
	Refused          = "access.refused" // a page or an act of administration that the policy does not open
	ItemPublished    = "item.published"
	ItemsImported    = "item.imported"
	ProcedureMade    = "procedure.published"
	CalendarImported = "calendar.imported"
	CalendarApplied  = "calendar.applied" // the cases that it moved were computed anew
	RulesPublished   = "rules.published"
	CardsChanged     = "cards.changed" // a rule of supervision
	KeyRotated       = "key.rotated"
	AuditRead        = "audit.read"
	AuditExported    = "audit.exported"
	EraseProposed    = "erase.proposed"
	EraseDeclined    = "erase.declined"
	Erased           = "erase.done"
	SetUp            = "hall.set-up"
)

// Kinds returns the kinds of acts that the program knows, in the order in which a list offers them.
func Kinds() []string {
	return []string{
		RegistryChanged, RegistryImported, Appointed, AccountMade, AccountsImported, AccountClosed, AccountOpened, PasswordReset,
		PasswordChanged, FactorAdded, FactorRemoved, FactorsReset, SessionEnded, AccountUnlocked, TokenMade, TokenRevoked, SignedIn, SignInRefused, Refused, ItemPublished, ItemsImported,
		ProcedureMade, CalendarImported, CalendarApplied, RulesPublished, CardsChanged, KeyRotated, AuditRead, AuditExported,
		EraseProposed, EraseDeclined, Erased, SetUp,
	}
}

// Recorder takes acts down.
type Recorder interface {
	// Record writes the act in the transaction of the change. When it fails, the change must fail too.
	Record(ctx context.Context, tx *store.Tx, a Act) error
}

// Nowhere takes nothing down: for tests of packages whose acts are of no interest there.
type Nowhere struct{}

// Record does nothing.
func (Nowhere) Record(context.Context, *store.Tx, Act) error { return nil }
