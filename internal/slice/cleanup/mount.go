package cleanup

import (
	"net/http"
	"strings"

	"openhall.org/openhall/internal/platform/identity"
	"openhall.org/openhall/internal/platform/web"
)

// maxBody bounds a form, in bytes.
const maxBody = 128 << 10

// Mount adds the pages to the shell.
func (s *Service) Mount(shell *web.Shell) {
	public := func(pattern, name string, h web.HandlerFunc) {
		shell.Handle(pattern, web.Route{Name: "cleanup." + name, Public: true}, h)
	}
	public("GET /cleanup", "list", s.getList)
	public("GET /cleanup/items/{key}", "item", s.getItem)
	public("GET /cleanup/rounds/{number}", "round", s.getRound)
	public("GET /cleanup/rounds/{number}/list.csv", "csv", s.getCSV)

	office := func(pattern, name string, h web.HandlerFunc) {
		shell.Handle(pattern, web.Route{Name: "cleanup.desk-" + name, Action: ActionEdit, MaxBody: maxBody}, h)
	}
	office("GET /desk/cleanup", "list", s.getDesk)
	office("POST /desk/cleanup", "begin", s.postBegin)
	office("GET /desk/cleanup/rounds/{number}", "round", s.getWork)
	office("GET /desk/cleanup/rounds/{number}/choose", "choose", s.getChoose)
	office("GET /desk/cleanup/rounds/{number}/lines/{line}", "line", s.getLine)
	office("POST /desk/cleanup/rounds/{number}/lines/{line}", "put", s.postLine)
	office("POST /desk/cleanup/rounds/{number}/lines/{line}/drop", "drop", s.postDrop)
	office("POST /desk/cleanup/rounds/{number}/hand", "hand", s.postHand)
	office("POST /desk/cleanup/rounds/{number}/decide", "decide", s.postDecide)
	office("GET /desk/cleanup/handovers/{number}", "handover", s.getHandover)
	office("POST /desk/cleanup/handovers/{number}/hand", "hand-over", s.postHandOver)
	office("POST /desk/cleanup/handovers/{number}/take", "take-over", s.postTakeOver)
}

// working opens a round for somebody of its office.
func (s *Service) working(r *http.Request) (Round, identity.Principal, error) {
	actor, err := s.People.Principal(r)
	if err != nil {
		return Round{}, actor, err
	}
	round, err := s.Round(r.Context(), strings.ToUpper(r.PathValue("number")))
	if isNotFound(err) {
		return round, actor, web.NotFound("")
	}
	if err == nil {
		err = s.allow(actor, round.Body)
	}
	return round, actor, err
}
