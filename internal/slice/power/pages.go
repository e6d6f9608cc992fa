package power

import (
	"context"
	"net/http"
	"strconv"

	"openhall.org/openhall/internal/core/calendar"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/web"
)

// Mount adds the pages of the hall, of the catalogue of powers, and of their administration.
func (s *Service) Mount(shell *web.Shell, callers Callers) {
	public := func(pattern, name string, h web.HandlerFunc) {
		shell.Handle(pattern, web.Route{Name: "power." + name, Public: true}, h)
	}
	public("GET /hall", "hall", s.showHall)
	public("GET /hall/find", "find", s.showFind)
	public("GET /hall/items/{code}", "guide", s.showGuide)
	public("GET /power", "catalogue", s.showCatalogue)
	public("GET /power/bodies/{key}", "body", s.showBody)
	public("GET /power/bodies/{key}/book.pdf", "book", s.showBook)
	public("GET /power/items/{key}/versions", "versions", s.showVersions)
	public("GET /power/items/{key}/diff", "diff", s.showDiff)
	public("GET /power/procedures/{ref}", "chart", s.showChart)
	public("GET /power/procedures/{ref}/diff", "chart-diff", s.showChartDiff)
	public("GET /power/procedures/{ref}/diagram.bpmn", "diagram", s.sendDiagram)
	s.mountAdmin(shell, callers)
}

func dayOf(v *web.View) calendar.Date { return calendar.Of(v.Now) }

func (s *Service) showHall(w http.ResponseWriter, r *http.Request) error {
	return web.RenderTagged(w, r, hallPage(web.ViewOf(r), s.hallView()))
}

func (s *Service) showFind(w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	return web.RenderTagged(w, r, findPage(v, s.findView(v.L, queryOf(r.URL.Query(), s.deps.Registry.Now()))))
}

// showGuide shows a guide by its implementation code, or for the key of an item the choice of a body.
func (s *Service) showGuide(w http.ResponseWriter, r *http.Request) error {
	v, code := web.ViewOf(r), r.PathValue("code")
	shelf := s.shelf.Load()
	if im := shelf.byCode[code]; im != nil {
		html, err := s.guideHTML(r.Context(), v, im, s.cutFor(r.Context(), im, shelf, v.Now))
		if err != nil {
			return err
		}
		return web.RenderTagged(w, r, guidePage(v, im, html))
	}
	e := shelf.byKey[code]
	switch {
	case e == nil:
		return web.NotFound("power.error.item")
	case len(e.by) == 1:
		return web.SeeOther(w, r, "/hall/items/"+e.by[0].Code)
	}
	return web.RenderTagged(w, r, placesPage(v, e.item, s.places(code)))
}

func (s *Service) showCatalogue(w http.ResponseWriter, r *http.Request) error {
	return web.RenderTagged(w, r, powerPage(web.ViewOf(r), s.bodyGroups()))
}

func (s *Service) showBody(w http.ResponseWriter, r *http.Request) error {
	b := s.deps.Registry.Now().Body(r.PathValue("key"))
	if b == nil {
		return web.NotFound("power.error.body")
	}
	return web.RenderTagged(w, r, bodyPage(web.ViewOf(r), b, typeGroups(s.OfBody(b.Key))))
}

func (s *Service) showVersions(w http.ResponseWriter, r *http.Request) error {
	versions, err := s.Versions(r.Context(), r.PathValue("key"))
	if err != nil {
		return asPage(err)
	}
	return web.RenderTagged(w, r, versionsPage(web.ViewOf(r), &versions[0].Item, versions))
}

func (s *Service) showDiff(w http.ResponseWriter, r *http.Request) error {
	versions, err := s.Versions(r.Context(), r.PathValue("key"))
	if err != nil {
		return asPage(err)
	}
	from, to := versionNumber(versions, r.FormValue("from")), versionNumber(versions, r.FormValue("to"))
	if from == nil || to == nil {
		return web.NotFound("power.error.version")
	}
	v := web.ViewOf(r)
	return web.RenderTagged(w, r, diffPage(v, *from, *to, Diff(&from.Item, &to.Item, v.L.Tag())))
}

func versionNumber(versions []Version, text string) *Version {
	n, err := strconv.Atoi(text)
	if err != nil {
		return nil
	}
	for i := range versions {
		if versions[i].Item.Version == n {
			return &versions[i]
		}
	}
	return nil
}

func (s *Service) showChart(w http.ResponseWriter, r *http.Request) error {
	v := web.ViewOf(r)
	chart, err := s.chartView(r.Context(), v.L, r.PathValue("ref"))
	if err != nil {
		return err
	}
	return web.RenderTagged(w, r, chartPage(v, chart))
}

// showChartDiff shows what differs between a version of a chart and the one before it, or the one that is named.
func (s *Service) showChartDiff(w http.ResponseWriter, r *http.Request) error {
	if s.deps.Versions == nil {
		return web.NotFound("power.error.version")
	}
	ref, is, err := s.procedure(r.Context(), r.PathValue("ref"))
	if err != nil {
		return err
	}
	from := r.FormValue("from")
	if from == "" {
		if from, err = s.before(r.Context(), ref); err != nil {
			return err
		}
	}
	if from == "" {
		return web.NotFound("power.error.version")
	}
	from, was, err := s.procedure(r.Context(), from)
	if err != nil {
		return err
	}
	v := web.ViewOf(r)
	return web.RenderTagged(w, r, chartDiffPage(v, chartOf(v.L, is).Title, from, ref, s.deps.Versions.Difference(v, was, is)))
}

// before is the version that came before one, or what that was drawn from; empty when there is none.
func (s *Service) before(ctx context.Context, ref string) (string, error) {
	key, n, err := casework.SplitReference(ref)
	if err != nil {
		return "", err
	}
	if n > 1 {
		return casework.Reference(key, n-1), nil
	}
	if s.deps.Versions == nil {
		return "", nil
	}
	return s.deps.Versions.Base(ctx, ref)
}

func (s *Service) sendDiagram(w http.ResponseWriter, r *http.Request) error {
	ref, _, err := s.procedure(r.Context(), r.PathValue("ref"))
	if err != nil {
		return err
	}
	key, version, err := casework.SplitReference(ref)
	if err != nil {
		return err
	}
	file, err := s.deps.Procedures.ProcedureFile(r.Context(), ref) // whoever has the SHA-256 of the record can check it
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/xml; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+key+`-`+strconv.Itoa(version)+`.bpmn"`)
	_, err = w.Write(file) //nolint:gosec // XML as an attachment, of a procedure that an administrator published: no browser runs it
	return err
}
