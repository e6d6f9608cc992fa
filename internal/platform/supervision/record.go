package supervision

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/store"
)

// Record is what supervision knows of a case, from its events alone.
type Record struct {
	ID       store.ID
	Number   string // 办件编号
	Kind     string
	Item     string // basic code, or the subject
	Subject  string
	Division string
	Body     string
	Post     string // at a window, that took it in; empty: none has yet
	Status   string
	Result   string
	Lamp     casework.Lamp // of an open case
	Grade    int           // of its rating; 0: none

	Received, Taken, Accepted, Ended, RatedAt time.Time // zero: not yet

	PausedSince time.Time // zero: no clock stands still
	PausedDays  int64     // working days on which a clock stood still, without the pause under way
	GrossDays   int64     // working days from receipt to end; 0 while it is open

	rank   int64
	clocks map[string]clockState
	card   *cardRef // that the case answers; nil: none
}

// clockState is how a clock of a case stands.
type clockState struct {
	Lamp  casework.Lamp `json:"lamp,omitempty"`
	Still bool          `json:"still,omitempty"`
}

// Open reports whether the case has not ended.
func (r *Record) Open() bool { return r.Ended.IsZero() }

// Days returns the working days from receipt until the end, or until today while the case is open, how many of them a clock stood
// still, and what remains: the time that the body had.
func (r *Record) Days(cal *calendar.Calendar, today calendar.Date) (gross, paused, net int64) {
	gross, paused = r.GrossDays, r.PausedDays
	if r.Open() {
		gross = int64(max(0, cal.Count(calendar.Of(r.Received), today)))
		paused += r.stoodStill(cal, today)
	}
	return gross, paused, gross - paused
}

// stoodStill counts the working days of the pause under way that are over when the given day begins. A day counts when the clock
// stands still at its end; the day of receipt never does, since no term counts it (民法典 201).
func (r *Record) stoodStill(cal *calendar.Calendar, until calendar.Date) int64 {
	if r.PausedSince.IsZero() {
		return 0
	}
	first := max(calendar.Of(r.PausedSince), calendar.Of(r.Received)+1)
	return int64(max(0, cal.Count(first-1, until-1)))
}

// gauge is how the case stands among those that are open.
func (r *Record) gauge() (g Gauge) {
	if !r.Open() {
		return g
	}
	if !r.PausedSince.IsZero() {
		g.Standing = 1
	}
	switch r.Lamp {
	case casework.Amber:
		g.LitAmber = 1
	case casework.Yellow:
		g.LitYellow = 1
	case casework.Red:
		g.LitRed = 1
	}
	return g
}

// fold follows the events of many cases. It gives the same whenever it is done: that is how a recount works.
type fold struct {
	cal     *calendar.Calendar
	apart   func(kind string) bool // kinds of cases that are not counted: see [Supervision.apart]
	records map[store.ID]*Record
	changed map[store.ID]bool
	counts  counters
}

func (s *Supervision) newFold() *fold {
	return &fold{cal: s.calendar(), apart: s.apart, records: map[store.ID]*Record{}, changed: map[store.ID]bool{}, counts: counters{}}
}

// take takes the next event of the log.
func (f *fold) take(n *notice) {
	r := f.records[n.event.Case]
	if r == nil {
		r = &Record{ID: n.event.Case, Number: n.env.Case, Kind: n.env.Type, Item: itemOf(n.env.Subject), Subject: n.env.Subject,
			Division: n.env.Division, Body: n.env.Body, Received: n.event.At}
		f.records[r.ID] = r
	}
	moved := r.Body != n.env.Body || r.Division != n.env.Division
	if moved {
		f.shift(r, -1)
		r.Body, r.Division = n.env.Body, n.env.Division
		f.shift(r, 1)
	}
	before, post := r.gauge(), r.Post
	t, changed := r.take(n, f.cal)
	after, day := r.gauge(), calendar.Of(n.event.At)
	t.Gauge = after.minus(before)
	apart := f.apart(r.Kind)
	if !apart {
		f.counts.add(views(r.Division, r.Body, r.Item, r.Kind), day, t)
	}
	if r.Post != "" && !apart {
		own := t
		own.Received = 0
		if post == "" { // it comes in here, as it stands
			own.Received, own.Gauge = 1, after
		}
		f.counts.add(postViews(r.Post, r.Body, r.Item, r.Kind), day, own)
	}
	if a, ok := answerOf(n, r.card); ok {
		f.counts.add(views(a.card.Division, a.card.Body, itemOf(a.card.Subject), a.card.Kind), a.card.Day, a.pardon())
	}
	if changed || moved || r.Post != post {
		f.changed[r.ID] = true
	}
}

