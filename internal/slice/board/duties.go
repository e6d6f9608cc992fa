package board

import (
	"cmp"
	"context"
	"net/url"
	"slices"

	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
)

// owing is what the bodies of a board owe to the public (公开义务): how much of it is open, late and met, and by whom.
type owing struct {
	Owed, Late, Met figureOf
	Bodies          []owingBody // those that are late, the worst first
}

// figureOf is a number that opens a list.
type figureOf struct {
	N    int
	Href string
}

// owingBody is a body that is late.
type owingBody struct {
	Name, Href string
	Owed, Late int
}

// shownOwing is how many bodies that are late stand on a board.
const shownOwing = 10

// owing counts what is owed where somebody looks. It is nil at windows and for one item: duties are those of bodies.
func (s *Service) owing(ctx context.Context, l *web.Localizer, f *frame) (*owing, error) {
	if s.Duties == nil || f.atWindow() || f.Item != "" {
		return nil, nil
	}
	counts, err := s.Duties.DutyCounts(ctx, f.Division.Code, true, f.bodyKey())
	if err != nil {
		return nil, err
	}
	list := func(late bool, body string) string {
		q := url.Values{"area": {f.Division.Code}}
		if body != "" {
			q = url.Values{"body": {body}}
		}
		if late {
			q.Set("late", "yes")
		}
		return "/open/duties?" + q.Encode()
	}
	o := &owing{Owed: figureOf{Href: list(false, f.bodyKey())}, Late: figureOf{Href: list(true, f.bodyKey())}, Met: figureOf{Href: list(false, f.bodyKey()) + "#bodies"}}
	late := map[string]*owingBody{}
	for _, c := range counts {
		o.Owed.N, o.Late.N, o.Met.N = o.Owed.N+c.Owed, o.Late.N+c.Late, o.Met.N+c.Met
		b := late[c.Body]
		if b == nil {
			b = &owingBody{Name: c.Body, Href: list(true, c.Body)}
			if body := s.Registry.Now().Body(c.Body); body != nil {
				b.Name = l.Text(body.Name)
			}
			late[c.Body] = b
		}
		b.Owed, b.Late = b.Owed+c.Owed, b.Late+c.Late
	}
	for _, b := range late {
		if b.Late > 0 {
			o.Bodies = append(o.Bodies, *b)
		}
	}
	slices.SortFunc(o.Bodies, func(a, b owingBody) int { return cmp.Or(b.Late-a.Late, cmp.Compare(a.Href, b.Href)) })
	o.Bodies = o.Bodies[:min(len(o.Bodies), shownOwing)]
	return o, nil
}

func owingColumns(l *web.Localizer) []ui.Column {
	return []ui.Column{{Text: l.T("board.owing.body")}, {Text: l.T("board.owing.open"), Numeric: true}, {Text: l.T("board.owing.late"), Numeric: true}}
}

func (o *owing) rows(l *web.Localizer) (rows [][]ui.Cell) {
	for _, b := range o.Bodies {
		rows = append(rows, []ui.Cell{{Text: b.Name, Href: b.Href}, {Text: l.Number(int64(b.Owed))}, {Text: l.Number(int64(b.Late))}})
	}
	return rows
}
