package casework

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/lang"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/core/statute"
	"openhall.org/openhall/internal/core/term"
)

// apply carries the effects of a procedure step over to the case. It stops at a call of a service, which the caller answers.
func (s *step) apply(e *pending, effects []procedure.Effect) (service *procedure.Effect, err error) {
	for i := range effects {
		f := &effects[i]
		switch f.Kind {
		case procedure.OpenTask:
			err = s.openTask(e, f)
		case procedure.CloseTask:
			s.closeTask(e, f)
		case procedure.SetClock:
			err = s.setClock(e, f)
		case procedure.SetStatus:
			s.c.Status = f.Name
			e.data["status"] = f.Name
		case procedure.MakeDoc:
			s.c.state.Documents = append(s.c.state.Documents,
				Document{Kind: f.Name, Element: f.Element, Seq: s.c.Seq + int64(len(s.events)), At: f.At})
			e.list("documents", f.Name)
		case procedure.Publish:
			e.list("publish", f.Name)
		case procedure.Ended:
			s.end(e, f)
		case procedure.CallService:
			service = f
		case procedure.SendMessage, procedure.SendSignal:
			e.list("sent", f.Name)
		case procedure.ArmTimer, procedure.DisarmTimer:
			// The state of the procedure holds its timers; schedule reads them there.
		}
		if err != nil {
			return nil, err
		}
	}
	return service, nil
}

func (s *step) openTask(e *pending, f *procedure.Effect) error {
	if handler := s.r.kinds[s.c.Kind].Handler; handler != nil {
		if body := handler(s.c, f.Role); body != "" && body != s.c.Body {
			s.c.Body = body
			e.data["moved"] = body
		}
	}
	t := Task{Token: f.Token, Element: f.Element, Index: f.Index, Role: f.Role, OpenedAt: f.At}
	if f.Node != nil {
		t.Power = f.Node.Power
	}
	if f.Node != nil && f.Node.Term != nil {
		length, err := s.stepLength(f.Node.Term)
		if err != nil {
			return err
		}
		own, err := term.New(f.At, length.Statutory, length.Promised)
		if err != nil {
			return fmt.Errorf("term of %s: %w", f.Element, err)
		}
		t.Term = &own
	}
	s.c.state.Tasks = append(s.c.state.Tasks, t)
	s.opened = append(s.opened, t)
	e.list("opened", f.Element)
	return nil
}

func (s *step) closeTask(e *pending, f *procedure.Effect) {
	i := slices.IndexFunc(s.c.state.Tasks, func(t Task) bool { return t.Token == f.Token })
	if i < 0 {
		return
	}
	t := s.c.state.Tasks[i]
	s.c.state.Tasks = slices.Delete(s.c.state.Tasks, i, i+1)
	if j := slices.IndexFunc(s.opened, func(o Task) bool { return o.Token == f.Token }); j >= 0 {
		s.opened = slices.Delete(s.opened, j, j+1) // opened and closed by the same command: no row
	} else {
		s.closed = append(s.closed, f.Token)
	}
	if f.Interrupted {
		s.c.state.Done = append(s.c.state.Done, Done{
			Token: t.Token, Element: t.Element, Index: t.Index, Role: t.Role, OpenedAt: t.OpenedAt, At: f.At, Cut: true,
		})
		e.list("cut", f.Element)
	}
}

func (s *step) end(e *pending, f *procedure.Effect) {
	s.c.EndedAt = f.At
	s.c.Result = s.c.Status
	for i := range s.c.state.Clocks {
		if k := &s.c.state.Clocks[i]; k.Term.Stopped.IsZero() {
			k.Term.Stopped = f.At
		}
	}
	e.data["ended"] = string(f.Outcome)
	e.data["result"] = s.c.Result
}

// setClock starts, pauses, resumes, extends or stops a statutory clock of the case.
func (s *step) setClock(e *pending, f *procedure.Effect) error {
	k := f.Clock
	note := map[string]any{"name": k.Name, "action": k.Action}
	if k.Ground != "" {
		note["ground"] = k.Ground
	}
	err := s.turnClock(k, f.At, note)
	var cannot *term.Error
	if errors.As(err, &cannot) {
		return &Refusal{Code: RefusedTerm, Text: cannot.Text()}
	}
	if err != nil {
		return err
	}
	list, _ := e.data["clocks"].([]any)
	e.data["clocks"] = append(list, note)
	return nil
}

