package supervision

import (
	"encoding/json"
	"slices"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
)

// State says how far the answer to a card has come. It is the status of the case that answers the card.
type State string

// The states of a card.
const (
	Unanswered State = ""           // nobody has been asked yet, or nobody has to explain
	Explaining State = "explaining" // 待说明: the body has to explain
	Verifying  State = "verifying"  // 待核查: the supervisor has to verify
	Accounting State = "accounting" // 追责中: upheld; what follows from it has to be settled
	Concluded  State = "concluded"  // 已办结
)

// Conclusion (核查结论) is what the verification of a card came to.
type Conclusion string

// The conclusions.
const (
	Upheld  Conclusion = "upheld"  // 属实: it happened, and somebody is answerable
	Excused Conclusion = "excused" // 免责: it happened, for a reason that excuses it
	Wrong   Conclusion = "wrong"   // 误报: it did not happen
)

// Clears reports whether the card does not count against the body any more.
func (c Conclusion) Clears() bool { return c == Excused || c == Wrong }

// cardRef names a card in the event with which the case that answers it begins, as far as its counts need it: see [Reference].
type cardRef struct {
	ID       store.ID      `json:"id"`
	Colour   Colour        `json:"colour"`
	Kind     string        `json:"kind,omitempty"` // of the case that it is about
	Division string        `json:"division"`
	Body     string        `json:"body"`
	Subject  string        `json:"subject"`
	Day      calendar.Date `json:"day"`
}

// Reference is what the case that answers a card says of it in its first event, under the name "card". By it supervision finds the
// way back: it follows that case in the log, and writes on the card how far the answer has come and what it was.
func Reference(c *Card) map[string]any {
	return map[string]any{
		"id": c.ID.String(), "rule": c.Rule, "colour": string(c.Colour), "division": c.Division, "body": c.Body, "subject": c.Subject,
		"day": calendar.Of(c.At).String(), "number": c.Number, "kind": c.Kind,
	}
}

// card reads a reference.
func (n *notice) card() *cardRef {
	raw, err := json.Marshal(n.env.Data["card"])
	if err != nil || n.env.Data["card"] == nil {
		return nil
	}
	var ref cardRef
	if json.Unmarshal(raw, &ref) != nil || ref.ID == 0 {
		return nil
	}
	return &ref
}

// answer is what an event says about a card: how far its answer has come.
type answer struct {
	card       cardRef
	state      State // empty: as before
	conclusion Conclusion
}

// answerOf reads an event of a case that answers a card.
func answerOf(n *notice, card *cardRef) (a answer, ok bool) {
	if card == nil {
		return a, false
	}
	a.card = *card
	if s := State(n.text("status")); slices.Contains([]State{Explaining, Verifying, Accounting}, s) {
		a.state = s
	}
	if n.ended() {
		a.state = Concluded
	}
	if c := Conclusion(n.text("outcome")); n.event.Kind == casework.Completed && slices.Contains([]Conclusion{Upheld, Excused, Wrong}, c) {
		a.conclusion = c
	}
	return a, true
}

// pardon is what a conclusion takes away from the counts, at the place and on the day of the card: what was excused or was never so
// does not count against the body.
func (a *answer) pardon() (t Tally) {
	if !a.conclusion.Clears() {
		return t
	}
	switch a.card.Colour {
	case Yellow:
		t.Yellow = -1
	case Red:
		t.Red = -1
	case Overtime:
		t.Overtime = -1
	case Reminder, Irregular:
		// They are not counted by day.
	}
	return t
}

// closes reports whether the conclusion closes the card, if it still is open.
func (a *answer) closes() bool {
	return a.conclusion != "" && (a.conclusion.Clears() || !a.card.Colour.timely())
}

// Follow puts on a card what the case that answers it says now. The log comes to that a moment later; whoever has just done a step reads
// it at once.
func (c *Card) Follow(by *casework.Case) {
	if s := State(by.Status); slices.Contains([]State{Explaining, Verifying, Accounting}, s) {
		c.State = s
	}
	if !by.Open() {
		c.State = Concluded
	}
	for _, d := range by.Done() {
		if x := Conclusion(d.Outcome); !d.Cut && slices.Contains([]Conclusion{Upheld, Excused, Wrong}, x) {
			c.Conclusion, c.ConcludedAt = x, d.At
		}
	}
	closing := &answer{card: cardRef{Colour: c.Colour}, conclusion: c.Conclusion}
	if closing.closes() && c.Open() {
		c.ClosedAt, c.Closed = c.ConcludedAt, ClosedConcluded
	}
}

func (a *answer) save(tx *store.Tx, n *notice) {
	id := int64(a.card.ID)
	if n.event.Kind == casework.Submitted {
		tx.Queue(`UPDATE supervision_card SET answer_case = $2, answer = $3 WHERE id = $1 AND answer_case = 0`, id, int64(n.event.Case), n.env.Case)
	}
	if a.state != Unanswered {
		tx.Queue(`UPDATE supervision_card SET state = $2 WHERE id = $1`, id, string(a.state))
	}
	if a.conclusion == "" {
		return
	}
	at := store.Micros(n.event.At)
	tx.Queue(`UPDATE supervision_card SET conclusion = $2, concluded_at = $3 WHERE id = $1`, id, string(a.conclusion), at)
	if a.closes() {
		tx.Queue(`UPDATE supervision_card SET closed_at = $2, closed = $3 WHERE id = $1 AND closed_at = 0`, id, at, string(ClosedConcluded))
	}
}
