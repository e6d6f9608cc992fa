package supervision

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/feel"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
)

// facts are what supervision remembers of an open case, because a rule may ask for it when a later event comes. They follow from the
// events of the case alone, and are forgotten when it ends.
type facts struct {
	Received calendar.Date         `json:"received,omitzero"` // 0: the case began before supervision watched
	Channel  string                `json:"channel,omitempty"`
	Fees     []int64               `json:"fees"`               // fen: the published schedule on the day of application; nil: not known
	FeesVary bool                  `json:"feesVary,omitempty"` // some of it is charged by a rate, so an amount alone says nothing
	Steps    int                   `json:"steps,omitempty"`    // that officials did
	Clocks   map[string]clockFacts `json:"clocks,omitempty"`
	Card     *cardRef              `json:"card,omitempty"` // which the case answers
}

// clockFacts are the lines of a clock as they last stood in an event.
type clockFacts struct {
	Promise  calendar.Date `json:"promise,omitzero"`
	Statute  calendar.Date `json:"statute,omitzero"`
	Extended int           `json:"extended,omitempty"` // times
	Paused   bool          `json:"paused,omitempty"`
}

// after returns the clock as a turn leaves it.
func (c clockFacts) after(t turn) clockFacts {
	if t.promise != 0 {
		c.Promise, c.Statute = t.promise, t.statute
	}
	switch t.action {
	case "start":
		c.Extended, c.Paused = 0, false
	case "extend":
		c.Extended++
	case "pause":
		c.Paused = true
	case "resume", "stop":
		c.Paused = false
	}
	return c
}

// learn returns the facts after an event.
func (f facts) learn(n *notice) facts {
	if n.event.Kind == casework.Submitted {
		f.Received, f.Channel = calendar.Of(n.event.At), n.text("channel")
		f.Fees, f.FeesVary = n.fees()
		f.Card = n.card()
	}
	if n.doneByStaff() {
		f.Steps++
	}
	if turns := n.turns(); len(turns) > 0 {
		f.Clocks = maps.Clone(f.Clocks)
		if f.Clocks == nil {
			f.Clocks = map[string]clockFacts{}
		}
		for _, t := range turns {
			f.Clocks[t.clock] = f.Clocks[t.clock].after(t)
		}
	}
	return f
}

// teaches reports whether there is something to learn from the event.
func (n *notice) teaches() bool {
	return n.event.Kind == casework.Submitted || n.doneByStaff() || len(n.turns()) > 0
}

func (n *notice) doneByStaff() bool {
	return n.event.Kind == casework.Completed && n.env.Actor.Kind == identity.Staff
}

// fees reads the published schedule from the event with which a case begins.
func (n *notice) fees() (amounts []int64, vary bool) {
	list, known := n.env.Data["fees"].([]any)
	if !known {
		return nil, false
	}
	amounts = []int64{}
	for _, v := range list {
		if fen, ok := v.(float64); ok {
			amounts = append(amounts, int64(fen))
		}
	}
	vary, _ = n.env.Data["feesVary"].(bool)
	return amounts, vary
}

