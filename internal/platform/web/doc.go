// Package web is the shell of every page: routes, languages, layouts, errors, security headers and assets.
//
// A Shell is built once from a Config; modules add their routes to it and get back the request with a View:
//
//	shell, err := web.New(web.Config{...})
//	shell.Handle("GET /hall/{item}", web.Route{Name: "power.guide", Public: true},
//		func(w http.ResponseWriter, r *http.Request) error {
//			v := web.ViewOf(r)
//			item, err := service.Item(r.Context(), r.PathValue("item"))
//			if err != nil {
//				return err // typed errors become pages, see Error and Config.Explain
//			}
//			return web.Render(w, r, http.StatusOK, guidePage(v, item))
//		})
//	server.Handler = shell.Handler()
//
// The page itself is a templ component inside one of the layouts Layout (the public), DeskLayout (clerks and supervisors, dense)
// and PrintLayout (A4 letters and slips):
//
//	templ guidePage(v *web.View, item Item) {
//		@web.Layout(v, web.Page{Title: v.L.Text(item.Name)}) {
//			<h1 class="govuk-heading-l">{ v.L.Text(item.Name) }</h1>
//			@ui.SummaryList(...)
//		}
//	}
//
// Components stand in package ui, forms in package form, words in package i18n, charts in package flowchart. Every page works without
// JavaScript; htmx only replaces parts of a page that a full load would show too. The content security policy allows no inline
// script and no inline style, so neither templates nor charts carry any.
//
// Each route says whether it is Public or which Action its caller must be allowed; a route that says neither is refused when the
// shell is assembled. Shell.Routes lists the table for the generated security matrix.
package web
