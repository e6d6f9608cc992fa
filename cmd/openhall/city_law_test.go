package main

import (
	"context"
	"slices"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/merkle"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/ledger"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/supervision"
)

// moved looks at a case after something may have happened to it, and takes what happened into the model.
func (c *city) moved(k *known) {
	c.t.Helper()
	kase := c.get(k)
	if kase.Seq < k.seq {
		c.failf("case %s had %d events and has %d", k.number, k.seq, kase.Seq)
	}
	events, err := c.hall.Cases.Events(context.Background(), k.id, k.seq, 100)
	if err != nil {
		c.t.Fatal(err)
	}
	for i, e := range events {
		if e.Seq != k.seq+int64(i)+1 {
			c.failf("case %s: event %d stands where %d should", k.number, e.Seq, k.seq+int64(i)+1)
		}
		if e.At.After(c.now) {
			c.failf("case %s: event %d lies in the future: %s", k.number, e.Seq, e.At)
		}
	}
	if got := k.seq + int64(len(events)); got != kase.Seq {
		c.failf("case %s says %d events and has %d", k.number, kase.Seq, got)
	}
	if k.isEnded && len(events) > 0 && events[len(events)-1].Kind != casework.Rated {
		c.failf("case %s has ended, and yet: %s", k.number, events[len(events)-1].Kind)
	}
	k.seq = kase.Seq
	c.events += len(events)
	if kase.Number != k.number {
		c.failf("case %s is called %s now", k.number, kase.Number)
	}
	if !kase.Open() {
		c.over(k, kase)
		return
	}
	if len(kase.Tasks()) == 0 && kase.WakeAt.IsZero() {
		c.failf("case %s waits for nobody and nothing", k.number)
	}
	c.clocks(kase)
}

// over checks a case that has ended.
func (c *city) over(k *known, kase *casework.Case) {
	if len(kase.Tasks()) > 0 || !kase.WakeAt.IsZero() || kase.Result == "" {
		c.failf("case %s has ended with %d tasks, result %q, and wakes at %s", k.number, len(kase.Tasks()), kase.Result, kase.WakeAt)
	}
	for _, clock := range kase.Clocks() {
		if clock.Term.Stopped.IsZero() {
			c.failf("case %s has ended and its clock %s runs", k.number, clock.Name)
		}
	}
	if !k.isEnded {
		k.isEnded = true
		c.ended++
		c.open = slices.DeleteFunc(c.open, func(o *known) bool { return o == k })
	}
}

// clocks holds the lines of a case against days counted one by one.
func (c *city) clocks(kase *casework.Case) {
	var promise, law time.Time // the earliest of all running clocks
	lamp := casework.Green
	for _, k := range kase.Clocks() {
		if !k.Term.Stopped.IsZero() || k.Term.Statutory.Unit != statute.WorkingDay {
			return // what is said below is of clocks that count working days
		}
		due := c.counted(k.Term, k.Term.Statutory)
		first := due
		if p := k.Term.Promised; p.N > 0 {
			if d := c.counted(k.Term, p); d < due {
				first = d
			}
		}
		if k.Term.Paused() {
			return // its lines move with every day
		}
		promise, law = earliest(promise, first.End()), earliest(law, due.End())
		switch {
		case !c.now.Before(due.End()):
			lamp = max(lamp, casework.Red)
		case !c.now.Before(first.End()):
			lamp = max(lamp, casework.Yellow)
		case !c.now.Before(c.dayBefore(first).Start()) && c.now.After(k.Term.Start):
			lamp = max(lamp, casework.Amber)
		}
	}
	if !kase.PromiseDue.Equal(promise) || !kase.StatuteDue.Equal(law) {
		c.failf("case %s is due %s and %s; counted one by one it is %s and %s", kase.Number, kase.PromiseDue, kase.StatuteDue, promise, law)
	}
	if kase.WakeAt.After(c.now) && kase.Lamp != lamp {
		c.failf("case %s shows lamp %d; due %s and %s it should be %d", kase.Number, kase.Lamp, promise, law, lamp)
	}
}

