package chart

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strconv"

	"openhall.org/openhall/internal/core/procedure"
	"openhall.org/openhall/internal/platform/casework"
	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/store"
	"openhall.org/openhall/internal/platform/web"
)

// maxBody bounds what a form of the drawing board brings: the file twice, as text and as upload, with its escapes.
const maxBody = 4 * procedure.MaxBytes

// page serves a member of staff who may draw.
type page func(who identity.Principal, w http.ResponseWriter, r *http.Request) error

// Mount adds the pages to the shell.
func (s *Service) Mount(shell *web.Shell) {
	may := func(action string) func(pattern, name string, h page) {
		return func(pattern, name string, h page) {
			shell.Handle(pattern, web.Route{Name: "chart." + name, Action: action, MaxBody: maxBody}, func(w http.ResponseWriter, r *http.Request) error {
				who, err := s.People.Principal(r)
				if err != nil {
					return err
				}
				return h(who, w, r)
			})
		}
	}
	draw := may(ActionEdit)
	draw("GET /desk/charts", "list", s.getList)
	draw("GET /desk/charts/new", "new", s.getNew)
	draw("POST /desk/charts/new", "create", s.postNew)
	draw("GET /desk/charts/{id}", "chart", s.getChart)
	draw("POST /desk/charts/{id}", "change", s.postChart)
	draw("GET /desk/charts/{id}/v/{n}", "board", s.getBoard)
	draw("POST /desk/charts/{id}/v/{n}", "save", s.postBoard)
	draw("POST /desk/charts/{id}/v/{n}/check", "check", s.postCheck)
	draw("GET /desk/charts/{id}/v/{n}/diagram.bpmn", "file", s.getFile)
	draw("GET /desk/charts/{id}/v/{n}/diff", "diff", s.getDiff)
	draw("POST /desk/charts/{id}/forms", "form-new", s.postForms)
	draw("GET /desk/charts/{id}/forms/{name}", "form", s.getForm)
	draw("POST /desk/charts/{id}/forms/{name}", "form-change", s.postForm)
	move := may(casework.ActionMigrate)
	move("GET /desk/charts/{id}/move", "rehearse", s.getMove)
	move("POST /desk/charts/{id}/move", "move", s.postMove)
}

// newKey is a key under which a form does what it does once.
func newKey() string { return rand.Text() }

func chartPath(id store.ID) string { return "/desk/charts/" + id.String() }

func boardPath(id store.ID, n int) string { return chartPath(id) + "/v/" + strconv.Itoa(n) }

func formPath(id store.ID, name string) string { return chartPath(id) + "/forms/" + name }

// chartOf reads the chart of the address.
func (s *Service) chartOf(who identity.Principal, r *http.Request) (Chart, error) {
	id, err := store.ParseID(r.PathValue("id"))
	if err != nil {
		return Chart{}, web.NotFound("chart.error.chart")
	}
	c, err := s.chart(r.Context(), who, id)
	if errors.Is(err, store.ErrNotFound) {
		return c, web.NotFound("chart.error.chart")
	}
	return c, err
}

// versionOf reads the version of the address.
func (s *Service) versionOf(who identity.Principal, r *http.Request) (Chart, Version, error) {
	c, err := s.chartOf(who, r)
	if err != nil {
		return c, Version{}, err
	}
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil {
		return c, Version{}, web.NotFound("chart.error.version")
	}
	v, err := s.Look(r.Context(), c.ID, n)
	if errors.Is(err, store.ErrNotFound) {
		return c, v, web.NotFound("chart.error.version")
	}
	return c, v, err
}
