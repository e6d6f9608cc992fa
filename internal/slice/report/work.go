package report

import (
	"context"
	"fmt"
	"strings"

	"openhall.org/openhall/internal/slice/report/sheet"
)

// Limits of what is typed.
const (
	maxReason = 300   // characters
	minReason = 4     // a word is no reason
	maxText   = 20000 // characters of a section
)

// CheckBelow is the check that the reports of those below add up to a government's report.
const CheckBelow = "below"

// Work is a report as those see it who work on it.
type Work struct {
	Report
	Layout    *sheet.Layout
	Sheet     *sheet.Sheet
	Findings  []Finding
	Adjusted  []Adjusted
	Texts     map[string]Text
	Missing   []Owner // who below has not published theirs
	Explained map[string]Explained
}

// Finding is a check that does not hold, with its explanation if it has one.
type Finding struct {
	sheet.Finding

	Explained *Explained
}

// Open reports whether the finding keeps the report back.
func (f *Finding) Open() bool { return !f.Missed && f.Explained == nil }

// Explainable reports whether the finding can be explained. An empty cell and missing words cannot: they have to be filled in.
func (f *Finding) Explainable() bool {
	return !f.Missed && f.Check != sheet.CheckEmpty && f.Check != sheet.CheckWords
}

// Failing is how many findings keep the report back.
func (w *Work) Failing() int {
	n := 0
	for i := range w.Findings {
		if w.Findings[i].Open() {
			n++
		}
	}
	return n
}

// Work returns a report with its tables, checks and words: while it is compiled as the records stand now, afterwards as it was handed on.
func (s *Service) Work(ctx context.Context, r Report) (*Work, error) {
	w := &Work{Report: r, Layout: s.Layouts.Of(r.Year)}
	if w.Layout == nil {
		return nil, fmt.Errorf("report %s: there is no layout for %d", r.Number, r.Year)
	}
	var err error
	if w.Adjusted, err = s.adjusted(ctx, s.DB.Read(), r.ID); err != nil {
		return nil, err
	}
	if w.Texts, err = s.texts(ctx, s.DB.Read(), r.ID); err != nil {
		return nil, err
	}
	if w.Explained, err = s.explained(ctx, s.DB.Read(), r.ID); err != nil {
		return nil, err
	}
	if r.State == Compiling {
		from, until := yearOf(r.Year)
		figures, err := s.count(ctx, r.Owner.Scope(), from, until)
		if err != nil {
			return nil, err
		}
		w.Sheet = sheet.Fill(w.Layout, figures, adjustments(w.Adjusted))
	} else {
		w.Sheet = sheet.Frozen(w.Layout, r.Statement.Values)
		w.Adjusted = r.Statement.Adjusted
		w.Missing = r.Statement.Missing
	}
	return w, s.check(ctx, w)
}

// check finds what does not hold, and what of it is explained.
func (s *Service) check(ctx context.Context, w *Work) error {
	before, err := s.before(ctx, w.Owner, w.Year)
	if err != nil {
		return err
	}
	found := w.Sheet.Check(before)
	if w.Owner.Government() {
		more, missing, err := s.addsUp(ctx, w)
		if err != nil {
			return err
		}
		found = append(found, more...)
		if w.State == Compiling {
			w.Missing = missing
		}
	}
	for _, x := range w.Layout.Sections {
		if x.Narrative == sheet.Required && strings.TrimSpace(w.Texts[x.Code].Content) == "" {
			found = append(found, sheet.Finding{Check: sheet.CheckWords, Line: x.Code})
		}
	}
	for _, f := range found {
		line := Finding{Finding: f}
		// An explanation holds for the numbers that it was given for.
		if e, ok := w.Explained[f.Key()]; ok && line.Explainable() && e.Left == sheet.Sum(f.Left) && e.Right == sheet.Sum(f.Right) {
			line.Explained = &e
		}
		w.Findings = append(w.Findings, line)
	}
	return nil
}

// before returns the tables of the report on the year before, or nil when none was published here.
func (s *Service) before(ctx context.Context, owner Owner, year int) (*sheet.Sheet, error) {
	r, err := s.Get(ctx, owner, year-1)
	if isNotFound(err) || err == nil && r.Statement == nil {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	l := s.Layouts.Of(year - 1)
	if l == nil {
		return nil, nil
	}
	return sheet.Frozen(l, r.Statement.Values), nil
}

// addsUp compares the tables of a government with the sum of the published reports of its bodies and of the governments directly below.
// While some have not published theirs there is nothing to compare; they are named.
func (s *Service) addsUp(ctx context.Context, w *Work) (found []sheet.Finding, missing []Owner, err error) {
	sum := map[string]int64{}
	parts := 0
	add := func(division string, governments bool) error {
		lines, err := s.Owed(ctx, division, w.Year)
		if err != nil {
			return err
		}
		for i := range lines {
			l := &lines[i]
			if l.Owner.Government() != governments {
				continue
			}
			parts++
			if l.State() != Published {
				missing = append(missing, l.Owner)
				continue
			}
			for cell, n := range l.Report.Statement.Values {
				sum[cell] += n
			}
		}
		return nil
	}
	if err := add(w.Owner.Division, false); err != nil {
		return nil, nil, err
	}
	for _, d := range s.nearest(w.Owner.Division, w.Year) {
		if err := add(d, true); err != nil {
			return nil, nil, err
		}
	}
	if parts == 0 || len(missing) > 0 {
		return nil, missing, nil
	}
	for _, t := range w.Layout.Tables() {
		f := sheet.Finding{Check: CheckBelow, Table: t.Key, Line: "all", Each: sheet.EachRow}
		for _, c := range w.Sheet.Cells() {
			if theirs := sum[c.Address.String()]; c.Address.Table == t.Key && !c.Total && c.Filled && theirs != c.Final {
				f.Cells = append(f.Cells, c.Address)
				f.Left = append(f.Left, sheet.Term{Address: c.Address, Value: c.Final})
				f.Right = append(f.Right, sheet.Term{Address: c.Address, Value: theirs})
			}
		}
		if len(f.Cells) > 0 {
			found = append(found, f)
		}
	}
	return found, nil, nil
}

// nearest lists the nearest divisions under one whose governments owe a report.
func (s *Service) nearest(division string, year int) (list []string) {
	for _, d := range s.Registry.Now().Children(division) {
		if s.Office(Owner{Division: d.Code}) != nil {
			list = append(list, d.Code)
			continue
		}
		list = append(list, s.nearest(d.Code, year)...)
	}
	return list
}

// year bounds what a page is asked for.
func (s *Service) year(asked int) bool {
	return asked >= s.Layouts.First() && asked <= s.today().Year()
}
