package casework

import (
	"encoding/json"

	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// Command asks for one thing to happen to one case.
type Command struct {
	// Key makes the command idempotent: the same actor's command with the same key is carried out once on a case, and opens one
	// case only. At most 200 bytes. Required.
	Key   string
	Actor identity.Principal
	Case  store.ID // 0 for Submit
	// Proven says that the caller has shown the query code of the case.
	Proven bool
	// Consent says how the applicant agreed that the caller does this for them (委托); nil: nobody asked. That they had agreed to be acted
	// for, the caller has looked up, and the slice looks again in the transaction.
	Consent *Consent
	// Seq, when not 0, is the number of events the actor saw; the command is refused when the case has moved since.
	Seq int64
	Act Act
}

// Consent (同意) is how an applicant agreed to what somebody does for them.
type Consent struct {
	How     string // such as signed or spoken; public
	Witness string // who was there; personal
}

// Act is what a command does: Submit, Complete, Send, Assign, Attach, Rate, Revoke, TakeBack or Migrate.
type Act interface {
	action() string // for the policy
}

// Submit (提交申请) opens a case.
type Submit struct {
	Kind      string
	Subject   string
	Channel   Channel
	Applicant Applicant
	Form      json.RawMessage // the application form; personal, sealed
	Files     []FileRef
}

// Applicant (申请人) is whose application it is. All of it is personal.
type Applicant struct {
	Party    store.ID      `json:"party,omitempty"` // account; 0 at the window for somebody without one
	Kind     identity.Kind `json:"kind"`            // person or enterprise
	Name     string        `json:"name"`
	IDNumber string        `json:"idNumber"` // ID card number, or USCC of an enterprise
	Phone    string        `json:"phone,omitempty"`
	Address  string        `json:"address,omitempty"`
	Agent    string        `json:"agent,omitempty"` // who handed it in for them
	// Consent is the case in which they agreed that a village agent acts for them (委托代办); Draft is the identity of what the agent had
	// written down before, so that it becomes one case however often it is handed in.
	Consent store.ID `json:"consent,omitempty"`
	Draft   string   `json:"draft,omitempty"`
}

// FileRef names an uploaded file. The name is personal; only the digest may be public.
type FileRef struct {
	ID       store.ID `json:"id"`
	Name     string   `json:"name"`
	Digest   string   `json:"digest"` // SHA-256 of the content, hexadecimal
	Size     int64    `json:"size"`
	Type     string   `json:"type"`               // media type found in the content
	Material string   `json:"material,omitempty"` // which of the materials asked for it is
}

// Complete (办理) does an open task.
type Complete struct {
	Token int             // of the task
	Data  json.RawMessage // by the form of the task
	Files []FileRef
}

// Send gives the procedure a message that it waits for, such as a withdrawal (撤回).
type Send struct {
	Message string
	Reason  string // personal
}

// Assign (转办) transfers an open task to another person of the same body; To 0 gives it back to the role.
type Assign struct {
	Token  int
	To     store.ID
	ToPost identity.Post // post of that person, as the registry knows it
	Reason string
}

// Attach adds files to an open case.
type Attach struct{ Files []FileRef }

// Rate (评价) rates an ended case, once: 1 (very dissatisfied) to 5 (very satisfied).
type Rate struct {
	Grade   int
	Reasons []string // keys of the reasons offered
	Comment string   // personal until it has been looked through
	Contact string   `json:",omitempty"` // telephone at which the rater wants to be called; personal
}

// Revoke (撤销) says that a letter that was issued holds no more, and why. The case may have ended.
type Revoke struct {
	Document string // kind of letter
	Of       int64  // number of the event that issued it
	Reason   string // shown to whoever has the letter verified: never personal
}

// TakeBack (撤销登记) says that what an official recorded as a case was recorded by mistake. The case may have ended. It stays on record with the
// reason; one that is open ends. Only of kinds that have a status for it.
type TakeBack struct {
	Reason string // never personal
}

// advance lets time pass: timers that are due fire, lines that were crossed are noticed. The platform alone sends it.
type advance struct{}

// Actions, as policies name them.
const (
	ActionSubmit   = "case.submit"
	ActionComplete = "task.complete"
	ActionSend     = "case.message"
	ActionAssign   = "task.assign"
	ActionAttach   = "case.attach"
	ActionRate     = "case.rate"
	ActionRevoke   = "document.revoke"
	ActionTakeBack = "case.take-back"
	ActionRead     = "case.read"    // the public part and where it stands
	ActionPrivate  = "case.private" // form, applicant, files
)

func (Submit) action() string   { return ActionSubmit }
func (Complete) action() string { return ActionComplete }
func (Send) action() string     { return ActionSend }
func (Assign) action() string   { return ActionAssign }
func (Attach) action() string   { return ActionAttach }
func (Rate) action() string     { return ActionRate }
func (Revoke) action() string   { return ActionRevoke }
func (TakeBack) action() string { return ActionTakeBack }
func (advance) action() string  { return "" }

// Refusal says why a command is not carried out. Nothing was changed. Code is stable for machines; pages find its words under
// the message key casework.refusal.CODE.
type Refusal struct {
	Code   string
	Args   map[string]any
	Text   lang.Text    // words of a rule that speaks for itself; empty: those of the code
	Fields []FieldError // what is wrong in the form
}

// FieldError says what is wrong with one field of a form. Path is a JSON pointer into it.
type FieldError struct {
	Path string
	Code string // jsonschema keyword or format: required, minLength, id-card, …
	Text lang.Text
}

// The codes of refusals.
const (
	RefusedPolicy     = "not-allowed"       // the policy does not allow it
	RefusedNoCase     = "no-case"           // there is no such case
	RefusedEnded      = "ended"             // the case has ended
	RefusedStale      = "stale"             // the case has moved since the page was opened
	RefusedTaskDone   = "task-done"         // somebody has done the task
	RefusedTaskHeld   = "task-held"         // the task was given to somebody else
	RefusedSamePerson = "same-person"       // another person must do this step (四眼)
	RefusedInvolved   = "involved"          // the case is about what they did (回避)
	RefusedForm       = "form"              // fields are missing or wrong
	RefusedMessage    = "not-awaited"       // the procedure does not wait for that now
	RefusedSubject    = "no-subject"        // nothing of that kind can be applied for
	RefusedCancelled  = "cancelled"         // the item was cancelled meanwhile
	RefusedTerm       = "term"              // a clock can't do that: extended twice, paused already
	RefusedRated      = "rated"             // rated already
	RefusedNoDocument = "no-document"       // no such letter was issued
	RefusedRevoked    = "revoked"           // the letter was revoked already
	RefusedNotEnded   = "not-ended"         // only an ended case is rated
	RefusedSeries     = "series-full"       // the numbers of the day are used up
	RefusedTransfer   = "transfer-outside"  // only within the body and to the same role
	RefusedFlow       = "no-way-on"         // the procedure has no way on with that data
	RefusedKey        = "key-missing"       // a command needs a key
	RefusedReplay     = "key-used"          // the key was used for another command
	RefusedFile       = "file-missing"      // a file named is not there
	RefusedTooLarge   = "too-large"         // its public part would not fit into an entry of the log, or it has too many files
	RefusedMaterial   = "material-missing"  // a necessary material is not there
	RefusedIdentity   = "identity"          // the applicant's number or name is not right
	RefusedProcedure  = "procedure-missing" // the procedure of the item is not published
)

// Error tells the code, and the fields.
func (r *Refusal) Error() string {
	s := "refused: " + r.Code
	for _, f := range r.Fields {
		s += " " + f.Path + ":" + f.Code
	}
	return s
}

func refuse(code string, args ...any) *Refusal {
	r := &Refusal{Code: code}
	for i := 0; i+1 < len(args); i += 2 {
		if r.Args == nil {
			r.Args = map[string]any{}
		}
		key, _ := args[i].(string)
		r.Args[key] = args[i+1]
	}
	return r
}
