package guard

import (
	"fmt"
	"slices"
)

// Action is what a policy does about a kind.
type Action string

// The actions.
const (
	Note     Action = "note"  // tell the person who reviews
	DoMask   Action = "mask"  // publish with the mask in its place
	DoBlock  Action = "block" // do not publish until a person has taken it out, or overridden the guard with a reason
	noAction Action = ""
)

// Policy says for a category of what is published what to do about each kind. A kind that is not named is masked: a category that
// somebody forgot to set does not leak.
type Policy struct {
	Kinds map[Kind]Action `json:"kinds" yaml:"kinds"`
	// Least is the confidence from which findings are acted upon; what is less sure is noted. Zero means Likely.
	Least Confidence `json:"least,omitzero" yaml:"least"`
}

// DefaultPolicy masks what can be masked without a loss, and blocks what hardly ever stands in a text for the public by intention.
func DefaultPolicy() Policy {
	return Policy{Kinds: map[Kind]Action{
		IDCard: DoBlock, BankCard: DoBlock, Certificate: DoBlock,
		Mobile: DoMask, Landline: DoMask, Address: DoMask, Email: DoMask, Plate: DoMask, PersonName: DoMask,
	}}
}

// Check says what is wrong with a policy that somebody wrote.
func (p Policy) Check() error {
	for kind, action := range p.Kinds {
		if !slices.Contains(Kinds(), kind) {
			return fmt.Errorf("privacy policy: there is no kind %q, use one of %v", kind, Kinds())
		}
		if action != Note && action != DoMask && action != DoBlock {
			return fmt.Errorf("privacy policy: %s: there is no action %q, use note, mask or block", kind, action)
		}
	}
	if p.Least < 0 || p.Least > Certain {
		return fmt.Errorf("privacy policy: confidence %d is none of 1 (possible), 2 (likely), 3 (certain)", p.Least)
	}
	return nil
}

// Action returns what the policy does about a finding.
func (p Policy) Action(f Finding) Action {
	least := p.Least
	if least == 0 {
		least = Likely
	}
	if f.Confidence < least {
		return Note
	}
	if a := p.Kinds[f.Kind]; a != noAction {
		return a
	}
	return DoMask
}

// Verdict is what a policy makes of findings; each stands in exactly one list.
type Verdict struct {
	Block, Mask, Note []Finding
}

// Blocked reports whether nothing may be published as it is.
func (v Verdict) Blocked() bool { return len(v.Block) > 0 }

// Judge sorts findings by what the policy does about them.
func (p Policy) Judge(findings []Finding) Verdict {
	var v Verdict
	for _, f := range findings {
		switch p.Action(f) {
		case DoBlock:
			v.Block = append(v.Block, f)
		case DoMask:
			v.Mask = append(v.Mask, f)
		default:
			v.Note = append(v.Note, f)
		}
	}
	return v
}
