package board

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/supervision"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/caseview"
	"openhall.org/openhall/internal/platform/web/due"
	"openhall.org/openhall/internal/platform/web/flowchart"
	"openhall.org/openhall/internal/platform/web/ui"
)

// casePage is where a case stands, without anything personal.
type casePage struct {
	*frame
	Number, Title, Status string
	StatusKind            ui.TagKind
	Facts                 []ui.Row
	Clocks                []caseview.Clock
	StepClocks            []stepClockView // of the open steps that have a term of their own
	Cards                 []cardLine
	Steps                 []stepLine
	Chart                 flowchart.Chart
}

type stepClockView struct {
	Title string
	Badge ui.DueProps
	Line  ui.ExplainProps
}

type stepLine struct{ Step, Post, From, To, Took string }

func (s *Service) getCase(w http.ResponseWriter, r *http.Request) error {
	f, actor, err := s.frame(r)
	if err != nil {
		return err
	}
	number := strings.ToUpper(r.PathValue("number"))
	c, err := s.Cases.ByNumber(r.Context(), number)
	if err != nil {
		return fmt.Errorf("case %s: %w", number, err)
	}
	if !s.Registry.Now().Contains(f.Division.Code, c.Division) {
		return fmt.Errorf("case %s of %s: %w", number, f.Division.Code, store.ErrNotFound)
	}
	if err := s.Cases.MayRead(actor, c, false, false); err != nil {
		return fmt.Errorf("case %s: %w", number, err)
	}
	_, def, err := s.Cases.Procedure(r.Context(), c.Procedure)
	if err != nil {
		return fmt.Errorf("procedure of %s: %w", number, err)
	}
	cards, err := s.Supervision.Cards(r.Context(), supervision.CardFilter{Case: c.ID})
	if err != nil {
		return fmt.Errorf("cards of %s: %w", number, err)
	}
	v := web.ViewOf(r)
	p := &casePage{
		frame: f, Number: c.Number, Title: v.L.Text(c.Title), Status: caseview.Status(v.L, c.Status), StatusKind: caseview.StatusKind(c.Status),
		Clocks: caseview.Clocks(v.L, s.Cases, c, v.Now), Steps: s.stepLines(v, def, c),
	}
	p.Crumbs = append(p.Crumbs, ui.Link{Href: f.href(""), Text: f.Name})
	p.Facts = []ui.Row{
		{Key: v.L.T("board.case.number"), Value: c.Number},
		{Key: v.L.T("board.case.body"), Value: s.bodyName(v, c.Body)},
		{Key: v.L.T("board.case.received"), Value: v.L.Time(c.CreatedAt)},
		{Key: v.L.T("board.case.channel"), Value: caseview.Channel(v.L, c.Channel)},
	}
	if !c.Open() {
		p.Facts = append(p.Facts, ui.Row{Key: v.L.T("board.case.ended"), Value: v.L.Time(c.EndedAt)})
	}
	if err := s.spent(r.Context(), v, p, c.ID); err != nil {
		return err
	}
	for i := range cards {
		line := s.cardLine(v, f, &cards[i])
		if cards[i].Task != "" {
			line.Step = caseview.Step(v.L, def, cards[i].Task)
		}
		p.Cards = append(p.Cards, line)
	}
	for _, t := range c.Tasks() {
		if t.Term != nil {
			cal := s.Cases.Calendar()
			p.StepClocks = append(p.StepClocks, stepClockView{v.L.T("board.step-term", web.Args{"Step": caseview.Step(v.L, def, t.Element)}),
				due.Badge(*t.Term, cal, v.Now), due.Statute(v.L, *t.Term, cal, v.Now)})
		}
	}
	if p.Chart, err = caseview.Chart(v.L, def, c, nil); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, caseView(v, p))
}

// spent says how long the case took, and how much of that its clocks stood still.
func (s *Service) spent(ctx context.Context, v *web.View, p *casePage, id store.ID) error {
	record, err := s.Supervision.Record(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil // it was not counted yet
	}
	if err != nil {
		return fmt.Errorf("working time of %s: %w", p.Number, err)
	}
	gross, paused, net := record.Days(s.Cases.Calendar(), calendar.Of(v.Now))
	days := func(n int64) string { return v.L.T("board.took", web.Args{"Count": int(n)}) }
	p.Facts = append(p.Facts, ui.Row{Key: v.L.T("board.time.gross"), Value: days(gross)}, ui.Row{Key: v.L.T("board.time.paused"), Value: days(paused)},
		ui.Row{Key: v.L.T("board.time.net"), Value: days(net)})
	if window := s.postName(v, record.Post); window != "" {
		p.Facts = append(p.Facts, ui.Row{Key: v.L.T("board.windows.one"), Value: window})
	}
	return nil
}

// stepLines tells who had the case for how long: the steps that were done, then those that are open.
func (s *Service) stepLines(v *web.View, def *procedure.Definition, c *casework.Case) []stepLine {
	cal := s.Cases.Calendar()
	took := func(from, to time.Time) string {
		return v.L.T("board.took", web.Args{"Count": cal.Count(calendar.Of(from), calendar.Of(to))})
	}
	var lines []stepLine
	for _, d := range c.Done() {
		line := stepLine{Step: caseview.Step(v.L, def, d.Element), Post: caseview.Role(v.L, d.Role), From: v.L.Time(d.OpenedAt), To: v.L.Time(d.At), Took: took(d.OpenedAt, d.At)}
		if p := s.Registry.Now().Post(d.Post); p != nil {
			line.Post = v.L.Text(p.Title)
		}
		if d.Cut {
			line.To = v.L.T("board.cut", web.Args{"At": d.At})
		}
		lines = append(lines, line)
	}
	for _, t := range c.Tasks() {
		lines = append(lines, stepLine{Step: caseview.Step(v.L, def, t.Element), Post: caseview.Role(v.L, t.Role), From: v.L.Time(t.OpenedAt),
			To: v.L.T("board.running"), Took: took(t.OpenedAt, v.Now)})
	}
	return lines
}
