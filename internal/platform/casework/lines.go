package casework

import (
	"time"

	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/core/term"
)

// schedule sets the instants of the case by which indexes find it: when its lines pass, and when something falls due by itself.
func (s *step) schedule() {
	c := s.c
	c.PromiseDue, c.StatuteDue, c.WakeAt, c.Lamp = time.Time{}, time.Time{}, time.Time{}, Green
	if !c.Open() {
		for _, k := range c.state.Clocks {
			c.Lamp = max(c.Lamp, lampOf(k.Term.State(s.cal, s.now)))
		}
		return
	}
	if at, ok := c.state.Proc.NextDue(); ok {
		c.WakeAt = at
	}
	for i := range c.state.Clocks {
		k := &c.state.Clocks[i]
		if !k.Term.Stopped.IsZero() {
			c.Lamp = max(c.Lamp, lampOf(k.Term.State(s.cal, s.now)))
			continue
		}
		lines := k.Term.Compute(s.cal, s.now)
		c.PromiseDue, c.StatuteDue = earlier(c.PromiseDue, lines.Promise), earlier(c.StatuteDue, lines.Statute)
		now := lampOf(k.Term.State(s.cal, s.now))
		c.Lamp = max(c.Lamp, now)
		if k.Term.Paused() {
			continue // nothing falls due while the clock stands still
		}
		// A pause or an extension moved the lines: what lies ahead again is to be noticed again.
		k.Crossed = min(k.Crossed, now)
		c.WakeAt = earlier(c.WakeAt, nextLine(k.Crossed, lines))
	}
	for i := range c.state.Tasks {
		t := &c.state.Tasks[i]
		if t.Term == nil {
			continue
		}
		t.DueAt = t.Term.Compute(s.cal, s.now).Statute
		if !t.Late {
			c.WakeAt = earlier(c.WakeAt, t.DueAt)
		}
	}
}

// nextLine returns the next line of a clock that was not noticed yet; zero when all were.
func nextLine(crossed Lamp, l term.Lines) time.Time {
	switch {
	case crossed < Amber && l.Warn.Before(l.Promise):
		return l.Warn
	case crossed < Yellow && l.Promise.Before(l.Statute):
		return l.Promise
	case crossed < Red:
		return l.Statute
	default:
		return time.Time{}
	}
}

func lampOf(s term.State) Lamp {
	switch s {
	case term.Warned:
		return Amber
	case term.PromiseMissed, term.MetStatute:
		return Yellow
	case term.StatuteMissed, term.StoppedLate:
		return Red
	default:
		return Green
	}
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

// advance fires the timers that are due and notices the lines that were crossed. Each is an event of its own. The lines come
// first: a line that passed stays passed whatever a timer does afterwards.
func (s *step) advance() error {
	if !s.c.Open() {
		s.c.WakeAt, s.quiet = time.Time{}, true
		return nil
	}
	s.notice()
	if at, ok := s.c.state.Proc.NextDue(); ok && !at.After(s.now) {
		e := s.event(TimerFired, s.now)
		if err := s.move(e, procedure.Input{Kind: procedure.InputAdvance}); err != nil {
			return err
		}
	}
	s.schedule()
	s.quiet = len(s.events) == 0 // the calendar changed, or another node was quicker: only the wake-up moves
	return nil
}

// notice writes an event for each line that was crossed since the last look.
func (s *step) notice() {
	for i := range s.c.state.Clocks {
		k := &s.c.state.Clocks[i]
		if !k.Term.Stopped.IsZero() || k.Term.Paused() {
			continue
		}
		lines := k.Term.Compute(s.cal, s.now)
		for {
			at := nextLine(k.Crossed, lines)
			if at.IsZero() || at.After(s.now) {
				break
			}
			kind := LineWarned
			switch {
			case at.Equal(lines.Statute):
				k.Crossed, kind = Red, StatuteMissed
			case at.Equal(lines.Promise):
				k.Crossed, kind = Yellow, PromiseMissed
			default:
				k.Crossed = Amber
			}
			e := s.event(kind, s.now)
			e.data["clock"], e.data["rule"] = k.Name, k.Rule
			s.noteLines(e.data, k.Term)
		}
	}
	for i := range s.c.state.Tasks {
		t := &s.c.state.Tasks[i]
		if t.Term == nil || t.Late {
			continue
		}
		if lines := t.Term.Compute(s.cal, s.now); !lines.Statute.After(s.now) {
			t.Late = true
			e := s.event(StepOvertime, s.now)
			e.data["task"], e.data["token"], e.data["role"] = t.Element, t.Token, t.Role
			e.data["statute"] = lines.StatuteDay.String()
		}
	}
}
