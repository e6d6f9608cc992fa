package supervision

import (
	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
)

// Tally counts what happened to cases.
type Tally struct {
	Received int64 // 收件: applications that came in
	Accepted int64 // 受理: whose clock began to run
	Ended    int64 // 办结: in whatever way
	Granted  int64 // 准予
	Refused  int64 // 不予
	Warned   int64 // lines that were about to pass
	Yellow   int64 // promises missed
	Red      int64 // statutes missed
	Overtime int64 // steps that took longer than their own term
}

// columns of supervision_count, in the order of fields.
const tallyColumns = `received, accepted, ended, granted, refused, warned, yellow, red, overtime`

func (t *Tally) fields() []any {
	return []any{&t.Received, &t.Accepted, &t.Ended, &t.Granted, &t.Refused, &t.Warned, &t.Yellow, &t.Red, &t.Overtime}
}

func (t *Tally) add(o Tally) {
	t.Received += o.Received
	t.Accepted += o.Accepted
	t.Ended += o.Ended
	t.Granted += o.Granted
	t.Refused += o.Refused
	t.Warned += o.Warned
	t.Yellow += o.Yellow
	t.Red += o.Red
	t.Overtime += o.Overtime
}

// Place is where and when something is counted: where the event was, on the day in Asia/Shanghai on which it happened.
type Place struct {
	Division string
	Body     string
	Subject  string
	Day      calendar.Date
}

func placeOf(n *notice) Place {
	return Place{n.env.Division, n.env.Body, n.env.Subject, calendar.Of(n.event.At)}
}

// tallyOf says what an event counts as. accepted holds the cases that were counted as accepted before, and learns this one.
func tallyOf(n *notice, accepted map[store.ID]bool) (t Tally) {
	switch n.event.Kind {
	case casework.Submitted:
		t.Received = 1
	case casework.LineWarned:
		t.Warned = 1
	case casework.PromiseMissed:
		t.Yellow = 1
	case casework.StatuteMissed:
		t.Red = 1
	case casework.StepOvertime:
		t.Overtime = 1
	}
	if n.starts() && !accepted[n.event.Case] {
		accepted[n.event.Case] = true
		t.Accepted = 1
	}
	if n.ended() {
		t.Ended = 1
		switch n.text("result") {
		case "granted":
			t.Granted = 1
		case "refused":
			t.Refused = 1
		}
	}
	return t
}