// shift takes a case out of the counts of its place, with sign -1, or puts it in, so that it counts as a whole where it is: a matter
// that is handed to another body (移送) stands in the lists of that body from then on, and so in its numbers. What was noticed of its
// lines stays counted where it happened.
func (f *fold) shift(r *Record, sign int64) {
	if f.apart(r.Kind) {
		return
	}
	all, own := views(r.Division, r.Body, r.Item, r.Kind), []View(nil)
	if r.Post != "" {
		own = postViews(r.Post, r.Body, r.Item, r.Kind)
	}
	add := func(at time.Time, t Tally, to ...View) {
		for _, f := range t.fields() {
			*f *= sign
		}
		if !at.IsZero() && len(to) > 0 {
			f.counts.add(to, calendar.Of(at), t)
		}
	}
	add(r.Received, Tally{Received: 1, Gauge: r.gauge()}, all...)
	add(r.Taken, Tally{Received: 1, Gauge: r.gauge()}, own...)
	add(r.Accepted, Tally{Accepted: 1}, all...)
	if !r.Accepted.Before(r.Taken) {
		add(r.Accepted, Tally{Accepted: 1}, own...)
	}
	both := slices.Concat(all, own)
	if !r.Open() {
		add(r.Ended, r.ending(), both...)
	}
	if r.Grade > 0 {
		var t Tally
		t.Rated[r.Grade-1] = 1
		add(r.RatedAt, t, both...)
	}
}

// ending is what the end of the case counts as.
func (r *Record) ending() Tally {
	t := Tally{Ended: 1, Gross: r.GrossDays, Paused: r.PausedDays}
	switch r.Result {
	case "granted":
		t.Granted = 1
	case "refused":
		t.Refused = 1
	}
	return t
}

// take changes the record by an event and says what it counts as.
func (r *Record) take(n *notice, cal *calendar.Calendar) (t Tally, changed bool) {
	at := n.event.At
	changed = true
	switch n.event.Kind {
	case casework.Submitted:
		t.Received = 1
		r.card = n.card()
	case casework.LineWarned:
		t.Warned = 1
		r.cross(n, casework.Amber)
	case casework.PromiseMissed:
		t.Yellow = 1
		r.cross(n, casework.Yellow)
	case casework.StatuteMissed:
		t.Red = 1
		r.cross(n, casework.Red)
	case casework.StepOvertime:
		t.Overtime, changed = 1, false
	case casework.Rated:
		if grade, _ := n.env.Data["grade"].(float64); r.Grade == 0 && grade >= 1 && grade <= Grades {
			r.Grade, r.RatedAt = int(grade), at
			t.Rated[r.Grade-1] = 1
		}
	case casework.Assigned, casework.GivenBack, casework.Attached, casework.DocumentRevoked, casework.Migrated:
		changed = false
	}
	if r.Post == "" && tookIn(n) {
		r.Post, r.Taken = n.env.Actor.Post, at
	}
	if status := n.text("status"); status != "" {
		r.Status = status
	}
	turns := n.turns()
	if r.Accepted.IsZero() && n.starts() {
		r.Accepted = at
		t.Accepted = 1
	}
	for _, turn := range turns {
		r.turn(turn, at, cal)
	}
	if n.ended() && r.Open() {
		r.end(n, cal, &t)
	}
	r.settle(at, cal)
	return t, changed || len(turns) > 0 || n.ended()
}

// tookIn reports whether somebody at a window took the matter in: received it at the counter, or did the window's first step.
func tookIn(n *notice) bool {
	a := n.env.Actor
	return a.Kind == identity.Staff && a.Post != "" && (n.event.Kind == casework.Submitted || a.Role == registry.Clerk)
}

func (r *Record) cross(n *notice, lamp casework.Lamp) {
	if r.Open() {
		c := r.clock(n.text("clock"))
		c.Lamp = max(c.Lamp, lamp)
		r.clocks[n.text("clock")] = c
	}
}

func (r *Record) clock(name string) clockState {
	if r.clocks == nil {
		r.clocks = map[string]clockState{}
	}
	return r.clocks[name]
}

// turn follows what an event did to a clock. A line that moved to a later day puts the lamp out, unless it has passed all the same.
func (r *Record) turn(t turn, at time.Time, cal *calendar.Calendar) {
	c := r.clock(t.clock)
	switch t.action {
	case "start":
		c = clockState{}
	case "stop":
		delete(r.clocks, t.clock)
		return
	case "pause":
		c.Still = true
	case "resume":
		c.Still = false
		c.Lamp = relit(c.Lamp, t, calendar.Of(at), cal)
	case "extend":
		c.Lamp = relit(c.Lamp, t, calendar.Of(at), cal)
	}
	r.clocks[t.clock] = c
}

