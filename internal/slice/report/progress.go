package report

import (
	"context"
	"fmt"

	"openhall.org/openhall/internal/platform/registry"
)

// Line is somebody who owes a report, with the report as far as there is one.
type Line struct {
	Owner  Owner
	Term   Term
	Report *Report // nil: nobody has begun
	Late   bool    // not public although the term is over, or made public after it
}

// State is how far the report has come.
func (l *Line) State() State {
	if l.Report == nil {
		return Unbegun
	}
	return l.Report.State
}

// Owed returns who of a division itself owes a report on a year, and how far they have come.
func (s *Service) Owed(ctx context.Context, division string, year int) ([]Line, error) {
	reports, err := s.OfDivision(ctx, division, year)
	if err != nil {
		return nil, fmt.Errorf("reports of %s: %w", division, err)
	}
	there := map[Owner]*Report{}
	for i := range reports {
		there[reports[i].Owner] = &reports[i]
	}
	var list []Line
	for _, o := range s.Owners(division, year) {
		term, err := s.Term(o, year)
		if err != nil {
			return nil, err
		}
		l := Line{Owner: o, Term: term, Report: there[o], Late: s.today() > term.Due}
		if l.Report != nil {
			l.Late = l.Report.Late(s.Now())
		}
		list = append(list, l)
	}
	return list, nil
}

// Part is a division with those below it.
type Part struct {
	Division string
	Progress
}

// Below returns how far the divisions directly below one have come, each with all below it, and the sum of them all with the division
// itself. Parts in which nobody owes a report are left out.
func (s *Service) Below(ctx context.Context, division string, year int) (parts []Part, sum Progress, err error) {
	places := s.Registry.Now()
	counted, err := s.counts(ctx, division, year)
	if err != nil {
		return nil, sum, fmt.Errorf("reports below %s: %w", division, err)
	}
	at := map[string]*Progress{}
	progress := func(code string) *Progress {
		if at[code] == nil {
			at[code] = &Progress{}
		}
		return at[code]
	}
	for _, d := range counted {
		p := progress(d.division)
		if d.state == Published {
			p.Published += d.n
			if d.late {
				p.Tardy += d.n
			}
		} else {
			p.Compiling += d.n
		}
	}
	var walk func(code string) (Progress, error)
	walk = func(code string) (Progress, error) {
		own := *progress(code)
		if err := s.owing(&own, code, year, counted); err != nil {
			return own, err
		}
		for _, child := range places.Children(code) {
			if child.Level > registry.Township { // villages have no bodies of their own
				break
			}
			p, err := walk(child.Code)
			if err != nil {
				return own, err
			}
			own.add(p)
			if code == division && p.Owed > 0 {
				parts = append(parts, Part{child.Code, p})
			}
		}
		return own, nil
	}
	sum, err = walk(division)
	return parts, sum, err
}

// owing works out how many of a division itself owe a report, and how many of these are late.
func (s *Service) owing(p *Progress, division string, year int, counted []done) error {
	var published [2]int // by departments, by the government
	for _, d := range counted {
		if d.division == division && d.state == Published {
			published[kindOf(d.government)] += d.n
		}
	}
	var owed [2]int
	for _, o := range s.Owners(division, year) {
		owed[kindOf(o.Government())]++
	}
	p.Owed = owed[0] + owed[1]
	for kind, n := range owed {
		if n == 0 {
			continue
		}
		owner := Owner{Division: division}
		if kind == kindOf(false) {
			owner.Body = "any"
		}
		term, err := s.Term(owner, year)
		if err != nil {
			return err
		}
		if s.today() > term.Due {
			p.Late += max(0, n-published[kind])
		}
	}
	return nil
}

func kindOf(government bool) int {
	if government {
		return 1
	}
	return 0
}