// scope is what the condition of a rule can ask for:
//
//	event      the kind of the event, such as "task.completed"
//	type       the kind of the case
//	day        the day of the event, in Asia/Shanghai
//	actor      kind, post, role and body of whoever acted
//	data       the public part of the event, member by member
//	sealed     the names of what stands in it as a commitment only, such as "reasons"
//	documents  the kinds of letters that went out with it
//	turns      what happened to clocks: name, action, ground, promise, statute, and under before how the clock stood:
//	           promise, statute, extended (times), paused
//	case       received (a day), channel, steps (done by officials, with this one), fees (fen, null when not known), feesVary
//	grounds    the grounds on which the law lets a clock stand still
func (n *notice) scope(known facts, grounds feel.List) feel.Vars {
	steps := known.Steps
	if n.doneByStaff() {
		steps++
	}
	sealed := slices.Sorted(maps.Keys(n.env.Private))
	documents, _ := n.env.Data["documents"].([]any)
	var fees any
	if known.Fees != nil {
		fees = known.Fees
	}
	vars := feel.Vars{
		"event": n.event.Kind, "type": n.env.Type, "day": dateValue(calendar.Of(n.event.At)), "grounds": grounds,
		"turns": n.turnValues(known),
	}
	for name, v := range map[string]any{
		"actor": map[string]any{
			"kind": string(n.env.Actor.Kind), "post": n.env.Actor.Post, "role": n.env.Actor.Role, "body": n.env.Actor.Body,
		},
		"data": n.env.Data, "sealed": sealed, "documents": documents,
		"case": map[string]any{
			"received": dateValue(known.Received), "channel": known.Channel, "steps": steps, "fees": fees, "feesVary": known.FeesVary,
		},
	} {
		value, _ := feel.FromAny(v) // what it does not take is null, and so holds nothing against anybody
		vars[name] = value
	}
	return vars
}

func (n *notice) turnValues(known facts) feel.List {
	var list feel.List
	clocks := maps.Clone(known.Clocks)
	for _, t := range n.turns() {
		before := clocks[t.clock]
		if clocks == nil {
			clocks = map[string]clockFacts{}
		}
		clocks[t.clock] = before.after(t)
		list = append(list, feel.NewContext(
			feel.Entry{Key: "name", Value: t.clock}, feel.Entry{Key: "action", Value: t.action}, feel.Entry{Key: "ground", Value: t.ground},
			feel.Entry{Key: "promise", Value: dateValue(t.promise)}, feel.Entry{Key: "statute", Value: dateValue(t.statute)},
			feel.Entry{Key: "before", Value: feel.NewContext(
				feel.Entry{Key: "promise", Value: dateValue(before.Promise)}, feel.Entry{Key: "statute", Value: dateValue(before.Statute)},
				feel.Entry{Key: "extended", Value: feel.Int(int64(before.Extended))}, feel.Entry{Key: "paused", Value: before.Paused},
			)},
		))
	}
	return list
}

// dateValue is a day as expressions know it; 0 is null.
func dateValue(d calendar.Date) feel.Value {
	if d == 0 {
		return nil
	}
	v, ok := feel.NewDate(d.Year(), int(d.Month()), d.DayOfMonth())
	if !ok {
		return nil
	}
	return v
}

// remember reads what is known of the cases that the events are about.
func remember(ctx context.Context, tx *store.Tx, ids []int64) (map[store.ID]facts, error) {
	type row struct {
		id    store.ID
		known facts
	}
	list, args := in(ids)
	rows, err := store.All(ctx, tx, func(r store.Row) (o row, err error) {
		var text []byte
		if err = r.Scan(&o.id, &text); err == nil {
			err = json.Unmarshal(text, &o.known)
		}
		return o, err
	}, `SELECT case_id, facts FROM supervision_case WHERE case_id IN (`+list+`)`, args...)
	if err != nil {
		return nil, fmt.Errorf("facts of cases: %w", err)
	}
	out := make(map[store.ID]facts, len(rows))
	for _, r := range rows {
		out[r.id] = r.known
	}
	return out, nil
}

// saveFacts writes what has become known, and forgets the cases that have ended.
func (d *desk) saveFacts(tx *store.Tx) error {
	for _, id := range slices.Sorted(maps.Keys(d.ended)) {
		tx.Queue(`DELETE FROM supervision_case WHERE case_id = $1`, int64(id))
	}
	for _, id := range slices.Sorted(maps.Keys(d.learned)) {
		if d.ended[id] {
			continue
		}
		text, err := json.Marshal(d.known[id])
		if err != nil {
			return fmt.Errorf("facts of case %s: %w", id, err)
		}
		tx.Queue(`INSERT INTO supervision_case (case_id, facts) VALUES ($1, $2) ON CONFLICT (case_id) DO UPDATE SET facts = excluded.facts`,
			int64(id), string(text))
	}
	return nil
}
