package centre

import (
	"net/http"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/registry"
	"openhall.org/openhall/internal/platform/web"
	"openhall.org/openhall/internal/platform/web/ui"
)

// measuresView holds the measures of each body of each centre that the reader may see.
type measuresView struct {
	centres []measuredCentre
}

type measuredCentre struct {
	name string
	rows [][]ui.Cell
}

// mayMeasure asks whether somebody may see what stands behind the measures of a body in a centre.
func (s *Service) mayMeasure(who identity.Principal, c *registry.Centre, body string) bool {
	return s.Policies.Allow(who, ActionMeasure, identity.Resource{Type: "centre", ID: c.Key, Division: c.Division, Body: body}) == nil
}

func (s *Service) getMeasures(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	var p measuresView
	for _, c := range s.Registry.Now().AllCentres() {
		m := measuredCentre{name: v.L.Text(c.Name)}
		for _, b := range s.MeasuresOf(c) {
			if !s.mayMeasure(who, c, b.Body.Key) {
				continue
			}
			row := []ui.Cell{{Text: v.L.Text(b.Body.Name)}}
			for i := range b.Shares {
				x := &b.Shares[i]
				row = append(row, ui.Cell{Content: shareCell(v.L, x, "/desk/measures/"+c.Key+"/"+b.Body.Key+"/"+x.Measure.Key)})
			}
			m.rows = append(m.rows, row)
		}
		if len(m.rows) > 0 {
			p.centres = append(p.centres, m)
		}
	}
	return web.Render(w, r, http.StatusOK, measuresPage(v, p, s.measures))
}

// measureView is the list behind one number.
type measureView struct {
	title, body, centre string
	share               *Share
	rows                [][]ui.Cell
}

func (s *Service) getMeasure(who identity.Principal, w http.ResponseWriter, r *http.Request) error {
	c, err := s.centreAt(r)
	if err != nil {
		return err
	}
	b := s.Registry.Now().Body(r.PathValue("body"))
	if b == nil || !s.mayMeasure(who, c, b.Key) {
		return web.NotFound("")
	}
	v := web.ViewOf(r)
	list := s.MeasuresIn(c, b)
	x := list.Share(r.PathValue("measure"))
	if x == nil {
		return web.NotFound("")
	}
	n, book := s.names(v.L), s.Book()
	p := measureView{title: v.L.Text(x.Measure.Title), body: v.L.Text(b.Name), centre: v.L.Text(c.Name), share: x}
	for _, f := range x.Facts {
		row := []ui.Cell{{Text: v.L.Text(f.Name)}, {Content: factTag(v.L, f.Kept)}, {}, {}, {}}
		if _, ok := s.Items.ItemInfo(f.Key); ok {
			row[0].Href = "/hall/items/" + f.Key
		}
		if f.Window != "" {
			row[2].Text = n.window(f.Window)
		}
		if f.Record != nil {
			row[3].Text, row[4].Text = v.L.Date(book.Since(f.Record)), f.Record.Basis
		}
		p.rows = append(p.rows, row)
	}
	return web.Render(w, r, http.StatusOK, measurePage(v, p))
}