// counted is the last day of a term: days one by one after its start, leaving out those that no one works on and those at whose end
// the clock stood still, and on from there for each extension.
func (c *city) counted(t term.Term, length term.Length) calendar.Date {
	left := length.N
	for _, x := range t.Extensions {
		left += x.By.N
	}
	day := calendar.Of(t.Start)
	for left > 0 {
		day++
		if c.hall.Calendar().Working(day) && !stoodStill(t, day) {
			left--
		}
	}
	return day
}

func stoodStill(t term.Term, day calendar.Date) bool {
	return slices.ContainsFunc(t.Pauses, func(p term.Pause) bool {
		return day >= calendar.Of(p.From) && !p.Until.IsZero() && day < calendar.Of(p.Until)
	})
}

// dayBefore is the working day before a day.
func (c *city) dayBefore(day calendar.Date) calendar.Date {
	for day--; !c.hall.Calendar().Working(day); {
		day--
	}
	return day
}

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// follow gives all events their places in the log and lets supervision read them.
func (c *city) follow() {
	for {
		n, err := c.hall.Ledger.Sequence(context.Background())
		if err != nil {
			c.t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	for {
		n, err := c.hall.Ledger.Catch(context.Background(), supervision.Consumer, c.hall.Supervision.Handle)
		if err != nil {
			c.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// whole checks what must hold for the hall as a whole.
func (c *city) whole() {
	ctx := context.Background()
	c.follow()
	for what, query := range map[string]string{
		"series with a gap":                     `SELECT count(*) FROM series AS s WHERE s.last <> (SELECT count(*) FROM case_ AS k WHERE k.number LIKE s.name || '%')`,
		"cases whose events have a gap":         `SELECT count(*) FROM case_ AS k WHERE k.seq <> (SELECT count(*) FROM event AS e WHERE e.case_id = k.id)`,
		"tasks of cases that have ended":        `SELECT count(*) FROM task AS t JOIN case_ AS k ON k.id = t.case_id WHERE k.ended_at > 0`,
		"tasks of no case":                      `SELECT count(*) FROM task AS t WHERE NOT EXISTS (SELECT 1 FROM case_ AS k WHERE k.id = t.case_id)`,
		"ended cases that wake":                 `SELECT count(*) FROM case_ WHERE ended_at > 0 AND wake_at > 0`,
		"events without a place":                `SELECT count(*) FROM event WHERE leaf IS NULL`,
		"open cards about lines of ended cases": `SELECT count(*) FROM supervision_card AS v JOIN case_ AS k ON k.id = v.case_id WHERE v.closed_at = 0 AND v.colour <> 'irregular' AND k.ended_at > 0`,
		"cases past the statute without card":   `SELECT count(*) FROM case_ AS k WHERE k.lamp = 3 AND k.kind = 'approval' AND NOT EXISTS (SELECT 1 FROM supervision_card AS v WHERE v.case_id = k.id AND v.colour = 'red')`,
	} {
		if n, err := store.Scalar[int](c.hall.DB.Read().QueryRow(ctx, query)); err != nil || n != 0 {
			c.failf("%s: %d, %v", what, n, err)
		}
	}
	if n, err := store.Scalar[int](c.hall.DB.Read().QueryRow(ctx, `SELECT count(*) FROM case_ WHERE kind = 'approval'`)); err != nil || n != len(c.cases) {
		c.failf("the hall has %d cases, %v; %d were accepted", n, err, len(c.cases))
	}
	differences, err := c.hall.Supervision.Recount(ctx)
	if err != nil || len(differences) > 0 {
		c.failf("%d counts differ from the events, %v", len(differences), err)
	}
	source := ledger.OpenReader(c.hall.DB).Source(ctx)
	key, err := source.Key()
	if err != nil {
		c.t.Fatal(err)
	}
	verifier, err := merkle.NewVerifier(key)
	if err != nil {
		c.t.Fatal(err)
	}
	report, err := merkle.VerifyLog(source, verifier)
	if err != nil || report.Entries < int64(c.events) {
		c.failf("the log has %d entries, %v; the cases have %d events", report.Entries, err, c.events)
	}
}