// relit is the lamp of a clock whose lines lie anew.
func relit(was casework.Lamp, t turn, today calendar.Date, cal *calendar.Calendar) casework.Lamp {
	switch {
	case t.promise == 0 || t.statute == 0:
		return was
	case t.statute < today:
		return casework.Red
	case t.promise < today:
		return casework.Yellow
	case cal.Add(t.promise, -1) <= today:
		return min(was, casework.Amber)
	default:
		return casework.Green
	}
}

// settle brings the pause and the lamp of the case in line with its clocks.
func (r *Record) settle(at time.Time, cal *calendar.Calendar) {
	still := false
	r.Lamp = casework.Green
	for _, c := range r.clocks {
		still = still || c.Still
		r.Lamp = max(r.Lamp, c.Lamp)
	}
	switch {
	case still && r.PausedSince.IsZero():
		r.PausedSince = at
	case !still && !r.PausedSince.IsZero():
		r.PausedDays += r.stoodStill(cal, calendar.Of(at))
		r.PausedSince = time.Time{}
	}
	r.rank = r.PausedDays
	if !r.PausedSince.IsZero() {
		r.rank -= workingDays(cal, max(calendar.Of(r.PausedSince), calendar.Of(r.Received)+1)-1)
	}
}

// workingDays numbers the working days from one that lies before all cases. The rank of a case that stands still is its paused days
// without the pause under way, less the number of the day before that began: on every day the ranks lie apart as the paused days do.
func workingDays(cal *calendar.Calendar, d calendar.Date) int64 {
	return int64(cal.Count(calendar.Day(2000, 1, 1), d))
}

// end takes the case off the clocks.
func (r *Record) end(n *notice, cal *calendar.Calendar, t *Tally) {
	at := n.event.At
	r.clocks = nil
	r.settle(at, cal)
	r.Ended, r.Result = at, n.text("result")
	r.GrossDays = int64(max(0, cal.Count(calendar.Of(r.Received), calendar.Of(at))))
	t.add(r.ending())
}

const recordColumns = `case_id, number, kind, item, subject, division, city, area, body, post, status, result, lamp, grade,
	received_at, taken_at, accepted_at, ended_at, rated_at, paused_at, paused_days, gross_days, pause_rank, clocks, card`

const recordWidth = 25

func scanRecord(row store.Row) (*Record, error) {
	var r Record
	var city, area, clocks, card string
	var received, taken, accepted, ended, rated, paused int64
	err := row.Scan(&r.ID, &r.Number, &r.Kind, &r.Item, &r.Subject, &r.Division, &city, &area, &r.Body, &r.Post, &r.Status, &r.Result, &r.Lamp,
		&r.Grade, &received, &taken, &accepted, &ended, &rated, &paused, &r.PausedDays, &r.GrossDays, &r.rank, &clocks, &card)
	if err != nil {
		return nil, err
	}
	r.Received, r.Taken, r.Accepted, r.Ended = store.Instant(received), store.Instant(taken), store.Instant(accepted), store.Instant(ended)
	r.RatedAt, r.PausedSince = store.Instant(rated), store.Instant(paused)
	if clocks != "" {
		if err := json.Unmarshal([]byte(clocks), &r.clocks); err != nil {
			return nil, fmt.Errorf("clocks of case %s: %w", r.Number, err)
		}
	}
	if card != "" {
		if err := json.Unmarshal([]byte(card), &r.card); err != nil {
			return nil, fmt.Errorf("card that case %s answers: %w", r.Number, err)
		}
	}
	return &r, nil
}

// row returns the columns of the record, in the order of recordColumns.
func (r *Record) row() ([]any, error) {
	clocks, card := "", ""
	if r.card != nil {
		raw, err := json.Marshal(r.card)
		if err != nil {
			return nil, fmt.Errorf("card that case %s answers: %w", r.Number, err)
		}
		card = string(raw)
	}
	if len(r.clocks) > 0 {
		raw, err := json.Marshal(r.clocks)
		if err != nil {
			return nil, fmt.Errorf("clocks of case %s: %w", r.Number, err)
		}
		clocks = string(raw)
	}
	return []any{int64(r.ID), r.Number, r.Kind, r.Item, r.Subject, r.Division, head(r.Division, 4), head(r.Division, 6), r.Body, r.Post,
		r.Status, r.Result, int64(r.Lamp), int64(r.Grade), store.Micros(r.Received), store.Micros(r.Taken), store.Micros(r.Accepted),
		store.Micros(r.Ended), store.Micros(r.RatedAt), store.Micros(r.PausedSince), r.PausedDays, r.GrossDays, r.rank, clocks, card}, nil
}

func head(s string, n int) string { return s[:min(n, len(s))] }

// sameRecord reports whether two records say the same.
func sameRecord(a, b *Record) bool {
	left, err1 := a.row()
	right, err2 := b.row()
	return err1 == nil && err2 == nil && slices.Equal(left, right)
}
