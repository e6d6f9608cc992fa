package identity

import (
	"strings"
	"time"

	"openhall.org/openhall/internal/core/lang"
)

// Refusal says why something about an account is not done. Nothing was changed. Code is stable for machines; pages find its words
// under the message key identity.CODE. It holds no personal data.
type Refusal struct {
	Code   string
	Until  time.Time    // of too-many: when the next attempt is looked at
	Fields []FieldError // of form: every field that is wrong
}

// FieldError says what is wrong with one field of a form. Words are in Text, or under identity.field.CODE when Text is empty.
type FieldError struct {
	Field string // login, password, name, number, phone, …
	Code  string
	Text  lang.Text
}

// The codes of refusals.
const (
	RefusedForm         = "form"          // fields are missing or wrong
	RefusedWrong        = "wrong"         // no such account, or another password, or disabled: which one is not told
	RefusedTooMany      = "too-many"      // too many wrong passwords; the account can be used again at Until
	RefusedBusy         = "busy"          // too many people sign in at the moment
	RefusedNoAccount    = "no-account"    // there is no such account
	RefusedNoMandate    = "no-mandate"    // one may not act for that party
	RefusedNoPost       = "no-post"       // one does not hold that post
	RefusedToken        = "token"         // unknown, expired or revoked
	RefusedMandateRange = "mandate-range" // a mandate ends after it begins, and nobody gives one to themselves
	RefusedFactor       = "factor"        // the password is right; the second factor is still to be shown
	RefusedCode         = "code"          // a code that is wrong, too old, or used already
	RefusedOffer        = "offer"         // nothing is being enrolled, or it took too long: begin again
	RefusedLastFactor   = "last-factor"   // the only second factor of somebody who needs one
	RefusedManyFactors  = "many-factors"  // nobody needs that many
	RefusedPasskey      = "passkey"       // unknown here, or what it said does not hold
	RefusedSelf         = "self"          // nobody does this to their own account
	RefusedProvider     = "provider"      // the provider's answer opens no account here
	RefusedLinked       = "linked"        // that identity belongs to another account
)

// The codes of fields.
const (
	FieldRequired   = "required"
	FieldLogin      = "login"       // 3 to 64 letters, digits, dot, hyphen, underscore, @
	FieldTaken      = "taken"       // somebody has it
	FieldShort      = "short"       // of a password
	FieldShortStaff = "short-staff" // of a password of staff
	FieldCommon     = "common"      // a password that many people have
	FieldLong       = "long"        // too long to be one
	FieldGuessed    = "guessed"     // a password that is easily guessed
	FieldNumber     = "number"      // not a valid number; Text says why
	FieldKind       = "kind"        // no account of that kind is made that way
	FieldUnknown    = "unknown"     // the registry does not know it
)

// Error tells the code and the fields.
func (r *Refusal) Error() string {
	var b strings.Builder
	b.WriteString("identity: refused: " + r.Code)
	for _, f := range r.Fields {
		b.WriteString(" " + f.Field + ":" + f.Code)
	}
	return b.String()
}

// Key is the message key of the explanation.
func (r *Refusal) Key() string { return "identity." + r.Code }

func refuse(code string) *Refusal { return &Refusal{Code: code} }

// form collects what is wrong with the fields of a form.
type form struct{ fields []FieldError }

func (f *form) wrong(field, code string) {
	f.fields = append(f.fields, FieldError{Field: field, Code: code})
}

// check answers nil, or a refusal that names every field.
func (f *form) check() error {
	if len(f.fields) == 0 {
		return nil
	}
	return &Refusal{Code: RefusedForm, Fields: f.fields}
}