func (s *step) turnClock(k *procedure.Clock, at time.Time, note map[string]any) error {
	c := s.c.Clock(k.Name)
	if k.Action == "start" {
		if k.From == "receipt" {
			at = s.receivedAt()
		}
		length, err := s.length(k.Rule)
		if err != nil {
			return err
		}
		t, err := term.New(at, length.Statutory, length.Promised)
		if err != nil {
			return err
		}
		if x, ok := s.r.Rules.Extension(k.Rule); ok {
			t.MaxExtensions = x.Times
		}
		s.c.state.Clocks = slices.DeleteFunc(s.c.state.Clocks, func(c Clock) bool { return c.Name == k.Name })
		s.c.state.Clocks = append(s.c.state.Clocks, Clock{Name: k.Name, Rule: k.Rule, Term: t})
		s.noteLines(note, t)
		return nil
	}
	if c == nil {
		return fmt.Errorf("casework: %s: clock %s was never started", s.c.Procedure, k.Name)
	}
	var err error
	switch k.Action {
	case "stop":
		c.Term.Stopped = at
	case "pause":
		title, article := s.ground(k.Ground)
		err = c.Term.Pause(at, k.Ground, title, article)
	case "resume":
		err = c.Term.Resume(at)
	case "extend":
		err = s.extend(c, k.Rule, at)
	default:
		err = fmt.Errorf("casework: unknown action %q of clock %s", k.Action, k.Name)
	}
	if err == nil && k.Action != "stop" {
		s.noteLines(note, c.Term)
	}
	return err
}

// receivedAt is when the application was received (行政许可法 32: accepted from the day of receipt).
func (s *step) receivedAt() time.Time {
	if receipt := s.r.kinds[s.c.Kind].Receipt; receipt != nil {
		if at := receipt(s.c); !at.IsZero() {
			return at
		}
	}
	return s.c.CreatedAt
}

func (s *step) extend(c *Clock, rule string, at time.Time) error {
	if rule == "" {
		rule = c.Rule + ".extension"
	}
	length, err := s.length(rule)
	if err != nil {
		return err
	}
	by := s.a.cmd.Actor.Post.ID
	return c.Term.Extend(s.cal, term.Extension{By: length.Statutory, At: at, Approver: by})
}

// noteLines writes the lines of a term into the log, so that anybody can check what was owed when.
func (s *step) noteLines(note map[string]any, t term.Term) {
	lines := t.Compute(s.cal, s.now)
	note["promise"], note["statute"] = lines.PromiseDay.String(), lines.StatuteDay.String()
	if lines.Provisional {
		note["provisional"] = true
	}
}

// ground gives the words and the article of a ground on which a clock stands still.
func (s *step) ground(id string) (title, article lang.Text) {
	p, ok := s.r.Rules.Parameter(id)
	if !ok {
		return lang.Text{Hans: id}, lang.Text{}
	}
	if v, err := p.At(s.matterDay()); err == nil {
		article = v.Source.CiteText()
	}
	return p.Title, article
}

func (s *step) matterDay() calendar.Date { return s.r.MatterDay(s.c) }

// length returns how long a rule gives in this case: what was fixed for the case when it began, or the law of that day.
func (s *step) length(rule string) (Terms, error) {
	if t, ok := s.c.terms[rule]; ok {
		return t, nil
	}
	p, ok := s.r.Rules.Parameter(rule)
	if !ok {
		return Terms{}, fmt.Errorf("casework: %s names the rule %s, which no rule set has", s.c.Procedure, rule)
	}
	l, err := term.FromRule(p, s.matterDay())
	if fixed := s.r.kinds[s.c.Kind].Length; fixed != nil && err == nil {
		v := maps.Clone(s.c.Variables())
		if v == nil {
			v = procedure.Variables{}
		}
		maps.Copy(v, s.given)
		if n := fixed(v, rule); n > 0 {
			l.N = n
		}
	}
	// Title and article are those of the rule on that day; [Runtime.Explained] puts them back.
	return Terms{Statutory: term.Length{N: l.N, Unit: l.Unit, Rule: l.Rule}}, err
}

func (s *step) stepLength(t *procedure.StepTerm) (Terms, error) {
	if t.Rule != "" {
		return s.length(t.Rule)
	}
	return Terms{Statutory: term.Length{N: t.Length, Unit: statute.Unit(t.Unit), Title: lang.Text{Hans: t.Basis}}}, nil
}

// timerDue computes a timer of the procedure that the law sets, or that is counted in whole days.
func (s *step) timerDue(spec procedure.TimerSpec, from time.Time) (time.Time, error) {
	length := Terms{Statutory: term.Length{N: spec.Count, Unit: statute.Unit(spec.Unit)}}
	if spec.Rule != "" {
		var err error
		if length, err = s.length(spec.Rule); err != nil {
			return time.Time{}, err
		}
	}
	t, err := term.New(from, length.Statutory, term.Length{})
	if err != nil {
		return time.Time{}, fmt.Errorf("timer %s%s: %w", spec.Rule, spec.Text, err)
	}
	return t.Compute(s.cal, from).Statute, nil
}
